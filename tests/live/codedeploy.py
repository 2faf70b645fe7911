#!/usr/bin/env python3
"""Deployments of CodeDeploy on our own scripted one (codedeploy_server.py), which boto3 drives too:
each policy that it can carry, promoted and rolled back; SIGKILL at some records, taken up and not
taken up; answers that are throttled or lost; CodeDeploy's own verdicts. The program's time is
hurried (hurry.c), and the server's is that of its requests. (The arms have as many requests as each
other, so that the canary's share is half.)"""

import time

import boto3
import emulators
import harness
import metrics_support as support
from codedeploy_server import CodeDeploy

TARGET = "codedeploy:shop/web,canary=shop:42,interval=10m"
TIMES = 10 # the policy has ten seconds of it for each answer
POLICIES = {
    "step_canary": ["-p", "steps=50", "-p", "bake=2m", "-p", "every=1m", "-p", "sees=0"],
    "blue_green": ["-p", "keep=2m", "-p", "every=1m", "-p", "sees=0"],
}


class Live(harness.LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.source = harness.Source()
        cls.addClassCleanup(cls.source.stop)

    def behind(self, story="calm", times=TIMES):
        server = CodeDeploy()
        self.addCleanup(server.stop)
        place = self.place(story, endpoint=server.url, period="1m", lateness=None)
        place.hurry(times, 5000)
        return server, place

    def carry_out(self, server, place, name="step_canary", **more):
        return place.run("run", name, *POLICIES[name], "-p", "target=" + TARGET, "--seed", "7",
                         **more)

    def assert_told(self, text, result):
        self.assertIn(text, " ".join((result.out + result.err).split()))

    def clean(self, server, running, result=""):
        """Nothing of ours is left, and this is what runs."""
        self.assertEqual(({}, {}, running), (server.configs, server.alarms, server.running()),
                         result)


class Protocol(Live):
    def test_boto3(self):
        """The server speaks as AWS's own client wants it."""
        server, _ = self.behind()
        session = boto3.Session(region_name=emulators.REGION, aws_access_key_id="a",
                                aws_secret_access_key="s")
        deploy, ecs, elb = (session.client(name, endpoint_url=server.url)
                            for name in ("codedeploy", "ecs", "elbv2"))
        group = {"applicationName": "shop", "deploymentGroupName": "web"}
        content = '{"TaskDefinition":"arn:aws:ecs:eu-west-1:111122223333:task-definition/shop:42"}'
        deploy.create_deployment_config(
            deploymentConfigName="c", computePlatform="ECS", trafficRoutingConfig={
                "type": "TimeBasedCanary",
                "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 20}})
        made = deploy.create_deployment(**group, deploymentConfigName="c", revision={
            "revisionType": "AppSpecContent", "appSpecContent": {"content": content}})
        with self.assertRaises(deploy.exceptions.DeploymentLimitExceededException):
            deploy.create_deployment(**group, revision={
                "revisionType": "AppSpecContent", "appSpecContent": {"content": content}})
        server.now += 90
        weights = elb.describe_rules(ListenerArn="x")["Rules"][0]["Actions"][0]["ForwardConfig"]
        self.assertEqual([90, 10], [group["Weight"] for group in weights["TargetGroups"]])
        self.assertEqual(["PRIMARY", "ACTIVE"], [
            one["status"] for one in ecs.describe_services(
                cluster="shop", services=["web"])["services"][0]["taskSets"]])
        deploy.stop_deployment(deploymentId=made["deploymentId"], autoRollbackEnabled=True)
        server.now += 30
        stopped = deploy.get_deployment(deploymentId=made["deploymentId"])["deploymentInfo"]
        back = deploy.batch_get_deployments(deploymentIds=[
            stopped["rollbackInfo"]["rollbackDeploymentId"]])["deploymentsInfo"][0]
        self.assertEqual(("Stopped", "Succeeded", "codeDeployRollback"),
                         (stopped["status"], back["status"], back["creator"]))
        self.assertEqual("shop:41", server.running())
        self.assertEqual(2, len(elb.describe_target_groups()["TargetGroups"]))


class Policies(Live):
    def once(self, name, story, status):
        server, place = self.behind(story)
        result = self.carry_out(server, place, name)
        self.check(status, result)
        self.clean(server, "shop:41" if status else "shop:42", result)
        self.assertGreater(server.asked.count("PutMetricData"), 3)
        self.check(0, place.run("replay", place.journal()))

    def test_policies(self):
        harness.together(lambda job: self.once(*job), [
            (name, story, status) for name in POLICIES
            for story, status in (("calm", 0), ("harm", 10))])


class Verdicts(Live):
    def failing(self):
        """CodeDeploy has taken it back itself: nothing is stopped."""
        server, place = self.behind()
        server.failing.add("shop:42")
        result = self.carry_out(server, place)
        self.check(10, result)
        self.assert_told("was taken back by CodeDeploy: ECS_UPDATE_ERROR", result)
        self.assertNotIn("StopDeployment", server.asked)
        self.clean(server, "shop:41", result)

    def stuck(self):
        """Its tasks never start, and it never shifts: it is stopped."""
        server, place = self.behind()
        server.stuck = True
        result = place.run("run", "step_canary", *POLICIES["step_canary"], "-p",
                           "target=%s,within=2m" % TARGET)
        self.check(10, result)
        self.assert_told("is not done after 2m: the canary has 0 % of the traffic", result)
        self.assertEqual(1, server.asked.count("StopDeployment"))
        self.clean(server, "shop:41", result)

    def busy(self):
        server, place = self.behind()
        self.check(0, self.carry_out(server, place, "blue_green"))
        server.deployments[-1].created = server.now
        so_far = len(server.asked)
        result = self.carry_out(server, place)
        self.check(2, result)
        self.assert_told("is under way (InProgress)", result)
        self.assertNotIn("CreateDeployment", server.asked[so_far:])

    def test_side_by_side(self):
        harness.together(lambda story: story(), [self.failing, self.stuck, self.busy])


class Plans(Live):
    def plan(self, name, arguments, told):
        """It says what would be done, and sends nothing but reads."""
        server, place = self.behind()
        result = place.run("plan", name, *arguments)
        self.check(0, result)
        self.assert_told(told, result)
        self.assertEqual([], [one for one in server.asked if not one.startswith(
            ("Get", "BatchGet", "Describe", "List"))])

    def test_plans(self):
        target = ["-p", "target=" + TARGET]
        harness.together(lambda job: self.plan(*job), [
            ("step_canary", [*POLICIES["step_canary"], *target], "shift 50 %"),
            ("blue_green", [*POLICIES["blue_green"], *target], "shift 100 %"),
            ("take_back", ["-p", "target=codedeploy:shop/web"], "there is nothing to take back")])


class TakeBack(Live):
    """The page's script and ours, on the same five situations. A real ARN has the number where the
    script looks for the family, so that it asks for `42:-1`, and says "Rollback initiated"."""

    def deploy(self, server, definition):
        server.CreateDeployment({
            "revision": {"appSpecContent": {"content": '{"TaskDefinition":"arn:aws:ecs:eu-west-1:'
                                            '111122223333:task-definition/%s"}' % definition}},
            "deploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes"})

    def situation(self, name):
        server, place = self.behind()
        server.now = int(time.time())
        place.hurry(8, 5000)
        if name == "N-1 broken":  # 41 was never deployed: 39 ran before
            self.deploy(server, "shop:39")
            server.deployments[0].created -= 1800
        self.deploy(server, "shop:42")
        ago = {"canary": 120, "after the shift": 361, "termination wait": 600}.get(name, 3000)
        for one in server.deployments:
            one.created -= ago
        return server, place

    def script(self, server):
        """Line by line what canary-rollback.sh does, and what becomes of it."""
        deploy, ecs = (boto3.client(name, endpoint_url=server.url, region_name=emulators.REGION,
                                    aws_access_key_id="a", aws_secret_access_key="s")
                       for name in ("codedeploy", "ecs"))
        errors = []
        try:
            deploy.stop_deployment(deploymentId=server.deployments[-1].id,
                                   autoRollbackEnabled=True)
        except deploy.exceptions.ClientError as problem:
            errors.append(problem.response["Error"]["Code"])
        arn = ecs.describe_services(cluster="shop", services=["web"])["services"][0][
            "taskDefinition"]
        fields = arn.split(":") + [""] * 8
        wanted = "%s:%d" % (fields[6], int(fields[7] or 0) - 1)
        try:
            ecs.update_service(cluster="shop", service="web", taskDefinition=wanted)
        except ecs.exceptions.ClientError as problem:
            errors.append(problem.response["Error"]["Code"])
        server.now += 60
        return wanted, errors, server.running()

    def one(self, name, script, ours):
        server, _ = self.situation(name)
        wanted, errors, running = self.script(server)
        self.assertRegex(wanted, r"^4[12]:-1$")
        self.assertEqual(script, (errors, running), name)
        server, place = self.situation(name)
        result = place.run("run", "take_back", "-p", "target=codedeploy:shop/web")
        self.check(0, result)
        self.assertEqual(ours, server.running(), (name, result))
        self.assert_told("there is nothing to take back" if ours == "shop:42"
                         else "with all of the traffic and healthy targets", result)

    def test_five_situations(self):
        refused = "InvalidParameterException"
        over = "DeploymentAlreadyCompletedException"
        harness.together(lambda job: self.one(*job), [
            ("canary", ([refused], "shop:41"), "shop:41"),
            ("after the shift", ([refused], "shop:41"), "shop:41"),
            ("termination wait", ([refused], "shop:41"), "shop:41"),
            ("nothing under way", ([over, refused], "shop:42"), "shop:42"),
            ("N-1 broken", ([over, refused], "shop:42"), "shop:39")])


CHANGES = ["CreateDeploymentConfig", "PutMetricAlarm", "CreateDeployment", "StopDeployment",
           "DeleteAlarms", "DeleteDeploymentConfig"]


class Answers(Live):
    def once(self, operation, odd):
        """The first time it is asked for."""
        server, place = self.behind("harm")
        left = [odd]
        server.odd = lambda asked: left.pop() if asked == operation and left else None
        result = self.carry_out(server, place)
        self.assertEqual([], left, (operation, result))
        self.assertIn(result.status, (10, 16), (operation, odd, result))
        self.clean(server, "shop:41", (operation, odd, result))

    def test_each_change(self):
        jobs = [(operation, odd) for odd in ((400, "ThrottlingException"),
                                             (500, "InternalFailure"), "deaf")
                for operation in CHANGES]
        for some in jobs[:9], jobs[9:]:
            harness.together(lambda job: self.once(*job), some)


class Killed(Live):
    def once(self, kind, count, taken_up):
        """Killed once so many records of a kind are there."""
        server, place = self.behind()
        process = place.start("run", "step_canary", *POLICIES["step_canary"], "-p",
                              "target=" + TARGET, "--seed", "7")
        support.wait_until("record %d of kind %s" % (count, kind), lambda: harness.has_record(
            place, kind, count) or process.poll() is not None)
        process.kill()
        told = process.communicate()
        self.assertEqual(-9, process.returncode, told)
        if taken_up:
            self.check(0, place.run("recover", "last"))
            self.clean(server, "shop:41")
            return
        with server.lock:
            server.now += 3600
            server.advance()
            server.now += 60
            self.assertEqual("shop:41", server.running())

    def test_taken_up_and_not(self):
        """Where nobody is left to do it, an alarm has CodeDeploy take the canary back."""
        harness.together(lambda job: self.once(*job), [
            *(("result", count, True) for count in (6, 8, 12, 18)),
            *(("result", count, False) for count in (8, 12, 20)), ("tick", 1, False)])


if __name__ == "__main__":
    harness.main()
