"""hang_e2e.py [--long] - processes that hang, alone or with a store's lock in
hand, and workers that die of their first request (rows R8 and R9).

The gateway is the one with fault points, whose watch takes a loop that has not
turned for LIMIT seconds for a hanging one. Each case has a gateway of its own;
they run at the same time, as they are made of waiting.
"""
import concurrent.futures
import http.client
import json
import os
import re
import signal
import sys
import threading
import time

LONG = "--long" in sys.argv
if LONG:
    sys.argv.remove("--long")

import lib
from faults import ABORT, SPIN, STOP, Faulty
from lib import (Mock, alive, main, provider, stop_now, stopped, test,
                 wait)
from load import Load, result
from report import LIFE, turns_in

LIMIT = 6               # WATCH_HANG_S of tests/e2e/files.mk
HOLD = 3                # HOLD_US of src/master/watch.c
LATE = 2                # what the watch may take beyond
# for a machine that has other work too; the long form has what is promised
SLACK = 0 if LONG else 60
KEY = ('keys = ( { name = "test"; secret = "%s"; tier = "enterprise"; '
       'rps = 0; rpm = 0; rpd = 0; max_tokens = 0L; max_concurrency = 0; '
       '} );\n' % Faulty.KEY)
mock = Mock("--first-token", "2ms")
seen = {}
making = threading.Lock()


def gateway(workers=3, start=True, mock=mock):
    with making:
        gw = Faulty("%s%s%s" % ("providers = ( %s );\n" % provider(
            mock, models=("kept", "fresh")), KEY, ""), start=False)
        with open(gw.conf_path) as f:
            text = f.read().replace("workers = 2;", "workers = %d;" % workers)
        gw.write(text)
        if start:
            gw.start()
    return gw


def of_role(gw, role):
    """pid -> title of living children."""
    out = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % pid) as f:
                stat = f.read().rsplit(")", 1)[1].split()
            if stat[0] in "ZX" or int(stat[1]) != gw.p.pid:
                continue
            with open("/proc/%s/cmdline" % pid) as f:
                title = f.read().replace("\0", "")
        except OSError:
            continue
        if title.startswith("aigwd: " + role):
            out[int(pid)] = title
    return out


def killed(gw):
    """What the watch has killed: (role, pid, why)."""
    return [(r, int(p), why) for r, p, why in re.findall(
        r"killing (\w+), pid (\d+): (.*)", gw.log())]


def gone_after(pid, begin, most):
    """When it died, in seconds since begin."""
    wait("%d to be killed" % pid, lambda: not alive(pid),
         most + LATE + SLACK)
    took = time.monotonic() - begin
    assert took < most + LATE + SLACK, took
    return took


def whole(gw, workers=3):
    wait("all there again", lambda: len(of_role(gw, "worker")) == workers and
         all(p["state"] == "ready" for p in gw.status()["processes"]), 60)


class Flow:
    """Load beside a case: on kept connections, and on new ones."""

    def __init__(self, gw):
        self.loads = [
            Load(gw, "kept", "--connections", "12", "--rate", "60",
                 "--timeout", "60s"),
            Load(gw, "fresh", "--connections", "40", "--rate", "60",
                 "--per-connection", "1", "--timeout", "60s")]
        wait("the load", lambda: gw.log("access.log").count("\n") > 20)

    def end(self, victims):
        """Only what a killed process held may break; nobody waited for it.
        How many broke."""
        broke = 0
        for r in (ld.end() for ld in self.loads):
            assert r["ended"] == r["started"] and r["ok"] > 0, r
            for k in ("refused", "wrong", "timeout", "status"):
                assert not r.get(k), r
            broke += r["reset"] + r["short"]
        assert broke == 0 or victims, broke
        return broke


def stopped_worker():
    """Stopped from outside: replaced, and only its own requests break."""
    gw = gateway()
    flow = Flow(gw)
    pid = sorted(of_role(gw, "worker"))[0]
    begin = time.monotonic()
    stop_now(pid)
    took = gone_after(pid, begin, LIMIT)
    whole(gw)
    broke = flow.end(1)
    assert killed(gw) == [("worker", pid, "it hangs")], killed(gw)
    assert took >= LIMIT - 1.2, took
    seen["worker stopped"] = (took, LIMIT, broke)


