"""kill_e2e.py [--long] - kill -9 of every kind of process at random instants
under load; what clients got, what the mock served and what the ledger holds
must agree for every request, also for those in a killed worker.

The long form kills a hundred times.
"""
import os
import random
import signal
import socket
import sys
import time

LONG = "--long" in sys.argv
if LONG:
    sys.argv.remove("--long")

import lib
from lib import Gateway, Mock, alive, main, provider, stop_now, test, wait
from load import (FIELDS, End, Load, Meter, compare, interrupted, ledger,
                  result, status)

KILLS = 100 if LONG else 12
LOADS = (
    # model, what it does
    ("kept", ("--connections", "8", "--rate", "80")),
    ("stream", ("--connections", "8", "--stream", "--mock",
                "rate=40,tokens=20")),
    ("fresh", ("--connections", "16", "--rate", "40", "--per-connection",
               "1")),
)
ALL = 33                        # connections of these, and the probe's
# Far more places than the load needs, far fewer than a campaign would leak.
KEY = ('keys = ( { name = "test"; secret = "%s"; tier = "enterprise"; '
       'rps = 0; rpm = 0; rpd = 0; max_tokens = 0L; max_concurrency = 100; '
       '} );\n' % Gateway.KEY)

seed = int(os.environ.get("AIGW_SEED", time.time()))
rnd = random.Random(seed)
print("# AIGW_SEED=%d" % seed, flush=True)
mock = Mock("--first-token", "2ms")
meter = Meter(mock)
gw = Gateway("providers = ( %s );\n%sdrain_timeout = \"60s\";\n" % (
    provider(mock, models=("kept", "stream", "fresh", "probe", "storm")), KEY))


def children():
    """Living children of the master: pid -> title."""
    out = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % pid) as f:
                stat = f.read().rsplit(")", 1)[1].split()
            if stat[0] in "ZX" or int(stat[1]) != gw.p.pid:
                continue
            with open("/proc/%s/cmdline" % pid) as f:
                out[int(pid)] = f.read().replace("\0", "")
        except OSError:
            continue
    return out


def of_role(role):
    return [p for p, t in children().items() if t.startswith(
        "aigwd: " + role)]


def established(pid, port):
    """Connections to the port that this process holds; None: not allowed to
    look (processes of others, not dumpable)."""
    mine = set()
    try:
        for fd in os.listdir("/proc/%d/fd" % pid):
            try:
                mine.add(os.readlink("/proc/%d/fd/%s" % (pid, fd)))
            except FileNotFoundError:
                continue
    except PermissionError:
        return None
    n = 0
    with open("/proc/net/tcp") as f:
        for line in f.readlines()[1:]:
            w = line.split()
            if (w[1].endswith(":%04X" % port) and w[3] != "0A" and
                    "socket:[%s]" % w[9] in mine):
                n += 1
    return n


class Probe:
    """New connections, one after the other, right after each kill."""

    def __init__(self):
        self.name = "probe-%08x-" % rnd.getrandbits(32)
        self.ends = {}
        self.gaps = []

    def once(self):
        marker = self.name + str(len(self.ends))
        try:
            a = gw.post("/v1/chat/completions", {
                "model": "probe", "messages": [{
                    "role": "user", "content": "[[marker:%s]]" % marker}]},
                headers={"x-request-id": marker})
        except (ConnectionError, lib.http.client.HTTPException) as e:
            # It was accepted by the worker that died.
            self.ends[marker] = End("reset", 0, 0, 0, repr(e))
            return False
        u = a.json().get("usage", {})
        self.ends[marker] = End(
            "ok" if a.status == 200 else "status", a.status,
            u.get("prompt_tokens", 0), u.get("completion_tokens", 0), "")
        assert a.status == 200, (a.status, a.body)
        return True

    def gap(self, since):
        while not self.once():
            continue
        self.gaps.append(time.monotonic() - since)


def at(values, part):
    v = sorted(values)
    return v[min(len(v) - 1, int(len(v) * part))] * 1000


