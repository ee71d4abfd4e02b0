"""incidents_e2e.py - what went wrong at other gateways, tried here.

TABLE has every incident of the list that this program was designed against,
each with the point that tries it, or with the reason why there is nothing to
try. A row without either fails the last point.
"""
import base64
import concurrent.futures
import http.server
import json
import os
import re
import socket
import subprocess
import threading
import time
import urllib.parse

from lib import (BUILD, SANITIZED, SRC, Gateway, Mock, call, file_key,
                 free_port, main, provider, test, tmpdir, wait)
from load import drained

TABLE = (
    (1, "CVE-2026-42208 GHSA-r75f-5x8p-qvmc", "CVE_2026_42208"),
    (2, "CVE-2026-42271", "CVE_2026_42271"),
    (3, "CVE-2026-48710 CVE-2026-49468 GHSA-4xpc-pv4p-pm3w",
     "CVE_2026_49468"),
    (4, "CVE-2026-35030 GHSA-jjhc-v7c2-5hh6", "CVE_2026_35030"),
    (5, "CVE-2024-6587", "CVE_2024_6587"),
    (6, "CVE-2025-66405 Portkey#1718 Portkey#1597", "CVE_2025_66405"),
    (7, "CVE-2026-45400 CVE-2026-45401", "CVE_2026_45400"),
    (8, "CVE-2026-45339", "CVE_2026_45339"),
    (9, "CVE-2026-45349 CVE-2026-41947 CVE-2026-41949 CVE-2025-56520",
     "CVE_2026_45349"),
    (10, "CVE-2026-41432", "CVE_2026_41432"),
    (11, "CVE-2026-25591", "CVE_2026_25591"),
    (12, "one-api#2440 new-api#6609 octopus#234", "one_api_2440"),
    (13, "octopus#243", "octopus_243"),
    (14, "GHSA-724j-f2pf-phf7 open-ace#3422 OpenGateLLM#1151 litellm#30630 "
     "litellm#36008 sub2api#4408", "GHSA_724j_f2pf_phf7"),
    (15, "litellm#2114 litellm#11264 litellm#31620 litellm#8075 "
     "litellm#15799 litellm#39964 litellm#11150 litellm#7603",
     "litellm_2114"),
    (16, "one-api README.en.md root/123456", "one_api_default_root"),
    (17, "Portkey e4570228 9bcaee4d", "Portkey_e4570228"),
    (18, "agentgateway 60f7219b6", "agentgateway_60f7219b6"),
    (19, "CVE-2024-8984", "CVE_2024_8984"),
    (20, "LiteLLM PyPI 1.82.7 1.82.8", "LiteLLM_1_82_7"),
    (21, "litellm#12685 litellm#38193 litellm#25219 litellm#21908 "
     "litellm#33955", "litellm_12685"),
    (22, "Whisper Leak arXiv:2511.03675",
     "does not apply: what a provider sends passes byte for byte"),
    (23, "PROMPTPEEK CacheProbe", "PROMPTPEEK"),
    (24, "CVE-2025-22871 CVE-2025-55315", "CVE_2025_55315"),
)
ONCE = "sk-once-0123456789abcdef0123456789"
SMALL = "sk-small-0123456789abcdef0123456789"
USER = "sk-user-incidents-0123456789abcdef"
TOKENS = "sk-tokens-0123456789abcdef01234567"
mock = Mock("--answer-tokens", "20")


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """Where nothing may ever arrive; and a provider that sends there."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        self.server.seen.append((self.path, str(self.headers)))
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response_only(self.server.status)
        self.send_header("Location", "http://127.0.0.1:%d/stolen" %
                         evil.server_port)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST


class Keeps(Elsewhere):
    """A provider that keeps the requests of clients."""

    def do_POST(self):
        n = int(self.headers.get("Content-Length", 0))
        self.server.seen.append(json.loads(self.rfile.read(n)))
        self.send_response_only(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_GET(self):
        """The checker asks whenever it likes."""
        self.send_response_only(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


def listener(status):
    s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    s.daemon_threads = True
    s.seen = []
    s.status = status
    threading.Thread(target=s.serve_forever, daemon=True).start()
    return s


evil = listener(200)
sends_away = listener(307)
EVIL = "http://127.0.0.1:%d" % evil.server_port
OPEN = ("rps = 100000; rpm = 1000000; rpd = 10000000; hourly_limit = 1000000; "
        "daily_limit = 1000000;")
HEALTH = 'health = { interval = "1h"; unhealthy_retry = "0s"; }; '
gw = Gateway(
    "providers = ( %s,\n%s,\n%s );\n"
    "groups = ( { name = \"pool\"; targets = ( { provider = \"p1\"; model = "
    "\"m1\"; } ); } );\nfailover = { threshold = 1000000; };\n"
    "keys = ( { name = \"root\"; secret = \"%s\"; role = \"root\"; },\n"
    "{ name = \"user\"; secret = \"%s\"; %s },\n"
    "{ name = \"once\"; secret = \"%s\"; rpd = 1; },\n"
    "{ name = \"tokens\"; secret = \"%s\"; max_tokens = 200; %s },\n"
    "{ name = \"small\"; secret = \"%s\"; groups = ( \"pool\" ); %s } );\n" % (
        provider(mock, "p1", ("m1", "m2"), HEALTH),
        provider(mock, "guarded", ("g1",), HEALTH).replace(
            'allow_private = ( "127.0.0.0/8" );', ""),
        provider(type("", (), {"url": "http://127.0.0.1:%d" %
                               sends_away.server_port}), "away", ("a1",),
                 HEALTH), Gateway.KEY, USER, OPEN, ONCE, TOKENS, OPEN, SMALL,
        OPEN))
CHAT = "/v1/chat/completions"
before = []


def bearer(key):
    return {"Authorization": "Bearer " + key}


def body(model="m1", **kw):
    out = {"model": model, "messages": [{"role": "user", "content": "hi"}]}
    out.update(kw)
    return out


def raw(data, port=None, seconds=60):
    """All that is answered to these bytes."""
    with socket.create_connection(("127.0.0.1", port or gw.port),
                                  timeout=seconds) as s:
        s.sendall(data)
        out, over = b"", False
        while True:
            try:
                if not over and b"onnection: close" in out:
                    s.shutdown(socket.SHUT_WR)	# do not linger for us
                    over = True
                got = s.recv(65536)
            except OSError:
                return out
            if not got:
                return out
            out += got


def statuses(answer):
    return [int(x) for x in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


def posts():
    """What clients asked for: the checker's model lists come at any time."""
    return sum(r["requests"] for r in mock.meter()["rows"]
               if r["endpoint"] != "models")


