"""lib.py - start the daemon and aigw-mock for the end-to-end tests.

Each key, token and long prompt that a Gateway sees is a canary: when it ends,
nothing that it wrote or shows may hold one (class Canaries).

Every test is a program that prints TAP. It gets the build folder in
AIGW_BUILD. Nothing sleeps to wait: wait() polls a condition with a deadline.

What two processes do has no order, and no time: between a signal and its
effect, a line in a log and the deed it tells of, an answer and the end of its
connection there may be nothing, or seconds of another's disk. So a test waits
for what it needs, counts what may not be too much, and measures time only
where the time is what is promised.
"""
import atexit
import base64
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from report import note_turns, turns_were_short

BUILD = os.environ.get("AIGW_BUILD", os.getcwd())
SRC = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
try:
    with open(os.path.join(BUILD, "aigwd"), "rb") as f:
        # freed memory is kept for a while then: no bound of memory holds
        SANITIZED = b"__asan_init" in f.read()
except OSError:
    SANITIZED = False
FORBIDDEN = ("panic:", "Sanitizer", "runtime error:", "SIGSEGV")
_points = []
_cleanup = []


PATIENCE = 30           # seconds: no less, however soon it ought to be


class NotNow(AssertionError):
    """aigwctl had no success: perhaps the process that answers it is new."""


def wait(what, fn, seconds=PATIENCE):
    """Poll fn until it returns something true; fail after seconds. That is to
    end a test that hangs, and no bound: those are asserted of what was
    measured."""
    end = time.monotonic() + max(seconds, PATIENCE)
    while True:
        why = ""
        try:
            got = fn()
        except (OSError, ValueError, http.client.HTTPException, NotNow) as e:
            got, why = None, ": %r" % e
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError("timed out waiting for %s%s" % (what, why))
        time.sleep(0.02)


def alive(pid):
    """The process is there and no zombie."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def stopped(pid):
    """It has met SIGSTOP, which takes a while on another processor."""
    with open("/proc/%d/stat" % pid) as f:
        return f.read().rsplit(")", 1)[1].split()[0] in "tT"


def stop_now(pid):
    """From here on it does nothing."""
    os.kill(pid, signal.SIGSTOP)
    wait("process %d to stop" % pid, lambda: stopped(pid))


def refused(port, host="127.0.0.1"):
    """Nobody listens there."""
    try:
        socket.create_connection((host, port), 60).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        pass
    return False


def keep_port(port=0):
    """A port that nobody else is given, until the socket is closed. A listener
    with SO_REUSEADDR, as ours are, may bind to it nevertheless."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", port))
    return s


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def tmpdir():
    d = tempfile.mkdtemp(prefix="aigw-e2e-")
    _cleanup.append(lambda: shutil.rmtree(d, ignore_errors=True))
    os.chmod(d, 0o755)
    return d


class Answer:
    def __init__(self, r, body):
        self.status = r.status
        self.headers = {k.lower(): v for k, v in r.getheaders()}
        self.body = body

    def json(self):
        return json.loads(self.body)


def call(port, method, path, body=None, headers=None, timeout=60):
    """One request on a connection of its own."""
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    h = dict(headers or {})
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
        h.setdefault("Content-Type", "application/json")
    try:
        c.request(method, path, body, h)
        r = c.getresponse()
        return Answer(r, r.read())
    finally:
        c.close()


class Process:
    def stop(self, sig=signal.SIGTERM, seconds=60):
        if self.p.poll() is None:
            self.p.send_signal(sig)
            try:
                self.p.wait(seconds)
            except subprocess.TimeoutExpired:
                self.p.kill()
                self.p.wait()
                raise AssertionError("%s did not stop" % self.name)
        return self.p.returncode


class Mock(Process):
    name = "aigw-mock"

    def __init__(self, *args):
        self.dir = tmpdir()
        self.out = os.path.join(self.dir, "out")
        with open(self.out, "wb") as f:
            self.p = subprocess.Popen(
                [os.path.join(BUILD, "aigw-mock"), "--listen",
                 "127.0.0.1:0"] + list(args),
                stdout=f, stderr=subprocess.STDOUT)
        _cleanup.append(self.stop)
        line = wait("aigw-mock to listen", lambda: [
            x for x in open(self.out).read().split("\n")
            if x.startswith("listening ")])
        self.port = int(line[0].rsplit(":", 1)[1])
        self.url = "http://127.0.0.1:%d" % self.port

    def config(self, **kw):
        a = call(self.port, "POST", "/_mock/config", kw)
        assert a.status == 200, a.body

    def reset(self):
        a = call(self.port, "POST", "/_mock/reset", {})
        assert a.status == 200, a.body

    def meter(self):
        return call(self.port, "GET", "/_mock/meter").json()

    def requests(self):
        return call(self.port, "GET", "/_mock/requests").json()


