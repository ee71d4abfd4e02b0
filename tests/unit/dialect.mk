# Unit tests of the dialect layer.
unit_dialect = tests/unit/able_test \
	tests/unit/codec_anthropic_test \
	tests/unit/codec_anthropic_ask_test \
	tests/unit/codec_anthropic_msgs_test \
	tests/unit/codec_anthropic_put_test \
	tests/unit/codec_anthropic_read_test \
	tests/unit/codec_anthropic_tool_test \
	tests/unit/codec_gemini_ask_test \
	tests/unit/codec_gemini_req_test \
	tests/unit/codec_gemini_test \
	tests/unit/codec_gemini_write_test \
	tests/unit/codec_chat_answer_test \
	tests/unit/codec_chat_cell_test \
	tests/unit/codec_chat_variant_test \
	tests/unit/codec_memory_test tests/unit/codec_url_test \
	tests/unit/codec_ollama_cell_test \
	tests/unit/codec_ollama_test \
	tests/unit/codec_openai_chat_test \
	tests/unit/codec_responses_put_test \
	tests/unit/codec_responses_test \
	tests/unit/codec_rig_test \
	tests/unit/codec_unified_test \
	tests/unit/count_test \
	tests/unit/embed_test \
	tests/unit/fault_test tests/unit/jt_test \
	tests/unit/media_test \
	tests/unit/openai_chat_test tests/unit/sse_test \
	tests/unit/style_test tests/unit/tap_test \
	tests/unit/wire_test
check_PROGRAMS += $(unit_dialect)
TESTS += $(unit_dialect)
unit_codec_rig = tests/unit/codec_rig.c tests/unit/codec_rig_req.c \
	tests/unit/codec_rig.h
unit_codec_libs = $(unit_libs) libdialect.a libconf.a libbase.a \
	$(foreign_libs)

tests_unit_count_test_SOURCES = tests/unit/count_test.c $(unit_codec_rig)
tests_unit_count_test_CPPFLAGS = $(unit_cppflags)
tests_unit_count_test_LDADD = $(unit_codec_libs)

tests_unit_codec_url_test_SOURCES = tests/unit/codec_url_test.c \
	$(unit_codec_rig)
tests_unit_codec_url_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_url_test_LDADD = $(unit_codec_libs)
tests_unit_codec_memory_test_SOURCES = tests/unit/codec_memory_test.c
tests_unit_codec_memory_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_memory_test_LDADD = $(unit_codec_libs)

tests_unit_codec_anthropic_ask_test_SOURCES = \
	tests/unit/codec_anthropic_ask_test.c $(unit_codec_rig)
tests_unit_codec_anthropic_ask_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_anthropic_ask_test_LDADD = $(unit_codec_libs)

tests_unit_codec_anthropic_msgs_test_SOURCES = \
	tests/unit/codec_anthropic_msgs_test.c $(unit_codec_rig)
tests_unit_codec_anthropic_msgs_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_anthropic_msgs_test_LDADD = $(unit_codec_libs)

tests_unit_codec_anthropic_put_test_SOURCES = \
	tests/unit/codec_anthropic_put_test.c $(unit_codec_rig)
tests_unit_codec_anthropic_put_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_anthropic_put_test_LDADD = $(unit_codec_libs)

tests_unit_codec_anthropic_read_test_SOURCES = \
	tests/unit/codec_anthropic_read_test.c $(unit_codec_rig)
tests_unit_codec_anthropic_read_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_anthropic_read_test_LDADD = $(unit_codec_libs)

tests_unit_codec_anthropic_tool_test_SOURCES = \
	tests/unit/codec_anthropic_tool_test.c $(unit_codec_rig)
tests_unit_codec_anthropic_tool_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_anthropic_tool_test_LDADD = $(unit_codec_libs)

tests_unit_codec_anthropic_test_SOURCES = \
	tests/unit/codec_anthropic_test.c $(unit_codec_rig)
tests_unit_codec_anthropic_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_anthropic_test_LDADD = $(unit_codec_libs)

tests_unit_codec_chat_answer_test_SOURCES = \
	tests/unit/codec_chat_answer_test.c $(unit_codec_rig)
tests_unit_codec_chat_answer_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_chat_answer_test_LDADD = $(unit_codec_libs)

tests_unit_codec_chat_cell_test_SOURCES = \
	tests/unit/codec_chat_cell_test.c $(unit_codec_rig)
tests_unit_codec_chat_cell_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_chat_cell_test_LDADD = $(unit_codec_libs)

tests_unit_codec_chat_variant_test_SOURCES = \
	tests/unit/codec_chat_variant_test.c $(unit_codec_rig)
tests_unit_codec_chat_variant_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_chat_variant_test_LDADD = $(unit_codec_libs)

tests_unit_codec_ollama_cell_test_SOURCES = \
	tests/unit/codec_ollama_cell_test.c $(unit_codec_rig)
tests_unit_codec_ollama_cell_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_ollama_cell_test_LDADD = $(unit_codec_libs)

