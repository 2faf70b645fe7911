#!/usr/bin/env bash
# A canary over recorded metrics that goes to 100 %, then the same policy meeting a regression.
#
# Installs what is missing (as root or with sudo; otherwise it prints the one command to run),
# builds, and shows both. With TIDELOCK set to a program that is there already, it only shows.
set -euo pipefail
cd "$(dirname "$0")/.."

build() {
    tests/setup.sh build
    local log=build/demo.log
    mkdir -p build
    echo "building into build/release ..." >&2
    { cmake --preset release && cmake --build --preset release --target tidelock; } \
        >"$log" 2>&1 || {
        tail -n 40 "$log" >&2
        exit 1
    }
    TIDELOCK=$PWD/build/release/bin/tidelock
}

# Prints a command as one would type it, and runs it; the story ends with its exit status.
show() {
    local word line=+
    for word in "$@"; do
        case $word in *[\ \*\$]*) word="'$word'" ;; esac
        line="$line $word"
    done
    echo "$line"
    "$@" || true
    echo
}

tidelock() {
    "$TIDELOCK" "$@"
}

[ -n "${TIDELOCK:-}" ] || build

rollout=(examples/checkout/checkout.lua --recording examples/checkout/checkout.ndjson)
echo "# Five shares of ten minutes each, on two hours of recorded traffic."
show tidelock simulate "${rollout[@]}"
echo "# The same, with a new version that fails four times as often from the tenth minute on."
show tidelock simulate "${rollout[@]}" --inject 'errors*4@10m'