def busy_worker():
    """A loop that spins is no better."""
    gw = gateway()
    flow = Flow(gw)
    place = ("before_decode", "w")
    gw.points.arm(place, SPIN, after=5, ms=20000)
    wait("it spins", lambda: gw.points.fired(place))
    begin = time.monotonic()
    pid = gw.points.pid(place)
    took = gone_after(pid, begin, LIMIT)
    whole(gw)
    broke = flow.end(1)
    assert killed(gw) == [("worker", pid, "it hangs")], killed(gw)
    seen["worker busy"] = (took, LIMIT, broke)


def short_spin():
    """Less than the limit: nobody is killed, nothing breaks. The master looks
    once a second, and tells of what is silent for a third of the limit."""
    gw = gateway()
    flow = Flow(gw)
    place = ("after_route", "w")
    gw.points.arm(place, SPIN, after=5, ms=4000)
    wait("it spins", lambda: gw.points.fired(place))
    # it is seen: by the master at the time, by the worker afterwards
    pid = gw.points.pid(place)
    wait("its own words", lambda: re.search(
        r"worker \d+.*turn of the event loop took [4-9]\d\d\d ms", gw.log()))
    flow.end(0)
    assert killed(gw) == [], killed(gw)
    assert re.search(r"worker, pid %d: its loop has not turned for [1-9]\.\d s"
                     % pid, gw.log()), gw.log()[-2000:]
    a = lib.call(gw.admin_port, "GET", "/metrics")
    assert int(re.search(rb"aigw_process_stalls_total (\d+)",
                         a.body).group(1)) > 0
    # the turn is counted when all have ended
    gw.short_turns = False
    gw.stop()
    turns, bad = turns_in(gw.folders)
    worker = turns["worker", pid]
    assert worker.longest >= 4000 and worker.cpu >= 1, (turns, bad)
    assert [t for t in bad if t.pid == pid and t.own() >= 1000], bad
    assert [m for m in LIFE.finditer(gw.log().encode())
            if int(m.group(2)) == pid and int(m.group(5)) >= 1], gw.log()


def stopped_holder(role, letter, point="hot_locked", limit=HOLD):
    """With the lock in hand: the holder is killed, nobody who waits."""
    gw = gateway()
    flow = Flow(gw)
    place = (point, letter)
    old = pid = None
    while pid == old:           # the old one may come there before it dies
        n = gw.points.fired(place)
        if role == "checker":   # what it writes, it writes when it starts
            old = wait("a checker", lambda: list(of_role(gw, role)))[0]
        gw.points.arm(place, STOP)
        if old is not None:
            os.kill(old, signal.SIGKILL)
        wait("it stops", lambda: gw.points.fired(place) > n)
        begin = time.monotonic()
        pid = gw.points.pid(place)
    if point == "ledger_locked":
        # waits for the same lock, and is not the one to blame
        gw.ctl("key", "create", "after")
        assert "after" in gw.ctl("key", "list").stdout
    took = gone_after(pid, begin, limit)
    whole(gw)
    broke = flow.end(1 if role == "worker" else 0)
    assert [(r, p) for r, p, _ in killed(gw)] == [(role, pid)], killed(gw)
    seen["%s stopped with the lock of %s" % (
        role, point.split("_")[0])] = (took, limit, broke)


def holding_worker():
    stopped_holder("worker", "w")


def holding_checker():
    stopped_holder("checker", "c")


def holding_recorder():
    stopped_holder("recorder", "r")


def recorder_with_ledger():
    stopped_holder("recorder", "r", "ledger_locked", LIMIT)


