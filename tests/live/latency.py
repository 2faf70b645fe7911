#!/usr/bin/env python3
"""Latency against the old version, through the whole program: on our own scripted CloudWatch
(`SampleCount` and `TC(:t)`, which no emulator has) and on a real Prometheus, with classic and with
native histograms. Errors are as they were; a canary whose requests take half as long again is
rolled back, one that is like the baseline is promoted, and a simulation over what was recorded
decides as the run did."""

import json
import math
import os
import shutil
import struct
import subprocess
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler

import cloudwatch_server
import emulators
import harness
import metrics_support as support
import policies

POWER = 2.5     # of a log-logistic latency: a heavy tail
MEDIAN = 0.08   # seconds
PER_SECOND = 200
JUDGES = ["-p", "judges=ratio", "-p", "judges=latency"]


def share_within(seconds, slower):
    return 1 - 1 / (1 + (seconds / slower / MEDIAN) ** POWER)


def latency_judge(records):
    """The judge as it watched, once it knew where to cut."""
    watches = [record["body"]["request"] for record in records if record["kind"] == "effect"
               and record["body"]["request"]["kind"] == "watch"]
    return watches[0]["judges"][1]


class LatencyTest(harness.LiveTest):
    def roll_out(self, place, status, *more):
        """A run, and a simulation over what it recorded."""
        target = self.account.alias()
        arguments = ["step_canary", "-p", "target=" + target.text, "-p", "steps=50", *JUDGES, *more]
        self.check(status, place.run("run", *arguments, "--record", "own"))
        live = place.records()
        place.run("simulate", *arguments, "--recording", "own", "--start",
                  policies.instant(live[0]["at"]), "--journal", "simulated")
        with open(os.path.join(place.folder, "simulated"), encoding="utf-8") as file:
            simulated = [json.loads(line) for line in file]
        self.assertEqual(harness.decisions(live), harness.decisions(simulated))
        self.assertEqual(latency_judge(live)["thresholds"],
                         latency_judge(simulated)["thresholds"])
        self.check(0, place.run("replay", "last"))
        self.check(0, place.run("record", "last", "--output", "again"))
        return live

    def check_harm(self, records):
        reason = [record["body"]["reason"] for record in records if record["kind"] == "rollback"]
        self.assertRegex(reason[0], r"^latency: canary [\d.]+ % .* over [\d.]+ ms, baseline")


# --- CloudWatch ---


def latencies(slower):
    """As many values as there are requests in a second, at even ranks, in ms."""
    return [1000 * slower * MEDIAN * ((i + 0.5) / (PER_SECOND - i - 0.5)) ** (1 / POWER)
            for i in range(PER_SECOND)]


def script(slower):
    """An alias's versions: 1 in service, 2 the canary; without a version, what it had before."""
    of_version = {"1": latencies(1), "2": latencies(slower), None: latencies(1)}

    def values(metric, dimensions, second):
        assert "Resource" in dimensions, dimensions
        found = of_version[dimensions.get("ExecutedVersion")]
        if second > time.time():
            return None
        return {"Invocations": [len(found)], "Errors": [2], "Duration": found}[metric]
    return values


