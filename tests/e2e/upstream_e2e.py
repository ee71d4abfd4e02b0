"""upstream_e2e.py - providers: keys in rotation, proxies, TLS, HTTP/2, lists,
headers, the environment."""
import http.client
import json
import os
import shutil
import socket
import ssl
import threading

from lib import (Gateway, Mock, _cleanup, call, file_key, free_port, main,
                 provider, test, tmpdir, wait)
from proxies import HttpProxy, Nginx, Server, Socks, certificate

folder = tmpdir()
cert, key = certificate(folder, "upstream")
client_cert, client_key = certificate(folder, "client")
mock = Mock("--models", "m1,m2,m3")
tls_mock = Mock("--models", "m1", "--tls", cert, key)
http_proxy, socks = HttpProxy(), Socks()
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
h2_port = free_port()
if NGINX:
    nginx = Nginx(NGINX, cert, key, h2_port, mock.port)


class NeedsCertificate(Server):
    """A TLS server that wants a certificate and tells whose it got."""

    def serve(self, c):
        x = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        x.load_cert_chain(cert, key)
        x.load_verify_locations(client_cert)
        x.verify_mode = ssl.CERT_REQUIRED
        s = x.wrap_socket(c, server_side=True)
        s.settimeout(60)
        got = b""
        while b"\r\n\r\n" not in got:
            got += s.recv(65536)
        self.seen.append(dict(x[0] for x in s.getpeercert()["subject"]))
        body = b'{"id":"x","choices":[],"usage":{"prompt_tokens":1,' \
            b'"completion_tokens":1,"total_tokens":2}}'
        s.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                  b"Connection: close\r\nContent-Length: %d\r\n\r\n" %
                  len(body) + body)
        s.close()


wants = NeedsCertificate()
TLS = "https://localhost:%d"
PRIVATE = 'allow_private = ( "127.0.0.0/8", "::1/128" );'


def prov(pid, url, more="", keys='"sk-up-1"', models='"m1"'):
    return ('{ id = "%s"; dialect = "openai"; base_url = "%s"; keys = ( %s );'
            ' models = ( %s ); %s %s }' % (pid, url, keys, models, PRIVATE,
                                           more))


PROVIDERS = [
    prov("multi", mock.url, 'health = { interval = "1s"; '
         'unhealthy_retry = "1s"; };',
         '{ key = "k-a"; weight = 2.0; }, "k-b", "k-c"'),
    prov("single", mock.url, 'health = { interval = "1h"; };', '"k-single"'),
    prov("nokey", mock.url, keys=""),
    prov("proxied", mock.url, 'proxy = "http://127.0.0.1:%d";' %
         http_proxy.port),
    prov("tunnel", TLS % tls_mock.port, 'proxy = "http://127.0.0.1:%d"; '
         'tls = { ca_file = "%s"; };' % (http_proxy.port, cert)),
    prov("socks", "http://up.example.org:%d" % mock.port,
         'proxy = "socks5h://127.0.0.1:%d";' % socks.port),
    prov("tls", TLS % tls_mock.port, 'tls = { ca_file = "%s"; };' % cert),
    prov("untrusted", TLS % tls_mock.port),
    prov("wrongname", "https://127.0.0.1:%d" % tls_mock.port,
         'tls = { ca_file = "%s"; };' % cert),
    prov("trusting", TLS % tls_mock.port, 'tls = { verify = false; };'),
    prov("cert", TLS % wants.port, 'tls = { ca_file = "%s"; '
         'client_certificate = "%s"; client_key = "%s"; };' % (
             cert, client_cert, client_key)),
    prov("nocert", TLS % wants.port, 'tls = { ca_file = "%s"; };' % cert),
    prov("h2", TLS % h2_port, 'http_version = "2"; tls = { ca_file = "%s"; };'
         % cert),
    prov("h2large", TLS % h2_port, 'http_version = "2"; headers = { x-large ='
         ' "%s"; }; tls = { ca_file = "%s"; };' % ("y" * 65400, cert)),
    prov("listed", "http://localhost:%d" % mock.port, 'models_ttl = "1s";',
         models=""),
    prov("odd", mock.url, 'headers = { x-extra = "yes"; user-agent = "mine"; '
         '}; forward_headers = ( "x-pass", "User-Agent" );'),
    prov("forwards", mock.url, 'forward_headers = ( "user-agent" );'),
    prov("browser", mock.url, 'mask_as_browser = true; mask_origin = '
         '"https://o.example"; mask_referer = "https://r.example/";'),
    prov("leave", mock.url, 'usage_in_streams = "leave";'),
    prov("gone", "http://127.0.0.1:%d" % free_port()),
    prov("unresolved", "http://no-such-host.invalid"),
    prov("forbidden", "http://localhost:%d" % mock.port).replace(PRIVATE, ""),
]
CONF = (
    "providers = ( %s );\n%s" % (", ".join(PROVIDERS), file_key()) +
    "groups = ( { name = \"words\"; targets = ("
    " { provider = \"multi\"; model = \"m1\"; priority = 1; },"
    " { provider = \"single\"; model = \"m1\"; priority = 2; } ); },\n"
    "{ name = \"three\"; targets = ("
    " { provider = \"gone\"; model = \"m1\"; priority = 1; },"
    " { provider = \"gone\"; model = \"m2\"; priority = 2; },"
    " { provider = \"nokey\"; model = \"m1\"; priority = 3; } ); } );\n"
    "failure_keywords = ( \"Model Is Overloaded\" );\n"
    "failover = { threshold = 1000; %s };\n"
    "client = { max_header = \"8k\"; max_body = \"100k\"; };\n")
