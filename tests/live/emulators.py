"""Emulators of AWS, and the account in one: boto3 makes it and reads back what became of it.

Everything listens on ports of the loopback that the system picks, and is stopped by its process id.
"""

import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
import zipfile
from http.server import ThreadingHTTPServer

import metrics_support as support

REGION = "eu-west-1"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}


class Server(ThreadingHTTPServer):
    """With room for those who come at once: who finds none tries again after a second."""
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Who asked may be gone, killed by a test; all else is told."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Serving:
    """What has such a server of its own, on a port that the system picks, until it is stopped."""

    def serve(self, handler, **options):
        self.server = Server(("127.0.0.1", 0), handler, **options)
        return self

    def begin(self):
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Emulator:
    """A server of others, in a process of its own."""

    def __init__(self, command, port, healthy, **variables):
        self.url = "http://127.0.0.1:%d" % port
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log,
                                        env=dict(os.environ, **variables))
        support.wait_until(command[-1], lambda: self.answers(healthy))

    def answers(self, path):
        if self.process.poll() is not None:
            self.log.seek(0)
            raise AssertionError(self.log.read().decode()[-2000:])
        try:
            with urllib.request.urlopen(self.url + path, timeout=2):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


# moto's own server takes requests side by side, and its tables fall over when one is read while
# another thread adds to it.
MOTO = """import sys, threading
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple
whole, one_at_a_time = DomainDispatcherApplication(create_backend_app), threading.Lock()
def app(environ, start):
    with one_at_a_time:
        return list(whole(environ, start))
run_simple("127.0.0.1", int(sys.argv[1]), app, threaded=True)
"""


def moto(**variables):
    port = support.free_port()
    return Emulator([sys.executable, "-c", MOTO, str(port)], port, "/moto-api/", **variables)


def ministack(clock=None):
    """By the clock that is given, so that its minutes pass as fast as the program's."""
    port = support.free_port()
    return Emulator([sys.executable, "-m", "ministack"], port, "/_ministack/health",
                    BIND_HOST="127.0.0.1", IOT_MTLS_ENABLED="0", GATEWAY_PORT=str(port),
                    **(clock.variables() if clock else {}))


# --- the account ---


def client(service, endpoint, region=REGION, keys=None):
    import boto3
    from botocore.config import Config
    named = {name.lower(): value for name, value in (keys or KEYS).items()}
    return boto3.client(service, endpoint_url=endpoint, region_name=region,
                        config=Config(retries={"max_attempts": 0}), **named)


def archive(text):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a.py", text)
    return out.getvalue()


class Target:
    """One thing to roll out. `state` is all that boto3 sees of it, but for what counts writes."""

    def __init__(self, text, state):
        self.text, self.state = text, state


def make_role(iam):
    return iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]


def make_alias(lambda_, role, name):
    lambda_.create_function(FunctionName=name, Runtime="python3.11", Role=role, Handler="a.h",
                            Code={"ZipFile": archive("1")}, Publish=True)
    lambda_.update_function_code(FunctionName=name, ZipFile=archive("2"), Publish=True)
    lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")

    def state():
        found = lambda_.get_alias(FunctionName=name, Name="live")
        weights = found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        return found["FunctionVersion"], weights
    return Target("lambda-alias:%s:live,canary=2" % name, state)


class Account:
    def __init__(self, endpoint):
        self.endpoint, self.count, self.lock = endpoint, 0, threading.Lock()
        self.lambda_, self.elb = client("lambda", endpoint), client("elbv2", endpoint)
        self.role = make_role(client("iam", endpoint))
        ec2 = client("ec2", endpoint)
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [ec2.create_subnet(VpcId=self.vpc, CidrBlock="10.0.%d.0/24" % i,
                                          AvailabilityZone=REGION + "ab"[i])["Subnet"]["SubnetId"]
                        for i in range(2)]
        self.balancer = self.elb.create_load_balancer(
            Name="shop", Subnets=self.subnets)["LoadBalancers"][0]["LoadBalancerArn"]

    def number(self):
        with self.lock:
            self.count += 1
            return self.count

    def alias(self, name=None):
        return make_alias(self.lambda_, self.role, name or "pay%d" % self.number())

    def groups(self, number):
        made = [self.elb.create_target_group(
            Name="%s%d" % (name, number), Protocol="HTTP", Port=80, TargetType="ip",
            VpcId=self.vpc)["TargetGroups"][0]["TargetGroupArn"] for name in ("blue", "green")]
        for group in made:
            self.elb.register_targets(TargetGroupArn=group, Targets=[{"Id": "10.0.0.5"}])
        return made

    def make_listener(self, number, group):
        return self.elb.create_listener(
            LoadBalancerArn=self.balancer, Protocol="HTTP", Port=1000 + number,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )["Listeners"][0]["ListenerArn"]

    def listener(self):
        number = self.number()
        blue, green = self.groups(number)
        arn = self.make_listener(number, blue)

        def state():
            return self.elb.describe_listeners(ListenerArns=[arn])["Listeners"]
        return Target("alb-listener:%s,baseline=%s,canary=%s" % (arn, blue, green), state)

    def rule(self):
        number = self.number()
        blue, green = self.groups(number)
        arn = self.elb.create_rule(
            ListenerArn=self.make_listener(number, blue), Priority=1,
            Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
            Actions=[{"Type": "forward", "TargetGroupArn": blue}])["Rules"][0]["RuleArn"]

        def state():
            return self.elb.describe_rules(RuleArns=[arn])["Rules"]
        return Target("alb-rule:%s,baseline=%s,canary=%s" % (arn, blue, green), state)

    def service(self):
        """For MiniStack; moto keeps what a service is told, and its deployments never end."""
        ecs, family = client("ecs", self.endpoint), "checkout%d" % self.number()
        ecs.create_cluster(clusterName="shop")
        for number in (1, 2):
            ecs.register_task_definition(family=family, containerDefinitions=[
                {"name": "a", "image": "a:%d" % number, "memory": 64}])
        ecs.create_service(cluster="shop", serviceName=family, taskDefinition=family + ":1",
                           desiredCount=4)

        def state():
            found = ecs.describe_services(cluster="shop", services=[family])["services"][0]
            return found["taskDefinition"].split("/")[-1], found["desiredCount"]
        return Target("ecs-service:shop/%s,canary=%s:2" % (family, family), state)

    def state_machine(self):
        """For MiniStack; moto does not describe the alias of a state machine."""
        states, name = client("stepfunctions", self.endpoint), "orders%d" % self.number()
        definition = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
        machine = states.create_state_machine(name=name, roleArn=self.role, publish=True,
                                              definition=json.dumps(definition))
        definition["Comment"] = "The new one."
        states.update_state_machine(stateMachineArn=machine["stateMachineArn"], publish=True,
                                    definition=json.dumps(definition))
        arn = machine["stateMachineArn"]
        states.create_state_machine_alias(name="live", description="d", routingConfiguration=[
            {"stateMachineVersionArn": arn + ":1", "weight": 100}])

        def state():
            found = states.describe_state_machine_alias(stateMachineAliasArn=arn + ":live")
            return found["description"], found["routingConfiguration"]
        return Target("state-machine:%s:live,canary=2" % arn, state)
