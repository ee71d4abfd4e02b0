"""limits_e2e.py [--long] - four workers, 128 connections at one key for each
kind of limit; what was admitted is checked by the times at which the gateway
itself counted (admit_us of the access log), over all windows, not some, and
what was refused by them and by the times of the client (limits_check.py).

While they run the configuration is loaded again and a worker is killed. The
long form makes a million attempts, does both to each kind of limit, lets the
windows of a minute pass, and runs limits_test, which has a clock of its own, at
full length too.
"""
import collections
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

LONG = "--long" in sys.argv
if LONG:
    sys.argv.remove("--long")

import lib
import limits_check
from lib import Gateway, Mock, alive, main, provider, test, tmpdir, wait
from limits_check import Hold, Lost
from load import drained, interrupted

S = 1000000
SIZES = (7, 100, 1024, 5000)
CONNECTIONS = 128
TOKENS = (60000, 500000)
OUTPUT = 4096                   # a request without a maximum reserves them
USES = "tokens=3000"            # and an answer has these
ANSWER_US = 150000              # not before that
SLACK_US = 50000                # between two clocks that are read in turns
mock = Mock("--first-token", "150ms", "--models", "m1")
PERIODS = {"rps": S, "rpm": 60 * S, "rpd": 86400 * S, "tpm": 60 * S}
CALENDARS = {"hourly_limit": 3600 * S, "daily_limit": 86400 * S}
# attempts for each limit: quick, long; and what the quick form does to which
KINDS = {
    "rps": (SIZES, 2000, 60000, {100: ["reload"], 5000: ["kill"]}),
    "rpm": (SIZES, 2000, 60000, {}),
    "rpd": (SIZES, 1000, 60000, {1024: ["kill"], 5000: ["reload"]}),
    "hourly_limit": (SIZES, 1000, 60000, {1024: ["reload"]}),
    "daily_limit": (SIZES, 1000, 60000, {100: ["kill"]}),
    "cooldown": ((5, 250), 1000, 60000, {250: ["reload"]}),
    "max_concurrency": ((7, 100), 1500, 20000, {100: ["kill"]}),
    "tpm": (TOKENS, 1500, 20000, {60000: ["reload"]}),
    "max_tokens": (TOKENS, 1500, 20000, {60000: ["kill"]}),
}
AMOUNTS = "max_concurrency", "tpm", "max_tokens"


def key(name):
    return "sk-%s-0123456789abcdef0123456789" % name


def row(kind, value):
    name = "%s-%d" % (kind, value)
    word = '"%dms"' % value if kind == "cooldown" else "%dL" % value
    return ('{ name = "%s"; secret = "%s"; tier = "bare"; %s = %s; }' % (
        name, key(name), kind, word))


gw = Gateway("", start=False)
gw.write(gw.head().replace("workers = 2", "workers = 4").replace(
    'log_level = "debug"', 'log_level = "info"') +
    'providers = ( %s );\ntiers = ( { name = "bare"; } );\n'
    'default_tier = "bare";\nkeys = ( %s );\n' % (
        provider(mock), ",\n".join(row(kind, v) for kind in KINDS
                                   for v in KINDS[kind][0])))
gw.start()
table, known = [], []           # for the report
Ask = collections.namedtuple("Ask", "end slot conn sent done tokens")


def now_us():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


