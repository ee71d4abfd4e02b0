"""paths_e2e.py - the prefix rule: whose is a path? A table, made and printed.

Each row is a path of a client, in four configurations: providers with the
families' own ids are there or not, the families are on or off. What is expected
is computed here from the rule as aigw-api(7) has it; what happens is seen by
where requests arrive. A row has two requests, for a model that only one pool
lists and for a group of that pool:

  family       both reach the pool
  only ID      the model reaches provider ID, the group the pool
  raw ID       both reach provider ID, at its path, as the client wrote the rest
  404, 405     neither reaches anybody
"""
import http.server
import json
import threading

import lib
from lib import Gateway, call, main, test

KEY = "sk-paths-0123456789abcdef"
# The providers whose ids are also families: dialect, api_path.
IDS = {
    "openai": ("openai", "/v1"), "anthropic": ("anthropic", "/v1"),
    "gemini": ("gemini", "/v1beta"), "groq": ("groq", "/openai/v1"),
    "mistral": ("mistral", "/v1"), "ollama": ("ollama", ""),
    "openrouter": ("openai", "/api/v1"), "azure": ("azure", "/openai"),
}
FAMILIES = tuple(IDS)
POOLS = ("openai", "anthropic", "gemini", "mistral", "groq", "ollama")
OPS = (":generateContent", ":streamGenerateContent?alt=sse", ":countTokens",
       ":embedContent", ":batchEmbedContents")
OPENAI = ("chat/completions", "completions", "responses",
          "responses/input_tokens", "embeddings", "moderations",
          "images/generations", "audio/speech", "rerank")


def rows():
    """(family, format of the pool, method, path with {m} for the model)"""
    for p in ("/v1/", "/openai/v1/"):
        for op in OPENAI:
            yield "openai", "openai", "POST", p + op
    for p in ("/v1/", "/anthropic/v1/"):
        yield "anthropic", "anthropic", "POST", p + "messages"
        yield "anthropic", "anthropic", "POST", p + "messages?beta=true"
        yield "anthropic", "anthropic", "POST", p + "messages/count_tokens"
    yield "anthropic", "anthropic", "POST", "/anthropic/v3/messages"
    for p in ("/v1beta/", "/v1/", "/gemini/v1beta/", "/gemini/v2/"):
        for op in OPS:
            yield "gemini", "gemini", "POST", p + "models/{m}" + op
    yield "gemini", "gemini", "POST", "/gemini/v2/models/{m}/generateContent"
    for op in ("chat/completions", "fim/completions", "embeddings"):
        yield "mistral", "mistral", "POST", "/mistral/v1/" + op
    yield "groq", "groq", "POST", "/groq/openai/v1/chat/completions"
    yield "groq", "groq", "POST", "/groq/v4/chat/completions"
    for p in ("/openai/", "/openai/openai/", "/v1/"):
        for op in ("chat/completions", "embeddings"):
            yield ("azure", "openai", "POST",
                   p + "deployments/{m}/" + op + "?api-version=2025-01-01")
    for p in ("/openai/", "/openai/openai/"):
        for op in ("responses", "responses/input_tokens"):
            yield "azure", "openai", "POST", p + op + "?api-version=2025-01-01"
    for p in ("api/chat", "api/generate", "v5/api/chat", "api/embed",
              "api/embeddings"):
        yield "ollama", "ollama", "POST", "/ollama/" + p
    yield "openrouter", "openai", "POST", "/openrouter/v6/chat/completions"
    for i, (_, api) in IDS.items():         # of no family
        for p in {api, ""}:
            yield None, None, "PUT", "/%s%s/files/x?y=%%20z" % (i, p)
            yield None, None, "GET", "/%s%s/things" % (i, p)
    # Of a family but for the method.
    yield "anthropic", None, "GET", "/anthropic/v1/messages"
    yield None, None, "POST", "/gemini/v1beta/models/{m}:predict"


def expected(row, present, on):
    family, fmt, _, path = row
    first = path.split("/")[1]
    there = present and first in IDS
    if family and fmt is None and on:
        return "raw " + first if there else "405"
    if family and on:
        below = there and path.startswith("/%s%s/" % (first, IDS[first][1]))
        return "only " + first if below else "family"
    return "raw " + first if there else "404"


def raw_path(path):
    """Where the raw proxy shall arrive: the api path once."""
    first = path.split("/")[1]
    api, rest = IDS[first][1], path[1 + len(first):]
    return "/at-" + first + (rest if api and rest.startswith(api + "/")
                             else api + rest)


