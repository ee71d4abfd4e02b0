"""azure_e2e.py - AzureOpenAI of the openai SDK, unmodified, against an Azure, an
OpenAI and an Anthropic provider.

sdk/azure.mjs prints the points. Without npm the test is skipped.
"""
import json
import os
import sys

import npm
from lib import Gateway, Mock, finish

KEY = "sk-azure-0123456789abcdef"
# Model: dialect, options.
PROVIDERS = {
    "dep": ("azure", 'api_version = "2026-01-01";'),
    "new": ("azure", 'api_path = "/openai/v1";'),
    "whole": ("openai", ""),
    "claude": ("anthropic", ""),
}


def main():
    if npm.skip("AzureOpenAI"):
        return 0
    d = npm.install()
    mocks = {m: Mock("--models", m) for m in PROVIDERS}
    gw = Gateway(
        "providers = ( %s );\ngroups = ( %s );\nkeys = ( { name = \"sdk\"; "
        "secret = \"%s\"; role = \"root\"; } );\n" % (", ".join(
            '{ id = "to-%s"; dialect = "%s"; base_url = "%s"; keys = ( '
            '"sk-up-0123456789" ); allow_private = ( "127.0.0.0/8" ); '
            'models = ( "%s" ); %s }' % (m, PROVIDERS[m][0], mocks[m].url, m,
                                         PROVIDERS[m][1])
            for m in PROVIDERS), ", ".join(
                '{ name = "hear-%s"; targets = ( { provider = "to-%s"; model '
                '= "%s"; } ); }' % (m, m, m) for m in ("dep", "whole")), KEY))
    return finish(npm.run(d, "azure.mjs", dict(
        os.environ, GW="http://127.0.0.1:%d" % gw.port, KEY=KEY,
        MOCKS=json.dumps({m: mocks[m].url for m in mocks}))))


sys.exit(main())
