#!/usr/bin/env python3
"""The examples for CI systems, each in a shell that behaves as that system's does: how it is given
the script, what is in its environment, whom a cancelled job signals and when, and what still runs
afterwards (the facts are in the comments). Whatever happens to the job, the alias is as it was."""
import json
import os
import re
import signal
import subprocess
import sys

import yaml

import harness
import jsonschema
import metrics_support as support

sys.path.append(os.path.join(support.TOP, "tests"))
import schema_test  # noqa: E402 (it lies above)

HALVES = """local rollout = require "rollout"
return rollout.policy {
    summary = "Half of the traffic, watched, then all of it.",
    params = { target = rollout.target(), bake = rollout.duration() },
    run = function(p)
        p.target:shift(50)
        p.target:watch { during = p.bake, every = "1s" }
        p.target:shift(100)
    end,
}
"""
ROLLOUT = """local rollout = require "rollout"
return rollout.use(require "halves", {
    target = rollout.lambda_alias { ["function"] = "%s", alias = "live", canary = "1" },
    bake = "%s",
})
"""
EXAMPLES = os.path.join(support.TOP, "examples", "ci")


def load(name):
    with open(os.path.join(EXAMPLES, name), encoding="utf-8") as file:
        return yaml.safe_load(file)


def tree_of(pid):
    """A process and all below it, the lowest last."""
    pids = [pid]
    for one in pids:
        try:
            with open("/proc/%d/task/%d/children" % (one, one), encoding="ascii") as file:
                pids += [int(child) for child in file.read().split()]
        except OSError:
            pass
    return pids


def signal_each(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


class Job:
    """What the systems have in common: a folder, a shell, an environment."""
    named = {}

    def __init__(self, place, version):
        self.place, self.version, self.said = place, version, ""
        self.environment = dict(place.environment, CI="true", **self.named)
        self.environment["PATH"] = "%s:%s" % (os.path.dirname(harness.PROGRAM),
                                              self.environment["PATH"])

    def begin(self, arguments, text=None, **variables):
        """A session of its own, as that of a runner's; standard output is a pipe."""
        process = subprocess.Popen(
            arguments, cwd=self.place.folder, text=True, start_new_session=True,
            stdin=subprocess.PIPE if text is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=dict(self.environment, **variables))
        if text is not None:
            process.stdin.write(text)
            process.stdin.close()
            process.stdin = None
        return process

    def finish(self, process):
        out, _ = process.communicate(timeout=harness.PATIENCE)
        self.said += out
        return process.returncode


class GitHub(Job):
    """bash -e -o pipefail on a file; SIGINT to it alone, SIGTERM 7.5 s later, 2.5 s later SIGKILL
    to the tree. Steps with always() are run after that."""
    named = {"GITHUB_ACTIONS": "true"}

    def __init__(self, place, version):
        super().__init__(place, version)
        self.environment["RUNNER_TEMP"] = place.folder
        for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"):
            place.write(name, "")
            self.environment[name] = os.path.join(place.folder, name)
        self.steps = {step["id"]: step for step in load("github/action.yml")["runs"]["steps"]}

    def step(self, name):
        inputs = {"policy": "rollout.lua", "parameters": "target.canary=%s\n" % self.version}
        named = re.compile(r"\$\{\{ inputs\.(\w+) \}\}")
        variables = {key: named.sub(lambda found: inputs[found[1]], value)
                     for key, value in self.steps[name].get("env", {}).items()}
        self.place.write(name + ".sh", self.steps[name]["run"])
        return self.begin(["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", name + ".sh"],
                          **variables)

    def before(self):
        return self.finish(self.step("plan"))

    def main(self):
        return self.step("run")

    def cancel(self, process):
        process.send_signal(signal.SIGINT)
        try:
            process.wait(7.5)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)

    def after(self):
        return self.finish(self.step("recover"))


