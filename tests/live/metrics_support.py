"""What the live tests of the metric providers share: processes, requests, and the count."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATIENCE = 300  # seconds after which nothing becomes true any more, however busy the machine


def skip(what):
    """Aloud; where CI=true the tool should be there."""
    print("SKIPPED:", what)
    missing = os.environ.get("CI") == "true"
    print("0 passed, %d failed, %d skipped" % (missing, not missing))
    sys.exit(1 if missing else 77)


def interpreter():
    build = os.environ.get("TIDELOCK_BUILD", os.path.join(TOP, "build", "release"))
    program = os.path.join(build, "bin", "tidelock-lua")
    if not os.access(program, os.X_OK):
        skip("metrics: %s is not built" % program)
    return program


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until(what, is_true, patience=PATIENCE):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        found = is_true()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("%s: not within %d s" % (what, patience))


def fetch(request):
    """What the program would be told: {status, headers, body} or {lost, message}."""
    body = request.get("body") or None
    sent = urllib.request.Request(request["url"], method=request["method"],
                                  data=body.encode() if body else None)
    for name, value in request.get("headers", []):
        sent.add_header(name, value)
    try:
        with urllib.request.urlopen(sent, timeout=PATIENCE) as answer:
            return response(answer)
    except urllib.error.HTTPError as answer:
        return response(answer)
    except OSError as problem:
        return {"lost": True, "sent": False, "message": str(problem)}


def response(answer):
    return {"status": answer.status, "headers": [list(pair) for pair in answer.headers.items()],
            "body": answer.read().decode()}


class Driver:
    """Asks lua/metrics, through tests/live/metrics_driver.lua."""

    def __init__(self, send=fetch):
        self.program, self.send = interpreter(), send

    def call(self, question):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(question, file)
            file.flush()
            done = subprocess.run([self.program, "tests/live/metrics_driver.lua", file.name],
                                  cwd=TOP, capture_output=True, text=True, timeout=PATIENCE,
                                  check=False)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return json.loads(done.stdout)

    def ask(self, **question):
        """Plans, sends and reads."""
        requests = self.call(question)["requests"]
        question["answers"] = [self.send(request) for request in requests]
        return self.call(question)


def column(read, metric, arm):
    readings = [period["metrics"][metric][arm] for period in read["periods"]]
    return [reading.get("value", reading["status"]) for reading in readings]


class Tally:
    def __init__(self):
        self.passed = self.failed = 0

    def equal(self, what, expected, found):
        if expected == found:
            self.passed += 1
            return
        self.failed += 1
        print("FAILED: %s\n  expected %s\n  found    %s" % (what, expected, found))

    def holds(self, what, found):
        self.equal(what, True, bool(found))

    def close(self):
        print("%d passed, %d failed, 0 skipped" % (self.passed, self.failed))
        sys.exit(self.failed > 0)
