"""able_e2e.py - does GET /v1/capabilities tell the truth?

For clients of two formats and providers of all: each feature that has a member
here is sent, and what happens must be what was told: refused is a 400, dropped
and changed stand in x-aigw-dropped, anything else crosses without a word. The
same in a strict group, where all of these are a 400. And in a group of two what
the first cannot carry reaches the second, as if the first were not there.
"""
import json
import re
import socket

import lib
from lib import Gateway, Mock, call, main, provider, test

FORMATS = ("openai", "anthropic", "gemini", "mistral", "groq", "ollama")
TOOL = {"name": "f", "description": "d"}
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}},
          "required": ["a"], "additionalProperties": False}
CHAT_TOOL = [{"type": "function", "function": dict(TOOL, parameters=SCHEMA)}]
CHAT = {
    "tools": {"tools": CHAT_TOOL},
    "required_tool": {"tools": CHAT_TOOL, "tool_choice": "required"},
    "no_parallel_calls": {"tools": CHAT_TOOL, "parallel_tool_calls": False},
    "thinking_effort": {"reasoning_effort": "high"},
    "json_schema": {"response_format": {"type": "json_schema", "json_schema": {
        "name": "n", "strict": True, "schema": SCHEMA}}},
    "json_object": {"response_format": {"type": "json_object"}},
    "stop": {"stop": ["END"]}, "temperature": {"temperature": 0.5},
    "top_p": {"top_p": 0.5}, "seed": {"seed": 7},
    "frequency_penalty": {"frequency_penalty": 0.5},
    "presence_penalty": {"presence_penalty": 0.5}, "n": {"n": 2},
    "logprobs": {"logprobs": True, "top_logprobs": 2},
    "logit_bias": {"logit_bias": {"5": 1}},
    "metadata": {"metadata": {"a": "b"}}, "verbosity": {"verbosity": "low"},
    "cache_key": {"prompt_cache_key": "k"}, "store": {"store": True},
    "service_tier": {"service_tier": "auto"},
}
MESSAGES = {
    "tools": {"tools": [dict(TOOL, input_schema=SCHEMA)]},
    "required_tool": {"tools": [dict(TOOL, input_schema=SCHEMA)],
                      "tool_choice": {"type": "any"}},
    "thinking_budget": {"thinking": {"type": "enabled",
                                     "budget_tokens": 2048}},
    "json_schema": {"output_config": {"format": {
        "type": "json_schema", "schema": SCHEMA}}},
    "stop": {"stop_sequences": ["END"]}, "temperature": {"temperature": 0.5},
    "top_p": {"top_p": 0.5}, "top_k": {"top_k": 5},
    "user": {"metadata": {"user_id": "u"}},
    "service_tier": {"service_tier": "auto"},
}
CLIENTS = {"openai": ("/v1/chat/completions", CHAT),
           "anthropic": ("/v1/messages", MESSAGES)}
# Of more than one target, in their order.
GROUPS = {"two": ("false", ("anthropic", "openai")),
          "other": ("false", ("anthropic", "gemini")),
          "whole": ("true", ("anthropic", "gemini"))}
state = {}


def setup():
    if state:
        return state["gw"]
    mock = state["mock"] = Mock()
    rows = [provider(mock, f, ("m-" + f,)).replace(
        'dialect = "openai"', 'dialect = "%s"' % f) for f in FORMATS]
    rows.append(provider(mock, "resp", ("m-resp",),
                         'apis = ( "responses" );'))
    groups = ['{ name = "strict-%s"; strict = true; targets = ( { provider = '
              '"%s"; model = "m-%s"; } ); }' % (p, p, p)
              for p in FORMATS + ("resp",)]
    groups += ['{ name = "%s"; strategy = "priority"; strict = %s; targets = '
               '( %s ); }' % (name, strict, ", ".join(
                   '{ provider = "%s"; model = "m-%s"; priority = %d; }' % (
                       p, p, i + 1) for i, p in enumerate(targets)))
               for name, (strict, targets) in GROUPS.items()]
    state["gw"] = gw = Gateway(
        "providers = ( %s );\ngroups = ( %s );\nkeys = ( %s, %s );\n" % (
            ", ".join(rows), ", ".join(groups),
            '{ name = "t"; secret = "%s"; role = "root"; }' % Gateway.KEY,
            '{ name = "few"; secret = "sk-few-0123456"; '
            'models = ( "m-groq" ); }'))
    return gw


