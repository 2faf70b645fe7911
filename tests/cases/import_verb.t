Import writes a whole recording or nothing, says what it found on stderr, and ends with 2 where the input is wrong.

  $ cd examples/exports
  $ tidelock import csv checkout.csv -s 'checkout requests=requests' -s 'checkout 5xx=errors' 2>report | sed -n '2,4p'
  {"s":1,"t":1772442000000,"v":12306}
  {"s":2,"t":1772442000000,"v":11}
  {"s":1,"t":1772442060000,"v":12058}
  $ cat report
  requests (service) from "checkout requests": 9 points, 2026-03-02T09:00:00Z to 2026-03-02T09:10:00Z, sum of every 1m
    1 of 10 periods without a point (no data)
  errors (service) from "checkout 5xx": 8 points, 2026-03-02T09:00:00Z to 2026-03-02T09:10:00Z, sum of every 1m
    1 value without a number left out (empty 1)
    2 of 10 periods without a point (zero where there are requests)
  $ tidelock import csv - -s 'checkout requests=requests' < checkout.csv 2>&1 >out.ndjson; tail -n 1 out.ndjson
  1 series left out: checkout 5xx
  requests (service) from "checkout requests": 9 points, 2026-03-02T09:00:00Z to 2026-03-02T09:10:00Z, sum of every 1m
    1 of 10 periods without a point (no data)
  {"s":1,"t":1772442540000,"v":11464}
  $ tidelock import csv checkout.csv -o out.ndjson; wc -l <out.ndjson
  tidelock import: what is "checkout requests"? Say it with --series KEY=METRIC:ARM; there are checkout requests, checkout 5xx
  10
  $ tidelock import csv checkout.csv -s nothing=requests -o new.ndjson; ls new.ndjson
  tidelock import: the series map "nothing=requests": there is no series "nothing"; there are checkout requests, checkout 5xx
  ls: cannot access 'new.ndjson': No such file or directory
  [2]
  $ tidelock import csv missing.csv -o new.ndjson
  tidelock import: missing.csv: No such file or directory
  [2]
  $ tidelock import csv . -o new.ndjson
  tidelock import: . is a folder; a file was expected
  [2]
  $ tidelock import parquet checkout.csv -o new.ndjson
  tidelock import: there is no importer "parquet", expected one of cloudwatch, cloudwatch-statistics, csv, metric-stream, prometheus
  [2]
  $ tidelock import csv
  tidelock import: KIND FILE... is missing (see tidelock import --help)
  [2]
  $ tidelock import csv checkout.csv --period 0s
  tidelock import: --period: expected a period of 1 ms to 31 days, found 0 ms
  [2]
  $ tidelock import csv checkout.csv --colunm time=Time
  tidelock import: there is no option --colunm; did you mean --column?
  [2]
  $ tidelock import csv checkout.csv -s 'checkout requests=requests' --note "$(head -c 2000 /dev/zero | tr '\0' x)"
  tidelock import: what was imported makes no recording: line 1: "note" is of 2000 bytes, expected 1 to 1024
  [2]
  $ tidelock import csv checkout.csv -s 'checkout requests=requests' -o none/new.ndjson
  tidelock import: creating none/new.ndjson: No such file or directory
  [2]
  $ ls | grep new
  [1]

The output keeps the rights of the file that it replaces, follows links, and writes into devices.

  $ imp() { tidelock import csv checkout.csv -s 'checkout requests=requests' "$@"; }
  $ touch kept.ndjson; chmod 640 kept.ndjson; ln -s kept.ndjson link.ndjson
  $ imp -o link.ndjson 2>report; stat -c '%a %F' kept.ndjson link.ndjson; wc -l <kept.ndjson
  640 regular file
  777 symbolic link
  10
  $ (umask 027; imp -o fresh.ndjson 2>report); stat -c %a fresh.ndjson
  640
  $ imp -o /dev/stdout 2>report | cmp - fresh.ndjson
  $ imp -o - 2>report | cmp - fresh.ndjson
  $ imp -o /dev/full
  tidelock import: writing /dev/full: No space left on device
  [1]
  $ imp >/dev/full
  tidelock import: writing the recording: No space left on device
  [1]
