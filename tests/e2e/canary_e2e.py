"""canary_e2e.py - every secret and prompt is one of a kind, every kind of
error is made, and then nothing that the gateway wrote or shows has one.

The provider is a script that quotes all it is sent: the key it refuses, the
headers, the request.
"""
import base64
import ctypes
import gzip
import http.client
import http.server
import json
import os
import pwd
import re
import secrets
import signal
import socket
import ssl
import subprocess
import threading
import time

from lib import (BUILD, SANITIZED, Canaries, Gateway, Mock, alive, call,
                 family, free_port, main, open_memfds, open_memory, test,
                 tmpdir, wait)
from proxies import Socks


def canary(what):
    return "sk-canary-%s-%s" % (what, secrets.token_hex(12))


NAMES = ("literal env file cred envfile header proxy proxied redis gateway "
         "admin seal root user made-up tls second socks by-tls secure").split()
C = {n: canary(n) for n in NAMES}
PROMPT = "the prompt %s says: \u00e9 \"quoted\" words" % canary("prompt")
folder = tmpdir()
proxied = []		# the credentials that came to the proxy


class Quoting(http.server.BaseHTTPRequestHandler):
    """Answers with the status of the model's name, and quotes everything."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.answer(200, b'{"object":"list","data":[]}')

    def do_CONNECT(self):
        """A proxy: to itself."""
        proxied.append(self.headers.get("Proxy-Authorization", ""))
        self.send_response_only(200)
        self.end_headers()

    def do_POST(self):
        n = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(n)
        try:
            model = json.loads(body).get("model", "")
        except ValueError:
            model = ""
        text = "%s\n%s\n%s" % (self.path, str(self.headers),
                               body.decode(errors="replace"))
        error = json.dumps({"error": {
            "message": "refused: " + text, "type": "x", "code": "x"}},
            ensure_ascii="ascii" in model).encode()
        m = re.match(r"q-(\d+)", model)
        if m:
            self.answer(int(m.group(1)), error)
        elif model == "q-raw":
            self.answer(500, text.encode(), "text/plain")
        elif model == "q-json":
            self.answer(200, b'{"broken": "' + text.encode())
        elif model == "q-stream":
            event = b"data: " + error + b"\n\n"
            self.answer(200, event, "text/event-stream")
        elif model == "q-late":
            event = (b'data: {"id":"1","object":"chat.completion.chunk",'
                     b'"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'
                     b"data: " + error + b"\n\n")
            self.answer(200, event, "text/event-stream")
        elif model == "q-talks":
            # no error at all: it says what it was asked with
            said = json.dumps({"id": "1", "object": "chat.completion.chunk",
                               "choices": [{"index": 0, "delta": {
                                   "content": text}}]}).encode()
            self.answer(200, b"data: " + said + b"\n\ndata: [DONE]\n\n",
                        "text/event-stream")
        elif model == "q-split":
            self.answer(500, error, cut=error.find(b"Bearer ") + 20)
        elif model == "q-gzip":
            self.answer(500, error, coding="gzip")
        elif model == "q-head":
            self.send_response_only(200, text.replace("\n", " ")[:500])
            self.send_header("X-Quote", text.replace("\n", " ").replace(
                "\r", " ")[:2000])
            self.send_header("Content-Length", "5000")
            self.end_headers()
            self.close_connection = True
        elif model == "q-garbage":
            self.wfile.write(text.encode())
            self.close_connection = True
        else:
            self.answer(200, json.dumps({
                "id": "x", "object": "chat.completion", "created": 1,
                "model": model, "choices": [{
                    "index": 0, "finish_reason": "stop",
                    "message": {"role": "assistant", "content": "ok"}}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 1,
                          "total_tokens": 2}}).encode())

    def answer(self, status, body, kind="application/json", cut=0, coding=""):
        if coding:
            body = gzip.compress(body)
        self.send_response_only(status)
        if coding:
            self.send_header("Content-Encoding", coding)
        if status >= 400:
            self.send_header("X-Refused", self.headers.get(
                "Authorization", ""))
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:cut])
        if cut:                 # in two segments, so it is read in two pieces
            time.sleep(0.05)
        self.wfile.write(body[cut:])


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, address):
        pass			# clients go away here


server = Server(("127.0.0.1", 0), Quoting)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
URL = "http://127.0.0.1:%d" % server.server_port
socks = Socks(("me", C["socks"] + "@%41"))
ALL = "literal env file cred envfile tls proxied socks gone secure".split()
MODELS = ["q-%d" % s for s in (400, 401, 402, 403, 404, 429, 500, 503)]
MODELS += ["q-raw", "q-json", "q-stream", "q-late", "q-head", "q-garbage",
           "q-500-ascii", "q-talks", "q-split", "q-gzip", "q-ok"]


def write(name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write(text + "\n")
    os.chmod(path, 0o600)
    return path


def certificate():
    path = os.path.join(folder, "tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path + ".key", "-out", path + ".crt"],
        check=True, capture_output=True)
    os.chmod(path + ".key", 0o600)
    return path + ".crt", path + ".key"


crt, key = certificate()
tls = Mock("--tls", crt, key)
secure = Server(("127.0.0.1", 0), Quoting)
secure_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
secure_context.load_cert_chain(crt, key)
secure.socket = secure_context.wrap_socket(secure.socket, server_side=True)
secure.daemon_threads = True
threading.Thread(target=secure.serve_forever, daemon=True).start()
tls_port = free_port()
os.mkdir(os.path.join(folder, "cred"))
write("cred/upstream", C["cred"])
write("key", C["file"])
write("env", "ENVFILE_UP=%s" % C["envfile"])
ENV = dict(os.environ, ENV_UP=C["env"], OTHER_SECRET=C["seal"],
           CREDENTIALS_DIRECTORY=os.path.join(folder, "cred"),
           GATEWAY=C["gateway"], ADMIN_PW=C["admin"])


def provider(pid, keys, url=URL, models=(), more=""):
    return ('{ id = "%s"; dialect = "openai"; base_url = "%s"; keys = ( %s ); '
            'models = ( %s ); allow_private = ( "127.0.0.0/8" ); '
            'headers = { x-secret-token = "%s"; }; '
            'health = { unhealthy_retry = "0s"; }; %s }' % (
                pid, url, ", ".join('"%s"' % k for k in keys),
                ", ".join('"%s"' % m for m in models), C["header"], more))


PROVIDERS = [
    provider("literal", [C["literal"], C["second"]], models=MODELS),
    provider("env", ["env:ENV_UP"]),
    provider("file", ["file:" + os.path.join(folder, "key")]),
    provider("cred", ["cred:upstream"]),
    provider("envfile", ["env:ENVFILE_UP"]),
    provider("tls", [C["tls"]], "https://127.0.0.1:%d" % tls.port),
    provider("secure", [C["secure"]], "https://127.0.0.1:%d" %
             secure.server_port, more='tls = { ca_file = "%s"; }; ' % crt),
    provider("proxied", [C["proxied"]], more='proxy = "http://u:%s@127.0.0.1:'
             '%d"; ' % (C["proxy"], server.server_port)),
    provider("socks", [C["proxied"]], more='proxy = "socks5h://me:%s%%40%%2541@'
             '127.0.0.1:%d"; ' % (C["socks"], socks.port)),
    provider("gone", [C["tls"]], "http://10.0.0.1", more='proxy = '
             '"http://u:%s@127.0.0.1:%d"; ' % (C["proxy"], free_port())),
]
CONF = (
    'auth = { gateway_token = "env:GATEWAY"; };\n'
    'secret_key = "%s";\nfailover = { threshold = 1000000; };\n'
    'shared = { redis = "redis://u:%s@127.0.0.1:1/0"; };\n'
    'providers = ( %s );\n'
    'keys = ( { name = "root"; secret = "%s"; role = "root"; }, '
    '{ name = "user"; secret = "%s"; rps = 10000; rpm = 100000; '
    'rpd = 1000000; }, { name = "by-tls"; secret = "%s"; } );\n' % (
        C["seal"], C["redis"], ",\n".join(PROVIDERS), C["root"], C["user"],
        C["by-tls"]))
gw = Gateway(CONF, env=ENV, start=False, args=(
    "--env-file", os.path.join(folder, "env")))


def with_tls(text):
    """A second listener, and a password."""
    text = text.replace('listen = ( {', 'listen = ( { address = '
                        '"127.0.0.1:%d"; tls = { certificate = "%s"; key = '
                        '"%s"; }; }, {' % (tls_port, crt, key), 1)
    return text.replace('admin = { ', 'admin = { username = "a"; password = '
                        '"env:ADMIN_PW"; ', 1)


GOOD = with_tls(gw.head() + CONF)
gw.write(GOOD)
for name, text in C.items():
    gw.canaries.add(text, name)
gw.canaries.add(PROMPT, "prompt")
gw.canaries.add(re.search("sk-canary-prompt-[0-9a-f]+", PROMPT).group(),
                "prompt")
for line in open(key).read().split("\n")[1:-2]:
    gw.canaries.add(line, "private key")
number = bytes.fromhex(re.sub(r"[\s:]", "", re.search(
    r"priv:([\s:0-9a-f]*)pub:", subprocess.run(
        ["openssl", "ec", "-in", key, "-noout", "-text"], check=True,
        capture_output=True, text=True).stdout).group(1)))[-32:]
seen = []		# what was shown, and where


def note(where, text):
    seen.append((where, text if isinstance(text, bytes) else text.encode()))


def ctl(*args, ok=None):
    r = gw.ctl(*args, check=False)
    note("aigwctl " + " ".join(args[:3]), r.stdout + r.stderr)
    if ok is not None:
        assert (r.returncode == 0) == ok, (args, r)
    return r


@test
def the_search_finds():
    """Whatever form it has."""
    c = Canaries()
    c.add("sk-canary-0123456789", "key")
    for form in (b"sk-canary-0123456789", b"c2stY2FuYXJ5LTAxMjM0NTY3ODk=",
                 b"736b2d63616e6172792d30313233343536373839"):
        assert c.found(b"\0" * 70000 + form + b"x", "here"), form
    assert not c.found(b"sk-canary-012345678", "here")
    d = tmpdir()
    with open(os.path.join(d, "f"), "wb") as f:
        f.write(b"\0" * 8192 + b"xsk-canary-0123456789")
    assert len(c.found_below(d)) == 1
    p = subprocess.Popen(["sleep", "60"], env={
        "A": "sk-canary-0123456789"})
    try:
        wait("it to be seen", lambda: c.found_in_process(p.pid))
    finally:
        p.kill()
        p.wait()
    g = Canaries()
    g.add_config('keys = ( "sk-one-11", "env:TWO" ); x = { secret = '
                 '"sk-three-3"; gateway_token = "sk-four-44"; };',
                 {"TWO": "sk-two-222", "X_API_KEY": "sk-five-555"})
    assert len(g.texts) == 5, g.texts


@test
def start():
    gw.start()
    wait("admin", lambda: gw.ctl("version", check=False).returncode == 0, 20)


def in_open_memory(who):
    """Where the secrets of the configuration and the keys that clients showed
    stand in memory that is not locked. Prompts and what is no key may."""
    out = []
    texts = {t: w for t, w in gw.canaries.texts.items() if w != "prompt" and
             t != C["made-up"].encode()}
    texts[number] = texts[number[::-1]] = "number of the private key"
    for name, data in open_memory(who):
        if name == "[stack]" and who != gw.p.pid:
            continue	# bytes of what was copied last, on their way
        for text, what in texts.items():
            for form in text, base64.b64encode(b"u:" + text):
                at = data.find(form)
                if at >= 0:
                    out.append("%s in %s: %r" % (what, name, data[
                        max(0, at - 80):at + len(form) + 40]))
    return out


def all_in_open_memory():
    out = []
    for pid in family(gw.p.pid):
        with open("/proc/%d/cmdline" % pid) as f:
            who = f.read().split("\0")[0]
        out += ["%d, %s: %s" % (pid, who, x) for x in in_open_memory(pid)]
    looked, bad = open_memfds(family(gw.p.pid))
    assert looked >= 4, looked      # worker, checker, recorder, admin
    for name, data in bad:
        out += gw.canaries.found(data, name)
    return out


def nothing_in_open_memory():
    """But what is on its way just now, as in a probe of the checker."""
    if os.geteuid() != 0:
        return "needs root to look at other processes"
    if SANITIZED:
        return "sanitizers keep what was freed"
    try:
        wait("keys to be gone", lambda: not all_in_open_memory(), 10)
    except AssertionError:
        bad = all_in_open_memory()
        assert not bad, "\n".join(["%d:" % len(bad)] + bad)
    return None


def by_tls(key, status):
    """A request; the connection stays."""
    c = http.client.HTTPSConnection(
        "127.0.0.1", tls_port, context=ssl._create_unverified_context())
    c.request("POST", "/v1/chat/completions", json.dumps({
        "model": "q-ok", "messages": []}), {"x-api-key": key})
    a = c.getresponse()
    assert a.status == status, (a.status, a.read())
    a.read()
    return c


@test
def memory_is_locked():
    """As root: in nothing that can be swapped out, after all were used."""
    for pid in ALL:
        a = gw.chat(PROMPT, model=pid + "/q-ok", key=C["root"])
        assert a.status == 200 or pid in ("tls", "gone"), (pid, a.body)
    assert base64.b64encode(("u:" + C["proxy"]).encode()).decode() in \
        proxied[-1], proxied
    for key, status in (C["user"], 200), (C["made-up"], 401):
        assert gw.chat(PROMPT, model="q-ok", key=key).status == status
    assert socks.accounts and socks.accounts[-1] == socks.account, (
        socks.accounts)
    by_tls(C["made-up"], 401)
    kept = [by_tls(C["by-tls"], 200) for _ in range(4)]
    said = nothing_in_open_memory()
    for c in kept:
        c.close()
    return said


HIDDEN = tuple(set(ALL) - {"gone"}) + ("second", "header", "proxy")


def told(a, what):
    """What an answer shows of the gateway's own keys; a client's comes from
    that client."""
    for n in HIDDEN:
        for text in C[n], base64.b64encode(C[n].encode()).decode():
            assert text.encode() not in a.body, (what, n, a.body)
            assert text not in str(a.headers), (what, n, a.headers)


@test
def providers_that_quote():
    came = []
    for model in MODELS:
        for stream in (False, True):
            for key in C["user"], C["root"]:
                a = gw.chat(PROMPT, model=model, key=key, stream=stream)
                told(a, model)
                if stream and model in ("q-late", "q-talks"):
                    came.append(a.body)
    # Those came to the client in their own words, and in their own length.
    assert any(b"Authorization: Bearer ***" in x for x in came), came
    for pid in ALL:
        for model in "q-500", "q-401", "q-late", "q-gzip", "q-head", "q-ok":
            told(gw.chat(PROMPT, model=pid + "/" + model, key=C["root"],
                         stream=model == "q-late"), (pid, model))
    # in another format
    for model in "q-400", "q-500", "q-late", "q-talks":
        told(gw.post("/v1/messages", {
            "model": model, "max_tokens": 5, "stream": True, "messages": [
                {"role": "user", "content": PROMPT}]}, key=C["root"]), model)
    # the raw proxy
    for model in MODELS:
        a = gw.post("/literal/v1/chat/completions", {
            "model": model, "messages": [
                {"role": "user", "content": PROMPT}]}, key=C["root"])
        told(a, model)


@test
def quotations_leave_nothing_in_memory():
    """Of a key that the provider has sent back, in heads, bodies, events and
    garbage."""
    return nothing_in_open_memory()


@test
def reasons_are_kept():
    """What is no quotation stays in the logs."""
    a = gw.chat(PROMPT, model="q-503", key=C["root"])
    wait("the status", lambda: [
        x for x in gw.log().split("\n") if "HTTP 503" in x])
    wait("its words", lambda: [
        x for x in gw.log().split("\n") if "says: refused: " in x])
    assert b"HTTP 503" in a.body and b"[...]" in a.body, a.body
    assert "HTTP 503" in gw.log("api-error.jsonl")


def raw(data):
    with socket.create_connection(("127.0.0.1", gw.port), timeout=60) as s:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        out = b""
        while True:
            got = s.recv(65536)
            if not got:
                return out
            out += got


@test
def clients_that_are_wrong():
    wrong = C["made-up"]
    for h in ({"Authorization": "Bearer " + wrong}, {"x-api-key": wrong},
              {"api-key": wrong}, {"x-goog-api-key": wrong},
              {"Authorization": "Basic " + base64.b64encode(
                  wrong.encode()).decode()},
              {"Authorization": wrong, "x-api-key": C["user"]},
              {"Cookie": wrong, "Proxy-Authorization": wrong,
               "X-Custom": wrong}):
        for path in ("/v1/chat/completions", "/literal/v1/x", "/nowhere",
                     "/v1/models?key=" + wrong):
            a = gw.post(path, {"model": "q-ok", "messages": [
                {"role": "user", "content": PROMPT}]}, key=None, headers=h)
            note(path, a.body)
    good = {"Authorization": "Bearer " + C["user"]}
    for body in ('{"model": "' + PROMPT, '{"messages": "%s"}' % PROMPT,
                 '{"model":"q-ok","model":"q-500","x":"%s"}' % C["made-up"],
                 "[" * 3000 + PROMPT, '{"model":"q-ok","messages":[{"role":'
                 '"user","content":"%s\\u0000"}]}' % C["made-up"]):
        a = call(gw.port, "POST", "/v1/chat/completions",
                 body.encode(), good)
        assert a.status in (200, 400), (a.status, a.body)
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n"
    auth = ("Authorization: Bearer %s\r\n" % C["user"]).encode()
    for data in (b"GET /" + C["user"].encode() + b"\r\n\r\n",
                 head + auth + b"Bad Header " + wrong.encode() + b"\r\n\r\n",
                 head + auth + b"Content-Length: " + wrong.encode() +
                 b"\r\n\r\n",
                 head + auth + b"Content-Length: 9999\r\n\r\n" +
                 PROMPT.encode(), wrong.encode() * 50 + b"\r\n\r\n"):
        note("raw", raw(data))
    with socket.create_connection(("127.0.0.1", tls_port), timeout=60) as s:
        s.sendall(b"GET / HTTP/1.1\r\nAuthorization: " + wrong.encode() +
                  b"\r\n\r\n")	# no TLS
        note("no TLS", s.recv(4096))


@test
def admin_and_its_listener():
    for h in ({}, {"Authorization": "Bearer " + C["made-up"]},
              {"x-api-key": C["user"]},
              {"Authorization": "Bearer " + C["root"]}):
        for method in "GET", "POST", "DELETE":
            for path in ("/metrics", "/healthz", "/readyz", "/nowhere",
                         "/metrics?key=" + C["user"]):
                a = call(gw.admin_port, method, path, headers=h)
                note("admin " + path, a.body + str(a.headers).encode())
    made = ctl("key", "create", "canary", ok=True)
    new = re.search(r"sk-aigw-\w{48}", made.stdout).group()
    rotated = re.search(r"sk-aigw-\w{48}", ctl(
        "key", "rotate", "canary", ok=True).stdout).group()
    seen[:] = [x for x in seen if not x[0].startswith("aigwctl key")]
    for k in new, rotated:
        gw.canaries.add(k, "client key")
        gw.chat(PROMPT, key=k, model="q-ok")
    for line in ("status", "status --json", "key list", "key list --json",
                 "key show canary", "provider list", "provider show literal",
                 "provider show literal --json", "usage", "models",
                 "key create canary", "key show nobody", "nonsense", "help",
                 "usage --by key", "version", "key disable canary",
                 "key create x --nonsense", "key delete canary"):
        ctl(*line.split())
    for path in "/health", "/info", "/routes", "/", "/v1/models":
        for k in None, C["user"], C["root"], C["made-up"]:
            a = call(gw.port, "GET", path, headers={"x-api-key": k} if k
                     else {})
            note(path, a.body)


BAD = {
    "no closing quote": ('"%s"' % C["user"], '"%s' % C["user"]),
    "text behind it": ('"%s"' % C["user"], '"%s" oops' % C["user"]),
    "a control byte": ('"%s"' % C["user"], '"%s\\x07"' % C["user"]),
    "an unknown option": ('secret = "%s"' % C["user"],
                          'seceret = "%s"' % C["user"]),
    "a secret as hash": ('secret = "%s"' % C["user"],
                         'hash = "%s"' % C["user"]),
    "in the place of an address": (
        'base_url = "%s"' % URL, 'base_url = "http://u:%s@h"' % C["made-up"]),
    "a bad proxy": ('proxy = "http://u', 'proxy = "gopher://u'),
    "a bad redis": ('redis = "redis://u', 'redis = "gopher://u'),
    "no number": ('threshold = 1000000', 'threshold = "%s"' % C["made-up"]),
    "a list": ('secret = "%s"' % C["user"],
               'secret = ( "%s" )' % C["user"]),
    "twice": ('secret = "%s"' % C["user"], 'secret = "%s"; secret = "%s"' % (
        C["user"], C["made-up"])),
    "no semicolon": ('secret = "%s";' % C["user"],
                     'secret = "%s" } } name =' % C["user"]),
    "not UTF-8": ('"%s"' % C["user"], '"%s\udcff"' % C["user"]),
}


@test
def configurations_that_are_wrong():
    bad = []
    for what, (a, b) in BAD.items():
        assert a in GOOD, what
        with open(gw.conf_path, "w", errors="surrogateescape") as f:
            f.write(GOOD.replace(a, b, 1))
        r = subprocess.run(
            [os.path.join(BUILD, "aigwd"), "-t", "-c", gw.conf_path,
             "--env-file", os.path.join(folder, "env")],
            capture_output=True, env=ENV)
        note("aigwd -t: " + what, r.stdout + r.stderr)
        if r.returncode == 0:
            bad.append("%s: accepted" % what)
        else:
            ctl("reload", ok=False)
    gw.write(GOOD)
    assert not bad, bad
    with open(os.path.join(folder, "env"), "a") as f:
        f.write("BROKEN %s\nX='%s\n" % (C["envfile"], C["envfile"]))
    ctl("reload", ok=False)
    write("env", "ENVFILE_UP=%s" % C["envfile"])
    ctl("reload", ok=True)
    gw.signal(signal.SIGHUP)
    for args in ("-t",), ("-T",):
        r = subprocess.run(
            [os.path.join(BUILD, "aigwd"), *args, "-c", gw.conf_path,
             "--env-file", os.path.join(folder, "env")],
            capture_output=True, env=ENV)
        assert r.returncode == 0, r
        note("aigwd " + args[0], r.stdout + r.stderr)
    wait("an answer", lambda: gw.chat(
        PROMPT, model="q-ok", key=C["root"]).status == 200)


def as_nobody(fn):
    """Run fn in a fork as the gateway's own user: its exit status."""
    who = pwd.getpwnam("nobody")
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            os.setgroups([])
            os.setgid(who.pw_gid)
            os.setuid(who.pw_uid)
            code = fn()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@test
