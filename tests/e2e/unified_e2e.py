"""unified_e2e.py - POST /v1/chat with curl, Python and JavaScript, against
"contrib/setup run", and the manual's examples as they stand there.

AIGW_EXAMPLES may name a Markdown file with more of them, in the sections of
"curl" and "python" code about /v1/chat; without it that point is skipped.
"""
import concurrent.futures
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

import lib
from lib import (BUILD, SRC, Gateway, Mock, call, free_port, main, provider,
                 test, tmpdir, wait)

PORT = free_port()
VAR = tmpdir()
FORMATS = ("openai", "anthropic", "gemini", "mistral")
BODY = {"messages": [{"role": "system", "content": "Be brief."},
                     {"role": "user", "content": "What is a gateway?"}]}


def demo():
    env = {k: v for k, v in os.environ.items() if not k.endswith("_API_KEY")}
    env["PORT"] = str(PORT)
    with open(os.path.join(VAR, "said"), "wb") as f:
        p = subprocess.Popen(["sh", os.path.join(SRC, "contrib", "setup"),
                              "run", "--built", BUILD, "--var", VAR],
                             stdout=f, stderr=subprocess.STDOUT, env=env)

    def stop():
        if p.poll() is None:
            p.terminate()
            p.wait(30)
        for name in ("aigwd.out", "said", "log/error.log"):
            text = read(name)
            bad = [w for w in lib.FORBIDDEN if w in text]
            assert not bad, (name, text[-3000:])
    lib._cleanup.append(stop)

    def up():
        assert p.poll() is None, read("said")
        return "runs in the foreground" in read("said")
    wait("contrib/setup run", up, 60)


def read(name):
    try:
        with open(os.path.join(VAR, name), errors="replace") as f:
            return f.read()
    except FileNotFoundError:
        return ""


def run(cmd, stdin=None):
    r = subprocess.run(cmd, input=stdin, capture_output=True, text=True,
                       timeout=60)
    assert r.returncode == 0, (cmd, r.stdout, r.stderr)
    return r.stdout


def here(text, port=PORT):
    """An example, for this gateway."""
    return re.sub(r"(127\.0\.0\.1|localhost):8080", "127.0.0.1:%d" % port,
                  text)


def events(text):
    """[(event, data)] of a stream of chunk, done and error."""
    out = []
    for part in text.split("\n\n")[:-1]:
        if not part.startswith(":"):
            m = re.fullmatch(r"event: (\w+)\ndata: (.*)", part)
            assert m, part
            out.append((m[1], json.loads(m[2])))
    return out


def usage_of(u):
    assert u["prompt_tokens"] > 0 and u["completion_tokens"] > 0, u
    assert u["total_tokens"] == u["prompt_tokens"] + u["completion_tokens"], u
    assert u["input_tokens"] == u["prompt_tokens"], u
    assert u["output_tokens"] == u["completion_tokens"], u


def cost_of(c, u):
    assert c["total_tokens"] == u["total_tokens"], c
    money = {k: c[k] for k in c if k.endswith("_usd")}
    assert set(money) == {"estimated_cost_usd", "input_cost_usd",
                          "output_cost_usd"}, c
    for v in money.values():
        assert re.fullmatch(r"\d+\.\d{6}", v), c
    cents = {k: round(float(v) * 1e6) for k, v in money.items()}
    assert abs(cents["estimated_cost_usd"] - cents["input_cost_usd"] -
               cents["output_cost_usd"]) <= 1, c


def whole(a, name):
    assert list(a) == ["provider", "message", "usage", "cost",
                       "latency_ms"], a
    assert a["provider"] == name and a["message"]["role"] == "assistant", a
    assert a["message"]["content"], a
    usage_of(a["usage"])
    cost_of(a["cost"], a["usage"])
    assert 0 < a["latency_ms"] < 60000, a


