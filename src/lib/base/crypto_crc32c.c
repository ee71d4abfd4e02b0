/*
 * crypto_crc32c.c - the Castagnoli checksum, by instruction or by table.
 *
 * Runs in: every process.
 * Owns: the table, made at first use.
 */
#include <string.h>

#include "base/crypto.h"

#define POLY 0x82f63b78u	/* reflected */

static uint32_t table[256];

static void
make_table(void)
{
	uint32_t c;
	int i, k;

	for (i = 0; i < 256; i++) {
		c = (uint32_t)i;
		for (k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ POLY : c >> 1;
		table[i] = c;
	}
}

static uint32_t
by_table(uint32_t c, const unsigned char *p, size_t n)
{
	if (table[1] == 0)
		make_table();
	while (n-- > 0)
		c = c >> 8 ^ table[(c ^ *p++) & 0xff];
	return c;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2")))
static uint32_t
by_instruction(uint32_t c, const unsigned char *p, size_t n)
{
	uint64_t c8 = c, v;

	for (; n >= 8; n -= 8, p += 8) {
		memcpy(&v, p, 8);
		c8 = __builtin_ia32_crc32di(c8, v);
	}
	c = (uint32_t)c8;
	while (n-- > 0)
		c = __builtin_ia32_crc32qi(c, *p++);
	return c;
}

static int
have_instruction(void)
{
	return __builtin_cpu_supports("sse4.2");
}
#else
#define by_instruction	by_table
#define have_instruction() 0
#endif

uint32_t
crypto_crc32c_table(uint32_t crc, const void *p, size_t n)
{
	return ~by_table(~crc, p, n);
}

uint32_t
crypto_crc32c(uint32_t crc, const void *p, size_t n)
{
	return ~(have_instruction() ? by_instruction(~crc, p, n) :
	    by_table(~crc, p, n));
}
