#!/usr/bin/env python3
"""A feature flag in an AppConfig that takes its time: deployments that grow and bake, are refused
while another goes on, are taken back while they bake, or by an alarm. boto3 finds the flag as it
was. Program and MiniStack share one clock, which is hurried (hurry.c), and our own scripted proxy
stands between them (class Between says what for)."""

import re
import signal

import emulators
import flags
import harness
import proxy

RAMP = ["run", "flag_ramp", "-p", "steps=40,100", "-p", "hold=2m", "-p", "every=1m"]
SLOWLY = (1, 1)  # minutes of growing and of baking
BAKES = (0, 60)
ROLLING = 10  # seconds that a deployment is ROLLING_BACK
TIMES = 20

conflict = proxy.refuse(409, "ConflictException", "The latest version is another one")


class Between:
    """A script of the proxy. A percentage is deployed with a strategy that neither grows nor bakes,
    for which AWS still needs its time, and MiniStack none: here somebody changes the strategy right
    before it is used. MiniStack has rolled back at once, and AWS says ROLLING_BACK for a while; it
    does not look at Latest-Version-Number, for which AWS refuses."""

    def __init__(self, flag, minutes):
        self.flag, self.minutes, self.stopped_at, self.stops = flag, minutes, None, []
        self.before_version = self.before_deployment = lambda: None

    def __call__(self, seen):
        return {"CreateHostedConfigurationVersion": self.create_version,
                "StartDeployment": self.start, "StopDeployment": self.stop,
                "GetDeployment": self.show}.get(seen.name)

    def create_version(self, handler, seen):
        self.before_version()
        latest = str(max(self.flag.versions()))
        given = seen.headers.get("latest-version-number", latest)
        (proxy.forward if given == latest else conflict)(handler, seen)

    def start(self, handler, seen):
        self.before_deployment()
        self.flag.pace(self.minutes)
        proxy.forward(handler, seen)

    def stop(self, handler, seen):
        self.stops.append(seen.headers.get("allow-revert"))
        self.stopped_at = seen.at
        self.show(handler, seen)

    def show(self, handler, seen):
        status, headers, body = proxy.ask(handler, seen)
        if self.stopped_at is not None and seen.at < self.stopped_at + ROLLING:
            body = re.sub(rb'"(ROLLED_BACK|REVERTED)"', b'"ROLLING_BACK"', body)
        handler.reply(status, headers, body)


class Flag(flags.Flag):
    """With a strategy of its own, which a test may change."""

    def __init__(self, endpoint, name):
        super().__init__(endpoint, name)
        self.endpoint = endpoint
        self.text += ",strategy=" + self.strategy

    def pace(self, minutes):
        growing, baking = minutes
        self.control.update_deployment_strategy(
            DeploymentStrategyId=self.strategy, DeploymentDurationInMinutes=growing,
            FinalBakeTimeInMinutes=baking)

    def versions(self):
        return [one["VersionNumber"] for one in self.control.list_hosted_configuration_versions(
            ApplicationId=self.application, ConfigurationProfileId=self.profile)["Items"]]

    def states(self):
        """Of the deployments, but for the first, which was there before."""
        found = self.control.list_deployments(ApplicationId=self.application,
                                              EnvironmentId=self.environment)["Items"]
        return [one["State"] for one in
                sorted(found, key=lambda one: one["DeploymentNumber"])][1:]

    def wait_for(self, state):
        harness.support.wait_until(state, lambda: self.states()[-1:] == [state])

    def watch_over(self):
        """An alarm that takes back what is deployed; how to set it off."""
        cloudwatch, name = emulators.client("cloudwatch", self.endpoint), self.application
        cloudwatch.put_metric_alarm(
            AlarmName=name, Namespace="Shop", MetricName="Errors", Statistic="Sum", Period=60,
            EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold")
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="calm")
        arn = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["AlarmArn"]
        self.control.update_environment(
            ApplicationId=self.application, EnvironmentId=self.environment,
            Monitors=[{"AlarmArn": arn, "AlarmRoleArn": "arn:aws:iam::000000000000:role/r"}])
        return lambda: cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM",
                                                  StateReason="errors")


