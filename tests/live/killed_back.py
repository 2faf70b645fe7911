#!/usr/bin/env python3
"""SIGKILL at each record of a run that is rolled back for harm, for each policy: `recover` takes
the rollback up where it was cut, also where it is itself killed at each of its own records."""

import harness
import killing


class Back(killing.KillTest):
    story = "harm"

    def test_step_canary(self):
        self.try_all(self.account.listener, "step_canary", "-p", "steps=50,100", "-p", "bake=2s",
                     "-p", "every=1s")

    def test_linear(self):
        self.try_all(self.account.rule, "linear", "-p", "step=50", "-p", "bake=2s", "-p",
                     "every=1s")

    def test_blue_green(self):
        self.try_all(self.account.alias, "blue_green", "-p", "preview=50", "-p", "preview_for=2s",
                     "-p", "keep=2s", "-p", "every=1s")


if __name__ == "__main__":
    harness.main()
