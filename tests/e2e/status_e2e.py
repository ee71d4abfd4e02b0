"""status_e2e.py - status pages, metrics, logs, and no secret anywhere."""
import glob
import http.client
import json
import os
import re
import signal
import subprocess
import threading

from lib import (BUILD, Gateway, Mock, call, file_key, main, provider, test, wait)

UP = ("sk-up-canary-one-5f1c", "sk-up-canary-two-77aa")
ENV_UP = "sk-env-canary-9d3e41"
USER = "sk-user-canary-0123456789abcdef"
ADMIN = "sk-admin-canary-0123456789abcdef"
PROMPT = "prompt-canary-8842"
TOKEN = "token-canary-3141"
mock = Mock("--models", "m1,m2")
CONF = (
    "providers = ( %s, %s, %s );\n"
    "keys = ( { name = \"user\"; secret = \"%s\"; tier = \"enterprise\"; },\n"
    " { name = \"admin\"; secret = \"env:E2E_ADMIN\"; role = \"admin\"; },\n"
    " { name = \"root\"; secret = \"%s\"; role = \"root\"; } );\n"
    "groups = ( { name = \"pool\"; targets = ("
    " { provider = \"bad\"; model = \"m1\"; priority = 1; },"
    " { provider = \"good\"; model = \"m1\"; priority = 2; } ); } );\n"
    "auth = { gateway_token = \"env:E2E_TOKEN\"; };\n"
    "client = { cors_origins = ( \"https://app.example.org\" ); };\n"
    "failover = { threshold = 1000; };\n"
    "ledger = { flush = \"100ms\"; };\n" % (
        provider(mock, "good", ("m1", "m2"), 'name = "The Good";',
                 '%s", "%s' % UP),
        provider(mock, "bad", ("m1",), key="sk-bad-canary-1212"),
        provider(mock, "env", ("m1",)).replace(
            '"sk-up-1"', '"env:E2E_UP"'), USER, Gateway.KEY))
gw = Gateway(CONF, env=dict(os.environ, E2E_ADMIN=ADMIN, E2E_TOKEN=TOKEN,
                            E2E_UP=ENV_UP))
wait("admin", lambda: gw.ctl("version", check=False).returncode == 0, 20)
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)"


def page(path, key=None, status=200):
    a = gw.get(path, headers={"x-api-key": key} if key else {})
    assert a.status == status, (path, a.status, a.body)
    assert a.headers["content-type"].startswith("application/json"), a.headers
    return a.json()


@test
def health():
    def checked():
        p = page("/health", ADMIN)["platforms"].values()
        return all(k["status"] == "healthy" for x in p for k in x["keys"])
    # by all workers: each looks ten times a second
    wait("the first probes", lambda: all(checked() for _ in range(16)))
    h = page("/health")
    assert set(h) >= {"timestamp", "status", "overall_status", "message",
                      "platforms", "summary"}, h
    assert re.fullmatch(STAMP, h["timestamp"]), h
    assert set(h["platforms"]) == {"good", "bad", "env"}, h
    g = h["platforms"]["good"]
    assert g["display_name"] == "The Good" and g["status"] == "healthy", g
    assert g["base_url"] == mock.url and g["health_endpoint"], g
    assert (g["total_keys"], g["healthy_keys"], g["unhealthy_keys"]) == (
        2, 2, 0), g
    assert h["summary"] == {"total_platforms": 3, "healthy_platforms": 3,
                            "total_keys": 4, "healthy_keys": 4}, h
    assert h["overall_status"] == "healthy"


