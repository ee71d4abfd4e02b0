# Unit tests of the net layer.
unit_net = tests/unit/addr_test tests/unit/hdr_test tests/unit/http1_test \
	tests/unit/http1_body_test tests/unit/http1_out_test \
	tests/unit/form_test tests/unit/http1_twin_test tests/unit/listen_test \
	tests/unit/proxyhdr_test
check_PROGRAMS += $(unit_net)
TESTS += $(unit_net)
net_libs = $(unit_libs) libnet.a libbase.a $(foreign_libs)
EXTRA_DIST += tests/unit/http1_heads.h

tests_unit_addr_test_SOURCES = tests/unit/addr_test.c
tests_unit_addr_test_CPPFLAGS = $(unit_cppflags)
tests_unit_addr_test_LDADD = $(net_libs)

tests_unit_proxyhdr_test_SOURCES = tests/unit/proxyhdr_test.c
tests_unit_proxyhdr_test_CPPFLAGS = $(unit_cppflags)
tests_unit_proxyhdr_test_LDADD = $(net_libs)

tests_unit_hdr_test_SOURCES = tests/unit/hdr_test.c
tests_unit_hdr_test_CPPFLAGS = $(unit_cppflags)
tests_unit_hdr_test_LDADD = $(net_libs)

tests_unit_http1_test_SOURCES = tests/unit/http1_test.c
tests_unit_http1_test_CPPFLAGS = $(unit_cppflags)
tests_unit_http1_test_LDADD = $(net_libs)

tests_unit_http1_body_test_SOURCES = tests/unit/http1_body_test.c
tests_unit_http1_body_test_CPPFLAGS = $(unit_cppflags)
tests_unit_http1_body_test_LDADD = $(net_libs)

tests_unit_http1_out_test_SOURCES = tests/unit/http1_out_test.c
tests_unit_http1_out_test_CPPFLAGS = $(unit_cppflags)
tests_unit_http1_out_test_LDADD = $(net_libs)

tests_unit_listen_test_SOURCES = tests/unit/listen_test.c
tests_unit_listen_test_CPPFLAGS = $(unit_cppflags)
tests_unit_listen_test_LDADD = $(net_libs)

tests_unit_http1_twin_test_SOURCES = tests/unit/http1_twin_test.c
tests_unit_http1_twin_test_CPPFLAGS = $(unit_cppflags)
tests_unit_http1_twin_test_LDADD = $(net_libs)

tests_unit_form_test_SOURCES = tests/unit/form_test.c
tests_unit_form_test_CPPFLAGS = $(unit_cppflags)
tests_unit_form_test_LDADD = $(net_libs)
