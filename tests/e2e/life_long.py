"""life_long.py - reloads, bad reloads, upgrades, upgrades to a broken binary
and log rotations under constant load, again and again: not one failed request,
not one cut stream, every token in the ledger, nothing left behind.

LIFE_RELOADS, LIFE_BAD, LIFE_UPGRADES, LIFE_BROKEN, LIFE_ROTATIONS and
LIFE_STREAMS change the numbers.
"""
import glob
import gzip
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

import lib
from installed import Installed
from lib import Mock, alive, main, provider, test, wait
from load import Load, result

if "--long" in sys.argv:		# there is no other form
    sys.argv.remove("--long")


def number(name, usual):
    return int(os.environ.get("LIFE_" + name, usual))


RELOADS = number("RELOADS", 50)
BAD = number("BAD", 5)
UPGRADES = number("UPGRADES", 20)
BROKEN = number("BROKEN", 5)		# of the upgrades
ROTATIONS = number("ROTATIONS", 6)
STREAMS = number("STREAMS", 200)
STREAM = "rate=4,tokens=48"		# 12 s each
LOGROTATE = shutil.which("logrotate", path="/usr/sbin:/sbin:" +
                         os.environ.get("PATH", ""))

# New binaries that end at once, each in its own way.
DYING = ("#!/bin/sh\nexit 3\n", "#!/bin/sh\nkill -9 $$\n", "#!/bin/true\n",
         "no program at all\n", "#!/nowhere/to/be/found\n")

# What the campaign itself makes the gateway say at warn or error.
EXPECTED = (
    r"nonsense", r"reload refused", r"cannot be started", r"upgrade failed: the new binary ended",
    r"is a literal", r"syntax error",
    r"no closing quote", r"is not in memory", r"a turn of the event loop took",
)

seed = int(os.environ.get("AIGW_SEED", time.time()))
rnd = random.Random(seed)
print("# AIGW_SEED=%d" % seed, flush=True)
mock = Mock("--first-token", "5ms")
MODELS = ("kept", "fresh", "slow", "stream")
KEY = ('keys = ( { name = "test"; secret = "%s"; tier = "enterprise"; '
       'role = "admin"; rps = 0; rpm = 0; rpd = 0; max_tokens = 0L; '
       'max_concurrency = 400; } );\n' % Installed.KEY)
CONF = ("providers = ( %s );\n%sdrain_timeout = \"120s\";\n"
        "client = { max_connections = 4000; };\n") % (
    provider(mock, models=MODELS), KEY)
gw = Installed(CONF)
loads = {}
facts = {}


def status():
    """None while admin is not there."""
    r = gw.ctl("status", "--json", check=False)
    return json.loads(r.stdout) if r.returncode == 0 else None


def generation():
    o = status()
    return o["generation"] if o else 0


def our_processes():
    """Every process that runs a binary of the gateway's folder."""
    out = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            exe = os.readlink("/proc/%s/exe" % pid)
        except OSError:
            continue
        if exe.startswith(gw.bin + "/"):
            out.append(int(pid))
    return out


def footprint(pid):
    """Descriptors and resident KiB."""
    with open("/proc/%d/status" % pid) as f:
        rss = int(re.search(r"^VmRSS:\s+(\d+)", f.read(), re.M).group(1))
    return len(os.listdir("/proc/%d/fd" % pid)), rss


def settled():
    """One generation, one master, nothing left to drain."""
    if (alive(gw.old_master()) or not alive(gw.master()) or
            len(our_processes()) != 6):
        return None
    o = status()
    return o and not any(p["state"] != "ready" for p in o["processes"])


def texts(name):
    """All of a log, rotated files and all."""
    out = []
    for path in glob.glob(os.path.join(gw.dir, "log", name + "*")):
        f = gzip.open(path, "rt") if path.endswith(".gz") else open(path)
        with f:
            out.append((os.stat(path).st_mtime_ns, f.read()))
    return "".join(t for _, t in sorted(out))


