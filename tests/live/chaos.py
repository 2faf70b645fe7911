#!/usr/bin/env python3
"""Chaos: seeded runs of policies over a rule, an alias, a parameter, a flag and a service at once,
with answers that are lost, late, refused and repeated (chaos_faults.py) and kills of the
supervisor, the policy's process and `recover`; then `recover` until it says that it is done. boto3
finds the account as it was before, or, where the run was promoted, as its policy wanted it; and
then as it was before, once the run was taken back in the same weather.

    chaos.py                  a slice that changes from day to day, as CI has it
    chaos.py --count 500      all
    chaos.py --seed 417       one alone, and what happened
"""

import argparse
import collections
import os
import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import chaos_faults
import chaos_site
import harness
import proxy

COUNT, SLICE = 500, 40
AT_A_TIME = 16  # runs wait more than they work
BRIEF = 400  # characters of a record that is told
LIVES_MAX, CALM_FROM = 16, 9  # from which life on nothing happens any more
SEEDS_OF_A_SITE = 12  # what a flag's application has of versions and deployments only grows
CUT_SHORT = {-9, 1, 14}  # how a run ends that `recover` is for


class Lost(Exception):
    """The account is not what was said of it."""


class Between(proxy.Proxy):
    """In front of all emulators: the one that serves a request is told by what it is signed for."""

    def __init__(self, fleet, script):
        super().__init__(fleet.ministack.url, script)
        self.fleet = fleet

    def service_of(self, seen):
        credential = seen.headers.get("authorization", "").split("Credential=")[-1].split("/")
        return credential[3] if len(credential) > 3 else ""

    def upstream_of(self, seen):
        return proxy.urlsplit(self.fleet.serves(self.service_of(seen))).netloc

    def turn(self, seen):
        return self.fleet.ecs if self.service_of(seen) == "ecs" else super().turn(seen)


def brief(record):
    """A record, without what would fill pages."""
    body = {name: value for name, value in record["body"].items()
            if name not in ("observe", "observed", "value")}
    return ("%d %s %s" % (record["at"], record["kind"], body))[:BRIEF]


class Seed:
    """One run from its beginning to its end, however many lives it takes."""

    def __init__(self, number, fleet, site, source):
        self.number, self.site = number, site
        self.draw = random.Random("policy %d" % number)
        self.policy = chaos_site.Policy(self.draw, number, site.parameter)
        self.chaos = chaos_faults.Chaos(number)
        self.between = Between(fleet, self.chaos)
        story = "harm" if self.policy.harmed else "calm"
        self.place = harness.Place(self.between.url, source.url + "/" + story,
                                   lateness=chaos_faults.LATENESS)
        self.place.hurry(chaos_faults.TIMES, 5000)
        self.place.write("chaos.lua", self.policy.text)
        self.chaos.place, self.results = self.place, []

    def close(self):
        self.between.stop()
        self.place.temporary.cleanup()

    def live(self, *command):
        """One process, from its beginning to its end."""
        self.chaos.wait_until_idle(but=["late"])
        self.chaos.begin_life(command[0] != "run")
        process = self.place.start(*command)
        self.chaos.process = process
        result = harness.finish(process)
        self.results.append((command[0], result))
        return result

    def kinds(self):
        return [record["kind"] for record in self.place.records()]

    def until_done(self, result):
        """What cuts it short or does not get it done is followed by `recover`, until that says that
        it is done."""
        done = result.status not in CUT_SHORT
        while not done and self.place.journals():
            self.chaos.calm = len(self.results) >= CALM_FROM
            if len(self.results) > LIVES_MAX:
                raise Lost("recover never says that it is done")
            done = self.live("recover", "last").status == 0

    def check(self, what, wanted, found):
        if wanted != found:
            raise Lost("%s: expected\n  %s\nfound\n  %s" % (what, wanted, found))

    def carry_out(self):
        before = self.site.state()
        strategy = self.draw.random() < 0.5
        result = self.live("run", "chaos.lua", *self.site.arguments(strategy))
        first = result.status
        self.until_done(result)
        self.chaos.wait_until_idle()
        promoted, found = "commit" in self.kinds(), self.site.state()
        if not promoted:
            self.check("not promoted (exit %d)" % first, before, found)
            if first == 0:
                raise Lost("exit 0 without a commit")
            return "not begun" if "begin" not in self.kinds() else "put back, exit %d" % first
        shares = dict(self.site.shares_in(before), **self.policy.wanted)
        self.check("promoted", shares, self.site.shares_in(found))
        self.take_back(before)
        return "promoted, then taken back"

    def take_back(self, before):
        """The same from the run's journal alone, in the same weather."""
        done = False
        while not done:
            self.chaos.calm = len(self.results) >= CALM_FROM
            if len(self.results) > LIVES_MAX:
                raise Lost("rollback never says that it is done")
            verb = "recover" if "rollback" in self.kinds() else "rollback"
            done = self.live(verb, "last").status == 0
        self.chaos.wait_until_idle()
        self.check("taken back", before, self.site.state())

    def told(self):
        lines = [self.policy.text, "faults: %s" % dict(self.chaos.told)]
        lines += ["%s: %r" % pair for pair in self.results]
        lines += [brief(record) for record in self.place.records()[1:]]
        return "\n".join(lines)