tests_unit_codec_ollama_test_SOURCES = \
	tests/unit/codec_ollama_test.c $(unit_codec_rig)
tests_unit_codec_ollama_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_ollama_test_LDADD = $(unit_codec_libs)

tests_unit_codec_openai_chat_test_SOURCES = \
	tests/unit/codec_openai_chat_test.c $(unit_codec_rig)
tests_unit_codec_openai_chat_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_openai_chat_test_LDADD = $(unit_codec_libs)

tests_unit_codec_responses_put_test_SOURCES = \
	tests/unit/codec_responses_put_test.c $(unit_codec_rig)
tests_unit_codec_responses_put_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_responses_put_test_LDADD = $(unit_codec_libs)

tests_unit_codec_responses_test_SOURCES = \
	tests/unit/codec_responses_test.c $(unit_codec_rig)
tests_unit_codec_responses_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_responses_test_LDADD = $(unit_codec_libs)

tests_unit_codec_unified_test_SOURCES = \
	tests/unit/codec_unified_test.c $(unit_codec_rig)
tests_unit_codec_unified_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_unified_test_LDADD = $(unit_codec_libs)

tests_unit_codec_rig_test_SOURCES = tests/unit/codec_rig_test.c \
	$(unit_codec_rig)
tests_unit_codec_rig_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_rig_test_LDADD = $(unit_codec_libs)

tests_unit_codec_gemini_ask_test_SOURCES = \
	tests/unit/codec_gemini_ask_test.c \
	tests/unit/codec_gemini_rows.h $(unit_codec_rig)
tests_unit_codec_gemini_ask_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_gemini_ask_test_LDADD = $(unit_codec_libs)

tests_unit_codec_gemini_req_test_SOURCES = \
	tests/unit/codec_gemini_req_test.c $(unit_codec_rig)
tests_unit_codec_gemini_req_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_gemini_req_test_LDADD = $(unit_codec_libs)

tests_unit_codec_gemini_write_test_SOURCES = \
	tests/unit/codec_gemini_write_test.c \
	tests/unit/codec_gemini_rows.h $(unit_codec_rig)
tests_unit_codec_gemini_write_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_gemini_write_test_LDADD = $(unit_codec_libs)

tests_unit_codec_gemini_test_SOURCES = tests/unit/codec_gemini_test.c \
	$(unit_codec_rig)
tests_unit_codec_gemini_test_CPPFLAGS = $(unit_cppflags)
tests_unit_codec_gemini_test_LDADD = $(unit_codec_libs)

tests_unit_able_test_SOURCES = tests/unit/able_test.c
tests_unit_able_test_CPPFLAGS = $(unit_cppflags)
tests_unit_able_test_LDADD = $(unit_libs) libdialect.a libconf.a libbase.a \
	$(foreign_libs)
tests_unit_embed_test_SOURCES = tests/unit/embed_test.c
tests_unit_embed_test_CPPFLAGS = $(unit_cppflags)
tests_unit_embed_test_LDADD = $(unit_codec_libs)

tests_unit_fault_test_SOURCES = tests/unit/fault_test.c
tests_unit_fault_test_CPPFLAGS = $(unit_cppflags)
tests_unit_fault_test_LDADD = $(unit_libs) libdialect.a libbase.a \
	$(foreign_libs)

tests_unit_jt_test_SOURCES = tests/unit/jt_test.c
tests_unit_jt_test_CPPFLAGS = $(unit_cppflags)
tests_unit_jt_test_LDADD = $(unit_libs) libdialect.a libconf.a \
	libbase.a $(foreign_libs)

tests_unit_media_test_SOURCES = tests/unit/media_test.c
tests_unit_media_test_CPPFLAGS = $(unit_cppflags)
tests_unit_media_test_LDADD = $(unit_libs) libdialect.a libbase.a \
	$(foreign_libs)

tests_unit_openai_chat_test_SOURCES = tests/unit/openai_chat_test.c
tests_unit_openai_chat_test_CPPFLAGS = $(unit_cppflags)
tests_unit_openai_chat_test_LDADD = $(unit_codec_libs)

tests_unit_sse_test_SOURCES = tests/unit/sse_test.c
tests_unit_sse_test_CPPFLAGS = $(unit_cppflags)
tests_unit_sse_test_LDADD = $(unit_libs) libdialect.a libbase.a \
	$(foreign_libs)

tests_unit_style_test_SOURCES = tests/unit/style_test.c
tests_unit_style_test_CPPFLAGS = $(unit_cppflags)
tests_unit_style_test_LDADD = $(unit_codec_libs)

tests_unit_wire_test_SOURCES = tests/unit/wire_test.c
tests_unit_wire_test_CPPFLAGS = $(unit_cppflags)
tests_unit_wire_test_LDADD = $(unit_codec_libs)

tests_unit_tap_test_SOURCES = tests/unit/tap_test.c
tests_unit_tap_test_CPPFLAGS = $(unit_cppflags)
tests_unit_tap_test_LDADD = $(unit_codec_libs)
