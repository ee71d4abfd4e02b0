/*
 * slow.c - when a target that became slow goes last, and how it comes back.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * What a request costs here is a list entry and one addition; all that is
 * computed is computed in slow_look.
 */
#include <string.h>

#include "base/clock.h"
#include "route/slow.h"

#define FADE		0.8f		/* of the weight, each 100 ms */
#define FADE_US		(CLOCK_US_S / 10)
#define KEEP		32.0f		/* weight that only answers replace */
#define ENOUGH		20.0f		/* attempts, to say anything */
#define LEAST		5.0f		/* of them over the limit */
#define SHARE		0.05f
#define APART_US	(CLOCK_US_S / 5)
#define USUAL		512		/* looks that the usual value spans */
#define USUAL_LEAST	20
#define STEP_US		(CLOCK_US_S / 2)
#define STEP_GOOD	5
#define FORGET		10		/* rests without a request */

/* Share of the requests at each step of the way back, of 100. */
static const unsigned steps[] = { 1, 5, 10, 25, 50 };
#define STEPS		(sizeof(steps) / sizeof(steps[0]))

static unsigned
bucket(int64_t us)
{
	uint64_t v = us <= 0 ? 0 : (uint64_t)us >> 10;
	unsigned e;

	if (v < 4)
		return (unsigned)v;
	e = 63 - (unsigned)__builtin_clzll(v);
	e = (e - 1) * 4 + (unsigned)((v >> (e - 2)) & 3);
	return e < SLOW_BUCKETS ? e : SLOW_BUCKETS - 1;
}

/* Where bucket i begins. */
static int64_t
bound(unsigned i)
{
	return (i < 4 ? (int64_t)i : (int64_t)(4 + i % 4) << (i / 4 - 1))
	    << 10;
}

void
slow_init(struct slow *s, struct slow_group *g, unsigned provider,
    int priority)
{
	memset(s, 0, sizeof(*s));
	TAILQ_INIT(&s->waiting);
	s->group = g;
	s->provider = provider;
	s->priority = priority;
}

void
slow_begin(struct slow *s, struct slow_wait *a, int kind, int64_t now)
{
	a->of = s;
	a->began_us = now;
	a->kind = kind;
	TAILQ_INSERT_TAIL(&s->waiting, a, entry);
	s->group->busy = 1;
}

/* An attempt of a target that is out. */
static void
judge_probe(struct slow *s, const struct slow_wait *a, int64_t took,
    enum slow_end how)
{
	int64_t limit = s->times[a->kind].limit_us;

	if (limit > 0 && took > limit)
		s->bad++;
	else if (how == SLOW_ANSWERED)
		s->good++;
}

void
slow_end(struct slow_wait *a, int64_t now, enum slow_end how)
{
	struct slow *s = a->of;
	struct slow_times *t;
	int64_t took = now - a->began_us;

	if (s == NULL)
		return;
	a->of = NULL;
	TAILQ_REMOVE(&s->waiting, a, entry);
	if (how == SLOW_UNTOLD || a->began_us < s->since_us)
		return;
	s->group->busy = 1;
	if (s->out) {
		judge_probe(s, a, took, how);
		return;
	}
	/* One that was given up early says nothing. */
	t = &s->times[a->kind];
	if (how == SLOW_SILENT && (took <= t->p95_us || t->p95_us == 0))
		return;
	t->bucket[bucket(took)]++;
	t->total++;
}

static void
fade(struct slow *s, int64_t now)
{
	struct slow_times *t;
	unsigned i, n;
	float by;

	for (n = 0; n < 20 && now >= s->faded_us + FADE_US; n++)
		s->faded_us += FADE_US;
	if (n == 20)
		s->faded_us = now;
	for (t = s->times; t < s->times + SLOW_KINDS; t++) {
		float left = t->total;

		for (i = 0; i < n; i++)
			left *= FADE;
		if (n == 0 || t->total <= KEEP)
			continue;
		left = left < KEEP ? KEEP : left;
		by = left / t->total;
		for (i = 0; i < SLOW_BUCKETS; i++)
			t->bucket[i] *= by;
		t->total = left;
	}
}

/* Attempts of a kind that have been silent for longer than that. Those from
 * before the last change say nothing new. */
