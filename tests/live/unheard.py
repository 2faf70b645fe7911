#!/usr/bin/env python3
"""What is asked of a run while something is in the way: the file of what people ask is damaged,
gone or another one; the policy's process hangs; effects finish at once, one after another. It is
heard, or who asked is told what to do instead; and a run that nobody can reach ends by itself."""

import glob
import os
import signal
import subprocess
import threading
import time

import faults
import harness
import proxy

SOON = 8  # seconds; a hanging policy is waited for ten
LONG = ["step_canary", "-p", "steps=50,100", "-p", "bake=1m", "-p", "every=1s"]
BRIEF = ["step_canary", "-p", "steps=50,100", "-p", "bake=3s", "-p", "every=1s", "-p", "sees=0"]
QUICK = """local rollout = require "rollout"
return rollout.policy {
    summary = "Shifts, and then says what takes no time.",
    params = { target = rollout.target() },
    run = function(p)
        p.target:shift(50)
        for i = 1, 9900 do
            rollout.notify("again")
        end
    end,
}
"""


def control_of(place):
    return glob.glob(os.path.join(place.folder, ".tidelock", "runs", "*.control"))[0]


def remove(path):
    os.unlink(path)


def replace(path):
    os.unlink(path)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def make_folder(path):
    os.unlink(path)
    os.mkdir(path, 0o700)


def grow(path):
    with open(path, "ab") as file:
        file.truncate(200 << 20)


class Unheard(faults.Behind):
    def under_way(self, target, *policy, place=None):
        place = place or self.place()
        process = place.start("run", *(policy or LONG), "-p", "target=" + target.text)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return place, process

    def ends_soon(self, process, status):
        began = time.monotonic()
        result = harness.finish(process)
        self.check(status, result)
        self.assertLess(time.monotonic() - began, SOON, result)
        return result

    def test_nobody_can_reach_it(self):
        """Who asks is told, and the run sees it by itself."""
        for damage in (remove, replace, make_folder):
            target = self.account.alias()
            before = target.state()
            place, process = self.under_way(target)
            harness.wait_for_record(place, "tick")
            process.send_signal(signal.SIGSTOP)  # so that who asks comes first
            damage(control_of(place))
            asked = place.run("abort", "last")
            self.check(13, asked)
            self.assertRegex(" ".join(asked.err.split()), r"does not hear what is asked of it: .* "
                             r"so does `kill -TERM %d` on " % process.pid)
            process.send_signal(signal.SIGCONT)
            result = self.ends_soon(process, 1)
            self.assertEqual(before, target.state(), result)
            self.assertIn("while the run went on", result.err + result.out)

    def test_a_file_that_grew(self):
        target = self.account.alias()
        before = target.state()
        place, process = self.under_way(target)
        harness.wait_for_record(place, "tick")
        grow(control_of(place))
        self.check(0, place.run("abort", "last"))
        result = self.ends_soon(process, 11)
        self.assertEqual(before, target.state(), result)
        asked = next(one for one in place.records() if one["kind"] == "request")
        self.assertLess(asked["at"] - asked["body"]["at"], 2000)

    def hung(self, ask, status):
        """The policy's process stops before it is told the verdict."""
        target = self.account.alias()
        before = target.state()
        place, process = self.under_way(target, *BRIEF)
        harness.wait_for_record(place, "tick")
        os.kill(harness.children_of(process)[0], signal.SIGSTOP)

        def is_over():
            last = place.records()[-1]
            return last["kind"] == "result" and "verdict" in last["body"].get("value", {})
        harness.support.wait_until("the end of the watch", is_over)
        ask(place, process)
        result = self.ends_soon(process, status)
        self.assertEqual(before, target.state(), result)
        self.assertNotIn("stood still", result.out + result.err)
        self.check(0, place.run("replay", place.journal()))

    def test_the_policy_hangs(self):
        self.hung(lambda _, process: process.send_signal(signal.SIGINT), 130)
        self.hung(lambda place, _: self.check(0, place.run("abort", "last")), 11)

    def test_the_policy_hangs_for_good(self):
        """Nobody asks for anything: it is killed after its time, and nothing is said of a
        standstill of the run's own."""
        target = self.account.alias()
        before = target.state()
        place, process = self.under_way(target, *BRIEF)
        harness.wait_for_record(place, "tick")
        os.kill(harness.children_of(process)[0], signal.SIGSTOP)
        result = harness.finish(process)
        self.check(16, result)
        self.assertEqual(before, target.state(), result)
        self.assertIn("did not answer within 10s", " ".join(result.out.split()))
        self.assertNotIn("stood still", result.out + result.err)

    def test_in_the_background(self):
        """A shell without a terminal has it ignore SIGINT; it says what it hears."""
        target, place = self.account.alias(), self.place()
        before = target.state()
        shell = subprocess.Popen(
            ["bash", "-c", '"$@" & echo $!; wait $!', "bash", harness.PROGRAM, "run", *LONG, "-p",
             "target=" + target.text], cwd=place.folder, env=place.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        process = int(shell.stdout.readline())
        harness.wait_for_record(place, "tick")
        os.kill(process, signal.SIGINT)
        os.kill(process, signal.SIGTERM)
        _, told = shell.communicate(timeout=harness.PATIENCE)
        self.assertEqual(143, shell.returncode, told)
        self.assertRegex(told, r"ignore SIGINT: SIGTERM or `tidelock abort \S+` rolls it back")
        self.assertEqual(before, target.state())
        place = self.place()
        result = place.run("run", "step_canary", "-p", "steps=100", "-p", "bake=1s", "-p",
                           "every=1s", "-p", "sees=0", "-p", "target=" + target.text)
        self.assertNotIn("ignore SIGINT", result.err)

    def test_a_second_signal(self):
        """The first comes while effects finish at once, and the way back does not get on."""
        gate = threading.Event()
        self.addCleanup(gate.set)
        target = self.account.alias()
        before = target.state()
        between, place = self.behind(faults.at_change(2, proxy.hold(gate)))
        place.write("quick.lua", QUICK)
        _, process = self.under_way(target, "quick.lua", place=place)
        harness.wait_for_record(place, "effect", 20)
        process.send_signal(signal.SIGTERM)
        harness.wait_for_record(place, "undo")
        self.assertLess(sum(one["kind"] == "effect" for one in place.records()), 5000)
        first = time.monotonic()
        harness.support.wait_until("another second", lambda: time.monotonic() > first + 1.2)
        process.send_signal(signal.SIGTERM)
        result = self.ends_soon(process, 143)
        self.assertIn("ended by a second signal: not everything may be as it was before",
                      result.err)
        gate.set()
        self.check(0, place.run("recover", "last"))
        self.assertEqual(before, target.state())
        self.assertEqual(2, between.changes())


if __name__ == "__main__":
    harness.main()
