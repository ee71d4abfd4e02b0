"""matrix_e2e.py - every official SDK, unmodified, against a provider of every
format.

A gateway with one provider per format, each a mock of its own; sdk/matrix.mjs
asks all of them the same and prints the table. Without npm it is skipped. No
probe may be taken for what an SDK has sent: there are none.
"""
import json
import os
import sys

import npm
from lib import SANITIZED, Gateway, Mock, finish

here = os.path.dirname(os.path.abspath(__file__))
repo = os.path.dirname(os.path.dirname(here))
specs = os.environ.get("AIGW_SPECS", os.path.join(
    repo, "..", "shared", "reference", "specs"))
CLIENTS = 8         # of matrix.mjs
KEY = "sk-matrix-0123456789abcdef"

# Column: dialect, model, base path at the mock, options, when its thinking is
# told.
# Models are named so that each way of thinking has one.
COLUMNS = (
    ("chat", "openai", "gpt-5-mini", "", 'apis = ( "chat" );', "never"),
    ("responses", "openai", "gpt-5", "", 'apis = ( "responses" );',
     "asked"),
    ("claude-4", "anthropic", "claude-sonnet-4-5", "", "", "always"),
    ("claude-5", "anthropic", "claude-opus-5", "", "", "always"),
    ("gemini-2", "gemini", "gemini-2.5-flash", "", "", "asked"),
    ("gemini-3", "gemini", "gemini-3-flash-preview", "", "", "asked"),
    ("mistral", "mistral", "mistral-small-latest", "/mistral", "",
     "always"),
    ("groq", "groq", "gpt-oss-120b", "/groq", 'apis = ( "chat" );',
     "always"),
    ("azure", "azure", "gpt-5.1", "", 'apis = ( "chat" ); api_version = '
     '"2026-01-01";', "never"),
    ("ollama", "ollama", "qwen3:8b", "", "", "always"),
)
COUNTS = ("responses", "claude-4", "claude-5", "gemini-2", "gemini-3")


def main():
    if npm.skip("SDKs against each format"):
        return 0
    d = npm.install()
    providers, columns = [], []
    for n, (name, dialect, model, path, extra, thinks) in enumerate(COLUMNS):
        busy = ["%s-busy%d" % (model, i) for i in range(2 * CLIENTS)]
        mock = Mock("--models", ",".join([model] + busy))
        providers.append(
            '{ id = "to-%s"; dialect = "%s"; base_url = "%s%s"; keys = ( '
            '"sk-up-%d-0123456789" ); allow_private = ( "127.0.0.0/8" ); '
            'health = { interval = "0s"; }; models = ( %s ); %s }' % (
                name, dialect, mock.url, path, n,
                ", ".join('"%s"' % m for m in [model] + busy), extra))
        columns.append({"name": name, "dialect": dialect, "model": model,
                        "busy": busy, "mock": mock.url, "thinks": thinks,
                        "counts": name in COUNTS})
    gw = Gateway('providers = ( %s );\nkeys = ( { name = "sdk"; secret = '
                 '"%s"; role = "root"; } );\n'
                 'failover = { threshold = 100000; };\n' % (
                     ",\n".join(providers), KEY))
    code = npm.run(d, "matrix.mjs", dict(
        os.environ, FEW="1" if SANITIZED else os.environ.get("FEW", ""),
        GW="http://127.0.0.1:%d" % gw.port, KEY=KEY, SPECS=specs,
        COLUMNS=json.dumps(columns)))
    return finish(code)


sys.exit(main())
