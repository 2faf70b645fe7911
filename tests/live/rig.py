"""What the live tests share: emulators, the account in them, metrics, and our program.

Everything listens on ports of the loopback that the system picks, and is stopped by its process id.
boto3 makes the account and reads back what became of it; `tidelock` is only ever run as a person
would run it.
"""

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request
import zipfile
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import metrics_support as support

REGION = "eu-west-1"
PATIENCE = 90  # seconds that a run of the program may take
BUILD = os.environ.get("TIDELOCK_BUILD", os.path.join(support.TOP, "build", "release"))
PROGRAM = os.path.join(BUILD, "bin", "tidelock")
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}


def environment(endpoint, **more):
    """Nothing of the machine's own AWS settings, and no way to its instance metadata."""
    named = {name: os.environ[name] for name in ("PATH", "LANG", "CI") if name in os.environ}
    named.update(KEYS, AWS_REGION=REGION, AWS_EC2_METADATA_DISABLED="true", HOME="/nonexistent",
                 AWS_CONFIG_FILE="/nonexistent", AWS_SHARED_CREDENTIALS_FILE="/nonexistent")
    if endpoint:
        named["AWS_ENDPOINT_URL"] = endpoint
    named.update(more)
    return {name: value for name, value in named.items() if value is not None}


# --- processes ---


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


def ministack():
    port = support.free_port()
    return Emulator([sys.executable, "-m", "ministack"], port, "/_ministack/health",
                    BIND_HOST="127.0.0.1", IOT_MTLS_ENABLED="0", GATEWAY_PORT=str(port))


# --- the account ---


def client(service, endpoint):
    import boto3
    from botocore.config import Config
    return boto3.client(service, endpoint_url=endpoint, region_name=REGION,
                        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
                        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
                        config=Config(retries={"max_attempts": 0}))


def archive(text):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a.py", text)
    return out.getvalue()


class Target:
    """One thing to roll out. `state` is all that boto3 sees of it, but for what counts writes."""

    def __init__(self, text, state):
        self.text, self.state = text, state


