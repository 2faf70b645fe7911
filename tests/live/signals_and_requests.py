#!/usr/bin/env python3
"""What a person asks of a run, and what the system does to it: signals; `abort`, `pause`, `resume`
and `promote` from another terminal; a second run, `rollback` of a promoted one, a metric provider
that is gone, a policy that is killed. How it ends, and what the account looks like then."""

import os
import signal
import subprocess

import harness

LONG = ["step_canary", "-p", "steps=50,100", "-p", "bake=1m", "-p", "every=1s"]
SHORT = ["step_canary", "-p", "steps=50,100", "-p", "bake=1s", "-p", "every=1s"]
SHIFTS = """local rollout = require "rollout"
return rollout.policy {
    summary = "Shifts twice, and waits for nothing.",
    params = { target = rollout.target(), fail = rollout.flag(false) },
    run = function(p)
        p.target:shift(50)
        p.target:shift(100)
        if p.fail then error("as it was told") end
    end,
}
"""
FORWARD = ["run", "begin", *["effect", "result"] * 3,  # a read, two changes
           "probe", "commit", "end"]
BRIEF = ["step_canary", "-p", "steps=50,100", "-p", "bake=3s", "-p", "every=1s"]

# How it ends what puts a run back that had ended, or was cut short.
BACK = r" rolled back after \w+: \S+ is as it was before$"


