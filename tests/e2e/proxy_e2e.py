"""proxy_e2e.py - chat, streams, other endpoints, errors, failover, raw."""
import http.client
import json
import socket

from lib import Gateway, Mock, call, file_key, main, provider, test, wait

mock = Mock("--models", "m1,m2")
mock2 = Mock("--models", "m1,m3")
gw = Gateway(
    "providers = ( %s, %s );\n%s"
    "groups = ( { name = \"pool\"; targets = ("
    " { provider = \"p1\"; model = \"m1\"; priority = 1; },"
    " { provider = \"p2\"; model = \"m1\"; priority = 2; } ); } );\n"
    "aliases = ( { match = \"gpt-4*\"; use = \"pool\"; } );\n"
    "failover = { threshold = 100; };\n" % (
        provider(mock, "p1", ("m1", "m2")), provider(mock2, "p2", ("m3",)),
        file_key()))


def sse(body):
    return [x[6:] for x in body.decode().split("\n") if x.startswith("data: ")]


@test
def chat():
    a = gw.chat("hello")
    assert a.status == 200, (a.status, a.body)
    j = a.json()
    assert j["choices"][0]["message"]["content"], j
    assert j["usage"]["total_tokens"] > 0
    assert a.headers["x-aigw-provider"] == "p1", a.headers
    assert a.headers["x-aigw-model"] == "m1"
    assert a.headers["x-aigw-attempts"] == "1"
    assert float(a.headers["x-aigw-cost"]) > 0
    assert a.headers["x-request-id"] == a.headers["request-id"]


@test
def stream_without_usage_asked():
    a = gw.chat("hello", stream=True)
    assert a.status == 200
    assert a.headers["content-type"].startswith("text/event-stream")
    events = sse(a.body)
    assert events[-1] == "[DONE]", events[-2:]
    for e in events[:-1]:
        assert json.loads(e)["choices"], "the usage-only chunk leaked"
    sent = json.loads(mock.requests()[-1]["body"]) if isinstance(
        mock.requests(), list) else None
    if sent:
        assert sent["stream_options"]["include_usage"] is True


@test
def stream_with_usage_asked():
    a = gw.chat("hello", stream=True, stream_options={"include_usage": True})
    events = sse(a.body)
    assert events[-1] == "[DONE]"
    assert json.loads(events[-2])["usage"]["total_tokens"] > 0


@test
def stream_by_query_and_accept():
    body = {"model": "m1", "messages": [{"role": "user", "content": "x"}]}
    a = gw.post("/v1/chat/completions?stream=true", body)
    assert sse(a.body)[-1] == "[DONE]", a.body
    a = gw.post("/v1/chat/completions", body,
                headers={"Accept": "text/event-stream"})
    assert sse(a.body)[-1] == "[DONE]", a.body


@test
def group_alias_and_prefix():
    assert gw.chat(model="pool").headers["x-aigw-provider"] == "p1"
    assert gw.chat(model="gpt-4o").headers["x-aigw-provider"] == "p1"
    assert gw.chat(model="p2/m1").headers["x-aigw-provider"] == "p2"
    assert gw.chat(model="m3").headers["x-aigw-provider"] == "p2"
    assert gw.chat(model="vendor/m3").headers["x-aigw-provider"] == "p2"


@test
def unknown_model():
    a = gw.chat(model="nobody")
    assert a.status == 404, a.body
    assert a.json()["error"]["code"] == "model_not_found"
    assert a.json()["error"]["param"] == "model"


@test
def keys():
    a = gw.chat(key=None)
    assert a.status == 401 and a.json()["error"]["code"] == "invalid_api_key"
    assert gw.chat(key="sk-wrong").status == 401
    for h in ("x-api-key", "api-key", "x-goog-api-key"):
        a = call(gw.port, "GET", "/v1/models", headers={h: gw.KEY})
        assert a.status == 200, (h, a.body)
    a = call(gw.port, "GET", "/v1/models", headers={
        "x-api-key": gw.KEY, "Authorization": "Bearer other"})
    assert a.status == 400
    a = call(gw.port, "GET", "/v1/models", headers={
        "Authorization": gw.KEY})
    assert a.status == 200


