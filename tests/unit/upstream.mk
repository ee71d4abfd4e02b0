# Unit tests of the upstream layer and of the connections it stands on.
unit_upstream = tests/unit/conn_test tests/unit/fetch_test
check_PROGRAMS += $(unit_upstream)
TESTS += $(unit_upstream)

tests_unit_conn_test_SOURCES = tests/unit/conn_test.c \
	tests/unit/cert.c tests/unit/cert.h
tests_unit_conn_test_CPPFLAGS = $(unit_cppflags)
tests_unit_conn_test_LDADD = $(unit_libs) libnet.a libbase.a $(foreign_libs)

tests_unit_fetch_test_SOURCES = tests/unit/fetch_test.c \
	tests/unit/fetch_rig.c tests/unit/fetch_rig.h \
	tests/unit/script_server.c tests/unit/script_server.h \
	tests/unit/cert.c tests/unit/cert.h
tests_unit_fetch_test_CPPFLAGS = $(unit_cppflags)
tests_unit_fetch_test_LDADD = $(unit_libs) libupstream.a libnet.a libbase.a \
	$(foreign_libs)

check_PROGRAMS += tests/unit/simple_test tests/unit/outcome_test
TESTS += tests/unit/simple_test tests/unit/outcome_test

tests_unit_simple_test_SOURCES = tests/unit/simple_test.c \
	tests/unit/fetch_rig.c tests/unit/fetch_rig.h \
	tests/unit/script_server.c tests/unit/script_server.h \
	tests/unit/cert.c tests/unit/cert.h
tests_unit_simple_test_CPPFLAGS = $(unit_cppflags)
tests_unit_simple_test_LDADD = $(unit_libs) libupstream.a libnet.a libbase.a \
	$(foreign_libs)

tests_unit_outcome_test_SOURCES = tests/unit/outcome_test.c
tests_unit_outcome_test_CPPFLAGS = $(unit_cppflags)
tests_unit_outcome_test_LDADD = $(unit_libs) libupstream.a libnet.a \
	libbase.a $(foreign_libs)
