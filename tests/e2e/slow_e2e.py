"""slow_e2e.py [--long] - clients that read nothing, and bounds they run into.

The long form has 1,000 of them for ten minutes, as long as write_timeout says;
the short one has fewer, and four seconds.
"""
import os
import resource
import select
import socket
import sys
import time

LONG = "--long" in sys.argv
if LONG:
    sys.argv.remove("--long")

from lib import Gateway, Mock, call, file_key, main, provider, test, wait
from load import ledger, result, status

N = 1000 if LONG else 60
SECONDS = 600 if LONG else 4
MOST = 256 * 1024               # bytes for each, the kernel's too
TOKENS = 200000                 # of each answer: some 10 MB


class Quiet(Gateway):
    def head(self):
        return super().head().replace('"debug"', '"info"')


def gateway(mock, client, extra=""):
    return Quiet('client = { %s };\nproviders = ( %s );\n%s' % (
        client, provider(mock, extra=extra), file_key()))


def reader(gw, receive=4096):
    """Ask for a long stream with a small window, and read nothing of it."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    s.connect(("127.0.0.1", gw.port))
    body = ('{"model":"m1","stream":true,"messages":[{"role":"user",'
            '"content":"[[mock:tokens=%d]]"}]}' % TOKENS)
    s.sendall(("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n"
               "Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s" % (
                   gw.KEY, len(body), body)).encode())
    return s


def cut(s):
    """The gateway has broken the connection off; it is not read for that."""
    s.setblocking(False)
    try:
        return s.send(b"x") == 0
    except (ConnectionError, BrokenPipeError):
        return True
    except BlockingIOError:
        return False


def kernel_bytes(gw):
    """What the kernel keeps to be sent by the gateway's listener, or None."""
    total, n = 0, 0
    with open("/proc/net/tcp") as f:
        next(f)
        for line in f:
            w = line.split()
            if int(w[1].split(":")[1], 16) == gw.port and w[3] == "01":
                total += int(w[4].split(":")[0], 16)
                n += 1
    return total, n


def active(gw):
    return sum(p["active"] for p in status(gw)["processes"])


@test
def readers_of_nothing_cost_little_and_are_billed_once():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 3 * N + 200:
        return "too few descriptors"
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 3 * N + 200), hard))
    mock = Mock("--models", "m1", "--no-digest")
    gw = gateway(mock, 'write_timeout = "%ds";' % SECONDS)
    assert gw.chat().status == 200
    assert ledger(gw)["m1"]["requests"] == 1
    begin = time.monotonic()
    held = [reader(gw) for _ in range(N)]
    wait("all of them", lambda: active(gw) == N, 30)
    wait("them to have all they get", lambda: status(gw)["bounds"][
        "buffer_bytes"] > N * 32 * 1024, 30)
    most, kernel, pause = 0, 0, 5 if LONG else 0.1
    while active(gw) == N:
        most = max(most, status(gw)["bounds"]["buffer_bytes"])
        kernel = max(kernel, kernel_bytes(gw)[0])
        assert most + kernel <= N * MOST, (most, kernel)
        # The good ones go on.
        assert gw.chat().status == 200
        time.sleep(pause)
        assert time.monotonic() - begin < SECONDS + 60
    wait("all to be dropped", lambda: active(gw) == 0, 30)
    took = time.monotonic() - begin
    assert took >= SECONDS, took
    assert all(cut(s) for s in held) or wait(
        "all connections to be cut", lambda: all(cut(s) for s in held))
    for s in held:
        s.close()
    assert status(gw)["bounds"]["buffer_bytes"] == 0 or wait(
        "the budget", lambda: status(gw)["bounds"]["buffer_bytes"] == 0)
    made = sum(r["requests"] for r in mock.meter()["rows"]
               if r["endpoint"] == "chat")
    row = wait("all to be in the ledger", lambda: [
        r for r in [ledger(gw)["m1"]] if r["requests"] >= made])[0]
    assert (row["aborted"], row["requests"]) == (N, made), (row, made)
    worst = max(p["longest_turn_us"] for p in status(gw)["processes"]
                if p["role"] == "worker")
    result("clients that read nothing", [
        ("clients, seconds", "%d, %d" % (N, SECONDS)),
        ("dropped after, s", "%.0f" % took),
        ("memory of each, KiB: ours, kernel", "%.1f, %.1f" % (
            most / N / 1024, kernel / N / 1024)),
        ("billed", "%d of %d, as aborted" % (row["aborted"], N)),
        ("longest turn of a worker, ms", "%.1f" % (worst / 1000))])
    gw.stop()
    mock.stop()