@test
def models():
    a = gw.get("/v1/models", headers={"x-api-key": gw.KEY})
    ids = [m["id"] for m in a.json()["data"]]
    assert ids == ["pool", "m1", "m2", "m3"], ids
    a = gw.get("/v1/models/m2", headers={"x-api-key": gw.KEY})
    assert a.json()["id"] == "m2"
    a = gw.get("/v1/models/none", headers={"x-api-key": gw.KEY})
    assert a.status == 404


@test
def other_endpoints():
    for path, body in (
            ("/v1/completions", {"model": "m1", "prompt": "x"}),
            ("/v1/embeddings", {"model": "m1", "input": "x"}),
            ("/v1/moderations", {"model": "m1", "input": "x"}),
            ("/v1/images/generations", {"model": "m1", "prompt": "x"}),
            ("/v1/audio/speech", {"model": "m1", "input": "x", "voice": "v"}),
            ("/v1/rerank", {"model": "m1", "query": "x",
                            "documents": ["a", "b"]})):
        a = gw.post(path, body)
        assert a.status == 200, (path, a.status, a.body[:300])
        a = gw.post("/openai" + path, body)
        assert a.status == 200, (path, a.status, a.body[:300])


@test
def multipart():
    b = "xyz123"
    body = ("--%s\r\nContent-Disposition: form-data; name=\"file\"; "
            "filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\n%s\r\n"
            "--%s\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n"
            "m1\r\n--%s--\r\n" % (b, "A" * 5000, b, b)).encode()
    a = gw.post("/v1/audio/transcriptions", body, headers={
        "Content-Type": "multipart/form-data; boundary=" + b})
    assert a.status == 200, a.body
    a = gw.post("/v1/audio/transcriptions", body.replace(b"model", b"nodel"),
                headers={"Content-Type":
                         "multipart/form-data; boundary=" + b})
    assert a.status == 400, a.body


@test
def bad_json():
    for body in (b"", b"{", b"[]", b"{\"model\":\"m1\",\"model\":\"m2\"}",
                 b"{\"model\":1}", b"{}", b"\xff",
                 b"{\"model\":\"m1\",\"Model\":\"m2\",\"messages\":[]}",
                 b"{\"model\":\"m1\",\"\\u0053tream\":true,"
                 b"\"messages\":[]}",
                 b"{\"model\":\"m1\",\"messages\":[],"
                 b"\"stream_options\":{\"Include_usage\":true}}"):
        a = gw.post("/v1/chat/completions", body,
                    headers={"Content-Type": "application/json"})
        assert a.status == 400, (body, a.status, a.body)
        assert a.json()["error"]["message"]


@test
def million_values():
    """A long list of token numbers is a request like any other."""
    body = b"{\"model\":\"m1\",\"input\":[%s1]}" % (b"1," * 1100000)
    a = gw.post("/v1/embeddings", body,
                headers={"Content-Type": "application/json"})
    assert a.status == 200, (a.status, a.body[:300])


@test
def paths_and_methods():
    assert gw.get("/nowhere").status == 404
    a = call(gw.port, "DELETE", "/v1/chat/completions")
    assert a.status == 405, a.status
    for p in ("/", "/health", "/health/quick", "/info", "/routes", "/healthz",
              "/readyz"):
        a = gw.get(p)
        assert a.status == 200, p
        assert a.json() is not None
        h = call(gw.port, "HEAD", p)
        assert h.status == 200 and h.body == b"", p


@test
def raw_proxy():
    h = {"Authorization": "Bearer " + gw.KEY}
    for path in ("/p1/v1/models", "/p1/models"):
        a = call(gw.port, "GET", path, headers=h)
        assert a.status == 200, (path, a.body)
        assert "m1" in a.body.decode()
    a = call(gw.port, "PUT", "/p1/v1/echo?a=b&c", b"body\x00x", headers=h)
    assert a.status == 200, a.body
    assert "sk-test" not in a.body.decode(), "our client key went upstream"
    assert "a=b&c" in a.body.decode()


