"""faults.py - a gateway with fault points (src/lib/base/faultpoint.h), and the
file through which they are watched and armed."""
import mmap
import os
import struct
import subprocess

import lib
from lib import Gateway, tmpdir

NOTHING, KILL, STOP, SPIN, EXIT, ABORT = range(6)
ROLES = {"m": "master", "p": "prepare", "w": "worker", "c": "checker",
         "r": "recorder", "a": "admin"}
BINARY = "tests/e2e/aigwd_faults"
HEAD = 32
ROW = struct.Struct("=IiIIIIII")    # act after ms always hits fired pid pad


def listed():
    """Names of the points in their order, and who passes each."""
    out = subprocess.run([os.path.join(lib.BUILD, BINARY), "--fault-points"],
                         capture_output=True, text=True, check=True).stdout
    return [tuple(x.split()) for x in out.splitlines()]


class Points:
    """The file. A place is (name of a point, letter of a role)."""

    def __init__(self):
        self.list = listed()
        self.index = {name: i for i, (name, _) in enumerate(self.list)}
        self.path = os.path.join(tmpdir(), "points")
        size = HEAD + len(self.list) * len(ROLES) * ROW.size
        with open(self.path, "wb") as f:
            f.write(bytes(size))
        os.chmod(self.path, 0o666)
        with open(self.path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), size)
        self.letters = list(ROLES)

    def places(self, rare=False):
        """Those that every gateway passes; rare: those beside them, which
        only some events lead to."""
        return [(n, r.lower()) for n, roles in self.list for r in roles
                if r.isupper() == rare]

    def at(self, place):
        return HEAD + ROW.size * (self.index[place[0]] * len(ROLES) +
                                  self.letters.index(place[1]))

    def row(self, place):
        return ROW.unpack_from(self.map, self.at(place))

    def arm(self, place, act=KILL, after=1, ms=0, always=0):
        # the act last: it is what the others look at
        at = self.at(place)
        struct.pack_into("=iII", self.map, at + 4, after, ms, always)
        struct.pack_into("=I", self.map, at, act)

    def disarm(self, place):
        struct.pack_into("=I", self.map, self.at(place), NOTHING)

    def hits(self, place):
        return self.row(place)[4]

    def fired(self, place):
        return self.row(place)[5]

    def pid(self, place):
        return self.row(place)[6]


class Faulty(Gateway):
    """A gateway that passes points."""

    def __init__(self, conf, **kw):
        self.points = Points()
        self.exe = os.path.join(lib.BUILD, BINARY)
        super().__init__(conf, env=dict(os.environ,
                                        AIGW_FAULTS=self.points.path), **kw)
