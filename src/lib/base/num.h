/*
 * num.h - numbers, sizes, times and money as text.
 *
 * All parsers want the whole of s: trailing bytes are ERR_FORMAT, a value that
 * does not fit is ERR_RANGE, *out is then untouched.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdint.h>

#include "base/str.h"

/* Decimal digits only, no sign, no blanks. */
int num_u64(struct str s, uint64_t *out);
/* Optional '-', then digits. */
int num_i64(struct str s, int64_t *out);
/* Hexadecimal digits only, at most 16. */
int num_hex(struct str s, uint64_t *out);
/* "4096", "64k", "32m", "1g" (powers of 1,024), case-insensitive: bytes. */
int num_size(struct str s, uint64_t *out);
/* "250ms", "10s", "15m", "2h", "1d", "0": microseconds. Unit required but
 * for 0. */
int num_time_us(struct str s, int64_t *out);
/* JSON or decimal number, exponent allowed, times 10^scale, rounded half away
 * from zero, exact: "6.25e-06" with scale 12 is 6250000. */
int num_decimal(struct str s, int scale, int64_t *out);
/* Digits of v into dst (at least 21 bytes, no NUL); the length. */
size_t num_put_u64(char *dst, uint64_t v);
/* Pico-dollars as dollars with digits decimals (0..12), half up; dst has 40
 * bytes; terminated; the length. */
size_t num_put_usd(char *dst, int64_t pico, int digits);

#endif
