# Unit tests of the conf layer.
unit_conf = tests/unit/conf_load_test tests/unit/conf_price_test
check_PROGRAMS += $(unit_conf)
TESTS += $(unit_conf)
unit_conf_libs = $(unit_libs) libconf.a libbase.a $(foreign_libs)

tests_unit_conf_load_test_SOURCES = tests/unit/conf_load_test.c \
	tests/unit/conf_help.h
tests_unit_conf_load_test_CPPFLAGS = $(unit_cppflags)
tests_unit_conf_load_test_LDADD = $(unit_conf_libs)

tests_unit_conf_price_test_SOURCES = tests/unit/conf_price_test.c \
	tests/unit/conf_help.h
tests_unit_conf_price_test_CPPFLAGS = $(unit_cppflags)
tests_unit_conf_price_test_LDADD = $(unit_conf_libs)
