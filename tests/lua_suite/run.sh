#!/usr/bin/env bash
# Lua's own test suite, the parts that fit a sandbox, in the sandbox. None of it is kept here: it is
# taken from the source distribution of lupa (PyPI), which carries it, or from a folder given.
#
#     tests/lua_suite/run.sh TIDELOCK [FOLDER with vararg.lua and the others]
#
# Exit 0 passed, 1 failed, 77 skipped because the suite cannot be had (1 in CI).
set -euo pipefail
tidelock=$(realpath "$1")
package=lupa==2.8
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tidelock/lua_suite-${package#*==}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Asking pip for the source makes it run the package's setup, which needs setuptools and wheel, and
# is told not to build a Lua of its own.
fetch() {
    python3 -m venv "$scratch/venv" && . "$scratch/venv/bin/activate" &&
        pip --quiet install setuptools wheel &&
        LUPA_NO_BUNDLE=true pip --quiet download --no-deps --no-build-isolation \
            --no-binary :all: --dest "$scratch" "$package" &&
        tar -xzf "$scratch"/lupa-*.tar.gz -C "$scratch" --wildcards '*/lua54/testes/*' &&
        mkdir -p "$cache" && cp "$scratch"/lupa-*/third-party/lua54/testes/*.lua "$cache/"
}

suite=${2:-$cache}
if [[ ! -f $suite/vararg.lua ]] && ! fetch > "$scratch/log" 2>&1; then
    echo "SKIPPED: Lua's test suite ($package) cannot be had:" >&2
    tail -n 3 "$scratch/log" >&2
    [[ ${CI:-} == true ]] && exit 1
    exit 77
fi

prelude='_port, _soft = true, true
utf8.charpattern = "[\0-\x7f\xc2-\xfd][\x80-\xbf]*"
local nothing = function() end
local given = {string = string, table = table, math = math, utf8 = utf8,
    tracegc = {start = nothing, stop = nothing}, debug = {}}
local require_ = require
function require(name) return given[name] or require_(name) end '

failed=0
# suite FILE [SED EXPRESSION for what is cut]...
suite() {
    local name=$1
    shift
    { tr '\n' ' ' <<< "$prelude"; sed "${@:-}" "$suite/$name.lua"; } > "$scratch/$name.lua"
    if "$tidelock" eval --max-work 5000000000 --max-memory 400000000 "$scratch/$name.lua" \
        > "$scratch/log" 2>&1; then
        echo "passed   $name"
    else
        echo "FAILED   $name: $(tail -n 1 "$scratch/log")"
        failed=1
    fi
}

skipped() {
    echo "skipped  $1: $2"
}

suite vararg
# Its generator, and randomseed; angles.
suite math "/testing 'math.random'/,\$d; /math\.[at]*\(sin\|an\|deg\)/d; s/math\.pi/3.14159265/g"
suite pm '/test reuse of original string/,/^end/d'       # %p
skipped "tpack utf8" "string.pack, and of utf8 all but utf8.len, are left out"
skipped "api code" "need an interpreter built for testing"
skipped "attrib files main" "modules, files, the lua program"
skipped "coroutine cstack locals" "coroutines, to-be-closed variables"
skipped "gc gengc closure events" "the collector, weak tables, finalizers"
skipped "db errors calls literals" "the debug library, exact stack texts"
skipped "strings sort" "addresses as text, %p, ranges that a budget refuses"
skipped "bitwise" "changes the metatable of strings"
skipped "constructs goto nextvar" "faults of older releases of 5.4, debug.upvalueid, order of next"
skipped "big heavy verybig" "gigabytes"
exit "$failed"
