#!/usr/bin/env python3
"""An alias of a state machine on MiniStack: each shipped policy, promoted on good metrics and
rolled back on bad ones, and the same journal in a simulation; SIGKILL at each record; a machine
that is called by its name."""

import emulators
import harness
import killing
import policies

STEPS = ["step_canary", "-p", "steps=50,100", "-p", "bake=1s", "-p", "every=1s"]


class Policies(harness.LiveTest):
    emulate = staticmethod(emulators.ministack)
    run_live = policies.Policies.run_live
    simulate = policies.Policies.simulate
    one = policies.Policies.one
    compare = policies.Policies.compare
    try_all = policies.Policies.try_all

    def test_policies(self):
        self.try_all(self.account.state_machine)

    def test_name_or_arn(self):
        """By its name, too; the plan says what a run would do."""
        target, place = self.account.state_machine(), self.place("harm")
        before = target.state()
        arn = target.text.split(":", 1)[1].split(":live")[0]
        given = ["-p", "target=state-machine:%s:live,canary=2,name=orders" % arn.split(":")[-1]]
        planned = place.run("plan", *STEPS, *given)
        self.check(0, planned)
        self.assertIn("version 1 -> version 1 50 %, version 2 50 %", " ".join(planned.out.split()))
        self.check(10, place.run("run", *STEPS, *given))
        self.assertEqual(before, target.state())
        missing = place.run("run", *STEPS, "-p", target.text.replace("canary=2", "canary=7")
                            .replace("state-machine", "target=state-machine", 1))
        self.assertNotEqual(0, missing.status, missing)
        self.assertEqual(before, target.state())


class Killed(killing.KillTest):
    emulate = staticmethod(emulators.ministack)

    def test_forward(self):
        self.try_all(self.account.state_machine, *STEPS)


class KilledBack(killing.KillTest):
    emulate = staticmethod(emulators.ministack)
    story = "harm"

    def test_back(self):
        self.try_all(self.account.state_machine, *STEPS)


if __name__ == "__main__":
    harness.main()