@test
def processes():
    def ready():
        p = gw.status()["processes"]
        return len(p) >= 6 and all(x["state"] == "ready" for x in p)
    wait("all to be ready", ready)
    before.extend(gw.pids())


@test
def CVE_2026_42208():
    """The text of a key never means anything, also where it is refused."""
    hostile = ["' OR 1=1 --", "'; DROP TABLE keys; --", "*)(uid=*", "{$ne:1}",
               "%00", "../../../etc/passwd", "${jndi:ldap://x}", "%s%n%x",
               "a" * 8000, "\u00e9\u00e9".encode().decode("latin-1"), "\\",
               "Bearer", "root", "0", "null", gw.KEY + "' --", "0x" + "00" *
               32, "\x80\xff"]
    n = posts()
    for h in hostile:
        for name in "Authorization", "x-api-key", "api-key", "x-goog-api-key":
            for value in h, "Bearer " + h:
                a = call(gw.port, "POST", CHAT, body(), {
                    name: value.encode("latin-1")})
                assert a.status == 401, (name, value, a.status, a.body)
                code = a.json()["error"]["code"]
                assert code == "invalid_api_key", a.body
    assert posts() == n


@test
def CVE_2026_42271():
    """No key of a user does what an admin does, and nothing runs programs."""
    for path in ("/metrics", "/healthz", "/readyz"):
        for method in "GET", "POST", "PUT", "DELETE", "PATCH":
            a = call(gw.admin_port, method, path, headers=bearer(USER))
            assert a.status in (200, 405), (method, path, a.status)
    for path in ("/mcp/test", "/mcp-rest/test/connection", "/config/update",
                 "/key/generate", "/admin", "/metrics", "/control",
                 "/v1/admin/keys"):
        for key in USER, gw.KEY:
            a = gw.post(path, {"command": "id", "args": []}, key=key)
            assert a.status == 404, (path, a.status, a.body)
    if os.environ.get("AIGW_SANDBOX") == "false":
        return None
    for pid in before:
        if pid != gw.p.pid:
            with open("/proc/%d/status" % pid) as f:
                assert "Seccomp:\t2" in f.read(), pid
    return None


