/*
 * addr_book.c - provider addresses that the checker resolved.
 *
 * Runs in: checker (write), worker (read).
 * Owns: TABLE_ADDR.
 */
#include <stddef.h>

#include "state/addr_book.h"
#include "state/rec.h"
#include "state/state_priv.h"

#define ADDR_VERSION	1

struct addr_stored {
	struct rec_head	 head;
	int64_t		 resolved_us;
	int32_t		 error;
	uint32_t	 n;
	char		 error_text[96];
	unsigned char	 addr[ADDR_BOOK_MAX][16];
};

static void
row_key(struct db_key *k, const char *host)
{
	db_key(k, TABLE_ADDR);
	db_key_str(k, str_of(host));
}

uint64_t
addr_book_version(struct state *st)
{
	uint64_t v;

	return schema_meta_get(st->hot, META_ADDRS, &v) == 0 ? v : 0;
}

int
addr_book_get(struct state *st, const char *host, struct addr_book_rec *out)
{
	struct addr_stored s;
	struct db_key k;
	struct str val;
	int rc;

	row_key(&k, host);
	if ((rc = db_get(st->hot, &k, &val)) != 0)
		return rc;
	if (val.n < offsetof(struct addr_stored, addr) ||
	    val.n > sizeof(s))
		return ERR_CORRUPT;
	if ((rc = rec_check(val.p, val.n, ADDR_VERSION)) != 0)
		return rc;
	memset(&s, 0, sizeof(s));
	memcpy(&s, val.p, val.n);
	if (s.n > ADDR_BOOK_MAX)
		return ERR_CORRUPT;
	memset(out, 0, sizeof(*out));
	str_copy(out->host, sizeof(out->host), str_of(host));
	out->resolved_us = s.resolved_us;
	out->error = s.error;
	memcpy(out->error_text, s.error_text, sizeof(out->error_text));
	out->n = s.n;
	memcpy(out->addr, s.addr, sizeof(out->addr));
	return 0;
}

int
addr_book_put(struct state *st, const struct addr_book_rec *rec)
{
	struct addr_stored s;
	struct db_key k;
	size_t n;
	int rc;

	memset(&s, 0, sizeof(s));
	s.resolved_us = rec->resolved_us;
	s.error = rec->error;
	s.n = rec->n > ADDR_BOOK_MAX ? ADDR_BOOK_MAX : rec->n;
	str_copy(s.error_text, sizeof(s.error_text),
	    str_of(rec->error_text));
	memcpy(s.addr, rec->addr, s.n * 16);
	n = offsetof(struct addr_stored, addr) + s.n * 16;
	rec_seal(&s, n, ADDR_VERSION);
	row_key(&k, rec->host);
	if ((rc = db_begin(st->hot)) != 0)
		return rc;
	if ((rc = db_put(st->hot, &k, &s, n)) != 0 ||
	    (rc = schema_meta_bump(st->hot, META_ADDRS)) != 0) {
		db_abort(st->hot);
		return rc;
	}
	return db_commit(st->hot);
}
