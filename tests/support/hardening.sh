#!/usr/bin/env bash
# Whether a program was linked and compiled so that a fault in it is hard to use.
#
#     hardening.sh PROGRAM
set -euo pipefail
program=$1
failed=0

wants() { # wants WHAT PATTERN COMMAND...
    local what=$1 pattern=$2
    shift 2
    if ! "$@" "$program" | grep -E "$pattern" > /dev/null; then
        echo "FAILED: $program: $what"
        failed=1
    fi
}

wants "symbols are bound at the start (-z now)" "BIND_NOW|FLAGS.* NOW" readelf --dynamic --wide
wants "the table of symbols is read-only then (-z relro)" GNU_RELRO readelf --segments --wide
wants "it may lie anywhere (PIE)" "Type: *DYN" readelf --file-header
wants "stacks are guarded (-fstack-protector-strong)" __stack_chk_fail readelf --dyn-syms --wide
wants "calls of the C library are checked (_FORTIFY_SOURCE)" __printf_chk readelf --dyn-syms --wide
[[ $failed == 0 ]] && echo "5 passed, 0 failed"
exit "$failed"
