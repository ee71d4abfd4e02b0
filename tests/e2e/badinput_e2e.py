"""badinput_e2e.py [--long] - JSON, keys, models, slow clients, providers that
fail.

What rawhttp_e2e does not cover. For each: an error in the right shape, the
reason in a log, one POST for one reported attempt, no answer that the mock
gave whole is lost for the ledger, and no process ends. Providers that fail are
rows F1 to F6; the long form has them again and again, a dozen at a time.
"""
import concurrent.futures
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time

LONG = "--long" in sys.argv
if LONG:
    sys.argv.remove("--long")

from lib import (SRC, Gateway, Mock, call, file_key, keep_port, main,
                 provider, test, tmpdir, wait)
from load import result
from wire import Wire

ROUNDS = 10 if LONG else 1

FAST = ("first_token_timeout = \"2s\"; idle_timeout = \"2s\"; "
        "total_timeout = \"6s\"; connect_timeout = \"2s\"; "
        "health = { interval = \"1h\"; unhealthy_retry = \"0s\"; };")
mock = Mock()
back = Mock()
certs = tmpdir()


def make_cert(name, san):
    path = os.path.join(certs, name)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
         "/CN=" + name, "-addext", "subjectAltName=" + san, "-keyout",
         path + ".key", "-out", path + ".crt"], check=True,
        capture_output=True)
    os.chmod(path + ".crt", 0o644)
    return path + ".crt", path + ".key"


right = make_cert("right", "IP:127.0.0.1")
wrong = make_cert("wrong", "DNS:other.example")
tls_right = Mock("--tls", *right)
tls_wrong = Mock("--tls", *wrong)
nobody = keep_port()            # and nobody listens
dead_port = nobody.getsockname()[1]


def at(pid, url, extra="", private='"127.0.0.0/8"'):
    return ('{ id = "%s"; dialect = "openai"; base_url = "%s"; '
            'keys = ( "sk-up-%s" ); models = ( "m-%s" ); '
            'allow_private = ( %s ); %s %s }' % (
                pid, url, pid, pid, private, FAST, extra))


def https(m):
    return "https://127.0.0.1:%d" % m.port


HOSTS = [
    # provider, status, outcome, words of the reason
    (at("refused", "http://127.0.0.1:%d" % dead_port), 502, "connect",
     "refused"),
    (at("selfsigned", https(tls_right)), 502, "tls", "certificate"),
    (at("wrongname", https(tls_wrong),
        'tls = { ca_file = "%s"; };' % wrong[0]), 502, "tls", "mismatch"),
    (at("nottls", "https://127.0.0.1:%d" % mock.port), 502, "tls", ""),
    (at("noname", "http://no-such-host.invalid"), 502, "resolve", ""),
    (at("loopback", mock.url, private=""), 502, "guarded", ""),
    (at("localhost", "http://localhost:%d" % mock.port, private=""), 502,
     "guarded", ""),
    (at("mapped", "http://[::ffff:127.0.0.1]:%d" % mock.port, private=""),
     502, "guarded", ""),
    (at("metadata", "http://169.254.169.254", private=""), 502, "guarded",
     ""),
    (at("otherrange", mock.url, private='"10.0.0.0/8"'), 502, "guarded", ""),
]
gw = Gateway(
    "providers = ( %s );\n%s"
    "groups = ( { name = \"pool\"; targets = ("
    " { provider = \"p0\"; model = \"m3\"; priority = 1; },"
    " { provider = \"p2\"; model = \"m4\"; priority = 2; } ); } );\n"
    "client = { header_timeout = \"2s\"; body_timeout = \"2s\"; "
    "write_timeout = \"2s\"; idle_timeout = \"30s\"; };\n"
    "failover = { threshold = 1000000; };\n" % (
        ", ".join([provider(mock, "p1", ("m1", "m2"), FAST),
                   # no key that a refusal would put out: always the first
                   provider(mock, "p0", ("m8",), FAST).replace(
                       'keys = ( "sk-up-1" );', ""),
                   provider(back, "p2", ("m9",), FAST),
                   at("sound", https(tls_right),
                      'tls = { ca_file = "%s"; };' % right[0])] +
                  [h[0] for h in HOSTS]), file_key()))
before = []


def pids():
    """Of all processes; the daemon answers before admin does."""
    if gw.ctl("status", check=False).returncode != 0:
        return None
    return sorted(gw.pids())


