"""report.py - what a campaign found: its figures, and how long the turns of
event loops were (src/lib/base/probe.h) while it ran.

A gateway's log has a line for each turn above 20 ms of processor time, and one
for each process that has died, whatever it died of, with the number and the
longest of its turns (base/board.c). A process whose master died first has only
the former: of its turns that were long by the clock alone those above 100 ms
are known.

A virtual machine that its host stops for a while counts that as processor time
of whoever was running. So in the long form tests/e2e/still watches for it: what
of a turn lies where the machine stood still is none of the turn's. Where that
cannot be watched, all of it is. What the host says that it stole is told beside
a turn, and in all; it is taken from no turn, since it may lie beside it.
"""
import atexit
import bisect
import collections
import datetime
import glob
import gzip
import os
import re
import subprocess
import sys
import tempfile
import time

LONG = "--long" in sys.orig_argv
MS = 20
LATE = 1                # ms that a standstill may seem longer than it was: the
                        # timer's period
LIFE = re.compile(
    rb" (\w+), pid (\d+), turns of its loop above 20 ms: (\d+), longest "
    rb"([\d.]+) ms; of processor time: (\d+), longest ([\d.]+) ms")
TURN = re.compile(
    rb"(\S+)Z \w+ (\w+)(?: \d+)?\[(\d+)\] a turn of the event loop took "
    rb"(\d+) ms, .*\(processor time: (\d+) ms or less, on processor (\d+)\)")
ROLES = ("worker", "checker", "recorder", "admin")


