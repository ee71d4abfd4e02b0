/*
 * reserve.c - tokens of a client key: what is spent, what is promised.
 *
 * Runs in: worker.
 * Owns: nothing; tokens stand in the key's limit record.
 *
 * A request is admitted only if what was spent and what is reserved, for it
 * and for all others under way, is within the limits. A reservation belongs to
 * its process (places.c), is given back when the request is settled, and with
 * its process when that dies.
 */
#include "base/clock.h"
#include "state/limit_rec.h"
#include "state/totals.h"
#include "state/window.h"

#define TPM_US		(60 * CLOCK_US_S)
#define EASY		32	/* of what is left, one part is easily had */
#define WAIT_US		CLOCK_US_S	/* guess: until one gives back */

/* --- the kinds ----------------------------------------------------------- */

int
reserve_check_tpm(struct limit *l, uint64_t limit, uint64_t others,
    uint64_t want, struct limit_verdict *v)
{
	uint64_t used, room;
	int rc;

	if ((rc = slide_fit(l, SLIDE_TPM, TPM_US, limit, 1)) != 0)
		return rc;
	used = l->r.slide[SLIDE_TPM].sum;
	if (want > limit) {		/* it never fits */
		v->over = 1;
		return 0;
	}
	room = limit - want + 1;	/* used and reserved must be below */
	if (others >= room) {
		v->over = 1;
		v->wait_us = WAIT_US;
		v->reset_us = TPM_US + TPM_US / 256;
	} else if ((rc = slide_check(l, SLIDE_TPM, TPM_US, room - others,
	    v)) != 0)
		return rc;
	v->left = used + others >= limit ? 0 : limit - used - others;
	return 0;
}

int
reserve_check_life(struct limit *l, uint64_t limit, uint64_t others,
    uint64_t want, struct limit_verdict *v)
{
	int rc;

	if (!l->r.seeded) {
		rc = totals_spent(l->st, l->key_id, &l->r.tokens);
		if (rc != 0)
			return rc;
		l->r.seeded = 1;
		l->dirty = 1;
	}
	v->left = l->r.tokens >= limit ||
	    others >= limit - l->r.tokens ? 0 : limit - l->r.tokens - others;
	v->over = v->left < want;
	/* waiting helps only when others may give back enough */
	v->wait_us = v->over && l->r.tokens < limit &&
	    want <= limit - l->r.tokens ? WAIT_US : 0;
	return 0;
}

/* --- acts ---------------------------------------------------------------- */

int
reserve_easily(struct limit *l, struct act_admit *a, uint64_t left)
{
	if (a->tokens == 0 || a->tokens > left / EASY ||
	    !places_reserve(l, a->tokens))
		return 0;
	a->reserved = a->tokens;
	return 1;
}

/* Which limit does not let it have want; a->a.rc tells. */
static int
check(struct limit *l, struct act_reserve *a, uint64_t others)
{
	const uint64_t *limit = a->admit->limits.v;
	struct limit_verdict v;
	int rc;

	if (limit[WINDOW_TPM] != 0) {
		memset(&v, 0, sizeof(v));
		rc = reserve_check_tpm(l, limit[WINDOW_TPM], others, a->want,
		    &v);
		if (rc != 0)
			return rc;
		if (v.over) {
			a->a.rc = ERR_LIMIT;
			a->refused = WINDOW_TPM;
			a->retry_after_us = v.wait_us;
		}
	}
	if (limit[WINDOW_TOKENS] == 0)
		return 0;
	memset(&v, 0, sizeof(v));
	rc = reserve_check_life(l, limit[WINDOW_TOKENS], others, a->want, &v);
	if (rc != 0 || !v.over)
		return rc;
	if (a->a.rc == 0 || (a->retry_after_us != 0 && v.wait_us == 0)) {
		a->refused = WINDOW_TOKENS;
		a->retry_after_us = v.wait_us;
	}
	a->a.rc = ERR_LIMIT;
	return 0;
}

int
window_reserve(struct state *st, struct act *act)
{
	struct act_reserve *a = (struct act_reserve *)act;
	struct act_admit *ad = a->admit;
	uint64_t had = ad->reserved;
	struct limit l;
	int rc;

	a->a.rc = 0;
	if ((rc = limit_load(st, ad->key_id, &l)) != 0)
		return rc;
	l.now = a->boot_us;
	l.real_us = ad->real_us;
	if ((rc = check(&l, a, l.r.reserved - (had < l.r.reserved ? had :
	    l.r.reserved))) != 0)
		return rc;
	if (a->a.rc == 0 && a->want > had &&
	    !places_reserve(&l, a->want - had)) {
		a->a.rc = ERR_LIMIT;	/* more processes than places */
		a->refused = ad->limits.v[WINDOW_TPM] != 0 ? WINDOW_TPM :
		    WINDOW_TOKENS;
		a->retry_after_us = WAIT_US;
	}
	if (a->a.rc != 0 && !a->more &&
	    (rc = window_give_back(&l, ad)) != 0)
		return rc;
	return l.dirty ? limit_store(&l) : 0;
}

void
reserve_after(struct state *st, struct act *act, int rc)
{
	struct act_reserve *a = (struct act_reserve *)act;
	struct act_admit *ad = a->admit;

	(void)st;
	if (rc == 0 && a->want > ad->reserved)
		ad->reserved = a->want;
	if (rc != ERR_LIMIT || a->more)
		return;
	ad->reserved = 0;
	ad->place = 0;
	if (ad->limit != 0)
		ad->remaining++;
}
