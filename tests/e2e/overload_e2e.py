"""overload_e2e.py [--long] - three times as many streams as a worker can carry.

One worker is bound to a processor of its own; clients and provider have the
other one. The streams are translated, so that the worker, not the provider, is
what has too much to do. First as many streams as fit are run one behind the
other: that is the capacity. Then new ones start at three times that rate,
whatever becomes of those before (open loop): the worker must go on to serve as
many, refuse the others at once, and keep the latency of those it has taken.
What is taken before it knows that there is too much must wait: the first two
seconds stand for themselves. Latency is that of the first byte and of the whole
stream.

The short form is a look at whether it works at all: how fast this machine is
at the moment decides no test. The figures are for the long form: there the
capacity is taken again behind each overload, since what a machine can do that
others use changes by the second; what counts is the middle one of the rounds. It has streams that come all at
once, and others that take three seconds: what is taken costs for as long.

64 clients that send 1 MB each, again and again, are no overload: none is
refused. That a body's slices do not count is shown by budget.sc and
ev_order_test, whatever the machine does.
"""
import collections
import json
import os
import sys

LONG = "--long" in sys.argv
if LONG:
    sys.argv.remove("--long")

from lib import Gateway, Mock, file_key, main, provider, test, tmpdir, wait
from load import Load, ledger, result, status

CPUS = sorted(os.sched_getaffinity(0))      # before we give one of them up
SECONDS = 10 if LONG else 3     # of the overload
ROUNDS = int(os.environ.get("AIGW_ROUNDS", 5)) if LONG else 1
TOKENS = int(os.environ.get("AIGW_TOKENS", 1000 if LONG else 300))
LAG = os.environ.get("AIGW_MAX_LAG", "50ms")
Kind = collections.namedtuple("Kind", "words slots connections warm seconds")
# what the mock is told; streams at once for the capacity, in an overload;
# seconds until as many end as begin; of the capacity: whole streams
AT_ONCE = Kind("tokens=%d" % TOKENS, 64, 2000, 0, SECONDS / 2)
PACED = Kind("tokens=300,rate=100", 1000, 6000, 4, 6)


class Quiet(Gateway):
    def head(self):
        return super().head().replace('"debug"', '"info"').replace(
            "workers = 2", "workers = 1")


def bind(gw, mock):
    """The worker alone on one processor, everything else on the other."""
    if len(CPUS) < 2:
        return False
    for p in wait("admin", lambda: status(gw))["processes"]:
        os.sched_setaffinity(p["pid"], {CPUS[0] if p["role"] == "worker"
                                        else CPUS[1]})
    os.sched_setaffinity(mock.p.pid, {CPUS[1]})
    os.sched_setaffinity(0, {CPUS[1]})      # the clients inherit it
    return True


def processor(gw):
    """Seconds so far that the worker ran, and that it could have run and others
    ran."""
    pid = [p["pid"] for p in status(gw)["processes"] if p["role"] == "worker"]
    with open("/proc/%d/schedstat" % pid[0]) as f:
        return [int(ns) / 1e9 for ns in f.read().split()[:2]]


def run(gw, kind, *args, seconds=SECONDS):
    ran = processor(gw)[0]
    load = Load(gw, "m1", "--stream", "--quick", "--timeout", "60s", "--mock",
                kind.words, *args, seconds=seconds)
    load.p.wait(seconds + 90)
    load = load.end()
    load["worker"] = (processor(gw)[0] - ran) / load["ok"]
    return load


def ms(hist, q):
    return "%.1f" % (hist[q] / 1000)


def conf(mock, lag):
    return 'client = { max_lag = "%s"; };\nproviders = ( %s );\n%s' % (
        lag, provider(mock).replace('"openai"', '"anthropic"'), file_key())


