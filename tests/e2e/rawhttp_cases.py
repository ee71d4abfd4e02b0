"""rawhttp_cases.py - the table of raw requests for rawhttp.py.

Published tricks carry their name. SMUGGLED is what an attacker would like to
see answered; GOOD stands where a request must still be served.
"""
import json

from rawhttp import GOOD, REFUSED, Case

SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Smuggled: 1\r\n\r\n"
END = b"0\r\n\r\n"

# First lines that are refused, with the status when it is not 400.
LINES = [
    b"GET /healthz", b"GET /healthz ", b"GET", b"", b" ",
    b" GET /healthz HTTP/1.1", b"\tGET /healthz HTTP/1.1",
    b"GET  /healthz HTTP/1.1", b"GET /healthz  HTTP/1.1",
    b"GET\t/healthz HTTP/1.1", b"GET /healthz\tHTTP/1.1",
    b"GET /healthz HTTP/1.1 ", b"GET /healthz HTTP/1.1 x",
    b"GET /heal thz HTTP/1.1", b"GET /healthz http/1.1",
    b"GET /healthz HTTP/1", b"GET /healthz HTTP/1.", b"GET /healthz HTTP/",
    b"GET /healthz HTTP/1.10", b"GET /healthz HTTP/01.1",
    b"GET /healthz HTTP/1,1", b"GET /healthz HTTPS/1.1",
    b"GET /healthz HTTP /1.1", b"GET /healthz#a HTTP/1.1",
    b"GET healthz HTTP/1.1", b"GET * HTTP/1.1", b"GET ?a HTTP/1.1",
    b"GET /\x00 HTTP/1.1", b"GET /\x7f HTTP/1.1", b"GET /\xff HTTP/1.1",
    b"GET /\xc0\xaf HTTP/1.1", b"GET /%00 HTTP/1.1", b"GET /a%0d%0aX HTTP/1.1",
    b"GET /%zz HTTP/1.1", b"GET /a\\b HTTP/1.1", b"GET /\x1b[31m HTTP/1.1",
    b"G\x00T /healthz HTTP/1.1", b"G{T /healthz HTTP/1.1",
    b"G\xc9T /healthz HTTP/1.1", b"GET /healthz HTTP/1.1\x0b",
    b"GET /healthz HTTP/1.1\r", b"GET /\rhealthz HTTP/1.1",
    b"GET http:///healthz HTTP/1.1", b"GET http://u:p@a/healthz HTTP/1.1",
    b"GET ftp://a/healthz HTTP/1.1", b"GET http://b/healthz HTTP/1.1",
    b"GET a:80 HTTP/1.1", b"CONNECT /healthz HTTP/1.1",
    b"CONNECT a HTTP/1.1", b"Extra lineGET / HTTP/1.1",
    b"{\"model\":\"m1\"}", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
]
VERSIONS = [b"HTTP/0.9", b"HTTP/1.2", b"HTTP/2.0", b"HTTP/3", b"HTTP/9.9"]

# Lines behind "Host: a", all refused with 400.
FIELDS = [
    b"X : y", b"X\t: y", b" X: y", b"\tX: y", b"X: y\r\n z", b"X: y\r\n\tz",
    b"X: y\r\n \r\n z", b": y", b"X", b"X y", b"X Y: z", b"X[]: y", b"X\x00: y",
    b"X\xe9: y", b"X\x0b: y", b"X\x7f: y", b"X: \x00", b"X: a\x00b",
    b"X: \x01", b"X: \x07", b"X: \x7f", b"X: a\x0bb", b"X: a\x0cb",
    b"X: \x1b[31m", b"X: y\rZ: z", b"X: y\r\r", b"\rX: y", b"Host: a",
    b"host: b", b"Host: a\r\nHost: a", b"Content-Type: a/b\r\nContent-Type: c/d",
]
HOSTS = [b"", b" ", b"a b", b"a,b", b"a/b", b"u@a", b"a?b", b"a#b", b"http://a",
         b"a:", b"a:x", b"a:-1", b"a:99999", b"a:1:2", b":80", b"[::1",
         b"[::1]x", b"[x]", b"::1", b"a\xe9", b"a\x00"]

