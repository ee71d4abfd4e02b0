# Files of tests/e2e.

# The strict client: accounts for the end of every request.
check_PROGRAMS += tests/e2e/strict
tests_e2e_strict_SOURCES = tests/e2e/strict.c tests/e2e/strict.h \
	tests/e2e/strict_slot.c tests/e2e/strict_check.c \
	tests/e2e/strict_stats.c
tests_e2e_strict_LDADD = libnet.a libbase.a $(foreign_libs)

# The master with children that pretend, and what it must do with them.
check_PROGRAMS += tests/e2e/fake_aigwd
tests_e2e_fake_aigwd_SOURCES = tests/e2e/fake_aigwd.c $(master_sources)
tests_e2e_fake_aigwd_LDADD = $(layer_libs) $(foreign_libs)
TESTS += tests/e2e/master_test.py
EXTRA_DIST += tests/e2e/master_test.py
