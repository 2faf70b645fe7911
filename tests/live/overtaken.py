#!/usr/bin/env python3
"""A run is put back only while it is the last that changed its resources: what later runs released
stays, also where the resource shows again what the first one made. Who overtook it is told by their
journals, and by the locks where those are gone."""

import os
import re

import harness

SHIFT = """local rollout = require "rollout"
return rollout.policy {
    summary = "Shift all of it, or fail at half.",
    params = { target = rollout.target(), fail = rollout.flag(false) },
    run = function(p)
        p.target:shift(50)
        if p.fail then error("as it was told") end
        p.target:shift(100)
    end,
}
"""
LOCKED, USAGE, POLICY_FAILED = 13, 2, 16


class Runs(harness.LiveTest):
    def setUp(self):
        self.here = self.place()
        self.here.write("shift.lua", SHIFT)
        self.target = self.account.alias("over%d" % self.account.number())

    def release(self, version, *more, status=0):
        """The run's name."""
        text = re.sub(r"canary=\d+", "canary=%d" % version, self.target.text)
        known = set(self.here.journals())
        self.check(status, self.here.run("run", "shift.lua", "-p", "target=" + text, *more))
        made, = set(self.here.journals()) - known
        return os.path.basename(made)[:-len(".journal")]

    def path(self, run):
        return os.path.join(self.here.folder, ".tidelock", "runs", run + ".journal")

    def bytes(self, run):
        with open(self.path(run), "rb") as file:
            return file.read()

    def version(self):
        version, weights = self.target.state()
        self.assertEqual({}, weights)
        return version

    def refused(self, run, by, advice):
        before, stands = self.bytes(run), self.target.state()
        result = self.here.run("rollback", run)
        self.check(LOCKED, result)
        self.assertIn("run %s has changed" % by, result.err)
        self.assertIn(advice, result.err)
        self.assertEqual(stands, self.target.state())
        self.assertEqual(before, self.bytes(run))

    def put_back(self, run, version):
        self.check(0, self.here.run("rollback", run))
        self.assertEqual(version, self.version())

    def test_later_runs_stay(self):
        first, second, third = self.release(2), self.release(1), self.release(2)
        advice = "`tidelock rollback %s` first" % third
        self.refused(first, third, advice)
        self.refused(second, third, advice)
        self.assertIn("nothing to do", self.here.run("recover", first).out)
        self.refused(first, third, advice)
        fourth = self.release(1)  # nobody is in its way
        for run, version in ((fourth, "2"), (third, "1"), (second, "2"), (first, "1")):
            self.put_back(run, version)

    def test_what_was_put_back_overtakes_nobody(self):
        first = self.release(2)
        self.release(1, "-p", "fail=true", status=POLICY_FAILED)
        self.put_back(first, "1")

    def test_a_journal_is_gone(self):
        first, second = self.release(2), self.release(1)
        third = self.release(2)
        os.remove(self.path(third))
        for run in (first, second):
            self.refused(run, third, "its journal does not tell how")

    def test_one_target_by_two_names(self):
        stands = self.target.state()
        name = re.search(r"lambda-alias:([^:]+):", self.target.text).group(1)
        other = "function=arn:aws:lambda:eu-west-1:123456789012:function:%s,alias=live" % name
        twice = ["-p", "target=" + self.target.text,
                 "-p", "target=lambda-alias:%s,canary=2" % other]
        for verb in ("run", "plan"):
            result = self.here.run(verb, "shift.lua", *twice)
            self.check(USAGE, result)
            self.assertIn("%s:live is given twice" % name, result.err)
        self.assertEqual(stands, self.target.state())

    def test_nothing_is_shifted(self):
        self.here.write("none.lua", SHIFT.replace("p.target:shift", "local _ = "))
        result = self.here.run("run", "none.lua", "-p", "target=" + self.target.text)
        self.check(0, result)
        self.assertRegex(result.out, r"promoted after \w+, with \w+:live not shifted\n")


if __name__ == "__main__":
    harness.main()
