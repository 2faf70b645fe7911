"""Our own scripted ECS: services whose traffic it shifts itself. No emulator has their deployments
(MiniStack lists none, moto answers 500), so this one was written from the shapes of the API and
what AWS's documents say of stages, pauses and rollbacks; it is no AWS, and says only that our
program and boto3 understand what it says. Beside ECS it answers what else the program asks about
such a service: DescribeRules of its listener rule, and GetCallerIdentity.

Seconds are those of the program's own clock, as its requests are dated (x-amz-date); boto3, whose
clock is the machine's, sees what was there last. How long things take is as in the simulated
account.
"""

import calendar
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs

import emulators

ACCOUNT = "123456789012"
START, SHIFT, DRAIN = 60, 10, 30  # seconds
OPEN = "AWAITING_ACTION"
THROTTLED = {
    True: json.dumps({"__type": "ThrottlingException", "message": "Rate exceeded"}),
    False: "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded"
           "</Message></Error></ErrorResponse>",
}
PRE, POST = "PRE_PRODUCTION_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT"
STEPS = {
    "LINEAR": {"linearConfiguration": {"stepPercent": 25.0, "stepBakeTimeInMinutes": 1}},
    "CANARY": {"canaryConfiguration": {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 5}},
}


def arn(service, path):
    return "arn:aws:%s:%s:%s:%s" % (service, emulators.REGION, ACCOUNT, path)


def configured(config, asked):
    """What is not mentioned stays; steps of another strategy say nothing, nor do no hooks."""
    whole = dict(config, **asked)
    for strategy, steps in STEPS.items():
        for name in steps if strategy != whole["strategy"] else ():
            whole.pop(name, None)
    if not whole.get("lifecycleHooks"):
        whole.pop("lifecycleHooks", None)
    return whole


