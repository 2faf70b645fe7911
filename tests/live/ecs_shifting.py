#!/usr/bin/env python3
"""Services whose traffic ECS shifts itself, on our own scripted ECS (ecs_server.py), which boto3
drives, too: each policy promoted and rolled back, and the same journal in a simulation; the way
back from each step; what ECS takes back by itself, and what others do meanwhile; calls that are
throttled or lost. The program's time is hurried (hurry.c): a deployment takes minutes of it."""

import json
import re
import signal
import unittest

import ecs_server
import emulators
import harness
import policies

TIMES = 20
WATCH = ["-p", "every=1m", "-p", "sees=0"]
POLICIES = {
    "step_canary": ["-p", "steps=25,50", "-p", "bake=2m", *WATCH],
    "linear": ["-p", "step=50", "-p", "bake=2m", *WATCH],
    "blue_green": ["-p", "keep=2m", *WATCH],
}
PAUSES = {"targetType": "PAUSE", "lifecycleStages": [ecs_server.PRE, ecs_server.POST],
          "timeoutConfiguration": {"timeoutInMinutes": 30, "action": "ROLLBACK"}}


def nameless(text):
    """Without what ECS names by itself, and without times of the day."""
    text = re.sub(r"service-deployment/([\w-]+)/([\w-]+)/\w+", r"service-deployment/\1/\2/ID", text)
    text = re.sub(r"hook-\w+-(\d+)", r"hook-\1", text)
    text = re.sub(r"targetgroup/[^\"]*|listener-rule/[^\"]*", "", text)
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "THEN", text)


