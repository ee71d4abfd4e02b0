"""rotation_e2e.py - upstream keys: shares and rates over all workers, what puts
a key out, and what brings it back."""
import collections
import concurrent.futures
import email.utils
import http.client
import json
import os
import time

from lib import (Gateway, Mock, call, file_key, main, provider, test, wait)

WORKERS = 4
mock = Mock("--models", "m", "--no-digest")


def prov(pid, keys, more="", health='interval = "1h";'):
    return provider(mock, pid, ("m",), more + " health = { %s };" %
                    health).replace('"sk-up-1"', keys)


def keys(pid, n, more=""):
    return ", ".join('{ key = "%s-key-%d"; %s }' % (pid, i + 1, more)
                     for i in range(n))


PROVIDERS = [
    prov("turns", '"turns-1", "turns-2", { key = "turns-3"; weight = 2.0; }'),
    prov("paced", keys("paced", 2, "max_qps = 20;")),
    prov("whole", keys("whole", 3), "max_qps = 25;"),
    prov("drip", keys("drip", 1, "max_qps = 0.1;")),
    prov("spill", keys("spill", 1, "max_qps = 1;")),
    prov("open", '"open-key-1"'),
    prov("quick", keys("quick", 2),
         health='interval = "1s"; unhealthy_retry = "10m";'),
    prov("public", keys("public", 2), health='interval = "1s"; '
         'unhealthy_retry = "10m"; path = "/v1/models";'),
    prov("unserved", keys("unserved", 2), health='interval = "1s"; '
         'unhealthy_retry = "4s"; path = "/status/404";'),
    prov("posted", keys("posted", 1), health='interval = "1s"; '
         'path = "/probe/here"; method = "POST"; body = "{\\"a\\":1}";'),
    prov("down", '"down-key-1"', health='interval = "1s"; '
         'path = "/down/models";'),
] + [prov("s%d" % n, keys("s%d" % n, 2), health='interval = "1h"; '
          'unhealthy_retry = "10m";') for n in range(12)]
CONF = ('providers = ( %s );\n%s' % (", ".join(PROVIDERS), file_key()) +
        'groups = ( { name = "spilling"; targets = ('
        ' { provider = "spill"; model = "m"; priority = 1; },'
        ' { provider = "open"; model = "m"; priority = 2; } ); } );\n'
        'failover = { threshold = 1000000; };\n')
gw = Gateway(CONF, start=False)
gw.write((gw.head() + CONF).replace("workers = 2", "workers = %d" % WORKERS))
gw.start()
BODY = json.dumps({"model": "%s", "messages": [
    {"role": "user", "content": "x"}]})
HEAD = {"Authorization": "Bearer " + gw.KEY,
        "Content-Type": "application/json"}


def client(model, n, path="/v1/chat/completions"):
    """n requests on one connection: their statuses."""
    c = http.client.HTTPConnection("127.0.0.1", gw.port, timeout=60)
    out = []
    for _ in range(n):
        c.request("POST", path, BODY % model, HEAD)
        r = c.getresponse()
        r.read()
        out.append(r.status)
    c.close()
    return out


def clients(model, each, n=16):
    with concurrent.futures.ThreadPoolExecutor(n) as pool:
        got = [x for part in pool.map(lambda _: client(model, each), range(n))
               for x in part]
    return collections.Counter(got)


def sent(prefix, since=0):
    """Times of arrival of the chats with keys of that prefix, by key."""
    out = collections.defaultdict(list)
    for r in call(mock.port, "GET", "/_mock/sent?since=%d" % since).json()[
            "sent"]:
        if r["key"].startswith(prefix) and r["endpoint"] == "chat":
            out[r["key"]].append(r["time_us"])
    return out


def last():
    return mock.meter()["seq"]


def chat(pid):
    return gw.chat(model=pid + "/m")


def good(pid, n=1):
    for _ in range(n):
        a = chat(pid)
        assert a.status == 200, (pid, a.status, a.body, gw.log()[-2000:])
    return a


def rows(pid):
    """What aigwctl tells about the keys, in order."""
    return json.loads(gw.ctl("provider", "show", pid, "--json").stdout)[
        "keys"]


