#!/usr/bin/env python3
"""A feature flag in AppConfig, against MiniStack, through to the data plane from which applications
read it: boto3 is the application. (What neither grows nor bakes is deployed at once there; see
appconfig.py for what takes its time.)"""

import json
import os
import threading
import time

import emulators
import harness

RAMP = ["flag_ramp", "-p", "steps=40,100", "-p", "hold=2s", "-p", "every=1s"]
CHECKOUT = os.path.join(harness.support.TOP, "examples", "checkout", "checkout.ndjson")
SOON = 30000  # ms from the decision until no user has the flag any more
FLAG = {"version": "1",
        "flags": {"checkout": {"name": "checkout",
                               "attributes": {"percent": {"constraints": {"type": "number"}}}}},
        "values": {"checkout": {"enabled": True, "percent": 0}}}


class Flag:
    """An application with one flag, deployed at 0 %."""

    def __init__(self, endpoint, name):
        self.control, self.data = (emulators.client(service, endpoint)
                                   for service in ("appconfig", "appconfigdata"))
        control = self.control
        self.application = control.create_application(Name=name)["Id"]
        self.environment = control.create_environment(ApplicationId=self.application,
                                                      Name="production")["Id"]
        self.profile = control.create_configuration_profile(
            ApplicationId=self.application, Name="flags", LocationUri="hosted",
            Type="AWS.AppConfig.FeatureFlags")["Id"]
        self.create_version()
        self.strategy = self.make_strategy(name, 0, 0)
        self.deploy(self.strategy)
        self.text = "appconfig-flag:%s/%s/%s/checkout" % (self.application, self.environment,
                                                          self.profile)

    def create_version(self):
        self.control.create_hosted_configuration_version(
            ApplicationId=self.application, ConfigurationProfileId=self.profile,
            Content=json.dumps(FLAG).encode(), ContentType="application/json")

    def make_strategy(self, name, growing, baking):
        return self.control.create_deployment_strategy(
            Name=name, DeploymentDurationInMinutes=growing, FinalBakeTimeInMinutes=baking,
            GrowthFactor=100, ReplicateTo="NONE")["Id"]

    def deploy(self, strategy):
        self.control.start_deployment(
            ApplicationId=self.application, EnvironmentId=self.environment,
            ConfigurationProfileId=self.profile, ConfigurationVersion="1",
            DeploymentStrategyId=strategy)

    def percent(self):
        """What an application that starts now is told."""
        token = self.data.start_configuration_session(
            ApplicationIdentifier=self.application, EnvironmentIdentifier=self.environment,
            ConfigurationProfileIdentifier=self.profile)["InitialConfigurationToken"]
        document = json.loads(self.data.get_latest_configuration(
            ConfigurationToken=token)["Configuration"].read())
        flag = document.get("values", document)["checkout"]
        return flag.get("percent") if flag["enabled"] else 0


class Watcher(threading.Thread):
    """Reads the flag again and again: [(ms, percent)...], one for each that is new."""

    def __init__(self, flag):
        super().__init__(daemon=True)
        self.flag, self.seen, self.over = flag, [], threading.Event()
        self.look()
        self.start()

    def look(self):
        percent = self.flag.percent()
        if not self.seen or self.seen[-1][1] != percent:
            self.seen.append((int(time.time() * 1000), percent))

    def run(self):
        while not self.over.wait(0.05):
            self.look()

    def stop(self):
        self.over.set()
        self.join()
        self.look()
        return self.seen


class Flags(harness.LiveTest):
    emulate = staticmethod(emulators.ministack)

    def carry_out(self, name, story):
        flag, place = Flag(self.emulator.url, name), self.place(story)
        self.assertEqual(0, flag.percent())
        watcher = Watcher(flag)
        result = place.run("run", *RAMP, "-p", "target=" + flag.text)
        return flag, place, result, watcher.stop()

    def test_promoted(self):
        flag, place, result, seen = self.carry_out("good", "calm")
        self.check(0, result)
        self.assertEqual(100, flag.percent())
        self.assertEqual([0, 40, 100], [percent for _, percent in seen])
        self.check(0, place.run("replay", place.journal()))
        self.check(0, place.run("rollback", "last"))
        self.assertEqual(0, flag.percent())

    def test_rising_errors(self):
        """At 40 %, and back in under 30 seconds of the decision; in a simulation, too."""
        flag, place, result, seen = self.carry_out("bad", "harm")
        self.check(10, result)
        self.assertEqual([0, 40, 0], [percent for _, percent in seen], result)
        decided = next(record["at"] for record in place.records() if record["kind"] == "rollback")
        self.assertLess(seen[-1][0] - decided, SOON)
        self.check(0, place.run("replay", place.journal()))
        simulated = place.run("simulate", "flag_ramp", "-p", "steps=40,100", "-p", "hold=10m", "-p",
                              "target=" + flag.text, "--recording", CHECKOUT, "--inject",
                              "errors*20@3m", "--journal", "simulated")
        self.check(10, simulated)
        with open(os.path.join(place.folder, "simulated"), encoding="utf-8") as file:
            records = [json.loads(line) for line in file]
        at = {record["kind"]: record["at"] for record in records}
        self.assertLess(at["verified"] - at["rollback"], SOON)


if __name__ == "__main__":
    harness.main()
