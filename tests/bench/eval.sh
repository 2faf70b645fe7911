#!/usr/bin/env bash
# Processor time of `tidelock eval` of an empty file, whole process, its locked-in child included;
# for scale, that of `lua5.4` on the same file. The mean of fifty.
#
#     tests/bench/eval.sh TIDELOCK
set -euo pipefail
tidelock=$(realpath "$1")
rounds=50
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
: > "$folder/empty.lua"

mean_ms() { # COMMAND...
    local TIMEFORMAT='%U %S'
    { time for _ in $(seq "$rounds"); do "$@" >/dev/null; done; } 2>&1 |
        awk -v rounds="$rounds" '{ printf "%.2f", 1000 * ($1 + $2) / rounds }'
}

ours=$(mean_ms "$tidelock" eval "$folder/empty.lua")
theirs=$(mean_ms lua5.4 "$folder/empty.lua")
printf 'tidelock eval  %s ms of processor time (wanted: at most 10)\n' "$ours"
printf 'lua5.4         %s ms\n' "$theirs"
awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "ratio          %.1f\n", a / b }'
