#!/usr/bin/env python3
"""A run that waits for a person, or for a time: who may approve, a rejection, nobody's answer, what
is watched and told meanwhile, what becomes of a run that is killed while it waits; windows that are
open, closed, or of no zone."""

import datetime
import json
import signal

import harness

POLICY = """local rollout = require "rollout"
return rollout.policy {
    summary = "Half of the traffic, and all of it once somebody says so.",
    params = { target = rollout.target(), within = rollout.duration "1h",
        from = rollout.text "ann" },
    run = function(p)
        p.target:shift(50)
        p.target:watch { during = "2s", every = "1s" }
        rollout.approval { within = p.within, from = p.from, message = "all of the traffic" }
        p.target:shift(100)
    end,
}
"""


OFFICE = """local rollout = require "rollout"
return rollout.policy {
    summary = "Half of the traffic, and all of it while somebody is there.",
    params = { target = rollout.target(), office = rollout.window() },
    run = function(p)
        p.target:shift(50)
        p.target:watch { during = "2s", every = "1s" }
        p.office:wait { within = "1s" }
        p.target:shift(100)
    end,
}
"""


class Window(harness.LiveTest):
    def run_in(self, office, verb="run"):
        target, place = self.account.alias(), self.place()
        before = target.state()
        place.write("office.lua", OFFICE)
        result = place.run(verb, "office.lua", "-p", "target=" + target.text, "-p",
                           "office=" + office)
        return result, before == target.state(), place

    def test_open(self):
        result, same, place = self.run_in("always")
        self.check(0, result)
        self.assertFalse(same)
        self.check(0, place.run("replay", place.journal()))

    def test_closed(self):
        """It would open in some days: that is known at once, and the run does not wait for it."""
        today = datetime.datetime.now(datetime.timezone.utc)
        dates = "+".join((today + datetime.timedelta(day)).strftime("%Y-%m-%d")
                         for day in range(-1, 3))
        result, same, place = self.run_in("zone=America/New_York,except=" + dates)
        self.check(10, result)
        self.assertTrue(same)
        self.assertRegex(" ".join(result.out.split()),
                         r"window closed until .* rollback policy: the window opens in \S+, and "
                         r"not within 1s")
        self.check(0, place.run("replay", place.journal()))

    def test_of_no_zone(self):
        """Nothing was touched when that is told."""
        for verb in ("run", "plan"):
            result, same, _ = self.run_in("zone=Europe/Berln", verb)
            self.check(2, result)
            self.assertTrue(same)
            self.assertIn('parameter "office": there is no time zone "Europe/Berln" in',
                          " ".join((result.err + result.out).split()))


WAVES = """local rollout = require "rollout"
return rollout.policy {
    summary = "One after the other.",
    params = { target = rollout.target(), wait = rollout.duration "1s" },
    run = function(p)
        rollout.waves { targets = p.target, failures = 1, each = function(target)
            target:shift(50)
            target:shift(100)
        end, between = function() rollout.sleep(p.wait) end }
    end,
}
"""


class Waves(harness.LiveTest):
    def begin(self, *more):
        targets, place = [self.account.alias(), self.account.alias()], self.place()
        place.write("waves.lua", WAVES)
        given = [part for target in targets for part in ("-p", "target=" + target.text)]
        process = place.start("run", "waves.lua", *given, *more)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return targets, [target.state() for target in targets], place, process

    def test_promoted(self):
        targets, before, place, process = self.begin()
        result = harness.finish(process)
        self.check(0, result)
        self.assertRegex(result.out, r"(?s)wave 1 of 2: .*wave 2 of 2: ")
        for target, was in zip(targets, before):
            self.assertNotEqual(was, target.state())
        self.check(0, place.run("replay", place.journal()))

    def test_back_together(self):
        """The first has all of the traffic when the run is aborted: it goes back with the rest."""
        targets, before, place, process = self.begin("-p", "wait=1h")
        harness.support.wait_until("the wait", lambda: any(
            record["body"].get("request", {}).get("kind") == "sleep"
            for record in place.records() if record["kind"] == "effect"))
        self.assertNotEqual(before[0], targets[0].state())
        self.check(0, place.run("abort", "last"))
        self.check(11, harness.finish(process))
        self.assertEqual(before, [target.state() for target in targets])
        self.check(0, place.run("replay", place.journal()))