@test
def CVE_2026_49468():
    """Host and the target are read once; what they disagree on is refused."""
    auth = b"Authorization: Bearer " + USER.encode() + b"\r\n"
    for target, host, want in (
            (b"/healthz", b"a/metrics?x=", 400),
            (b"/healthz", b"a@b", 400), (b"/healthz", b"a b", 400),
            (b"http://a/healthz", b"b", 400),
            (b"http://a/healthz", b"a", 200),
            (b"http://a@b/healthz", b"b", 400),
            (b"//v1/models", b"a", 404), (b"/v1//models", b"a", 404),
            (b"/healthz/../v1/models", b"a", 404),
            (b"/healthz/%2e%2e/v1/models", b"a", 404),
            (b"/v1%2fmodels", b"a", 404), (b"/V1/models", b"a", 404),
            (b"/v1/models;x=/healthz", b"a", 404),
            (b"/v1/models/", b"a", 404), (b"/v1/models#/healthz", b"a", 400),
            (b"\\v1\\models", b"a", 400), (b"v1/models", b"a", 400)):
        for a in (auth, b""):
            got = statuses(raw(b"GET " + target + b" HTTP/1.1\r\nHost: " +
                               host + b"\r\n" + a +
                               b"Connection: close\r\n\r\n"))
            allowed = (want, 404, 401) if want == 404 else (want,)
            if want == 404 and a:
                allowed = (404, 400)
            elif want == 404:
                allowed = (404, 400, 401)
            assert len(got) == 1 and got[0] in allowed, (target, host, got)
    # What decides who may is what is served: never open because of a prefix.
    for path in ("/healthz/v1/models", "/v1/models?/healthz",
                 "/v1/models/m1?x=/health"):
        a = gw.get(path)
        assert a.status in (401, 404), (path, a.status, a.body)


@test
def CVE_2026_35030():
    """A part of a key is no key, also right after the whole one."""
    for key in gw.KEY, USER:
        assert gw.chat(key=key).status == 200
        for cut in (key[:-1], key[:32], key[:20], key[:16], key[:8],
                    key + "x", key + key, key.upper(), " ".join(key),
                    key[:-1] + chr(ord(key[-1]) ^ 1), key[1:]):
            a = gw.chat(key=cut)
            assert a.status == 401, (key, cut, a.status)
        assert gw.chat(key=key).status == 200


FIELDS = ("api_base base_url api_host host endpoint api_url target url "
          "azure_endpoint custom_host proxy").split()


@test
def CVE_2024_6587():
    """Nothing in a request chooses where it goes, or with which key."""
    headers = {"x-portkey-custom-host": EVIL, "Helicone-Target-Url": EVIL,
               "X-Forwarded-Host": "127.0.0.1:%d" % evil.server_port,
               "X-Original-URL": EVIL, "X-Rewrite-URL": EVIL,
               "X-HTTP-Method-Override": "DELETE", "Via": EVIL,
               "x-aigw-provider": EVIL, "Forwarded": "host=%s" % EVIL}
    mock.reset()
    n = 0
    for extra in ({f: EVIL for f in FIELDS},
                  {"api_key": "sk-mine", "organization": "x"},
                  {"litellm_params": {"api_base": EVIL}, "metadata": {
                      "api_base": EVIL}}):
        for h in ({}, headers):
            a = gw.post(CHAT, body(**extra), key=USER, headers=h)
            assert a.status == 200, (extra, a.body)
            n += 1
    # Addresses in the place of a model.
    for model in (EVIL, EVIL + "/m1", "//evil/m1"):
        a = gw.chat(key=USER, model=model)
        assert a.status == 404, (model, a.status, a.body)
    assert posts() == n and {
        r["key"] for r in mock.meter()["rows"]} == {"sk-up-1"}, mock.meter()
    for r in mock.requests()["requests"] if isinstance(
            mock.requests(), dict) else mock.requests():
        text = json.dumps(r).lower()
        assert "sk-mine" not in json.dumps(
            [x for x in r.get("headers", []) if x]), r
        assert USER not in text
    assert evil.seen == [], evil.seen