# What clients say stands in these members, and in these of theirs.
PROMPTS = ("messages", "content", "text", "input", "instructions", "system",
           "contents", "parts", "systemInstruction", "system_instruction",
           "prompt", "query", "documents")


class Canaries:
    """Texts that may be nowhere but where they were given."""
    MANY = 64			# prompts of a run with thousands of them

    def __init__(self):
        self.texts = {}
        self.prompts = 0

    def add(self, text, what):
        if isinstance(text, str):
            text = text.encode()
        if len(text) >= 7 and text not in self.texts:
            self.texts[text] = what

    def add_source(self, text, env, what):
        """A secret as the configuration has it."""
        kind, _, name = text.partition(":")
        if kind == "env":
            self.add(env.get(name, ""), what)
        elif kind == "file":
            try:
                with open(name, "rb") as f:
                    self.add(f.read(65536).strip(), what)
            except OSError:
                pass
        elif kind != "cred":
            self.add(text, what)

    def add_config(self, text, env):
        for option in "secret", "key", "gateway_token", "password":
            for m in re.finditer(r'\b%s\s*=\s*"([^"]*)"' % option, text):
                if not m.group(1).startswith("/"):	# a file of TLS
                    self.add_source(m.group(1), env, option)
        for m in re.finditer(r'\bkeys\s*=\s*\(([^{)]*)\)', text):
            for k in re.findall(r'"([^"]*)"', m.group(1)):
                self.add_source(k, env, "upstream key")
        for name, value in env.items():
            if re.search(r"_API_KEY$|_TOKEN$|^TOKEN$", name):
                self.add(value, name)

    def add_body(self, o):
        """The prompts of a request, whatever its format."""
        if isinstance(o, list):
            for x in o:
                self.add_body(x)
        elif isinstance(o, dict):
            for name in PROMPTS:
                self.add_body(o.get(name))
        elif (isinstance(o, str) and len(o) >= 20 and len(set(o)) > 8 and
              self.prompts < self.MANY):
            self.prompts += 1
            self.add(o, "prompt")

    def found(self, data, where):
        """What of them stands in data: a list of sentences."""
        if isinstance(data, str):
            data = data.encode(errors="replace")
        out = []
        for text, what in self.texts.items():
            for form, seen in (("", text), ("base64 of ",
                                            base64.b64encode(text)),
                               ("hex of ", text.hex().encode())):
                at = data.find(seen)
                if at >= 0:
                    out.append("%s%s %r in %s: %r" % (
                        form, what, text[:60], where,
                        data[max(0, at - 80):at + len(seen) + 40]))
        return out

    def found_below(self, folder):
        out = []
        for d, _, names in os.walk(folder):
            for n in names:
                path = os.path.join(d, n)
                out += self.found(n, "the name of " + path)
                if os.path.isfile(path):
                    try:
                        with open(path, "rb") as f:
                            data = f.read()
                        if data.strip(b"\0"):
                            out += self.found(data, path)
                    except OSError:
                        pass
        return out

    def found_in_process(self, pid):
        out = []
        for name in "environ", "cmdline", "comm", "status", "maps":
            try:
                with open("/proc/%d/%s" % (pid, name), "rb") as f:
                    out += self.found(f.read(), "/proc/PID/%s of %d" % (
                        name, pid))
            except OSError:
                pass
        return out


def open_memory(pid):
    """What a process may write and what is not locked, files aside: (name,
    bytes)."""
    with open("/proc/%d/smaps" % pid) as f:
        maps = re.findall(
            r"^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \d+ *(.*)\n(?:[A-Z].*\n)*?"
            r"VmFlags:(.*)$", f.read(), re.M)
    with open("/proc/%d/mem" % pid, "rb", 0) as f:
        for a, b, mode, name, flags in maps:
            if "w" not in mode or "lo" in flags.split() or (
                    mode.endswith("s") and not name.startswith("/memfd")):
                continue
            at, end = int(a, 16), int(b, 16)
            data = b""
            try:
                f.seek(at)
                while at + len(data) < end:
                    data += f.read(end - at - len(data)) or b"\0"
            except OSError:
                pass		# behind the end of a mapped file
            yield name or "anonymous memory", data


