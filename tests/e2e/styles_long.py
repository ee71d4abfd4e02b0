#!/usr/bin/env python3
"""styles_long.py [--long] - providers of every format that fail, asked by the
clients of every format (reliability rows F1 to F7, F9, F10 and F12).

Clients at once, each with a random fault in a random place of an answer of a
random provider. Each answer is whole, an error of that client's format, or a
stream whose cut is told; the provider has had each request once; the ledger
has each once, and what whole answers cost to the token. AIGW_SEED repeats the
choices of a run, AIGW_STYLES is how many seconds it lasts.
"""
import concurrent.futures
import http.client
import os
import random
import re
import sys
import time

if "--long" in sys.argv:
    sys.argv.remove("--long")

from clients import CLIENTS, ended, events, failed, request, texts
from lib import Gateway, Mock, file_key, main, test, wait
from load import Meter, ledger, result

SEED = int(os.environ.get("AIGW_SEED", time.time_ns() % 1000000))
SECONDS = float(os.environ.get("AIGW_STYLES", 120))
AT_ONCE = 64
TOKENS = 40
FAST = ('first_token_timeout = "2s"; idle_timeout = "2s"; total_timeout = '
        '"6s"; connect_timeout = "2s"; health = { interval = "0s"; '
        'unhealthy_retry = "0s"; };')
# Name: dialect, base path at the mock, options.
PROVIDERS = {
    "chat": ("openai", "", 'apis = ( "chat" );'),
    "responses": ("openai", "", 'apis = ( "responses" );'),
    "anthropic": ("anthropic", "", ""),
    "gemini": ("gemini", "", ""),
    "mistral": ("mistral", "/mistral", ""),
    "groq": ("groq", "/groq", 'apis = ( "chat" );'),
    "azure": ("azure", "", 'apis = ( "chat" ); api_version = '
              '"2026-01-01";'),
    "ollama": ("ollama", "", ""),
}
# Row, words, what a whole answer and a stream become: "ok", "fail" (an error
# with a status), "cut" (an error inside); None: not for that kind. %e is an
# event behind the first content, %n a small number.
FAULTS = (
    ("F1", "stall=before", "fail", "fail"),
    ("F1", "stall=head", "fail", "fail"),
    ("F1", "stall=body", "fail", "fail"),
    ("F1", "stall=e0", None, "fail"),
    ("F1", "stall=e%e", None, "cut"),
    ("F2", "close=before", "fail", "fail"),
    ("F2", "close=head", "fail", "fail"),
    ("F3", "close=body", "fail", "fail"),
    ("F3", "close=e0", None, "fail"),
    ("F3", "close=e%e", None, "cut"),
    ("F3", "cut=%e", None, "cut"),
    ("F3", "cut-clean=%e", None, "cut"),
    ("F3", "error=%e", None, "cut"),
    ("F3", "error=0", None, "fail"),
    ("F4", "reset=before", "fail", "fail"),
    ("F4", "reset=head", "fail", "fail"),
    ("F4", "reset=body", "fail", "fail"),
    ("F4", "reset=e0", None, "fail"),
    ("F4", "reset=e%e", None, "cut"),
    ("F5", "bps=1", "fail", "fail"),
    ("F5", "bps=1,slow-head", "fail", "fail"),
    ("F5", "bps=2%n000", "ok", "ok"),
    ("F5", "chunk=%n", "ok", "ok"),
    ("F5", "stall=e%e,stall-for=%n0ms", None, "ok"),
    ("F6", "length=%n", "fail", None),
    ("F6", "length=-%n", "fail", None),
    ("F6", "garbage=chunk", "fail", "fail"),
    ("F6", "until-close", "ok", "ok"),
    ("F7", "garbage=head", "fail", "fail"),
    ("F7", "garbage=line", "fail", "fail"),
    ("F9", "gzip", "ok", "ok"),
    ("F10", "garbage=json", "fail", None),
    ("F12", "usage=missing", "odd", "odd"),
    ("F12", "usage=negative", "odd", "odd"),
    ("F12", "usage=huge", "odd", "odd"),
    ("F12", "usage=null", "odd", "odd"),
    ("F12", "usage=string", "odd", "odd"),
)
KINDS = ("ok", "odd", "bad")
mock = Mock("--models", ",".join("%s-%s" % (k, p) for p in PROVIDERS
                                 for k in KINDS), "--no-digest")
gw = Gateway("providers = ( %s );\nfailover = { threshold = 1000000; };\n%s" % (
    ",\n".join('{ id = "to-%s"; dialect = "%s"; base_url = "%s%s"; keys = ( '
               '"sk-up-%s-0123456789" ); allow_private = ( "127.0.0.0/8" ); '
               'models = ( %s ); %s %s }' % (
                   p, dialect, mock.url, path, p,
                   ", ".join('"%s-%s"' % (k, p) for k in KINDS), extra, FAST)
               for p, (dialect, path, extra) in PROVIDERS.items()),
    file_key()))
meter = Meter(mock)


def pick(rng, n):
    """One request: marker, row, words, client, provider, stream, wanted."""
    while True:
        row, words, whole, stream = rng.choice(FAULTS)
        as_stream = rng.random() < 0.6
        want = stream if as_stream else whole
        if want is not None:
            break
    words = words.replace("%e", str(rng.randint(8, 30))).replace(
        "%n", str(rng.randint(1, 9)))
    return ("s%d" % n, row, words, rng.choice(list(CLIENTS)),
            rng.choice(list(PROVIDERS)), as_stream, want)


def model_of(job):
    return "%s-%s" % (job[6] if job[6] in KINDS else "bad", job[4])