class Approval(harness.LiveTest):
    def waiting(self, target, *more):
        place = self.place()
        place.write("half.lua", POLICY)
        process = place.start("run", "half.lua", "-p", "target=" + target.text, *more)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        harness.support.wait_until("the approval", lambda: any(
            record["body"].get("request", {}).get("kind") == "approval"
            for record in place.records() if record["kind"] == "effect"))
        return place, process

    def watched_meanwhile(self, place):
        def looks():
            ids = [record["body"]["id"] for record in place.records()
                   if record["kind"] == "effect" and record["body"]["request"].get("beside")]
            return ids and any(record["kind"] == "tick" and record["body"]["id"] == ids[0]
                               for record in place.records())
        harness.support.wait_until("a look beside it", looks)

    def test_approved(self):
        target = self.account.alias()
        place, process = self.waiting(target)
        self.watched_meanwhile(place)
        half = target.state()
        self.assertIn("waiting for approval", place.run("status").out)
        told = " ".join(place.run("status", "last").out.split())
        self.assertIn("all of the traffic: waits for ann, up to 1h, then it is rolled back", told)
        self.assertRegex(told, r"`tidelock approve \S+` has it go on; with --reject it is rolled")
        status = json.loads(place.run("status", "last", "--format", "json").out)[0]
        self.assertEqual(["ann"], status["approvals"][0]["from"])
        refused = place.run("approve", "last", USER="bob")
        self.check(2, refused)
        self.assertRegex(refused.err, r"waits for ann, and this is bob on ")
        promoted = place.run("promote", "last", USER="bob")
        self.assertIn("waits for approval, which this is not", promoted.out)
        self.assertEqual(half, target.state())
        self.check(0, place.run("approve", "last", "--why", "it is quiet", USER="ann"))
        result = harness.finish(process)
        self.check(0, result)
        self.assertRegex(result.out, r"approved +by ann on [^\n]+:\s+it\s+is\s+quiet")
        self.assertNotEqual(half, target.state())
        self.check(0, place.run("replay", place.journal()))
        late = place.run("approve", "last", USER="ann")
        self.check(13, late)
        self.assertIn("has ended: promoted", late.err)

    def ended(self, status, stop, *more):
        target = self.account.rule()
        before = target.state()
        place, process = self.waiting(target, *more)
        stop(place, process)
        result = harness.finish(process)
        self.check(status, result)
        self.assertEqual(before, target.state(), result)
        self.check(0, place.run("replay", place.journal()))
        return result

    def test_rejected(self):
        def reject(place, _):
            self.check(0, place.run("approve", "--reject", "last", "--why", "a freeze", USER="ann"))
        result = self.ended(11, reject)
        self.assertRegex(" ".join(result.out.split()), r"rollback ann on .* rejected it: a freeze")

    def test_nobody_comes(self):
        result = self.ended(15, lambda *_: None, "-p", "within=3s")
        self.assertIn("nobody approved it within 3s", " ".join(result.out.split()))

    def test_aborted_and_terminated(self):
        self.ended(11, lambda place, _: self.check(0, place.run("abort", "last")))
        self.ended(143, lambda _, process: process.send_signal(signal.SIGTERM))

    def test_planned(self):
        target, place = self.account.alias(), self.place()
        before = target.state()
        place.write("half.lua", POLICY)
        plan = place.run("plan", "half.lua", "-p", "target=" + target.text)
        self.check(0, plan)
        told = " ".join(plan.out.split())
        self.assertIn("approval all of the traffic: waits for ann, up to 1h, then it is", told)
        self.assertIn("watch meanwhile, at 50 %, every 1s", told)
        self.assertIn("100 % [####################]", told)
        self.assertEqual(before, target.state())

    def test_killed(self):
        target = self.account.alias()
        before = target.state()
        place, process = self.waiting(target)
        process.kill()
        harness.finish(process)
        gone = place.run("approve", "last", USER="ann")
        self.check(13, gone)
        self.assertIn("`tidelock recover", gone.err)
        self.check(0, place.run("recover", "last"))
        self.assertEqual(before, target.state())
        self.check(0, place.run("replay", place.journal()))


if __name__ == "__main__":
    harness.main()
