"""life_e2e.py - reload, upgrade, deaths and log rotation of the real daemon
while the strict client counts the end of every request."""
import collections
import http.client
import json
import os
import signal

import lib
from installed import Installed
from lib import Mock, alive, file_key, main, provider, refused, test, wait
from load import Load

mock = Mock("--models", "m1", "--first-token", "5ms")


ONE = "sk-test-one-at-a-time-0123456789abcdef"
KEYS = file_key().replace(" );\n", """,
    { name = "one"; secret = "%s"; tier = "enterprise";
      max_concurrency = 1; } );\n""" % ONE)
CONF = "providers = ( %s );\n%sdrain_timeout = \"60s\";\n" % (
    provider(mock), KEYS)
gw = Installed(CONF)


def status():
    """The text of aigwctl status; "" while admin is not there."""
    return gw.ctl("status", check=False).stdout


def pids(role=None):
    r = gw.ctl("status", "--json", check=False)
    if r.returncode != 0:
        return []
    return [p["pid"] for p in json.loads(r.stdout)["processes"]
            if role in (None, p["role"])]


def generation():
    r = gw.ctl("status", "--json", check=False)
    return json.loads(r.stdout)["generation"] if r.returncode == 0 else 0


def models():
    """Model -> totals of the ledger."""
    return {r["model"]: r for r in json.loads(gw.ctl(
        "usage", "--json", "--by", "model").stdout)["rows"]}


def all_ok(result):
    assert result["ok"] >= 8, result
    bad = {k: v for k, v in result.items() if k in (
        "refused", "reset", "short", "wrong", "timeout", "status") and v}
    assert not bad, (result, gw.log()[-3000:])


@test
def reloads_lose_nothing():
    load, streams = Load(gw, "m1", "--connections", "8"), Load(
        gw, "m1", "--connections", "8", "--stream", "--mock",
        "rate=20,tokens=40")
    begin = wait("generation", generation)
    for n in range(1, 6):
        gw.tell(signal.SIGHUP)
        wait("generation %d" % (begin + n),
             lambda: generation() >= begin + n, 20)
    gw.write(CONF + "nonsense = 1;\n")
    gw.tell(signal.SIGHUP)
    wait("refused", lambda: "reload refused" in gw.log())
    gw.write(CONF)
    gw.tell(signal.SIGUSR1)
    wait("reopened", lambda: "log files reopened" in gw.log())
    all_ok(load.end())
    all_ok(streams.end())
    wait("generation", lambda: generation() == begin + 5)


@test
def upgrades_lose_nothing():
    load, streams = Load(gw, "m1", "--connections", "8"), Load(
        gw, "m1", "--connections", "8", "--stream", "--mock",
        "rate=20,tokens=40")
    old = gw.master()
    gw.install("#!/bin/sh\nexit 3\n")
    gw.tell(signal.SIGUSR2)
    wait("failed", lambda: "upgrade failed" in gw.log())
    assert gw.master() == old
    gw.install()
    for n in range(2):
        old = gw.master()
        gw.tell(signal.SIGUSR2)
        wait("new binary", lambda: gw.master() not in (0, old), 20)
        wait("old is told", lambda: "is ready; QUIT to this one, pid %d" % old
             in gw.log())
        gw.tell(signal.SIGQUIT, old)
        wait("old left", lambda: not alive(old), 70)
        wait("admin answers", status, 20)
    all_ok(load.end())
    all_ok(streams.end())


@test
def aigwctl_upgrades():
    old = gw.master()
    gw.ctl("upgrade")
    wait("new binary", lambda: gw.master() not in (0, old), 20)
    wait("old left", lambda: not alive(old), 70)
    wait("admin answers", status, 20)
    assert gw.chat().status == 200


def sent(markers):
    """What the mock remembers of these requests."""
    if not markers:
        return []
    return [r for r in lib.call(mock.port, "GET", "/_mock/sent?since=0").json()[
        "sent"] if r["marker"] in markers]


def children(master):
    """Living children: pid -> title."""
    out = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % pid) as f:
                stat = f.read().rsplit(")", 1)[1].split()
            with open("/proc/%s/cmdline" % pid) as f:
                if stat[0] not in "ZX" and int(stat[1]) == master:
                    out[int(pid)] = f.read()
        except OSError:
            continue
    return out


@test
def new_recorder_settles_for_old_workers():
    """Of a master that leaves, whose own recorder is gone already."""
    old = wait("master", gw.master)
    c = http.client.HTTPConnection("127.0.0.1", gw.port, timeout=60)
    c.request("POST", "/v1/chat/completions", json.dumps({
        "model": "m1", "stream": True, "messages": [{
            "role": "user", "content": "[[mock:rate=5,tokens=400]]"}]}),
        {"Authorization": "Bearer " + ONE})
    assert c.getresponse().status == 200
    assert gw.chat(key=ONE).status == 429
    wait("admin", pids)
    gw.ctl("upgrade")		# does not wait for the stream
    assert alive(old) and gw.master() != old
    r = gw.ctl("upgrade", check=False)
    assert r.returncode == 1, r
    assert "master %d of the last upgrade is still there" % old in r.stderr, r
    assert "kill -QUIT %d" % old in r.stderr, r
    wait("only the stream is left", lambda: [
        t for t in children(old).values() if "worker" in t or
        "recorder" in t] and len(children(old)) == 2)
    assert gw.chat(key=ONE).status == 429
    worker, = [p for p, t in children(old).items() if "worker" in t]
    os.kill(worker, signal.SIGKILL)
    wait("its place is free", lambda: gw.chat(key=ONE).status == 200, 20)
    c.close()
    wait("old left", lambda: not alive(old), 20)
    wait("one master", lambda: "the old binary, pid %d, has left" % old
         in gw.log())


