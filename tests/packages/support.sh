# What the tests of the packages share: a scratch folder, counted checks, cpack, and a use of what
# was installed. Sourced from the top of the repository, with `build` set.
top=$PWD
scratch=$(mktemp -d)
passed=0 failed=0
trap 'rm -rf "$scratch"' EXIT

check() { # what it says, then a command
    local what=$1
    shift
    if "$@" >"$scratch/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $what"
        sed 's/^/    /' "$scratch/log"
    fi
}

finish() {
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}

# By a umask of 022: cpack gives what it makes the modes that the umask leaves.
make_packages() { # BUILD-FOLDER TO
    (umask 022 && cpack --config "$1/CPackConfig.cmake" -B "$2")
}

# What a program says of itself, and a rollout of an example installed with it.
uses() { # PROGRAM [ROOT]
    local share
    share=$(dirname "$(dirname "$1")")/share/tidelock
    "$1" version && cd "$share/examples/checkout" &&
        "$1" simulate checkout.lua --recording checkout.ndjson | grep -q '^promoted after 50m1s'
}