def posts(m):
    """POST requests that a mock has seen."""
    return sum(r["requests"] for r in m.meter()["rows"]
               if r["endpoint"] != "models")


def complain(bad, n):
    assert n > 0
    assert not bad, "\n".join(["%d of %d:" % (len(bad), n)] + bad)


def is_error(a, status, code=None):
    """None, or what is wrong with an answer that should be an error."""
    if a.status != status:
        return "status %d, not %d: %r" % (a.status, status, a.body[:200])
    try:
        e = json.loads(a.body)["error"]
    except (ValueError, KeyError, TypeError):
        return "not the shape of OpenAI: %r" % a.body[:200]
    if set(e) != {"message", "type", "param", "code"} or not e["message"]:
        return "members: %r" % e
    if code is not None and e["code"] != code:
        return "code %s, not %s" % (e["code"], code)
    if "sk-" in e["message"] or "127.0.0.1" in e["message"]:
        return "tells too much: " + e["message"]
    return None


def api_errors():
    """api-error.jsonl by request id."""
    out = {}
    for line in gw.log("api-error.jsonl").split("\n"):
        if line:
            e = json.loads(line)
            out[e["errorDetails"]["requestId"]] = e
    return out


@test
def processes():
    before.extend(wait("all processes", pids))


# JSON


def c_strings(name):
    """An array of STR("...") in tests/unit/jscan_cases.h, as bytes."""
    with open(os.path.join(SRC, "tests/unit/jscan_cases.h")) as f:
        text = f.read()
    text = text[text.index("struct str %s[]" % name):]
    text = text[:text.index("\n};")]
    literal = r'"(?:\\.|[^"\\])*"'
    escapes = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b",
               b"f": b"\f", b"v": b"\v", b"a": b"\a"}

    def one(m):
        e = m.group(1)
        if e[:1] == b"x":
            return bytes([int(e[1:], 16)])
        if e[:1] in b"01234567":
            return bytes([int(e, 8)])
        return escapes.get(e, e)

    out = []
    for m in re.finditer(r"STR\(((?:%s\s*)+)\)" % literal, text):
        out.append(b"".join(
            re.sub(rb"\\(x[0-9a-fA-F]+|[0-7]{1,3}|.)", one,
                   x[1:-1].encode(), flags=re.S)
            for x in re.findall(literal, m.group(1))))
    return out


class Line:
    """Requests on one connection, opened again when it was closed."""

    def __init__(self):
        self.c = http.client.HTTPConnection("127.0.0.1", gw.port, timeout=60)

    def chat(self, body):
        self.c.request("POST", "/v1/chat/completions", body, {
            "Authorization": "Bearer " + gw.KEY,
            "Content-Type": "application/json"})
        r = self.c.getresponse()
        return r.status, r.read()


def inside(value):
    return (b'{"model":"m1","messages":[{"role":"user","content":"x"}],'
            b'"metadata":' + value + b'}')


def code_of(body):
    return json.loads(body)["error"]["code"]


@test
def json_accepted():
    cases = c_strings("accepted")
    assert len(cases) >= 95, len(cases)
    line, bad = Line(), []
    for value in cases:
        status, body = line.chat(inside(value))
        if status != 200:
            bad.append("%r inside: %d %r" % (value, status, body[:200]))
        # Alone it is JSON too, but no request. What may decide something
        # must be clear: no key twice, no lone surrogates.
        status, body = line.chat(value)
        if status != 400 or (code_of(body) == "invalid_json" and
                             not re.search(rb"\\u|a.*a", value)):
            bad.append("%r alone: %d %r" % (value, status, body[:200]))
    complain(bad, len(cases))


@test
def json_refused():
    cases = c_strings("refused")
    assert len(cases) >= 188, len(cases)
    line, bad = Line(), []
    was = posts(mock)
    for value in cases:
        for what, sent in (("inside", inside(value)), ("alone", value)):
            status, body = line.chat(sent)
            if status != 400 or code_of(body) != "invalid_json":
                bad.append("%r %s: %d %r" % (value, what, status,
                                             body[:200]))
    complain(bad, len(cases))
    assert posts(mock) == was, "a bad body reached the mock"


