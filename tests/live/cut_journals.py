#!/usr/bin/env python3
"""The journal of a run of two targets, killed at half of the traffic, is cut at every line's end
and within lines, emptied, removed, and has one byte changed in every line. Nobody takes it for that
of a run that changed nothing: no other run begins on its targets, `recover` puts back what can be
known and says what cannot, and a person's word sets the targets free."""

import os
import shutil
import signal

import harness

RUN = ["run", "step_canary", "-p", "steps=50,100", "-p", "bake=1m", "-p", "every=1s"]


class CutJournals(harness.LiveTest):
    def setUp(self):
        self.targets = [self.account.alias(), self.account.alias()]
        self.before = [target.state() for target in self.targets]
        self.place_ = self.place()
        self.state = os.path.join(self.place_.folder, ".tidelock")
        self.kept = os.path.join(self.place_.folder, "kept")
        self.begin()

    def texts(self):
        return [word for target in self.targets for word in ("-p", "target=" + target.text)]

    def begin(self):
        process = self.place_.start(*RUN, *self.texts())
        self.addCleanup(lambda: process.poll() is None and process.kill())
        harness.support.wait_until("both at half", lambda: all(
            target.state() != was for target, was in zip(self.targets, self.before)))
        harness.wait_for_record(self.place_, "tick", 2)
        process.kill()
        self.check(-signal.SIGKILL, harness.finish(process))
        self.half = [target.state() for target in self.targets]
        shutil.copytree(self.state, self.kept)
        with open(self.place_.journal(), "rb") as file:
            self.lines = file.read().splitlines(keepends=True)

    def again(self, data):
        """Things are as the kill left them, but for the journal: these bytes; None: it is gone."""
        shutil.rmtree(self.state)
        shutil.copytree(self.kept, self.state)
        for target, half in zip(self.targets, self.half):
            self.put(target, half)
        path = self.place_.journal()
        if data is None:
            os.remove(path)
        else:
            with open(path, "wb") as file:
                file.write(data)

    def put(self, target, state):
        version, weights = state
        self.account.lambda_.update_alias(FunctionName=target.text.split(":")[1], Name="live",
                                          FunctionVersion=version,
                                          RoutingConfig={"AdditionalVersionWeights": weights})

    def is_back(self):
        return [target.state() for target in self.targets] == self.before

    def check_readers(self, what):
        """They tell what they can, or why they cannot, and nothing is sent."""
        for verb in ("status", "show"):
            result = self.place_.run(verb, "last")
            self.assertIn(result.status, (0, 2), (what, result))
            self.assertNotIn("internal", result.err, (what, result))
        self.check(0, self.place_.run("status"))

    def check_locked(self, what):
        for target in self.targets:
            result = self.place_.run(*RUN, "-p", "target=" + target.text)
            self.assertEqual(13, result.status, (what, result))
            self.assertIn("`tidelock recover ", result.err, what)

    def check_recovered(self, what):
        """Either all is back, or it is said what is not."""
        result = self.place_.run("recover", "last")
        self.assertIn(result.status, (0, 14), (what, result))
        self.assertEqual(result.status == 0, self.is_back(), (what, result))
        for words in ("nothing had been changed", "nothing to do", "tells of no change"):
            self.assertFalse(words in result.out and not self.is_back(), (what, result))
        return result

    def try_one(self, what, data):
        self.again(data)
        self.check_readers(what)
        self.check_locked(what)
        result = self.check_recovered(what)
        if result.status == 14:
            self.check_locked(what)
        return result.status

    def cuts(self):
        whole = b"".join(self.lines)
        ends = [sum(map(len, self.lines[:count])) for count in range(len(self.lines))]
        for end in ends:
            yield "cut at %d, a line's end" % end, whole[:end]
        for end, line in zip(ends, self.lines):
            for within in (1, len(line) // 2, len(line) - 1):
                yield "cut at %d, within a line" % (end + within), whole[:end + within]

    def flips(self):
        for number, line in enumerate(self.lines):
            changed = bytearray(line)
            changed[len(line) // 3] ^= 1
            lines = [*self.lines[:number], bytes(changed), *self.lines[number + 1:]]
            yield "a byte of line %d" % (number + 1), b"".join(lines)

    def test_cut_and_changed_everywhere(self):
        ended = [self.try_one(what, data) for what, data in [*self.cuts(), *self.flips()]]
        print("%d journals, %d put back whole" % (len(ended), ended.count(0)), end=" ", flush=True)
        self.assertGreater(ended.count(0), len(ended) // 4)
        self.assertGreater(ended.count(14), 4)

    def test_gone(self):
        self.again(None)
        self.check_locked("gone")

    def test_left(self):
        """What nobody can put back, a person has seen to."""
        self.again(b"")
        self.assertEqual(14, self.check_recovered("emptied").status)
        self.check(0, self.place_.run("recover", "--leave", "last"))
        self.assertIn("left as it is", self.place_.run("status").out)
        process = self.place_.start(*RUN, "-p", "target=" + self.targets[0].text)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        harness.support.wait_until("another run", lambda: len(self.place_.journals()) > 1)
        process.send_signal(signal.SIGTERM)
        self.check(143, harness.finish(process))

    def test_damage_is_kept(self):
        """The intact part is gone on with; what was there stays beside it."""
        what, data = list(self.flips())[-1]
        self.again(data)
        result = self.check_recovered(what)
        self.assertIn("line %d" % len(self.lines), result.err)
        with open(self.place_.journal() + ".damaged", "rb") as file:
            self.assertEqual(data, file.read())
        self.check(0, self.place_.run("show", "last"))


if __name__ == "__main__":
    harness.main()
