#!/usr/bin/env python3
"""disk_e2e.py [--long] - disks that are full, read-only or broken, while the
gateway serves.

Calls of single processes are made to fail (tests/disk/shim.c) as long as a
file is there. What clients were answered must be in the ledger afterwards.
"""
import json
import os
import shutil
import signal
import sys
import threading
import time

LONG = "--long" in sys.argv
if LONG:
    sys.argv.remove("--long")

import lib
from lib import Gateway, Mock, call, file_key, main, provider, test, wait
from load import result

mock = Mock("--first-token", "1ms")
figures = []
END = "providers = ( %s );\n%s" % (provider(mock), file_key())


class Sick(Gateway):
    """A gateway whose children's calls fail while sick() lasts."""

    def __init__(self, files, fail, extra=""):
        d = lib.tmpdir()
        shutil.copy(os.path.join(lib.BUILD, "tests/disk/shim.so"), d)
        os.chmod(d + "/shim.so", 0o755)
        env = dict(os.environ, LD_PRELOAD=d + "/shim.so")
        env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + \
            ":verify_asan_link_order=0"
        super().__init__("", env=env, start=False)
        self.gate = d + "/gate"
        self.write(self.head().replace("sandbox = true", "sandbox = false") +
                   END + extra)
        with open(d + "/shim.conf", "w") as f:
            f.write("files %s/%s\ngate %s\nfail %s\n" % (
                self.dir, files, self.gate, fail))
        self.answered = 0
        self.start()
        wait("the others", lambda: self.ctl(
            "version", check=False).returncode == 0, 20)

    def sick(self):
        open(self.gate, "w").close()

    def well(self):
        os.unlink(self.gate)
        return time.monotonic()

    def ask(self, want=200):
        a = self.chat()
        assert want is None or a.status == want, (a.status, a.body)
        self.answered += a.status == 200
        return a

    def spool(self):
        return self.status()["store"]["spool_records"]

    def whole(self, since, seconds=60):
        """Everything that was answered is in the ledger, and how fast."""
        wait("an empty spool", lambda: self.spool() == 0, seconds)
        took = time.monotonic() - since
        n = json.loads(self.ctl("usage", "--json").stdout)["total"]
        assert n["requests"] == self.answered, (n, self.answered)
        print("# recovered in %.2f s" % took, flush=True)
        r = self.ctl("check-ledger", "--json")
        assert json.loads(r.stdout)["requests"] == self.answered, r
        return took

    def metric(self, name):
        for line in call(self.admin_port, "GET", "/metrics").body.decode(
                ).split("\n"):
            if line.startswith(name + " "):
                return float(line.split()[1])
        raise AssertionError(name)


def ledger_refuses(error, words):
    g = Sick("state/ledger", "* all %s 1" % error)
    for _ in range(5):
        g.ask()
    since = time.monotonic()
    g.whole(since)
    g.sick()
    for _ in range(20):
        g.ask()
    wait("the alarm", lambda: g.metric("aigw_ledger_refusing") == 1)
    assert g.spool() >= 20
    assert any("takes no usage records" in w for w in g.status()["warnings"])
    assert words in g.log(), g.log()[-500:]
    r = g.ctl("key", "create", "x", check=False)
    assert r.returncode == 1 and words in r.stderr, r
    assert g.get("/healthz").status == 200
    restarts = g.status()["restarts"]
    for _ in range(20):
        g.ask()
    assert g.status()["restarts"] == restarts       # nobody had to leave
    took = g.whole(g.well())
    assert took < 1 or not LONG, took
    figures.append(("ledger: %s; s until all was written behind it" % error,
                    "%.2f" % took))
    wait("the end of the alarm",
         lambda: g.metric("aigw_ledger_refusing") == 0)
    g.ctl("key", "create", "x")
    g.stop(signal.SIGQUIT)
    assert "takes usage records again" in g.log()


@test
def ledger_disk_full():
    ledger_refuses("ENOSPC", "no space left on its disk")


@test
def ledger_read_only():
    ledger_refuses("EROFS", "its disk is read-only")


