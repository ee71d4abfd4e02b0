/*
 * window.c - admission of a client key within its limits: one row per kind.
 *
 * Runs in: worker.
 * Owns: the limit records in hot (limit_rec.h).
 *
 * All kinds are asked before any is taken, so a refusal leaves every count as
 * it was. A kind without a limit costs nothing; a key without any limit has
 * at most the minute of its last use written down.
 */
#include "base/clock.h"
#include "state/checkpoint.h"
#include "state/limit_rec.h"
#include "state/window.h"

#define NOTE_US		(60 * CLOCK_US_S)	/* last use, to the minute */
#define LIGHTS		64	/* look at the spool at least so often */
#define PLACE_WAIT_US	CLOCK_US_S	/* guess: until a place is free */

typedef int check_fn(struct limit *l, int kind, uint64_t limit,
    struct limit_verdict *v);
typedef int take_fn(struct limit *l, int kind, uint64_t limit);
typedef int give_fn(struct limit *l, int kind, const struct act_admit *a);

static check_fn check_slide, check_weighed, check_calendar, check_cooldown,
    check_places, check_tokens;
static take_fn take_slide, take_calendar, take_place;
static give_fn give_slide, give_calendar, give_cooldown, give_place;

static const struct kind {
	const char	*name;
	check_fn	*check;
	take_fn		*take;		/* NULL: nothing to take */
	give_fn		*give;		/* take it back; NULL: nothing */
	int		 index;		/* slide or calendar */
	int64_t		 period_us;
	enum { HIDDEN, REQUESTS, TOKENS } shown;	/* in headers */
} kinds[WINDOW_KINDS] = {
	[WINDOW_RPS] = { "rps", check_slide, take_slide, give_slide,
	    SLIDE_RPS, CLOCK_US_S, REQUESTS },
	[WINDOW_RPM] = { "rpm", check_slide, take_slide, give_slide,
	    SLIDE_RPM, 60 * CLOCK_US_S, REQUESTS },
	[WINDOW_RPD] = { "rpd", check_slide, take_slide, give_slide,
	    SLIDE_RPD, 86400 * CLOCK_US_S, REQUESTS },
	[WINDOW_TPM] = { "tpm", check_weighed, NULL, NULL, SLIDE_TPM,
	    60 * CLOCK_US_S, TOKENS },
	[WINDOW_HOURLY] = { "hourly_limit", check_calendar, take_calendar,
	    give_calendar, CALENDAR_HOUR, 0, REQUESTS },
	[WINDOW_DAILY] = { "daily_limit", check_calendar, take_calendar,
	    give_calendar, CALENDAR_DAY, 0, REQUESTS },
	[WINDOW_COOLDOWN] = { "cooldown", check_cooldown, NULL,
	    give_cooldown, 0, 0, HIDDEN },
	[WINDOW_CONCURRENCY] = { "max_concurrency", check_places, take_place,
	    give_place, 0, 0, HIDDEN },
	[WINDOW_TOKENS] = { "max_tokens", check_tokens, NULL, NULL, 0, 0,
	    TOKENS },
};

const char *
window_name(enum window_kind k)
{
	return (unsigned)k < WINDOW_KINDS ? kinds[k].name : "unknown";
}

/* --- the kinds --------------------------------------------------------- */

static int
check_slide(struct limit *l, int kind, uint64_t limit,
    struct limit_verdict *v)
{
	const struct kind *k = &kinds[kind];
	int rc;

	rc = slide_fit(l, (enum limit_slide_id)k->index, k->period_us, limit,
	    0);
	if (rc != 0)
		return rc;
	return slide_check(l, (enum limit_slide_id)k->index, k->period_us,
	    limit, v);
}

static int
take_slide(struct limit *l, int kind, uint64_t limit)
{
	return slide_take(l, (enum limit_slide_id)kinds[kind].index,
	    kinds[kind].period_us, 1);
}

static int
give_slide(struct limit *l, int kind, const struct act_admit *a)
{
	return slide_give(l, (enum limit_slide_id)kinds[kind].index,
	    kinds[kind].period_us, a->boot_us, 1);
}

