#!/usr/bin/env python3
"""Somebody changes by hand, in moto, what a run has changed: puts it back as it was before the run,
or as it was at an earlier step, or makes something else of it. Nothing of that is written over, and
nothing is committed; and what a person is told to do about it."""

import re

import harness

# The metrics are of half and half.
STEPS = ["step_canary", "-p", "steps=40,50,60,100", "-p", "bake=1m", "-p", "every=10s",
         "-p", "sees=0"]
ABORTED, NO_DECISION, NOT_RESTORED = 11, 15, 14


def is_watch(record):
    return record["kind"] == "effect" and record["body"]["request"]["kind"] == "watch"


class Hands(harness.LiveTest):
    def at_step(self, target, step, act):
        """Acts in the middle of this step's watch; the place and the run's result."""
        place = self.place()
        place.hurry(20, 0)
        process = place.start("run", *STEPS, "-p", "target=" + target.text)

        def is_there():
            records = place.records()
            return sum(map(is_watch, records)) == step and records[-1]["kind"] == "tick"
        harness.support.wait_until("watch %d" % step,
                                   lambda: is_there() or process.poll() is not None)
        if process.poll() is not None:
            self.fail((step, harness.finish(process)))
        act()
        return place, harness.finish(process)

    def write(self, name, version, weights):
        self.account.lambda_.update_alias(FunctionName=name, Name="live", FunctionVersion=version,
                                          RoutingConfig={"AdditionalVersionWeights": weights})

    def one(self, step, version, weights, status):
        name = "hand%d" % self.account.number()
        target = self.account.alias(name)
        place, result = self.at_step(target, step, lambda: self.write(name, version, weights))
        what = (step, version, weights, result)
        self.assertEqual(status, result.status, what)
        self.assertEqual((version, weights), target.state(), what)
        told = " ".join(result.out.split())
        self.assertIn("by somebody else meanwhile", told, what)
        self.assertNotIn("promoted", told, what)
        self.check(0, place.run("replay", place.journal()))
        return place, result

    def test_put_back(self):
        """At minute 1.5 and at minute 3.5 of a run of four steps."""
        for step in (2, 4):
            place, _ = self.one(step, "1", {}, NO_DECISION)
            self.assertIn("no decision", place.run("status", "last").out)
            self.assertIn("nothing to do", place.run("recover", "last").out)

    def test_an_earlier_step(self):
        for step, weights in ((2, {"2": 0.4}), (4, {"2": 0.5})):
            self.one(step, "1", weights, NOT_RESTORED)

    def test_something_else(self):
        place, result = self.one(3, "1", {"2": 0.33}, NOT_RESTORED)
        told = " ".join(result.out.split())
        self.assertIn("(somebody else changed it) it was version 1 it is version 1 67 %, version 2 "
                      "33 % the run made it version 1 40 %, version 2 60 % by hand: aws lambda "
                      "update-alias --region eu-west-1 --cli-input-json '{", told)
        again = place.run("recover", "last")
        self.check(NOT_RESTORED, again)
        for told in (result.err, again.err):
            self.assertRegex(" ".join(told.split()), r"`tidelock recover [\w-]+` to try again")
        self.assertEqual(("1", {"2": 0.33}), self.state_of(place))

    def test_another_member(self):
        """What the run does not change of a resource is anybody's: it keeps nothing from going
        back, and stays."""
        elb = self.account.elb
        alias, rule, listener = self.account.alias(), self.account.rule(), self.account.listener()
        name = alias.text.split(":")[1]
        arn = {target: re.match(r"[\w-]+:([^,]+),", target.text).group(1)
               for target in (rule, listener)}
        theirs = [{"Field": "path-pattern", "Values": ["/theirs"]}]
        hands = (
            (alias, lambda: self.account.lambda_.update_alias(
                FunctionName=name, Name="live", Description="theirs"),
             lambda: self.account.lambda_.get_alias(
                 FunctionName=name, Name="live")["Description"] == "theirs"),
            (rule, lambda: elb.modify_rule(RuleArn=arn[rule], Conditions=theirs),
             lambda: rule.state()[0]["Conditions"][0]["Values"] == ["/theirs"]),
            (listener, lambda: elb.modify_listener(ListenerArn=arn[listener], Port=4711),
             lambda: listener.state()[0]["Port"] == 4711))
        for target, act, stands in hands:
            before = self.shares(target)
            place = self.place()
            place.hurry(20, 0)
            process = place.start("run", *STEPS, "-p", "target=" + target.text)
            harness.wait_for_record(place, "tick")
            act()
            self.check(0, place.run("abort", "last"))
            result = harness.finish(process)
            self.assertEqual(ABORTED, result.status, result)
            self.assertEqual(before, self.shares(target), result)
            self.assertTrue(stands(), result)
            self.check(0, place.run("replay", place.journal()))

    @staticmethod
    def shares(target):
        """What the run changes of it, without what else moto tells."""
        found = target.state()
        if isinstance(found, tuple):
            return found
        actions = found[0].get("Actions") or found[0]["DefaultActions"]
        groups = actions[0].get("ForwardConfig", {}).get("TargetGroups") or actions
        return [(group["TargetGroupArn"], group.get("Weight", 1)) for group in groups]

    def test_the_same_share(self):
        """Half and half in other numbers is still somebody's hand, and told with the numbers."""
        rule = self.account.rule()
        arn, blue, green = re.match(r"[\w-]+:([^,]+),baseline=([^,]+),canary=(.+)",
                                    rule.text).groups()

        def act():
            self.account.elb.modify_rule(RuleArn=arn, Actions=[
                {"Type": "forward", "ForwardConfig": {"TargetGroups": [
                    {"TargetGroupArn": green, "Weight": 1},
                    {"TargetGroupArn": blue, "Weight": 1}]}}])
        _, result = self.at_step(rule, 2, act)
        self.assertEqual(NOT_RESTORED, result.status, result)
        told = " ".join(result.out.split())
        halves = r"blue\d+ 50 %, green\d+ 50 % \(Actions\S* "
        self.assertRegex(told, "it is " + halves + r"1\) the run made it " + halves + r"50\)")
        self.assertRegex(told, r"Weight: it shows 1; the run found \S+ and made 50")

    def state_of(self, place):
        """Of the alias, whose name is in the run's target."""
        name = re.search(r"lambda-alias:(\w+):", " ".join(
            map(str, place.records()[0]["body"]["arguments"])))
        found = self.account.lambda_.get_alias(FunctionName=name.group(1), Name="live")
        return found["FunctionVersion"], found["RoutingConfig"]["AdditionalVersionWeights"]


if __name__ == "__main__":
    harness.main()
