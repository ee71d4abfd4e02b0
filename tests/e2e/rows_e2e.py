"""rows_e2e.py [--long] - reloads under new connections (R1), under kept ones
(R2), with streams open (R3), of broken configurations (R4); a worker killed
every half second (R6). Nobody but who was in a killed worker may feel it.

R5, upgrades, is in life_long.py; R7 in points_e2e.py; R8, R9 in hang_e2e.py.
"""
import os
import random
import re
import signal
import sys
import time

LONG = "--long" in sys.argv
if LONG:
    sys.argv.remove("--long")

from lib import Gateway, Mock, alive, main, provider, test, wait
from load import (FIELDS, Load, Meter, compare, interrupted, ledger, result,
                  status)

seed = int(os.environ.get("AIGW_SEED", time.time()))
rnd = random.Random(seed)
print("# AIGW_SEED=%d" % seed, flush=True)
mock = Mock("--first-token", "2ms")
meter = Meter(mock)

# One setting a line, so that a mistake has a line of its own.
GOOD = """providers = (
  {
    id = "p1";
    dialect = "openai";
    base_url = "%s";
    keys = ( "sk-up-1" );
    allow_private = ( "127.0.0.0/8" );
    connect_timeout = "5s";
    total_timeout = "10m";
    models = ( "kept", "fresh", "stream", "steady", "single" );
  }
);
keys = (
  {
    name = "test";
    secret = "%s";
    tier = "enterprise";
    enabled = true;
    rps = 0;
    rpm = 0;
    rpd = 0;
    max_tokens = 0L;
    max_concurrency = 700;
  }
);
groups = (
  {
    name = "g1";
    strategy = "weighted";
    targets = (
      {
        provider = "p1";
        model = "kept";
        weight = 2.5;
      }
    );
  }
);
client = {
  max_connections = 4000;
  idle_timeout = "20s";
  max_body = "8m";
};
ledger = {
  flush = "1s";
};
drain_timeout = "120s";
""" % (mock.url, Gateway.KEY)
gw = Gateway(GOOD)
wait("admin to answer too", lambda: status(gw), 60)


def generation():
    return gw.status()["generation"]


def calm(r):
    """Every request ended well."""
    assert r["ok"] > 0 and r["ok"] == r["ended"] == r["started"], r


def reloads(n, seconds):
    """n good reloads, spread over so many seconds if they are quick enough;
    how long they took."""
    begin, was = time.monotonic(), generation()
    for i in range(n):
        left = begin + i * seconds / n - time.monotonic()
        if left > 0:
            time.sleep(left)        # the pace
        gw.ctl("reload")
    took = time.monotonic() - begin
    assert generation() == was + n
    assert not LONG or seconds == 0 or took < seconds * 1.1, took
    return took


def one_generation():
    wait("the old workers to leave", lambda: len(gw.pids()) == 6, 60)


@test
def r1_reloads_and_new_connections():
    n, seconds, rate = (100, 60, 3000) if LONG else (5, 2, 200)
    load = Load(gw, "fresh", "--connections", "128", "--rate", str(rate),
                "--per-connection", "1", "--timeout", "30s")
    wait("load", lambda: meter.poll() is not None and meter.records)
    took = reloads(n, seconds)
    r = load.end()
    calm(r)
    one_generation()
    result("R1: %d reloads under new connections" % n, [
        ("seconds", "%.0f" % took),
        ("connections, one request each", r["connects"]),
        ("each second", "%.0f" % r["per_second"]),
        ("lost", 0)])


@test
def r2_reloads_and_kept_connections():
    n, seconds = (100, 60) if LONG else (5, 2)
    load = Load(gw, "kept", "--connections", "64", "--timeout", "30s",
                *(() if LONG else ("--rate", "300")))
    wait("load", lambda: sum(p["active"] for p in gw.status()["processes"]))
    took = reloads(n, seconds)
    r = load.end()
    calm(r)
    one_generation()
    result("R2: %d reloads with 64 kept connections" % n, [
        ("seconds", "%.0f" % took),
        ("requests", r["ok"]),
        ("connections made, each closed by announcement only",
         r["connects"]),
        ("broken", 0)])