/* Amounts are counted when they are known: by window_settle. */
static int
check_weighed(struct limit *l, int kind, uint64_t limit,
    struct limit_verdict *v)
{
	return reserve_check_tpm(l, limit, l->r.reserved, 1, v);
}

/*
 * Turn to the present hour or day. A clock that was put back by less than a
 * period goes on counting in the one it had reached.
 */
static int64_t
turn(struct limit *l, int which)
{
	struct calendar *c = &l->st->calendar;
	int64_t start, end, had = l->r.calendar[which].start;

	calendar_at(c, l->real_us);
	start = which == CALENDAR_HOUR ? c->hour_start : c->day_start;
	end = which == CALENDAR_HOUR ? c->hour_end : c->day_end;
	if (had != start && (had < start || had - start > end - start)) {
		l->r.calendar[which].start = start;
		l->r.calendar[which].n = 0;
	}
	return end - l->real_us;
}

static int
check_calendar(struct limit *l, int kind, uint64_t limit,
    struct limit_verdict *v)
{
	uint64_t n;

	v->wait_us = v->reset_us = turn(l, kinds[kind].index);
	n = l->r.calendar[kinds[kind].index].n;
	v->over = n >= limit;
	v->left = v->over ? 0 : limit - n;
	return 0;
}

static int
take_calendar(struct limit *l, int kind, uint64_t limit)
{
	l->r.calendar[kinds[kind].index].n++;
	l->dirty = 1;
	return 0;
}

static int
give_calendar(struct limit *l, int kind, const struct act_admit *a)
{
	int which = kinds[kind].index;

	/* Not turned to the time of the admission, which may be long over. */
	if (l->r.calendar[which].start == a->start[which] &&
	    l->r.calendar[which].n > 0)
		l->r.calendar[which].n--;
	l->dirty = 1;
	return 0;
}

static int
check_cooldown(struct limit *l, int kind, uint64_t limit,
    struct limit_verdict *v)
{
	v->wait_us = l->r.last_us + (int64_t)(limit < INT64_MAX / 2 ? limit :
	    INT64_MAX / 2) - l->now;
	v->over = l->r.admitted && v->wait_us > 0;
	return 0;
}

static int
give_cooldown(struct limit *l, int kind, const struct act_admit *a)
{
	if (l->r.last_us != a->boot_us)
		return 0;
	l->r.last_us = a->before_us;
	l->r.admitted = a->before_us != 0;
	l->dirty = 1;
	return 0;
}

static int
check_places(struct limit *l, int kind, uint64_t limit,
    struct limit_verdict *v)
{
	v->over = l->r.running >= limit;
	v->wait_us = PLACE_WAIT_US;
	return 0;
}

static int
take_place(struct limit *l, int kind, uint64_t limit)
{
	return places_take(l) ? 0 : ERR_BUSY;
}

static int
give_place(struct limit *l, int kind, const struct act_admit *a)
{
	if (a->place)
		places_give(l);
	return 0;
}

static int
check_tokens(struct limit *l, int kind, uint64_t limit,
    struct limit_verdict *v)
{
	return reserve_check_life(l, limit, l->r.reserved, 1, v);
}

/* --- acts -------------------------------------------------------------- */

/* For the headers: the tightest window of requests, the first of tokens. */
static void
show(struct act_admit *a, int i, const struct limit_verdict *v)
{
	if (kinds[i].shown == REQUESTS &&
	    (a->limit == 0 || v->left < a->remaining)) {
		a->limit = a->limits.v[i];
		a->remaining = v->left;
		a->reset_us = v->reset_us;
	} else if (kinds[i].shown == TOKENS && a->tokens_limit == 0) {
		a->tokens_limit = a->limits.v[i];
		a->tokens_remaining = v->left;
		a->tokens_reset_us = v->reset_us;
	}
}

/* Ask every kind that has a limit: which refuses for longest, and what the
 * headers tell. */
