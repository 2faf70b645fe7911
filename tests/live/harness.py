"""What the live tests share: metrics, a place to run in, and our program, which is only ever run as
a person would run it. AWS is in emulators.py."""

import gzip
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import emulators
import metrics_support as support

PATIENCE = 600  # seconds after which a run of the program hangs, however busy the machine
BUILD = os.environ.get("TIDELOCK_BUILD", os.path.join(support.TOP, "build", "release"))
PROGRAM = os.path.join(BUILD, "bin", "tidelock")


def environment(endpoint, **more):
    """Nothing of the machine's own AWS settings, and no way to its instance metadata."""
    named = {name: os.environ[name] for name in ("PATH", "LANG", "CI") if name in os.environ}
    named.update(emulators.KEYS, AWS_REGION=emulators.REGION, AWS_EC2_METADATA_DISABLED="true",
                 HOME="/nonexistent", AWS_CONFIG_FILE="/nonexistent",
                 AWS_SHARED_CREDENTIALS_FILE="/nonexistent")
    if endpoint:
        named["AWS_ENDPOINT_URL"] = endpoint
    named.update(more)
    return {name: value for name, value in named.items() if value is not None}


def decisions(records):
    """What was done to the target, and how it ended."""
    done = []
    for record in records:
        body = record["body"]
        if record["kind"] == "effect" and "undo" in body:
            done.append(body["request"]["input"]["RoutingConfig"]["AdditionalVersionWeights"])
        elif record["kind"] == "rollback":
            done.append((body["cause"], body["reason"].split(":")[0]))
        elif record["kind"] == "end":
            done.append((body["outcome"], body["exit"]))
    return done


# --- metrics ---


class Source(emulators.Serving):
    """Requests and errors of both arms, a number per second, as JSON over HTTP. What is asked for
    below /harm has errors in the canary; below /gone it answers 500; below /hangs it answers what
    is asked before a run, and takes what is asked in it for as long as `gate` is closed. What it
    says is compressed where that is offered."""

    def __init__(self):
        self.gate, self.taken = threading.Event(), threading.Event()
        source = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                url = urlsplit(self.path)
                if url.path.startswith("/hangs/") and is_recent(asked_of(url)):
                    source.taken.set()
                    source.gate.wait(PATIENCE)
                status, document = answer(url)
                body = json.dumps(document).encode()
                self.send_response(status)
                if self.headers.get("Accept-Encoding") == "gzip":
                    body = gzip.compress(body)
                    self.send_header("Content-Encoding", "gzip")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass
        self.serve(Handler).begin()


NUMBERS = {("requests", "baseline"): 900, ("requests", "canary"): 900,
           ("errors", "baseline"): 9, ("errors", "canary"): 9}


def asked_of(url):
    return {name: int(values[0]) for name, values in parse_qs(url.query).items()
            if values[0].isdigit()}


def is_recent(asked):
    """What a run asks; before it, hours are asked for."""
    return asked["to"] - asked["from"] <= 600


def answer(url):
    _, story, metric, arm = url.path.split("/")
    asked = asked_of(url)
    if story == "gone" or story == "leaves" and is_recent(asked):  # it was there before
        return 500, {}
    if story == "idle" or story == "unheard" and metric == "errors":
        return 200, []
    value = NUMBERS[metric, arm]
    if story == "harm" and (metric, arm) == ("errors", "canary"):
        value = 300
    return 200, [{"t": at, "v": value}
                 for at in range(asked["from"], asked["to"], asked["step"])]


# --- our program ---

CONFIG = """return {
    providers = { made = { kind = "http", url = "%s", period = "%s", settle = "0s" } },
    metrics = { requests = metric("requests"), errors = metric("errors") },
%s%s}
"""
LATENESS = "    rollback = { lateness = \"%s\" },\n"
METRIC = """local function metric(name)
    local query = "?from={{from}}&to={{to}}&step={{period}}"
    return {
        provider = "made", statistic = "sum", path = "/" .. name .. "/{{arm}}" .. query,
        points = "", time = "t", value = "v",
    }
end
"""


class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def __repr__(self):
        return "exit %s\n%s%s" % (self.status, self.out, self.err)


def preloaded(names):
    """Modules of ours, see CMakeLists.txt, for LD_PRELOAD."""
    return ":".join(os.path.join(BUILD, "tests", "live", name + ".so") for name in names)


class Clock:
    """Goes so many times as fast as the machine's, a fraction or a number, and began so many ms
    after a full minute."""

    def __init__(self, times, phase):
        now, speed = int(time.time() * 1000), Fraction(times)
        self.settings = {"HURRY": str(speed.numerator), "HURRY_PER": str(speed.denominator),
                         "HURRY_FROM": str(now),
                         "HURRY_AT": str(now - now % 60000 + phase)}

    def variables(self):
        return dict(self.settings, LD_PRELOAD=preloaded(["hurry"]))


