#!/usr/bin/env python3
"""rawhttp.py - send raw HTTP/1 to a server, check what becomes of it.

As a program: rawhttp.py PORT KEY [NAME...] (on 127.0.0.1) runs the table and
prints TAP; KEY may use the model "m1". rawhttp.py PORT KEY --random SECONDS
[SEED] sends mutations of the table: what comes back must be well-formed and
the connection must end. As a module: run(), run_random().

A case says what is sent and what must come back: the statuses of all answers,
and whether the connection is closed behind the last one ("close"), stays
usable ("open": a request on it is answered 200), one of these two ("either"),
or nothing comes at all within QUIET seconds ("quiet"). An answer too many is a smuggled request, one too few
a hang. Cases that are refused are sent at once and byte by byte.
"""
import concurrent.futures
import random
import socket
import sys
import time

QUIET = 0.3
LIMIT = 10
GOOD = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
REFUSED = (400,)


class Case:
    def __init__(self, name, send, want, end="close", split=True, head=False,
                 said=True, may_continue=False, within=LIMIT, absent=()):
        self.name = name
        self.send = send if isinstance(send, list) else [send]
        # per answer a set of statuses
        self.want = [w if isinstance(w, tuple) else (w,) for w in want]
        self.end = end
        self.split = split
        self.head = head        # answers have no body
        self.said = said        # a close is announced in the answer
        self.may_continue = may_continue    # 100 may come first
        self.within = within    # seconds until the end
        self.absent = absent    # bytes that must not come back


class Stream:
    """Answers from a socket, strictly read."""

    def __init__(self, s, deadline):
        self.s = s
        self.buf = b""
        self.eof = False
        self.deadline = deadline
        self.all = b""

    def more(self):
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("nothing came until the deadline")
        self.s.settimeout(left)
        try:
            got = self.s.recv(65536)
        except ConnectionResetError:
            got = b""
        self.buf += got
        self.all += got
        if not got:
            self.eof = True
        return bool(got)

    def until(self, mark):
        while mark not in self.buf:
            if not self.more():
                raise AssertionError("closed inside an answer: %r" %
                                     self.buf[:200])
        got, self.buf = self.buf.split(mark, 1)
        return got

    def take(self, n):
        while len(self.buf) < n:
            if not self.more():
                raise AssertionError("closed inside a body")
        got, self.buf = self.buf[:n], self.buf[n:]
        return got

    def answer(self, head=False):
        """Status and fields of the next answer; None at the end."""
        while not self.buf:
            if self.eof or not self.more():
                return None
        lines = self.until(b"\r\n\r\n").split(b"\r\n")
        if not lines[0].startswith(b"HTTP/1.1 "):
            raise AssertionError("no status line: %r" % lines[0])
        status = int(lines[0][9:12])
        fields = {}
        for line in lines[1:]:
            k, v = line.split(b":", 1)
            fields[k.lower().decode()] = v.strip().decode("latin-1")
        if status >= 200 and status not in (204, 304) and not head:
            self.body(fields)
        return status, fields

    def body(self, fields):
        if fields.get("transfer-encoding") == "chunked":
            while True:
                n = int(self.until(b"\r\n"), 16)
                self.take(n + 2)
                if n == 0:
                    return
        elif "content-length" in fields:
            self.take(int(fields["content-length"]))
        else:
            while self.more():
                pass
            self.buf = b""


def dial(port):
    s = socket.create_connection(("127.0.0.1", port), timeout=LIMIT)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def send(s, case, by_byte):
    """Send the pieces; a number is a pause, a function waits for something."""
    for piece in case.send:
        if isinstance(piece, (int, float)):
            time.sleep(piece)
            continue
        try:
            if not by_byte:
                s.sendall(piece)
                continue
            for i in range(len(piece)):
                s.sendall(piece[i:i + 1])
        except (BrokenPipeError, ConnectionResetError):
            return      # refused already; the answer is there or is missed


def check_end(case, st, s, last):
    """What comes behind the last answer."""
    end = case.end
    said = last and last[1].get("connection", "").lower() == "close"
    if end == "either":
        end = "close" if said else "open"
    if end == "close":
        if last and case.said and not said:
            raise AssertionError("closes without saying so: %r" % last[1])
        extra = st.answer()
        if extra is not None:
            raise AssertionError("one answer too many: %d" % extra[0])
        return
    s.sendall(GOOD)
    got = st.answer()
    if got is None or got[0] != 200:
        raise AssertionError("not usable afterwards: %r" % (got,))


def check_quiet(s):
    s.settimeout(QUIET)
    try:
        got = s.recv(4096)
    except socket.timeout:
        return
    raise AssertionError("answered before the request was complete: %r" %
                         got[:100])


