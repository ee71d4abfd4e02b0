"""listen_e2e.py - listeners: IPv4, IPv6, Unix, TLS, reload, balance, faults."""
import http.client
import json
import os
import re
import signal
import socket
import ssl
import stat
import subprocess
import warnings

from installed import Installed
from lib import (Gateway, Mock, alive, call, file_key, free_port, keep_port,
                 main, provider, refused, test, tmpdir, wait)

mock = Mock("--models", "m1")
CHAT = json.dumps({"model": "m1", "messages": [
    {"role": "user", "content": "hello"}]})


def certificate(folder, name, cn="localhost"):
    """A self-signed certificate and its key, the key for root only."""
    c, k = (os.path.join(folder, name + x) for x in (".crt", ".key"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", k, "-out", c,
         "-days", "2", "-subj", "/CN=" + cn, "-addext",
         "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True)
    os.chmod(k, 0o600)
    return c, k


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
        return True
    except OSError:
        return False


IPV6 = has_ipv6()
pem = tmpdir()
cert, key = certificate(pem, "good")
other_cert, other_key = certificate(pem, "other", "other")
tls_port, tls12_port, six_port = free_port(), free_port(), free_port()
BODY = "providers = ( %s );\n%s" % (provider(mock), file_key())


def tls(port, crt=cert, k=key, extra=""):
    return ('{ address = "127.0.0.1:%d"; tls = { certificate = "%s"; '
            'key = "%s"; %s }; }' % (port, crt, k, extra))


def listeners(g, *rows):
    """The configuration of g with these listeners."""
    text = re.sub(r"listen = \( .* \);", lambda _: "listen = ( %s );" %
                  ", ".join(rows), g.head(), count=1)
    return text + BODY


def plain(address, extra=""):
    return '{ address = "%s"; %s }' % (address, extra)


gw = Gateway(BODY, start=False)
sock = os.path.join(gw.dir, "run", "http.sock")
sock2 = os.path.join(gw.dir, "run", "second.sock")
BASE = [plain("127.0.0.1:%d" % gw.port),
        plain("unix:" + sock, 'mode = "0660";'), tls(tls_port),
        tls(tls12_port, extra='min_version = "1.3";')]
if IPV6:
    BASE.append(plain("[::1]:%d" % six_port))
gw.write(listeners(gw, *BASE))
gw.start()


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self.path)


def chat(c):
    c.request("POST", "/v1/chat/completions", CHAT, {
        "Authorization": "Bearer " + gw.KEY,
        "Content-Type": "application/json"})
    r = c.getresponse()
    body = r.read()
    assert r.status == 200, (r.status, body)
    assert json.loads(body)["choices"]


def context(version=None, crt=cert):
    x = ssl.create_default_context(cafile=crt)
    if version is not None:
        with warnings.catch_warnings():     # TLS 1.1 is old; it shall fail
            warnings.simplefilter("ignore")
            x.minimum_version = x.maximum_version = version
    return x


def reload(g, *rows, ok=True):
    g.write(listeners(g, *rows))
    r = g.ctl("reload", check=False)
    assert (r.returncode == 0) == ok, (r, g.log()[-2000:])
    return r.stdout + r.stderr


@test
def several_at_once():
    chat(http.client.HTTPConnection("127.0.0.1", gw.port, timeout=60))
    chat(http.client.HTTPSConnection("127.0.0.1", tls_port, timeout=60,
                                     context=context()))
    chat(Unix(sock))
    if IPV6:
        chat(http.client.HTTPConnection("::1", six_port, timeout=60))
        assert refused(six_port), "[::1] also listens on IPv4"


@test
def ipv6():
    if not IPV6:
        return "this machine has no IPv6"
    c = http.client.HTTPConnection("::1", six_port, timeout=60)
    for _ in range(5):
        chat(c)
    line = wait("the access log", lambda: [
        x for x in gw.log("access.log").split("\n") if '"::1"' in x])
    assert json.loads(line[0])["status"] == 200


@test
def unix_socket_mode():
    st = os.stat(sock)
    assert stat.S_ISSOCK(st.st_mode)
    assert stat.S_IMODE(st.st_mode) == 0o660, oct(st.st_mode)


@test
def tls_versions():
    for v, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"),
                    (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
        c = http.client.HTTPSConnection("127.0.0.1", tls_port, timeout=60,
                                        context=context(v))
        chat(c)
        assert c.sock.version() == name
    for port, v in ((tls_port, ssl.TLSVersion.TLSv1_1),
                    (tls12_port, ssl.TLSVersion.TLSv1_2)):
        x = context(v)
        x.set_ciphers("ALL:@SECLEVEL=0")
        try:
            with socket.create_connection(("127.0.0.1", port), 20) as s:
                x.wrap_socket(s, server_hostname="localhost")
            raise AssertionError("%s was accepted" % v)
        except (ssl.SSLError, ConnectionError):
            pass
    c = http.client.HTTPSConnection("127.0.0.1", tls12_port, timeout=60,
                                    context=context())
    chat(c)
    assert c.sock.version() == "TLSv1.3"


@test
def plain_text_on_a_tls_port():
    for data in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01", b""):
        with socket.create_connection(("127.0.0.1", tls_port), 20) as s:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            try:
                got = s.recv(65536)
            except ConnectionError:
                got = b""
            assert b"HTTP/1.1 2" not in got, got
    chat(http.client.HTTPSConnection("127.0.0.1", tls_port, timeout=60,
                                     context=context()))


def tls_get(x, session, port=tls_port):
    s = x.wrap_socket(socket.create_connection(("127.0.0.1", port), 60),
                      server_hostname="localhost", session=session)
    s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert s.recv(65536).startswith(b"HTTP/1.1 200")
    return s


def worker_connections(g=None):
    return [p["connections"] for p in (g or gw).status()["processes"]
            if p["role"] == "worker"]


@test
def sessions_resume_in_every_worker():
    for v in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        x = context(v)
        first = tls_get(x, None)
        assert not first.session_reused
        held = [first]
        for i in range(24):
            s = tls_get(x, held[-1].session)
            assert s.session_reused, (v, i)
            held.append(s)
        got = worker_connections()
        assert min(got) >= 5, got
        for s in held:
            s.close()
        wait("the connections to end",
             lambda: sum(worker_connections()) < 10)


@test
def sessions_resume_after_an_upgrade():
    """The new binary has the key of tickets."""
    g = Installed(BODY)
    with keep_port() as kept:
        port = kept.getsockname()[1]
        reload(g, plain("127.0.0.1:%d" % g.port), tls(port))
    x, old = context(), g.master()
    with tls_get(x, None, port) as first:
        session = first.session
    g.ctl("upgrade")
    wait("the new binary", lambda: g.master() not in (0, old))
    wait("the old one to leave", lambda: not alive(old))
    with tls_get(x, session, port) as second:
        assert second.session_reused
    assert "TLS sessions begin anew" not in g.log()
    g.tell(signal.SIGQUIT)
    wait("the end", lambda: not g.master())


@test
def keys_for_root_only():
    if os.geteuid() != 0:
        return "needs root"
    assert os.stat(key).st_uid == 0
    assert stat.S_IMODE(os.stat(key).st_mode) == 0o600
    for pid in gw.pids("worker"):
        assert os.stat("/proc/%d" % pid).st_uid in (0, 65534)
        with open("/proc/%d/status" % pid) as f:
            uid = [x for x in f if x.startswith("Uid:")][0].split()
        assert set(uid[1:]) == {"65534"}, uid
    # again at a reload, long after the start
    reload(gw, *BASE)
    chat(http.client.HTTPSConnection("127.0.0.1", tls_port, timeout=60,
                                     context=context()))


@test
def balanced_accept():
    before = worker_connections()
    held = []
    for _ in range(64):
        c = http.client.HTTPConnection("127.0.0.1", gw.port, timeout=60)
        c.request("GET", "/healthz")
        assert c.getresponse().read()
        held.append(c)
    got = worker_connections()
    assert sum(got) >= 64, (before, got)
    assert max(got) <= 64 * 2 / 3 + max(before), (before, got)
    for c in held:
        c.request("GET", "/healthz")
        assert c.getresponse().read()
        c.close()


@test
def balanced_accept_at_once():
    """All connections of one burst, on the TCP and on the Unix listener."""
    wait("idle workers", lambda: sum(worker_connections()) < 4)
    held = []
    for i in range(64):
        s = socket.socket(socket.AF_UNIX if i % 2 else socket.AF_INET)
        s.settimeout(60)
        s.connect(sock if i % 2 else ("127.0.0.1", gw.port))
        held.append(s)
    for s in held:
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    for s in held:
        assert s.recv(65536).startswith(b"HTTP/1.1 200")
    got = worker_connections()
    assert max(got) <= 64 * 2 / 3 + 2, got
    for s in held:
        s.close()


@test
def reload_adds_keeps_and_removes():
    held = http.client.HTTPConnection("127.0.0.1", gw.port, timeout=60)
    chat(held)
    over = Unix(sock)
    chat(over)
    ino = os.stat(sock).st_ino
    new = free_port()
    out = reload(gw, plain("127.0.0.1:%d" % gw.port),
                 plain("unix:" + sock, 'mode = "0660";'),
                 plain("unix:" + sock2, 'mode = "0600";'), tls(new))
    assert os.stat(sock).st_ino == ino, "the socket was made anew"
    assert stat.S_IMODE(os.stat(sock2).st_mode) == 0o600
    chat(Unix(sock2))
    chat(http.client.HTTPSConnection("127.0.0.1", new, timeout=60,
                                     context=context()))
    wait("the dropped listener to close", lambda: refused(tls_port))
    if IPV6:
        wait("the dropped listener to close",
             lambda: refused(six_port, "::1"))
    chat(held)          # idle connections of before go on
    chat(over)
    reload(gw, *BASE)
    assert not os.path.exists(sock2), "the removed socket's file stays"
    wait("the dropped listener to close", lambda: refused(new))
    chat(http.client.HTTPSConnection("127.0.0.1", tls_port, timeout=60,
                                     context=context()))
    chat(Unix(sock))
    assert out is not None


@test
def reload_changes_the_certificate():
    rows = [BASE[0], BASE[1], tls(tls_port, other_cert, other_key)]
    reload(gw, *rows)
    x = ssl.create_default_context(cafile=other_cert)
    def served():
        c = http.client.HTTPSConnection("127.0.0.1", tls_port, timeout=60,
                                        context=x)
        chat(c)
        return True
    wait("the new certificate", served)
    reload(gw, *BASE)


@test
def reload_changes_plain_to_tls():
    """One address that stays, now with TLS, and back."""
    extra = free_port()
    reload(gw, *BASE, plain("127.0.0.1:%d" % extra))
    chat(http.client.HTTPConnection("127.0.0.1", extra, timeout=60))
    reload(gw, *BASE, tls(extra))
    def secure():
        chat(http.client.HTTPSConnection("127.0.0.1", extra, timeout=60,
                                         context=context()))
        return True
    wait("TLS", secure)
    reload(gw, *BASE)


def make_bad():
    """name -> (listener row, what the message must name)."""
    junk = os.path.join(pem, "junk.pem")
    half = os.path.join(pem, "half.pem")
    with open(junk, "w") as f:
        f.write("nothing\n")
    with open(half, "w") as f:
        f.write("-----BEGIN CERTIFICATE-----\nAAAA\n"
                "-----END CERTIFICATE-----\n")
    missing = os.path.join(pem, "missing.pem")
    locked = os.path.join(pem, "locked.pem")
    subprocess.run(["openssl", "pkey", "-in", key, "-aes256", "-passout",
                    "pass:word", "-out", locked], check=True)
    return (
        ("no such certificate", (missing, key), "missing.pem"),
        ("no such key", (cert, missing), "missing.pem"),
        ("junk for a certificate", (junk, key), "junk.pem"),
        ("junk for a key", (cert, junk), "junk.pem"),
        ("a broken certificate", (half, key), "cannot be read"),
        ("a key with a pass phrase", (cert, locked), "pass phrase"),
        ("a key of another certificate", (cert, other_key),
         "does not belong"))


@test
def bad_certificates_at_reload():
    port = free_port()
    gen = gw.status()["generation"]
    for what, files, word in make_bad():
        out = reload(gw, *BASE, tls(port, *files), ok=False)
        assert word in out, (what, out)
        assert str(port) in out or word.endswith(".pem"), (what, out)
        assert refused(port), what
        chat(http.client.HTTPConnection("127.0.0.1", gw.port, timeout=60))
    reload(gw, *BASE)
    assert gw.status()["generation"] >= gen


def starts_not(*rows):
    g = Gateway("", start=False)
    g.write(listeners(g, *rows))
    g.start(ready=False)
    code = g.p.wait(60)
    assert code != 0, g.output()
    return g.output() + g.log()


@test
def bad_certificates_at_start():
    for what, files, word in make_bad():
        port = free_port()
        out = starts_not(tls(port, *files))
        assert word in out, (what, out)
        assert len(out) < 5000, (what, out)


@test
def address_in_use():
    out = starts_not(plain("127.0.0.1:%d" % mock.port))
    assert "127.0.0.1:%d" % mock.port in out, out
    assert "already in use" in out, out
    out = reload(gw, *BASE, plain("127.0.0.1:%d" % mock.port), ok=False)
    assert "already in use" in out and str(mock.port) in out, out
    chat(http.client.HTTPConnection("127.0.0.1", gw.port, timeout=60))
    # a Unix socket of a living server
    path = os.path.join(tmpdir(), "s")
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(path)
        s.listen(1)
        out = reload(gw, *BASE, plain("unix:" + path), ok=False)
        assert "in use" in out, out
    # one that somebody left behind
    reload(gw, *BASE, plain("unix:" + path))
    chat(Unix(path))
    # no socket: never removed
    note = os.path.join(tmpdir(), "note")
    with open(note, "w") as f:
        f.write("keep")
    reload(gw, *BASE, plain("unix:" + note), ok=False)
    assert open(note).read() == "keep"
    reload(gw, *BASE)


@test
def bad_addresses():
    for a in ("127.0.0.1", "127.0.0.1:70000", "example.org:80", "::1:80",
              "unix:", "unix:relative", "203.0.113.1:1", "[::1]:x"):
        out = reload(gw, *BASE, plain(a), ok=False)
        assert a in out, (a, out)
    out = reload(gw, *BASE, plain("unix:" + sock2, 'mode = "999";'),
                 ok=False)
    assert "mode" in out, out
    reload(gw, *BASE)


@test
def ports_below_1024():
    if os.geteuid() != 0:
        out = starts_not(plain("127.0.0.1:81"))
        assert "Permission denied" in out and "1024" in out, out
        return None
    port = next(p for p in range(600, 1000) if refused(p))
    reload(gw, *BASE, plain("127.0.0.1:%d" % port))
    chat(http.client.HTTPConnection("127.0.0.1", port, timeout=60))
    reload(gw, *BASE)
    wait("the low port to close", lambda: refused(port))
    # and what somebody without root is told
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as f:
        if int(f.read()) <= port:
            return None
    g = Gateway("", start=False)
    g.write(listeners(g, plain("127.0.0.1:%d" % port)))
    os.chown(g.dir, 65534, 65534)
    os.chown(g.conf_path, 65534, 65534)
    r = subprocess.run([os.path.join(os.environ.get(
        "AIGW_BUILD", os.getcwd()), "aigwd"), "-f", "-c", g.conf_path],
        capture_output=True, text=True, timeout=60, user=65534,
        group=65534, extra_groups=[])
    out = r.stdout + r.stderr
    assert r.returncode != 0 and "Permission denied" in out, r
    assert "1024" in out or "root" in out, out
    return None


@test
def nothing_is_left():
    gw.stop()
    assert not os.path.exists(sock), "the socket file stays"


main()
