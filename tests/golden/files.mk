# Tests of the formats against each other, and their tables.
golden_tests = tests/golden/matrix_test
check_PROGRAMS += $(golden_tests)
TESTS += $(golden_tests)
EXTRA_DIST += tests/golden/matrix.rows tests/golden/matrix.table

golden_rig = tests/golden/formats.c tests/golden/golden.h \
	tests/golden/probe.c tests/golden/probe.h $(unit_codec_rig)
golden_cppflags = $(unit_cppflags) -I$(srcdir)/tests/unit \
	-I$(srcdir)/tests/golden

tests_golden_matrix_test_SOURCES = tests/golden/matrix_test.c \
	tests/golden/matrix.c $(golden_rig)
tests_golden_matrix_test_CPPFLAGS = $(golden_cppflags)
tests_golden_matrix_test_LDADD = $(unit_codec_libs)