def stopped_waiter():
    """Stopped while it waits: whether it is the one that is woken or not, the
    others get the lock in the end. It is made to go on when nobody has the
    lock, or killed."""
    gw = gateway()
    flow = Flow(gw)
    place = ("hot_locked", "w")
    gw.points.arm(place, STOP)
    wait("the holder stops", lambda: gw.points.fired(place))
    begin = time.monotonic()
    holder = gw.points.pid(place)
    others = [p for p in of_role(gw, "worker") if p != holder]
    time.sleep(0.5)         # for both to queue up behind it
    stop_now(others[0])
    gone_after(holder, begin, HOLD)
    wait("it goes on", lambda: not alive(others[0]) or not stopped(others[0]),
         HOLD + LIMIT + LATE + SLACK)
    took = time.monotonic() - begin
    whole(gw)
    flow.end(1)
    dead = [holder] + ([] if alive(others[0]) else [others[0]])
    assert sorted(p for _, p, _ in killed(gw)) == sorted(dead), killed(gw)
    seen["worker stopped while it waits"] = (took, LIMIT + HOLD, 0)


def ask(gw):
    """A request that may break."""
    try:
        gw.chat(model="kept")
    except (OSError, http.client.HTTPException):
        pass


def orphan(act):
    """The master is killed while a worker has the lock of hot in hand and does
    not go on; then there is another master."""
    gw = gateway()
    place = ("hot_locked", "w")
    gw.points.arm(place, act, ms=120000)
    threading.Thread(target=ask, args=(gw,), daemon=True).start()
    wait("it has the lock", lambda: gw.points.fired(place))
    pid = gw.points.pid(place)
    os.kill(gw.p.pid, signal.SIGKILL)
    gw.p.wait()
    begin = time.monotonic()
    gw.start()
    wait("an answer", lambda: gw.chat(model="kept").status == 200)
    took = time.monotonic() - begin
    # it lets go of the lock before it has left
    wait("the orphan %d to leave" % pid, lambda: not alive(pid))
    return took, "killing pid %d, which a dead master left behind" % pid in \
        gw.log()


def stopped_orphan():
    """It is made to go on when its master dies, and leaves."""
    took, was_killed = orphan(STOP)
    assert not was_killed
    seen["orphan stopped with the lock of hot"] = (took, 0, 0)


def busy_orphan():
    """It notices nothing: the next master ends it."""
    took, was_killed = orphan(SPIN)
    assert was_killed
    seen["orphan busy with the lock of hot"] = (took, HOLD, 0)


def late_orphan():
    """It has noticed, and is stopped as it ends its last requests, with the
    lock in hand."""
    slow = Mock()
    slow.config(rules=[{"do": "latency=60s"}])
    gw = gateway(mock=slow)
    place = ("hot_locked", "w")
    body = json.dumps({"model": "kept", "messages": []})
    clients = [http.client.HTTPConnection("127.0.0.1", gw.port)
               for _ in range(6)]
    for c in clients:
        c.request("POST", "/v1/chat/completions", body, {
            "Authorization": "Bearer " + gw.KEY})
    wait("the requests to be sent", lambda: gw.log().count("try -> head") >= 6)
    os.kill(gw.p.pid, signal.SIGKILL)
    gw.p.wait()
    wait("all to notice", lambda: len(re.findall(
        r"worker .*the master died, leaving", gw.log())) == 3)
    gw.points.arm(place, STOP)
    for c in clients:       # they go away: that is an end of their requests
        c.close()
    wait("it stops", lambda: gw.points.fired(place))
    slow.config(rules=[])
    pid = gw.points.pid(place)
    begin = time.monotonic()
    gw.start()
    wait("an answer", lambda: gw.chat(model="kept").status == 200)
    seen["orphan that leaves stopped with it"] = (
        time.monotonic() - begin, LIMIT, 0)
    wait("the orphan %d to be killed" % pid, lambda: not alive(pid))
    assert ("killing pid %d, which a dead master left behind: a lock" % pid
            ) in gw.log()


def slow_orphan():
    """The admin process knows that its master is dead, and takes its time to
    leave: what it listened on is free all the same."""
    gw = gateway()
    place = ("child_drained", "a")
    gw.points.arm(place, STOP)
    os.kill(gw.p.pid, signal.SIGKILL)
    gw.p.wait()
    wait("it stops", lambda: gw.points.fired(place))
    pid = gw.points.pid(place)
    gw.start()
    assert gw.chat(model="kept").status == 200
    assert alive(pid)
    os.kill(pid, signal.SIGCONT)
    wait("the orphan to leave", lambda: not alive(pid))
    whole(gw)


