# Unit tests of the upstream layer and of the connections it stands on.
unit_upstream = tests/unit/conn_test
check_PROGRAMS += $(unit_upstream)
TESTS += $(unit_upstream)

tests_unit_conn_test_SOURCES = tests/unit/conn_test.c \
	tests/unit/cert.c tests/unit/cert.h
tests_unit_conn_test_CPPFLAGS = $(unit_cppflags)
tests_unit_conn_test_LDADD = $(unit_libs) libnet.a libbase.a $(foreign_libs)