def run_case(port, case, by_byte=False):
    with dial(port) as s:
        st = Stream(s, time.monotonic() + case.within)
        send(s, case, by_byte)
        if case.end == "quiet":
            check_quiet(s)
            return
        for want in case.want:
            got = st.answer(case.head)
            if got and got[0] == 100 and case.may_continue:
                got = st.answer(case.head)
            if got is None:
                raise AssertionError("closed without the answer %r" % (want,))
            if got[0] not in want:
                raise AssertionError("%d instead of %r: %r" % (
                    got[0], want, st.all[:300]))
        check_end(case, st, s, got if case.want else None)
        for bad in case.absent:
            if bad in st.all:
                raise AssertionError("%r in the answer" % bad)


def run(port, cases, names=(), threads=16):
    """Run the cases; a list of (name, None or what went wrong)."""
    todo = []
    for c in cases:
        if names and not any(n in c.name for n in names):
            continue
        todo.append((c.name, c, False))
        if c.split and c.end != "quiet":
            todo.append((c.name + ", byte by byte", c, True))

    def one(item):
        name, case, by_byte = item
        try:
            run_case(port, case, by_byte)
        except (AssertionError, OSError, ValueError) as e:
            return name, "%s: %s" % (type(e).__name__, e)
        return name, None

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, todo))


def mutate(rnd, data):
    """One to four changes somewhere in the bytes."""
    b = bytearray(data)
    for _ in range(rnd.randint(1, 4)):
        at = rnd.randrange(len(b) + 1)
        kind = rnd.randrange(5)
        if kind == 0:
            b[at:at + 1] = bytes([rnd.randrange(256)])
        elif kind == 1:
            b[at:at] = rnd.choice((b"\r", b"\n", b"\r\n", b" ", b"\t", b":",
                                   b"0", b"\0", b";", b",", b"\r\n\r\n"))
        elif kind == 2:
            del b[at:at + rnd.randint(1, 8)]
        elif kind == 3:
            b[at:at] = b[rnd.randrange(len(b) + 1):][:rnd.randint(1, 40)]
        else:
            b = b[:at]
        if not b:
            b = bytearray(b"G")
    return bytes(b)


def run_random(port, cases, seconds, seed, threads=8):
    """Number of connections, and what went wrong."""
    seeds = [b"".join(p for p in c.send if isinstance(p, bytes))
             for c in cases]
    seeds = [x for x in seeds if 0 < len(x) < 4096]
    end = time.monotonic() + seconds

    def worker(k):
        rnd = random.Random(seed * 1000 + k)
        n, bad = 0, []
        while time.monotonic() < end and len(bad) < 5:
            data = mutate(rnd, rnd.choice(seeds))
            n += 1
            try:
                with dial(port) as s:
                    st = Stream(s, time.monotonic() + LIMIT)
                    at = rnd.randrange(len(data) + 1)
                    send(s, Case("", [data[:at], data[at:]], []), False)
                    s.shutdown(socket.SHUT_WR)
                    while st.more():
                        pass
                    if st.buf and not st.buf.startswith(b"HTTP/1.1 "):
                        raise AssertionError("no answer: %r" % st.buf[:99])
            except OSError as e:
                if not isinstance(e, ConnectionError) and e.errno != 107:
                    bad.append("%r: %r" % (data, e))
            except AssertionError as e:
                bad.append("%r: %r" % (data, e))
        return n, bad

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        got = list(pool.map(worker, range(threads)))
    return sum(n for n, _ in got), [b for _, bad in got for b in bad]


def main_random(port, cases, args):
    seconds = float(args[0])
    seed = int(args[1]) if len(args) > 1 else int(time.time())
    n, bad = run_random(port, cases, seconds, seed)
    print("seed %d, %d connections, %d failed" % (seed, n, len(bad)))
    for b in bad:
        print(b)
    sys.exit(1 if bad else 0)


def main():
    import rawhttp_cases
    if len(sys.argv) < 3:
        sys.exit("usage: rawhttp.py PORT KEY [NAME...]")
    port = int(sys.argv[1])
    table = rawhttp_cases.cases(port, sys.argv[2])
    if sys.argv[3:4] == ["--random"]:
        main_random(port, table, sys.argv[4:])
    got = run(port, table, sys.argv[3:])
    print("1..%d" % len(got))
    for n, (name, why) in enumerate(got, 1):
        if why:
            print("# " + why)
        print("%sok %d - %s" % ("not " if why else "", n, name))
    sys.exit(1 if any(why for _, why in got) else 0)


if __name__ == "__main__":
    main()
