#!/usr/bin/env python3
"""What stands in the way of a run: each with a message that says what to do, the right exit status,
and an account that was not touched."""

import emulators
import harness
import metrics_support as support

SHORT = ["run", "step_canary", "-p", "steps=50,100", "-p", "bake=1s", "-p", "every=1s"]


class Refusals(harness.LiveTest):
    def refused(self, status, said, target=None, endpoint=None, arguments=(), more=()):
        target = target or self.account.alias()
        before = target.state()
        place = self.place(endpoint=endpoint, **dict(more))
        result = place.run(*SHORT, *arguments, "-p", "target=" + target.text)
        self.check(status, result)
        self.assertIn(said, " ".join(result.err.split()))
        self.assertEqual(before, target.state(), result)
        self.assertEqual([], place.journals()[1:])
        return result

    def test_no_region(self):
        self.refused(1, "no region is configured: set AWS_REGION",
                     more={"AWS_REGION": None})

    def test_no_credentials(self):
        self.refused(1, "credentials", more={"AWS_ACCESS_KEY_ID": None})

    def test_wrong_region(self):
        self.refused(2, "eu-north-1", more={"AWS_REGION": "eu-north-1"})

    def test_no_such_profile(self):
        self.refused(1, "there is no profile `nowhere`", arguments=["--profile", "nowhere"])

    def test_a_typo_in_an_arn(self):
        target = self.account.rule()
        text = target.text.replace("listener-rule/app/shop", "listener-rule/app/shup")
        wrong = emulators.Target(text, target.state)
        self.refused(2, "RuleNotFound", target=wrong)

    def test_a_typo_in_a_name(self):
        target = self.account.alias()
        wrong = emulators.Target(target.text.replace("pay", "pax"), target.state)
        self.refused(2, "check the name and the region", target=wrong)

    def test_a_proxy_that_is_not_there(self):
        self.refused(1, "proxy", endpoint="http://sts.example.com",
                     more={"HTTP_PROXY": "http://127.0.0.1:%d" % support.free_port(),
                           "http_proxy": "http://127.0.0.1:%d" % support.free_port()})

    def test_an_operation_that_is_not_allowed(self):
        self.refused(2, "allow.operations",
                     more={"config": 'allow = { operations = { "lambda.get_alias" } },'})

    def test_a_resource_that_is_not_allowed(self):
        self.refused(2, "allow.resources",
                     more={"config": 'allow = { resources = { "arn:*:somebody-elses*" } },'})


if __name__ == "__main__":
    harness.main()