class GitLab(Job):
    """The script is bash's standard input; a cancelled job's process group gets SIGTERM, and
    after_script is run."""
    named = {"GITLAB_CI": "true", "POLICY": "rollout.lua", "TARGET": ""}

    def shell(self, lines):
        text = "set -eo pipefail\n" + "\n".join(lines) + "\necho the whole script was read\n"
        return self.begin(["bash"], text, VERSION=self.version)

    def before(self):
        return self.finish(self.shell(load("gitlab-ci.yml")[".tidelock"]["script"][:2]))

    def main(self):
        script = load("gitlab-ci.yml")[".tidelock"]["script"]
        return self.shell([script[0], *script[2:]])

    def cancel(self, process):
        os.killpg(process.pid, signal.SIGTERM)

    def after(self):
        return self.finish(self.shell(load("gitlab-ci.yml")[".tidelock"]["after_script"]))


class Jenkins(Job):
    """sh -xe under nohup, so that SIGHUP is ignored; SIGTERM to every process of the build,
    children first. `post` is run."""
    named = {"JENKINS_URL": "http://jenkins.example/", "POLICY": "rollout.lua"}

    def __init__(self, place, version):
        super().__init__(place, version)
        with open(os.path.join(EXAMPLES, "Jenkinsfile"), encoding="utf-8") as file:
            self.steps = re.findall(r"sh '([^']*)'", file.read())

    def shell(self, text):
        self.place.write("script.sh", text)
        return self.begin(["nohup", "sh", "-xe", "script.sh"], VERSION=self.version)

    def before(self):
        return self.finish(self.shell(self.steps[0])) or self.finish(self.shell(self.steps[1]))

    def main(self):
        return self.shell(self.steps[2])

    def cancel(self, process):
        signal_each(reversed(tree_of(process.pid)), signal.SIGTERM)

    def after(self):
        return self.finish(self.shell(self.steps[3]))


class CodeBuild(Job):
    """Nothing is promised of a build that is stopped: everything is killed, `finally` is not run,
    and the next build begins with pre_build."""
    named = {"CODEBUILD_BUILD_ARN": "arn:aws:codebuild:eu-west-1:1:build/b:1",
             "POLICY": "rollout.lua"}

    def shell(self, commands):
        return self.begin(["bash", "-e", "-c", "\n".join(commands)], VERSION=self.version,
                          STATE=os.path.join(self.place.folder, ".tidelock"))

    def commands(self, phase, part="commands"):
        return load("buildspec.yml")["phases"][phase][part]

    def before(self):
        return self.finish(self.shell(self.commands("pre_build") + self.commands("build")[:2]))

    def main(self):
        return self.shell(self.commands("build")[2:])

    def cancel(self, process):
        signal_each(tree_of(process.pid), signal.SIGKILL)

    def after(self):
        return self.finish(self.shell(self.commands("pre_build")))


