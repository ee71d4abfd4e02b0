"""installed.py - a gateway whose binary can be replaced under it, and the
strict client in the background."""
import json
import os
import shutil
import signal
import subprocess

import lib
from lib import Gateway, tmpdir, wait


class Installed(Gateway):
    """A gateway from a folder where another binary can be put."""

    def __init__(self, conf):
        self.bin = tmpdir()
        self.old = 0
        self.install()
        super().__init__(conf)

    def install(self, text=None):
        new = os.path.join(self.bin, "new")
        if text is None:
            shutil.copy(os.path.join(lib.BUILD, "aigwd"), new)
        else:
            with open(new, "w") as f:
                f.write(text)
        os.chmod(new, 0o755)
        os.rename(new, os.path.join(self.bin, "aigwd"))

    def start(self, ready=True):
        build, lib.BUILD = lib.BUILD, self.bin
        try:
            super().start(ready)
        finally:
            lib.BUILD = build

    def master(self, name="aigwd.pid"):
        try:
            with open(os.path.join(self.dir, "run", name)) as f:
                return int(f.read())
        except (OSError, ValueError):
            return 0

    def old_master(self):
        """The master before the last upgrade; 0: none, or long gone."""
        return self.old

    def tell(self, sig, pid=None):
        os.kill(pid or self.master(), sig)

    def cleanup(self):
        """The master may be another process than the one we started."""
        pid = self.master()
        if pid and pid != self.p.pid:
            self.tell(signal.SIGTERM)
            wait("master gone", lambda: not alive(pid), 20)
        super().cleanup()


class Load:
    """The strict client in the background."""

    def __init__(self, gw, *args):
        self.stop_file = os.path.join(tmpdir(), "stop")
        self.p = subprocess.Popen(
            [os.path.join(lib.BUILD, "tests/e2e/strict"), "--key", gw.KEY,
             "--model", "m1", "--time", "120s", "--until", self.stop_file]
            + list(args) +
            ["http://127.0.0.1:%d/v1/chat/completions" % gw.port],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lib._cleanup.append(self.kill)

    def kill(self):
        if self.p.poll() is None:
            self.p.kill()
            self.p.wait()

    def end(self):
        with open(self.stop_file, "w"):
            pass
        out, _ = self.p.communicate(timeout=60)
        return json.loads(out.strip().split("\n")[-1])


def alive(pid):
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False