@test
def CVE_2025_66405():
    """Private addresses are refused at the socket: on every route."""
    was = posts()
    paths = ["/guarded" + CHAT, "/guarded/v1/models", "/guarded/x"]
    for path in paths:
        a = gw.post(path, body("g1"), key=gw.KEY)
        assert a.status == 502, (path, a.status, a.body)
    for model in "g1", "guarded/g1":
        a = gw.chat(model=model, key=gw.KEY)
        assert a.status == 502, (model, a.status, a.body)
    assert posts() == was
    # Paths behind a provider's id stay behind its address.
    host = b"127.0.0.1:%d" % evil.server_port
    for path in (b"/p1@" + host + b"/x", b"/p1/@" + host, b"/p1//" + host,
                 b"/p1/http://" + host, b"/p1#@" + host + b"/",
                 b"/p1/../../x", b"/p1/%2e%2e/x", b"/p1/x?y=http://" + host,
                 b"/p1/\\\\" + host, b"/p1/x%0d%0aHost:%20" + host):
        raw(b"GET " + path + b" HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
            + gw.KEY.encode() + b"\r\nConnection: close\r\n\r\n")
    assert evil.seen == [], evil.seen


@test
def CVE_2026_45400():
    """One reader of URLs; redirects are not followed, nor passed on."""
    for method, path in (("POST", CHAT), ("POST", "/away" + CHAT),
                         ("GET", "/away/v1/models")):
        a = call(gw.port, method, path, body("a1") if method == "POST"
                 else None, bearer(gw.KEY))
        # The raw proxy shows what the provider said, and goes nowhere.
        assert path != CHAT or "location" not in a.headers, a.headers
        assert a.status in (307, 502, 503), (path, a.status, a.body)
    assert sends_away.seen and evil.seen == [], evil.seen
    d = tmpdir()
    for url in ("http://a@b", "http://a\\\\@b", "http://[::1", "http://a b",
                "http://a#b", "http:///x", "http://a:99999", "ftp://a",
                "//a", "http://a:", "file:///etc/passwd",
                "http://a?b@c", "http://\\u0000a", "gopher://a"):
        path = os.path.join(d, "c")
        with open(path, "w") as f:
            f.write('providers = ( { id = "x"; dialect = "openai"; base_url = '
                    '"%s"; keys = ( "sk-x-12345678" ); } );\n%s' % (
                        url, file_key()))
        r = subprocess.run([os.path.join(BUILD, "aigwd"), "-t", "-c", path],
                           capture_output=True, text=True)
        assert r.returncode != 0, (url, r.stdout)


CREDENTIALS = ("Authorization", "x-api-key", "api-key", "x-goog-api-key")


@test
def CVE_2026_45339():
    """What a key may not do it may not in any header; two are refused."""
    for name in CREDENTIALS:
        h = {name: SMALL if name != "Authorization" else "Bearer " + SMALL}
        assert call(gw.port, "POST", CHAT, body("pool"), h).status == 200
        a = call(gw.port, "POST", CHAT, body("p1/m2"), h)
        assert a.status in (403, 404), (name, a.status)
        a = call(gw.port, "POST", "/p1" + CHAT, body("m2"), h)
        assert a.status in (403, 404), (name, a.status)
        for other in CREDENTIALS:
            if other != name:
                a = call(gw.port, "POST", CHAT, body("pool"), dict(
                    h, **{other: gw.KEY}))
                assert a.status == 400, (name, other, a.status, a.body)
                a = call(gw.port, "POST", CHAT, body("pool"), dict(
                    h, **{other: SMALL}))
                assert a.status == 200, (name, other, a.status, a.body)
    two = b"".join(b"Authorization: Bearer " + k.encode() + b"\r\n"
                   for k in (SMALL, gw.KEY))
    got = statuses(raw(b"GET /v1/models HTTP/1.1\r\nHost: a\r\n" + two +
                       b"Connection: close\r\n\r\n"))
    assert got == [400], got


@test
def CVE_2026_45349():
    """What is not this key's is not there, whoever knows its name."""
    a = call(gw.port, "GET", "/v1/models", headers=bearer(SMALL))
    names = [m["id"] for m in a.json()["data"]]
    assert "pool" in names and "p1/m2" not in names, names
    for name in "m2", "p1/m2", "guarded/g1":
        a = call(gw.port, "GET", "/v1/models/" + name, headers=bearer(SMALL))
        b = call(gw.port, "GET", "/v1/models/nobody", headers=bearer(SMALL))
        assert a.status == b.status == 404, (name, a.status)


