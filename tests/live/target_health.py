#!/usr/bin/env python3
"""blue_green on a rule and a listener, where it waits for the new version's targets: promoted and
rolled back, and the same journal in a simulation. moto calls all targets healthy at once; our own
scripted proxy in front of it answers for their health as ELB's documentation has it: unused until a
rule or a listener names their group, then initial until the first check, an interval later. Seconds
are those of the program's own clock, as its requests are dated; its time is hurried (hurry.c)."""

import re
import threading
from urllib.parse import parse_qs

import ecs
import emulators
import harness
import proxy

INTERVAL = 30  # seconds, of a group that says nothing of it
STATE = re.compile(rb"<State>[^<]*</State>")


class Health:
    """A script of the proxy."""

    def __init__(self):
        self.named, self.lock = {}, threading.Lock()  # group: since when

    def __call__(self, seen):
        return {"ModifyRule": self.modify, "ModifyListener": self.modify,
                "DescribeTargetHealth": self.describe}.get(seen.name)

    def modify(self, handler, seen):
        now = seen.at
        asked = parse_qs(seen.body.decode())
        groups = {values[0] for name, values in asked.items() if name.endswith("TargetGroupArn")}
        answer = proxy.ask(handler, seen)
        with self.lock:
            if answer[0] == 200:
                self.named = {group: self.named.get(group, now) for group in groups}
        handler.reply(*answer)

    def describe(self, handler, seen):
        group = parse_qs(seen.body.decode())["TargetGroupArn"][0]
        status, headers, body = proxy.ask(handler, seen)
        handler.reply(status, headers, STATE.sub(self.state(group, seen.at), body))

    def state(self, group, now):
        with self.lock:
            since = self.named.get(group)
        if since is None:
            return b"<State>unused</State><Reason>Target.NotInUse</Reason>"
        if now < since + INTERVAL:
            return b"<State>initial</State><Reason>Elb.InitialHealthChecking</Reason>"
        return b"<State>healthy</State>"


class BlueGreen(ecs.Policies):
    emulate = staticmethod(emulators.moto)
    policies = {"blue_green": ["-p", "keep=3m", "-p", "every=1m"]}

    def makers(self):
        return [self.account.rule, self.account.listener]

    def behind(self, story="calm", times=ecs.TIMES, **_):
        between = proxy.Proxy(self.emulator.url, Health())
        self.addCleanup(between.stop)
        place = self.place(story, endpoint=between.url, period="1m", lateness=None)
        place.hurry(times, 5000)
        return between, place


if __name__ == "__main__":
    harness.main()