LENGTHS = [b"", b"+5", b"-5", b"-0", b"0x5", b"0o5", b"5h", b"a", b"5.0", b"5e1",
           b"5 5", b"5\t5", b"5, 5", b"5,5", b"5,", b",5", b"5, 6", b"5;6", b'"5"',
           b"1_0", b"\xd9\xa5", b"\xb2", b"05", b"00", b"18446744073709551616",
           b"18446744073709551621", b"9223372036854775808",
           b"99999999999999999999999999", b"5\x00", b"5\x0b", b"5\r", b"\x0c5"]

CODINGS = [b"", b"identity", b"gzip", b"cow", b"gzip, chunked",
           b"chunked, gzip", b"identity, chunked", b"chunked, identity",
           b"chunked, chunked", b"chunked,chunked", b"chunked, cow",
           b"cow, chunked", b",chunked", b", chunked", b"chunked,",
           b"chunked;q=1", b"chunked;a", b"chunked cow", b"cow chunked",
           b"cow chunked bar", b'"chunked"', b"'chunked'", b":chunked",
           b"=chunked", b"chunk", b"chunkedd", b"xchunked", b"ch\x96nked",
           b"chun\tked", b"chunked\x00", b"\x00chunked", b"chunked\x0b",
           b"\x0bchunked", b"\x0cchunked", b"chunked\x0c", b"chunked\r",
           b"\rchunked", b"chunked\x7f", b"\xa0chunked", b"\xffchunked",
           b"chunked\x85", b"chunked\x08", b"\xc2\xa0chunked",
           b"\r\n chunked", b"\r\n\tchunked", b"chunked\r\n , identity"]
CODING_NAMES = [b"Transfer-Encoding ", b"Transfer-Encoding\t",
                b" Transfer-Encoding", b"\tTransfer-Encoding",
                b"Transfer-Encoding\x0b", b"Transfer-Encoding\x00",
                b"Transfer-Encoding\x7f", b"Transfer-Encoding\xa0",
                b"\x0bTransfer-Encoding", b"\x00Transfer-Encoding",
                b"\rTransfer-Encoding", b"Transfer\r-Encoding",
                b"Transfer Encoding", b"Transfer\tEncoding",
                b"Transfer_Encoding", b"Transf\x82r-Encoding",
                b"Transfer-\r\n Encoding", b"X: y\rTransfer-Encoding",
                b"X: y\x0bTransfer-Encoding", b"X: y\x00\r\nTransfer-Encoding"]

