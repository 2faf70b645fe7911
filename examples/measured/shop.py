"""A small shop: GET /checkout?customer=N answers 200, or a 5xx when something breaks; GET /metrics
is for Prometheus. The folder of the version (v1 or v2) brings the discount table.

usage: shop.py VERSION PORT SECONDS_UNTIL_REFRESH
"""

import importlib.util
import pathlib
import random
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

BANK_SILENCE = 0.003  # the bank behind both versions does not answer this often


def load_table(version, lifetime):
    path = pathlib.Path(__file__).parent / version / "discounts.py"
    spec = importlib.util.spec_from_file_location("discounts", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Table(lifetime)


class Counters:
    def __init__(self):
        self.lock = threading.Lock()
        self.requests = 0
        self.errors = 0

    def count(self, failed):
        with self.lock:
            self.requests += 1
            self.errors += failed

    def text(self, version):
        with self.lock:
            return (
                "# TYPE http_requests_total counter\n"
                f'http_requests_total{{version="{version}"}} {self.requests}\n'
                "# TYPE http_errors_total counter\n"
                f'http_errors_total{{version="{version}"}} {self.errors}\n'
            )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def checkout(self, customer):
        price = 100 - self.server.table.discount(customer)
        if random.random() < BANK_SILENCE:
            return 502, "the bank did not answer\n"
        return 200, f"customer {customer} pays {price}\n"

    def do_GET(self):
        url = urlsplit(self.path)
        if url.path == "/metrics":
            self.answer(200, self.server.counters.text(self.server.version))
            return
        try:
            status, text = self.checkout(int(parse_qs(url.query)["customer"][0]))
        except Exception as problem:
            status, text = 500, f"{type(problem).__name__}: {problem}\n"
        self.server.counters.count(status >= 500)
        self.answer(status, text)

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    version, port, lifetime = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    server.version = version
    server.counters = Counters()
    server.table = load_table(version, time.monotonic() + lifetime)
    server.serve_forever()


main()
