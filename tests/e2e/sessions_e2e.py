"""sessions_e2e.py - what did that session cost? Requests with the headers of
Claude Code and Codex, asked for with aigwctl.
"""
import json
import os
import subprocess
import threading

import lib
from lib import Gateway, Mock, main, provider, test, wait

MINE, OTHER = "sk-session-mine-0123456789", "sk-session-other-012345678"
CLAUDE = "5b0c9d2e-6d0a-4c2f-9e42-0a4f1f3f7a11"
CODEX = "019aa0c7-8e2b-7c53-b2f6-3fd0f2ad3a77"
KEYS = 'keys = ( { name = "mine"; secret = "%s"; role = "root"; }, ' \
    '{ name = "other"; secret = "%s"; role = "root"; } );\n' % (MINE, OTHER)
MORE = 'session = { header = "X-Talk"; };\n' \
    'ledger = { flush = "50ms"; retention = "10d"; };\n'
mock = Mock("--models", "m1")
gw = Gateway("providers = ( %s );\n%s%s" % (provider(mock, extra=(
    'price = { input = 2.0; output = 4.0; unit = "per_million_tokens"; };')),
    KEYS, MORE))


def usage(*args):
    return json.loads(gw.ctl("usage", "--json", *args).stdout)


def ask(headers, key=MINE, **kw):
    a = gw.post("/v1/chat/completions", dict(
        {"model": "m1", "messages": [{"role": "user", "content": "hi"}]},
        **kw), key, headers)
    assert a.status == 200, a.body
    return a.json()["usage"]


def claude(agent=None, parent=None, session=CLAUDE):
    """The headers of Claude Code; an agent that it starts sends more."""
    h = {"x-claude-code-session-id": session, "x-app": "cli",
         "anthropic-version": "2023-06-01"}
    if agent:
        h["x-claude-code-agent-id"] = agent
    if parent:
        h["x-claude-code-parent-agent-id"] = parent
    return h


def drained(n):
    """Until so many requests are in the ledger."""
    wait("the ledger", lambda: usage()["total"]["requests"] == n)


def by_session(*args):
    return {(r["key"], r["session"], r.get("agent")): r
            for r in usage(*args)["rows"]}


sent = []


@test
def what_programs_name():
    for headers, key in (
            (claude(), MINE), (claude(), MINE), (claude("a1", "main"), MINE),
            (claude("a2", "a1"), MINE), (claude(), OTHER),
            ({"session-id": CODEX, "originator": "codex_exec"}, MINE),
            ({"Session_ID": CODEX}, MINE),      # an older one
            ({"x-talk": "mine", "session-id": CODEX}, MINE),
            ({}, MINE)):
        sent.append((headers, key, ask(headers, key)))
    drained(len(sent))
    rows = by_session("--by", "session")
    assert {k: r["requests"] for k, r in rows.items()} == {
        ("mine", CLAUDE, None): 4, ("other", CLAUDE, None): 1,
        ("mine", CODEX, None): 2, ("mine", "mine", None): 1}, rows
    u = [u for h, k, u in sent if k == MINE and
         h.get("x-claude-code-session-id") == CLAUDE]
    r = rows["mine", CLAUDE, None]
    tokens = (sum(x["prompt_tokens"] for x in u),
              sum(x["completion_tokens"] for x in u))
    assert (r["input_tokens"], r["output_tokens"]) == tokens, (r, tokens)
    assert abs(float(r["cost_usd"]) -
               (tokens[0] * 2 + tokens[1] * 4) / 1e6) < 1e-12, r
    assert r["failed"] == 0 and r["first"] <= r["last"], r
    total = usage("--by", "session")["total"]
    assert total["requests"] == len(sent) - 1, total