static unsigned
silent(const struct slow *s, int kind, int64_t than, int64_t now)
{
	const struct slow_wait *a;
	unsigned n = 0;

	TAILQ_FOREACH(a, &s->waiting, entry) {
		if (now - a->began_us <= than)
			break;
		n += a->kind == kind && a->began_us >= s->since_us;
	}
	return n;
}

/* For how long the one behind the skip oldest has been silent. */
static int64_t
silence(const struct slow *s, int kind, unsigned skip, int64_t now)
{
	const struct slow_wait *a;

	TAILQ_FOREACH(a, &s->waiting, entry)
		if (a->kind == kind && a->began_us >= s->since_us &&
		    skip-- == 0)
			return now - a->began_us;
	return 0;
}

/* The 95 % value; what is silent for longer than it raises it. */
static int64_t
p95(const struct slow *s, int kind, int64_t now)
{
	const struct slow_times *t = &s->times[kind];
	float sum = 0;
	int64_t v, age;
	unsigned i, n;

	for (i = 0; i + 1 < SLOW_BUCKETS; i++)
		if ((sum += t->bucket[i]) >= (1 - SHARE) * t->total)
			break;
	v = bound(i + 1);
	if ((n = silent(s, kind, v, now)) == 0)
		return v;
	age = silence(s, kind, (unsigned)(SHARE * (t->total + (float)n)),
	    now);
	return age > v ? age : v;
}

static void
measure(struct slow *s, int64_t now)
{
	struct slow_times *t;
	int k;

	for (k = 0; k < SLOW_KINDS; k++) {
		t = &s->times[k];
		if (t->total < ENOUGH)
			continue;
		t->p95_us = p95(s, k, now);
		if (t->looks < USUAL)
			t->looks++;
		t->usual_us += ((double)t->p95_us - t->usual_us) / t->looks;
	}
}

/* The lower median of what is known of a priority; n: of how many. */
static int64_t
median(const struct slow_group *g, int priority, int kind, unsigned *n)
{
	unsigned i, j, less, same;
	int64_t v;

	for (i = *n = 0; i < g->n; i++)
		*n += g->v[i]->priority == priority &&
		    g->v[i]->times[kind].p95_us > 0;
	for (i = 0; i < g->n; i++) {
		v = g->v[i]->times[kind].p95_us;
		if (v == 0 || g->v[i]->priority != priority)
			continue;
		for (j = less = same = 0; j < g->n; j++) {
			int64_t o = g->v[j]->times[kind].p95_us;

			if (o == 0 || g->v[j]->priority != priority)
				continue;
			less += o < v;
			same += o == v;
		}
		if (less < (*n + 1) / 2 && less + same >= (*n + 1) / 2)
			return v;
	}
	return 0;
}

static int64_t
above(int64_t v, const struct slow_rule *r)
{
	int64_t limit = (int64_t)((double)v * r->factor);

	return limit > v + APART_US ? limit : v + APART_US;
}

/* The limit of a target that is compared with itself; 0: none. */
static int64_t
own_limit(const struct slow_group *g, const struct slow *s, int kind,
    const struct slow_rule *r)
{
	const struct slow_times *t = &s->times[kind];
	int64_t best = 0, v;
	unsigned i;

	if (kind != SLOW_STREAM || t->looks < USUAL_LEAST)
		return 0;
	for (i = 0; i < g->n; i++) {
		v = g->v[i]->times[kind].p95_us;
		if (g->v[i] != s && g->v[i]->usable && !g->v[i]->out &&
		    v > 0 && (best == 0 || v < best))
			best = v;
	}
	v = above((int64_t)t->usual_us, r);
	return v > best ? v : best;
}

static void
set_limits(struct slow_group *g, const struct slow_rule *r, int kind)
{
	int64_t m = 0;
	unsigned i, n = 0;

	for (i = 0; i < g->n; i++) {
		struct slow *s = g->v[i];

		if (i == 0 || s->priority != g->v[i - 1]->priority)
			m = median(g, s->priority, kind, &n);
		s->times[kind].limit_us = n >= 2 ? above(m, r) :
		    own_limit(g, s, kind, r);
	}
}

