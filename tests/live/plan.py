#!/usr/bin/env python3
"""A plan, and the run from it: what is planned is what is then done; planning touches nothing and
sends reads alone; and a plan under which anything has changed is refused, with the account as it
was and no journal."""

import hashlib
import json
import os
import re
import signal
import threading
import time

import emulators
import flags
import harness
import policies
import proxy

READS = ("Get", "Describe", "List", "GET ")
BOTH = """local rollout = require "rollout"
return rollout.policy {
    summary = "Half of the traffic of two targets, one after the other.",
    params = { first = rollout.target(), second = rollout.target() },
    run = function(p)
        p.first:shift(50)
        p.second:shift(50)
    end,
}
"""
DRAIN = """local aws = require "aws"
local rollout = require "rollout"
local key = "deregistration_delay.timeout_seconds"
return rollout.policy {
    summary = "Give requests 17 seconds to end, and run three tasks.",
    params = { group = rollout.text() },
    run = function(p)
        aws.elbv2.modify_target_group_attributes {
            TargetGroupArn = p.group,
            Attributes = { { Key = key, Value = "17" } },
        }
        local shown = aws.elbv2.describe_target_group_attributes { TargetGroupArn = p.group }
        for _, one in ipairs(shown.Attributes) do
            assert(one.Key ~= key or one.Value == "17", one.Value)
        end
        aws.ecs.update_service { cluster = "shop", service = "web", desiredCount = 3 }
        local services = aws.ecs.describe_services { cluster = "shop", services = { "web" } }
        assert(services.services[1].desiredCount == 3)
    end,
}
"""
# What of a request only AWS can make up.
MADE_UP = {"RevisionId", "DeploymentStrategyId"}


def plain(value):
    return policies.same_but_for({"it": value})["it"]


def without(value, names):
    return {name: member for name, member in value.items() if name not in names}


def changes(records):
    """What a run changed: (operation, input, before, after, undo), but for what AWS makes up."""
    return [(body["request"]["operation"], plain(without(body["request"]["input"], MADE_UP)),
             plain(body["before"]), plain(body["after"]), plain(body["undo"]))
            for body in (record["body"] for record in records if record["kind"] == "effect")
            if "identity" in body]


def planned(document):
    return [(step["operation"], plain(without(step["input"], MADE_UP)), plain(step["before"]),
             plain(step["after"]), plain(step.get("undo")))
            for step in document["steps"] if step["kind"] == "change"]


def sealed(document):
    """The document with a seal that fits."""
    rest = without(document, {"seal"})
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    seal = hashlib.sha256(text.encode()).hexdigest()
    return json.dumps(dict(rest, seal=seal), sort_keys=True, separators=(",", ":"),
                      ensure_ascii=False) + "\n"