@test
def aigwctl_stops_both_masters():
    old = gw.master()
    gw.ctl("upgrade", "--keep")
    new = gw.master()
    assert new != old and alive(old)
    r = gw.ctl("stop")
    assert "master %d of the last upgrade" % old in r.stderr, r
    wait("both left", lambda: not alive(old) and not alive(new), 70)
    gw.start()
    assert gw.chat().status == 200


@test
def killed_children_are_replaced():
    for role in "checker", "recorder", "admin", "worker":
        pid = wait(role, lambda: pids(role))[0]
        os.kill(pid, signal.SIGKILL)
        wait(role + " replaced", lambda: pid not in pids(role) and
             len(pids(role)) == (2 if role == "worker" else 1))
        wait("answer", lambda: gw.chat().status == 200)


@test
def killed_master_is_replaced():
    load = Load(gw, "m1", "--connections", "4")

    def four():
        found = pids("worker") + pids("recorder") + pids("checker")
        return found if len(found) == 4 else None
    children = wait("all", four)
    gw.tell(signal.SIGKILL)
    for pid in children:
        wait("child %d left" % pid, lambda: not alive(pid), 60)
    gw.start()
    assert gw.chat().status == 200
    wait("recorder at work", lambda: pids("recorder") != [])
    result = load.end()
    # Only the gap without a master is felt: no answer is cut or wrong. Who
    # came as the last listener was closed, and whom nobody had accepted, is
    # reset; his request went nowhere.
    for k in "short", "wrong", "timeout", "status":
        assert not result.get(k), result
    lost = [m for m, e in load.ends().items() if e.end == "reset"]
    assert not set(lost) & {
        r["marker"] for r in sent(lost)}, lost


@test
def fast_stop_cuts_and_accounts():
    wait("the load before is off the board", lambda: "(0 active" in status())
    streams = Load(gw, "m1", "--connections", "4", "--stream", "--mock",
                   "rate=5,tokens=400")
    wait("streams", lambda: "(4 active" in status())
    before = collections.Counter(models()["m1"])
    gw.tell(signal.SIGQUIT)
    wait("all to have closed their listeners", lambda: refused(gw.port))
    gw.tell(signal.SIGTERM)
    assert gw.p.wait(60) == 0
    assert "it does not leave" not in gw.log()
    result = streams.end()
    # the cut is seen as one: never a clean end
    assert result["ok"] == 0 and result["timeout"] == 0, result
    cut = result["reset"] + result["short"]
    assert cut >= 4 and cut + result["refused"] == result["ended"], result
    gw.start()
    wait("usage in the ledger", lambda: "spool 0 records" in
         status())
    row = models()["m1"]
    assert row["aborted"] - before["aborted"] == 4, (before, row)
    assert row["output_tokens"] > before["output_tokens"], (before, row)


def models_served():
    return {r["model"]: r for r in mock.meter()["rows"]}


@test
def graceful_stop_finishes_and_refuses():
    wait("spool", lambda: "spool 0 records" in status())
    mock.reset()
    before = collections.Counter(models().get("m1"))
    loads = [Load(gw, "m1", *a) for a in (
        ("--connections", "8", "--rate", "100"),
        ("--connections", "16", "--rate", "200", "--per-connection", "1"),
        ("--connections", "20", "--rate", "40", "--stream", "--mock",
         "rate=20,tokens=30"))]
    wait("20 at work", lambda: any("(%d active" % n in status()
                                   for n in range(20, 45)))
    all_of_us = wait("all", pids)
    gw.tell(signal.SIGQUIT)
    assert gw.p.wait(90) == 0
    assert not any(alive(p) for p in all_of_us)
    assert not gw.master()
    ok = 0
    for r in (v.end() for v in loads):
        # Between a worker's last look at the queue and its closing of the
        # listener somebody may come: reset, and served by nobody.
        assert r["ok"] + r["refused"] + r["reset"] == r["ended"], r
        assert r["ok"] > 0 and r["reset"] <= 4, r
        ok += r["ok"]
    gw.start()
    said = wait("admin", lambda: "spool" in status() and status())
    assert "spool 0 records" in said, said
    # (the checker asks for the list of models as well)
    m, row = models_served()["m1"], models()["m1"]
    for name, total in (("requests", "requests"), ("input_tokens", "input"),
                        ("output_tokens", "output")):
        assert row[name] - before[name] == m[total], (name, m, before, row)
    assert m["requests"] == m["complete"] == ok, (m, ok)


@test
def idle_gateway_stops_at_once():
    all_of_us = wait("all", pids)
    gw.tell(signal.SIGQUIT)
    assert gw.p.wait(60) == 0
    assert not any(alive(p) for p in all_of_us)
    assert not gw.master()


main()