def health(pid):
    a = gw.get("/health", headers={"x-api-key": gw.KEY}).json()
    return a["platforms"][pid]


def rules(*v):
    mock.config(rules=[{"key": k, "do": do, "path": "*/chat/completions"}
                       for k, do in v])


def out_everywhere(pid, others):
    """Each worker reads of a refusal within 100 ms of its time. One that got
    none of the requests, or not the turn of that key, does not show that it
    has: three times in a row."""
    def only():
        for _ in range(3):
            since = last()
            assert set(clients(pid + "/m", 2)) == {200}
            if not set(sent(pid, since)) <= others:
                return False
        return True
    wait("all workers to know", only)


def most(times, window_us):
    """The most arrivals in any such window."""
    times = sorted(times)
    worst = first = 0
    for i, t in enumerate(times):
        while t - times[first] >= window_us:
            first += 1
        worst = max(worst, i - first + 1)
    return worst


@test
def nothing_is_claimed_before_it_is_known():
    p = health("open")
    assert p["status"] in ("unknown", "healthy"), p
    p = health("unserved")
    assert p["status"] == "unknown" and p["healthy_keys"] == 0 and \
        p["unknown_keys"] == 2, p
    assert "keys" not in gw.get("/health").json()["platforms"]["open"]


@test
def shares_are_exact_over_all_workers():
    since = last()
    assert clients("turns/m", 250) == {200: 4000}
    got = {k: len(v) for k, v in sent("turns", since).items()}
    assert got == {"turns-1": 1000, "turns-2": 1000, "turns-3": 2000}, got
    pids = {p["pid"] for p in gw.status()["processes"]
            if p["role"] == "worker"}
    assert len(pids) == WORKERS, pids


@test
def shares_stay_when_one_key_is_out():
    rules(("turns-2", "status=401"))
    good("turns", 4)
    out_everywhere("turns", {"turns-1", "turns-3"})
    since = last()
    assert clients("turns/m", 60) == {200: 960}
    got = {k: len(v) for k, v in sent("turns", since).items()}
    rules()
    # a worker that still did not know was told by its first try
    assert got.pop("turns-2", 0) < WORKERS, got
    assert set(got) == {"turns-1", "turns-3"}, got
    assert abs(got["turns-1"] - 320) <= 4, got


def paced(pid, each, rate, keys):
    """
    Send as fast as it goes; what a gate lets pass is at most its rate, and one
    second's more, in all the time that it takes. In each second, too, but for
    what comes late: on a machine that lets one wait for long passes of two
    seconds may arrive together, so one run of three has to show it.
    """
    worst = []
    for _ in range(3):
        since, began = last(), time.monotonic()
        got = clients(pid + "/m", each, 12)
        seconds = time.monotonic() - began
        times = sent(pid, since)
        assert got[200] == sum(len(v) for v in times.values()), (got, times)
        assert set(got) <= {200, 429} and len(times) == keys, got
        groups = times.values() if pid == "paced" else [sum(times.values(),
                                                            [])]
        for v in groups:
            assert len(v) <= rate * (seconds + 1), (len(v), seconds)
        worst.append(max(most(v, 950000) for v in groups))
        if worst[-1] <= rate:
            return got
    raise AssertionError((rate, worst))


@test
def max_qps_of_keys_over_all_workers():
    got = paced("paced", 8, 20, 2)
    assert got[200] >= 40, got


@test
def max_qps_of_a_provider_over_all_workers():
    paced("whole", 6, 25, 3)


@test
def too_fast_for_long_is_a_429():
    good("drip")
    a = chat("drip")
    assert a.status == 429, (a.status, a.body)
    assert 5 <= int(a.headers["retry-after"]) <= 11, a.headers
    assert b"max_qps" in a.body, a.body


@test
def the_next_target_takes_what_is_too_fast():
    since = last()
    assert clients("spilling", 10, 4) == {200: 40}
    assert len(sum(sent("spill-", since).values(), [])) <= 10
    assert len(sum(sent("open-", since).values(), [])) >= 30


