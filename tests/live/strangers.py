#!/usr/bin/env python3
"""Journals of strangers: each is whole, its chain is right, and it lies where our own do. What it
says is believed only where it can be computed again, and what it asks for is sent only where it is
what the catalogue makes of a change that the operator allows. A scripted server counts."""

import copy
import hashlib
import json
import os

import emulators
import harness
import proxy

PUT = """local aws, rollout = require "aws", require "rollout"
return rollout.policy {
    summary = "Shift, and tell the shop so.",
    params = { target = rollout.target(), name = rollout.text() },
    run = function(p)
        p.target:shift(50)
        aws.ssm.put_parameter { Name = p.name, Value = "new", Overwrite = true }
    end,
}
"""
NAME = "20990101-000000-%06x"


def dump(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def chained(records):
    """The lines of a journal, whoever wrote the records."""
    lines, prev = [], "0" * 64
    for seq, record in enumerate(records):
        start = '{"at":%d,"body":%s' % (record["at"], dump(record["body"]))
        end = ',"kind":"%s","prev":"%s","seq":%d}' % (record["kind"], prev, seq)
        prev = hashlib.sha256((start + end).encode()).hexdigest()
        lines.append('%s,"hash":"%s"%s\n' % (start, prev, end))
    return "".join(lines)


def first(records, kind, operation=None):
    for record in records:
        body = record["body"]
        if record["kind"] == kind and (operation is None or "undo" in body and
                                       body["request"]["operation"] == operation):
            return body
    raise LookupError(kind)


def shift(records):
    return first(records, "effect", "lambda.update_alias")


def put(records):
    return first(records, "effect", "ssm.put_parameter")


# What is forged, and what a person is told. Each changes a copy of the records of a true run.
FORGED = {}


def forged(said):
    def keep(function):
        FORGED[function.__name__] = (function, said)
        return function
    return keep


@forged('its "undo" is not that of its "request"')
def undo_is_another_operation(records):
    put(records)["undo"] = {"operation": "ssm.delete_parameter", "input": {"Name": "/victim"},
                            "region": emulators.REGION}


@forged('its "undo" is not that of its "request"')
def undo_is_of_another_resource(records):
    put(records)["undo"]["input"]["Name"] = "/victim"


@forged('its "undo" is not that of its "request"')
def undo_goes_elsewhere(records):
    put(records)["undo"]["region"] = "us-east-1"


@forged('its "undo" is not that of its "request"')
def undo_is_none(records):
    put(records)["undo"] = None


@forged('its "observe" is not that of its "request"')
def observe_writes(records):
    put(records)["observe"] = {"operation": "ssm.put_parameter", "region": emulators.REGION,
                               "input": {"Name": "/victim", "Value": "x", "Overwrite": True}}


@forged('its "observe" is not that of its "request"')
def observe_is_of_another_resource(records):
    put(records)["observe"]["input"]["Name"] = "/victim"


@forged('its "identity" is not that of its "request"')
def identity_is_another(records):
    put(records)["identity"] = shift(records)["identity"]


@forged('its "before" is not that of its "request"')
def before_is_another(records):
    put(records)["before"]["Value"] = "never seen"


@forged('its "after" is not that of its "request"')
def after_is_another(records):
    put(records)["after"]["Value"] = "victim's"


@forged('its "settle" is not that of its "request"')
def settle_is_another(records):
    put(records)["settle"] = 0


@forged('its "before" is not that of its "request"')
def observed_is_another(records):
    put(records)["observed"]["Parameters"][0]["Value"] = "never seen"


@forged("no change of AWS with what was observed before it")
def observed_is_gone(records):
    del put(records)["observed"]


@forged("nothing was sent")
def observed_is_nonsense(records):
    put(records)["observed"] = [["x"], 7]


@forged("what it asks for changes nothing")
def request_only_reads(records):
    put(records)["request"].update(operation="ssm.get_parameter", input={"Name": "/victim"})


@forged("is only used to undo: policies cannot ask for it")
def request_is_for_undoing(records):
    put(records)["request"].update(operation="ssm.delete_parameter", input={"Name": "/victim"})


@forged("there is no operation ssm.drop_everything")
def request_is_unknown(records):
    put(records)["request"]["operation"] = "ssm.drop_everything"


@forged("no change of AWS with what was observed before it")
def request_is_no_call(records):
    put(records)["request"]["kind"] = "sleep"


@forged('its "identity" is not that of its "request"')
def request_is_another(records):
    put(records)["request"]["input"]["Name"] = "/victim"


@forged('its "identity" is not that of its "request"')
def home_is_another_region(records):
    first(records, "begin")["home"]["region"] = "us-east-1"


@forged('its "identity" is not that of its "request"')
def home_is_another_account(records):
    first(records, "begin")["home"]["account"] = "210987654321"


@forged("it does not say in which account the run was")
def home_is_no_place(records):
    first(records, "begin")["home"]["region"] = "x.example.com/"


@forged("it does not say in which account the run was")
def home_is_gone(records):
    del first(records, "begin")["home"]


@forged("a run begins once")
def begins_twice(records):
    records.insert(2, copy.deepcopy(records[1]))


@forged("a change before the run had begun")
def changes_before_it_begins(records):
    records.append(records.pop(1))


@forged('the run was in a world called "simulated", not "live"')
def was_simulated(records):
    records[0]["body"]["world"] = "simulated"


@forged("a journal has one record of kind run, the first")
def has_two_headers(records):
    records.insert(1, copy.deepcopy(records[0]))


@forged("a journal has one record of kind run, the first")
def has_no_header(records):
    del records[0]


@forged("there is no type of target")
def target_is_of_no_type(records):
    first(records, "begin")["targets"][0]["type"] = "victim"


@forged("lambda_alias.function must be the name or ARN of a function")
def target_is_nonsense(records):
    first(records, "begin")["targets"][0]["function"] = {"a": 1}


@forged("nothing was sent")
def targets_are_holes(records):
    first(records, "begin")["targets"] = [None]


@forged("it has no list of targets")
def targets_are_no_list(records):
    first(records, "begin")["targets"] = {}


def left(records):
    """As by a process that died: neither the commit nor the end."""
    return [record for record in records if record["kind"] not in ("commit", "end")]


class Planted(harness.LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.between = proxy.Proxy(cls.emulator.url)
        cls.addClassCleanup(cls.between.stop)
        cls.parameters = emulators.client("ssm", cls.emulator.url)
        for name in ("/shop/color", "/victim"):
            cls.parameters.put_parameter(Name=name, Value="old", Type="String")
        cls.alias = cls.account.alias()
        cls.records = cls.promoted()

    @classmethod
    def promoted(cls):
        """The records of a true run."""
        with harness.Place(cls.emulator.url) as place:
            place.write("put.lua", PUT)
            result = place.run("run", "put.lua", "-p", "name=/shop/color", "-p",
                               "target=" + cls.alias.text)
            if result.status != 0:
                raise AssertionError(result)
            return [{name: record[name] for name in ("at", "body", "kind")}
                    for record in place.records()]

    def setUp(self):
        self.count = 0
        self.spot = harness.Place(self.between.url)
        self.addCleanup(self.spot.temporary.cleanup)
        self.between.script = None
        self.between.seen.clear()

    def state(self):
        found = self.parameters.get_parameters(Names=["/shop/color", "/victim"])["Parameters"]
        return self.alias.state(), sorted((one["Name"], one["Value"], one["Version"])
                                          for one in found)

    def plant(self, records, mode=0o600):
        """The last run there is, in a folder like ours."""
        runs = os.path.join(self.spot.folder, ".tidelock", "runs")
        for name in ("", "runs", "locks"):
            os.makedirs(os.path.join(self.spot.folder, ".tidelock", name), 0o700, exist_ok=True)
        self.count += 1
        path = os.path.join(runs, NAME % self.count + ".journal")
        with open(path, "w", encoding="utf-8") as file:
            file.write(chained(records))
        os.chmod(path, mode)
        return path


class Strangers(Planted):
    def refused(self, records, said, *arguments):
        before = self.state()
        for verb, some in (("rollback", records), ("recover", left(records))):
            path = self.plant(some)
            with open(path, "rb") as file:
                planted = file.read()
            self.between.seen.clear()
            result = self.spot.run(verb, "last", *arguments)
            self.check(2, result)
            self.assertIn(said, " ".join(result.err.split()))
            self.assertIn("nothing was sent", result.err)
            self.assertEqual([], [seen.name for seen in self.between.seen], result)
            with open(path, "rb") as file:
                self.assertEqual(planted, file.read())
        self.assertEqual(before, self.state())

    def test_forged(self):
        for name, (change, said) in FORGED.items():
            with self.subTest(name):
                records = copy.deepcopy(self.records)
                change(records)
                self.refused(records, said)

    def test_as_a_branch_brings_it(self):
        """Git makes folders of 0755 and files of 0644; and our own folder may be there before."""
        for mode, folder, said in ((0o644, 0o700, "journal is open to others"),
                                   (0o600, 0o755, ".tidelock is open to others")):
            path = self.plant(left(self.records), mode)
            os.chmod(os.path.dirname(os.path.dirname(path)), folder)
            for verb in ("recover", "rollback", "show"):
                result = self.spot.run(verb, "last")
                self.check(2, result)
                self.assertIn(said, result.err)
                self.assertIn("`chmod ", result.err)
            self.assertEqual([], self.between.seen)

    def test_what_the_operator_does_not_allow(self):
        """Whatever the journal says, and though all of it follows."""
        for allowed, said in (('operations = { "lambda.*" }', "allow.operations"),
                              ('resources = { "arn:*:lambda:*" }', "allow.resources"),
                              ('resources = { "arn:*:parameter/*" }', "allow.resources")):
            self.spot.write("operator.lua", "return { allow = { %s } }" % allowed)
            self.refused(self.records, said, "--config", "operator.lua", "--state", ".tidelock")

    def test_a_branch_does_not_keep_it_from_being_put_back(self):
        """What the team's file narrows is for runs of that branch."""
        self.spot.write("tidelock.lua", 'return { allow = { operations = { "ecs.*" } } }')
        self.spot.write("operator.lua", "return {}")
        self.refused(self.records_of(shop="somebody else's"), "allow.operations")
        self.plant(left(self.records_of(shop="somebody else's")))
        self.spot.run("recover", "last", "--config", "operator.lua", "--state", ".tidelock")
        self.assertIn("GetCallerIdentity", [seen.name for seen in self.between.seen])

    def records_of(self, shop):
        """A whole forgery: nothing in it contradicts anything else."""
        records = copy.deepcopy(self.records)
        body = put(records)
        body["after"]["Value"] = body["request"]["input"]["Value"] = shop
        return records

    def test_a_change_that_does_not_show_is_nobodys_to_undo(self):
        """All follows, but no such change was made: it is looked at, and left alone."""
        before = self.state()
        records = [record for record in left(self.records_of(shop="somebody else's"))
                   if "lambda" not in json.dumps(record["body"]) or record["kind"] == "begin"]
        records.insert(0, copy.deepcopy(self.records[0]))
        for verb in ("rollback", "recover"):
            self.plant(records)
            self.between.seen.clear()
            result = self.spot.run(verb, "last")
            self.check(14, result)
            self.assertEqual({"GetCallerIdentity", "GetParameterHistory"},
                             {seen.name for seen in self.between.seen}, result)
            self.assertEqual(before, self.state())
            self.check(0, self.spot.run("recover", "--leave", "last"))


class Beginning(Planted):
    """A run begins only on what it may shift: no lock of anything else is taken."""

    def refused(self, target, said, allowed):
        self.between.seen.clear()
        self.spot.write("tidelock.lua", "return { allow = { %s } }" % allowed)
        result = self.spot.run("run", "step_canary", "-p", "steps=100", "-p", "target=" + target)
        self.check(2, result)
        self.assertIn(said, result.err)
        locks = os.path.join(self.spot.folder, ".tidelock", "locks")
        self.assertEqual(([], []), (self.spot.journals(), os.listdir(locks)))
        self.assertEqual(["GetCallerIdentity"], [seen.name for seen in self.between.seen])

    def test_not_allowed(self):
        function = self.alias.text.split(":")[1]
        other = "lambda-alias:other:live,canary=2"
        self.refused(other, "function:other:live is not among the resources",
                     'resources = { "arn:*:function:%s:live" }' % function)
        self.refused(other, "lambda.update_alias is not among the operations",
                     'operations = { "lambda.get_alias", "ssm.*" }')
        self.refused("ecs-service:shop/checkout,canary=checkout:2",
                     "service/shop/checkout#taskDefinition is not among",
                     'resources = { "arn:*#desiredCount" }')


class Walls(harness.LiveTest):
    def test_without_landlock(self):
        """It is said once, whatever is carried out."""
        place = self.place()
        place.write("one.lua", "return 1")
        said = "tidelock: this kernel has no Landlock: seccomp alone locks policies in\n"
        result = harness.finish(place.start("eval", "one.lua", preload=["no_landlock"]))
        self.assertEqual((0, "1\n", said), (result.status, result.out, result.err))
        result = harness.finish(place.start("run", "step_canary", "-p", "target=" +
                                            self.account.alias().text, "-p", "steps=100",
                                            "-p", "bake=1s", "-p", "every=1s",
                                            preload=["no_landlock"]))
        self.assertEqual(1, (result.out + result.err).count(said), result)
        for arguments in (["status"], ["status", "last", "--format", "json"], ["show", "last"]):
            result = harness.finish(place.start(*arguments, preload=["no_landlock"]))
            self.assertEqual((0, said), (result.status, result.err))
        result = harness.finish(place.start("doctor", preload=["no_landlock"]))
        self.assertIn("locked in; this kernel has no Landlock", result.out)
        self.assertEqual("", place.run("eval", "one.lua").err)


class OfAnotherVersion(Planted):
    """What another version made of a change may differ: it is computed again, and sent as this one
    computes it."""

    def test_forged(self):
        records = copy.deepcopy(self.records)
        records[0]["body"]["version"] = "0.0.1"
        undo_is_of_another_resource(records)
        observe_writes(records)
        before_is_another(records)
        self.plant(left(records))
        found = self.state()
        result = self.spot.run("recover", "last")
        self.check(0, result)
        sent = [json.loads(seen.body) for seen in self.between.seen if seen.name == "PutParameter"]
        self.assertEqual([("/shop/color", "old")],
                         [(one["Name"], one["Value"]) for one in sent], result)
        (_, [shop, victim]) = self.state()
        self.assertEqual((("1", {}), "old", found[1][1]), (self.alias.state(), shop[1], victim))


if __name__ == "__main__":
    harness.main()