class Upstream(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = []

    def any(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.seen.append((self.command, self.path, body))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST = do_PUT = any

    def log_message(self, *args):
        pass


state = {}


def setup():
    if state:
        return
    s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=s.serve_forever, daemon=True).start()
    lib._cleanup.append(s.shutdown)
    state["url"] = "http://127.0.0.1:%d" % s.server_address[1]
    for present in True, False:
        for on in True, False:
            state[present, on] = gateway(present, on)


def one(pid, dialect, api, models):
    return ('{ id = "%s"; dialect = "%s"; base_url = "%s/at-%s"; '
            'api_path = "%s"; keys = ( "sk-up-1" ); '
            'allow_private = ( "127.0.0.0/8" ); '
            'health = { interval = "0s"; }; models = ( %s ); }' % (
                pid, dialect, state["url"], pid, api,
                ", ".join('"%s"' % m for m in models)))


def gateway(present, on):
    providers = [one("pool-" + d, d, "/p", ("m-" + d,)) for d in POOLS]
    if present:
        providers += [one(i, d, api, ("of-" + i,))
                      for i, (d, api) in IDS.items()]
    groups = ['{ name = "g-%s"; targets = ( { provider = "pool-%s"; '
              'model = "m-%s"; } ); }' % (d, d, d) for d in POOLS]
    return Gateway(
        "providers = ( %s );\ngroups = ( %s );\nroutes = { %s };\n"
        'keys = ( { name = "k"; secret = "%s"; role = "root"; } );\n' % (
            ",\n".join(providers), ",\n".join(groups), " ".join(
                '%s = "%s";' % (f, "auto" if on else "off")
                for f in FAMILIES), KEY))


def ask(gw, method, path, model):
    """Who got it: an id, "here" or "404"; and the path there."""
    Upstream.seen.clear()
    body = None if method == "GET" else {
        "model": model, "max_tokens": 5, "input": "x", "prompt": "x",
        "messages": [{"role": "user", "content": "x"}],
        "contents": [{"role": "user", "parts": [{"text": "x"}]}],
        "content": {"parts": [{"text": "x"}]},
        "requests": [{"content": {"parts": [{"text": "x"}]}}]}
    if ":" in path and method == "POST":
        body.pop("model")
    a = call(gw.port, method, path.replace("{m}", model), body,
             {"Authorization": "Bearer " + KEY})
    if Upstream.seen:
        at = Upstream.seen[-1][1]
        return at.split("/")[1][len("at-"):], at
    return ("here", "") if a.status == 200 else (str(a.status), "")


def actual(gw, row):
    _, fmt, method, path = row
    fmt = fmt or "openai"
    m, at = ask(gw, method, path, "m-" + fmt)
    g, at_g = ask(gw, method, path, "g-" + fmt)
    first = path.split("/")[1]
    pool = "pool-" + fmt
    if (m, g) == (pool, pool):
        return "family", at
    if m == g == "here":        # counted here: the pool cannot
        return "family", at
    if m == first and g in (pool, "here"):
        return "only " + first, at
    if m == g == first:
        want = raw_path(path)
        if (at, at_g) != (want.replace("{m}", "m-" + fmt),
                          want.replace("{m}", "g-" + fmt)):
            return "raw at " + at, at
        return "raw " + first, at
    if m == g and m.isdigit():
        return m, at
    return "%s and %s" % (m, g), at


@test
def whose_is_a_path():
    setup()
    wrong = []
    n = 0
    print("# %-58s %-9s %-3s  %-15s %s" % ("path", "providers", "on",
                                           "expected", "arrives at"))
    for row in rows():
        for present in True, False:
            for on in True, False:
                want = expected(row, present, on)
                got, at = actual(state[present, on], row)
                n += 1
                print("# %-58s %-9s %-3s  %-15s %s%s" % (
                    row[2] + " " + row[3], "present" if present else "absent",
                    "on" if on else "off", want, at,
                    "" if got == want else "   WRONG: " + got))
                if got != want:
                    wrong.append((row[3], present, on, want, got))
                assert_not_doubled(at)
    print("# %d rows" % n)
    assert not wrong, wrong
    assert n > 250, n


def assert_not_doubled(at):
    for i, (_, api) in IDS.items():
        if api and at.startswith("/at-%s/" % i):
            assert at.startswith("/at-%s%s/" % (i, api)), at
            assert not at.startswith("/at-%s%s%s/" % (i, api, api)), at


@test
def lists_follow_the_rule():
    setup()
    for path, first in (("/v1/models", None), ("/openai/v1/models", "openai"),
                        ("/anthropic/v1/models", "anthropic"),
                        ("/v1beta/models", None),
                        ("/gemini/v1beta/models", "gemini")):
        for present in True, False:
            for on in True, False:
                Upstream.seen.clear()
                a = call(state[present, on].port, "GET", path, None,
                         {"Authorization": "Bearer " + KEY})
                what = (path, present, on, a.status, a.body[:300])
                off = not on and path != "/v1/models"
                if off and first and present:       # raw
                    assert Upstream.seen[-1][1] == raw_path(path), what
                    continue
                assert not Upstream.seen, what
                assert a.status == (404 if off else 200), what
                if off:
                    continue
                ids = a.body.decode()
                assert "g-openai" in ids, what
                # Below a provider's prefix: groups, and that provider's.
                pinned = present and first
                assert ("m-openai" in ids) == (not pinned), what
                assert not pinned or "of-" + first in ids, what


@test
def a_path_is_told_by_its_own_format():
    setup()
    gw = state[False, True]
    for path, shape in (
            ("/v1/messages", lambda e: e["type"] == "error"),
            ("/v1beta/models/x:generateContent",
             lambda e: e["error"]["status"] == "UNAUTHENTICATED"),
            ("/v1/chat/completions",
             lambda e: e["error"]["code"] == "invalid_api_key")):
        a = call(gw.port, "POST", path, {}, {"Authorization": "Bearer no"})
        assert a.status == 401 and shape(json.loads(a.body)), a.body


main()
