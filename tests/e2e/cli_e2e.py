"""cli_e2e.py [--long] - Claude Code, Codex and Gemini CLI, unmodified, each for
one prompt with a tool call; LangChain and the Vercel AI SDK (cli/*.mjs). The
providers speak other formats than they do.

The programs see a home of their own, telemetry switched off, and a proxy that
is not there for all but loopback. The mock chooses their own tool to read a
file, and repeats a word of that file when it gets it: the program must say the
word, so tool call, result and answer have crossed between the formats. They are
for the long form: their packages have more than a gigabyte, and disks that write
so much keep other tests waiting.
"""
import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys

import lib
import npm
from lib import Gateway, Mock, main, provider, test
from load import result

LONG = "--long" in sys.argv
if LONG:
    sys.argv.remove("--long")
KEY = "sk-cli-0123456789abcdef"
# In the file that is read; the mock repeats it when it has come so far.
WORD = "[[marker:heliotrope-4711]]"
PROMPT = "read the file note.txt and tell its content"
# Each format's row: the option "dialect", and what else its provider needs.
FORMATS = {
    "openai": ("openai", 'apis = ( "chat" );'),
    "responses": ("openai", 'apis = ( "responses" );'),
    "anthropic": ("anthropic", ""), "gemini": ("gemini", ""),
    "mistral": ("mistral", ""), "groq": ("groq", ""),
    "azure": ("azure", ""), "ollama": ("ollama", ""),
}
state = {}


def one_provider(mock, name):
    dialect, extra = FORMATS[name]
    return provider(mock, name, ("m-" + name,), extra).replace(
        'dialect = "openai"', 'dialect = "%s"' % dialect)


def setup():
    if not state:
        state["frameworks"] = npm.install("cli", "e2e-cli")
        if LONG:
            state["dir"] = npm.install("cli/programs", "e2e-programs")
        state["mock"] = mock = Mock()
        state["gw"] = Gateway(
            "providers = ( %s );\nkeys = ( { name = \"cli\"; secret = \"%s\"; "
            "role = \"root\"; } );\n" % (", ".join(
                one_provider(mock, f) for f in FORMATS), KEY))
        state["url"] = "http://127.0.0.1:%d" % state["gw"].port
    return state


# --- the programs: command, environment, and what of the output is the answer

def claude(home, note, model):
    tool = "Read", {"file_path": note}
    env = {"ANTHROPIC_BASE_URL": state["url"], "ANTHROPIC_AUTH_TOKEN": KEY,
           "ANTHROPIC_SMALL_FAST_MODEL": model,
           "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
           "DISABLE_TELEMETRY": "1", "DISABLE_AUTOUPDATER": "1",
           "DISABLE_ERROR_REPORTING": "1"}
    return tool, env, [
        "claude", "-p", PROMPT, "--model", model, "--output-format",
        "stream-json", "--verbose", "--allowedTools", "Read",
        "--max-turns", "4"]


def claude_said(out):
    r = json.loads(out.splitlines()[-1])
    assert r["subtype"] == "success" and not r["is_error"], r
    return r["result"]


def codex(home, note, model):
    tool = "exec_command", {"cmd": "cat note.txt"}
    os.makedirs(home + "/codex")
    with open(home + "/codex/config.toml", "w") as f:
        f.write('model = "%s"\nmodel_provider = "gw"\n'
                'check_for_update_on_startup = false\n'
                'web_search = "disabled"\n'     # a tool of OpenAI's servers
                '[analytics]\nenabled = false\n[model_providers.gw]\n'
                'name = "gw"\nbase_url = "%s/v1"\nenv_key = "GW_KEY"\n'
                'wire_api = "responses"\nrequest_max_retries = 0\n'
                'supports_websockets = true\n' % (     # which we have not
                    model, state["url"]))
    env = {"CODEX_HOME": home + "/codex", "GW_KEY": KEY}
    return tool, env, [
        "codex", "exec", "--skip-git-repo-check", "--json",
        "--dangerously-bypass-approvals-and-sandbox", PROMPT]


def codex_said(out):
    events = [json.loads(x) for x in out.splitlines() if x.startswith("{")]
    assert events[-1]["type"] == "turn.completed", events[-3:]
    return " ".join(e["item"]["text"] for e in events
                    if e["type"] == "item.completed" and
                    e["item"]["type"] == "agent_message")


def gemini(home, note, model):
    tool = "read_file", {"file_path": note, "absolute_path": note}
    os.makedirs(home + "/.gemini")
    with open(home + "/.gemini/settings.json", "w") as f:
        json.dump({"security": {"auth": {"selectedType": "gemini-api-key"}},
                   "telemetry": {"enabled": False},
                   "privacy": {"usageStatisticsEnabled": False},
                   "general": {"enableAutoUpdate": False,
                               "disableAutoUpdate": True}}, f)
    env = {"GEMINI_API_KEY": KEY, "GOOGLE_GEMINI_BASE_URL": state["url"],
           "GEMINI_CLI_TRUST_WORKSPACE": "true", "NO_BROWSER": "1"}
    return tool, env, ["node", "gemini", "-m", model, "-p", PROMPT,
                       "--output-format", "stream-json"]


