"""ssrf_e2e.py - no way of writing a URL leads to an address that a provider may
not have, as seen from listeners there."""
import concurrent.futures
import json
import os
import select
import socket
import subprocess
import threading
import time

from lib import (BUILD, Gateway, Mock, _cleanup, call, file_key, main,
                 provider, test, wait)
from proxies import HttpProxy, Server

mock = Mock("--models", "m")


class Trap:
    """Listens where nobody may connect: all of loopback but 127.0.0.1's own
    ports, IPv4 and IPv6, at one port."""

    def __init__(self):
        self.seen, self.socks = [], []
        four = socket.create_server(("127.0.0.2", 0))
        self.port = four.getsockname()[1]
        self.socks.append(four)
        for host in ("127.0.0.1", "::1"):
            try:
                self.socks.append(socket.create_server(
                    (host, self.port), family=socket.AF_INET6 if ":" in host
                    else socket.AF_INET))
            except OSError:
                pass            # no IPv6 here
        _cleanup.append(self.close)
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while self.socks:
            try:
                for s in select.select(self.socks, [], [], 0.2)[0]:
                    c, who = s.accept()
                    self.seen.append((s.getsockname(), who))
                    c.close()
            except (OSError, ValueError):
                return

    def close(self):
        socks, self.socks = self.socks, []
        for s in socks:
            s.close()


class Redirect(Server):
    """Sends everybody to the trap."""
    to = ""

    def serve(self, c):
        c.settimeout(60)
        got = b""
        while b"\r\n\r\n" not in got:
            d = c.recv(65536)
            if not d:
                return
            got += d
        self.seen.append(got)
        c.sendall(b"HTTP/1.1 %d Found\r\nLocation: %s\r\nContent-Length: 0\r\n"
                  b"Connection: close\r\n\r\n" % (
                      301 + len(self.seen) % 8, self.to.encode()))


trap, redirect, proxy = Trap(), Redirect(), HttpProxy()
P = trap.port
redirect.to = "http://127.0.0.2:%d/" % P


def numbers(ip):
    """The old ways of writing an IPv4 address."""
    a, b, c, d = (int(x) for x in ip.split("."))
    n = (a << 24) + (b << 16) + (c << 8) + d
    return [ip, "%d" % n, "0x%x" % n, "0X%X" % n, "0%o" % n, "00%o" % n,
            "0x%x.0x%x.0x%x.0x%x" % (a, b, c, d),
            "0%o.0%o.0%o.0%o" % (a, b, c, d), "%d.%d" % (a, n & 0xffffff),
            "%d.%d.%d" % (a, b, n & 0xffff), "%03d.%03d.%03d.%03d" % (
                a, b, c, d), "%d.%d.%d.%d." % (a, b, c, d),
            "0x%x.%d" % (a, n & 0xffffff), "%d" % (n + (1 << 32)),
            "%s%%00" % ip, "%%31%s" % ip[1:], "%s%%2f" % ip,
            "\uff11" + ip[1:], ip.replace(".", "\u3002"), "0%s" % ip,
            "%d.%d.%d.%d.0" % (a, b, c, d), "%s,x" % ip, "x.%s" % ip]


def sixes(ip):
    a, b, c, d = (int(x) for x in ip.split("."))
    h = "%02x%02x:%02x%02x" % (a, b, c, d)
    return ["[::ffff:%s]" % ip, "[::ffff:%s]" % h,
            "[0:0:0:0:0:ffff:%s]" % ip, "[::%s]" % ip, "[::%s]" % h,
            "[64:ff9b::%s]" % ip, "[64:ff9b::%s]" % h, "[64:ff9b:1::%s]" % h,
            "[2002:%s::]" % h, "[::ffff:0:%s]" % ip,
            "[fe80::5efe:%s]" % ip, "[::FFFF:%s]" % ip,
            "[::ffff:%s%%25lo]" % ip, "[::ffff:%s%%lo]" % ip]


HOSTS = sum([numbers(ip) + sixes(ip) for ip in (
    "127.0.0.2", "127.0.0.1", "0.0.0.0", "127.255.255.254")], []) + [
        "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::1%lo]", "[::1%25lo]", "::1",
        "localhost", "LOCALHOST", "localhost.", "LocalHost", "ip6-localhost",
        "localhost%00", "loc%61lhost", "\u24db\u24de\u24d2al\u24d7ost",
        "127.0.0.2#", "127.0.0.2\\", "[fe80::1]", "[fc00::1]", "[ff02::1]",
        "169.254.169.254", "10.0.0.1", "100.64.0.1", "198.18.0.1",
        "192.168.0.1", "172.16.0.1", "224.0.0.1", "255.255.255.255",
        "240.0.0.1", "192.0.2.1"]
