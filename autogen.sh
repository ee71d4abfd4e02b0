#!/bin/sh
# autogen.sh - make configure from configure.ac (needs autoconf and automake).
set -e
cd "$(dirname "$0")"
mkdir -p build-aux
exec autoreconf --install --force --warnings=all,no-obsolete
