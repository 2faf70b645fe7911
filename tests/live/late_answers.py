#!/usr/bin/env python3
"""Time between the program and AWS, bent by our own scripted proxy in front of moto: a clock that
is an hour off, and an answer that does not come until everything has moved on."""

import threading
import time

import faults
import harness
import proxy


class LateAnswers(faults.Behind):
    def test_wrong_clock(self):
        """The service's clock is an hour ahead: the program finds out, and signs by it."""
        ahead = 3600

        def script(seen):
            signed = time.strptime(seen.headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
            hence = time.time() + ahead
            near = abs(time.mktime(signed) - time.timezone - hence) < 300
            return None if near else proxy.dated(hence)
        target = self.account.rule()
        between, place = self.behind(script)
        self.check(0, self.carry_out(place, target))
        self.assertEqual(2, between.changes())
        # Who it is, a run asks first: that request is refused, and no later one.
        self.assertEqual(2, between.count("GetCallerIdentity"))
        # As it begins, before each of two changes, and before the COMMIT.
        self.assertEqual(4, between.count("DescribeRules"))

    def test_an_answer_that_never_comes(self):
        """The change is held back, given up, looked for, and lands after the rollback began: the
        settling window sees it, and it is put back."""
        gate = threading.Event()
        target = self.account.alias()
        before = target.state()
        between, place = self.behind(faults.at_change(1, proxy.hold(gate)))
        place.hurry(5, 5000)  # an answer is waited for 30 s of it
        process = place.start("run", "step_canary", "-p", "target=" + target.text, "-p",
                              "steps=50,100", "-p", "bake=1s", "-p", "every=1s")
        harness.support.wait_until("the rollback", lambda: harness.has_record(place, "probe"), 60)
        gate.set()
        result = harness.finish(process)
        self.check(faults.BROKEN, result)
        self.assertEqual(before, target.state(), result)
        self.assertEqual(2, between.changes())

    def test_it_lands_minutes_later(self):
        """Long after the resource was seen as it was before, and within what AWS takes."""
        gate = threading.Event()
        target = self.account.alias()
        before = target.state()
        between, place = self.behind(faults.at_change(1, proxy.hold(gate)), lateness=None)
        place.hurry(10, 0)
        process = place.start("run", "step_canary", "-p", "target=" + target.text, "-p",
                              "steps=50,100", "-p", "bake=1s", "-p", "every=1s")
        harness.wait_for_record(place, "probe", 5)  # the settling window was over after the second
        gate.set()
        result = harness.finish(process)
        self.check(faults.BROKEN, result)
        self.assertEqual(before, target.state(), result)
        self.assertEqual(2, between.changes())
        self.check(0, place.run("replay", place.journal()))


if __name__ == "__main__":
    harness.main()
