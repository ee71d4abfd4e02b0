#!/usr/bin/env python3
"""power_test.py - what a power cut leaves of the ledger, in short: its writes
are noted, and replayed to 500 images of the disk (replay.c). power_e2e.py does
it with the whole gateway.
"""
import os
import random
import re
import subprocess
import sys
import tempfile

build = os.getcwd()
tools = os.path.join(build, "tests", "disk")
seed = int(os.environ.get("AIGW_SEED", random.getrandbits(30)))
print("1..3\n# AIGW_SEED=%d" % seed, flush=True)
bad = 0


def point(n, name, r, ok):
    global bad
    for line in (r.stdout + r.stderr).strip().split("\n"):
        print("# " + line)
    print("%sok %d - %s" % ("" if ok else "not ", n, name), flush=True)
    bad |= not ok


def run(*args):
    return subprocess.run(args, capture_output=True, text=True, timeout=300)


with tempfile.TemporaryDirectory(prefix="aigw-power-") as d:
    log, acks = d + "/log", d + "/acks"
    open(log, "w").close()
    r = run(tools + "/writer", d + "/s", log, acks, "60")
    point(1, "writes are noted", r, r.returncode == 0 and
          os.path.getsize(log) > 100000)
    r = run(tools + "/replay", "-n", "500", "-s", str(seed), "-a", acks,
            "-l", "0", log)
    point(2, "no image is damaged, nothing promised is lost", r,
          r.returncode == 0)
    # The same when syncs are lies: such images must be told apart.
    r = run(tools + "/replay", "-x", "-n", "40", "-s", str(seed), log)
    m = re.search(r" (\d+) images: (\d+) corrupt", r.stdout)
    point(3, "damaged images are found", r, r.returncode == 0 and
          m is not None and int(m.group(2)) > 5)
sys.exit(bad)
