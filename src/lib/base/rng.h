/*
 * rng.h - random bytes from the kernel.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/* Fill p with n unpredictable bytes (getrandom(2), buffered per process). */
void rng_bytes(void *p, size_t n);
uint64_t rng_u64(void);
/* Uniform in [0, n); n > 0. */
uint64_t rng_below(uint64_t n);
/* n characters of [A-Za-z0-9] and a NUL: dst has n + 1 bytes. */
void rng_text(char *dst, size_t n);

#endif
