#!/usr/bin/env python3
"""Somebody else at the same alias, and answers that lag behind. moto neither counts an alias's
revisions nor checks them, and shows everything at once; our own scripted proxy does what AWS
documents: RevisionId changes with every write, and a write that names another than the present one
is refused with 412. Where a test says so, GetAlias shows what was there some seconds before, by the
program's time, which is hurried (hurry.c)."""

import json
import threading
import time

import faults
import proxy
import harness

stale = proxy.refuse(412, "PreconditionFailedException",
                     "The RevisionId provided does not match the latest RevisionId")


class Revisions:
    """A script. `before` is called with each write that is to come, and may change the alias."""

    def __init__(self, before=lambda number: None, lag=0):
        self.number, self.before, self.lag = 1, before, lag
        self.writes, self.shown, self.lock = 0, [], threading.Lock()

    def __call__(self, seen):
        return {"GetAlias": self.read, "UpdateAlias": self.write}.get(seen.name)

    def read(self, handler, seen):
        with self.lock:
            status, headers, body = proxy.ask(handler, seen)
            told = dict(json.loads(body), RevisionId=str(self.number))
            self.shown.append((time.time(), told))
            lagging = [one for at, one in self.shown if at <= time.time() - self.lag]
        handler.reply(status, headers, json.dumps(lagging[-1] if lagging else self.shown[0][1])
                      .encode())

    def write(self, handler, seen):
        with self.lock:
            self.writes += 1
            self.number += self.before(self.writes) or 0
            if json.loads(seen.body).get("RevisionId") != str(self.number):
                return stale(handler, seen)
            self.number += 1
            status, headers, body = proxy.ask(handler, seen)
        told = dict(json.loads(body), RevisionId=str(self.number))
        return handler.reply(status, headers, json.dumps(told).encode())


class AtOneAlias(faults.Behind):
    def begin(self, story="calm", **more):
        target = self.account.alias()
        name = target.text.split(":")[1]
        between, _ = self.behind(None)
        between.script = Revisions(**more)
        place = self.place(story, endpoint=between.url)
        place.hurry(5, 0)
        return target, name, between, place

    def theirs(self, name, at):
        """Before that write somebody else sends a fifth of the traffic to the new version."""
        def before(number):
            if number != at:
                return 0
            self.account.lambda_.update_alias(
                FunctionName=name, Name="live",
                RoutingConfig={"AdditionalVersionWeights": {"2": 0.2}})
            return 1
        return before

    def on_the_way(self):
        target, name, between, place = self.begin()
        between.script.before = self.theirs(name, 1)
        result = self.carry_out(place, target)
        self.check(faults.BROKEN, result)
        self.assertIn("somebody else changed it", " ".join((result.out + result.err).split()))
        self.assertEqual(("1", {"2": 0.2}), target.state())
        self.assertEqual(1, between.changes())

    def on_the_way_back(self):
        """What they made is left alone, and that is said."""
        target, name, between, place = self.begin("harm")
        between.script.before = self.theirs(name, 2)
        self.check(faults.NOT_RESTORED, self.carry_out(place, target))
        self.assertEqual(("1", {"2": 0.2}), target.state())
        self.assertEqual(2, between.changes())
        self.check(0, place.run("replay", place.journal()))

    def nothing_of_ours(self):
        """Another revision, but the traffic goes where we sent it: the undo is sent again."""
        target, _, between, place = self.begin("harm", before=lambda number: number == 2)
        before = target.state()
        self.check(10, self.carry_out(place, target))
        self.assertEqual(before, target.state())
        self.assertEqual(3, between.changes())

    def lagging(self, story, status):
        target, _, between, place = self.begin(story, lag=0.6)
        before = target.state()
        self.check(status, self.carry_out(place, target))
        if status:
            self.assertEqual(before, target.state())
        self.check(0, place.run("replay", place.journal()))

    def carry_out(self, place, target):
        return place.run("run", "step_canary", "-p", "target=" + target.text, "-p",
                         "steps=50,100", "-p", "bake=3s", "-p", "every=1s")

    def test_side_by_side(self):
        harness.together(lambda story: story(), [
            self.on_the_way, self.on_the_way_back, self.nothing_of_ours,
            lambda: self.lagging("calm", 0), lambda: self.lagging("harm", 10)])


if __name__ == "__main__":
    harness.main()
