"""A scripted server of our own between the program and an emulator: it counts what comes by, and
does to it what a test says. What it answers by itself stands in the forms of AWS's protocols.

A script is called with each request, and returns what is done to it: None (it is carried on) or a
function of (handler, seen), of which this file has a choice.
"""

import calendar
import contextlib
import http.client
import json
import re
import socket
import struct
import threading
import time
import uuid
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import emulators

REST = [("GET", r"/functions/[^/]+/aliases/[^/]+$", "GetAlias"),
        ("PUT", r"/functions/[^/]+/aliases/[^/]+$", "UpdateAlias"),
        ("POST", r"/hostedconfigurationversions$", "CreateHostedConfigurationVersion"),
        ("POST", r"/environments/[^/]+/deployments$", "StartDeployment"),
        ("GET", r"/environments/[^/]+/deployments/[0-9]+$", "GetDeployment"),
        ("DELETE", r"/environments/[^/]+/deployments/[0-9]+$", "StopDeployment")]
CHANGES = {"UpdateAlias", "ModifyRule", "ModifyListener", "UpdateService"}


class Seen:
    """One request: its name as AWS documents it, and whether it changes anything."""

    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body
        self.name = self.find_name()
        self.change = self.name in CHANGES
        self.nth = self.nth_change = 0

    @property
    def at(self):
        """Seconds by the program's clock."""
        return calendar.timegm(time.strptime(self.headers["x-amz-date"], "%Y%m%dT%H%M%SZ"))

    def find_name(self):
        if "x-amz-target" in self.headers:
            return self.headers["x-amz-target"].split(".")[-1]
        form = parse_qs(self.body.decode("utf-8", "replace"))
        if "Action" in form:
            return form["Action"][0]
        for method, pattern, name in REST:
            if method == self.method and re.search(pattern, urlsplit(self.path).path):
                return name
        return "%s %s" % (self.method, self.path)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # an answer is written in two parts

    def carry(self):
        size = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, self.path, headers, self.rfile.read(size))
        act = self.server.proxy.take(seen)
        (act or forward)(self, seen)

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = carry

    def reply(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def cut(self):
        """The connection is reset, as by a machine that died."""
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_):
        pass


class Proxy(emulators.Serving):
    def __init__(self, upstream, script=None):
        self.upstream, self.script = urlsplit(upstream).netloc, script
        self.seen, self.lock = [], threading.Lock()
        self.listen()

    def listen(self, bound=None):
        """On a port that the system picks, or on a socket that has one."""
        self.serve(Handler, bind_and_activate=not bound)
        if bound:
            self.server.socket.close()
            self.server.socket, self.server.server_address = bound, bound.getsockname()
            self.server.server_activate()
        self.server.proxy = self
        self.begin()

    def take(self, seen):
        with self.lock:
            self.seen.append(seen)
            seen.nth = sum(one.name == seen.name for one in self.seen)
            seen.nth_change = sum(one.change for one in self.seen) if seen.change else 0
            return self.script and self.script(seen)

    def upstream_of(self, _):
        """Where a request is carried on to."""
        return self.upstream

    def turn(self, _):
        """What is held while it is carried on."""
        return contextlib.nullcontext()

    def count(self, name):
        return sum(seen.name == name for seen in self.seen)

    def changes(self):
        return sum(seen.change for seen in self.seen)


# --- what may be done to a request ---


def ask(handler, seen):
    """What the emulator answers: (status, headers, body)."""
    address = handler.server.proxy.upstream_of(seen)
    upstream = http.client.HTTPConnection(address, timeout=60)
    with handler.server.proxy.turn(seen), contextlib.closing(upstream):
        upstream.request(seen.method, seen.path, body=seen.body or None, headers=seen.headers)
        answer = upstream.getresponse()
        skipped = ("content-length", "transfer-encoding", "connection")
        headers = [pair for pair in answer.getheaders() if pair[0].lower() not in skipped]
        return answer.status, headers, answer.read()


def forward(handler, seen):
    handler.reply(*ask(handler, seen))


def lose_request(handler, _):
    handler.cut()


def lose_answer(handler, seen):
    """It took effect, and nobody hears of it."""
    ask(handler, seen)
    handler.cut()


def cut_answer(handler, seen):
    """It took effect, and the answer ends in its middle."""
    status, headers, body = ask(handler, seen)
    handler.send_response_only(status)
    for name, value in headers:
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body) + 1))
    handler.end_headers()
    handler.wfile.write(body[:len(body) // 2])
    handler.wfile.flush()
    handler.cut()


def hold(gate):
    """Nothing is answered until the event is set; then it goes on."""
    def act(handler, seen):
        gate.wait(120)
        try:
            forward(handler, seen)
        except OSError:
            pass  # nobody waits for it any more
    return act


def error_body(seen, code, message):
    if seen.method == "POST" and "x-amz-target" not in seen.headers:
        return "text/xml", ("<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s"
                            "</Message></Error><RequestId>1</RequestId></ErrorResponse>"
                            % (code, message)).encode()
    return "application/json", json.dumps({"__type": code, "message": message}).encode()


def refuse(status, code, message, **more):
    """An error of AWS's, without asking the emulator."""
    def act(handler, seen):
        kind, body = error_body(seen, code, message)
        headers = [("Content-Type", kind), ("x-amzn-RequestId", str(uuid.uuid4())),
                   ("x-amzn-ErrorType", code)]
        handler.reply(status, headers + list(more.items()), body)
    return act


def page(status):
    """An error of something on the way, in HTML."""
    def act(handler, _):
        handler.reply(status, [("Content-Type", "text/html")], b"<html>Bad Gateway</html>")
    return act


def dated(at):
    """A clock of the service's own: too far from it, and the request is refused."""
    return refuse(403, "RequestTimeTooSkewed", "The difference between the request time and the "
                  "current time is too large.", Date=formatdate(at, usegmt=True))
