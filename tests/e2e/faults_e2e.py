"""faults_e2e.py [--long] - faults of providers and of the host that
badinput_e2e does not have.

reliability rows F7 to F12 and F14; F1 to F6 are the rows reset, close, stall,
bps and length of badinput_e2e.py's FAULTS: stall=before is F1, close=head F2,
close=body and cut F3, reset F4, bps=1 F5, length F6. F17: fds_e2e.py. The long
form has F7 to F12 again and again, and a resolver that hangs for half a minute.
"""
import concurrent.futures
import json
import os
import re
import socket
import subprocess
import sys
import time
import zlib

LONG = "--long" in sys.argv
if LONG:
    sys.argv.remove("--long")

from lib import (BUILD, SANITIZED, SRC, Gateway, Mock, call, file_key,
                 main, provider, test, tmpdir, wait)
from load import result
from rawup import DONE, RawUpstream, delta, head, sse, whole

MB = 1 << 20
ROUNDS = 5 if LONG else 1
FAST = ("first_token_timeout = \"5s\"; idle_timeout = \"5s\"; "
        "total_timeout = \"15s\"; connect_timeout = \"5s\"; "
        "health = { interval = \"1h\"; unhealthy_retry = \"0s\"; };")
USAGE = b'"usage":{"prompt_tokens":%s,"completion_tokens":%s}'


def chat(value=b'{}', usage=b""):
    return (b'{"id":"x","choices":[{"message":{"content":"hi"}}],"extra":' +
            value + (b"," + usage if usage else b"") + b"}")


def flood(first, piece, total):
    """Bytes without end, or until the peer has enough."""
    def send(c):
        c.sendall(first)
        sent = 0
        while sent < total:
            c.sendall(piece)
            sent += len(piece)
    return send


def bomb(kind):
    """A body of 512 MB in half a megabyte."""
    z = zlib.compressobj(9, zlib.DEFLATED, 31)
    out = z.compress(b'{"id":"' if kind == "json" else b'data: {"x":"')
    block = b"0" * MB
    for _ in range(512):
        out += z.compress(block)
    out += z.compress(b'"}') + z.flush()
    return whole(out, "content-encoding: gzip\r\n") if kind == "json" else \
        sse(out, "content-encoding: gzip\r\n")


ANSWERS = {
    "": whole(chat(usage=USAGE % (b"3", b"4"))),
    # F7
    "head-without-end": flood(b"HTTP/1.1 200 OK\r\n", b"x-a: b\r\n" * 4096,
                              64 * MB),
    "line-without-end": flood(b"HTTP/1.1 200 OK\r\nx-a: ", b"a" * 65536,
                              64 * MB),
    "status-without-end": flood(b"HTTP/1.1 200 ", b"a" * 65536, 64 * MB),
    "interim-without-end": flood(b"", b"HTTP/1.1 103 Early\r\n\r\n" * 2048,
                                 64 * MB),
    "trailers-without-end": flood(
        head("transfer-encoding: chunked\r\n") + b"2\r\n{}\r\n0\r\n",
        b"x-a: b\r\n" * 4096, 64 * MB),
    "chunk-size-without-end": flood(
        head("transfer-encoding: chunked\r\n"), b"0" * 65536, 64 * MB),
    # F8: an event may be long (an image), so it passes; the memory is ours
    "sse-line": flood(sse(b"data: "), b"a" * 65536, 48 * MB),
    "sse-line-after-content": flood(sse(delta(b"hi") + b"data: "),
                                    b"a" * 65536, 48 * MB),
    "sse-comments": flood(sse(b""), b": ping\n\n" * 4096, 48 * MB),
    "json-without-end": flood(
        head("transfer-encoding: chunked\r\n") + b"ffffffff\r\n[",
        b"0," * 32768, 48 * MB),
    # F9
    "bomb-json": bomb("json"), "bomb-sse": bomb("sse"),
    "gzip-broken": whole(b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"a" * 100,
                         "content-encoding: gzip\r\n"),
    "coding-unknown": whole(chat(), "content-encoding: br\r\n"),
}
# F10: what JSON is and is not, as members of an answer and alone
# F11
RETRY = ["-1", "-99999999999999999999", "0", "", " ", "1e9", "NaN", "0x10",
         "1.5", "+5", "5 5", "5,5", "99999999999999999999999999",
         "9223372036854775807", "18446744073709551616", "9" * 4000,
         "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT",
         "Wed, 99 Foo 2026 99:99:99 GMT", "\t7", "7;x", "7\xe9",
         "7\r\nretry-after: 9", "inf"]