@test
def CVE_2026_41432():
    """An empty secret is a mistake wherever one stands."""
    d = tmpdir()
    empty = os.path.join(d, "empty")
    with open(empty, "w") as f:
        f.write("\n")
    os.chmod(empty, 0o600)
    env = dict(os.environ, EMPTY="", BLANK="  ")
    bad = []
    for source in "", "env:EMPTY", "env:BLANK", "file:" + empty, "env:":
        for conf in (
                'providers = ( { id = "x"; dialect = "openai"; base_url = '
                '"https://a"; keys = ( "%s" ); } );\n' + file_key(),
                'keys = ( { name = "k"; secret = "%s"; } );',
                file_key() + 'auth = { gateway_token = "%s"; };',
                file_key() + 'admin = { password = "%s"; };'):
            if source == "" and ("token" in conf or "password" in conf):
                continue	# the documented spelling of "none"
            path = os.path.join(d, "c")
            with open(path, "w") as f:
                f.write(conf % source)
            r = subprocess.run([os.path.join(BUILD, "aigwd"), "-t", "-c",
                                path], capture_output=True, text=True,
                               env=env)
            if r.returncode == 0:
                bad.append((source, conf, r.stdout))
    assert not bad, bad
    # Without a gateway token, what would be its base64 opens nothing.
    for h in ("Bearer ", "Bearer  ", "Bearer", "", "Bearer ====",
              "Bearer " + base64.b64encode(b"\0").decode(), "Basic Og=="):
        a = call(gw.port, "POST", CHAT, body(), {"Authorization": h})
        assert a.status == 401, (h, a.status)


@test
def CVE_2026_25591():
    """Letters of patterns mean nothing, and lists of everything go in rounds:
    others are answered in between (turns_e2e has the figures)."""
    other = Gateway("providers = ( %s );\n%s" % (provider(mock), file_key()))
    other.stop()
    subprocess.run([os.path.join(BUILD, "tests/e2e/ledger_fill"),
                    os.path.join(other.dir, "state"), "20000"], check=True)
    other.start()
    wait("admin", lambda: other.ctl("version", check=False).returncode == 0)
    for name in "%", "*", "%" * 200, "?" * 60, "[a-z]*", "k_y", ".*", "(a+)+$":
        r = other.ctl("key", "show", name, check=False)
        assert r.returncode != 0 and "test" not in r.stdout, (name, r)
        r = other.ctl("provider", "show", name, check=False)
        assert r.returncode != 0 and "p1" not in r.stdout, (name, r)
        a = other.get("/v1/models/" + urllib.parse.quote(name, safe=""),
                      headers=bearer(other.KEY))
        assert a.status == 404, (name, a.status)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        lists = [pool.submit(other.ctl, "usage", "--by", "model")
                 for _ in range(4)]
        asked = 0
        while not all(x.done() for x in lists) or asked < 3:
            assert call(other.admin_port, "GET", "/healthz").status == 200
            asked += 1
        for x in lists:
            assert len(x.result().stdout.split("\n")) == 20003
    used = [int(x) for x in re.findall(
        r" admin\[\d+\].* a turn of the event loop took .*time: (\d+) ms",
        other.log())]
    assert SANITIZED or all(x < 100 for x in used), used
    other.stop()


@test
def one_api_2440():
    """200 at once on a budget of one: one."""
    was = posts()
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        got = list(pool.map(lambda n: gw.chat(key=ONCE).status, range(200)))
    assert got.count(200) == 1 and got.count(429) == 199, got
    assert posts() == was + 1


def used(name):
    r = json.loads(gw.ctl("usage", "--by", "key", "--json").stdout)
    return {x["key"]: x for x in r["rows"]}.get(name)


@test
def octopus_243():
    """A provider that tells negative or huge usage refills nothing."""
    words = "usage=negative", "usage=huge", "usage=string", "usage=null"
    n = 0
    while n < 100:
        a = gw.chat("[[mock:%s,tokens=5]]" % words[n % 4], key=TOKENS,
                    max_tokens=5, stream=n % 8 > 3)
        if a.status == 429:
            break
        assert a.status == 200, a.body
        n += 1
    assert 0 < n < 100, n
    row = wait("the ledger", lambda: used("tokens"))
    for member in "input_tokens", "output_tokens", "cost":
        if member in row:
            assert float(row[member]) >= 0, row
    # The limit has been reached, and stays so.
    for i in range(3):
        a = gw.chat(key=TOKENS, max_tokens=5)
        assert a.status == 429, (a.status, a.body)


