"""fds_e2e.py - no descriptors left (reliability row F17).

In a worker, the master, the checker and admin: nobody ends or spins, what is
known stays, a provider is not blamed, and all is well again afterwards.
"""
import json
import os
import re
import signal
import socket
import subprocess
import time

from lib import Gateway, Mock, file_key, main, provider, test, wait
from load import ledger
from rawup import RawUpstream, whole

ANSWER = (b'{"id":"x","choices":[{"message":{"content":"hi"}}],"usage":'
          b'{"prompt_tokens":3,"completion_tokens":4}}')
# It closes each connection: every request and probe needs a descriptor.
raw = RawUpstream({"": whole(ANSWER)})
back = Mock()
gw = Gateway(
    "providers = ( %s, %s, %s );\n%s"
    "groups = ( { name = \"pool\"; strategy = \"priority\"; targets = ("
    " { provider = \"raw\"; model = \"m\"; priority = 1; },"
    " { provider = \"p2\"; model = \"m9\"; priority = 2; } ); } );\n"
    "failover = { threshold = 3; };\n" % (
        provider(raw, "raw", ("m",), 'health = { interval = "1s"; };'),
        provider(back, "p2", ("m9",), 'health = { interval = "1h"; };'),
        # looked up again and again
        '{ id = "noname"; dialect = "openai"; keys = ( "sk-up-3" ); models = '
        '( "x" ); base_url = "http://no-such-host.invalid"; }', file_key()))
before = []


def pids():
    return gw.ctl("status", check=False).returncode == 0 and sorted(gw.pids())


def recorded():
    """Requests of the raw provider in the ledger."""
    return sum(r["requests"] for m, r in ledger(gw).items()
               if m.split("/")[-1] == "m")


@test
def processes():
    before.extend(wait("all processes", pids))


def soft_limit(pid, n):
    """The limit of a process may be set by one of the same user."""
    who = {}
    if os.geteuid() == 0 and pid != gw.p.pid:
        who = {"user": "nobody", "group": "nogroup", "extra_groups": []}
    subprocess.run(["prlimit", "--pid", str(pid), "--nofile=%d:" % n],
                   check=True, capture_output=True, **who)


class FdLimit:
    """The soft limit of a process at what it has open, and more."""

    def __init__(self, pid, more=0):
        self.pid = pid
        with open("/proc/%d/limits" % pid) as f:
            self.had = int(re.search(r"Max open files +(\d+)",
                                     f.read()).group(1))
        self.tighten(more)

    def tighten(self, more=0):
        """Again, since it may have closed some. True."""
        fds = [int(x) for x in os.listdir("/proc/%d/fd" % self.pid)]
        # the next free numbers are what counts
        free = [x for x in range(max(fds) + more + 2) if x not in fds]
        soft_limit(self.pid, free[more])
        return True

    def lift(self):
        soft_limit(self.pid, self.had)


def cpu(pid):
    with open("/proc/%d/stat" % pid) as f:
        w = f.read().rsplit(")", 1)[1].split()
    return (int(w[11]) + int(w[12])) / os.sysconf("SC_CLK_TCK")


def burnt(pids, seconds=1.5):
    """The most of a processor that one of them takes for a while."""
    had, began = [cpu(p) for p in pids], time.monotonic()
    while time.monotonic() < began + seconds:   # the time in which to spin
        time.sleep(0.1)
    took = time.monotonic() - began
    return max(cpu(p) - h for p, h in zip(pids, had)) / took


def may_limit():
    try:
        os.listdir("/proc/%d/fd" % gw.pids("worker")[0])
        FdLimit(gw.pids("worker")[0], 50).lift()
    except (OSError, subprocess.CalledProcessError):
        return "not allowed to limit another process"
    return None


def post_on(s, model, text="x"):
    body = json.dumps({"model": model, "messages": [
        {"role": "user", "content": text}]}).encode()
    s.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n"
              b"Authorization: Bearer " + gw.KEY.encode() +
              b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    got = b""
    while b"\r\n\r\n" not in got:
        d = s.recv(65536)
        if not d:
            return None
        got += d
    text, _, body = got.partition(b"\r\n\r\n")
    m = re.search(rb"content-length: (\d+)", text)
    while m and len(body) < int(m.group(1)):
        body += s.recv(65536)
    return int(text.split()[1])


def key_of(pid):
    return json.loads(gw.ctl("provider", "show", pid, "--json").stdout)[
        "keys"][0]


def shown(pid):
    return gw.get("/health", headers={"x-api-key": gw.KEY}).json()[
        "platforms"][pid]["status"]


@test
def f17_no_descriptor_to_probe():
    """A probe that could not be made says nothing of its key, a lookup nothing
    of its host."""
    if may_limit():
        return may_limit()
    wait("the first probes", lambda: key_of("raw")["status"] == "healthy")
    pid = gw.pids("checker")[0]
    lim = FdLimit(pid)
    try:
        wait("both complaints", lambda: lim.tighten() and
             "keys cannot be probed" in gw.log() and
             "names cannot be looked up" in gw.log(), 90)
        asked = raw.count()[""]
        assert burnt([pid]) < 0.25
        assert raw.count()[""] == asked, "it can be probed"
        assert key_of("raw")["status"] == "healthy", key_of("raw")
        assert shown("raw") == "healthy"
        a = gw.chat(model="pool")
        assert (a.status, a.headers["x-aigw-provider"]) == (200, "raw")
        checked = key_of("raw")["checked"]
    finally:
        lim.lift()
    wait("probes", lambda: key_of("raw")["checked"] != checked)
    wait("them to be told of", lambda: "keys are probed again" in gw.log())
    wait("lookups", lambda: "names are looked up again" in gw.log(), 90)
    assert key_of("raw")["status"] == "healthy"
    assert sorted(gw.pids()) == before


