"""embed_e2e.py - embeddings by the official SDKs, unmodified, at a provider of
every format that has them, and at one of a format that has none.

A gateway with one provider per format, each a mock of its own; sdk/embed.mjs
asks all of them the same and prints the points. Without npm it is skipped.
"""
import json
import os
import sys

import npm
from lib import Gateway, Mock, finish

here = os.path.dirname(os.path.abspath(__file__))
repo = os.path.dirname(os.path.dirname(here))
specs = os.environ.get("AIGW_SPECS", os.path.join(
    repo, "..", "shared", "reference", "specs"))
KEY = "sk-embed-0123456789abcdef"
SEED = "7"                      # their vectors are the same

# Dialect, model, base path at the mock, options.
COLUMNS = (
    ("openai", "text-embedding-3-small", "", ""),
    ("azure", "text-embedding-3-large", "",
     'api_version = "2026-01-01";'),
    ("mistral", "mistral-embed", "/mistral", ""),
    ("gemini", "gemini-embedding-001", "", ""),
    ("ollama", "nomic-embed-text", "", ""),
    ("anthropic", "claude-opus-5", "", ""),
)


def main():
    if npm.skip("embeddings by SDKs"):
        return 0
    d = npm.install()
    providers, columns = [], []
    for n, (dialect, model, path, extra) in enumerate(COLUMNS):
        mock = Mock("--models", model, "--seed", SEED)
        providers.append(
            '{ id = "to-%s"; dialect = "%s"; base_url = "%s%s"; keys = ( '
            '"sk-up-%d-0123456789" ); allow_private = ( "127.0.0.0/8" ); '
            'models = ( "%s" ); %s }' % (dialect, dialect, mock.url, path, n,
                                         model, extra))
        columns.append({"name": dialect, "model": model, "mock": mock.url})
    groups = ['{ name = "g-%s"; targets = ( { provider = "to-%s"; model = '
              '"%s"; } ); }' % (d, d, m) for d, m, _, _ in COLUMNS]
    gw = Gateway('providers = ( %s );\ngroups = ( %s );\nkeys = ( { name = '
                 '"sdk"; secret = "%s"; role = "root"; } );\n'
                 'failover = { threshold = 100000; };\n' % (
                     ",\n".join(providers), ",\n".join(groups), KEY))
    code = npm.run(d, "embed.mjs", dict(
        os.environ, GW="http://127.0.0.1:%d" % gw.port, KEY=KEY, SPECS=specs,
        ORACLE=Mock("--seed", SEED).url, COLUMNS=json.dumps(columns)))
    return finish(code)


sys.exit(main())
