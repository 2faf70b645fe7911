#!/usr/bin/env bash
# Makes measured.ndjson from the exports in raw/. TIDELOCK names the program if it is not on the
# path.
set -euo pipefail
cd "$(dirname "$0")"
exec "${TIDELOCK:-tidelock}" import prometheus raw/requests.json raw/errors.json \
    --series 'http_requests_total{version="v1"}=requests:baseline' \
    --series 'http_errors_total{version="v1"}=errors:baseline' \
    --series 'http_requests_total{version="v2"}=requests:canary' \
    --series 'http_errors_total{version="v2"}=errors:canary' \
    --counter requests --counter errors \
    --output measured.ndjson
