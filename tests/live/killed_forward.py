#!/usr/bin/env python3
"""SIGKILL at each record of a run that would have been promoted: `recover` puts the account back,
also where the record was torn and `recover` is itself killed at each of its own records. What was
committed stays."""

import harness
import killing

STEPS = ["step_canary", "-p", "steps=50,100", "-p", "bake=1s", "-p", "every=1s"]


class Forward(killing.KillTest):
    def test_alias(self):
        self.try_all(self.account.alias, *STEPS)

    def test_rule(self):
        self.try_all(self.account.rule, *STEPS)

    def test_listener(self):
        self.try_all(self.account.listener, *STEPS)


if __name__ == "__main__":
    harness.main()
