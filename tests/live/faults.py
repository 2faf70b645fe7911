#!/usr/bin/env python3
"""What may happen between the program and AWS, done to it by our own scripted proxy (proxy.py) in
front of moto: lost and cut answers, throttling, errors, a wrong clock, refusals. How a run ends,
what the account looks like then, how many requests were sent, and what a person is told."""

import signal
import time

import harness
import proxy

TIMES = 4  # as fast as the machine's is the time of a run that waits for AWS

READS = {"GetAlias", "DescribeRules", "DescribeListeners"}


def at_change(number, act):
    return lambda seen: act if seen.nth_change == number else None


def at_read(number, act):
    return lambda seen: act if seen.name in READS and seen.nth == number else None


def from_change(number, act):
    return lambda seen: act if seen.nth_change >= number else None


def but_who(act):
    """All but the question whose credentials these are, which a run asks first."""
    return lambda seen: act if seen.name != "GetCallerIdentity" else None


throttled = proxy.refuse(400, "ThrottlingException", "Rate exceeded")
failed = proxy.refuse(500, "InternalFailure", "We are sorry")
denied = proxy.refuse(403, "AccessDeniedException", "User: x is not authorized to perform: y")
expired = proxy.refuse(403, "ExpiredTokenException",
                       "The security token included in the request is expired")

PROMOTED, BROKEN, NOT_RESTORED = 0, 16, 14
REFUSED, UNKNOWN = 2, 1

# What happens; how the run ends; how many changes were sent (None: not looked at); what is said.
FAULTS = [
    ("nothing", lambda seen: None, PROMOTED, 2, "promoted"),
    ("a change is lost on its way", at_change(1, proxy.lose_request), BROKEN, 1,
     "was lost, and it"),
    ("the answer to a change is lost", at_change(1, proxy.lose_answer), PROMOTED, 2, "promoted"),
    ("the answer to the last change is lost", at_change(2, proxy.lose_answer), PROMOTED, 2,
     "promoted"),
    ("the answer to a change ends early", at_change(1, proxy.cut_answer), PROMOTED, 2, "promoted"),
    ("a change fails with 500", at_change(1, failed), BROKEN, 1, "was lost, and it"),
    ("a later change fails with 500", at_change(2, failed), BROKEN, 3, "as it was before"),
    ("a page of HTML for a change", at_change(1, proxy.page(502)), BROKEN, 1, "Bad Gateway"),
    ("a change is throttled once", at_change(1, throttled), PROMOTED, 3, "promoted"),
    ("a change is throttled always", from_change(1, throttled), BROKEN, 3, "ThrottlingException"),
    ("a read is lost", at_read(1, proxy.lose_request), PROMOTED, 2, "promoted"),
    ("the answer to a read is lost", at_read(2, proxy.lose_answer), PROMOTED, 2, "promoted"),
    ("the answer to a read ends early", at_read(1, proxy.cut_answer), PROMOTED, 2, "promoted"),
    ("a read fails with 500", at_read(1, failed), PROMOTED, 2, "promoted"),
    ("a page of HTML for a read", at_read(2, proxy.page(503)), PROMOTED, 2, "promoted"),
    ("a read is throttled", at_read(1, throttled), PROMOTED, 2, "promoted"),
    ("reads fail always", but_who(failed), UNKNOWN, 0, "We are sorry"),
    ("nobody says who this is", lambda seen: failed, UNKNOWN, 0, "who this is could not be asked"),
    ("nothing is allowed", but_who(denied), REFUSED, 0, "not authorized to perform"),
    ("changes are not allowed", from_change(1, denied), BROKEN, 1, "not authorized to perform"),
    ("changes are not allowed any more", from_change(2, denied), NOT_RESTORED, None,
     "tidelock recover"),
    ("the session had ended before", lambda seen: expired, UNKNOWN, 0, "sign in again"),
    ("the session ends within", at_change(2, expired), BROKEN, 3, "sign in again"),
    ("an undo is throttled", lambda seen: {2: denied, 3: throttled}.get(seen.nth_change), BROKEN,
     4, "as it was before"),
    ("an undo is lost on its way",
     lambda seen: {2: denied, 3: proxy.lose_request}.get(seen.nth_change), BROKEN, 4,
     "as it was before"),
    ("the answer to an undo is lost",
     lambda seen: {2: denied, 3: proxy.lose_answer}.get(seen.nth_change), BROKEN, 3,
     "as it was before"),
]