static float
over(const struct slow_times *t)
{
	float sum = 0;
	unsigned i;

	for (i = SLOW_BUCKETS; i > 0 && bound(i - 1) >= t->limit_us; i--)
		sum += t->bucket[i - 1];
	return sum;
}

static int
is_slow(struct slow *s, int64_t now)
{
	float n = 0, late = 0, most = 0;
	int k;

	for (k = 0; k < SLOW_KINDS; k++) {
		const struct slow_times *t = &s->times[k];
		float still, here;

		if (t->limit_us == 0)
			continue;
		still = (float)silent(s, k, t->limit_us, now);
		here = over(t) + still;
		n += t->total + still;
		late += here;
		if (here > most) {
			most = here;
			s->why = k;
		}
	}
	/* Weights that faded are not exact. */
	return n >= ENOUGH && late > LEAST - 0.5f && late > SHARE * n;
}

/* Is there another that can take its place? */
static int
replaceable(const struct slow_group *g, const struct slow *s)
{
	unsigned i;

	for (i = 0; i < g->n; i++)
		if (g->v[i] != s && g->v[i]->usable && !g->v[i]->out)
			return 1;
	return 0;
}

static void
to_step(struct slow *s, unsigned step, int64_t now)
{
	s->step = step;
	s->since_us = now;
	s->good = s->bad = 0;
}

static void
forget(struct slow *s)
{
	int k;

	for (k = 0; k < SLOW_KINDS; k++) {
		memset(s->times[k].bucket, 0, sizeof(s->times[k].bucket));
		s->times[k].total = 0;
	}
}

static void
leave(struct slow *s, int64_t now)
{
	s->out = 1;
	s->news = SLOW_LEFT;
	s->probe_us = now;
	to_step(s, 0, now);
	forget(s);
}

static void
come_back(struct slow *s, enum slow_news news)
{
	int k;

	s->out = 0;
	s->news = news;
	for (k = 0; k < SLOW_KINDS; k++)	/* the slow one's */
		s->times[k].p95_us = 0;
}

/* A target that is out: further back into its place, or not. */
static void
judge_step(struct slow *s, const struct slow_rule *r, int64_t now)
{
	unsigned bad = s->bad;
	int k;

	if (now > s->probe_us + FORGET * r->rest_us &&
	    TAILQ_EMPTY(&s->waiting)) {
		come_back(s, SLOW_FORGOTTEN);
		return;
	}
	for (k = 0; k < SLOW_KINDS; k++)
		if (s->times[k].limit_us > 0)
			bad += silent(s, k, s->times[k].limit_us, now);
	if (20 * bad > s->good + bad) {
		if (bad > 1 || s->step == 0)
			to_step(s, 0, now);
	} else if (s->good >= STEP_GOOD && now >= s->since_us + STEP_US) {
		to_step(s, s->step + 1, now);
		if (s->step == STEPS)
			come_back(s, SLOW_BACK);
	}
}

void
slow_look(struct slow_group *g, const struct slow_rule *r, int64_t now)
{
	unsigned i;
	int k;

	for (i = 0; i < g->n; i++) {
		fade(g->v[i], now);
		if (!g->v[i]->out)
			measure(g->v[i], now);
	}
	for (k = 0; k < SLOW_KINDS; k++)
		set_limits(g, r, k);
	g->n_out = 0;
	g->busy = 0;
	for (i = 0; i < g->n; i++) {
		struct slow *s = g->v[i];

		if (s->out)
			judge_step(s, r, now);
		else if (is_slow(s, now) && replaceable(g, s))
			leave(s, now);
		g->n_out += s->out != 0;
		g->busy |= s->out || !TAILQ_EMPTY(&s->waiting);
		for (k = 0; k < SLOW_KINDS; k++)
			g->busy |= s->times[k].total > KEEP;
	}
}

enum slow_turn
slow_turn(struct slow *s, const struct slow_rule *r, int64_t now,
    uint64_t chance)
{
	if (!s->out)
		return SLOW_PLACE;
	if ((chance >> 32) * 100 >> 32 >= steps[s->step]) {
		if (now < s->probe_us + r->rest_us)
			return SLOW_LAST;
		s->probe_us = now;
		return SLOW_PROBE;
	}
	s->probe_us = now;
	return s->step == 0 ? SLOW_PROBE : SLOW_PLACE;
}