class Shifting(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.source = harness.Source()
        cls.addClassCleanup(cls.source.stop)

    def server(self, strategy="LINEAR", **more):
        server = ecs_server.EcsServer(**more)
        self.addCleanup(server.stop)
        return server, server.add("web", strategy)

    def place(self, server, story="calm", times=TIMES, lateness="10s"):
        place = harness.Place(server.url, self.source.url + "/" + story, period="1m",
                              lateness=lateness)
        self.addCleanup(place.temporary.cleanup)
        place.hurry(times, 5000)
        return place

    def check(self, status, result):
        self.assertEqual(status, result.status, result)

    def assert_back(self, service, before, what):
        """Task definition, configuration, weights, and no task of the canary's."""
        self.assertEqual(before, state_of(service), what)


def target_of(strategy="linear", more=""):
    return "target=ecs-service:main/web,canary=web:2,strategy=%s%s" % (strategy.lower(), more)


def state_of(service):
    running = service.current.running if service.current else 0
    return [service.definition, service.weights(), running, json.dumps(service.config,
                                                                       sort_keys=True)]


class Boto3(Shifting):
    def test_drives_a_deployment(self):
        server, service = self.server()
        before, ecs = state_of(service), emulators.client("ecs", server.url)
        config = dict(service.config, strategy="LINEAR", lifecycleHooks=[PAUSES],
                      linearConfiguration={"stepPercent": 50.0, "stepBakeTimeInMinutes": 0})
        ecs.update_service(cluster="main", service="web", deploymentConfiguration=config)
        shown = ecs.update_service(cluster="main", service="web", taskDefinition="web:2")["service"]
        named = {"serviceDeploymentArn": shown["currentServiceDeployment"]}

        def deployment(later=0):
            server.ahead += later
            return ecs.describe_service_deployments(
                serviceDeploymentArns=[named["serviceDeploymentArn"]])["serviceDeployments"][0]
        first = deployment(ecs_server.START + 1)["lifecycleHookDetails"][0]
        self.assertEqual(["AWAITING_ACTION", "ROLLBACK"], [first["status"], first["timeoutAction"]])
        ecs.continue_service_deployment(hookId=first["hookId"], **named)
        with self.assertRaises(ecs.exceptions.InvalidParameterException):
            ecs.continue_service_deployment(hookId=first["hookId"], **named)
        with self.assertRaises(ecs.exceptions.InvalidParameterException):
            ecs.update_service(cluster="main", service="web", taskDefinition="web:3")
        shown = deployment(ecs_server.SHIFT + 1)
        self.assertEqual(50.0, shown["targetServiceRevision"]["requestedProductionTrafficWeight"])
        self.assertEqual([50.0, 50.0], service.weights())
        revisions = ecs.describe_service_revisions(serviceRevisionArns=[
            shown["targetServiceRevision"]["arn"]])["serviceRevisions"]
        resolved = revisions[0]["resolvedConfiguration"]["loadBalancers"]
        self.assertEqual([service.groups[1]], [one["targetGroupArn"] for one in resolved])
        rules = emulators.client("elbv2", server.url).describe_rules(
            RuleArns=[service.rule])["Rules"]
        self.assertEqual([50, 50], [group["Weight"] for group in rules[0]["Actions"][0][
            "ForwardConfig"]["TargetGroups"]])
        ecs.stop_service_deployment(stopType="ROLLBACK", **named)
        with self.assertRaises(ecs.exceptions.ConflictException):
            ecs.stop_service_deployment(**named)
        self.assertEqual("ROLLBACK_SUCCESSFUL", deployment(60)["status"])
        listed = ecs.list_service_deployments(cluster="main", service="web")["serviceDeployments"]
        self.assertEqual(["ROLLBACK_SUCCESSFUL"], [one["status"] for one in listed])
        self.assertEqual(before[:3], state_of(service)[:3])


def in_order(records):
    """Looks at several resources are answered in any order: each row of them by number."""
    rows = []
    for record in records:
        if record["kind"] == "probe" and rows and rows[-1][0]["kind"] == "probe":
            rows[-1].append(record)
        else:
            rows.append([record])
    return [record for row in rows for record in sorted(
        row, key=lambda record: record["body"].get("id", 0))]


class Policies(Shifting):
    def compare(self, what, live, pretended):
        policies.Policies.compare(self, what, in_order(live), in_order(pretended))

    simulate = policies.Policies.simulate

    text = target_of()[len("target="):]

    def looks(self, records):
        """How often the deployment was looked at, and what the judges were told, minute by minute:
        it is waited for in steps, and a busy machine takes longer ones."""
        began = records[0]["at"] - records[0]["at"] % 60000
        waits = sum(record["kind"] == "effect" and record["body"]["request"]["kind"] == "sleep"
                    for record in records)
        probes = sum(record["kind"] == "probe" for record in records)
        told = [record["body"]["periods"] for record in records if record["kind"] == "tick"]
        return waits, probes, told, [(began + at) // 60000 for at in policies.looks(records)]

    def once(self, job, times):
        name, story, status = job
        server, service = self.server()
        place, before = self.place(server, story, times, None), state_of(service)
        arguments = [name, *POLICIES[name], "--seed", "7"]
        result = place.run("run", *arguments, "-p", "target=" + self.text, "--record",
                           "metrics.ndjson")
        self.check(status, result)
        now = state_of(service)
        self.assertEqual(before[3], now[3], result)  # the configuration, promoted or not
        self.assertEqual(status == 10, before == now, result)
        self.check(0, place.run("replay", place.journal()))
        live, pretended = [
            [json.loads(nameless(json.dumps(record))) for record in records] for records in (
                place.records(), policies.Policies.simulate_after(
                    self, place, self, arguments, place.records()))]
        if self.looks(live)[:3] != self.looks(pretended)[:3]:
            return False
        self.compare((name, story), live, pretended)
        return True

    def one(self, job):
        if not any(self.once(job, times) for times in harness.ever_slower(TIMES)):
            self.fail("no run looked when its simulation did, however slow its clock was")

    def test_policies(self):
        harness.together(self.one, [(name, story, status) for name in POLICIES
                                    for story, status in (("calm", 0), ("harm", 10))])


def changes(place):
    return sum(record["kind"] == "result" and record["body"]["id"] in asked(place)
               for record in place.records())


def told(place):
    """Whether the story says until when ECS waits: the canary has its share."""
    return any(record["kind"] == "effect" and record["body"]["request"]["kind"] == "notify"
               for record in place.records())


def asked(place):
    return {record["body"]["id"] for record in place.records()
            if record["kind"] == "effect" and "undo" in record["body"]}


class Planned(Shifting):
    def test_plan_and_its_run(self):
        """It says until when ECS waits, touches nothing, and the run from it is what it says."""
        server, service = self.server()
        place, before = self.place(server), state_of(service)
        result = place.run("plan", "linear", *POLICIES["linear"], "-p", target_of(), "--output",
                           "plan.json", HURRY="1")
        self.check(0, result)
        said = " ".join(result.out.split())
        self.assertEqual(2, len(re.findall(
            r"ECS waits for up to 1h\d\dm, and takes the canary back by itself at 20", said)), said)
        self.assertIn("At the end: main/web: web:2 (the canary at 100 %).", said)
        self.assertEqual(before, state_of(service))
        self.assertFalse(any(name.startswith(("Update", "Continue", "Stop"))
                             for name in server.seen))
        self.check(0, place.run("run", "plan.json"))
        self.assertEqual("web:2", service.definition)
        result = place.run("run", "plan.json")
        self.check(2, result)
        self.assertIn("plan.json is stale", result.err)


class Undone(Shifting):
    def stop_after(self, count):
        """A signal once so many changes were made."""
        server, service = self.server("CANARY")
        place, before = self.place(server), state_of(service)
        process = place.start("run", "linear", *POLICIES["linear"], "-p", target_of("canary"))
        harness.support.wait_until("change %d" % count, lambda: changes(place) >= count)
        process.send_signal(signal.SIGTERM)
        self.check(143, harness.finish(process))
        self.assert_back(service, before, count)
        self.check(0, place.run("replay", place.journal()))

    def test_from_every_step(self):
        harness.together(self.stop_after, range(1, 5))

    def kill_after(self, count):
        """Killed, and taken up by another process."""
        server, service = self.server("BLUE_GREEN")
        place, before = self.place(server), state_of(service)
        process = place.start("run", "linear", *POLICIES["linear"], "-p", target_of("blue_green"))
        harness.support.wait_until("change %d" % count, lambda: changes(place) >= count)
        process.kill()
        harness.finish(process)
        result = place.run("recover", "last")
        self.check(0, result)
        self.assert_back(service, before, result)

    def test_killed_at_every_step(self):
        harness.together(self.kill_after, range(1, 5))

    def test_after_the_commit(self):
        server, service = self.server()
        place, before = self.place(server), state_of(service)
        self.check(0, place.run("run", "blue_green", *POLICIES["blue_green"], "-p", target_of()))
        self.assertNotEqual(before, state_of(service))
        result = place.run("rollback", "last")
        self.check(0, result)
        self.assert_back(service, before, result)


class Others(Shifting):
    def meanwhile(self, act, status, words, more=""):
        """`act` happens when the canary has some of the traffic."""
        server, service = self.server()
        place, before = self.place(server), state_of(service)
        process = place.start("run", "linear", *POLICIES["linear"], "-p", target_of(more=more))
        harness.support.wait_until("the first step", lambda: told(place))
        with server.lock:
            act(server, service)
        result = harness.finish(process)
        self.check(status, result)
        self.assertIn(words, " ".join((result.out + result.err).split()))
        self.assert_back(service, before, result)
        return server

    def test_an_alarm(self):
        def alarm(server, service):
            service.current.triggered = ["errors"]
            service.current.go_back(server.now, "An alarm is in the state ALARM.")
        server = self.meanwhile(alarm, 10, "is taken back by ECS itself")
        self.assertNotIn("StopServiceDeployment", server.seen)
        self.assertEqual(1, server.seen.count("ContinueServiceDeployment"))

    def test_a_person(self):
        self.meanwhile(lambda server, service: server.StopServiceDeployment(
            {"serviceDeploymentArn": service.current.arn}), 10, "A rollback was requested.")

    def test_a_timeout(self):
        def over(server, service):
            service.current.due = server.now
        self.meanwhile(over, 10, "A lifecycle hook timed out.")

    def test_a_deployment_that_never_settles(self):
        server, service = self.server()
        service.settles = False
        place, before = self.place(server), state_of(service)
        result = place.run("run", "linear", *POLICIES["linear"], "-p", target_of(more=",within=2m"))
        self.check(10, result)
        self.assertIn("is not there after 2m: 0 of 4 tasks run", " ".join(result.out.split()))
        self.assert_back(service, before, result)
        self.assertEqual(1, server.seen.count("StopServiceDeployment"))


class Faults(Shifting):
    policy = ["blue_green", "-p", "keep=1m", *WATCH]

    def count(self):
        server, _ = self.server()
        self.check(0, self.place(server).run("run", *self.policy, "-p", target_of()))
        return server.seen

    def faulty(self, job):
        number, kind = job
        server, service = self.server(before=lambda _, count: kind if count == number else None)
        place, before = self.place(server), state_of(service)
        result = place.run("run", *self.policy, "-p", target_of())
        if result.status != 0:
            self.assertIn(result.status, (10, 15, 16), (job, result))
            self.assert_back(service, before, (job, result))
        self.assertEqual(before[3], state_of(service)[3], (job, result))

    def test_each_change_and_some_reads(self):
        seen = self.count()
        numbers = [number for number, name in enumerate(seen, 1)
                   if name in ("UpdateService", "ContinueServiceDeployment") or number % 9 == 0]
        jobs = [(number, kind) for number in numbers for kind in ("throttle", "lost", "unsent")]
        for first in range(0, len(jobs), 6):
            harness.together(self.faulty, jobs[first:first + 6])


if __name__ == "__main__":
    harness.main()