@test
def json_of_no_use():
    """Valid, but not to be answered with anything but a clear 400."""
    deep = b"[" * 2000 + b"]" * 2000
    bad = []
    cases = [
        b'{"model":"m1","model":"m2","messages":[]}',
        b'{"mod\\u0065l":"m1","model":"m2","messages":[]}',
        b'{"model":"m1\\u0000","messages":[]}', b'{"model":""}',
        b'{"model":["m1"]}', b'{"model":{"a":1}}', b'{"model":true}',
        b'{"model":"m1","stream":1,"messages":[]}',
        b'{"model":"m1","stream":"true","messages":[]}',
        b'{"model":"m1","stream":true,"stream":false}',
        b'{"model":"' + b"m" * 600 + b'"}', inside(deep), b"null", b'"m1"']
    for body in cases:
        a = gw.post("/v1/chat/completions", body)
        why = is_error(a, 400)
        if why:
            bad.append("%r: %s" % (body[:60], why))
    complain(bad, len(cases))


# Keys and models


@test
def keys_and_models():
    bad = []
    cases = [
        ("no key", gw.chat(key=None), 401, "invalid_api_key"),
        ("unknown key", gw.chat(key="sk-nobody"), 401, "invalid_api_key"),
        ("long key", gw.chat(key="k" * 5000), 401, "invalid_api_key"),
        ("unknown model", gw.chat(model="nobody"), 404, "model_not_found"),
        ("strange model", gw.chat(model="\u00e9\"\\\n{}%s/../p1"), 404,
         "model_not_found"),
        ("model of no provider", gw.chat(model="p1/"), 404,
         "model_not_found"),
    ]
    for name, a, status, code in cases:
        why = is_error(a, status, code)
        if why:
            bad.append(name + ": " + why)
    complain(bad, len(cases))


# Providers that cannot be reached


def host_case(h):
    pid = re.search('id = "([^"]*)"', h[0]).group(1)
    out = []
    for stream in (False, True):
        began = time.monotonic()
        a = gw.chat(model="m-" + pid, stream=stream)
        took = time.monotonic() - began
        why = is_error(a, h[1])
        if why:
            out.append("%s: %s" % (pid, why))
            continue
        if took > 30:
            out.append("%s: took %.1f s" % (pid, took))
        if a.headers.get("x-aigw-attempts") != "1":
            out.append("%s: attempts %r" % (pid, a.headers))
        e = api_errors().get(a.headers["x-request-id"])
        if e is None:
            out.append("%s: no line in api-error.jsonl" % pid)
            continue
        t = e["errorDetails"]["attempts"][0]
        if t["outcome"] != h[2] or h[3] not in t["why"]:
            out.append("%s: reason %r" % (pid, t))
    return out


@test
def providers_out_of_reach():
    was = posts(mock)
    with concurrent.futures.ThreadPoolExecutor(len(HOSTS)) as pool:
        bad = sum(pool.map(host_case, HOSTS), [])
    complain(bad, len(HOSTS))
    assert posts(mock) == was, "a guarded address was used"
    assert gw.chat(model="m-sound").status == 200


# Providers that misbehave. words: (status of a JSON answer, of a stream,
# outcome), "ok" for a whole answer, "cut" for a stream that ends visibly
# after its 200. None: not for that kind.


FAULTS = {
    "reset=before": (502, 502), "reset=head": (502, 502),
    "reset=body": (502, 502), "reset=e0": (None, 502),
    "reset=e5": (None, "cut"),
    "close=before": (502, 502), "close=head": (502, 502),
    "close=body": (502, 502), "close=e5": (None, "cut"),
    "stall=before": (504, 504), "stall=head": (504, 504),
    "stall=body": (504, 504), "stall=e0": (None, 504),
    "stall=e5": (None, "cut"), "stall=e5,stall-for=300ms": (None, "ok"),
    "stall=50,stall-for=300ms": ("ok", "ok"),
    "bps=1": (504, 504), "bps=1,slow-head": (504, 504),
    "bps=4000": ("ok", "ok"), "chunk=1": ("ok", "ok"),
    "length=5": (502, None), "length=-5": (502, None),
    "garbage=http": (502, 502), "garbage=status": (502, 502),
    "garbage=head": (502, 502), "garbage=line": (502, 502),
    "garbage=chunk": (502, 502), "garbage=json": (502, None),
    "headers=50": ("ok", "ok"), "headers=5000": (502, 502),
    "error=0": (None, 502), "error=5": (None, "cut"),
    "cut=0": (None, 502), "cut=5": (None, "cut"),
    "cut-clean=0": (None, 502), "cut-clean=5": (None, "cut"),
    "no-done": (None, "cut"), "gzip": ("ok", "ok"), "empty": (502, 502),
    "usage=missing": ("ok", "ok"), "usage=null": ("ok", "ok"),
    "usage=negative": ("ok", "ok"), "usage=huge": ("ok", "ok"),
    "usage=string": ("ok", "ok"),
    "early=100": ("ok", "ok"), "early=102": ("ok", "ok"),
    "early=103": ("ok", "ok"), "until-close": ("ok", "ok"),
    "close-after": ("ok", "ok"),
    "status=401": (502, 502), "status=402": (502, 502),
    "status=403": (502, 502), "status=404": (502, 502),
    "status=408": (502, 502), "status=429": (429, 429),
    "status=500": (502, 502), "status=503": (502, 502),
    "status=529": (502, 502), "status=400": (400, 400),
    "status=413": (413, 413), "status=422": (422, 422),
    "status=302": (502, 502), "status=304": (502, 502),
    "status=204": (502, 502), "status=999": (502, 502),
}


