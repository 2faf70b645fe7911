"""What the chaos test does to requests and processes: a seed draws for each request whether it is
lost, late, refused or repeated, and when a process is killed. Everything stands in a script of our
own proxy (proxy.py)."""

import collections
import os
import random
import select
import signal
import socket
import subprocess
import threading
import time

import harness
import proxy

TIMES = 10  # so much faster the program's clock goes
LATENESS = "40s"  # of it: so long after it was sent a change is waited for, 30 s of it by the call
LATE_MAX = 6.0  # seconds after those 30


def repeat_request(handler, seen):
    """It comes twice; what the first made of it is answered."""
    answer = proxy.ask(handler, seen)
    proxy.ask(handler, seen)
    handler.reply(*answer)


def repeat_answer(handler, seen):
    """It is answered twice; the second answer is nobody's."""
    answer = proxy.ask(handler, seen)
    handler.reply(*answer)
    handler.reply(*answer)


def wait_until_left(connection):
    """Until the program has given it up, or is gone."""
    while True:
        ready, _, _ = select.select([connection], [], [], 60)
        try:
            if not ready or not connection.recv(1, socket.MSG_PEEK):
                return
        except OSError:
            return


def be_late(seconds):
    """It takes effect after the program has given it up, by so much of the program's time."""
    def late(handler, seen):
        wait_until_left(handler.connection)
        time.sleep(seconds / TIMES)
        proxy.ask(handler, seen)
        handler.close_connection = True
    return late


FAULTS = {
    "lost request": lambda _: proxy.lose_request,
    "lost answer": lambda _: proxy.lose_answer,
    "cut answer": lambda _: proxy.cut_answer,
    "late": lambda draw: be_late(draw.uniform(1, LATE_MAX)),
    "throttled": lambda _: proxy.refuse(400, "ThrottlingException", "Rate exceeded"),
    "failed": lambda _: proxy.refuse(500, "InternalFailure", "We are sorry"),
    "page of HTML": lambda _: proxy.page(502),
    "refused": lambda _: proxy.refuse(403, "AccessDeniedException", "not authorized"),
    "repeated request": lambda _: repeat_request,
    "repeated answer": lambda _: repeat_answer,
}
OUTAGES = ["lost request", "throttled", "failed"]
BLOWS = ["SIGKILL", "SIGKILL", "the policy's process", "SIGTERM", "SIGINT", "abort"]
BLOWS_BACK = ["SIGKILL", "SIGKILL", "SIGTERM"]
FAULTS_MAX = 20  # of one seed
READS = ("Get", "Describe", "List", "GET")
CHANGES = 4  # so much more often something happens to them, and to all that puts back


class Blow:
    """What comes upon a process, at which of its requests: before it is carried on, or after."""

    def __init__(self, draw, back):
        self.what = draw.choice(BLOWS_BACK if back else BLOWS)
        self.at = draw.randint(1, 14) if back else draw.randint(8, 45)
        self.after = draw.random() < 0.5


def strike(what, place, process):
    """False if there is nothing any more that it could come upon."""
    if process is None or process.poll() is not None:
        return False
    if what == "abort":
        subprocess.run([harness.PROGRAM, "abort", "last"], cwd=place.folder, check=False,
                       env=place.environment, capture_output=True)
        return True
    try:
        pid = process.pid
        if what == "the policy's process":
            pid = harness.children_of(process)[0]
        os.kill(pid, getattr(signal, what, signal.SIGKILL))
    except (IndexError, OSError):
        return False
    return True


class Chaos:
    """The script of one seed. What is drawn for a request depends on its name and on how many of
    that name came before it, so that branches side by side do not change it."""

    def __init__(self, seed):
        draw = random.Random("chaos %d" % seed)
        self.seed, self.rate = seed, draw.choice([0, 0.02, 0.05, 0.08])
        self.outage = draw.choice([None, None, draw.choice(OUTAGES)])
        self.outage_at, self.outage_takes = draw.randint(8, 60), draw.randint(3, 12)
        self.draw, self.calm = draw, False
        self.count, self.in_life, self.blow, self.back = 0, 0, None, False
        self.place = self.process = None
        self.told, self.faults = collections.Counter(), 0
        self.idle, self.under_way = threading.Condition(), collections.Counter()

    def begin_life(self, back):
        struck = not self.calm and self.draw.random() < (0.5 if back else 0.6)
        self.back = back
        self.in_life, self.blow = 0, Blow(self.draw, back) if struck else None

    def fault_of(self, seen):
        """Its name, or None."""
        if self.calm or self.faults >= FAULTS_MAX:
            return None
        if self.outage and self.outage_at <= self.count < self.outage_at + self.outage_takes:
            return self.outage
        draw = random.Random("%d %s %d" % (self.seed, seen.name, seen.nth))
        rate = self.rate * (CHANGES if self.back or not seen.name.startswith(READS) else 1)
        names = sorted(FAULTS) + ["late"] * (rate > self.rate)
        return draw.choice(names) if draw.random() < rate else None

    def __call__(self, seen):
        self.count += 1
        self.in_life += 1
        fault = self.fault_of(seen)
        due = self.blow is not None and self.in_life == self.blow.at
        act = proxy.forward
        if fault:
            self.faults += 1
            self.told[fault] += 1
            act = FAULTS[fault](random.Random("%d %s %d" % (self.seed, seen.name, seen.nth)))
        return self.counted(act, self.blow if due else None)

    def counted(self, act, blow):
        def carry_out(handler, seen):
            try:
                self.carry_out(act, blow, handler, seen)
            except OSError:
                handler.close_connection = True  # nobody waits for the answer any more
            finally:
                with self.idle:
                    self.under_way[act.__name__] -= 1
                    self.idle.notify_all()
        with self.idle:
            self.under_way[act.__name__] += 1
        return carry_out

    def carry_out(self, act, blow, handler, seen):
        """(A blow that comes after is after the effect, and before the answer.)"""
        if blow is None:
            return act(handler, seen)
        answer = proxy.ask(handler, seen) if blow.after else None
        if strike(blow.what, self.place, self.process):
            self.told[blow.what] += 1
        return handler.reply(*answer) if answer else act(handler, seen)

    def wait_until_idle(self, but=()):
        """What a dead process sent has come through; `but`: what is late on purpose."""
        def is_idle():
            return not sum(count for name, count in self.under_way.items() if name not in but)
        with self.idle:
            self.idle.wait_for(is_idle, 60)
