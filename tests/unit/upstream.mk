# Unit tests of the upstream layer and of the connections it stands on.
unit_upstream = tests/unit/conn_test tests/unit/tls_test \
	tests/unit/fetch_test tests/unit/fetch_tls_test \
	tests/unit/fetch_addr_test tests/unit/fetch_head_test \
	tests/unit/fetch_random_test \
	tests/unit/keyfault_test tests/unit/outcome_test
check_PROGRAMS += $(unit_upstream)
TESTS += $(unit_upstream)
unit_upstream_libs = $(unit_libs) libupstream.a libnet.a libbase.a \
	$(foreign_libs)
unit_fetch_rig = tests/unit/fetch_rig.c tests/unit/fetch_rig.h \
	tests/unit/script_server.c tests/unit/script_server.h
unit_conn_rig = tests/unit/conn_rig.c tests/unit/conn_rig.h
unit_cert = tests/unit/cert.c tests/unit/cert.h

tests_unit_conn_test_SOURCES = tests/unit/conn_test.c $(unit_conn_rig)
tests_unit_conn_test_CPPFLAGS = $(unit_cppflags)
tests_unit_conn_test_LDADD = $(unit_upstream_libs)

tests_unit_tls_test_SOURCES = tests/unit/tls_test.c $(unit_conn_rig) \
	$(unit_cert)
tests_unit_tls_test_CPPFLAGS = $(unit_cppflags)
tests_unit_tls_test_LDADD = $(unit_upstream_libs)

tests_unit_fetch_test_SOURCES = tests/unit/fetch_test.c $(unit_fetch_rig)
tests_unit_fetch_test_CPPFLAGS = $(unit_cppflags)
tests_unit_fetch_test_LDADD = $(unit_upstream_libs)

tests_unit_fetch_tls_test_SOURCES = tests/unit/fetch_tls_test.c \
	$(unit_fetch_rig) $(unit_cert)
tests_unit_fetch_tls_test_CPPFLAGS = $(unit_cppflags)
tests_unit_fetch_tls_test_LDADD = $(unit_upstream_libs)

tests_unit_fetch_random_test_SOURCES = tests/unit/fetch_random_test.c \
	$(unit_fetch_rig)
tests_unit_fetch_random_test_CPPFLAGS = $(unit_cppflags)
tests_unit_fetch_random_test_LDADD = $(unit_upstream_libs)

tests_unit_outcome_test_SOURCES = tests/unit/outcome_test.c
tests_unit_outcome_test_CPPFLAGS = $(unit_cppflags)
tests_unit_outcome_test_LDADD = $(unit_upstream_libs)

tests_unit_keyfault_test_SOURCES = tests/unit/keyfault_test.c
tests_unit_keyfault_test_CPPFLAGS = $(unit_cppflags)
tests_unit_keyfault_test_LDADD = $(unit_libs) libupstream.a libnet.a \
	libdialect.a libstate.a libbase.a $(foreign_libs)

tests_unit_fetch_head_test_SOURCES = tests/unit/fetch_head_test.c \
	$(unit_fetch_rig)
tests_unit_fetch_head_test_CPPFLAGS = $(unit_cppflags)
tests_unit_fetch_head_test_LDADD = $(unit_upstream_libs)

tests_unit_fetch_addr_test_SOURCES = tests/unit/fetch_addr_test.c \
	$(unit_fetch_rig)
tests_unit_fetch_addr_test_CPPFLAGS = $(unit_cppflags)
tests_unit_fetch_addr_test_LDADD = $(unit_upstream_libs)
