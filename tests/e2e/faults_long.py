#!/usr/bin/env python3
"""faults_long.py [--long] - the long forms of faults and bad input.

Memory that fails at each allocation of each scenario (F17), 100,000
connections that close at reuse (F13), our parser beside llhttp (B3), slow
clients (B6), floods (B7), TLS (B8).
"""
import concurrent.futures
import json
import os
import re
import resource
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time

if "--long" in sys.argv:
    sys.argv.remove("--long")

from lib import (BUILD, SANITIZED, Gateway, Mock, call, file_key, free_port,
                 main, provider, test, tmpdir, wait)
from load import result
from wire import Wire

HERE = os.path.dirname(os.path.abspath(__file__))
REUSES = int(os.environ.get("AIGW_REUSES", 100000))
FUZZ_SECONDS = float(os.environ.get("AIGW_LLHTTP_SECONDS", 100))
SLOW = int(os.environ.get("AIGW_SLOW", 4000))
HALF = int(os.environ.get("AIGW_HALF_OPEN", 10000))
mock = Mock()
cert = os.path.join(tmpdir(), "crt")
subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
                cert + ".key", "-out", cert], check=True,
               capture_output=True)
os.chmod(cert, 0o644)
tls_port = free_port()
gw = Gateway("", start=False)
gw.write(gw.head().replace(
    '"; } );', '"; }, { address = "127.0.0.1:%d"; tls = { certificate = "%s";'
    ' key = "%s.key"; }; } );' % (tls_port, cert, cert), 1) +
    "providers = ( %s );\n%s" % (provider(mock), file_key()) +
    "client = { header_timeout = \"10s\"; body_timeout = \"10s\"; "
    "write_timeout = \"10s\"; idle_timeout = \"15s\"; };\n")


def raise_limit(want=20000):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (want, max(hard, want)))
    except (ValueError, OSError):
        return "RLIMIT_NOFILE cannot be raised to %d" % want
    return None


LIMITED = raise_limit()
gw.start()
before = []


def pids():
    if gw.ctl("status", check=False).returncode != 0:
        return None
    return sorted(gw.pids())


def strict(url, *args, seconds=600):
    r = subprocess.run([os.path.join(BUILD, "tests/e2e/strict"), "--key",
                        gw.KEY, "--time", "%ds" % seconds] + list(args) +
                       [url], capture_output=True, text=True)
    return json.loads(r.stdout.strip().split("\n")[-1])


def metric(name):
    text = call(gw.admin_port, "GET", "/metrics", headers={
        "Authorization": "Bearer " + gw.KEY}).body.decode()
    return sum(float(line.split()[-1]) for line in text.split("\n")
               if re.match(name + r"[ {]", line))


def url(path="/v1/chat/completions"):
    return "http://127.0.0.1:%d%s" % (gw.port, path)


def posts():
    return sum(r["requests"] for r in mock.meter()["rows"]
               if r["endpoint"] == "chat")


class Beside:
    """A good client: how long its requests take, one after the other."""

    def __init__(self, port=None, tls=False):
        self.took, self.bad, self.over = [], [], False
        self.port, self.tls = port or gw.port, tls
        self.t = threading.Thread(target=self.run)
        self.t.start()

    def one(self):
        if not self.tls:
            return gw.chat().status
        ctx = ssl.create_default_context(cafile=cert)
        with socket.create_connection(("127.0.0.1", self.port), 30) as s:
            with ctx.wrap_socket(s, server_hostname="localhost") as c:
                c.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                return int(c.recv(65536).split()[1])

    def run(self):
        while not self.over:
            began = time.monotonic()
            try:
                status = self.one()
                if status != 200:
                    self.bad.append(status)
            except (OSError, ValueError, IndexError) as e:
                self.bad.append(repr(e))
            self.took.append(time.monotonic() - began)

    def end(self):
        """Requests, failed, p99 in ms."""
        self.over = True
        self.t.join()
        v = sorted(self.took)
        return len(v), self.bad, 1000 * v[int(len(v) * 0.99)]


