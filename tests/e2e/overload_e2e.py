"""overload_e2e.py [--long] - three times as many streams as a worker can carry.

One worker is bound to a processor of its own; clients and provider have the
other one. First as many streams as fit are run one behind the other: that is
the capacity. Then new ones start at three times that rate, whatever becomes of
those before (open loop): the worker must go on to serve as many, refuse the
others at once, and keep the latency of those it has taken.

The short form is a look at whether it works at all: how fast this machine is
at the moment decides no test. The figures are for the long form.
"""
import os
import sys

LONG = "--long" in sys.argv
if LONG:
    sys.argv.remove("--long")

from lib import Gateway, Mock, file_key, main, provider, test, wait
from load import Load, ledger, result, status

SECONDS = 20 if LONG else 3
TOKENS = int(os.environ.get("AIGW_TOKENS", 300))
SLOTS = 64                      # streams at once for the capacity
LAG = os.environ.get("AIGW_MAX_LAG", "30ms")
WORDS = os.environ.get("AIGW_MOCK", "tokens=%d" % TOKENS)


class Quiet(Gateway):
    def head(self):
        return super().head().replace('"debug"', '"info"').replace(
            "workers = 2", "workers = 1")


def bind(gw, mock):
    """The worker alone on one processor, everything else on the other."""
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        return False
    for p in wait("admin", lambda: status(gw))["processes"]:
        os.sched_setaffinity(p["pid"], {cpus[0] if p["role"] == "worker"
                                        else cpus[1]})
    os.sched_setaffinity(mock.p.pid, {cpus[1]})
    os.sched_setaffinity(0, {cpus[1]})      # the clients inherit it
    return True


def run(gw, *args, seconds=SECONDS):
    load = Load(gw, "m1", "--stream", "--timeout", "60s", "--mock", WORDS,
                *args, seconds=seconds)
    load.p.wait(seconds + 90)
    return load.end()


def ms(hist, q):
    return "%.1f" % (hist[q] / 1000)


def conf(mock, lag):
    return 'client = { max_lag = "%s"; };\nproviders = ( %s );\n%s' % (
        lag, provider(mock), file_key())


@test
def three_times_the_capacity():
    mock = Mock("--models", "m1", "--no-digest")
    gw = Quiet(conf(mock, "0s"))
    if not bind(gw, mock):
        return "one processor"
    before = run(gw, "--connections", str(SLOTS))
    capacity = before["per_second"]
    calls = ledger(gw)["m1"]["requests"]
    gw.stop()
    gw.write(conf(mock, LAG))
    gw.start()
    bind(gw, mock)
    over = run(gw, "--connections", "2000", "--rate",
               "%.0f" % (3 * capacity))
    refused = over["http_5xx"] + over["http_4xx"]
    assert over["ok"] + refused == over["ended"], over
    assert before["http_5xx"] == 0, before
    o = status(gw)["bounds"]
    assert o["overload_refused"] == refused, (o, over)
    assert ledger(gw)["m1"]["requests"] == calls + over["ok"]
    turns = [p for p in status(gw)["processes"] if p["role"] == "worker"]
    result("overload, streams of %s" % WORDS, [
        ("capacity, streams per second", "%.1f" % capacity),
        ("  latency, ms: p50, p99", ms(before["latency_us"], "p50") + ", " +
         ms(before["latency_us"], "p99")),
        ("  first byte, ms: p50, p99", ms(before["first_us"], "p50") + ", " +
         ms(before["first_us"], "p99")),
        ("asked for, per second", "%.1f" % (over["started"] /
                                            over["seconds"])),
        ("served, per second", "%.1f, %.0f %% of the capacity" % (
            over["per_second"], 100 * over["per_second"] / capacity)),
        ("  latency, ms: p50, p99", ms(over["latency_us"], "p50") + ", " +
         ms(over["latency_us"], "p99")),
        ("  first byte, ms: p50, p99", ms(over["first_us"], "p50") + ", " +
         ms(over["first_us"], "p99")),
        ("refused", refused),
        ("  after, ms: p50, p99, max", ", ".join(
            ms(over["refused_us"], q) for q in ("p50", "p99", "max"))),
        ("streams at once", over["max_busy"]),
        ("longest turn of the worker, ms (processor time)", "%.1f (%.1f)" % (
            turns[0]["longest_turn_us"] / 1000,
            turns[0]["longest_turn_cpu_us"] / 1000)),
        ("turns above 20 ms", turns[0]["long_turns"])])
    gw.stop()
    mock.stop()


main()
