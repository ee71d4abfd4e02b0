#!/usr/bin/env python3
"""ledger_e2e.py - backup, restore and check of the ledger; what a start does
after the machine stopped; a damaged ledger.
"""
import json
import os
import shutil
import signal
import subprocess
import threading

import lib
from lib import Gateway, Mock, file_key, main, provider, test, wait

mock = Mock()
CONF = "providers = ( %s );\n%s" % (provider(mock), file_key())
gw = Gateway(CONF)
back = lib.tmpdir()


def ctl(*args):
    """aigwctl by the configuration: it must find all by itself."""
    return subprocess.run(
        [os.path.join(lib.BUILD, "aigwctl"), "-c", gw.conf_path] + list(args),
        capture_output=True, text=True, timeout=60)


def check(*args):
    r = ctl("check-ledger", "--json", *args)
    o = json.loads(r.stdout)
    assert o["ok"] == (r.returncode == 0), r
    return o


def in_ledger():
    return json.loads(gw.ctl("usage", "--json").stdout)["total"]["requests"]


def drained():
    return gw.status()["store"]["spool_records"] == 0


def data():
    return os.path.join(gw.dir, "state", "ledger", "data.mdb")


def new_boot():
    """As if the machine had stopped: the hot store is of another boot."""
    with open(os.path.join(gw.dir, "run", "boot_id"), "w") as f:
        f.write("another")


def kill_all():
    """The machine stops: all processes are gone at once. The master is the
    last: its death makes who is stopped go on, and leave in order."""
    pids = sorted(gw.pids(), key=lambda p: p == gw.p.pid)
    for pid in pids:
        lib.stop_now(pid)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    gw.p.wait(60)
    wait("all to be gone", lambda: not any(lib.alive(p) for p in pids))


def whole():
    """All processes are ready."""
    r = gw.ctl("status", "--json", check=False)
    return r.returncode == 0 and sorted(
        p["role"] for p in json.loads(r.stdout)["processes"]
        if p["state"] == "ready") == ["admin", "checker", "master",
                                      "recorder", "worker", "worker"]


def start():
    """Start, until every process is ready: what it said."""
    before = len(gw.log())
    gw.start()
    wait("all processes", whole, 30)
    return gw.log()[before:]


def fails_to_start():
    """Start, and see it refuse; what it said."""
    before = len(gw.log())
    gw.start(ready=False)
    assert gw.p.wait(60) == 1
    return gw.log()[before:]


class Load:
    """Requests one after the other in threads; each answer is counted."""

    def __init__(self, n=3):
        self.answered = 0
        self.end = False
        self.lock = threading.Lock()
        self.bad = []
        self.t = [threading.Thread(target=self.run) for _ in range(n)]
        for t in self.t:
            t.start()

    def run(self):
        while not self.end:
            a = gw.chat()
            with self.lock:
                if a.status == 200:
                    self.answered += 1
                else:
                    self.bad.append(a.status)

    def stop(self):
        self.end = True
        for t in self.t:
            t.join()
        assert not self.bad, self.bad[:5]
        return self.answered


@test
def backup_while_running():
    wait("all processes", whole, 30)
    for i in range(20):
        gw.ctl("key", "create", "k%d" % i)
    load = Load()
    last = 0
    for i in range(5):
        path = os.path.join(back, "b%d" % i)
        wait("progress", lambda: load.answered > 20 * (i + 1))
        r = ctl("backup", path)
        assert r.returncode == 0, r
        assert "saved and sound" in r.stdout, r
        assert os.stat(path).st_mode & 0o777 == 0o600
        o = check(path)
        assert o["keys"] == 20, o
        assert last <= o["requests"] <= load.answered + len(load.t), o
        last = o["requests"]
    n = load.stop()
    wait("an empty spool", drained)
    # By the socket it asks the gateway where the ledger is.
    r = gw.ctl("backup", os.path.join(back, "full"))
    assert r.returncode == 0, r
    o = check(os.path.join(back, "full"))
    assert o["requests"] == n == in_ledger(), (o, n)
    assert o["checksum"] == check()["checksum"]
    assert sorted(os.listdir(back)) == sorted(
        ["b%d" % i for i in range(5)] + ["full"])


@test
def backup_refuses():
    full = os.path.join(back, "full")
    with open(full, "rb") as f:
        was = f.read()
    r = ctl("backup", full)
    assert r.returncode == 1 and "is there already" in r.stderr, r
    with open(full, "rb") as f:
        assert f.read() == was
    assert ctl("backup", "/nonexistent/x").returncode == 1
    assert ctl("backup").returncode == 2
    assert ctl("backup", "--timeout", "0", "x").returncode == 2
    assert ctl("restore").returncode == 2
    r = ctl("restore", full)
    assert r.returncode == 1 and "stop it first" in r.stderr, r
    r = ctl("check-ledger", back)
    assert r.returncode == 1 and "no ledger is there" in r.stderr, r


