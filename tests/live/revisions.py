#!/usr/bin/env python3
"""Somebody else at the same alias, and answers that lag behind. MiniStack counts an alias's
revisions and refuses a write that names another than the present one; our own scripted proxy is
there for who comes between, and for reads: where a test says so, GetAlias shows what was there some
seconds before. The program's time is hurried (hurry.c)."""

import threading
import time

import emulators
import faults
import harness
import proxy


class Between:
    """A script. `before` is called with the number of each write that is to come."""

    def __init__(self, before=lambda number: None, lag=0):
        self.before, self.lag = before, lag
        self.writes, self.shown, self.lock = 0, [], threading.Lock()

    def __call__(self, seen):
        return {"GetAlias": self.read, "UpdateAlias": self.write}.get(seen.name)

    def read(self, handler, seen):
        with self.lock:
            status, headers, body = proxy.ask(handler, seen)
            self.shown.append((time.time(), body))
            lagging = [one for at, one in self.shown if at <= time.time() - self.lag]
        handler.reply(status, headers, lagging[-1] if lagging else self.shown[0][1])

    def write(self, handler, seen):
        with self.lock:
            self.writes += 1
            self.before(self.writes)
            answer = proxy.ask(handler, seen)
        handler.reply(*answer)


class AtOneAlias(faults.Behind):
    emulate = staticmethod(emulators.ministack)

    def begin(self, story="calm", **more):
        target = self.account.alias()
        name = target.text.split(":")[1]
        between, _ = self.behind(None)
        between.script = Between(**more)
        place = self.place(story, endpoint=between.url)
        place.hurry(5, 0)
        return target, name, between, place

    def theirs(self, name, at):
        """Before that write somebody else sends a fifth of the traffic to the new version."""
        def before(number):
            if number == at:
                self.account.lambda_.update_alias(
                    FunctionName=name, Name="live",
                    RoutingConfig={"AdditionalVersionWeights": {"2": 0.2}})
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
        target, name, between, place = self.begin("harm")
        before = target.state()
        between.script.before = lambda number: number == 2 and self.account.lambda_.update_alias(
            FunctionName=name, Name="live")
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