@test
def GHSA_724j_f2pf_phf7():
    """A client that hangs up before the end is accounted for."""
    wait("the ledger", lambda: drained(gw))
    was = wait("the user", lambda: used("user"))
    n = 5
    text = json.dumps({"model": "m1", "stream": True, "messages": [
        {"role": "user", "content": "[[mock:rate=20,tokens=100]]"}]}).encode()
    for i in range(n):
        with socket.create_connection(("127.0.0.1", gw.port),
                                      timeout=60) as s:
            s.sendall(b"POST " + CHAT.encode() + b" HTTP/1.1\r\nHost: a\r\n"
                      b"Authorization: Bearer " + USER.encode() +
                      b"\r\nContent-Type: application/json\r\n"
                      b"Content-Length: %d\r\n\r\n" % len(text) + text)
            got = b""
            while got.count(b"data: ") < 3:
                more = s.recv(4096)
                assert more, got
                got += more
    now = wait("the requests", lambda: used("user")["requests"] >=
               was["requests"] + n and used("user"))
    assert now["requests"] == was["requests"] + n, (was, now)
    # two had come with the third event, and a hundred is all there were
    told = now["output_tokens"] - was["output_tokens"]
    assert 2 * n <= told <= 100 * n, (was, now)


@test
def litellm_2114():
    """No key in a log or in a URL; canary_e2e does this in full, and every
    script at its end (lib.py)."""
    mock.reset()
    for words in "status=401,message=Bad-key-sk-up-1", "status=500", "status" \
            "=400,message=sk-up-1":
        a = gw.chat("[[mock:%s]]" % words, key=gw.KEY)
        assert b"sk-up-1" not in a.body, a.body
    got = mock.requests()
    for r in got["requests"] if isinstance(got, dict) else got:
        assert "sk-up-1" not in r.get("target", r.get("path", "")), r
    for name in "error.log", "access.log", "api-error.jsonl":
        for k in "sk-up-1", gw.KEY, USER, SMALL:
            assert k not in gw.log(name), (name, k)


@test
def one_api_default_root():
    """No account is there from the start, and no page of another origin may
    call unless it is named."""
    for user, word in (("root", "123456"), ("admin", "admin"),
                       ("admin", "password"), ("admin", "")):
        text = base64.b64encode(("%s:%s" % (user, word)).encode()).decode()
        for h in ({"Authorization": "Basic " + text}, bearer(word or "x"),
                  bearer(text)):
            a = call(gw.port, "POST", CHAT, body(), h)
            assert a.status == 401, (h, a.status)
    for method in "OPTIONS", "GET", "POST":
        a = call(gw.port, method, CHAT, headers={
            "Origin": "https://evil.example",
            "Access-Control-Request-Method": "POST"})
        assert "access-control-allow-origin" not in a.headers, a.headers
        assert "access-control-allow-credentials" not in a.headers
    r = gw.ctl("key", "create", "hashed")
    key = re.search(r"sk-aigw-\w{48}", r.stdout).group()
    assert gw.chat(key=key).status in (200, 403, 404)
    for d, _, names in os.walk(gw.dir):
        for n in names:
            if n != "aigw.conf" and os.path.isfile(os.path.join(d, n)):
                with open(os.path.join(d, n), "rb") as f:
                    assert key.encode() not in f.read(), n


def listening(pids):
    """Addresses that these processes listen on."""
    out = set()
    inodes = set()
    for pid in pids:
        for fd in os.listdir("/proc/%d/fd" % pid):
            try:
                m = re.match(r"socket:\[(\d+)\]", os.readlink(
                    "/proc/%d/fd/%s" % (pid, fd)))
            except OSError:
                continue
            if m:
                inodes.add(m.group(1))
    for name in "tcp", "tcp6":
        with open("/proc/net/" + name) as f:
            for line in f.read().split("\n")[1:-1]:
                x = line.split()
                if x[3] == "0A" and x[9] in inodes:
                    out.add((x[1].split(":")[0],
                             int(x[1].split(":")[1], 16)))
    return out