def kill_one(role, probe):
    """Kill a process of that role; how many connections it held."""
    pid = rnd.choice(wait(role, lambda: of_role(role)))
    held = 0
    begin = time.monotonic()
    if role == "worker":
        # Stopped, it can neither accept nor answer: what it holds now is
        # all that can break.
        stop_now(pid)
        held = established(pid, gw.port)
    os.kill(pid, signal.SIGKILL)
    if role == "worker":
        probe.gap(begin)
    else:
        probe.once()
    return held


def whole():
    """All processes are there and ready."""
    o = status(gw)
    return o is not None and sorted(
        p["role"] for p in o["processes"] if p["state"] == "ready") == ["admin", "checker", "master", "recorder", "worker",
                 "worker"]


def campaign(roles, kills):
    """Kill under load, compare at the end; what is to be reported."""
    probe = Probe()
    before = ledger(gw)
    loads = [Load(gw, m, *a) for m, a in LOADS]
    wait("load", lambda: meter.poll() is not None and
         len({r["model"] for r in meter.records.values()} &
             {"kept", "stream", "fresh"}) == 3)
    todo = [roles[i % len(roles)] for i in range(kills)]
    rnd.shuffle(todo)
    held = 0
    back = []
    for role in todo:
        time.sleep(rnd.uniform(0, 0.4))     # the random instant itself
        begin = time.monotonic()
        n = kill_one(role, probe)
        held += ALL if n is None else n
        # Now and then the next dies before the last was replaced.
        if rnd.random() < 0.8:
            wait("all back after " + role, whole, 60)
            back.append(time.monotonic() - begin)
        meter.poll()
    wait("all back", whole, 60)
    sums = {ld.model: ld.end() for ld in loads}
    ends = {ld.model: ld.ends() for ld in loads}
    ends["probe"] = probe.ends
    rows = {}
    for m, r in ledger(gw).items():
        rows[m] = {k: v - before.get(m, {}).get(k, 0)
                   for k, v in r.items() if isinstance(v, int)}
    dead = interrupted(gw)
    broken = more = cut = total = 0
    for m, e in ends.items():
        bad = [x for x in e.values() if x.end != "ok"]
        assert not [x for x in bad if x.end not in ("reset", "short")], (
            m, bad[:5], gw.log()[-3000:])
        broken += len(bad)
        total += len(e)
        n = compare(m, e, {k: v for k, v in meter.by_marker(m).items()
                           if k in e},
                    rows.get(m) or dict.fromkeys(FIELDS, 0), dead)
        more += n[0]
        cut += n[1]
    assert broken <= held, (broken, held)
    return {"total": total, "broken": broken, "more": more, "cut": cut,
            "held": held,
            "gaps": probe.gaps, "back": back, "sums": sums}


