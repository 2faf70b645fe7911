"""Kills a run at a record of its journal, recovers it, and compares the account."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import harness

AT_A_TIME = 12  # runs wait more than they work
TIMES = 4  # as fast as the machine's is their time


def run_killed(place, at, *arguments):
    """The run's result; it is as if KILL_AT were not there if it has fewer records than that."""
    return place.run(*arguments, preload=["kill_at"], KILL_AT=str(at))


def tear(place):
    """The last record is cut in its middle, as by a kill within the write."""
    path = place.journal()
    with open(path, "rb") as file:
        lines = file.read().splitlines(keepends=True)
    os.truncate(path, sum(map(len, lines[:-1])) + len(lines[-1]) // 2)


def recover(test, place, torn):
    """To the end, killed at each of its own records on the way if the journal was torn."""
    for at in range(1, test.points_max):
        result = run_killed(place, at if torn else 0, "recover", "last")
        if result.status != -signal.SIGKILL:
            return result
    return test.fail("recover never came to its end")


class Point:
    """One kill: at which record, of which target, and whether that record was torn."""

    def __init__(self, test, make, arguments, at, torn):
        self.test, self.make, self.arguments, self.at, self.torn = test, make, arguments, at, torn

    def carry_out(self):
        """False if the run was over before it came to that record."""
        target = self.make()
        with self.test.place_of() as place:
            before = target.state()
            result = run_killed(place, self.at, "run", *self.arguments, "-p",
                                "target=" + target.text)
            if result.status != -signal.SIGKILL:
                return False
            if self.torn:
                tear(place)
            self.check(place, target, before)
        return True

    def check(self, place, target, before):
        what = "killed at record %d of %s%s" % (self.at, target.text, ", torn" * self.torn)
        committed = any(record["kind"] == "commit" for record in place.records())
        result = recover(self.test, place, self.torn)
        whole = place.records()
        self.test.assertEqual(0, result.status, (what, result))
        if committed:
            self.test.assertNotEqual(before, target.state(), what)
        else:
            self.test.assertEqual(before, target.state(), (what, result))
        if len(whole) < 2:
            self.test.assertIn("never begun", place.run("status", "last").out, what)
        else:
            self.test.assertEqual("end", whole[-1]["kind"], what)
            replayed = place.run("replay", place.journal())
            self.test.assertEqual(0, replayed.status, (what, replayed))


class KillTest(harness.LiveTest):
    story = "calm"
    points_max = 32  # more than the runs that are tried have records

    def place_of(self):
        place = harness.Place(self.emulator.url, self.source.url + "/" + self.story)
        place.set_clock(self.clock)
        return place

    def try_all(self, make, *arguments):
        self.clock = harness.Clock(TIMES, 5000)
        points = [Point(self, make, arguments, at, torn)
                  for at in range(1, self.points_max) for torn in (False, True)]
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            reached = list(pool.map(Point.carry_out, points))
        self.assertIn(False, reached, "the run has more records than were tried")
        print("%d points" % sum(reached), end=" ", flush=True)
        self.assertGreater(sum(reached), 20)