@test
def health_shows_keys_to_admins_only():
    for key in (None, USER, "sk-nobody"):
        for p in page("/health", key)["platforms"].values():
            assert not {"keys", "healthy_key_list",
                        "unhealthy_key_list"} & set(p), (key, p)
    for key in (ADMIN, Gateway.KEY):
        p = page("/health", key)["platforms"]["good"]
        assert len(p["keys"]) == 2 and p["unhealthy_key_list"] == [], p
        for k in p["keys"]:
            assert set(k) == {"key_id", "key_preview", "status", "last_check",
                              "response_time_ms", "error", "in_rotation",
                              "rests_until", "faults"}, k
            assert k["in_rotation"] and k["rests_until"] is None, k
            assert re.fullmatch(r"[0-9a-f]{12}", k["key_id"]), k
            assert "canary" not in k["key_preview"], k
            assert k["error"] is None and k["response_time_ms"] >= 0, k
            assert re.fullmatch(STAMP, k["last_check"]), k
        assert sorted(p["healthy_key_list"]) == sorted(
            k["key_id"] for k in p["keys"])


@test
def output_that_cannot_be_written_is_a_failure():
    with open("/dev/full", "w") as full:
        r = subprocess.run(
            [os.path.join(BUILD, "aigwctl"), "-s",
             os.path.join(gw.dir, "run", "control.sock"), "status"],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert r.returncode == 1, r
    assert "could not be written" in r.stderr, r


@test
def health_of_a_refused_key():
    mock.config(rules=[{"key": "sk-bad-*", "do": "status=401"}])
    assert gw.chat(model="pool", key=USER).status == 200
    def seen():     # by all workers: each looks ten times a second
        return all(page("/health", ADMIN)["platforms"]["bad"]
                   ["unhealthy_keys"] for _ in range(16))
    wait("the bad key", seen)
    h = page("/health", ADMIN)
    b = h["platforms"]["bad"]
    assert b["status"] == "unhealthy" and b["healthy_keys"] == 0, b
    assert b["keys"][0]["status"] == "unhealthy" and b["keys"][0]["error"]
    assert len(b["unhealthy_key_list"]) == 1, b
    assert h["overall_status"] == "unhealthy" and h["status"] == "ok", h
    assert h["summary"]["healthy_platforms"] == 2, h


@test
def health_asks_nobody():
    before = mock.meter()["total"]["requests"]
    for _ in range(50):
        page("/health", ADMIN)
        page("/health/quick")
    assert mock.meter()["total"]["requests"] - before <= 4


@test
def health_quick_info_routes():
    q = page("/health/quick")
    assert set(q) == {"timestamp", "status", "message", "platforms"}, q
    assert q["status"] == "healthy"
    assert set(q["platforms"]["good"]) == {
        "display_name", "status", "total_keys", "healthy_keys",
        "unhealthy_keys", "unknown_keys", "base_url"}, q
    i = page("/info")
    assert set(i) == {"service", "status", "version", "enabled_platforms",
                      "endpoints", "features"}, i
    assert i["status"] == "Running" and i["service"] == "aigw"
    assert sorted(i["enabled_platforms"]) == ["bad", "env", "good"], i
    assert i["endpoints"]["good"] == "/good/v1/*", i
    assert i["endpoints"]["health_full"] == "/health" and i["features"]
    r = page("/routes")
    assert r["available_endpoints"] == {
        x: "/%s/v1/*" % x for x in ("good", "bad", "env")}, r
    assert "POST /v1/messages" in r["gateway"], r
    assert page("/") == {"status": "ok", "service": "aigw"}
    assert page("/healthz")["status"] == "ok"
    assert page("/readyz")["status"] == "ok"


@test
def nothing_to_use():
    """No usable provider: alive, but not ready; info can be switched off."""
    g = Gateway("providers = ( %s );\n%sroutes = { info = \"off\"; };\n" % (
        provider(mock, "bad", key="sk-bad-canary-1212"), file_key()))

    def not_ready():
        a = g.get("/readyz")
        return a if a.status == 503 else None

    # Each worker learns it for itself, within a moment.
    a = wait("the probe", not_ready)
    assert g.get("/healthz").status == 200
    assert a.json()["status"] != "ok", a.body
    assert g.get("/info").status == 404 == g.get("/routes").status
    e = g.get("/info").json()["error"]
    assert e["code"] == "unknown_url" and "routes.info" in e["message"], e
    mock.config(rules=[])
    g.stop()
    g = Gateway(file_key())         # none at all
    assert g.get("/readyz").status == 503
    assert g.get("/health").json()["summary"]["total_platforms"] == 0
    assert g.chat().status == 404
    g.stop()


@test
def head_of_every_page():
    for p in ("/", "/health", "/health/quick", "/info", "/routes",
              "/healthz", "/readyz", "/v1/models"):
        h = {"x-api-key": USER}
        a, b = gw.get(p, headers=h), call(gw.port, "HEAD", p, headers=h)
        assert b.status == a.status and b.body == b"", p
        assert b.headers["content-type"] == a.headers["content-type"], p
        assert abs(int(b.headers["content-length"]) - len(a.body)) <= 24, p
    # on a connection that goes on
    c = http.client.HTTPConnection("127.0.0.1", gw.port, timeout=60)
    for _ in range(3):
        c.request("HEAD", "/health")
        r = c.getresponse()
        assert r.status == 200 and r.read() == b""
    c.request("GET", "/healthz")
    assert c.getresponse().read() == b'{"status":"ok"}'
    c.close()


@test
def cors():
    origin = {"Origin": "https://app.example.org"}
    for path in ("/v1/chat/completions", "/v1/models", "/good/v1/models",
                 "/health"):
        a = call(gw.port, "OPTIONS", path, headers=dict(origin, **{
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization"}))
        assert a.status in (200, 204), (path, a.status, a.body)
        h = a.headers
        assert h["access-control-allow-origin"] == origin["Origin"], h
        assert "POST" in h["access-control-allow-methods"], h
        assert "authorization" in h["access-control-allow-headers"], h
        assert "access-control-allow-credentials" not in h, h
    a = gw.post("/v1/chat/completions", {"model": "m1", "messages": [
        {"role": "user", "content": "x"}]}, USER, headers=origin)
    assert a.status == 200
    assert a.headers["access-control-allow-origin"] == origin["Origin"]
    assert "origin" in a.headers["vary"].lower()
    a = gw.chat(key="sk-nobody")
    assert "access-control-allow-origin" not in a.headers
    a = gw.get("/v1/models", headers=origin)    # 401 must be readable too
    assert a.status == 401 and "access-control-allow-origin" in a.headers
    for other in ("https://evil.example", "null",
                  "https://app.example.org.evil.example"):
        a = call(gw.port, "OPTIONS", "/v1/chat/completions",
                 headers={"Origin": other})
        assert "access-control-allow-origin" not in a.headers, other


def metrics():
    a = call(gw.admin_port, "GET", "/metrics")
    assert a.status == 200
    out = {}
    for line in a.body.decode().split("\n"):
        if line and line[0] != "#":
            name, value = line.rsplit(" ", 1)
            out[name] = float(value)
    return out


def total(m, name, **labels):
    """Sum of a family over the rows with these labels."""
    return sum(v for k, v in m.items() if k.split("{")[0] == name and all(
        '%s="%s"' % x in k for x in labels.items()))


@test
def metrics_are_sums_over_processes():
    before, s0 = metrics(), gw.status()
    held = [http.client.HTTPConnection("127.0.0.1", gw.port, timeout=60)
            for _ in range(40)]
    for c in held:
        c.request("GET", "/v1/models", headers={"x-api-key": USER})
        c.getresponse().read()
    for i in range(20):
        assert gw.chat(key=USER, stream=bool(i % 2)).status == 200
    def all_there():
        m = metrics()
        return total(m, "aigw_requests_total") - total(
            before, "aigw_requests_total") == 60
    wait("60 requests", all_there)

    def same():
        # one that the last client has left may be there in the first only
        m, s = metrics(), gw.status()
        workers = [p for p in s["processes"] if p["role"] == "worker"]
        return sum(p["connections"] for p in workers) == m[
            "aigw_connections_open"] >= 40 and workers
    workers = wait("the same in metrics and status", same)
    assert min(p["connections"] for p in workers) > 0, workers
    old = {p["pid"]: p["requests"] for p in s0["processes"]
           if p["role"] == "worker"}
    assert sum(p["requests"] - old[p["pid"]] for p in workers) == 60
    for c in held:
        c.close()


@test
def metrics_stay_over_a_killed_worker():
    before = metrics()
    pid = gw.pids("worker")[0]
    os.kill(pid, signal.SIGKILL)
    wait("another worker", lambda: pid not in gw.pids("worker") and
         len(gw.pids("worker")) == 2, 20)
    after = metrics()
    for k, v in before.items():
        if re.match(r".*(_total|_count|_bucket|_sum)$", k.split("{")[0]):
            assert after.get(k, 0) >= v, (k, v, after.get(k))
    assert gw.chat(key=USER).status == 200
    wait("one more", lambda: total(metrics(), "aigw_requests_total") >=
         total(before, "aigw_requests_total") + 1)


def access(**want):
    """The last line of access.log with these values."""
    def find():
        for line in reversed(gw.log("access.log").split("\n")):
            if line:
                j = json.loads(line)
                if all(j.get(k) == v for k, v in want.items()):
                    return j
        return None
    return wait("a line of access.log with %s" % want, find)


@test
def access_log_fields():
    a = gw.chat(model="good/m2", key=USER, stream=True)
    j = access(model="good/m2")
    assert set(j) == {
        "time", "request_id", "client", "key", "method", "path", "status",
        "model", "group", "provider", "upstream_model", "stream", "attempts",
        "bytes_in", "bytes_out", "input_tokens", "output_tokens",
        "cached_tokens", "estimated", "cost", "duration_ms", "first_byte_ms",
        "error", "limit", "admit_us", "user_agent"}, sorted(j)
    assert j["limit"] == "" and j["admit_us"] > 0, j
    assert re.fullmatch(STAMP, j["time"]), j
    assert j["request_id"] == a.headers["x-request-id"], j
    assert (j["client"], j["key"], j["method"], j["status"]) == (
        "127.0.0.1", "user", "POST", 200), j
    assert j["path"] == "/v1/chat/completions" and j["stream"] is True
    assert (j["provider"], j["upstream_model"], j["attempts"]) == (
        "good", "m2", 1), j
    assert j["bytes_out"] >= len(a.body) and j["bytes_in"] > 0, j
    assert j["input_tokens"] > 0 and j["output_tokens"] == 16, j
    assert j["estimated"] is False and j["error"] == "", j
    assert float(j["cost"]) > 0 and j["duration_ms"] >= j["first_byte_ms"]
    gw.chat(model="nothing", key=USER)
    j = access(model="nothing")
    assert j["status"] == 404 and j["error"] == "no_model", j
    a = gw.get("/health?key=%s&x=%s" % (USER, PROMPT),
               headers={"User-Agent": "a \"quoted\"\tagent\x7f"})
    assert a.status in (200, 400)


@test
def own_request_id():
    a = gw.get("/healthz", headers={"x-request-id": "mine-1234"})
    assert a.headers["x-request-id"] == "mine-1234" == a.headers["request-id"]
    a = gw.get("/healthz", headers={"x-request-id": "x" * 500})
    assert len(a.headers["x-request-id"]) < 200


@test
def api_error_log():
    mock.config(rules=[
        {"key": "sk-bad-*", "do": "status=500,message=no-luck-today"},
        {"path": "*/chat/*", "do": "status=503"}])
    a = gw.chat(model="pool", key=USER)
    mock.config(rules=[])
    assert a.status == 503, (a.status, a.body)
    def line():
        for x in gw.log("api-error.jsonl").split("\n"):
            if x and json.loads(x)["errorDetails"].get(
                    "requestId") == a.headers["x-request-id"]:
                return json.loads(x)
        return None
    e = wait("the line", line)
    assert re.fullmatch(STAMP, e["timestamp"]), e
    # the client may read what the provider wrote, the log has its type
    told = a.json()["error"]["message"]
    assert told.startswith(e["errorMessage"].split("HTTP 503")[0]), (e, told)
    assert e["errorMessage"].endswith("HTTP 503, type server_error"), e
    assert (e["requestMethod"], e["requestUrl"], e["apiKey"]) == (
        "POST", "/v1/chat/completions", "user"), e
    stack = e["errorStack"].split("\n")
    assert e["errorStack"].startswith(e["errorMessage"] + "\n"), e
    assert re.fullmatch(r"    at src/worker/\w+\.c:\d+", stack[-3]), stack
    d = e["errorDetails"]
    assert d["status"] == 503 and d["kind"], d
    assert {x["provider"] for x in d["attempts"]} == {"bad", "good"}, d
    for i, x in enumerate(d["attempts"]):
        assert x["status"] == 503 and x["outcome"] and x["why"], x
        assert stack[-2 + i].startswith(
            "    attempt %d: provider %s, model m1, key " % (
                i + 1, x["provider"])), stack
        assert "HTTP 503" in stack[-2 + i], stack


def everything():
    """(place, bytes) of all that the gateway wrote or shows."""
    for name in ("log", "run", "state"):
        for path in glob.glob(os.path.join(gw.dir, name, "**"),
                              recursive=True):
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    yield path, f.read()
    yield "output", gw.output().encode()
    for p in ("/", "/health", "/health/quick", "/info", "/routes",
              "/v1/models"):
        for k in (None, USER, ADMIN):
            yield p, gw.get(p, headers={"x-api-key": k} if k else {}).body
    yield "/metrics", call(gw.admin_port, "GET", "/metrics").body
    for args in (("status",), ("status", "--json"), ("key", "list"),
                 ("provider", "list"), ("provider", "show", "good"),
                 ("usage",)):
        r = gw.ctl(*args, check=False)
        yield " ".join(args), (r.stdout + r.stderr).encode()
    for p in gw.status()["processes"]:
        for name in ("environ", "cmdline"):
            if p["role"] == "master" and name == "environ":
                continue        # it was started with them, and reloads
            try:
                with open("/proc/%d/%s" % (p["pid"], name), "rb") as f:
                    yield "%s of %s" % (name, p["role"]), f.read()
            except OSError:
                pass


@test
def no_secret_anywhere():
    made = gw.ctl("key", "create", "made").stdout.strip()
    old = gw.ctl("key", "rotate", "made").stdout.strip()
    sent = [USER, ADMIN, Gateway.KEY, made, old, "sk-wrong-canary-55"]
    import base64
    token = base64.b64encode(TOKEN.encode()).decode()
    for k in sent + [token]:
        gw.chat(PROMPT, key=k)
        gw.chat(PROMPT, key=k, stream=True, model="pool")
        gw.chat(PROMPT, key=k, model="env/m1")
        gw.get("/v1/models?key=" + k, headers={"api-key": k})
        gw.get("/good/v1/models?key=" + k)
        gw.get("/nowhere?key=" + k)
    # providers that tell the key in their errors
    for words in ("status=401", "status=429", "status=500", "status=400"):
        mock.config(rules=[
            {"path": "*/chat/*", "key": k, "do": "%s,message=Bad key %s" % (
                words, k)} for k in UP + (ENV_UP,)])
        for model in ("good/m1", "pool", "env/m1"):
            gw.chat(PROMPT, key=USER, model=model)
    mock.config(rules=[])
    gw.post("/v1/chat/completions", "{\"model\": \"" + PROMPT, USER)
    gw.signal(signal.SIGHUP)
    wait("the reload", lambda: "reloaded: generation 2" in gw.log())
    wait("admin", lambda: gw.ctl("version", check=False).returncode == 0, 20)
    assert gw.chat(PROMPT, key=USER).status == 200
    canaries = sent + [token, TOKEN, PROMPT, ENV_UP,
                       "sk-bad-canary-1212"] + list(UP)
    hits = set()
    n = 0
    for place, data in everything():
        n += 1
        for c in canaries:
            if c.encode() in data:
                at = data.index(c.encode())
                hits.add((place, c, data[max(0, at - 100):at + 60]))
    assert not hits, hits
    assert n > 30, n


main()
