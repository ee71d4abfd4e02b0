/*
 * places.c - what each process holds of a client key: places of running
 * requests, reserved tokens.
 *
 * Runs in: worker; recorder and checker sweep the places of the dead.
 * Owns: nothing; the places stand in the key's limit record.
 *
 * A place belongs to (board slot, incarnation). A process that finds places
 * of another incarnation in its own slot frees them when that one is not
 * written down as alive (it may be of another master's board, and drain). Its
 * tokens stay reserved until the recorder has charged what they were for.
 */
#include <stddef.h>

#include "state/alive.h"
#include "state/limit_rec.h"

#define SWEEP_LOOK	4096	/* keys looked at in one snapshot */
#define SWEEP_KEYS	64	/* changed in one transaction */
#define GROW		4

static void
drop_running(struct limit *l, struct limit_place *p)
{
	l->r.running -= p->n < l->r.running ? p->n : l->r.running;
	p->n = 0;
	l->dirty = 1;
}

static void
drop(struct limit *l, struct limit_place *p)
{
	drop_running(l, p);
	l->r.reserved -= p->reserved < l->r.reserved ? p->reserved :
	    l->r.reserved;
	p->reserved = 0;
}

static int
holds_any(const struct limit_place *p)
{
	return p->n > 0 || p->reserved > 0;
}

static struct limit_place *
mine(struct limit *l, int make)
{
	struct limit_place *p, *idle = NULL;
	struct alive_mark m;
	unsigned i;

	for (i = 0; i < l->r.n_places; i++) {
		p = &l->r.places[i];
		if (!holds_any(p)) {
			idle = p;
			continue;
		}
		if (p->slot != l->st->slot_index)
			continue;
		if (p->incarnation == l->st->incarnation)
			return p;
		if (alive_get(l->st, p->incarnation, &m) != ERR_NOTFOUND)
			continue;
		drop_running(l, p);
		if (p->reserved == 0)
			idle = p;
	}
	if (!make)
		return NULL;
	if (idle == NULL) {
		if (l->r.n_places + GROW > LIMIT_PLACES)
			return NULL;
		idle = &l->r.places[l->r.n_places];
		memset(idle, 0, GROW * sizeof(*idle));
		l->r.n_places += GROW;
	}
	idle->slot = (uint16_t)l->st->slot_index;
	idle->incarnation = l->st->incarnation;
	return idle;
}

int
places_take(struct limit *l)
{
	struct limit_place *p = mine(l, 1);

	if (p == NULL)
		return 0;
	p->n++;
	l->r.running++;
	l->dirty = 1;
	return 1;
}

void
places_give(struct limit *l)
{
	struct limit_place *p = mine(l, 0);

	if (p == NULL || p->n == 0)
		return;
	p->n--;
	if (l->r.running > 0)
		l->r.running--;
	l->dirty = 1;
}

int
places_reserve(struct limit *l, uint64_t n)
{
	struct limit_place *p = mine(l, 1);

	if (p == NULL || n > UINT64_MAX / 2 - l->r.reserved)
		return 0;
	p->reserved += n;
	l->r.reserved += n;
	l->dirty = 1;
	return 1;
}

void
places_unreserve(struct limit *l, uint64_t n)
{
	struct limit_place *p = mine(l, 0);

	if (p == NULL)
		return;
	if (n > p->reserved)
		n = p->reserved;
	p->reserved -= n;
	l->r.reserved -= n < l->r.reserved ? n : l->r.reserved;
	l->dirty = 1;
}

/* Does this stored record hold places of the dead? */
static int
holds(struct str val, unsigned slot, uint64_t incarnation)
{
	struct limit_place p;
	size_t at = offsetof(struct limit_rec, places);

	for (; at + sizeof(p) <= val.n; at += sizeof(p)) {
		memcpy(&p, val.p + at, sizeof(p));
		if (holds_any(&p) && p.slot == slot &&
		    p.incarnation == incarnation)
			return 1;
	}
	return 0;
}

static int
sweep_key(struct state *st, uint64_t key_id, unsigned slot,
    uint64_t incarnation)
{
	struct limit l;
	unsigned i;
	int rc;

	if ((rc = limit_load(st, key_id, &l)) != 0)
		return rc;
	for (i = 0; i < l.r.n_places; i++)
		if (holds_any(&l.r.places[i]) &&
		    l.r.places[i].slot == slot &&
		    l.r.places[i].incarnation == incarnation)
			drop(&l, &l.r.places[i]);
	return l.dirty ? limit_store(&l) : 0;
}

/*
 * Look at some keys from *next on: those up to SWEEP_KEYS that hold places of
 * the dead; the count. *next: where to go on, 0 at the end.
 */
static int
find_keys(struct state *st, uint64_t *next, unsigned slot,
    uint64_t incarnation, uint64_t v[SWEEP_KEYS])
{
	struct limit_walk w;
	struct str val;
	uint64_t id;
	int rc, seen, n = 0;

	if ((rc = limit_walk(st, &w, *next)) != 0)
		return rc;
	for (seen = 0; seen < SWEEP_LOOK && n < SWEEP_KEYS; seen++) {
		if ((rc = limit_walk_next(&w, &id, &val)) != 0)
			break;
		if (holds(val, slot, incarnation))
			v[n++] = id;
	}
	limit_walk_end(&w);
	if (rc != 0 && rc != ERR_NOTFOUND)
		return rc;
	*next = rc == ERR_NOTFOUND ? 0 : id + 1;
	return n;
}

int
places_sweep(struct state *st, unsigned slot, uint64_t incarnation)
{
	uint64_t v[SWEEP_KEYS], next = 1;
	int rc, n, i;

	do {
		n = find_keys(st, &next, slot, incarnation, v);
		db_rest(st->hot);
		if (n < 0)
			return n;
		if (n == 0)
			continue;
		if ((rc = db_begin(st->hot)) != 0)
			return rc;
		for (i = 0; i < n && rc == 0; i++)
			rc = sweep_key(st, v[i], slot, incarnation);
		if (rc != 0) {
			db_abort(st->hot);
			return rc;
		}
		if ((rc = db_commit(st->hot)) != 0)
			return rc;
	} while (next != 0);
	return 0;
}