for n, v in enumerate(RETRY):
    for status in ("429 Too Many Requests", "529 Overloaded",
                   "503 Service Unavailable"):
        ANSWERS["retry-%s-%d" % (status[:3], n)] = whole(
            b'{"error":{"message":"slow down"}}', "retry-after: %s\r\n" %
            v.encode("latin-1").decode("latin-1"), status)
# F12
NUMBERS = [b"-1", b"-1000000", b"-9223372036854775809", b"1e400", b"1e18",
           b"1000000001", b"9223372036854775807", b"18446744073709551615",
           b"18446744073709551616", b"9" * 400, b"1.5", b"-0", b"null",
           b'"7"', b"true", b"[]", b"{}", b"[1]"]
for n, v in enumerate(NUMBERS):
    for k, u in enumerate((USAGE % (v, b"4"), USAGE % (b"3", v),
                           USAGE % (v, v))):
        ANSWERS["usage-%d-%d" % (n, k)] = whole(chat(usage=u))
        ANSWERS["usage-sse-%d-%d" % (n, k)] = sse(
            delta(b"hi") + b'data: {"choices":[],' + u + b"}\n\n" + DONE)
for n, u in enumerate((b'"usage":[]', b'"usage":7', b'"usage":{}',
                       b'"usage":{"usage":{"prompt_tokens":5}}',
                       b'"usage":null', b'"usage":"a"')):
    ANSWERS["usage-odd-%d" % n] = whole(chat(usage=u))

raw = RawUpstream(ANSWERS)
mock, back = Mock(), Mock()
gw = Gateway(
    "providers = ( %s, %s, %s );\n%s"
    "groups = ( { name = \"pool\"; strategy = \"priority\"; targets = ("
    " { provider = \"raw\"; model = \"m\"; priority = 1; },"
    " { provider = \"p2\"; model = \"m9\"; priority = 2; } ); } );\n"
    "client = { write_timeout = \"5s\"; };\n"
    "failover = { threshold = 1000000; };\n" % (
        provider(raw, "raw", ("m",), FAST), provider(mock, "p1", ("m1",),
                                                     FAST),
        provider(back, "p2", ("m9",), FAST), file_key()))
before = []


def pids():
    if gw.ctl("status", check=False).returncode != 0:
        return None
    return sorted(gw.pids())


def rss():
    """Most memory that each worker ever had, in KiB."""
    if SANITIZED:
        return {p: 0 for p in gw.pids("worker")}
    out = {}
    for p in gw.pids("worker"):
        with open("/proc/%d/status" % p) as f:
            out[p] = int(re.search(r"VmHWM:\s*(\d+)", f.read()).group(1))
    return out


def ask(name, stream=False, model="raw/m", key=Gateway.KEY):
    """Status, what came, and whether it ended as it should."""
    body = json.dumps({"model": model, "stream": stream, "messages": [
        {"role": "user", "content": "[[raw:%s]]" % name}]}).encode()
    with socket.create_connection(("127.0.0.1", gw.port), timeout=60) as s:
        s.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n"
                  b"Authorization: Bearer " + key.encode() + b"\r\n"
                  b"Connection: close\r\nContent-Length: %d\r\n\r\n" %
                  len(body) + body)
        start, n, end = b"", 0, b""
        while True:
            try:
                d = s.recv(1 << 18)
            except ConnectionResetError:
                break
            if not d:
                break
            n += len(d)
            if len(start) < 65536:
                start += d
            end = (end + d)[-65536:]
    text, _, body = start.partition(b"\r\n\r\n")
    fields = {k.strip().lower(): v.strip() for k, _, v in (
        x.partition(":") for x in text.decode("latin-1").split("\r\n")[1:])}
    return int(text.split()[1]), fields, body, n, end


tried = []
figures = []


def complain(bad, n):
    assert n > 0
    assert not bad, "\n".join(["%d of %d:" % (len(bad), n)] + bad)
    tried.append(n)


def row(fn):
    """A point that the long form has several times, and notes."""
    def run():
        was = rss()
        tried.clear()
        for _ in range(ROUNDS):
            raw.forget()
            fn()
        now = rss()
        figures.append((fn.__name__.replace("_", " "), "%d, %d" % (
            sum(tried), max(now[p] - was[p] for p in was))))
    run.__name__ = fn.__name__
    return test(run)


