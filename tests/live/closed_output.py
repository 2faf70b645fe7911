#!/usr/bin/env python3
"""Nobody reads what a run prints: standard output is closed, full, or a pipe whose reader has gone.
The exit status says what became of the run, and standard error that it could not be told."""
import subprocess

import harness

POLICY = """local rollout = require "rollout"
return rollout.policy {
    summary = "Half of the traffic, then all of it.",
    params = { target = rollout.target() },
    run = function(p)
        p.target:shift(50)
        p.target:shift(100)
    end,
}
"""

# "$@" is the program with its arguments.
MANNERS = {
    "closed": '"$@" >&-',
    "full": '"$@" >/dev/full',
    "gone": 'set -o pipefail; "$@" | head -c 1 >/dev/null',
}


class ClosedOutput(harness.LiveTest):
    def ends(self, manner):
        target, place = self.account.alias(), self.place()
        place.write("halves.lua", POLICY)
        result = subprocess.run(
            ["bash", "-c", MANNERS[manner], "bash", harness.PROGRAM, "run", "halves.lua",
             "-p", "target=" + target.text],
            cwd=place.folder, env=place.environment, text=True, stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE, timeout=120, check=False)
        return result, target.state()

    def test_promoted(self):
        for manner in MANNERS:
            with self.subTest(manner):
                result, state = self.ends(manner)
                self.assertEqual(0, result.returncode, result.stderr)
                self.assertEqual(("2", {}), state)
                self.assertIn("it was done as asked; only telling of it failed", result.stderr)


if __name__ == "__main__":
    harness.main()