@test
def others_die_and_no_client_feels_it():
    r = campaign(["checker", "recorder", "admin"], KILLS // 2)
    assert r["broken"] == r["more"] == r["cut"] == 0, r
    result("kill -9 of checker, recorder, admin under load", [
        ("kills", KILLS // 2),
        ("requests", r["total"]),
        ("broken", 0),
        ("ledger less mock: requests, tokens", "0, 0"),
        ("slowest new connection, ms",
         "%.0f" % (r["sums"]["fresh"]["latency_us"]["max"] / 1000))])


@test
def only_what_was_in_a_killed_worker_breaks():
    r = campaign(["worker", "worker", "checker", "recorder", "admin"],
                 KILLS - KILLS // 2)
    fresh = r["sums"]["fresh"]
    result("kill -9 of all kinds under load", [
        ("kills", "%d, of workers %d" % (KILLS - KILLS // 2,
                                         len(r["gaps"]))),
        ("requests", r["total"]),
        ("broken (connections that the killed held)", "%d (%d)" % (
            r["broken"], r["held"])),
        ("of these settled before the kill", r["more"]),
        ("of these charged as interrupted", r["cut"]),
        ("requests the mock saw that are not in the ledger once", 0),
        ("kill to next answer, ms: p50, p99, max", "%.0f, %.0f, %.0f" % (
            at(r["gaps"], 0.5), at(r["gaps"], 0.99), at(r["gaps"], 1))),
        ("latency of new connections, ms: p50, p99, max",
         "%.1f, %.0f, %.0f" % tuple(fresh["latency_us"][k] / 1000
                                    for k in ("p50", "p99", "max"))),
        ("longest time without an answer on new connections, ms",
         "%.0f" % (fresh["gap_us"] / 1000)),
        ("kill to all processes ready, ms: p50, max", "%.0f, %.0f" % (
            at(r["back"], 0.5), at(r["back"], 1)))])


def rows_since(before, model):
    row = ledger(gw).get(model, {})
    return {k: v - before.get(model, {}).get(k, 0) for k, v in row.items()
            if isinstance(v, int)}


def storm_end(load, before):
    """Requests and broken ones of a load too large to keep all answers of
    the mock: sums only."""
    sums, e = load.end(), load.ends()
    ok = [x for x in e.values() if x.end == "ok"]
    bad = [x for x in e.values() if x.end != "ok"]
    assert not [x for x in bad if x.end not in ("reset", "short")], bad[:5]
    row = rows_since(before, load.model)
    dead = {m: t for m, t in interrupted(gw).items() if m in e}
    assert all(e[m].end != "ok" for m in dead), dead
    more = row["requests"] - len(ok) - len(dead)
    assert 0 <= more <= len(bad) - len(dead), (more, len(bad), row)
    # Answers of this load have 16 tokens, prompts within two of each other.
    assert row["output_tokens"] == 16 * (len(ok) + more) + sum(
        t[1] for t in dead.values()), (row, dead)
    told = [x.input for x in ok]
    have = row["input_tokens"] - sum(told) - sum(
        t[0] for t in dead.values())
    assert more * min(told) <= have <= more * max(told), (more, have, row)
    assert row["failed"] == row["aborted"] == 0, row
    assert row["estimated"] == row["interrupted"] == len(dead), (row, dead)
    served = wait("mock to finish", lambda: mock_row(load.model))
    # None that the mock saw is missing; beyond these only what was about to
    # be sent when its worker died.
    assert 0 <= row["requests"] - served["requests"] <= len(dead), (
        row, served, dead)
    assert len(ok) + more <= served["complete"], (row, served)
    return sums, len(bad), more, len(dead)


def mock_row(model):
    """The meter's row; None while answers are under way."""
    for r in mock.meter()["rows"]:
        if r["model"] == model and (
                r["requests"] == r["complete"] + r["aborted"]):
            return r
    return None


@test
def kills_at_full_speed():
    """As fast as it goes, so that some die with the store's lock held."""
    kills = 40 if LONG else 4
    before = ledger(gw)
    load = Load(gw, "storm", "--connections", "24")
    wait("load", active)
    for n in range(kills):
        time.sleep(rnd.uniform(0.05, 0.3))
        role = ("worker", "recorder", "worker", "checker")[n % 4]
        os.kill(rnd.choice(wait(role, lambda: of_role(role))),
                signal.SIGKILL)
        wait("all back after " + role, whole, 60)
    sums, broken, more, cut = storm_end(load, before)
    assert broken <= 24 * kills // 2, broken
    result("kill -9 of workers, recorder, checker at full speed", [
        ("kills, of workers", "%d, %d" % (kills, kills // 2)),
        ("requests", sums["ended"]),
        ("requests per second", "%.0f" % sums["per_second"]),
        ("broken", broken),
        ("of these settled before the kill, charged as interrupted",
         "%d, %d" % (more, cut)),
        ("requests the mock saw that are not in the ledger", 0),
        ("longest time without an answer, ms", "%.0f" % (
            sums["gap_us"] / 1000))])


@test
def a_hanging_worker_keeps_nobody_out():
    """The other one takes all new connections, however many more it has. One
    that waited for the hanging worker would be reset when that is killed."""
    pid = wait("a worker", lambda: of_role("worker"))[0]
    stop_now(pid)
    try:
        load = Load(gw, "fresh", "--connections", "40", "--requests", "40",
                    "--timeout", "60s")
        load.p.wait(90)
        r = load.end()
        slept = alive(pid)
    finally:
        if alive(pid):
            os.kill(pid, signal.SIGCONT)
    assert r["ok"] == r["started"] == 40, r
    assert slept, "it was killed before the others were served"


def active():
    return sum(p["active"] for p in gw.status()["processes"])


def bindable():
    for port in gw.port, gw.admin_port:
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(("127.0.0.1", port))
    return True


def under_way(model):
    """Answers of the model that the mock has begun and not ended."""
    return sum(r["requests"] - r["complete"] - r["aborted"]
               for r in mock.meter()["rows"] if r["model"] == model)


def kill_master():
    wait("whole", whole, 60)
    left = children()
    assert len(left) >= 5, left
    gw.signal(signal.SIGKILL)
    gw.p.wait()
    return left


@test
def children_of_a_killed_master_leave():
    before = ledger(gw)
    load = Load(gw, "kept", "--connections", "4", "--rate", "50")
    streams = Load(gw, "stream", "--connections", "4", "--requests", "4",
                   "--stream", "--mock", "rate=20,tokens=40")
    wait("streams", lambda: under_way("stream") == 4)
    left = kill_master()
    # New connections are refused at once; the streams go on to their end.
    wait("ports free", bindable)
    r = streams.end()
    assert r["ok"] == 4, r
    load.end()
    for pid, title in left.items():
        wait("%s (%d) left" % (title, pid), lambda: not alive(pid), 60)
    assert all("killed" not in x for x in gw.log().split("\n")[-5:])
    begin = time.monotonic()
    gw.start()
    took = time.monotonic() - begin
    wait("whole", whole, 60)
    for ld in load, streams:
        e = ld.ends()
        assert {x.end for x in e.values()} <= {"ok", "refused", "reset"}, (
            [x for x in e.values() if x.end not in ("ok", "refused")])
        # Only a connection nobody had accepted yet may be reset.
        sent = meter.by_marker(ld.model)
        for m, x in e.items():
            assert x.end == "ok" or m not in sent, (m, x, sent[m])
        assert compare(ld.model, e, {k: v for k, v in sent.items() if
                                     k in e}, rows_since(before,
                                                         ld.model)) == (
                           0, 0)
    result("kill -9 of the master, new one after the children left", [
        ("new master answers after, ms", "%.0f" % (took * 1000))])


@test
def new_master_beside_the_leaving_children():
    before = ledger(gw)
    for rate in "10", "2":      # when that was too short for the machine
        streams = Load(gw, "stream", "--connections", "6", "--requests", "6",
                       "--stream", "--mock", "rate=%s,tokens=40" % rate)
        wait("streams", lambda: under_way("stream") == 6)
        left = kill_master()
        begin = time.monotonic()
        gw.start()
        took = time.monotonic() - begin
        if streams.p.poll() is None:    # the old workers still serve
            break
        assert streams.end()["ok"] == 6
        wait("whole", whole, 60)
        before = ledger(gw)
    assert streams.p.poll() is None, "the old workers' streams were over"
    assert gw.chat(model="kept").status == 200
    r = streams.end()
    assert r["ok"] == 6, r
    for pid, title in left.items():
        wait("%s (%d) left" % (title, pid), lambda: not alive(pid), 60)
    wait("whole", whole, 60)
    assert gw.chat(model="kept").status == 200
    e = streams.ends()
    sent = {k: v for k, v in meter.by_marker("stream").items() if k in e}
    assert compare("stream", e, sent, rows_since(before, "stream")) == (
        0, 0)
    assert rows_since(before, "kept")["requests"] == 2
    result("kill -9 of the master, new one at once", [
        ("new master answers after, ms", "%.0f" % (took * 1000)),
        ("streams of the old workers cut", 0)])


main()