def memory_cannot_be_read():
    """What gcore and a debugger do, as the user of the processes."""
    if os.geteuid() != 0:
        return "needs root to become the gateway's user"
    if os.environ.get("AIGW_SANDBOX") == "false":
        return "without a sandbox processes may be debugged"
    wait("the old generation to leave", lambda: len(
        family(gw.p.pid)) == 6, 20)
    libc = ctypes.CDLL(None, use_errno=True)
    wait("all processes", lambda: len(family(gw.p.pid)) >= 6, 20)
    looked = 0
    for pid in family(gw.p.pid):
        def look():
            for name in "mem", "environ", "maps", "auxv", "stack":
                try:
                    with open("/proc/%d/%s" % (pid, name), "rb") as f:
                        f.read(1)
                    return 1
                except OSError:
                    pass
            if libc.ptrace(16, pid, 0, 0) == 0:		# ATTACH
                return 2
            if libc.ptrace(0x4206, pid, 0, 0) == 0:	# SEIZE
                return 3
            buf = ctypes.create_string_buffer(16)
            iov = (ctypes.c_ulong * 2)(ctypes.addressof(buf), 16)
            there = (ctypes.c_ulong * 2)(ctypes.addressof(buf), 16)
            if libc.process_vm_readv(pid, iov, 1, there, 1, 0) > 0:
                return 4
            return 0
        # A new one conceals itself before it reads its share.
        wait("process %d to be closed" % pid,
             lambda: as_nobody(look) == 0, 10)
        if pid == gw.p.pid:
            continue

        def closed():
            with open("/proc/%d/limits" % pid) as f:
                limits = f.read()
            with open("/proc/%d/status" % pid) as f:
                status = f.read()
            return (re.search(r"Max core file size +0 ", limits) and
                    "NoNewPrivs:\t1" in status and "Seccomp:\t2" in status)

        wait("the sandbox of %d" % pid, lambda: not alive(pid) or closed())
        looked += 1

    assert looked > 3, looked