class OnCloudWatch(LatencyTest):
    def place_on(self, slower):
        server = cloudwatch_server.CloudWatch(script(slower))
        self.addCleanup(server.stop)
        place = harness.Place(self.emulator.url, AWS_ENDPOINT_URL_CLOUDWATCH=server.url)
        self.addCleanup(place.temporary.cleanup)
        place.write("tidelock.lua", """return { providers = {
            cloudwatch = { kind = "cloudwatch", period = "1s", settle = "1s" } } }""")
        return place, server

    def test_statistics_by_boto3(self):
        """What the program is told is what boto3 is told, in the other protocol."""
        server = cloudwatch_server.CloudWatch(script(1))
        self.addCleanup(server.stop)
        second = int(time.time()) - 10
        stats = ["SampleCount", "TC(:80)", "TC(:0.5)", "p50", "Average"]
        metric = {"Namespace": "AWS/Lambda", "MetricName": "Duration", "Dimensions": [
            {"Name": "Resource", "Value": "a:live"}]}
        answer = emulators.client("cloudwatch", server.url).get_metric_data(
            StartTime=second, EndTime=second + 2, MetricDataQueries=[
                {"Id": "q%d" % i, "MetricStat": {"Metric": metric, "Period": 1, "Stat": stat}}
                for i, stat in enumerate(stats)])
        got = [result["Values"] for result in answer["MetricDataResults"]]
        self.assertEqual([[200.0] * 2, [100.0] * 2, [0.0] * 2], got[:3])
        self.assertAlmostEqual(80, got[3][0], delta=1)
        self.assertEqual(second, answer["MetricDataResults"][0]["Timestamps"][0].timestamp())

    def test_slower_is_rolled_back(self):
        place, server = self.place_on(1.5)
        self.check_harm(self.roll_out(place, 10, "-p", "bake=15s", "-p", "every=1s"))
        cut = {(dict(dimensions).get("ExecutedVersion"), stat)
               for metric, stat, dimensions in server.asked if metric == "Duration"}
        thresholds = latency_judge(place.records())["thresholds"]
        self.assertEqual(7, len(thresholds))
        for threshold in thresholds:
            self.assertIn(("1", "TC(:%.10g)" % threshold), cut)
            self.assertIn(("2", "TC(:%.10g)" % (1.1 * threshold)), cut)
        self.assertIn((None, "p99"), cut)

    def test_plan_and_iam(self):
        """Neither needs a latency that was measured."""
        place, _ = self.place_on(1)
        arguments = ["step_canary", "-p", "target=" + self.account.alias().text, *JUDGES]
        planned = place.run("plan", *arguments)
        self.check(0, planned)
        self.assertIn("latency: harm at requests slower than 1.1 times the baseline's",
                      " ".join(planned.out.split()))
        needed = place.run("iam", *arguments)
        self.check(0, needed)
        self.assertIn("cloudwatch:GetMetricData", needed.out)

    def test_alike_is_promoted(self):
        place, _ = self.place_on(1)
        self.roll_out(place, 0, "-p", "bake=10s", "-p", "every=1s")


# --- Prometheus ---

BOUNDS = [0.01 * 1.1 ** i for i in range(60)]  # of classic buckets, seconds
SCHEMA = 3                                     # of native ones: eight for each doubling
NATIVE = range(-60, 20)                        # bucket i is up to 2 ** (i / 8) s


class Shop:
    """Counters that grow with the clock: those of one track, up to each bound."""

    def __init__(self, slower):
        self.slower, self.began = slower, time.time() - 100

    def count(self, part=1.0):
        return int((time.time() - self.began) * PER_SECOND * part)

    def within(self, bound):
        return self.count(share_within(bound, self.slower))

    def between(self, low, high):
        return self.count(share_within(high, self.slower) - share_within(low, self.slower))