@test
def agents_of_a_session():
    rows = by_session("--session", CLAUDE)
    assert {k: (r["requests"], r.get("parent_agent"))
            for k, r in rows.items()} == {
        ("mine", CLAUDE, "(none)"): (2, None),
        ("mine", CLAUDE, "a1"): (1, "main"),
        ("mine", CLAUDE, "a2"): (1, "a1"),
        ("other", CLAUDE, "(none)"): (1, None)}, rows
    assert rows == {k: r for k, r in by_session("--by", "agent").items()
                    if k[1] == CLAUDE}
    assert len(by_session("--session", CLAUDE, "--by", "session")) == 2
    assert by_session("--session", "nobody") == {}
    text = gw.ctl("usage", "--session", CLAUDE).stdout.split("\n")
    assert text[0].split() == ["SESSION", "AGENT", "PARENT", "KEY",
                               "REQUESTS", "FAILED", "INPUT", "OUTPUT",
                               "USD", "FIRST", "LAST"], text[0]
    assert [ln.split()[:4] for ln in text if " a2 " in ln] == [
        [CLAUDE, "a2", "a1", "mine"]], text
    assert text[-2].split()[:2] == ["total", "5"], text
    text = gw.ctl("usage", "--by", "session").stdout.split("\n")
    assert text[0].split()[:3] == ["SESSION", "KEY", "REQUESTS"], text[0]
    for bad in (("--session", CLAUDE, "--by", "key"), ("--session", ""),
                ("--by", "sessions")):
        assert gw.ctl("usage", *bad, check=False).returncode == 2, bad


@test
def hostile_names():
    """Each is one row, however long or odd, and found by what was sent."""
    names = ["(other)", "../../etc", "x" * 64, "x" * 65, "x" * 4000,
             "a b;c", '"},{"', "\u00e9"]
    for n in names:
        sent.append((None, MINE, ask({"x-talk": n.encode("utf-8")})))
    drained(len(sent))
    rows = by_session("--by", "session")
    assert len(rows) == 4 + len(names), sorted(rows)
    assert all(len(k[1]) <= 64 for k in rows)
    for n in names:
        r = usage("--session", n)
        assert r["total"]["requests"] == 1, (n, r)
        kept = r["rows"][0]["session"]
        assert (kept == n) == (n in ("../../etc", "x" * 64)), (n, kept)
    lines = gw.ctl("usage", "--by", "session").stdout.split("\n")
    assert len(lines) == len(rows) + 3, lines


@test
def many_at_once():
    """Sums by session are those by key, whoever writes them."""
    def lane(n):
        for i in range(25):
            ask(claude("a%d" % (i % 5), session="lane-%d" % n))
    lanes = [threading.Thread(target=lane, args=(n,)) for n in range(4)]
    for t in lanes:
        t.start()
    for t in lanes:
        t.join()
    drained(len(sent) + 100)
    for n in range(4):
        rows = usage("--session", "lane-%d" % n)["rows"]
        assert [r["requests"] for r in rows] == [5] * 5, rows


@test
def it_is_saved_and_goes_with_age():
    """A backup has it, check-ledger reads it, a new start has it still; what
    is older than ledger.retention goes."""
    before = by_session("--by", "agent")
    copy = os.path.join(lib.tmpdir(), "copy")
    assert gw.ctl("backup", copy).returncode == 0
    gw.stop()
    n = 2800                    # a hundred a day, for 28 days
    subprocess.run([os.path.join(lib.BUILD, "tests/e2e/ledger_fill"),
                    os.path.join(gw.dir, "state"), str(n)], check=True)
    gw.start()

    def left():
        return [r for r in usage("--by", "session")["rows"]
                if r["session"].startswith("session-")]
    # Of the day that is ten days old a part is not old enough yet.
    wait("the old to go", lambda: len(left()) <= 1200, 20)
    assert 1000 <= len(left()) <= 1200, len(left())
    assert usage("--by", "model")["total"]["requests"] >= n
    gw.stop()
    run = [os.path.join(lib.BUILD, "aigwctl"), "-c", gw.conf_path]
    for path in copy, os.path.join(gw.dir, "state"):
        r = subprocess.run(run + ["check-ledger", path], text=True,
                           capture_output=True)
        assert r.returncode == 0, r
    r = subprocess.run(run + ["restore", copy], text=True,
                       capture_output=True)
    assert r.returncode == 0, r
    gw.start()
    assert by_session("--by", "agent") == before
    assert not left()


@test
def the_check_says_nothing_of_it():
    """session.header and ledger.retention have an effect, others not yet."""
    with open(gw.conf_path) as f:
        text = f.read()
    assert MORE in text
    gw.write(text.replace(MORE, MORE.replace(
        '"X-Talk";', '"X-Talk"; ttl = "1h";')))
    r = subprocess.run([os.path.join(lib.BUILD, "aigwd"), "-t", "-c",
                        gw.conf_path], text=True, capture_output=True)
    said = r.stdout + r.stderr
    assert r.returncode == 0 and "session.ttl" in said, said
    assert "session.header" not in said and "retention" not in said, said


main()