URLS = ["http://%s:%d" % (h, P) for h in HOSTS] + [
    u % P for u in (
        "http://example.org@127.0.0.2:%d", "http://a:b@127.0.0.2:%d",
        "http://127.0.0.2:%d@example.org", "http://127.0.0.2:%d#@example.org",
        "http://127.0.0.2:%d/?@example.org",
        "http://example.org:80@127.0.0.2:%d/", "http:127.0.0.2:%d",
        "http:/127.0.0.2:%d", "http:///127.0.0.2:%d", "//127.0.0.2:%d",
        "http:\\\\127.0.0.2:%d", "http://\\127.0.0.2:%d",
        "http://127.0.0.2:0%d", " http://127.0.0.2:%d",
        "http://127.0.0.2:%d ", "http://127.0.0.2\t:%d",
        "http://example.org\r\n@127.0.0.2:%d", "file:///127.0.0.2:%d",
        "gopher://127.0.0.2:%d", "ftp://127.0.0.2:%d", "dict://127.0.0.2:%d",
        "javascript:127.0.0.2:%d", "http+unix://127.0.0.2:%d",
        "HTTP://127.0.0.2:%d", "hTTps://127.0.0.2:%d",
        "https://localhost:%d", "http://127.0.0.2:%d/../..",
        "http://127.0.0.2:%d/%%2e%%2e", "http://[::1]:%d/a/b")]
PATHS = [p % P for p in (
    "//127.0.0.2:%d/x", "///127.0.0.2:%d/x", "/@127.0.0.2:%d/x",
    "@127.0.0.2:%d/x", ":80@127.0.0.2:%d/x", "/\\\\127.0.0.2:%d/x",
    "\\\\127.0.0.2:%d/x", "/http://127.0.0.2:%d/x", "http://127.0.0.2:%d/x",
    "/..//127.0.0.2:%d/x", "/../..//127.0.0.2:%d/x", "/.//127.0.0.2:%d/x",
    "/%%2f%%2f127.0.0.2:%d/x", "/%%40127.0.0.2:%d/x", "/x#@127.0.0.2:%d/",
    "/x?@127.0.0.2:%d/", "/x?url=http://127.0.0.2:%d/", "#@127.0.0.2:%d/x",
    "?@127.0.0.2:%d/x", ".127.0.0.2:%d/x", "/x:@127.0.0.2:%d", "/;@127.0.0.2:%d")]
FAST = ('connect_timeout = "2s"; total_timeout = "4s"; '
        'first_token_timeout = "2s"; idle_timeout = "2s"; ')


def quote(s):
    """A string of libconfig."""
    return '"%s"' % "".join(
        {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r",
         "\t": "\\t"}.get(c, c) for c in s)


def entry(pid, url, more=""):
    return ('{ id = "%s"; dialect = "openai"; base_url = %s; '
            'keys = ( "sk-up" ); models = ( "m" ); %s %s }' % (
                pid, quote(url), FAST, more))


def at_mock(pid, more=""):
    return provider(mock, pid, ("m",), FAST + more).replace(
        "127.0.0.0/8", "127.0.0.1/32")


def entries():
    """Every form in every place, by the provider's id."""
    out = {}
    via = 'proxy = "http://127.0.0.1:%d";' % proxy.port
    for n, u in enumerate(URLS):
        out["u%d" % n] = entry("u%d" % n, u)
        if "localhost" not in u.lower():
            # a name is the proxy's to look up
            out["v%d" % n] = entry("v%d" % n, u, via)
    for n, p in enumerate(PATHS):
        health = 'health = { interval = "1s"; path = %s; };' % quote(p)
        out["m%d" % n] = at_mock("m%d" % n, "models_path = %s;" % quote(
            p)).replace('models = ( "m" );', "")
        out["h%d" % n] = at_mock("h%d" % n, health)
        out["a%d" % n] = at_mock("a%d" % n, "api_path = %s;" % quote(p))
        out["b%d" % n] = at_mock("b%d" % n).replace(
            mock.url, quote(mock.url + p)[1:-1])
        out["w%d" % n] = at_mock("w%d" % n, via + health)
    return out