static int
check_all(struct limit *l, struct act_admit *a, uint64_t *tokens_left)
{
	struct limit_verdict v;
	int i, rc;

	for (i = 0; i < WINDOW_KINDS; i++) {
		if (a->limits.v[i] == 0)
			continue;
		memset(&v, 0, sizeof(v));
		rc = kinds[i].check(l, i, a->limits.v[i], &v);
		if (rc != 0)
			return rc;
		if (v.over && (!a->over || (a->retry_after_us != 0 &&
		    (v.wait_us == 0 || v.wait_us > a->retry_after_us)))) {
			a->over = 1;
			a->refused = (enum window_kind)i;
			a->retry_after_us = v.wait_us;
		}
		show(a, i, &v);
		if (kinds[i].shown == TOKENS && v.left < *tokens_left)
			*tokens_left = v.left;
	}
	return 0;
}

static int
take_all(struct limit *l, struct act_admit *a)
{
	int i, rc;

	for (i = 0; i < WINDOW_KINDS; i++) {
		if (a->limits.v[i] == 0 || kinds[i].take == NULL)
			continue;
		rc = kinds[i].take(l, i, a->limits.v[i]);
		if (rc == ERR_BUSY)	/* more processes than places */
			continue;
		if (rc != 0)
			return rc;
		if (i == WINDOW_CONCURRENCY)
			a->place = 1;
	}
	if (a->remaining > 0)
		a->remaining--;
	a->before_us = l->r.admitted ? l->r.last_us : 0;
	for (i = 0; i < CALENDARS; i++)
		a->start[i] = l->r.calendar[i].start;
	l->r.last_us = l->now;
	l->r.admitted = 1;
	l->r.used_us = l->real_us;
	l->dirty = 1;
	return 0;
}

int
window_give_back(struct limit *l, const struct act_admit *a)
{
	int i, rc;

	for (i = 0; i < WINDOW_KINDS; i++)
		if (a->limits.v[i] != 0 && kinds[i].give != NULL &&
		    (rc = kinds[i].give(l, i, a)) != 0)
			return rc;
	places_unreserve(l, a->reserved);
	return 0;
}

static int
unlimited(const struct act_admit *a)
{
	int i;

	for (i = 0; i < WINDOW_KINDS; i++)
		if (a->limits.v[i] != 0)
			return 0;
	return 1;
}

/* Has this process seen the use of the key noted within the last minute? */
static int
noted(const struct state *st, const struct act_admit *a)
{
	unsigned i = (unsigned)(a->key_id % STATE_NOTED);

	return a->key_id == 0 || (st->noted[i].key_id == a->key_id &&
	    a->real_us - st->noted[i].real_us < NOTE_US &&
	    a->real_us >= st->noted[i].real_us);
}

static void
start(struct act_admit *a)
{
	a->a.rc = 0;
	a->over = a->place = 0;
	a->retry_after_us = a->reset_us = 0;
	a->limit = a->remaining = 0;
	a->tokens_limit = 0;
	a->reserved = 0;
}

int
window_admit_light(struct state *st, struct act *act)
{
	struct act_admit *a = (struct act_admit *)act;

	if (st->over || st->full || ++st->lights % LIGHTS == 0 ||
	    !unlimited(a) || !noted(st, a))
		return 0;
	start(a);
	return 1;
}

/* Note the use of a key that has no limits. */
static int
note(struct state *st, struct act_admit *a)
{
	unsigned i = (unsigned)(a->key_id % STATE_NOTED);
	struct limit l;
	int rc;

	if (noted(st, a) && !st->full)
		return 0;
	if ((rc = limit_load(st, a->key_id, &l)) != 0)
		return rc;
	st->noted[i].key_id = a->key_id;
	st->noted[i].real_us = a->real_us;
	if (l.found && a->real_us - l.r.used_us < NOTE_US &&
	    a->real_us >= l.r.used_us && !st->full)
		return 0;
	l.r.used_us = a->real_us;
	return limit_store(&l);
}