gw = Gateway(CONF % "")


def chats():
    """key -> (complete, errors) of the mock's chat endpoint."""
    out = {}
    for r in mock.meter()["rows"]:
        if r["endpoint"] == "chat":
            c, e = out.get(r["key"], (0, 0))
            out[r["key"]] = (c + r["complete"], e + r["errors"])
    return out


def good(model, **kw):
    a = gw.chat(model=model, **kw)
    assert a.status == 200, (model, a.status, a.body, gw.log()[-1500:])
    return a


def stream(model):
    a = good(model, stream=True)
    events = [x for x in a.body.decode().split("\n") if x[:5] == "data:"]
    assert events[-1] == "data: [DONE]" and len(events) > 3, events
    return events


def last_chat():
    """Header fields of the last chat at the mock, in lower case."""
    r = [x for x in mock.requests()["requests"] if x["head"].startswith(
        "POST /v1/chat")][-1]
    out = {}
    for line in r["head"].split("\r\n")[1:]:
        if ": " in line:
            k, v = line.split(": ", 1)
            out.setdefault(k.lower(), []).append(v)
    out["body"] = r["body"]
    return out


@test
def weighted_rotation():
    before = chats()
    for _ in range(80):
        good("multi/m1")
    got = {k: chats()[k][0] - before.get(k, (0, 0))[0]
           for k in ("k-a", "k-b", "k-c")}
    assert sum(got.values()) == 80, got
    assert abs(got["k-a"] - 40) <= 3 and abs(got["k-b"] - 20) <= 3, got


@test
def refused_key_leaves_and_comes_back():
    mock.config(rules=[{"key": "k-a", "do": "status=401"}])
    try:
        for _ in range(20):
            assert good("multi/m1").headers["x-aigw-attempts"] in ("1", "2")
        first = chats()
        # probes go on failing: it stays out
        for _ in range(20):
            assert good("multi/m1")
        assert chats()["k-a"][1] - first["k-a"][1] <= 4, (first, chats())
        wait("the log", lambda: "out of rotation" in gw.log())
    finally:
        mock.config(rules=[])
    done = chats()["k-a"][0]
    def back():
        good("multi/m1")
        return chats()["k-a"][0] > done
    wait("the key in rotation", back, 10)
    wait("the probe", lambda: "is back" in gw.log(), 10)


@test
def rate_limited_key_rests_as_told():
    mock.config(rules=[{"key": "k-b", "path": "*/chat/completions",
                        "do": "status=429,retry-after=600"}])
    before = chats().get("k-b", (0, 0))
    for _ in range(40):
        good("multi/m1")
    after = chats()["k-b"]
    mock.config(rules=[])
    assert 1 <= after[1] - before[1] <= 2, (before, after)
    gw.ctl("reload")        # a rest outlives a reload
    for _ in range(10):
        good("multi/m1")
    assert chats()["k-b"] == after


@test
def only_key_is_rate_limited():
    mock.config(rules=[{"key": "k-single", "do": "status=429,retry-after=7"}])
    a = gw.chat(model="single/m1")
    mock.config(rules=[])
    assert a.status == 429 and a.headers["retry-after"] == "7", (
        a.status, a.headers, a.body)
    good("single/m1")       # the only key there is: tried again


@test
def all_keys_refused_then_all_back():
    mock.config(rules=[{"key": "k-*", "do": "status=401"}])
    a = gw.chat(model="multi/m1")
    assert a.status == 502, (a.status, a.body)
    text = a.body.decode()
    assert "multi" in text and "k-a" not in text and "k-c" not in text, text
    assert gw.chat(model="multi/m1").status == 502
    mock.config(rules=[])
    for _ in range(10):
        good("multi/m1")    # at once: nothing better is left


@test
def no_key():
    good("nokey/m1")
    h = last_chat()
    assert not {"authorization", "x-api-key", "api-key"} & set(h), h


