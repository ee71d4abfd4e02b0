/*
 * rotation.c - whose turn it is: the upstream keys of a provider.
 *
 * Runs in: worker.
 * Owns: the order of turns of each provider in this process.
 *
 * All workers take numbers from one cursor on the board and look them up in
 * the same order, so the shares are right over the whole gateway. An order
 * has the keys in rotation only, and is made anew when one leaves or returns:
 * a worker that knows a moment later takes a few turns by the old one.
 */
#include "base/clock.h"
#include "base/log.h"
#include "worker/worker.h"

static struct log_limit all_out_lines = { 1 };

/* On the board, or when that is full (or not there: tests) its own. */
static void
claim(struct worker *w, struct wprov *p)
{
	struct rota *r = &w->child->board->rota;
	uint32_t gen = w->child->slot->generation;
	uint64_t name = rota_hash(0, p->conf->id, strlen(p->conf->id));
	unsigned i;

	if ((p->cursor = rota_cursor(r, name, gen)) == NULL)
		p->cursor = arena_zalloc(w->arena, sizeof(*p->cursor));
	if (p->conf->max_qps > 0 &&
	    (p->gate = rota_gate(r, name, gen)) != NULL)
		rota_rate(p->conf->max_qps, &p->rate);
	if (p->conf->max_qps > 0 && p->gate == NULL)
		log_error("provider %s: no place on the board for max_qps",
		    p->conf->id);
	for (i = 0; i < p->n_keys; i++) {
		struct wkey *k = &p->keys[i];

		if (k->conf->max_qps <= 0)
			continue;
		k->gate = rota_gate(r, rota_hash(name, k->conf->id,
		    sizeof(k->conf->id)), gen);
		if (k->gate == NULL) {
			log_error("provider %s: no place on the board for "
			    "max_qps of key %u", p->conf->id, i + 1);
			continue;
		}
		rota_rate(k->conf->max_qps, &k->rate);
		p->gated = 1;
	}
	p->gated |= p->gate != NULL;
}

void
rotation_init(struct worker *w, struct wprov *p)
{
	if (p->conf->n_keys > WORKER_KEYS)
		log_warn("provider %s: only the first %d of its %u keys are "
		    "used", p->conf->id, WORKER_KEYS, p->conf->n_keys);
	p->all = p->n_keys == 64 ? UINT64_MAX : (1ULL << p->n_keys) - 1;
	p->order = arena_zalloc(w->arena, p->n_keys > 1 ? ROTA_ORDER : 1);
	claim(w, p);
	rotation_update(p);
}

void
rotation_update(struct wprov *p)
{
	int64_t now = clock_real_us();
	unsigned i;

	p->out = 0;
	p->look_us = INT64_MAX;
	for (i = 0; i < p->n_keys; i++) {
		const struct upkey_rec *u = &p->keys[i].rec;

		if (!upkey_rests(u, now))
			continue;
		/* Until a probe, and probes have been switched off since. */
		if (u->until_us == UPKEY_NEVER && p->conf->health.interval <= 0)
			continue;
		p->out |= 1ULL << i;
		if (u->until_us < p->look_us)
			p->look_us = u->until_us;
	}
}

/* The keys in rotation; 0: none. */
static uint64_t
in_rotation(struct wprov *p)
{
	if (p->out != 0 && clock_real_us() >= p->look_us)
		rotation_update(p);
	return p->all & ~p->out;
}

unsigned
rotation_usable(struct wprov *p)
{
	return (unsigned)__builtin_popcountll(in_rotation(p));
}

static void
reorder(struct wprov *p, uint64_t in)
{
	double weight[WORKER_KEYS];
	unsigned i;

	for (i = 0; i < p->n_keys; i++)
		weight[i] = in >> i & 1 ? p->keys[i].conf->weight : 0;
	p->order_n = rota_order(weight, p->n_keys, p->order);
	p->order_of = in;
}

/* Next of those left; there is one. */
static unsigned
turn(struct wprov *p, uint64_t in, uint64_t left)
{
	unsigned i, k;

	if (p->n_keys == 1)
		return 0;
	if (in != p->order_of)
		reorder(p, in);
	for (i = 0; i < p->n_keys && p->order_n > 0; i++) {
		k = p->order[rota_next(p->cursor) % p->order_n];
		if (left >> k & 1)
			return k;
	}
	return (unsigned)__builtin_ctzll(left);
}

/* How long this key, or the provider for it (NULL), cannot be asked. */
static int64_t
wait_for(const struct wprov *p, const struct wkey *k, int64_t now)
{
	int64_t a = p->gate == NULL ? 0 : rota_ask(p->gate, &p->rate, now);
	int64_t b = k == NULL || k->gate == NULL ? 0 :
	    rota_ask(k->gate, &k->rate, now);

	return a > b ? a : b;
}

/*
 * Take a pass of both for the same time: that time, or -1. A pass that was
 * taken in vain is lost, which is never too many.
 */
static int64_t
pass(struct wprov *p, struct wkey *k, int64_t now, int64_t latest)
{
	struct rota_gate *kg = k == NULL ? NULL : k->gate;
	int64_t t = now + wait_for(p, k, now), u;

	if (t > latest)
		return -1;
	if (p->gate != NULL &&
	    (t = rota_take(p->gate, &p->rate, t, latest)) < 0)
		return -1;
	if (kg == NULL)
		return t;
	u = rota_take(kg, &k->rate, t, latest);
	if (u > t && p->gate != NULL)	/* another was faster */
		return rota_take(p->gate, &p->rate, u, latest);
	return u;
}

/*
 * The turn goes to the first that may be asked now; when none may, to the one
 * that may be soonest.
 */
static int
pick_gated(struct wprov *p, uint64_t in, uint64_t left, int64_t max_wait_us,
    struct rotation_pick *out)
{
	int64_t now = clock_mono_us(), t = -1, wait, least = INT64_MAX;
	int i = p->n_keys == 0 ? -1 : (int)turn(p, in, left);

	for (;;) {
		struct wkey *k = i < 0 ? NULL : &p->keys[i];

		if ((t = pass(p, k, now, now)) >= 0) {
			out->key = i;
			break;
		}
		if ((wait = wait_for(p, k, now)) < least) {
			least = wait;
			out->key = i;
		}
		if (i < 0 || (left &= ~(1ULL << i)) == 0)
			break;
		i = (int)turn(p, in, left);
	}
	if (t < 0 && least <= max_wait_us)
		t = pass(p, out->key < 0 ? NULL : &p->keys[out->key], now,
		    now + max_wait_us);
	out->wait_us = t < 0 ? least : t - now;
	return t < 0 ? ROTATION_LATER : ROTATION_KEY;
}

int
rotation_pick(struct wprov *p, uint64_t tried, int64_t max_wait_us,
    struct rotation_pick *out)
{
	uint64_t in, left;

	out->key = -1;
	out->wait_us = 0;
	if (p->n_keys == 0) {
		if (tried != 0)
			return ROTATION_NONE;
		return p->gated ? pick_gated(p, 0, 0, max_wait_us, out) :
		    ROTATION_KEY;
	}
	if ((in = in_rotation(p)) == 0) {
		in = p->all;
		if (log_allow(&all_out_lines))
			log_notice("provider %s: all keys rest, so all are "
			    "used", p->conf->id);
	}
	if ((left = in & ~tried) == 0)
		return ROTATION_NONE;
	if (p->gated)
		return pick_gated(p, in, left, max_wait_us, out);
	out->key = (int)turn(p, in, left);
	return ROTATION_KEY;
}
