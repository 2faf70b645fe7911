"""What is measured of a live run, against emulators and beside AWS's own command line tool (awscli,
from PyPI), in one run of this program. All on the loopback, so that no network is in it.

    tests/bench/live.sh BUILD           finds both, and hands the path of `aws` over
"""

import os
import re
import socket
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))

import aliases  # noqa: E402
import proxy  # noqa: E402
import emulators  # noqa: E402
import harness  # noqa: E402

AWS = sys.argv[1]
ROUNDS = 9
REST = 10  # seconds that a waiting run is looked at
WATCH = ["-p", "steps=50,100", "-p", "bake=1m", "-p", "every=1s"]


def median_ms(times):
    return 1000 * statistics.median(times)


def title(text):
    print("\n# " + text)


def ratio(theirs, ours, wanted):
    print("ratio             %7.1f (wanted: at least %d)" % (theirs / ours, wanted))


# --- from the start of a process to its first request ---


def first_request(start):
    """Seconds from `start(url)`, which starts a process, to the first byte that it sends there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(harness.PATIENCE)
        url = "http://127.0.0.1:%d" % server.getsockname()[1]
        began = time.perf_counter()
        process = start(url)
        connection, _ = server.accept()
        connection.recv(1)
        took = time.perf_counter() - began
        process.kill()
        process.communicate()
        connection.close()
    return took


def start_aws(url):
    return subprocess.Popen(
        [AWS, "lambda", "get-alias", "--function-name", "pay", "--name", "live"],
        env=harness.environment(url, AWS_DEFAULT_REGION=emulators.REGION),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def measure_start():
    title("from start to the first request, against `aws lambda get-alias`")
    with harness.Place(None) as place:
        def start_ours(url):
            return place.start("run", "step_canary", "-p", "target=lambda-alias:pay:live,canary=2",
                               AWS_ENDPOINT_URL=url)
        pairs = [(first_request(start_ours), first_request(start_aws)) for _ in range(ROUNDS)]
    ours, theirs = (median_ms(column) for column in zip(*pairs))
    print("tidelock run      %7.1f ms" % ours)
    print("aws               %7.1f ms" % theirs)
    ratio(theirs, ours, 20)


# --- a run that waits ---


def private_kib(process):
    """What no other process could share: pages that were written. Pages of files that only this
    process happens to map are told apart; the system takes those back as it likes."""
    with open("/proc/%d/smaps_rollup" % process) as file:
        found = dict(re.findall(r"^(\w+): +(\d+) kB$", file.read(), re.MULTILINE))
    return int(found["Private_Dirty"]), int(found["Private_Clean"])


def ticks(process):
    with open("/proc/%d/stat" % process) as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def family(process):
    with open("/proc/%d/task/%d/children" % (process, process)) as file:
        return [process] + [int(child) for child in file.read().split()]


def under_way(account, source, endpoint, *more):
    place = harness.Place(endpoint, source.url + "/calm")
    process = place.start("run", "step_canary", "-p", "target=" + account.alias().text, *more)
    return place, process


def measure_waiting(account, source, endpoint):
    title("a run that waits: supervisor and the policy's process")
    place, process = under_way(account, source, endpoint, "-p", "bake=10m", "-p", "every=1m")
    with place:
        harness.support.wait_until("a watch", lambda: any(
            record["kind"] == "effect" and record["body"]["request"]["kind"] == "watch"
            for record in place.records()))
        both = family(process.pid)
        before = sum(map(ticks, both))
        time.sleep(REST)
        used = (sum(map(ticks, both)) - before) / os.sysconf("SC_CLK_TCK")
        written, mapped = (sum(column) for column in zip(*map(private_kib, both)))
        process.terminate()
        process.communicate()
    print("private memory    %7d KiB (wanted: at most 4096)" % written)
    print("files only it maps%7d KiB, which the system may take back" % mapped)
    print("processor time    %7.0f ms in %d s (wanted: none)" % (1000 * used, REST))


# --- from a verdict of harm to the undo ---


class Stopwatch(proxy.Proxy):
    """Says when each request arrived and when its answer was on its way."""

    def __init__(self, upstream):
        self.log = []
        super().__init__(upstream, self.watch)

    def watch(self, _):
        arrived = time.perf_counter()

        def act(handler, seen):
            proxy.forward(handler, seen)
            self.log.append((seen.name, arrived, time.perf_counter()))
        return act


def harm_to_undo(account, source, endpoint):
    metrics, aws = Stopwatch(source.url), Stopwatch(endpoint)
    place = harness.Place(aws.url, metrics.url + "/harm")
    with place:
        result = place.run("run", "step_canary", *WATCH, "-p", "target=" + account.alias().text)
        assert result.status == 10, result
    metrics.stop()
    aws.stop()
    changes = [i for i, (name, _, _) in enumerate(aws.log) if name == "UpdateAlias"]
    look, undo = aws.log[changes[1] - 1], aws.log[changes[1]]
    told = max(done for _, _, done in metrics.log if done < look[1])
    return look[1] - told, look[1] - told + undo[1] - look[2]


def measure_undo(account, source, endpoint):
    title("from the answer that shows harm to the first request of the rollback")
    columns = zip(*(harm_to_undo(account, source, endpoint) for _ in range(ROUNDS)))
    look, undo = (median_ms(column) for column in columns)
    print("the look before   %7.2f ms (wanted: at most 5)" % look)
    print("the undo itself   %7.2f ms, less AWS's time for that look (wanted: at most 5)" % undo)


# --- taking a promoted service back ---

CLASSIC = """set -euo pipefail
current=$(%(aws)s ecs describe-services --cluster shop --services "$1" \\
    --query 'services[0].taskDefinition' --output text)
