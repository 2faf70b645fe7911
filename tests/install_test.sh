#!/usr/bin/env bash
# Installs into a temporary prefix and uses what is there, and only that.
#     tests/install_test.sh BUILD-FOLDER
set -euo pipefail
build=$1
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
passed=0 failed=0

check() { # what it says, then a command
    local what=$1
    shift
    if "$@" >"$prefix/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $what"
        sed 's/^/    /' "$prefix/log"
    fi
}

simulate() {
    "$prefix/bin/tidelock" simulate checkout.lua --recording checkout.ndjson
}

check "cmake --install" cmake --install "$build" --prefix "$prefix"
for file in bin/tidelock share/doc/tidelock/README.md share/doc/tidelock/LICENSE \
    share/doc/tidelock/docs/policies.md share/tidelock/policies/step_canary.lua \
    share/tidelock/stdlib/rollout.lua share/tidelock/examples/checkout/checkout.lua \
    share/man/man1/tidelock.1 share/man/man1/tidelock-run.1 share/zsh/site-functions/_tidelock \
    share/bash-completion/completions/tidelock share/fish/vendor_completions.d/tidelock.fish; do
    check "$file is there" test -s "$prefix/$file"
done
rm "$prefix/log"
check "nothing but bin and share" test "$(ls "$prefix" | xargs)" = "bin share"
check "the installed program runs" "$prefix/bin/tidelock" version
cd "$prefix/share/tidelock/examples/checkout"
check "it simulates the installed example" simulate
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
