What Prometheus exported becomes the recording that is kept with the example, byte for byte.

  $ cp examples/measured/measured.ndjson before.ndjson
  $ examples/measured/import.sh 2>report; echo $?
  0
  $ cat report
  requests (baseline) from "http_requests_total{version="v1"}": 32 points, 2026-11-24T08:53:45Z to 2026-11-24T09:01:45Z, sum of every 15s
  errors (baseline) from "http_errors_total{version="v1"}": 32 points, 2026-11-24T08:53:45Z to 2026-11-24T09:01:45Z, sum of every 15s
  requests (canary) from "http_requests_total{version="v2"}": 32 points, 2026-11-24T08:53:45Z to 2026-11-24T09:01:45Z, sum of every 15s
  errors (canary) from "http_errors_total{version="v2"}": 32 points, 2026-11-24T08:53:45Z to 2026-11-24T09:01:45Z, sum of every 15s
  $ cmp before.ndjson examples/measured/measured.ndjson
  $ tidelock import csv - 2>&1 </dev/null
  tidelock import: -: the file is empty, expected a line with the names of the columns
  [2]
