#!/usr/bin/env bash
# Simulated rollouts per second on one core against a bare coroutine loop (rollouts_bare.lua), in
# one run: the shipped step_canary, five steps and sixty one-minute ticks, the canary drawn from the
# recording of a whole service, judge.ratio, no journals. Processor time, start of the program
# included; the middle one of five rounds. Then how much faster it is with a process for each
# processor, by the clock.
#
#     tests/bench/rollouts.sh TIDELOCK [COUNT]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
tidelock=$(realpath "$1")
count=${2:-20000}
rounds=5

processor_seconds() { # COMMAND...: user and system time
    local TIMEFORMAT='%U %S'
    { time "$@" >/dev/null; } 2>&1 | awk '{ print $1 + $2 }'
}

simulate() { # [OPTION...]
    "$tidelock" simulate step_canary --recording "$root/examples/checkout/checkout.ndjson" \
        -p target=lambda-alias:pay:live,canary=42 -p bake=12m --runs "$count" "$@"
}

bare() {
    lua5.4 "$here/rollouts_bare.lua" "$count"
}

middle() { # of the numbers on standard input
    sort -n | sed -n "$(((rounds + 1) / 2))p"
}

seconds() { # COMMAND...: as they pass
    local TIMEFORMAT='%R'
    { time "$@" >/dev/null; } 2>&1
}

ours=() theirs=() one=() all=()
for _ in $(seq "$rounds"); do
    ours+=("$(processor_seconds simulate --jobs 1)")
    theirs+=("$(processor_seconds bare)")
    one+=("$(seconds simulate --jobs 1)")
    all+=("$(seconds simulate)")
done
awk -v count="$count" -v ours="$(printf '%s\n' "${ours[@]}" | middle)" \
    -v theirs="$(printf '%s\n' "${theirs[@]}" | middle)" \
    -v one="$(printf '%s\n' "${one[@]}" | middle)" -v all="$(printf '%s\n' "${all[@]}" | middle)" \
    -v processors="$(nproc)" 'BEGIN {
        printf "simulated rollouts   %8.0f a second\n", count / ours
        printf "bare coroutine loop  %8.0f a second\n", count / theirs
        printf "ratio                %8.3f (wanted: at least 0.2)\n", theirs / ours
        printf "on %d processors      %8.2f times as fast as on one\n", processors, one / all
    }'
