"""Discounts by customer group. The table is loaded once; when it has expired it is fetched again
page by page, so that the discount service is not asked for everything at once."""

import threading
import time

GROUPS = 50
PAGE = 7


def fetch(first, count):
    """What the discount service would answer: at most `count` groups, beginning with `first`."""
    return {group: group % 5 for group in range(first, min(first + count, GROUPS))}


class Table:
    def __init__(self, expires):
        self.lock = threading.Lock()
        self.expires = expires
        self.groups = fetch(0, GROUPS)

    def refresh(self):
        groups = {}
        for page in range(GROUPS // PAGE):  # the regression: the last page is not full, and is lost
            groups.update(fetch(page * PAGE, PAGE))
        return groups

    def discount(self, customer):
        with self.lock:
            if time.monotonic() >= self.expires:
                self.groups = self.refresh()
                self.expires = time.monotonic() + 3600
        return self.groups[customer % GROUPS]
