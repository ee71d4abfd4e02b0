"""load.py - the strict client in the background, and what it must agree with:
the mock's meter and the ledger."""
import collections
import json
import os
import re
import subprocess

import lib
from lib import call, tmpdir, wait
from report import result      # which others have from here

End = collections.namedtuple("End", "end status input output why")


class Load:
    """The strict client, running until end()."""

    def __init__(self, gw, model, *args, url=None, seconds=600):
        d = tmpdir()
        self.model = model
        self.stop_file = os.path.join(d, "stop")
        self.log = os.path.join(d, "log")
        self.p = subprocess.Popen(
            [os.path.join(lib.BUILD, "tests/e2e/strict"), "--key", gw.KEY,
             "--model", model, "--time", "%ds" % seconds, "--until",
             self.stop_file, "--log", self.log] + list(args) +
            [url or "http://127.0.0.1:%d/v1/chat/completions" % gw.port],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lib._cleanup.append(self.kill)

    def kill(self):
        if self.p.poll() is None:
            self.p.kill()
            self.p.wait()

    def stop(self):
        with open(self.stop_file, "w"):
            pass

    def end(self, seconds=120):
        self.stop()
        out, _ = self.p.communicate(timeout=seconds)
        return json.loads(out.strip().split("\n")[-1])

    def ends(self):
        """Marker -> how that request ended; after end()."""
        out = {}
        with open(self.log) as f:
            for line in f:
                w = line.rstrip("\n").split(" ", 10)
                out[w[0]] = End(w[1], int(w[2]), int(w[4]), int(w[5]), w[10])
        return out


class Meter:
    """Every answer of the mock; its own memory holds the last 16,384."""

    def __init__(self, mock):
        self.mock = mock
        self.since = 0
        self.records = {}

    def poll(self):
        a = call(self.mock.port, "GET", "/_mock/sent?since=%d" % self.since)
        assert a.status == 200, a.body
        o = a.json()
        waiting = []
        for r in o["sent"]:
            self.records[r["seq"]] = r
            if r["state"] == "open":
                waiting.append(r["seq"])
        self.since = min(waiting) - 1 if waiting else o["last"]
        return not waiting

    def by_marker(self, model):
        wait("the mock to finish", self.poll, 30)
        out = collections.defaultdict(list)
        for r in self.records.values():
            if r["model"] == model:
                out[r["marker"]].append(r)
        self.check(model)
        return out

    def check(self, model):
        """What we have collected is all that the meter has counted."""
        row = {"requests": 0, "complete": 0, "input": 0, "output": 0}
        for r in self.mock.meter()["rows"]:
            if r["model"] == model:
                row = {k: row[k] + r[k] for k in row}
        mine = [r for r in self.records.values() if r["model"] == model]
        whole = [r for r in mine if r["state"] == "complete"]
        have = {"requests": len(mine), "complete": len(whole),
                "input": sum(r["input"] for r in whole),
                "output": sum(r["output"] for r in whole)}
        assert have == row, (model, have, row)


def status(gw):
    """None while admin is not there."""
    r = gw.ctl("status", "--json", check=False)
    return json.loads(r.stdout) if r.returncode == 0 else None


def drained(gw):
    """The recorder has moved everything to the ledger."""
    o = status(gw)
    return o is not None and o["store"]["spool_records"] == 0 and not any(
        p["active"] for p in o["processes"])


def ledger(gw):
    """Model -> totals of the ledger."""
    wait("the spool to drain", lambda: drained(gw), 60)
    o = json.loads(gw.ctl("usage", "--json", "--by", "model").stdout)
    return {r["model"]: r for r in o["rows"]}


def interrupted(gw):
    """Request id -> (input, output) charged because its worker died, as the
    recorder tells. Waits until it has dealt with all the dead."""
    def charged():
        o = status(gw)
        return o is not None and len([
            f for f in os.listdir(os.path.join(gw.dir, "run"))
            if f.startswith("open-")]) == sum(
                p["role"] == "worker" for p in o["processes"])
    wait("the dead to be charged", charged, 60)
    out = {}
    for m in re.finditer(r"(\S+): its worker died: charged (\d+) \+ (\d+) "
                         r"tokens", gw.log()):
        assert m.group(1) not in out, "charged twice: " + m.group(0)
        out[m.group(1)] = (int(m.group(2)), int(m.group(3)))
    return out


FIELDS = ("requests", "input_tokens", "output_tokens", "failed", "aborted",
          "estimated", "interrupted")


def compare(model, ends, sent, row, dead=None):
    """
    Every request that the mock saw is in the ledger exactly once, and nothing
    else but what was about to be sent when its worker died.

    A request that ended well: the mock answered exactly one with its marker,
    whole, with the tokens that the client was told. One that broke was charged
    as interrupted (dead: id -> tokens), or had settled before the kill and its
    last bytes did not get out; then the mock's answer was whole. The ledger
    holds exactly their number and the sums of their tokens. Returns how many
    had settled and how many were interrupted.
    """
    dead = {m: t for m, t in (dead or {}).items() if m in ends}
    ok = {m: e for m, e in ends.items() if e.end == "ok"}
    assert all(len(r) == 1 for r in sent.values()), "sent twice"
    for m, e in ok.items():
        assert m in sent, (model, m, e)
        r = sent[m][0]
        assert r["state"] == "complete" and r["status"] == 200, r
        assert (r["input"], r["output"]) == (e.input, e.output), (e, r)
        assert m not in dead, ("charged twice", m, e)
    settled = [sent[m][0] for m, e in ends.items()
               if e.end != "ok" and m in sent and m not in dead]
    assert all(r["state"] == "complete" for r in settled), (
        "unaccounted", [r for r in settled if r["state"] != "complete"])
    for field, k in (("input", 0), ("output", 1)):
        have = row[field + "_tokens"]
        want = (sum(getattr(e, field) for e in ok.values()) +
                sum(r[field] for r in settled) +
                sum(t[k] for t in dead.values()))
        assert have == want, (model, field, have, want, row, settled, dead)
    assert row["requests"] == len(ok) + len(settled) + len(dead), (
        model, len(ok), settled, dead, row)
    assert row["interrupted"] == row["estimated"] == len(dead), (row, dead)
    assert row["failed"] == row["aborted"] == 0, row
    for m, t in dead.items():
        check_charge(model, m, t, sent.get(m))
    return len(settled), len(dead)


def check_charge(model, marker, charged, sent):
    """What an interrupted request was charged: its usage when that was known,
    else an estimate that is not above what the mock has sent of a stream, or
    the 4096 tokens that another answer may have."""
    if sent is None:        # it was about to leave
        assert charged[1] in (0, 4096), (marker, charged)
        return
    r = sent[0]
    exact = (r["input"], r["output"])
    if model != "stream":
        assert charged == exact or charged[1] == 4096, (marker, charged, r)
    else:
        assert charged == exact or charged[1] < r["output"] + 4096, (
            marker, charged, r)