def quiet(seconds=5, **kw):
    b = Beside(**kw)
    time.sleep(seconds)
    return b.end()[2]


@test
def processes():
    before.extend(wait("all processes", pids))


@test
def f17_every_allocation():
    r = subprocess.run([os.path.join(BUILD, "tests/scenario/torture_test")],
                       capture_output=True, text=True,
                       env=dict(os.environ, AIGW_LONG="1"))
    m = re.search(r"# (\d+) scenarios, (\d+) runs", r.stdout)
    bad = len(re.findall(r"^not ok", r.stdout, re.M))
    result("each allocation of each scenario fails once, then all from it "
           "on (F17)", [("scenarios, runs", "%s, %s" % m.groups()),
                        ("leaks", "looked for" if SANITIZED else
                         "not looked for: no sanitizers in this build"),
                        ("scenarios with a fault", bad)])
    assert r.returncode == 0, r.stdout[-3000:]


def refused():
    """The answers 502 so far, by why."""
    why = {}
    for line in gw.log("api-error.jsonl").split("\n"):
        d = json.loads(line)["errorDetails"] if line else {"status": 0}
        if d["status"] == 502:
            text = d["attempts"][-1]["why"]
            why[text] = why.get(text, 0) + 1
    return why


HEARD = ("the peer closed the kept connection and had acknowledged bytes of "
         "the request")
RESET = ("the kept connection was reset, which does not tell what the peer "
         "had read")


@test
def f13_closed_at_reuse():
    """The provider closes each connection behind its answer, and says
    nothing of it: most are noticed, some at the moment of reuse. Whatever
    is answered was sent once. An answer 502 is right where the provider's
    system had bytes of the request when it said that it is done: nobody can
    tell whether it was processed. Where it had none, the request goes out
    again. What it had is told by the wire."""
    try:
        wire = Wire(mock.port)
    except OSError:
        wire = None
    mock.config(rules=[{"do": "close-after"}])
    was, resent = posts(), metric("aigw_upstream_resends_total")
    why = refused()
    o = strict(url(), "--model", "m1", "--requests", str(REUSES),
               "--connections", "4")
    mock.config(rules=[])
    n = posts() - was
    resent = int(metric("aigw_upstream_resends_total") - resent)
    why = {k: v - why.get(k, 0) for k, v in refused().items()
           if v > why.get(k, 0)}
    bad = o["started"] - o["ok"]
    rows = [("requests, whole answers", "%d, %d" % (
        o["started"], o["ok"])),
        ("POSTs that the provider took", n),
        ("sent again on a fresh connection, logged", resent),
        ("502: the provider had acknowledged bytes and closed",
         why.get(HEARD, 0)),
        ("502: reset, which proves nothing", why.get(RESET, 0))]
    whole = wire is not None and wire.close()
    if whole:
        rows += [("by the wire: its FIN acknowledged the request, did not, "
                  "no FIN", "%d, %d, %d" % (wire.heard, wire.unheard,
                                            wire.reset))]
    result("connections closed by the provider at reuse (F13)", rows)
    assert n == o["ok"], (n, o)
    assert o["ok"] > 0.9 * o["started"], o
    assert set(why) <= {HEARD, RESET} and sum(why.values()) == bad, why
    if whole:
        # never a second time what was heard; and what was not, but for what
        # was acknowledged between its end and our look at it
        assert wire.heard + wire.reset <= bad, (wire.heard, wire.reset, bad)
        assert resent <= wire.unheard, (resent, wire.unheard)
        assert bad + resent == wire.heard + wire.reset + wire.unheard, rows
        assert bad - wire.heard - wire.reset <= REUSES / 1000, rows