DATE = email.utils.formatdate(time.time() + 600, usegmt=True)
#          words for the mock, seconds out (least, most), error shown
REFUSALS = [
    ("status=401", 590, 601, "refused"),
    ("status=402", 590, 601, "quota"),
    ("status=403", 590, 601, "denied"),
    ("status=429,retry-after=120", 110, 121, "rate"),
    ("status=429", 0, 2, "rate"),
    ("status=429,code=insufficient_quota", 590, 601, "quota"),
    ("status=400,code=insufficient_quota", 590, 601, "quota"),
    ("status=400,code=billing_hard_limit_reached", 590, 601, "quota"),
    ("status=401,retry-after=60", 50, 61, "refused"),
    ("status=429,retry-after=999999999999", 86000, 86401, "rate"),
    ("status=403,code=invalid_api_key", 590, 601, "refused"),
    ("status=429,retry-after=0", 0, 2, "rate"),
]


def parse(t):
    return time.mktime(time.strptime(t[:19], "%Y-%m-%dT%H:%M:%S")) - \
        time.timezone if t else None


def refusal(n):
    words, least, longest, text = REFUSALS[n]
    pid = "s%d" % n
    before = time.time()
    a = [good(pid) for _ in range(3)]
    if longest <= 2:        # it may be over already, but it was noted
        row = rows(pid)
        assert row[0]["faults"] >= 1 and row[1]["faults"] == 0, (words, row)
        return
    row = [r for r in rows(pid) if r["status"] == "unhealthy"]
    assert len(row) == 1, (words, rows(pid), gw.log()[-2000:])
    row = row[0]
    until = parse(row["rests_until"])
    assert before + least <= until <= time.time() + longest, (words, row)
    assert text in row["error"], (words, row)
    assert row["faults"] == 1, row
    out_everywhere(pid, {pid + "-key-2"})
    since = last()
    good(pid, 6)
    assert len(sent(pid + "-", since)) == 1, (words, sent(pid, since))


@test
def each_refusal_puts_a_key_out():
    rules(*[("s%d-key-1" % n, r[0]) for n, r in enumerate(REFUSALS)])
    for n in range(len(REFUSALS)):
        refusal(n)
    rules()


@test
def a_reload_keeps_the_health():
    before = {n: [(r["status"], r["rests_until"]) for r in rows("s%d" % n)]
              for n in range(4)}
    gw.ctl("reload")
    wait("the new workers", lambda: all(
        p["generation"] == 2 for p in gw.status()["processes"]
        if p["role"] in ("worker", "checker")))
    since = last()
    for n in range(4):
        good("s%d" % n, 6)
        assert set(sent("s%d-" % n, since)) == {"s%d-key-2" % n}, \
            sent("s%d-" % n, since)
        assert before[n] == [(r["status"], r["rests_until"])
                             for r in rows("s%d" % n)], before[n]


@test
def all_out_all_back():
    rules(("s0-key-2", "status=401"), ("s0-key-1", "status=401"))
    assert chat("s0").status == 502
    wait("both to be out", lambda: all(
        r["status"] == "unhealthy" for r in rows("s0")))
    rules()
    since = last()
    good("s0", 8)
    # the first that works is in rotation again
    assert sum(len(v) for v in sent("s0-", since).values()) == 8
    wait("one to be back", lambda: good("s0") and "healthy" in [
        r["status"] for r in rows("s0")])


@test
def a_probe_brings_it_back():
    mock.config(rules=[{"key": "quick-key-1", "do": "status=401"}])
    good("quick", 3)
    wait("the key to be out", lambda: rows("quick")[0]["status"] ==
         "unhealthy")
    row = rows("quick")[0]
    assert row["checked"] and row["faults"] >= 1, row
    mock.config(rules=[])
    wait("the key to be back", lambda: rows("quick")[0]["status"] ==
         "healthy", 10)
    row = rows("quick")[0]
    assert row["error"] == "" and not row["rests_until"], row
    assert row["response_ms"] >= 0 and row["checked"], row
    since = last()
    wait("both in use", lambda: good("quick") and len(
        sent("quick", since)) == 2)


