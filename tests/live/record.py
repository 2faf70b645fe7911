#!/usr/bin/env python3
"""Metrics of a provider through the whole program: runs on CloudWatch (moto's), on a Prometheus and
on JSON over HTTP, promoted and rolled back; and recordings of them, made by `run --record` and by
`record`, over which a simulation decides as the run did."""

import datetime
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler

import emulators
import harness
import metrics_support as support
import policies

# A watch sees several periods of its own, whether it looks right before the end of one or after.
LOOKS = ["-p", "bake=4s", "-p", "every=1s"]
DAY = 86400
WEEK_OF_MINUTES = 7 * DAY // 60
BEFORE = 20  # seconds of which it has numbers when the run begins
FORESEEN = 200  # seconds that CloudWatch has numbers for before they have passed


def iso(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).isoformat(
        timespec="milliseconds")


def late(live):
    """Whole seconds from a run's first record to its watch: what it asks before takes its time."""
    return policies.looks(live)[0] // 1000


def in_phase(live, simulated):
    """Whether both looked within the same seconds, as long as both did: calls take their time, and
    not the same."""
    return all(ours // 1000 - late(live) == theirs // 1000
               for ours, theirs in zip(policies.looks(live), policies.looks(simulated)))


class RecordTest(harness.LiveTest):
    def simulate(self, place, recording, arguments):
        """The records of a simulation over a recording of the last run; it asks nobody before."""
        journal, live = recording + ".journal", place.records()
        place.run("simulate", *arguments, "--recording", recording, "--start",
                  policies.instant(live[0]["at"] + 1000 * late(live)), "--journal", journal)
        with open(os.path.join(place.folder, journal), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def carry_out(self, places, status, *more, before=lambda place, target: None,
                  meanwhile=lambda place: None):
        """A run, and simulations over what it recorded itself and what is recorded of it then, in
        one place after the other until both looked at the same time."""
        for make_place in places:
            place, target = make_place(), self.account.alias()
            before(place, target)
            arguments = ["step_canary", "-p", "target=" + target.text, "-p", "steps=50", *more]
            time.sleep(1 - time.time() % 1)  # to the next period
            process = place.start("run", *arguments, "--record", "own")
            meanwhile(place)
            result = harness.finish(process)
            self.after(place)
            live, simulated = place.records(), self.simulate(place, "own", arguments)
            if in_phase(live, simulated):
                self.check(status, result)
                self.assertEqual(harness.decisions(live), harness.decisions(simulated))
                self.check(0, place.run("record", "last", "--output", "again"))
                self.assertEqual(harness.decisions(live),
                                 harness.decisions(self.simulate(place, "again", arguments)))
                return
        self.fail("this machine is too slow: no run looked when its simulation did")

    def after(self, place):
        """What a test has to do between a run and its recording."""


def at_once(*jobs):
    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(job) for job in jobs]:
            done.result()


class CloudWatch(RecordTest):
    def put(self, function, start, seconds, canary_errors):
        """A number for each second, of those before and of those to come."""
        cloudwatch = emulators.client("cloudwatch", self.emulator.url)
        numbers = {("1", "Invocations"): 900, ("2", "Invocations"): 900, ("1", "Errors"): 9,
                   ("2", "Errors"): canary_errors, ("", "Invocations"): 900, ("", "Errors"): 9}
        for (version, metric), value in numbers.items():
            dimensions = {"FunctionName": function, "Resource": function + ":live",
                          "ExecutedVersion": version}
            if not version:
                del dimensions["ExecutedVersion"]
            cloudwatch.put_metric_data(Namespace="AWS/Lambda", MetricData=[
                {"MetricName": metric, "Timestamp": start + second, "Value": value, "Dimensions": [
                    {"Name": name, "Value": text} for name, text in dimensions.items()]}
                for second in range(seconds)])

    def fast_place(self, speed):
        place = harness.Place(self.emulator.url)
        self.addCleanup(place.temporary.cleanup)
        place.hurry(speed, 0)
        place.write("tidelock.lua", """return { providers = {
            cloudwatch = { kind = "cloudwatch", period = "1s", settle = "0s" } } }""")
        return place

    def one(self, status, canary_errors):
        def put(place, target):
            began = int(place.environment["HURRY_AT"]) // 1000
            self.put(target.text.split(":")[1], began - BEFORE, BEFORE + FORESEEN, canary_errors)
        places = [functools.partial(self.fast_place, speed) for speed in harness.ever_slower(1)]
        self.carry_out(places, status, *LOOKS, before=put)

    def test_promoted_and_rolled_back(self):
        at_once(lambda: self.one(0, 9), lambda: self.one(10, 300))


# --- Prometheus ---


class Service(BaseHTTPRequestHandler):
    """Counters of two stories, of which one has errors in the canary."""
    begun = time.monotonic()

    def do_GET(self):
        seconds = time.monotonic() - self.begun
        lines = ['%s_total{story="%s",track="%s"} %d' % (name, story, track, rate * seconds)
                 for story, errors in (("calm", 9), ("harm", 300))
                 for track, share in (("baseline", 9), ("canary", errors))
                 for name, rate in (("requests", 900), ("errors", share))]
        body = ("\n".join(lines) + "\n").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Prometheus:
    def __init__(self, port_of_service):
        self.folder = tempfile.TemporaryDirectory()
        self.port = support.free_port()
        with open(self.folder.name + "/prometheus.yml", "w", encoding="utf-8") as file:
            file.write("global: { scrape_interval: 500ms, scrape_timeout: 500ms }\n"
                       "scrape_configs: [ { job_name: shop, static_configs: "
                       "[ { targets: [ '127.0.0.1:%d' ] } ] } ]\n" % port_of_service)
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ["prometheus", "--config.file=" + self.folder.name + "/prometheus.yml",
             "--storage.tsdb.path=" + self.folder.name + "/data", "--log.level=error",
             "--web.listen-address=127.0.0.1:%d" % self.port])
        support.wait_until("Prometheus has scraped for some periods", self.has_scraped)

    def has_scraped(self):
        answer = support.fetch({"method": "GET", "url":
            "http://127.0.0.1:%d/api/v1/query?query=count_over_time(errors_total[1m])"
            % self.port})
        found = json.loads(answer["body"])["data"]["result"] if answer.get("status") == 200 else []
        return found and int(found[0]["value"][1]) >= 10

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def close(self):
        self.stop()
        self.folder.cleanup()


