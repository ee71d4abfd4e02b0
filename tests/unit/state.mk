# Unit tests of the state layer.
unit_state = tests/unit/state_test tests/unit/key_test \
	tests/unit/keytime_test \
	tests/unit/window_test tests/unit/usage_test tests/unit/crash_test \
	tests/unit/disk_test tests/unit/calendar_test \
	tests/unit/open_test tests/unit/open_kill_test \
	tests/unit/checkpoint_test tests/unit/reserve_test \
	tests/unit/limits_test tests/unit/sessions_test
check_PROGRAMS += $(unit_state)
TESTS += $(unit_state)
state_libs = $(unit_libs) libstate.a libbase.a $(foreign_libs)

tests_unit_state_test_SOURCES = tests/unit/state_test.c tests/unit/state_help.h
tests_unit_state_test_CPPFLAGS = $(unit_cppflags)
tests_unit_state_test_LDADD = $(state_libs)

tests_unit_keytime_test_SOURCES = tests/unit/keytime_test.c tests/unit/state_help.h
tests_unit_keytime_test_CPPFLAGS = $(unit_cppflags)
tests_unit_keytime_test_LDADD = $(state_libs)

tests_unit_key_test_SOURCES = tests/unit/key_test.c tests/unit/state_help.h
tests_unit_key_test_CPPFLAGS = $(unit_cppflags)
tests_unit_key_test_LDADD = $(state_libs)

tests_unit_window_test_SOURCES = tests/unit/window_test.c tests/unit/state_help.h
tests_unit_window_test_CPPFLAGS = $(unit_cppflags)
tests_unit_window_test_LDADD = $(state_libs)

tests_unit_calendar_test_SOURCES = tests/unit/calendar_test.c \
	tests/unit/state_help.h
tests_unit_calendar_test_CPPFLAGS = $(unit_cppflags)
tests_unit_calendar_test_LDADD = $(state_libs)

tests_unit_checkpoint_test_SOURCES = tests/unit/checkpoint_test.c \
	tests/unit/state_help.h
tests_unit_checkpoint_test_CPPFLAGS = $(unit_cppflags)
tests_unit_checkpoint_test_LDADD = $(state_libs)

tests_unit_limits_test_SOURCES = tests/unit/limits_test.c \
	tests/unit/state_help.h
tests_unit_limits_test_CPPFLAGS = $(unit_cppflags)
tests_unit_limits_test_LDADD = $(state_libs)

tests_unit_usage_test_SOURCES = tests/unit/usage_test.c tests/unit/state_help.h
tests_unit_usage_test_CPPFLAGS = $(unit_cppflags)
tests_unit_usage_test_LDADD = $(state_libs)

tests_unit_sessions_test_SOURCES = tests/unit/sessions_test.c \
	tests/unit/state_help.h
tests_unit_sessions_test_CPPFLAGS = $(unit_cppflags)
tests_unit_sessions_test_LDADD = $(state_libs)

tests_unit_crash_test_SOURCES = tests/unit/crash_test.c tests/unit/state_help.h
tests_unit_crash_test_CPPFLAGS = $(unit_cppflags)
tests_unit_crash_test_LDADD = $(state_libs)

tests_unit_disk_test_SOURCES = tests/unit/disk_test.c tests/unit/state_help.h
tests_unit_disk_test_CPPFLAGS = $(unit_cppflags)
tests_unit_disk_test_LDADD = $(state_libs)

tests_unit_open_test_SOURCES = tests/unit/open_test.c tests/unit/open_help.h
tests_unit_open_test_CPPFLAGS = $(unit_cppflags)
tests_unit_open_test_LDADD = $(state_libs)

tests_unit_reserve_test_SOURCES = tests/unit/reserve_test.c \
	tests/unit/state_help.h
tests_unit_reserve_test_CPPFLAGS = $(unit_cppflags)
tests_unit_reserve_test_LDADD = $(state_libs)

tests_unit_open_kill_test_SOURCES = tests/unit/open_kill_test.c \
	tests/unit/open_help.h tests/unit/state_help.h
tests_unit_open_kill_test_CPPFLAGS = $(unit_cppflags)
tests_unit_open_kill_test_LDADD = $(state_libs)

# What admission and settlement cost: "make tests/bench/state_bench", not a test.
EXTRA_PROGRAMS = tests/bench/state_bench
tests_bench_state_bench_SOURCES = tests/bench/state_bench.c
tests_bench_state_bench_LDADD = libstate.a libbase.a $(foreign_libs)
CLEANFILES += tests/bench/state_bench
