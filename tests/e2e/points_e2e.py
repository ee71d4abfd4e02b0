"""points_e2e.py [--long] - kill -9 at every fault point and at random instants,
of any process, the master too, under load, while keys are made and rotated.

After each batch, with nothing done by hand: both stores walk clean, every
request that a client saw answered is in the ledger exactly once with what the
provider counted, no request is there twice, no key is lost, and nothing is left
of the dead: no place, reader, slot, record.

The ledger holds sums by model, so each request names a model of its own; and
sums by session, one of which each load names: these must be the same.
POINTS_KILLS changes the number of kills, POINTS_LANES how many gateways share
them, POINTS_SECONDS the time for them.
"""
import collections
import os
import random
import signal
import subprocess
import sys
import threading
import time

LONG = "--long" in sys.argv
if LONG:
    sys.argv.remove("--long")

import lib
from faults import KILL, ROLES, Faulty
from lib import Mock, alive, main, provider, test, wait
from load import Load, Meter, result

# The search for leaks stops a process with a second one; when that is killed
# the first waits for ever. Who is killed has leaks anyway.
os.environ["ASAN_OPTIONS"] = "detect_leaks=0"
KILLS = int(os.environ.get("POINTS_KILLS", 10000 if LONG else 400))
SECONDS = int(os.environ.get("POINTS_SECONDS", 3600 if LONG else 9))
LANES = int(os.environ.get("POINTS_LANES", 2 if LONG else 1))
LEAST = 20              # however slow the machine
BATCH = 250
WORKERS = 4 if LONG else 2
LOADS = (
    ("kept", ("--connections", "8", "--rate", "60")),
    ("stream", ("--connections", "8", "--rate", "15", "--stream", "--mock",
                "rate=40,tokens=16")),
    ("fresh", ("--connections", "16", "--rate", "30", "--per-connection",
               "1")),
)
CONNECTIONS = 32
KEY = ('keys = ( { name = "test"; secret = "%s"; tier = "enterprise"; '
       'rps = 0; rpm = 0; rpd = 0; max_tokens = 0L; max_concurrency = 200; '
       '} );\n' % Faulty.KEY)

seed = int(os.environ.get("AIGW_SEED", time.time()))
print("# AIGW_SEED=%d" % seed, flush=True)
making = threading.Lock()
counting = threading.Lock()
kills = collections.Counter()           # of all lanes, by place or role
facts = collections.Counter()
slowest_start = [0.0]


class Keys(threading.Thread):
    """Make, rotate and delete keys; remember what was acknowledged."""

    def __init__(self, gw, rnd):
        super().__init__(daemon=True)
        self.gw, self.rnd = gw, rnd
        self.stop = threading.Event()
        self.good = {}          # name -> secret
        self.sure = set()       # names that must exist, secret unknown
        self.dead = {}          # secrets that must not work -> why
        self.n = 0
        self.trouble = None

    def ctl(self, *args):
        """The output, or None when nobody has confirmed it."""
        r = self.gw.ctl("key", *args, check=False)
        return r.stdout.strip() if r.returncode == 0 else None

    def create(self):
        name = "k%d" % self.n
        self.n += 1
        secret = self.ctl("create", name)
        if secret:
            self.good[name] = secret

    def rotate(self, name):
        old = self.good.pop(name)
        new = self.ctl("rotate", name, "--grace", "0s")
        if new:
            self.good[name] = new
            self.dead[old] = "rotated"
        else:
            self.sure.add(name)         # either secret may be the right one

    def delete(self, name):
        old = self.good.pop(name)
        if self.ctl("delete", name) is not None:
            self.dead[old] = "deleted"

    def step(self):
        what = self.rnd.random()
        if what < 0.5 or len(self.good) < 3:
            self.create()
        elif what < 0.8 and len(self.good) < 40:
            self.rotate(self.rnd.choice(sorted(self.good)))
        else:
            self.delete(self.rnd.choice(sorted(self.good)))

    def run(self):
        try:
            while not self.stop.is_set():
                self.step()
                # what is needed to pass the steps of errors and of answers
                # that need no provider
                for fn in (lambda: self.gw.get("/healthz", timeout=5),
                           lambda: self.gw.chat(model="nobody/has-this",
                                                timeout=5)):
                    try:
                        fn()
                    except (OSError, lib.http.client.HTTPException):
                        pass
                self.stop.wait(0.03)
        except Exception as e:
            self.trouble = e

    def check(self):
        assert self.trouble is None, self.trouble
        for secret, want in [(s, 200) for s in self.good.values()] + [
                (s, 401) for s in self.dead]:
            a = self.gw.get("/v1/models", headers={
                "Authorization": "Bearer " + secret})
            assert a.status == want, (want, a.status, self.dead.get(secret))
        if self.sure:
            have = set(k["name"] for k in lib.json.loads(
                self.gw.ctl("key", "list", "--json").stdout)["keys"])
            assert self.sure <= have, self.sure - have
        self.dead.clear()