def books():
    def settled():
        s = gw.status()
        return s["store"]["spool_records"] == 0 and not any(
            p["active"] for p in s["processes"])
    wait("the ledger", settled, 20)
    r = json.loads(gw.ctl("usage", "--by", "provider", "--json").stdout)
    return {x["provider"]: x for x in r["rows"]}


def posts():
    return sum(raw.count().values())


class Settled:
    """What happens inside is one record for each POST of the raw provider."""

    def __enter__(self):
        self.was = books().get("raw", {"requests": 0})["requests"]
        self.posts = posts()

    def __exit__(self, kind, *rest):
        if kind is None:
            n = books()["raw"]["requests"] - self.was
            assert n == posts() - self.posts, (n, posts() - self.posts)


@test
def processes():
    before.extend(wait("all processes", pids))
    assert ask("")[0] == 200


def bounded(names, stream, status, most):
    was, bad = rss(), []
    with Settled():
        with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
            for name, a in zip(names, pool.map(
                    lambda x: ask(x, stream), names)):
                if a[0] != status:
                    bad.append("%s: %d %r" % (name, a[0], a[2][:200]))
    now = rss()
    assert set(was) == set(now), "a worker was replaced"
    for p in was:
        if now[p] - was[p] > most:
            bad.append("worker %d grew by %d KiB" % (p, now[p] - was[p]))
    count = raw.count()
    bad += ["%s: %d POSTs" % (x, count[x]) for x in names if count[x] != 1]
    complain(bad, len(names))


@row
def f7_heads_without_end():
    bounded(["head-without-end", "line-without-end", "status-without-end",
             "interim-without-end", "trailers-without-end",
             "chunk-size-without-end"], False, 502, 8 << 10)


@row
def f8_lines_without_end():
    """Before the first content it is not the provider's last word; behind
    it the client sees that the stream is cut. Neither is kept in memory."""
    bad, was = [], rss()
    names = ("sse-line", "sse-line-after-content", "sse-comments",
             "json-without-end")
    with Settled(), concurrent.futures.ThreadPoolExecutor(4) as pool:
        got = dict(zip(names, pool.map(
            lambda x: ask(x, x.startswith("sse")), names)))
        for name in names[:2]:
            status, _, start, n, end = got[name]
            if status != 200 or n < MB or b"[DONE]" in end:
                bad.append("%s: %d, %d bytes, %r" % (name, status, n,
                                                     end[-200:]))
            elif b'"error"' not in end:
                bad.append("%s: the cut is not told: %r" % (name, end[-200:]))
        status, _, start, n, end = got["sse-comments"]
        if status not in (502, 504) and b'"error"' not in end:
            bad.append("comments: %d, %d bytes %r" % (status, n,
                                                      end[-200:]))
        status, _, start, n, end = got["json-without-end"]
        if status != 200 or end.endswith(b"0\r\n\r\n"):
            bad.append("json: %d, %d bytes %r" % (status, n, end[-200:]))
    now = rss()
    for p in was:
        if now.get(p, 1 << 40) - was[p] > 24 << 10:
            bad.append("worker %d grew by %d KiB" % (p, now[p] - was[p]))
    complain(bad, 4)


@row
def f9_compressed():
    # of 512 MB: what may be held, while it grows, is some 9 MB
    bounded(["bomb-json", "gzip-broken", "coding-unknown"], False, 502,
            16 << 10)
    bounded(["bomb-sse"], True, 502, 16 << 10)


def c_cases(name):
    """See badinput_e2e.py: an array of tests/unit/jscan_cases.h."""
    with open(os.path.join(SRC, "tests/unit/jscan_cases.h")) as f:
        text = f.read()
    text = text[text.index("struct str %s[]" % name):]
    text = text[:text.index("\n};")]
    escapes = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b",
               b"f": b"\f", b"v": b"\v", b"a": b"\a"}

    def one(m):
        e = m.group(1)
        if e[:1] == b"x":
            return bytes([int(e[1:], 16)])
        if e[:1] in b"01234567":
            return bytes([int(e, 8)])
        return escapes.get(e, e)

    literal = r'"(?:\\.|[^"\\])*"'
    return [b"".join(re.sub(rb"\\(x[0-9a-fA-F]+|[0-7]{1,3}|.)", one,
                            x[1:-1].encode(), flags=re.S)
                     for x in re.findall(literal, m.group(1)))
            for m in re.finditer(r"STR\(((?:%s\s*)+)\)" % literal, text)]


