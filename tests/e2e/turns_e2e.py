"""turns_e2e.py [--long] - what keeps a worker's loop busy for long.

Each row is a kind of work that could take a turn for itself; the worker that
did it is looked at behind it. What counts is the processor time of its longest
turn: how long the clock ran meanwhile depends on who else uses the machine.
That bound is the same in both forms. Others add to processor time too, by what
they take of the caches, but never take away from it: a row that was above the
bound is done again, and all of three times are above it when it is our work
that takes so long.
"""
import base64
import functools
import gzip
import http.client
import json
import os
import resource
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

LONG = "--long" in sys.argv
if LONG:
    sys.argv.remove("--long")

import lib
from lib import (SANITIZED, Gateway, Mock, call, file_key, free_port, main,
                 provider, test, tmpdir, wait)
from load import Load, drained, result, status
from proxies import HttpProxy, Nginx, certificate
from rawup import RawUpstream, sse, whole

MOST = 250000 if SANITIZED else 20000       # sanitizers are slow
TIMES = 3
MANY = 1 if LONG else 12 if SANITIZED else 6    # divides the work
rows = []


class TooLong(AssertionError):
    pass


def backed(mb=1024):
    """A virtual machine gets its memory as it touches it: a MB of that takes
    4 ms on average and 80 at most here, as time of whoever touches it, and
    0.6 what it has got. It has got this, and what a worker takes next is of
    it."""
    del (bytearray(b"\1") * (mb << 20))[:]


def turns(fn):
    """A point whose turns are measured."""
    @functools.wraps(fn)
    def again():
        for left in range(TIMES)[::-1]:
            had = len(rows)
            try:
                return fn()
            except TooLong as e:
                if left == 0:
                    raise
                print("# again: %s" % e, flush=True)
                backed()
                del rows[had:]
    return test(again)


class Quiet(Gateway):
    short_turns = False     # each is looked at, and may be once too long

    def head(self):
        return super().head().replace('"debug"', '"info"').replace(
            "workers = 2", "workers = 1")


def process(gw, role):
    return wait("the " + role, lambda: [
        p for p in (status(gw) or {"processes": []})["processes"]
        if p["role"] == role and p["state"] == "ready"], 30)[0]


def worker(gw):
    return process(gw, "worker")


def look(gw, what, role="worker"):
    p = process(gw, role)
    rows.append(("%s, ms of the clock (processor at most)" % what,
                 "%.1f (%s)" % (p["longest_turn_us"] / 1000,
                                "%.1f" % (p["longest_turn_cpu_us"] / 1000)
                                if p["longest_turn_cpu_us"] else "-")))
    print("# %s: %s" % rows[-1], flush=True)
    if p["longest_turn_cpu_us"] > MOST:
        raise TooLong("%s: %s" % (what, p))


def gateway(mock, extra=""):
    return Quiet("providers = ( %s );\n%s%s" % (
        provider(mock), file_key(), extra))


def post(gw, body, kind="application/json", path="/v1/chat/completions"):
    return call(gw.port, "POST", path, body, {
        "Authorization": "Bearer " + gw.KEY, "Content-Type": kind},
        timeout=120)


SIZE = (60 << 20) // MANY