def stream(text):
    ev = events(text)
    assert [e for e, _ in ev] == ["chunk"] * (len(ev) - 1) + ["done"], ev
    assert len(ev) > 2, ev
    assert all(d["role"] == "assistant" and d["content"]
               for _, d in ev[:-1]), ev
    done = ev[-1][1]
    assert list(done) == ["usage", "cost", "latency_ms"], done
    usage_of(done["usage"])
    cost_of(done["cost"], done["usage"])


def curl(*args, body=None):
    return run(["curl", "-sS", "-X", "POST", "-H",
                "Content-Type: application/json", "-d", json.dumps(body)] +
               list(args))


URL = "http://127.0.0.1:%d/v1/chat" % PORT


def of_each_format(fn):
    """At once: the provider takes its time."""
    with concurrent.futures.ThreadPoolExecutor(len(FORMATS)) as ex:
        list(ex.map(fn, FORMATS))


@test
def curl_gets_an_answer_of_each_format():
    of_each_format(lambda f: whole(json.loads(curl(
        URL, body=dict(BODY, provider=f, model="gpt-4o"))), f))


@test
def curl_gets_a_stream_of_each_format():
    of_each_format(lambda f: stream(curl(
        "-N", "-H", "Accept: text/event-stream", URL + "?stream=true",
        body=dict(BODY, provider=f, model="gpt-4o"))))
    of_each_format(lambda f: stream(curl(
        "-N", URL, body=dict(BODY, provider=f, model="gpt-4o",
                             stream=True))))


@test
def requests_reads_a_stream_line_by_line():
    import requests
    got = []
    with requests.post(URL + "?stream=true", stream=True,
                       json=dict(BODY, provider="openai",
                                 model="gpt-4o")) as r:
        assert r.headers["content-type"] == "text/event-stream", r.headers
        assert r.headers["x-accel-buffering"] == "no", r.headers
        for line in r.iter_lines():
            if line.decode().startswith("data: "):
                got.append(json.loads(line[6:]))
    assert "".join(d["content"] for d in got[:-1]), got
    usage_of(got[-1]["usage"])


@test
def a_wrong_body_is_told_what_is_there():
    a = call(PORT, "POST", "/v1/chat", {"provider": "cohere"})
    assert a.status == 400, a.body
    assert a.json()["error"] == "Invalid request"
    for name in ("provider", "model", "messages"):
        assert a.json()["details"][name]["_errors"], a.body
    s = a.json()["expectedSchema"]
    assert set(FORMATS) < set(s["structure"]["properties"]["provider"][
        "options"]), s
    again = call(PORT, "POST", "/v1/chat", s["example"])
    assert again.status == 200, again.body


@test
def root_says_it_is_fine():
    a = json.loads(run(["curl", "-sS", "http://127.0.0.1:%d/" % PORT]))
    assert a["status"] == "ok", a


# --- the manual ------------------------------------------------------------

def manual():
    """The examples of aigw-api(7), in their order."""
    with open(os.path.join(SRC, "man", "aigw-api.7")) as f:
        text = f.read()
    text = text[text.index(".Sh EXAMPLES"):text.index(".Sh SEE ALSO")]
    out = re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed", text, re.M | re.S)
    return [re.sub(r"\\[e&]", lambda m: {"e": "\\", "&": ""}[m[0][1]], x)
            for x in out]


WHOLE, STREAM, PYTHON, SCRIPT = manual()


def script(text, ok=True):
    """What the JavaScript client says."""
    path = os.path.join(VAR, "client.mjs")
    with open(path, "w") as f:
        f.write(text)
    r = subprocess.run(["node", path], capture_output=True, text=True,
                       timeout=60)
    assert (r.returncode == 0) == ok, (r.stdout, r.stderr)
    return r.stdout, r.stderr


@test
def the_manuals_curl_lines_work():
    whole(json.loads(run(["sh", "-c", here(WHOLE)])), "openai")
    stream(run(["sh", "-c", here(STREAM)]))


@test
def the_manuals_python_client_works():
    out = run([sys.executable, "-"], here(PYTHON))
    assert re.fullmatch(r".+\n\d+ tokens\n", out, re.S), out


