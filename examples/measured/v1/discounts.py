"""Discounts by customer group. The table is loaded once and again when it has expired."""

import threading
import time

GROUPS = 50


def fetch(first, count):
    """What the discount service would answer: at most `count` groups, beginning with `first`."""
    return {group: group % 5 for group in range(first, min(first + count, GROUPS))}


class Table:
    def __init__(self, expires):
        self.lock = threading.Lock()
        self.expires = expires
        self.groups = fetch(0, GROUPS)

    def discount(self, customer):
        with self.lock:
            if time.monotonic() >= self.expires:
                self.groups = fetch(0, GROUPS)
                self.expires = time.monotonic() + 3600
        return self.groups[customer % GROUPS]
