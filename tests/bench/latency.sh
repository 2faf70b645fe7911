#!/usr/bin/env bash
# What latency costs: simulated rollouts watched for errors alone, and for errors and latency at
# eight thresholds, on the same recording, in one run. Processor time, without the start of the
# program; the middle one of five rounds.
#
#     tests/bench/latency.sh TIDELOCK [COUNT]
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
tidelock=$(realpath "$1")
count=${2:-5000}
rounds=5

processor_seconds() { # COMMAND...: user and system time
    local TIMEFORMAT='%U %S'
    { time "$@" >/dev/null; } 2>&1 | awk '{ print $1 + $2 }'
}

simulate() { # COUNT JUDGE...
    local runs=$1 judges=()
    shift
    for judge in "$@"; do judges+=(-p "judges=$judge"); done
    "$tidelock" simulate step_canary --recording "$root/examples/latency/search.ndjson" --jobs 1 \
        -p target=lambda-alias:search:live,canary=42 -p bake=12m "${judges[@]}" --runs "$runs"
}

rollouts() { # JUDGE...: the seconds of COUNT rollouts
    local few many
    few=$(processor_seconds simulate 1 "$@")
    many=$(processor_seconds simulate "$count" "$@")
    awk -v few="$few" -v many="$many" 'BEGIN { print many - few }'
}

middle() { # of the numbers on standard input
    sort -n | sed -n "$(((rounds + 1) / 2))p"
}

latency=latency:thresholds=25/50/80/110/150/250/500/1000
errors=() both=()
for _ in $(seq "$rounds"); do
    errors+=("$(rollouts ratio)")
    both+=("$(rollouts ratio "$latency")")
done
awk -v count="$count" -v errors="$(printf '%s\n' "${errors[@]}" | middle)" \
    -v both="$(printf '%s\n' "${both[@]}" | middle)" 'BEGIN {
        printf "errors alone         %8.0f rollouts a second\n", count / errors
        printf "errors and latency   %8.0f rollouts a second\n", count / both
        printf "times the cost       %8.2f (wanted: at most 3)\n", both / errors
    }'
