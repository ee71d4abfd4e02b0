# Fuzz targets.
#
# To add one, say for src/lib/net/http1.c:
#   1. tests/fuzz/http1_fuzz.c: LLVMFuzzerTestOneInput, see tests/fuzz/fuzz.h.
#      It must never fail on any input but by ASSERT, a sanitizer or a crash.
#   2. tests/fuzz/corpus/http1/: at least one seed, small files, good and bad.
#      Optional: tests/fuzz/http1.dict, words in libFuzzer's form.
#   3. One line in the list below. Nothing else: source, flags and libraries
#      (all layers) are the defaults of this folder.
#
# "make check" replays the corpus of each target: every file is a point. A file
# that once made a target fail goes into the corpus and stays there.
# "tests/fuzz/run 60" fuzzes all targets for 60 seconds each, "tests/fuzz/run
# 60 http1" one; see there. "tests/fuzz/http1_fuzz FILE" replays one file.
fuzz_targets = \
	tests/fuzz/codec_fuzz \
	tests/fuzz/codec_chat_fuzz \
	tests/fuzz/codec_responses_fuzz \
	tests/fuzz/codec_anthropic_fuzz \
	tests/fuzz/codec_gemini_fuzz \
	tests/fuzz/codec_mistral_fuzz \
	tests/fuzz/codec_groq_fuzz \
	tests/fuzz/codec_ollama_fuzz \
	tests/fuzz/conf_fuzz \
	tests/fuzz/ctlsock_fuzz \
	tests/fuzz/embed_fuzz \
	tests/fuzz/form_fuzz \
	tests/fuzz/http1_fuzz \
	tests/fuzz/http1_body_fuzz \
	tests/fuzz/jscan_fuzz \
	tests/fuzz/openai_chat_fuzz \
	tests/fuzz/sse_fuzz \
	tests/fuzz/msg_fuzz

check_PROGRAMS += $(fuzz_targets)
tests_fuzz_ctlsock_fuzz_SOURCES = tests/fuzz/ctlsock_fuzz.c \
	src/admin/ctl_request.c
TESTS += $(fuzz_targets)
check_LIBRARIES += libreplay.a
libreplay_a_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz.h
libreplay_a_CPPFLAGS = $(unit_cppflags)
# For the programs that name no libraries of their own: the fuzz targets. Their
# main is in libreplay.a; tests/fuzz/run links libFuzzer's instead.
LDADD = libreplay.a $(layer_libs) $(foreign_libs)

EXTRA_DIST += tests/fuzz/codec_try.h tests/fuzz/long.py tests/fuzz/run tests/fuzz/corpus tests/fuzz/jscan.dict \
	tests/fuzz/conf.dict \
	tests/fuzz/http1.dict tests/fuzz/http1_body.dict
