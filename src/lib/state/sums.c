/*
 * sums.c - what the rows of totals.c and sessions.c have in common.
 *
 * Runs in: recorder (write); worker, admin (read).
 * Owns: nothing.
 */
#include "base/clock.h"
#include "base/err.h"
#include "state/state_priv.h"
#include "state/sums.h"

#define DAY_US		(86400 * CLOCK_US_S)

/* All but the cost and the time. */
#define NUMBERS(X) X(requests) X(failed) X(streams) X(aborted) X(estimated) \
	X(input) X(output) X(cached) X(cache_write) X(reasoning) X(duration_us)

static __int128
cost_of(const struct sums *s)
{
	return (__int128)(((unsigned __int128)(uint64_t)s->cost_high << 64) |
	    s->cost_low);
}

static void
set_cost(struct sums *s, __int128 cost)
{
	s->cost_low = (uint64_t)cost;
	s->cost_high = (int64_t)(cost >> 64);
}

void
sums_add(struct sums *s, const struct usage_rec *r)
{
	set_cost(s, cost_of(s) + r->cost);
	s->requests++;
	s->failed += (r->flags & USAGE_FAILED) != 0;
	s->streams += (r->flags & USAGE_STREAM) != 0;
	s->aborted += (r->flags & USAGE_ABORTED) != 0;
	s->estimated += (r->flags & USAGE_ESTIMATED) != 0;
	s->input += r->input;
	s->output += r->output;
	s->cached += r->cached;
	s->cache_write += r->cache_write;
	s->reasoning += r->reasoning;
	s->duration_us += r->duration_us;
	if (s->last_us < r->real_us)
		s->last_us = r->real_us;
}

void
sums_join(struct sums *s, const struct sums *o)
{
#define JOIN(number) s->number += o->number;
	NUMBERS(JOIN)
	set_cost(s, cost_of(s) + cost_of(o));
	if (s->last_us < o->last_us)
		s->last_us = o->last_us;
}

void
sums_part(struct sums *s, const struct sums *o)
{
#define PART(number) s->number -= s->number < o->number ? s->number : o->number;
	NUMBERS(PART)
	set_cost(s, cost_of(s) - cost_of(o));
}

void
sums_show(const struct sums *s, struct usage_total *u)
{
	u->requests = s->requests;
	u->failed = s->failed;
	u->streams = s->streams;
	u->aborted = s->aborted;
	u->estimated = s->estimated;
	u->input = s->input;
	u->output = s->output;
	u->cached = s->cached;
	u->cache_write = s->cache_write;
	u->reasoning = s->reasoning;
	u->duration_us = s->duration_us;
	u->last_us = s->last_us;
	u->cost = cost_of(s);
}

struct str
sums_cut(struct str s)
{
	return str_make(s.p, s.n > USAGE_NAME_MAX ? USAGE_NAME_MAX : s.n);
}

int32_t
sums_day(int64_t us)
{
	return (int32_t)(us >= 0 ? us / DAY_US : -((-us + DAY_US - 1) /
	    DAY_US));
}

void
sums_day_key(struct db_key *k, unsigned char table, int32_t day)
{
	db_key(k, table);
	db_key_u32(k, (uint32_t)day ^ 0x80000000u);
}

int32_t
sums_key_day(struct str key)
{
	return (int32_t)((uint32_t)db_key_number(key.p + 1, 4) ^ 0x80000000u);
}

int
sums_key_text(struct str *p, char dst[USAGE_NAME_MAX + 1])
{
	size_t n;

	if (p->n == 0 || (n = (unsigned char)*p->p) > p->n - 1 ||
	    n > USAGE_NAME_MAX)
		return ERR_CORRUPT;
	memcpy(dst, p->p + 1, n);
	dst[n] = '\0';
	*p = str_skip(*p, n + 1);
	return 0;
}

/* The row is done: ERR_AGAIN when it was the last of this call. */
static int
walked(struct usage_walk *walk, struct str key, unsigned *n)
{
	if (walk == NULL)
		return 0;
	walk->at.n = 0;
	db_key_bytes(&walk->at, key.p, key.n);
	return ++*n >= walk->rows ? ERR_AGAIN : 0;
}

static int
was_last(const struct usage_walk *walk, struct str key)
{
	return walk != NULL && walk->at.n == key.n &&
	    memcmp(walk->at.b, key.p, key.n) == 0;
}

int
sums_walk(struct state *st, unsigned char table, int32_t from, int32_t to,
    int (*decode)(struct str key, struct str val, struct usage_total *u),
    struct usage_walk *walk,
    int (*fn)(void *arg, const struct usage_total *t), void *arg)
{
	struct usage_total u;
	struct db_key all, start;
	struct db_walk w;
	struct str key, val;
	unsigned n = 0;
	int rc;

	db_key(&all, table);
	if (walk != NULL && walk->at.n > 0)
		start = walk->at;
	else
		sums_day_key(&start, table, from);
	if ((rc = db_walk(st->ledger, &w, &all, &start)) != 0)
		return rc;
	while ((rc = db_walk_next(&w, &key, &val)) == 0) {
		if (was_last(walk, key))
			continue;
		memset(&u, 0, sizeof(u));
		if ((rc = decode(key, val, &u)) < 0)
			break;
		if (u.day > to) {
			rc = 0;
			break;
		}
		if ((rc == 0 && (rc = fn(arg, &u)) != 0) ||
		    (rc = walked(walk, key, &n)) != 0)
			break;
	}
	db_walk_end(&w);
	return rc == ERR_NOTFOUND ? 0 : rc;
}
