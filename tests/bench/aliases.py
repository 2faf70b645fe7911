"""A Lambda of aliases that takes next to no time, and says how much it took: what is measured
against it is the program alone. It answers who asks (STS), GetAlias and UpdateAlias.
"""

import asyncio
import json
import re
import threading
import time
import uuid

HEAD = re.compile(rb"(\w+) (\S+) HTTP/1\.1\r\n")
SIZE = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
PATH = re.compile(r"/2015-03-31/functions/([^/]+)/aliases/([^/?]+)$")
CALLER = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/bench</Arn><UserId>AIDA</UserId>
<Account>123456789012</Account></GetCallerIdentityResult>
<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></GetCallerIdentityResponse>"""


class Account:
    """`aliases` by the names of their functions; `busy`: seconds in which a request was here."""

    def __init__(self, names):
        arn = "arn:aws:lambda:eu-west-1:123456789012:function:%s:live"
        self.aliases = {name: {"AliasArn": arn % name, "Name": "live", "Description": "",
                               "FunctionVersion": "1", "RevisionId": str(uuid.uuid4())}
                        for name in names}
        self.busy = 0
        self.loop = asyncio.new_event_loop()
        serving = self.loop.create_server(lambda: Connection(self), "127.0.0.1", 0)
        port = self.loop.run_until_complete(serving).sockets[0].getsockname()[1]
        self.url = "http://127.0.0.1:%d" % port
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    def update(self, alias, wanted):
        alias.update((name, wanted[name]) for name in ("FunctionVersion", "RoutingConfig")
                     if name in wanted)
        if not alias.get("RoutingConfig", {}).get("AdditionalVersionWeights"):
            alias.pop("RoutingConfig", None)
        alias["RevisionId"] = str(uuid.uuid4())

    def answer(self, method, path, body, request):
        if path == "/":
            return "text/xml", CALLER % request
        alias = self.aliases[PATH.match(path).group(1)]
        if method == "PUT":
            self.update(alias, json.loads(body))
        return "application/json", json.dumps(alias)


class Connection(asyncio.Protocol):
    def __init__(self, account):
        self.account, self.bytes = account, b""

    def connection_made(self, transport):
        self.transport = transport

    def take(self):
        """One request, if all of it is there."""
        end = self.bytes.find(b"\r\n\r\n") + 4
        size = SIZE.search(self.bytes, 0, max(end, 0))
        whole = end + (int(size.group(1)) if size else 0)
        if end < 4 or len(self.bytes) < whole:
            return False
        method, path = HEAD.match(self.bytes).groups()
        body, self.bytes = self.bytes[end:whole], self.bytes[whole:]
        request = str(uuid.uuid4())
        kind, text = self.account.answer(method.decode(), path.decode(), body, request)
        self.transport.write(("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nx-amzn-RequestId: %s\r\n"
                              "Content-Length: %d\r\n\r\n%s" % (kind, request, len(text),
                                                                text)).encode())
        return True

    def data_received(self, data):
        began = time.perf_counter()
        self.bytes += data
        while self.take():
            pass
        self.account.busy += time.perf_counter() - began
