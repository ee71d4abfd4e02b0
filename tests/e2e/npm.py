"""npm.py - the packages of sdk/package.json in the build folder."""
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys

from lib import BUILD

here = os.path.dirname(os.path.abspath(__file__))


def skip(what):
    """True when there is no npm; then it has been said."""
    if shutil.which("npm") is None:
        print("1..1\nok 1 - %s # SKIP npm is not installed" % what)
        return True
    return False


def install(folder="sdk", into="e2e-node"):
    """The packages of a folder beside this one: where they are."""
    d = os.path.join(BUILD, into)
    os.makedirs(d, exist_ok=True)
    with open(os.path.join(d, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)    # scripts run side by side
        return fill(os.path.join(here, folder), d)


def npm(d, *args):
    return subprocess.run(["npm", "install", "--no-package-lock",
                           "--no-audit", "--no-fund", "--loglevel",
                           "error"] +
                          list(args), cwd=d, capture_output=True, text=True,
                          timeout=300)


def fill(folder, d):
    want = open(os.path.join(folder, "package.json")).read()
    mark = os.path.join(d, "installed")
    if not os.path.exists(mark) or open(mark).read() != want:
        with open(os.path.join(d, "package.json"), "w") as f:
            f.write(want)
        r = npm(d)
        if r.returncode != 0 and not some_are_lacking(d, want, r.stderr):
            print("# npm install failed: " + (r.stdout + r.stderr)[-2000:]
                  .replace("\n", "\n# "))
            print("1..1\nnot ok 1 - npm install")
            sys.exit(1)
        with open(mark, "w") as f:
            f.write(want)
    for f in os.listdir(folder):
        if f.endswith(".mjs"):
            shutil.copy(os.path.join(folder, f), d)
    return d


def some_are_lacking(d, want, said):
    """The registry may lack packages of a list that allows it: install the
    others one by one, and say which. False: it is something else."""
    if not json.loads(want).get("aigw-may-lack") or not re.search(
            "E404|ETARGET", said):
        return False
    have = dict(json.loads(want), dependencies={})
    with open(os.path.join(d, "package.json"), "w") as f:
        json.dump(have, f)
    for name, version in json.loads(want)["dependencies"].items():
        if npm(d, "%s@%s" % (name, version)).returncode != 0:
            print("# %s@%s cannot be installed" % (name, version))
    return True


def has(d, name):
    return os.path.exists(os.path.join(d, "node_modules", name,
                                       "package.json"))


def version(d, name):
    with open(os.path.join(d, "node_modules", name, "package.json")) as f:
        return json.load(f)["version"]


def run(d, script, env):
    """The script's TAP goes to our output; its exit code."""
    node = os.path.join(d, "node_modules", ".bin", "node")
    return subprocess.run([node, os.path.join(d, script)], env=env, cwd=d,
                          timeout=300).returncode
