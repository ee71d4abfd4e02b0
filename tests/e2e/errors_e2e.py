"""errors_e2e.py - what providers refuse, and what the client of each format gets.

A provider for each error, which says it to whoever asks; TABLE has errors in the
ways that servers of each format tell them. Recorded ones come besides when
AIGW_TRANSCRIPTS names their folder. Every format's client asks every provider,
for a whole answer and for a stream.
"""
import concurrent.futures
import glob
import http.server
import json
import os
import threading

from clients import CLIENTS, request
from lib import Gateway, file_key, main, test

WORDS = "the field is odd"
KEY = "sk-up-errors-0123456789"


def openai(type_, code=None, param=None, message=WORDS):
    return {"error": {"message": message, "type": type_, "param": param,
                      "code": code}}


def claude(type_, message=WORDS):
    return {"type": "error", "error": {"type": type_, "message": message},
            "request_id": "req_1"}


def google(code, status, message=WORDS, details=()):
    return {"error": {"code": code, "message": message, "status": status,
                      "details": list(details)}}


def retry_info(delay):
    return {"@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": delay}


HTML = "<html><body>502 %s</body></html>" % WORDS

# Name: format, status, body, headers, what becomes of it: "own" is the client's
# fault, with the words; "key" is ours; a number of milliseconds is a rate;
# "fails", or that and milliseconds.
TABLE = {
    "o-param": ("openai", 400, openai("invalid_request_error", "odd", "top_p"),
                {}, "own"),
    "o-context": ("openai", 400, openai(
        "invalid_request_error", "context_length_exceeded"), {}, "own"),
    "o-large": ("openai", 413, openai("invalid_request_error"), {}, "own"),
    "o-key": ("openai", 401, openai(
        "invalid_request_error", "invalid_api_key", None,
        "Incorrect API key provided: sk-up-er*****6789."), {}, "key"),
    "o-region": ("openai", 403, openai("invalid_request_error"), {}, "key"),
    "o-model": ("openai", 404, openai("invalid_request_error",
                                      "model_not_found"), {}, "key"),
    "o-quota": ("openai", 429, openai("insufficient_quota",
                                      "insufficient_quota"), {}, 1000),
    "o-rate": ("openai", 429, openai("requests", "rate_limit_exceeded"),
               {"retry-after": "9", "retry-after-ms": "8200"}, 8200),
    "o-broken": ("openai", 500, openai("server_error"), {}, "fails"),
    "o-cdn": ("openai", 502, HTML, {}, "fails"),
    "o-full": ("openai", 503, openai("server_error"), {"retry-after": "4"},
               ("fails", 4000)),
    "a-odd": ("anthropic", 400, claude("invalid_request_error"), {}, "own"),
    "a-long": ("anthropic", 400, claude("invalid_request_error",
                                        "prompt is too long: " + WORDS), {},
               "own"),
    "a-large": ("anthropic", 413, claude("request_too_large"), {}, "own"),
    "a-key": ("anthropic", 401, claude("authentication_error"), {}, "key"),
    "a-credit": ("anthropic", 400, claude(
        "invalid_request_error", "Your credit balance is too low"), {},
        "key"),
    "a-bill": ("anthropic", 402, claude("billing_error"), {}, "key"),
    "a-rate": ("anthropic", 429, claude("rate_limit_error"),
               {"retry-after": "7"}, 7000),
    "a-full": ("anthropic", 529, claude("overloaded_error"), {}, "fails"),
    "g-odd": ("gemini", 400, google(400, "INVALID_ARGUMENT"), {}, "own"),
    "g-list": ("gemini", 400, [google(400, "INVALID_ARGUMENT")], {}, "own"),
    "g-key": ("gemini", 400, google(400, "INVALID_ARGUMENT",
                                    "API key not valid. Look for one."), {},
              "key"),
    "g-rate": ("gemini", 429, google(429, "RESOURCE_EXHAUSTED", WORDS,
                                     [{}, retry_info("34.4s")]), {}, 34400),
    "g-full": ("gemini", 503, google(503, "UNAVAILABLE"), {}, "fails"),
    "m-odd": ("mistral", 400, {"object": "error", "message": WORDS,
                               "type": "invalid_request_error",
                               "param": None, "code": "3000"}, {}, "own"),
    "m-list": ("mistral", 422, {"detail": [{"loc": ["body"], "msg": WORDS,
                                            "type": "x"}]}, {}, "own"),
    "m-deep": ("mistral", 422, {"object": "error", "message": {
        "detail": [{"msg": WORDS}]}, "type": "x"}, {}, "own"),
    "m-key": ("mistral", 401, {"detail": WORDS}, {}, "key"),
    "m-rate": ("mistral", 429, {"object": "error", "message": WORDS,
                                "type": "rate_limited"}, {}, 1000),
    "q-tool": ("groq", 400, {"error": {
        "message": WORDS, "type": "invalid_request_error",
        "code": "tool_use_failed", "failed_generation": "{}"}}, {}, "own"),
    "q-rate": ("groq", 429, openai("tokens", "rate_limit_exceeded"),
               {"retry-after": "2"}, 2000),
    "l-odd": ("ollama", 400, {"error": WORDS}, {}, "own"),
    "l-model": ("ollama", 404, {"error": WORDS}, {}, "key"),
    "l-broken": ("ollama", 500, {"error": WORDS}, {}, "fails"),
}