@row
def f10_garbage_json():
    """What is JSON passes byte for byte, what is not is a failed attempt."""
    good, wrong = c_cases("accepted"), c_cases("refused")
    assert len(good) >= 95 and len(wrong) >= 188
    jobs = []
    for n, v in enumerate(good):
        jobs.append(("good-%d" % n, chat(v), 200))
    for n, v in enumerate(wrong):
        jobs.append(("bad-%d" % n, chat(v), 502))
        jobs.append(("alone-%d" % n, v, 502))
    for name, body, _ in jobs:
        ANSWERS[name] = whole(body)
    bad = []
    with Settled():
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            got = list(pool.map(lambda j: ask(j[0]), jobs))
    count = raw.count()
    for (name, body, want), a in zip(jobs, got):
        if a[0] != want or (want == 200 and a[2] != body):
            bad.append("%s %r: %d %r" % (name, body[:80], a[0], a[2][:120]))
        if count[name] != 1:
            bad.append("%s: %d POSTs" % (name, count[name]))
    complain(bad, len(jobs))


@row
def f11_hostile_retry_after():
    """The time is sane whatever they say, and nobody is shut out by it."""
    bad = []
    with Settled():
        for n, value in enumerate(RETRY):
            for status in (429, 529, 503):
                name = "retry-%d-%d" % (status, n)
                got, fields, body, _, _ = ask(name)
                # a field with bytes that no field may have is no answer
                ok = (429,) if status == 429 else (502, 503)
                if got not in ok and not (got == 502 and "\xe9" in value):
                    bad.append("%s %r: %d %r" % (name, value, got, body[:99]))
                after = fields.get("retry-after", "1")
                if not after.isdigit() or int(after) > 31 * 86400:
                    bad.append("%s %r: told %r" % (name, value, after))
                if raw.count()[name] != 1:
                    bad.append("%s: %d POSTs" % (name, raw.count()[name]))
                status, _, body, _, _ = ask("", model="pool")
                if status != 200:
                    bad.append("%s %r: then %d" % (name, value, status))
    complain(bad, len(RETRY))


def used(name):
    for r in json.loads(gw.ctl("usage", "--by", "key",
                               "--json").stdout)["rows"]:
        if r["key"] == name:
            return r["input_tokens"], r["output_tokens"]
    return 0, 0


@row
def f12_usage_is_never_a_gift():
    """Negative, huge and missing usage: an estimate, and no quota comes
    back by it. One row of a key that has a lifetime of tokens."""
    name = "quota%d" % len(tried)
    key = gw.ctl("key", "create", name, "--tier", "enterprise",
                 "--rps", "0", "--rpm", "0", "--rpd", "0",
                 "--max-tokens", "1000000").stdout.strip()
    names = sorted(x for x in ANSWERS if x.startswith("usage-"))
    bad = []
    last = (0, 0)
    with Settled():
        for n, words in enumerate(names):
            a = ask(words, "sse" in words, key=key)
            if a[0] != 200 or b'"error"' in a[2]:
                bad.append("%s: %d %r" % (words, a[0], a[2][:200]))
            if n % 30 == 0:
                books()
                now = used(name)
                if now[0] < last[0] or now[1] < last[1] or \
                        max(now) - max(last) > 100000:
                    bad.append("%s: from %r to %r" % (words, last, now))
                last = now
    complain(bad, len(names))
    # the quota is counted down by what was believed, no more and no less
    assert 0 < sum(used(name)) < 100000, used(name)
    assert ask("", key=key)[0] == 200


# B4: JSON made to cost


