# Files of the dialect layer.
noinst_LIBRARIES += libdialect.a
libdialect_a_SOURCES = \
	src/lib/dialect/able.c src/lib/dialect/able.h \
	src/lib/dialect/able_embed.c \
	src/lib/dialect/anthropic.c src/lib/dialect/an.h \
	src/lib/dialect/anthropic_block.c \
	src/lib/dialect/anthropic_event.c \
	src/lib/dialect/anthropic_msgs.c \
	src/lib/dialect/anthropic_out.c \
	src/lib/dialect/anthropic_part.c \
	src/lib/dialect/anthropic_put.c src/lib/dialect/an_put.h \
	src/lib/dialect/anthropic_read.c src/lib/dialect/an_read.h \
	src/lib/dialect/anthropic_schema.c \
	src/lib/dialect/anthropic_think.c \
	src/lib/dialect/anthropic_tool.c \
	src/lib/dialect/anthropic_words.c \
	src/lib/dialect/anthropic_write.c src/lib/dialect/an_write.h \
	src/lib/dialect/chat.c src/lib/dialect/chat.h \
	src/lib/dialect/chat_call.c \
	src/lib/dialect/chat_event.c src/lib/dialect/chat_in.h \
	src/lib/dialect/chat_put.c src/lib/dialect/chat_put_body.c \
	src/lib/dialect/chat_put_part.c \
	src/lib/dialect/chat_read.c src/lib/dialect/chat_read_msg.c \
	src/lib/dialect/chat_read_tool.c \
	src/lib/dialect/chat_write.c src/lib/dialect/chat_write_msg.c \
	src/lib/dialect/chat_write_part.c \
	src/lib/dialect/chat_write_tool.c \
	src/lib/dialect/codec.c src/lib/dialect/codec.h \
	src/lib/dialect/count.c src/lib/dialect/count.h \
	src/lib/dialect/dialect.c src/lib/dialect/dialect.h \
	src/lib/dialect/embed.c src/lib/dialect/embed.h \
	src/lib/dialect/embed_chat.c src/lib/dialect/gemini_embed.c \
	src/lib/dialect/ollama_embed.c \
	src/lib/dialect/fault.c src/lib/dialect/fault_read.c src/lib/dialect/fault.h \
	src/lib/dialect/frame.c src/lib/dialect/frame.h \
	src/lib/dialect/gemini.c src/lib/dialect/ge.h \
	src/lib/dialect/groq.c \
	src/lib/dialect/gemini_ask.c src/lib/dialect/gemini_body.c \
	src/lib/dialect/gemini_config.c src/lib/dialect/gemini_out.h \
	src/lib/dialect/gemini_event.c src/lib/dialect/gemini_in.h \
	src/lib/dialect/gemini_logprobs.c src/lib/dialect/gemini_media.c \
	src/lib/dialect/gemini_part.c src/lib/dialect/gemini_partial.c \
	src/lib/dialect/gemini_put.c src/lib/dialect/gemini_read.c \
	src/lib/dialect/gemini_schema.c src/lib/dialect/gemini_words.c \
	src/lib/dialect/gemini_write.c \
	src/lib/dialect/ir.c src/lib/dialect/ir.h \
	src/lib/dialect/jt.c src/lib/dialect/jt.h \
	src/lib/dialect/jw.c src/lib/dialect/jw.h \
	src/lib/dialect/media.c src/lib/dialect/media.h \
	src/lib/dialect/model.c src/lib/dialect/model.h \
	src/lib/dialect/ollama.c src/lib/dialect/ollama.h \
	src/lib/dialect/ollama_event.c src/lib/dialect/ollama_put.c \
	src/lib/dialect/ollama_write.c \
	src/lib/dialect/openai_chat.c \
	src/lib/dialect/responses.c src/lib/dialect/resp.h \
	src/lib/dialect/responses_event.c \
	src/lib/dialect/responses_history.c \
	src/lib/dialect/responses_items.c \
	src/lib/dialect/responses_object.c \
	src/lib/dialect/responses_out.c src/lib/dialect/rout.h \
	src/lib/dialect/responses_put.c src/lib/dialect/responses_read.c \
	src/lib/dialect/responses_write.c \
	src/lib/dialect/sse.c src/lib/dialect/sse.h \
	src/lib/dialect/style.c src/lib/dialect/style.h \
	src/lib/dialect/tap.c src/lib/dialect/tap.h \
	src/lib/dialect/tap_anthropic.c src/lib/dialect/tap_gemini.c \
	src/lib/dialect/tap_responses.c \
	src/lib/dialect/unified.c src/lib/dialect/unified.h \
	src/lib/dialect/unified_check.c \
	src/lib/dialect/unknown.c src/lib/dialect/unknown.h \
	src/lib/dialect/wire.c src/lib/dialect/wire.h