def said(text):
    return texts("error.log").count(text)


class Life:
    """What is done to the gateway."""

    def __init__(self):
        self.expect = wait("generation", generation)
        self.rotated = self.n_broken = 0

    def reload(self):
        self.expect += 1
        gw.tell(signal.SIGHUP)
        wait("generation %d" % self.expect,
             lambda: generation() >= self.expect, 90)

    def bad(self):
        n = said("reload refused, generation")
        gw.write(CONF + rnd.choice((
            "nonsense = 1;\n", "nonsense = \"", "nonsense = { x = (; };\n")))
        gw.tell(signal.SIGHUP)
        wait("refused", lambda: said("reload refused, generation") > n, 20)
        gw.write(CONF)

    def broken(self):
        self.alone()
        n, old = said("upgrade failed"), gw.master()
        gw.install(DYING[self.n_broken % len(DYING)])
        self.n_broken += 1
        gw.tell(signal.SIGUSR2)
        wait("failed", lambda: said("upgrade failed") > n, 20)
        wait("pid file", lambda: gw.master() == old)
        gw.install()

    def alone(self):
        """A third binary is refused while there are two."""
        wait("the last old binary to leave",
             lambda: not alive(gw.old_master()), 150)
        wait("the new binary to know", lambda: not gw.old_master() or said(
            "the old binary, pid %d, has left" % gw.old_master()))

    def upgrade(self):
        self.alone()
        old = gw.master()
        gw.old = old
        self.expect += 1
        if rnd.random() < 0.5:
            gw.ctl("upgrade")
            wait("new binary", lambda: gw.master() not in (0, old), 30)
            return
        gw.tell(signal.SIGUSR2)
        wait("new binary", lambda: gw.master() not in (0, old), 30)
        wait("old is told", lambda: said(
            "is ready; QUIT to this one, pid %d" % old))
        gw.tell(signal.SIGQUIT, old)

    def rotate(self):
        with open(os.path.join(lib.SRC, "etc/aigw.logrotate")) as f:
            text = f.read()
        ctl = "%s -s %s/run/control.sock" % (
            os.path.join(lib.BUILD, "aigwctl"), gw.dir)
        text = text.replace("/var/log/aigw", gw.dir + "/log").replace(
            "/run/aigw", gw.dir + "/run").replace(
            "command -v aigwctl", "command -v sh").replace(
            "aigwctl reopen", ctl + " reopen").replace("daily", "size 1")
        conf = os.path.join(gw.dir, "logrotate.conf")
        with open(conf, "w") as f:
            f.write(text)
        os.chmod(conf, 0o644)
        r = subprocess.run([LOGROTATE, "-f", "-s", os.path.join(
            gw.dir, "logrotate.state"), conf], capture_output=True, text=True)
        assert r.returncode == 0 and "error" not in r.stderr, r
        self.rotated += 1


@test
def starts_under_load():
    wait("all processes", settled, 20)
    facts["before"] = footprint(gw.master())
    for name, args in (
            ("kept", ("--connections", "16", "--rate", "100")),
            ("fresh", ("--connections", "32", "--rate", "50",
                       "--per-connection", "1")),
            ("slow", ("--connections", "8", "--rate", "4")),
            ("stream", ("--connections", str(STREAMS), "--connect-rate",
                        "100", "--stream", "--mock", STREAM))):
        loads[name] = Load(gw, name, "--timeout", "30s", *args,
                           seconds=3600)
    wait("the streams", lambda: sum(
        p["active"] for p in status()["processes"]) >= STREAMS, 60)


