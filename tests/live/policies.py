#!/usr/bin/env python3
"""Each shipped policy on each target that moto has: promoted on good metrics, rolled back on bad
ones, with boto3's view of the account before and after. The metrics of each run are recorded, and a
simulation over the recording writes the same journal, but for times and identifiers; the journal of
the live run replays to the same bytes."""

import datetime
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor

import harness

POLICIES = {
    "step_canary": ["-p", "steps=50,100", "-p", "bake=2s", "-p", "every=1s"],
    "linear": ["-p", "step=50", "-p", "bake=2s", "-p", "every=1s"],
    "blue_green": ["-p", "preview=50", "-p", "preview_for=2s", "-p", "keep=2s", "-p", "every=1s"],
    "flag_ramp": ["-p", "steps=40,100", "-p", "hold=2s", "-p", "every=1s"],
}

EARLY = 250  # ms
AFTER = 4000  # ms

# What of a record is a time.
TIMES = {"at", "until", "ended", "from", "to"}
# What is of the account, and not of the run: where it is, whole answers, versions of its own
# counting, and what else a listener is made of beside where it sends its traffic.
ACCOUNTS = {"home", "preflight", "region", "observed", "value", "RevisionId", "Certificates",
            "Port", "Protocol", "SslPolicy"}
# Of the first record: where it took place, and by whom.
WORLDS = {"caller", "injects", "recording", "settle", "world"}


def route_of(action):
    """One group may be told in three ways, and stickiness may be left out where there is none."""
    groups = action.get("ForwardConfig", {}).get("TargetGroups") or [
        {"TargetGroupArn": action["TargetGroupArn"]}]
    if len(groups) == 1:
        return groups[0]["TargetGroupArn"]
    return [(group["TargetGroupArn"], group["Weight"]) for group in groups]


def same_but_for(value):
    if isinstance(value, str):
        return re.sub("^arn:aws:[^:]*:[^:]*:[0-9]*:", "", value)  # of the account, too
    if isinstance(value, list):
        return [same_but_for(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("Type") == "forward":
        return route_of(value)
    return {name: same_but_for(member) for name, member in value.items()
            if name not in TIMES | ACCOUNTS}


def story(records):
    return [same_but_for(dict(record["body"], kind=record["kind"])) for record in records]


def instant(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%SZ")


def looks(records):
    """When the judges began to watch, and looked: ms since the second of the first record."""
    began = records[0]["at"] - records[0]["at"] % 1000
    return [record["at"] - began for record in records if record["kind"] == "tick" or
            record["kind"] == "effect" and record["body"]["request"]["kind"] == "watch"]


def is_early(records):
    """Whether the judges looked soon after each period's end. On a busy machine they do not, and
    judge other periods, or none."""
    return all(at % 1000 < EARLY for at in looks(records))


def in_phase(live, simulated):
    """Whether both looked within the same seconds. Calls take their time, and not the same."""
    return [at // 1000 for at in looks(live)] == [at // 1000 for at in looks(simulated)]


class Policies(harness.LiveTest):
    def run_live(self, place, target, status, arguments):
        """The records; None if the machine was too busy for them to be compared."""
        before = target.state()
        result = place.run("run", *arguments, "-p", "target=" + target.text, "--record",
                           "metrics.ndjson")
        self.assertEqual(result.status != 0, before == target.state(), (arguments, result))
        self.check(0, place.run("replay", place.journal()))
        if not is_early(place.records()):
            return None
        self.assertEqual(status, result.status, (arguments, result))
        return place.records()

    def simulate(self, place, target, arguments, began, journal="simulated"):
        """The records, whose last has the exit status."""
        place.run("simulate", *arguments, "-p", "target=" + target.text, "--recording",
                  "metrics.ndjson", "--start", instant(began), "--journal", journal)
        with open(os.path.join(place.folder, journal), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def simulate_after(self, place, target, arguments, live):
        """A simulation that begins to watch AFTER the run did, whatever either did before: it
        knows of a period from when the run saw it, and the calls of a hurried run take long."""
        began = live[0]["at"]
        first = self.simulate(place, target, arguments, began, "first")
        late = looks(live)[0] - looks(first)[0]
        return self.simulate(place, target, arguments, began + late + AFTER)

    def one(self, job):
        name, make, metrics, status = job
        arguments = [name, *POLICIES[name], "--seed", "7"]
        for speed in harness.ever_slower(1):
            place, target = self.place(metrics, lateness=None), make()
            place.hurry(speed, 0)
            live = self.run_live(place, target, status, arguments)
            if live is None:
                continue
            if name == "blue_green" and target.text.startswith("alb-"):
                return  # moto's groups are healthy at once: see target_health.py
            simulated = self.simulate(place, target, arguments, live[0]["at"])
            if in_phase(live, simulated):
                self.compare((name, target.text, metrics), live, simulated)
                return
        self.fail("no run looked when its simulation did, however slow its clock was")

    def compare(self, what, live, pretended):
        ours, theirs = story(live), story(pretended)
        for first in (ours[0], theirs[0]):
            for name in WORLDS:
                first.pop(name, None)
        for number, pair in enumerate(zip(ours, theirs)):
            self.assertEqual(*pair, (what, number))
        self.assertEqual(len(ours), len(theirs), what)

    def try_all(self, make):
        jobs = [(name, make, metrics, status) for name in POLICIES
                for metrics, status in (("calm", 0), ("harm", 10))]
        with ThreadPoolExecutor(3) as pool:
            failed = [done.exception() for done in [pool.submit(self.one, job) for job in jobs]]
        for problem in filter(None, failed):
            raise problem

    def test_alias(self):
        self.try_all(self.account.alias)

    def test_rule(self):
        self.try_all(self.account.rule)

    def test_listener(self):
        self.try_all(self.account.listener)


if __name__ == "__main__":
    harness.main()
