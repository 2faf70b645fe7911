#!/usr/bin/env python3
"""A scripted server on the loopback, for tests/unit/net_*_test.c and their like.

Prints one line, "plain=PORT tls=PORT ... ca=FILE", and serves until its stdin ends. What a
connection gets is said by the path (plain, tls, other) or by the port (the rest):

    plain, tls   the script below          other    the same, with another host's certificate
    mute         takes it, says nothing    slam     hears a byte, resets it
    h2           HTTP/2, see Two           proxy    CONNECT to where it is asked
    refusing     a proxy that answers 407

Without the openssl program there is no TLS, and its ports are 0.
"""
import gzip
import os
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
from urllib.parse import parse_qs, urlsplit

counts = {}
counts_lock = threading.Lock()
gates = {}
connections = 0


def count(name):
    with counts_lock:
        counts[name] = counts.get(name, 0) + 1
        return counts[name]


def gate(name, width):
    """Where `width` requests wait for each other."""
    with counts_lock:
        return gates.setdefault(name, threading.Barrier(width))


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


class Cut(Exception):
    """The connection ends here."""


class Connection:
    def __init__(self, sock, number):
        self.sock, self.number, self.held = sock, number, b""

    def more(self):
        data = self.sock.recv(65536)
        if not data:
            raise Cut
        self.held += data

    def read_request(self):
        while b"\r\n\r\n" not in self.held:
            self.more()
            if self.held[:1] == b"\x16":  # TLS where there is none
                self.answer(b"", "400 Bad Request")
                raise Cut
        head, self.held = self.held.split(b"\r\n\r\n", 1)
        size = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                size = int(value)
        target = head.split(b" ")[1].decode()
        if target.startswith("/cut") and "stage=request" in target:
            raise Cut  # with the body still under way
        while len(self.held) < size:
            self.more()
        body, self.held = self.held[:size], self.held[size:]
        return target, head, body

    def send(self, *parts):
        self.sock.sendall(b"".join(parts))

    def answer(self, body, status="200 OK", headers=()):
        lines = ["HTTP/1.1 " + status, "Content-Length: %d" % len(body),
                 "X-Connection: %d" % self.number, *headers]
        self.send("\r\n".join(lines).encode(), b"\r\n\r\n", body)

    def wait_for_end(self):
        while self.sock.recv(65536):
            pass
        raise Cut


# --- the script: one function for each first word of a path ---

def do_echo(c, query, head, body):
    c.answer(head + b"\r\n\r\n" + body)


def do_say(c, query, head, body):
    c.answer(query["words"][0].encode())


def do_status(c, query, head, body):
    c.answer(b"so be it", query["is"][0] + " Whatever", ["Location: /echo"])


def do_gather(c, query, head, body):
    gate(query["name"][0], int(query["n"][0])).wait()
    c.answer(b"together")


def do_silence(c, query, head, body):
    c.wait_for_end()


def do_drip(c, query, head, body):
    c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf-")
    c.wait_for_end()


def do_big(c, query, head, body):
    c.answer(b"x" * int(query["n"][0]))


def do_zipped(c, query, head, body):
    """The size that is asked for, compressed if that is offered; `is` says what is sent instead."""
    if b"accept-encoding: gzip" not in head.lower():
        return c.answer(b"x" * int(query["n"][0]))
    zipped = gzip.compress(b"x" * int(query["n"][0]))
    c.answer(query.get("is", [""])[0].encode() or zipped, headers=["Content-Encoding: gzip"])


def do_chunked(c, query, head, body):
    c.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Late\r\n\r\n",
           b"4\r\nin p\r\n", b"5\r\nieces\r\n", b"0\r\nX-Late: yes\r\n\r\n")


def do_early(c, query, head, body):
    c.send(b"HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n")
    c.answer(b"final")


def do_headers(c, query, head, body):
    c.answer(b"", headers=["X-Many: " + "y" * 1000] * int(query["n"][0]))


def do_count(c, query, head, body):
    c.answer(str(counts.get(query["key"][0], 0)).encode())


def do_twice(c, query, head, body):
    """Its answer comes once more, in front of that to the next request."""
    names = ["%s: %s" % (query["name"][0], query["id"][0])]
    c.answer(b"first", headers=names)
    c.read_request()
    c.answer(b"first", headers=names)
    c.answer(b"second")


def do_cut(c, query, head, body):
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"
    pieces = {"answer": b"", "status": whole[:10], "headers": whole[:30], "body": whole[:-1],
              "chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nabc",
              "garbage": b"SSH-2.0-not http at all\r\n"}
    count(query.get("key", ["cut"])[0])
    c.send(pieces[query["stage"][0]])
    raise Cut