class Flags(harness.LiveTest):
    clock = harness.Clock(TIMES, 5000)

    @classmethod
    def emulate(cls):
        return emulators.ministack(cls.clock)

    def begin(self, name, story, minutes=SLOWLY):
        """A flag at 0 %; from now on deployments take so many minutes."""
        flag = Flag(self.emulator.url, name)
        between = proxy.Proxy(self.emulator.url, Between(flag, minutes))
        self.addCleanup(between.stop)
        place = self.place(story, endpoint=between.url, period="1m")
        place.set_clock(self.clock)
        return flag, between.script, place

    def arguments(self, flag):
        return [*RAMP, "-p", "target=" + flag.text]

    def ended(self, status, said, result, flag, between, states):
        self.check(status, result)
        self.assertIn(said, " ".join((result.out + result.err).split()))
        self.assertEqual(states, flag.states(), result)
        if status:
            self.assertEqual(0, flag.percent(), result)
        self.assertEqual({"true"}, {"true", *between.stops})

    def promoted(self):
        flag, between, place = self.begin("promoted", "calm")
        result = place.run(*self.arguments(flag))
        self.ended(0, "promoted", result, flag, between, ["COMPLETE", "COMPLETE"])
        self.assertEqual(100, flag.percent())
        self.check(0, place.run("replay", place.journal()))
        self.check(0, place.run("rollback", "last"))
        self.assertEqual(0, flag.percent())

    def reverted_for_harm(self):
        flag, between, place = self.begin("harm", "harm")
        result = place.run(*self.arguments(flag))
        self.ended(10, "as it was before", result, flag, between, ["REVERTED"])
        self.assertEqual(1, len(between.stops))
        self.check(0, place.run("replay", place.journal()))

    def another_goes_on(self):
        flag, between, place = self.begin("goes-on", "calm")
        other = flag.make_strategy("other", *BAKES)
        flag.deploy(other)
        result = place.run(*self.arguments(flag))
        self.ended(2, "deployment 2 is still going on in its environment", result, flag, between,
                   ["BAKING"])

    def another_is_faster(self):
        """Between the look and the deployment: refused, and theirs is left alone."""
        flag, between, place = self.begin("faster", "calm")
        other = flag.make_strategy("another", 0, 0)

        def before():
            if not flag.states():
                flag.deploy(other)
        between.before_deployment = before
        result = place.run(*self.arguments(flag))
        self.ended(16, "ConflictException", result, flag, between, ["COMPLETE"])
        self.assertEqual([], between.stops)

    def a_version_is_faster(self):
        flag, between, place = self.begin("version", "calm")
        between.before_version = flag.create_version
        result = place.run(*self.arguments(flag))
        self.ended(16, "ConflictException", result, flag, between, [])

    def baking(self, name):
        flag, between, place = self.begin(name, "calm", BAKES)
        process = place.start(*self.arguments(flag))
        flag.wait_for("BAKING")
        return flag, between, place, process

    def stopped_while_it_bakes(self):
        flag, between, _, process = self.baking("stopped")
        process.send_signal(signal.SIGTERM)
        result = harness.finish(process)
        self.ended(143, "as it was before", result, flag, between, ["ROLLED_BACK"])

    def killed_while_it_bakes(self):
        flag, between, place, process = self.baking("killed")
        process.kill()
        harness.finish(process)
        self.assertEqual(40, flag.percent())
        result = place.run("recover", "last")
        self.ended(0, "as it was before", result, flag, between, ["ROLLED_BACK"])
        self.assertEqual(0, flag.percent())

    def an_alarm_takes_it_back(self):
        """That is what happened, and nothing to repair: no request is sent."""
        flag, between, place = self.begin("alarm", "calm", BAKES)
        set_off = flag.watch_over()
        process = place.start(*self.arguments(flag))
        flag.wait_for("BAKING")
        set_off()
        result = harness.finish(process)
        self.ended(16, "was rolled back by CLOUDWATCH_ALARM", result, flag, between,
                   ["ROLLED_BACK"])
        self.assertEqual([], between.stops)

    def test_side_by_side(self):
        harness.together(lambda story: story(), [
            self.promoted, self.reverted_for_harm, self.another_goes_on, self.another_is_faster,
            self.a_version_is_faster, self.stopped_while_it_bakes, self.killed_while_it_bakes,
            self.an_alarm_takes_it_back])


if __name__ == "__main__":
    harness.main()