def ratio(rounds, get):
    """The middle one of what an overload had, in what the capacity around it
    had."""
    return sorted(2 * get(over) / (get(before) + get(after))
                  for before, over, after, _ in rounds)[len(rounds) // 2]


def promises(rounds):
    """A refusal costs as much as some 30 tokens: the shorter the streams, the
    more of the worker the refusals take."""
    assert ratio(rounds, lambda r: r["steady_per_second"]) >= 0.9
    assert ratio(rounds, lambda r: r["first_us"]["p99"]) <= 2
    assert ratio(rounds, lambda r: r["latency_us"]["p99"]) <= 2
    assert sorted(over["refused_us"]["p99"] for _, over, _, _ in rounds)[
        len(rounds) // 2] <= 50000


def both(load):
    return ms(load, "p50") + ", " + ms(load, "p99")


def report(kind, before, over, after, worker):
    capacity = (before["steady_per_second"] + after["steady_per_second"]) / 2
    result("overload, streams of %s" % kind.words, [
        ("capacity before and behind, streams per second", "%.1f, %.1f" % (
            before["steady_per_second"], after["steady_per_second"])),
        ("  latency, ms: p50, p99", both(before["latency_us"]) + "; " +
         both(after["latency_us"])),
        ("  first byte, ms: p50, p99", both(before["first_us"]) + "; " +
         both(after["first_us"])),
        ("  of the worker's processor, ms per stream", "%.2f, %.2f" % (
            1000 * before["worker"], 1000 * after["worker"])),
        ("asked for, per second", "%.1f" % (over["started"] /
                                            over["seconds"])),
        ("served, per second", "%.1f, %.0f %% of the capacity" % (
            over["steady_per_second"], 100 * over["steady_per_second"] / capacity)),
        ("  latency, ms: p50, p99", both(over["latency_us"])),
        ("  first byte, ms: p50, p99", both(over["first_us"])),
        ("  latency in the first two seconds",
         both(over["first"]["latency_us"])),
        ("  of the worker's processor, ms per stream, refusals and all",
         "%.2f" % (1000 * over["worker"])),
        ("refused", over["http_5xx"]),
        ("  after, ms: p50, p99, p99.9, max", ", ".join(
            ms(over["refused_us"], q) for q in ("p50", "p99", "p999", "max"))),
        ("streams at once", over["max_busy"]),
        ("longest turn of the worker, ms (processor time)", "%.1f (%.1f)" % (
            worker["longest_turn_us"] / 1000,
            worker["longest_turn_cpu_us"] / 1000)),
        ("turns above 20 ms (of processor time)", "%d (%d)" % (
            worker["long_turns"], worker["long_turns_cpu"]))])


def restart(gw, mock, lag):
    gw.stop()
    gw.write(conf(mock, lag))
    gw.start()
    assert bind(gw, mock)


def served(gw):
    return (ledger(gw).get("m1", {"requests": 0})["requests"],
            status(gw)["bounds"]["overload_refused"])


def overload(gw, kind, capacity):
    """At three times the capacity, after two seconds that stand for
    themselves: each request is served or refused, and counted as that."""
    args = ["--connections", str(kind.connections), "--rate",
            "%.0f" % (3 * capacity)]
    calls, refused = served(gw)
    first = run(gw, kind, *args, seconds=2 if LONG else 1)
    warm = kind.warm + (2 if LONG else 0)
    over = run(gw, kind, "--warm", "%ds" % warm, *args,
               seconds=warm + SECONDS)
    for load in first, over:
        assert load["ok"] + load["http_5xx"] == load["ended"], load
    assert served(gw) == (calls + first["ok"] + over["ok"],
                          refused + first["http_5xx"] + over["http_5xx"])
    over["first"] = first
    return over


def capacity(gw, kind):
    load = run(gw, kind, "--connections", str(kind.slots),
               "--warm", "%ds" % kind.warm, seconds=kind.warm + kind.seconds)
    assert load["http_5xx"] == 0, load
    return load


def one_round(gw, mock, kind, before):
    """Behind it the capacity again, which is that before the next one."""
    restart(gw, mock, LAG)
    over = overload(gw, kind, before["steady_per_second"])
    worker = [p for p in status(gw)["processes"] if p["role"] == "worker"][0]
    if not LONG:
        return before, over, before, worker
    restart(gw, mock, "0s")
    return before, over, capacity(gw, kind), worker


def three_times(kind):
    mock = Mock("--models", "m1", "--no-digest")
    gw = Quiet(conf(mock, "0s"))
    if not bind(gw, mock):
        return "one processor"
    rounds = [one_round(gw, mock, kind, capacity(gw, kind))]
    while len(rounds) < ROUNDS:
        rounds.append(one_round(gw, mock, kind, rounds[-1][2]))
    for line in gw.log().split("\n"):
        if "a turn of the event loop" in line:
            print("# " + line)
    gw.stop()
    mock.stop()
    rounds.sort(key=lambda r: ratio([r], lambda x: x["steady_per_second"]))
    report(kind, *rounds[len(rounds) // 2])
    if LONG:
        result("of each round", [
            ("served, % of the capacity; latency p99 in that at the capacity; "
             "refused after, ms: p99, max",
             "; ".join("%.0f, %.2f, %s, %s" % (
                 100 * ratio([r], lambda x: x["steady_per_second"]),
                 ratio([r], lambda x: x["latency_us"]["p99"]),
                 ms(r[1]["refused_us"], "p99"), ms(r[1]["refused_us"], "max"))
                 for r in rounds))])
        promises(rounds)
    return None


@test
def three_times_the_capacity():
    return three_times(AT_ONCE)


@test
def of_streams_that_take_long():
    return three_times(PACED) if LONG else "long form"


@test
def large_bodies_are_no_overload():
    """With client.max_lag as it is unless told otherwise. Where others want
    the worker's processor, refusals are right: all wait then."""
    mock = Mock("--models", "m1", "--no-digest")
    gw = Quiet("# max_lag\nproviders = ( %s );\n%s" % (provider(mock),
                                                       file_key()))
    bind(gw, mock)
    before = wait("admin", lambda: status(gw)) and processor(gw)[1]
    body = os.path.join(tmpdir(), "body")
    with open(body, "w") as f:
        json.dump({"model": "m1", "messages": [
            {"role": "user", "content": "x" * 1000000}]}, f)
    args = [] if LONG else ["--requests", "128"]
    load = Load(gw, "m1", "--connections", "64", "--timeout", "60s", "--body",
                body, *args, seconds=2 * SECONDS)
    load.p.wait(2 * SECONDS + 90)
    load = load.end()
    assert load["ok"] + load["http_5xx"] == load["ended"], load
    assert served(gw) == (load["ok"], load["http_5xx"])
    lost = (processor(gw)[1] - before) / load["seconds"]
    gw.stop()
    mock.stop()
    result("64 clients that send 1 MB each", [
        ("served, per second", "%d, %.1f" % (load["ok"],
                                             load["per_second"])),
        ("  latency, ms: p50, p99", both(load["latency_us"])),
        ("refused", load["http_5xx"]),
        ("the worker waited for the processor, %", "%.1f" % (100 * lost))])
    assert not LONG or lost > 0.02 or load["http_5xx"] == 0, load


main()
