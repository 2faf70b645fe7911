"""botocore as oracle: for every operation of the catalogue our request equals botocore's, and so
does our reading of answers and errors.

    run.py --lua PATH/tidelock-lua --endpoints PATH/oracle_endpoints
           [--only SERVICE|OPERATION...] [--shown N]

An answer that lacks what its operation always returns is none to us, where botocore takes it for
one.
What an operation keeps to itself on purpose (`withheld` in a service's wire) and the codes that it
takes for a quota (`quota`) are left out of the comparison."""

import argparse
import json
import re
import subprocess
import sys
import urllib.parse

import answers
import endpoints
import theirs
import waiters

# Headers that say who sends and when; the signature is compared elsewhere (tests/conformance).
NOT_COMPARED = {"user-agent", "x-amz-user-agent", "authorization", "x-amz-date", "content-length",
                "x-amz-security-token", "host", "date", "amz-sdk-invocation-id",
                "amz-sdk-request", "x-amz-content-sha256"}


# Services that botocore calls by another name than their endpoint has.
THEIR_NAMES = {"states": "stepfunctions"}


class Ours:
    """tidelock-lua with speak.lua: one line of JSON in, one out."""

    def __init__(self, program):
        self.process = subprocess.Popen([program, "tests/oracle/botocore/speak.lua"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, question):
        self.process.stdin.write(json.dumps(question).encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit("speak.lua has ended at " + json.dumps(question)[:300])
        return json.loads(line)


def lacks(mine, theirs):
    """Whether ours is refused for want of a member that theirs does not have, either."""
    error = mine.get("error", {})
    member = re.fullmatch(r"the answer to \w+ has no (\w+)", error.get("message", ""))
    return error.get("code") == "UnreadableResponse" and member and not theirs.get(member[1])


class Tally:
    def __init__(self, shown):
        self.passed, self.failures, self.shown = 0, 0, shown

    def check(self, ours, others, *what):
        if same(ours, others):
            self.passed += 1
            return
        self.failures += 1
        if self.failures <= self.shown:
            print("DIFFERS", *what, "\n    ours:  ", ours, "\n    theirs:", others)


def same(a, b):
    """Like ==, but true is not 1."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[name], b[name]) for name in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b and isinstance(a, bool) == isinstance(b, bool)


def body_of(text, content_type):
    if content_type.startswith("application/x-www-form-urlencoded"):
        return sorted(urllib.parse.parse_qsl(text, keep_blank_values=True, strict_parsing=True))
    try:
        return json.loads(text) if "json" in content_type else text
    except ValueError:
        return text  # a payload of the caller's, whatever it says it is


def request_of(method, url, headers, body):
    """The parts of a request that matter, in a form in which order does not."""
    split = urllib.parse.urlsplit(url)
    kept = {name.lower(): value for name, value in headers if name.lower() not in NOT_COMPARED}
    return {
        "method": method,
        "host": split.scheme + "://" + split.netloc,
        "path": split.path,
        "query": sorted(urllib.parse.parse_qsl(split.query, keep_blank_values=True)),
        "headers": kept,
        "body": body_of(body, kept.get("content-type", "")),
    }


def text(value):
    return value.decode() if isinstance(value, bytes) else value or ""


def their_request(sent):
    headers = [(text(name), text(value)) for name, value in sent.headers.items()]
    return request_of(sent.method, sent.url, headers, text(sent.body))


class Comparison:
    def __init__(self, ours, session, tally):
        self.ours, self.session, self.tally, self.services = ours, session, tally, {}

    def service(self, name):
        if name not in self.services:
            self.services[name] = theirs.Service(self.session, THEIR_NAMES.get(name, name))
        return self.services[name]

    def where(self, entry, model):
        self.tally.check(
            [entry["where"]["service_id"], entry["where"]["endpoint_prefix"],
             entry["where"]["signing_name"]],
            [str(model.service_id), model.endpoint_prefix, model.signing_name],
            entry["operation"], "where")

    def request(self, entry, service, given):
        sent, refused = service.request(entry["action"], given)
        mine = self.ours.ask({"ask": "request", "operation": entry["operation"], "input": given,
                              "endpoint": theirs.ENDPOINT, "tokens": {}})
        if refused or "refused" in mine:
            self.tally.check(mine.get("refused"), refused, entry["operation"], "refusal",
                             json.dumps(given, ensure_ascii=False))
            return
        mine = request_of(mine["method"], mine["url"], mine["headers"], mine["body"])
        self.tally.check(mine, their_request(sent), entry["operation"], "request",
                         json.dumps(given, ensure_ascii=False))

    def read(self, entry, status, headers, body):
        return self.ours.ask({
            "ask": "answer", "operation": entry["operation"],
            "response": {"status": status, "headers": [list(one) for one in headers.items()],
                         "body": body.decode()}})

    def success(self, entry, service, name, response):
        kind, *rest = service.answer(entry["action"], entry["inputs"][0], response)
        expected = {of: item for of, item in rest[0].items() if of not in entry["withheld"]} \
            if kind == "ok" else list(rest[:2])
        mine = self.read(entry, *response)
        if name in ("empty", "nulls") and lacks(mine, expected):
            expected = mine
        self.tally.check(mine.get("value", mine), expected, entry["operation"], "answer", name)

    def error(self, entry, service, name, status, headers, body):
        _, code, message, parsed = service.answer(entry["action"], entry["inputs"][0],
                                                  (status, headers, body))
        mine = self.read(entry, status, headers, body)
        if name.startswith(("page", "nothing")):  # a proxy's words are everybody's own affair
            code, message = code or mine["error"]["code"], mine["error"]["message"]
        self.tally.check([mine["error"]["code"], mine["error"]["message"]], [code, message],
                         entry["operation"], "error", name)
        # Botocore takes a page of a proxy's for a refusal, whatever was carried out behind it.
        nobodys = mine["error"]["code"].isdigit() and status != 429
        doubtful = entry["class"] != "read" and (status >= 500 or nobodys)
        retry = None if doubtful or code in entry["quota"] else theirs.retry_class(parsed, status)
        self.tally.check([mine["outcome"], mine.get("retry")],
                         ["unknown" if doubtful else "rejected", retry],
                         entry["operation"], "outcome", name)

    def pages(self, entry, service):
        method = entry["operation"].split(".")[1]
        if not service.client.can_paginate(method):
            return
        config = service.client.get_paginator(method)._pagination_cfg
        mine = entry.get("pages") or {"items": []}
        results = config["result_key"]
        self.tally.check(
            [mine.get("token"), mine.get("next"),
             sorted(mine["items"] + list(mine.get("joined", {})))],
            [config["input_token"], config["output_token"],
             sorted([results] if isinstance(results, str) else results)],
            entry["operation"], "pages")

    def entry(self, entry):
        service = self.service(entry["service"])
        operation = service.model.operation_model(entry["action"])
        protocol = theirs.PROTOCOLS.get(entry["service"], service.model.metadata["protocol"])
        self.where(entry, service.model)
        self.pages(entry, service)
        for given in entry["inputs"]:
            self.request(entry, service, given)
        for name, response in answers.successes(protocol, operation).items():
            self.success(entry, service, name, response)
        compatible = "awsQueryCompatible" in service.model.metadata
        for name, status, headers, body in answers.errors(protocol, operation, compatible):
            self.error(entry, service, name, status, headers, body)


def compare_delays(ours, tally):
    for attempt in range(1, 13):
        for throttled in (False, True):
            for unit in (0.0, 0.25, 0.5, 0.999):
                for after in (None, 0, 1500, 10000):
                    question = {"ask": "delay", "attempt": attempt, "unit": unit,
                                "class": "throttling" if throttled else "transient"}
                    if after is not None:
                        question["after"] = after
                    mine = ours.ask(question)
                    other = theirs.delay(attempt, throttled, unit, after)
                    tally.check(abs(mine - other) <= 0.5, True, "delay", attempt, throttled, unit,
                                after, mine, other)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lua", required=True)
    parser.add_argument("--endpoints", required=True)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--shown", type=int, default=20)
    options = parser.parse_args()
    ours, tally = Ours(options.lua), Tally(options.shown)
    question = {"ask": "inputs"}
    if options.only:
        question["only"] = options.only
    entries = ours.ask(question)
    comparison = Comparison(ours, theirs.session_with_protocols(), tally)
    for entry in entries:
        before = tally.passed, tally.failures
        comparison.entry(entry)
        print("%-45s %5d inputs, %6d passed, %4d differ" % (
            entry["operation"], len(entry["inputs"]), tally.passed - before[0],
            tally.failures - before[1]))
    compare_delays(ours, tally)
    asked = {THEIR_NAMES.get(name, name) for name in comparison.services}
    endpoints.compare(options.endpoints, comparison.session, asked, tally)
    waiters.compare(ours, comparison.session, tally)
    print("%d passed, %d failed, 0 skipped" % (tally.passed, tally.failures))
    sys.exit(1 if tally.failures or not entries else 0)


if __name__ == "__main__":
    main()