class SignalsAndRequests(harness.LiveTest):
    def under_way(self, place, target):
        """A run that has shifted traffic and watches it."""
        process = place.start("run", *LONG, "-p", "target=" + target.text)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        harness.wait_for_record(place, "tick")
        return process

    def stopped(self, make, status, stop):
        target = make()
        before, place = target.state(), self.place()
        process = self.under_way(place, target)
        self.assertNotEqual(before, target.state())
        stop(place, process)
        result = harness.finish(process)
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

    def signalled_at(self, place, at, number, *arguments):
        """It is sent a signal once its journal was made durable so often: by each record, or by
        those that a rollback writes at once."""
        return place.start(*arguments, preload=["kill_at"], KILL_AT=str(at),
                           KILL_WITH=str(int(number)),
                           KILL_COUNT=os.path.join(place.folder, "count"))

    def shifting(self):
        target, place = self.account.alias(), self.place()
        place.write("shifts.lua", SHIFTS)
        return target, place, ["run", "shifts.lua", "-p", "target=" + target.text]

    def terminated_at(self, at):
        target, place, command = self.shifting()
        before, record = target.state(), FORWARD[at - 1]
        result = harness.finish(self.signalled_at(place, at, signal.SIGTERM, *command))
        late = record in ("commit", "end")
        self.check(0 if late else 143, result)
        self.assertEqual(late, target.state() != before, (record, result))
        self.assertEqual(late, "SIGTERM came too late" in result.err, (record, result))
        self.assertEqual(not late, "what the run changed is put back" in result.err, result)
        self.check(0, place.run("replay", place.journal()))
        if record == "end":
            self.assertEqual(FORWARD, [one["kind"] for one in place.records()])

    def test_terminated_at_every_record(self):
        """Until the COMMIT is there it is rolled back, and from then on it is promoted."""
        harness.together(self.terminated_at, range(1, len(FORWARD) + 1))

    def signalled_at_its_end(self, status, *command):
        """Of a command for a promoted run; without one, of a run that fails. A first time without
        a signal tells how often its journal is made durable."""
        last = 0
        for when in (0, 1):
            target, place, run = self.shifting()
            before = target.state()
            if command:
                self.check(0, place.run(*run))
            result = harness.finish(self.signalled_at(place, last, signal.SIGINT,
                                                      *command or [*run, "-p", "fail=true"]))
            self.check(status, result)
            self.assertEqual(before, target.state())
            self.assertEqual(when == 1, "SIGINT came too late" in result.err, result)
            with open(os.path.join(place.folder, "count"), encoding="ascii") as file:
                last = int(file.read())

    def test_signalled_after_the_end(self):
        """Of a rollback, and of one that was asked for afterwards."""
        self.signalled_at_its_end(16)
        self.signalled_at_its_end(0, "rollback", "last")

    def test_aborted_in_the_last_step(self):
        target, place, command = self.shifting()
        before = target.state()
        process = self.signalled_at(place, FORWARD.index("commit"), signal.SIGSTOP, *command)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        harness.support.wait_until("its stop", lambda: harness.is_stopped(process))
        self.check(0, place.run("abort", "last"))
        process.send_signal(signal.SIGCONT)
        self.check(11, harness.finish(process))
        self.assertEqual(before, target.state())
        self.check(0, place.run("replay", place.journal()))

    def asked(self, place, request, applied=True):
        """The run has heard it."""
        def is_there():
            return any(record["kind"] == "request" and record["body"]["request"] == request and
                       record["body"]["applied"] == applied for record in place.records())
        harness.support.wait_until(request, is_there)

    def ticks_past(self, place, ms):
        """The first watch has looked for as long as this."""
        def is_past():
            records = place.records()
            began = next(record["at"] for record in records
                         if record["body"].get("request", {}).get("kind") == "watch")
            return any(record["kind"] == "tick" and record["at"] >= began + ms
                       for record in records)
        harness.support.wait_until("a look after %d ms" % ms, is_past)

    def test_paused_and_resumed(self):
        target, place = self.account.alias(), self.place()
        process = place.start("run", *BRIEF, "-p", "target=" + target.text)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        harness.wait_for_record(place, "tick")
        self.check(0, place.run("pause", "last"))
        self.asked(place, "pause")
        half = target.state()
        told = place.run("status", "last")
        self.assertRegex(" ".join(told.out.split()), r" paused by .+ on .+, since \d{4}-")
        self.assertIn("is paused already, by", place.run("pause", "last").out)
        self.asked(place, "pause", False)
        self.ticks_past(place, 4000)
        self.assertEqual(half, target.state())
        self.check(0, place.run("resume", "last"))
        self.asked(place, "resume")
        self.assertIn("is not paused", place.run("resume", "last").out)
        result = harness.finish(process)
        self.check(0, result)
        self.assertRegex(result.out, r"pause +paused by .+ on ")
        self.assertNotIn("pause", result.err)
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
        result = harness.finish(process)
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
                             lambda _, process: os.kill(harness.children_of(process)[0], 9))
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
            ["bash", "-c", command, "bash", harness.PROGRAM, "run", *LONG, "-p",
             "target=" + target.text], cwd=place.folder, env=place.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(shell.stdout.close)
        harness.wait_for_record(place, "tick")
        shell.kill()
        shell.wait()
        harness.support.wait_until("the end", lambda: harness.has_record(place, "end"))
        self.assertEqual(before, target.state())

    def test_second_run(self):
        target = self.account.rule()
        place = self.place()
        process = self.under_way(place, target)
        second = place.run("run", *SHORT, "-p", "target=" + target.text)
        self.check(13, second)
        self.assertRegex(second.err, r"run: alb_rule \S+ is locked by run (\S+) \(process .*\): "
                                     r"`tidelock status \1` .*, `tidelock abort \1` ")
        self.assertNotIn("tidelock: run ", second.err)
        self.check(0, place.run("abort", "last"))
        first = harness.finish(process)
        self.check(11, first)
        self.assertRegex(first.err, r"^tidelock: run \S+\n")
        third = place.run("run", *SHORT, "-p", "target=" + target.text, "--state", "other")
        self.check(0, third)
        self.assertRegex(third.err, r"^tidelock: run \S+ --state other\n")

    def test_second_run_by_another_name(self):
        """One alias is one, whether it is called by its function's name or its ARN."""
        target, place = self.account.alias(), self.place()
        process = self.under_way(place, target)
        alias = self.account.lambda_.get_alias(FunctionName=target.text.split(":")[1], Name="live")
        second = place.run("run", *SHORT, "-p", "target=lambda-alias:%s,canary=2,name=other" %
                           alias["AliasArn"])
        self.check(13, second)
        self.assertRegex(second.err, r"other \(lambda_alias arn:\S+:live\) is locked by run ")
        self.check(0, place.run("abort", "last"))
        self.check(11, harness.finish(process))

    def test_on_a_wreck(self):
        """What a dead run left is put back before another begins there, whatever came meanwhile."""
        target = self.account.alias()
        before, place = target.state(), self.place()
        process = self.under_way(place, target)
        dead = os.path.basename(place.journal())[:-len(".journal")]
        process.kill()
        harness.finish(process)
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
        for verb in ("recover", "rollback"):
            refused = place.run(verb, "last")
            self.check(13, refused)
            self.assertRegex(refused.err, r": run (\S+) has a process .*: `tidelock status \1` .*, "
                                          r"`tidelock abort \1` has it roll back\n$")
        process.send_signal(signal.SIGTERM)
        self.check(143, harness.finish(process))

    def test_rolled_back_afterwards(self):
        for make in (self.account.alias, self.account.rule, self.account.listener):
            target = make()
            before, place = target.state(), self.place()
            self.check(0, place.run("run", *SHORT, "-p", "target=" + target.text))
            self.assertNotEqual(before, target.state())
            result = place.run("rollback", "last", USER="ann")
            self.check(0, result)
            self.assertEqual(before, target.state())
            self.assertRegex(result.out, r"rollback +ann on [^\n]+ asked\s+for it\n")
            self.assertRegex(" ".join(result.out.split()), BACK)
            self.assertNotIn("watched", result.out)
            self.check(0, place.run("replay", place.journal()))
            self.assertIn("nothing to do", place.run("rollback", "last").out)

    def test_no_metrics(self):
        target = self.account.rule()
        before, place = target.state(), self.place("leaves")
        result = place.run("run", *LONG, "-p", "target=" + target.text)
        self.check(15, result)
        self.assertIn("cannot be read", result.err)
        self.assertRegex(result.out, r"errors, requests: not answered for \d periods\n")
        self.assertNotIn("no requests", result.out)
        self.assertEqual(before, target.state())

    def test_no_space_for_a_rollback(self):
        """It cannot be set aside: the run is refused."""
        target = self.account.rule()
        before, place = target.state(), self.place()
        command = "ulimit -f 24; exec \"$@\""
        done = subprocess.run(["bash", "-c", command, "bash", harness.PROGRAM, "run", *LONG, "-p",
                               "target=" + target.text], cwd=place.folder, env=place.environment,
                              capture_output=True, text=True, timeout=harness.PATIENCE, check=False)
        self.assertEqual(1, done.returncode, done)
        self.assertIn("setting space aside for the records of a rollback: File too large",
                      done.stderr)
        self.assertIn("nothing was touched", done.stderr)
        self.assertEqual(before, target.state())
        self.assertEqual([], place.journals())

    def test_full_disk(self):
        """It fills up in the middle of a run: what was set aside is enough for all of the way
        back."""
        target = self.account.rule()
        before, place = target.state(), self.place()
        full = os.path.join(place.folder, "full")
        process = place.start("run", *LONG, "-p", "target=" + target.text,
                              preload=["full_disk"], FULL_IF=full)
        harness.wait_for_record(place, "tick")
        self.assertNotEqual(before, target.state())
        place.write("full", "")
        result = harness.finish(process)
        self.check(1, result)
        self.assertIn("No space left on device", result.err)
        self.assertIn("all that can be undone is as it was before", " ".join(result.err.split()))
        self.assertEqual(before, target.state())
        self.assertEqual("end", place.records()[-1]["kind"])
        self.assertRegex(" ".join(place.run("show", place.journal()).out.split()),
                         "as it was before")


if __name__ == "__main__":
    harness.main()