def costly(n):
    """name, body, statuses; n is the size of the trouble."""
    model = b'{"model":"p2/m9","messages":[],'
    keys = b",".join(b'"k%d":0' % i for i in range(n))
    return [
        ("depth of arrays", model + b'"a":' + b"[" * n + b"]" * n + b"}",
         (400,)),
        ("depth of objects", model + b'"a":' + b'{"a":' * (n // 4) +
         b"1" + b"}" * (n // 4) + b"}", (400,)),
        ("depth, never closed", b"[" * n, (400,)),
        ("many keys", model + keys + b"}", (200, 400)),
        ("one key often", model + b",".join([b'"a":0'] * n) + b"}",
         (200, 400)),
        ("many numbers", model + b'"a":[' + b"0," * n + b"0]}", (200, 400)),
        ("a long number", model + b'"a":1' + b"0" * n + b"}", (200, 400)),
        ("1e400", model + b'"max_tokens":1e400}', (200, 400)),
        ("a long string", model + b'"a":"' + b"x" * n + b'"}', (200, 400)),
        ("escapes", model + b'"a":"' + b"\\u0041" * (n // 6) + b'"}',
         (200, 400)),
        ("model twice", b'{"model":"p2/m9","model":"p2/m9"}', (400,)),
        ("a zero in the model", b'{"model":"p2/m9\\u0000"}', (400,)),
        ("blanks", b" " * n + model[:-1] + b"}", (200, 400)),
    ]


@test
def b4_json_made_to_cost():
    """Refused or served, and for at most four times its size in memory; a
    body that is only declared costs nothing."""
    bad = []
    for name, body, want in costly(1000000):
        was = rss()
        a = gw.post("/v1/chat/completions", body)
        grown = max(rss()[p] - was[p] for p in was)
        if a.status not in want:
            bad.append("%s: %d %r" % (name, a.status, a.body[:120]))
        # the mock answers a long body with a word
        if grown > 4 * len(body) // 1024 + 1024:
            bad.append("%s: %d KiB more for %d KiB" % (name, grown,
                                                       len(body) >> 10))
    was = rss()
    with socket.create_connection(("127.0.0.1", gw.port), timeout=60) as s:
        s.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n"
                  b"Authorization: Bearer " + gw.KEY.encode() +
                  b"\r\nContent-Length: 1073741824\r\n\r\n{")
        got = s.recv(65536)
    if not got.startswith(b"HTTP/1.1 413"):
        bad.append("1 GiB declared: %r" % got[:100])
    grown = max(rss()[p] - was[p] for p in was)
    if grown > 1024:
        bad.append("1 GiB declared: %d KiB more" % grown)
    complain(bad, 14)


# F14


@test
def f14_a_resolver_that_hangs():
    """A name server that never answers, for the process tree of a gateway of
    its own: names of others and addresses are not touched by it."""
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        silent.bind(("127.9.9.9", 53))
    except OSError:
        return "port 53 is not for us"
    d = tmpdir()
    conf = os.path.join(d, "resolv.conf")
    with open(conf, "w") as f:
        f.write("nameserver 127.9.9.9\noptions timeout:30 attempts:1\n")
    prefix = ["unshare", "-m", "sh", "-c", "mount --bind %s "
              "/etc/resolv.conf && exec \"$@\"" % conf, "sh"]
    r = subprocess.run(prefix + ["cat", "/etc/resolv.conf"],
                       capture_output=True, text=True)
    if "127.9.9.9" not in r.stdout:
        return "no mount namespace of our own"
    g = Gateway("providers = ( %s, %s, %s );\n%s" % (
        provider(mock, "p1", ("m1",)),
        provider(mock, "named", ("m2",)).replace("127.0.0.1:", "localhost:"),
        '{ id = "hung"; dialect = "openai"; base_url = "http://%s"; '
        'connect_timeout = "%ds"; keys = ( "sk-x" ); models = ( "mh" ); }' % (
            "name-that-hangs.example", 40 if LONG else 3), file_key()),
        start=False)
    g.out = os.path.join(g.dir, "out")
    with open(g.out, "ab") as f:
        g.p = subprocess.Popen(
            prefix + [os.path.join(BUILD, "aigwd"), "-f", "-c", g.conf_path],
            stdout=f, stderr=subprocess.STDOUT, env=g.env)
    g.wait_ready()
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        hung = [pool.submit(g.chat, model="mh") for _ in range(4)]
        # They are there, and wait for the name; its server says nothing for
        # thirty seconds, which is what all others would wait, too.
        wait("them to wait", lambda: g.log().count("route -> ") >= 4)
        n = 0
        while not any(h.done() for h in hung):
            for model in ("m1", "m2"):
                assert g.chat(model=model).status == 200
                n += 1
        got = [h.result().status for h in hung]
    assert all(x in (502, 504) for x in got), got
    assert n >= 10, n           # of a thousand or so
    turns = [p["longest_turn_cpu_us"] for p in g.status()["processes"]
             if p["role"] == "worker" and p["long_turns"]]
    assert SANITIZED or all(x <= (20000 if LONG else 100000)
                            for x in turns), turns
    figures.append(("f14: s that four hung; answers of others meanwhile",
                    "%.0f, %d" % (time.monotonic() - began, n)))
    silent.close()
    g.stop()


@test
def no_process_ended():
    assert gw.chat(model="p2/m9").status == 200
    assert sorted(gw.pids()) == before, (before, gw.pids())
    assert gw.p.poll() is None


@test
def what_was_tried():
    assert len(figures) >= 6 or sys.argv[1:], figures
    result("answers without end or sense (F7 to F12, F14): requests, KiB that "
           "a worker grew", figures)


main()
