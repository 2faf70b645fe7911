#!/usr/bin/env python3
"""The CloudWatch provider against moto's CloudWatch: boto3 writes the points, our requests (by
lua/aws/client, signed by botocore) ask for them, and lua/metrics reads the answers.

Needs moto[server] and boto3 for this interpreter:

    python3 -m venv build/venv && build/venv/bin/pip install 'moto[server]' boto3
    build/venv/bin/python tests/live/metrics_cloudwatch.py

moto knows no percentiles (it answers 500), no PartialData and no pages; those are in tests/spec.
"""

import datetime
import importlib.util
import json
import os
import subprocess
import sys
import tempfile

import metrics_support as support

MINUTE = 60000
REGION = "eu-central-1"
ELB = "arn:aws:elasticloadbalancing:%s:123456789012:" % REGION
BLUE, GREEN = "targetgroup/blue/73e2d6bc24d8a067", "targetgroup/green/44b5c0e1f0a8d217"
BALANCER = "app/shop/50dc6c495c0c9188"
RULE = {"type": "alb_rule", "rule": ELB + "listener-rule/%s/f2f7dc8efc522ab2/96" % BALANCER,
        "baseline": ELB + BLUE, "canary": ELB + GREEN}
ALIAS = {"type": "lambda_alias", "function": "checkout", "alias": "live", "baseline": "7",
         "canary": "8"}
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true"}


def missing():
    return [name for name in ("moto", "boto3", "flask") if not importlib.util.find_spec(name)]


