#!/usr/bin/env python3
"""Where a run takes place is where it is put back, whatever shell asks for that: what has the same
name in another region, and stands as the run left its own, stays as it is. Who comes with the
credentials of another account is refused before anything is sent; and an ARN that is data moves
nothing. What a target's metrics say is asked for where the target is."""

import re
import signal
import threading
import time

import emulators
import harness
import proxy

HERE, SHELL, ELSEWHERE = "us-east-1", "eu-west-1", "ap-south-1"
ACCOUNT, OTHER = "123456789012", "210987654321"
STEPS = ["-p", "steps=50,100", "-p", "every=1s"]
SHELLS = [{"AWS_REGION": SHELL}, {"AWS_REGION": None, "AWS_DEFAULT_REGION": SHELL},
          {"AWS_REGION": None}]
PUT = """local aws = require "aws"
local rollout = require "rollout"
return rollout.policy {
    summary = "Tell the shop another topic.",
    params = {
        name = rollout.text(),
        value = rollout.text(),
        make = rollout.flag(false),
        fail = rollout.flag(false),
        region = rollout.text(""),
    },
    run = function(p)
        local input = { Name = p.name, Value = p.value, Overwrite = true }
        if p.make then
            input = { Name = p.name, Value = p.value, Type = "String" }
        end
        aws.ssm.put_parameter(input, p.region ~= "" and p.region or nil)
        if p.fail then error("as it was told") end
    end,
}
"""


def topic(region, name):
    return "arn:aws:sns:%s:%s:%s" % (region, ACCOUNT, name)


