"""authz_e2e.py - every route, every kind of key, every header that can show it.

The routes are read from the tables of the program; what each is for stands
here. A row that is new, or that is declared in another way there, fails.
"""
import base64
import itertools
import os
import re
import subprocess

from lib import BUILD, SRC, Gateway, Mock, call, main, provider, test, wait

OPEN, KEY, LOCAL = "anybody", "any good key", "anybody near, or an admin"
PUBLIC = {
    ("POST", "/v1/chat/completions"): KEY, ("POST", "/v1/completions"): KEY,
    ("POST", "/v1/embeddings"): KEY, ("POST", "/v1/moderations"): KEY,
    ("POST", "/v1/images/generations"): KEY,
    ("POST", "/v1/images/edits"): KEY, ("POST", "/v1/images/variations"): KEY,
    ("POST", "/v1/audio/speech"): KEY,
    ("POST", "/v1/audio/transcriptions"): KEY,
    ("POST", "/v1/audio/translations"): KEY, ("POST", "/v1/rerank"): KEY,
    ("GET", "/v1/capabilities"): KEY,
    ("GET", "/v1/models"): KEY, ("GET", "/v1/models/"): KEY,
    ("GET", "/models"): KEY, ("GET", "/api/models"): KEY,
    ("GET", "/"): OPEN, ("GET", "/health"): OPEN,
    ("GET", "/health/quick"): OPEN, ("GET", "/info"): OPEN,
    ("GET", "/routes"): OPEN, ("GET", "/healthz"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("POST", "/v1/responses"): KEY, ("POST", "/v1/messages"): KEY,
    ("POST", "/v1/messages/count_tokens"): KEY,
    ("POST", "/v1beta/models/m1:generateContent"): KEY,
    ("POST", "/groq/v4/chat/completions"): KEY,
    ("POST", "/v1/chat"): KEY, ("POST", "/ollama/api/chat"): KEY,
    ("GET", "/ollama/api/tags"): KEY, ("GET", "/v1beta/models"): KEY,
}
GEMINI = ("generateContent", "streamGenerateContent", "countTokens",
          "embedContent", "batchEmbedContents")
AZURE = ("chat/completions", "completions", "embeddings",
         "images/generations", "images/edits", "audio/speech",
         "audio/transcriptions", "audio/translations")
# Their paths differ in nothing from one of those above.
ALIKE = {("POST", p): KEY for p in [
    "/v1/responses/input_tokens", "/anthropic/v1/messages",
    "/mistral/v1/fim/completions", "/openrouter/v6/chat/completions",
    "/ollama/v5/api/chat", "/ollama/api/generate", "/ollama/api/embed",
    "/ollama/api/embeddings", "/ollama/api/show",
    "/gemini/v2/models/m1/generateContent",
    "/gemini/v2/models/m1/streamGenerateContent",
    "/anthropic/v1/messages/count_tokens", "/anthropic/v3/messages",
    "/mistral/v1/chat/completions", "/mistral/v1/embeddings",
    "/groq/openai/v1/chat/completions"] + [
        f + what for f in ("/openai/", "/openai/openai/") for what in (
            "responses", "responses/input_tokens")] + [
        f + "m1:" + what for what in GEMINI for f in (
            "/v1beta/models/", "/v1/models/", "/gemini/v1beta/models/",
            "/gemini/v2/models/")] + [
        f + "deployments/m1/" + what for what in AZURE for f in (
            "/openai/", "/openai/openai/", "/v1/")]}
ALIKE.update({("GET", p): KEY for p in [
    "/models/", "/api/v1/models",
    "/anthropic/v1/models", "/anthropic/v1/models/", "/v1beta/models/",
    "/ollama/api/ps", "/ollama/api/version",
    "/gemini/v1beta/models", "/gemini/v1beta/models/"]})
ADMIN = {("GET", "/healthz"): OPEN, ("GET", "/readyz"): OPEN,
         ("GET", "/metrics"): LOCAL}
METHODS = "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"
HEADERS = "Authorization", "x-api-key", "api-key", "x-goog-api-key"
K = {n: "sk-%s-authz-0123456789abcdef01234567" % n for n in
     "user admin root off expired unknown".split()}
TOKEN = "gateway-token-authz-0123456789"
K["gateway"] = base64.b64encode(TOKEN.encode()).decode()
K["hash"] = "sha256:" + "0" * 64
GOOD = "user", "admin", "root", "gateway"
FREE = ("rps = 100000; rpm = 1000000; rpd = 10000000; "
        "hourly_limit = 1000000; daily_limit = 1000000; ")
mock = Mock()


def conf(near):
    text = "".join('{ name = "%s"; secret = "%s"; %s %s }, ' % (
        n, K[n], FREE, {"admin": 'role = "admin";', "root": 'role = "root";',
                        "off": "enabled = false;",
                        "expired": 'expires = "2020-01-01";'}.get(n, ""))
        for n in "user admin root off expired".split())
    return ('providers = ( %s );\nauth = { gateway_token = "%s"; };\n'
            "keys = ( %s );\n" % (provider(mock), TOKEN, text[:-2]))


gw = Gateway(conf(True))
far = Gateway("", start=False)
far.write(far.head().replace('admin = { listen = "127.0.0.1',
                             'admin = { listen = "0.0.0.0') + conf(False))
far.start()


def shows(who):
    """The ways to show a key: (header, value)."""
    if who is None:
        return [(None, None)]
    out = [(h, K[who]) for h in HEADERS]
    return out + [("Authorization", "Bearer " + K[who]),
                  ("Authorization", "bEaReR   " + K[who])]


def ask(port, method, path, header, value):
    h = {"Content-Type": "application/json"}
    if header:
        h[header] = value
    body = ('{"model":"m1","messages":[{"role":"user","content":"hi"}],'
            '"input":"x","prompt":"x","query":"x","documents":["x"]}'
            if method in ("POST", "PUT", "PATCH") else None)
    return call(port, method, path, body, h).status


def source(name, pattern):
    with open(SRC + "/src/" + name) as f:
        return re.findall(pattern, f.read())


def endpoints():
    """The rows of endpoint.c, as the compiler sees them: path to who may."""
    text = subprocess.run(
        ["cc", "-E", "-P", "-DHAVE_CONFIG_H", "-I" + BUILD, "-I" + SRC +
         "/src", "-I" + SRC + "/src/lib", SRC + "/src/worker/endpoint.c"],
        stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout
    text = text.split(" table[] = {", 1)[1].split("};", 1)[0]
    flag = {n: int(v, 16) for n, v in source(
        "worker/endpoint.h", r"#define ENDPOINT_(\w+)\s+0x(\w+)u")}
    rows = re.findall(
        r'\{\s*HTTP1_(\w+), \{ ((?:"[^"]*" ?)+), sizeof\([^)]*\) - 1 \},'
        r'\s*ENDPOINT_\w+,\s*SHAPE_\w+,\s*([\w| ()]+),\s*[\w| ]+,\s*([^,]*),',
        text)
    table = {}
    for method, path, flags, suffix in rows:
        path = "".join(re.findall(r'"([^"]*)"', path))
        flags = eval(re.sub(r"(\d)u", r"\1", flags))
        if flags & flag["IN_PATH"]:
            suffix = "".join(re.findall(r'"([^"]*)"', suffix))
            path += "m1" + suffix
        table[(method, path)] = OPEN if flags & flag["OPEN"] else KEY
    assert len(rows) == len(re.findall("sizeof", text)) >= 60, len(rows)
    for path in of_dialects():
        table[("POST", path)] = KEY
    assert len(table) >= 75, len(table)
    return table


def of_dialects():
    """Paths that stand in the files of the formats."""
    out = []
    for name in sorted(os.listdir(SRC + "/src/lib/dialect")):
        for text in source("lib/dialect/" + name, r"(?s)codec_path paths\[\] "
                           r"= \{(.*?)\n\};") if name.endswith(
                               ".c") else ():
            found = re.findall(r'\{ "(/[^"]*)"', text)
            assert len(found) == text.count('{ "') > 0, (name, text)
            out += found
    assert len(out) >= 5, out
    return out


@test
def tables_are_declared():
    table = endpoints()
    every = {**ALIKE, **PUBLIC}
    assert table == every, set(table.items()) ^ set(every.items())
    rows = source("admin/api.c", r'\{ "(\w+)", "([^"]*)", API_(\w+),')
    table = {(m, p): {"OPEN": OPEN, "LOCAL": LOCAL}.get(what, what)
             for m, p, what in rows}
    assert table == ADMIN, set(table.items()) ^ set(ADMIN.items())


def judged(port, table, allowed, paths):
    """Ask everything: what is not as declared."""
    bad, n = [], 0
    for method, path in itertools.product(METHODS, paths):
        tail = "m1" if path == "/v1/models/" else ""
        what = table.get(("GET" if method == "HEAD" else method, path))
        for who in (None,) + tuple(K):
            for header, value in shows(who):
                status = ask(port, method, path + tail, header, value)
                n += 1
                want = allowed(what, who, header, method)
                if not want(status):
                    bad.append("%s %s as %s in %s: %d" % (
                        method, path, who, header, status))
    return bad, n


def served(status):
    return status < 400 or status in (400, 404, 415, 422, 502, 503)


def public_rule(what, who, header, method):
    if what is None:
        return lambda s: s in (404, 405)
    if what == OPEN:
        return lambda s: s < 300
    if who in GOOD:
        return served
    return lambda s: s in ((401, 403) if who in ("off", "expired") else
                           (401,))


@test
def public_listener():
    paths = sorted({p for _, p in PUBLIC})
    bad, n = judged(gw.port, PUBLIC, public_rule, paths)
    assert n > 5000, n
    assert not bad, "\n".join(["%d of %d:" % (len(bad), n)] + bad[:30])
    print("# %d requests" % n)


@test
def paths_that_are_not_declared():
    for path in ("/metrics", "/admin", "/v1", "/v1/", "/v1/keys",
                 "/v1/files", "/healthz/", "/health/x", "/v1/chat/",
                 "/v1/chat/completions/", "/v1/responses2", "/config",
                 "/_mock/requests", "/control"):
        for method in METHODS:
            for who in (None,) + tuple(K):
                for header, value in shows(who):
                    s = ask(gw.port, method, path, header, value)
                    assert s in (404, 405), (method, path, who, s)


@test
def raw_proxy():
    """One provider's own paths: any method, a good key only."""
    for method in METHODS:
        for path in "/p1/v1/models", "/p1/anything", "/p1/v1/chat/completions":
            for who in (None,) + tuple(K):
                for header, value in shows(who):
                    s = ask(gw.port, method, path, header, value)
                    ok = s not in (401, 403) if who in GOOD else s in (
                        401, 403)
                    assert ok, (method, path, who, header, s)


def admin_rule(near):
    def rule(what, who, header, method):
        if what is None:
            return lambda s: s == 405
        if what == OPEN:
            return lambda s: s in (200, 503)
        if near or (who in ("admin", "root") and header != "x-goog-api-key"):
            return lambda s: s == 200
        return lambda s: s == 401
    return rule


@test
def admin_listener():
    wait("admin", lambda: call(gw.admin_port, "GET", "/healthz"))
    wait("admin", lambda: call(far.admin_port, "GET", "/healthz"))
    paths = sorted({p for _, p in ADMIN})
    for g, near in (gw, True), (far, False):
        bad, n = judged(g.admin_port, ADMIN, admin_rule(near), paths)
        assert n > 500, n
        assert not bad, "\n".join(["%d of %d:" % (len(bad), n)] + bad[:30])
        for path in "/", "/admin", "/v1/models", "/p1/v1/models", "/keys":
            for who in (None,) + tuple(K):
                for header, value in shows(who):
                    s = ask(g.admin_port, "GET", path, header, value)
                    assert s == 404, (path, who, s)


@test
def nobody_ended():
    for g in gw, far:
        assert " died" not in g.log(), g.log()[-2000:]


main()