int
window_admit(struct state *st, struct act *act)
{
	struct act_admit *a = (struct act_admit *)act;
	uint64_t left = UINT64_MAX;
	struct limit l;
	int rc;

	start(a);
	if (unlimited(a))
		return note(st, a);
	if ((rc = limit_load(st, a->key_id, &l)) != 0 || (!l.r.admitted &&
	    (rc = checkpoint_seed(&l, a->boot_us, a->real_us)) != 0))
		return rc;
	l.now = a->boot_us;
	if (l.r.admitted && l.r.last_us > l.now)
		l.now = l.r.last_us;
	/* late by as much on the calendar: never in an hour that is over */
	l.real_us = a->real_us + (l.now - a->boot_us);
	a->boot_us = l.now;
	if ((rc = check_all(&l, a, &left)) != 0)
		return rc;
	if (a->over && !a->shadow)
		a->a.rc = ERR_LIMIT;
	else if ((rc = take_all(&l, a)) != 0)
		return rc;
	else if (left != UINT64_MAX && !a->shadow)
		reserve_easily(&l, a, left);
	return l.dirty ? limit_store(&l) : 0;
}

int
window_settle(struct state *st, uint64_t key_id, uint64_t tokens,
    int64_t boot_us, int release, uint64_t reserved)
{
	struct limit l;
	int rc;

	if (key_id == 0)
		return 0;
	if ((rc = limit_load(st, key_id, &l)) != 0 || !l.found)
		return rc;
	l.now = boot_us;
	if (release)
		places_give(&l);
	if (reserved > 0)
		places_unreserve(&l, reserved);
	if (tokens > 0 && l.r.slide[SLIDE_TPM].mode != LIMIT_NONE) {
		rc = slide_take(&l, SLIDE_TPM, kinds[WINDOW_TPM].period_us,
		    tokens);
		if (rc != 0)
			return rc;
	}
	if (tokens > 0 && l.r.seeded) {
		l.r.tokens += tokens;
		l.dirty = 1;
	}
	return l.dirty ? limit_store(&l) : 0;
}

int
window_leave(struct state *st, struct act *act)
{
	const struct act_leave *a = (const struct act_leave *)act;

	act->rc = 0;
	return window_settle(st, a->key_id, 0, 0, a->release, a->reserved);
}

/* --- for display ------------------------------------------------------- */

static int
slide_used(struct limit *l, int kind, uint64_t *used)
{
	enum limit_slide_id s = (enum limit_slide_id)kinds[kind].index;
	struct limit_slide *w = &l->r.slide[s];
	int rc = 0;

	*used = 0;
	if (w->mode == LIMIT_RING) {
		rc = ring_expire(l, s, kinds[kind].period_us);
		*used = w->live;
	} else if (w->mode == LIMIT_PARTS) {
		rc = parts_advance(l, s, kinds[kind].period_us, l->now);
		*used = w->sum;
	}
	return rc;
}

int
window_usage(struct state *st, uint64_t key_id, int64_t boot_us,
    int64_t real_us, uint64_t used[WINDOW_KINDS])
{
	struct limit l;
	int rc, i;

	memset(used, 0, WINDOW_KINDS * sizeof(used[0]));
	if ((rc = limit_load(st, key_id, &l)) != 0 || !l.found)
		return rc;
	l.now = l.r.last_us > boot_us ? l.r.last_us : boot_us;
	l.real_us = real_us;
	for (i = 0; i < WINDOW_KINDS && rc == 0; i++)
		if (kinds[i].check == check_slide ||
		    kinds[i].check == check_weighed)
			rc = slide_used(&l, i, &used[i]);
	turn(&l, CALENDAR_HOUR);
	turn(&l, CALENDAR_DAY);
	used[WINDOW_HOURLY] = l.r.calendar[CALENDAR_HOUR].n;
	used[WINDOW_DAILY] = l.r.calendar[CALENDAR_DAY].n;
	used[WINDOW_CONCURRENCY] = l.r.running;
	used[WINDOW_TOKENS] = l.r.tokens;
	return rc;
}
