"""formats_e2e.py - the official SDKs of Anthropic, Google, Mistral, Ollama, Groq,
unmodified, against a provider that speaks OpenAI's format.

sdk/formats.mjs prints the points. Without npm the test is skipped.
"""
import os
import sys

import npm
from lib import Gateway, Mock, finish, provider

here = os.path.dirname(os.path.abspath(__file__))
repo = os.path.dirname(os.path.dirname(here))
specs = os.environ.get("AIGW_SPECS", os.path.join(
    repo, "..", "shared", "reference", "specs"))
KEY = "sk-formats-0123456789abcdef"


def main():
    if npm.skip("SDKs of other formats"):
        return 0
    d = npm.install()
    mock = Mock("--models", "m1")
    gw = Gateway('providers = ( %s );\nkeys = ( { name = "sdk"; secret = '
                 '"%s"; role = "root"; } );\n' % (
                     provider(mock, "p1", ("m1",)), KEY))
    code = npm.run(d, "formats.mjs", dict(
        os.environ, GW="http://127.0.0.1:%d" % gw.port, MOCK=mock.url,
        KEY=KEY, SPECS=specs))
    return finish(code)


sys.exit(main())