# Chunked bodies with a fault; "XX" is data.
CHUNKS = [
    # sizes
    b"\r\n\r\n", b";\r\n", b"g\r\n", b"0x2\r\nXX\r\n" + END,
    b"+2\r\nXX\r\n" + END, b"-2\r\nXX\r\n" + END, b"+0\r\n\r\n", b"-0\r\n\r\n",
    b"2.0\r\nXX\r\n" + END, b"2_\r\nXX\r\n" + END, b"2h\r\nXX\r\n" + END,
    b" 2\r\nXX\r\n" + END, b"2 \r\nXX\r\n" + END, b"2\t\r\nXX\r\n" + END,
    b"2\x0b\r\nXX\r\n" + END, b"2\x00\r\nXX\r\n" + END,
    b"000000002\r\nXX\r\n" + END, b"100000002\r\nXX\r\n" + END,
    b"10000000000000002\r\nXX\r\n" + END, b"fffffffffffffffff\r\nXX\r\n",
    b"0 \r\n\r\n",
    # CVE-2025-22871 and others: bare line ends
    b"2\nXX\r\n" + END, b"2\n\rXX\r\n" + END, b"2\rXX\r\n" + END,
    b"2\r\rXX\r\n" + END, b"2\r\r\nXX\r\n" + END, b"\n2\r\nXX\r\n" + END,
    b"0\n\r\n", b"0\n\n", b"0\r\r\n\r\n", b"0\r\n\n", b"0\r\n\rX",
    # TERM.EXT and EXT.TERM (CVE-2025-55315), each kind of line end
    b"2;\nXX\r\n10\r\n1f\r\nAAAABBBBCCCC\r\n" + END + b"DDDDEEEEFFFF\r\n" + END,
    b"2;\rXX\r\n10\r\n1f\r\nAAAABBBBCCCC\r\n" + END,
    b"2;\rX\r\nXX\r\n" + END, b"2;\r\r\nXX\r\n" + END,
    b"2;\r\nXX\r\n" + END, b"2;a\r\nXX\r\n" + END, b"2;a=b\r\nXX\r\n" + END,
    b"2 ;a=b\r\nXX\r\n" + END, b"2;a=\"\r\n\"\r\nXX\r\n" + END,
    b"2;a=\"\n\"\r\nXX\r\n" + END, b"2;[\r\nXX\r\n" + END,
    b"2;" + b"a" * 9000 + b"\r\nXX\r\n" + END, b"0;a\r\n\r\n", b"0;\n\r\n",
    # TERM.SPILL and SPILL.TERM: what ends the data
    b"2\r\nXX\n" + END, b"2\r\nXX\r" + END, b"2\r\nXX" + END,
    b"2\r\nXXYY" + END, b"2\r\nXXY\r\n" + END, b"2\r\nXX\n\r" + END,
    b"2\r\nXX\r\r\n" + END, b"2\r\nXX \r\n" + END, b"2\r\nXX\r\n\r\n" + END,
    b"5\r\nAAAAA\n1a\r\n8\r\nAAAABBBB\r\n" + END + b"CCCCDDDD\r\n" + END,
    b"5\r\nAAAAA\r1a\r\n8\r\nAAAABBBB\r\n" + END,
    b"5\r\nAAAAAXY1a\r\n8\r\nAAAABBBB\r\n" + END, b"1\r\nXX\r\n" + END,
    # trailers
    b"0\r\nX : y\r\n\r\n", b"0\r\n X: y\r\n\r\n", b"0\r\nX: y\r\n z\r\n\r\n",
    b"0\r\n: y\r\n\r\n", b"0\r\nX\r\n\r\n", b"0\r\nX: y\n\r\n",
    b"0\r\nX: y\x00\r\n\r\n", b"0\r\nX: y\rZ: z\r\n\r\n",
    b"0\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
    b"0\r\n" + b"X: " + b"y" * 5000 + b"\r\n\r\n",
]

