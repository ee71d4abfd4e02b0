"""badbody_e2e.py - bodies that are wrong, or as large as none is, in each
client's format, when the provider speaks another.

Each is answered with 400 in the client's shape and a short message that says
what is wrong, or is served; nothing is sent to the provider for the former. No
process ends, and all memory is given back.
"""
import json

import lib
from lib import Gateway, call, file_key, main, provider, test, wait
from rawup import RawUpstream, whole
from load import status

OC = (b'{"id":"x","object":"chat.completion","choices":[{"index":0,"message":'
      b'{"role":"assistant","content":"ok"},"finish_reason":"stop"}],"usage":'
      b'{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8}}')
AN = (b'{"id":"x","type":"message","role":"assistant","content":[{"type":"text"'
      b',"text":"ok"}],"stop_reason":"end_turn","usage":{"input_tokens":3,'
      b'"output_tokens":5}}')
up = RawUpstream({"": whole(AN)})
OL = (b'{"model":"l","message":{"role":"assistant","content":"ok"},"done":true'
      b',"done_reason":"stop","prompt_eval_count":3,"eval_count":5}')
upo = RawUpstream({"": whole(OC)})
upl = RawUpstream({"": whole(OL)})


class Small(Gateway):
    def head(self):
        return super().head().replace("workers = 2", "workers = 1")


gw = Small("providers = ( %s, %s, %s );\n%s" % (
    provider(up, "ant", ["a"]).replace('"openai"', '"anthropic"'),
    provider(upo, "oai", ["o"]),
    provider(upl, "oll", ["l"]).replace('"openai"', '"ollama"'), file_key()))

# path, a good body with %s where a text is (its quotes too), %s for more
# members, and how the format names its limit of tokens
FORMATS = {
    "chat": ("/v1/chat/completions", '{"model":"a","messages":[{"role":"user",'
             '"content":%s}]%s}', '"max_completion_tokens"'),
    "messages": ("/v1/messages", '{"model":"o","messages":[{"role":"user",'
                 '"content":%s}]%s}', '"max_tokens"'),
    "responses": ("/v1/responses", '{"model":"a","input":[{"role":"user",'
                  '"content":%s}]%s}', '"max_output_tokens"'),
    "gemini": ("/v1beta/models/o:generateContent", '{"contents":[{"role":'
               '"user","parts":[{"text":%s}]}]%s}', None),
}
TEN = 10 << 20


def tokens(limit, value):
    return ',"generationConfig":{"maxOutputTokens":%s}' % value \
        if limit is None else ',%s:%s' % (limit, value)


