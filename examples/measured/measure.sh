#!/usr/bin/env bash
# Measures the recording of this folder again: two versions of a small shop behind nginx, a load,
# and Prometheus looking at both. Takes eight minutes and a half. Everything listens on 127.0.0.1
# and is stopped at the end by its process id. Needs nginx, prometheus, python3 and curl.
#
# usage: ./measure.sh [FOLDER]     where the exports go (default: raw, beside this script)
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1

here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/raw}
rate=120         # requests per second
step=120         # seconds at each share of the new version
shares=(5 10 25 50)
refresh=210      # seconds until the discount table expires, and version 2 shows its regression
port=18080 v1_port=18081 v2_port=18082 prometheus_port=19090

for program in nginx prometheus python3 curl; do
    command -v "$program" >/dev/null || PATH=$PATH:/usr/sbin command -v "$program" >/dev/null || {
        echo "measure.sh: $program is missing; on Debian: apt-get install nginx-light prometheus" \
            "python3 curl" >&2
        exit 1
    }
done
PATH=$PATH:/usr/sbin

work=$(mktemp -d)
pids=()
stop() {
    for pid in "${pids[@]}"; do
        kill "$pid" 2>/dev/null || true
    done
    wait
    rm -rf "$work"
}
trap stop EXIT

split() { # how much of the traffic goes to version 2, in percent
    printf 'split_clients "$request_id" $version { %s%% v2; * v1; }\n' "$1" >"$work/split.conf"
}

cat >"$work/nginx.conf" <<END
daemon off;
pid $work/nginx.pid;
error_log $work/nginx.log warn;
worker_processes 1;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path $work/body;
    proxy_temp_path $work/proxy;
    fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi;
    scgi_temp_path $work/scgi;
    include $work/split.conf;
    upstream v1 { server 127.0.0.1:$v1_port; keepalive 16; }
    upstream v2 { server 127.0.0.1:$v2_port; keepalive 16; }
    server {
        listen 127.0.0.1:$port;
        keepalive_requests 1000000;
        location / {
            proxy_pass http://\$version;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_next_upstream off;
        }
    }
}
END

cat >"$work/prometheus.yml" <<END
global: { scrape_interval: 5s, scrape_timeout: 4s }
scrape_configs:
  - job_name: shop
    static_configs: [ { targets: [ "127.0.0.1:$v1_port", "127.0.0.1:$v2_port" ] } ]
END

wait_for() { # a URL that answers
    for _ in $(seq 100); do
        curl -sf -o "$work/answer" "$1" && return
        sleep 0.1
    done
    echo "measure.sh: $1 does not answer" >&2
    exit 1
}

prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
    --web.listen-address="127.0.0.1:$prometheus_port" --log.level=warn 2>"$work/prometheus.log" &
pids+=($!)
wait_for "http://127.0.0.1:$prometheus_port/-/ready"
for version in v1 v2; do
    version_port=${version}_port
    python3 "$here/shop.py" "$version" "${!version_port}" "$refresh" &
    pids+=($!)
    wait_for "http://127.0.0.1:${!version_port}/metrics"
done
split "${shares[0]}"
nginx -p "$work" -c "$work/nginx.conf" -e "$work/nginx.log" &
nginx=$!
pids+=("$nginx")
wait_for "http://127.0.0.1:$port/checkout?customer=1"

# Periods of 15 s that begin with the load.
sleep $((30 - $(date +%s) % 15)) # the first scrapes are in before
start=$(date +%s)
seconds=$((step * ${#shares[@]}))
echo "$(date -u +%FT%TZ) load of $rate requests/s for $seconds s"
python3 "$here/load.py" "$port" "$rate" "$seconds" &
load=$!
pids+=("$load")
for i in "${!shares[@]}"; do
    split "${shares[i]}"
    kill -HUP "$nginx"
    echo "$(date -u +%FT%TZ) version 2 has ${shares[i]} %"
    sleep $((start + (i + 1) * step - $(date +%s)))
done
wait "$load"
sleep 10 # the last scrapes

mkdir -p "$out"
for metric in requests errors; do
    curl -sf -G "http://127.0.0.1:$prometheus_port/api/v1/query_range" \
        --data-urlencode "query=http_${metric}_total" --data-urlencode "start=$start" \
        --data-urlencode "end=$((start + seconds))" --data-urlencode "step=15" \
        >"$out/$metric.json"
    echo >>"$out/$metric.json"
done
echo "exports are in $out"
