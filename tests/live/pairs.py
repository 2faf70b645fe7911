#!/usr/bin/env python3
"""Two hundred pairs of runs, drawn by a seed: a resource of any kind, by any of its names, from two
folders of one machine, in two regions, which the shell, an ARN or a member of the target says.
Where it is one resource, the second run is refused; where it is not, both go on (most find that
there is no such thing). One run holds its resource while several others are tried one after
another."""

import random
import re
import signal
import threading

import emulators
import harness
import proxy
import strangers

SEED, HOLDERS, TRIED = 20261130, 20, 10
HOLDER = "AKIDHOLDER"  # the key of who is not answered when it looks at its target
REGIONS = ("eu-west-1", "us-east-1")
ACCOUNT = "000000000000"
LOCKED = 13
BEGIN = """local rollout = require "rollout"
return rollout.policy {
    summary = "Begins on a target, and changes nothing.",
    params = { target = rollout.target() },
    run = function() end,
}
"""
PUT = """local aws = require "aws"
local rollout = require "rollout"
return rollout.policy {
    summary = "Writes a parameter, and holds it.",
    params = { name = rollout.text(), hold = rollout.flag(false) },
    run = function(p)
        aws.ssm.put_parameter { Name = p.name, Value = "1", Overwrite = true }
        if p.hold then rollout.sleep("1h") end
    end,
}
"""


def arn(service, region, path):
    return "arn:aws:%s:%s:%s:%s" % (service, region, ACCOUNT, path)


class Resources:
    """Kind -> (policy, its arguments by each name of the resource); an ARN says its region itself,
    and any target may. Of each kind there are two."""

    def __init__(self, endpoint):
        self.over, self.held = threading.Event(), 0
        self.flags = [self.make_flag(emulators.client("appconfig", endpoint, region), "%s%d" % (
            region, i)) for region in REGIONS for i in range(2)]
        for region in REGIONS:
            ssm = emulators.client("ssm", endpoint, region)
            for i in range(2):
                ssm.put_parameter(Name="/rate%d" % i, Value="0", Type="String")

    @staticmethod
    def make_flag(control, name):
        application = control.create_application(Name=name)["Id"]
        environment = control.create_environment(ApplicationId=application, Name="prod")["Id"]
        profile = control.create_configuration_profile(
            ApplicationId=application, Name="flags", LocationUri="hosted",
            Type="AWS.AppConfig.FeatureFlags")["Id"]
        return (name, application), ("prod", environment), ("flags", profile)

    @staticmethod
    def alias(draw, region, i):
        function = draw.choice(["pay%d" % i, arn("lambda", region, "function:pay%d" % i),
                                "%s:function:pay%d" % (ACCOUNT, i)])
        return "lambda-alias:function=%s,alias=live,canary=%d" % (function, draw.randrange(2, 9))

    @staticmethod
    def rule(draw, region, i):
        group = arn("elasticloadbalancing", region, "targetgroup/%s/0123456789abcdef")
        return "alb-rule:%s,baseline=%s,canary=%s" % (
            arn("elasticloadbalancing", region,
                "listener-rule/app/shop/0123456789abcdef/0123456789abcdef/000000000000000%d" % i),
            group % "blue", group % draw.choice(["green", "red"]))

    def flag(self, draw, region, i):
        ids = self.flags[REGIONS.index(region) * 2 + i]
        return "appconfig-flag:%s/checkout,attribute=%s" % (
            "/".join(draw.choice(one) for one in ids),
            draw.choice(["percent", "share", "percent,strategy=abc1234"]))

    @staticmethod
    def service(draw, region, i):
        cluster = draw.choice(["shop", arn("ecs", region, "cluster/shop")])
        called = draw.choice(["checkout%d" % i, arn("ecs", region, "service/shop/checkout%d" % i)])
        return "ecs-service:cluster=%s,service=%s,canary=checkout:2" % (cluster, called)

    @staticmethod
    def machine(draw, region, i):
        called = draw.choice(["orders%d" % i, arn("states", region, "stateMachine:orders%d" % i)])
        return "state-machine:machine=%s,alias=live,canary=2" % called

    KINDS = ("alias", "rule", "flag", "service", "machine", "parameter")

    def script(self, seen):
        """AppConfig takes names where MiniStack wants ids. A run that holds its target never hears
        how it is; which it is, it must know before."""
        before = re.search(r"/(environments|configurationprofiles)/[^/]+$", seen.path)
        for flag in self.flags:
            if set(flag[0]) & set(seen.path.split("/")):
                for name, its_id in flag:
                    seen.path = re.sub("/%s(?=/|$)" % name, "/" + its_id, seen.path)
        if HOLDER in seen.headers["authorization"] and not before \
                and seen.name != "GetCallerIdentity":
            self.held += 1
            return lambda handler, _: self.over.wait()
        return None

    def arguments(self, draw, kind, region, i):
        """Of a run on it; where an ARN says the region, the shell's may be another."""
        if kind == "parameter":
            return ["put.lua", "-p", "name=/rate%d" % i], region
        text = getattr(self, kind)(draw, region, i)
        text += draw.choice(["", ",region=" + region])
        everywhere = text.count(":%s:" % region) > 0 and kind != "service" or ",region=" in text
        shell = draw.choice(REGIONS) if everywhere else region
        return ["begin.lua", "-p", "target=" + text], shell


