# Unit tests of the base layer.
unit_base = \
	tests/unit/arena_test \
	tests/unit/buf_test \
	tests/unit/ev_test \
	tests/unit/hmap_test \
	tests/unit/jscan_test \
	tests/unit/jscan_value_test \
	tests/unit/num_test \
	tests/unit/str_test
check_PROGRAMS += $(unit_base)
TESTS += $(unit_base)

tests_unit_arena_test_SOURCES = tests/unit/arena_test.c
tests_unit_arena_test_CPPFLAGS = $(unit_cppflags)
tests_unit_arena_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_buf_test_SOURCES = tests/unit/buf_test.c
tests_unit_buf_test_CPPFLAGS = $(unit_cppflags)
tests_unit_buf_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_ev_test_SOURCES = tests/unit/ev_test.c
tests_unit_ev_test_CPPFLAGS = $(unit_cppflags)
tests_unit_ev_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_hmap_test_SOURCES = tests/unit/hmap_test.c
tests_unit_hmap_test_CPPFLAGS = $(unit_cppflags)
tests_unit_hmap_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_jscan_test_SOURCES = tests/unit/jscan_test.c tests/unit/jscan_cases.h
tests_unit_jscan_test_CPPFLAGS = $(unit_cppflags)
tests_unit_jscan_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_jscan_value_test_SOURCES = tests/unit/jscan_value_test.c
tests_unit_jscan_value_test_CPPFLAGS = $(unit_cppflags)
tests_unit_jscan_value_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_num_test_SOURCES = tests/unit/num_test.c
tests_unit_num_test_CPPFLAGS = $(unit_cppflags)
tests_unit_num_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_str_test_SOURCES = tests/unit/str_test.c
tests_unit_str_test_CPPFLAGS = $(unit_cppflags)
tests_unit_str_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)
