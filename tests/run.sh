#!/usr/bin/env bash
# All tests, with one command, on a bare Debian machine.
#
#     tests/run.sh          every ring, in every build (about twenty minutes)
#     tests/run.sh quick    the release build and its rings, but for the slow ones (two minutes)
#
# Installs what is missing (setup.sh), configures and builds with the presets, runs the rings
# through CTest and closes with "N passed, N failed, N skipped". Exit status 0 only if nothing
# failed. What was printed is kept in build/log.
set -uo pipefail
cd "$(dirname "$0")/.."
log=$PWD/build/log
passed=0 failed=0 skipped=0

fail() { # a stage that is not a test
    failed=$((failed + 1))
    echo "FAILED: $1"
    [ -n "${2:-}" ] || return
    local telling='(error|warning|Error)( at .*)?:|undefined reference'
    { grep -m 20 -E "$telling" "$2" || tail -n 40 "$2"; } | sed 's/^/    /'
}

skip() {
    echo "SKIPPED: $1"
    if [ "${CI:-}" = true ]; then failed=$((failed + 1)); else skipped=$((skipped + 1)); fi
}

build() { # PRESET
    cmake --preset "$1" >"$log/$1.configure" 2>&1 || {
        fail "$1 does not configure" "$log/$1.configure"
        return 1
    }
    cmake --build --preset "$1" -- -k 0 >"$log/$1.build" 2>&1 || {
        fail "$1 does not build" "$log/$1.build"
        return 1
    }
}

# The unit programs, cases and so on of one build, counted one by one.
rings() { # TEST-PRESET [CTEST-OPTION...]
    local preset=$1 p f s
    ctest --preset "$@" --verbose >"$log/$preset.test" 2>&1
    lua5.4 tests/support/tally.lua "$preset" "$log/$preset.test" >"$log/$preset.tally" || {
        fail "$preset: the tally" "$log/$preset.tally"
        return
    }
    sed '$d' "$log/$preset.tally"
    read -r p f s < <(tail -n 1 "$log/$preset.tally")
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

stage() { # PRESET [TEST-PRESET]
    local start=$SECONDS
    build "$1" && rings "${2:-$1}"
    echo "$(printf %-10s "$1") $((SECONDS - start)) s"
}

clang_stage() { # PRESET
    if ! command -v clang >/dev/null; then
        skip "$1: clang is not installed"
    else
        stage "$1"
    fi
}

# What one build has compiled the next one need not: gc-stress differs from release in a few files.
use_compiler_cache() {
    command -v ccache >/dev/null || return 0
    export CMAKE_C_COMPILER_LAUNCHER=ccache CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
}

mkdir -p "$log"
tests/setup.sh test || exit 1
use_compiler_cache
case ${1:-all} in
quick) stage release quick ;;
all)
    stage release
    stage asan
    stage gc-stress
    clang_stage clang
    clang_stage fuzz
    ;;
*)
    echo "usage: tests/run.sh [quick]" >&2
    exit 2
    ;;
esac
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
