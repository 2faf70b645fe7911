"""Customers: requests at random moments (a Poisson stream), whether or not earlier ones were
answered in time, over a few connections.

usage: load.py PORT REQUESTS_PER_SECOND SECONDS
"""

import http.client
import random
import sys
import threading
import time

WORKERS = 8


def ask(connection, customer):
    """One request; a connection that the proxy closed meanwhile is opened again, once."""
    for attempt in (1, 2):
        try:
            connection.request("GET", f"/checkout?customer={customer}")
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (http.client.HTTPException, OSError):
            connection.close()
            if attempt == 2:
                return 0


def work(port, rate, until, counts):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    at = time.monotonic()
    while True:
        at += random.expovariate(rate)
        if at >= until:
            return
        time.sleep(max(0.0, at - time.monotonic()))
        status = ask(connection, random.randrange(1_000_000))
        counts[status] = counts.get(status, 0) + 1


def main():
    port, rate, seconds = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    until = time.monotonic() + seconds
    tallies = [{} for _ in range(WORKERS)]
    workers = [
        threading.Thread(target=work, args=(port, rate / WORKERS, until, tally))
        for tally in tallies
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    total = {}
    for tally in tallies:
        for status, count in tally.items():
            total[status] = total.get(status, 0) + count
    print("answers by status:", dict(sorted(total.items())))


main()