FRAGMENTS = [b"G", b"GET ", b"GET /healthz", b"GET /healthz ",
             b"GET /healthz HTTP", b"GET /healthz HTTP/1.1",
             b"GET /healthz HTTP/1.1\r", b"GET /healthz HTTP/1.1\r\n",
             b"GET /healthz HTTP/1.1\r\nHos", b"GET /healthz HTTP/1.1\r\nHost:",
             b"GET /healthz HTTP/1.1\r\nHost: ",
             b"GET /healthz HTTP/1.1\r\nHost: a\r\n",
             b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r", b"\r", b"\r\n"]


# The 33 things that h1spec looks at (reliability row B1): what is sent, and
# None for no answer yet, or the statuses. In our own words and paths.
CHAT = b"POST /healthz HTTP/1.1\r\nHost: a\r\n"
H1SPEC = [
    ("fragment of a method", b"G", None),
    ("fragment of a target 1", b"GET ", None),
    ("fragment of a target 2", b"GET /hello", None),
    ("fragment of a target 3", b"GET /hello ", None),
    ("fragment of a version", b"GET /hello HTTP", None),
    ("fragment of a request line", b"GET /hello HTTP/1.1", None),
    ("fragment of its end 1", b"GET /hello HTTP/1.1\r", None),
    ("fragment of its end 2", b"GET /hello HTTP/1.1\r\n", None),
    ("fragment of a name", b"GET /hello HTTP/1.1\r\nHos", None),
    ("fragment of a value 1", b"GET /hello HTTP/1.1\r\nHost:", None),
    ("fragment of a value 2", b"GET /hello HTTP/1.1\r\nHost: ", None),
    ("fragment of a value 3", b"GET /hello HTTP/1.1\r\nHost: a", None),
    ("fragment of a value 4", b"GET /hello HTTP/1.1\r\nHost: a\r", None),
    ("fragment of a head", b"GET /hello HTTP/1.1\r\nHost: a\r\n", None),
    ("fragment of the end", b"GET /hello HTTP/1.1\r\nHost: a\r\n\r", None),
    ("no version", b"GET / \r\n\r\n", (400,)),
    ("Expect", b"GET /healthz HTTP/1.1\r\nHost: a\r\n"
     b"Expect: 100-continue\r\n\r\n", (200,)),
    ("valid", b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", (200,)),
    ("valid, tab and case", b"GET /healthz HTTP/1.1\r\nhoSt:\ta\r\n"
     b"empty:\r\n\r\n", (200,)),
    ("characters of a name", b"GET / HTTP/1.1\r\nHost: a\r\nX-Bad[]: y"
     b"\r\n\r\n", (400,)),
    ("no Host", b"GET / HTTP/1.1\r\n\r\n", (400,)),
    ("two Hosts", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", (400,)),
    ("length below all numbers", CHAT + b"Content-Length: "
     b"-12345678901234567890123456789\r\n\r\n", (400,)),
    ("negative length", CHAT + b"Content-Length: -1234\r\n\r\n", (400,)),
    ("length in letters", CHAT + b"Content-Length: abc\r\n\r\n", (400,)),
    ("empty value", b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Empty:\r\n\r\n",
     (200,)),
    ("control in a value", b"GET / HTTP/1.1\r\nHost: a\r\nX-Bad: \x07\r\n"
     b"\r\n", (400,)),
    ("version of another", b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", (400, 505)),
    ("words before it", b"Extra wordsGET / HTTP/1.1\r\nHost: a\r\n\r\n",
     (400,)),
    ("ends of lines", b"GET / HTTP/1.1\rHost: a\r\nX: y\r\n\r\n", (400,)),
    ("body of a length", CHAT + b"Content-Length: 5\r\n\r\nhello",
     (404, 405)),
    ("body in chunks", CHAT + b"Transfer-Encoding: chunked\r\n\r\nc\r\n"
     b"Hello world!\r\n0\r\n\r\n", (404, 405)),
    ("chunks and a length", CHAT + b"Content-Length: 5\r\n"
     b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", (400,)),
]


def h1spec():
    assert len(H1SPEC) == 33
    for name, text, want in H1SPEC:
        if want is None:
            yield Case("h1spec " + name, text, [], "quiet")
        else:
            yield Case("h1spec " + name, text, [want], "close" if want[0] in
                       (400, 505) else "either")


def heads():
    for line in LINES:
        # an empty line is skipped once: here is a second one
        text = b"\r\n" + line if line == b"" else line
        yield Case("line %r" % line, text + b"\r\nHost: a\r\n\r\n" + SMUGGLED,
                   [REFUSED])
    for v in VERSIONS:
        yield Case("version %r" % v, b"GET /healthz " + v +
                   b"\r\nHost: a\r\n\r\n" + SMUGGLED, [(400, 505)])
    for f in FIELDS:
        yield Case("field %r" % f, b"GET /healthz HTTP/1.1\r\nHost: a\r\n" +
                   f + b"\r\n\r\n" + SMUGGLED, [REFUSED])
    for h in HOSTS:
        yield Case("host %r" % h, b"GET /healthz HTTP/1.1\r\nHost: " + h +
                   b"\r\n\r\n" + SMUGGLED, [REFUSED])
    yield Case("no host", b"GET /healthz HTTP/1.1\r\n\r\n" + SMUGGLED,
               [REFUSED])
    for text in (b"GET /healthz HTTP/1.1\nHost: a\n\n",
                 b"GET /healthz HTTP/1.1\r\nHost: a\n\r\n",
                 b"GET /healthz HTTP/1.1\r\nHost: a\r\n\n",
                 b"GET /healthz HTTP/1.1\rHost: a\r\r",
                 b"GET /healthz HTTP/1.1\r\nHost: a\r\n\rX: y\r\n\r\n",
                 b"\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
                 b"GET /healthz HTTP/1.1\r\n X: y\r\nHost: a\r\n\r\n"):
        yield Case("line ends %r" % text, text + SMUGGLED, [REFUSED])
    yield Case("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" +
               bytes(9), [(400, 505)])
    yield Case("garbage", bytes(range(256)) * 4, [REFUSED])


def lengths(post):
    for v in LENGTHS:
        yield Case("length %r" % v, post + b"Content-Length: " + v +
                   b"\r\n\r\nhello" + SMUGGLED, [REFUSED])
    for a, b in ((b"5", b"5"), (b"5", b"0"), (b"0", b"5"), (b"5", b"6")):
        yield Case("lengths %r %r" % (a, b), post + b"Content-Length: " + a +
                   b"\r\ncontent-length: " + b + b"\r\n\r\nhello" + SMUGGLED,
                   [REFUSED])
    for n in (b"Content-Length ", b" Content-Length", b"Content-Length\t",
              b"Content Length", b"Content_Length", b"Content-Length\x00",
              b"Content-Length\x0b"):
        yield Case("length name %r" % n, post + n + b": 5\r\n\r\nhello" +
                   SMUGGLED, [REFUSED])


def codings(post):
    for v in CODINGS:
        yield Case("coding %r" % v, post + b"Transfer-Encoding: " + v +
                   b"\r\n\r\n" + END + SMUGGLED, [REFUSED])
        yield Case("coding %r and length" % v, post + b"Content-Length: 5\r\n"
                   b"Transfer-Encoding: " + v + b"\r\n\r\n" + END + SMUGGLED,
                   [REFUSED])
    for n in CODING_NAMES:
        yield Case("coding name %r" % n, post + b"Content-Length: 5\r\n" + n +
                   b": chunked\r\n\r\n" + END + SMUGGLED, [REFUSED])
    one, both = b"Transfer-Encoding: chunked\r\n", b"Content-Length: 6\r\n"
    for name, text in (
            ("CL.TE", both + one), ("TE.CL", one + both),
            ("TE.CL 0", one + b"Content-Length: 0\r\n"),
            ("TE.TE", one + one), ("TE.TE x", one +
                                   b"Transfer-Encoding: x\r\n"),
            ("TE.TE x first", b"Transfer-Encoding: x\r\n" + one),
            ("TE.TE identity", one + b"Transfer-encoding: identity\r\n"),
            ("TE.TE empty", b"Transfer-Encoding:\r\n" + one),
            ("CL.TE.CL", both + one + both)):
        yield Case(name, post + text + b"\r\n" + END + b"G" + SMUGGLED,
                   [REFUSED])
    yield Case("TE of HTTP/1.0", post.replace(b"HTTP/1.1", b"HTTP/1.0") + one +
               b"\r\n" + END + SMUGGLED, [REFUSED])
    yield Case("TE of HTTP/1.0 keep-alive", post.replace(
        b"HTTP/1.1", b"HTTP/1.0") + one + b"Connection: keep-alive\r\n\r\n" +
        END + SMUGGLED, [REFUSED])


def chunks(post):
    for c in CHUNKS:
        yield Case("chunk %r" % c[:60], post +
                   b"Transfer-Encoding: chunked\r\n\r\n" + c + SMUGGLED,
                   [REFUSED])


def accepted(port, post, body):
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + 7]), body[i:i + 7])
                       for i in range(0, len(body), 7)) + END
    cl = b"Content-Length: %d\r\n\r\n" % len(body)
    te = b"Transfer-Encoding: chunked\r\n\r\n"
    host = b"127.0.0.1:%d" % port
    yield Case("plain", GOOD, [200], "open")
    yield Case("empty line first", b"\r\n" + GOOD, [200], "open")
    yield Case("odd but right", b"GET /healthz HTTP/1.1\r\nhoSt:\ta\r\n"
               b"empty:\r\nX-A: \xe9 a\tb\r\n!#$%&'*+-.^_`|~: y\r\n\r\n",
               [200], "open")
    yield Case("absolute form", b"GET http://" + host + b"/healthz HTTP/1.1"
               b"\r\nHost: " + host + b"\r\n\r\n", [200], "open")
    yield Case("length", post + cl + body, [200], "open")
    yield Case("chunked", post + te + chunked, [200], "open")
    yield Case("chunked with trailers", post + te + chunked[:-2] +
               b"X-Trailer: y\r\nContent-Length: 5\r\n\r\n", [200], "open")
    yield Case("coding in capitals", post + b"TRANSFER-ENCODING: CHUNKED\r\n"
               b"\r\n" + chunked, [200], "open")
    yield Case("line of 8,000", b"GET /healthz?" + b"a" * 7970 +
               b" HTTP/1.1\r\nHost: a\r\n\r\n", [200], "open", split=False)
    yield Case("HTTP/1.0", b"GET /healthz HTTP/1.0\r\n\r\n", [200])
    yield Case("HTTP/1.0 keep-alive", b"GET /healthz HTTP/1.0\r\n"
               b"Connection: keep-alive\r\n\r\n", [200], "open")
    yield Case("close", GOOD[:-2] + b"Connection: close\r\n\r\n" + SMUGGLED,
               [200])
    yield Case("close, in a list", GOOD[:-2] +
               b"Connection: x, Close\r\n\r\n" + SMUGGLED, [200])
    yield Case("WebSocket", GOOD[:-2] + b"Connection: Upgrade\r\n"
               b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
               b"Sec-WebSocket-Key: x\r\n\r\n", [(200, 426)], "open")
    yield Case("upgrade is ignored", GOOD[:-2] + b"Connection: Upgrade\r\n"
               b"Upgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n", [200], "open")
    for f in FRAGMENTS:
        yield Case("fragment %r" % f, f, [], "quiet")


def sequences(post, body):
    cl = b"Content-Length: %d\r\n\r\n" % len(body)
    head = GOOD.replace(b"GET", b"HEAD")
    yield Case("pipeline of 3", GOOD * 3, [200] * 3, "open")
    yield Case("pipeline of 100", GOOD * 100, [200] * 100, "open",
               split=False)
    yield Case("pipelined bodies", (post + cl + body) * 3 + GOOD, [200] * 4,
               "open")
    yield Case("pipelined fault", GOOD + b"GET / HTTP/1.1\n\n" + SMUGGLED,
               [200, REFUSED])
    yield Case("byte behind a body", post + cl + body + b"X" + SMUGGLED[1:],
               [200, (404, 405, 501)], "open")
    yield Case("HEAD", head, [200], "open", head=True)
    yield Case("HEAD with a body", head[:-2] +
               b"Content-Length: 5\r\n\r\nhello", [200], "either", head=True)
    yield Case("GET with a body", GOOD[:-2] + b"Content-Length: %d\r\n\r\n" %
               len(SMUGGLED) + SMUGGLED, [200], "either")
    yield Case("length 0 and more", GOOD[:-2] + b"Content-Length: 0\r\n\r\n" +
               GOOD, [200, 200], "open")


def methods(post):
    yield Case("CONNECT", b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
               [(400, 404, 405, 501)], "either")
    yield Case("TRACE", b"TRACE /healthz HTTP/1.1\r\nHost: a\r\n"
               b"Cookie: secret\r\n\r\n", [(404, 405, 501)], "open",
               absent=(b"Cookie", b"secret"))
    yield Case("unknown method", b"BREW /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
               [(404, 405, 501)], "open")
    yield Case("OPTIONS *", b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
               [(200, 204, 404, 405)], "open")
    yield Case("no body", post + b"\r\n", [400], "open")


def expectations(post, body):
    cl = b"Content-Length: %d\r\n" % len(body)
    ex = b"Expect: 100-continue\r\n\r\n"
    yield Case("Expect, waiting", [post + cl + ex, 0.3, body], [100, 200],
               "open", split=False)
    yield Case("Expect, with the body", post + cl + ex + body,
               [200], "open", may_continue=True)
    yield Case("Expect without body", GOOD[:-2] + ex, [200], "open")
    yield Case("Expect of HTTP/1.0", post.replace(b"HTTP/1.1", b"HTTP/1.0") +
               cl + ex + body, [200])
    yield Case("Expect else", post + cl + b"Expect: 200-ok\r\n\r\n" + body +
               SMUGGLED, [417])


def large(post, max_header, max_body):
    many = b"".join(b"X-%d: y\r\n" % i for i in range(120))
    yield Case("120 headers", GOOD[:-2] + many + b"\r\n", [431], split=False)
    yield Case("long line", b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n"
               b"Host: a\r\n\r\n", [414], split=False)
    yield Case("long method", b"G" * 100000 + b" / HTTP/1.1\r\n\r\n",
               [(400, 414, 501)], split=False)
    yield Case("long name", GOOD[:-2] + b"X" * (max_header + 9) + b": y\r\n",
               [431], split=False)
    yield Case("long value", GOOD[:-2] + b"X: " + b"y" * (max_header + 9),
               [431], split=False)
    yield Case("endless head", GOOD[:-2] + b"X: " + b"y" * 400000, [431],
               split=False)
    yield Case("large length", post + b"Content-Length: %d\r\n\r\n" %
               (max_body + 1), [413], split=False)
    yield Case("huge length", post + b"Content-Length: 999999999999999999"
               b"\r\n\r\n", [413], split=False)
    yield Case("large body", post + b"Content-Length: %d\r\n\r\n" %
               (max_body + 1) + b" " * (max_body + 1), [413], split=False)
    yield Case("large chunk", post + b"Transfer-Encoding: chunked\r\n\r\n"
               b"ffffffff\r\n" + b" " * (max_body + 1), [413], split=False)
    yield Case("many chunks", post + b"Transfer-Encoding: chunked\r\n\r\n" +
               (b"1000\r\n" + b"x" * 4096 + b"\r\n") * (max_body // 4096 + 2),
               [413], split=False)


def slow(post, seconds):
    """seconds: the server's limits for head and body."""
    w = seconds * 3 + 2
    drip = [b"GET /healthz HTTP/1.1\r\nHost: a\r\n"]
    for i in range(int(seconds * 30)):
        drip += [b"X-%d: y\r\n" % i, 0.1]
    yield Case("nothing", b"", [], "close", split=False, within=w)
    yield Case("slow head", b"GET /healthz HTTP/1.1\r\nHost: a\r\n", [408],
               split=False, within=w)
    yield Case("dripping head", drip, [408], split=False, within=w)
    yield Case("slow body", post + b"Content-Length: 100\r\n\r\n{", [408],
               split=False, within=w)
    yield Case("slow chunk", post + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
               [408], split=False, within=w)
    yield Case("idle", GOOD, [200], "close", split=False, said=False,
               within=w)


def cases(port, key, max_header=65536, max_body=1 << 20, timeout=1):
    body = json.dumps({"model": "m1", "messages": [
        {"role": "user", "content": "hello"}]}).encode()
    post = (b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n"
            b"Authorization: Bearer " + key.encode() +
            b"\r\nContent-Type: application/json\r\n")
    out = []
    out += h1spec()
    out += heads()
    out += lengths(post)
    out += codings(post)
    out += chunks(post)
    out += accepted(port, post, body)
    out += sequences(post, body)
    out += methods(post)
    out += expectations(post, body)
    out += large(post, max_header, max_body)
    if timeout:
        out += slow(post, timeout)
    return out