@test
def spool_is_full():
    """Past the cap nothing new is paid for; what is under way finishes."""
    g = Sick("state/ledger", "* all ENOSPC 1",
             'ledger = { spool_max = "1m"; };\n')
    g.sick()
    stop = threading.Event()
    lock = threading.Lock()
    refused = []

    def fill():
        while not stop.is_set():
            a = g.chat()
            with lock:
                if a.status == 200:
                    g.answered += 1
                else:
                    refused.append(a)
                    stop.set()

    begun = threading.Event()
    stream = []

    def slow():
        c = lib.http.client.HTTPConnection("127.0.0.1", g.port, timeout=120)
        c.request("POST", "/v1/chat/completions", json.dumps(
            {"model": "m1", "stream": True, "messages": [
                {"role": "user",
                 "content": "[[mock:rate=10,tokens=60]] go"}]}),
                  {"Authorization": "Bearer " + g.KEY,
                   "Content-Type": "application/json"})
        r = c.getresponse()
        begun.set()
        stream.append((r.status, r.read()))
        c.close()

    t = [threading.Thread(target=fill) for _ in range(4)]
    for x in t:
        x.start()
    wait("the cap", lambda: refused, 120)
    for x in t:
        x.join()
    a = refused[0]
    assert a.status == 503 and int(a.headers["retry-after"]) >= 1, a.headers
    assert g.get("/healthz").status == 200
    assert any("half full" in w for w in g.status()["warnings"])
    assert 900000 < g.status()["store"]["spool_bytes"] < 1100000
    since = g.well()
    wait("service", lambda: g.ask(None).status == 200, 60)
    figures.append(("spool full: s until it served again",
                    "%.2f" % (time.monotonic() - since)))
    wait("an empty spool", lambda: g.spool() == 0)
    # A stream that began before the disk was full ends well.
    x = threading.Thread(target=slow)
    x.start()
    assert begun.wait(60)
    g.sick()
    g.ask()
    x.join()
    assert stream[0][0] == 200 and b"[DONE]" in stream[0][1], stream
    g.answered += 1
    g.whole(g.well())
    g.stop(signal.SIGQUIT)


@test
def hot_is_full():
    g = Sick("run/hot", "worker writes ENOSPC 1")
    g.ask()
    g.sick()
    # The first ones of a worker may have been let in: they are held back
    # until their usage can be written.
    ends, t = [], []

    def refusal():
        t.append(threading.Thread(target=lambda: ends.append(g.chat())))
        t[-1].start()
        t[-1].join(0.3)         # or it is held back
        return [x for x in ends if x.status == 503]
    a = wait("a refusal", refusal, 20)[0]
    assert int(a.headers["retry-after"]) >= 1, a.headers
    assert g.get("/healthz").status == 200
    since = g.well()
    wait("service", lambda: g.ask(None).status == 200, 60)
    for x in t:
        x.join()
    assert all(x.status in (200, 503) for x in ends), ends
    g.answered += sum(x.status == 200 for x in ends)
    g.whole(since)
    g.stop(signal.SIGQUIT)


def broken(role, files, calls, error, every, seconds=3):
    """Single calls fail: the process may leave and is replaced."""
    g = Sick(files, "%s %s %s %d" % (role, calls, error, every))
    g.sick()
    end = time.monotonic() + seconds
    lost = 0
    other = []

    def left():
        r = g.ctl("status", "--json", check=False)
        return r.returncode == 0 and json.loads(r.stdout)["restarts"]
    # EIO ends a process, when it is that call's turn; others may not
    while time.monotonic() < end or (error == "EIO" and not left()):
        assert time.monotonic() < end + 60, "it stays for all that"
        try:
            a = g.ask(None)
            assert a.status in (200, 500, 502, 503), (a.status, a.body)
            if a.status != 200:
                other.append((a.headers.get("x-request-id"), a.status))
        except (OSError, lib.http.client.HTTPException):
            lost += 1               # its worker left
            # What was not answered may be charged: it was under way.
    since = g.well()

    def good():
        try:
            return g.ask(None).status == 200
        except (OSError, lib.http.client.HTTPException):
            return False
    wait("service", good, 90)
    wait("an empty spool", lambda: g.ctl("status", "--json", check=False)
         .returncode == 0 and g.spool() == 0, 90)


    def counted():
        return json.loads(g.ctl("usage", "--json").stdout)["total"][
            "requests"]
    # What a worker that left had not recorded is charged by the recorder.
    wait("the dead to be charged", lambda: counted() >= g.answered, 60)
    n = counted()
    served = mock_requests() - g.first
    figures.append((
        "%s, %s at each call %d (%s): answered, broken off, in the ledger, at "
        "the provider, restarts" % (role, error, every, calls),
        "%d, %d, %d, %d, %d" % (g.answered, lost, n, served,
                                g.status()["restarts"])))
    if not g.answered <= n <= served:
        print("# others", other)
        print("# " + "\n# ".join(x for x in g.log().split("\n")
                                 if " debug " not in x)[-3000:])
    assert g.answered <= n <= served, (g.answered, n, served)
    r = g.ctl("check-ledger")
    assert "sound" in r.stdout, r
    g.stop(signal.SIGQUIT)


def mock_requests():
    return sum(r["requests"] for r in mock.meter()["rows"])


@test
def recorder_is_replaced():
    for error in ("EIO",) if not LONG else ("EIO", "EINTR", "short",
                                            "ENOSPC"):
        Sick.first = mock_requests()
        broken("recorder", "state/ledger", "all", error, 17)


@test
def worker_is_replaced():
    for error in ("EIO",) if not LONG else ("EIO", "short"):
        Sick.first = mock_requests()
        broken("worker", "run/hot", "writes", error, 211)


@test
def what_came_of_it():
    assert len(figures) >= 5 or sys.argv[1:], figures
    result("disks that fail while the gateway serves", figures)


if __name__ == "__main__":
    main()
