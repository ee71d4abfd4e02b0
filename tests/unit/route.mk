# Unit tests of the route layer.
unit_route = tests/unit/route_test tests/unit/breaker_test \
	tests/unit/slow_test
check_PROGRAMS += $(unit_route)
TESTS += $(unit_route)

tests_unit_route_test_SOURCES = tests/unit/route_test.c
tests_unit_route_test_CPPFLAGS = $(unit_cppflags)
tests_unit_route_test_LDADD = $(unit_libs) libroute.a libconf.a libbase.a \
	$(foreign_libs)

tests_unit_breaker_test_SOURCES = tests/unit/breaker_test.c
tests_unit_breaker_test_CPPFLAGS = $(unit_cppflags)
tests_unit_breaker_test_LDADD = $(unit_libs) libroute.a libbase.a

tests_unit_slow_test_SOURCES = tests/unit/slow_test.c
tests_unit_slow_test_CPPFLAGS = $(unit_cppflags)
tests_unit_slow_test_LDADD = $(unit_libs) libroute.a libbase.a -lm