@test
def b3_beside_llhttp():
    if shutil.which("node") is None:
        return "node is not installed"
    r = subprocess.run(["node", os.path.join(HERE, "llhttp.mjs"),
                        os.path.join(BUILD, "tests/e2e/http1_say"),
                        str(FUZZ_SECONDS), str(int(time.time()))],
                       capture_output=True, text=True)
    o = json.loads(r.stdout)
    result("mutated requests, our parser beside llhttp %s (B3)" %
           o["llhttp"], [
               ("requests", o["requests"]), ("same answer", o["agree"]),
               ("ours refuses, llhttp does not", o["stricter"]),
               ("ours refuses later", o["later"]),
               ("ours accepts by RFC 9112, llhttp refuses",
                sum(o["looser"].values()))] + [
                    ("  " + x, o["looser"][x]) for x in sorted(o["looser"])
                ] + [("unexplained", len(o["bad"]))])
    assert not o["bad"], o["bad"]
    return None


SLOW_KINDS = (("-H", ("-H", "-x", "24")),
              ("-B", ("-B", "-s", "8192", "-t", "POST")),
              ("-X", ("-X", "-t", "GET", "-w", "8", "-y", "16", "-n", "1",
                      "-z", "4", "-k", "3")))


def slowhttp(target, args):
    """A good client beside the attack: requests, failed, p99."""
    b = Beside()
    subprocess.run(
        ["slowhttptest", "-c", str(SLOW), "-r", str(SLOW // 5), "-l", "18",
         "-i", "5", "-p", "3", "-u", target] + list(args),
        capture_output=True, text=True)
    return b.end()


@test
def b6_slow_clients():
    """Who attacks uses the machine too: the good client's time counts beside
    the time that it has while the same attack goes elsewhere."""
    if shutil.which("slowhttptest") is None:
        return "slowhttptest is not installed"
    if LIMITED:
        return LIMITED
    calm = quiet()
    decoy = Mock()
    rows = [("good client alone: p99, ms", "%.1f" % calm)]
    bad = []
    for name, args in SLOW_KINDS:
        _, _, elsewhere = slowhttp(decoy.url + "/chat/completions", args)
        n, failed, p99 = slowhttp(url(), args)
        rows.append(("%s, %d connections elsewhere: p99, ms" % (
            name, SLOW), "%.1f" % elsewhere))
        rows.append(("  here: requests, failed, p99, ms", "%d, %d, %.1f" % (
            n, len(failed), p99)))
        if failed or p99 > 2 * max(calm, elsewhere):
            bad.append((name, elsewhere, p99, failed[:3]))
        wait("the slow ones to be closed", lambda: metric(
            "aigw_connections_open") < 20, 60)
    decoy.stop()
    result("slow clients beside a good one (B6)", rows)
    assert not bad, bad
    return None


# For five seconds, as fast as it can.
FLOOD = """
import socket, sys, time
n, end = 0, time.monotonic() + 5
while time.monotonic() < end:
    s = socket.socket()
    try:
        s.connect(("127.0.0.1", int(sys.argv[1])))
    except OSError:
        pass
    s.close()
    n += 1
print(n)
"""


@test
def b7_floods():
    rows = []
    o = strict(url("/healthz"), "--method", "GET", "--connections", "64",
               "--per-connection", "1", seconds=10)
    rows.append(("a connection for each request: done, failed, per second",
                 "%d, %d, %.0f" % (o["started"], o["started"] - o["ok"],
                                   o["per_second"])))
    assert o["ok"] == o["started"], o
    dropped = not_queued()
    b = Beside()
    flood = [subprocess.Popen([sys.executable, "-c", FLOOD, str(gw.port)],
                              stdout=subprocess.PIPE) for _ in range(2)]
    opened = [int(p.communicate()[0]) for p in flood]
    n, failed, p99 = b.end()
    rows.append(("opened and closed at once: per second", sum(opened) // 5))
    rows.append(("  good client beside: requests, failed, p99, ms",
                 "%d, %d, %.1f" % (n, len(failed), p99)))
    rows.append(("  dropped by the system, its queue full",
                 not_queued() - dropped))
    assert not failed, failed[:3]
    o = strict(url("/healthz"), "--method", "GET", "--connections", "1",
               "--requests", "100000")
    rows.append(("on one connection: requests, failed", "%d, %d" % (
        o["started"], o["started"] - o["ok"])))
    assert o["ok"] == 100000, o
    rows.append(("pipelined at once: answers in order", pipeline(10000)))
    result("floods (B7)", rows)
    assert sorted(gw.pids()) == before


def not_queued():
    """Connections that the system dropped since a queue was full: theirs wait
    a second and more for the next try."""
    with open("/proc/net/netstat") as f:
        names, values = (next(line for line in f if line.startswith("TcpExt:"))
                         .split() for _ in range(2))
    return int(values[names.index("ListenOverflows")])


def pipeline(n):
    """Each has its own id, told in the answer."""
    with socket.create_connection(("127.0.0.1", gw.port), timeout=60) as s:
        def send():
            for i in range(0, n, 100):
                s.sendall(b"".join(
                    b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Request-Id: "
                    b"p%d\r\n\r\n" % k for k in range(i, i + 100)))
        t = threading.Thread(target=send)
        t.start()
        got = b""
        while got.count(b"\r\nx-request-id: ") < n or \
                not got.endswith(b"}\n") and b"p%d" % (n - 1) not in got[-600:]:
            d = s.recv(1 << 20)
            if not d:
                break
            got += d
        t.join()
    ids = re.findall(rb"\r\nx-request-id: p(\d+)\r\n", got)
    assert [int(x) for x in ids] == list(range(n)), (len(ids), ids[:5])
    return len(ids)


@test
def b8_half_open_handshakes():
    if LIMITED:
        return LIMITED
    calm = quiet(port=tls_port, tls=True)
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(60)
    held = []
    b = Beside(port=tls_port, tls=True)
    for i in range(HALF):
        s = socket.socket()
        s.settimeout(30)
        s.connect(("127.0.0.1", tls_port))
        if i % 2:
            s.sendall(hello)
        held.append(s)
    open_at = metric("aigw_connections_open")
    time.sleep(2)
    n, failed, p99 = b.end()
    for s in held:
        s.close()
    wait("them to be closed", lambda: metric(
        "aigw_connections_open") < 20, 60)
    result("half-open TLS handshakes (B8)", [
        ("held, open at the gateway", "%d, %d" % (HALF, open_at)),
        ("good client alone: p99, ms", "%.1f" % calm),
        ("beside: requests, failed, p99, ms", "%d, %d, %.1f" % (
            n, len(failed), p99))])
    assert not failed, failed[:3]
    assert sorted(gw.pids()) == before
    return None


@test
def b8_testssl():
    tool = shutil.which("testssl") or shutil.which("testssl.sh")
    if tool is None:
        return "testssl is not installed"
    out = os.path.join(tmpdir(), "json")
    subprocess.run([tool, "--quiet", "--color", "0", "--warnings", "off",
                    "--jsonfile", out, "127.0.0.1:%d" % tls_port],
                   capture_output=True, timeout=900)
    with open(out) as f:
        found = json.load(f)
    levels = {}
    for x in found:
        levels[x["severity"]] = levels.get(x["severity"], 0) + 1
    # what a certificate made for a test cannot have
    ours = [x for x in found if x["severity"] in ("MEDIUM", "HIGH",
                                                  "CRITICAL") and
            not x["id"].startswith(("cert", "overall", "DNS_CAA",
                                    "security_headers", "HSTS"))]
    excused = sorted({x["id"] for x in found if x not in ours and
                      x["severity"] in ("MEDIUM", "HIGH", "CRITICAL")})
    result("testssl (B8)", [(k, levels[k]) for k in sorted(levels)] + [
        ("of the test's certificate", " ".join(excused)),
        ("MEDIUM and worse, but for the test's certificate", len(ours))])
    assert len(found) > 50, found
    assert not ours, ours
    return None


@test
def no_process_ended():
    assert gw.chat().status == 200
    assert sorted(gw.pids()) == before


main()
