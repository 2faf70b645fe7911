#!/usr/bin/env python3
"""A session that ends before its time: our own scripted proxy refuses the first token that it sees,
always or from some request on. What can give another is asked for it, once, and the call is made
again; STS is moto's, behind the proxy."""

import os

import emulators
import faults
import harness
import proxy

expired = proxy.refuse(403, "ExpiredTokenException",
                       "The security token included in the request is expired")
PROCESS = """#!/bin/sh
echo x >>%(folder)s/asked
echo '{"Version": 1, "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "secret",
"SessionToken": "'$(wc -l <%(folder)s/asked | tr -d ' ')'"}'
"""


class Ended:
    """A script: the first token is refused when `now` says so of a request that carries it."""

    def __init__(self, now):
        self.now, self.first, self.refused = now, None, 0

    def __call__(self, seen):
        token = seen.headers.get("x-amz-security-token")
        self.first = self.first or token
        if token is None or token != self.first or not self.now(seen):
            return None
        self.refused += 1
        return expired


class ExpiredSessions(faults.Behind):
    def begin(self, now, **variables):
        between, place = self.behind(Ended(now), AWS_ACCESS_KEY_ID=None,
                                     AWS_SECRET_ACCESS_KEY=None, **variables)
        return between, place, self.account.alias()

    def by_process(self, now, story=PROCESS):
        between, place, target = self.begin(now)
        place.write("creds.sh", story % {"folder": place.folder})
        place.write("config", "[default]\ncredential_process = sh %s/creds.sh\n" % place.folder)
        place.environment["AWS_CONFIG_FILE"] = os.path.join(place.folder, "config")
        return between, place, target

    def asked(self, place):
        with open(os.path.join(place.folder, "asked"), encoding="ascii") as file:
            return len(file.readlines())

    def reads(self):
        between, place, target = self.by_process(lambda seen: True)
        self.check(0, self.carry_out(place, target))
        self.assertEqual((1, 2), (between.script.refused, self.asked(place)))
        self.check(0, place.run("replay", place.journal()))

    def a_change(self):
        between, place, target = self.by_process(lambda seen: seen.nth_change > 0)
        self.check(0, self.carry_out(place, target))
        self.assertEqual((1, 2), (between.script.refused, self.asked(place)))
        self.assertEqual(3, between.changes())

    def an_undo(self):
        denied = proxy.refuse(403, "AccessDeniedException", "not that one")
        between, place, target = self.by_process(lambda seen: seen.nth_change == 3)
        before, script = target.state(), between.script
        between.script = lambda seen: denied if seen.nth_change == 2 else script(seen)
        self.check(faults.BROKEN, self.carry_out(place, target))
        self.assertEqual(before, target.state())
        self.assertEqual(1, script.refused)

    def a_role_by_sts(self):
        between, place, target = self.begin(
            lambda seen: seen.nth_change > 0, AWS_ROLE_ARN="arn:aws:iam::123456789012:role/r",
            AWS_WEB_IDENTITY_TOKEN_FILE="token")
        place.write("token", "made.up.token")
        self.check(0, self.carry_out(place, target))
        self.assertEqual((1, 2), (between.script.refused,
                                  between.count("AssumeRoleWithWebIdentity")))

    def nothing_new(self):
        """The same keys come again: told at once, with what to do."""
        between, place, target = self.begin(lambda seen: True)
        place.environment.update(emulators.KEYS, AWS_SESSION_TOKEN="old")
        before, result = target.state(), self.carry_out(place, target)
        self.check(1, result)
        self.assertIn("the session has ended: sign in again", " ".join(result.err.split()))
        self.assertEqual((1, before), (between.script.refused, target.state()))

    def no_more(self):
        """It hands out a token once, and fails then: that is said, too."""
        once = PROCESS + "test $(wc -l <%(folder)s/asked) = 1 || { echo 'call home' >&2; exit 1; }"
        _, place, target = self.by_process(lambda seen: seen.nth_change > 0, once)
        before, result = target.state(), self.carry_out(place, target)
        self.check(faults.BROKEN, result)
        self.assertIn("call home", " ".join((result.out + result.err).split()))
        self.assertEqual(before, target.state())

    def test_side_by_side(self):
        harness.together(lambda story: story(), [
            self.reads, self.a_change, self.an_undo, self.a_role_by_sts,
            self.nothing_new,
            self.no_more])


if __name__ == "__main__":
    harness.main()
