"""ops_e2e.py - aigwctl, the control socket, /metrics, checker, recorder."""
import datetime
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

from lib import (BUILD, Gateway, Mock, call, file_key, main, provider,
                 stop_now, test, wait)

mock = Mock("--models", "m1,m2,text-embedding-x")
gw = Gateway(
    "providers = ( %s, %s );\n%s"
    "ledger = { flush = \"100ms\"; };\n" % (
        provider(mock, "p1", ("m1", "m2"),
                 'health = { interval = "1s"; unhealthy_retry = "1s"; };'),
        '{ id = "lists"; dialect = "openai"; '
        'base_url = "http://localhost:%d"; keys = ( "sk-up-2" ); '
        'allow_private = ( "127.0.0.0/8", "::1/128" ); '
        'models_ttl = "1s"; }' % mock.port,
        file_key("ops")))


wait("admin", lambda: gw.ctl("version", check=False).returncode == 0, 20)


def metrics(g=gw):
    a = call(g.admin_port, "GET", "/metrics")
    assert a.status == 200, a.status
    out = {}
    for line in a.body.decode().split("\n"):
        if line and line[0] != "#":
            name, value = line.rsplit(" ", 1)
            out[name] = float(value)
    return out


def secret(*args):
    return gw.ctl("key", "create", *args).stdout.strip()


def status_of(key):
    return gw.chat(key=key).status


def drained():
    """All usage is in the ledger."""
    s = gw.status()["store"]
    m = metrics()
    return s["spool_records"] == 0 and \
        m["aigw_spool_written_total"] == m["aigw_spool_drained_total"]


@test
def key_lifecycle():
    k = secret("ann", "--tier", "enterprise")
    assert re.fullmatch(r"sk-aigw-[A-Za-z0-9]{48}", k), k
    assert status_of(k) == 200
    r = gw.ctl("key", "create", "ann", check=False)
    assert r.returncode == 1 and "exists" in r.stderr, r
    gw.ctl("key", "disable", "ann")
    assert status_of(k) == 401
    gw.ctl("key", "enable", "ann")
    assert status_of(k) == 200
    shown = json.loads(gw.ctl("--json", "key", "show", "ann").stdout)
    assert shown["state"] == "enabled" and shown["tier"] == "enterprise"
    assert k not in json.dumps(shown) and "secret" not in shown
    assert shown["last_used"]
    k2 = gw.ctl("key", "rotate", "ann", "--grace", "1h").stdout.strip()
    assert k2 != k and status_of(k) == 200 and status_of(k2) == 200
    k3 = gw.ctl("key", "rotate", "ann", "--grace", "0").stdout.strip()
    assert status_of(k2) == 401 and status_of(k) == 401
    assert status_of(k3) == 200
    gw.ctl("key", "delete", "ann")
    assert status_of(k3) == 401
    assert gw.ctl("key", "show", "ann", check=False).returncode == 1
    for s in (k, k2, k3):
        assert s not in gw.log() + gw.output(), "a secret was logged"


@test
def key_set_and_list():
    secret("bea", "--rps", "7", "--budget", "25.5/month", "--budget",
           "1/day", "--expires", "2099-12-31", "--models", "m1,m2",
           "--allow-from", "10.0.0.0/8")
    k = json.loads(gw.ctl("key", "show", "bea", "--json").stdout)
    assert k["rps"] == 7 and k["models"] == ["m1", "m2"], k
    assert k["budgets"] == [{"amount": "25.500000", "period": "month"},
                            {"amount": "1.000000", "period": "day"}], k
    assert k["expires"] == "2100-01-01T00:00:00.000Z", k
    gw.ctl("key", "set", "bea", "--rps", "inherit", "--budget", "none",
           "--expires", "never", "--name", "beatrix")
    k = json.loads(gw.ctl("key", "show", "beatrix", "--json").stdout)
    assert "rps" not in k and k["budgets"] == [] and k["expires"] is None
    names = [x["name"] for x in
             json.loads(gw.ctl("--json", "key", "list").stdout)["keys"]]
    assert "beatrix" in names and "ops" in names, names
    gw.ctl("key", "delete", str(k["id"]))
    for bad in (["key", "create", "x,y"], ["key", "create", "x", "--rps",
                "many"], ["key", "create", "x", "--expires", "2026-02-30"],
                ["key", "create", "x", "--expires", "2020-01-01"],
                ["key", "create", "x", "--tier", "none-such"],
                ["key", "create", "x", "--budget", "5"],
                ["key", "create", "x", "--allow-from", "10.0.0.0/33"],
                ["key", "create", "x", "--allow-from", "10.0.0.1/8"],
                ["key", "create", "x", "--allow-from", "10.0.0.0/"],
                ["key", "create", "x", "--groups", "none-such"],
                ["key", "create", "x", "--providers", "none-such"],
                ["key", "create"], ["key", "set", "ops"], ["nonsense"],
                ["stop", "--slowly"]):
        r = gw.ctl(*bad, check=False)
        assert r.returncode == 2 or bad == ["key", "set", "ops"], (bad, r)
        assert r.returncode != 0 and r.stderr, (bad, r)


