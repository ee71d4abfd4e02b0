/*
 * db_key.h - keys of the stores: the table, then fixed binary fields, numbers
 * big end first so that they sort.
 */
#ifndef STATE_DB_KEY_H
#define STATE_DB_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define DB_KEY_MAX	300

struct db_key {
	size_t		 n;
	unsigned char	 b[DB_KEY_MAX];
};

void db_key(struct db_key *k, unsigned char table);
void db_key_u8(struct db_key *k, uint8_t v);
void db_key_u16(struct db_key *k, uint16_t v);
void db_key_u32(struct db_key *k, uint32_t v);
void db_key_u64(struct db_key *k, uint64_t v);
void db_key_bytes(struct db_key *k, const void *p, size_t n);
/* One byte of length, then the text (at most 255 bytes of it). */
void db_key_str(struct db_key *k, struct str s);
/* Read a field of n bytes at p. */
uint64_t db_key_number(const void *p, size_t n);

#endif
