#!/usr/bin/env python3
"""What the operator's file says of how often, and how many at a time, a run may call."""

import signal
import threading

import harness
import proxy

POLICY = """local aws, rollout = require "aws", require "rollout"
return rollout.policy {
    summary = "Looks at one alias many times at once.",
    params = {
        target = rollout.target(), times = rollout.integer { default = 8 }, name = rollout.text "",
    },
    run = function(p)
        p.target:shift(50)
        local looks = {}
        for i = 1, p.times do
            looks[i] = function()
                aws.lambda.get_alias { FunctionName = p.name, Name = "live" }
            end
        end
        rollout.parallel(looks)
    end,
}
"""


class Crowd:
    """A script of the proxy: how many requests were under way at once."""

    def __init__(self):
        self.lock, self.now, self.most = threading.Lock(), 0, 0

    def __call__(self, seen):
        return self.carry

    def carry(self, handler, seen):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        answer = proxy.ask(handler, seen)
        with self.lock:
            self.now -= 1
        handler.reply(*answer)


def arguments(target):
    return ["looks.lua", "-p", "target=" + target.text, "-p", "name=" + target.text.split(":")[1]]


class Limits(harness.LiveTest):
    def hold(self, limits):
        crowd = Crowd()
        between = proxy.Proxy(self.emulator.url, crowd)
        self.addCleanup(between.stop)
        place = self.place(endpoint=between.url, config="    allow = { %s },\n" % limits)
        place.write("looks.lua", POLICY)
        return place, between, crowd

    def test_at_a_time(self):
        for limits, most in (("at_a_time = 1", 1), ("at_a_time = 3", 3)):
            place, between, crowd = self.hold(limits)
            self.check(0, place.run("run", *arguments(self.account.alias())))
            self.assertLessEqual(crowd.most, most)
            self.assertGreaterEqual(between.count("GetAlias"), 8)

    def test_not_held(self):
        """Four looks are under way at once, however slow the machine: each waits for the others."""
        place, between, _ = self.hold("")
        four = threading.Barrier(4, timeout=harness.support.PATIENCE)

        def together(handler, seen):
            four.wait()
            proxy.forward(handler, seen)
        between.script = lambda seen: together if between.changes() == 1 and \
            seen.name == "GetAlias" else None
        self.check(0, place.run("run", *arguments(self.account.alias())))
        self.assertGreaterEqual(between.count("GetAlias"), 8)
        self.assertFalse(four.broken)

    def test_asked_to_end_while_held(self):
        """What waits for its turn is not sent any more, and the rollback has turns left."""
        place, between, _ = self.hold("at_a_time = 1")
        gate = threading.Event()
        between.script = lambda seen: proxy.hold(gate) if between.changes() == 1 and \
            seen.name == "GetAlias" else None
        target = self.account.alias()
        before = target.state()
        process = place.start("run", *arguments(target), "-p", "times=40")
        harness.wait_for_record(place, "effect", 42)
        asked = between.count("GetAlias")
        process.send_signal(signal.SIGTERM)
        harness.wait_for_record(place, "rollback")
        gate.set()
        self.check(143, harness.finish(process))
        self.assertEqual(before, target.state())
        self.assertLess(between.count("GetAlias"), asked + 20)


if __name__ == "__main__":
    harness.main()
