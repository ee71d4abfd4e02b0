"""load.py - the strict client in the background, and what it must agree with:
the mock's meter and the ledger."""
import collections
import json
import os
import subprocess

import lib
from lib import call, tmpdir, wait

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

    def end(self, seconds=60):
        self.stop()
        out, _ = self.p.communicate(timeout=seconds)
        return json.loads(out.strip().split("\n")[-1])

    def ends(self):
        """Marker -> how that request ended; after end()."""
        out = {}
        with open(self.log) as f:
            for line in f:
                w = line.rstrip("\n").split(" ", 6)
                out[w[0]] = End(w[1], int(w[2]), int(w[4]), int(w[5]), w[6])
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
    wait("the spool to drain", lambda: drained(gw), 30)
    o = json.loads(gw.ctl("usage", "--json", "--by", "model").stdout)
    return {r["model"]: r for r in o["rows"]}


def compare(model, ends, sent, row):
    """
    For every request that the client saw end well: the mock answered exactly
    one request with its marker, whole, with the tokens that the client was
    told; and the ledger holds their number and the sums of their tokens.

    What the ledger holds beyond them can only be requests of a killed worker
    that had settled and whose last bytes did not get out: at most as many as
    broke at the client while the mock's answer was whole, and the tokens of
    so many of them. Returns that number.
    """
    ok = {m: e for m, e in ends.items() if e.end == "ok"}
    for m, e in ok.items():
        r = sent.get(m, [])
        assert len(r) == 1, (model, m, e, r)
        assert r[0]["state"] == "complete" and r[0]["status"] == 200, r
        assert (r[0]["input"], r[0]["output"]) == (e.input, e.output), (e, r)
    assert all(len(r) == 1 for r in sent.values()), "sent twice"
    maybe = [r for m, e in ends.items() if e.end != "ok"
             for r in sent.get(m, []) if r["state"] == "complete"]
    more = row["requests"] - len(ok)
    assert 0 <= more <= len(maybe), (model, more, len(maybe), row)
    for field in "input", "output":
        have = row[field + "_tokens"] - sum(
            getattr(e, field) for e in ok.values())
        v = sorted(r[field] for r in maybe)
        low, high = sum(v[:more]), sum(v[len(v) - more:])
        assert low <= have <= high, (model, field, low, have, high, row)
    for field in "failed", "aborted", "estimated":
        assert row[field] == 0, (model, row)
    return more


def result(title, rows):
    """Rows (name, value) of a campaign: to the terminal, and to the file that
    "make check-long" makes a section of tests/RESULTS from."""
    width = max(len(n) for n, _ in rows)
    lines = [title] + ["  %-*s  %s" % (width, n, v) for n, v in rows]
    for line in lines:
        print("# " + line, flush=True)
    name = os.environ.get("AIGW_RESULTS")
    if name:
        with open(name, "a") as f:
            f.write("\n".join(lines) + "\n\n")