@test
def Portkey_e4570228():
    """What is not given opens nothing: without a configuration and without a
    password the listeners are on a loopback, and refuse (row S8)."""
    if os.geteuid() != 0:
        return "needs root to look at the sockets"
    d = tmpdir()
    text = subprocess.run(
        [os.path.join(BUILD, "aigwd"), "-T", "-c", "/dev/null"],
        capture_output=True, text=True).stdout
    listen = re.findall(r'address = "([^"]*)"', text)
    admin = re.search(r'admin = \{\s*listen = "([^"]*)"', text).group(1)
    assert all(x.startswith("127.0.0.1:") for x in listen + [admin]), text
    assert "required = true" in text, text
    g = Gateway("", start=False)
    # Everything by default, but for folders and ports.
    g.write("".join(x + "\n" for x in g.head().split("\n")
                    if "admin = " not in x) +
            'admin = { listen = "127.0.0.1:%d"; };\n' % g.admin_port)
    g.start()
    wait("admin", lambda: g.ctl("version", check=False).returncode == 0, 20)
    open_at = listening(g.pids() + [g.p.pid])
    assert open_at == {("0100007F", g.port), ("0100007F", g.admin_port)}, \
        open_at
    for key in None, "", "admin", "root", "sk-any-123456":
        a = g.chat(key=key)
        assert a.status == 401, (key, a.status, a.body)
        for path in "/", "/admin", "/api", "/api/keys", "/login", "/logs":
            a = call(g.admin_port, "GET", path, headers=bearer(key or ""))
            assert a.status == 404, (path, a.status)
    # Not on a loopback: numbers are for keys only.
    g.write(g.head().replace("admin = { listen = \"127.0.0.1",
                             "admin = { listen = \"0.0.0.0"))
    g.stop()
    g.start()
    a = wait("admin", lambda: call(g.admin_port, "GET", "/metrics"))
    assert a.status == 401, (a.status, a.body)
    del d
    return None


@test
def agentgateway_60f7219b6():
    """Keys are found by their hash, and no place compares their text: the
    time is counted by tests/unit/keytime_test."""
    with open(os.path.join(SRC, "src/worker/caller.c")) as f:
        text = f.read()
    who = text[text.index("\nrecognise("):text.index("\ncaller_find(")]
    assert who.index("crypto_sha256(key") < who.index("hmap_get(")
    assert not re.search(r"str_eq|strcmp|memcmp", who), who
    token = text[text.index("\nis_gateway_token("):text.index("\nrecognise(")]
    assert "secret_eq(" in token and not re.search(
        r"str_eq|strcmp|memcmp", token), token
    with open(os.path.join(SRC, "src/lib/base/crypto.c")) as f:
        assert "CRYPTO_memcmp(" in f.read()


@test
def CVE_2024_8984():
    """Boundaries without end cost no time."""
    boundary = "-" * 60
    for text in ("\r\n--" + "-" * (1 << 20), ("--" + boundary) * 20000,
                 ("\r\n--" + boundary + "\r\n") * 20000,
                 "--" + boundary + "\r\n" + "a: b\r\n" * 50000,
                 "--" + boundary + '\r\nContent-Disposition: form-data; '
                 'name="' + "x" * 500000):
        for kind in (boundary, '"' + boundary + '"', "", "x" * 4000):
            began = time.monotonic()
            a = gw.post("/v1/audio/transcriptions", text.encode(), key=USER,
                        headers={"Content-Type": "multipart/form-data; "
                                 "boundary=" + kind})
            took = time.monotonic() - began
            assert a.status in (400, 404), (a.status, a.body)
            # of a second; a quadratic search of a megabyte takes minutes
            assert took < 30, (len(text), kind[:10], took)


@test
def LiteLLM_1_82_7():
    """The programs load libraries of the system and nothing else."""
    for name in "aigwd", "aigwctl":
        r = subprocess.run(["ldd", os.path.join(BUILD, name)],
                           capture_output=True, text=True)
        if r.returncode != 0:
            return "no ldd for this file"
        for line in r.stdout.split("\n")[:-1]:
            m = re.search(r"=> (\S+)|^\s*(\S+) \(", line)
            path = m.group(1) or m.group(2)
            assert re.match(r"linux-vdso|/lib|/usr/lib", path), line
        r = subprocess.run(["readelf", "-d", os.path.join(BUILD, name)],
                           capture_output=True, text=True)
        assert not re.search("RPATH|RUNPATH", r.stdout), r.stdout
    return None


def rss(pids):
    n = 0
    for pid in pids:
        with open("/proc/%d/status" % pid) as f:
            n += int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))
    return n