def look_whole(a, marker, stream):
    if a.status != 200:
        return "status %d: %r" % (a.status, a.body[:200])
    if b'"error"' in a.body:
        return "an error in %r" % a.body[-200:]
    if not stream:
        got = a.json()["choices"][0]["message"]["content"]
    else:
        lines = [x[6:] for x in a.body.decode().split("\n")
                 if x.startswith("data: ")]
        events = [json.loads(x) for x in lines if x != "[DONE]"]
        if not all(e.get("choices") or not e.get("usage") for e in events):
            return "the usage-only chunk leaked: %r" % a.body[-400:]
        got = "".join(e["choices"][0]["delta"].get("content", "")
                      for e in events if e.get("choices"))
    want = " ".join(["[[marker:%s]]" % marker] +
                    [str(i) for i in range(1, 16)])
    return None if got.split() == want.split() else "text %r" % got


def look_cut(a):
    if a.status != 200:
        return "status %d: %r" % (a.status, a.body[:200])
    text = a.body.decode()
    lines = [x[6:] for x in text.split("\n") if x.startswith("data: ")]
    if not lines or "[DONE]" in lines:
        return "looks whole: %r" % text[-200:]
    if "error" not in json.loads(lines[-1]):
        return "ends without an error: %r" % text[-200:]
    return None


def fault_case(job):
    """Each case is a model of its own, for the meter and the ledger."""
    n, words, stream, want = job
    try:
        a = gw.chat("[[mock:%s]] [[marker:f%d]]" % (words, n),
                    model="p1/f%d" % n, stream=stream)
    except http.client.HTTPException as e:
        return None, "answer cut: %r" % e
    if want == "ok":
        why = look_whole(a, "f%d" % n, stream)
    elif want == "cut":
        why = look_cut(a)
    elif want < 500:        # the provider's own words, or a refusal
        why = None if a.status == want else "status %d: %r" % (
            a.status, a.body[:200])
    else:
        why = is_error(a, want)
    return a, why


def ledger():
    """Usage by model when everything has arrived."""
    r = json.loads(gw.ctl("usage", "--by", "model", "--json").stdout)
    return {x["model"].split("/")[-1]: x for x in r["rows"]}


def check_case(job, a, why, meter, logged, books):
    """What is wrong with one case, as a list."""
    n, words, stream, want = job
    bad = [why] if why else []
    if a is None:
        return bad
    row = meter.get("f%d" % n, {"requests": 0})
    tries = int(a.headers.get("x-aigw-attempts", 0))
    if row["requests"] != 1 or tries != 1:
        bad.append("%d POSTs, %d attempts told" % (row["requests"], tries))
    if want == "cut" or a.status >= 500:
        e = logged.get(a.headers["x-request-id"])
        if e is None or not e["errorMessage"]:
            bad.append("no line in api-error.jsonl")
    book = books.get("f%d" % n)
    if book is None or book["requests"] != 1:
        bad.append("not in the ledger once: %r" % book)
    elif want == "ok" and not row["unreported"]:
        if (book["input_tokens"], book["output_tokens"]) != (
                row["input"], row["output"]):
            bad.append("ledger %r, meter %r" % (book, row))
    return bad


