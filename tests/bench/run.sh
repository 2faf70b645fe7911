#!/usr/bin/env bash
# Everything that is measured, each as a ratio in one run. Nothing is asserted here: on a busy
# machine look at it twice.
#
#     tests/bench/run.sh [BUILD]      (build/release)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$(realpath "${1:-$root/build/release}")
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
cd "$root"
cmake --build "$build" --target bench_programs >"$scratch/build" || {
    cat "$scratch/build"
    exit 1
}

title() {
    printf '\n# %s\n' "$1"
}

title 'simulated rollouts against a bare coroutine loop'
"$here/rollouts.sh" "$build/bin/tidelock"
title 'tests of policies'
"$here/tests.sh" "$build/bin/tidelock"
title 'errors and latency against errors alone'
"$here/latency.sh" "$build/bin/tidelock"
title 'the sandbox against lua5.4'
"$build/tests/bench/sandbox_bench" "$here/sandbox"
title 'the journal against write and fdatasync'
"$build/tests/bench/journal_bench" "$scratch"
title 'reading journals'
"$here/readers.sh" "$build"
title 'eval of an empty file'
"$here/eval.sh" "$build/bin/tidelock"
title 'checking a policy against luacheck'
"$here/check.sh" "$build/bin/tidelock"
title 'a flag for a user'
"$build/tests/bench/bucketing_bench"
"$here/live.sh" "$build"