@test
def litellm_12685():
    """Logs that cannot be written are lost, not kept in memory."""
    if os.geteuid() != 0:
        return "needs root for a full device"
    logs = os.path.join(gw.dir, "log")
    for n in "access.log", "api-error.jsonl", "error.log":
        os.rename(os.path.join(logs, n), os.path.join(logs, n + ".kept"))
        os.mknod(os.path.join(logs, n), 0o666 | 0o020000, os.makedev(1, 7))
    try:
        gw.ctl("reopen")
        for i in range(50):
            gw.chat(key=USER)
        workers = gw.pids("worker")
        was = rss(workers)
        agent = {"User-Agent": "x" * 1000}
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            got = list(pool.map(lambda n: gw.post(
                CHAT, body("m1" if n % 2 else "nobody"), key=USER,
                headers=agent).status, range(2000)))
        assert set(got) == {200, 404}, set(got)
        grown = rss(workers) - was
        assert grown < 16 * 1024 or SANITIZED, "%d KiB more" % grown
        # Nor are they shown again and again.
        size = os.path.getsize(gw.out)
        assert size < 20 << 20, size
    finally:
        for n in "access.log", "api-error.jsonl", "error.log":
            os.unlink(os.path.join(logs, n))
            os.rename(os.path.join(logs, n + ".kept"), os.path.join(logs, n))
        gw.ctl("reopen")


@test
def PROMPTPEEK():
    """No answer is another's: the same request of two keys, and of one key
    twice, goes to the provider each time, and with nothing of ours that would
    share a prompt cache there. (There is no response cache yet.)"""
    seen = []
    for key in USER, SMALL, USER:
        was = posts()
        a = call(gw.port, "POST", CHAT, body("pool", user="u-" + key[-4:],
                                             prompt_cache_key="c"),
                 bearer(key))
        assert a.status == 200 and posts() == was + 1, (a.status, posts())
        for name in "age", "x-cache", "etag", "x-aigw-cache":
            assert name not in a.headers, (name, a.headers)
        seen.append(a.json()["id"])
    assert len(set(seen)) == 3, seen
    keeps = listener(200)
    keeps.RequestHandlerClass = Keeps
    other = Gateway("providers = ( %s );\n%s" % (
        provider(type("", (), {"url": "http://127.0.0.1:%d" %
                               keeps.server_port}), "kept", ("k",), HEALTH),
        file_key()))
    for fields in {}, {"user": "mine", "prompt_cache_key": "mine"}:
        a = call(other.port, "POST", CHAT, body("kept/k", **fields),
                 bearer(other.KEY))
        assert a.status == 200, (a.status, a.body)
        sent = keeps.seen[-1]
        assert sent["model"] == "k", sent
        for name in "user", "prompt_cache_key", "safety_identifier":
            assert sent.get(name) == fields.get(name), (name, sent)
    other.stop()


@test
def CVE_2025_55315():
    """Chunk lines end in CRLF and have no extensions."""
    head = (b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization:"
            b" Bearer " + USER.encode() + b"\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Type: application/json\r\n\r\n")
    smuggled = (b"GET /healthz HTTP/1.1\r\nHost: a\r\n"
                b"Connection: close\r\n\r\n")
    text = json.dumps(body()).encode()
    size = b"%x" % len(text)
    for data in (size + b"\n" + text + b"\r\n0\r\n\r\n",
                 size + b"\r" + text + b"\r\n0\r\n\r\n",
                 size + b";\n" + text + b"\r\n0\r\n\r\n",
                 size + b";a=b\r\n" + text + b"\r\n0\r\n\r\n",
                 size + b";a\nb\r\n" + text + b"\r\n0\r\n\r\n",
                 size + b" \r\n" + text + b"\r\n0\r\n\r\n",
                 size + b"\r\n" + text + b"\n0\r\n\r\n",
                 size + b"\r\n" + text + b"\r\n0\n\n",
                 size + b"\r\n" + text + b"\r\n0;x\r\n\r\n",
                 b"0x" + size + b"\r\n" + text + b"\r\n0\r\n\r\n",
                 b"+" + size + b"\r\n" + text + b"\r\n0\r\n\r\n",
                 b"-1\r\n" + text + b"\r\n0\r\n\r\n",
                 b"00000000" + size + b"\r\n" + text + b"\r\n0\r\n\r\n",
                 b"fffffffffffffffff\r\n" + text + b"\r\n0\r\n\r\n"):
        was = posts()
        got = statuses(raw(head + data + smuggled))
        assert got == [400] or got == [413], (data, got)
        assert posts() == was, data
    assert statuses(raw(head + size + b"\r\n" + text + b"\r\n0\r\n\r\n" +
                        smuggled)) == [200, 200]


@test
def table_is_whole():
    assert [n for n, _, _ in TABLE] == list(range(1, 25))
    for n, ids, what in TABLE:
        assert ids
        if not what.startswith("does not apply: "):
            assert callable(globals().get(what)), (n, what)


@test
def no_process_ended():
    assert sorted(gw.pids()) == sorted(before), (before, gw.pids())
    assert evil.seen == []


main()