@test
def many_keys_are_listed():
    for i in range(450):
        gw.ctl("key", "create", "many-%d" % i)
    keys = json.loads(gw.ctl("--json", "key", "list").stdout)["keys"]
    names = [k["name"] for k in keys if k["name"].startswith("many-")]
    assert sorted(names) == sorted("many-%d" % i for i in range(450))
    text = gw.ctl("key", "list").stdout
    assert text.count("many-") == 450


@test
def status():
    s = gw.status()
    roles = [p["role"] for p in s["processes"]]
    assert roles.count("worker") == 2, roles
    for r in ("master", "checker", "recorder", "admin"):
        assert r in roles, roles
    assert s["pid"] == gw.p.pid
    assert all(p["state"] == "ready" for p in s["processes"]), s
    text = gw.ctl("status").stdout
    assert "worker 1" in text and "p1" in text and "spool" in text, text


@test
def checker_publishes():
    def good():
        p = {x["id"]: x for x in gw.status()["providers"]}
        return p["lists"]["model_count"] == 3 and p["lists"]["addresses"] \
            and all(k["status"] == "healthy" for x in p.values()
                    for k in x["keys"])
    wait("models, addresses and health", good, 10)
    a = gw.get("/v1/models", headers={"Authorization": "Bearer " + gw.KEY})
    ids = [m["id"] for m in a.json()["data"]]
    assert "text-embedding-x" in " ".join(ids), ids


@test
def unhealthy_key_and_back():
    def key():
        p = [x for x in gw.status()["providers"] if x["id"] == "p1"][0]
        return p["keys"][0]
    mock.config(require_key=["sk-up-2"])
    k = wait("the key to be refused", lambda: (
        lambda x: x if x["status"] == "unhealthy" else None)(key()), 15)
    assert "auth failed" in k["error"], k
    up = [v for n, v in metrics().items()
          if n.startswith('aigw_upstream_key_up{provider="p1"')]
    assert up == [0], up
    mock.reset()
    wait("the key to be back", lambda: key()["status"] == "healthy", 15)


@test
def reload_does_not_probe_again():
    """Keys that are known to be good need no probe after a reload."""
    with open(gw.conf_path) as f:
        good = f.read()
    gw.write(good.replace('interval = "1s"', 'interval = "1h"'))
    gw.ctl("reload")
    wait("one checker", lambda: len(gw.pids("checker")) == 1)
    def fetched():
        return [x["models_fetched"] for x in gw.status()["providers"]
                if x["id"] == "lists"][0]
    before, when = metrics()["aigw_probes_total"], fetched()
    gw.ctl("reload")
    wait("the list of the new checker", lambda: fetched() > when)
    assert metrics()["aigw_probes_total"] - before <= 1
    gw.write(good)
    gw.ctl("reload")


