#!/usr/bin/env python3
"""long.py [--long] [SECONDS] - fuzz what reads the formats, each for so long.

The targets are the codecs: the parsers of each dialect, and the translator of
streams and answers over all pairs. Ten minutes each without SECONDS. Exit status
1 when one has failed; the table goes to the file that AIGW_RESULTS names.
"""
import os
import re
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
words = [x for x in sys.argv[1:] if x.isdigit()]
seconds = int(words[0]) if words else 600
targets = sorted(x[:-7] for x in os.listdir(here)
                 if x.startswith("codec") and x.endswith("_fuzz.c"))
r = subprocess.run([os.path.join(here, "run"), str(seconds)] + targets,
                   stdout=subprocess.PIPE, text=True)
print(r.stdout, end="")
lines = ["fuzzing, %d s each" % seconds] + [
    "  " + x for x in r.stdout.splitlines() if re.match(r"codec\w*: ", x)]
if os.environ.get("AIGW_RESULTS"):
    with open(os.environ["AIGW_RESULTS"], "a") as f:
        f.write("\n".join(lines) + "\n\n")
sys.exit(1 if r.returncode != 0 or len(lines) != len(targets) + 1 else 0)
