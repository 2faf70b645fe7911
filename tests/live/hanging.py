#!/usr/bin/env python3
"""When something hangs and a person has no time: a metric provider that takes a question and never
answers, a rollback that does not get on. The first signal puts everything back, and waits for no
metric; the second ends the process, and `recover` does the rest."""

import signal
import threading
import time

import harness
import proxy
from faults import Behind

LONG = ["step_canary", "-p", "steps=50,100", "-p", "bake=1m", "-p", "every=1s"]
SOON = 15  # seconds; a metric is waited for twice as long
POLICY = """local metrics = require "metrics"
local rollout = require "rollout"
return rollout.policy {
    summary = "Shifts, and looks at a metric itself.",
    params = { target = rollout.target() },
    run = function(p)
        p.target:shift(50)
        metrics.query { target = p.target, metric = "errors", arm = "canary", last = "10m" }
        p.target:shift(100)
    end,
}
"""
BRANCHES = """local metrics = require "metrics"
local rollout = require "rollout"
return rollout.policy {
    summary = "Shifts, and looks at a metric itself while it does something else.",
    params = { target = rollout.target() },
    run = function(p)
        p.target:shift(50)
        rollout.parallel {
            function()
                metrics.query { target = p.target, metric = "errors", arm = "canary", last = "10m" }
            end,
            function()
                rollout.notify("one")
                rollout.notify("two")
            end,
        }
    end,
}
"""


class Hanging(Behind):
    def begin(self, place, target, *policy):
        process = place.start("run", *policy, "-p", "target=" + target.text)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def ends_soon(self, process, status):
        began = time.monotonic()
        result = harness.finish(process)
        self.check(status, result)
        self.assertLess(time.monotonic() - began, SOON, result)
        return result

    def hang(self, target, act, status, policy=LONG):
        """A question is taken, and never answered."""
        before, source = target.state(), harness.Source()
        self.addCleanup(source.stop)
        self.addCleanup(source.gate.set)
        place = harness.Place(self.emulator.url, source.url + "/hangs")
        self.addCleanup(place.temporary.cleanup)
        place.write("branches.lua", BRANCHES)
        process = self.begin(place, target, *policy)
        self.assertTrue(source.taken.wait(harness.PATIENCE))
        self.assertNotEqual(before, target.state())
        act(place, process)
        self.ends_soon(process, status)
        self.assertEqual(before, target.state())
        self.check(0, place.run("replay", place.journal()))

    def test_hung_provider_interrupted(self):
        self.hang(self.account.alias(),
                  lambda _, process: process.send_signal(signal.SIGINT), 130)

    def test_hung_provider_aborted(self):
        self.hang(self.account.rule(), lambda place, _: self.check(0, place.run("abort", "last")),
                  11)

    def test_hung_query_in_a_branch(self):
        """Nothing of the other branch comes between the question and the end."""
        self.hang(self.account.alias(), lambda place, _: self.check(0, place.run("abort", "last")),
                  11, ["branches.lua"])

    def test_hung_beginning(self):
        """The targets are still looked at: it ends as it was asked to, and leaves nothing."""
        gate = threading.Event()
        self.addCleanup(gate.set)
        for status, act in ((143, lambda _, process: process.send_signal(signal.SIGTERM)),
                            (11, lambda place, _: self.check(0, place.run("abort", "last")))):
            between, place = self.behind(
                lambda seen: proxy.hold(gate) if seen.name != "GetCallerIdentity" else None)
            process = self.begin(place, self.account.alias(), *LONG)
            harness.support.wait_until("the first look",
                                       lambda one=between: one.count("GetAlias"))
            act(place, process)
            result = self.ends_soon(process, status)
            self.assertIn("asked for it before it had begun (nothing was touched)", result.err)
            self.assertEqual([], place.journals())

    def test_hung_question_who_this_is(self):
        """There is no run yet: a signal ends it, and leaves nothing."""
        gate = threading.Event()
        self.addCleanup(gate.set)
        between, place = self.behind(lambda seen: proxy.hold(gate))
        process = self.begin(place, self.account.alias(), *LONG)
        harness.support.wait_until("the question", lambda: between.count("GetCallerIdentity"))
        process.send_signal(signal.SIGTERM)
        result = self.ends_soon(process, 143)
        self.assertIn("a signal asked for the end; nothing was touched", result.err)
        self.assertEqual([], place.journals())

    def test_hung_query(self):
        """A question of the policy's own, to CloudWatch: the policy is given no answer."""
        target, gate = self.account.alias(), threading.Event()
        self.addCleanup(gate.set)
        between, place = self.behind(
            lambda seen: proxy.hold(gate) if seen.name == "GetMetricData" else None)
        place.write("tidelock.lua", "return { allow = { at_a_time = 1 } }")
        place.write("asks.lua", POLICY)
        before = target.state()
        process = self.begin(place, target, "asks.lua")
        harness.support.wait_until("the question", lambda: between.count("GetMetricData"))
        process.send_signal(signal.SIGTERM)
        self.ends_soon(process, 143)
        self.assertEqual(before, target.state())
        self.check(0, place.run("replay", place.journal()))

    def signalled(self, process, number, said):
        """It is told what happens now."""
        process.send_signal(number)
        line = process.stderr.readline()
        while line and "a second signal" not in line:
            line = process.stderr.readline()
        self.assertIn(said, line)

    def second_signal(self, process, number, status):
        """What comes within a second is the first one again."""
        harness.support.wait_until("its end", lambda: process.send_signal(number) or
                               process.poll() is not None)
        result = harness.finish(process)
        self.check(status, result)
        self.assertIn("`tidelock recover ", result.err)
        self.assertIn("not everything may be as it was before", result.err)

    def test_second_signal(self):
        """A rollback that hangs, left as it is; then its recovery, which hangs too."""
        target, gate = self.account.rule(), threading.Event()
        self.addCleanup(gate.set)
        between, place = self.behind(
            lambda seen: proxy.hold(gate) if seen.nth_change >= 2 else None)
        before = target.state()
        process = self.begin(place, target, *LONG)
        harness.wait_for_record(place, "tick")
        self.signalled(process, signal.SIGINT, "what the run changed is put back")
        harness.support.wait_until("the undo", lambda: between.changes() == 2)
        for verb in ("pause", "resume", "promote"):
            refused = place.run(verb, "last")
            self.check(13, refused)
            self.assertIn("is rolling back", refused.err)
        self.second_signal(process, signal.SIGINT, 130)
        self.assertIn("cut short", place.run("status", "last").out)
        process = place.start("recover", "last")
        harness.support.wait_until("the next undo", lambda: between.changes() == 3)
        self.signalled(process, signal.SIGTERM, "the rollback goes on")
        self.second_signal(process, signal.SIGTERM, 143)
        between.script = None
        self.check(0, place.run("recover", "last"))
        self.assertEqual(before, target.state())
        self.check(0, place.run("replay", place.journal()))


if __name__ == "__main__":
    harness.main()
