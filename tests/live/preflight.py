#!/usr/bin/env python3
"""What a policy's judges look at is asked for before anything is changed: `run`, `plan` and
`doctor` tell what came, and refuse what could not be judged, with the account as it was."""

import harness

STEPS = ["-p", "steps=50,100", "-p", "bake=2s", "-p", "every=1s"]
VERBS = [["run"], ["plan"], ["check", "--live"], ["doctor"]]


class Preflight(harness.LiveTest):
    def refused(self, story, status, *said, arguments=(), **more):
        for verb in VERBS:
            target = self.account.alias()
            before = target.state()
            place = self.place(story, **more)
            result = place.run(*verb, "step_canary", *STEPS, *arguments,
                               "-p", "target=" + target.text)
            self.check(status, result)
            for text in said:
                self.assertIn(text, " ".join((result.out + result.err).split()))
            self.assertEqual(before, target.state(), result)
            self.assertFalse(any(record["kind"] == "begin" for record in place.records()))

    def test_what_came(self):
        place = self.place()
        for verb in VERBS:
            target = self.account.alias()
            result = place.run(*verb, "step_canary", *STEPS, "-p", "target=" + target.text)
            self.check(0, result)
            self.assertRegex(" ".join(result.out.split()), "metric +(.*: )?requests: baseline 1440 "
                             "of 1440 periods, the newest [0-9]m?s old; canary 1440 of 1440")
        self.assertIn('requests of the baseline: made {"path":"/requests/baseline?', result.out)
        begun = [record["body"] for record in place.records() if record["kind"] == "begin"][0]
        self.assertEqual([("requests", "baseline"), ("requests", "canary"),
                          ("errors", "baseline"), ("errors", "canary")],
                         [(one["metric"], one["arm"]) for one in begun["preflight"]])
        self.check(0, place.run("replay", "last"))

    def test_no_requests(self):
        self.refused("idle", 2, "requests of the old version were not there in the", "nothing came "
                     "of 1440 periods (asked for made")

    def test_a_count_that_is_never_reported(self):
        self.refused("unheard", 2, "errors of the old version were never reported")

    def test_a_metric_that_nobody_defines(self):
        self.refused("calm", 2, 'there is no metric "orders" for the target type lambda_alias',
                     arguments=["-p", "judges=ratio:events=orders"])

    def test_a_provider_that_is_away(self):
        self.refused("gone", 1, "cannot be read, and nothing was changed: 127.0.0.1",
                     "answered 500")

    def test_a_placeholder_that_there_is_not(self):
        for verb in VERBS:
            place = self.place()
            place.write("tidelock.lua", """return {
                providers = { made = { kind = "http", url = "http://127.0.0.1:9" } },
                metrics = { errors = { provider = "made", statistic = "sum",
                    path = "/{{alais}}/{{arm}}", points = "", time = "t", value = "v" } } }""")
            result = place.run(*verb, "step_canary", *STEPS, "-p",
                               "target=lambda-alias:pay:live,canary=2")
            self.check(2, result)
            self.assertIn("metrics.errors: there is no placeholder {{alais}} (did you mean alias?)",
                          result.err)


if __name__ == "__main__":
    harness.main()
