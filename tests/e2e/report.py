"""report.py - what a campaign found: its figures, and how long the turns of
event loops were (src/lib/base/probe.h) while it ran.

A gateway's log has a line for each turn above 20 ms of processor time, and one
for each process that has died, whatever it died of, with the number and the
longest of its turns (base/board.c). A process whose master died first has only
the former: of its turns that were long by the clock alone those above 100 ms
are known.
"""
import collections
import glob
import gzip
import os
import re
import sys

LONG = "--long" in sys.orig_argv
MS = 20
# In a virtual machine what is fetched from the host counts as processor time:
# of 640,000 first touches of 64 KiB three took more than MS, the longest 30 ms.
# What the program does for too long it does again and again.
FEW = 10
LIFE = re.compile(
    rb" (\w+), pid (\d+), turns of its loop above 20 ms: (\d+), longest "
    rb"([\d.]+) ms; of processor time: (\d+), longest ([\d.]+) ms")
TURN = re.compile(
    rb" (\w+)(?: \d+)?\[(\d+)\] a turn of the event loop took (\d+) ms, .*"
    rb"\(processor time: (\d+) ms or less\)")
ROLES = ("worker", "checker", "recorder", "admin")


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
_bad = []               # lines of workers' turns that were too long
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
    """What the logs there tell: (role, pid) -> Seen, and the lines about turns
    of workers that took the processor for too long."""
    lives, turns, bad = {}, {}, []
    for folder in folders:
        for line in lines(folder):
            if b" loop " not in line:
                continue
            m = LIFE.search(line)
            if m:
                who = m.group(1).decode(), int(m.group(2))
                lives.setdefault(who, Seen()).add(Seen(*m.groups()[2:]))
                cpu = int(m.group(5))
            else:
                m = TURN.search(line)
                if not m:
                    continue
                who = m.group(1).decode(), int(m.group(2))
                took, ms = int(m.group(3)), int(m.group(4))
                cpu = ms >= MS
                turns.setdefault(who, Seen()).add(
                    Seen(took >= MS, took, cpu, ms))
            if cpu and who[0] == "worker":
                bad.append(line.decode(errors="replace").strip())
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
    """At the end of a script. In the long form turns of workers do not take
    MS of the processor."""
    name = re.sub(r"_e2e$|_long$", "", os.path.basename(sys.argv[0])[:-3])
    if not _roles and not LONG:
        return True
    result("turns of event loops above %d ms: %s" % (MS, name), [
        (role, _roles[role]) for role in ROLES
        if role == "worker" or role in _roles])
    for line in _bad[:20]:
        print("# " + line, flush=True)
    return not (sum(_many) > FEW and LONG and optimised())