class Attack:
    """128 connections that ask with one key, without a pause; or, when there
    is a rate, all in turn."""

    def __init__(self, kind, value, n, *args, rate=0):
        self.kind, self.value, self.n = kind, value, n
        self.name = "%s-%d" % (kind, value)
        self.done = []          # (what was done to the gateway, when)
        self.log = os.path.join(tmpdir(), "log")
        cmd = [os.path.join(lib.BUILD, "tests/e2e/strict"), "--key",
               key(self.name), "--connections", str(CONNECTIONS), "--timeout",
               "60s", "--requests", str(n), "--log", self.log]
        path = "/v1/models"
        if kind in AMOUNTS:
            path = "/v1/chat/completions"
            cmd += ["--model", "m1", "--mock", USES]
        else:
            cmd += ["--method", "GET", "--body", "/dev/null"]
        if rate:
            cmd += ["--rate", str(rate), "--spread"]
        self.p = subprocess.Popen(
            cmd + list(args) + ["http://127.0.0.1:%d%s" % (gw.port, path)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lib._cleanup.append(self.kill)

    def kill(self):
        if self.p.poll() is None:
            self.p.kill()
            self.p.wait()

    def end(self):
        """Id -> what became of each request."""
        out, _ = self.p.communicate(timeout=600)
        assert self.p.returncode in (0, 1), out
        self.sums = json.loads(out.strip().split("\n")[-1])
        self.asks = {}
        with open(self.log) as f:
            for line in f:
                w = line.split(" ", 10)
                self.asks[w[0]] = Ask(w[1], int(w[6]), int(w[7]), int(w[8]),
                                      int(w[9]), int(w[4]) + int(w[5]))
        os.unlink(self.log)
        assert len(self.asks) == self.sums["ended"], self.sums
        assert self.sums["timeout"] == self.sums["wrong"] == 0, self.sums
        assert self.killed() or self.sums["reset"] == self.sums[
            "short"] == 0, self.sums
        return self

    def killed(self):
        return any(how == "kill" for how, _, _ in self.done)

    def kept(self):
        """Requests whose line must be there: those answered on a connection
        that was asked again after the last worker had been killed, and
        answered then too."""
        killed = max([t for how, t, _ in self.done if how == "kill"] or [0])
        last, broken = {}, set()
        for a in self.asks.values():
            last[a.conn] = max(last.get(a.conn, 0), a.sent)
            if a.end not in ("ok", "status"):
                broken.add(a.conn)
        return [i for i, a in self.asks.items() if last[a.conn] > killed and
                a.conn not in broken]


BEGIN = '{"time":'


class Log:
    """The access log, by key: what was admitted and what was refused."""

    def __init__(self):
        self.at = 0
        self.last_us = 0
        self.parts = 0
        self.kills = set()
        self.keys = collections.defaultdict(lambda: ({}, {}, {}))

    def size(self):
        return os.path.getsize(os.path.join(gw.dir, "log", "access.log"))

    def read(self):
        with open(os.path.join(gw.dir, "log", "access.log")) as f:
            f.seek(self.at)
            for line in f:
                if not line.endswith("\n"):
                    break
                self.at += len(line)
                o = json.loads(self.alone(line))
                good, bad, odd = self.keys[o["key"]]
                if o["limit"] != "":
                    assert o["status"] == 429, o
                    assert o["limit"] == o["key"].rsplit("-", 1)[0], o
                    bad[o["request_id"]] = o["admit_us"]
                elif o["admit_us"] > 0:
                    good[o["request_id"]] = o
                else:
                    odd[o["request_id"]] = o
                self.last_us = max(self.last_us, o["admit_us"])

    def alone(self, line):
        """A worker that is killed as it writes leaves part of a line, and the
        next line of another one stands behind that: at most once a kill."""
        at = line.rfind(BEGIN)
        if at > 0:
            self.parts += 1
        return line[max(at, 0):]

    def of(self, attack):
        """All lines, but for those of a killed worker: what was admitted, what
        refused, and the rest (Lost), of which nobody knows or only the client.
        """
        want = attack.kept()
        old = [p for how, _, pids in attack.done if how == "reload"
               for p in pids]
        wait("the old workers to leave", lambda: not any(map(alive, old)), 60)

        def all_there():
            self.read()
            have = self.keys[attack.name]
            want[:] = [i for i in want if not any(i in x for x in have)]
            return not want
        try:
            wait("the log of " + attack.name, all_there, 20)
        except AssertionError:
            print("# no line of %d: %s" % (len(want), [
                attack.asks[i] for i in want[:20]]), attack.done, flush=True)
            raise
        self.kills |= {t for how, t, _ in attack.done if how == "kill"}
        assert self.parts <= len(self.kills), (self.parts, self.kills)
        good, bad, odd = self.keys.pop(attack.name)
        assert not odd, list(odd.values())[:3]
        lost = [Lost(a.sent, a.done, a.end == "ok")
                for i, a in attack.asks.items() if a.sent > 0 and
                a.end != "status" and i not in good and i not in bad]
        assert not lost or attack.killed(), lost
        # what the client was told is what the log says
        for i, a in attack.asks.items():
            assert not (a.end == "ok" and i in bad), i
            assert not (a.end == "status" and i in good), good[i]
        return good, bad, lost


log = Log()


def note(attack, good, bad, lost, over, early, most):
    """A row of the table. What was done to the gateway counts if the attack
    went on."""
    last = max([a.sent for a in attack.asks.values()])
    done = [how for how, t, _ in attack.done if t < last]
    assert len(done) == len(attack.done) or not LONG, (attack.name, done)
    r = (attack.kind, attack.value, len(good) + len(bad), len(good), over,
         early, most, done.count("reload"), done.count("kill"), len(lost))
    table.append(r)
    print("# %s %d: %d admitted, %d refused, %d too many, %d early, %.3f %%, "
          "%d reloads, %d kills, %d lost" % (
              r[0], r[1], r[3], len(bad), over, early, most, *r[7:]),
          flush=True)
    assert good or lost, attack.sums
    assert over == 0, r
    assert early == 0 or (attack.value > 1024 and most <= 0.4), r


def verdict(attack):
    """Of requests, by their times."""
    kind, limit = attack.kind, attack.value
    whole, refused, lost = log.of(attack.end())
    good = sorted(o["admit_us"] for o in whole.values())
    bad = sorted(refused.values())
    # a slow machine may not reach thousands in a second, or one in 5 ms
    fast = (kind == "rps" and limit > 100) or (kind == "cooldown" and
                                               limit < 100)
    assert bad or fast, (kind, limit, len(good), attack.sums)
    if kind in PERIODS:
        r = limits_check.sliding(good, bad, lost, limit, PERIODS[kind])
    elif kind == "cooldown":        # a window of one
        r = limits_check.sliding(good, bad, lost, 1, limit * 1000)
    else:
        r = limits_check.calendar(good, bad, lost, limit, CALENDARS[kind],
                                  time.time_ns() // 1000 - now_us())
    note(attack, good, bad, lost, *r)


def in_any_minute(whole, limit):
    """Tokens above the limit, by the times of admission."""
    over, first, inside = 0, 0, 0
    whole = sorted(whole.values(), key=lambda o: o["admit_us"])
    used = [o["input_tokens"] + o["output_tokens"] for o in whole]
    for i, o in enumerate(whole):
        inside += used[i]
        while whole[first]["admit_us"] <= o["admit_us"] - 60 * S:
            inside -= used[first]
            first += 1
        over = max(over, inside - limit)
    return over


def hold(attack, o, ask):
    """What one that ended held: its place, or tokens. Tokens are reserved
    between its admission and what is sent to the provider."""
    a, b = o["admit_us"], ask.sent + int(o["duration_ms"] * 1000) - SLACK_US
    if attack.kind == "max_concurrency":
        return Hold(a, b, a, ask.done, 1, 1, 0, 0)
    used = o["input_tokens"] + o["output_tokens"]
    if ask.end != "ok":
        return Hold(None, None, a, ask.done, 0, o["bytes_in"] + OUTPUT, 0,
                    used)
    sent = a + max(0, int(o["first_byte_ms"] * 1000) - ANSWER_US + SLACK_US)
    n = o["bytes_in"] + OUTPUT
    return Hold(sent, b, a, ask.done, n, n, used, used)


def holds(attack, whole, refused, charged, want):
    """What all held, as far as it is known. Of one whose worker died it is
    not known until when: its tokens stay reserved until the recorder has
    charged it, and a moment longer; a client that hears of the end later than
    that tells only that it is over. What is charged had been reserved."""
    out = []
    gone = [t for how, t, _ in attack.done if how == "gone"]
    for i, ask in attack.asks.items():
        if i in whole and ask.end in ("ok", "status"):
            out.append(hold(attack, whole[i], ask))
        elif ask.end == "ok":
            n = min(ask.tokens, want)
            out.append(Hold(ask.done, ask.done, ask.sent, ask.done, n, want,
                            n, ask.tokens))
        elif ask.end != "status" and ask.sent > 0 and i not in refused:
            until = min((t for t in gone if t >= ask.done),
                        default=ask.done)
            n = sum(charged.get(i, (want, 0)))
            if attack.kind == "max_concurrency":
                n = 0
            low = min(n, want) if i in charged else 0
            out.append(Hold(ask.done, ask.done, ask.sent, until, low,
                            want + n, low, n))
    return out


def verdict_amounts(attack):
    """Of places and tokens, which requests hold."""
    kind, limit = attack.kind, attack.value
    whole, refused, lost = log.of(attack.end())
    charged = interrupted(gw) if attack.killed() else {}
    want = 1
    if kind != "max_concurrency":
        want = OUTPUT + max([o["bytes_in"] for o in whole.values()] or [100])
    bad = [(t, attack.asks[i].done) for i, t in refused.items()
           if attack.asks[i].end == "status"]
    r = limits_check.Amounts(holds(attack, whole, refused, charged, want),
                             bad, limit, PERIODS.get(kind), want)
    over = r.over
    if kind == "tpm":
        over = max(over, in_any_minute(whole, limit))
    elif kind == "max_tokens":
        over = max(over, sum(o["input_tokens"] + o["output_tokens"]
                             for o in whole.values()) - limit)
    known.append("  %-15s %6d: surely held %d at once; %d refusals: what was "
                 "surely held explains %d, %d cannot be told, early by %.0f "
                 "ms at most" % (kind, limit, r.peak, len(bad), r.proved,
                                 r.open - r.early, r.open_us / 1000))
    print("# " + known[-1].strip(), flush=True)
    note(attack, whole, bad, lost, over, r.early, r.most)
    assert bad, attack.sums
    assert r.early == 0 or kind == "tpm", r.early
    return r


def of_workers():
    return [p["pid"] for p in gw.status()["processes"]
            if p["role"] == "worker" and p["state"] == "ready"]


def disturb(attacks, how, pids):
    """In the middle of an attack."""
    assert not LONG or all(a.p.poll() is None for a in attacks)
    if how == "reload":
        gw.signal(signal.SIGHUP)
    else:
        os.kill(random.choice(pids), signal.SIGKILL)
    done = [(how, now_us(), pids)]
    if how == "kill":
        if any(a.kind in AMOUNTS for a in attacks):
            interrupted(gw)
            done.append(("gone", now_us(), []))
    for a in attacks:
        a.done += done


def plan(kind, value):
    """What is done while that limit is attacked."""
    if not LONG:
        return KINDS[kind][3].get(value, [])
    n = KINDS[kind][0].index(value)
    return ["kill", "reload"] if n % 2 else ["reload", "kill"]


def attack(kind, value):
    _, quick, long_, _ = KINDS[kind]
    n = long_ if LONG else quick
    if kind not in AMOUNTS and not LONG:
        n = max(quick, value * 3 // 2)
    hows = plan(kind, value)
    pids = of_workers() if hows else []
    before = log.size()
    a = Attack(kind, value, n)
    for i, how in enumerate(hows):
        # the first while the limit is not reached, another later
        size = before + (20000 if i == 0 else n * 200 * i // len(hows))
        wait("the attack", lambda: log.size() > size, 20)
        if i > 0:
            pids = wait("the workers", of_workers)
        disturb([a], how, pids)
    return a


def attack_all(kind):
    for v in KINDS[kind][0]:
        verdict(attack(kind, v))


class Killed:
    """An attack on tokens: three requests of a worker that was killed at 10
    and charged at 20; the client heard of it in between, after it, and of one
    that it sent after it."""
    kind = "tpm"
    done = [("kill", 10, []), ("gone", 20, [])]
    asks = {"soon": Ask("reset", 0, 0, 5, 15, 0),
            "late": Ask("reset", 1, 1, 5, 30, 0),
            "never": Ask("short", 2, 2, 25, 30, 0)}


@test
def the_checks():
    limits_check.check_the_checks()
    assert holds(Killed, {}, {}, {"soon": (3, 4), "late": (3, 4)}, 100) == [
        Hold(15, 15, 5, 20, 7, 107, 7, 7), Hold(30, 30, 5, 30, 7, 107, 7, 7),
        Hold(30, 30, 25, 30, 0, 200, 0, 100)]


@test
def requests_per_second():
    attack_all("rps")


@test
def requests_per_day():
    attack_all("rpd")


@test
def requests_of_the_hour():
    attack_all("hourly_limit")


@test
def requests_of_the_day():
    attack_all("daily_limit")


@test
def cooldown():
    attack_all("cooldown")


def for_a_minute(*kinds):
    """All limits of these kinds at once, until windows have passed: workers
    are killed when they are being filled and when they begin to empty."""
    pids, before = of_workers(), log.size()
    attacks = [Attack(k, v, KINDS[k][2], rate=KINDS[k][2] // 75)
               for k in kinds for v in KINDS[k][0]]
    begin = now_us()

    def passed(seconds):
        log.read()
        return log.last_us > begin + seconds * S
    wait("the attacks", lambda: log.size() > before + 20000, 20)
    disturb(attacks, "kill", pids)
    wait("half a minute", lambda: passed(30), 60)
    disturb(attacks, "reload", wait("the workers", of_workers))
    wait("a minute", lambda: passed(60.3), 60)
    disturb(attacks, "kill", wait("the workers", of_workers))
    wait("more", lambda: passed(62), 60)
    disturb(attacks, "reload", wait("the workers", of_workers))
    return attacks


@test
def in_a_minute():
    """Requests, and tokens: reserved before, so that what is under way cannot
    go beyond. All at once."""
    if LONG:
        attacks = for_a_minute("rpm", "tpm")
    else:
        attacks = [Attack("rpm", v, KINDS["rpm"][1] + 2 * v) for v in SIZES]
    for a in attacks:
        if a.kind == "rpm":
            verdict(a)
        else:
            verdict_amounts(a)
    if not LONG:
        verdict_amounts(attack("tpm", TOKENS[0]))


@test
def places():
    """As many as may be at once are, no more; a killed worker's come back."""
    for v in KINDS["max_concurrency"][0]:
        a = attack("max_concurrency", v)
        r = verdict_amounts(a)
        assert r.peak * 2 > v, (v, r.peak)

        def none_held():
            o = Attack("max_concurrency", v, v, "--connections", str(v)).end()
            return o.sums["ok"] == v
        wait("all places to be free", none_held, 20)
        log.keys.pop(a.name, None)


def in_ledger(name):
    """Tokens that a key was charged."""
    wait("the ledger", lambda: drained(gw))
    r = json.loads(gw.ctl("usage", "--by", "key", "--json").stdout)
    return sum(x["input_tokens"] + x["output_tokens"] for x in r["rows"]
               if x["key"] == name)


@test
def tokens_of_a_life():
    """What was in a killed worker is charged, and no line of the log."""
    for v in TOKENS[:1 + LONG]:
        a = attack("max_tokens", v)
        verdict_amounts(a)
        charged = in_ledger(a.name)
        print("# %s: %d tokens charged" % (a.name, charged), flush=True)
        assert 0 < charged <= v, charged


@test
def limits_survive_a_boot():
    """The hot store is gone: what matters for hours comes from the ledger."""
    gw.stop(signal.SIGQUIT)
    shutil.rmtree(os.path.join(gw.dir, "run", "hot"))
    os.unlink(os.path.join(gw.dir, "run", "boot_id"))
    gw.start()
    for name in ("rpd-7", "rpd-1024", "daily_limit-7", "daily_limit-1024"):
        a = gw.post("/v1/chat/completions", {"model": "m1", "messages": [
            {"role": "user", "content": "x"}]}, key(name))
        assert a.status == 429, (name, a.status, a.body)
        assert int(a.headers["retry-after"]) > 0
        assert a.headers["x-ratelimit-remaining-requests"] == "0"


def report():
    name = os.environ.get("AIGW_RESULTS")
    head = ("limit", "value", "attempts", "admitted", "one too many", "early",
            "% early", "reloads", "kills", "not logged")
    form = "  %-15s %6s %9s %9s %13s %6s %8s %8s %6s %11s"
    lines = [form % head] + [form % (r[:6] + ("%.3f" % r[6],) + r[7:])
                             for r in table]
    total = sum(r[2] for r in table)
    lines.append("  all                    %9d attempts, %d admitted, %d one "
                 "too many" % (total, sum(r[3] for r in table),
                               sum(r[4] for r in table)))
    lines += known
    for x in lines:
        print("# " + x, flush=True)
    if name:
        with open(name, "a") as f:
            f.write("Limits, 4 workers, %d connections at one key; reloads and "
                    "killed workers between\n%s\n\n" % (
                        CONNECTIONS, "\n".join(lines)))
    if not LONG:
        return
    assert total >= 1000000, total
    for kind in KINDS:
        for i, what in (7, "reload"), (8, "killed worker"):
            assert any(r[i] for r in table if r[0] == kind), (kind, what)


@test
def the_acts_themselves():
    report()
    if not LONG:
        return "limits_test of make check"
    r = subprocess.run([os.path.join(lib.BUILD, "tests/unit/limits_test")],
                       env=dict(os.environ, AIGW_LONG="1"), timeout=600,
                       capture_output=True, text=True)
    assert r.returncode == 0, r.stdout[-3000:]


main()
