#!/usr/bin/env bash
# Live runs against emulators of AWS, beside AWS's own command line tool: see live.py.
#
#     tests/bench/live.sh [BUILD]      (build/release)
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(realpath "${1:-$root/build/release}")
cd "$root"
# In a folder of its own: it wants a botocore of its own.
aws=$build/awscli/bin/aws
if [ ! -x "$aws" ]; then
    python3 -m venv "$build/awscli"
    "$build/awscli/bin/pip" install --disable-pip-version-check --quiet awscli
fi
exec bash tests/support/venv.sh "$build" tests/bench/live.py "$aws"