def ask(path="", key=Gateway.KEY):
    a = call(setup().port, "GET", "/v1/capabilities" + path, None,
             {"Authorization": "Bearer " + key})
    assert a.status == 200, a.body
    return a.json()


def told(t, client, feature):
    c = t["clients"][client]
    if c["form"] != "translated":
        return "native"
    for word in "changed", "dropped", "refused":
        if feature in c[word]:
            return word
    return "kept"


def happens(model, path, members):
    body = {"model": model, "max_tokens": 4096,
            "messages": [{"role": "user", "content": "y"}]}
    a = setup().post(path, dict(body, **members))
    if a.status == 400:
        return "refused", a.body
    assert a.status == 200, (model, members, a.status, a.body)
    return ("told" if "x-aigw-dropped" in a.headers else "kept",
            a.headers.get("x-aigw-dropped"))


@test
def what_is_told_happens():
    n = lossy = 0
    for m in ask()["data"]:
        if m["id"] in GROUPS:
            continue
        strict = m["id"].startswith("strict-")
        assert m["strict"] == strict and len(m["targets"]) == 1, m
        t = m["targets"][0]
        for client, (path, features) in CLIENTS.items():
            for f, members in features.items():
                want = told(t, client, f)
                if want == "native":
                    continue
                got, words = happens(m["id"], path, members)
                what = (m["id"], client, f, want, got, words)
                n += 1
                lossy += want != "kept"
                if strict and want != "kept":
                    assert got == "refused", what
                elif want in ("changed", "dropped"):
                    assert got == "told", what
                else:
                    assert got == want, what
    print("# %d tried, %d of them not kept" % (n, lossy))
    assert n > 250 and lossy > 80, (n, lossy)


EMBED = {
    "openai": ("/v1/embeddings", {"input": "y"}, {
        "user": {"user": "u"}, "tokens": {"input": [1, 2]}}),
    "gemini": ("/v1beta/models/%s:embedContent",
               {"content": {"parts": [{"text": "y"}]}}, {
                   "task_type": {"taskType": "CLUSTERING"},
                   "title": {"title": "t"}, "truncate": {
                       "embedContentConfig": {"autoTruncate": True}}}),
}


@test
def what_is_told_of_embeddings_happens():
    n = {}
    for m in ask()["data"]:
        if len(m["targets"]) != 1:
            continue
        t = m["targets"][0]
        has = t["provider"] in ("openai", "gemini", "mistral", "ollama")
        assert ("embeddings" in t) == has, t
        for client, (path, body, features) in EMBED.items():
            form = t["embeddings"][client]["form"] if has else "none"
            if "%s" in path:
                where, ask_for = path % m["id"], body
            else:
                where, ask_for = path, dict(body, model=m["id"])
            a = setup().post(where, ask_for)
            assert a.status == (200 if has else 400), (
                m["id"], client, a.status, a.body)
            for f, members in features.items() if form == "translated" else ():
                c = t["embeddings"][client]
                want = "dropped" if f in c["dropped"] else "refused" if (
                    f in c["refused"]) else "kept"
                a = setup().post(where, dict(ask_for, **members))
                got = "refused" if a.status == 400 else (
                    "dropped" if "x-aigw-dropped" in a.headers else "kept")
                if m["strict"] and want == "dropped":
                    want = "refused"
                assert got == want, (m["id"], client, f, want, got, a.body)
                n[want] = n.get(want, 0) + 1
    print("# %s" % n)
    assert n["kept"] >= 1 and n["dropped"] > 8 and n["refused"] > 4, n


def workers():
    return [p for p in state["gw"].status()["processes"]
            if p["role"] == "worker"]


def memory():
    """KiB that all workers have mapped when nothing is under way."""
    kib = 0
    for p in lib.wait("the end of all", lambda: (lambda w: not any(
            p["active"] for p in w) and w)(workers())):
        with open("/proc/%d/status" % p["pid"]) as f:
            kib += int(re.search(r"VmSize:\s+(\d+)", f.read()).group(1))
    return kib


def ask_and_leave(n):
    """They share the turns: the first has not ended when all have begun."""
    there = [socket.create_connection(("127.0.0.1", setup().port))
             for _ in range(n)]
    for s in there:
        s.sendall(b"GET /v1/capabilities?limit=1000 HTTP/1.1\r\n"
                  b"Host: x\r\nx-api-key: %s\r\n\r\n" %
                  Gateway.KEY.encode())
    for s in there:
        s.close()


