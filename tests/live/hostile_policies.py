#!/usr/bin/env python3
"""Policies that mean harm, live: each has shifted traffic, does its worst, and is rolled back with
exit status 16. What a policy may not do at all is refused before anything is touched."""

import os
from concurrent.futures import ThreadPoolExecutor

import emulators
import harness

POLICY = """local rollout = require "rollout"
return rollout.policy {
    summary = "Shifts, and then does its worst.",
    params = { target = rollout.target() },
    run = function(p)
        p.target:shift(50)
        %s
    end,
}
"""

# How it goes wrong, and what a person is told.
ATTACKS = {
    'error "on purpose"': "on purpose",
    "while true do end": "the work budget is spent",
    'local t = {} while true do t[#t + 1] = ("x"):rep(1 << 16) .. #t end': "memory",
    "local function f() return 1 + f() end f()": "recursion",
    'io.open("/etc/passwd")': "'io'",
    'os.getenv("AWS_SECRET_ACCESS_KEY")': "'os'",
    'require "socket"': "socket",
    'load("\\27Lua")()': "",
    'error(require("effect").perform { kind = "exec", command = "id" }.error.message)':
        'no effect of kind "exec"',
    'require("effect").perform { kind = "sleep", x = ("x"):rep(1 << 24) }': "",
    'require("aws").call("lambda.delete_function", { FunctionName = "pay" })': "delete_function",
    'require("aws").call("lambda.update_alias", { FunctionName = "x", Name = {} })': "Name",
    'p.target:shift(150)': "150",
}

# How its process's frames are garbled (garble.c), and what a person is told.
GARBLED = {
    "garbage": "gave no answer that can be taken",
    "unknown": "a frame of no known kind",
    "oversized": "sent more than an answer may hold",
    "truncated": "ended by itself",
    "closed": "ended by itself",
    "flood": "printed more than it may",
}


class HostilePolicies(harness.LiveTest):
    def one(self, attack):
        body, said = attack
        target = self.account.rule()
        before, place = target.state(), self.place()
        place.write("worst.lua", POLICY % body)
        result = place.run("run", "worst.lua", "-p", "target=" + target.text)
        self.assertEqual(before, target.state(), (body, result))
        self.assertEqual("end", place.records()[-1]["kind"], (body, result))
        if 16 != result.status:
            self.fail((body, result))
        self.assertIn(said, result.out + result.err, body)
        self.assertNotIn(emulators.KEYS["AWS_SECRET_ACCESS_KEY"] + "\n", result.out + result.err)

    def test_attacks(self):
        with ThreadPoolExecutor(6) as pool:
            failed = [done.exception()
                      for done in [pool.submit(self.one, attack) for attack in ATTACKS.items()]]
        self.assertEqual([], list(filter(None, failed)))

    def garbled(self, case):
        """From a frame on that comes after traffic was shifted."""
        manner, said = case
        target = self.account.rule()
        before, place = target.state(), self.place()
        place.hurry(10, 0)
        place.write("naps.lua", POLICY % 'for _ = 1, 9 do rollout.sleep "1s" end')
        result = place.run("run", "naps.lua", "-p", "target=" + target.text, preload=["garble"],
                           GARBLE=manner, GARBLE_AT="8")
        self.check(16, result)
        self.assertIn("the policy's process", " ".join((result.out + result.err).split()), manner)
        self.assertIn(said, " ".join((result.out + result.err).split()), manner)
        self.assertTrue(harness.has_record(place, "undone"), result)
        self.assertEqual(before, target.state(), (manner, result))
        self.check(0, place.run("replay", place.journal()))

    def test_garbled(self):
        harness.together(self.garbled, list(GARBLED.items()))

    def under_way(self, place, target):
        place.write("waits.lua", POLICY % 'rollout.sleep "5m"')
        process = place.start("run", "waits.lua", "-p", "target=" + target.text)
        harness.wait_for_record(place, "effect", 3)
        return process

    def test_its_process_is_killed(self):
        """It is noticed at once, while the policy sleeps."""
        target = self.account.rule()
        before, place = target.state(), self.place()
        process = self.under_way(place, target)
        children = harness.children_of(process)
        self.assertEqual(1, len(children))
        os.kill(children[0], 9)
        result = harness.finish(process)
        self.check(16, result)
        self.assertIn("killed by SIGKILL", result.out)
        self.assertEqual(before, target.state(), result)
        self.check(0, place.run("replay", place.journal()))

    def test_nothing_to_steal(self):
        """The policy's process has no credential, no socket and no file."""
        target = self.account.rule()
        place = self.place()
        process = self.under_way(place, target)
        child = harness.children_of(process)[0]
        with open("/proc/%d/environ" % child, "rb") as file:
            self.assertNotIn(b"AKIDEXAMPLE", file.read())
        folder = "/proc/%d/fd" % child
        opened = [os.readlink(os.path.join(folder, name)) for name in os.listdir(folder)]
        self.assertEqual([], [name for name in opened if "journal" in name or "inet" in name])
        self.check(0, place.run("abort", "last"))
        self.check(11, harness.finish(process))


if __name__ == "__main__":
    harness.main()
