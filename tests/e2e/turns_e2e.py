"""turns_e2e.py [--long] - what keeps a worker's loop busy for long.

Each row is a kind of work that could take a turn for itself; the worker that
did it is looked at behind it. What counts is the processor time of its longest
turn: how long the clock ran meanwhile depends on who else uses the machine.
"""
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading

LONG = "--long" in sys.argv
if LONG:
    sys.argv.remove("--long")

from lib import (Gateway, Mock, call, file_key, main, provider, test, tmpdir,
                 wait)
from load import Load, result, status

MOST = 20000 if LONG else 200000        # a debug build may be slow
MANY = 1 if LONG else 8                 # divides the work
rows = []


class Quiet(Gateway):
    def head(self):
        return super().head().replace('"debug"', '"info"').replace(
            "workers = 2", "workers = 1")


def worker(gw):
    return wait("the worker", lambda: [
        p for p in (status(gw) or {"processes": []})["processes"]
        if p["role"] == "worker" and p["state"] == "ready"], 30)[0]


def look(gw, what):
    p = worker(gw)
    rows.append(("%s, ms of the clock (processor at most)" % what,
                 "%.1f (%s)" % (p["longest_turn_us"] / 1000,
                                "%.1f" % (p["longest_turn_cpu_us"] / 1000)
                                if p["long_turns"] else "-")))
    print("# %s: %s" % rows[-1], flush=True)
    assert p["longest_turn_cpu_us"] <= MOST, (what, p)


def gateway(mock, extra=""):
    return Quiet("providers = ( %s );\n%s%s" % (
        provider(mock), file_key(), extra))


def post(gw, body, kind="application/json", path="/v1/chat/completions"):
    return call(gw.port, "POST", path, body, {
        "Authorization": "Bearer " + gw.KEY, "Content-Type": kind},
        timeout=120)


@test
def long_bodies():
    mock = Mock("--models", "m1", "--no-digest")
    size = (60 << 20) // MANY
    texts = {
        "a body of numbers": b"1," * (size // 2) + b"1",
        "a body that is one string": b'"' + b"x" * size + b'"',
        "a body of short strings": b'"abcdefg",' * (size // 10) + b'""',
        "one string, not ASCII": ('"' + "\u6f22" * (size // 3) +
                                  '"').encode(),
        "one string, escapes": b'"' + b"\\n" * (size // 2) + b'"',
    }
    for what, text in texts.items():
        gw = gateway(mock)
        a = post(gw, b'{"model":"m1","messages":[{"role":"user","content":'
                 b'"x"}],"x":[' + text + b"]}")
        assert a.status in (200, 400, 413), a.body[:300]
        look(gw, what)
        gw.stop()
    gw = gateway(mock)
    a = post(gw, b'--BB\r\nContent-Disposition: form-data; name="file"; '
             b'filename="a"\r\n\r\n' + b"\r\n--B" * (size // 5) +
             b'\r\n--BB\r\nContent-Disposition: form-data; name="model"'
             b"\r\n\r\nm1\r\n--BB--\r\n", "multipart/form-data; boundary=BB",
             "/v1/audio/transcriptions")
    look(gw, "a form whose model comes last")
    gw.stop()
    mock.stop()


@test
def many_disconnects_at_once():
    mock = Mock("--models", "m1", "--no-digest")
    gw = gateway(mock)
    load = Load(gw, "m1", "--connections", str(1000 // MANY), "--stream",
                "--mock", "rate=5,tokens=1000", "--requests",
                str(1000 // MANY), seconds=60)
    wait("all streams", lambda: worker(gw)["active"] == 1000 // MANY, 40)
    load.kill()
    wait("none", lambda: worker(gw)["active"] == 0, 30)
    look(gw, "%d clients gone at once" % (1000 // MANY))
    gw.stop()
    mock.stop()


@test
def handshakes():
    d = tmpdir()
    cert, key = os.path.join(d, "cert.pem"), os.path.join(d, "key.pem")
    try:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out",
             cert], check=True, capture_output=True)
    except OSError:
        return "no openssl to make a certificate"
    mock = Mock("--models", "m1", "--no-digest")
    gw = gateway(mock)
    text = open(gw.conf_path).read().replace(
        'listen = ( { address = "127.0.0.1:%d"; } );' % gw.port,
        'listen = ( { address = "127.0.0.1:%d"; tls = { certificate = "%s"; '
        'key = "%s"; }; } );' % (gw.port, cert, key))
    gw.stop()
    os.chmod(d, 0o755)
    gw.write(text)
    gw.start(ready=False)
    worker(gw)

    def many():
        ctx = ssl.create_default_context()
        ctx.check_hostname, ctx.verify_mode = False, ssl.CERT_NONE
        for _ in range(40 // MANY + 1):
            with socket.create_connection(("127.0.0.1", gw.port)) as s:
                with ctx.wrap_socket(s):
                    pass

    threads = [threading.Thread(target=many) for _ in range(50)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    look(gw, "a storm of TLS handshakes")
    gw.stop()
    mock.stop()


@test
def large_catalogue():
    mock = Mock("--models", "m1", "--no-digest")
    n, models = 200 // MANY, 25
    many = ", ".join(provider(mock, "p%d" % i, [
        "model-%d-%d" % (i, k) for k in range(models)] + ["m1"])
        for i in range(1, n + 1))
    gw = Quiet("providers = ( %s );\n%s" % (many, file_key()))
    assert gw.chat().status == 200
    old = worker(gw)["pid"]
    gw.signal(signal.SIGHUP)
    wait("the new worker", lambda: worker(gw)["pid"] != old, 30)
    assert gw.chat().status == 200
    a = gw.get("/v1/models", headers={"Authorization": "Bearer " + gw.KEY})
    assert len(json.loads(a.body)["data"]) > n * models, a.body[:300]
    assert gw.get("/health").status == 200
    look(gw, "%d providers with %d models, all listed" % (n, n * models))
    gw.stop()
    mock.stop()


@test
def load_of_small_requests():
    mock = Mock("--models", "m1", "--no-digest")
    gw = gateway(mock)
    load = Load(gw, "m1", "--connections", "64", seconds=20 // MANY)
    load.p.wait(120)
    r = load.end()
    assert r["ok"] == r["ended"], r
    look(gw, "64 connections, %.0f requests per second" % r["per_second"])
    gw.stop()
    mock.stop()


@test
def table():
    result("longest turns of a worker's loop", rows)


main()
