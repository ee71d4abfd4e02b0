/*
 * sums.h - what the rows of totals.c and sessions.c have in common.
 */
#ifndef STATE_SUMS_H
#define STATE_SUMS_H

#include "state/usage.h"

/* As it is stored in TABLE_TOTAL. */
struct sums {
	uint64_t	 requests, failed, streams, aborted, estimated;
	uint64_t	 input, output, cached, cache_write, reasoning;
	uint64_t	 duration_us;
	uint64_t	 cost_low;
	int64_t		 cost_high;
	int64_t		 last_us;	/* end of the latest request */
};

void sums_add(struct sums *s, const struct usage_rec *r);
/* Put others to them; take others, that are a part of them, from them. */
void sums_join(struct sums *s, const struct sums *others);
void sums_part(struct sums *s, const struct sums *others);
/* Put them into u. */
void sums_show(const struct sums *s, struct usage_total *u);
/* No more of a name than is stored. */
struct str sums_cut(struct str name);

/* UTC day of a real time. */
int32_t sums_day(int64_t real_us);
/* A key that begins with the day, so that days sort; and the day of one. */
void sums_day_key(struct db_key *k, unsigned char table, int32_t day);
int32_t sums_key_day(struct str key);
/* A text of a key, cut from its front: 0 or ERR_CORRUPT. */
int sums_key_text(struct str *key, char dst[USAGE_NAME_MAX + 1]);

/*
 * usage_totals for a table whose keys begin with the day. decode fills in a
 * row: 0, SUMS_NONE (it is none to be seen), or a code.
 */
#define SUMS_NONE 1
int sums_walk(struct state *st, unsigned char table, int32_t from, int32_t to,
    int (*decode)(struct str key, struct str val, struct usage_total *u),
    struct usage_walk *walk,
    int (*fn)(void *arg, const struct usage_total *t), void *arg);

#endif