def open_memfds(pids):
    """Of the shares that these processes have open: how many there are, and
    (name, bytes) of those that no map of any of them keeps locked."""
    files, locked = {}, set()
    for pid in pids:
        try:
            for fd in os.listdir("/proc/%d/fd" % pid):
                path = "/proc/%d/fd/%s" % (pid, fd)
                if os.readlink(path).startswith("/memfd:aigw-conf"):
                    files.setdefault(os.stat(path).st_ino, path)
            with open("/proc/%d/smaps" % pid) as f:
                locked |= {int(i) for i, size, lock in re.findall(
                    r"^\S+ \S+ \S+ \S+ (\d+) +/memfd:aigw-conf.*\n"
                    r"(?:[A-Z].*\n)*?Size: +(\d+).*\n(?:[A-Z].*\n)*?"
                    r"Locked: +(\d+)", f.read(), re.M) if size == lock}
        except OSError:
            continue            # it has left
    bad = []
    for inode, path in files.items():
        if inode not in locked:
            with open(path, "rb") as f:
                bad.append((path, f.read()))
    return len(files), bad


def family(pid):
    """A process and those below it."""
    out = [pid]
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
            for child in f.read().split():
                out += family(int(child))
    except OSError:
        pass
    return out


class Gateway(Process):
    """aigwd -f with a configuration text; %(dir)s and %(port)s are filled."""
    name = "aigwd"
    exe = os.path.join(BUILD, "aigwd")
    KEY = "sk-test-" + secrets.token_hex(16)
    short_turns = True      # none of its workers is made to spin

    def __init__(self, conf, env=None, start=True, args=()):
        self.dir = tmpdir()
        self.kept = [keep_port(), keep_port()]	# until they are listened to
        self.port, self.admin_port = (k.getsockname()[1] for k in self.kept)
        self.conf_path = os.path.join(self.dir, "aigw.conf")
        self.env = dict(os.environ if env is None else env)
        if "max_lag" not in conf:
            # However busy this machine is: no refusals, unless asked for.
            self.env.setdefault("AIGW_CLIENT_MAX_LAG", "0s")
        self.args = list(args)
        self.p = None
        self.canaries = Canaries()
        self.folders = set()
        self.write(conf)
        _cleanup.append(self.cleanup)
        if start:
            self.start()

    def head(self):
        d = self.dir
        who = ""
        if os.geteuid() == 0:
            who = 'user = "nobody"; group = "nogroup";\n'
        return who + (
            'state_dir = "%s/state"; run_dir = "%s/run"; log_dir = "%s/log";\n'
            'workers = 2; sandbox = %s; log_level = "debug";\n'
            'listen = ( { address = "127.0.0.1:%d"; } );\n'
            'admin = { listen = "127.0.0.1:%d"; };\n'
            'prices = { file = "%s/etc/prices.conf"; };\n' % (
                d, d, d, os.environ.get("AIGW_SANDBOX", "true"), self.port,
                self.admin_port, SRC))

    def write(self, conf):
        text = conf if "state_dir" in conf else self.head() + conf
        self.canaries.add_config(text, self.env)
        self.folders.update(m.group(1) for m in re.finditer(
            r'\b(?:state|run|log)_dir\s*=\s*"(/[^"]+)"', text))
        with open(self.conf_path, "w") as f:
            f.write(text)
        os.chmod(self.conf_path, 0o600)

    def start(self, ready=True):
        self.out = os.path.join(self.dir, "out")
        with open(self.out, "ab") as f:
            self.p = subprocess.Popen(
                [self.exe, "-f", "-c", self.conf_path] + self.args, stdout=f, stderr=subprocess.STDOUT, env=self.env)
        if ready:
            self.wait_ready()

    def wait_ready(self):
        def ok():
            if self.p.poll() is not None:
                raise AssertionError("aigwd ended: " + self.output()[-3000:])
            run = os.path.join(self.dir, "run")
            # A worker may answer before the master has said who it is.
            return self.get("/healthz").status == 200 and (
                os.path.exists(os.path.join(run, "aigwd.pid")) or
                not os.path.isdir(run))
        wait("aigwd to answer", ok, 60)
        while self.kept:
            self.kept.pop().close()

    def output(self):
        with open(self.out, errors="replace") as f:
            return f.read()

    def log(self, name="error.log"):
        try:
            with open(os.path.join(self.dir, "log", name),
                      errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def ctl(self, *args, check=True, stdin=None):
        r = subprocess.run(
            [os.path.join(BUILD, "aigwctl"), "-s",
             os.path.join(self.dir, "run", "control.sock")] + list(args),
            capture_output=True, text=True, timeout=60, input=stdin)
        for key in re.findall(r"sk-aigw-[A-Za-z0-9]{48}", r.stdout):
            self.canaries.add(key, "client key")
        if check and r.returncode != 0:
            raise NotNow("aigwctl %s: %d %s %s" % (
                " ".join(args), r.returncode, r.stdout, r.stderr))
        return r

    def status(self):
        return json.loads(self.ctl("status", "--json").stdout)

    def pids(self, role=None):
        return [p["pid"] for p in self.status()["processes"]
                if role is None or p["role"] == role]

    def get(self, path, **kw):
        return call(self.port, "GET", path, **kw)

    def post(self, path, body, key=KEY, headers=None, **kw):
        h = {"Authorization": "Bearer " + key} if key else {}
        h.update(headers or {})
        if isinstance(body, dict):
            self.canaries.add_body(body)
        return call(self.port, "POST", path, body, h, **kw)

    def chat(self, text="hello", model="m1", key=KEY, **kw):
        body = {"model": model,
                "messages": [{"role": "user", "content": text}]}
        body.update(kw)
        return self.post("/v1/chat/completions", body, key)

    def signal(self, sig):
        os.kill(self.p.pid, sig)

    def cleanup(self):
        found = []
        if self.p is not None and self.p.poll() is None:
            found = self.leaks_alive()
            self.stop()
        note_turns(self.folders, self.short_turns)
        self.check_log()
        found += self.leaks()
        assert not found, "\n".join(["%d canaries:" % len(found)] +
                                    found[:20])

    def leaks_alive(self):
        """Canaries in what the processes show."""
        out = []
        for pid in family(self.p.pid):
            out += self.canaries.found_in_process(pid)
        for port, path in ((self.port, "/health"), (self.port, "/info"),
                           (self.port, "/routes"),
                           (self.admin_port, "/metrics")):
            try:
                a = call(port, "GET", path, timeout=3)
                out += self.canaries.found(a.body, path)
            except (OSError, http.client.HTTPException):
                pass
        return out

    def leaks(self):
        """Canaries in what they wrote."""
        out = self.canaries.found(self.output(), "output") if self.p else []
        for folder in self.folders:
            out += self.canaries.found_below(folder)
        return out

    def check_log(self):
        if self.p is None:
            return
        for text in (self.output(), self.log()):
            for bad in FORBIDDEN:
                if bad in text:
                    at = text.index(bad)
                    raise AssertionError("log: " + text[max(0, at - 200):
                                                        at + 1500])


def provider(mock, pid="p1", models=("m1",), extra="", key="sk-up-1"):
    return ('{ id = "%s"; dialect = "openai"; base_url = "%s"; '
            'keys = ( "%s" ); allow_private = ( "127.0.0.0/8" ); '
            'models = ( %s ); %s }' % (
                pid, mock.url, key,
                ", ".join('"%s"' % m for m in models), extra))


def file_key(name="test", secret=Gateway.KEY, extra=""):
    return ('keys = ( { name = "%s"; secret = "%s"; role = "root"; %s } );\n'
            % (name, secret, extra))


def _leave_nothing():
    """Also when a script ends before or inside main()."""
    while _cleanup:
        try:
            _cleanup.pop()()
        except Exception:
            pass


def finish(code):
    """For scripts whose points another program prints: clean up; the code."""
    while _cleanup:
        try:
            _cleanup.pop()()
        except AssertionError as e:
            print("not ok - " + str(e).replace("\n", "\n# "))
            code = 1
    return code


def _terminated(sig, frame):
    sys.exit(1)


atexit.register(_leave_nothing)
signal.signal(signal.SIGTERM, _terminated)


def test(fn):
    """Decorator: one TAP point."""
    _points.append(fn)
    return fn


def main():
    """Run the points, clean up, exit."""
    want = sys.argv[1:]
    bad = 0
    print("1..%d" % (len(_points) + 1), flush=True)
    for n, fn in enumerate(_points, 1):
        name = fn.__name__
        if want and not any(w in name for w in want):
            print("ok %d - %s # SKIP not asked for" % (n, name), flush=True)
            continue
        try:
            skip = fn()
            print("ok %d - %s%s" % (n, name, " # SKIP " + skip
                                    if isinstance(skip, str) else ""),
                  flush=True)
        except Exception:
            bad = 1
            for line in traceback.format_exc().split("\n"):
                print("# " + line)
            print("not ok %d - %s" % (n, name), flush=True)
    ok = True
    while _cleanup:
        try:
            _cleanup.pop()()
        except Exception:
            ok = False
            for line in traceback.format_exc().split("\n"):
                print("# " + line)
    ok = turns_were_short() and ok
    print("%sok %d - cleanup, logs clean" % ("" if ok else "not ",
                                             len(_points) + 1), flush=True)
    sys.exit(0 if ok and not bad else 1)