def accepted(gw, all_of):
    """Those that the configuration is not refused for; aigwd -t names the
    others, by line."""
    names = list(all_of)
    conf = gw.head() + "providers = (\n%s\n);\n%s" % (
        ",\n".join(all_of[n] for n in names), file_key())
    first = conf[:conf.index("providers = (\n")].count("\n") + 2
    gw.write(conf)
    r = subprocess.run([os.path.join(BUILD, "aigwd"), "-t", "-c",
                        gw.conf_path], capture_output=True, text=True,
                       timeout=60)
    bad = set()
    for line in (r.stdout + r.stderr).split("\n"):
        part = line.split(": mistake: ")
        if len(part) == 2 and part[0].rsplit(":", 1)[-1].isdigit():
            bad.add(names[int(part[0].rsplit(":", 1)[-1]) - first])
    return [n for n in names if n not in bad]


gw = Gateway("", start=False)
every = entries()
good = accepted(gw, every)
gw.write(gw.head() + "providers = (\n%s\n);\n%s" % (
    ",\n".join([every[n] for n in good] + [
        at_mock("ok"), at_mock("okv", 'proxy = "http://127.0.0.1:%d";' %
                               proxy.port),
        entry("redirect", "http://127.0.0.1:%d" % redirect.port,
              'allow_private = ( "127.0.0.1/32" );')]), file_key()))
gw.start()


def untouched():
    assert not trap.seen, (trap.seen[:5], proxy.seen[-5:])


@test
def the_forms():
    assert len(set(URLS)) + len(set(PATHS)) >= 200, (len(URLS), len(PATHS))
    refused = len(every) - len(good)
    print("# %d URL forms, %d path forms, %d providers, %d refused by the "
          "configuration" % (len(set(URLS)), len(PATHS), len(every), refused))
    # what is refused must be, what is let through must be tried
    assert refused > len(every) // 3 and len(good) > 50, (refused, len(good))
    assert gw.chat(model="ok/m").status == 200
    untouched()


@test
def in_the_configuration():
    def ask(pid):
        a = gw.chat(model=pid + "/m")
        return pid, a.status, a.body
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        got = list(pool.map(ask, good))
    untouched()
    for pid, status, body in got:
        if pid[0] in "uv":
            assert status >= 400, (pid, every[pid], status, body)
    outcomes = {}
    for line in gw.log("api-error.jsonl").split("\n"):
        if line:
            for x in json.loads(line)["errorDetails"]["attempts"]:
                outcomes[x["outcome"]] = outcomes.get(x["outcome"], 0) + 1
    assert outcomes.get("guarded", 0) > 20, outcomes


@test
def probes_and_lists():
    """They are asked every second: let each have been, then look."""
    def probed():
        return all(k["checked"] for p in json.loads(gw.ctl(
            "provider", "list", "--json").stdout)["providers"]
            if p["id"][0] == "h" for k in p["keys"])
    wait("all probes", probed, 30)
    untouched()


def raw(pid, path, headers=""):
    s = socket.create_connection(("127.0.0.1", gw.port), 10)
    s.sendall(("GET %s HTTP/1.1\r\n%sAuthorization: Bearer %s\r\n"
               "Connection: close\r\n\r\n" % (path, headers or
                                              "Host: x\r\n", gw.KEY)).encode())
    s.settimeout(60)
    got = b""
    try:
        while True:
            d = s.recv(65536)
            if not d:
                break
            got += d
    except OSError:
        pass
    s.close()
    return got


@test
def on_the_raw_proxy():
    n = 0
    for pid in ("ok", "okv"):
        for p in PATHS + URLS:
            if any(c in p for c in "\r\n\t ") or not p.isascii():
                continue
            for path in ("/%s%s" % (pid, p), "/%s/%s" % (pid, p),
                         "/%s/v1%s" % (pid, p)):
                raw(pid, path)
                n += 1
        raw(pid, "/%s/v1/models" % pid, "Host: 127.0.0.2:%d\r\n" % P)
        raw(pid, "http://127.0.0.2:%d/%s/v1/models" % (P, pid))
        raw(pid, "/%s/v1/models" % pid, "Host: x\r\nX-Forwarded-Host: "
            "127.0.0.2:%d\r\nForwarded: host=127.0.0.2:%d\r\n" % (P, P))
    assert n > 400, n
    untouched()


@test
def redirects_are_not_followed():
    for _ in range(8):
        gw.chat(model="redirect/m")
        raw("redirect", "/redirect/v1/models")
    assert len(redirect.seen) >= 8, redirect.seen
    untouched()


@test
def the_trap_works():
    socket.create_connection(("127.0.0.2", P), 5).close()
    wait("the trap", lambda: trap.seen)


if __name__ == "__main__":
    main()