@test
def campaign():
    assert len(loads) == 4, "no load"
    life = Life()
    acts = (["reload"] * RELOADS + ["bad"] * BAD + ["broken"] * BROKEN +
            ["upgrade"] * (UPGRADES - BROKEN) +
            ["rotate"] * (ROTATIONS if LOGROTATE else 0))
    rnd.shuffle(acts)
    begin = time.monotonic()
    for n, act in enumerate(acts):
        at = time.monotonic()
        getattr(life, act)()
        print("# %5.0f s %d/%d %s: %.1f s" % (
            at - begin, n + 1, len(acts), act, time.monotonic() - at),
            flush=True)
        for load in loads.values():
            assert load.p.poll() is None, load.p.communicate()
    facts["rotated"] = life.rotated
    wait("generation", lambda: generation() == life.expect)
    facts["seconds"] = time.monotonic() - begin


@test
def no_request_failed():
    results = facts["results"] = {n: v.end() for n, v in loads.items()}
    assert "seconds" in facts, "the campaign broke off"
    for name, r in results.items():
        print("# %s: %s" % (name, json.dumps(
            {k: v for k, v in r.items() if v})), flush=True)
    for name, r in results.items():
        assert r["ok"] > 0 and r["ok"] == r["ended"] == r["started"], (name, r)
        assert r["cut"] == r["lost"] == r["reordered"] == 0, (name, r)


@test
def ledger_equals_the_meter():
    wait("spool empty", lambda: (status() or {"store": {"spool_records": 1}})
         ["store"]["spool_records"] == 0, 20)
    rows = {r["model"]: r for r in json.loads(
        gw.ctl("usage", "--json", "--by", "model").stdout)["rows"]}
    for m in (r for r in mock.meter()["rows"] if r["model"] in MODELS):
        row, seen = rows[m["model"]], facts["results"][m["model"]]
        assert m["requests"] == m["complete"] == row["requests"] == \
            seen["ok"], (m, row, seen)
        for k in "input", "output":
            assert m[k] == row[k + "_tokens"] == seen[k], (k, m, row, seen)
        for k in "failed", "aborted", "estimated":
            assert row[k] == 0, row
    assert set(rows) == set(MODELS), rows


@test
def nothing_is_left():
    wait("old ones to leave", settled, 150)
    facts["after"] = footprint(gw.master())
    print("# master: %s descriptors and KiB before, %s after" % (
        facts["before"], facts["after"]))
    assert facts["after"][0] <= facts["before"][0], facts
    assert facts["after"][1] <= facts["before"][1] * 1.25 + 512, facts


@test
def log_holds_no_surprise():
    bad = [x for x in texts("error.log").split("\n")
           if re.search(r" (warn|error) ", x) and
           not any(re.search(e, x) for e in EXPECTED)]
    assert not bad, "\n".join(bad[:40])


@test
def every_request_is_in_the_access_log():
    if not LOGROTATE:
        return "no logrotate"
    text = texts("access.log")
    want = sum(r["ok"] for r in facts["results"].values())
    lines = [x for x in text.split("\n") if "/v1/chat/completions" in x]
    for x in lines:
        json.loads(x)
    assert len(lines) == want, (len(lines), want, facts["rotated"])


@test
def stops_whole():
    pid = gw.master()
    gw.tell(signal.SIGQUIT)
    wait("all gone", lambda: not our_processes() and not alive(pid), 30)
    assert not gw.master()
    total = {k: sum(r[k] for r in facts["results"].values())
             for k in ("ok", "streams", "connects")}
    result("Life: %d reloads, %d bad, %d upgrades (%d broken), %d rotations" %
           (RELOADS, BAD, UPGRADES, BROKEN, facts["rotated"]), (
               ("requests, all good", total["ok"]),
               ("of them streams", total["streams"]),
               ("connections", total["connects"]),
               ("seconds", "%.0f" % facts["seconds"]),
               ("master, descriptors", "%d, then %d" % (
                   facts["before"][0], facts["after"][0])),
               ("master, KiB", "%d, then %d" % (
                   facts["before"][1], facts["after"][1]))))


main()