@test
def behind_an_http_proxy():
    good("proxied/m1")
    stream("proxied/m1")
    assert any("chat/completions" in x or str(mock.port) in x
               for x in http_proxy.seen), http_proxy.seen
    good("tunnel/m1")
    stream("tunnel/m1")
    assert "CONNECT localhost:%d HTTP/1.1" % tls_mock.port in \
        http_proxy.seen, http_proxy.seen


@test
def behind_a_socks_proxy():
    good("socks/m1")
    stream("socks/m1")
    assert "1 up.example.org:%d" % mock.port in socks.seen, socks.seen


@test
def http2():
    if not NGINX:
        return "nginx is not installed"
    wait("nginx", lambda: socket.create_connection(
        ("127.0.0.1", h2_port), 5))
    good("h2/m1")
    stream("h2/m1")
    a = gw.chat("x" * 90000, model="h2/m1")
    assert a.status == 200, a.body
    wait("its log", lambda: len([
        x for x in nginx.lines() if "chat/completions" in x]) >= 3)
    got = [x for x in nginx.lines() if "chat/completions" in x]
    assert len(got) == 3 and all(x.startswith("HTTP/2.0 POST")
                                 for x in got), got
    # more fields than libcurl can send by it
    good("h2large/m1")
    good("h2/m1")
    wait("its log", lambda: len([
        x for x in nginx.lines() if "chat/completions" in x]) >= 5)
    got = [x for x in nginx.lines() if "chat/completions" in x][3:]
    assert [x[:13] for x in got] == ["HTTP/1.1 POST", "HTTP/2.0 POST"], got
    return None


@test
def tls():
    for model in ("tls/m1", "trusting/m1"):
        good(model)
        stream(model)
    for model, word in (("untrusted/m1", "certificate"),
                        ("wrongname/m1", "certificate")):
        a = gw.chat(model=model)
        assert a.status == 502, (model, a.status, a.body)
        text = a.json()["error"]["message"]
        assert "TLS" in text or word in text, text


@test
def client_certificate():
    good("cert/m1")
    assert wants.seen[-1] == {"commonName": "client"}, wants.seen
    n = len(wants.seen)
    assert gw.chat(model="nocert/m1").status == 502
    assert len(wants.seen) == n


@test
def model_list_of_the_provider():
    """Also: the provider's host is a name that the checker resolves."""
    h = {"Authorization": "Bearer " + gw.KEY}
    def listed():
        return {m["id"] for m in gw.get("/v1/models", headers=h).json()
                ["data"]} >= {"m1", "m2", "m3"}
    wait("the model list in all workers",
         lambda: all(listed() for _ in range(16)))
    assert good("m3").headers["x-aigw-provider"] == "listed"
    mock.config(models=["m1", "m2", "m3", "new-one"])
    wait("the new model in all workers", lambda: all(gw.get(
        "/v1/models/new-one", headers=h).status == 200 for _ in range(16)))
    assert good("new-one").headers["x-aigw-provider"] == "listed"


@test
def addresses_that_are_not_allowed():
    a = gw.chat(model="forbidden/m1")
    assert a.status == 502 and "not allowed" in a.body.decode(), a.body
    wait("what to do about it", lambda: "allow_private" in gw.log())
    a = gw.chat(model="unresolved/m1")
    assert a.status in (502, 504), (a.status, a.body)
    assert "resolve" in a.body.decode() or "address" in a.body.decode(), \
        a.body
    a = gw.chat(model="gone/m1")
    assert a.status == 502 and "refused" in a.body.decode(), a.body


def send(model, **headers):
    h = {k.replace("_", "-"): v for k, v in headers.items()}
    a = gw.post("/v1/chat/completions", {"model": model, "messages": [
        {"role": "user", "content": "x"}]}, headers=h)
    assert a.status == 200, a.body
    return last_chat()


@test
def headers():
    more = dict(x_pass="1", x_drop="2", user_agent="client/1", cookie="a=b",
                x_forwarded_for="192.0.2.1", origin="https://c.example")
    h = send("nokey/m1", **more)
    assert not {"x-pass", "x-drop", "cookie", "origin",
                "x-forwarded-for"} & set(h), h
    assert h["user-agent"][0].startswith("aigw/"), h
    h = send("odd/m1", **more)
    assert h["x-pass"] == ["1"] and h["x-extra"] == ["yes"], h
    assert "x-drop" not in h and "cookie" not in h, h
    assert h["user-agent"] == ["mine"], h       # the operator's word is last
    assert h["authorization"] == ["Bearer sk-up-1"], h
    assert h["content-type"] == ["application/json"], h
    assert h["accept-encoding"] == ["identity"], h
    h = send("forwards/m1", **more)
    assert h["user-agent"] == ["client/1"], h


@test
def mask_as_browser():
    h = send("browser/m1", user_agent="client/1", origin="https://c.example")
    assert len(h["user-agent"]) == 1 and "Mozilla/" in h["user-agent"][0], h
    assert h["origin"] == ["https://o.example"], h
    assert h["referer"] == ["https://r.example/"], h
    assert "aigw" not in json.dumps(h), h