class Standstills:
    """When each processor stood still, in ms of the epoch."""

    def __init__(self):
        self.of = collections.defaultdict(list)
        self.stolen = collections.defaultdict(list)
        self.begin = time.monotonic()
        self.p, self.why = None, "not looked at"
        if not LONG:
            return
        fd, self.path = tempfile.mkstemp(prefix="aigw-still-")
        os.close(fd)
        self.p = subprocess.Popen(
            [os.path.join(os.environ.get("AIGW_BUILD", os.getcwd()),
                          "tests/e2e/still"), self.path],
            stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        atexit.register(self.read)

    def read(self):
        """Once, at the end."""
        if self.p is None:
            return
        _, why = self.p.communicate()
        self.seconds = time.monotonic() - self.begin
        self.why = why.decode().strip() or (
            self.p.returncode and "still: %d" % self.p.returncode)
        self.p = None
        with open(self.path) as f:
            for line in f:
                cpu, begin, end, *stolen = map(int, line.split())
                if stolen:
                    self.stolen[cpu].append((begin / 1000, end / 1000,
                                             stolen[0]))
                else:
                    self.of[cpu].append((begin / 1000, end / 1000))
        os.unlink(self.path)

    def inside(self, cpu, begin, end):
        """ms for which that processor stood still between the two, at least."""
        have, ms = self.of[cpu], 0
        for one in have[max(0, bisect.bisect(have, (begin,)) - 1):]:
            if one[0] >= end:
                break
            ms += max(0, min(end, one[1]) - max(begin, one[0]) - LATE)
        return ms

    def stolen_near(self, cpu, begin, end):
        """ms that the host took of that processor in the tenths of a second
        that the two lie in."""
        return sum(ms for a, b, ms in self.stolen[cpu] if a < end and b > begin)

    def __str__(self):
        if self.why:
            return self.why
        return "%s of the processors stolen by the host" % ", ".join(
            "%.2f %%" % (sum(ms for _, _, ms in self.stolen[cpu])
                         / self.seconds / 10)
            for cpu in range(os.cpu_count()))


_still = Standstills()


class Turn:
    """A line about a turn: what the machine took from it, what it had."""

    def __init__(self, m, line):
        self.role, self.pid = m.group(2).decode(), int(m.group(3))
        self.took, self.cpu, self.on = map(int, m.groups()[3:])
        self.end = datetime.datetime.fromisoformat(
            m.group(1).decode() + "+00:00").timestamp() * 1000
        self.line = line.decode(errors="replace").strip()

    def own(self):
        """ms of processor time that it can have had."""
        return min(self.cpu, self.took + 1 - _still.inside(
            self.on, self.end - self.took - 1, self.end + 1))

    def stolen(self):
        return _still.stolen_near(self.on, self.end - self.took - 1,
                                  self.end + 1)


class Seen:
    """Turns by the clock, and by processor time: how many above MS, and the
    longest in ms."""

    def __init__(self, clock=0, longest=0, cpu=0, longest_cpu=0):
        self.clock, self.longest = int(clock), float(longest)
        self.cpu, self.longest_cpu = int(cpu), float(longest_cpu)

    def add(self, other):
        self.clock += other.clock
        self.cpu += other.cpu
        self.longest = max(self.longest, other.longest)
        self.longest_cpu = max(self.longest_cpu, other.longest_cpu)

    def __str__(self):
        return "%d by the clock%s; %d of processor time%s" % (
            self.clock, self.longest and ", longest %.1f ms" % self.longest
            or "", self.cpu, self.longest_cpu and
            ", longest %.1f ms" % self.longest_cpu or "")


_roles = collections.defaultdict(Seen)
_bad = []               # Turn: of workers, with too much processor time
_many = []              # how many there were, of each gateway


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


def lines(folder):
    """Of an error log, rotated files and all."""
    for path in glob.glob(os.path.join(folder, "error.log*")):
        with (gzip.open if path.endswith(".gz") else open)(path, "rb") as f:
            yield from f


def turns_in(folders):
    """What the logs there tell: (role, pid) -> Seen, and the Turns of workers
    that took the processor for too long."""
    lives, turns, bad = {}, {}, []
    for folder in folders:
        for line in lines(folder):
            if b" loop " not in line:
                continue
            m = LIFE.search(line)
            if m:
                who = m.group(1).decode(), int(m.group(2))
                lives.setdefault(who, Seen()).add(Seen(*m.groups()[2:]))
                continue
            m = TURN.match(line)
            if not m:
                assert b"a turn of the event loop" not in line, line
                continue
            t = Turn(m, line)
            turns.setdefault((t.role, t.pid), Seen()).add(
                Seen(t.took >= MS, t.took, t.cpu >= MS, t.cpu))
            if t.cpu >= MS and t.role == "worker":
                bad.append(t)
    return {**turns, **lives}, bad


def note_turns(folders, judged=True):
    """A gateway has ended; folders may hold its log."""
    seen, bad = turns_in(folders)
    for (role, _), of_one in seen.items():
        _roles[role].add(of_one)
    if judged:
        _bad.extend(bad)
        _many.append(sum(of_one.cpu for (role, _), of_one in seen.items()
                         if role == "worker"))


def optimised():
    """The bound is one for a build that people use."""
    try:
        with open(os.path.join(os.environ.get("AIGW_BUILD", os.getcwd()),
                               "Makefile")) as f:
            had = dict(re.findall(r"^((?:HARD_)?CFLAGS) = (.*)$", f.read(),
                                  re.M))
    except OSError:
        return True
    flags = had.get("HARD_CFLAGS", "") + " " + had.get("CFLAGS", "")
    return not ("-fsanitize" in flags or "--coverage" in flags or
                (re.findall(r"(?:^|\s)-O(\S*)", flags) or ["0"])[-1] == "0")


def turns_were_short():
    """At the end of a script. In the long form no turn of a worker has MS of
    the processor, less what the machine stood still in it."""
    name = re.sub(r"_e2e$|_long$", "", os.path.basename(sys.argv[0])[:-3])
    if not _roles and not LONG:
        return True
    _still.read()
    rows = [(role, _roles[role]) for role in ROLES
            if role == "worker" or role in _roles]
    stood = [t for t in _bad if t.own() < MS]
    if _bad:
        rows.append(("workers' in which the machine stood still", "%d; their "
                     "own at most %.1f ms" % (len(stood), max(
                         [0] + [t.own() for t in stood]))))
    if LONG:
        rows.append(("standstills of the machine", _still))
    result("turns of event loops above %d ms: %s" % (MS, name), rows)
    for t in _bad[:20]:
        print("# %s: %.1f ms its own; stolen by the host in the tenths of a "
              "second around: %d ms" % (t.line, t.own(), t.stolen()),
              flush=True)
    return sum(_many) <= len(stood) or not (LONG and optimised())
