#!/usr/bin/env python3
"""Taking back what somebody else deploys to a service whose traffic ECS shifts, on our own scripted
ECS (ecs_server.py): the script that is often used for it, line by line, and ours, on the same five
situations; answers that are throttled or lost; a run that is killed in the middle of it."""

import time
import unittest

import boto3
import ecs_server
import emulators
import harness

TIMES = 10
TARGET = ["-p", "target=ecs-service:main/web"]


class TakeBack(unittest.TestCase):
    maxDiff = None

    def situation(self, name, before=lambda name, count: None):
        """41 runs, and somebody else has deployed 42 so long ago (N-1 broken: 39 ran before)."""
        server = ecs_server.EcsServer(before=before)
        self.addCleanup(server.stop)
        place = harness.Place(server.url, config=" ")
        self.addCleanup(place.temporary.cleanup)
        place.hurry(TIMES, 5000)
        service, now = server.add("web", "LINEAR", 41), int(time.time()) // 60 * 60
        service.drain = 300 if name == "while the old tasks go" else ecs_server.DRAIN
        ago = {"canary": 90, "after the shift": 290, "while the old tasks go": 345}.get(name, 3000)
        numbers = [39, 42] if name == "N-1 broken" else [42]
        for number, then in zip(numbers, [now - ago - 3000, now - ago][-len(numbers):]):
            if service.current:
                service.current.advance(then)
            server.now = then
            server.begin_deployment(service, "web:%d" % number)
        service.current.advance(now)
        server.now = now
        return server, service, place

    def script(self, server, service):
        """Line by line what canary-rollback.sh does, and what becomes of it."""
        deploy, ecs = (boto3.client(name, endpoint_url=server.url, region_name=emulators.REGION,
                                    aws_access_key_id="a", aws_secret_access_key="s")
                       for name in ("codedeploy", "ecs"))
        errors = []
        try:
            deploy.stop_deployment(deploymentId=service.deployments[-1].arn.split("/")[-1],
                                   autoRollbackEnabled=True)
        except deploy.exceptions.ClientError as problem:
            errors.append(problem.response["Error"]["Code"])
        arn = ecs.describe_services(cluster="main", services=["web"])["services"][0][
            "taskDefinition"]
        fields = arn.split(":") + [""] * 8
        wanted = "%s:%d" % (fields[6], int(fields[7] or 0) - 1)
        try:
            ecs.update_service(cluster="main", service="web", taskDefinition=wanted)
        except ecs.exceptions.ClientError as problem:
            errors.append(problem.response["Error"]["Code"])
        server.ahead += 3600
        ecs.describe_services(cluster="main", services=["web"])
        return wanted, errors, service.definition

    def check(self, status, result):
        self.assertEqual(status, result.status, result)

    def assert_back(self, service, definition, result):
        """It runs that alone, with all of the traffic."""
        self.assertEqual((definition, None), (service.definition, service.current), result)
        self.assertEqual(100.0, service.weights()[service.runs["side"]], result)
        self.assertEqual(definition, service.runs["definition"], result)

    def one(self, name, ours, told):
        server, service, _ = self.situation(name)
        wanted, errors, running = self.script(server, service)
        self.assertEqual(("42:-1", ["DeploymentDoesNotExistException", "ClientException"],
                          "web:42"), (wanted, errors, running), name)
        server, service, place = self.situation(name)
        planned = place.run("plan", "take_back", *TARGET, HURRY="1")
        self.check(0, planned)
        self.assertEqual([], [one for one in server.seen if not one.startswith(
            ("Get", "Describe", "List"))])
        result = place.run("run", "take_back", *TARGET)
        self.check(0, result)
        self.assert_back(service, ours, (name, result))
        self.assertIn(told, " ".join(result.out.split()))
        self.check(0, place.run("replay", place.journal()))
        again = place.run("run", "take_back", *TARGET)
        self.check(0, again)
        self.assertIn("there is nothing to take back", again.out)
        self.assert_back(service, ours, (name, again))

    def test_five_situations(self):
        stopped, anew = "was stopped and rolled back", "it was deployed anew"
        harness.together(lambda job: self.one(*job), [
            ("canary", "web:41", stopped), ("after the shift", "web:41", stopped),
            ("while the old tasks go", "web:41", stopped), ("nothing under way", "web:41", anew),
            ("N-1 broken", "web:39", anew)])

    def faulty(self, job):
        """Once, of the change itself."""
        situation, operation, fault = job
        left = [fault]
        server, service, place = self.situation(
            situation, lambda name, _: left.pop() if name == operation and left else None)
        result = place.run("run", "take_back", *TARGET)
        self.assertEqual([], left)
        if fault == "unsent":  # nothing shows of it, and nobody sends it blindly again
            self.check(16, result)
            result = place.run("run", "take_back", *TARGET)
        self.check(0, result)
        self.assert_back(service, "web:41", (job, result))

    def test_answers(self):
        harness.together(self.faulty, [
            (situation, operation, fault) for situation, operation in (
                ("canary", "StopServiceDeployment"), ("nothing under way", "UpdateService"))
            for fault in ("throttle", "lost", "unsent")])

    def test_killed_once_it_is_stopped(self):
        """The stop stays, and nobody puts the new version back."""
        server, service, place = self.situation("canary")
        process = place.start("run", "take_back", *TARGET)
        harness.support.wait_until("the stop", lambda: "StopServiceDeployment" in server.seen)
        process.kill()
        harness.finish(process)
        self.check(0, place.run("recover", "last"))
        result = place.run("run", "take_back", *TARGET)
        self.check(0, result)
        self.assert_back(service, "web:41", result)
        self.assertEqual(1, server.seen.count("StopServiceDeployment"))


if __name__ == "__main__":
    harness.main()
