#!/bin/sh
# launch.sh NAME [FOLDER]: runs a conformance runner of the build, which is made if it is not there.
# TIDELOCK_BUILD names the folder of another build than build/release.
name=$1
shift
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${TIDELOCK_BUILD:-$top/build/release}
program=$build/conformance/conformance_$name
if [ ! -x "$program" ]; then
    (cd "$top" && cmake --preset release && cmake --build "$build" --target "conformance_$name") \
        >&2 || exit 1
fi
exec "$program" "$@"
