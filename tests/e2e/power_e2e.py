#!/usr/bin/env python3
"""power_e2e.py [--long] - a power cut at any instant of a whole run.

All writes and syncs to the ledger are noted while the gateway serves, makes
keys, reloads and stops. tests/disk/replay then builds disk images for crash
points over the whole run, in units of 4 KiB and 512 B, and verifies each. What
a client or an administrator was told is compared too. 2,000 images; the long
form 100,000.
"""
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

LONG = "--long" in sys.argv
if LONG:
    sys.argv.remove("--long")

import lib
from lib import Gateway, Mock, file_key, main, provider, test, wait

IMAGES = 100000 if LONG else 2000
SECONDS = 20 if LONG else 4
# ledger.flush; a busy machine adds to that: a commit, a turn, a timer.
LAG_MS = 1000 if LONG else 4000
seed = int(os.environ.get("AIGW_SEED", random.getrandbits(30)))
print("# AIGW_SEED=%d" % seed, flush=True)
tools = os.path.join(lib.BUILD, "tests", "disk")
d = lib.tmpdir()
mock = Mock()


def gateway():
    shutil.copy(os.path.join(tools, "shim.so"), d)
    env = dict(os.environ, LD_PRELOAD=os.path.join(d, "shim.so"))
    env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + \
        ":verify_asan_link_order=0"
    gw = Gateway("providers = ( %s );\n%s" % (
        provider(mock, models=("m1", "m2", "m3")), file_key()), env=env,
        start=False)
    gw.write(gw.head().replace("sandbox = true", "sandbox = false") +
             "providers = ( %s );\n%s" % (
        provider(mock, models=("m1", "m2", "m3")), file_key()))
    log = os.path.join(d, "log")
    open(log, "w").close()
    os.chmod(log, 0o666)
    with open(os.path.join(d, "shim.conf"), "w") as f:
        f.write("files %s/state/ledger\nlog %s\n" % (gw.dir, log))
    os.chmod(os.path.join(d, "shim.so"), 0o755)
    gw.start()
    return gw, log


class Acks:
    """What was promised, when."""

    def __init__(self):
        self.lock = threading.Lock()
        self.lines = []
        self.n = {"keys": 0, "requests": 0}

    def add(self, what):
        with self.lock:
            self.n[what] += 1
            self.lines.append("%d %s %d" % (time.monotonic_ns(), what,
                                            self.n[what]))


def load(gw, acks, end, i):
    while not end.is_set():
        a = gw.chat(model="m%d" % (1 + i % 3))
        assert a.status == 200, a.body
        acks.add("requests")


@test
def power_cut():
    gw, log = gateway()
    wait("a control socket", lambda: gw.ctl("version", check=False
                                            ).returncode == 0, 20)
    acks, end = Acks(), threading.Event()
    t = [threading.Thread(target=load, args=(gw, acks, end, i))
         for i in range(3)]
    for x in t:
        x.start()
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        gw.ctl("key", "create", "k%d" % acks.n["keys"])
        acks.add("keys")
        if acks.n["keys"] % 20 == 7:
            gw.ctl("reload")
    end.set()
    for x in t:
        x.join()
    gw.stop(signal.SIGQUIT)
    with open(os.path.join(d, "acks"), "w") as f:
        f.write("\n".join(acks.lines) + "\n")
    assert acks.n["requests"] > 10 and acks.n["keys"] > 3, acks.n
    r = subprocess.run(
        [os.path.join(tools, "replay"), "-n", str(IMAGES), "-s", str(seed),
         "-a", os.path.join(d, "acks"), "-l", str(LAG_MS), log],
        capture_output=True, text=True, timeout=550)
    text = "%d requests, %d keys, %.1f MB of writes; %s" % (
        acks.n["requests"], acks.n["keys"], os.path.getsize(log) / 1e6,
        r.stdout.strip())
    print("# " + text.replace("\n", "\n# "))
    if "AIGW_RESULTS" in os.environ:
        with open(os.environ["AIGW_RESULTS"], "a") as f:
            f.write("power: %s\nAIGW_SEED=%d\n\n" % (text, seed))
    assert r.returncode == 0, r
    m = re.search(r"(\d+) images: (\d+) corrupt", r.stdout)
    assert m and int(m.group(1)) >= IMAGES, r.stdout


if __name__ == "__main__":
    main()
