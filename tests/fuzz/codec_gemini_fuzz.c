/*
 * codec_gemini_fuzz.c - requests, streams and whole answers of Gemini.
 *
 * Runs in: the fuzzer, and "make check" on its corpus.
 * Owns: nothing.
 */
#include "codec_try.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return codec_try(DIALECT_GEMINI, 0, data, size);
}
