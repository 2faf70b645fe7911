#!/usr/bin/env python3
"""AWS away for a while, on the wire: nobody listens, connections are reset, every answer is a 500
or a throttle, or comes after it was given up. It begins at each call of a rollback in turn, for
each shipped policy on each type of target; the rollback waits for it, and boto3 finds the account
as it was. (Every kind and length, from every call on, in virtual time: tests/cases/outages.t.)"""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import chaos_faults
import emulators
import flags
import harness
import proxy

TIMES = chaos_faults.TIMES  # so much faster the program's clock goes
LENGTHS = [1, 5, 12, 30]  # seconds of it
AT_A_TIME = 12  # runs wait more than they work
CALLS = 3  # of a rollback: it looks, undoes, and reads back

KINDS = {
    "nobody listens": proxy.lose_request,  # on connections that are open already
    "connections are reset": proxy.lose_request,
    "500": proxy.refuse(500, "InternalFailure", "We are sorry"),
    "throttled": proxy.refuse(400, "ThrottlingException", "Rate exceeded"),
    "slow": chaos_faults.be_late(0.2),
}

WATCH = ["-p", "every=1s"]
PARTS = {
    "step_canary": ["-p", "steps=50,100", "-p", "bake=2s", *WATCH],
    "linear": ["-p", "step=50", "-p", "bake=2s", *WATCH],
    "blue_green": ["-p", "preview=50", "-p", "preview_for=2s", "-p", "keep=2s", *WATCH],
    "flag_ramp": ["-p", "steps=40,100", "-p", "hold=2s", *WATCH],
}
WHOLE = {  # a service is replaced as a whole
    "step_canary": ["-p", "steps=100", "-p", "bake=2s", *WATCH],
    "linear": ["-p", "step=100"],
    "blue_green": ["-p", "keep=2s", *WATCH],
    "flag_ramp": ["-p", "steps=100", "-p", "hold=2s", *WATCH],
}


class Closed(proxy.Proxy):
    """A proxy that can leave its port for a while."""

    def close_for(self, seconds):
        """Its port is held by a socket that does not listen, so that nobody else gets it."""
        address = self.server.server_address
        self.server.shutdown()
        self.server.server_close()
        held = socket.socket()
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(address)
        self.reopened = threading.Timer(seconds, self.listen, [held])
        self.reopened.start()

    def stop(self):
        if hasattr(self, "reopened"):
            self.reopened.join()
        super().stop()


class Outage:
    """A script: from that call of the rollback on, and for so long."""

    def __init__(self, kind, call, seconds):
        self.kind, self.call, self.seconds = kind, call, seconds
        self.place = self.proxy = self.begun = None
        self.back = 0

    def is_back(self):
        return self.back > 0 or harness.has_record(self.place, "rollback")

    def __call__(self, _):
        if self.begun is None and self.is_back():
            self.back += 1
            if self.back == self.call:
                self.begun = time.monotonic()
                if self.kind == "nobody listens":
                    threading.Thread(target=self.proxy.close_for, args=[self.seconds]).start()
        away = self.begun is not None and time.monotonic() < self.begun + self.seconds
        return KINDS[self.kind] if away else None


class Outages(harness.LiveTest):
    def one(self, job):
        make, name, arguments, kind, call, length = job
        what = "%s, %s from call %d on for %d s" % (name, kind, call, length)
        outage, target = Outage(kind, call, length / TIMES), make()
        outage.proxy = Closed(self.emulator.url, outage)
        self.addCleanup(outage.proxy.stop)
        outage.place = place = self.place("harm", endpoint=outage.proxy.url)
        place.hurry(TIMES, 5000)
        before = target.state()
        result = place.run("run", name, *arguments, "-p", "target=" + target.text)
        if result.status == 0:  # where nothing is watched, a person takes it back
            result = place.run("rollback", "last")
        else:
            self.check(10, result)
        self.assertEqual(before, target.state(), (what, result))
        self.assertIsNotNone(outage.begun, (what, result))
        self.assertIn("as it was before", " ".join(result.out.split()), what)
        self.check(0, place.run("replay", place.journal()))

    def try_all(self, make, policies=None):
        jobs, number = [], 0
        for name, arguments in (policies or PARTS).items():
            for kind in KINDS:
                call, length = 1 + number % CALLS, LENGTHS[number % len(LENGTHS)]
                jobs.append((make, name, arguments, kind, call, length))
                number += 1
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            failed = [done.exception() for done in [pool.submit(self.one, job) for job in jobs]]
        self.assertEqual([], list(filter(None, failed)))
        print("%d outages" % len(jobs), end=" ", flush=True)


class Balanced(Outages):
    """On moto."""

    def test_rule(self):
        self.try_all(self.account.rule)

    def test_listener(self):
        self.try_all(self.account.listener)


class Others(Outages):
    """On MiniStack."""
    emulate = staticmethod(emulators.ministack)

    def flag(self):
        flag = flags.Flag(self.emulator.url, "outage%d" % self.account.number())
        return emulators.Target(flag.text, flag.percent)

    def test_alias(self):
        self.try_all(self.account.alias)

    def test_state_machine(self):
        self.try_all(self.account.state_machine)

    def test_service(self):
        self.try_all(self.account.service, WHOLE)

    def test_flag(self):
        self.try_all(self.flag)


if __name__ == "__main__":
    harness.main()
