# Unit tests of the conf layer.
unit_conf = tests/unit/conf_load_test \
	tests/unit/conf_price_test \
	tests/unit/conf_wrong_test \
	tests/unit/conf_dump_test \
	tests/unit/conf_env_test \
	tests/unit/conf_sample_test \
	tests/unit/conf_text_test
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

tests_unit_conf_wrong_test_SOURCES = tests/unit/conf_wrong_test.c \
	tests/unit/conf_help.h
tests_unit_conf_wrong_test_CPPFLAGS = $(unit_cppflags)
tests_unit_conf_wrong_test_LDADD = $(unit_conf_libs)

tests_unit_conf_dump_test_SOURCES = tests/unit/conf_dump_test.c \
	tests/unit/conf_help.h
tests_unit_conf_dump_test_CPPFLAGS = $(unit_cppflags)
tests_unit_conf_dump_test_LDADD = $(unit_conf_libs)

tests_unit_conf_env_test_SOURCES = tests/unit/conf_env_test.c \
	tests/unit/conf_help.h
tests_unit_conf_env_test_CPPFLAGS = $(unit_cppflags)
tests_unit_conf_env_test_LDADD = $(unit_conf_libs)

tests_unit_conf_sample_test_SOURCES = tests/unit/conf_sample_test.c \
	tests/unit/conf_help.h
tests_unit_conf_sample_test_CPPFLAGS = $(unit_cppflags)
tests_unit_conf_sample_test_LDADD = $(unit_conf_libs)

tests_unit_conf_text_test_SOURCES = tests/unit/conf_text_test.c \
	tests/unit/conf_help.h
tests_unit_conf_text_test_CPPFLAGS = $(unit_cppflags)
tests_unit_conf_text_test_LDADD = $(unit_conf_libs)
