#!/usr/bin/env bash
# What checking a policy takes, rehearsals and process included, on the clock; for scale, what
# luacheck takes for the same file, which knows nothing of what a policy does. The middle of twenty.
#
#     tests/bench/check.sh TIDELOCK
set -euo pipefail
tidelock=$(realpath "$1")
rounds=20
cd "$(dirname "$0")/../.."

middle_ms() { # COMMAND...
    for _ in $(seq "$rounds"); do
        local from
        from=$(date +%s%N)
        "$@" >/dev/null
        echo $((($(date +%s%N) - from) / 1000))
    done | sort -n | awk '{ all[NR] = $1 } END { printf "%.1f", all[int((NR + 1) / 2)] / 1000 }'
}

tell() { # WHAT OURS THEIRS
    awk -v what="$1" -v a="$2" -v b="$3" 'BEGIN {
        printf "%-34s %6.1f ms, %4.2f of luacheck, %6.1f ms (wanted: within 30 ms)\n", what, a,
            a / b, b }'
}

theirs=$(middle_ms luacheck --no-config --std lua54 --quiet policies/step_canary.lua)
tell 'check step_canary' "$(middle_ms "$tidelock" check step_canary)" "$theirs"
theirs=$(middle_ms luacheck --no-config --std lua54 --quiet tests/fixtures/check/query.lua)
tell 'check of one that decides by itself' \
    "$(middle_ms "$tidelock" check tests/fixtures/check/query.lua)" "$theirs"
