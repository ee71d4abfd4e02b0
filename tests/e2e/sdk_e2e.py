"""sdk_e2e.py - the official openai SDK, unmodified, against the gateway.

Installs the packages of sdk/package.json into the build folder, then runs
sdk/openai.mjs, which prints the points. Without npm the test is skipped and
says so.
"""
import os
import shutil
import subprocess
import sys

import lib
from lib import BUILD, Gateway, Mock, provider, wait

here = os.path.dirname(os.path.abspath(__file__))
repo = os.path.dirname(os.path.dirname(here))
shared = os.environ.get("AIGW_TRANSCRIPTS", os.path.join(
    repo, "..", "shared", "reference", "transcripts"))
specs = os.environ.get("AIGW_SPECS", os.path.join(
    repo, "..", "shared", "reference", "specs"))


def install():
    d = os.path.join(BUILD, "e2e-node")
    os.makedirs(d, exist_ok=True)
    want = open(os.path.join(here, "sdk", "package.json")).read()
    mark = os.path.join(d, "installed")
    if not os.path.exists(mark) or open(mark).read() != want:
        with open(os.path.join(d, "package.json"), "w") as f:
            f.write(want)
        r = subprocess.run(["npm", "install", "--no-package-lock",
                            "--no-audit", "--no-fund", "--silent"], cwd=d,
                           capture_output=True, text=True, timeout=300)
        if r.returncode != 0:
            print("# npm install failed: " + (r.stdout + r.stderr)[-2000:]
                  .replace("\n", "\n# "))
            print("1..1\nnot ok 1 - npm install")
            sys.exit(1)
        with open(mark, "w") as f:
            f.write(want)
    for f in os.listdir(os.path.join(here, "sdk")):
        if f.endswith(".mjs"):
            shutil.copy(os.path.join(here, "sdk", f), d)
    return d


def main():
    if shutil.which("npm") is None:
        print("1..1\nok 1 - openai SDK # SKIP npm is not installed")
        return 0
    d = install()
    mock, spare = Mock("--models", "m1,m2,gpt-4o-mini"), Mock()
    extra = 'forward_headers = ( "x-mock", "x-replay" );'
    replays = [x for x in (shared, os.path.join(here, "replay"))
               if os.path.isdir(x)]
    replay_mocks = [Mock("--replay", x) for x in replays]
    providers = [provider(mock, "p1", ("m1", "m2", "gpt-4o-mini"), extra),
                 provider(spare, "p2", ("spare",), extra)]
    for n, m in enumerate(replay_mocks):
        providers.append(provider(m, "replay%d" % n, ("r",), extra))
    gw = Gateway(
        "providers = ( %s );\n"
        'keys = ( { name = "sdk"; secret = "sk-sdk-0123456789abcdef"; '
        'role = "root"; }, { name = "bound"; secret = '
        '"sk-bound-0123456789abcdef"; groups = ( "pool" ); }, '
        '{ name = "slow"; secret = "sk-slow-0123456789abcdef"; rpm = 2; } );\n'
        'groups = ( { name = "pool"; targets = ( { provider = "p1"; '
        'model = "m1"; }, { provider = "p2"; model = "m1"; priority = 2; } '
        '); } );\nfailover = { threshold = 1000; };\n' % ", ".join(providers))
    env = dict(os.environ, GW="http://127.0.0.1:%d" % gw.port, MOCK=mock.url,
               KEY="sk-sdk-0123456789abcdef",
               BOUND="sk-bound-0123456789abcdef",
               SLOW="sk-slow-0123456789abcdef",
               REPLAYS=":".join(replays), SPECS=specs)
    node = os.path.join(d, "node_modules", ".bin", "node")
    r = subprocess.run([node, os.path.join(d, "openai.mjs")], env=env,
                       cwd=d, timeout=300)
    code = r.returncode
    while lib._cleanup:
        try:
            lib._cleanup.pop()()
        except AssertionError as e:
            print("not ok - " + str(e).replace("\n", "\n# "))
            code = 1
    return code


sys.exit(main())
