# Files of src/mock.
bin_PROGRAMS += aigw-mock
aigw_mock_SOURCES = \
	src/mock/mock.c src/mock/mock.h \
	src/mock/mock_act.c src/mock/mock_act.h \
	src/mock/mock_answer.c src/mock/mock_answer.h \
	src/mock/mock_anthropic.c src/mock/mock_anthropic_check.c \
	src/mock/mock_azure.c \
	src/mock/mock_conf.c src/mock/mock_conf.h \
	src/mock/mock_control.c \
	src/mock/mock_dialect.c src/mock/mock_dialects.h \
	src/mock/mock_echo.c src/mock/mock_echo.h \
	src/mock/mock_embed.c \
	src/mock/mock_gemini.c src/mock/mock_gemini.h \
	src/mock/mock_gemini_ask.c src/mock/mock_gemini_misc.c \
	src/mock/mock_gen.c src/mock/mock_gen.h \
	src/mock/mock_groq.c \
	src/mock/mock_gzip.c src/mock/mock_gzip.h \
	src/mock/mock_like.c src/mock/mock_like.h \
	src/mock/mock_meter.c src/mock/mock_meter.h \
	src/mock/mock_mistral.c \
	src/mock/mock_ollama.c \
	src/mock/mock_openai.c src/mock/mock_openai.h \
	src/mock/mock_openai_gen.c \
	src/mock/mock_openai_misc.c \
	src/mock/mock_options.c src/mock/mock_options.h \
	src/mock/mock_replay.c src/mock/mock_replay.h \
	src/mock/mock_request.c src/mock/mock_request.h \
	src/mock/mock_responses.c \
	src/mock/mock_serve.c src/mock/mock_serve.h \
	src/mock/mock_shared.c src/mock/mock_shared.h \
	src/mock/mock_text.c src/mock/mock_text.h \
	src/mock/mock_wire.c
aigw_mock_LDADD = libnet.a libbase.a $(foreign_libs)
