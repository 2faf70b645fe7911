#!/usr/bin/env python3
"""A way to AWS that does not work: certificates that are wrong in each way (made by openssl here),
a proxy that hangs, an endpoint that hangs. Exit status 1 on each kind of target, a message that
says what to look at, and nothing touched. The time of what hangs is hurried (hurry.c)."""

import os
import socket
import ssl
import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler

import emulators
import harness

SHORT = ["run", "step_canary", "-p", "steps=50,100", "-p", "bake=1s", "-p", "every=1s"]


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


class Certificates:
    """A CA, what it signed: right, expired, wrong (another name); and self, signed by itself."""

    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = self.temporary.name
        self.sign_itself("ca", "Our CA", "basicConstraints=critical,CA:true")
        self.sign_itself("self", "127.0.0.1", "subjectAltName=IP:127.0.0.1")
        for name, days, called in (("right", "2", "IP:127.0.0.1"),
                                   ("expired", "-1", "IP:127.0.0.1"),
                                   ("wrong", "2", "DNS:elsewhere.example")):
            self.sign(name, days, called)

    def path(self, name):
        return os.path.join(self.folder, name)

    def sign_itself(self, name, called, extension):
        openssl(self.folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                "/CN=" + called, "-addext", extension, "-keyout", name + ".key", "-out",
                name + ".pem")

    def sign(self, name, days, called):
        with open(self.path(name + ".ext"), "w", encoding="ascii") as file:
            file.write("subjectAltName=%s\n" % called)
        openssl(self.folder, "req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name,
                "-keyout", name + ".key", "-out", name + ".csr")
        openssl(self.folder, "x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey",
                "ca.key", "-CAcreateserial", "-days", days, "-extfile", name + ".ext", "-out",
                name + ".pem")


class Refusing(BaseHTTPRequestHandler):
    """Whoever comes this far trusted the certificate."""

    def do_GET(self):
        self.send_response(403)
        self.send_header("x-amzn-ErrorType", "AccessDeniedException")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_GET

    def log_message(self, *_):
        pass


class Connections(harness.LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificates = Certificates()
        cls.addClassCleanup(cls.certificates.temporary.cleanup)

    def with_certificate(self, name):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificates.path(name + ".pem"),
                                self.certificates.path(name + ".key"))
        server = emulators.Server(("127.0.0.1", 0), Refusing)
        server.handle_error = lambda *_: None  # they hang up
        server.socket = context.wrap_socket(server.socket, server_side=True,
                                            do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return "https://127.0.0.1:%d" % server.server_address[1]

    def hanging(self):
        """Takes every connection, and never says a word."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.addCleanup(listener.close)
        return "127.0.0.1:%d" % listener.getsockname()[1]

    def refused(self, job):
        status, said, endpoint, hurried, more = job
        for make in (self.account.alias, self.account.rule):
            target = make()
            before, place = target.state(), self.place(endpoint=endpoint, **more)
            if hurried:
                place.hurry(40, 0)
            result = place.run(*SHORT, "-p", "target=" + target.text)
            self.check(status, result)
            self.assertIn(said, " ".join(result.err.split()))
            self.assertIn("nothing was touched" if status == 1 else "", result.err)
            self.assertEqual(before, target.state())
            self.assertEqual([], place.journals()[1:])

    def test_certificates(self):
        ours = {"AWS_CA_BUNDLE": self.certificates.path("ca.pem")}
        harness.together(self.refused, [
            (1, "name its file in AWS_CA_BUNDLE", self.with_certificate("self"), False, {}),
            (1, "name its file in AWS_CA_BUNDLE", self.with_certificate("right"), False, {}),
            (1, "is this machine's clock right?", self.with_certificate("expired"), False, ours),
            (1, "is the endpoint right?", self.with_certificate("wrong"), False, ours),
            (1, "the CA bundle cannot be read", self.with_certificate("right"), False,
             {"AWS_CA_BUNDLE": self.certificates.path("nowhere.pem")}),
            (1, "who this is could not be asked", self.with_certificate("right"), False, ours)])

    def test_what_hangs(self):
        endpoint, proxy = "https://aws.example.com", {"HTTPS_PROXY": "http://" + self.hanging()}
        harness.together(self.refused, [
            (1, "the proxy of HTTPS_PROXY made no connection to", endpoint, True, proxy),
            (1, "did not begin TLS within", "https://" + self.hanging(), True, {}),
            (1, "did not answer within", "http://" + self.hanging(), True, {}),
            (1, "could not resolve host", "http://nowhere.invalid", False, {}),
            (1, "connect", "http://127.0.0.1:%d" % harness.support.free_port(), False, {})])


if __name__ == "__main__":
    harness.main()
