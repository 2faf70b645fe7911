#!/usr/bin/env bash
# What it takes to test the shipped policies, by the clock and in processor time, and ten thousand
# rollouts of five steps and sixty ticks in one test, without faults and with some. The middle one
# of five rounds; wanted: five seconds for the policies and about one for each ten thousand, on two
# processors that have nothing else to do.
#
#     tests/bench/tests.sh TIDELOCK
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
tidelock=$(realpath "$1")
rounds=5
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cp "$root/examples/checkout/checkout.ndjson" "$folder"

cat >"$folder/many_test.lua" <<'END'
local test = require "test"
local function rollouts(faults)
    test.simulate { policy = "step_canary", recording = "checkout.ndjson", runs = 10000,
        faults = faults, params = { target = "lambda-alias:pay:live,canary=42", bake = "12m" } }
        :share("promoted"):at_least(0.5)
end
test.case("plain", function() rollouts {} end)
test.case("faults", function()
    rollouts { { "metrics missing", from = "10m", during = "1m" },
        { "answer lost", call = "lambda.update_alias" } }
end)
END

middle() { # of the lines on standard input
    sort -n | sed -n "$(((rounds + 1) / 2))p"
}

measure() { # TITLE COMMAND...
    local title=$1 TIMEFORMAT='%R %U %S'
    shift
    for _ in $(seq "$rounds"); do
        { time "$@" >/dev/null; } 2>&1
    done | middle | awk -v title="$title" \
        '{ printf "%-34s %6.2f s, %6.2f s of processor time\n", title, $1, $2 + $3 }'
}

cd "$root"
measure 'tests of the shipped policies' "$tidelock" test tests/policies
measure 'ten thousand rollouts' "$tidelock" test "$folder" --only plain
measure 'ten thousand with faults' "$tidelock" test "$folder" --only faults
