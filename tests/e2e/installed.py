"""installed.py - a gateway whose binary can be replaced under it."""
import os
import shutil
import signal

import lib
from lib import Gateway, alive, tmpdir, wait


class Installed(Gateway):
    """A gateway from a folder where another binary can be put."""

    def __init__(self, conf):
        self.bin = tmpdir()
        self.old = 0
        self.exe = os.path.join(self.bin, "aigwd")
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
