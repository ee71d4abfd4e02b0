/*
 * codec_chat_fuzz.c - requests, streams and whole answers of OpenAI Chat Completions.
 *
 * Runs in: the fuzzer, and "make check" on its corpus.
 * Owns: nothing.
 */
#include "codec_try.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return codec_try(DIALECT_OPENAI, 0, data, size);
}