PROMETHEUS = """local function counter(name)
    return { provider = "prom", counter = true,
        query = name .. '_total{story="%s",track="{{arm}}"}' }
end
return {
    providers = { prom = {
        kind = "prometheus", url = "http://127.0.0.1:%d", period = "1s", settle = "1s" } },
    metrics = { requests = counter "requests", errors = counter "errors" },
}
"""


@unittest.skipUnless(shutil.which("prometheus"), "prometheus is not installed")
class WithPrometheus(RecordTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        service = emulators.Server(("127.0.0.1", 0), Service)
        cls.addClassCleanup(service.server_close)
        cls.addClassCleanup(service.shutdown)
        threading.Thread(target=service.serve_forever, daemon=True).start()
        cls.prometheus, cls.mortal = (Prometheus(service.server_address[1]) for _ in range(2))
        cls.addClassCleanup(cls.prometheus.close)
        cls.addClassCleanup(cls.mortal.close)

    def place_on(self, prometheus, story):
        place = harness.Place(self.emulator.url)
        self.addCleanup(place.temporary.cleanup)
        place.mortal = prometheus is self.mortal
        place.write("tidelock.lua", PROMETHEUS % (story, prometheus.port))
        return place

    def one(self, status, story):
        self.carry_out([lambda: self.place_on(self.prometheus, story)] * 10, status, *LOOKS)

    def gone(self):
        """It goes away while the run watches."""
        def stop(place):
            harness.wait_for_record(place, "tick", 2)
            self.mortal.stop()
        self.carry_out([lambda: self.place_on(self.mortal, "calm")] * 10, 15, "-p", "bake=1m", "-p",
                       "every=1s", meanwhile=stop)

    def after(self, place):
        """A recording needs it: it is started again, with a gap where it was away."""
        if not place.mortal:
            return
        failed = place.run("record", "last", "--output", "again")
        self.check(1, failed)
        self.assertRegex(failed.err, r"^tidelock record: (errors|requests) \((baseline|canary)\) "
                         r"was not answered for 20\S+Z: .*Connection refused")
        self.assertEqual([], [name for name in os.listdir(place.folder) if "again" in name])
        self.mortal.start()

    def test_promoted_rolled_back_and_without_it(self):
        at_once(lambda: self.one(0, "calm"), lambda: self.one(10, "harm"), self.gone)


# --- JSON over HTTP ---


class Ranges(RecordTest):
    def test_while_it_runs_and_of_another_time(self):
        place = self.place()
        target = self.account.alias()
        process = place.start("run", "step_canary", "-p", "target=" + target.text, "-p", "bake=1m",
                              "-p", "every=1s", "-p", "steps=50,100")
        harness.wait_for_record(place, "tick", 3)
        self.check(0, place.run("record", "last", "--output", "running"))
        with open(os.path.join(place.folder, "running"), encoding="utf-8") as file:
            self.assertGreaterEqual(len(file.readlines()), 1 + 4)
        self.check(0, place.run("abort", "last"))
        self.check(11, harness.finish(process))
        taken = place.run("record", "last", "--output", "running")
        self.check(2, taken)
        self.assertIn("running is there already; nothing is overwritten", taken.err)
        self.minutes(place)
        self.interrupted(place)

    def interrupted(self, place):
        """While a provider hangs: there is no run of its own to be put back."""
        with socket.create_server(("127.0.0.1", 0)) as hole:
            hole.settimeout(harness.PATIENCE)
            place.write("tidelock.lua", harness.METRIC + harness.CONFIG % (
                "http://127.0.0.1:%d/x" % hole.getsockname()[1], "1m", "", ""))
            process = place.start("record", "last", "--from", "-2h", "--to", "-1h", "--output",
                                  "none")
            taken, _ = hole.accept()
            process.send_signal(signal.SIGINT)
            result = harness.finish(process)
            taken.close()
        self.check(130, result)
        self.assertEqual("tidelock record: a signal asked for the end; nothing was written\n",
                         result.err)

    def minutes(self, place):
        """A week before the run, in the periods that are configured now."""
        with open(os.path.join(place.folder, "tidelock.lua"), encoding="utf-8") as file:
            text = file.read().replace('period = "1s"', 'period = "1m"')
        place.write("tidelock.lua", text)
        end = int(time.time()) // 60 * 60 - DAY
        self.check(0, place.run("record", "last", "--from", iso(1000 * (end - 7 * DAY)), "--to",
                                iso(1000 * end), "--output", "week"))
        with open(os.path.join(place.folder, "week"), encoding="utf-8") as file:
            lines = file.readlines()
        self.assertEqual(1 + 4 * WEEK_OF_MINUTES, len(lines))
        self.assertEqual({"s": 1, "t": 1000 * (end - 7 * DAY), "v": 9}, json.loads(lines[1]))
        refused = place.run("record", "last", "--from", "-2h", "--to", "-1h", "--service",
                            "--output", "none")
        self.check(2, refused)
        self.assertIn("the baseline was not the whole service", refused.err)


if __name__ == "__main__":
    harness.main()
