# Tests of the formats against each other, and their tables.
golden_tests = tests/golden/answers_test tests/golden/asks_test \
	tests/golden/cut_test tests/golden/errors_test \
	tests/golden/edge_answer_test tests/golden/edge_more_test \
	tests/golden/edge_test tests/golden/fields_test \
	tests/golden/matrix_test
check_PROGRAMS += $(golden_tests)
TESTS += $(golden_tests) tests/golden/fields.py
EXTRA_DIST += tests/golden/fields.py tests/golden/fields.rows tests/golden/fields.silent \
	tests/golden/matrix.rows tests/golden/matrix.table \
	tests/golden/answers.AN tests/golden/answers.GE \
	tests/golden/answers.GR tests/golden/answers.MI \
	tests/golden/answers.OC tests/golden/answers.OL \
	tests/golden/answers.OR \
	tests/golden/answers.table tests/golden/asks.table \
	tests/golden/recorded.table tests/golden/recorded_asks.table

golden_rig = tests/golden/formats.c tests/golden/golden.h \
	tests/golden/probe.c tests/golden/probe.h $(unit_codec_rig)
golden_cppflags = $(unit_cppflags) -I$(srcdir)/tests/unit \
	-I$(srcdir)/tests/golden

tests_golden_matrix_test_SOURCES = tests/golden/matrix_test.c \
	tests/golden/matrix.c $(golden_rig)
tests_golden_matrix_test_CPPFLAGS = $(golden_cppflags)
tests_golden_matrix_test_LDADD = $(unit_codec_libs)

tests_golden_fields_test_SOURCES = tests/golden/fields_test.c \
	tests/golden/matrix.c $(golden_rig)
tests_golden_fields_test_CPPFLAGS = $(golden_cppflags)
tests_golden_fields_test_LDADD = $(unit_codec_libs)

golden_look = tests/golden/look.c tests/golden/look.h \
	tests/golden/look_chat.c tests/golden/look_compare.c \
	tests/golden/look_gemini.c tests/golden/look_messages.c \
	tests/golden/look_ollama.c \
	tests/golden/look_responses.c
golden_answers = tests/golden/answers.c tests/golden/answers.h
tests_golden_answers_test_SOURCES = tests/golden/answers_test.c \
	$(golden_answers) $(golden_look) $(golden_rig)
tests_golden_answers_test_CPPFLAGS = $(golden_cppflags)
tests_golden_answers_test_LDADD = $(unit_codec_libs)

tests_golden_cut_test_SOURCES = tests/golden/cut_test.c \
	$(golden_answers) $(golden_look) $(golden_rig)
tests_golden_cut_test_CPPFLAGS = $(golden_cppflags)
tests_golden_cut_test_LDADD = $(unit_codec_libs)

tests_golden_errors_test_SOURCES = tests/golden/errors_test.c \
	$(golden_answers) $(golden_rig)
tests_golden_errors_test_CPPFLAGS = $(golden_cppflags)
tests_golden_errors_test_LDADD = $(unit_libs) libupstream.a libnet.a \
	libdialect.a libconf.a libbase.a $(foreign_libs)

golden_edge = tests/golden/edge.c tests/golden/edge.h tests/golden/matrix.c
tests_golden_edge_more_test_SOURCES = tests/golden/edge_more_test.c \
	$(golden_edge) $(golden_rig)
tests_golden_edge_more_test_CPPFLAGS = $(golden_cppflags)
tests_golden_edge_more_test_LDADD = $(unit_codec_libs)

tests_golden_edge_test_SOURCES = tests/golden/edge_test.c $(golden_edge) \
	$(golden_rig)
tests_golden_edge_test_CPPFLAGS = $(golden_cppflags)
tests_golden_edge_test_LDADD = $(unit_codec_libs)

tests_golden_edge_answer_test_SOURCES = tests/golden/edge_answer_test.c \
	$(golden_look) $(golden_rig)
tests_golden_edge_answer_test_CPPFLAGS = $(golden_cppflags)
tests_golden_edge_answer_test_LDADD = $(unit_codec_libs)

tests_golden_asks_test_SOURCES = tests/golden/asks_test.c \
	tests/golden/ask.c tests/golden/ask.h tests/golden/matrix.c \
	$(golden_rig)
tests_golden_asks_test_CPPFLAGS = $(golden_cppflags)
tests_golden_asks_test_LDADD = $(unit_codec_libs)
