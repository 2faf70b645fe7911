"""What the chaos test rolls out: a rule, an alias, a parameter, a flag and a service, on the
emulator that serves each best, with all that boto3 sees of them; and the policies over them, which
a seed draws."""

import json
import threading

import emulators
import flags

MOTO_SERVES = {"elasticloadbalancing"}  # MiniStack forgets the weights of a rule


class Fleet:
    """The emulators, and an account in each, which are one to the program."""

    def __init__(self):
        self.ministack = emulators.ministack()
        self.moto = emulators.moto(MOTO_ACCOUNT_ID="000000000000")
        # MiniStack's tables of ECS fall over when one is read while another thread adds to it, and
        # a deployment then never ends.
        self.ecs = threading.Lock()
        self.accounts = emulators.Account(self.ministack.url), emulators.Account(self.moto.url)

    def stop(self):
        self.moto.stop()
        self.ministack.stop()

    def serves(self, service):
        return self.moto.url if service in MOTO_SERVES else self.ministack.url


class Site:
    """Five resources of one run at a time. `state` is all that boto3 sees of them but for what
    counts writes; `shares` is what of it a policy sets, for those it has set."""

    def __init__(self, fleet, name):
        here, balancers = fleet.accounts
        self.fleet, self.rule, self.alias = fleet, balancers.rule(), here.alias()
        with fleet.ecs:
            self.service = here.service()
        self.flag = flags.Flag(fleet.ministack.url, name)
        self.ssm, self.parameter = emulators.client("ssm", fleet.ministack.url), "/%s/limit" % name
        self.ssm.put_parameter(Name=self.parameter, Value="0", Type="String", Description="d")
        self.groups = [part.split("=")[1] for part in self.rule.text.split(",")[1:]]

    def read_parameter(self):
        found = self.ssm.describe_parameters(ParameterFilters=[
            {"Key": "Name", "Values": [self.parameter]}])["Parameters"][0]
        value = self.ssm.get_parameter(Name=self.parameter)["Parameter"]["Value"]
        return value, found["Type"], found["Description"], found["Tier"]

    def state(self):
        with self.fleet.ecs:
            service = self.service.state()
        return {"rule": self.rule.state(), "alias": self.alias.state(),
                "service": service, "flag": self.flag.percent(),
                "parameter": self.read_parameter()}

    def shares_in(self, state):
        version, weights = state["alias"]
        action = state["rule"][0]["Actions"][0]
        groups = action.get("ForwardConfig", {}).get("TargetGroups") or [
            {"TargetGroupArn": action["TargetGroupArn"], "Weight": 100}]
        green = sum(group["Weight"] for group in groups
                    if group["TargetGroupArn"] == self.groups[1])
        return {"rule": green, "alias": 100 if version == "2" else
                round(weights.get("2", 0) * 100), "flag": state["flag"],
                "service": 100 if state["service"][0].endswith(":2") else 0,
                "parameter": int(state["parameter"][0])}

    def arguments(self, strategy):
        texts = {"rule": self.rule.text, "alias": self.alias.text, "service": self.service.text,
                 "flag": self.flag.text + (",strategy=" + self.flag.strategy) * strategy}
        return [part for name, text in texts.items() for part in ("-p", name + "=" + text)]


# --- policies ---

POLICY = """local aws = require "aws"
local rollout = require "rollout"
return rollout.policy {
    summary = "What seed %(seed)d draws.",
    params = {
        rule = rollout.target(), alias = rollout.target(),
        flag = rollout.target(), service = rollout.target(),
    },
    run = function(p)
        local function put(value)
            aws.ssm.put_parameter { Name = %(parameter)s, Value = value, Overwrite = true }
        end
%(steps)s
    end,
}
"""
ENDS = ["", "", "", 'error "as it was told"', 'rollout.rollback "as it was told"',
        'p.alias:watch { during = "2s", every = "1s" }']


class Policy:
    """The steps in the order in which a seed draws them, some side by side. `wanted` is what it
    sets where it is promoted; `harmed` whether its last watch sees harm."""

    def __init__(self, draw, seed, parameter):
        self.wanted, steps = {}, []
        names = draw.sample(["rule", "alias", "flag", "service", "parameter"], draw.randint(2, 5))
        while names:
            branches = [names.pop() for _ in range(min(len(names), draw.choice([1, 1, 2, 3])))]
            texts = [self.change(draw, name) for name in branches]
            steps.append(texts[0] if len(texts) == 1 else "rollout.parallel { %s }" % ", ".join(
                "function() %s end" % text for text in texts))
            if draw.random() < 0.2:
                steps.append('rollout.sleep "1s"')
        end = draw.choice(ENDS)
        self.harmed = "watch" in end
        if self.harmed and "alias" not in self.wanted:
            steps.append("p.alias:shift(50)")
        self.text = POLICY % {"seed": seed, "parameter": json.dumps(parameter),
                              "steps": "\n".join(" " * 8 + step for step in [*steps, end])}

    def change(self, draw, name):
        if name == "service":
            self.wanted[name] = 100
            return "p.service:shift(100)"
        shares = sorted(draw.sample(range(5, 101, 5), draw.randint(1, 3)))
        if name != "parameter" and draw.random() < 0.4:
            shares[-1] = 100
        self.wanted[name] = shares[-1]
        form = 'put("%d")' if name == "parameter" else "p.%s:shift(%%d)" % name
        return " ".join(form % share for share in shares)
