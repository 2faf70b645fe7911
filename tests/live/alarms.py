#!/usr/bin/env python3
"""CloudWatch alarms through the whole program: metric alarms of moto's, composite ones of
MiniStack's, and what neither has (pages, other regions, an evaluation that failed) of our own
scripted CloudWatch, which boto3 reads as well. A run that heeds an alarm is rolled back when it
goes to ALARM, is refused where it is in ALARM already or is not there, and a simulation over what
was recorded decides as the run did."""

import json
import os
import threading
import time

import cloudwatch_server
import emulators
import harness
import metrics_support as support
import policies

LOOKS = ["-p", "steps=50", "-p", "bake=4s", "-p", "every=1s"]
QUICK = 'cloudwatch = { kind = "cloudwatch", settle = "1s" }'
GUARDED = """local judge, rollout = require "judge", require "rollout"
return rollout.policy {
    summary = "Half of the traffic, and all of it if the alarms stay quiet.",
    params = { target = rollout.target(), alarms = rollout.alarms() },
    run = function(p)
        p.target:shift(50)
        p.target:watch { during = "4s", every = "1s",
            judges = { judge.alarm { alarms = p.alarms } } }
        p.target:shift(100)
    end,
}
"""


def put_alarm(cloudwatch, name, state="OK"):
    cloudwatch.put_metric_alarm(
        AlarmName=name, Namespace="Shop", MetricName="Failures", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold")
    set_state(cloudwatch, name, state)


def set_state(cloudwatch, name, state):
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="said by a test")


def states(records, name):
    """What it said at one look after the other."""
    return [record["body"]["alarms"][name]["state"] for record in records
            if record["kind"] == "tick"]


def reason(records):
    return [record["body"]["reason"] for record in records if record["kind"] == "rollback"][0]