@test
def check_finds_it_everywhere():
    sums = set()
    state = os.path.join(gw.dir, "state")
    for arg in ((), (state,), (state + "/ledger",), (data(),)):
        o = check(*arg)
        sums.add(o["checksum"])
        assert o["path"].endswith("/ledger"), o
    assert len(sums) == 1, sums
    text = ctl("check-ledger").stdout
    assert "sound" in text and "20 keys" in text, text


@test
def check_by_root_leaves_no_lock_of_roots():
    if os.geteuid() != 0:
        return "only root makes files for others"
    at = os.path.join(lib.tmpdir(), "ledger")
    os.mkdir(at)
    shutil.copy(os.path.join(back, "full"), os.path.join(at, "data.mdb"))
    os.chown(os.path.join(at, "data.mdb"), 4242, 4343)
    check(at)
    lock = os.stat(os.path.join(at, "lock.mdb"))
    assert (lock.st_uid, lock.st_gid) == (4242, 4343), lock


@test
def restore_the_older_one():
    older = check(os.path.join(back, "b0"))
    gw.stop(signal.SIGQUIT)
    was = check()
    o = check(data())
    assert o["checksum"] == was["checksum"]
    r = ctl("restore", os.path.join(back, "b0"))
    assert r.returncode == 0 and "restored" in r.stdout, r
    kept = [x for x in os.listdir(os.path.dirname(data()))
            if x.startswith("data.mdb.before-")]
    assert len(kept) == 1 and kept[0] in r.stdout, (kept, r.stdout)
    assert check(os.path.join(os.path.dirname(data()), kept[0]))[
        "checksum"] == was["checksum"]
    st = os.stat(data())
    assert st.st_mode & 0o777 == 0o600
    assert st.st_uid == os.stat(os.path.dirname(data())).st_uid
    start()
    assert in_ledger() == older["requests"]
    # Numbers of keys that were made after the backup are not used again.
    gw.ctl("key", "create", "later")
    k = json.loads(gw.ctl("key", "show", "later", "--json").stdout)
    assert k["id"] > 1000000, k
    a = gw.chat()
    assert a.status == 200, a.body
    wait("it to be counted",
         lambda: in_ledger() == older["requests"] + 1)


@test
def restore_the_last_one():
    full = check(os.path.join(back, "full"))
    gw.stop(signal.SIGQUIT)
    r = ctl("--json", "restore", os.path.join(back, "full"))
    assert r.returncode == 0 and json.loads(r.stdout)["ok"], r
    start()
    assert in_ledger() == full["requests"]
    assert check()["keys"] == 20


@test
def kill_needs_no_verification():
    for _ in range(5):
        assert gw.chat().status == 200
    kill_all()
    assert "was verified" not in start()
    wait("an empty spool", drained)


@test
def unclean_stop_is_verified():
    assert gw.chat().status == 200
    wait("an empty spool", drained)
    kill_all()
    new_boot()
    text = start()
    assert "the ledger was verified" in text and "all sound" in text, text
    # It is known to be sound then, until it is changed.
    kill_all()
    new_boot()
    assert "was verified" not in start()


@test
def clean_stop_is_not_verified():
    gw.stop(signal.SIGQUIT)
    new_boot()
    assert "was verified" not in start()
    # A reload hands the ledger over; then the machine stops.
    gw.ctl("reload")
    gw.ctl("key", "create", "after-reload")
    kill_all()
    new_boot()
    assert "the ledger was verified" in start()


def damaged(change, *words):
    """Change the stopped ledger; it must be refused, and stay as it is."""
    assert gw.chat().status == 200      # changed since it was verified
    wait("an empty spool", drained)
    kill_all()
    shutil.copyfile(data(), os.path.join(back, "good"))
    new_boot()
    with open(data(), "r+b") as f:
        change(f)
    with open(data(), "rb") as f:
        was = f.read()
    text = fails_to_start()
    for w in words + (data(), "aigwctl restore FILE"):
        assert w in text, (w, text)
    with open(data(), "rb") as f:
        assert f.read() == was
    r = ctl("check-ledger")
    assert r.returncode == 1 and r.stderr.startswith("aigwctl: "), r
    r = ctl("restore", data())
    assert r.returncode == 1, r
    r = ctl("restore", os.path.join(back, "good"))
    assert r.returncode == 0, r
    start()


@test
def flipped_record():
    def flip(f):
        b = f.read()
        at = b.rindex(b"after-reload")
        while at >= 0:      # in every copy of it
            f.seek(at)
            f.write(b"X")
            at = b.rfind(b"after-reload", 0, at)
    damaged(flip, "is damaged")


@test
def cut_off():
    def cut(f):
        f.seek(0, 2)
        f.truncate(f.tell() - 8192)
    damaged(cut, "is damaged", "cut off")


@test
def wild_numbers():
    def wild(f):
        f.seek(0, 2)
        for page in range(2, f.tell() // 4096):
            f.seek(page * 4096 + 16)
            f.write(b"\xff\x7f" * 40)
    damaged(wild, "is damaged")


@test
def no_ledger_at_all():
    def zero(f):
        f.write(b"\0" * 8192)
    damaged(zero)


if __name__ == "__main__":
    main()
