# Files of tests/e2e.

# The strict client: accounts for the end of every request.
check_PROGRAMS += tests/e2e/strict
tests_e2e_strict_SOURCES = tests/e2e/strict.c tests/e2e/strict.h \
	tests/e2e/strict_slot.c tests/e2e/strict_check.c \
	tests/e2e/strict_stats.c
tests_e2e_strict_LDADD = libnet.a libbase.a $(foreign_libs)