@test
def r3_reloads_and_streams():
    streams, n, tokens, rate = ((500, 10, 300, 5) if LONG else
                                (40, 3, 60, 20))
    load = Load(gw, "stream", "--connections", str(streams), "--requests",
                str(streams), "--connect-rate", "200", "--stream", "--mock",
                "rate=%d,tokens=%d" % (rate, tokens), "--timeout", "30s")
    wait("the streams", lambda: sum(
        p["active"] for p in gw.status()["processes"]) > streams * 0.9, 60)
    # fewer than may drain at the same time: streams outlive them all
    took = 0
    for _ in range(n):
        took += reloads(1, 0)
        if LONG:
            wait("room for another generation", lambda: len(
                {p["generation"] for p in gw.status()["processes"]}) < 8,
                120)
    load.p.wait(180)
    r = load.end()
    calm(r)
    assert r["cut"] == r["lost"] == r["reordered"] == 0, r
    one_generation()
    result("R3: %d reloads with %d open streams of %d s" % (
        n, streams, tokens // rate), [
        ("streams that came to their end", r["ok"]),
        ("cut, lost, reordered", "0, 0, 0")])


def put(pattern, replacement):
    """A mistake on a line that matches."""
    def change(lines):
        at = rnd.choice([i for i, x in enumerate(lines)
                         if re.search(pattern, x)])
        lines[at] = re.sub(pattern, replacement, lines[at], count=1)
        return at + 1
    return change


def garbage(lines):
    at = rnd.randrange(len(lines))
    lines.insert(at, rnd.choice(("@@@", "= 3;", "}{;", "name == 4;")))
    return at + 1


def twice(lines):
    at = rnd.choice([i for i, x in enumerate(lines)
                     if re.search(r'^ *\w+ = [^({]*;$', x)])
    lines.insert(at, lines[at])
    return at + 2


def cut_off(lines):
    at = rnd.choice([i for i, x in enumerate(lines)
                     if x.strip() in ("}", ");", "};")])
    del lines[at]


def torn(lines):
    """The file ends in the middle of a group, as when a disk was full."""
    depth, inside = 0, []
    for i, x in enumerate(lines):
        if depth > 0:
            inside.append(i)
        depth += sum(x.count(c) for c in "({") - sum(
            x.count(c) for c in ")}")
    del lines[rnd.choice(inside):]


# What is broken, and whether its own line is named.
MISTAKES = (
    (put(r'^( *)(\w+) = ', r'\1\2x = '), 1),
    (put(r'"(\d+)(s|m)";', r'"\1 parsecs";'), 1),
    (put(r'"(\d+)(s|m)";', r'"-\1\2";'), 1),
    (put(r' = (\d+)L?;', r' = "many";'), 1),
    (put(r' = (\d+)L?;', r' = -1;'), 1),
    (put(r'= "(p1|openai|weighted|enterprise|8m)";', r'= [ 1, 2 ];'), 1),
    (put(r'strategy = "weighted"', r'strategy = "by_magic"'), 1),
    (put(r'dialect = "openai"', r'dialect = "klingon"'), 1),
    (put(r'base_url = "http', r'base_url = "gopher'), 1),
    (put(r'provider = "p1"', r'provider = "nobody"'), 1),
    (put(r'127\.0\.0\.0/8', r'127.0.0.0/40'), 1),
    (put(r'tier = "enterprise"', r'tier = "nobility"'), 1),
    (put(r'enabled = true', r'enabled = perhaps'), 1),
    (put(r'"8m"', r'"8 elephants"'), 1),
    (garbage, 0),
    (twice, 1),
    (cut_off, 0),
    (torn, 0),
)


@test
def r4_broken_configurations():
    n = 200 if LONG else 2 * len(MISTAKES)
    loads = [Load(gw, "kept", "--connections", "8", "--rate", "100"),
             Load(gw, "fresh", "--connections", "8", "--rate", "50",
                  "--per-connection", "1")]
    one_generation()
    was, pids = generation(), sorted(gw.pids())
    text = gw.head() + GOOD
    for i in range(n):
        change, own = MISTAKES[i % len(MISTAKES)]
        lines = text.splitlines()
        start = len(gw.head().splitlines())
        tail = lines[start:]
        line = change(tail)
        lines[start:] = tail
        gw.write("\n".join(lines) + "\n")
        r = gw.ctl("reload", check=False)
        say = (i, line and lines[start + line - 1], r.stdout, r.stderr)
        assert r.returncode != 0, say
        named = [int(x) for x in re.findall(
            r"aigw\.conf:(\d+): mistake", r.stdout)]
        assert named, say
        if own:
            assert start + line in named, (start + line, say)
    assert (generation(), sorted(gw.pids())) == (was, pids), (
        was, pids, gw.status(), gw.log()[-3000:])
    gw.write(GOOD)
    for load in loads:
        calm(load.end())
    gw.ctl("reload")
    assert generation() == was + 1
    one_generation()
    result("R4: broken configurations under load", [
        ("refused, with line", n), ("requests that failed", 0)])