def texts(n):
    return {
        "numbers": b"1," * (n // 2) + b"1",
        "one string": b'"' + b"x" * n + b'"',
        "short strings": b'"abcdefg",' * (n // 10) + b'""',
        "one string, not ASCII": ('"' + "\u6f22" * (n // 3) + '"').encode(),
        "one string, escapes": b'"' + b"\\n" * (n // 2) + b'"',
        "one string, quotes": b'"' + b'\\"' * (n // 2) + b'"',
    }


TEXTS = texts(SIZE)
CHAT = (b'{"model":"m1","messages":[{"role":"user","content":"x"}],"x":[',
        b"]}")
RAW = "/p1/v1/chat/completions"


class Each:
    """A gateway for each row; in the quick form one for all of them."""

    def __init__(self, make, what):
        self.make, self.what, self.gw = make, what, None

    def __enter__(self):
        return self

    def get(self):
        if self.gw is None:
            self.gw = self.make()
        return self.gw

    def look(self, what):
        if LONG:
            self.end("%s, %s" % (self.what, what))

    def end(self, what):
        look(self.gw, what)
        self.gw.stop()
        self.gw = None

    def __exit__(self, kind, *_):
        if self.gw is not None and kind is None:
            self.end(self.what)


@turns
def long_bodies():
    mock = Mock("--models", "m1", "--no-digest")
    for path in "/v1/chat/completions", RAW:
        with Each(lambda: gateway(mock),
                  "raw bodies" if path == RAW else "bodies") as e:
            for what, text in TEXTS.items():
                a = post(e.get(), CHAT[0] + text + CHAT[1], path=path)
                assert a.status in (200, 400, 413), a.body[:300]
                e.look(what)
    gw = gateway(mock)
    a = post(gw, b'--BB\r\nContent-Disposition: form-data; name="file"; '
             b'filename="a"\r\n\r\n' + b"\r\n--B" * (SIZE // 5) +
             b'\r\n--BB\r\nContent-Disposition: form-data; name="model"'
             b"\r\n\r\nm1\r\n--BB--\r\n", "multipart/form-data; boundary=BB",
             "/v1/audio/transcriptions")
    look(gw, "a form whose model comes last")
    gw.stop()
    mock.stop()


@turns
def pictures():
    mock = Mock("--models", "m1", "--no-digest")
    head = (b'{"model":"m1","messages":[{"role":"user","content":[{"type":'
            b'"image_url","image_url":{"url":"data:image/png;base64,')
    texts = {"one": b"A" * SIZE,
             "many": (b"A" * 5000 + b'"}},{"type":"image_url","image_url":'
                      b'{"url":"') * (SIZE // 5000)}
    with Each(lambda: gateway(mock), "pictures") as e:
        for what, text in texts.items():
            for path in "/v1/chat/completions", RAW:
                a = post(e.get(), head + text + b'"}}]}]}', path=path)
                assert a.status in (200, 400, 413), a.body[:300]
                e.look(what + (", raw" if path == RAW else ""))
    mock.stop()


@turns
def other_styles():
    """Bodies that are checked or rewritten before they are routed."""
    mock = Mock("--models", "m1,gemini-1", "--no-digest")
    one = b'{"role":"user","content":"x"},'
    chat = b'{"provider":"openai","model":"m1","messages":['
    last = b'{"role":"user","content":"x"}]}'
    bodies = {
        "/v1/chat, one text": chat + last.replace(b"x", b"x" * SIZE),
        "/v1/chat, escapes": chat + last.replace(b"x", b"\\n" * (SIZE // 2)),
        "/v1/chat, many texts": chat + one * (SIZE // 32) + last,
        "/v1/chat, the last is wrong": chat + one * (SIZE // 32) +
        last.replace(b"user", b"nobody"),
        "Claude's style": b'{"model":"m1","anthropic_version":"x",'
        b'"max_tokens":5,"messages":[' + last.replace(b"x", b"x" * SIZE),
        "Gemini's style, one text": b'{"model":"gemini-1","input":[' +
        last.replace(b"x", b"x" * SIZE),
        "Gemini's style, many texts": b'{"model":"gemini-1","input":[' +
        one * (SIZE // 32) + last}
    with Each(lambda: Quiet("providers = ( %s );\n%s" % (
            provider(mock, models=("m1", "gemini-1")), file_key())),
            "other styles") as e:
        for what, body in bodies.items():
            path = "/v1/chat" if what[0] == "/" else "/v1/chat/completions"
            a = post(e.get(), body, path=path)
            want = (400,) if "wrong" in what else (200, 400, 413)
            assert a.status in want, (what, a.status, a.body[:300])
            if "wrong" in what:
                assert b"received 'nobody'" in a.body, a.body[:300]
            e.look(what)
    mock.stop()


def answer(text):
    return (b'{"id":"x","object":"chat.completion","choices":[{"index":0,'
            b'"message":{"role":"assistant","content":"x"},"finish_reason":'
            b'"stop"}],"x":[' + text + b'],"usage":{"prompt_tokens":3,'
            b'"completion_tokens":5,"total_tokens":8}}')


def upstream(answers):
    return RawUpstream({"": whole(b'{"data":[{"id":"m1"}]}'), **answers})


def holding(up, extra="", held="64m", keys='"sk-up-1"'):
    """A gateway that holds so much of an answer."""
    return Quiet("providers = ( %s );\n%s"
                 'client = { hold_max = "%s"; };\n%s' % (
                     provider(up).replace('"sk-up-1"', keys), file_key(),
                     held, extra))


def ask(gw, name, model="m1", more="", path="/v1/chat/completions"):
    return post(gw, ('{"model":"%s",%s"messages":[{"role":"user","content":'
                     '"[[raw:%s]]"}]}' % (model, more, name)).encode(),
                path=path)


@turns
def long_answers():
    up = upstream({k: whole(answer(v)) for k, v in TEXTS.items()})
    for path in "/v1/chat/completions", RAW:
        with Each(lambda: holding(up),
                  "raw answers" if path == RAW else "answers") as e:
            for what in TEXTS:
                a = ask(e.get(), what, path=path)
                assert a.status == 200, a.status
                assert a.body == answer(TEXTS[what])
                e.look(what)
    with Each(lambda: holding(up), "an answer that is no stream") as e:
        a = ask(e.get(), "one string", more='"stream":true,')
        assert a.status == 200 and len(a.body) > SIZE, a.status
    up.close()


# A body of each format with one text (or picture) in it, and a whole answer.
FORMATS = {
    "chat": ("/v1/chat/completions",
             '{"model":"%(model)s","messages":[{"role":"user","content":[{"type"'
             ':"text","text":"[[raw:%(name)s]]"},%(part)s]}]}',
             '{"type":"text","text":%s}', '{"type":"image_url","image_url":'
             '{"url":"data:image/png;base64,%s"}}', "openai",
             '{"id":"x","object":"chat.completion","choices":[{"index":0,'
             '"message":{"role":"assistant","content":%s},"finish_reason":'
             '"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":5,'
             '"total_tokens":8}}'),
    "messages": ("/v1/messages",
                 '{"model":"%(model)s","max_tokens":5,"messages":[{"role":'
                 '"user","content":[{"type":"text","text":"[[raw:%(name)s]]"},'
                 '%(part)s]}]}',
                 '{"type":"text","text":%s}', '{"type":"image","source":{'
                 '"type":"base64","media_type":"image/png","data":"%s"}}',
                 "anthropic",
                 '{"id":"x","type":"message","role":"assistant","content":[{'
                 '"type":"text","text":%s}],"stop_reason":"end_turn","usage":'
                 '{"input_tokens":3,"output_tokens":5}}'),
    "responses": ("/v1/responses",
                  '{"model":"%(model)s","input":[{"role":"user","content":[{'
                  '"type":"input_text","text":"[[raw:%(name)s]]"},%(part)s]}]}',
                  '{"type":"input_text","text":%s}', '{"type":"input_image",'
                  '"image_url":"data:image/png;base64,%s"}', None, None),
    "gemini": ("/v1beta/models/%(model)s:generateContent",
               '{"contents":[{"role":"user","parts":[{"text":'
               '"[[raw:%(name)s]]"},%(part)s]}]}',
               '{"text":%s}', '{"inlineData":{"mimeType":"image/png","data":'
               '"%s"}}', "gemini",
               '{"candidates":[{"content":{"role":"model","parts":[{"text":%s'
               '}]},"finishReason":"STOP","index":0}],"usageMetadata":{'
               '"promptTokenCount":3,"candidatesTokenCount":5}}'),
}
TEN = texts(10 << 20)
PAIRS = (("responses", "messages"), ("gemini", "chat"), ("chat", "messages"),
         ("messages", "gemini"))[:4 if LONG else 2]
LONG_TEXTS = "one string", "one string, not ASCII", "one string, escapes"
# Its byte that texts seldom have is what a key is looked for by.
TEN["much of a key"] = TEN["one string"].replace(b"x", b"k")
ANSWERED = LONG_TEXTS + ("much of a key",)


def translating(more=()):
    """A provider of each format, which answers each text in it."""
    answers = {"%s: %s" % (k, t): whole((v[5] % "\0").encode().replace(
        b"\0", TEN[t])) for k, v in FORMATS.items() if v[4]
        for t in ANSWERED}
    answers.update((k, whole((v[5] % '"ok"').encode()))
                   for k, v in FORMATS.items() if v[4])
    answers["count"] = whole(b'{"input_tokens":3}')
    answers.update(more)
    up = upstream(answers)
    return up, Quiet("providers = ( %s );\n%s" % (", ".join(
        provider(up, k, ["for-" + k]).replace(
            'dialect = "openai"', 'dialect = "%s"' % v[4])
        for k, v in FORMATS.items() if v[4]), file_key()))


def translate(gw, client, server, name, part, below=""):
    path, body = FORMATS[client][0] + below, FORMATS[client][1]
    fields = {"model": "for-" + server, "name": name, "part": "\0"}
    return post(gw, (body % fields).encode().replace(b"\0", part),
                path=path % fields if "%" in path else path)


@turns
def translated_bodies():
    up, gw = translating()
    with Each(lambda: gw, "translated bodies") as e:
        e.get()
        for client, server in PAIRS:
            text, picture = FORMATS[client][2:4]
            parts = {k: (text % "\0").encode().replace(b"\0", TEN[k])
                     for k in LONG_TEXTS}
            parts["a picture"] = (picture % "\0").encode().replace(
                b"\0", b"iVBORw0KGgoA" + b"A" * ((10 << 20)))
            parts["many parts"] = b",".join(
                [(text % '"abc"').encode()] * (90000 // min(MANY, 3)))
            for what, part in parts.items():
                a = translate(gw, client, server, server, part)
                assert a.status == 200, (client, what, a.status, a.body[:300])
                if LONG:
                    look(gw, "translated body of %s, %s" % (client, what))
                if (client, server) != ("responses", "messages"):
                    continue
                a = translate(gw, client, server, "count", part,
                              "/input_tokens")
                assert json.loads(a.body)["input_tokens"] == 3, a.body[:300]
                if LONG:
                    look(gw, "body to be counted, %s" % what)
    up.close()


@turns
def translated_answers():
    up, gw = translating()
    with Each(lambda: gw, "translated answers") as e:
        e.get()
        for client, server in PAIRS:
            for what in ANSWERED:
                a = translate(gw, client, server, "%s: %s" % (server, what),
                              (FORMATS[client][2] % '"x"').encode())
                assert a.status == 200, (client, what, a.status, a.body[:300])
                assert len(a.body) > 5 << 20 and json.loads(a.body)
                if LONG:
                    look(gw, "translated answer for %s, %s" % (client, what))
    up.close()


# A request of many messages, calls and tools, in OpenAI's words: count, one.
SHAPES = {
    "messages": (180000, '{"role":"%(role)s","content":"abc"}'),
    "calls": (36000, '{"role":"assistant","content":null,"tool_calls":[{'
              '"id":"call_%(i)d","type":"function","function":{"name":"f",'
              '"arguments":"{}"}}]},{"role":"tool","tool_call_id":'
              '"call_%(i)d","content":"x"}'),
}


@turns
def translated_shapes():
    up, gw = translating()
    with Each(lambda: gw, "translated messages and calls") as e:
        e.get()
        for what, (n, one) in SHAPES.items():
            many = ",".join(one % {"i": i, "role": ("user", "assistant")[
                i % 2]} for i in range(n // MANY))
            for server in "messages", "gemini":
                a = post(gw, ('{"model":"for-%s","messages":[{"role":"user",'
                              '"content":"[[raw:%s]]"},%s,{"role":"user",'
                              '"content":"x"}]}' % (
                                  server, server, many)).encode())
                assert a.status == 200, (a.status, a.body[:300])
                if LONG:
                    look(gw, "%d %s for %s" % (n, what, server))
    up.close()


def event(data, name=None):
    return (b"event: %s\n" % name if name else b"") + b"data: " + data + \
        b"\n\n"


def streams(text):
    """One event with all of text, a JSON string, in each format."""
    arguments = b'"{\\"a\\":\\"' + text[1:-1] + b'\\"}"'
    begin = event(b'{"type":"message_start","message":{"id":"x","type":'
                  b'"message","role":"assistant","content":[],"usage":{'
                  b'"input_tokens":3,"output_tokens":1}}}', b"message_start")
    end = event(b'{"type":"content_block_stop","index":0}',
                b"content_block_stop") + event(
        b'{"type":"message_delta","delta":{"stop_reason":"%s"},"usage":{'
        b'"output_tokens":5}}', b"message_delta") + event(
        b'{"type":"message_stop"}', b"message_stop")

    def chat(delta, why):
        return event(b'{"id":"x","object":"chat.completion.chunk","choices":[{'
                     b'"index":0,"delta":' + delta + b"}]}") + event(
            b'{"id":"x","object":"chat.completion.chunk","choices":[{"index":'
            b'0,"delta":{},"finish_reason":"' + why + b'"}]}') + \
            event(b"[DONE]")

    def messages(block, delta, why):
        return begin + event(
            b'{"type":"content_block_start","index":0,"content_block":' +
            block + b"}", b"content_block_start") + event(
            b'{"type":"content_block_delta","index":0,"delta":' + delta +
            b"}", b"content_block_delta") + end.replace(b"%s", why)

    def gemini(part):
        return event(b'{"candidates":[{"content":{"role":"model","parts":[' +
                     part + b']},"finishReason":"STOP","index":0}],'
                     b'"usageMetadata":{"promptTokenCount":3,'
                     b'"candidatesTokenCount":5}}')

    return {
        "chat: text": chat(b'{"content":' + text + b"}", b"stop"),
        "chat: arguments": chat(
            b'{"tool_calls":[{"index":0,"id":"call_1","type":"function",'
            b'"function":{"name":"f","arguments":' + arguments + b"}}]}",
            b"tool_calls"),
        "messages: text": messages(
            b'{"type":"text","text":""}',
            b'{"type":"text_delta","text":' + text + b"}", b"end_turn"),
        "messages: arguments": messages(
            b'{"type":"tool_use","id":"t1","name":"f","input":{}}',
            b'{"type":"input_json_delta","partial_json":' + arguments + b"}",
            b"tool_use"),
        "gemini: text": gemini(b'{"text":' + text + b"}"),
        "gemini: arguments": gemini(
            b'{"functionCall":{"name":"f","args":{"a":' + text + b"}}}"),
    }


STREAMED = texts((36 << 20) // max(MANY, 3))


def ask_stream(gw, client, name, server):
    """The request of a client that wants a stream: path and body."""
    path, body = FORMATS[client][:2]
    fields = {"model": "for-" + server, "name": name,
              "part": FORMATS[client][2] % '"x"'}
    body = body % fields
    if client == "gemini":
        return path.replace(":generateContent", ":streamGenerateContent"
                            "?alt=sse") % fields, body.encode()
    return path, body.replace("{", '{"stream":true,', 1).encode()


@turns
def long_events():
    """A stream whose provider says all in one event."""
    kinds = ("one string", "one string, escapes")[:2 if LONG else 1]
    key = "chat: text: much of a key"
    up, gw = translating({
        "%s: %s" % (name, kind): sse(text) for kind in kinds
        for name, text in streams(STREAMED[kind]).items()} | {
            key: sse(streams(TEN["much of a key"])["chat: text"])})
    with Each(lambda: gw, "events of %d MB" % (
            len(STREAMED["one string"]) >> 20)) as e:
        e.get()
        for client, server in PAIRS:
            for name in ("%s: %s: %s" % (server, what, kind)
                         for what in ("text", "arguments") for kind in kinds):
                path, body = ask_stream(gw, client, name, server)
                a = post(gw, body, path=path)
                assert a.status == 200, (client, name, a.body[:300])
                least = len(STREAMED["one string"]) * (
                    1 if name.endswith("string") else 0.9)
                assert len(a.body) >= least, (name, len(a.body))
                assert b"error" not in a.body[-300:], a.body[-300:]
                last = {"chat": b"[DONE]", "messages": b"message_stop",
                        "responses": b"response.completed",
                        "gemini": b"finishReason"}[client]
                assert last in (a.body if client == "responses" else
                                a.body[-600:]), a.body[-600:]
                if LONG:
                    look(gw, "event for %s, %s" % (client, name))
        path, body = ask_stream(gw, "gemini", key, "chat")
        a = post(gw, body, path=path)
        assert len(a.body) >= 10 << 20, a.body[-300:]
        # The end of the stream is in an event that is too long to be looked at.
        name = "gemini: text: one string"
        path, body = ask_stream(gw, "gemini", name, "gemini")
        a = post(gw, body, path=path)
        assert a.body == streams(STREAMED["one string"])["gemini: text"], \
            a.body[-300:]
    up.close()


@test
def gone_in_between():
    """Clients that leave while an answer is translated take nobody along."""
    text = STREAMED["one string, escapes"]
    up, gw = translating({
        "chat: gone": whole((FORMATS["chat"][5] % "\0").encode().replace(
            b"\0", text)),
        "chat: gone too": sse(streams(text)["chat: text"])})
    pid = worker(gw)["pid"]
    for i in range(24 // min(MANY, 2)):
        if i % 2:
            path, body = ask_stream(gw, "messages", "chat: gone too", "chat")
        else:
            path, body = FORMATS["messages"][:2]
            body = (body % {"model": "for-chat", "name": "chat: gone",
                            "part": FORMATS["messages"][2] % '"x"'}).encode()
        done = worker(gw)["requests"]
        with socket.create_connection(("127.0.0.1", gw.port)) as s:
            s.sendall(b"POST %s HTTP/1.1\r\nhost: x\r\nauthorization: "
                      b"Bearer %s\r\ncontent-type: application/json\r\n"
                      b"content-length: %d\r\n\r\n" % (
                          path.encode(), gw.KEY.encode(), len(body)) + body)
            wait("the request", lambda: worker(gw)["requests"] > done)
            wait("its answer", lambda: up.count().get(
                "chat: gone" + (" too" if i % 2 else ""), 0) > i // 2)
            time.sleep(i * 0.003)       # at another place each time
        wait("its end", lambda: worker(gw)["active"] == 0, 30)
    assert worker(gw)["pid"] == pid
    gw.stop()


def vectors(n, what):
    """Answers of about so many bytes, as Google and OpenAI have them, to 2000
    texts or to one."""
    texts, number = 1 if what == "one" else 2000, b"-0.0123456789,"
    many = n // len(number) // texts
    v = number * many + b"1"
    raw = base64.b64encode(b"\x12\x34\x56\x3d" * (n // 6 // texts))
    return {
        "google, " + what: b'{"embeddings":[' + b",".join(
            [b'{"values":[' + v + b"]}"] * texts) + b"]}",
        "openai, " + what: b'{"data":[' + b",".join(
            b'{"index":%d,"embedding":"%s"}' % (i, raw)
            for i in range(texts)) + b"]}"}


@turns
def translated_embeddings():
    size = (36 << 20) // MANY
    answers = dict(vectors(size, "many"), **vectors(size, "one"))
    up = upstream({k: whole(v) for k, v in answers.items()})
    texts = b",".join([b'"[[raw:%s]]"'] + [b'"abc"'] * 1999)
    with Each(lambda: Quiet("providers = ( %s );\n%s" % (", ".join(
            provider(up, k, ["for-" + k]).replace(
                'dialect = "openai"', 'dialect = "%s"' % d)
            for k, d in (("google", "gemini"), ("openai", "openai"))),
            file_key())), "translated embeddings") as e:
        for what in answers:
            body = b'{"model":"for-%s","encoding_format":"base64","input":' \
                b"[%s]}" % (what.split(",")[0].encode(), (
                    texts if "many" in what else b'"[[raw:%s]]"') %
                    what.encode())
            path = ("/v1/embeddings" if "google" in what else
                    "/mistral/v1/embeddings")
            a = post(e.get(), body if "google" in what else body.replace(
                b'"encoding_format":"base64",', b""), path=path)
            assert a.status == 200, (what, a.status, a.body[:300])
            data = a.json()["data"]
            assert len(data) == (2000 if "many" in what else 1), len(data)
            assert isinstance(data[0]["embedding"],
                              str if "google" in what else list)
            e.look(what)
        body = b'{"model":"for-google","input":[%s]}' % b",".join(
            [b'"abc \\u00e9 def"'] * 60000 + [b'"[[raw:google, one]]"'])
        assert post(e.get(), body, path="/v1/embeddings").status == 502
        e.look("60,000 texts")
    up.close()


@test
def nothing_waits_for_a_flush():
    """An answer whose client is slower than its provider is read when the
    client has taken a part, and written at once: not when a timer comes."""
    up = upstream({"a": whole(answer(b'"' + b"x" * (15 << 20) + b'"'))})

    def fastest(held):
        gw, best = holding(up, held=held), 1e9
        for _ in range(4):
            begin = time.monotonic()
            assert ask(gw, "a").status == 200
            best = min(best, time.monotonic() - begin)
        gw.stop()
        return best

    whole_s, parts_s = fastest("64m"), fastest("1m")
    up.close()
    print("# 15 MB held: %.3f s, in parts: %.3f s" % (whole_s, parts_s))
    assert parts_s < 1.5 + 5 * whole_s, (parts_s, whole_s)


@turns
def failure_keywords():
    words = ["overloaded", "capacity", "try again later", "x is not here",
             "rate limit", "unavailable", "exceeded", "quota", "xxxy", "\\nx"]
    up = upstream({k: whole(answer(v)) for k, v in TEXTS.items()})
    up.answers["a word at the end"] = whole(answer(
        TEXTS["numbers"] + b',"it is OverLoaded"'))
    with Each(lambda: holding(up, "failure_keywords = ( %s );\n"
              'groups = ( { name = "g"; targets = ( { provider = "p1"; '
              'model = "m1"; } ); } );\n' % ", ".join(
                  json.dumps(w) for w in words)),
              "ten failure keywords") as e:
        for what in ("one string", "short strings", "one string, escapes",
                     "a word at the end"):
            a = ask(e.get(), what, "g")
            assert a.status == (502 if "word" in what else 200), a.status
            e.look(what)
    up.close()


def compressed(make, what):
    some = secrets.token_hex(SIZE // 4).encode()
    texts = {"random": b'"' + some + b'"',
             "random, then not": b'"' + some + b"x" * (SIZE // 2) + b'"',
             "too good": TEXTS["one string"]}
    up = upstream({k: whole(gzip.compress(answer(v), 1),
                            "content-encoding: gzip\r\n")
                   for k, v in texts.items()})
    with Each(lambda: make(up), what) as e:
        for text in texts:
            a = ask(e.get(), text)
            if text == "too good":
                assert a.status >= 500, a.status
            else:
                assert a.status == 200 and a.body == answer(texts[text])
            e.look(text)
    up.close()


@turns
def compressed_answers():
    compressed(holding, "compressed answers")


def through(up, extra, url=None):
    """A gateway that uses libcurl."""
    p = provider(up, extra=extra)
    return Quiet('providers = ( %s );\n%sclient = { hold_max = "64m"; };\n' % (
        p.replace(up.url, url or up.url), file_key()))


@turns
def answers_through_libcurl():
    """It would go on as long as its peer is faster."""
    proxy = HttpProxy()
    compressed(lambda up: through(
        up, 'proxy = "http://127.0.0.1:%d";' % proxy.port),
        "compressed answers through libcurl")
    assert proxy.seen
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not nginx:
        return
    up, port = upstream({"long": whole(answer(TEXTS["one string"]))}), \
        free_port()
    cert, key = certificate(tmpdir(), "localhost")
    front = Nginx(nginx, cert, key, port, up.port)
    wait("nginx", lambda: socket.create_connection(("127.0.0.1", port), 5))
    gw = through(up, 'http_version = "2"; tls = { verify = false; };',
                 "https://localhost:%d/v1" % port)
    for _ in range(3):
        a = ask(gw, "long")
        assert a.status == 200 and a.body == answer(TEXTS["one string"])
    assert [x for x in front.lines() if x.startswith("HTTP/2.0 POST")]
    look(gw, "answers by HTTP/2")
    gw.stop()
    up.close()


@turns
def many_at_once():
    """Slices add up: the loop has to stop between them."""
    mb = {k: v[:4 << 20] for k, v in TEXTS.items() if k == "numbers"}
    text = mb["numbers"].rstrip(b",")
    up = upstream({"long": whole(answer(text))})
    gw = holding(up, 'failure_keywords = ( "not there", "11111" );\n'
                 'groups = ( { name = "g"; targets = ( { provider = "p1"; '
                 'model = "m1"; } ); } );\n')
    body = (b'{"model":"g","messages":[{"role":"user","content":'
            b'"[[raw:long]]"}],"x":[' + text + b"]}")
    bad = []

    def some():
        for _ in range(16 if LONG else 1):
            a = post(gw, body)
            if a.status != 200 or len(a.body) < len(text):
                bad.append((a.status, a.body[:200]))

    threads = [threading.Thread(target=some) for _ in range(24)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not bad, bad[:3]
    look(gw, "24 clients with bodies and answers of 4 MB")
    gw.stop()
    up.close()


@turns
def long_errors():
    keys = ["sk-%s" % secrets.token_hex(20) for _ in range(20)]
    texts = {"one letter": b"s" * SIZE, "their beginnings": b"sk-" *
             (SIZE // 3), "keys": "".join(
                 "%s%s" % ("x" * (i % 97), keys[i % 20])
                 for i in range(SIZE // 92)).encode()}
    up = upstream({k: whole(b'{"error":"' + v + b'"}', status="400 No")
                   for k, v in texts.items()})
    for held in "64m", "1m":
        with Each(lambda: holding(up, held=held, keys=", ".join(
                '"%s"' % k for k in keys)),
                "errors with keys to hide, hold_max " + held) as e:
            for what in texts:
                a = ask(e.get(), what)
                assert a.status == 400, a.status
                assert len(a.body) == 12 + len(texts[what])
                assert b"x*" in a.body or what != "keys"
                assert not [k for k in keys if k.encode() in a.body]
                e.look(what)
    up.close()
    mock = Mock("--models", "m1", "--no-digest")
    gw = Quiet("providers = ( %s, %s );\n%s" % (
        provider(mock), provider(mock, "p2"), file_key()))
    mock.config(rules=[{"do": "status=500"}])
    a = post(gw, b'{"model":"m1","messages":[{"role":"user","content":"' +
             secrets.token_hex(2 << 20)[:4000000].encode() + b'"}]}')
    assert a.status >= 500
    look(gw, "errors for a body of 4 MB")
    gw.stop()
    mock.stop()


@turns
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


@turns
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


@turns
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


@turns
def embeddings():
    """Vectors are relayed and billed, or written anew, as any long answer."""
    n = 12000 // MANY
    vector = b"[" + b",".join([b"-0.01234567"] * 256) + b"]"
    up, gw = translating({
        "chat: vectors": whole(b'{"object":"list","data":[' + b",".join(
            b'{"object":"embedding","index":%d,"embedding":%s}' % (i, vector)
            for i in range(n)) + b'],"model":"x","usage":{"prompt_tokens":3,'
            b'"total_tokens":3}}'),
        "gemini: vectors": whole(b'{"embeddings":[' + b",".join(
            [b'{"values":' + vector + b"}"] * n) + b"]}")})
    texts = ",".join(['"[[raw:%s: vectors]]"'] + ['"abc"'] * (n - 1))
    requests = ",".join(['{"model":"models/for-%(to)s","content":{"parts":[{'
                         '"text":"[[raw:%(to)s: vectors]]"}]}}'] +
                        ['{"model":"models/for-%(to)s","content":{"parts":[{'
                         '"text":"abc"}]}}'] * (n - 1))
    with Each(lambda: gw, "%d embeddings" % n) as e:
        e.get()
        for to in "chat", "gemini":
            a = post(gw, ('{"model":"for-%s","input":[%s]}' % (
                to, texts % to)).encode(), path="/v1/embeddings")
            assert a.status == 200, a.body[:300]
            assert len(json.loads(a.body)["data"]) == n
            if LONG:
                look(gw, "%d embeddings, chat and %s" % (n, to))
            a = post(gw, ('{"requests":[%s]}' % (
                requests % {"to": to})).encode(),
                path="/v1beta/models/for-%s:batchEmbedContents" % to)
            assert a.status == 200, a.body[:300]
            assert len(json.loads(a.body)["embeddings"]) == n
            if LONG:
                look(gw, "%d embeddings, gemini and %s" % (n, to))
    up.close()


@turns
def many_idle_clients_at_once():
    """Their time is over while the worker does nothing: all are due then."""
    n = 3000 // MANY
    have, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    mock = Mock("--models", "m1", "--no-digest")
    gw = gateway(mock, 'client = { idle_timeout = "1s"; header_timeout = '
                 '"1s"; };\n')
    p = worker(gw)
    clients = [socket.create_connection(("127.0.0.1", gw.port), 30)
               for _ in range(n)]
    for c in clients:
        c.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
    for c in clients:
        assert c.recv(4096).startswith(b"HTTP/1.1 200"), "no answer"
    os.kill(p["pid"], signal.SIGSTOP)
    time.sleep(1.3)             # that its time passes is what is tested
    os.kill(p["pid"], signal.SIGCONT)
    for c in clients:
        c.settimeout(30)
        assert c.recv(4096) == b""
        c.close()
    assert worker(gw)["pid"] == p["pid"]
    look(gw, "%d idle clients closed at once" % n)
    gw.stop()
    mock.stop()
    resource.setrlimit(resource.RLIMIT_NOFILE, (have, most))


@turns
def many_keys_and_targets():
    """A large configuration is loaded again; then each upstream key fails."""
    keys, targets, n = 10000 // MANY, 1000 // MANY, 200 // MANY
    mock = Mock("--models", "m1", "--no-digest")
    some = ", ".join(provider(
        mock, "p%d" % i, ["m%d" % i], key='", "'.join(
            "sk-up-%d-%d" % (i, k) for k in range(5))) for i in range(n))
    group = ", ".join('{ name = "g%d"; targets = ( %s ); }' % (g, ", ".join(
        '{ provider = "p%d"; model = "m%d"; }' % (i, i)
        for i in range(g, g + 5))) for g in range(0, targets // 5)
        if g + 5 <= n)
    gw = Quiet('providers = ( %s );\ngroups = ( %s );\nkeys = ( { name = '
               '"test"; secret = "%s"; role = "root"; }, %s );\n' % (
                   some, group, Gateway.KEY, ", ".join(
                       '{ name = "k%d"; secret = "sk-client-key-%d"; rpm = '
                       '10; }' % (i, i) for i in range(keys))))
    old = worker(gw)["pid"]
    gw.signal(signal.SIGHUP)
    wait("the new worker", lambda: worker(gw)["pid"] != old, 60)
    assert gw.chat(model="g0").status == 200
    assert "k%d" % (keys - 1) in gw.ctl("key", "list").stdout
    assert "p%d" % (n - 1) in gw.ctl("provider", "list").stdout
    a = gw.get("/v1/models", headers={"Authorization": "Bearer " + gw.KEY})
    assert len(json.loads(a.body)["data"]) >= n, a.body[:300]
    mock.config(rules=[{"do": "status=401"}])

    def some_of(k):
        for i in range(k, n, 4):
            gw.chat(model="m%d" % i)

    threads = [threading.Thread(target=some_of, args=(k,)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    out = json.loads(gw.ctl("provider", "list", "--json").stdout)
    assert json.dumps(out).count('"rest') + json.dumps(out).count(
        "401") >= n, json.dumps(out)[:500]
    assert gw.ctl("status").returncode == 0
    what = "%d keys, %d targets, %d upstream keys fail" % (
        keys, targets, 5 * n)
    for role in "worker", "admin", "recorder", "checker":
        look(gw, what if role == "worker" else "%s: %s" % (role, what), role)
    gw.stop()
    mock.stop()


@turns
def metrics_of_many_models():
    n = 12000 // MANY // MANY
    mock = Mock("--no-digest", "--models", ",".join(
        "m%d" % i for i in range(n)))
    gw = Quiet("providers = ( %s );\n%s" % (
        provider(mock, models=["m%d" % i for i in range(n)]), file_key()))

    def some(k):
        c = http.client.HTTPConnection("127.0.0.1", gw.port, timeout=60)
        for i in range(k, n, 4):
            c.request("POST", "/v1/chat/completions", json.dumps(
                {"model": "m%d" % i, "messages": []}), {
                    "Authorization": "Bearer " + gw.KEY,
                    "Content-Type": "application/json"})
            c.getresponse().read()
        c.close()

    threads = [threading.Thread(target=some, args=(k,)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    wait("the ledger to have it", lambda: drained(gw), 30)
    for _ in range(2):
        text = call(gw.admin_port, "GET", "/metrics").body.decode()
        for line in text.split("\n"):
            if line.startswith("aigw_provider_requests_total{"):
                assert line.endswith('"} 1'), line
        assert text.count("aigw_provider_requests_total{") == n
        assert text.count("aigw_cost_dollars_total{") == n
    look(gw, "admin: /metrics of %d models" % n, "admin")
    gw.stop()
    mock.stop()


@turns
def usage_of_a_large_ledger():
    """More models than are told by name: the rest is one row."""
    n = 120000 // MANY // MANY
    most = 100000
    mock = Mock("--models", "m1", "--no-digest")
    gw = gateway(mock)
    gw.stop()
    subprocess.run([os.path.join(lib.BUILD, "tests/e2e/ledger_fill"),
                    os.path.join(gw.dir, "state"), str(n)], check=True)
    gw.start()
    o = json.loads(gw.ctl("usage", "--json", "--by", "model").stdout)
    total = {"requests": n, "output_tokens": n * (n - 1) // 2}
    assert {k: o["total"][k] for k in total} == total, o["total"]
    assert {k: sum(r[k] for r in o["rows"]) for k in total} == total
    assert len(o["rows"]) == min(n, most + 1), len(o["rows"])
    cost = [float(r["cost_usd"]) for r in o["rows"]]
    assert cost == sorted(cost, reverse=True)
    lines = gw.ctl("usage", "--by", "model").stdout.split("\n")
    assert len(lines) == len(o["rows"]) + 3, lines[-3:]
    assert lines[0].startswith("MODEL ") and lines[-2].startswith("total ")
    s = json.loads(gw.ctl("usage", "--json", "--by", "session").stdout)
    assert {k: s["total"][k] for k in total} == total, s["total"]
    assert len(s["rows"]) == min(n, most + 1), len(s["rows"])
    days = gw.ctl("usage", "--by", "day").stdout.split("\n")
    assert len(days) == 28 + 3 and days[1:29] == sorted(days[1:29]), days
    # One that nobody waits for leaves nothing behind.
    p = subprocess.Popen([os.path.join(lib.BUILD, "aigwctl"), "-s",
                          os.path.join(gw.dir, "run", "control.sock"), "usage", "--by", "model"],
                         stdout=subprocess.PIPE)
    p.stdout.read(1)
    p.kill()
    p.communicate()
    assert gw.ctl("status").returncode == 0
    look(gw, "admin: usage of %d models" % n, "admin")
    gw.stop()
    mock.stop()


@turns
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
