# Unit tests of the processes.
unit_process = tests/unit/ctl_key_opts_test \
	tests/unit/ctl_request_test tests/unit/metrics_test \
	tests/unit/models_parse_test tests/unit/overload_test \
	tests/unit/probe_judge_test tests/unit/resolve_test \
	tests/unit/solo_test
check_PROGRAMS += $(unit_process)
TESTS += $(unit_process)

tests_unit_ctl_request_test_SOURCES = tests/unit/ctl_request_test.c \
	src/admin/ctl_request.c
tests_unit_ctl_request_test_CPPFLAGS = $(unit_cppflags)
tests_unit_ctl_request_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_models_parse_test_SOURCES = tests/unit/models_parse_test.c \
	src/checker/models_parse.c
tests_unit_models_parse_test_CPPFLAGS = $(unit_cppflags)
tests_unit_models_parse_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_overload_test_SOURCES = tests/unit/overload_test.c \
	src/worker/overload.c
tests_unit_overload_test_CPPFLAGS = $(unit_cppflags)
tests_unit_overload_test_LDADD = $(unit_libs) libbase.a $(foreign_libs)

tests_unit_probe_judge_test_SOURCES = tests/unit/probe_judge_test.c \
	src/checker/probe_judge.c
tests_unit_probe_judge_test_CPPFLAGS = $(unit_cppflags)
tests_unit_probe_judge_test_LDADD = $(unit_libs) libupstream.a libnet.a \
	libdialect.a libbase.a $(foreign_libs)

tests_unit_resolve_test_SOURCES = tests/unit/resolve_test.c \
	src/checker/resolve.c
tests_unit_resolve_test_CPPFLAGS = $(unit_cppflags)
tests_unit_resolve_test_LDADD = $(unit_libs) libnet.a libbase.a \
	$(foreign_libs)

tests_unit_solo_test_SOURCES = tests/unit/solo_test.c
tests_unit_solo_test_CPPFLAGS = $(unit_cppflags)
tests_unit_solo_test_LDADD = $(unit_libs) libproc.a libbase.a $(foreign_libs)

tests_unit_ctl_key_opts_test_SOURCES = tests/unit/ctl_key_opts_test.c \
	src/admin/ctl_key_opts.c src/admin/ctl_request.c
tests_unit_ctl_key_opts_test_CPPFLAGS = $(unit_cppflags)
tests_unit_ctl_key_opts_test_LDADD = $(unit_libs) $(layer_libs) \
	$(foreign_libs)

tests_unit_metrics_test_SOURCES = tests/unit/metrics_test.c \
	src/admin/metrics.c src/admin/metrics_usage.c
tests_unit_metrics_test_CPPFLAGS = $(unit_cppflags)
tests_unit_metrics_test_LDADD = $(unit_libs) $(layer_libs) $(foreign_libs)