@test
def who_leaves_takes_his_memory_along():
    """Each left a stack behind when nobody ended what was begun."""
    if lib.SANITIZED:
        return "memory is not the program's own"
    ask_and_leave(200)
    before = memory()
    for _ in range(4):
        ask_and_leave(200)
        memory()
    grown = memory() - before
    print("# %d KiB" % grown)
    assert grown < 20 << 10, grown
    return None


@test
def models_and_pages():
    ids = [m["id"] for m in ask("?limit=1000")["data"]]
    assert len(ids) == 14 + len(GROUPS), ids
    got, at = [], ""
    while True:
        r = ask("?limit=3" + at)
        got += [m["id"] for m in r["data"]]
        if not r["has_more"]:
            break
        at = "&after=" + r["last"]
    assert got == ids, (got, ids)
    assert [m["id"] for m in ask("?model=m-groq")["data"]] == ["m-groq"]
    assert ask("?model=none")["data"] == []
    assert [m["id"] for m in ask(key="sk-few-0123456")["data"]] == [
        "strict-groq", "m-groq"]


def ledger():
    """Requests that did not fail, input and output, of all."""
    t = json.loads(setup().ctl("usage", "--json").stdout)["total"]
    return [t["requests"] - t["failed"], t["input_tokens"],
            t["output_tokens"]]


def meter():
    rows = [r for r in state["mock"].meter()["rows"]
            if r["model"]]
    return [sum(r[c] for r in rows) for c in ("requests", "input", "output")]


@test
def an_array_of_json_is_a_stream():
    """Gemini's, from its own provider and from another; what it used stands in
    the ledger, which the next point looks at."""
    for model in ("m-gemini", "m-openai"):
        a = setup().post("/v1beta/models/%s:streamGenerateContent" % model, {
            "contents": [{"role": "user", "parts": [{"text": "y"}]}]})
        assert a.status == 200, (model, a.body)
        assert a.headers["content-type"].startswith("application/json")
        chunks = a.json()
        assert len(chunks) > 2 and "usageMetadata" in chunks[-1], chunks
        assert not any("error" in c for c in chunks), chunks
        assert "x-aigw-cost" not in a.headers, a.headers


# Group, path, what one format cannot carry, whom it reaches.
REACHES = (
    ("two", "/v1/chat/completions", {"logit_bias": {"5": 1}}, "openai"),
    ("other", "/v1/chat/completions", {"n": 2}, "gemini"),
    ("whole", "/v1/chat/completions", {"seed": 7}, "gemini"),
    ("two", "/v1/chat/completions", {}, "anthropic"),
)
# ... and nobody.
REFUSED = (
    ("other", {"logit_bias": {"5": 1}}, "logit_bias"),
    ("whole", {"metadata": {"a": "b"}}, "metadata"),
)


@test
def what_a_target_cannot_carry_reaches_the_next():
    """As the first attempt, however often; nobody is blamed."""
    gw = setup()
    for stream in (False, True):
        for group, path, members, provider_id in REACHES * 8:
            a = gw.post(path, dict(
                {"model": group, "max_tokens": 64, "stream": stream,
                 "messages": [{"role": "user", "content": "y"}]}, **members))
            assert a.status == 200, (group, members, a.status, a.body)
            got = [a.headers.get("x-aigw-" + h) for h in (
                "provider", "attempts", "dropped")]
            assert got == [provider_id, "1", None], (group, members, got)
        for group, members, param in REFUSED:
            a = gw.post("/v1/chat/completions", dict(
                {"model": group, "max_tokens": 64, "stream": stream,
                 "messages": [{"role": "user", "content": "y"}]}, **members))
            assert a.status == 400, (group, members, a.status, a.body)
            e = a.json()["error"]
            assert e["param"] == param and param in e["message"] and \
                "provider anthropic is anthropic" in e["message"], e

    lib.wait("the ledger to have what the providers served",
             lambda: ledger() == meter())
    for p in FORMATS:
        s = json.loads(gw.ctl("provider", "show", p, "--json").stdout)
        assert all(k["in_rotation"] for k in s["keys"]), s