@test
def failover_to_next_target():
    mock.config(rules=[{"do": "status=500"}])
    try:
        a = gw.chat(model="pool")
        assert a.status == 200, (a.status, a.body)
        assert a.headers["x-aigw-provider"] == "p2"
        assert a.headers["x-aigw-attempts"] == "2"
        a = gw.chat(model="pool", stream=True)
        assert sse(a.body)[-1] == "[DONE]"
        a = gw.chat(model="m1")
        assert a.status == 502, a.body
    finally:
        mock.reset()


@test
def client_faults_pass_through():
    mock.config(rules=[{"do": "status=400"}])
    try:
        a = gw.chat(model="pool")
        assert a.status == 400
        assert a.headers["x-aigw-provider"] == "p1"
    finally:
        mock.reset()


@test
def pipelining():
    s = socket.create_connection(("127.0.0.1", gw.port))
    one = ("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").encode()
    s.sendall(one * 20 + b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
              b"Connection: close\r\n\r\n")
    got = b""
    while True:
        d = s.recv(65536)
        if not d:
            break
        got += d
    s.close()
    assert got.count(b"HTTP/1.1 200") == 21, got[:500]


@test
def expect_continue():
    s = socket.create_connection(("127.0.0.1", gw.port))
    body = json.dumps({"model": "m1", "messages": [
        {"role": "user", "content": "x"}]}).encode()
    s.sendall(("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n"
               "Authorization: Bearer %s\r\nContent-Length: %d\r\n"
               "Connection: close\r\nExpect: 100-continue\r\n\r\n" % (
                   gw.KEY, len(body))).encode())
    s.settimeout(60)
    got = s.recv(65536)
    assert got.startswith(b"HTTP/1.1 100 Continue\r\n\r\n"), got
    s.sendall(body)
    while True:
        d = s.recv(65536)
        if not d:
            break
        got += d
    s.close()
    assert b"HTTP/1.1 200" in got


@test
def chunked_request_and_large_body():
    body = json.dumps({"model": "m1", "messages": [
        {"role": "user", "content": "y" * 3000000}]}).encode()
    c = http.client.HTTPConnection("127.0.0.1", gw.port, timeout=60)
    c.request("POST", "/v1/chat/completions",
              (body[i:i + 100000] for i in range(0, len(body), 100000)),
              {"Authorization": "Bearer " + gw.KEY}, encode_chunked=True)
    r = c.getresponse()
    assert r.status == 200, r.read()
    r.read()
    c.close()
    a = gw.post("/v1/chat/completions", body)
    assert a.status == 200


@test
def answers_beyond_hold_max():
    """They begin while they are still coming; not a byte before the head."""
    h = {"Authorization": "Bearer " + gw.KEY}
    for n in (1 << 20, (1 << 20) + 70000, (1 << 20) + 300000, 8000000):
        for path in ("/p1/bytes/%d", "/p1/bytes/%d?chunked=1"):
            for again in range(4):
                a = call(gw.port, "GET", path % n, headers=h)
                assert a.status == 200 and len(a.body) == n, (
                    path % n, a.status, len(a.body))
    for words in ("tokens=300000", "gzip,tokens=300000"):
        a = gw.chat("[[mock:%s]]" % words)
        assert a.json()["usage"]["completion_tokens"] == 300000


@test
def accounting_reaches_the_ledger():
    gw.chat("for the ledger", model="m2")

    def seen():
        r = json.loads(gw.ctl("usage", "--by", "model", "--json").stdout)
        return "m2" in json.dumps(r)
    wait("usage of m2 in the ledger", seen, 10)


@test
def logs():
    wait("an access log line", lambda: '"path":"/v1/chat/completions"' in
         gw.log("access.log"))
    for line in gw.log("access.log").split("\n"):
        if line:
            json.loads(line)
    errors = gw.log("api-error.jsonl").strip().split("\n")
    e = json.loads(errors[-1])
    assert set(e) >= {"timestamp", "errorMessage", "requestMethod",
                      "requestUrl", "errorStack", "errorDetails"}, e
    for name in ("access.log", "error.log", "api-error.jsonl"):
        assert gw.KEY not in gw.log(name), name
        assert "sk-up-1" not in gw.log(name), name


main()