def cases(body, limit):
    """what, body, words of the message or None when it is served"""
    fine = tokens(limit, 5)

    def text(t, more=fine):
        a, b = (body % ("\0", more)).encode().split(b"\0")
        return a + t + b

    yield "plain", text(b'"x"'), None
    yield "nested 100,000 deep", text(b'"x"', fine + ',"x":' + "[" * 100000 +
                                      "]" * 100000), "deep"
    yield "not closed", text(b'"x"')[:-1], "JSON"
    yield "objects 70 deep", text(b'"x"', fine + ',"x":' + '{"a":' * 70 + "1" +
                                  "}" * 70), "deep"
    for what, n in (("10^400", "1e400"), ("20 digits", "9" * 20),
                    ("a megabyte of digits", "9" * (1 << 20)),
                    ("negative", "-1"), ("a fraction", "1.5"),
                    ("a list", "[5]")):
        yield "tokens: " + what, text(b'"x"', tokens(limit, n)), \
            (limit or "maxOutputTokens").strip('"').lower()
    yield "a byte that is no UTF-8", text(b'"a\xffb"'), "UTF-8"
    yield "a surrogate as UTF-8", text(b'"a\xed\xa0\x80b"'), "UTF-8"
    yield "an overlong NUL", text(b'"a\xc0\x80b"'), "UTF-8"
    yield "half a pair", text(b'"a\\ud83db"'), "surrogate"
    yield "the other half", text(b'"a\\ude00b"'), "surrogate"
    yield "a pair", text(b'"a\\ud83d\\ude00b"'), None
    yield "a control", text(b'"a\nb"'), "control"
    yield "a member twice", text(b'"x"', fine + ',"user":"a","user":"b"'), \
        "duplicate"
    yield "10 MB of text", text(b'"' + b"x" * TEN + b'"'), None
    yield "10 MB of escapes", text(b'"' + b"x\\n" * (TEN // 3) + b'"'), None
    yield "10 MB of three bytes each", text(
        ('"' + "\u6f22" * (TEN // 3) + '"').encode()), None
    yield "a role of 10 MB", text(b'"x"').replace(
        b'"user"', b'"' + b"r" * TEN + b'"'), "role"
    yield "a member named by 10 MB", text(b'"x"', fine + ',"%s":1' % (
        "m" * TEN)), ""
    yield "2 million objects", text(b'"x"', fine + ',"x":[' + "{}," * 2000000 +
                                    "{}]"), "objects"


def leased():
    return status(gw)["bounds"]["buffer_leased_bytes"]


def worker():
    return [p["pid"] for p in status(gw)["processes"]
            if p["role"] == "worker"][0]


def peak_mb():
    with open("/proc/%d/status" % worker()) as f:
        for line in f:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024


def message(name, body):
    o = json.loads(body)
    assert isinstance(o["error"], dict), o
    if name == "messages":
        assert o["type"] == "error" and o["error"]["type"] == \
            "invalid_request_error", o
    elif name == "gemini":
        assert o["error"]["status"] == "INVALID_ARGUMENT", o
    else:
        assert o["error"]["type"] == "invalid_request_error", o
    return "%s %s" % (o["error"].get("param"), o["error"]["message"])


def one(name):
    path, body, limit = FORMATS[name]
    for what, text, says in cases(body, limit):
        before = up.posted + upo.posted
        try:
            a = call(gw.port, "POST", path, text, {
                "Authorization": "Bearer " + gw.KEY, "Content-Type":
                "application/json"}, timeout=60)
        except OSError as e:
            raise AssertionError((name, what, e)) from None
        sent = up.posted + upo.posted - before
        if says is None:
            assert (a.status, sent) == (200, 1), (name, what, a.status,
                                                  a.body[:300])
            continue
        if says == "" and a.status == 200:
            continue
        assert (a.status, sent) == (400, 0), (name, what, a.status, sent,
                                              a.body[:300])
        assert len(a.body) < 2000, (name, what, len(a.body))
        assert says.lower() in message(name, a.body).lower(), (
            name, what, a.body)


@test
def many_results():
    """A worker that looked at all calls for each result was killed as one
    that hangs."""
    n = 20000
    pid = worker()
    a = call(gw.port, "POST", "/v1/messages", {
        "model": "l", "max_tokens": 5, "messages": [
            {"role": "user", "content": "x"},
            {"role": "assistant", "content": [
                {"type": "tool_use", "id": "id%d" % i, "name": "t%d" % i,
                 "input": {}} for i in range(n)]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "id%d" % i,
                 "content": "r"} for i in reversed(range(n))]}]},
        {"Authorization": "Bearer " + gw.KEY}, timeout=60)
    assert a.status == 200, (a.status, a.body[:300])
    assert worker() == pid
    sent = json.loads(upl.last)["messages"]
    assert [m["tool_name"] for m in sent[2:]] == [
        "t%d" % i for i in reversed(range(n))]


def make(name):
    @test
    def point():
        pid = worker()
        one(name)
        assert worker() == pid
        wait("all memory to be given back", lambda: leased() < 1 << 20, 10)
        mb = peak_mb()
        print("# %s: at most %d MB in the worker" % (name, mb), flush=True)
        if not lib.SANITIZED:       # which keep what was freed
            assert mb < 250, mb
    point.__name__ = name
    return point


for each in FORMATS:
    fn = make(each)
main()
