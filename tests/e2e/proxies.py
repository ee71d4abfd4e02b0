"""proxies.py - small proxies and TLS for the end-to-end tests."""
import os
import select
import socket
import subprocess
import threading

from lib import _cleanup, tmpdir


def certificate(folder, name):
    """A self-signed certificate for localhost, and its key."""
    c, k = (os.path.join(folder, name + x) for x in (".crt", ".key"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", k, "-out", c,
         "-days", "2", "-subj", "/CN=" + name, "-addext",
         "subjectAltName=DNS:localhost"],
        check=True, capture_output=True)
    os.chmod(k, 0o600)
    return c, k


class Server:
    """Accepts on 127.0.0.1, a thread for each connection."""

    def __init__(self):
        self.s = socket.create_server(("127.0.0.1", 0))
        self.port = self.s.getsockname()[1]
        self.seen = []
        _cleanup.append(self.s.close)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                c, _ = self.s.accept()
            except OSError:
                return
            threading.Thread(target=self.safe, args=(c,),
                             daemon=True).start()

    def safe(self, c):
        try:
            self.serve(c)
        except OSError:
            pass
        finally:
            c.close()


def until(c, mark):
    got = b""
    while mark not in got:
        b = c.recv(4096)
        if not b:
            raise OSError("end")
        got += b
    return got


def exactly(c, n):
    got = b""
    while len(got) < n:
        b = c.recv(n - len(got))
        if not b:
            raise OSError("end")
        got += b
    return got


def relay(a, b):
    while True:
        for s in select.select([a, b], [], [], 60)[0]:
            d = s.recv(65536)
            if not d:
                return
            (b if s is a else a).sendall(d)


class HttpProxy(Server):
    """CONNECT for TLS, absolute form for the rest."""

    def serve(self, c):
        head = until(c, b"\r\n\r\n")
        line = head.split(b"\r\n")[0].decode()
        self.seen.append(line)
        method, target, version = line.split(" ")
        host = target if method == "CONNECT" else target.split("/")[2]
        up = socket.create_connection(
            ("127.0.0.1", int(host.rsplit(":", 1)[1])), 20)
        if method == "CONNECT":
            c.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            path = "/" + target.split("/", 3)[3]
            up.sendall(("%s %s %s" % (method, path, version)).encode() +
                       head[head.index(b"\r\n"):])
        relay(c, up)


class Socks(Server):
    """SOCKS 5; the host's name is resolved here."""

    def __init__(self, account=None):
        self.account = account      # (user, password), or nobody asks
        self.accounts = []          # what was shown
        super().__init__()

    def greet(self, c):
        _, n = exactly(c, 2)
        exactly(c, n)
        if self.account is None:
            c.sendall(b"\5\0")
            return
        c.sendall(b"\5\2")
        exactly(c, 1)
        shown = tuple(exactly(c, exactly(c, 1)[0]).decode() for _ in "up")
        self.accounts.append(shown)
        c.sendall(b"\1\0" if shown == self.account else b"\1\1")
        if shown != self.account:
            raise OSError("refused")

    def serve(self, c):
        self.greet(c)
        _, cmd, _, kind = exactly(c, 4)
        if kind == 3:
            host = exactly(c, exactly(c, 1)[0]).decode()
        else:
            host = socket.inet_ntop(
                socket.AF_INET if kind == 1 else socket.AF_INET6,
                exactly(c, 4 if kind == 1 else 16))
        port = int.from_bytes(exactly(c, 2), "big")
        self.seen.append("%d %s:%d" % (cmd, host, port))
        up = socket.create_connection(("127.0.0.1", port), 20)
        c.sendall(b"\5\0\0\1\x7f\0\0\1" + port.to_bytes(2, "big"))
        relay(c, up)


class Nginx:
    """nginx in front of a port, HTTP/2 over TLS."""

    def __init__(self, binary, cert, key, port, upstream):
        self.dir = tmpdir()
        self.log = os.path.join(self.dir, "access.log")
        conf = os.path.join(self.dir, "nginx.conf")
        with open(conf, "w") as f:
            f.write(
                "daemon off; master_process off; pid %s/pid;\n"
                "error_log %s/error.log;\nevents { }\nhttp {\n"
                "log_format p '$server_protocol $request_method $uri';\n"
                "access_log %s p;\nlarge_client_header_buffers 8 256k;\n%s"
                "server { listen 127.0.0.1:%d ssl http2;\n"
                "ssl_certificate %s; ssl_certificate_key %s;\n"
                "location / { proxy_pass http://127.0.0.1:%d;\n"
                "proxy_buffering off; proxy_http_version 1.1; } } }\n" % (
                    self.dir, self.dir, self.log, "".join(
                        "%s_temp_path %s/t;\n" % (x, self.dir) for x in (
                            "client_body", "proxy", "fastcgi", "uwsgi",
                            "scgi")), port, cert, key, upstream))
        self.p = subprocess.Popen(
            [binary, "-c", conf, "-p", self.dir, "-e",
             self.dir + "/error.log"], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        _cleanup.append(self.stop)

    def stop(self):
        self.p.terminate()
        self.p.wait(20)

    def lines(self):
        with open(self.log) as f:
            return f.read().split("\n")