LONG = ["step_canary", "-p", "steps=50,100", "-p", "bake=1m", "-p", "every=1s"]


class Behind(harness.LiveTest):
    """Runs with a proxy in between."""

    def behind(self, script, **more):
        between = proxy.Proxy(self.emulator.url, script)
        self.addCleanup(between.stop)
        return between, self.place(endpoint=between.url, **more)

    def carry_out(self, place, target):
        return place.run("run", "step_canary", "-p", "target=" + target.text, "-p",
                         "steps=50,100", "-p", "bake=1s", "-p", "every=1s")


class Faults(Behind):
    def one(self, make, fault):
        what, script, status, changes, said = fault
        target = make()
        before = target.state()
        between, place = self.behind(script)
        place.hurry(TIMES, 5000)
        result = self.carry_out(place, target)
        told = " ".join((result.out + result.err).split())
        self.assertEqual(status, result.status, (what, result))
        self.assertIn(said, told, what)
        if changes is not None:
            self.assertEqual(changes, between.changes(), (what, result))
        if status in (PROMOTED, NOT_RESTORED):
            self.assertNotEqual(before, target.state(), (what, result))
        else:
            self.assertEqual(before, target.state(), (what, result))
        if status == NOT_RESTORED:
            between.script = None
            self.check(0, place.run("recover", "last"))
            self.assertEqual(before, target.state(), what)
        if place.journals():
            self.check(0, place.run("replay", place.journal()))

    def try_all(self, make):
        harness.together(lambda fault: self.one(make, fault), FAULTS)

    def outage(self, act):
        """From the refused change that ends the run on, nothing gets through for a while."""
        begun = []

        def script(seen):
            if seen.nth_change == 2 and not begun:
                begun.append(time.monotonic())
                return denied
            down = begun and time.monotonic() < begun[0] + 13 / TIMES
            return act if down else None

        target = self.account.alias()
        before = target.state()
        _, place = self.behind(script)
        place.hurry(TIMES, 5000)
        result = self.carry_out(place, target)
        self.check(BROKEN, result)
        self.assertIn("looked at again in", " ".join(result.out.split()))
        self.assertEqual(before, target.state(), result)
        self.check(0, place.run("replay", place.journal()))

    def test_outage(self):
        acts = [failed, throttled, expired, proxy.lose_request, proxy.lose_answer]
        harness.together(self.outage, acts)

    def test_alias(self):
        self.try_all(self.account.alias)

    def test_rule(self):
        self.try_all(self.account.rule)

    def test_listener(self):
        self.try_all(self.account.listener)


TWO = """local rollout = require "rollout"
return rollout.policy {
    summary = "Shifts, and fails beside it.",
    params = { target = rollout.target() },
    run = function(p)
        rollout.parallel {
            function() p.target:shift(50) end,
            function() rollout.sleep "1s" error "no" end,
        }
    end,
}
"""
later = proxy.refuse(429, "TooManyRequestsException", "Rate exceeded",
                     **{"x-amz-retry-after": "5000"})


class Halted(Behind):
    """Once a rollback began nothing forward is sent any more, nor sent again."""

    def stopped(self, act, status, stop=lambda process: None, policy=LONG):
        target = self.account.alias()
        before = target.state()
        between, place = self.behind(None)
        between.script = at_change(1, act(place))
        place.write("two.lua", TWO)
        process = place.start("run", *policy, "-p", "target=" + target.text)
        harness.support.wait_until("the change", lambda: between.changes() == 1)
        stop(process)
        result = harness.finish(process)
        self.check(status, result)
        self.assertEqual(1, between.changes(), result)
        self.assertEqual(before, target.state(), result)
        self.check(0, place.run("replay", place.journal()))

    def terminate(self, process):
        process.send_signal(signal.SIGTERM)

    def test_it_waits_to_be_sent_again(self):
        self.stopped(lambda _: later, 143, self.terminate)

    def test_it_is_under_way(self):
        """The answer, by which it would be sent again, comes after the decision."""
        def act(place):
            def wait_and_refuse(handler, seen):
                harness.wait_for_record(place, "rollback")
                later(handler, seen)
            return wait_and_refuse
        self.stopped(act, 143, self.terminate)

    def test_another_branch_fails(self):
        self.stopped(lambda _: later, 16, policy=["two.lua"])


if __name__ == "__main__":
    harness.main()