@test
def providers_that_fail():
    jobs = []
    for words, kinds in list(FAULTS.items()) * ROUNDS:
        for stream, want in enumerate(kinds):
            if want is not None:
                jobs.append((len(jobs), words, bool(stream), want))
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        done = list(pool.map(fault_case, jobs))
    wait("the ledger", lambda: len(
        [1 for x in ledger() if x.startswith("f")]) == len(jobs), 10)
    books, logged = ledger(), api_errors()
    meter = {r["model"]: r for r in mock.meter()["rows"]}
    bad = []
    for job, (a, why) in zip(jobs, done):
        bad += ["%s %s: %s" % (job[1], "stream" if job[2] else "json", x)
                for x in check_case(job, a, why, meter, logged, books)]
    complain(bad, len(jobs))
    result("providers that fail (F1 to F6), kinds: %d" % len(FAULTS), [
        ("requests, at once", "%d, 12" % len(jobs)),
        ("answers that are not what is promised", 0),
        ("POSTs, records in the ledger of each", "1, 1")])


@test
def reasons_in_the_error_log():
    for n, (words, stream, reason) in enumerate((
            ("garbage=json", False, "not valid JSON"),
            ("length=5", False, "cut short"), ("cut=5", True, "broke off"),
            ("error=5", True, "inside the stream"),
            ("stall=body", False, "silence inside"),
            ("status=503", False, "HTTP 503"))):
        a = gw.chat("[[mock:%s]]" % words, stream=stream)
        rid = a.headers["x-request-id"]
        wait(reason, lambda: [x for x in gw.log().split("\n") if rid in x and
                              "provider p1" in x and reason in x], 3)
    text = gw.log()
    for word in ("Connection refused", "self-signed", "mismatch",
                 "no address", "allow_private"):
        assert word in text, word
    for name in ("error.log", "api-error.jsonl", "access.log"):
        assert "sk-up-" not in gw.log(name), name
        assert gw.KEY not in gw.log(name), name


# Failures before the first content go elsewhere, and are told.


@test
def failures_go_elsewhere():
    bad, tried = [], 0
    for words, kinds in list(FAULTS.items()) * ROUNDS:
        for stream, want in enumerate(kinds):
            if want not in (502, 429) or words.startswith("bps"):
                continue
            tried += 1
            mock.config(rules=[{"do": words}])
            one, two = posts(mock), posts(back)
            a = gw.chat(model="pool", stream=bool(stream))
            got = (a.status, a.headers.get("x-aigw-attempts"),
                   a.headers.get("x-aigw-provider"), posts(mock) - one,
                   posts(back) - two)
            if got != (200, "2", "p2", 1, 1):
                bad.append("%s %d: %r" % (words, stream, got))
    mock.config(rules=[])
    complain(bad, tried)
    result("failures before the first content (F1 to F6)", [
        ("requests, answered by the next target", "%d, %d" % (tried, tried))])


@test
def connections_closed_between_requests():
    """The provider closes kept connections instead of answering. What it may
    have begun to work on is not sent again to it."""
    try:
        wire = Wire(mock.port)
    except OSError:             # not allowed to look
        wire = None
    mock.config(rules=[{"do": "close-after"}])
    line, was, good = Line(), posts(mock), 0
    for i in range(200):
        status, body = line.chat(inside(b"%d" % i))
        assert status in (200, 502), (i, status, body[:300])
        good += status == 200   # few lose the race against the close
    assert good > 150 and posts(mock) - was == good, (good, posts(mock))
    bad = 200 - good
    mock.config(rules=[{"do": "close-reuse"}])
    was, good = posts(mock), 0
    for i in range(500):
        status, body = line.chat(inside(b"%d" % i))
        assert status in (200, 502), (i, status, body[:300])
        good += status == 200
    assert good >= 250 and posts(mock) - was == good, (good, posts(mock))
    bad += 500 - good
    if wire is not None and wire.close():
        # Each that was heard was told. So are those that were acknowledged
        # between the provider's end and our look at it: few.
        seen = wire.heard + wire.reset
        assert seen <= bad <= seen + 20, (seen, bad)
    for i in range(100):
        a = gw.chat(model="pool")
        assert a.status == 200, a.body
        a = call(gw.port, "GET", "/p1/v1/models", headers={
            "Authorization": "Bearer " + gw.KEY})
        assert a.status == 200, a.body      # may be repeated
    mock.config(rules=[])
    for i in range(20):         # use up those that are going to be closed
        gw.chat()
    wait("fresh connections", lambda: gw.chat().status == 200)