@test
def models_are_as_old_as_the_configuration():
    """What Ollama's clients are told of each: the same from every worker."""
    def told():
        a = call(gw.port, "GET", "/ollama/api/tags",
                 headers={"Authorization": "Bearer " + gw.KEY})
        assert a.status == 200, a.body
        times = {m["modified_at"] for m in a.json()["models"]}
        assert len(times) == 1, times
        return datetime.datetime.strptime(
            times.pop(), "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()
    before = time.time()
    gw.ctl("reload")

    def new():
        """Old workers may answer yet; the kernel's time of a file is coarse."""
        times = {told() for _ in range(8)}
        assert max(times) <= time.time(), times
        return len(times) == 1 and min(times) >= before - 0.1
    wait("the time of the reload", new, 20)


@test
def reload_reports():
    with open(gw.conf_path) as f:
        good = f.read()
    r = gw.ctl("reload")
    assert "generation " in r.stdout, r.stdout
    gw.write(good + "nonsense = 3;\nworkrs = 4;\n")
    r = gw.ctl("reload", check=False)
    assert r.returncode == 1, r
    assert "nonsense" in r.stdout and "workrs" in r.stdout, r.stdout
    assert "refused" in r.stderr, r.stderr
    s = gw.status()
    assert not s["last_reload"]["ok"] and s["last_reload"]["problems"], s
    assert s["warnings"]
    assert status_of(gw.KEY) == 200
    # the file names the run folder still
    r = subprocess.run([os.path.join(BUILD, "aigwctl"), "-c", gw.conf_path,
                        "--json", "version"], capture_output=True, text=True,
                       timeout=60)
    assert r.returncode == 0 and "version" in r.stdout, r
    gw.write(good)
    r = gw.ctl("--json", "reload")
    assert json.loads(r.stdout)["ok"], r.stdout
    assert gw.status()["last_reload"]["ok"]


@test
def usage_equals_the_meter():
    wait("an empty spool", drained)
    mock.reset()
    before = {r["model"]: r for r in json.loads(gw.ctl(
        "usage", "--by", "model", "--json").stdout)["rows"]}
    n = 0
    for i in range(30):
        a = gw.chat(model="m1" if i % 3 else "m2", stream=i % 2 == 0)
        assert a.status == 200, a.body
        n += 1
    wait("an empty spool", drained)
    rows = json.loads(gw.ctl("usage", "--by", "model",
                             "--json").stdout)["rows"]
    got = {"requests": 0, "input": 0, "output": 0}
    for r in rows:
        b = before.get(r["model"], {})
        got["requests"] += r["requests"] - b.get("requests", 0)
        got["input"] += r["input_tokens"] - b.get("input_tokens", 0)
        got["output"] += r["output_tokens"] - b.get("output_tokens", 0)
    m = mock.meter()
    want = meter_sum(m)
    assert got["requests"] == n
    assert (got["input"], got["output"]) == want, (got, m)
    t = metrics()
    for kind in ("input", "output"):
        total = sum(v for k, v in t.items() if k.startswith(
            "aigw_tokens_total{") and 'kind="%s"' % kind in k)
        assert total == sum(r[kind + "_tokens"] for r in rows), (kind, total)


def meter_sum(m):
    """Tokens of chat answers in the mock's meter."""
    rows = [r for r in m["rows"] if "chat" in r["endpoint"]]
    return (sum(r["input"] for r in rows), sum(r["output"] for r in rows))


class Watch(threading.Thread):
    """Read /metrics all the time; no counter may ever fall."""

    def __init__(self):
        super().__init__()
        self.fell = []
        self.looks = 0
        self.end = False
        self.start()

    def run(self):
        last = {}
        while not self.end:
            try:
                now = metrics()
            except (OSError, AssertionError, ValueError):
                continue
            self.looks += 1
            for k, v in now.items():
                name = k.split("{")[0]
                if not (name.endswith("_total") or name.endswith("_count")
                        or name.endswith("_bucket")):
                    continue
                if v < last.get(k, 0):
                    self.fell.append((k, last[k], v))
            last = now


@test
def metrics_never_fall_when_workers_die():
    w = Watch()
    before = metrics()["aigw_requests_total"]
    n = 0
    for i in range(5):
        for _ in range(10):
            if status_of(gw.KEY) == 200:
                n += 1
        pid = gw.pids("worker")[0]
        os.kill(pid, signal.SIGKILL)
        wait("two workers", lambda: len([
            p for p in gw.status()["processes"] if p["role"] == "worker" and
            p["state"] == "ready" and p["pid"] != pid]) == 2, 20)
    after = metrics()["aigw_requests_total"]
    w.end = True
    w.join()
    assert n >= 45, n
    assert after - before >= n, (before, after, n)
    assert not w.fell, w.fell[:5]
    assert w.looks > 5
    assert metrics()["aigw_process_restarts_total"] >= 5


@test
def recorder_dies_and_nothing_is_lost():
    wait("an empty spool", drained)
    mock.reset()
    def total():
        return json.loads(gw.ctl("usage", "--json").stdout)["total"]
    before = total()
    n = 0
    for i in range(6):
        for _ in range(5):
            assert status_of(gw.KEY) == 200
            n += 1
        for pid in gw.pids("recorder"):
            os.kill(pid, signal.SIGKILL)
        wait("a recorder", lambda: gw.pids("recorder") and
             gw.pids("recorder") != [pid], 20)
    def all_there():
        return total()["requests"] - before["requests"] == n
    wait("all requests in the ledger", all_there, 20)
    after = total()
    want = meter_sum(mock.meter())
    got = (after["input_tokens"] - before["input_tokens"],
           after["output_tokens"] - before["output_tokens"])
    assert got == want, (got, want)


@test
def admin_dies_and_comes_back():
    for _ in range(3):
        pid = gw.pids("admin")[0]
        os.kill(pid, signal.SIGKILL)
        # patience: the new one takes the socket over
        r = gw.ctl("--json", "version")
        assert "version" in r.stdout
        wait("another admin", lambda: gw.pids("admin") not in ([], [pid]), 20)


@test
def signals_when_admin_hangs():
    pid = gw.pids("admin")[0]
    before = gw.log().count("reloaded: generation")
    stop_now(pid)
    try:
        r = gw.ctl("reload")
        assert "SIGHUP" in r.stderr, r
        wait("the reload", lambda: gw.log().count(
            "reloaded: generation") > before, 20)
        r = gw.ctl("status", check=False)
        assert r.returncode == 1 and str(gw.p.pid) in r.stdout, r
    finally:
        try:
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            pass            # it hung for too long and was replaced
    wait("an admin", lambda: gw.ctl("version", check=False).returncode == 0)


@test
def control_socket_modes():
    path = os.path.join(gw.dir, "run", "control.sock")
    assert os.stat(path).st_mode & 0o777 == 0o600

    def talk(data):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(60)
            s.connect(path)
            s.sendall(data)
            got = b""
            while True:
                b = s.recv(65536)
                if not b:
                    return got
                got += b
    assert talk(b'{"args":["version"]}\n').endswith(b"x 0\n")
    assert talk(b"GET / HTTP/1.1\r\n\r\n").endswith(b"x 2\n")
    assert talk(b"\n").endswith(b"x 2\n")
    try:
        talk(b"x" * 70000)
    except ConnectionError:
        pass
    talk(b'{"args":["' + b"\xff" * 10 + b'"]}\n')
    if os.geteuid() != 0:
        return
    code = ("import os,socket,sys\nos.setgid(12345); os.setuid(12345)\n"
            "s=socket.socket(socket.AF_UNIX)\n"
            "try: s.connect(sys.argv[1])\n"
            "except PermissionError: sys.exit(7)\n")
    r = subprocess.run(["python3", "-c", code, path], timeout=60)
    assert r.returncode == 7, r.returncode


def raw(data, half=False):
    with socket.create_connection(("127.0.0.1", gw.admin_port), 60) as s:
        s.sendall(data)
        if half:
            s.shutdown(socket.SHUT_WR)
        got = b""
        while True:
            b = s.recv(65536)
            if not b:
                return got
            got += b


@test
def admin_listener_speaks_http():
    end = b"Host: x\r\nConnection: close\r\n\r\n"
    assert b" 200 OK" in raw(b"GET /healthz HTTP/1.1\r\n" + end)
    assert raw(b"GET /readyz HTTP/1.1\r\n" + end).count(b"ready") == 1
    head = raw(b"HEAD /metrics HTTP/1.1\r\n" + end)
    assert head.endswith(b"\r\n\r\n") and b"Content-Length: " in head
    two = raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
              b"GET /healthz HTTP/1.1\r\n" + end)
    assert two.count(b"HTTP/1.1 200") == 2, two
    a = raw(b"POST /healthz HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
            b"Host: x\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
            b"GET /healthz HTTP/1.1\r\n" + end)
    assert b" 405 " in a and b" 200 " in a, a
    assert b"ok" in raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", True)
    assert b" 404 " in raw(b"GET /nothing HTTP/1.1\r\n" + end)
    assert b" 400 " in raw(b"GET /healthz\r\n\r\n")
    assert b" 400 " in raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
                           b"Content-Length: 3\r\n"
                           b"Transfer-Encoding: chunked\r\n\r\n")
    assert b" 413 " in raw(b"POST /healthz HTTP/1.1\r\nHost: x\r\n"
                           b"Content-Length: 99999999\r\n\r\n")
    assert b" 431 " in raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\nA: " +
                           b"a" * 70000)


