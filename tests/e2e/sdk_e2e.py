"""sdk_e2e.py - the official openai SDK, unmodified, against the gateway.

Installs the packages of sdk/package.json into the build folder, then runs
sdk/openai.mjs, which prints the points. Without npm the test is skipped and
says so.
"""
import os
import sys

import npm
from lib import Gateway, Mock, finish, provider

here = os.path.dirname(os.path.abspath(__file__))
repo = os.path.dirname(os.path.dirname(here))
shared = os.environ.get("AIGW_TRANSCRIPTS", os.path.join(
    repo, "..", "shared", "reference", "transcripts"))
specs = os.environ.get("AIGW_SPECS", os.path.join(
    repo, "..", "shared", "reference", "specs"))


def main():
    if npm.skip("openai SDK"):
        return 0
    d = npm.install()
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
    code = npm.run(d, "openai.mjs", env)
    return finish(code)


sys.exit(main())
