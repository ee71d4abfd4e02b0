#!/usr/bin/env python3
"""torture_long.py - torture_test with a fault at every call up to the 200th."""
import os
import subprocess
import sys

build = os.environ.get("AIGW_BUILD", os.getcwd())
r = subprocess.run([os.path.join(build, "tests/disk/torture_test")],
                   env=dict(os.environ, TORTURE_N="200"), text=True,
                   stdout=subprocess.PIPE)
print(r.stdout, end="")
if "AIGW_RESULTS" in os.environ:
    with open(os.environ["AIGW_RESULTS"], "a") as f:
        f.write("torture: EIO, ENOSPC, EINTR, EROFS and short writes at call "
                "N = 1..200 of the stores' writers\n" + "".join(
                    "  %s\n" % line[2:] for line in r.stdout.split("\n")
                    if line.startswith("# ")) + "\n")
sys.exit(r.returncode)
