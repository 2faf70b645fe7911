#!/usr/bin/env python3
"""A service of ECS on MiniStack, whose deployments are over at once: SIGKILL at each record. And
with our own scripted proxy in front of it, so that they take their time (slow_deployments.py): each
policy that a service can carry, promoted and rolled back, and the same journal in a simulation; the
circuit breaker. The program's time is hurried (hurry.c): a deployment takes a minute and a half of
it."""

import json

import emulators
import harness
import killing
import policies
import proxy
import slow_deployments

WATCH = ["-p", "every=1m"]
POLICIES = {
    "step_canary": ["-p", "steps=100", "-p", "bake=2m", *WATCH],
    "blue_green": ["-p", "keep=3m", *WATCH],
    "flag_ramp": ["-p", "steps=100", "-p", "hold=2m", *WATCH],
}
TAKES = 90  # seconds, as the simulated account has it
TIMES = 20


class Behind(harness.LiveTest):
    emulate = staticmethod(emulators.ministack)

    def behind(self, story="calm", takes=TAKES, failing=(), times=TIMES):
        """A place whose time is hurried, and the proxy it talks to."""
        between = proxy.Proxy(self.emulator.url, slow_deployments.SlowDeployments(
            self.emulator.url, takes, failing))
        self.addCleanup(between.stop)
        place = self.place(story, endpoint=between.url, period="1m", lateness=None)
        place.hurry(times, 5000)
        return between, place


class Policies(Behind):
    compare = policies.Policies.compare
    simulate = policies.Policies.simulate
    simulate_after = policies.Policies.simulate_after
    policies = POLICIES

    def makers(self):
        return [self.account.service]

    def looks(self, records):
        """The minutes in which the judges began to watch, and looked, and what they were told; and
        how often a deployment was looked at, on the way and back, since it is over at an earlier
        look if the looks before came late."""
        began = records[0]["at"] - records[0]["at"] % 60000
        waits = sum(record["kind"] == "effect" and record["body"]["request"]["kind"] == "sleep"
                    for record in records)
        probes = sum(record["kind"] == "probe" for record in records)
        told = [record["body"]["periods"] for record in records if record["kind"] == "tick"]
        minutes = [(began + at) // 60000 for at in policies.looks(records)]
        return waits, probes, told, minutes

    def once(self, job, times):
        """False if the machine was too busy for the two journals to be compared."""
        make, name, story, status = job
        target, (_, place) = make(), self.behind(story, times=times)
        before, arguments = target.state(), [name, *self.policies[name], "--seed", "7"]
        result = place.run("run", *arguments, "-p", "target=" + target.text, "--record",
                           "metrics.ndjson")
        self.check(status, result)
        self.assertEqual(status != 0, before == target.state(), (name, result))
        self.check(0, place.run("replay", place.journal()))
        live = place.records()
        pretended = self.simulate_after(place, target, arguments, live)
        if [self.looks(live), live[0]["at"] // 60000] != [
                self.looks(pretended), pretended[0]["at"] // 60000]:
            return False
        self.compare((name, story), live, pretended)
        return True

    def one(self, job):
        if not any(self.once(job, times) for times in harness.ever_slower(TIMES)):
            self.fail("no run looked when its simulation did, however slow its clock was")

    def test_policies(self):
        harness.together(self.one, [
            (make, name, story, status) for make in self.makers() for name in self.policies
            for story, status in (("calm", 0), ("harm", 10))])


class Undone(Behind):
    def rolled_back_afterwards(self):
        """(linear watches no 100 %, so that there are no metrics to simulate it over.)"""
        target, (between, place) = self.account.service(), self.behind()
        before = target.state()
        self.check(0, place.run("run", "linear", "-p", "step=100", "-p", "target=" + target.text))
        self.assertNotEqual(before, target.state())
        self.check(0, place.run("rollback", "last"))
        self.assertEqual(before, target.state())
        self.assertEqual(2, between.changes())
        at = {record["kind"]: record["at"] for record in place.records()}
        self.assertGreaterEqual(at["verified"] - at["undo"], TAKES * 1000 - 1000)
        self.check(0, place.run("replay", place.journal()))

    def carry_out(self, story, number):
        """With a revision (1: the old one, 2: the new one) whose tasks do not start."""
        target = self.account.service()
        family = target.text.split("=")[1].split(":")[0]
        between, place = self.behind(story, failing=["%s:%d" % (family, number)])
        before = target.state()
        result = place.run("run", "step_canary", *POLICIES["step_canary"], "-p",
                           "target=" + target.text)
        return between, place, before == target.state(), result

    def breaker_is_faster(self):
        """It has put the service back: nothing is sent."""
        between, _, restored, result = self.carry_out("calm", 2)
        self.check(10, result)
        self.assertIn("was sent back to", result.out + result.err)
        self.assertTrue(restored, result)
        self.assertEqual(1, between.changes())

    def breaker_takes_the_undo_back(self):
        """The old revision does not start any more: it is said, and the undo sent only once."""
        between, place, restored, result = self.carry_out("harm", 1)
        self.check(14, result)
        self.assertFalse(restored, result)
        self.assertEqual(2, between.changes())
        verified = [record["body"] for record in place.records() if record["kind"] == "verified"]
        self.assertEqual([False], [body["restored"] for body in verified])
        self.assertIn(verified[0]["why"], " ".join(result.out.split()))
        between.script.failing.clear()
        between.script.takes = 0
        self.check(0, place.run("recover", "last"))
        shown = place.run("show", place.journal(), "--format", "json")
        self.assertEqual(2, json.loads(shown.out)["summary"]["lives"])

    def test_side_by_side(self):
        harness.together(lambda story: story(), [
            self.rolled_back_afterwards, self.breaker_is_faster, self.breaker_takes_the_undo_back])


class Killed(killing.KillTest):
    emulate = staticmethod(emulators.ministack)
    story = "harm"
    points_max = 40

    def place_of(self):
        place = harness.Place(self.emulator.url, self.source.url + "/" + self.story, period="1m")
        place.hurry(10, 5000)  # a request is waited for 30 s of it
        return place

    def test_step_canary(self):
        self.try_all(self.account.service, "step_canary", *POLICIES["step_canary"])


if __name__ == "__main__":
    harness.main()
