#!/usr/bin/env python3
"""The master with children that pretend (fake_aigwd): start, stop, reload,
upgrade, death of children and of the master. TAP on stdout.

usage: master_test.py [NAME...]   run the tests whose name contains NAME
"""
import glob
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

FAKE = os.path.abspath(os.environ.get("FAKE_AIGWD", "tests/e2e/fake_aigwd"))
DEADLINE = 60                   # of what hangs; it is no bound
given = set()


def until(what, fn, seconds=DEADLINE):
    """Poll fn until it is true; the value."""
    end = time.monotonic() + seconds
    while True:
        v = fn()
        if v:
            return v
        assert time.monotonic() < end, "not in time: " + what
        time.sleep(0.02)


def free_port():
    """None that was given before: it may not be listened to yet."""
    while True:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        if port not in given:
            given.add(port)
            return port


def stat_of(pid):
    """(state, ppid) or None."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            rest = f.read().rsplit(")", 1)[1].split()
        return rest[0], int(rest[1])
    except (OSError, IndexError):
        return None


def alive(pid):
    st = stat_of(pid)
    return st is not None and st[0] not in "ZX"


class Skip(Exception):
    pass


def sanitized():
    with open(FAKE, "rb") as f:
        return b"__asan_init" in f.read()


class Greeting:
    """One connection: the greeting of who answered."""

    def __init__(self, address):
        if isinstance(address, str):
            self.s = socket.socket(socket.AF_UNIX)
        else:
            self.s = socket.socket()
            address = ("127.0.0.1", address)
        self.s.settimeout(DEADLINE)
        self.s.connect(address)
        words = self.line().split()
        assert len(words) == 6, words
        self.role, self.index = words[0], int(words[1])
        self.generation, self.pid = int(words[3]), int(words[5])

    def line(self):
        b = b""
        while not b.endswith(b"\n"):
            c = self.s.recv(1)
            if c == b"":
                return b.decode()
            b += c
        return b.decode()

    def ask(self, letter):
        self.s.sendall(letter.encode())
        return self.line()

    def tell(self, letter):
        self.s.sendall(letter.encode())

    def close(self):
        self.s.close()

    def __enter__(self):
        return self

    def __exit__(self, *a):
        self.s.close()


class Daemon:
    def __init__(self, **options):
        self.dir = tempfile.mkdtemp(prefix="aigw-master-")
        os.chmod(self.dir, 0o755)
        self.port, self.admin = free_port(), free_port()
        self.binary = self.dir + "/sbin/aigwd"
        os.mkdir(self.dir + "/sbin")
        self.install()
        self.run = self.dir + "/run"
        self.conf_path = self.dir + "/aigw.conf"
        self.seen, self.proc, self.env = set(), None, {}
        self.write(**options)

    def install(self):
        """Put a fresh copy of the binary where the old one is."""
        shutil.copy(FAKE, self.binary + ".new")
        os.chmod(self.binary + ".new", 0o755)
        os.rename(self.binary + ".new", self.binary)

    def install_text(self, text):
        with open(self.binary + ".new", "w") as f:
            f.write(text)
        os.chmod(self.binary + ".new", 0o755)
        os.rename(self.binary + ".new", self.binary)

    def write(self, workers=2, listen=None, extra="", drain="30s",
              sandbox="false"):
        listen = listen or ["127.0.0.1:%d" % self.port]
        text = 'workers = %d;\nsandbox = %s;\n' % (workers, sandbox)
        if os.geteuid() == 0:
            text += 'user = "nobody";\ngroup = "nogroup";\n'
        for d in "run", "state", "log":
            text += '%s_dir = "%s/%s";\n' % (d, self.dir, d)
        text += 'drain_timeout = "%s";\nlog_level = "debug";\n' % drain
        text += "listen = (\n%s\n);\n" % ",\n".join(
            '  { address = "%s"; }' % a for a in listen)
        text += 'admin = { listen = "127.0.0.1:%d"; };\n' % self.admin
        with open(self.conf_path, "w") as f:
            f.write(text + extra)

    def fault(self, role, what):
        path = "%s/fake.%s" % (self.run, role)
        if what is None:
            os.unlink(path)
            return
        os.makedirs(self.run, exist_ok=True)
        with open(path, "w") as f:
            f.write(what)
        os.chmod(path, 0o644)

    def start(self, daemon=False, wait=True):
        env = dict(os.environ, FAKE_SECRET="1", **self.env)
        env.pop("NOTIFY_SOCKET", None)
        env.update(self.env)
        args = [self.binary, "-c", self.conf_path]
        if not daemon:
            args.insert(1, "-f")
        self.out = open(self.dir + "/out", "ab")
        self.proc = subprocess.Popen(args, env=env, stdout=self.out,
                                     stderr=self.out,
                                     stdin=subprocess.DEVNULL)
        if daemon:
            assert self.proc.wait(DEADLINE) == 0, self.text("out")
        if wait:
            until("pid file", lambda: self.pid() != 0 or
                  self.proc.poll() is not None)
            assert self.pid() != 0, "not started"
            self.look()
        return self

    def pid(self, name="aigwd.pid"):
        try:
            with open("%s/%s" % (self.run, name)) as f:
                return int(f.read())
        except (OSError, ValueError):
            return 0

    def text(self, name):
        with open("%s/%s" % (self.dir, name), errors="replace") as f:
            return f.read()

    def log(self):
        return self.text("log/error.log")

    def children(self, pid=None):
        """Living children of the master: {pid: title}."""
        found = {}
        pid = pid or self.pid()
        for d in glob.glob("/proc/[0-9]*"):
            p = int(d[6:])
            st = stat_of(p)
            if st is None or st[1] != pid:
                continue
            try:
                with open(d + "/cmdline") as f:
                    title = f.read().replace("\0", " ").strip()
            except OSError:
                continue
            found[p] = title if st[0] != "Z" else "zombie"
        return found

    def look(self):
        self.seen.add(self.pid())
        self.seen.update(self.children())

    def of(self, role, pid=None):
        return [p for p, t in self.children(pid).items()
                if t.startswith("aigwd: " + role)]

    def send(self, sig, pid=None):
        self.look()
        os.kill(pid or self.pid(), sig)

    def hello(self):
        return Greeting(self.port)

    def generation(self):
        with self.hello() as g:
            return g.generation

    def gone(self, pid):
        """The process has ended; one that we started is reaped by us."""
        if self.proc is not None and pid == self.proc.pid:
            return self.proc.poll() is not None
        return not alive(pid)

    def stop(self, sig=signal.SIGTERM):
        pid = self.pid()
        self.send(sig, pid)
        until("master gone", lambda: self.gone(pid))
        self.seen.discard(0)
        for p in self.seen:
            until("process %d gone" % p, lambda: self.gone(p))
        for name in "aigwd.pid", "aigwd.pid.oldbin":
            assert not os.path.exists("%s/%s" % (self.run, name)), name

    def cleanup(self):
        """Whatever happened: nothing is left behind."""
        for name in "aigwd.pid", "aigwd.pid.oldbin":
            if self.pid(name):
                try:
                    self.look()
                    self.seen.add(self.pid(name))
                    self.seen.update(self.children(self.pid(name)))
                except OSError:
                    pass
        if self.proc is not None and self.proc.poll() is None:
            self.seen.add(self.proc.pid)
            self.seen.update(self.children(self.proc.pid))
        for p in self.seen - {0}:
            if alive(p):
                try:
                    os.kill(p, signal.SIGKILL)
                except OSError:
                    pass
        if self.proc is not None:
            self.proc.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


def all_roles(d):
    kids = d.children()
    for role in "recorder", "checker", "admin", "worker":
        assert any(t.startswith("aigwd: " + role) for t in kids.values()), role
    return kids


def test_start_stop(d):
    d.start()
    kids = all_roles(d)
    assert len(kids) == 5, kids
    assert len(d.of("worker")) == 2
    with d.hello() as g:
        assert g.role == "worker" and g.generation == 1
        assert g.pid in kids
    with Greeting(d.admin) as g:
        assert g.role == "admin"
    d.stop()
    assert d.proc.returncode == 0
    assert " error " not in d.log(), d.log()
    # -f: the log goes to stdout as well
    assert "ready: 2 workers" in d.text("out")
    assert "ready: 2 workers" in d.log()


def test_daemon(d):
    d.start(daemon=True)
    assert len(d.children()) == 5
    assert stat_of(d.pid())[1] != d.proc.pid
    d.stop(signal.SIGQUIT)


def test_inherits_only_what_it_should(d):
    d.start()
    with d.hello() as g:
        words = g.ask("f").split()
        # 0-2, the contract, three logs, one listener; then epoll,
        # libevent's pipe, signalfd, aigwd.kin, this connection
        assert words[0] == "fds" and int(words[1]) <= 3 + 4 + 1 + 6, words
        assert words[3] == "no", "a secret of the environment came through"
        if os.geteuid() == 0:
            assert int(words[5]) != 0
    d.stop()


def test_second_master_is_refused(d):
    d.start()
    r = subprocess.run([d.binary, "-f", "-c", d.conf_path],
                       capture_output=True, timeout=DEADLINE)
    assert r.returncode == 1
    assert b"another aigwd runs" in r.stdout + r.stderr, r
    d.generation()
    d.stop()


def test_bad_config_does_not_start(d):
    d.write(extra="mistake here;\n")
    r = subprocess.run([d.binary, "-f", "-c", d.conf_path],
                       capture_output=True, timeout=DEADLINE)
    assert r.returncode == 1
    r = subprocess.run([d.binary, "-t", "-c", d.conf_path],
                       capture_output=True, timeout=DEADLINE)
    assert r.returncode == 1 and r.stdout != b""


def test_bad_prices(d):
    """prices.conf is checked with the file that names it."""
    prices = d.dir + "/prices.conf"
    d.write(extra='prices = { file = "%s"; };\n' % prices)
    with open(prices, "w") as f:
        f.write('models = ( { match = "m"; inptu = 1.0; } );\n')
    r = subprocess.run([d.binary, "-t", "-c", d.conf_path],
                       capture_output=True, timeout=DEADLINE)
    assert r.returncode == 1 and b"prices.conf:1" in r.stdout, r
    assert b"inptu" in r.stdout and b"1 mistake\n" in r.stdout, r
    os.unlink(prices)
    r = subprocess.run([d.binary, "-t", "-c", d.conf_path],
                       capture_output=True, timeout=DEADLINE)
    assert r.returncode == 0 and b"there is no such file" in r.stdout, r
    d.start()
    with open(prices, "w") as f:
        f.write("nonsense;\n")
    d.send(signal.SIGHUP)
    until("refused", lambda: "reload refused, generation 1" in d.log())
    assert "prices.conf:1" in d.log()
    d.stop()


def test_check_knows_the_user(d):
    """What would not start is told: as root, a user that is not there."""
    if os.geteuid() != 0:
        return
    d.write()
    with open(d.conf_path) as f:
        text = f.read().replace('"nobody"', '"aigw-nobody"')
    with open(d.conf_path, "w") as f:
        f.write(text)
    r = subprocess.run([d.binary, "-t", "-c", d.conf_path],
                       capture_output=True, timeout=DEADLINE)
    assert r.returncode == 0 and b"no user aigw-nobody" in r.stdout, r
    assert b"useradd --system aigw-nobody" in r.stdout, r


def test_check_and_print(d):
    r = subprocess.run([d.binary, "-t", "-c", d.conf_path],
                       capture_output=True, timeout=DEADLINE)
    assert r.returncode == 0 and b"good" in r.stdout, r
    r = subprocess.run([d.binary, "-T", "-c", d.conf_path],
                       capture_output=True, timeout=DEADLINE)
    assert r.returncode == 0 and d.run.encode() in r.stdout, r
    r = subprocess.run([d.binary, "-V"], capture_output=True)
    assert r.returncode == 0 and r.stdout.startswith(b"aigwd "), r
    r = subprocess.run([d.binary, "-h"], capture_output=True)
    assert r.returncode == 0 and b"usage" in r.stdout, r
    r = subprocess.run([d.binary, "--nonsense"], capture_output=True)
    assert r.returncode == 2 and b"usage" in r.stderr, r
    assert not os.path.exists(d.run), "a check leaves nothing behind"


def test_port_in_use(d):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", d.port))
        s.listen()
        r = subprocess.run([d.binary, "-c", d.conf_path],
                           capture_output=True, timeout=DEADLINE)
    assert r.returncode == 1
    assert b"cannot listen on 127.0.0.1:%d" % d.port in r.stderr, r


def test_port_soon_free(d):
    """As after the death of a master, whose children need a moment."""
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", d.port))
        s.listen()
        d.start(wait=False)
        until("it waits", lambda: os.path.exists(
            d.dir + "/log/error.log") and
              "waiting for 127.0.0.1:%d" % d.port in d.log())
    until("pid file", lambda: d.pid() != 0)
    d.stop()


def test_prepare_fails(d):
    d.fault("prepare", "crash")
    r = subprocess.run([d.binary, "-f", "-c", d.conf_path],
                       capture_output=True, timeout=DEADLINE)
    assert r.returncode == 1 and b"stores cannot be prepared" in r.stdout, r


def test_reload(d):
    d.start()
    held = d.hello()
    old = set(d.of("worker"))
    singles = {r: d.of(r)[0] for r in ("admin", "checker", "recorder")}
    new_port = free_port()
    d.write(workers=3, listen=["127.0.0.1:%d" % d.port,
                               "127.0.0.1:%d" % new_port])
    d.send(signal.SIGHUP)
    until("generation 2", lambda: d.generation() == 2)
    with Greeting(new_port) as g:
        assert g.generation == 2
        # numbers are unique over the generations
        assert g.index != held.index
    # the old worker without a client leaves, the other keeps its client
    until("idle worker left", lambda: len(old & set(d.of("worker"))) == 1)
    assert held.ask("p") == "pong\n"
    for role, pid in singles.items():
        until(role + " handed over",
              lambda: d.of(role) not in ([], [pid]))
        assert len(d.of(role)) == 1
    held.close()
    until("old workers left", lambda: not old & set(d.of("worker")))
    assert len(d.of("worker")) == 3
    # what is dropped is closed
    d.write()
    d.send(signal.SIGHUP)
    until("generation 3", lambda: d.generation() == 3)

    def refused():
        try:
            Greeting(new_port).close()
        except OSError:
            return True
        return False
    until("listener dropped", refused)
    d.stop()


def test_reload_of_bad_config(d):
    d.start()
    kids = d.children()
    good = d.text("aigw.conf")
    d.write(extra="mistake here;\n", listen=["127.0.0.1:%d" % free_port()])
    d.send(signal.SIGHUP)
    until("refused", lambda: "reload refused" in d.log())
    assert d.generation() == 1
    assert d.children().keys() == kids.keys()
    until("admin got the report", lambda: os.path.exists(d.run + "/report")
          and "configuration refused" in d.text("run/report"))
    with open(d.conf_path, "w") as f:
        f.write(good)
    d.send(signal.SIGHUP)
    until("generation 2", lambda: d.generation() == 2)
    d.stop()


def test_reload_with_port_in_use(d):
    d.start()
    other = free_port()
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", other))
        s.listen()
        d.write(listen=["127.0.0.1:%d" % free_port(),
                        "127.0.0.1:%d" % other])
        d.send(signal.SIGHUP)
        until("refused", lambda: "reload refused: cannot listen" in d.log())
    assert d.generation() == 1
    d.stop()


def test_reload_with_broken_worker(d):
    d.start()
    old = set(d.of("worker"))
    d.fault("worker", "crash")
    d.send(signal.SIGHUP)
    until("refused", lambda: "reload refused: a new worker" in d.log())
    assert d.generation() == 1
    until("new workers gone", lambda: set(d.of("worker")) == old)
    d.fault("worker", None)
    d.send(signal.SIGHUP)
    until("reloaded", lambda: d.generation() > 1)
    d.stop()


def test_reload_into_no_sandbox(d):
    """Ready is who stands in its sandbox: until then the old ones serve."""
    d.start()
    old = set(d.of("worker"))
    d.fault("worker", "nosandbox")
    d.write(sandbox="true")
    d.send(signal.SIGHUP)
    until("refused", lambda: "reload refused: a new worker" in d.log() or
          "cannot be forbidden" in d.log() or d.generation() > 1)
    if "cannot be forbidden" in d.log():
        raise Skip("a sandbox cannot be forbidden here")
    assert d.generation() == 1
    assert "the sandbox cannot be entered" in d.log()
    until("new workers gone", lambda: set(d.of("worker")) == old)
    d.hello().close()
    d.stop()


def test_upgrade_into_no_sandbox(d):
    if sanitized():     # what prepares the stores stands in it too
        raise Skip("the sanitizer needs what a sandbox forbids")
    d.start()
    old = d.pid()
    d.fault("worker", "nosandbox")
    d.write(sandbox="true")
    d.send(signal.SIGUSR2)
    until("dead", lambda: "before it was ready" in d.log() or
          "is ready; QUIT" in d.log() or "cannot be forbidden" in d.log())
    if "cannot be forbidden" in d.log():
        raise Skip("a sandbox cannot be forbidden here")
    assert "is ready; QUIT" not in d.log()
    d.hello().close()
    d.fault("worker", None)
    until("ready", lambda: "is ready; QUIT" in d.log())
    new = upgraded(d, old)
    d.send(signal.SIGQUIT, old)
    until("old left", lambda: d.gone(old))
    assert d.pid() == new
    d.stop()


def test_reload_during_reload(d):
    d.start()
    d.fault("worker", "slow")
    d.send(signal.SIGHUP)
    until("new workers", lambda: len(d.of("worker")) == 4)
    d.send(signal.SIGHUP)
    d.send(signal.SIGHUP)
    until("generation 3", lambda: d.generation() == 3)
    until("old workers left", lambda: len(d.of("worker")) == 2)
    assert "generation 4" not in d.log()
    d.stop()


def test_many_generations(d):
    d.write(drain="300s")       # longer than the test on a busy machine
    d.start()
    held = []

    def hold(n):
        """A worker of the generation before may be quicker to accept."""
        g = d.hello()
        if g.generation == n:
            held.append(g)
            return True
        return g.close()

    for n in range(1, 10):
        until("held by generation %d" % n, lambda: hold(n))
        d.send(signal.SIGHUP)
        if n < 9:
            until("generation %d" % (n + 1), lambda: d.generation() == n + 1)
    until("waits", lambda: "reload waits" in d.log())
    assert d.generation() == 9
    held.pop(0).close()
    until("generation 10", lambda: d.generation() == 10)
    for h in held:
        assert h.ask("p") == "pong\n"
        h.close()
    until("old workers left", lambda: len(d.of("worker")) == 2)
    d.stop()


def test_reload_asked_by_admin(d):
    d.start()
    with Greeting(d.admin) as g:
        g.tell("r")
        until("generation 2", lambda: d.generation() == 2)
    d.stop()


def test_worker_may_not_ask(d):
    d.start()
    with d.hello() as g:
        g.tell("s")
        until("killed", lambda: not alive(g.pid))
    assert "which it may not" in d.log()
    until("replaced", lambda: len(d.of("worker")) == 2)
    d.generation()
    d.stop()


def test_garbage_costs_the_child(d):
    d.start()
    with d.hello() as g:
        g.tell("x")
        until("killed", lambda: not alive(g.pid))
    until("replaced", lambda: len(d.of("worker")) == 2)
    assert "breach of the contract" in d.log()
    d.stop()


def test_exec_is_deadly(d):
    if sanitized():
        raise Skip("sanitizers need sandbox = false")
    d.write(sandbox="true")
    d.start()
    with d.hello() as g:
        assert g.ask("p") == "pong\n"
        said = g.ask("e")
        assert said in ("", "alive\n")
        if said:
            assert "no sandbox" in d.log()
        else:
            until("dead", lambda: not alive(g.pid))
    d.stop()


def test_killed_children_are_replaced(d):
    d.start()
    for role in "worker", "checker", "recorder", "admin":
        d.look()
        pid = d.of(role)[0]
        n = len(d.of(role))
        os.kill(pid, signal.SIGKILL)
        until(role + " replaced", lambda: len(d.of(role)) == n and
              pid not in d.of(role))
    assert "is started again in" not in d.log()     # none had to wait
    until("told", lambda: "checker[" in d.log() and "told: slot" in d.log())
    assert "zombie" not in d.children().values()
    d.generation()
    d.stop()


def test_crash_loop_is_throttled(d):
    d.start()
    d.fault("checker", "crash")
    os.kill(d.of("checker")[0], signal.SIGKILL)
    until("second wait", lambda: "checker is started again in 2.0 s" in d.log())
    assert d.log().count("crash at start") == 2
    d.fault("checker", None)
    until("back", lambda: len(d.of("checker")) == 1)
    d.generation()
    d.stop()


def another(d, pids):
    """A connection to a worker that is not one of pids."""
    def one():
        g = d.hello()
        if g.pid not in pids:
            return g
        g.close()
    return until("another worker", one)


def test_hanging_children_are_killed(d):
    """Who hangs is killed, and who holds the store; who waits for the lock
    only when nobody has it."""
    d.write(workers=3)
    d.start()
    holds = d.hello()
    assert holds.ask("o") == "holding\n"
    waits = another(d, [holds.pid])
    waits.tell("w")
    hangs = another(d, [holds.pid, waits.pid])
    hangs.tell("h")
    until("killed", lambda: not alive(holds.pid))
    assert "holds the store" in d.log()
    assert alive(waits.pid) and alive(hangs.pid)
    for g in hangs, waits:
        until("killed", lambda: not alive(g.pid))
    assert "it hangs" in d.log() and "it waits for nobody's lock" in d.log()
    until("replaced", lambda: len(d.of("worker")) == 3)
    d.stop()


def test_graceful_stop_waits(d):
    d.start()
    held = d.hello()
    recorder = d.of("recorder")[0]
    d.send(signal.SIGQUIT)
    until("idle worker left", lambda: len(d.of("worker")) == 1)
    assert alive(recorder) and held.ask("p") == "pong\n"
    def refused():
        try:
            socket.create_connection(("127.0.0.1", d.port)).close()
        except ConnectionRefusedError:
            return True
        except OSError:
            pass
        return False
    until("the busy one to listen no more", refused)
    held.close()
    assert d.proc.wait(DEADLINE) == 0
    text = d.log()
    assert text.rfind("worker") < text.rfind("recorder, pid")
    d.seen.discard(0)
    assert not any(alive(p) for p in d.seen)


def test_fast_after_graceful(d):
    d.start()
    held = d.hello()
    d.send(signal.SIGQUIT)
    until("idle worker left", lambda: len(d.of("worker")) == 1)
    d.stop(signal.SIGTERM)
    assert d.proc.returncode == 0
    held.close()


def test_drain_time_ends(d):
    d.write(drain="1s")
    d.start()
    held = d.hello()
    d.send(signal.SIGHUP)
    until("generation 2", lambda: d.generation() == 2)
    until("old workers left", lambda: len(d.of("worker")) == 2)
    assert held.line() == ""
    d.stop()


def test_winch_and_hup(d):
    d.start()
    d.send(signal.SIGWINCH)
    until("workers left", lambda: d.of("worker") == [])
    assert len(d.children()) == 3
    d.send(signal.SIGHUP)
    until("workers are back", lambda: len(d.of("worker")) == 2)
    assert d.generation() == 2
    d.stop()


def test_reopen_logs(d):
    d.start()
    os.rename(d.dir + "/log/access.log", d.dir + "/log/access.log.1")
    os.rename(d.dir + "/log/error.log", d.dir + "/log/error.log.1")
    with d.hello() as g:
        g.ask("l")
        assert d.text("log/access.log.1") == "line\n"
        d.send(signal.SIGUSR1)
        until("reopened", lambda: os.path.exists(d.dir + "/log/error.log")
              and "log files reopened" in d.log())

        def new_file():
            g.ask("l")
            return d.text("log/access.log") != ""
        until("line in the new file", new_file)
    assert os.stat(d.dir + "/log/access.log").st_mode & 0o777 == 0o640
    d.stop()


def test_master_killed(d):
    d.start()
    held = d.hello()
    d.look()
    os.kill(d.pid(), signal.SIGKILL)
    d.proc.wait()
    others = [p for p in d.seen if p not in (held.pid, d.proc.pid)]
    for p in others:
        until("process %d left" % p, lambda: not alive(p))
    # a stream goes on, the address is free for the next master
    assert held.ask("p") == "pong\n"
    d.start(wait=False)
    until("new master", lambda: d.pid() == d.proc.pid)
    with d.hello() as g:
        assert g.pid != held.pid
    held.close()
    until("orphan left", lambda: not alive(held.pid))
    d.stop()


def test_unix_listener(d):
    path = d.dir + "/run/http.sock"
    d.write(listen=["unix:" + path])
    d.start()
    with Greeting(path) as g:
        assert g.role == "worker"
    d.send(signal.SIGHUP)

    def second():
        with Greeting(path) as g:
            return g.generation == 2
    until("generation 2", second)
    d.stop()
    assert not os.path.exists(path)


def upgraded(d, old):
    until("new binary", lambda: d.pid() not in (0, old))
    until("old is told", lambda: "is ready; QUIT to this one" in d.log())
    d.look()
    return d.pid()


def test_upgrade(d):
    d.start()
    old = d.pid()
    held = d.hello()
    d.install()
    d.send(signal.SIGUSR2)
    new = upgraded(d, old)
    assert d.pid("aigwd.pid.oldbin") == old
    # both generations serve, their workers have different numbers
    until("both answer", lambda: {d.generation(), d.generation(),
                                  d.generation()} == {1, 2})
    assert len(d.of("worker", new)) == 2 and len(d.of("worker", old)) == 2
    d.send(signal.SIGQUIT, old)
    until("old drains", lambda: len(d.of("worker", old)) == 1)
    # who works alone does not wait for long streams: the new ones take over
    until("old has only the stream and the new binary",
          lambda: len(d.children(old)) == 2)
    for _ in range(20):
        assert d.generation() == 2
    assert held.ask("p") == "pong\n"
    held.close()
    until("old left", lambda: d.gone(old))
    assert d.pid() == new and not d.pid("aigwd.pid.oldbin")
    assert d.generation() == 2
    # and once more, from the new one
    until("alone", lambda: "the old binary, pid %d, has left" % old
          in d.log())
    d.send(signal.SIGUSR2)
    until("third", lambda: d.pid() not in (0, new))
    d.look()
    d.send(signal.SIGQUIT, new)
    until("second left", lambda: d.gone(new))
    assert d.generation() == 3
    d.stop()


def test_logs_of_both_binaries(d):
    """Whoever is told to reopen the log files tells the other."""
    d.start()
    old = d.pid()
    held = d.hello()
    d.send(signal.SIGUSR2)
    new = upgraded(d, old)
    for n, told in enumerate((old, new)):
        at = d.dir + "/log/access.log"
        os.rename(at, at + ".%d" % n)
        os.kill(told, signal.SIGUSR1)
        until("new file", lambda: os.path.exists(at))

        def new_file():
            held.ask("l")
            return d.text("log/access.log") != ""
        until("the old worker writes there", new_file)
        until("both have reopened", lambda: d.log().count(
            "log files reopened") == 2 * (n + 1))
    held.close()
    d.send(signal.SIGQUIT, old)
    until("old left", lambda: d.gone(old))
    d.stop()


def test_upgrade_to_one_that_dies(d):
    d.start()
    old = d.pid()
    d.install_text("#!/bin/sh\nexit 3\n")
    d.send(signal.SIGUSR2)
    until("failed", lambda: "upgrade failed" in d.log())
    until("pid file is back", lambda: d.pid() == old)
    assert not d.pid("aigwd.pid.oldbin")
    assert d.generation() == 1
    os.unlink(d.binary)
    d.send(signal.SIGUSR2)
    until("failed again", lambda: d.log().count("upgrade failed") == 2)
    # a child is still made from the binary that runs
    os.kill(d.of("checker")[0], signal.SIGKILL)
    until("checker is back", lambda: len(d.of("checker")) == 1)
    d.install()
    d.send(signal.SIGUSR2)
    new = upgraded(d, old)
    d.send(signal.SIGQUIT, old)
    until("old left", lambda: d.gone(old))
    assert d.generation() == 2 and d.pid() == new
    d.stop()


def test_upgrade_to_broken_config(d):
    d.start()
    old = d.pid()
    d.write(extra="mistake here;\n")
    d.send(signal.SIGUSR2)
    until("failed", lambda: "upgrade failed" in d.log())
    assert d.pid() == old and d.generation() == 1
    d.stop()


def test_back_out_of_upgrade(d):
    d.start()
    old = d.pid()
    d.send(signal.SIGUSR2)
    new = upgraded(d, old)
    d.send(signal.SIGWINCH, old)
    until("old workers left", lambda: d.of("worker", old) == [])
    assert d.generation() == 2
    d.send(signal.SIGHUP, old)
    until("old workers are back", lambda: len(d.of("worker", old)) == 2)
    d.send(signal.SIGQUIT, new)
    until("new left", lambda: not alive(new))
    until("pid file is back", lambda: d.pid() == old)
    for _ in range(5):
        d.generation()
    d.stop()


def test_upgrade_asked_by_admin_retires_the_old(d):
    d.start()
    old = d.pid()
    with Greeting(d.admin) as g:
        g.tell("u")
    until("new binary", lambda: d.pid() not in (0, old))
    d.look()
    until("old left", lambda: d.gone(old))
    assert d.generation() == 2
    d.stop()


def test_upgrade_loses_nobody(d):
    """A connection each millisecond during reload and upgrade."""
    d.start()
    old = d.pid()
    d.send(signal.SIGHUP)
    end = time.monotonic() + 1
    served = 0
    d.send(signal.SIGUSR2)
    quit_sent = False
    while time.monotonic() < end or not quit_sent or not d.gone(old):
        with d.hello() as g:
            assert g.ask("p") == "pong\n"
            served += 1
        if not quit_sent and d.pid() not in (0, old) and \
                "is ready; QUIT" in d.log():
            d.look()
            os.kill(old, signal.SIGQUIT)
            quit_sent = True
        assert time.monotonic() < end + DEADLINE
    assert served > 50, served
    d.stop()


def test_notify(d):
    path = d.dir + "/notify"
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind(path)
    s.settimeout(DEADLINE)
    d.env["NOTIFY_SOCKET"] = path
    d.start()
    assert s.recv(500).startswith(b"READY=1\n")
    d.send(signal.SIGHUP)
    m = s.recv(500)
    assert m.startswith(b"RELOADING=1\nMONOTONIC_USEC="), m
    assert s.recv(500).startswith(b"READY=1\n")
    # one that is refused ends as well
    d.write(extra="mistake here;\n")
    d.send(signal.SIGHUP)
    assert s.recv(500).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
    m = s.recv(500)
    assert m.startswith(b"READY=1\n") and b"refused" in m, m
    d.write()
    old = d.pid()
    # a new binary that fails leaves the supervisor with the old one
    d.install_text("#!/bin/sh\nexit 3\n")
    d.send(signal.SIGUSR2)
    m = s.recv(500)
    assert m == b"READY=1\nMAINPID=%d" % old, m
    until("pid file is back", lambda: d.pid() == old)
    d.install()
    d.send(signal.SIGUSR2)
    m = s.recv(500)
    new = upgraded(d, old)
    assert m == b"MAINPID=%d\nREADY=1" % new, m
    d.send(signal.SIGQUIT, old)
    until("old left", lambda: d.gone(old))
    d.stop()
    assert s.recv(500) == b"STOPPING=1"
    s.close()


def test_start_under_load_of_signals(d):
    """Signals at any moment do not upset it."""
    d.start()
    for _ in range(20):
        for sig in signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD:
            os.kill(d.pid(), sig)
        d.generation()
    until("settled", lambda: len(d.of("worker")) == 2)
    d.look()
    d.stop()


def main():
    tests = [(n[5:], f) for n, f in globals().items()
             if n.startswith("test_")]
    want = sys.argv[1:]
    if want:
        tests = [t for t in tests if any(w in t[0] for w in want)]
    print("1..%d" % len(tests), flush=True)
    failed = 0
    for i, (name, fn) in enumerate(tests, 1):
        d = Daemon()
        try:
            fn(d)
            print("ok %d - %s" % (i, name), flush=True)
        except Skip as e:
            print("ok %d - %s # SKIP %s" % (i, name, e), flush=True)
        except Exception as e:
            failed += 1
            print("not ok %d - %s" % (i, name))
            tb = e.__traceback__
            while tb is not None:
                print("# line %d in %s" % (
                    tb.tb_lineno, tb.tb_frame.f_code.co_name))
                tb = tb.tb_next
            print("# %s: %s" % (type(e).__name__, e))
            for f in "log/error.log", "out":
                try:
                    for line in d.text(f).splitlines()[-60:]:
                        print("# %s: %s" % (f, line))
                except OSError:
                    pass
            sys.stdout.flush()
        finally:
            d.cleanup()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