@test
def a_probe_that_cannot_tell_is_not_believed_twice():
    """The list can be had with any key."""
    rules(("public-key-1", "status=401"))
    good("public", 3)
    wait("the first refusal", lambda: rows("public")[0]["faults"] >= 1)
    # brought back by the probe, and refused again
    wait("the second refusal", lambda: good("public") and
         rows("public")[0]["faults"] >= 2, 15)
    n = len(sent("public-key-1").get("public-key-1", []))
    checked = rows("public")[0]["checked"]
    wait("two probes more", lambda: rows("public")[0]["checked"] > checked)
    checked = rows("public")[0]["checked"]
    wait("one probe more", lambda: rows("public")[0]["checked"] > checked)
    good("public", 6)
    assert rows("public")[0]["status"] == "unhealthy", rows("public")
    assert len(sent("public-key-1")["public-key-1"]) == n
    rules()


@test
def time_alone_where_the_probe_is_not_served():
    rules(("unserved-key-1", "status=401"))
    since = last()
    good("unserved", 2)
    at = sent("unserved-key-1", since)["unserved-key-1"][0]
    rules()

    def again():
        """Those that a worker sent which did not know yet do not count."""
        good("unserved")
        return [t for t in sent("unserved-key-1", since)["unserved-key-1"]
                if t > at + 1000000]
    assert wait("the key in use", again)[0] > at + 3900000


@test
def a_probe_as_configured():
    def probe():
        return [r for r in mock.requests()["requests"]
                if "/probe/here" in r["head"]]
    r = wait("a probe", probe)[0]
    assert r["head"].startswith("POST /v1/probe/here HTTP/1.1\r\n") or \
        r["head"].startswith("POST /probe/here HTTP/1.1\r\n"), r
    assert r["body"] == '{"a":1}', r
    assert "posted-key-1" in r["head"], r


@test
def a_provider_that_is_down_refuses_no_key():
    mock.config(rules=[{"path": "/down/*", "do": "status=503"}])
    wait("the trouble", lambda: rows("down")[0]["status"] == "unhealthy")
    row = rows("down")[0]
    assert row["in_rotation"] and not row["rests_until"], row
    assert row["why"] == "", row
    p = wait("all to see it", lambda: health("down")["status"] ==
             "unhealthy" and health("down"))
    assert p["keys"][0]["in_rotation"], p
    good("down")
    mock.config(rules=[])
    wait("its end", lambda: rows("down")[0]["status"] != "unhealthy")


@test
def what_is_shown():
    text = gw.ctl("provider", "show", "s1").stdout
    line = [x for x in text.split("\n") if x.startswith("key ")][0]
    assert "unhealthy" in line and "quota used up" in line and \
        "until" in line, text
    text = gw.ctl("provider", "list").stdout
    line = [x for x in text.split("\n") if x.startswith("s1 ")][0]
    assert "1/2" in line and "quota used up" in line, text
    for k in health("s1")["keys"]:
        assert len(k["key_id"]) == 12 and "s1-key-1" not in json.dumps(k), k
        assert k["status"] in ("healthy", "unhealthy", "unknown"), k


@test
def errors_show_no_key():
    for status in (400, 404, 422, 500):
        mock.config(rules=[{"key": "open-key-1", "do":
                            "status=%d,message=a-quoted-prompt open-key-1 x" % status}])
        a = chat("open")
        assert b"open-key-1" not in a.body, a.body
        if status in (400, 422):
            assert b"a-quoted-prompt ********** x" in a.body, a.body
    mock.config(rules=[])
    for name in ("error.log", "api-error.jsonl", "access.log"):
        assert "open-key-1" not in gw.log(name), name
        if name != "error.log":
            assert "a-quoted-prompt" not in gw.log(name), name


@test
def rows_of_keys_that_are_gone_go():
    keep = (gw.head() + CONF).replace("workers = 2",
                                      "workers = %d" % WORKERS)
    text = keep.replace('{ key = "s1-key-1";  }, ', "")
    assert text != keep
    gw.write(text)
    gw.ctl("reload")
    wait("the new checker", lambda: all(
        p["generation"] == 3 for p in gw.status()["processes"]
        if p["role"] == "checker"))
    assert len(rows("s1")) == 1
    gw.write(keep)
    gw.ctl("reload")
    wait("the old keys", lambda: len(rows("s1")) == 2)
    wait("nothing to be known", lambda: rows("s1")[0]["status"] != "unhealthy"
         and not rows("s1")[0]["error"])
    good("s1", 4)


if __name__ == "__main__":
    main()