class Examples(harness.LiveTest):
    def job(self, kind, story="calm", bake="2s"):
        target, place = self.account.alias(), self.place(story)
        _, function, rest = target.text.split(":")
        place.write("halves.lua", HALVES)
        place.write("rollout.lua", ROLLOUT % (function, bake))
        return kind(place, rest.rsplit("=", 1)[1]), target

    def test_promoted(self):
        for kind in (GitHub, GitLab, Jenkins, CodeBuild):
            with self.subTest(kind.__name__):
                job, target = self.job(kind)
                self.assertEqual(0, job.before(), job.said)
                self.assertEqual(0, job.finish(job.main()), job.said)
                self.assertEqual(("2", {}), target.state(), job.said)
                self.assertEqual(0, job.after(), job.said)
                self.assertEqual(("2", {}), target.state(), job.said)

    def test_rolled_back(self):
        for kind in (GitHub, GitLab, Jenkins, CodeBuild):
            with self.subTest(kind.__name__):
                job, target = self.job(kind, "harm", "20s")
                begun = target.state()
                self.assertEqual(0, job.before(), job.said)
                self.assertEqual(10, job.finish(job.main()), job.said)
                self.assertEqual(begun, target.state(), job.said)

    def ended(self, kind, end):
        job, target = self.job(kind, bake="10m")
        begun = target.state()
        self.assertEqual(0, job.before(), job.said)
        process = job.main()
        harness.wait_for_record(job.place, "tick")
        self.assertNotEqual(begun, target.state())
        end(job, process)
        job.finish(process)
        self.assertEqual(0, job.after(), job.said)
        self.assertEqual(begun, target.state(), job.said)
        return job

    def test_cancelled(self):
        for kind in (GitHub, GitLab, Jenkins, CodeBuild):
            with self.subTest(kind.__name__):
                self.ended(kind, lambda job, process: job.cancel(process))

    def test_killed(self):
        """The machine's memory runs out, or the agent dies: nothing hears anything."""
        for kind in (GitHub, GitLab, Jenkins, CodeBuild):
            with self.subTest(kind.__name__):
                self.ended(kind, lambda _, process: signal_each(tree_of(process.pid),
                                                                signal.SIGKILL))

    def fits(self, name, document):
        schema = schema_test.strict(schema_test.load(name))
        jsonschema.Draft202012Validator(schema).validate(document)

    def test_documents(self):
        """What takes an account to be printed, against docs/schema."""
        for story, bake in (("calm", "2s"), ("harm", "20s")):
            job, _ = self.job(GitHub, story, bake)
            given = ("rollout.lua", "-p", "target.canary=" + job.version)
            self.fits("plan", json.loads(job.place.run("plan", *given, "--format", "json").out))
            for line in job.place.run("run", *given, "--format", "jsonl").out.splitlines():
                self.fits("record", json.loads(line))
            self.fits("status", json.loads(job.place.run("status", "--format", "json").out))
            self.fits("show", json.loads(job.place.run("show", "last", "--format", "json").out))

    def test_verbose(self):
        """Every request is told, and nothing of a key."""
        job, _ = self.job(GitHub)
        secret = "known-secret-of-nobody"
        result = job.place.run("run", "rollout.lua", "-p", "target.canary=" + job.version,
                               "--verbose", AWS_SECRET_ACCESS_KEY=secret,
                               AWS_SESSION_TOKEN=secret + "-token")
        self.check(0, result)
        self.assertRegex(result.err, r"(?m)^tidelock: POST http://[^/ ]+/ GetCallerIdentity: 200, "
                                     r"\d+ bytes in \d+ ms$")
        self.assertRegex(result.err, r"(?m)^tidelock: PUT http://\S+/aliases/live: 20\d, ")
        self.assertRegex(result.err, r"(?m)^tidelock: GET http://[^/ ]+: 200, ")  # metrics
        self.assertNotIn("known-secret", result.out + result.err)
        self.assertNotIn("Credential=", result.out + result.err)
        self.assertNotIn("POST http", job.place.run("plan", "rollout.lua", "-p",
                                                    "target.canary=" + job.version).err)

    def test_what_github_is_told(self):
        job, _ = self.job(GitHub, "harm", "20s")
        job.before()
        job.finish(job.main())
        with open(job.environment["GITHUB_STEP_SUMMARY"], encoding="utf-8") as file:
            page = file.read()
        with open(job.environment["GITHUB_OUTPUT"], encoding="utf-8") as file:
            outputs = file.read()
        self.assertIn("### Plan of `halves`", page)
        self.assertIn("rolled back\n\n", page)
        self.assertRegex(outputs, r"(?m)^outcome<<(\w+)\nrolled back\n\1$")
        self.assertRegex(outputs, r"(?m)^run<<(\w+)\n\S+\n\1$")
        self.assertIn("::group::tidelock run\n", job.said)
        self.assertIn("::endgroup::\n", job.said)
        self.assertRegex(job.said, r"(?m)^::error title=tidelock run .*rolled back::errors")
        for secret in (value for name, value in job.environment.items() if "SECRET" in name):
            self.assertNotIn(secret, job.said + page + outputs)


if __name__ == "__main__":
    harness.main()
