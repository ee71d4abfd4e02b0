# Files of tests/e2e.

# The strict client: accounts for the end of every request.
check_PROGRAMS += tests/e2e/strict
tests_e2e_strict_SOURCES = tests/e2e/strict.c tests/e2e/strict.h \
	tests/e2e/strict_slot.c tests/e2e/strict_check.c \
	tests/e2e/strict_stats.c
tests_e2e_strict_LDADD = libnet.a libbase.a $(foreign_libs)
# When the machine stood still.
check_PROGRAMS += tests/e2e/still
tests_e2e_still_SOURCES = tests/e2e/still.c
# Our parser's opinion, for a comparison with others.
check_PROGRAMS += tests/e2e/http1_say
tests_e2e_http1_say_SOURCES = tests/e2e/http1_say.c
tests_e2e_http1_say_LDADD = libnet.a libbase.a
include tests/e2e/mock.mk

# The master with children that pretend, and what it must do with them; its test
# stands in TESTS already.
check_PROGRAMS += tests/e2e/fake_aigwd
tests_e2e_fake_aigwd_SOURCES = tests/e2e/fake_aigwd.c src/aigwd.c \
	$(master_sources)
tests_e2e_fake_aigwd_LDADD = $(layer_libs) $(foreign_libs)

# The daemon with fault points compiled in (base/faultpoint.h), and a watch that
# is shorter; what has no points comes from the libraries.
check_PROGRAMS += tests/e2e/aigwd_faults
tests_e2e_aigwd_faults_SOURCES = $(aigwd_SOURCES) $(libstate_a_SOURCES) \
	src/lib/base/faultpoint.c src/lib/proc/child.c src/lib/proc/priv.c
tests_e2e_aigwd_faults_CPPFLAGS = $(AM_CPPFLAGS) -DFAULT_POINTS \
	-DWATCH_HANG_S=6
tests_e2e_aigwd_faults_LDADD = $(layer_libs) $(foreign_libs)

# Walks both stores and says what it found.
check_PROGRAMS += tests/e2e/store_check
tests_e2e_store_check_SOURCES = tests/e2e/store_check.c
tests_e2e_store_check_LDADD = libstate.a libbase.a $(foreign_libs)
check_PROGRAMS += tests/e2e/ledger_fill
tests_e2e_ledger_fill_SOURCES = tests/e2e/ledger_fill.c
tests_e2e_ledger_fill_LDADD = libstate.a libbase.a $(foreign_libs)
EXTRA_DIST += tests/e2e/master_test.py
# End-to-end tests: the real daemon against aigw-mock.
EXTRA_DIST += tests/e2e/run tests/e2e/lib.py \
	tests/e2e/report.py $(e2e_scripts)
# One a line, so that two changes seldom meet.
e2e_scripts = \
	tests/e2e/authz_e2e.py \
	tests/e2e/canary_e2e.py \
	tests/e2e/echo_e2e.py \
	tests/e2e/incidents_e2e.py \
	tests/e2e/keys_e2e.py \
	tests/e2e/disk_e2e.py \
	tests/e2e/ledger_e2e.py \
	tests/e2e/sessions_e2e.py \
	tests/e2e/power_e2e.py \
	tests/e2e/listen_e2e.py \
	tests/e2e/badbody_e2e.py \
	tests/e2e/badinput_e2e.py \
	tests/e2e/entrypoint_e2e.sh \
	tests/e2e/rotation_e2e.py \
	tests/e2e/ssrf_e2e.py \
	tests/e2e/failover_e2e.py \
	tests/e2e/errors_e2e.py \
	tests/e2e/faults_e2e.py \
	tests/e2e/fds_e2e.py \
	tests/e2e/ops_e2e.py \
	tests/e2e/installed.py \
	tests/e2e/faults.py \
	tests/e2e/hang_e2e.py \
	tests/e2e/life_e2e.py \
	tests/e2e/llhttp.mjs \
	tests/e2e/clients.py \
	tests/e2e/faults_long.py \
	tests/e2e/styles_long.py \
	tests/e2e/kill_e2e.py \
	tests/e2e/load.py \
	tests/e2e/streams_e2e.py \
	tests/e2e/life_long.py \
	tests/e2e/limits_check.py \
	tests/e2e/limits_e2e.py \
	tests/e2e/limits_addr_e2e.py \
	tests/e2e/points_e2e.py \
	tests/e2e/log_e2e.py \
	tests/e2e/overload_e2e.py \
	tests/e2e/slow_e2e.py \
	tests/e2e/turns_e2e.py \
	tests/e2e/unified_e2e.py \
	tests/e2e/proxy_e2e.py \
	tests/e2e/proxies.py \
	tests/e2e/rawup.py \
	tests/e2e/wire.py \
	tests/e2e/rawhttp.py \
	tests/e2e/rawhttp_cases.py \
	tests/e2e/rawhttp_e2e.py \
	tests/e2e/reserve_e2e.py \
	tests/e2e/rotation_e2e.py \
	tests/e2e/ssrf_e2e.py \
	tests/e2e/rows_e2e.py \
	tests/e2e/formats_e2e.py \
	tests/e2e/cli/frameworks.mjs \
	tests/e2e/cli/package.json \
	tests/e2e/cli/programs/package.json \
	tests/e2e/able_e2e.py \
	tests/e2e/embed_e2e.py \
	tests/e2e/azure_e2e.py \
	tests/e2e/cli_e2e.py \
	tests/e2e/paths_e2e.py \
	tests/e2e/matrix_e2e.py \
	tests/e2e/npm.py \
	tests/e2e/sdk_e2e.py \
	tests/e2e/status_e2e.py \
	tests/e2e/upstream_e2e.py \
	tests/e2e/sdk/azure.mjs \
	tests/e2e/sdk/cells.mjs \
	tests/e2e/sdk/client_anthropic.mjs \
	tests/e2e/sdk/client_google.mjs \
	tests/e2e/sdk/client_groq.mjs \
	tests/e2e/sdk/client_mistral.mjs \
	tests/e2e/sdk/client_ollama.mjs \
	tests/e2e/sdk/client_openai.mjs \
	tests/e2e/sdk/embed.mjs \
	tests/e2e/sdk/counted.mjs \
	tests/e2e/sdk/formats.mjs \
	tests/e2e/sdk/matrix.mjs \
	tests/e2e/sdk/openai.mjs \
	tests/e2e/sdk/package.json \
	tests/e2e/sdk/validate.mjs

PYTHON3 = python3
check-e2e: all $(check_PROGRAMS) $(check_SCRIPTS)
	AIGW_BUILD='$(abs_builddir)' $(PYTHON3) $(srcdir)/tests/e2e/run
.PHONY: check-e2e
