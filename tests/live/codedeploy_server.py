"""Our own scripted CodeDeploy, with as much of ECS, of the load balancer and of CloudWatch's alarms
as it needs. No emulator carries a deployment of CodeDeploy out, so this one is written from the
shapes of AWS's models and what its pages say of the states; boto3 drives it too (codedeploy.py).

One group, `shop/web`: an ECS service behind two target groups. A deployment starts its tasks
(60 s), shifts by its configuration, keeps the old tasks (5 min) and is over. A stop with rollback
makes a deployment of its own. An alarm that is in ALARM, or gone, ends a deployment. Time is that
of who asks: the `X-Amz-Date` of a request, so that a program whose clock goes faster finds a world
that does.
"""

import calendar
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl

import emulators

INSTALL, REROUTE, NAMED, KEPT, SILENCE = 60, 20, 5, 300, 180

HOME = "eu-west-1:111122223333:"
BALANCER = "arn:aws:elasticloadbalancing:" + HOME
LISTENER = BALANCER + "listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"
GROUPS = [BALANCER + "targetgroup/web-%s/73e2d6bc24d8a06%d" % pair
          for pair in (("blue", 7), ("green", 8))]
SERVICE = "arn:aws:ecs:" + HOME + "service/shop/web"
DEFINITION = "arn:aws:ecs:" + HOME + "task-definition/"
BUSY = {"Created", "Queued", "InProgress", "Ready"}
CONFIGS = {"CodeDeployDefault.ECSAllAtOnce": None,
           "CodeDeployDefault.ECSCanary10Percent5Minutes": (10, 5)}


class Refusal(Exception):
    """AWS's code and message."""


class Deployment:
    def __init__(self, number, now, content, config, given):
        self.id, self.created, self.content = "d-%09d" % number, now, content
        self.definition = re.search(r"arn:[^\"'\s]*task-definition/[\w:-]+", content).group()
        self.config, self.given = config, given
        self.ended = self.code = self.back = self.takes_back = None

    def shift(self):
        return self.created + INSTALL

    def shifted(self):
        share = CONFIGS.get(self.config) or self.given.get("share")
        return self.shift() + (share[1] * 60 if share else 0)

    def status(self, now):
        if self.takes_back:
            return "InProgress" if now < self.created + REROUTE else "Succeeded"
        if self.ended is not None:
            return "Failed" if self.code not in (None, "ALARM_ACTIVE") else "Stopped"
        return "InProgress" if now < self.shifted() + KEPT else "Succeeded"


