# Scenarios: the real worker with a fake loop, clock, network and state. The
# fakes stand before the libraries: what they define is not taken from there.
# Both stand in TESTS already.
check_PROGRAMS += tests/scenario/scenario_test tests/scenario/torture_test
scenario_sources = tests/scenario/scen.c \
	tests/scenario/scen.h tests/scenario/scen_run.c \
	tests/scenario/scen_run.h tests/scenario/scen_log.c \
	tests/scenario/scen_state.c \
	tests/scenario/scen_up.c \
	tests/scenario/fake_alloc.c tests/scenario/fake_conn.c \
	tests/scenario/fake_ev.c tests/scenario/fake_fetch.c \
	tests/scenario/fake_state.c tests/scenario/torture_check.c \
	$(worker_sources)
scenario_ldflags = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc \
	-Wl,--wrap=xalloc_try,--wrap=xalloc_try_realloc

tests_scenario_scenario_test_SOURCES = tests/scenario/scenario_test.c \
	$(scenario_sources)
tests_scenario_scenario_test_CPPFLAGS = $(unit_cppflags)
tests_scenario_scenario_test_LDFLAGS = $(scenario_ldflags)
tests_scenario_scenario_test_LDADD = $(layer_libs) $(foreign_libs)
tests_scenario_torture_test_SOURCES = tests/scenario/torture_test.c \
	$(scenario_sources)
tests_scenario_torture_test_CPPFLAGS = $(unit_cppflags)
tests_scenario_torture_test_LDFLAGS = $(scenario_ldflags)
tests_scenario_torture_test_LDADD = $(layer_libs) $(foreign_libs)
EXTRA_DIST += tests/scenario/array.sc tests/scenario/attempt.sc \
	tests/scenario/azure.sc tests/scenario/budget.sc \
	tests/scenario/carry.sc \
	tests/scenario/caller.sc tests/scenario/client.sc \
	tests/scenario/connection.sc tests/scenario/count.sc \
	tests/scenario/echo.sc tests/scenario/embed.sc \
	tests/scenario/family.sc \
	tests/scenario/fault.sc \
	tests/scenario/form.sc tests/scenario/log.sc \
	tests/scenario/memory.sc tests/scenario/mishap.sc \
	tests/scenario/ollama.sc \
	tests/scenario/off.sc tests/scenario/paths.sc \
	tests/scenario/raw.sc tests/scenario/reserve.sc \
	tests/scenario/route.sc tests/scenario/slow.sc \
	tests/scenario/status.sc tests/scenario/translate.sc \
	tests/scenario/stream.sc tests/scenario/stream_end.sc \
	tests/scenario/style.sc tests/scenario/type.sc \
	tests/scenario/unified.sc tests/scenario/upkey.sc \
	tests/scenario/whole.sc
