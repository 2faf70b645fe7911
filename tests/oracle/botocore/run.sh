#!/usr/bin/env bash
# Compares our requests and readings with botocore's, which is fetched into a folder of its own.
#
#     run.sh BUILD_DIR TIDELOCK_LUA ENDPOINTS [OPTION OF run.py...]
#
# Where it cannot be fetched that is a skip which is seen, and a failure where CI=true.
set -euo pipefail
build=$1 lua=$2 endpoints=$3
shift 3
here=tests/oracle/botocore
folder=$build/oracle/botocore

skip() {
    exec tests/support/skip.sh "oracle/botocore: $1"
}

has_botocore() { # the one of Debian 12 does not know most of what is compared
    "$folder/bin/python" -c '
import botocore, sys
sys.exit(tuple(map(int, botocore.__version__.split(".")[:2])) < (1, 43))' 2>/dev/null
}

cd "$(dirname "$0")/../../.."
if ! has_botocore; then
    log=$build/oracle/botocore.log
    mkdir -p "$build/oracle"
    command -v python3 >/dev/null || skip "there is no python3"
    python3 -m venv "$folder" >"$log" 2>&1 || skip "no venv can be made, see $log"
    "$folder/bin/pip" install --disable-pip-version-check 'botocore>=1.43' >>"$log" 2>&1 ||
        skip "botocore cannot be installed, see $log"
    has_botocore || skip "the botocore that was installed is too old"
fi
export PYTHONDONTWRITEBYTECODE=1
exec "$folder/bin/python" "$here/run.py" --lua "$lua" --endpoints "$endpoints" "$@"