def signer():
    """Sends as the program would, with botocore's signature."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    def send(request):
        signed = AWSRequest(request["method"], request["url"], dict(map(tuple, request["headers"])),
                            request["body"])
        SigV4Auth(Credentials("test", "test"), "monitoring", REGION).add_auth(signed)
        request["headers"] = [list(pair) for pair in signed.headers.items()]
        return support.fetch(request)
    return send


def put(cloudwatch, namespace, dimensions, metric, values, start):
    """A value per minute; None where there is none. Each in two parts, so that Sum adds them up."""
    shown = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    for minute, value in enumerate(values):
        at = datetime.datetime.fromtimestamp((start + minute * MINUTE) / 1000,
                                             datetime.timezone.utc)
        for part in (() if value is None else (1, value - 1)):
            cloudwatch.put_metric_data(Namespace=namespace, MetricData=[
                {"MetricName": metric, "Dimensions": shown, "Timestamp": at, "Value": part}])


def put_all(cloudwatch, start):
    def alb(group, metric, values):
        put(cloudwatch, "AWS/ApplicationELB", {"LoadBalancer": BALANCER, "TargetGroup": group},
            metric, values, start)

    def alias(version, metric, values):
        put(cloudwatch, "AWS/Lambda", {"FunctionName": "checkout", "Resource": "checkout:live",
                                       "ExecutedVersion": version}, metric, values, start)
    alb(BLUE, "RequestCount", [900, 950, 920, None])
    alb(GREEN, "RequestCount", [100, 110, 90, None])
    alb(BLUE, "HTTPCode_Target_5XX_Count", [None, 2, None, None])
    alb(GREEN, "HTTPCode_Target_5XX_Count", [3, None, None, None])
    alb(GREEN, "TargetConnectionErrorCount", [4, None, 1, None])
    alb(GREEN, "TargetResponseTime", [3, 5, None, None])
    alias("7", "Invocations", [50, 60, None, None])
    alias("8", "Invocations", [5, None, 7, None])
    alias("8", "Errors", [1, 1, None, None])


def check_alb(tally, driver, question):
    read = driver.ask(target=RULE, names=["errors", "requests", "latency"], **question)
    nothing = "no data"
    for metric, canary, baseline in [
            ("requests", [100, 110, 90, nothing], [900, 950, 920, nothing]),
            ("errors", [7, 0, 1, nothing], [0, 2, 0, nothing]),
            ("latency", [1500, 2500, nothing, nothing], [nothing] * 4)]:
        tally.equal(metric + " of the canary", canary, support.column(read, metric, "canary"))
        tally.equal(metric + " of the baseline", baseline,
                    support.column(read, metric, "baseline"))
    tally.equal("the periods", [question["from"] + i * MINUTE for i in range(4)],
                [period["at"] for period in read["periods"]])


def check_alias(tally, driver, question):
    read = driver.ask(target=ALIAS, names=["errors"], **question)
    tally.equal("errors of version 8", [1, "no data", 0, "no data"],
                support.column(read, "errors", "canary"))
    tally.equal("errors of version 7", [0, 0, "no data", "no data"],
                support.column(read, "errors", "baseline"))


def check_failures(tally, driver, question):
    read = driver.ask(target=RULE, names=["latency_p99"], **question)
    reading = read["periods"][0]["metrics"]["latency_p99"]["canary"]
    tally.equal("an answer of 500", "provider error", reading["status"])
    read = driver.ask(target=RULE, names=["requests"], **dict(
        question, aws="http://127.0.0.1:%d" % support.free_port()))
    reading = read["periods"][0]["metrics"]["requests"]["canary"]
    tally.equal("no CloudWatch", ("provider error", True), (reading["status"], reading["again"]))


def simulated(program, recording, folder):
    """The metrics of each period that a simulation over the recording looked at."""
    file, journal = os.path.join(folder, "moto.ndjson"), os.path.join(folder, "journal")
    with open(file, "w", encoding="utf-8") as out:
        out.write(recording)
    target = "alb-rule:%s,baseline=%s,canary=%s" % (RULE["rule"], RULE["baseline"], RULE["canary"])
    done = subprocess.run(
        [program, "simulate", "policies/step_canary.lua", "--recording", file, "-p",
         "target=" + target, "-p", "steps=10,100", "-p", "bake=2m", "--journal", journal],
        cwd=support.TOP, capture_output=True, text=True, check=False)
    if not os.path.exists(journal):
        raise AssertionError("simulate: %d %s" % (done.returncode, done.stderr))
    with open(journal, encoding="utf-8") as lines:
        ticks = [json.loads(line) for line in lines if '"kind":"tick"' in line]
    return {period["at"]: period["metrics"]
            for tick in ticks for period in tick["body"]["periods"]}


def check_recording(tally, driver, question):
    """A simulation over what was recorded sees what the live run saw."""
    question = dict(question, target=RULE, names=["errors", "requests"])
    read = driver.ask(**question)
    recorded = driver.ask(record=True, **question)
    tally.equal("lines of the recording", 1 + 6 + 6, recorded["recording"].count("\n"))
    program = os.path.join(os.path.dirname(driver.program), "tidelock")
    with tempfile.TemporaryDirectory() as folder:
        seen = simulated(program, recorded["recording"], folder)
    tally.holds("periods seen in the simulation: %d" % len(seen), len(seen) >= 2)
    for period in read["periods"]:
        if period["at"] in seen:
            tally.equal("a period in the simulation", {
                name: {arm: reading.get("value", reading["status"])
                       for arm, reading in arms.items()}
                for name, arms in period["metrics"].items()}, seen[period["at"]])


def run(tally):
    import boto3
    port = support.free_port()
    url = "http://127.0.0.1:%d" % port
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=log, stderr=log)
        try:
            support.wait_until("moto answers", lambda: support.fetch(
                {"method": "GET", "url": url + "/moto-api/data.json"}).get("status") == 200)
            now = datetime.datetime.now(datetime.timezone.utc).timestamp()
            start = (int(now * 1000) // MINUTE - 10) * MINUTE
            put_all(boto3.client("cloudwatch", endpoint_url=url, region_name=REGION), start)
            question = {"config": {}, "aws": url, "from": start, "to": start + 4 * MINUTE,
                        "now": start + 6 * MINUTE}
            driver = support.Driver(signer())
            check_alb(tally, driver, question)
            check_alias(tally, driver, question)
            check_failures(tally, driver, question)
            check_recording(tally, driver, question)
        finally:
            process.terminate()
            process.wait()


def main():
    if missing():
        support.skip("metrics/moto: not installed: " + ", ".join(missing()))
    support.interpreter()
    os.environ.update(KEYS)
    tally = support.Tally()
    run(tally)
    tally.close()


main()
