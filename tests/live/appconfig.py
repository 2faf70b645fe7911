#!/usr/bin/env python3
"""A feature flag in an AppConfig of our own (appconfig_server.py), which does what MiniStack does
not: deployments that take their time, are refused while another goes on, are taken back while they
bake, or by an alarm. boto3 finds the flag as it was. The program's time is hurried (hurry.c)."""

import signal
import time

import appconfig_server
import flags
import harness

RAMP = ["run", "flag_ramp", "-p", "steps=40,100", "-p", "hold=2m", "-p", "every=1m"]
SLOWLY = (0.4, 0.4, 0.4)  # seconds of DEPLOYING, BAKING and ROLLING_BACK
BAKES = (0.1, 60, 0.4)
TIMES = 20


class Flags(harness.LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.emulator = appconfig_server.AppConfig()
        cls.addClassCleanup(cls.emulator.stop)
        cls.source = harness.Source()
        cls.addClassCleanup(cls.source.stop)

    def begin(self, story, pace=SLOWLY, name="shop"):
        """A flag at 0 % that was deployed long ago; from now on deployments have this pace."""
        flag = flags.Flag(self.emulator.url, name)
        application = self.emulator.find(flag.application)
        application.pace = pace
        application.deployments[0].started -= 3600
        place = self.place(story, period="1m")
        place.hurry(TIMES, 5000)
        return flag, application, place

    def arguments(self, flag):
        return [*RAMP, "-p", "target=" + flag.text]

    def ended(self, status, said, result, flag, application, states):
        """The states of the deployments, but for the first, which was there before."""
        self.check(status, result)
        self.assertIn(said, " ".join((result.out + result.err).split()))
        found = flag.control.list_deployments(ApplicationId=flag.application,
                                              EnvironmentId=flag.environment)["Items"]
        self.assertEqual(states, [one["State"] for one in reversed(found)][1:], result)
        if status:
            self.assertEqual(0, flag.percent(), result)
        self.assertTrue(all(headers.get("allow-revert") == "true"
                            for action, headers in application.requests
                            if action == "stop_deployment"))

    def stops(self, application):
        return [action for action, _ in application.requests].count("stop_deployment")

    def promoted(self):
        flag, application, place = self.begin("calm")
        result = place.run(*self.arguments(flag))
        self.ended(0, "promoted", result, flag, application, ["COMPLETE", "COMPLETE"])
        self.assertEqual(100, flag.percent())
        self.check(0, place.run("replay", place.journal()))
        self.check(0, place.run("rollback", "last"))
        self.assertEqual(0, flag.percent())

    def reverted_for_harm(self):
        flag, application, place = self.begin("harm")
        result = place.run(*self.arguments(flag))
        self.ended(10, "as it was before", result, flag, application, ["REVERTED"])
        self.assertEqual(1, self.stops(application))
        self.check(0, place.run("replay", place.journal()))

    def another_goes_on(self):
        flag, application, place = self.begin("calm", BAKES)
        self.deploy(flag, "1")
        result = place.run(*self.arguments(flag))
        self.ended(2, "deployment 2 is still going on in its environment", result, flag,
                   application, ["BAKING"])

    def deploy(self, flag, version):
        flag.control.start_deployment(
            ApplicationId=flag.application, EnvironmentId=flag.environment,
            ConfigurationProfileId=flag.profile, ConfigurationVersion=version,
            DeploymentStrategyId="str0001")

    def another_is_faster(self):
        """Between the look and the deployment: refused, and theirs is left alone."""
        flag, application, place = self.begin("calm")

        def before(one, action):
            if action == "start_deployment" and len(one.deployments) == 1:
                one.deployments.append(appconfig_server.Deployment(
                    one, 2, dict(one.deployments[0].asked), one.deployments[0].strategy))
        application.before = before
        result = place.run(*self.arguments(flag))
        time.sleep(sum(SLOWLY))
        self.ended(16, "ConflictException", result, flag, application, ["COMPLETE"])
        self.assertEqual(0, self.stops(application))

    def a_version_is_faster(self):
        flag, application, place = self.begin("calm")

        def before(one, action):
            if action == "create_version":
                one.versions.append(one.versions[0])
        application.before = before
        result = place.run(*self.arguments(flag))
        self.ended(16, "ConflictException", result, flag, application, [])

    def stopped_while_it_bakes(self):
        flag, application, place = self.begin("calm", BAKES)
        process = place.start(*self.arguments(flag))
        harness.support.wait_until("a deployment", lambda: len(application.deployments) == 2)
        application.wait_for("BAKING")
        process.send_signal(signal.SIGTERM)
        result = harness.finish(process)
        self.ended(143, "as it was before", result, flag, application, ["ROLLED_BACK"])

    def killed_while_it_bakes(self):
        flag, application, place = self.begin("calm", BAKES)
        process = place.start(*self.arguments(flag))
        harness.support.wait_until("a deployment", lambda: len(application.deployments) == 2)
        application.wait_for("BAKING")
        process.kill()
        harness.finish(process)
        self.assertEqual(40, flag.percent())
        result = place.run("recover", "last")
        self.check(0, result)
        self.ended(0, "as it was before", result, flag, application, ["ROLLED_BACK"])
        self.assertEqual(0, flag.percent())

    def an_alarm_takes_it_back(self):
        """That is what happened, and nothing to repair: no request is sent."""
        flag, application, place = self.begin("calm", BAKES)
        process = place.start(*self.arguments(flag))
        harness.support.wait_until("a deployment", lambda: len(application.deployments) == 2)
        application.wait_for("BAKING")
        application.deployments[-1].stop("CLOUDWATCH_ALARM")
        result = harness.finish(process)
        self.ended(16, "was rolled back by CLOUDWATCH_ALARM", result, flag, application,
                   ["ROLLED_BACK"])
        self.assertEqual(0, self.stops(application))

    def test_side_by_side(self):
        """They also make the strategy that they need side by side."""
        harness.together(lambda story: story(), [
            self.promoted, self.reverted_for_harm, self.another_goes_on, self.another_is_faster,
            self.a_version_is_faster, self.stopped_while_it_bakes, self.killed_while_it_bakes,
            self.an_alarm_takes_it_back])


if __name__ == "__main__":
    harness.main()