class Refused(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Deployment:
    """One that goes on by itself: `due` is when, `then` is what. `settles` is False for one that
    never gets anywhere."""

    def __init__(self, service, number, source, target, now):
        self.service, self.source, self.target = service, source, target
        self.arn = arn("ecs", "service-deployment/main/%s/%s" % (service.name, number))
        self.config = json.loads(json.dumps(service.config))
        self.status, self.stage, self.reason = "IN_PROGRESS", "SCALE_UP", None
        self.weight, self.hooks, self.running = 0.0, [], 0
        self.created, self.finished, self.back_at = now, None, None
        self.due, self.then = now + START, self.scaled
        self.triggered = []
        if not service.settles:
            self.due = now + 24 * 3600

    def advance(self, now):
        while self.due is not None and self.due <= now:
            at, then = self.due, self.then
            self.due = None
            then(at)

    def later(self, at, then):
        self.due, self.then = at, then

    # --- forward ---

    def scaled(self, at):
        if not self.service.settles:
            return self.go_back(at, "The service deployment timed out.")
        self.running = self.service.desired
        self.next_step(at)

    def pauses(self, at, stage, then):
        for hook in self.config.get("lifecycleHooks", []):
            if hook.get("targetType") == "PAUSE" and stage in hook["lifecycleStages"]:
                timeout = hook.get("timeoutConfiguration", {})
                expires = at + 60 * timeout.get("timeoutInMinutes", 1440)
                self.hooks.append({
                    "hookId": "hook-%s-%d" % (self.arn[-4:], len(self.hooks) + 1), "status": OPEN,
                    "targetType": "PAUSE", "expiresAt": expires,
                    "timeoutAction": timeout.get("action", "ROLLBACK")})
                self.waits_for = then
                self.later(expires, self.timed_out)
                return True
        return False

    def timed_out(self, at):
        hook = self.hooks[-1]
        hook["status"] = "TIMED_OUT"
        if hook["timeoutAction"] == "CONTINUE":
            self.waits_for(at)
        else:
            self.go_back(at, "A lifecycle hook timed out.")

    def next_step(self, at):
        if not self.pauses(at, PRE, self.shift):
            self.shift(at)

    def shift(self, at):
        self.stage = "PRODUCTION_TRAFFIC_SHIFT"
        self.later(at + SHIFT, self.shifted)

    def shifted(self, at):
        linear, canary = (self.config.get(name, {}) for name in
                          ("linearConfiguration", "canaryConfiguration"))
        to, bake = 100.0, 0
        if self.config["strategy"] == "LINEAR":
            to = round(self.weight + linear.get("stepPercent", 10), 1)
            bake = linear.get("stepBakeTimeInMinutes", 6)
        elif self.config["strategy"] == "CANARY" and self.weight == 0:
            to, bake = canary.get("canaryPercent", 5), canary.get("canaryBakeTimeInMinutes", 10)
        self.weight = min(100.0, float(to))
        if self.weight < 100:
            self.later(at + 60 * bake, self.next_step)
        elif not self.pauses(at, POST, self.bake):
            self.bake(at)

    def bake(self, at):
        self.stage = "BAKE_TIME"
        self.later(at + 60 * self.config.get("bakeTimeInMinutes", 0), self.clean_up)

    def clean_up(self, at):
        self.stage = "CLEAN_UP"
        self.later(at + self.service.drain, self.done)

    def done(self, at):
        self.status, self.finished = "SUCCESSFUL", at
        self.service.current = None
        self.service.runs = self.target

    # --- back ---

    def go_back(self, at, reason):
        self.status, self.reason, self.back_at = "ROLLBACK_IN_PROGRESS", reason, at
        for hook in self.hooks:
            hook["status"] = "FAILED" if hook["status"] == OPEN else hook["status"]
        self.service.definition = self.source["definition"]
        self.later(at + SHIFT, self.unshifted)

    def unshifted(self, at):
        self.weight = 0.0
        self.later(at + DRAIN, self.is_back)

    def is_back(self, at):
        self.status, self.finished, self.running = "ROLLBACK_SUCCESSFUL", at, 0
        self.service.current = None

    # --- what AWS shows ---

    def side(self, revision, weight, running):
        return {"arn": revision["arn"], "requestedTaskCount": self.service.desired,
                "runningTaskCount": running, "pendingTaskCount": self.service.desired - running,
                "requestedTestTrafficWeight": 0.0, "requestedProductionTrafficWeight": weight}

    def shown(self):
        ended = self.status == "SUCCESSFUL"
        out = {
            "serviceDeploymentArn": self.arn, "serviceArn": self.service.arn,
            "clusterArn": arn("ecs", "cluster/main"), "createdAt": self.created,
            "startedAt": self.created, "status": self.status, "lifecycleStage": self.stage,
            "lifecycleHookDetails": self.hooks, "deploymentConfiguration": self.config,
            "sourceServiceRevisions": [self.side(self.source, 100.0 - self.weight,
                                                 0 if ended else self.service.desired)],
            "targetServiceRevision": self.side(self.target, self.weight, self.running),
            "alarms": {"status": "TRIGGERED" if self.triggered else "MONITORING",
                       "alarmNames": self.triggered, "triggeredAlarmNames": self.triggered},
        }
        for name, value in (("finishedAt", self.finished), ("statusReason", self.reason)):
            if value is not None:
                out[name] = value
        if self.back_at is not None:
            out["rollback"] = {"reason": self.reason, "startedAt": self.back_at,
                               "serviceRevisionArn": self.source["arn"]}
        return out


class Service:
    def __init__(self, name, strategy, number=1, desired=4):
        self.name, self.desired, self.settles, self.drain = name, desired, True, DRAIN
        self.arn = arn("ecs", "service/main/" + name)
        self.groups = [arn("elasticloadbalancing", "targetgroup/%s-%s/0123456789abcdef" % (
            name, color)) for color in ("blue", "green")]
        self.rule = arn("elasticloadbalancing",
                        "listener-rule/app/%s/0123456789abcdef/0123456789abcdef/%s" % (
                            name, "fedcba9876543210"))
        self.config = dict({"strategy": strategy, "minimumHealthyPercent": 100,
                            "maximumPercent": 200, "bakeTimeInMinutes": 1}, **STEPS.get(
                                strategy, {}))
        self.definition, self.deployments, self.revisions = "%s:%d" % (name, number), [], []
        self.current, self.writes = None, 0
        self.runs = self.revision(self.definition, 0)

    def revision(self, definition, side):
        one = {"arn": arn("ecs", "service-revision/main/%s/%019d" % (
            self.name, len(self.revisions) + 1)), "definition": definition, "side": side}
        self.revisions.append(one)
        return one

    def balancers(self):
        return [{"targetGroupArn": self.groups[0], "containerName": "web", "containerPort": 80,
                 "advancedConfiguration": {
                     "alternateTargetGroupArn": self.groups[1], "productionListenerRule": self.rule,
                     "roleArn": "arn:aws:iam::%s:role/ecs" % ACCOUNT}}]

    def weights(self):
        """Of blue and green."""
        blue = [100.0, 0.0]
        blue[self.runs["side"]], blue[1 - self.runs["side"]] = 100.0, 0.0
        if self.current:
            target = self.current.target["side"]
            blue[target], blue[1 - target] = self.current.weight, 100.0 - self.current.weight
        return blue

    def one(self, number, status, definition, running, state):
        return {"id": "ecs-svc/%d" % number, "status": status,
                "taskDefinition": arn("ecs", "task-definition/" + definition),
                "desiredCount": self.desired if status == "PRIMARY" else 0,
                "runningCount": running, "pendingCount": 0, "failedTasks": 0,
                "rolloutState": state, "rolloutStateReason": "of our own"}

    def shown(self):
        current, primary = self.current, self.runs
        if not current:
            listed = [self.one(1, "PRIMARY", primary["definition"], self.desired, "COMPLETED")]
            running = [(primary, self.desired)]
        else:
            back = current.status.startswith("ROLLBACK")
            new = self.one(2, "ACTIVE" if back else "PRIMARY", current.target["definition"],
                           current.running, "FAILED" if back else "IN_PROGRESS")
            old = self.one(1, "PRIMARY" if back else "ACTIVE", primary["definition"], self.desired,
                           "IN_PROGRESS" if back else "COMPLETED")
            listed = [old, new] if back else [new, old]
            running = [(current.target, current.running), (primary, self.desired)]
        out = {
            "serviceArn": self.arn, "serviceName": self.name,
            "clusterArn": arn("ecs", "cluster/main"), "status": "ACTIVE",
            "desiredCount": self.desired, "runningCount": sum(count for _, count in running),
            "pendingCount": 0, "launchType": "FARGATE", "schedulingStrategy": "REPLICA",
            "deploymentController": {"type": "ECS"}, "loadBalancers": self.balancers(),
            "taskDefinition": arn("ecs", "task-definition/" + self.definition),
            "deploymentConfiguration": self.config, "deployments": listed,
            "currentServiceRevisions": [
                {"arn": one["arn"], "requestedTaskCount": self.desired, "runningTaskCount": count,
                 "pendingTaskCount": 0} for one, count in running],
        }
        if current:
            out["currentServiceDeployment"] = current.arn
        return out


class EcsServer(emulators.Serving):
    """`before(name, count)` may say of the request of this name and number "throttle" (it is
    refused), "lost" (done, and never answered) or "unsent" (neither)."""

    def __init__(self, before=lambda name, count: None):
        outer = self
        self.services, self.lock, self.now, self.seen = {}, threading.Lock(), 0, []
        self.ahead = 0  # seconds, of the clock of who asks
        self.before = before

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                kind, answer = outer.take(self.headers, body)
                if kind in ("lost", "unsent"):
                    self.close_connection = True
                    self.connection.close()
                    return
                self.send_response(kind)
                data = answer.encode()
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass
        self.serve(Handler).begin()

    def add(self, name, strategy, number=1):
        self.services[name] = Service(name, strategy, number)
        return self.services[name]

    # --- requests ---

    def clock(self, headers):
        date = headers.get("X-Amz-Date", "")
        if re.fullmatch(r"\d{8}T\d{6}Z", date):
            now = calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ")) + self.ahead
            self.now = max(self.now, now)
        for service in self.services.values():
            for deployment in service.deployments:
                deployment.advance(self.now)

    def take(self, headers, body):
        target = headers.get("X-Amz-Target", "")
        form = parse_qs(body) if not target else {}
        name = target.split(".")[-1] or form.get("Action", ["?"])[0]
        with self.lock:
            self.clock(headers)
            self.seen.append(name)
            fault = self.before(name, len(self.seen))
            if fault == "unsent":
                return fault, ""
            if fault == "throttle":
                return 400, THROTTLED[bool(target)]
            answer = self.answer_json(name, json.loads(body)) if target else \
                self.answer_form(name, form)
        return (fault, "") if fault == "lost" else answer

    def answer_json(self, name, asked):
        try:
            return 200, json.dumps(getattr(self, name)(asked))
        except Refused as refused:
            return 400, json.dumps({"__type": refused.code, "message": str(refused)})

    def answer_form(self, name, form):
        if name == "GetCallerIdentity":
            return 200, (
                '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
                "<GetCallerIdentityResult><Arn>arn:aws:iam::%s:user/a</Arn><UserId>A</UserId>"
                "<Account>%s</Account></GetCallerIdentityResult></GetCallerIdentityResponse>" % (
                    ACCOUNT, ACCOUNT))
        rules = "".join(self.rule(form["RuleArns.member.%d" % number][0])
                        for number in range(1, 10) if "RuleArns.member.%d" % number in form)
        return 200, (
            '<DescribeRulesResponse xmlns='
            '"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">'
            "<DescribeRulesResult><Rules>%s</Rules></DescribeRulesResult></DescribeRulesResponse>"
            % rules)

    def rule(self, wanted):
        service = next(one for one in self.services.values() if one.rule == wanted)
        groups = "".join(
            "<member><TargetGroupArn>%s</TargetGroupArn><Weight>%d</Weight></member>" % (
                group, round(weight)) for group, weight in zip(service.groups, service.weights()))
        return ("<member><RuleArn>%s</RuleArn><Priority>10</Priority><Conditions/><Actions><member>"
                "<Type>forward</Type><ForwardConfig><TargetGroups>%s</TargetGroups></ForwardConfig>"
                "</member></Actions><IsDefault>false</IsDefault></member>" % (wanted, groups))

    # --- operations ---

    def service(self, called):
        name = called.split("/")[-1]
        if name not in self.services:
            raise Refused("ServiceNotFoundException", "Service not found.")
        return self.services[name]

    def deployment(self, wanted):
        for service in self.services.values():
            for one in service.deployments:
                if one.arn == wanted:
                    return one
        raise Refused("ServiceDeploymentNotFoundException", "Service deployment not found.")

    def DescribeServices(self, asked):
        return {"services": [self.service(name).shown() for name in asked["services"]],
                "failures": []}

    def DescribeTaskDefinition(self, asked):
        revision = asked["taskDefinition"].split("/")[-1]
        family, number = revision.split(":")
        return {"taskDefinition": {
            "taskDefinitionArn": arn("ecs", "task-definition/" + revision), "family": family,
            "revision": int(number), "status": "ACTIVE", "containerDefinitions": []}}

    def ListServiceDeployments(self, asked):
        listed = [{name: one.shown()[name] for name in ("serviceDeploymentArn", "serviceArn",
                                                        "clusterArn", "createdAt", "status")}
                  for one in reversed(self.service(asked["service"]).deployments)]
        return {"serviceDeployments": listed}

    def DescribeServiceDeployments(self, asked):
        return {"serviceDeployments": [self.deployment(one).shown()
                                       for one in asked["serviceDeploymentArns"]], "failures": []}

    def DescribeServiceRevisions(self, asked):
        found = []
        for service in self.services.values():
            found += [{
                "serviceRevisionArn": one["arn"], "serviceArn": service.arn,
                "taskDefinition": arn("ecs", "task-definition/" + one["definition"]),
                "loadBalancers": service.balancers(), "createdAt": 1700000000 + number,
                "resolvedConfiguration": {"loadBalancers": [{
                    "targetGroupArn": service.groups[one["side"]],
                    "productionListenerRule": service.rule}]},
            } for number, one in enumerate(service.revisions)
                if one["arn"] in asked["serviceRevisionArns"]]
        return {"serviceRevisions": found, "failures": []}

    def UpdateService(self, asked):
        service = self.service(asked["service"])
        definition = asked.get("taskDefinition", service.definition).split("/")[-1]
        if not re.fullmatch(r"[\w-]+:\d+", definition):
            raise Refused("ClientException", "Unable to describe task definition.")
        if definition != service.definition and service.current:
            raise Refused("InvalidParameterException", "A service deployment is in progress.")
        service.config = configured(service.config, asked.get("deploymentConfiguration", {}))
        if definition != service.definition:
            self.begin_deployment(service, definition)
        return {"service": service.shown()}

    def begin_deployment(self, service, definition):
        target = service.revision(definition, 1 - service.runs["side"])
        service.current = Deployment(service, "%04d" % (len(service.deployments) + 1), service.runs,
                                     target, self.now)
        service.deployments.append(service.current)
        service.definition = definition

    def ContinueServiceDeployment(self, asked):
        one = self.deployment(asked["serviceDeploymentArn"])
        for hook in one.hooks:
            if hook["hookId"] == asked["hookId"] and hook["status"] == OPEN \
                    and one.status == "IN_PROGRESS":
                if asked.get("action", "CONTINUE") == "ROLLBACK":
                    one.go_back(self.now, "A rollback was requested at a lifecycle hook.")
                else:
                    hook["status"] = "SUCCEEDED"
                    one.waits_for(self.now)
                return {"serviceDeploymentArn": one.arn}
        raise Refused("InvalidParameterException", "The hook does not await an action.")

    def StopDeployment(self, asked):
        """CodeDeploy's: no deployment of ECS's own is one of its."""
        raise Refused("DeploymentDoesNotExistException", "The deployment %s could not be found" %
                      asked["deploymentId"])

    def StopServiceDeployment(self, asked):
        one = self.deployment(asked["serviceDeploymentArn"])
        if one.status != "IN_PROGRESS":
            raise Refused("ConflictException", "The deployment is in the state " + one.status)
        one.go_back(self.now, "A rollback was requested.")
        return {"serviceDeploymentArn": one.arn}
