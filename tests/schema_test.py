#!/usr/bin/env python3
"""What the program prints as JSON is what docs/schema says, to the member: one that no schema tells
of is a failure too, though readers are to put up with it.

    tests/support/venv.sh BUILD-FOLDER tests/schema_test.py
"""
import glob
import json
import os
import subprocess
import sys
import tempfile

import jsonschema

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("TIDELOCK_BUILD", os.path.join(TOP, "build", "release"))
PROGRAM = os.path.join(BUILD, "bin", "tidelock")
SCHEMAS = os.path.join(TOP, "docs", "schema")
KEPT = os.path.join(TOP, "tests", "fixtures", "promised", "0.2.0")
EXAMPLE = os.path.join(TOP, "examples", "checkout")
SIMULATE = ["simulate", os.path.join(EXAMPLE, "checkout.lua"), "--recording",
            os.path.join(EXAMPLE, "checkout.ndjson")]
HARM = ["--inject", "errors*4@10m"]

# What is asked, the schema of it, and whether every line is a document.
ASKED = [
    (SIMULATE + ["--format", "json"], "simulate", False),
    (SIMULATE + HARM + ["--format", "json"], "simulate", False),
    (SIMULATE + HARM + ["--runs", "20", "--format", "json", "--require", "promoted <= 50 %",
                        "--require", "rolled back >= 50 %"], "simulate", False),
    (SIMULATE + ["--runs", "20", "--format", "json"], "simulate", False),
    (SIMULATE + HARM + ["--runs", "20", "--format", "jsonl"], "simulate-line", True),
    (SIMULATE + HARM + ["--format", "jsonl"], "record", True),
    (["show", KEPT + "/promoted.journal", "--format", "json"], "show", False),
    (["show", KEPT + "/rolled_back.journal", "--format", "json"], "show", False),
    (["show", KEPT + "/cut_short.journal", "--format", "json"], "show", False),
    (["show", KEPT + "/rolled_back.journal", "--format", "jsonl"], "record", True),
    (["replay", KEPT + "/promoted.journal", "--format", "json"], "replay", False),
    (["replay", KEPT + "/promoted.journal", "--policy",
      os.path.join(TOP, "policies", "linear.lua"), "--format", "json"], "replay", False),
    (["power", os.path.join(EXAMPLE, "checkout.ndjson"), SIMULATE[1], "--format", "json"],
     "power", False),
    (["power", os.path.join(TOP, "examples", "measured", "measured.ndjson"), "--format", "json"],
     "power", False),
    (["capabilities", "--format", "json"], "capabilities", False),
    (["check", os.path.join(TOP, "policies", "linear.lua"), "--format", "json"], "check", False),
    (["check", *sorted(glob.glob(os.path.join(TOP, "tests", "fixtures", "check", "*.lua"))),
      "--format", "json"], "check", False),
]


def load(name):
    with open(os.path.join(SCHEMAS, name + ".json"), encoding="utf-8") as file:
        return json.load(file)


def strict(schema):
    """The same, but that no object has members which are not told."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    out = {name: strict(one) for name, one in schema.items()}
    if isinstance(out.get("properties"), dict) and "additionalProperties" not in out:
        out["additionalProperties"] = False
    return out


class Count:
    passed, failed = 0, 0

    def check(self, what, name, document):
        problem = jsonschema.Draft202012Validator(strict(load(name))).iter_errors(document)
        worst = jsonschema.exceptions.best_match(problem)
        if worst is None:
            self.passed += 1
        else:
            self.failed += 1
            print("FAILED: %s: %s: %s" % (what, worst.json_path, worst.message[:300]))


def main():
    count = Count()
    used = set()
    with tempfile.TemporaryDirectory() as folder:
        for arguments, name, lines in ASKED:
            out = subprocess.run([PROGRAM, *arguments], cwd=folder, check=False,
                                 stdout=subprocess.PIPE, stdin=subprocess.DEVNULL).stdout
            what = " ".join(os.path.basename(word) for word in arguments)
            documents = [json.loads(one) for one in (out.splitlines() if lines else [out])]
            if not documents:
                count.check(what + " (nothing)", name, None)
            for document in documents:
                count.check(what, name, document)
            used.add(name)
    for name in sorted(os.listdir(SCHEMAS)):
        jsonschema.Draft202012Validator.check_schema(load(name[:-len(".json")]))
    with open(KEPT + "/plan.json", encoding="utf-8") as file:
        count.check("a plan", "plan", json.load(file))
    missing = {name[:-5] for name in os.listdir(SCHEMAS)} - used - {"plan", "status"}
    if missing:  # plan and status take an account: tests/live/ci.py
        count.failed += 1
        print("FAILED: nothing is compared with %s" % ", ".join(sorted(missing)))
    print("%d passed, %d failed" % (count.passed, count.failed))
    sys.exit(count.failed > 0)


if __name__ == "__main__":
    main()