def gemini_said(out):
    events = [json.loads(x) for x in out.splitlines() if x.startswith("{")]
    assert events[-1]["type"] == "result", events[-3:]
    assert events[-1]["status"] == "success", events[-1]
    return "".join(e["content"] for e in events
                   if e["type"] == "message" and e["role"] == "assistant")


PROGRAMS = {
    "claude": ("@anthropic-ai/claude-code", "Claude Code", claude,
               claude_said),
    "codex": ("@openai/codex", "Codex", codex, codex_said),
    "gemini": ("@google/gemini-cli", "Gemini CLI", gemini, gemini_said),
}


def environment(home, more):
    return dict({"HOME": home, "LANG": "C.UTF-8", "TERM": "dumb", "CI": "1",
                 "TMPDIR": home,
                 "PATH": os.path.join(state["dir"], "node_modules", ".bin") +
                 ":/usr/bin:/bin", "NO_PROXY": "127.0.0.1,localhost",
                 "HTTP_PROXY": "http://127.0.0.1:9",
                 "HTTPS_PROXY": "http://127.0.0.1:9"}, **more)


def end(p):
    """What the program has started, and the program."""
    try:
        os.killpg(p.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run(home, env, cmd):
    bins = os.path.join(state["dir"], "node_modules", ".bin")
    for i in range(2 if cmd[0] == "node" else 1):
        cmd[i] = os.path.join(bins, cmd[i])
    p = subprocess.Popen(cmd, cwd=os.path.join(home, "work"), env=env,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True,
                         start_new_session=True)
    try:
        out, err = p.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        end(p)
        raise AssertionError("no end: " + " | ".join(p.communicate())[-2000:])
    end(p)
    assert p.returncode == 0, "%d: %s | %s" % (p.returncode, out[-3000:],
                                               err[-3000:])
    return out


def turn(name, to):
    """One prompt; the reason to skip it, or None."""
    package, _, prepare, said = PROGRAMS[name]
    gw, mock = setup()["gw"], state["mock"]
    if not npm.has(state["dir"], package):
        return package + " is not in the registry"
    home = lib.tmpdir()
    os.makedirs(os.path.join(home, "work"))
    note = os.path.join(home, "work", "note.txt")
    with open(note, "w") as f:
        f.write("the word is %s\n" % WORD)
    (tool, args), env, cmd = prepare(home, note, "m-" + to)
    mock.reset()
    mock.config(rules=[{"do": "tool=%s,args=%s" % (
        tool, base64.b64encode(json.dumps(args).encode()).decode())}])
    out = run(home, environment(home, env), cmd)
    assert WORD in said(out), out
    sent = [r for r in mock.requests()["requests"] if r["head"].startswith("POST ")]
    assert len(sent) >= 2, len(sent)
    logged(gw, to, len(sent))
    if name == "codex":
        assert any(x["status"] == 426 for x in map(
            json.loads, gw.log("access.log").splitlines())), "no WebSocket"
    shutil.rmtree(home, ignore_errors=True)
    state.setdefault("good", {}).setdefault(name, []).append(to)
    return None


def logged(gw, to, n):
    """All that the program asked for was served by that provider."""
    lines = lib.wait("the access log", lambda: (lambda l: len(l) >= n and l)([
        x for x in map(json.loads, gw.log("access.log").splitlines())
        if x["method"] == "POST" and x["model"] == "m-" + to]), 5)
    for x in lines:
        assert x["status"] == 200 and x["provider"] == to, x


def add(name, to):
    def point():
        return turn(name, to)
    point.__name__ = "%s_with_a_provider_of_%s" % (
        re.sub(r"\W", "_", PROGRAMS[name][1]), to)
    test(point)


for pair in [(n, f) for n in PROGRAMS for f in FORMATS] if LONG else []:
    add(*pair)


def every_program_with_every_format():
    result("programs from npm, one prompt with a tool call", [
        (PROGRAMS[n][1], "%s, %d of %d providers' formats" % (
            npm.version(state["dir"], PROGRAMS[n][0]),
            sum(f in state["good"].get(n, ()) for f in FORMATS),
            len(FORMATS))) for n in PROGRAMS if n in state["good"]])
    assert all(len(state["good"].get(n, ())) == len(FORMATS)
               for n in PROGRAMS)


@test
def programs():
    if not LONG:
        return "long form"
    every_program_with_every_format()
    return None


@test
def frameworks():
    setup()
    state["mock"].reset()
    code = npm.run(state["frameworks"], "frameworks.mjs",
                   dict(os.environ, GW=state["url"], KEY=KEY))
    assert code == 0


if lib.SANITIZED:
    print("1..1\nok 1 - programs # SKIP shown without sanitizers")
elif not npm.skip("programs that use the gateway"):
    main()