@test
def metrics_need_a_key_from_outside():
    port = gw.admin_port
    with open(gw.conf_path) as f:
        good = f.read()
    g = Gateway(
        "providers = ( %s );\n"
        "keys = ( { name = \"u\"; secret = \"%s\"; }, { name = \"a\"; "
        "secret = \"sk-admin-0123456789abcdef\"; role = \"admin\"; } );\n" %
        (provider(mock), Gateway.KEY), start=False)
    with open(g.conf_path) as f:
        text = f.read()
    g.write(text.replace("127.0.0.1:%d" % g.admin_port,
                         "0.0.0.0:%d" % g.admin_port))
    g.start()

    def get(**h):
        return call(g.admin_port, "GET", "/metrics", headers={
            k.replace("_", "-"): v for k, v in h.items()}).status
    assert get() == 401
    assert get(Authorization="Bearer wrong") == 401
    assert get(Authorization="Bearer " + Gateway.KEY) == 401
    assert get(Authorization="Bearer sk-admin-0123456789abcdef") == 200
    assert get(x_api_key="sk-admin-0123456789abcdef") == 200
    k = g.ctl("key", "create", "r", "--role", "root").stdout.strip()
    assert get(Authorization="bearer " + k) == 200
    g.ctl("key", "disable", "r")
    assert get(Authorization="Bearer " + k) == 401
    assert call(g.admin_port, "GET", "/healthz").status == 200
    assert g.ctl("stop").returncode == 0
    g.p.wait(60)


