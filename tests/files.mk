# What the tests are built from. Each layer lists its unit tests in its own file.
check_LIBRARIES += libtap.a
libtap_a_SOURCES = tests/tap/tap.c tests/tap/tap.h

TEST_LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) \
	$(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(TEST_LOG_DRIVER)
unit_cppflags = $(AM_CPPFLAGS) -I$(srcdir)/tests/tap -DTEST_SRCDIR='"$(abs_top_srcdir)/tests"'
unit_libs = libtap.a

include tests/unit/base.mk
include tests/unit/conf.mk
include tests/unit/dialect.mk
include tests/unit/state.mk
include tests/unit/route.mk
include tests/unit/net.mk
include tests/unit/upstream.mk
include tests/unit/proc.mk
include tests/unit/process.mk
include tests/golden/files.mk
include tests/scenario/files.mk
include tests/fuzz/files.mk
include tests/lint/files.mk
include tests/disk/files.mk
include tests/e2e/files.mk
include tests/bench/files.mk
include tests/long.mk

# Which lines of src/lib the tests run; in a folder of its own, unless this
# build was configured with --enable-coverage.
EXTRA_DIST += tests/coverage tests/RESULTS
coverage:
	@case '$(HARD_CFLAGS)' in *--coverage*) d='$(abs_builddir)';; \
	*) d='$(abs_builddir)/coverage';; esac; \
	$(PYTHON3) $(srcdir)/tests/coverage "$$d"
.PHONY: coverage
