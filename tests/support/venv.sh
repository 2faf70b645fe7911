#!/usr/bin/env bash
# Runs a program of tests/live with what it needs from PyPI: emulators of AWS, and boto3; and with
# the Prometheus of tests/setup.sh on its path.
#
#     venv.sh BUILD_DIR SCRIPT [ARGUMENT...]
#
# They go into a folder of the build, once for each tests/live/requirements.txt. Where they cannot
# be had that is a skip which is seen, and a failure where CI=true.
set -euo pipefail
build=$1
shift
folder=$build/venv
log=$build/venv.log
wanted=tests/live/requirements.txt

has_all() {
    cmp -s "$wanted" "$folder/requirements.txt" &&
        "$folder/bin/python" -c 'import boto3, flask, ministack, moto' 2>/dev/null
}

skip() {
    exec tests/support/skip.sh "live: $1"
}

cd "$(dirname "$0")/../.."
mkdir -p "$build"
exec 9>"$folder.lock"
flock 9 # several tests begin at once
if ! has_all; then
    command -v python3 >/dev/null || skip "there is no python3"
    python3 -m venv "$folder" >"$log" 2>&1 || skip "no venv can be made, see $log"
    "$folder/bin/pip" install --disable-pip-version-check -r "$wanted" >>"$log" 2>&1 ||
        skip "moto, boto3 and ministack cannot be installed, see $log"
    cp "$wanted" "$folder/requirements.txt"
    has_all || skip "moto, boto3 or ministack does not start, see $log"
fi
exec 9>&-
export PYTHONDONTWRITEBYTECODE=1 TIDELOCK_BUILD=$(realpath "$build")
export PATH=$PATH:$PWD/build/tools/usr/bin
exec "$folder/bin/python" "$@"
