"""Waiters: ours come to the same as botocore's, answer by answer."""

from botocore import xform_name

# What some paths of botocore's ask for is no path but a computation: outputs for them by hand.
COMPUTED = {
    "cloudwatch.alarm_exists": [{"MetricAlarms": []}, {"MetricAlarms": [{"AlarmName": "a"}]}],
    "ecs.services_stable": [
        {"services": [{"status": status, "deployments": [{}] * deployments,
                       "runningCount": running, "desiredCount": 2}] * count,
         "failures": [{"reason": reason}] if reason else []}
        for status in ("ACTIVE", "DRAINING", "INACTIVE") for deployments in (0, 1, 2)
        for running in (0, 2) for count in (0, 1, 2) for reason in (None, "MISSING", "OTHER")],
}


def output_with(path, values):
    """{"a": [{"b": v}...]} for "a[].b"."""
    first, _, rest = path.partition(".")
    if not first.endswith("[]"):
        return {first: output_with(rest, values) if rest else values[0]} if values else {}
    items = [output_with(rest, [value]) if rest else value for value in values]
    return {first[:-2]: items}


def outputs(name, config):
    if name in COMPUTED:
        return COMPUTED[name]
    expected = sorted({acceptor.expected for acceptor in config.acceptors
                       if acceptor.matcher.startswith("path")}) + ["OTHER"]
    tried = [{}]
    for acceptor in config.acceptors:
        if not acceptor.matcher.startswith("path"):
            continue
        tried.append(output_with(acceptor.argument, []))
        for one in expected:
            tried.append(output_with(acceptor.argument, [one]))
            for other in expected if "[]" in acceptor.argument else []:
                tried.append(output_with(acceptor.argument, [one, other]))
    return tried


def theirs_on(config, response):
    """As botocore.waiter.Waiter.wait goes through its acceptors."""
    for acceptor in config.acceptors:
        if acceptor.matcher_func(response):
            return acceptor.state
    return "failure" if "Error" in response else "retry"


def compare(ours, session, tally):
    waiters = ours.ask({"ask": "waiters"})
    for name, waiter in sorted(waiters.items()):
        if waiter.get("own"):
            continue
        service, verb = name.split(".")
        model = session.get_waiter_model(service)
        config = next((model.get_waiter(one) for one in model.waiter_names
                       if xform_name(one) == verb), None)
        if config is None:
            tally.check(name, None, "waiter", "botocore has none of this name")
            continue
        tally.check([waiter["operation"].split(".")[1], waiter["every"], waiter["tries"]],
                    [xform_name(config.operation), config.delay * 1000, config.max_attempts],
                    name, "waiter")
        for output in outputs(name, config):
            mine = ours.ask({"ask": "judge", "waiter": name,
                             "answer": {"outcome": "ok", "value": output}})
            tally.check(mine, theirs_on(config, output), name, "waiter", output)
        for code in sorted({acceptor.expected for acceptor in config.acceptors
                            if acceptor.matcher == "error"}) + ["Other"]:
            mine = ours.ask({"ask": "judge", "waiter": name,
                             "answer": {"outcome": "rejected", "error": {"code": code}}})
            tally.check(mine, theirs_on(config, {"Error": {"Code": code}}), name, "waiter", code)