class Lane:
    """One gateway, and its share of the kills."""

    def __init__(self, number, quota, until):
        self.rnd = random.Random(seed * 1000 + number)
        self.quota, self.until = quota, until
        self.mock = Mock("--first-token", "2ms")
        self.meter = Meter(self.mock)
        with making:
            self.gw = Faulty("providers = ( %s );\n%sdrain_timeout = "
                             "\"15s\";\nledger = { flush = \"100ms\"; };\n" %
                             (provider(self.mock), KEY), start=False)
            with open(self.gw.conf_path) as f:
                text = f.read().replace("workers = 2;", "workers = %d;" %
                                        WORKERS).replace('"debug"', '"info"')
            self.gw.write(text)
            self.gw.start()
        self.points = self.gw.points
        self.done = 0
        self.dying = {}         # children of dead masters -> since when
        self.told = set()
        lib._cleanup.append(self.clean)

    # --- processes -------------------------------------------------------

    def is_child(self, pid):
        """Of one of our masters, also of a dead one; who is not root can tell
        only while it lives."""
        try:
            with open("/proc/%s/environ" % pid) as f:
                return self.points.path in f.read()
        except PermissionError:
            with open("/proc/%s/stat" % pid) as f:
                ppid = f.read().rsplit(")", 1)[1].split()[1]
            with open("/proc/%s/cmdline" % ppid) as f:
                return self.gw.conf_path in f.read().split("\0")

    def ours(self):
        """pid -> title, or "" for a master; all living ones."""
        out = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/cmdline" % pid) as f:
                    words = f.read().split("\0")
                if words[0].startswith("aigwd: "):
                    mine = self.is_child(pid)
                elif words[0] == self.gw.exe:
                    mine = self.gw.conf_path in words
                else:
                    continue
                if mine and alive(int(pid)):
                    out[int(pid)] = (words[0] if words[0].startswith("aigwd: ")
                                     else "")
            except OSError:
                continue
        return out

    def masters(self):
        """The oldest first."""
        return sorted(p for p, t in self.ours().items() if not t)

    def of_role(self, role):
        return [p for p, t in self.ours().items()
                if (not t if role == "master" else
                    t.startswith("aigwd: " + role))]

    def revive(self):
        """A dead master has children that leave; a new one starts at once."""
        self.gw.p.poll()
        if self.masters():
            return
        now = time.monotonic()
        for pid in self.ours():
            self.dying.setdefault(pid, now)
        self.gw.p.wait()
        self.gw.start(ready=False)
        facts["masters"] += 1
        while time.monotonic() < now + 60:
            try:
                if self.gw.get("/healthz", timeout=5).status == 200:
                    break
            except (OSError, lib.http.client.HTTPException):
                pass
            if self.gw.p.poll() is not None:
                if "fault" not in self.armed:
                    raise AssertionError(self.gw.output()[-3000:])
                return self.revive()    # killed by the next point
            time.sleep(0.02)
        slowest_start[0] = max(slowest_start[0], time.monotonic() - now)

    armed = ()

    def whole(self):
        o = None
        m = self.masters()
        if len(m) == 1:
            r = self.gw.ctl("status", "--json", check=False)
            o = lib.json.loads(r.stdout) if r.returncode == 0 else None
        return o and sorted(p["role"] for p in o["processes"] if
                            p["state"] == "ready") == [
            "admin", "checker", "master", "recorder"] + ["worker"] * WORKERS \
            and len(o["processes"]) == WORKERS + 4

    def retire(self):
        """After an upgrade: the old master leaves, once it was told that the
        new one is ready; or there is only one left."""
        end = time.monotonic() + 40
        while time.monotonic() < end:
            self.gw.p.poll()
            m = self.masters()
            if len(m) < 2:
                break
            if ("is ready; QUIT to this one, pid %d" % m[0] in
                    self.gw.log() and m[0] not in self.told):
                self.told.add(m[0])
                os.kill(m[0], signal.SIGQUIT)
            time.sleep(0.05)
        self.revive()

    # --- kills -----------------------------------------------------------

    def count(self, what, n=1):
        self.done += n
        with counting:
            kills[what] += n

    def kill(self, role):
        """At this very instant."""
        try:
            pid = self.rnd.choice(self.of_role(role))
            os.kill(pid, signal.SIGKILL)
        except (IndexError, ProcessLookupError):
            return              # there is none just now
        self.count((role, "any instant"))
        if role == "master":
            # It takes its time to die, above all under sanitizers.
            wait("the master to be gone", lambda: not alive(pid))
            self.revive()

    def trigger(self, place):
        """Make something happen that leads to the place."""
        name, role = place
        if name.startswith("upgrade"):
            m = self.masters()
            if len(m) == 1:
                os.kill(m[0], signal.SIGUSR2)
        elif role == "p" or name == "started":
            self.kill("master")
        elif name.startswith("reload") or name in ("child_drain",
                                                   "child_drained"):
            m = self.masters()
            if m:
                os.kill(m[-1], signal.SIGHUP)
        elif role == "m" or name.startswith(("gone", "dead")):
            self.kill("worker")
        elif name.startswith("child_") or (role == "c"):
            self.kill(ROLES[role])

    def aim(self, place):
        """Kill at a point: 1 when it came to that."""
        before = self.points.fired(place)
        often = place[1] in "w" and not place[0].startswith("child")
        self.armed = ("fault",)
        self.points.arm(place, KILL, after=self.rnd.choice(
            (1, 1, 2, 3, 5) if often else (1,)))
        self.trigger(place)
        end = time.monotonic() + (6 if place[0].startswith("upgrade") else
                                  2 if LONG else 1)
        while (self.points.fired(place) == before and
               time.monotonic() < end):
            time.sleep(0.005)
        self.points.disarm(place)
        n = self.points.fired(place) - before
        self.count(place, n)
        facts["not reached in time"] += n == 0
        if n == 0 and LONG:
            print("# not reached in time: %s of %s" % (
                place[0], ROLES[place[1]]), flush=True)
        self.armed = ()
        if place[1] == "m":
            # Not when it was the fork: then the master lives on.
            wait("the victim to be gone", lambda: n == 0 or not alive(
                self.points.pid(place)))
        if place[0].startswith("upgrade"):
            self.retire()
        self.revive()
        return n

    def next_kill(self, todo):
        if todo and self.rnd.random() < 0.7:
            place = todo.pop()
            if not self.aim(place):
                todo.insert(0, place)
        else:
            self.kill(self.rnd.choices(
                ("worker", "recorder", "checker", "admin", "master"),
                (60, 14, 12, 12, 2))[0])
        # Now and then let things settle; usually the next comes at once.
        if self.rnd.random() < 0.3:
            time.sleep(self.rnd.uniform(0, 0.1))

    def tour(self):
        """Let everything happen once, so that all points are passed."""
        os.kill(self.masters()[-1], signal.SIGHUP)
        wait("a reload", lambda: self.points.hits(("reloaded", "m")), 30)
        wait("the old ones to leave", self.whole, 60)
        for role in "worker", "checker", "recorder", "admin", "master":
            self.kill(role)
        self.settle()

    def places(self):
        all_of_them = self.points.places() + self.points.places(rare=True)
        costly = [p for p in all_of_them if p[1] in "pm"]
        cheap = [p for p in all_of_them if p[1] not in "pm"]
        if not LONG:            # a master's death costs a second
            costly = self.rnd.sample(costly, 4)
        else:                   # those of one process more often
            cheap = cheap * 4
        out = costly + cheap
        self.rnd.shuffle(out)
        return out

    # --- a batch ---------------------------------------------------------

    def poller(self, stop):
        while not stop.wait(0.5):
            try:
                self.meter.poll()
            except (OSError, ValueError):
                pass

    def batch(self, todo):
        loads = [Load(self.gw, "p1/" + m + "-", "--distinct", "--timeout",
                      "60s", "--header", "x-claude-code-session-id: " + m, *a)
                 for m, a in LOADS]
        keys = self.keys
        stop = threading.Event()
        poller = threading.Thread(target=self.poller, args=(stop,))
        poller.start()
        want = min(self.done + BATCH, self.quota)
        try:
            if facts["batches"] == 0:
                self.tour()
            while self.done < want and (time.monotonic() < self.until or
                                        self.done < LEAST):
                if not todo:
                    todo.extend(self.places())
                self.next_kill(todo)
        finally:
            keys.stop.set()
            keys.join()
            stop.set()
            poller.join()
        self.settle()
        for ld in loads:
            ld.end()
        self.settle()
        self.check_requests(loads)
        keys.check()
        facts["batches"] += 1

    def settle(self):
        """A child that was just forked looks like a master; so look for one
        again until all are there."""
        try:
            wait("all to be there again",
                 lambda: (self.revive(), self.whole())[1], 120)
        except AssertionError as e:
            raise AssertionError("%s; there are %s" % (e, self.ours()))

    def run(self):
        self.keys = Keys(self.gw, self.rnd)
        todo = self.places()
        while self.done < self.quota and time.monotonic() < self.until:
            fresh = Keys(self.gw, self.rnd)
            fresh.good, fresh.sure = self.keys.good, self.keys.sure
            fresh.n = self.keys.n
            self.keys = fresh
            fresh.start()
            self.batch(todo)
        with counting:
            for p in self.points.places() + self.points.places(rare=True):
                facts[("hits",) + p] += self.points.hits(p)

    # --- what must hold --------------------------------------------------

    def stores(self):
        """What store_check says; the sums by model and by session."""
        r = subprocess.run([os.path.join(lib.BUILD, "tests/e2e/store_check"),
                            self.gw.dir + "/state", self.gw.dir + "/run"],
                           capture_output=True, text=True)
        assert r.returncode == 0, r.stdout[-2000:] + r.stderr
        sums, said, readers = {"use": {}, "session": {}}, {}, []
        for line in r.stdout.splitlines():
            w = line.split(" ")
            if w[0] in sums:
                # a day may end in between
                had = sums[w[0]].get(w[1], (0,) * 7)
                sums[w[0]][w[1]] = tuple(a + int(b)
                                         for a, b in zip(had, w[2:]))
            elif w[0] == "reader":
                readers.append(int(w[1]))
            else:
                said[w[0]] = int(w[1])
        return said, readers, sums["use"], sums["session"]

    def check_requests(self, loads):
        wait("the mock to finish", self.meter.poll, 60)
        self.check_left()
        _, _, uses, sessions = self.stores()
        sent = collections.defaultdict(list)
        for r in self.meter.records.values():
            sent[r["marker"]].append(r)
        for ld in loads:
            for marker, end in ld.ends().items():
                self.check_one(marker, end, sent.get(marker, []),
                               uses.get(ld.model + marker))
        self.meter.records.clear()
        for m, _ in LOADS:
            want = tuple(map(sum, zip(*(
                u for model, u in uses.items()
                if model.startswith("p1/%s-" % m)))))
            assert sessions[m] == want and want[0] > 0, (m, sessions, want)
        facts["requests by session"] = sum(u[0] for u in sessions.values())

    def check_one(self, marker, end, sent, use):
        facts["requests"] += 1
        say = (marker, end, sent, use)
        assert end.end in ("ok", "reset", "short", "refused"), say
        assert len(sent) <= 1, say                      # sent up twice
        assert use is None or use[0] == 1, say          # charged twice
        assert use is not None or not sent, say         # not charged
        # for nothing: only what was about to leave
        assert use is None or sent or use[6] == 1, say
        if end.end == "ok":
            r = sent[0]
            assert r["state"] == "complete" and r["status"] == 200, say
            assert (r["input"], r["output"]) == (end.input, end.output), say
            assert use == (1, end.input, end.output, 0, 0, 0, 0), say
            return
        facts[end.end] += 1
        if use is None:
            return
        facts["charged as interrupted" if use[6] else "settled"] += 1
        if use[6]:
            assert use[3:6] == (0, 0, 1), say
        else:
            assert sent[0]["state"] == "complete" and use == (
                1, sent[0]["input"], sent[0]["output"], 0, 0, 0, 0), say

    def check_left(self):
        """Nothing of the dead is left."""
        for pid, since in self.dying.items():
            wait("child %d of a killed master to leave" % pid,
                 lambda: not alive(pid),
                 since + 60 - time.monotonic())
        self.dying.clear()

        def clean():
            said, readers, _, _ = self.stores()
            left = [p for p in readers if not alive(p)]
            ok = (said["running"] == 0 and said["spool"] == 0 and
                  said["procs"] == WORKERS and not left and not any(
                      p["active"] for p in self.gw.status()["processes"]) and
                  WORKERS == len([f for f in os.listdir(
                      self.gw.dir + "/run") if f.startswith("open-")]))
            self.left = (said, left)
            return ok
        self.left = None
        try:
            wait("nothing to be left", clean, 60)
        except AssertionError:
            raise AssertionError("left of the dead: %s" % (self.left,))

    def clean(self):
        for pid in self.ours():
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        self.gw.p.poll() is None and self.gw.p.wait()