def called(provider_id, client, names, stream):
    """The name of the tool that the answer calls when the first is wanted."""
    model = "m-" + provider_id
    body = {"model": model, "max_tokens": 64, "stream": stream,
            "messages": [{"role": "user", "content": "y"}]}
    if client == "openai":
        body["tools"] = [{"type": "function", "function": {
            "name": n, "parameters": SCHEMA}} for n in names]
        if provider_id != "ollama":
            body["tool_choice"] = {"type": "function",
                                   "function": {"name": names[0]}}
    else:
        body["tools"] = [{"name": n, "input_schema": SCHEMA} for n in names]
        if provider_id != "ollama":
            body["tool_choice"] = {"type": "tool", "name": names[0]}
    a = setup().post(CLIENTS[client][0], body)
    assert a.status == 200, (provider_id, client, names, a.body)
    if not stream:
        answers = [a.json()]
    else:
        answers = [json.loads(line[6:]) for line in a.body.decode().split("\n")
                   if line.startswith("data: {")]
    return [n for one in answers for n in tool_names(one)]


def tool_names(x):
    """All names of calls below x, in either format."""
    if isinstance(x, list):
        return [n for y in x for n in tool_names(y)]
    if not isinstance(x, dict):
        return []
    if x.get("type") == "tool_use":
        return [x["name"]]
    if "function" in x and "name" in x["function"]:
        return [x["function"]["name"]]
    return [n for y in x.values() for n in tool_names(y)]


@test
def tools_have_their_names_back():
    """Whatever the provider's format made of them; and those that another
    would be called by stay themselves."""
    n = 0
    for p in FORMATS + ("resp",):
        for client in CLIENTS:
            if told(ask("?model=m-" + p)["data"][0]["targets"][0], client,
                    "tools") == "native":
                continue
            names = ["zoo.look", "zoo:look", "zoo look", "9zoo",
                     "look" * 17, "look" * 17 + ".", "zoo"]
            mock = state["mock"]
            assert called(p, client, names, False) == [names[0]], (p, client)
            sent = mock.requests()["requests"][-1]["body"]
            names += sorted(set(re.findall(
                r'"(_?(?:zoo|9zoo|look)[a-z]*_[a-z_0-9]+)"', sent)) -
                set(names))
            assert len(names) > 8, (p, client, names, sent)
            for i in range(len(names)):
                turned = names[i:] + names[:i]
                for stream in (False, True):
                    got = called(p, client, turned, stream)
                    assert got == [names[i]], (p, client, turned, got)
                    n += 1
    print("# %d calls" % n)


@test
def what_a_model_is():
    t = ask("?model=m-ollama")["data"][0]["targets"][0]
    assert (t["provider"], t["model"], t["dialect"]) == (
        "ollama", "m-ollama", "ollama"), t
    assert t["tools"] and t["images"] and t["structured_output"], t
    assert not t["price"]["known"] and t["price"]["input"] == 5.0, t
    assert t["context"] is None and t["clients"]["ollama"] == {
        "form": "native"}, t


def listed(path, headers=None, port=None):
    a = call(port or setup().port, "GET", path, None, headers or {})
    return a.status, a.json()


@test
def lists_of_models():
    """One list on four paths; a client with a base URL without /v1 finds it,
    with its bearer token, as Open WebUI asks for it."""
    key = {"Authorization": "Bearer " + Gateway.KEY}
    status, all_of_them = listed("/v1/models", key)
    ids = [m["id"] for m in all_of_them["data"]]
    assert status == 200 and ids == [m["id"] for m in ask()["data"]], ids
    assert listed("/models", key) == (200, all_of_them)
    assert listed("/models/m-groq", key) == listed("/v1/models/m-groq", key)
    assert listed("/models", dict(key, **{"anthropic-version": "2023-06-01"})
                  )[1]["data"][0]["type"] == "model"
    for path in "/api/models", "/api/v1/models":
        status, o = listed(path, key)
        assert status == 200, o
        n = {m["id"]: m.pop("providers") for m in o["data"]}
        assert n == {i: 2 if i in GROUPS else 1 for i in ids}, n
        assert o == all_of_them, path
        assert [m["id"] for m in listed(path, {
            "Authorization": "Bearer sk-few-0123456"})[1]["data"]] == [
            "strict-groq", "m-groq"]
    for path in "/models", "/models/m-groq", "/api/models", "/api/v1/models":
        for h in {}, {"Authorization": "Bearer sk-nobody"}:
            status, o = listed(path, h)
            assert status == 401 and "error" in o, (path, status, o)
    assert call(setup().port, "POST", "/api/models", {}, key).status == 405
    assert call(setup().port, "HEAD", "/models", None, key).status == 200


main()
