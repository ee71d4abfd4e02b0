/*
 * db_key.c - keys of the stores.
 *
 * Runs in: every process that opens the stores.
 * Owns: nothing.
 */
#include "base/err.h"
#include "state/db_key.h"

void
db_key(struct db_key *k, unsigned char table)
{
	k->n = 1;
	k->b[0] = table;
}

void
db_key_bytes(struct db_key *k, const void *p, size_t n)
{
	ASSERT(k->n + n <= sizeof(k->b));
	if (n > 0)		/* an empty one may have no address */
		memcpy(k->b + k->n, p, n);
	k->n += n;
}

void
db_key_u8(struct db_key *k, uint8_t v)
{
	db_key_bytes(k, &v, 1);
}

void
db_key_u16(struct db_key *k, uint16_t v)
{
	v = __builtin_bswap16(v);
	db_key_bytes(k, &v, sizeof(v));
}

void
db_key_u32(struct db_key *k, uint32_t v)
{
	v = __builtin_bswap32(v);
	db_key_bytes(k, &v, sizeof(v));
}

void
db_key_u64(struct db_key *k, uint64_t v)
{
	v = __builtin_bswap64(v);
	db_key_bytes(k, &v, sizeof(v));
}

void
db_key_str(struct db_key *k, struct str s)
{
	size_t n = s.n > 255 ? 255 : s.n;

	db_key_u8(k, (uint8_t)n);
	db_key_bytes(k, s.p, n);
}

uint64_t
db_key_number(const void *p, size_t n)
{
	const unsigned char *q = p;
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | *q++;
	return v;
}