# Slow clients


def slowhttp(port, *args):
    return subprocess.Popen(
        ["slowhttptest", "-c", "60", "-r", "60", "-l", "5", "-i", "1", "-p",
         "3", "-u", "http://127.0.0.1:%d/v1/chat/completions" % port] +
        list(args), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True)


def open_connections():
    for line in call(gw.admin_port, "GET", "/metrics", headers={
            "Authorization": "Bearer " + gw.KEY}).body.decode().split("\n"):
        if re.match(r"aigw_\w*connections_open\S* ", line):
            return float(line.split()[-1])
    raise AssertionError("no gauge of open connections")


@test
def slow_clients():
    if shutil.which("slowhttptest") is None:
        return "slowhttptest is not installed"
    runs = [slowhttp(gw.port, "-H", "-x", "24"),
            slowhttp(gw.port, "-B", "-s", "8192", "-t", "POST"),
            slowhttp(gw.port, "-X", "-t", "GET", "-w", "8", "-y", "16", "-n",
                     "1", "-z", "4", "-k", "3")]
    try:
        n = 0
        while any(r.poll() is None for r in runs):
            a = gw.chat(model="p2/m9")
            n += 1
            assert a.status == 200, a.body
    finally:
        for r in runs:
            if r.poll() is None:
                r.kill()
            r.wait()
    assert n > 20, n            # in the five seconds that they take
    wait("the slow connections to be closed",
         lambda: open_connections() < 10, 15)


@test
def a_head_that_never_ends_behind_a_request():
    """It has header_timeout, as one that comes alone."""
    s = socket.create_connection(("127.0.0.1", gw.port), timeout=50)
    s.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /heal")
    began = time.monotonic()
    got = b""
    while True:
        d = s.recv(65536)
        if not d:
            break
        got += d
    s.close()
    assert got.count(b"HTTP/1.1 ") == 2 and b"HTTP/1.1 408" in got, got
    # it was not idle_timeout that ended it
    assert time.monotonic() - began < 25


@test
def no_process_ended():
    assert gw.chat().status == 200
    assert sorted(gw.pids()) == before, (before, gw.pids())
    assert gw.p.poll() is None


# Secrets that are not there


def refuses_to_start(conf, *words, listen=""):
    g = Gateway("", start=False)
    g.write(g.head().replace("; } );", "; %s } );" % listen, 1) + conf)
    g.start(ready=False)
    try:
        code = g.p.wait(60)
    except subprocess.TimeoutExpired:
        raise AssertionError("it runs")
    assert code != 0, g.output()
    for w in words:
        assert w in g.output(), (w, g.output())


def key_of(secret):
    return ('{ id = "x"; dialect = "openai"; base_url = "http://10.0.0.1"; '
            'keys = ( "%s" ); }' % secret)


@test
def secrets_missing_at_start():
    refuses_to_start("providers = ( %s );" % key_of("env:AIGW_NOT_SET"),
                     "AIGW_NOT_SET")
    refuses_to_start("providers = ( %s );" % key_of("file:/no/such/file"),
                     "/no/such/file")
    refuses_to_start("providers = ( %s );" % key_of("file:" + certs),
                     certs)
    refuses_to_start("", "/no/such/key", listen='tls = { certificate = "%s"; '
                     'key = "/no/such/key"; };' % right[0])


@test
def key_file_missing_at_reload():
    path = os.path.join(gw.dir, "key")
    good = open(gw.conf_path).read()
    more = at("filed", mock.url).replace('"sk-up-filed"', '"file:%s"' % path)
    conf = good.replace("providers = (", "providers = ( %s," % more)
    gw.write(conf)
    try:
        r = gw.ctl("reload", check=False)
        assert r.returncode != 0 and path in r.stdout + r.stderr, (
            r.returncode, r.stdout, r.stderr)
        assert path in gw.log(), "no line in error.log"
        a = gw.chat()
        assert a.status == 200, (a.status, a.body)
        assert sorted(gw.pids()) == before
        with open(path, "w") as f:
            f.write("sk-up-filed\n")
        os.chmod(path, 0o600)
        gw.ctl("reload")
        wait("the provider of the new file",
             lambda: gw.chat(model="m-filed").status == 200)
        assert mock.meter()["rows"][-1]["key"] != ""
    finally:
        gw.write(good)


main()