def whole_text(client, marker, got):
    """None, or what is wrong with the text of an answer that is whole."""
    want = ["[[marker:%s]]" % marker] + [str(i) for i in range(1, TOKENS)]
    return None if "".join(got).split() == want else "text %r" % got


def look(job, a):
    """None, or what is wrong with an answer."""
    marker, _, _, client, _, stream, want = job
    if want == "fail":
        if a.status not in (502, 504):
            return "status %d: %r" % (a.status, a.body[:300])
        o = a.json()
        return None if "error" in o or o.get("object") == "error" else \
            "no error: %r" % o
    if a.status != 200:
        return "status %d: %r" % (a.status, a.body[:300])
    if not stream:
        return whole_text(client, marker, texts(client, a.json()))
    ev = events(client, a.body)
    if want == "cut":
        if ended(client, a.body) or not ev or not failed(client, ev[-1]):
            return "the cut is not told: %r" % a.body[-300:]
        # Responses have an event of the error, and what became of the answer
        if sum(failed(client, o) for o in ev) > 1 + (client == "responses"):
            return "the cut is told twice: %r" % a.body[-600:]
        return None
    if not ended(client, a.body) or failed(client, ev[-1]):
        return "not whole: %r" % a.body[-300:]
    return whole_text(client, marker, [x for o in ev
                                       for x in texts(client, o)])


def one(job):
    marker, _, words, client, _, stream, _ = job
    path, body = request(client, model_of(job), stream,
                         "[[mock:tokens=%d,%s]] [[marker:%s]]" % (
                             TOKENS, words, marker))
    if client == "anthropic":
        body["max_tokens"] = 1000
    try:
        a = gw.post(path, body)
        why = look(job, a)
        if why is None and a.headers.get("x-aigw-attempts") != "1":
            why = "attempts %r" % a.headers
    except (OSError, ValueError, KeyError, IndexError, TypeError,
            http.client.HTTPException) as e:
        why = "%r" % e
    return why and "%s %s: %s of %s%s: %s" % (
        marker, words, client, job[4], ", a stream" if stream else "", why)


def hwm():
    """Most memory that each worker ever had, in KiB."""
    out = {}
    for p in gw.pids("worker"):
        with open("/proc/%d/status" % p) as f:
            out[p] = int(re.search(r"VmHWM:\s*(\d+)", f.read()).group(1))
    return out


def ask_all(rng):
    """For SECONDS: the jobs, and what is wrong with them."""
    jobs, running, bad = [], set(), []
    end = time.monotonic() + SECONDS
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        while time.monotonic() < end or running:
            while len(running) < 2 * AT_ONCE and time.monotonic() < end:
                jobs.append(pick(rng, len(jobs)))
                running.add(pool.submit(one, jobs[-1]))
            done, running = concurrent.futures.wait(
                running, 1, concurrent.futures.FIRST_COMPLETED)
            bad += [d.result() for d in done if d.result()]
            if len(jobs) % 16 == 0 or not running:
                meter.poll()    # its memory is short
    return jobs, bad


def check_books(jobs):
    """Each sent once, and in the ledger once; what of them is not so."""
    bad, books = [], {}
    for model, r in ledger(gw).items():
        books[model.split("/")[-1]] = r
    for model in sorted({model_of(j) for j in jobs}):
        mine = [j for j in jobs if model_of(j) == model]
        sent = meter.by_marker(model)
        bad += ["%s %s: %d POSTs" % (j[0], j[2], len(sent.get(j[0], ())))
                for j in mine if len(sent.get(j[0], ())) != 1]
        row = books.get(model, {"requests": 0})
        if row["requests"] != len(mine):
            bad.append("%s: %d records of %d" % (model, row["requests"],
                                                 len(mine)))
        elif model.startswith("ok-"):
            told = [sum(r[k] for v in sent.values() for r in v)
                    for k in ("input", "output")]
            if [row["input_tokens"], row["output_tokens"]] != told:
                bad.append("%s: %r, the mock %r" % (model, row, told))
        elif model.startswith("odd-") and not (
                len(mine) * TOKENS // 4 <= row["output_tokens"] <=
                len(mine) * TOKENS * 10):
            bad.append("%s: %r of %d requests" % (model, row, len(mine)))
    return bad


@test
def every_format_fails_in_every_way():
    print("# seed %d" % SEED, flush=True)
    wait("all processes", lambda: len(gw.pids()) >= 6)
    had = hwm()
    before = sorted(gw.pids())
    jobs, bad = ask_all(random.Random(SEED))
    bad += check_books(jobs)
    now = hwm()
    grown = max(now[p] - had[p] for p in had)
    rows = [("seed, seconds, clients at once", "%d, %.0f, %d" % (
        SEED, SECONDS, AT_ONCE)),
        ("clients, providers, faults", "%d, %d, %d" % (
            len(CLIENTS), len(PROVIDERS), len(FAULTS)))]
    for row in sorted({f[0] for f in FAULTS}, key=lambda x: int(x[1:])):
        mine = [j for j in jobs if j[1] == row]
        rows.append(("%s: requests, whole, failed, cut" % row,
                     "%d, %d, %d, %d" % (
                         len(mine), sum(j[6] in ("ok", "odd") for j in mine),
                         sum(j[6] == "fail" for j in mine),
                         sum(j[6] == "cut" for j in mine))))
    result("providers of every format that fail, clients of every format (F1 "
           "to F12)", rows + [
               ("not as promised, not sent once, not settled once", len(bad)),
               ("most that a worker grew, KiB", grown)])
    assert not bad, "\n".join(["%d of %d:" % (len(bad), len(jobs))] +
                              bad[:60])
    assert len(jobs) > 10 * SECONDS, len(jobs)
    assert grown < 64 << 10, grown
    assert sorted(gw.pids()) == before


main()
