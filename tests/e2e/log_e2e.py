"""log_e2e.py - the forms of the access log, hostile text in it, files that are
renamed under it, and syslog beside it."""
import itertools
import json
import os
import re
import signal
import subprocess

from lib import BUILD, Gateway, Mock, file_key, main, provider, test, wait

mock = Mock("--models", "m1")
CONF = "providers = ( %s );\n%s" % (provider(mock), file_key())
gw = Gateway(CONF)
FIELDS = ("time request_id client key method path status model group provider "
          "upstream_model stream attempts bytes_in bytes_out input_tokens "
          "output_tokens cached_tokens estimated cost duration_ms "
          "first_byte_ms error limit admit_us user_agent").split()
numbers = itertools.count()
AGENT = 'a"b\\c <%20>\xe9'
BROKEN = "[[mock:status=500]]"
PATH = "/v1/chat/completions"
COMBINED = re.compile(
    r'^127\.0\.0\.1 - (\S+) \[(\d\d)/([A-Z][a-z][a-z])/(\d{4}):'
    r'(\d\d:\d\d:\d\d) ([+-]\d{4})\] "([A-Z]+) ([^" ]+) HTTP/1\.[01]" (\d{3}) '
    r'(\d+) "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"$')


def access(name="access.log"):
    """The lines about POST, as strict UTF-8."""
    try:
        with open(os.path.join(gw.dir, "log", name), "rb") as f:
            text = f.read().decode()
    except FileNotFoundError:
        return []
    return [x for x in text.split("\n")[:-1] if "POST" in x]


def ask(path=PATH, **kw):
    """One request; its line in the access log."""
    mark = "#%d#" % next(numbers)
    body = {"model": "m1", "messages": [{"role": "user", "content": "x"}]}
    a = gw.post(path, body, headers={"User-Agent": AGENT + mark}, **kw)
    lines = wait("a line", lambda: [x for x in access() if mark in x])
    assert len(lines) == 1, lines
    return a, lines[0]


@test
def json_lines():
    a, line = ask(PATH + "?key=secret")
    assert a.status == 200 and "secret" not in line, line
    o = json.loads(line)
    assert list(o) == FIELDS, list(o)
    assert o["status"] == 200 and o["method"] == "POST", o
    assert o["path"] == PATH and o["key"] == "test", o
    assert o["client"] == "127.0.0.1" and o["provider"] == "p1", o
    usage = a.json()["usage"]
    assert o["input_tokens"] == usage["prompt_tokens"], o
    assert o["output_tokens"] == usage["completion_tokens"], o
    assert o["request_id"] == a.headers["x-request-id"], (o, a.headers)
    assert o["user_agent"].startswith('a"b\\c <%20>'), o
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$",
                    o["time"]), o
    a, line = ask(key="sk-wrong")
    o = json.loads(line)
    assert a.status == o["status"] == 401 and o["error"], o
    assert "sk-wrong" not in line


@test
def renamed_files_are_opened_again():
    logs = os.path.join(gw.dir, "log")
    names = "access.log", "error.log", "api-error.jsonl"
    assert gw.chat(BROKEN).status >= 500
    wait("a line", lambda: gw.log("api-error.jsonl"))
    for name in names:
        os.rename(os.path.join(logs, name), os.path.join(logs, name + ".1"))
    before = {n: gw.log(n + ".1") for n in names}
    gw.signal(signal.SIGUSR1)
    wait("new files", lambda: all(
        os.path.exists(os.path.join(logs, n)) for n in names))
    assert gw.chat().status == 200		# workers follow soon

    def there():
        gw.chat(BROKEN)
        return access() and gw.log("api-error.jsonl")
    wait("lines in the new files", there)
    wait("reopened", lambda: "log files reopened" in gw.log())

    def in_the_new_one():
        mark = "#%d#" % next(numbers)
        gw.post(PATH, {"model": "m1", "messages": []},
                headers={"User-Agent": mark})
        wait("a line", lambda: mark in gw.log("access.log") + gw.log(
            "access.log.1"))
        return mark in gw.log("access.log")
    wait("all workers to be there", lambda: all(
        in_the_new_one() for _ in range(8)))
    for name in names:
        assert gw.log(name + ".1").startswith(before[name])
        mode = os.stat(os.path.join(logs, name)).st_mode & 0o777
        assert mode == 0o640, (name, oct(mode))
    for line in access() + access("access.log.1"):
        json.loads(line)
    for line in gw.log("api-error.jsonl").split("\n")[:-1]:
        json.loads(line)
    done = gw.log("access.log.1"), gw.log("api-error.jsonl.1")
    ask()
    assert done == (gw.log("access.log.1"), gw.log("api-error.jsonl.1"))


@test
def combined_lines():
    gw.write('log_format = "combined"; timezone = "Asia/Kolkata";\n' + CONF)
    gw.ctl("reload")

    def combined():
        return not ask()[1].startswith("{")
    wait("the new form", combined)
    a, line = ask(PATH + "?key=secret")
    m = COMBINED.match(line)
    assert m and "secret" not in line, line
    assert m.group(1) == "test" and m.group(6) == "+0530", line
    assert m.group(7, 8, 9) == ("POST", PATH, "200"), line
    assert int(m.group(10)) == len(a.body), (line, len(a.body))
    assert m.group(11) == "-", line
    assert m.group(12).startswith('a\\"b\\\\c <%20>'), line
    a, line = ask(key="sk-wrong")
    m = COMBINED.match(line)
    assert m and m.group(1) == "-" and m.group(9) == "401", line


@test
def syslog_beside_the_file():
    r = subprocess.run([os.path.join(BUILD, "aigwd"), "-t", "-c",
                        gw.conf_path], capture_output=True, text=True)
    assert r.returncode == 0, r
    gw.write('syslog = "nonsense";\n' + CONF)
    r = gw.ctl("reload", check=False)
    assert r.returncode != 0 and "syslog" in r.stdout + r.stderr, r
    # Whether somebody listens at /dev/log or not: nothing else changes.
    gw.write('syslog = "local3";\n' + CONF)
    gw.ctl("reload")
    wait("json again", lambda: ask()[1].startswith("{"))
    n = gw.log().count("log files reopened")
    gw.signal(signal.SIGUSR1)
    wait("reopened", lambda: gw.log().count("log files reopened") > n)
    assert gw.chat().status == 200
    wait("all processes", lambda: sorted(
        p["role"] for p in gw.status()["processes"]
        if p["role"] != "master" and p["state"] == "ready") == [
            "admin", "checker", "recorder", "worker", "worker"])
    assert " died" not in gw.log(), gw.log()[-2000:]


main()