revision=${current##*:}
%(aws)s ecs update-service --cluster shop --service "$1" \\
    --task-definition "$1:$((revision - 1))" >/dev/null
""" % {"aws": AWS}


def timed(command, **more):
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **more)
    return time.perf_counter() - began


def roll_back_both(account, source, endpoint):
    """Of the same service, promoted before each."""
    target = account.service()
    before, name = target.state(), target.text.split("=")[1].split(":")[0]
    with harness.Place(endpoint, source.url + "/calm") as place:
        def promote():
            result = place.run("run", "linear", "-p", "step=100", "-p", "target=" + target.text)
            assert result.status == 0 and target.state() != before, result
        promote()
        ours = timed([harness.PROGRAM, "rollback", "last"], cwd=place.folder, env=place.environment)
        assert target.state() == before
        promote()
        theirs = timed(["bash", "-c", CLASSIC, "bash", name],
                       env=harness.environment(endpoint, AWS_DEFAULT_REGION=emulators.REGION))
        assert target.state() == before
    return ours, theirs


def measure_rollback(account, source, endpoint):  # where deployments are over at once
    title("taking a promoted ECS service back, against describing and updating it in the shell")
    pairs = [roll_back_both(account, source, endpoint) for _ in range(ROUNDS)]
    ours, theirs = (median_ms(column) for column in zip(*pairs))
    print("tidelock rollback %7.1f ms, the service read back" % ours)
    print("shell and aws     %7.1f ms, nothing read back" % theirs)
    ratio(theirs, ours, 10)


# --- many targets put back ---

MANY = 50
AT_ONCE = """local rollout = require "rollout"

return rollout.policy {
    summary = "All of the traffic, at once.",
    params = { target = rollout.target() },
    run = function(p)
        p.target:shift(100)
    end,
}
"""


def put_back(count):
    """Seconds of ours, without the account's, to take a promoted run of so many targets back."""
    names = ["pay%d" % i for i in range(count)]
    account = aliases.Account(names)
    chosen = [word for name in names
              for word in ("-p", "target=lambda-alias:%s:live,canary=2" % name)]
    with harness.Place(account.url) as place:
        place.write("at_once.lua", AT_ONCE)
        result = place.run("run", "at_once.lua", *chosen)
        assert result.status == 0, result
        account.busy = 0
        took = timed([harness.PROGRAM, "rollback", "last"], cwd=place.folder,
                     env=place.environment)
    account.stop()
    assert all(alias["FunctionVersion"] == "1" for alias in account.aliases.values())
    return took - account.busy


def measure_many():
    title("%d targets put back, against one; less the time in which their account worked" % MANY)
    pairs = [(put_back(1), put_back(MANY)) for _ in range(ROUNDS)]
    one, many = (median_ms(column) for column in zip(*pairs))
    print("one               %7.1f ms" % one)
    print("%d                %7.1f ms" % (MANY, many))
    print("ratio             %7.1f (wanted: at most 3)" % (many / one))


def main():
    measure_start()
    measure_many()
    source = harness.Source()
    try:
        for emulate, measures in ((emulators.moto, (measure_waiting, measure_undo)),
                                  (emulators.ministack, (measure_rollback,))):
            emulator = emulate()
            try:
                account = emulators.Account(emulator.url)
                for measure in measures:
                    measure(account, source, emulator.url)
            finally:
                emulator.stop()
    finally:
        source.stop()


main()