def unheard():
    """A new binary has put its number into the pid file, and the old one is
    told to leave before it has heard that the new one is ready: that stays."""
    gw = gateway()
    place = ("upgrade_ready", "m")
    gw.points.arm(place, STOP)
    os.kill(gw.p.pid, signal.SIGUSR2)
    wait("the new one to be ready", lambda: gw.points.fired(place))
    new = gw.points.pid(place)
    try:
        wait("it to stop", lambda: stopped(new))
        os.kill(gw.p.pid, signal.SIGQUIT)
        wait("the old one to leave", lambda: gw.p.poll() is not None)
        os.kill(new, signal.SIGCONT)
        assert gw.chat(model="kept").status == 200
    finally:
        os.kill(new, signal.SIGCONT)
        os.kill(new, signal.SIGTERM)
        wait("the new one to leave", lambda: not alive(new))


def cpu(gw):
    """Seconds that the master and all its children, also dead ones, used."""
    with open("/proc/%d/stat" % gw.p.pid) as f:
        total = sum(map(int, f.read().rsplit(")", 1)[1].split()[11:15]))
    for pid in of_role(gw, ""):
        try:
            with open("/proc/%d/stat" % pid) as f:
                total += sum(map(int, f.read().rsplit(
                    ")", 1)[1].split()[11:13]))
        except OSError:
            pass
    return total / os.sysconf("SC_CLK_TCK")


def delays(gw):
    return [float(x) for x in re.findall(
        r"worker is started again in ([0-9.]+) s", gw.log())]


def crash_loop():
    """Workers die of their first request, whatever they are asked."""
    gw = gateway(workers=2)
    gw.points.arm(("before_auth", "w"), ABORT, always=1)
    load = Load(gw, "fresh", "--connections", "4", "--rate", "20",
                "--per-connection", "1", "--timeout", "20s",
                seconds=900)
    want = 60 if LONG else 2
    wait("workers to be held back", lambda: max(delays(gw) or [0]) >= want,
         300)
    at, used, slowest = time.monotonic(), cpu(gw), 0
    for _ in range(60 if LONG else 3):
        begin = time.monotonic()
        assert gw.status()["processes"]
        slowest = max(slowest, time.monotonic() - begin)
        time.sleep(1)
    share = 100 * (cpu(gw) - used) / (time.monotonic() - at)
    d = delays(gw)
    assert set(d) <= {1, 2, 4, 8, 16, 32, 60}, d
    assert share < (5 if LONG else 30), share
    gw.points.disarm(("before_auth", "w"))
    wait("an answer", lambda: gw.chat(model="kept").status == 200, 70)
    load.kill()
    whole(gw, 2)
    seen["crash loop"] = (max(d), share, slowest)


CASES = (stopped_worker, busy_worker, short_spin, holding_worker,
         holding_checker, holding_recorder, recorder_with_ledger,
         stopped_waiter, stopped_orphan, busy_orphan, late_orphan, slow_orphan,
         unheard, crash_loop)
pool = concurrent.futures.ThreadPoolExecutor(len(CASES))
running = {}


def begin():
    for fn in CASES:
        if not sys.argv[1:] or any(w in fn.__name__ for w in sys.argv[1:]):
            running[fn] = pool.submit(fn)


def case(fn):
    def run():
        if not running:
            begin()
        running[fn].result()
    run.__name__ = fn.__name__
    test(run)


for f in CASES:
    case(f)


@test
def figures():
    rows = [(k, "%.1f (%d), %d" % v) for k, v in sorted(seen.items())
            if k != "crash loop"]
    result("R8: hangs; seconds to the kill (limit), requests broken", rows)
    result("R9: workers die of their first request", [
        ("longest wait of a worker, s", "%.0f" % seen["crash loop"][0]),
        ("CPU of the whole gateway, %", "%.1f" % seen["crash loop"][1]),
        ("slowest answer of the control socket, ms",
         "%.0f" % (seen["crash loop"][2] * 1000))])


main()