@test
def metrics_text_is_well_formed():
    text = call(gw.admin_port, "GET", "/metrics").body.decode()
    known = {}
    for line in text.strip().split("\n"):
        m = re.match(r"# (HELP|TYPE) (\S+) (.+)$", line)
        if m:
            known.setdefault(m.group(2), set()).add(m.group(1))
            continue
        m = re.fullmatch(r'([a-z_]+)(\{([a-z]+="(\\.|[^"\\])*",?)*\})? '
                         r'[-+0-9.eE]+', line)
        assert m, line
        base = re.sub(r"_(bucket|sum|count)$", "", m.group(1))
        assert known.get(m.group(1)) == {"HELP", "TYPE"} or \
            known.get(base) == {"HELP", "TYPE"}, line


@test
def what_is_not_offered_has_not_failed():
    g = Gateway("providers = ( %s );\n%s" % (
        provider(mock, "p1", ("m1", "m1-embed"), 'apis = ( "chat" );'),
        file_key()))
    url = "http://127.0.0.1:%d" % g.port

    def results(*args, code=0):
        r = g.ctl("test", "--json", *args, url, g.KEY, check=False)
        assert r.returncode == code, r
        return {c["name"]: c["result"] for c in json.loads(r.stdout)["calls"]}
    assert results("--model", "m1") == {
        "health": "ok", "models": "ok", "chat": "ok", "chat stream": "ok",
        "completions": "ok", "embeddings": "off", "moderations": "off"}
    got = results("--model", "no-such-model", code=1)
    assert got["chat"] == "FAILED" and got["moderations"] == "off", got
    mock.config(rules=[{"do": "status=400"}])   # the provider's own
    got = results("--model", "m1", code=1)
    mock.config(rules=[])
    assert got["chat"] == "FAILED" and got["embeddings"] == "off", got
    g.stop()


