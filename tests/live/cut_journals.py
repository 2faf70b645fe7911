#!/usr/bin/env python3
"""The journal of a run of two targets, killed at half of the traffic, is cut at every line's end
and within lines, emptied, removed, and has one byte changed in every line. Nobody takes it for that
of a run that changed nothing: no other run begins on its targets, `recover` puts back what can be
known and says what cannot, and a person's word sets the targets free."""

import glob
import os
import re
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

    def place(self):
        """Each of the two targets has series of its own."""
        place = super().place()
        with open(os.path.join(place.folder, "tidelock.lua"), encoding="utf-8") as file:
            config = file.read()
        place.write("tidelock.lua", config.replace("?from=", "?of={{function}}&from="))
        return place

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
            self.check_shares(what, result.out)
        self.check(0, self.place_.run("status"))

    def check_shares(self, what, told):
        """Both have half of the traffic: nothing else is said of them, wherever the journal ends,
        though it may be that it is not known."""
        for line in told.splitlines():
            if line.startswith("  target ") and " (lambda_alias)," in line:
                self.assertRegex(line, ", (canary at 50 %|share not known: .*)$", what)

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

    def moved(self):
        for i, line in enumerate(self.lines):
            yield "without line %d" % (i + 1), [*self.lines[:i], *self.lines[i + 1:]]
            yield "line %d twice" % (i + 1), [*self.lines[:i + 1], *self.lines[i:]]
            yield "line %d later" % (i + 1), [*self.lines[:i], *self.lines[i + 1:i + 2], line,
                                              *self.lines[i + 2:]]

    def test_removed_doubled_and_moved(self):
        """All but the last line of its own where it is damaged, or cut."""
        ended = []
        for what, lines in self.moved():
            self.again(b"".join(lines))
            self.check_readers(what)
            result = self.check_recovered(what)
            whole = lines == self.lines or lines == self.lines[:-1]
            self.assertEqual(not whole, " is damaged: " in result.err
                             or ": nothing tells how" in result.err, (what, result))
            ended.append(result.status)
        self.assertGreater(ended.count(0), len(ended) // 3)
        self.assertGreater(ended.count(14), 6)

    def test_named_behind_the_damage(self):
        """Where the locks are gone as well, the lines behind it say what is to be seen to."""
        first = next(i for i, line in enumerate(self.lines) if b'"undo":' in line)
        names = {re.search(rb'"identity":"[^"]*:(function:[^"]*)"', line).group(1).decode()
                 for line in self.lines[first + 1:] if b'"undo":' in line}
        self.assertTrue(names)
        lines = [*self.lines[:first], self.lines[first].replace(b"lambda", b"Lambda"),
                 *self.lines[first + 1:]]
        self.again(b"".join(lines))
        for lock in glob.glob(os.path.join(self.state, "locks", "*.lock")):
            os.remove(lock)
        result = self.check_recovered("damaged, without locks")
        self.assertEqual(14, result.status)
        for name in names:
            self.assertIn(name, result.out, result)

    def test_lost_that_it_was_put_back(self):
        """The locks know that: nothing is looked for by hand, and nobody is held up."""
        again = self.place()
        self.place_ = again
        self.state = os.path.join(again.folder, ".tidelock")
        for target, state in zip(self.targets, self.before):
            self.put(target, state)
        process = again.start(*RUN, *self.texts())
        harness.wait_for_record(again, "tick", 2)
        process.send_signal(signal.SIGTERM)
        self.check(143, harness.finish(process))
        self.assertTrue(self.is_back())
        with open(again.journal(), "rb") as file:
            lines = file.read().splitlines(keepends=True)
        for i, line in enumerate(lines[:-1]):
            with open(again.journal(), "wb") as file:
                file.write(b"".join([*lines[:i], line[:40] + b"!" + line[41:], *lines[i + 1:]]))
            result = again.run("recover", "last")
            self.check(0, result)
            self.assertIn("all was put back; its journal has lost that", result.out)
            os.remove(again.journal().replace(".journal", ".left"))

    def test_gone(self):
        """Its locks name the run, for `status` and for who has seen to it."""
        self.again(None)
        self.check_locked("gone")
        self.assertIn("unreadable", self.place_.run("status").out)
        told = self.place_.run("status", "last")
        self.check(0, told)
        self.assertIn("its journal is gone", told.out)
        result = self.place_.run("recover", "last")
        self.check(14, result)
        for target in self.targets:
            name = target.text.split(",")[0].split(":", 1)[1]
            self.assertIn("changed lambda_alias " + name, result.err)
        self.check_locked("gone, and told")
        self.check(0, self.place_.run("recover", "--leave", "last"))
        self.assertNotIn("unreadable", self.place_.run("status").out)
        process = self.place_.start(*RUN, *self.texts())
        self.addCleanup(lambda: process.poll() is None and process.kill())
        harness.wait_for_record(self.place_, "tick", 1)
        process.send_signal(signal.SIGTERM)
        self.check(143, harness.finish(process))

    def test_cannot_be_asked(self):
        """What people ask of a run is nothing that a way back needs."""
        def link(path):
            os.symlink("/dev/null", path)
        for make in (os.mkdir, os.mkfifo, link):
            self.again(b"".join(self.lines))
            control = self.place_.journal().replace(".journal", ".control")
            os.remove(control)
            make(control)
            result = self.place_.run("recover", "last")
            self.check(0, result)
            self.assertIn("is not heard", result.err)
            self.assertTrue(self.is_back(), result)

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