def scope(seen):
    """(region, service) that a request was signed for: it is there that AWS takes it."""
    signed = seen.headers["authorization"]
    return re.search(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/", signed).groups()


class Alias:
    """One of the same name in every place that is named."""

    def __init__(self, client, role, name):
        self.client, self.name = client, name
        made = emulators.make_alias(client, role, name)
        self.text, self.state = made.text, made.state

    def whole(self):
        found = self.client.get_alias(FunctionName=self.name, Name="live")
        return {name: found[name] for name in found if name != "ResponseMetadata"}

    def be_as(self, other):
        version, weights = other.state()
        self.client.update_alias(FunctionName=self.name, Name="live", FunctionVersion=version,
                                 RoutingConfig={"AdditionalVersionWeights": weights})


class Somewhere(harness.LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.between = proxy.Proxy(cls.emulator.url)
        cls.addClassCleanup(cls.between.stop)

    def setUp(self):
        self.between.script = None

    def behind(self):
        return self.place(endpoint=self.between.url)

    def ask(self, place, variables, *arguments):
        """From a shell where these are other variables; None: it has none. With what was sent."""
        self.between.seen.clear()
        kept = place.environment
        changed = dict(kept, **variables)
        place.environment = {name: changed[name] for name in changed if changed[name] is not None}
        try:
            return place.run(*arguments), list(self.between.seen)
        finally:
            place.environment = kept

    def check_scopes(self, sent, service, region):
        """All that was sent went there, but for the question who this is."""
        found = [scope(seen) for seen in sent]
        self.assertEqual({(region, service)}, {one for one in found if one[1] != "sts"})

    # A run here, of an alias, that has to be put back: where it leaves the alias differs.

    def killed(self, place, alias, is_time=None):
        """At half of the traffic."""
        process = place.start("run", "step_canary", *STEPS, "-p", "bake=1m", "--region", HERE,
                              "-p", "target=" + alias.text)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        harness.support.wait_until("the time to kill it", is_time or (
            lambda: harness.has_record(place, "tick")))
        process.kill()
        self.check(-signal.SIGKILL, harness.finish(process))
        self.assertEqual(("1", {"2": 0.5}), alias.state())

    def unanswered(self, place, alias):
        """Killed once its change is carried out, before it hears so."""
        carried = threading.Event()

        def act(handler, seen):
            proxy.ask(handler, seen)
            carried.set()
        self.between.script = lambda seen: act if seen.name == "UpdateAlias" else None
        self.killed(place, alias, carried.is_set)
        self.between.script = None
        self.assertEqual("effect", place.records()[-1]["kind"])

    def promoted(self, place, alias):
        self.check(0, place.run("run", "step_canary", *STEPS, "-p", "bake=1s", "--region", HERE,
                                "-p", "target=" + alias.text))
        self.assertEqual("2", alias.state()[0])


class Regions(Somewhere):
    def aliases(self):
        """The run's, and the one of the same name in the shell's region."""
        name = "pay%d" % self.account.number()
        return [Alias(emulators.client("lambda", self.emulator.url, region), self.account.role,
                      name) for region in (HERE, SHELL)]

    def check_status(self, place, variables, words):
        """It is told from the journal, and asks nobody."""
        result, sent = self.ask(place, variables, "status", "last")
        self.check(0, result)
        self.assertIn(words, " ".join(result.out.split()))
        self.assertEqual([], sent)

    def put_back(self, begin, status, verb, variables, arguments=()):
        (mine, theirs), place = self.aliases(), self.behind()
        before = mine.state()
        begin(place, mine)
        theirs.be_as(mine)
        untouched = theirs.whole()
        homes = [record["body"]["home"] for record in place.records() if record["kind"] == "begin"]
        self.assertEqual([{"account": ACCOUNT, "partition": "aws", "region": HERE}], homes)
        caller = place.records()[0]["body"]["caller"]
        self.assertRegex(caller, "^arn:aws:(iam|sts)::%s:" % ACCOUNT)
        self.assertIn("\n  caller     %s\n" % caller, place.run("status", "last").out)
        self.check_status(place, variables, status)
        result, sent = self.ask(place, variables, verb, "last", *arguments)
        self.check(0, result)
        self.assertEqual(before, mine.state(), (variables, result))
        self.assertEqual(untouched, theirs.whole(), (variables, result))
        self.assertIn("UpdateAlias", [seen.name for seen in sent])
        self.check_scopes(sent, "lambda", HERE)
        self.check_status(place, variables, "canary at 0 %")
        self.check(0, place.run("replay", place.journal()))
        return result

    def test_recovered(self):
        for variables in SHELLS:
            self.put_back(self.killed, "cut short", "recover", variables)

    def test_recovered_with_its_last_change_unanswered(self):
        self.put_back(self.unanswered, "cut short", "recover", SHELLS[0])

    def test_recovered_with_another_region_as_an_option(self):
        self.put_back(self.killed, "cut short", "recover", SHELLS[2], ["--region", SHELL])

    def test_rolled_back(self):
        for variables in SHELLS:
            self.put_back(self.promoted, "ended promoted after", "rollback", variables)

    def test_nobody_says_who_this_is(self):
        """The journal says where it was."""
        def begin(place, alias):
            self.killed(place, alias)
            self.between.script = lambda seen: proxy.refuse(403, "AccessDenied", "Not for you.") \
                if seen.name == "GetCallerIdentity" else None
        result = self.put_back(begin, "cut short", "recover", SHELLS[0])
        self.assertIn("whether this is account %s is not known" % ACCOUNT, result.err)


class Members(Somewhere):
    """One run of three aliases of one name: at home, where a member says, where an ARN says."""

    def setUp(self):
        super().setUp()
        name = "pay%d" % self.account.number()
        self.aliases = [Alias(emulators.client("lambda", self.emulator.url, region),
                              self.account.role, name) for region in (HERE, SHELL, ELSEWHERE)]
        self.stranger = Alias(emulators.client("lambda", self.emulator.url, "eu-west-2"),
                              self.account.role, name)
        arn = "arn:aws:lambda:%s:%s:function:%s" % (ELSEWHERE, ACCOUNT, name)
        self.texts = [self.aliases[0].text, "%s,region=%s" % (self.aliases[1].text, SHELL),
                      "lambda-alias:%s:live,canary=2" % arn]
        self.arguments = [word for text in self.texts for word in ("-p", "target=" + text)]
        self.before = self.states(), self.stranger.whole()
        self.names = ["%s:live@%s" % (name, SHELL), name + ":live"]

    def behind(self):
        """Its metrics are told apart by their region."""
        place = super().behind()
        place.tell_apart("region")
        return place

    def states(self):
        return [alias.state() for alias in self.aliases]

    def check_back(self, result, sent):
        self.check(0, result)
        self.assertEqual(self.before, (self.states(), self.stranger.whole()), result)
        self.assertEqual({HERE, SHELL, ELSEWHERE}, {
            scope(seen)[0] for seen in sent if seen.name == "UpdateAlias"})

    def test_planned_promoted_and_rolled_back(self):
        place = self.behind()
        told = place.run("plan", "step_canary", *STEPS, "-p", "bake=1s", "--region", HERE,
                         *self.arguments)
        self.check(0, told)
        self.assertEqual(self.before, (self.states(), self.stranger.whole()))
        result = place.run("run", "step_canary", *STEPS, "-p", "bake=1s", "--region", HERE,
                           *self.arguments)
        self.check(0, result)
        self.assertEqual({"2"}, {state[0] for state in self.states()})
        for name in self.names:
            self.assertIn("  %s\n" % name, result.out)
            self.assertIn(name, told.out)
        for variables in SHELLS[:1]:
            self.check_back(*self.ask(place, variables, "rollback", "last"))

    def test_killed_and_recovered(self):
        place = self.behind()
        process = place.start("run", "step_canary", *STEPS, "-p", "bake=1m", "--region", HERE,
                              *self.arguments)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        harness.support.wait_until("the time to kill it", lambda: harness.has_record(place, "tick"))
        process.kill()
        self.check(-signal.SIGKILL, harness.finish(process))
        self.assertEqual([("1", {"2": 0.5})] * 3, self.states())
        self.check_back(*self.ask(place, SHELLS[2], "recover", "last"))

    def test_no_such_place(self):
        """Told before anything is looked at."""
        name, place = self.aliases[0].name, self.behind()
        for target, why in (
                ("%s:live,canary=2,region=cn-north-1" % name,
                 "cn-north-1 is no region of the partition aws"),
                ("%s:live,canary=2,region=Ireland" % name, "expected a region such as"),
                (self.texts[2].split(":", 1)[1] + ",region=" + HERE,
                 "its function is in %s, and not in %s" % (ELSEWHERE, HERE))):
            result, sent = self.ask(place, {"AWS_REGION": HERE}, "run", "step_canary",
                                    "-p", "target=lambda-alias:" + target)
            self.check(2, result)
            self.assertIn(why, result.err)
            self.assertEqual(set(), {seen.name for seen in sent} - {"GetCallerIdentity"})

    def test_one_resource_is_one_target(self):
        """Where the shell is at home decides whether it is."""
        texts = [self.texts[0], self.aliases[0].text + ",region=" + HERE]
        arguments = [word for text in texts for word in ("-p", "target=" + text)]
        for region, status in ((HERE, 2), (SHELL, 0)):
            place = self.behind()
            result, sent = self.ask(place, {"AWS_REGION": region}, "run", "step_canary", *STEPS,
                                    "-p", "bake=1s", *arguments)
            self.check(status, result)
            self.assertEqual(status == 2, " is given twice: " in result.err)
            self.assertEqual(status == 0, "UpdateAlias" in [seen.name for seen in sent])


class Accounts(Somewhere):
    """The other account has an alias of the same name in the same region."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        given = emulators.client("sts", cls.emulator.url).assume_role(
            RoleArn="arn:aws:iam::%s:role/r" % OTHER, RoleSessionName="somebody")["Credentials"]
        cls.keys = {"AWS_ACCESS_KEY_ID": given["AccessKeyId"],
                    "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
                    "AWS_SESSION_TOKEN": given["SessionToken"]}
        cls.role = emulators.make_role(emulators.client("iam", cls.emulator.url, keys=cls.keys))

    def aliases(self):
        name = "pay%d" % self.account.number()
        return [Alias(emulators.client("lambda", self.emulator.url, HERE, keys), role, name)
                for keys, role in ((None, self.account.role), (self.keys, self.role))]

    def refused(self, begin, verb):
        (mine, theirs), place = self.aliases(), self.behind()
        before = mine.state()
        begin(place, mine)
        theirs.be_as(mine)
        found = mine.whole(), theirs.whole()
        self.assertNotEqual(found[0]["AliasArn"], found[1]["AliasArn"])
        records = place.records()
        for variables in SHELLS:
            result, sent = self.ask(place, dict(self.keys, **variables), verb, "last")
            self.check(2, result)
            self.assertEqual("tidelock %s: the run was in account %s, and these credentials are of "
                             "%s: nothing was touched\n" % (verb, ACCOUNT, OTHER), result.err)
            self.assertEqual(["GetCallerIdentity"], [seen.name for seen in sent])
            self.assertEqual(found, (mine.whole(), theirs.whole()))
            self.assertEqual(records, place.records())
        self.check(0, self.ask(place, SHELLS[0], verb, "last")[0])
        self.assertEqual((before, found[1]), (mine.state(), theirs.whole()))

    def test_recover(self):
        self.refused(self.killed, "recover")

    def test_rollback(self):
        self.refused(self.promoted, "rollback")


class Data(Somewhere):
    """Of what is called by its name, and holds ARNs of other regions."""
    # The value before, and the one that the run writes.
    old, new = (topic(ELSEWHERE, name) for name in ("old", "new"))

    def setUp(self):
        super().setUp()
        self.name, self.spot = "/shop/topic%d" % self.account.number(), self.behind()
        self.spot.write("put.lua", PUT)
        self.parameters = {region: emulators.client("ssm", self.emulator.url, region)
                           for region in (HERE, SHELL, ELSEWHERE)}

    def create(self, *regions):
        for region in regions:
            self.parameters[region].put_parameter(Name=self.name, Value=self.old, Type="String")

    def values(self):
        """Of each region that has it: its value, and how often it was written."""
        found = {region: client.get_parameters(Names=[self.name])["Parameters"]
                 for region, client in self.parameters.items()}
        return {region: (one[0]["Value"], one[0]["Version"]) for region, one in found.items()
                if one}

    def put(self, status, *arguments):
        result, sent = self.ask(self.spot, SHELLS[0], "run", "put.lua", "--region", HERE, "-p",
                                "name=" + self.name, "-p", "value=" + self.new, *arguments)
        self.check(status, result)
        return sent

    def undo(self):
        result, sent = self.ask(self.spot, SHELLS[0], "rollback", "last")
        self.check(0, result)
        self.check(0, self.spot.run("replay", self.spot.journal()))
        return sent

    def changed(self, region, *arguments):
        self.create(HERE, SHELL, ELSEWHERE)
        before = self.values()
        self.check_scopes(self.put(0, *arguments), "ssm", region)
        self.assertEqual({**before, region: (self.new, 2)}, self.values())
        self.check_scopes(self.undo(), "ssm", region)
        self.assertEqual({**before, region: (self.old, 3)}, self.values())
        self.check_scopes(self.put(16, "-p", "fail=true", *arguments), "ssm", region)
        self.assertEqual({**before, region: (self.old, 5)}, self.values())

    def test_changed(self):
        self.changed(HERE)

    def test_changed_in_a_region_that_the_policy_names(self):
        self.changed(SHELL, "-p", "region=" + SHELL)

    def test_made(self):
        self.create(SHELL, ELSEWHERE)
        before = self.values()
        self.check_scopes(self.put(0, "-p", "make=true"), "ssm", HERE)
        self.assertEqual({**before, HERE: (self.new, 1)}, self.values())
        self.check_scopes(self.undo(), "ssm", HERE)
        self.assertEqual(before, self.values())


class Metrics(Somewhere):
    """Two functions of one name in two regions, of which only the one elsewhere has a canary that
    fails, or only the one at home has."""
    SECONDS = 300  # for which CloudWatch has numbers, some before they have passed
    LOOKS = ["-p", "steps=50", "-p", "every=1s", "-p", "bake=4s"]

    def make(self, region, name, errors):
        alias = Alias(emulators.client("lambda", self.emulator.url, region), self.account.role,
                      name)
        cloudwatch = emulators.client("cloudwatch", self.emulator.url, region)
        start = int(time.time()) - 10
        numbers = {("1", "Invocations"): 900, ("2", "Invocations"): 900, ("1", "Errors"): 9,
                   ("2", "Errors"): errors, (None, "Invocations"): 900, (None, "Errors"): 9}
        for (version, metric), value in numbers.items():
            dimensions = [{"Name": "FunctionName", "Value": name},
                          {"Name": "Resource", "Value": name + ":live"}]
            if version:
                dimensions.append({"Name": "ExecutedVersion", "Value": version})
            cloudwatch.put_metric_data(Namespace="AWS/Lambda", MetricData=[
                {"MetricName": metric, "Timestamp": start + second, "Value": value,
                 "Dimensions": dimensions} for second in range(self.SECONDS)])
        return alias

    def spot(self, provider=""):
        place = self.behind()
        place.write("tidelock.lua", """return { providers = { cloudwatch = {
            kind = "cloudwatch", period = "1s", settle = "0s"%s } } }""" % provider)
        return place

    def both(self, here, there):
        """The aliases at home and elsewhere, and how the latter is called."""
        name = "pay%d" % self.account.number()
        text = "lambda-alias:function=arn:aws:lambda:%s:%s:function:%s,alias=live,canary=2" % (
            ELSEWHERE, ACCOUNT, name)
        return (self.make(HERE, name, here), self.make(ELSEWHERE, name, there)), text

    def roll_out(self, place, status, text):
        result, sent = self.ask(place, {"AWS_REGION": HERE}, "run", "step_canary", *self.LOOKS,
                                "-p", "target=" + text)
        self.check(status, result)
        self.check_scopes([seen for seen in sent if scope(seen)[1] == "lambda"], "lambda",
                          ELSEWHERE)
        return self.asked(sent)

    def asked(self, sent):
        return {scope(seen)[0] for seen in sent if scope(seen)[1] == "monitoring"}

    def test_broken_where_it_is(self):
        """What is healthy at home does not vouch for it."""
        (home, away), text = self.both(9, 300)
        before, place = home.whole(), self.spot()
        self.assertEqual({ELSEWHERE}, self.roll_out(place, 10, text))
        self.assertEqual((before, "1"), (home.whole(), away.state()[0]))
        shell = {"AWS_REGION": SHELL}
        result, sent = self.ask(place, shell, "record", "last", "--output", "recording")
        self.check(0, result)
        self.assertEqual({ELSEWHERE}, self.asked(sent))

    def test_broken_where_a_member_says(self):
        (home, away), text = self.both(9, 300)
        text = "lambda-alias:%s:live,canary=2,region=%s" % (home.name, ELSEWHERE)
        before = home.whole()
        self.assertEqual({ELSEWHERE}, self.roll_out(self.spot(), 10, text))
        self.assertEqual((before, "1"), (home.whole(), away.state()[0]))

    def test_healthy_where_it_is(self):
        """What is broken at home does not speak against it."""
        (home, away), text = self.both(300, 9)
        before = home.whole()
        self.assertEqual({ELSEWHERE}, self.roll_out(self.spot(), 0, text))
        self.assertEqual((before, "2"), (home.whole(), away.state()[0]))

    def test_the_region_that_the_operator_says(self):
        """Where the numbers of all regions are put together."""
        (_, away), text = self.both(300, 9)
        place = self.spot(', region = "%s"' % HERE)
        self.assertEqual({HERE}, self.roll_out(place, 10, text))
        self.assertEqual("1", away.state()[0])

    def test_recorded_from_another_shell(self):
        """What is called by its name is asked for where the run was at home."""
        name = "pay%d" % self.account.number()
        alias, place = self.make(HERE, name, 9), self.spot()
        self.check(0, self.ask(place, {"AWS_REGION": HERE}, "run", "step_canary", *self.LOOKS,
                               "-p", "target=" + alias.text)[0])
        result, sent = self.ask(place, {"AWS_REGION": SHELL}, "record", "last", "--output", "out")
        self.check(0, result)
        self.assertEqual({HERE}, self.asked(sent))

    def test_what_cannot_be_asked_is_told_first(self):
        """A metric of the operator's with a placeholder that this target does not fill."""
        place, target = self.behind(), self.account.alias()
        place.write("tidelock.lua", """return {
            providers = { made = { kind = "http", url = "http://127.0.0.1:9" } },
            metrics = { errors = { provider = "made", statistic = "sum", points = "", time = "t",
                value = "v", path = "/errors/{{name}}/{{arm}}" } } }""")
        before = target.state()
        result, sent = self.ask(place, {}, "run", "step_canary", *self.LOOKS, "-p",
                                "target=" + target.text)
        self.check(2, result)
        self.assertIn("metrics.errors: nothing is known as {{name}} of this target", result.err)
        self.assertEqual(before, target.state())
        self.assertEqual(set(), {seen.name for seen in sent} - {"GetCallerIdentity", "GetAlias"})


if __name__ == "__main__":
    harness.main()
