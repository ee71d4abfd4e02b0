/*
 * rec.h - the first eight bytes of every stored record.
 *
 * Numbers are stored in the order of this machine: a store is never carried
 * to another kind of processor.
 */
#ifndef STATE_REC_H
#define STATE_REC_H

#include <stdint.h>
#include <string.h>

#include "base/crypto.h"
#include "base/err.h"

struct rec_head {
	uint32_t	 crc;		/* CRC-32C of all that follows */
	uint8_t		 version;
	uint8_t		 zero[3];
};

/* Fill the head of a record of n bytes (alignment does not matter). */
static inline void
rec_seal(void *p, size_t n, uint8_t version)
{
	struct rec_head h = { 0, version, { 0, 0, 0 } };

	memcpy(p, &h, sizeof(h));
	h.crc = crypto_crc32c(0, (char *)p + 4, n - 4);
	memcpy(p, &h.crc, sizeof(h.crc));
}

/* 0, ERR_CORRUPT (too short or damaged), or ERR_VERSION. */
static inline int
rec_check(const void *p, size_t n, uint8_t version)
{
	struct rec_head h;

	if (n < sizeof(h))
		return ERR_CORRUPT;
	memcpy(&h, p, sizeof(h));
	if (h.crc != crypto_crc32c(0, (const char *)p + 4, n - 4))
		return ERR_CORRUPT;
	return h.version == version ? 0 : ERR_VERSION;
}

#endif
