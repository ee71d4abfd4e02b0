"""streams_e2e.py [--long] - many streams at once: none is lost, cut or
reordered, all are in the ledger, and each costs little memory.

The long form has 10,000 streams of a minute. Memory is the difference of the
proportional set size of all processes of the gateway, with all streams under
way and before them, divided by their number.
"""
import os
import resource
import shutil
import subprocess
import sys
import time

LONG = "--long" in sys.argv
if LONG:
    sys.argv.remove("--long")

from lib import (Gateway, Mock, file_key, main, provider, test, tmpdir,
                 wait)
from load import Load, ledger, result, status

STREAMS = int(os.environ.get("AIGW_STREAMS", 10000 if LONG else 500))
SECONDS = 60 if LONG else 5
RATE = 5                        # events per second
NEW = 400                       # new streams per second
MOST = 40 * 1024                # bytes for a stream


def raise_limit():
    """Descriptors of one process: the client and the mock have one for each
    stream, a worker two for each of its half or a little more."""
    want = STREAMS * 9 // 8 + 1000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < want:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (want, want))
        except (ValueError, OSError):
            return "RLIMIT_NOFILE cannot be raised to %d" % want
    elif soft != resource.RLIM_INFINITY and soft < want:
        resource.setrlimit(resource.RLIMIT_NOFILE, (want, hard))
    return None


def pss(gw):
    """Bytes of each process of the gateway; None: not allowed to look."""
    out = {}
    try:
        for p in status(gw)["processes"]:
            with open("/proc/%d/smaps_rollup" % p["pid"]) as f:
                for line in f:
                    if line.startswith("Pss:"):
                        out[p["pid"]] = (p["role"],
                                         int(line.split()[1]) * 1024)
    except PermissionError:
        return None
    return out


def total(sizes):
    return sum(n for _, n in sizes.values())


def run(gw, title):
    ramp = STREAMS / NEW
    # The first must still be there when the last has come, also where
    # connecting takes longer than asked for.
    tokens = int(RATE * (SECONDS + 1.5 * ramp))
    # Every process has done some work before the first look.
    for _ in range(20):
        assert gw.chat().status == 200
    calls = ledger(gw)["m1"]["requests"]
    before = pss(gw)
    load = Load(gw, "m1", "--connections", str(STREAMS), "--requests",
                str(STREAMS), "--connect-rate", str(NEW), "--timeout", "120s",
                "--stream", "--mock", "rate=%d,tokens=%d" % (RATE, tokens))

    def all_there():
        assert load.p.poll() is None, load.end()
        return STREAMS == sum(p["active"] for p in
                              status(gw)["processes"])

    wait("all streams", all_there, SECONDS + 3 * ramp)
    most = None
    begin = time.monotonic()
    while True:
        now = before and pss(gw)
        if now and (most is None or total(now) > total(most)):
            most = now
        try:
            load.p.wait(5)
            break
        except subprocess.TimeoutExpired:
            assert time.monotonic() - begin < 4 * (SECONDS + ramp) + 60
    r = load.end()
    assert r["ok"] == STREAMS, (r, gw.log()[-2000:])
    assert r["lost"] == r["reordered"] == r["cut"] == 0, r
    assert r["max_busy"] == STREAMS, r
    # The mark, the numbers, and what begins and ends a stream.
    assert r["events"] >= STREAMS * tokens and r["output"] == (
        STREAMS * tokens), r
    row = ledger(gw)["m1"]
    assert row["requests"] == calls + STREAMS, row
    rows = [("streams at once", STREAMS),
            ("events per second and stream", RATE),
            ("seconds", "%.0f" % r["seconds"]),
            ("tokens received", r["output"]),
            ("lost, reordered, cut", "0, 0, 0"),
            ("first byte, ms: p50, p99", "%.1f, %.0f" % (
                r["first_us"]["p50"] / 1000, r["first_us"]["p99"] / 1000)),
            ("longest silence in a stream, ms",
             "%.0f" % (r["silence_us"] / 1000))]
    each = None
    if before and most:
        each = (total(most) - total(before)) / STREAMS
        rows.append(("memory of a stream, KiB", "%.1f" % (each / 1024)))
        for pid, (role, n) in sorted(most.items()):
            rows.append(("  %s: before, with streams, KiB" % role,
                         "%d, %d" % (before.get(pid, ("", 0))[1] / 1024,
                                     n / 1024)))
    result(title, rows)
    return each


class Quiet(Gateway):
    def head(self):
        return super().head().replace('"debug"', '"info"')


def gateway(mock, extra=""):
    # Time-outs are another test's business: here all is about to be slow.
    extra += ' connect_timeout = "5m"; first_token_timeout = "5m";'
    return Quiet("providers = ( %s );\n%s" % (provider(mock, extra=extra),
                                             file_key()))


@test
def plain_upstream():
    why = raise_limit()
    if why:
        return why
    mock = Mock("--models", "m1", "--no-digest")
    gw = gateway(mock)
    each = run(gw, "streams, plain upstream")
    gw.stop()
    mock.stop()
    if each is None:
        return "memory of others cannot be read"
    assert not LONG or each <= MOST, each


def certificate():
    d = tmpdir()
    cert, key = os.path.join(d, "cert.pem"), os.path.join(d, "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


@test
def tls_upstream():
    why = raise_limit()
    if why:
        return why
    if shutil.which("openssl") is None:
        return "no openssl to make a certificate"
    cert, key = certificate()
    mock = Mock("--models", "m1", "--no-digest", "--tls", cert, key)
    mock.url = "https://127.0.0.1:%d" % mock.port
    gw = gateway(mock, 'tls = { ca_file = "%s"; };' % cert)
    run(gw, "streams, TLS upstream")
    gw.stop()
    mock.stop()


main()