# What was recorded, by folder and name; all else of it is in the files.
RECORDED = {
    "openai-chat/error-400-max-tokens": "own",
    "openai-chat/error-404-model": "key",
    "openai-responses/error-400-context": "own",
    "openai-responses/error-401": "key",
    "openai-responses/error-429-insufficient-quota": 1000,
    "anthropic/error-400-prompt-too-long": "own",
    "anthropic/error-401": "key",
    "anthropic/error-404-model": "key",
    "gemini/error-400-key": "key",
    "gemini/error-404-model": "key",
    "gemini/error-429-retryinfo": 48000,
    "mistral/error-401": "key",
    "groq/error-400-tool-use-failed": "own",
    "groq/error-404-model": "key",
}


def recorded():
    """TABLE's rows of the folder; its words are in the bodies."""
    folder = os.environ.get("AIGW_TRANSCRIPTS")
    if folder is None:
        return {}
    rows = {}
    for meta in sorted(glob.glob(folder + "/*/error-*.meta.json")):
        name = os.path.relpath(meta, folder)[:-len(".meta.json")]
        with open(meta) as f:
            status = json.load(f)["status"]
        with open(meta.replace(".meta.", ".response.")) as f:
            body = f.read()
        dialect = name.split("-")[0].split("/")[0]
        rows[name.replace("/", "-")] = (dialect, status, body, {},
                                        RECORDED[name])
    assert len(rows) == len(RECORDED), sorted(rows)
    return rows


ERRORS = dict(TABLE, **recorded())


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        name = self.path.split("/")[1]
        _, status, body, headers, _ = ERRORS[name]
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("content-type", "text/html" if body is HTML else
                         "application/json")
        self.send_header("content-length", str(len(data)))
        for k, v in headers.items():
            self.send_header(k, v)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