class CodeDeploy(emulators.Serving):
    """`failing`: task definitions whose tasks never become healthy; `stuck`: deployments never
    shift; `odd(operation)` may answer before anything is done: a status and a code, or "lost"
    (nothing is done) or "deaf" (it is done, and nobody hears of it)."""

    def __init__(self, running="shop:41"):
        self.lock, self.asked = threading.RLock(), []
        self.first, self.deployments, self.configs = DEFINITION + running, [], {}
        self.alarms, self.beats, self.failing, self.stuck = {}, {}, set(), False
        self.odd, self.now = lambda operation: None, 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                with outer.lock:
                    status, kind, answer = outer.take(self.headers, body)
                if status == "deaf":
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass
        self.serve(Handler).begin()

    # --- requests ---

    def take(self, headers, body):
        stamp = headers.get("X-Amz-Date")
        if stamp:
            self.now = max(self.now, calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ")))
        target = headers.get("X-Amz-Target")
        given = json.loads(body) if target else dict(parse_qsl(body))
        operation = target.split(".")[-1] if target else given["Action"]
        kind = "application/x-amz-json-1.1" if target else "text/xml"
        self.asked.append(operation)
        odd = self.odd(operation)
        if isinstance(odd, tuple):
            return self.refused(target, kind, odd[0], odd[1], "as the script has it")
        if odd == "lost":
            return "deaf", kind, b""
        self.advance()
        try:
            answer = getattr(self, operation)(given)
        except Refusal as refusal:
            return self.refused(target, kind, 400, *refusal.args)
        if odd == "deaf":
            return "deaf", kind, b""
        return 200, kind, (json.dumps(answer) if target else answer).encode()

    def refused(self, target, kind, status, code, message):
        if target:
            return status, kind, json.dumps({"__type": code, "message": message}).encode()
        return status, kind, ("<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error>"
                              "</ErrorResponse>" % (code, message)).encode()

    # --- what happens by itself ---

    def silent_at(self, name):
        """When an alarm went to ALARM, or will if nothing is heard any more; None: it is gone."""
        if name not in self.alarms:
            return None
        return max(self.alarms[name], self.beats.get("SignsOfLife", 0)) + SILENCE

    def end(self, one, at, code, back):
        one.ended, one.code = at, code
        if back:
            one.back = Deployment(len(self.deployments) + 1, at, one.content,
                                  "CodeDeployDefault.ECSAllAtOnce", {})
            one.back.takes_back = one
            self.deployments.append(one.back)

    def advance(self):
        one = self.deployments[-1] if self.deployments else None
        if not one or one.takes_back or one.ended is not None:
            return
        if self.stuck:
            one.created = max(one.created, self.now - 1)
        if one.definition.split("/")[1] in self.failing and self.now >= one.shift():
            self.end(one, one.shift(), "ECS_UPDATE_ERROR", True)
            return
        for alarm in one.given.get("overrideAlarmConfiguration", {}).get("alarms", []):
            at = self.silent_at(alarm["name"])
            at = max(self.now if at is None else at, one.created)
            if at <= self.now and at < one.shifted() + KEPT:
                self.end(one, at, "ALARM_ACTIVE", True)
                return

    # --- how it stands ---

    def standing(self):
        """Which definition the PRIMARY task set has, which the other one and its percent, and at
        which of the two target groups the PRIMARY one is."""
        primary, other, weight, place = self.first, None, 0, 0
        for one in self.deployments:
            at = self.now if one.ended is None else min(self.now, one.ended)
            if one.takes_back:
                if self.now >= one.created + REROUTE:
                    primary, other, weight, place = old
                continue
            old = primary, None, 0, place
            if at < one.shift():
                other, weight = one.definition, 0
            elif at < one.shifted():
                share = CONFIGS.get(one.config) or one.given["share"]
                other, weight = one.definition, share[0]
            else:
                primary, other, weight, place = one.definition, old[0], 0, 1 - place
                if at >= one.shifted() + KEPT:
                    other = None
        return primary, other, weight, place

    def running(self):
        return self.standing()[0].split("/")[1]

    def shown(self, one):
        status = one.status(self.now)
        info = {
            "applicationName": "shop", "deploymentGroupName": "web", "deploymentId": one.id,
            "deploymentConfigName": one.config, "status": status, "computePlatform": "ECS",
            "createTime": one.created, "creator":
                "codeDeployRollback" if one.takes_back else "user",
            "revision": {"revisionType": "AppSpecContent",
                         "appSpecContent": {"content": one.content}},
            "description": one.given.get("description", ""),
        }
        if one.takes_back:
            info["rollbackInfo"] = {"rollbackTriggeringDeploymentId": one.takes_back.id}
        elif one.back and self.now >= one.ended + NAMED:
            info["rollbackInfo"] = {"rollbackDeploymentId": one.back.id}
        if one.code:
            info["errorInformation"] = {"code": one.code, "message": "as the script has it"}
        return info

    # --- CodeDeploy ---

    def GetDeploymentGroup(self, given):
        if (given["applicationName"], given["deploymentGroupName"]) != ("shop", "web"):
            raise Refusal("DeploymentGroupDoesNotExistException", "there is no such group")
        info = {
            "applicationName": "shop", "deploymentGroupName": "web", "computePlatform": "ECS",
            "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
            "ecsServices": [{"serviceName": "web", "clusterName": "shop"}],
            "blueGreenDeploymentConfiguration": {
                "terminateBlueInstancesOnDeploymentSuccess": {
                    "action": "TERMINATE", "terminationWaitTimeInMinutes": KEPT // 60},
                "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT",
                                          "waitTimeInMinutes": 0}},
            "loadBalancerInfo": {"targetGroupPairInfoList": [{
                "targetGroups": [{"name": "web-blue"}, {"name": "web-green"}],
                "prodTrafficRoute": {"listenerArns": [LISTENER]}}]},
        }
        for one in self.deployments:
            last = {"deploymentId": one.id, "status": one.status(self.now),
                    "createTime": one.created}
            info["lastAttemptedDeployment"] = last
            if last["status"] == "Succeeded":
                info["lastSuccessfulDeployment"] = last
        return {"deploymentGroupInfo": info}

    def BatchGetDeployments(self, given):
        return {"deploymentsInfo": [self.shown(one) for one in self.deployments
                                    if one.id in given["deploymentIds"]]}

    def ListDeployments(self, given):
        wanted = given.get("includeOnlyStatuses")
        return {"deployments": [one.id for one in reversed(self.deployments)
                                if not wanted or one.status(self.now) in wanted]}

    def GetDeployment(self, given):
        found = self.BatchGetDeployments({"deploymentIds": [given["deploymentId"]]})
        if not found["deploymentsInfo"]:
            raise Refusal("DeploymentDoesNotExistException", "there is no such deployment")
        return {"deploymentInfo": found["deploymentsInfo"][0]}

    def GetDeploymentConfig(self, given):
        name = given["deploymentConfigName"]
        if name not in self.configs and name not in CONFIGS:
            raise Refusal("DeploymentConfigDoesNotExistException", "there is no " + name)
        routing = self.configs.get(name)
        if not routing:
            share = CONFIGS[name]
            routing = {"type": "TimeBasedCanary", "timeBasedCanary": {
                "canaryPercentage": share[0], "canaryInterval": share[1]}} if share else {
                    "type": "AllAtOnce"}
        return {"deploymentConfigInfo": {"deploymentConfigName": name, "computePlatform": "ECS",
                                         "trafficRoutingConfig": routing}}

    def CreateDeploymentConfig(self, given):
        if given["deploymentConfigName"] in self.configs:
            raise Refusal("DeploymentConfigAlreadyExistsException", "it is there already")
        self.configs[given["deploymentConfigName"]] = given["trafficRoutingConfig"]
        return {"deploymentConfigId": "id"}

    def DeleteDeploymentConfig(self, given):
        self.configs.pop(given["deploymentConfigName"], None)
        return {}

    def CreateDeployment(self, given):
        if self.deployments and self.deployments[-1].status(self.now) in BUSY:
            raise Refusal("DeploymentLimitExceededException", "one is under way")
        name = given.get("deploymentConfigName", "CodeDeployDefault.ECSAllAtOnce")
        self.GetDeploymentConfig({"deploymentConfigName": name})
        canary = self.configs.get(name, {}).get("timeBasedCanary")
        given["share"] = canary and (canary["canaryPercentage"], canary["canaryInterval"])
        self.deployments.append(Deployment(len(self.deployments) + 1, self.now, given["revision"][
            "appSpecContent"]["content"], name, given))
        return {"deploymentId": self.deployments[-1].id}

    def StopDeployment(self, given):
        for one in self.deployments:
            if one.id == given["deploymentId"]:
                if one.status(self.now) not in BUSY:
                    raise Refusal("DeploymentAlreadyCompletedException", "it is over")
                self.end(one, self.now, None, given.get("autoRollbackEnabled"))
                return {"status": "Pending", "statusMessage": "it is being stopped"}
        raise Refusal("DeploymentDoesNotExistException", "there is no such deployment")

    # --- ECS ---

    def task_set(self, definition, status, place, number):
        return {"id": "ecs-svc/%d" % number, "status": status, "taskDefinition": definition,
                "computedDesiredCount": 2, "runningCount": 2, "loadBalancers": [{
                    "targetGroupArn": GROUPS[place], "containerName": "web",
                    "containerPort": 8080}]}

    def DescribeServices(self, _):
        primary, other, _, place = self.standing()
        sets = [self.task_set(primary, "PRIMARY", place, 1)]
        if other:
            sets.append(self.task_set(other, "ACTIVE", 1 - place, 2))
        return {"failures": [], "services": [{
            "serviceName": "web", "serviceArn": SERVICE, "status": "ACTIVE",
            "clusterArn": "arn:aws:ecs:" + HOME + "cluster/shop", "taskDefinition": primary,
            "desiredCount": 2, "deploymentController": {"type": "CODE_DEPLOY"},
            "taskSets": sets}]}

    def UpdateService(self, given):
        if "taskDefinition" in given:
            raise Refusal("InvalidParameterException", "Unable to update task definition on "
                          "services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy "
                          "to trigger a new deployment.")
        return {"service": self.DescribeServices({})["services"][0]}

    # --- the load balancer ---

    @staticmethod
    def answer(operation, inside):
        return "<%sResponse><%sResult>%s</%sResult></%sResponse>" % (
            operation, operation, inside, operation, operation)

    def DescribeRules(self, _):
        _, _, weight, place = self.standing()
        weights = [weight, weight]
        weights[place] = 100 - weight
        groups = "".join("<member><TargetGroupArn>%s</TargetGroupArn><Weight>%d</Weight></member>"
                         % pair for pair in zip(GROUPS, weights))
        return self.answer("DescribeRules", (
            "<Rules><member><RuleArn>%s/d</RuleArn><IsDefault>true</IsDefault><Priority>default"
            "</Priority><Actions><member><Type>forward</Type><ForwardConfig><TargetGroups>%s"
            "</TargetGroups></ForwardConfig></member></Actions></member></Rules>") % (
                LISTENER.replace(":listener/", ":listener-rule/"), groups))

    def DescribeTargetGroups(self, _):
        return self.answer("DescribeTargetGroups", "<TargetGroups>%s</TargetGroups>" % "".join(
            "<member><TargetGroupArn>%s</TargetGroupArn><TargetGroupName>%s</TargetGroupName>"
            "</member>" % (arn, arn.split("/")[1]) for arn in GROUPS))

    def DescribeTargetHealth(self, _):
        return self.answer("DescribeTargetHealth", (
            "<TargetHealthDescriptions><member><Target><Id>10.0.0.1</Id><Port>8080</Port></Target>"
            "<TargetHealth><State>healthy</State></TargetHealth></member>"
            "</TargetHealthDescriptions>"))

    # --- CloudWatch's alarms, STS ---

    def PutMetricData(self, given):
        self.beats[given["MetricData"][0]["MetricName"]] = self.now
        return {}

    def PutMetricAlarm(self, given):
        self.alarms[given["AlarmName"]] = self.now
        self.put = given
        return {}

    def DescribeAlarms(self, given):
        found = []
        for name in given.get("AlarmNames", []):
            at = self.silent_at(name)
            if at is not None:
                found.append(dict(self.put, StateValue="ALARM" if at <= self.now else "OK"))
        return {"MetricAlarms": found, "CompositeAlarms": []}

    def DeleteAlarms(self, given):
        for name in given["AlarmNames"]:
            self.alarms.pop(name, None)
        return {}

    def GetCallerIdentity(self, _):
        return self.answer("GetCallerIdentity", "<Account>111122223333</Account><Arn>arn:aws:iam::"
                           "111122223333:user/a</Arn><UserId>a</UserId>")