class Ring:
    def __init__(self, fleet, verbose):
        self.fleet, self.verbose, self.source = fleet, verbose, harness.Source()
        self.local, self.lock, self.sites = threading.local(), threading.Lock(), 0
        self.outcomes, self.told, self.lost = (collections.Counter(), collections.Counter(), [])
        self.lives = self.undone = 0

    def site(self):
        """Of this thread; a new one where the last was lost or has been used enough."""
        if getattr(self.local, "left", 0) == 0:
            with self.lock:
                self.sites += 1
                number = self.sites
            self.local.site = chaos_site.Site(self.fleet, "chaos%d" % number)
            self.local.left = SEEDS_OF_A_SITE
        self.local.left -= 1
        return self.local.site

    def one(self, number):
        seed = Seed(number, self.fleet, self.site(), self.source)
        try:
            outcome = seed.carry_out()
        except Exception as problem:  # whatever it was, it is this seed's, and said
            outcome, self.local.left = "LOST", 0
            with self.lock:
                self.lost.append(number)
                print("seed %d: %s\n%s\n" % (number, problem, seed.told()), flush=True)
        else:
            if self.verbose:
                print(seed.told())
        finally:
            self.undone += seed.kinds().count("undo")
            seed.close()
        with self.lock:
            self.outcomes[outcome] += 1
            self.told.update(seed.chaos.told)
            self.lives += len(seed.results)

    def report(self, count, began):
        for title, counts in (("how it ended", self.outcomes), ("what happened", self.told)):
            print(title)
            for name, times in sorted(counts.items()):
                print("  %-40s %6d" % (name, times))
        print("%d seeds, %d processes, %d undos, %.0f s: %d lost%s" % (
            count, self.lives, self.undone, time.time() - began, len(self.lost),
            "".join(" (--seed %d)" % number for number in sorted(self.lost))))


def read_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, help="this one alone")
    parser.add_argument("--count", type=int, help="so many, from 1 on")
    options = parser.parse_args()
    if options.seed is not None:
        return [options.seed], True
    if options.count is not None:
        return range(1, options.count + 1), False
    first = int(time.time() // 86400) * SLICE % COUNT
    return [1 + (first + i) % COUNT for i in range(SLICE)], False


def main():
    if not os.access(harness.PROGRAM, os.X_OK):
        harness.support.skip("live: %s is not built" % harness.PROGRAM)
    seeds, verbose = read_options()
    fleet, began = chaos_site.Fleet(), time.time()
    try:
        ring = Ring(fleet, verbose)
        with ThreadPoolExecutor(min(AT_A_TIME, len(seeds))) as pool:
            list(pool.map(ring.one, seeds))
        ring.report(len(seeds), began)
    finally:
        fleet.stop()
    print("%d passed, %d failed, 0 skipped" % (len(seeds) - len(ring.lost), len(ring.lost)))
    sys.exit(bool(ring.lost))


if __name__ == "__main__":
    main()