def do_reset(c, query, head, body):
    count(query.get("key", ["reset"])[0])
    reset(c.sock)
    raise Cut


script = {name[3:]: do for name, do in list(globals().items()) if name.startswith("do_")}


def serve_script(sock, number):
    c = Connection(sock, number)
    while True:
        target, head, body = c.read_request()
        parts = urlsplit(target)
        name = parts.path.strip("/").split("/")[0]
        script[name](c, parse_qs(parts.query), head, body)


class Two:
    """Enough of HTTP/2 to answer by number: the second stream of a connection is refused, the
    fourth meets its end; "h2" counts the requests."""

    def __init__(self, sock):
        self.sock, self.seen = sock, 0

    def exactly(self, size):
        data = b""
        while len(data) < size:
            piece = self.sock.recv(size - len(data))
            if not piece:
                raise Cut
            data += piece
        return data

    def frame(self, kind, flags, stream, payload=b""):
        self.sock.sendall(struct.pack(">I", len(payload))[1:] + bytes([kind, flags])
                          + struct.pack(">I", stream) + payload)

    def request(self, stream):
        self.seen += 1
        count("h2")
        if self.seen == 2:
            self.frame(3, 0, stream, struct.pack(">I", 7))  # RST_STREAM, REFUSED_STREAM
        elif self.seen == 4:
            raise Cut
        else:
            self.frame(1, 4, stream, b"\x88")  # HEADERS: status 200
            self.frame(0, 1, stream, b"two")

    def serve(self):
        self.exactly(24)  # the preface
        self.frame(4, 0, 0)
        while True:
            head = self.exactly(9)
            self.exactly(int.from_bytes(head[:3], "big"))
            kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
            if kind == 4 and not flags & 1:
                self.frame(4, 1, 0)
            elif kind == 1:
                self.request(stream)


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve_proxy(sock, number):
    c = Connection(sock, number)
    target, _, _ = c.read_request()
    count("proxy")
    host, port = target.rsplit(":", 1)
    with socket.create_connection((host, int(port))) as upstream:
        c.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        threading.Thread(target=pump, args=(upstream, sock), daemon=True).start()
        pump(sock, upstream)


def serve_refusal(sock, number):
    c = Connection(sock, number)
    c.read_request()
    c.answer(b"", "407 Proxy Authentication Required", ["Proxy-Authenticate: Basic"])


def serve_mute(sock, number):
    Connection(sock, number).wait_for_end()


def serve_slam(sock, number):
    sock.recv(1)
    reset(sock)


def serve_two(sock, number):
    Two(sock).serve()


# --- ports ---

def handle(serve, context, sock, number):
    try:
        if context:
            sock = context.wrap_socket(sock, server_side=True)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        serve(sock, number)
    except (Cut, OSError, KeyError):
        pass
    finally:
        sock.close()


def accept(listener, serve, context):
    global connections
    while True:
        sock, _ = listener.accept()
        connections += 1
        threading.Thread(target=handle, args=(serve, context, sock, connections),
                         daemon=True).start()


def listen(serve, context=None):
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    threading.Thread(target=accept, args=(listener, serve, context), daemon=True).start()
    return listener.getsockname()[1]


def openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def make_certificates(folder):
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl(folder, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj",
            "/CN=Tidelock test CA", "-days", "2")
    for name, names in (("here", "IP:127.0.0.1,DNS:localhost"), ("other", "DNS:other.test")):
        openssl(folder, "req", *key, "-keyout", name + ".key", "-out", name + ".csr", "-subj",
                "/CN=" + name, "-addext", "subjectAltName=" + names)
        openssl(folder, "x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-copy_extensions", "copy", "-out", name + ".pem", "-days", "2")


def context_of(folder, name, protocol):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    file = os.path.join(folder, name)
    context.load_cert_chain(file + ".pem", file + ".key")
    context.set_alpn_protocols([protocol])
    return context


def main():
    with tempfile.TemporaryDirectory(prefix="tidelock-net-") as folder:
        ports = {"plain": listen(serve_script), "mute": listen(serve_mute),
                 "slam": listen(serve_slam), "proxy": listen(serve_proxy),
                 "refusing": listen(serve_refusal), "tls": 0, "other": 0, "h2": 0}
        if shutil.which("openssl"):
            make_certificates(folder)
            ports["tls"] = listen(serve_script, context_of(folder, "here", "http/1.1"))
            ports["other"] = listen(serve_script, context_of(folder, "other", "http/1.1"))
            ports["h2"] = listen(serve_two, context_of(folder, "here", "h2"))
        print(*("%s=%d" % port for port in ports.items()), "ca=" + folder + "/ca.pem", flush=True)
        sys.stdin.buffer.read()


main()
