# The mock and the strict client against each other; Makefile.am has them in
# TESTS.
e2e_mock = tests/e2e/mock_test tests/e2e/mock_life_test \
	tests/e2e/mock_dialects_test tests/e2e/strict_test
check_PROGRAMS += $(e2e_mock)
e2e_harness = tests/e2e/harness.c tests/e2e/harness.h
EXTRA_DIST += tests/e2e/replay

tests_e2e_mock_test_SOURCES = tests/e2e/mock_test.c $(e2e_harness)
tests_e2e_mock_test_CPPFLAGS = $(unit_cppflags)
tests_e2e_mock_test_LDADD = $(unit_libs) libnet.a libbase.a $(foreign_libs)

tests_e2e_mock_dialects_test_SOURCES = tests/e2e/mock_dialects_test.c \
	$(e2e_harness)
tests_e2e_mock_dialects_test_CPPFLAGS = $(unit_cppflags)
tests_e2e_mock_dialects_test_LDADD = $(unit_libs) libnet.a libbase.a \
	$(foreign_libs)

tests_e2e_mock_life_test_SOURCES = tests/e2e/mock_life_test.c $(e2e_harness)
tests_e2e_mock_life_test_CPPFLAGS = $(unit_cppflags)
tests_e2e_mock_life_test_LDADD = $(unit_libs) libnet.a libbase.a \
	$(foreign_libs)

tests_e2e_strict_test_SOURCES = tests/e2e/strict_test.c $(e2e_harness) \
	tests/unit/cert.c tests/unit/cert.h
tests_e2e_strict_test_CPPFLAGS = $(unit_cppflags)
tests_e2e_strict_test_LDADD = $(unit_libs) libnet.a libbase.a $(foreign_libs)