class Place:
    """A folder to run in: the operator's file, the state, and what the program is told. A request
    whose answer was lost is not waited for as long as usual, unless it is said to be (None)."""

    def __init__(self, endpoint, metrics=None, config="", period="1s", lateness="10s",
                 **variables):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = self.temporary.name
        self.environment = environment(endpoint, **variables)
        self.preload = []
        if metrics or config:
            self.write("tidelock.lua", METRIC + CONFIG % (
                metrics or "http://127.0.0.1:9", period,
                LATENESS % lateness if lateness else "", config))

    def tell_apart(self, member):
        """Each target has metrics of its own, by a placeholder."""
        with open(os.path.join(self.folder, "tidelock.lua"), encoding="utf-8") as file:
            text = file.read()
        self.write("tidelock.lua", text.replace("&step=", "&%s={{%s}}&step=" % (member, member)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def hurry(self, times, phase):
        """Its time goes faster, and begins so many ms after a full minute."""
        self.set_clock(Clock(times, phase))

    def set_clock(self, clock):
        self.preload.append("hurry")
        self.environment.update(clock.settings)

    def start(self, *arguments, preload=(), **variables):
        names = [*self.preload, *preload]
        if names:
            variables["LD_PRELOAD"] = preloaded(names)
        return subprocess.Popen([PROGRAM, *arguments], cwd=self.folder, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=dict(self.environment, **variables))

    def run(self, *arguments, **variables):
        return finish(self.start(*arguments, **variables))

    def journals(self):
        runs = os.path.join(self.folder, ".tidelock", "runs")
        names = os.listdir(runs) if os.path.isdir(runs) else []
        return sorted(os.path.join(runs, name) for name in names if name.endswith(".journal"))

    def journal(self):
        return self.journals()[-1]

    def records(self):
        """What is whole of the last journal."""
        if not self.journals():
            return []
        with open(self.journal(), encoding="utf-8") as file:
            lines = file.read().split("\n")[:-1]
        return [json.loads(line) for line in lines]


def finish(process):
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        out, err = process.communicate()
        raise AssertionError("not done within %d s: %s%s" % (PATIENCE, out, err)) from None
    return Result(process.returncode, out, err)


def children_of(process):
    """The policy's process is one of them."""
    path = "/proc/%d/task/%d/children" % (process.pid, process.pid)
    with open(path, encoding="ascii") as file:
        return [int(pid) for pid in file.read().split()]


def is_stopped(process):
    with open("/proc/%d/stat" % process.pid, encoding="ascii") as file:
        return file.read().rsplit(")", 1)[1].split()[0] == "T"


def has_record(place, kind, count=1):
    return sum(record["kind"] == kind for record in place.records()) >= count


def wait_for_record(place, kind, count=1):
    support.wait_until("record %d of kind %s" % (count, kind),
                       lambda: has_record(place, kind, count))


# --- the tests ---


class LiveTest(unittest.TestCase):
    """One emulator, one account and one source of metrics for all tests of a class."""
    emulate = staticmethod(emulators.moto)

    @classmethod
    def setUpClass(cls):
        cls.emulator = cls.emulate()
        cls.addClassCleanup(cls.emulator.stop)
        cls.account = emulators.Account(cls.emulator.url)
        cls.source = Source()
        cls.addClassCleanup(cls.source.stop)

    maxDiff = None

    def place(self, story="calm", endpoint=None, **more):
        place = Place(endpoint or self.emulator.url, self.source.url + "/" + story, **more)
        self.addCleanup(place.temporary.cleanup)
        return place

    def check(self, status, result):
        self.assertEqual(status, result.status, result)


def ever_slower(times):
    """Speeds of a clock for what is compared period by period: a busy machine is given as long as
    it needs, since the program's time then goes slower."""
    return [Fraction(times) / slower for slower in (1, 1, 2, 4, 8, 16)]


def together(act, jobs):
    """Side by side, since runs wait more than they work; raises what the first of them raised."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        failed = [done.exception() for done in [pool.submit(act, job) for job in jobs]]
    for problem in filter(None, failed):
        raise problem


def main():
    """Runs the tests of the program that was started, and counts."""
    if not os.access(PROGRAM, os.X_OK):
        support.skip("live: %s is not built" % PROGRAM)
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    bad = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print("%d passed, %d failed, %d skipped" % (result.testsRun - bad - skipped, bad, skipped))
    sys.exit(bad > 0)
