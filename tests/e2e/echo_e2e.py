"""echo_e2e.py - a provider that sends our key back in a good answer, cut at
each place, shows it to nobody.

What cuts are the chunks, the records of TLS, and pieces of which the second is
sent when the client has what was before the key in the first.
"""
import gzip
import http.client
import http.server
import json
import re
import ssl
import threading

from lib import Gateway, main, test, tmpdir
from proxies import certificate

KEY = "sk-1/ecHo-sk-1"
STARS = b"*" * len(KEY)
PLACES = range(len(KEY))	# 0: after every byte
EVENT = ('data: {"id":"1","object":"chat.completion.chunk","choices":[{"index"'
         ':0,"delta":{"content":"you sent %s or sk-1/ec"}}]}\n\ndata: {"id":'
         '"1","object":"chat.completion.chunk","choices":[{"index":0,"delta":'
         '{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')
BODY = ('{"id":"1","object":"chat.completion","created":1,"model":"m",'
        '"choices":[{"index":0,"finish_reason":"stop","message":{"role":'
        '"assistant","content":"you sent %s or sk-1/ec"}}],"usage":{'
        '"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}')
go_on = threading.Event()


def escaped(text):
    return text.replace("/", "\\/")


class Echo(http.server.BaseHTTPRequestHandler):
    """Does what the prompt says: "[[framing, kind, place]]"."""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def do_POST(self):
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        framing, kind, place = re.search(
            rb"\[\[(.*?)\]\]", asked).group(1).decode().split(",")
        key = self.headers["Authorization"][len("Bearer "):]
        assert key == KEY
        if "escaped" in framing:
            key = escaped(key)
        text = ((EVENT if kind == "stream" else BODY) % key).encode()
        at, place = text.index(key.encode()), int(place)
        pieces = [text[:at + place], text[at + place:]] if place else [
            text[i:i + 1] for i in range(len(text))]
        self.send_response_only(200)
        self.send_header("Content-Type", "text/event-stream" if kind ==
                         "stream" else "application/json")
        if "gzip" in framing:
            pieces = gzip.compress(text, 1)
            pieces = [pieces[i:i + 1] for i in range(len(pieces))]
            self.send_header("Content-Encoding", "gzip")
        if "chunked" in framing:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.connection.sendall(b"".join(
                b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) +
                b"0\r\n\r\n")
            return
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        for i, p in enumerate(pieces):	# a record each, by TLS
            if i > 0 and "wait" in framing:
                go_on.wait(60)
            self.connection.sendall(p)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        pass


def serve(context=None):
    s = Server(("127.0.0.1", 0), Echo)
    if context is not None:
        s.socket = context.wrap_socket(s.socket, server_side=True)
    threading.Thread(target=s.serve_forever, daemon=True).start()
    return s.server_port


crt, key_file = certificate(tmpdir(), "localhost")
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(crt, key_file)
PROVIDER = ('{ id = "%s"; dialect = "openai"; base_url = "%s://localhost:%d"; '
            'keys = ( "%s" ); models = ( "m-%s" ); allow_private = ( '
            '"127.0.0.0/8" ); %s }')
gw = Gateway("providers = ( %s, %s );\nkeys = ( { name = \"u\"; secret = \"%s\""
             "; role = \"root\"; } );\n" % (
                 PROVIDER % ("plain", "http", serve(), KEY, "plain", ""),
                 PROVIDER % ("tls", "https", serve(tls), KEY, "tls",
                             'tls = { ca_file = "%s"; };' % crt),
                 Gateway.KEY))


def request(path, pid, framing, kind, place):
    return gw.post(path, {
        "model": "m-" + pid, "stream": kind == "stream", "max_tokens": 9,
        "messages": [{"role": "user", "content": "[[%s,%s,%d]]" % (
            framing, kind, place)}]})


def is_hidden(body, what):
    for k in KEY, escaped(KEY):
        assert k.encode() not in body, (what, body)
    assert b"you sent " + STARS in body, (what, body)


def same(pid, framing):
    """In the format it came in, and by the raw proxy: all but the key."""
    for kind, text in ("body", BODY), ("stream", EVENT):
        want = (text % ("*" * len(escaped(KEY) if "escaped" in framing else
                                  KEY))).encode()
        for path in "/v1/chat/completions", "/%s/v1/chat/completions" % pid:
            for place in PLACES:
                what = path, pid, framing, kind, place
                a = request(path, *what[1:])
                is_hidden(a.body, what)
                assert a.status == 200 and a.body == want, (what, a.body)
                if kind == "body":
                    assert a.headers["content-length"] == str(len(want))


@test
def chunks():
    same("plain", "chunked")


@test
def chunks_by_tls():
    same("tls", "chunked escaped")


@test
def records():
    same("tls", "length")


@test
def compressed():
    for pid in "plain", "tls":
        for kind in "body", "stream":
            for path in "/v1/chat/completions", "/v1/messages":
                what = path, pid, "chunked gzip", kind, 0
                is_hidden(request(*what).body, what)


@test
def translated():
    for kind in "body", "stream":
        for pid, framing in ("plain", "chunked"), ("tls", "length"):
            for place in PLACES:
                what = "/v1/messages", pid, framing, kind, place
                a = request(*what)
                assert a.status == 200, (what, a.body)
                is_hidden(a.body, what)


@test
def reads():
    """The first piece has been relayed up to the key when the second comes."""
    for pid in "plain", "tls":
        for place in PLACES[1:]:
            go_on.clear()
            c = http.client.HTTPConnection("127.0.0.1", gw.port, timeout=60)
            c.request("POST", "/%s/v1/chat/completions" % pid, json.dumps({
                "x": "[[wait,stream,%d]]" % place}), {
                    "Authorization": "Bearer " + Gateway.KEY})
            a = c.getresponse()
            got = b""
            while b"you sent " not in got:
                more = a.read1(65536)
                assert more, got
                got += more
            assert got.endswith(b"you sent "), got
            go_on.set()
            got += a.read()
            c.close()
            assert got == EVENT.replace("%s", STARS.decode()).encode(), got


main()
