# Unit tests of the base layer.
unit_base = tests/unit/arena_test tests/unit/buf_test
check_PROGRAMS += $(unit_base)
TESTS += $(unit_base)

tests_unit_arena_test_SOURCES = tests/unit/arena_test.c
tests_unit_arena_test_CPPFLAGS = $(unit_cppflags)
tests_unit_arena_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_buf_test_SOURCES = tests/unit/buf_test.c
tests_unit_buf_test_CPPFLAGS = $(unit_cppflags)
tests_unit_buf_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)