class Planning(harness.LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.between = proxy.Proxy(cls.emulator.url)
        cls.addClassCleanup(cls.between.stop)

    def setUp(self):
        self.between.script = None
        self.between.seen.clear()

    def plan(self, place, *arguments):
        """The document; what went to AWS for it was read."""
        self.between.seen.clear()
        result = place.run("plan", *arguments, "--output", "plan.json")
        self.check(0, result)
        names = [seen.name for seen in self.between.seen]
        self.assertTrue(names)
        self.assertEqual([], [name for name in names if not name.startswith(READS)])
        return self.document(place)

    def document(self, place):
        with open(os.path.join(place.folder, "plan.json"), encoding="utf-8") as file:
            return json.load(file)

    def behind(self, **more):
        return self.place(endpoint=self.between.url, **more)


class Plans(Planning):
    def same(self, name, make):
        target, place = make(), self.behind()
        before = target.state()
        document = self.plan(place, name, *policies.POLICIES[name], "-p", "target=" + target.text)
        self.assertEqual(before, target.state())
        self.assertEqual([], place.journals())
        time.sleep(1 - time.time() % 1)  # to the next period
        self.check(0, place.run("run", "plan.json"))
        self.assertEqual(planned(document), changes(place.records()), name)
        self.assertEqual(document["seal"], place.records()[0]["body"]["plan"]["seal"])
        self.check(0, place.run("replay", place.journal()))
        self.assertIn(document["seal"][:16], place.run("show", place.journal()).out)

    def test_alias(self):
        self.same("step_canary", self.account.alias)

    def test_rule(self):
        self.same("linear", self.account.rule)

    def test_listener(self):
        self.same("blue_green", self.account.listener)

    def test_what_is_said(self):
        """The example of docs/live.md, line by line."""
        with open(os.path.join(harness.support.TOP, "docs", "live.md"), encoding="utf-8") as file:
            block = re.search(r"\$ (tidelock plan .*)\n([^`]*)```", file.read())
        self.account.alias(name="pay")
        result = self.behind().run(*block.group(1).split()[1:])
        self.check(0, result)
        self.assertEqual(*(re.sub(r"newest \S+ old", "newest - old",
                                  re.sub("sha256 [0-9a-f]+", "sha256 -", text))
                           for text in (block.group(2), result.out)))

    def test_operations_of_the_catalogue(self):
        """What no target stands for is planned, shows, and is bound, like all else."""
        ecs, place = emulators.client("ecs", self.emulator.url), self.behind()
        group = self.account.groups(self.account.number())[0]
        ecs.create_cluster(clusterName="shop")
        ecs.register_task_definition(family="web", containerDefinitions=[
            {"name": "web", "image": "web:1", "memory": 128}])
        ecs.create_service(cluster="shop", serviceName="web", taskDefinition="web:1",
                           desiredCount=2)
        place.write("drain.lua", DRAIN)
        document = self.plan(place, "drain.lua", "-p", "group=" + group)
        self.assertEqual(2, len(document["observed"]))
        self.check(0, place.run("run", "plan.json"))
        self.assertEqual(planned(document), changes(place.records()))
        self.check(0, place.run("replay", place.journal()))

    def test_what_is_not_allowed_is_done_without(self):
        """Whether the version is there, the operator does not let us ask."""
        place = self.behind(config='allow = { operations = { "lambda.*_alias" } },')
        self.plan(place, "step_canary", *policies.POLICIES["step_canary"], "-p",
                  "target=" + self.account.alias().text)
        self.assertEqual({"GetCallerIdentity", "GetAlias"},
                         {seen.name for seen in self.between.seen})

    def test_interrupted(self):
        """Nothing has to be put back, so that nobody waits for an answer."""
        gate, place = threading.Event(), self.behind()
        self.addCleanup(gate.set)
        self.between.script = lambda seen: proxy.hold(gate) if seen.name == "GetAlias" else None
        process = place.start("plan", "step_canary", "-p", "target=" + self.account.alias().text)
        harness.support.wait_until("the read", lambda: self.between.count("GetAlias") == 1)
        process.send_signal(signal.SIGINT)
        result = harness.finish(process)
        self.check(130, result)
        self.assertIn("nothing was touched", result.err)


class Foreseen(Planning):
    """What a run would fail on, a plan fails on."""

    def foresee(self, status, said, target, arguments=(), **more):
        place = self.behind(**more)
        result = place.run("plan", "step_canary", "-p", "steps=50,100", "-p", "bake=1s",
                           *arguments, "-p", "target=" + target, "--output", "plan.json")
        self.check(status, result)
        self.assertIn(said, " ".join((result.out + result.err).split()))
        self.assertFalse(os.path.exists(os.path.join(place.folder, "plan.json")))
        return result

    def test_no_such_target(self):
        self.foresee(2, "ResourceNotFoundException", "lambda-alias:nobody:live,canary=2")

    def test_no_such_version(self):
        """AWS would say so at the first shift. So does the plan."""
        target = self.account.alias()
        self.foresee(16, "step_canary.lua:31: aws.lambda.update_alias: ResourceNotFoundException",
                     target.text.replace("canary=2", "canary=7"))
        self.assertEqual([], [seen.name for seen in self.between.seen
                              if not seen.name.startswith(READS)])

    def test_no_such_group(self):
        target = self.account.rule()
        self.foresee(16, "TargetGroupNotFound", target.text[:-4] + "0000")

    def test_no_such_metric(self):
        self.foresee(2, "colour", self.account.alias().text,
                     ["-p", "judges=threshold:metric=colour,above=1,per=none"])

    def test_what_the_operator_does_not_allow(self):
        self.foresee(2, "allow.operations", self.account.alias().text,
                     config='allow = { operations = { "lambda.get_alias" } },')

    def test_a_file_that_is_there(self):
        place, target = self.behind(), self.account.alias()
        place.write("plan.json", "mine")
        result = place.run("plan", "step_canary", "-p", "target=" + target.text, "--output",
                           "plan.json")
        self.check(2, result)
        self.assertIn("plan.json is there already", result.err)


class Stale(Planning):
    def setUp(self):
        super().setUp()
        self.target, self.spot = self.account.alias(), self.behind()
        self.spot.write("mine.lua", 'return require "policies.step_canary"\n')
        self.made = self.plan(self.spot, "mine.lua", "-p", "steps=50,100", "-p", "bake=1s", "-p",
                              "every=1s", "-p", "target=" + self.target.text)
        self.name = self.target.text.split(":")[1]

    def refused(self, *said, arguments=(), status=2):
        before = self.target.state()
        result = self.spot.run("run", "plan.json", *arguments)
        self.check(status, result)
        for words in said:
            self.assertIn(words, result.err)
        self.assertEqual(1, result.err.count("\n"), result)
        self.assertEqual(before, self.target.state())
        self.assertEqual([], self.spot.journals())

    def rewrite(self, **more):
        self.spot.write("plan.json", sealed(dict(self.made, **more)))

    def test_sealed_again(self):
        """A seal that fits is no proof of anything, as it says; the test's own are good."""
        self.rewrite()
        with open(os.path.join(self.spot.folder, "plan.json"), encoding="utf-8") as file:
            self.assertEqual(self.made["seal"], json.load(file)["seal"])

    def test_edited(self):
        text = json.dumps(dict(self.made, seed=7), sort_keys=True, separators=(",", ":"))
        self.spot.write("plan.json", text)
        self.refused("the seal is broken")

    def test_cut_short(self):
        text = sealed(self.made)
        self.spot.write("plan.json", text[:len(text) // 2])
        self.refused("the plan is cut short")

    def test_another_format(self):
        self.rewrite(format="tidelock-plan/9")
        self.refused('its format is "tidelock-plan/9"')

    def test_another_version(self):
        self.rewrite(version="0.0.9")
        self.refused("it was made by tidelock 0.0.9", "plan again")

    def test_another_account(self):
        self.rewrite(account="999999999999")
        self.refused("for the account 999999999999, and this is 123456789012")

    def test_another_region(self):
        self.refused("for the region eu-west-1, and this is eu-north-1",
                     arguments=["--region", "eu-north-1"])

    def test_another_policy(self):
        self.spot.write("mine.lua", 'return require "policies.step_canary" -- changed\n')
        self.refused("plan.json is stale: mine.lua was changed", "plan again")

    def test_no_policy(self):
        os.unlink(os.path.join(self.spot.folder, "mine.lua"))
        self.refused("mine.lua: no such file")

    def test_parameters(self):
        self.refused("a plan has its parameters", arguments=["-p", "bake=9s"])
        self.refused("a plan has its parameters", arguments=["--seed", "9"])

    def test_another_state(self):
        self.account.lambda_.update_alias(FunctionName=self.name, Name="live", Description="mine")
        self.account.lambda_.update_alias(FunctionName=self.name, Name="live", FunctionVersion="2")
        self.refused('function:%s:live is not as it was planned: FunctionVersion was "1" and '
                     'is "2"; plan again' % self.name)

    def test_what_it_is_not_about(self):
        """A colleague's description is none of the plan's business, and stays."""
        self.account.lambda_.update_alias(FunctionName=self.name, Name="live", Description="mine")
        self.check(0, self.spot.run("run", "plan.json"))
        alias = self.account.lambda_.get_alias(FunctionName=self.name, Name="live")
        self.assertEqual(("2", "mine"), (alias["FunctionVersion"], alias["Description"]))

    def test_what_no_plan_would_say(self):
        one = self.made["observed"][0]
        for wrong, said in (
                ({"observe": {"operation": "ssm.get_parameter", "input": {"Name": "a"}}},
                 "its change"),
                ({"identity": "other:live"}, "its change"),
                ({"input": {}}, "FunctionName is missing"),
                ({"operation": "lambda.get_alias"}, "is not a member"),
                ({"operation": "lambda.delete"}, "there is no operation lambda.delete")):
            self.rewrite(observed=[dict(one, **wrong)])
            self.refused(said)

    def test_gone(self):
        self.account.lambda_.delete_alias(FunctionName=self.name, Name="live")
        self.target = self.account.alias()
        self.refused("function:%s:live: it cannot be looked at" % self.name)


class Late(Planning):
    """Somebody is faster, after the plan was found to be good."""

    def test_while_it_runs(self):
        rule, alias, place = self.account.rule(), self.account.alias(), self.behind()
        place.write("both.lua", BOTH)
        self.plan(place, "both.lua", "-p", "first=" + rule.text, "-p", "second=" + alias.text)
        before = rule.state()

        def script(seen):
            if seen.name == "ModifyRule" and seen.nth == 1:
                self.account.lambda_.update_alias(FunctionName=alias.text.split(":")[1],
                                                  Name="live", FunctionVersion="2")
        self.between.script = script
        result = place.run("run", "plan.json")
        self.check(16, result)
        said = " ".join(result.out.split())
        self.assertIn('function:%s:live is not as it was planned: FunctionVersion was "1" and '
                      'is "2"' % alias.text.split(":")[1], said)
        self.assertEqual(before, rule.state(), result)
        self.assertEqual(("2", {}), alias.state())
        self.check(0, place.run("replay", place.journal()))

    def test_something_else(self):
        """What the plan does not show, a run from it does not touch."""
        first, second, place = self.account.alias(), self.account.alias(), self.behind()
        place.write("both.lua", BOTH)
        document = self.plan(place, "both.lua", "-p", "first=" + first.text, "-p",
                             "second=" + second.text)
        del document["observed"][1]
        place.write("plan.json", sealed(document))
        before = first.state()
        result = place.run("run", "plan.json")
        self.check(16, result)
        self.assertIn("is not among what the plan changes", " ".join(result.out.split()))
        self.assertEqual(before, first.state(), result)
        self.check(0, place.run("replay", place.journal()))


class OnMiniStack(Planning):
    """Of what moto has not."""
    emulate = staticmethod(emulators.ministack)

    def test_service(self):
        target, place = self.account.service(), self.behind()
        before, family = target.state(), target.text.split("canary=")[1][:-2]
        document = self.plan(place, "blue_green", "-p", "target=" + target.text)
        changed = [step for step in document["steps"] if step["kind"] == "change"]
        self.assertEqual([({"taskDefinition": family + ":1"}, {"taskDefinition": family + ":2"})],
                         [(step["before"], step["after"]) for step in changed])
        self.assertEqual(["change", "wait", "metric", "metric", "watch"],
                         [step["kind"] for step in document["steps"]])
        self.assertEqual(before, target.state())

    def test_flag(self):
        flag, place = flags.Flag(self.emulator.url, "planned"), self.behind()
        document = self.plan(place, *flags.RAMP, "-p", "target=" + flag.text)
        self.assertEqual(0, flag.percent())
        self.check(0, place.run("run", "plan.json"))
        self.assertEqual(100, flag.percent())
        self.assertEqual(without_strategy(planned(document)),
                         without_strategy(changes(place.records())))
        self.check(0, place.run("replay", place.journal()))


def without_strategy(changed):
    """The undo of a deployment names the strategy that the run itself makes."""
    return json.loads(json.dumps(changed), object_hook=lambda value: without(value, MADE_UP))


if __name__ == "__main__":
    harness.main()