def workers():
    out = []
    for p in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % p) as f:
                stat = f.read().rsplit(")", 1)[1].split()
            if stat[0] in "ZX" or int(stat[1]) != gw.p.pid:
                continue
            with open("/proc/%s/cmdline" % p) as f:
                if f.read().startswith("aigwd: worker"):
                    out.append(int(p))
        except OSError:
            continue
    return out


def stamps(pattern):
    """Times, in seconds of the day, of the master's lines that match."""
    out = []
    with open(os.path.join(gw.dir, "log/error.log")) as f:
        for line in f:
            if " master[" in line and re.search(pattern, line):
                h, m, s = line[11:23].split(":")
                out.append(int(h) * 3600 + int(m) * 60 + float(s))
    return out


def replaced(kills, ready, unready):
    """Milliseconds from each kill to the next worker that is ready. When its
    successor was killed before it was, the time counts from that kill."""
    waiting, took = [], []
    for at, what in sorted([(t, 0) for t in kills] +
                           [(t, 1) for t in unready] +
                           [(t, 2) for t in ready]):
        if what == 0:
            waiting.append(at)
        elif what == 1:
            waiting.pop(0)
        else:
            took.append((at - waiting.pop(0)) * 1000)
    assert not waiting, waiting
    return sorted(took)


@test
def r6_a_worker_dies_every_half_second():
    seconds = 600 if LONG else 4
    before = ledger(gw)
    ready, unready = r"worker, pid .* is ready", "before it was ready"
    old = (len(stamps(ready)), len(stamps(unready)),
           len(stamps("is started again in")))
    loads = [Load(gw, "steady", "--connections", "16", "--rate", "60"),
             Load(gw, "single", "--connections", "16", "--rate", "40",
                  "--per-connection", "1")]
    wait("load", lambda: sum(
        p["active"] for p in gw.status()["processes"]))
    kills, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.5)             # the rhythm
        now = time.time() % 86400
        os.kill(rnd.choice(wait("a worker", workers)), signal.SIGKILL)
        kills.append(now)
        meter.poll()
    wait("all there", lambda: len(gw.pids("worker")) == 2 and all(
        alive(p) for p in gw.pids("worker")))
    sums = [load.end() for load in loads]
    ends = [load.ends() for load in loads]
    after, dead = ledger(gw), interrupted(gw)
    settled = cut = 0
    for load, e in zip(loads, ends):
        row = {k: v - before.get(load.model, {}).get(k, 0)
               for k, v in after[load.model].items() if isinstance(v, int)}
        n = compare(load.model, e, {k: v for k, v in meter.by_marker(
            load.model).items() if k in e},
            row or dict.fromkeys(FIELDS, 0), dead)
        settled, cut = settled + n[0], cut + n[1]
    broken = 0
    for r in sums:
        assert r["refused"] == r["wrong"] == r["status"] == 0, r
        assert r["timeout"] == 0, r
        broken += r["reset"] + r["short"]
    took = replaced(kills, stamps(ready)[old[0]:], stamps(unready)[old[1]:])
    # However slow the machine: none of them was made to wait.
    assert len(stamps("is started again in")) == old[2], took
    assert not LONG or took[int(len(took) * 0.99)] <= 100, took[-20:]
    result("R6: a worker killed every half second for %d s" % seconds, [
        ("kills", len(kills)),
        ("requests", sum(r["ended"] for r in sums)),
        ("new connections refused", 0),
        ("broken, in a killed worker", broken),
        ("of these settled before, charged as interrupted",
         "%d, %d" % (settled, cut)),
        ("requests the mock saw that are not in the ledger once", 0),
        ("kill to next worker ready, ms: p50, p90, p99, max",
         "%.0f, %.0f, %.0f, %.0f" % tuple(
             took[min(len(took) - 1, int(len(took) * x))]
             for x in (0.5, 0.9, 0.99, 1)))])


main()