@test
def the_checker_has_no_ledger():
    """Neither open nor mapped; all others have it."""
    if os.geteuid() != 0:
        return "needs root to look at other processes"
    for role in "worker", "checker", "recorder", "admin":
        for pid in wait("one", lambda: gw.pids(role)):
            def right():
                with open("/proc/%d/maps" % pid) as f:
                    text = f.read()
                return "run/hot" in text and (
                    "state/ledger" in text) == (role != "checker")

            # A new one has not opened them yet, an old one may be leaving.
            wait("the stores of the %s, pid %d" % (role, pid),
                 lambda: not alive(pid) or right())
    return None


@test
def environment_is_still_there():
    """The master has moved it, not lost it: env: works at a reload, and in
    the next binary."""
    ctl("reload", ok=True)
    wait("an answer", lambda: gw.chat(
        PROMPT, model="env/q-ok", key=C["root"]).status == 200)


@test
def memory_is_still_locked():
    """After reloads, good and bad ones."""
    return nothing_in_open_memory()


@test
def a_breach_is_named():
    """What the sandbox does to a process that leaves it (sandbox_test tries
    the calls themselves)."""
    for role in "worker", "checker", "recorder", "admin":
        pid = wait("one", lambda: gw.pids(role))[0]
        n = gw.log().count("SIGSYS")
        os.kill(pid, signal.SIGSYS)
        wait("a line about " + role, lambda: gw.log().count("SIGSYS") > n)
        line = [x for x in gw.log().split("\n") if "SIGSYS" in x][-1]
        assert " error master" in line and role in line and (
            "its sandbox forbids" in line), line
        wait("another", lambda: gw.pids(role) and
             pid not in gw.pids(role), 20)


@test
def nothing_was_shown():
    assert len(seen) > 150, len(seen)
    bad = []
    for where, data in seen:
        bad += gw.canaries.found(data, where)
    bad += gw.leaks_alive() + gw.leaks()
    gw.canaries.texts.clear()	# said here, not again at the end
    assert not bad, "\n".join(["%d:" % len(bad)] + bad[:20])


main()
