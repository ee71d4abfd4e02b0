"""rawhttp_e2e.py - raw requests, good and bad, against the running daemon.

Nothing may be answered twice or never, no process may end.
"""
import json
import os
import shutil
import subprocess

import rawhttp
import rawhttp_cases
from lib import BUILD, Gateway, Mock, file_key, main, provider, test, wait

mock = Mock("--models", "m1")
gw = Gateway(
    "providers = ( %s );\n%s"
    "client = { header_timeout = \"1s\"; body_timeout = \"1s\"; "
    "idle_timeout = \"1s\"; max_header = \"64k\"; max_body = \"1m\"; };\n" % (
        provider(mock), file_key()))
cases = rawhttp_cases.cases(gw.port, gw.KEY)
before = []


def group(*names):
    """Run the cases whose names begin so; complain about all at once."""
    todo = [c for c in cases if c.name.startswith(names)]
    assert todo, names
    bad = ["%s: %s" % (n, w) for n, w in rawhttp.run(gw.port, todo) if w]
    for c in todo:
        cases.remove(c)
    assert not bad, "\n".join(["%d of %d:" % (len(bad), len(todo))] + bad)


def processes_of():
    """The daemon answers before its admin process does."""
    if gw.ctl("status", check=False).returncode != 0:
        return None
    return sorted(gw.pids())


@test
def processes():
    before.extend(wait("all processes", processes_of))


@test
def h1spec():
    group("h1spec ")


@test
def first_lines():
    group("line ", "version ", "line ends")


@test
def fields():
    group("field ", "host ", "no host")


@test
def lengths():
    group("length ", "lengths ")


@test
def codings():
    group("coding ", "CL.", "TE.", "TE of")


@test
def chunks():
    group("chunk ")


@test
def slow():
    group("slow", "dripping", "nothing", "idle")


@test
def large():
    group("long ", "large ", "huge ", "endless ", "120 ", "many ")


@test
def all_others():
    group("")


@test
def mutations():
    seconds = float(os.environ.get("AIGW_RANDOM_SECONDS", "3"))
    seed = int(os.environ.get("AIGW_RANDOM_SEED", "1"))
    n, bad = rawhttp.run_random(
        gw.port, rawhttp_cases.cases(gw.port, gw.KEY, timeout=0), seconds,
        seed)
    assert n > 50, n
    assert not bad, "\n".join(bad)


@test
def beside_llhttp():
    """Ours and Node's parser on mutated requests: what ours accepts means
    the same there. The long form is in faults_long.py."""
    if shutil.which("node") is None:
        return "node is not installed"
    r = subprocess.run(
        ["node", os.path.join(os.path.dirname(__file__), "llhttp.mjs"),
         os.path.join(BUILD, "tests/e2e/http1_say"),
         os.environ.get("AIGW_RANDOM_SECONDS", "2"),
         os.environ.get("AIGW_RANDOM_SEED", "1")],
        capture_output=True, text=True, timeout=600)
    if "http_parser" in r.stderr and r.returncode != 0:
        return "this node does not lend its parser"
    o = json.loads(r.stdout)
    assert o["requests"] > 1000 and o["stricter"] > 0, o
    assert not o["bad"], json.dumps(o["bad"], indent=1)
    return None


@test
def no_process_ended():
    assert gw.get("/healthz").status == 200
    assert gw.chat().status == 200
    assert sorted(gw.pids()) == before, (before, gw.pids())
    assert gw.p.poll() is None


main()
