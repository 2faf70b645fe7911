#!/usr/bin/env bash
# What reading journals costs: `status` of a thousand runs of 1 MB each, in both forms, and what a
# later process reads of one run of 100 MB, against `wc -l` and `sha256sum` of the same bytes in the
# same run.
#
#     tests/bench/readers.sh BUILD
set -euo pipefail
build=$(realpath "$1")
tidelock=$build/bin/tidelock
rounds=5
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
cd "$scratch"
"$build/tests/bench/readers_bench" make .

milliseconds() {
    local from
    from=$(date +%s%N)
    "$@" >/dev/null
    echo $((($(date +%s%N) - from) / 1000))
}

# The middle of the rounds, in us.
middle() {
    for _ in $(seq $rounds); do milliseconds "$@"; done | sort -n | sed -n $((rounds / 2 + 1))p
}

count_all() {
    cat state/runs/*.journal | wc -l
}

tell() { # WHAT OURS THEIRS WANTED
    awk -v what="$1" -v ours="$2" -v theirs="$3" -v wanted="$4" 'BEGIN {
        printf "%-34s %8.1f ms, %5.2f of the other (wanted: %s)\n", what, ours / 1000,
            ours / theirs, wanted }'
}

count_all >/dev/null # so that both find the bytes in memory
theirs=$(middle count_all)
tell 'status of 1000 journals of 1 MB' "$(middle "$tidelock" status --state state)" "$theirs" \
    'within 200 ms'
tell 'the same, as JSON' "$(middle "$tidelock" status --state state --format json)" "$theirs" \
    'a second or two'
theirs=$(middle sha256sum large.journal)
ours=$(middle "$build/tests/bench/readers_bench" read large.journal)
tell 'a journal of 100 MB, read whole' "$ours" "$theirs" 'within 1000 ms'