class Many(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


server = Many(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
URL = "http://127.0.0.1:%d" % server.server_port
gw = Gateway("providers = ( %s );\nfailover = { threshold = 100000; };\n%s" % (
    ",\n".join('{ id = "%s"; dialect = "%s"; base_url = "%s/%s"; keys = ( '
               '"%s" ); allow_private = ( "127.0.0.0/8" ); models = ( "%s" ); '
               '%s }' % (name, e[0], URL, name, KEY, name,
                         'apis = ( "%s" );' % (
                             "responses" if "responses" in name else "chat")
                         if e[0] == "openai" else "")
               for name, e in ERRORS.items()), file_key()))

def ask(client, name, stream):
    return gw.post(*request(client, name, stream))


def said(client, a):
    """Words, type and code in the client's envelope."""
    o = a.json()
    if client in ("openai", "responses", "groq"):
        e = o["error"]
        return e["message"], e["type"], e["code"]
    if client == "anthropic":
        assert o["type"] == "error" and o["request_id"] == a.headers[
            "request-id"], o
        return o["error"]["message"], o["error"]["type"], None
    if client == "gemini":
        assert o["error"]["code"] == a.status, o
        return o["error"]["message"], o["error"]["status"], None
    if client == "mistral":
        assert o["object"] == "error", o
        return o["message"], o["type"], o["code"]
    return o["error"], None, None


def words_of(body):
    """What the provider says is wrong."""
    o = json.loads(body) if isinstance(body, str) else body
    o = o[0] if isinstance(o, list) else o
    e = o.get("error", o)
    if isinstance(e, str):
        return e
    while not isinstance(e, str):
        e = e[0] if isinstance(e, list) else e.get(
            "message", e.get("detail", e.get("msg")))
    return e


TYPES = {       # of each status: OpenAI's type, Anthropic's, Google's
    400: ("invalid_request_error", "invalid_request_error",
          "INVALID_ARGUMENT"),
    413: ("invalid_request_error", "request_too_large", "INVALID_ARGUMENT"),
    422: ("invalid_request_error", "invalid_request_error",
          "INVALID_ARGUMENT"),
    429: ("requests", "rate_limit_error", "RESOURCE_EXHAUSTED"),
    502: ("server_error", "api_error", "INTERNAL"),
}


def check_type(client, status, type_):
    at = {"anthropic": 1, "gemini": 2, "ollama": None}.get(client, 0)
    if at is not None:
        assert type_ == TYPES[status][at], (status, type_)


def like(client, dialect):
    """Bodies of this client reach servers of that format as they are."""
    return client == dialect or (client in ("openai", "groq") and
                                 dialect in ("openai", "groq"))


def own(client, name, a):
    dialect, status, body, _, _ = ERRORS[name]
    assert a.status == status, (a.status, a.body)
    if like(client, dialect) and "responses" not in name:
        sent = body if isinstance(body, str) else json.dumps(body)
        assert a.body == sent.encode(), a.body
        return
    if client == "responses" and "responses" in name:
        assert a.body == body.encode(), a.body
        return
    text, type_, code = said(client, a)
    assert words_of(body) in text, (text, body)
    check_type(client, status, type_)
    if "context" in name and client in ("openai", "groq", "responses"):
        assert code == "context_length_exceeded", code
    if "context" in name and client == "anthropic":
        assert text.startswith("prompt is too long"), text


def not_own(client, name, a):
    """What is wrong is no word of the provider's, and nothing of ours."""
    text, type_, _ = said(client, a)
    check_type(client, a.status, type_)
    return text


def judge(client, name, a):
    what = ERRORS[name][4]
    wait = what[1] if isinstance(what, tuple) else what
    if what == "own":
        own(client, name, a)
    elif what == "key":
        assert a.status == 502, (a.status, a.body)
        assert "tell the operator" in not_own(client, name, a), a.body
        assert a.headers["x-should-retry"] == "false", a.headers
    elif isinstance(what, int):
        assert a.status == 429, (a.status, a.body)
        not_own(client, name, a)
        assert "x-should-retry" not in a.headers, a.headers
        assert WORDS not in a.body.decode(), a.body
    else:
        assert a.status == 502, (a.status, a.body)
        not_own(client, name, a)
    if isinstance(wait, int):
        assert a.headers["retry-after-ms"] == str(wait), a.headers
        assert a.headers["retry-after"] == str(-(-wait // 1000)), a.headers
    if isinstance(what, int) and client == "gemini":
        d = a.json()["error"]["details"]
        assert float(d[0]["retryDelay"][:-1]) * 1000 == wait, d
    shown = json.dumps(a.headers) + a.body.decode()
    for secret in (KEY, "sk-up", URL[7:], "127.0.0.1"):
        assert secret not in shown, (secret, shown)
    assert a.headers["x-request-id"].startswith("req_"), a.headers
    assert a.headers["content-type"].startswith(
        "text/html" if what == "own" and ERRORS[name][2] is HTML else
        "application/json"), a.headers


def wrong(name):
    """What is not as it ought to be, of all clients."""
    bad = []
    for client in CLIENTS:
        for stream in (False, True):
            a = ask(client, name, stream)
            try:
                judge(client, name, a)
            except (AssertionError, KeyError, TypeError) as e:
                bad.append("%s of %s%s: %r\n  %d %s" % (
                    client, name, ", a stream" if stream else "", e,
                    a.status, a.body[:400]))
    return bad


def clients_get(names):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        bad = sum(pool.map(wrong, names), [])
    assert not bad, "%d of %d\n%s" % (
        len(bad), len(names) * len(CLIENTS) * 2, "\n".join(bad[:40]))


@test
def each_error_reaches_each_client_in_its_format():
    clients_get(TABLE)


@test
def recorded_errors_do():
    if len(ERRORS) == len(TABLE):
        return "AIGW_TRANSCRIPTS names no folder"
    clients_get([n for n in ERRORS if n not in TABLE])


main()
