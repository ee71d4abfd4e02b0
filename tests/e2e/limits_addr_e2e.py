"""limits_addr_e2e.py - the PROXY protocol: the address that counts, with TLS,
byte by byte, and what is no header."""
import os
import socket
import ssl
import struct
import subprocess

from lib import Gateway, Mock, main, provider, test, tmpdir, wait

mock = Mock()
KEY = "sk-net-0123456789abcdef0123456789abcdef"
d = tmpdir()
pem = os.path.join(d, "pem")
subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                "-keyout", pem + ".key", "-out", pem, "-days", "2", "-subj",
                "/CN=localhost"], check=True, capture_output=True)
os.chmod(pem + ".key", 0o600)
if os.geteuid() == 0:
    os.chmod(d, 0o755)
gw = Gateway("", start=False)
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    tls_port = s.getsockname()[1]
text = gw.head().replace(
    'listen = ( {', 'listen = ( { address = "127.0.0.1:%d"; tls = { '
    'certificate = "%s"; key = "%s.key"; }; }, { address = '
    '"unix:%s/sock"; mode = "0666"; }, {' % (tls_port, pem, pem, d), 1)
gw.write(text +
         'client = { proxy_protocol = true; header_timeout = "2s"; '
         'trusted_proxies = ( "127.0.0.1", "10.9.0.0/16" ); };\n'
         'providers = ( %s );\nkeys = ( { name = "net"; secret = "%s"; '
         'rps = 0; rpm = 0; rpd = 0; max_tokens = 0L; '
         'allow_from = ( "203.0.113.0/24", "2001:db8::/32" ); } );\n' % (
             provider(mock), KEY))


def request(more=""):
    return ("GET /v1/models HTTP/1.1\r\nHost: x\r\nx-api-key: %s\r\n%s"
            "Connection: close\r\n\r\n" % (KEY, more)).encode()


def everything(s):
    out = b""
    while True:
        try:
            got = s.recv(65536)
        except ConnectionResetError:
            break
        if not got:
            break
        out += got
    return int(out.split(b" ", 2)[1]) if out else None


def ask(header, more="", tls=False, source="127.0.0.1", slowly=False):
    """Status of the answer, None: closed without one."""
    with socket.create_connection(("127.0.0.1", tls_port if tls else gw.port),
                                  10, source_address=(source, 0)) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if slowly:
            for i in range(len(header)):
                s.sendall(header[i:i + 1])
        else:
            s.sendall(header + (b"" if tls else request(more)))
        if tls:
            c = ssl.create_default_context()
            c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
            try:
                s = c.wrap_socket(s)
            except (ssl.SSLError, OSError):
                return None
        if tls or slowly:
            s.sendall(request(more))
        return everything(s)


def line(addr, family="TCP4", to="192.0.2.1"):
    return ("PROXY %s %s %s 40000 443\r\n" % (family, addr, to)).encode()


def block(addr, command=1, more=b""):
    v6 = ":" in addr
    raw = socket.inet_pton(socket.AF_INET6 if v6 else socket.AF_INET, addr)
    raw += bytes(len(raw)) + struct.pack("!HH", 40000, 443) + more
    return (b"\r\n\r\n\0\r\nQUIT\n" + bytes((0x20 | command,
                                             0x21 if v6 else 0x11)) +
            struct.pack("!H", len(raw)) + raw)


@test
def who_is_behind_the_proxy():
    gw.start(ready=False)
    wait("aigwd", lambda: ask(line("203.0.113.9")) == 200, 20)
    for tls in (False, True):
        for slowly in (False, True):
            kw = {"tls": tls, "slowly": slowly}
            assert ask(line("203.0.113.9"), **kw) == 200, kw
            assert ask(line("198.51.100.9"), **kw) == 403, kw
            assert ask(line("2001:db8::9", "TCP6", "::1"), **kw) == 200, kw
            assert ask(line("2001:db9::9", "TCP6", "::1"), **kw) == 403, kw
            assert ask(block("203.0.113.9"), **kw) == 200, kw
            assert ask(block("198.51.100.9"), **kw) == 403, kw
            assert ask(block("2001:db8::9"), **kw) == 200, kw
            assert ask(block("::ffff:203.0.113.9"), **kw) == 200, kw
            assert ask(block("203.0.113.9", more=b"\4\0\2ab"), **kw) == 200
            # the proxy itself: loopback, which always may
            assert ask(block("198.51.100.9", command=0), **kw) == 200, kw
            assert ask(b"PROXY UNKNOWN\r\n", **kw) == 200, kw
    wait("the address in the log", lambda: '"client":"203.0.113.9"' in
         gw.log("access.log") and '"client":"2001:db8::9"' in
         gw.log("access.log"))


@test
def forwarding_behind_the_proxy():
    xff = "X-Forwarded-For: 203.0.113.9\r\n"
    # from a proxy that is trusted too, and from a client that is not
    assert ask(line("10.9.1.1"), xff) == 200
    assert ask(line("10.9.1.1")) == 403
    assert ask(line("198.51.100.9"), xff) == 403
    assert ask(line("203.0.113.9"), "X-Forwarded-For: 127.0.0.1\r\n") == 200
    assert ask(line("127.0.0.1"), "X-Forwarded-For: 198.51.100.9\r\n") == 403


@test
def what_is_no_header():
    for bad in (b"", b"PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n",
                b"PROXY TCP4 203.0.113.9 192.0.2.1 1 2\n", b"\0" * 40,
                b"PROXY " + b"x" * 5000, b"\r\n\r\n\0\r\nQUIT\n\x31\x11\0\0",
                b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff", line("1.2.3"),
                block("203.0.113.9")[:14] + b"\0\0"):
        assert ask(bad) is None, bad
    # twice is once too often
    assert ask(line("203.0.113.9") * 2) == 400
    assert ask(b"", tls=True) is None
    # cut: closed when the time for the head is over
    for part in (b"PROXY TCP4", block("203.0.113.9")[:20]):
        with socket.create_connection(("127.0.0.1", gw.port), 10) as s:
            s.sendall(part)
            assert everything(s) is None
    assert ask(line("203.0.113.9")) == 200
    assert "PROXY protocol" in gw.log()


@test
def who_is_no_proxy_is_not_believed():
    """Another loopback address is loopback, but no trusted proxy."""
    other = "127.0.0.2"
    assert ask(b"", source=other) == 200
    assert ask(line("203.0.113.9"), source=other) == 400
    assert ask(block("203.0.113.9"), source=other) == 400
    # over a Unix socket nobody is announced
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(d + "/sock")
        s.sendall(request())
        assert everything(s) == 200


main()