class Account:
    def __init__(self, endpoint):
        self.endpoint, self.count, self.lock = endpoint, 0, threading.Lock()
        self.lambda_, self.elb = client("lambda", endpoint), client("elbv2", endpoint)
        self.role = client("iam", endpoint).create_role(
            RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
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
        name = name or "pay%d" % self.number()
        self.lambda_.create_function(
            FunctionName=name, Runtime="python3.11", Role=self.role, Handler="a.h",
            Code={"ZipFile": archive("1")}, Publish=True)
        self.lambda_.update_function_code(FunctionName=name, ZipFile=archive("2"), Publish=True)
        self.lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")

        def state():
            found = self.lambda_.get_alias(FunctionName=name, Name="live")
            weights = found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
            return found["FunctionVersion"], weights
        return Target("lambda-alias:%s:live,canary=2" % name, state)

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
        """moto keeps what a service is told and runs no tasks: what it says of its deployments is
        mended by ecs_mended.py."""
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


# --- metrics ---


class Server(ThreadingHTTPServer):
    """With room for those who come at once: who finds none tries again after a second."""
    request_queue_size = 128
    daemon_threads = True


class Source:
    """Requests and errors of both arms, a number per second, as JSON over HTTP. What is asked for
    below /harm has errors in the canary; below /gone it answers 500. What it says is compressed
    where that is offered."""

    def __init__(self):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                status, document = answer(urlsplit(self.path))
                body = json.dumps(document).encode()
                self.send_response(status)
                if self.headers.get("Accept-Encoding") == "gzip":
                    body = gzip.compress(body)
                    self.send_header("Content-Encoding", "gzip")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass
        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


NUMBERS = {("requests", "baseline"): 900, ("requests", "canary"): 900,
           ("errors", "baseline"): 9, ("errors", "canary"): 9}


def answer(url):
    _, story, metric, arm = url.path.split("/")
    asked = {name: int(values[0]) for name, values in parse_qs(url.query).items()}
    if story == "gone":
        return 500, {}
    value = NUMBERS[metric, arm]
    if story == "harm" and (metric, arm) == ("errors", "canary"):
        value = 300
    return 200, [{"t": at, "v": value}
                 for at in range(asked["from"], asked["to"], asked["step"])]


# --- our program ---

CONFIG = """return {
    providers = { made = { kind = "http", url = "%s", period = "%s", settle = "0s" } },
    metrics = { requests = metric("requests"), errors = metric("errors") },
%s}
"""
METRIC = """local function metric(name)
    local query = "?from={{from}}&to={{to}}&step={{period}}"
    return {
        provider = "made", statistic = "sum", path = "/" .. name .. "/{{arm}}" .. query,
        points = "", time = "t", value = "v",
    }
end
"""


class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def __repr__(self):
        return "exit %s\n%s%s" % (self.status, self.out, self.err)


class Place:
    """A folder to run in: the operator's file, the state, and what the program is told."""

    def __init__(self, endpoint, metrics=None, config="", period="1s", **variables):
        self.held = tempfile.TemporaryDirectory()
        self.folder = self.held.name
        self.environment = environment(endpoint, **variables)
        self.preload = []  # names of our modules, see CMakeLists.txt
        if metrics or config:
            self.write("tidelock.lua", METRIC + CONFIG % (
                metrics or "http://127.0.0.1:9", period, config))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.held.cleanup()

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def hurry(self, times, phase):
        """Its time goes faster, and begins so many ms after a full minute."""
        now = int(time.time() * 1000)
        self.preload.append("hurry")
        self.environment.update(HURRY=str(times), HURRY_FROM=str(now),
                                HURRY_AT=str(now - now % 60000 + phase))

    def start(self, *arguments, preload=(), **variables):
        names = [*self.preload, *preload]
        if names:
            variables["LD_PRELOAD"] = ":".join(
                os.path.join(BUILD, "tests", "live", name + ".so") for name in names)
        return subprocess.Popen([PROGRAM, *arguments], cwd=self.folder, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=dict(self.environment, **variables))

    def run(self, *arguments, **variables):
        return finish(self.start(*arguments, **variables))

    def journals(self):
        runs = os.path.join(self.folder, ".tidelock", "runs")
        names = os.listdir(runs) if os.path.isdir(runs) else []
        return sorted(os.path.join(runs, name) for name in names if name.endswith(".journal"))

    def journal(self):
        return self.journals()[-1]

    def records(self):
        """What is whole of the last journal."""
        if not self.journals():
            return []
        with open(self.journal(), encoding="utf-8") as file:
            lines = file.read().split("\n")[:-1]
        return [json.loads(line) for line in lines]


def finish(process):
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        out, err = process.communicate()
        raise AssertionError("not done within %d s: %s%s" % (PATIENCE, out, err)) from None
    return Result(process.returncode, out, err)


def children_of(process):
    """The policy's process is one of them."""
    path = "/proc/%d/task/%d/children" % (process.pid, process.pid)
    with open(path, encoding="ascii") as file:
        return [int(pid) for pid in file.read().split()]


def is_stopped(process):
    with open("/proc/%d/stat" % process.pid, encoding="ascii") as file:
        return file.read().rsplit(")", 1)[1].split()[0] == "T"


def has_record(place, kind, count=1):
    return sum(record["kind"] == kind for record in place.records()) >= count


def wait_for_record(place, kind, count=1):
    support.wait_until("record %d of kind %s" % (count, kind),
                       lambda: has_record(place, kind, count))


# --- the tests ---


class LiveTest(unittest.TestCase):
    """One moto, one account and one source of metrics for all tests of a class."""
    variables = {}

    @classmethod
    def setUpClass(cls):
        cls.emulator = moto(**cls.variables)
        cls.addClassCleanup(cls.emulator.stop)
        cls.account = Account(cls.emulator.url)
        cls.source = Source()
        cls.addClassCleanup(cls.source.stop)

    maxDiff = None

    def place(self, story="calm", endpoint=None, **more):
        place = Place(endpoint or self.emulator.url, self.source.url + "/" + story, **more)
        self.addCleanup(place.held.cleanup)
        return place

    def check(self, status, result):
        self.assertEqual(status, result.status, result)


def together(act, jobs):
    """Side by side, since runs wait more than they work; raises what the first of them raised."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        failed = [done.exception() for done in [pool.submit(act, job) for job in jobs]]
    for problem in filter(None, failed):
        raise problem


def main():
    """Runs the tests of the program that was started, and counts."""
    if not os.access(PROGRAM, os.X_OK):
        support.skip("live: %s is not built" % PROGRAM)
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    bad = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print("%d passed, %d failed, %d skipped" % (result.testsRun - bad - skipped, bad, skipped))
    sys.exit(bad > 0)
