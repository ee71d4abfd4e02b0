/*
 * addr_book.h - provider addresses that the checker resolved (in hot).
 */
#ifndef STATE_ADDR_BOOK_H
#define STATE_ADDR_BOOK_H

#include "state/state.h"

#define ADDR_BOOK_MAX	8	/* addresses kept of one host */

struct addr_book_rec {
	char		 host[256];	/* as in base_url, lower case */
	int64_t		 resolved_us;	/* real time */
	int		 error;		/* 0, or 1: could not be resolved */
	char		 error_text[96];
	unsigned	 n;
	unsigned char	 addr[ADDR_BOOK_MAX][16];	/* v4 mapped */
};

uint64_t addr_book_version(struct state *st);
int addr_book_get(struct state *st, const char *host,
    struct addr_book_rec *out);
/* Checker (blocking). */
int addr_book_put(struct state *st, const struct addr_book_rec *rec);

#endif