lanes = []


@test
def any_process_may_die_anywhere():
    until = time.monotonic() + SECONDS
    trouble = []

    def go(lane):
        try:
            lane.run()
        except BaseException as e:
            import traceback
            trouble.append(traceback.format_exc() + "\n" +
                           lane.gw.log()[-2500:])
            raise SystemExit from e

    begin = time.monotonic()
    for n in range(LANES):
        lanes.append(Lane(n, KILLS // LANES, until))
    threads = [threading.Thread(target=go, args=(ld,)) for ld in lanes]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    facts["seconds"] = int(time.monotonic() - begin)
    assert not trouble, "\n".join(trouble)


@test
def every_point_was_passed():
    """Those of an upgrade only in the long form; there all were killed at."""
    lane = lanes[0]
    never = [p for p in lane.points.places() if not facts[("hits",) + p]]
    assert not never, never
    if LONG:
        never = [p for p in lane.points.places() + lane.points.places(
            rare=True) if not kills[p]]
        assert not never, never


@test
def figures():
    by_role = collections.Counter()
    for (a, b), n in kills.items():
        by_role[a if b == "any instant" else ROLES[b]] += n
    total = sum(kills.values())
    assert not LONG or total >= KILLS, "%d kills in the time" % total
    rows = [
        ("kills", "%d in %d s" % (total, facts["seconds"])),
        ("of them at fault points", sum(
            n for (_, b), n in kills.items() if b != "any instant"))]
    rows += [("  " + r, n) for r, n in sorted(by_role.items())]
    rows += [
        ("aimed at and not reached in time", facts["not reached in time"]),
        ("masters started", facts["masters"]),
        ("slowest new master, ms", "%.0f" % (slowest_start[0] * 1000)),
        ("requests", facts["requests"]),
        ("records under their sessions", facts["requests by session"]),
        ("broken: reset, short, refused", "%d, %d, %d" % (
            facts["reset"], facts["short"], facts["refused"])),
        ("of these settled before, charged as interrupted", "%d, %d" % (
            facts["settled"], facts["charged as interrupted"])),
        ("damaged stores, lost records, charged twice, lost keys",
         "0, 0, 0, 0"),
        ("requests the provider saw that are not in the ledger once", 0),
        ("places, readers, slots, records left of the dead", "0, 0, 0, 0")]
    result("kill -9 at every point and at any instant", rows)
    if LONG:
        result("kills at each point (by role)", [
            (n, ", ".join("%s %d" % (ROLES[r.lower()], kills[(n, r.lower())])
                          for r in roles))
            for n, roles in lanes[0].points.list])


main()
