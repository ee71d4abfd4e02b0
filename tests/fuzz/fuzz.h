/*
 * fuzz.h - the one function of a fuzz target.
 *
 * Called with any bytes, very often, in one process: free what it allocates,
 * keep nothing between calls, use no clock, no random, no file, no socket.
 * data is a heap copy of exactly size bytes, so a sanitizer sees each byte
 * read beyond it. Check what must hold with ASSERT (base/err.h). Return 0.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
