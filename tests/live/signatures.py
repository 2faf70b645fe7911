#!/usr/bin/env python3
"""Against a moto that checks signatures: right keys pass, wrong ones are told. (moto refuses every
signed GET of Lambda, whoever signed it, so that only load balancers are tried.)"""

import json

import emulators
import harness

EVERYTHING = {"Version": "2012-10-17",
              "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
SHORT = ["run", "step_canary", "-p", "steps=50,100", "-p", "bake=1s", "-p", "every=1s"]


class Signatures(harness.LiveTest):
    @staticmethod
    def emulate():
        """Signatures are checked from the beginning of the second user's first request on."""
        return emulators.moto(INITIAL_NO_AUTH_ACTION_COUNT="1000")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        iam = emulators.client("iam", cls.emulator.url)
        iam.create_user(UserName="ci")
        iam.put_user_policy(UserName="ci", PolicyName="all", PolicyDocument=json.dumps(EVERYTHING))
        key = iam.create_access_key(UserName="ci")["AccessKey"]
        cls.key = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"],
                   "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}

    def setUp(self):
        self.target = self.account.rule()
        self.before = self.target.state()
        self.checking("0")
        self.addCleanup(self.checking, "1000")

    def checking(self, after):
        request = emulators.urllib.request.Request(self.emulator.url + "/moto-api/reset-auth",
                                             data=after.encode(), method="POST",
                                             headers={"Content-Type": "text/plain"})
        emulators.urllib.request.urlopen(request).close()

    def carry_out(self, story, **more):
        place = self.place(story, **more)
        return place, place.run(*SHORT, "-p", "target=" + self.target.text)

    def unchanged(self):
        self.checking("1000")
        self.assertEqual(self.before, self.target.state())

    def test_promoted(self):
        self.check(0, self.carry_out("calm", **self.key)[1])

    def test_rolled_back(self):
        place, result = self.carry_out("harm", **self.key)
        self.check(10, result) if result.status != 0 else self.check(
            0, place.run("rollback", "last"))
        self.unchanged()

    def test_wrong_secret(self):
        _, result = self.carry_out("calm", **dict(self.key, AWS_SECRET_ACCESS_KEY="wrong"))
        self.check(1, result)
        self.assertIn("SignatureDoesNotMatch", result.err)
        self.unchanged()

    def test_unknown_key(self):
        _, result = self.carry_out("calm", AWS_ACCESS_KEY_ID="AKIANOBODY")
        self.check(1, result)
        self.unchanged()


if __name__ == "__main__":
    harness.main()