@test
def connections_are_bounded_over_all_workers():
    mock = Mock("--models", "m1", "--no-digest")
    gw = gateway(mock, "max_connections = 20;")
    assert len(gw.pids("worker")) == 2
    held, refused = [], 0
    for _ in range(30):
        s = socket.create_connection(("127.0.0.1", gw.port))
        s.settimeout(60)
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        head = s.recv(4096)
        if head.startswith(b"HTTP/1.1 200 "):
            held.append(s)
            continue
        assert head.startswith(b"HTTP/1.1 503 "), head
        assert b"\r\nretry-after: 1\r\n" in head, head
        while s.recv(4096):
            pass                # and it is closed, not reset
        s.close()
        refused += 1
    assert (len(held), refused) == (20, 10), (len(held), refused)
    assert status(gw)["bounds"]["connections_refused"] == 10
    held.pop().close()
    wait("a place", lambda: gw.get("/healthz").status == 200)
    # A dead worker's places are free again.
    for pid in gw.pids("worker"):
        os.kill(pid, 9)
    for s in held:
        s.close()
    wait("new workers", lambda: len([
        p for p in status(gw)["processes"] if p["role"] == "worker" and
        p["state"] == "ready"]) == 2, 20)
    more = []
    for _ in range(20):
        s = socket.create_connection(("127.0.0.1", gw.port))
        s.settimeout(60)
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert s.recv(4096).startswith(b"HTTP/1.1 200 ")
        more.append(s)
    for s in more:
        s.close()
    gw.stop()
    mock.stop()


@test
def who_pipelines_and_does_not_read_is_not_read_either():
    mock = Mock("--models", "m1", "--no-digest")
    gw = gateway(mock, 'max_body = "8m"; buffer_budget = "16m";')
    one = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.connect(("127.0.0.1", gw.port))
    s.setblocking(False)
    todo, sent = one * 500000, 0            # 70 MB of answers
    while sent < len(todo) and select.select([], [s], [], 1)[1]:
        sent += s.send(todo[sent:sent + 65536])
        held = status(gw)["bounds"]["buffer_bytes"]
        assert held < 256 * 1024, held
    assert sent < len(todo), "it has read everything"
    # Nothing is lost: who reads gets an answer to each.
    s.settimeout(60)
    n, tail = 0, b""
    while n < sent // len(one):
        got = s.recv(1 << 20)
        assert got, (n, sent // len(one))
        tail = tail[-7:] + got
        n += tail.count(b"HTTP/1.1") - tail[:7].count(b"HTTP/1.1")
    s.close()
    wait("the memory", lambda: status(gw)["bounds"]["buffer_bytes"] == 0)
    gw.stop()
    mock.stop()


def upload(gw, size, first):
    """A request whose body stops in the middle."""
    s = socket.create_connection(("127.0.0.1", gw.port))
    s.settimeout(60)
    s.sendall(("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n"
               "Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n" % (
                   gw.KEY, size)).encode() + b" " * first)
    return s


@test
def memory_is_bounded_over_all_workers():
    mock = Mock("--models", "m1", "--no-digest")
    gw = gateway(mock, 'max_body = "8m"; buffer_budget = "16m";')
    held = [upload(gw, 4 << 20, 4000000) for _ in range(3)]
    wait("them to be read", lambda: status(gw)["bounds"][
        "buffer_bytes"] >= 12 << 20)
    # What has no room waits a second, whoever's it is.
    begin = time.monotonic()
    s = upload(gw, 5 << 20, 1000)
    head = s.recv(4096)
    assert head.startswith(b"HTTP/1.1 503 "), head
    assert b"retry-after: 1\r\n" in head, head
    assert time.monotonic() - begin >= 0.9
    s.close()
    assert gw.chat().status == 200          # a small one has room
    o = status(gw)["bounds"]
    assert o["buffer_refused"] == 1 and o["buffer_leased_bytes"] <= 16 << 20, o
    for s in held:
        s.close()
    wait("the budget to be free", lambda: status(gw)["bounds"][
        "buffer_leased_bytes"] == 0)
    body = {"model": "m1", "messages": [{"role": "user",
                                         "content": "x" * 7000000}]}
    a = call(gw.port, "POST", "/v1/chat/completions", body,
             {"Authorization": "Bearer " + gw.KEY})
    assert a.status == 200, a.body
    # A worker that dies holds nothing any more.
    held = [upload(gw, 4 << 20, 4000000) for _ in range(3)]
    wait("them to be read", lambda: status(gw)["bounds"][
        "buffer_leased_bytes"] >= 12 << 20)
    for pid in gw.pids("worker"):
        os.kill(pid, 9)
    wait("the leases to be free", lambda: status(gw)["bounds"][
        "buffer_leased_bytes"] == 0)
    for s in held:
        s.close()
    gw.stop()
    mock.stop()


main()
