"""npm.py - the packages of sdk/package.json in the build folder."""
import fcntl
import os
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


def install():
    d = os.path.join(BUILD, "e2e-node")
    os.makedirs(d, exist_ok=True)
    with open(os.path.join(d, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)    # scripts run side by side
        return fill(d)


def fill(d):
    want = open(os.path.join(here, "sdk", "package.json")).read()
    mark = os.path.join(d, "installed")
    if not os.path.exists(mark) or open(mark).read() != want:
        with open(os.path.join(d, "package.json"), "w") as f:
            f.write(want)
        r = subprocess.run(["npm", "install", "--no-package-lock",
                            "--no-audit", "--no-fund", "--silent"], cwd=d,
                           capture_output=True, text=True, timeout=300)
        if r.returncode != 0:
            print("# npm install failed: " + (r.stdout + r.stderr)[-2000:]
                  .replace("\n", "\n# "))
            print("1..1\nnot ok 1 - npm install")
            sys.exit(1)
        with open(mark, "w") as f:
            f.write(want)
    for f in os.listdir(os.path.join(here, "sdk")):
        if f.endswith(".mjs"):
            shutil.copy(os.path.join(here, "sdk", f), d)
    return d


def run(d, script, env):
    """The script's TAP goes to our output; its exit code."""
    node = os.path.join(d, "node_modules", ".bin", "node")
    return subprocess.run([node, os.path.join(d, script)], env=env, cwd=d,
                          timeout=300).returncode