@test
def max_sizes():
    a = gw.get("/healthz", headers={"x-long": "y" * 7000})
    assert a.status == 200
    a = gw.get("/healthz", headers={"x-long": "y" * 8200})
    assert a.status == 431, a.status
    a = gw.chat("z" * 90000, model="nokey/m1")
    assert a.status == 200
    a = gw.chat("z" * 110000, model="nokey/m1")
    assert a.status == 413 and a.json()["error"]["message"], a.status
    # and of what a provider sends
    a = gw.chat("[[mock:garbage=line]]", model="nokey/m1")
    assert a.status == 502, (a.status, a.body)
    a = gw.chat("[[mock:headers=60]]", model="nokey/m1")
    assert a.status == 200, (a.status, a.body)


@test
def usage_left_alone():
    stream("leave/m1")
    assert "include_usage" not in last_chat()["body"]
    line = wait("the access log", lambda: [
        x for x in gw.log("access.log").split("\n")
        if '"provider":"leave"' in x])
    j = json.loads(line[-1])
    assert j["estimated"] is True and j["output_tokens"] > 0, j
    stream("nokey/m1")
    assert '"include_usage":true' in last_chat()["body"].replace(" ", "")


@test
def failure_keywords():
    text = "[[marker:the model is overloaded now]]"
    mock.config(rules=[])
    a = gw.chat(text, model="words")
    b = gw.chat("[[marker:all is well]]", model="words")
    assert b.headers["x-aigw-provider"] == "multi"
    # both targets are the same mock: both fail by the word
    assert a.status == 503, (a.status, a.body)
    wait("the reason", lambda: "failure keyword" in
         gw.log("api-error.jsonl"))
    a = gw.chat(text, model="multi/m1")     # no group: not asked
    assert a.status == 200


@test
def max_attempts():
    a = good("three")
    assert a.headers["x-aigw-attempts"] == "3"
    assert a.headers["x-aigw-provider"] == "nokey"
    gw.write(CONF % "max_attempts = 2;")
    gw.ctl("reload")
    a = wait("the reload", lambda: (lambda a: a.status != 200 and a)(
        gw.chat(model="three")))
    assert a.status == 503 and a.headers["x-aigw-attempts"] == "2", (
        a.status, a.headers, a.body)


@test
def environment_alone():
    """No file: a family's key, and LLM_PROVIDERS with an address."""
    d = tmpdir()
    if os.geteuid() == 0:
        os.chmod(d, 0o777)
    g = Gateway("", start=False)
    os.unlink(g.conf_path)
    env = {k: v for k, v in os.environ.items() if k in (
        "PATH", "HOME", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS")}
    env.update({
        "PORT": str(g.port), "ANTHROPIC_API_KEY": "sk-ant-canary-1",
        "AIGW_STATE_DIR": g.dir + "/state", "AIGW_RUN_DIR": g.dir + "/run",
        "AIGW_LOG_DIR": g.dir + "/log", "AIGW_WORKERS": "1",
        "AIGW_ADMIN_LISTEN": "127.0.0.1:%d" % g.admin_port,
        "AIGW_SANDBOX": os.environ.get("AIGW_SANDBOX", "true"),
        "AIGW_USER": "nobody", "AIGW_GROUP": "nogroup",
        "AIGW_LOG_LEVEL": "debug", "APIPROXY_AUTH_TOKEN": "timeline",
        "LLM_PROVIDERS": "mine", "LLM_PROVIDER_mine_NAME": "Mine",
        "LLM_PROVIDER_mine_BASE_URL": mock.url,
        "LLM_PROVIDER_mine_API_KEY": "sk-mine-canary-2",
        "LLM_PROVIDER_mine_DIALECT": "openai"})
    g.env = env
    g.p = None
    start_without_file(g)
    token = "dGltZWxpbmU="
    info = g.get("/info").json()
    assert set(info["enabled_platforms"]) == {"anthropic", "mine"}, info
    assert g.chat(key=None).status == 401
    # an address of this machine needs a word in a file
    a = g.chat(model="mine/m1", key=token)
    assert a.status == 502 and "not allowed" in a.body.decode(), (
        a.status, a.body)
    wait("what to do about it", lambda: "allow_private" in g.log())
    assert "canary" not in g.log() + g.output()
    g.stop()


def start_without_file(g):
    import lib
    import subprocess
    g.out = os.path.join(g.dir, "out")
    with open(g.out, "ab") as f:
        g.p = subprocess.Popen([os.path.join(lib.BUILD, "aigwd"), "-f"],
                               stdout=f, stderr=subprocess.STDOUT,
                               env=g.env)
    g.wait_ready()


main()
