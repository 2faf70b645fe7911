#!/usr/bin/env python3
"""A person's hand on a run, and the system's: signals, `abort`, `pause`, `resume`, `promote` from
another terminal, a second run, `rollback` of a promoted one, a metric provider that is gone, a
policy that is killed. How it ends, and what the account looks like then."""

import os
import signal
import subprocess

import rig

LONG = ["step_canary", "-p", "steps=50,100", "-p", "bake=1m", "-p", "every=1s"]
SHORT = ["step_canary", "-p", "steps=50,100", "-p", "bake=1s", "-p", "every=1s"]
BRIEF = ["step_canary", "-p", "steps=50,100", "-p", "bake=3s", "-p", "every=1s"]


class Hands(rig.LiveTest):
    def under_way(self, place, target):
        """A run that has shifted traffic and watches it."""
        process = place.start("run", *LONG, "-p", "target=" + target.text)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        rig.wait_for_record(place, "tick")
        return process

    def stopped(self, make, status, stop):
        target = make()
        before, place = target.state(), self.place()
        process = self.under_way(place, target)
        self.assertNotEqual(before, target.state())
        stop(place, process)
        result = rig.finish(process)
        self.check(status, result)
        self.assertEqual(before, target.state(), result)
        return place

    def test_interrupted(self):
        place = self.stopped(self.account.rule, 130,
                             lambda _, process: process.send_signal(signal.SIGINT))
        self.assertIn("interrupted", place.run("status", "last").out)

    def test_terminated(self):
        self.stopped(self.account.alias, 143,
                     lambda _, process: process.send_signal(signal.SIGTERM))

    def test_aborted(self):
        def stop(place, _):
            self.check(0, place.run("abort", "last"))
        place = self.stopped(self.account.listener, 11, stop)
        self.check(0, place.run("replay", place.journal()))

    def asked(self, place, request, applied=True):
        """The run has heard it."""
        def is_there():
            return any(record["kind"] == "request" and record["body"]["request"] == request and
                       record["body"]["applied"] == applied for record in place.records())
        rig.support.wait_until(request, is_there)

    def ticks_past(self, place, ms):
        """The first watch has looked for as long as this."""
        def is_past():
            records = place.records()
            began = next(record["at"] for record in records
                         if record["body"].get("request", {}).get("kind") == "watch")
            return any(record["kind"] == "tick" and record["at"] >= began + ms
                       for record in records)
        rig.support.wait_until("a look after %d ms" % ms, is_past)

    def test_paused_and_resumed(self):
        target, place = self.account.alias(), self.place()
        process = place.start("run", *BRIEF, "-p", "target=" + target.text)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        rig.wait_for_record(place, "tick")
        self.check(0, place.run("pause", "last"))
        self.asked(place, "pause")
        half = target.state()
        told = place.run("status", "last")
        self.assertRegex(told.out, r" paused +by .+ on .+, since \d{4}-")
        self.assertIn("is paused already, by", place.run("pause", "last").out)
        self.asked(place, "pause", False)
        self.ticks_past(place, 4000)
        self.assertEqual(half, target.state())
        self.check(0, place.run("resume", "last"))
        self.asked(place, "resume")
        self.assertIn("is not paused", place.run("resume", "last").out)
        result = rig.finish(process)
        self.check(0, result)
        self.assertRegex(result.out, r"pause +paused by .+ on ")
        self.assertNotEqual(half, target.state())
        self.check(0, place.run("replay", place.journal()))

    def test_promoted_by_hand(self):
        """Two watches of a minute each, and nobody waits for them."""
        target, place = self.account.listener(), self.place()
        process = self.under_way(place, target)
        self.check(0, place.run("promote", "last"))
        self.asked(place, "promote")
        self.check(0, place.run("pause", "last"))
        self.asked(place, "pause")
        self.check(0, place.run("promote", "--full", "last"))
        result = rig.finish(process)
        self.check(0, result)
        self.assertLess(place.records()[-1]["at"] - place.records()[0]["at"], 50000)
        self.check(0, place.run("replay", place.journal()))
        for verb in ("pause", "resume", "promote", "abort"):
            late = place.run(verb, "last")
            self.check(13, late)
            self.assertIn("has ended: promoted", late.err)

    def test_paused_and_aborted(self):
        def stop(place, _):
            self.check(0, place.run("pause", "last"))
            self.asked(place, "pause")
            self.check(0, place.run("abort", "last"))
        place = self.stopped(self.account.rule, 11, stop)
        self.assertIn(" asked for it", place.run("status", "last").out)
        self.check(0, place.run("replay", place.journal()))

    def test_policy_is_killed(self):
        """Its process is gone while the run watches: that is noticed at once."""
        place = self.stopped(self.account.alias, 16,
                             lambda _, process: os.kill(rig.children_of(process)[0], 9))
        records = place.records()
        self.assertEqual(["crash"], [record["body"]["cause"] for record in records
                                     if record["kind"] == "rollback"])
        self.assertLess(records[-1]["at"] - records[0]["at"], 50000)
        self.check(0, place.run("replay", place.journal()))

    def test_its_shell_dies(self):
        """In a CI job the run ends with the process that started it."""
        target = self.account.alias()
        before, place = target.state(), self.place(CI="true")
        command = '"$@" & echo $!; wait'
        shell = subprocess.Popen(
            ["bash", "-c", command, "bash", rig.PROGRAM, "run", *LONG, "-p",
             "target=" + target.text], cwd=place.folder, env=place.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(shell.stdout.close)
        rig.wait_for_record(place, "tick")
        shell.kill()
        shell.wait()
        rig.support.wait_until("the end", lambda: rig.has_record(place, "end"))
        self.assertEqual(before, target.state())

    def test_second_run(self):
        target = self.account.rule()
        place = self.place()
        process = self.under_way(place, target)
        second = place.run("run", *SHORT, "-p", "target=" + target.text)
        self.check(13, second)
        self.assertIn("is locked by run", second.err)
        self.check(0, place.run("abort", "last"))
        self.check(11, rig.finish(process))
        self.check(0, place.run("run", *SHORT, "-p", "target=" + target.text))

    def test_on_a_wreck(self):
        """What a dead run left is put back before another begins there, whatever came meanwhile."""
        target = self.account.alias()
        before, place = target.state(), self.place()
        process = self.under_way(place, target)
        dead = os.path.basename(place.journal())[:-len(".journal")]
        process.kill()
        rig.finish(process)
        self.check(0, place.run("run", *SHORT, "-p", "target=" + self.account.alias().text))
        for _ in range(2):
            refused = place.run("run", *SHORT, "-p", "target=" + target.text)
            self.check(13, refused)
            self.assertIn("`tidelock recover %s` first" % dead, refused.err)
        self.check(0, place.run("recover", "last"))
        self.assertEqual(before, target.state())
        self.check(0, place.run("run", *SHORT, "-p", "target=" + target.text))

    def test_recovered_while_it_runs(self):
        place = self.place()
        process = self.under_way(place, self.account.alias())
        self.check(13, place.run("recover", "last"))
        process.send_signal(signal.SIGTERM)
        self.check(143, rig.finish(process))

    def test_rolled_back_afterwards(self):
        for make in (self.account.alias, self.account.rule, self.account.listener):
            target = make()
            before, place = target.state(), self.place()
            self.check(0, place.run("run", *SHORT, "-p", "target=" + target.text))
            self.assertNotEqual(before, target.state())
            self.check(0, place.run("rollback", "last"))
            self.assertEqual(before, target.state())
            self.check(0, place.run("replay", place.journal()))

    def test_no_metrics(self):
        target = self.account.rule()
        before, place = target.state(), self.place("gone")
        result = place.run("run", *LONG, "-p", "target=" + target.text)
        self.check(15, result)
        self.assertIn("cannot be read", result.err)
        self.assertEqual(before, target.state())

    def test_full_disk(self):
        """The journal cannot grow: what was begun is told, and `recover` ends it."""
        target = self.account.rule()
        before, place = target.state(), self.place()
        command = "ulimit -f 24; exec \"$@\""
        done = subprocess.run(["bash", "-c", command, "bash", rig.PROGRAM, "run", *LONG, "-p",
                               "target=" + target.text], cwd=place.folder, env=place.environment,
                              capture_output=True, text=True, timeout=rig.PATIENCE, check=False)
        self.assertIn(done.returncode, (1, 14), done)
        self.assertTrue(os.path.getsize(place.journal()) <= 24 * 1024)
        self.check(0, place.run("recover", "last"))
        self.assertEqual(before, target.state())


if __name__ == "__main__":
    rig.main()