class AlarmTest(harness.LiveTest):
    def place(self, *arguments, settle="1s", **more):
        """Its alarms know of something as soon as its metrics do, unless it says otherwise."""
        place = super().place(*arguments, **more)
        path = os.path.join(place.folder, "tidelock.lua")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        place.write("tidelock.lua", text.replace(
            "providers = {", "providers = { " + QUICK.replace("1s", settle) + ",", 1))
        return place

    def guarded(self, endpoint=None, **variables):
        """A place without any metrics: alarms alone."""
        place = harness.Place(endpoint or self.emulator.url, **variables)
        self.addCleanup(place.temporary.cleanup)
        place.write("guarded.lua", GUARDED)
        place.write("tidelock.lua", "return { providers = { %s } }" % QUICK)
        return place

    def roll_out(self, place, status, arguments, meanwhile=lambda: None):
        """A run, what it is replayed as, and a simulation over what it recorded itself."""
        target = self.account.alias()
        arguments = [*arguments, "-p", "target=" + target.text]
        before = target.state()
        process = place.start("run", *arguments, "--record", "own")
        harness.wait_for_record(place, "tick", 2)  # one as the watch begins, and one with metrics
        meanwhile()
        self.check(status, harness.finish(process))
        if status:
            self.assertEqual(before, target.state())
        live = place.records()
        self.check(0, place.run("replay", "last"))
        self.assertEqual(harness.decisions(live), self.simulated(place, "own", arguments, live))
        self.check(0, place.run("record", "last", "--output", "again"))
        self.assertEqual(harness.decisions(live), self.simulated(place, "again", arguments, live))
        return live

    def simulate(self, place, recording, arguments, began):
        journal = recording + ".journal"
        place.run("simulate", *arguments, "--recording", recording, "--start",
                  policies.instant(began), "--journal", journal)
        with open(os.path.join(place.folder, journal), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def simulated(self, place, recording, arguments, live):
        """Begun so that it looks soon after the run did, each time, however late that was: it
        hears of an alarm when that heard."""
        began = live[0]["at"]
        first = self.simulate(place, recording, arguments, began)
        late = max(ours - theirs for ours, theirs in zip(policies.looks(live),
                                                         policies.looks(first)))
        return harness.decisions(self.simulate(place, recording, arguments,
                                               -(-(began + late) // 1000) * 1000))

    def check_refused(self, place, arguments, said):
        """Nothing is touched, by a run or by a plan."""
        target = self.account.alias()
        before = target.state()
        for verb in ("run", "plan"):
            result = place.run(verb, *arguments, "-p", "target=" + target.text)
            self.check(2, result)
            self.assertIn(said, result.err)
        self.assertEqual(before, target.state())


class OnMoto(AlarmTest):
    """moto has metric alarms, and no composite ones."""

    def setUp(self):
        self.cloudwatch = emulators.client("cloudwatch", self.emulator.url)
        put_alarm(self.cloudwatch, "quiet")
        put_alarm(self.cloudwatch, "loud")

    def test_goes_to_alarm(self):
        """Though the metrics are calm."""
        live = self.roll_out(self.place(), 10, ["step_canary", *LOOKS, "-p", "alarms=quiet,loud"],
                             lambda: set_state(self.cloudwatch, "loud", "ALARM"))
        self.assertRegex(reason(live), r"^alarms: loud is in ALARM since .* said by a test$")
        self.assertEqual("ALARM", states(live, "loud")[-1])
        self.assertEqual({"OK"}, set(states(live, "quiet")))

    def test_stays_quiet(self):
        live = self.roll_out(self.place(), 0, ["step_canary", *LOOKS, "-p", "alarms=quiet"])
        self.assertEqual({"OK"}, set(states(live, "quiet")))

    def test_alone(self):
        """Without any metric: on to the end, and not before the alarms had their time."""
        live = self.roll_out(self.guarded(), 0, ["guarded.lua", "-p", "alarms=quiet,loud"])
        ticks = [record for record in live if record["kind"] == "tick"]
        self.assertEqual([], [period for tick in ticks for period in tick["body"]["periods"]])
        shift = [record["at"] for record in live if record["kind"] == "effect"
                 and record["body"]["request"]["kind"] == "watch"]
        commit = [record["at"] for record in live if record["kind"] == "commit"]
        self.assertGreaterEqual(commit[0] - shift[0], 5000)

    def test_at_the_end(self):
        """In ALARM once its watch is over, and before the run commits."""
        place = self.guarded()
        place.write("tidelock.lua", "return { providers = { cloudwatch = "
                    '{ kind = "cloudwatch", settle = "20s" } } }')

        def meanwhile():
            support.wait_until("the last shift", lambda: sum(
                "undo" in record["body"] for record in place.records()
                if record["kind"] == "effect") == 2)
            set_state(self.cloudwatch, "loud", "ALARM")
        live = self.roll_out(place, 10, ["guarded.lua", "-p", "alarms=loud"], meanwhile)
        self.assertIn("loud is in ALARM", reason(live))

    def test_at_the_end_of_metrics(self):
        """The same where the metrics come from elsewhere, and are there long before."""
        def meanwhile():
            support.wait_until("the end of the last watch", lambda: sum(
                record["body"].get("value", {}).get("verdict") is not None
                for record in place.records() if record["kind"] == "result") == 2)
            set_state(self.cloudwatch, "loud", "ALARM")
        place = self.place(settle="20s")
        live = self.roll_out(place, 10, ["step_canary", *LOOKS, "-p", "alarms=loud"], meanwhile)
        self.assertIn("loud is in ALARM", reason(live))

    def test_insufficient_data(self):
        """It is no evidence: not that all is well, where there is nothing else."""
        set_state(self.cloudwatch, "loud", "INSUFFICIENT_DATA")
        self.roll_out(self.place(), 0, ["step_canary", *LOOKS, "-p", "alarms=loud"])
        for alarms in ("loud", "quiet,loud"):
            live = self.roll_out(self.guarded(), 15, ["guarded.lua", "-p", "alarms=" + alarms])
            self.assertRegex(reason(live), "^the alarm loud has no data at the end of the watch")

    def test_lost_its_data(self):
        """That it was OK as the watch began says nothing of its end."""
        live = self.roll_out(self.guarded(), 15, ["guarded.lua", "-p", "alarms=quiet,loud"],
                             lambda: set_state(self.cloudwatch, "loud", "INSUFFICIENT_DATA"))
        self.assertRegex(reason(live), "^the alarm loud has no data at the end of the watch")
        self.assertEqual("OK", states(live, "loud")[0])

    def test_of_the_policy_itself(self):
        """One that no parameter names is heeded as its watch begins."""
        place = self.guarded()
        place.write("named.lua", GUARDED.replace("alarms = p.alarms", '"loud"')
                    .replace("4s", "1h").replace("1s", "30m"))
        target = self.account.alias()
        before = target.state()
        set_state(self.cloudwatch, "loud", "ALARM")
        result = place.run("run", "named.lua", "-p", "target=" + target.text)
        self.check(10, result)
        self.assertIn("loud is in ALARM", result.out)
        self.assertEqual(before, target.state())

    def test_refused(self):
        set_state(self.cloudwatch, "loud", "ALARM")
        for arguments in (["step_canary", *LOOKS, "-p", "alarms=quiet,loud"],
                          ["step_canary", *LOOKS, "-p", "judges=alarm:loud"]):
            self.check_refused(self.place(), arguments, "the alarm loud is in ALARM already since")
        self.check_refused(self.place(), ["step_canary", "-p", "alarms=quiet,lout"],
                           'the alarm "lout": there is no such alarm in eu-west-1 (DescribeAlarms, '
                           'AlarmNames "lout", CompositeAlarm and MetricAlarm)')
        elsewhere = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:quiet"
        self.check_refused(self.place(), ["step_canary", "-p", "alarms=" + elsewhere],
                           "there is no such alarm in us-east-1")
        self.check_refused(self.place(), ["step_canary", "-p", "alarms="
                                          + elsewhere.replace("123456789012", "999999999999")],
                           "is of the account 999999999999")

    def test_elsewhere(self):
        """An ARN is asked where it says, whatever the run's region is."""
        far = emulators.client("cloudwatch", self.emulator.url, "us-east-1")
        put_alarm(far, "far")
        arn = far.describe_alarms(AlarmNames=["far"])["MetricAlarms"][0]["AlarmArn"]
        live = self.roll_out(self.place(), 10, ["step_canary", *LOOKS, "-p", "alarms=" + arn],
                             lambda: set_state(far, "far", "ALARM"))
        self.assertIn(arn + " is in ALARM", reason(live))

    def test_deleted(self):
        """One that somebody deletes guards nothing any more: no decision."""
        live = self.roll_out(self.guarded(), 15, ["guarded.lua", "-p", "alarms=quiet,loud"],
                             lambda: self.cloudwatch.delete_alarms(AlarmNames=["loud"]))
        self.assertRegex(reason(live), "alarms were not answered at 4 looks")
        self.assertEqual("provider error", states(live, "loud")[-1])

    def test_iam(self):
        target = self.account.alias().text
        place = self.place()
        needed = place.run("iam", "step_canary", "-p", "target=" + target, "-p", "alarms=quiet")
        self.check(0, needed)
        self.assertIn('"cloudwatch:DescribeAlarms"', needed.out)
        planned = place.run("plan", "step_canary", "-p", "target=" + target, "-p", "alarms=quiet")
        self.check(0, planned)
        self.assertIn("alarms: harm at the alarm quiet in ALARM", " ".join(planned.out.split()))


class OnMiniStack(AlarmTest):
    """MiniStack has composite alarms, which nobody evaluates."""
    emulate = staticmethod(emulators.ministack)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cloudwatch = emulators.client("cloudwatch", cls.emulator.url)

    def test_composite(self):
        put_alarm(self.cloudwatch, "child")
        self.cloudwatch.put_composite_alarm(AlarmName="all", AlarmRule="ALARM(child)")
        set_state(self.cloudwatch, "all", "OK")
        live = self.roll_out(self.place(), 10, ["step_canary", *LOOKS, "-p", "alarms=all"],
                             lambda: set_state(self.cloudwatch, "all", "ALARM"))
        self.assertIn("all is in ALARM", reason(live))
        self.check_refused(self.place(), ["step_canary", "-p", "alarms=all"],
                           "the alarm all is in ALARM already")


class OnOurs(AlarmTest):
    """Our scripted CloudWatch: pages, both kinds, regions, and an evaluation that failed."""

    def setUp(self):
        self.said = {"m%d" % i: {"StateValue": "OK"} for i in range(5)}
        self.said["c"] = {"StateValue": "OK", "Composite": True}
        self.said["far"] = {"StateValue": "OK", "region": "us-east-1"}
        self.server = cloudwatch_server.CloudWatch(lambda *_: None, lambda: self.said, page=2)
        self.addCleanup(self.server.stop)

    def ours(self):
        place = self.guarded(AWS_ENDPOINT_URL_CLOUDWATCH=self.server.url)
        return place

    def test_by_boto3(self):
        """What the program is told is what boto3 is told, in the other protocol."""
        client = emulators.client("cloudwatch", self.server.url)
        pages = list(client.get_paginator("describe_alarms").paginate(
            AlarmTypes=["CompositeAlarm", "MetricAlarm"]))
        self.assertEqual(3, len(pages))
        shown = [alarm["AlarmName"] for page in pages
                 for kind in ("CompositeAlarms", "MetricAlarms") for alarm in page[kind]]
        self.assertEqual(["c", "m0", "m1", "m2", "m3", "m4"], shown)
        self.assertEqual(1772442000,
                         pages[0]["MetricAlarms"][0]["StateTransitionedTimestamp"].timestamp())

    def test_one_call_for_all(self):
        """All of a region in one call at each look, and all of its pages are read."""
        arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:far"
        names = ["m0", "m4", "c", "m2", arn]
        live = self.roll_out(self.ours(), 0, ["guarded.lua", "-p", "alarms=" + ",".join(names)])
        for name in names:
            self.assertEqual({"OK"}, set(states(live, name)))
        for region, asked in self.server.alarms_asked:
            self.assertEqual(["CompositeAlarm", "MetricAlarm"], asked["AlarmTypes"])
            self.assertEqual(["far"] if region == "us-east-1" else ["m0", "m4", "c", "m2"],
                             asked["AlarmNames"])

    def test_on_the_last_page(self):
        def meanwhile():
            self.said["m4"] = {"StateValue": "ALARM", "StateReason": "x" * 900 + "\u202e\x1b[2J"}
        live = self.roll_out(self.ours(), 10, ["guarded.lua", "-p", "alarms=c,m0,m2,m4"], meanwhile)
        self.assertLess(len(reason(live)), 400)

    def test_a_strangers_reason(self):
        """It is shown as what it is, and obeyed by no terminal."""
        place, target = self.ours(), self.account.alias()
        process = place.start("run", "guarded.lua", "-p", "alarms=m0", "-p",
                              "target=" + target.text)
        harness.wait_for_record(place, "tick")
        self.said["m0"] = {"StateValue": "ALARM", "StateReason": "\x1b[2J\n::error::\u202etxt"}
        result = harness.finish(process)
        self.check(10, result)
        for text in (result.out, result.err, place.run("show", "last").out):
            self.assertNotIn("\x1b", text)
            self.assertNotIn("\n::error::", text)
            self.assertNotIn("\u202e", text)

    def test_evaluation_failed(self):
        """An OK that could not be evaluated is none."""
        self.said["m0"]["EvaluationState"] = "EVALUATION_ERROR"
        live = self.roll_out(self.ours(), 15, ["guarded.lua", "-p", "alarms=m0"])
        self.assertEqual({"INSUFFICIENT_DATA"}, set(states(live, "m0")))

    def test_back_to_ok(self):
        """ALARM is harm at the look that finds it, whatever comes after."""
        def meanwhile():
            self.said["m0"] = {"StateValue": "ALARM", "since": int(time.time())}
            threading.Timer(1.5, self.said.update, [{"m0": {"StateValue": "OK"}}]).start()
        self.roll_out(self.ours(), 10, ["guarded.lua", "-p", "alarms=m0"], meanwhile)

    def test_nobody_answers(self):
        """Before the run begins that is a fault of the surroundings, and nothing was touched."""
        target = self.account.alias()
        before = target.state()
        place = self.guarded(AWS_ENDPOINT_URL_CLOUDWATCH="http://127.0.0.1:9")
        result = place.run("run", "guarded.lua", "-p", "alarms=m0", "-p", "target=" + target.text)
        self.check(1, result)
        self.assertIn("the alarm m0 could not be asked", result.err)
        self.assertEqual(before, target.state())


if __name__ == "__main__":
    harness.main()
