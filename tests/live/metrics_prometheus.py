#!/usr/bin/env python3
"""The Prometheus provider against a real Prometheus that scrapes a scripted service.

What lua/metrics reads is compared with what follows from the samples that Prometheus stored, worked
out here in another way. Takes about fifteen seconds; everything listens on 127.0.0.1.
"""

import http.server
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.parse

import metrics_support as support

PERIOD = 2000  # ms; Prometheus scrapes each second
RESET_AT = 7   # the scrape at which the canary has been restarted

TARGET = {"type": "state_machine", "machine": "shop", "alias": "live", "canary": "2"}


class Service(http.server.BaseHTTPRequestHandler):
    """Both arms in one page. Counters move with each scrape, by numbers that are never alike."""

    scrapes = 0

    def do_GET(self):
        cls = type(self)
        cls.scrapes += 1
        n = cls.scrapes
        since = n if n < RESET_AT else n - RESET_AT
        lines = [
            'shop_requests_total{track="baseline",pod="a"} %d' % (n * (n + 40)),
            'shop_requests_total{track="baseline",pod="b"} %d' % (n * 7),
            'shop_requests_total{track="canary",pod="c"} %d' % (since * (since + 3)),
            'shop_errors_total{track="baseline"} %d' % (n // 3),
            'shop_latency{track="baseline"} 0.25',
            'shop_latency{track="canary"} NaN',
        ]
        body = ("\n".join(lines) + "\n").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def config_of(port):
    def metric(query, **more):
        return dict(provider="prom", query=query, **more)
    return {
        "providers": {"prom": {"kind": "prometheus", "url": "http://127.0.0.1:%d" % port,
                               "period": PERIOD, "settle": "2s"}},
        "metrics": {
            "requests": metric('shop_requests_total{track="{{arm}}"}', counter=True),
            "errors": metric('shop_errors_total{track="{{arm}}"}', counter=True, absent="zero"),
            "latency_p99": metric('shop_latency{track="{{arm}}"}', scale=1000, at_least=1),
            "extrapolated": metric(
                'sum(increase(shop_requests_total{track="{{arm}}"}[{{period}}]))',
                statistic="sum"),
            "nonsense": metric('sum(shop_latency{track="{{arm}}"}'),
            "nowhere": metric('no_such_metric{track="{{arm}}"}'),
        },
    }


def query(port, text, **more):
    more["query"] = text
    path = "query_range" if "step" in more else "query"
    answer = support.fetch({"method": "GET", "url": "http://127.0.0.1:%d/api/v1/%s?%s" % (
        port, path, urllib.parse.urlencode(more))})
    return json.loads(answer["body"])["data"]["result"] if answer.get("status") == 200 else []


def increases(port, labels, edges):
    """From the stored samples: of each pod, what was last scraped by the ends of each period."""
    total = [None] * (len(edges) - 1)
    for series in query(port, "shop_requests_total{%s}[5m]" % labels):
        samples = [(round(at * 1000), float(value)) for at, value in series["values"]]
        at_edges = [[v for t, v in samples if t <= edge] for edge in edges]
        for i, (before, here) in enumerate(zip(at_edges, at_edges[1:])):
            if before and here:
                grown = here[-1] - before[-1]
                total[i] = (total[i] or 0) + (here[-1] if grown < 0 else grown)
    return ["no data" if value is None else value for value in total]


def check_values(tally, driver, port, edges):
    read = driver.ask(config=config_of(port), target=TARGET, names=["errors", "requests",
                      "latency_p99", "nowhere", "nonsense"], **edges)
    at = [edges["from"] + i * PERIOD for i in range((edges["to"] - edges["from"]) // PERIOD + 1)]
    for arm in ("baseline", "canary"):
        tally.equal("requests of the " + arm, increases(port, 'track="%s"' % arm, at),
                    support.column(read, "requests", arm))
    tally.holds("a reset was met", any(
        resets["value"][1] == "1" for resets in query(
            port, 'resets(shop_requests_total{pod="c"}[5m])')))
    tally.holds("the canary had requests", all(
        value == "no data" or value >= 0 for value in support.column(read, "requests", "canary")))
    requests = support.column(read, "requests", "canary")
    tally.equal("a counter of errors that never was", [
        0 if isinstance(value, (int, float)) and value > 0 else "no data" for value in requests],
        support.column(read, "errors", "canary"))
    tally.holds("errors of the baseline", sum(support.column(read, "errors", "baseline")) > 0)
    tally.equal("a latency", 250.0, support.column(read, "latency_p99", "baseline")[-1])
    tally.equal("NaN", {"no data"}, set(support.column(read, "latency_p99", "canary")))
    tally.equal("a metric that is not there", {"no data"},
                set(support.column(read, "nowhere", "canary")))
    wrong = read["periods"][0]["metrics"]["nonsense"]["canary"]
    tally.equal("a query that is none", "provider error", wrong["status"])
    tally.holds("... and why: " + wrong["message"], "answered 400: " in wrong["message"]
                and "parse error" in wrong["message"])


def check_increase(tally, driver, port, edges):
    """increase() extrapolates, and says nothing where a scrape was late: near what the counter
    says, and of the same periods."""
    read = driver.ask(config=config_of(port), target=TARGET, names=["extrapolated", "requests"],
                      **edges)
    whole = support.column(read, "requests", "baseline")
    near = support.column(read, "extrapolated", "baseline")
    both = [(a, b) for a, b in zip(near, whole) if "no data" not in (a, b)]
    tally.holds("increase() %s, counted %s" % (near, whole), 2 * len(both) >= len(whole) and all(
        0 < a < 3 * b for a, b in both))


def check_gone(tally, driver, port, service):
    """The service vanishes: Prometheus marks its series stale, and that is no data, not zero."""
    service.shutdown()
    service.server_close()
    support.wait_until("the service is seen to be gone",
                       lambda: query(port, "up == 0") and not query(port, "shop_latency"))
    first = int(time.time() * 1000) // PERIOD * PERIOD + PERIOD
    support.wait_until("a period without it", lambda: time.time() * 1000 > first + PERIOD)
    read = driver.ask(config=config_of(port), target=TARGET, names=["errors", "requests"],
                      **{"from": first, "to": first + PERIOD, "now": first + 3 * PERIOD})
    for metric in ("errors", "requests"):
        tally.equal(metric + " of a service that is gone", ["no data"],
                    support.column(read, metric, "baseline"))


def check_unreachable(tally, driver, edges):
    read = driver.ask(config=config_of(support.free_port()), target=TARGET, names=["errors"],
                      **edges)
    reading = read["periods"][0]["metrics"]["errors"]["canary"]
    tally.equal("no Prometheus", ("provider error", True), (reading["status"], reading["again"]))


def run(folder, tally):
    service = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    port = support.free_port()
    with open(os.path.join(folder, "prometheus.yml"), "w", encoding="utf-8") as file:
        file.write("global: { scrape_interval: 1s, scrape_timeout: 1s }\n"
                   "scrape_configs: [ { job_name: shop, static_configs: "
                   "[ { targets: [ '127.0.0.1:%d' ] } ] } ]\n" % service.server_port)
    process = subprocess.Popen(
        ["prometheus", "--config.file=" + os.path.join(folder, "prometheus.yml"),
         "--storage.tsdb.path=" + os.path.join(folder, "data"), "--log.level=error",
         "--web.listen-address=127.0.0.1:%d" % port])
    try:
        # The first period begins with a scrape behind it.
        support.wait_until("Prometheus has scraped", lambda: query(port, "shop_latency"))
        start = int(time.time() * 1000) // PERIOD * PERIOD + PERIOD
        support.wait_until("the canary was restarted", lambda: Service.scrapes > RESET_AT + 2)
        to = (int(time.time() * 1000) - 1000) // PERIOD * PERIOD  # what was scraped is stored
        edges = {"from": start, "to": to, "now": to + PERIOD}
        driver = support.Driver()
        check_values(tally, driver, port, edges)
        check_increase(tally, driver, port, edges)
        check_gone(tally, driver, port, service)
        check_unreachable(tally, driver, edges)
    finally:
        process.terminate()
        process.wait()


def main():
    if not shutil.which("prometheus"):
        support.skip("metrics/prometheus: prometheus is not installed")
    support.interpreter()
    tally = support.Tally()
    with tempfile.TemporaryDirectory() as folder:
        run(folder, tally)
    tally.close()


main()