@test
def tools():
    r = gw.ctl("token", "encode", "timeline")
    assert r.stdout == "dGltZWxpbmU=\nAuthorization: Bearer dGltZWxpbmU=\n"
    assert gw.ctl("token", "encode", stdin="timeline\n").stdout == r.stdout
    r = gw.ctl("token", "encode", stdin="\n", check=False)
    assert r.returncode == 1
    url = "http://127.0.0.1:%d" % gw.port
    r = gw.ctl("test", "--json", url, gw.KEY)
    t = json.loads(r.stdout)
    calls = {c["name"]: c["result"] for c in t["calls"]}
    assert t["failed"] == 0 and calls["chat stream"] == "ok" and \
        calls["embeddings"] == calls["moderations"] == "ok", t
    assert gw.ctl("test", url, "wrong", check=False).returncode == 1
    # without a URL: the gateway behind the socket tells where it listens
    assert url in gw.status()["listeners"]
    r = subprocess.run([os.path.join(BUILD, "aigwctl"), "-s",
                        os.path.join(gw.dir, "run", "control.sock"), "test"],
                       env=dict(os.environ, AIGW_KEY=gw.KEY),
                       capture_output=True, text=True, timeout=60)
    assert r.returncode == 0 and r.stdout.startswith(url + "\n"), r
    r = gw.ctl("try", "--url", url, "--key", gw.KEY, "m1", "Say \"hi\".")
    assert r.stdout.strip(), r
    # m1 is also in the list that the other provider publishes.
    assert re.search(r"^route +(p1|lists) m1, 1 att", r.stderr, re.M) and \
        "tokens" in r.stderr, r.stderr
    r = gw.ctl("try", "--url", url, "--key", gw.KEY, "no-such", "x",
               check=False)
    assert r.returncode == 1 and "404" in r.stderr, r
    for key, said in (("", "--key or the variable AIGW_KEY"),
                      ("a\nb", "has a line break")):
        r = gw.ctl("try", "--url", url, "--key", key, "m1", "x", check=False)
        assert r.returncode == 1 and said in r.stderr, r


@test
def upgrade_to_what_does_not_start():
    with open(gw.conf_path) as f:
        good = f.read()
    gw.write(good + "nonsense = 3;\n")
    begin = time.monotonic()
    r = gw.ctl("upgrade", check=False)
    gw.write(good)
    assert r.returncode == 1 and "goes on" in r.stderr, r
    assert time.monotonic() - begin < 70    # less than the deadline, 75 s
    assert gw.status()["pid"] == gw.p.pid
    assert status_of(gw.KEY) == 200


@test
def upgrade_then_stop():
    old = gw.p.pid
    r = gw.ctl("upgrade")
    new = gw.status()["pid"]
    assert new != old and str(new) in r.stdout, r.stdout
    gw.p.wait(60)
    assert status_of(gw.KEY) == 200
    gw.ctl("stop")
    pid_file = os.path.join(gw.dir, "run", "aigwd.pid")
    wait("the new master to leave", lambda: not os.path.exists(pid_file), 20)
    wait("its process to end", lambda: not os.path.exists("/proc/%d" % new)
         or open("/proc/%d/stat" % new).read().split(") ")[1][0] == "Z", 20)
    r = gw.ctl("status", check=False)
    assert r.returncode == 1 and "no gateway" in r.stdout, r


@test
def without_a_gateway():
    """What to do is said: where it was looked for, and how to say where."""
    sock = os.path.join(gw.dir, "run", "control.sock")
    for words in (["status"], ["nonsense"], ["reload"], ["drain"],
                  ["upgrade"], ["key", "list"], ["help", "key"]):
        r = gw.ctl(*words, check=False)
        said = r.stdout + r.stderr
        assert r.returncode == 1, (words, r)
        for part in sock, "-s SOCKET", "-c FILE", "start it":
            assert part in said, (words, part, r)
        if words[0] in ("nonsense", "key"):
            assert '"aigwctl -h"' in r.stderr, r
    for words, code, said in ([], 2, "a command is missing"), (
            ["-h"], 0, ""), (["-x"], 2, "-x: no such option"), (
            ["-c"], 2, "-c: its value is missing"):
        r = subprocess.run([os.path.join(BUILD, "aigwctl")] + words,
                           capture_output=True, text=True, timeout=60)
        text = r.stdout if code == 0 else r.stderr
        assert r.returncode == code and said in text, r
        for part in "  status ", "-s SOCKET", '"aigwctl help"':
            assert part in text, (words, part, r)


if __name__ == "__main__":
    main()
