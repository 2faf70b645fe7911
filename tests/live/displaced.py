#!/usr/bin/env python3
"""A run that lost what it stands on sends nothing forward any more: its process stood still while
it was recovered elsewhere, or its state folder, a lock or its journal is not the one that it
opened. And while it is there, no other run begins on what it holds, whatever folder it is started
in."""

import os
import shutil
import signal
import time

import emulators
import harness
import proxy

RUN = ["run", "step_canary"]
MANY_TICKS = 7  # seconds, real ones: a process that is awake does not miss so many


class Displaced(harness.LiveTest):
    """`far` is where another machine asks the same AWS: what it holds is not held here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.far = proxy.Proxy(cls.emulator.url)
        cls.addClassCleanup(cls.far.stop)

    def begin(self, steps="50,100", bake="2s", endpoint=None):
        """A run at its first step, in a place of its own; the metrics are of half and half."""
        place, alias = self.place(endpoint=endpoint), self.account.alias()
        before = alias.state()
        process = place.start(*RUN, "-p", "steps=" + steps, "-p", "bake=" + bake, "-p", "every=1s",
                              "-p", "target=" + alias.text)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        harness.support.wait_until("its first look", lambda: harness.has_record(place, "tick")
                                   or process.poll() is not None)
        self.assertIsNone(process.poll())
        return place, alias, before, process

    def stop(self, process):
        process.send_signal(signal.SIGSTOP)
        harness.support.wait_until("its stop", lambda: harness.is_stopped(process))
        return time.monotonic()

    def wake(self, process, since):
        harness.support.wait_until("a long time",
                                   lambda: time.monotonic() - since > MANY_TICKS)
        process.send_signal(signal.SIGCONT)
        return harness.finish(process)

    def copy(self, place, endpoint=None):
        other = self.place(endpoint=endpoint)
        shutil.copytree(os.path.join(place.folder, ".tidelock"),
                        os.path.join(other.folder, ".tidelock"))
        return other

    def state_folder(self, place, *names):
        return os.path.join(place.folder, ".tidelock", *names)

    # --- a process that stood still ---

    def recovered_elsewhere(self):
        place, alias, before, process = self.begin(bake="30s")
        since = self.stop(process)
        other = self.copy(place, self.far.url)
        self.check(0, other.run("recover", "last"))
        self.assertEqual(before, alias.state())
        result = self.wake(process, since)
        self.check(1, result)
        self.assertIn("live is not as the run left it", result.out + result.err)
        self.assertIn("the process stood still for", result.out + result.err)
        self.assertEqual(before, alias.state())
        self.check(0, place.run("replay", place.journal()))

    def recovered_elsewhere_before_its_commit(self):
        """In its last watch: it has nothing more to change, and is not promoted."""
        place, alias, before, process = self.begin("100", "30s")
        since = self.stop(process)
        self.check(0, self.copy(place, self.far.url).run("recover", "last"))
        result = self.wake(process, since)
        self.check(1, result)
        self.assertEqual(before, alias.state())
        self.assertNotIn("commit", [record["kind"] for record in place.records()])

    def nobody_recovered_it(self):
        place, alias, _, process = self.begin()
        result = self.wake(process, self.stop(process))
        self.check(0, result)
        self.assertIn("what it changed is as it left it", result.err)
        self.assertEqual(("2", {}), alias.state())
        self.check(0, place.run("replay", place.journal()))

    def woken_between_two_attempts(self):
        """Refused as too fast, a change waits to be sent again, and is not sent after that."""
        updates = []

        def script(seen):
            if seen.name == "UpdateAlias":
                updates.append(seen)
                return proxy.refuse(429, "TooManyRequestsException", "slower") \
                    if len(updates) == 2 else None
            return None
        between = proxy.Proxy(self.emulator.url, script)
        self.addCleanup(between.stop)
        place, alias, before, process = self.begin(endpoint=between.url)
        harness.support.wait_until("the second change", lambda: len(updates) == 2)
        since = self.stop(process)
        self.check(0, self.copy(place, self.far.url).run("recover", "last"))
        result = self.wake(process, since)
        self.assertIn(result.status, (1, 16), result)
        self.assertEqual(before, alias.state())
        self.assertEqual(2, len(updates), result)

    def test_stood_still(self):
        harness.together(lambda story: story(), [
            self.recovered_elsewhere, self.recovered_elsewhere_before_its_commit,
            self.nobody_recovered_it, self.woken_between_two_attempts])

    def test_held_by_who_stands_still(self):
        """On one machine, nobody else puts it back, or begins, while the process is there."""
        place, alias, before, process = self.begin()
        self.stop(process)
        self.check(13, place.run("recover", "last"))
        for other in (self.copy(place), self.place()):
            verb = ["recover", "last"] if other.journals() else [
                *RUN, "-p", "target=" + alias.text]
            result = other.run(*verb)
            self.check(13, result)
            self.assertIn("locked by run %s (process %d of user %d on this machine), started in %s"
                          % (os.path.basename(place.journal())[:-8], process.pid, os.getuid(),
                             os.path.realpath(place.folder)), result.err)
        process.kill()
        process.wait()
        self.check(0, self.copy(place).run("recover", "last"))
        self.assertEqual(before, alias.state())

    # --- files that are taken away ---

    def lost(self, take_away, said):
        place, alias, before, process = self.begin(bake="1m")
        self.stop(process)
        take_away(place)
        other = place.run(*RUN, "-p", "target=" + alias.text)
        process.send_signal(signal.SIGCONT)
        result = harness.finish(process)
        self.check(13, other)
        self.check(1, result)
        self.assertIn(said, result.err)
        self.assertIn("while the run went on", result.err)
        self.assertIn("(all that can be undone is as it was before)", result.err)
        self.assertEqual(before, alias.state())
        return place, result

    def folder_removed(self):
        """Its records are in a folder again."""
        place, result = self.lost(lambda place: shutil.rmtree(self.state_folder(place)),
                                  ".journal was removed")
        self.assertIn("its records were written anew", result.err)
        self.check(0, place.run("replay", place.journal()))
        self.assertIn("as it was before", place.run("show", "last").out)
        self.check(0, place.run("recover", "last"))

    def locks_removed(self):
        place, _ = self.lost(lambda place: shutil.rmtree(self.state_folder(place, "locks")),
                             ".lock was replaced")  # by the one that is refused
        self.check(0, place.run("replay", place.journal()))

    def folder_moved(self):
        self.lost(lambda place: os.rename(self.state_folder(place), place.folder + "/elsewhere"),
                  ".journal was moved away")

    def journal_replaced(self):
        def replace(place):
            shutil.copy(place.journal(), place.journal() + ".copy")
            os.rename(place.journal() + ".copy", place.journal())
        self.lost(replace, ".journal was replaced")

    def journal_written_to(self):
        def write(place):
            with open(place.journal(), "a", encoding="utf-8") as file:
                file.write("{}\n")
        self.lost(write, "somebody else wrote to ")

    def test_taken_away(self):
        harness.together(lambda story: story(), [
            self.folder_removed, self.locks_removed, self.folder_moved, self.journal_replaced,
            self.journal_written_to])


if __name__ == "__main__":
    harness.main()