@test
def f17_no_descriptor_to_connect():
    """Clients that are there are told 503; afterwards all is well."""
    if may_limit():
        return may_limit()
    conns = [socket.create_connection(("127.0.0.1", gw.port), timeout=60)
             for _ in range(8)]
    for s in conns:
        assert post_on(s, "p2/m9") == 200
    limits = [FdLimit(p) for p in gw.pids("worker")]
    try:
        was = recorded()
        # the raw provider closes each time: always a new connection
        got = [post_on(s, "raw/m") for s in conns]
        assert got == [503] * len(conns), got
        # kept connections to the other need none
        got = [post_on(s, "p2/m9") for s in conns]
        assert got == [200] * len(conns), got
        got = [post_on(s, "pool") for s in conns]
        assert got == [200] * len(conns), got
        assert recorded() - was == len(conns)
    finally:
        for x in limits:
            x.lift()
    # it was not blamed
    assert "goes last" not in gw.log()
    assert [post_on(s, "raw/m") for s in conns] == [200] * len(conns)
    for s in conns:
        s.close()
    assert sorted(gw.pids()) == before


@test
def f17_no_descriptor_to_accept():
    """New clients wait, nobody spins, then they are served."""
    if may_limit():
        return may_limit()
    workers = gw.pids("worker")
    limits = [FdLimit(p) for p in workers]
    conns = []
    try:
        for _ in range(20):
            s = socket.create_connection(("127.0.0.1", gw.port), timeout=60)
            s.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            conns.append(s)
        wait("the complaint", lambda: "accept" in gw.log())
        assert burnt(workers) < 0.25
    finally:
        for x in limits:
            x.lift()
    for s in conns:
        assert s.recv(65536).startswith(b"HTTP/1.1 200"), s
        s.close()
    assert sorted(gw.pids()) == before


@test
def f17_no_descriptor_for_logs_and_reload():
    """Neither closes a log nor loses a worker; the next attempt works."""
    if may_limit():
        return may_limit()
    lim = FdLimit(gw.p.pid)
    try:
        gw.ctl("reopen", check=False)
        r = gw.ctl("reload", check=False)
        assert gw.chat(model="p2/m9").status == 200
        assert r.returncode != 0, (r.stdout, r.stderr)
        assert gw.p.poll() is None
    finally:
        lim.lift()
    os.rename(gw.dir + "/log/access.log", gw.dir + "/log/access.log.1")
    gw.ctl("reopen")
    assert gw.chat(model="p2/m9").status == 200
    wait("a line in the new log", lambda: gw.log("access.log"))
    gw.ctl("reload")
    old = set(before) - {gw.p.pid}

    def all_new():
        p = gw.status()["processes"]
        return len(p) == 6 and not old & {x["pid"] for x in p} and all(
            x["state"] == "ready" for x in p)
    wait("the new processes", all_new)
    before[:] = pids()
    assert gw.chat(model="p2/m9").status == 200


@test
def f17_no_descriptor_for_admin():
    """Who asks waits, nobody spins, then he is answered."""
    if may_limit():
        return may_limit()
    pid = gw.pids("admin")[0]
    ask = b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"
    kept = socket.create_connection(("127.0.0.1", gw.admin_port), timeout=60)
    kept.sendall(ask)
    assert kept.recv(65536).startswith(b"HTTP/1.1 ")
    had = gw.log().count("accept: ")
    lim = FdLimit(pid)
    try:
        # more than it may have closed meanwhile
        http = [socket.create_connection(("127.0.0.1", gw.admin_port),
                                         timeout=60) for _ in range(6)]
        for s in http:
            s.sendall(ask)
        ctl = [socket.socket(socket.AF_UNIX) for _ in range(6)]
        for s in ctl:
            s.settimeout(60)
            s.connect(gw.dir + "/run/control.sock")
        # once a second at most, of whoever is first
        wait("a complaint", lambda: gw.log().count("accept: ") > had)
        assert burnt([pid]) < 0.25
        kept.sendall(ask)       # while it has what it needs
        assert kept.recv(65536)
        assert gw.chat(model="p2/m9").status == 200
    finally:
        lim.lift()
    for s in http:
        assert s.recv(65536).startswith(b"HTTP/1.1 ")
    for s in ctl:
        assert s.recv(100)
    for s in http + ctl + [kept]:
        s.close()
    assert sorted(gw.pids()) == before


@test
def f17_no_descriptor_to_take_logs():
    """New log files that find no number leave a process with the old ones."""
    if may_limit():
        return may_limit()
    limits = [FdLimit(p) for p in before if p != gw.p.pid]

    def all_complain():
        if {int(p) for p in re.findall(
                r"\[(\d+)\] no descriptor left for what the master sends",
                gw.log())} >= {x.pid for x in limits}:
            return True
        for x in limits:        # it may have closed some meanwhile
            x.tighten()
        gw.signal(signal.SIGUSR1)
        return False
    try:
        wait("all complaints", all_complain)
    finally:
        for x in limits:
            x.lift()
    os.rename(gw.dir + "/log/access.log", gw.dir + "/log/access.log.2")
    gw.ctl("reopen")
    assert gw.chat(model="p2/m9").status == 200
    wait("a line in the new log", lambda: gw.log("access.log"))
    assert "the master died" not in gw.log()
    assert sorted(gw.pids()) == before


@test
def no_process_ended():
    assert gw.chat(model="p2/m9").status == 200
    assert sorted(gw.pids()) == before, (before, gw.pids())
    assert gw.p.poll() is None


main()