def needs_node(fn):
    def point():
        return "node is not installed" if shutil.which("node") is None else (
            fn())
    point.__name__ = fn.__name__
    return test(point)


@needs_node
def the_manuals_javascript_client_works():
    out, _ = script(here(SCRIPT))
    assert re.fullmatch(r".+\n\d+ tokens, 0\.\d{6} dollars\n", out, re.S), out


mock = Mock()
gw = Gateway("providers = ( %s );\nauth = { anonymous_unified_chat = true; };"
             % provider(mock, "openai", ()))


def dividing(port):
    """A proxy for one request: the answer goes on in slow pieces of three
    bytes, which divide events, lines and letters."""
    s = socket.create_server(("127.0.0.1", 0))

    def serve():
        with s, s.accept()[0] as c:
            c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            f = c.makefile("rb")
            n = 0
            while (line := f.readline().lower()) not in (b"\r\n", b""):
                if line.startswith(b"content-length:"):
                    n = int(line.split(b":")[1])
            a = call(port, "POST", "/v1/chat", json.loads(f.read(n)))
            c.sendall(b"HTTP/1.1 %d OK\r\nconnection: close\r\n"
                      b"transfer-encoding: chunked\r\n\r\n" % a.status)
            for i in range(0, len(a.body), 3):
                piece = a.body[i:i + 3]
                c.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
                time.sleep(0.001)   # the pace: nothing waits for it
            c.sendall(b"0\r\n\r\n")
    t = threading.Thread(target=serve, daemon=True)
    t.start()
    return s.getsockname()[1], t


@needs_node
def the_manuals_javascript_client_sees_pieces():
    said = "h\u00e4ll\u00f6\u20ac\U0001f600"
    port, t = dividing(gw.port)
    out, _ = script(here(SCRIPT, port).replace(
        "Say hello.", "[[marker:%s]]" % said))
    t.join(10)
    assert said in out and "tokens, 0." in out, out


@needs_node
def the_manuals_javascript_client_sees_failures():
    mock.reset()
    mock.config(do="cut=8")
    out, err = script(here(SCRIPT, gw.port), ok=False)
    assert out and "Stream error: " in err, (out, err)
    mock.config(do="status=500")
    _, err = script(here(SCRIPT, gw.port), ok=False)
    assert "502 {\"error\":\"Provider request failed\"" in err, err


@test
def a_page_of_a_browser_cannot_ask_unasked():
    """Only what a browser asks leave for first is taken without a key."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", None):
        h = {} if kind is None else {"Content-Type": kind}
        a = call(gw.port, "POST", "/v1/chat",
                 json.dumps(dict(BODY, provider="openai", model="m")),
                 headers=h)
        assert a.status == 415, (kind, a.status, a.body)
        assert a.json()["statusCode"] == 415, a.body
    assert gw.post("/v1/chat", {}, key=None).status == 400
    a = gw.post("/v1/chat/completions", {"model": "m"}, key=None)
    assert a.status == 401, a.body


# --- examples from elsewhere -----------------------------------------------

@test
def examples_of_a_file_work():
    name = os.environ.get("AIGW_EXAMPLES")
    if not name:
        return "AIGW_EXAMPLES names no file"
    with open(name) as f:
        parts = re.findall(r"^```(\w+)\n(.*?)^```", f.read(), re.M | re.S)
    n = 0
    for kind, text in parts:
        if "/v1/chat" not in text or "useMcpTools" in text:
            continue
        if kind == "bash":
            out = run(["sh", "-c", here(text)])
            if "stream" in text:
                stream(out)
            else:
                whole(json.loads(out), "openai")
        elif kind == "python":
            lines = run([sys.executable, "-"], here(text)).splitlines()
            assert len(lines) > 2 and "'usage'" in lines[-1], lines
        else:
            continue
        print("# %s: works" % text.split("\n")[0])
        n += 1
    assert n >= 4, n
    return None


demo()
main()