class Pairs(harness.LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.emulator = emulators.ministack()
        cls.addClassCleanup(cls.emulator.stop)
        cls.resources = Resources(cls.emulator.url)
        cls.between = proxy.Proxy(cls.emulator.url, cls.resources.script)
        cls.addClassCleanup(cls.between.stop)
        cls.addClassCleanup(cls.resources.over.set)

    def make_place(self):
        place = harness.Place(self.between.url)
        self.addCleanup(place.temporary.cleanup)
        place.write("begin.lua", BEGIN)
        place.write("put.lua", PUT)
        return place

    def hold(self, place, arguments, region):
        """A run that has its locks: it has written its parameter, or asks after its target."""
        held, writes = self.resources.held, arguments[0] == "put.lua"
        more, keys = (["-p", "hold=true"], {}) if writes else ([], {"AWS_ACCESS_KEY_ID": HOLDER})
        process = place.start("run", *arguments, *more, AWS_REGION=region, **keys)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        harness.support.wait_until("its hold", lambda: process.poll() is not None or (
            harness.has_record(place, "result") if writes else self.resources.held > held))
        if process.poll() is not None:
            self.fail((arguments, harness.finish(process)))
        return process

    def tried_beside(self, draw, number):
        """One run that holds, and ten others: at least every second one on the same resource."""
        folders = [self.make_place(), self.make_place()]
        kind, region, i = draw.choice(Resources.KINDS), draw.choice(REGIONS), draw.randrange(2)
        arguments, shell = self.resources.arguments(draw, kind, region, i)
        process = self.hold(folders[0], arguments, shell)
        for _ in range(TRIED):
            other = (draw.choice([kind, kind, kind, draw.choice(Resources.KINDS)]),
                     draw.choice([region, region, draw.choice(REGIONS)]),
                     draw.choice([i, i, draw.randrange(2)]))
            tried, its_shell = self.resources.arguments(draw, *other)
            result = draw.choice(folders).run("run", *tried, AWS_REGION=its_shell)
            same = other == (kind, region, i)
            case = (SEED, number, shell, arguments, its_shell, tried)
            self.assertEqual(same, result.status == LOCKED, (case, result))
            self.assertEqual(same, "is locked by run " in result.out + result.err, (case, result))
            went_on = result.status == 0 if tried[0] == "put.lua" else re.search(
                "tidelock: run 2|the target could not be looked at", result.err)
            self.assertEqual(not same, bool(went_on), (case, result))
            self.assertIsNone(process.poll(), case)
            self.counts[same] += 1
        process.send_signal(signal.SIGTERM)
        self.check(143, harness.finish(process))

    def test_pairs(self):
        self.counts = {True: 0, False: 0}
        for number in range(HOLDERS):
            self.tried_beside(random.Random("%d %d" % (SEED, number)), number)
        self.assertEqual(HOLDERS * TRIED, sum(self.counts.values()))
        self.assertGreater(min(self.counts.values()), HOLDERS * TRIED // 4, self.counts)

    def test_a_journal_that_says_another_id(self):
        """What an operator allows goes by ids: those of a journal are asked for again."""
        place, region = self.make_place(), emulators.REGION
        self.check(0, place.run("run", "put.lua", "-p", "name=/rate1", AWS_REGION=region))
        application, environment, _ = self.resources.flags[REGIONS.index(region) * 2]
        called = "application/%s/environment/%s"
        true, forged = called % (application[1], environment[1]), called % ("abc1234", "def5678")
        for path, status in ((forged, 2), (true, 0)):
            records = place.records()
            strangers.first(records, "begin")["home"]["names"] = {
                "appconfig %s %s" % (region, called % (application[0], environment[0])): path}
            with open(place.journal(), "w", encoding="utf-8") as file:
                file.write(strangers.chained(records))
            result = place.run("rollback", "last", AWS_REGION=region)
            self.check(status, result)
            self.assertEqual(status == 2, "another id than AWS: nothing was touched" in result.err)

    def test_one_changed_something_before(self):
        """Then it is rolled back: exit status 16."""
        place, other = self.make_place(), self.make_place()
        other.write("two.lua", PUT.replace("aws.ssm.put_parameter {", """aws.ssm.put_parameter {
            Name = "/rate1", Value = "1", Overwrite = true }
        aws.ssm.put_parameter {"""))
        ssm = emulators.client("ssm", self.emulator.url)
        ssm.put_parameter(Name="/rate1", Value="0", Overwrite=True)
        process = self.hold(place, ["put.lua", "-p", "name=/rate0"], emulators.REGION)
        result = other.run("run", "two.lua", "-p", "name=/rate0")
        self.check(16, result)
        self.assertIn("parameter/rate0 is locked by run ", result.out)
        self.assertEqual("0", ssm.get_parameter(Name="/rate1")["Parameter"]["Value"])
        self.check(0, other.run("replay", other.journal()))
        process.send_signal(signal.SIGTERM)
        self.check(143, harness.finish(process))
        nothing = self.hold(self.make_place(), ["put.lua", "-p", "name=/rate0"], emulators.REGION)
        result = other.run("run", "put.lua", "-p", "name=/rate0")
        self.check(13, result)
        self.check(0, other.run("replay", other.journal()))
        nothing.send_signal(signal.SIGTERM)
        self.check(143, harness.finish(nothing))


if __name__ == "__main__":
    harness.main()