def varint(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def field(number, value):
    if isinstance(value, float):
        return varint(number << 3 | 1) + struct.pack("<d", value)
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def zigzag(value):
    return value << 1 if value >= 0 else (-value << 1) - 1


def native_family(name, shops):
    """A native histogram as Prometheus scrapes it (io.prometheus.client.MetricFamily)."""
    family = field(1, name.encode()) + field(3, 4)
    for track, shop in shops.items():
        edges = [2 ** (i / 2 ** SCHEMA) for i in NATIVE]
        counts = [shop.between(low, high) for low, high in zip(edges, edges[1:])]
        deltas = [here - before for before, here in zip([0, *counts], counts)]
        histogram = (field(1, sum(counts)) + field(2, 1.0) + field(5, zigzag(SCHEMA))
                     + field(6, 1e-9) + field(7, 0)
                     + field(12, field(1, zigzag(NATIVE[1])) + field(2, len(counts)))
                     + b"".join(field(13, zigzag(delta)) for delta in deltas))
        label = field(1, b"track") + field(2, track.encode())
        family += field(4, field(1, label) + field(7, histogram))
    return varint(len(family)) + family


def text_page(shops):
    lines = []
    for track, shop in shops.items():
        lines.append('shop_requests_total{track="%s"} %d' % (track, shop.count()))
        lines.append('shop_errors_total{track="%s"} %d' % (track, shop.count(0.01)))
        for bound in BOUNDS:
            lines.append('shop_seconds_bucket{track="%s",le="%.12g"} %d' % (
                track, bound, shop.within(bound)))
        lines.append('shop_seconds_bucket{track="%s",le="+Inf"} %d' % (track, shop.count()))
    return ("\n".join(lines) + "\n").encode()


class Service(BaseHTTPRequestHandler):
    shops = {"stable": Shop(1), "alike": Shop(1), "slow": Shop(1.5)}

    def do_GET(self):
        native = self.path == "/native"
        body = native_family("shop_native_seconds", self.shops) if native else \
            text_page(self.shops)
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.google.protobuf; "
                         "proto=io.prometheus.client.MetricFamily; encoding=delimited"
                         if native else "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


SCRAPES = """global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - { job_name: classic, metrics_path: /, static_configs: [ { targets: [ '127.0.0.1:%d' ] } ] }
  - { job_name: native, metrics_path: /native, static_configs: [ { targets: [ '127.0.0.1:%d' ] } ] }
"""

CONFIG = """local function by_track(query)
    local function of(track) return (query:gsub("TRACK", track)) end
    return { baseline = of "stable", canary = of "%s" }
end
local function metric(query, more)
    local made = by_track(query)
    for name, value in pairs(more) do made[name] = value end
    made.provider = "prom"
    return made
end
return {
    providers = { prom = { kind = "prometheus", url = "http://127.0.0.1:%d", period = "2s",
        settle = "2s" } },
    metrics = {
        requests = metric('shop_requests_total{track="TRACK"}', { counter = true }),
        errors = metric('shop_errors_total{track="TRACK"}', { counter = true }),
        latency = metric('%s{track="TRACK"}', { histogram = "%s", scale = 1000 }),
    },
}
"""


class Prometheus:
    def __init__(self, service):
        self.folder, self.port = tempfile.TemporaryDirectory(), support.free_port()
        path = os.path.join(self.folder.name, "prometheus.yml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(SCRAPES % (service, service))
        self.process = subprocess.Popen(
            ["prometheus", "--config.file=" + path, "--enable-feature=native-histograms",
             "--storage.tsdb.path=" + os.path.join(self.folder.name, "data"),
             "--log.level=error", "--web.listen-address=127.0.0.1:%d" % self.port])
        support.wait_until("both are scraped, for some periods", self.has_both)

    def has_both(self):
        return all(self.value(query) >= 8 for query in (
            'min(count_over_time(shop_requests_total[1m]))',
            'min(count_over_time(shop_native_seconds[1m]))'))

    def value(self, query):
        answer = support.fetch({"method": "GET", "url": "http://127.0.0.1:%d/api/v1/query?query=%s"
                                % (self.port, query.replace(" ", ""))})
        found = json.loads(answer["body"])["data"]["result"] if answer.get("status") == 200 else []
        return float(found[0]["value"][1]) if found else 0

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


@unittest.skipUnless(shutil.which("prometheus"), "prometheus is not installed")
class OnPrometheus(LatencyTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        service = emulators.Server(("127.0.0.1", 0), Service)
        cls.addClassCleanup(service.server_close)
        cls.addClassCleanup(service.shutdown)
        threading.Thread(target=service.serve_forever, daemon=True).start()
        cls.prometheus = Prometheus(service.server_address[1])
        cls.addClassCleanup(cls.prometheus.stop)

    def one(self, status, track, series, kind):
        place = harness.Place(self.emulator.url)
        self.addCleanup(place.temporary.cleanup)
        place.write("tidelock.lua", CONFIG % (track, self.prometheus.port, series, kind))
        return self.roll_out(place, status, "-p", "bake=20s", "-p", "every=2s")

    def classic(self, status, track):
        live = self.one(status, track, "shop_seconds_bucket", "classic")
        judge = latency_judge(live)
        for baseline, canary in zip(judge["thresholds"], judge["canary_thresholds"]):
            self.assertTrue(math.isclose(canary, 1.1 * baseline, rel_tol=1e-9))
            self.assertTrue(any(math.isclose(baseline, 1000 * bound, rel_tol=1e-9)
                                for bound in BOUNDS))
        return live

    def native(self, status, track):
        return self.one(status, track, "shop_native_seconds", "native")

    def test_slower_is_rolled_back_and_alike_promoted(self):
        def slow():
            self.check_harm(self.classic(10, "slow"))

        def slow_natively():
            self.check_harm(self.native(10, "slow"))
        harness.together(lambda job: job(), [
            slow, slow_natively, lambda: self.classic(0, "alike"),
            lambda: self.native(0, "alike")])


if __name__ == "__main__":
    harness.main()
