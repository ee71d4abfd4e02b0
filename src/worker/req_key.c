/*
 * req_key.c - the upstream key of an attempt: its faults and successes.
 *
 * Runs in: worker.
 * Owns: the acts about keys; they belong to no request, which may be gone when
 * they are done.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "upstream/keyfault.h"
#include "worker/req.h"

static struct log_limit key_lines = { 5 };

struct key_act {
	struct act_key_fault f;
	struct wprov	*prov;
	unsigned	 key;
};

static void
on_key_act(struct act *act)
{
	struct key_act *a = act->arg;

	if (a->f.a.rc == 0) {
		a->prov->keys[a->key].rec = a->f.rec;
		rotation_update(a->prov);
	}
	free(a);
}

static struct key_act *
new_act(struct req *r)
{
	struct key_act *a = xcalloc(1, sizeof(*a));

	a->prov = r->prov;
	a->key = (unsigned)r->key;
	a->f.a.kind = ACT_KEY_FAULT;
	a->f.a.done = on_key_act;
	a->f.a.arg = a;
	str_copy(a->f.rec.provider, sizeof(a->f.rec.provider),
	    str_of(r->prov->conf->id));
	memcpy(a->f.rec.id, r->prov->keys[r->key].conf->id,
	    sizeof(a->f.rec.id));
	return a;
}

static void
tell(const struct req *r, const struct upkey_rec *rec)
{
	char id[17];
	long long s = (rec->until_us - clock_real_us() + CLOCK_US_S - 1) /
	    CLOCK_US_S;

	if (!log_allow(&key_lines))
		return;
	crypto_hex(id, rec->id, 6);
	if (rec->until_us == UPKEY_NEVER)
		log_warn("provider %s: key %s %s (HTTP %d), out of rotation "
		    "until a probe finds it good", r->prov->conf->id, id,
		    rec->error, r->up_status);
	else
		log_warn("provider %s: key %s %s (HTTP %d), out of rotation "
		    "for %lld s", r->prov->conf->id, id, rec->error,
		    r->up_status, s);
}

void
req_key_fault(struct req *r, enum upkey_why why)
{
	struct keyfault_rest rest;
	struct upkey_rec *had;
	struct key_act *a;

	if (r->key < 0)
		return;
	rest = keyfault_rest(why, r->up_retry_us, r->prov->conf);
	if (rest.away_us <= 0)
		return;
	had = &r->prov->keys[r->key].rec;
	a = new_act(r);
	a->f.real_us = clock_real_us();
	a->f.away_us = rest.away_us;
	a->f.grow = rest.grow;
	a->f.rec.why = why;
	a->f.rec.http_status = (uint16_t)r->up_status;
	str_copy(a->f.rec.error, sizeof(a->f.rec.error),
	    str_of(keyfault_text(why)));
	upkey_change(had, &a->f);
	/* It rests, and will not for much longer: nothing to be written. */
	if (upkey_rests(had, a->f.real_us) && had->why == why &&
	    (a->f.rec.until_us == had->until_us ||
	    a->f.rec.until_us - had->until_us < rest.away_us / 10)) {
		free(a);
		return;
	}
	*had = a->f.rec;
	rotation_update(r->prov);
	tell(r, had);
	state_queue(r->w->state, &a->f.a);
}

void
req_key_said(struct req *r, struct str error)
{
	struct complaint said;

	complaint_read(error, &said);
	r->key_why = keyfault_inside(r->prov->conf->dialect, &said,
	    &r->key_status);
}

int
req_key_blamed(struct req *r)
{
	enum upkey_why why = r->key_why;

	if (why == UPKEY_FINE)
		return 0;
	r->key_why = UPKEY_FINE;
	r->up_retry_us = -1;
	req_key_fault(r, why);
	return 1;
}

void
req_key_good(struct req *r)
{
	struct upkey_rec *had;
	struct key_act *a;

	if (r->key < 0)
		return;
	had = &r->prov->keys[r->key].rec;
	if (had->status == UPKEY_HEALTHY ||
	    (had->status == UPKEY_UNHEALTHY && had->why == UPKEY_FINE))
		return;
	a = new_act(r);
	a->f.good = had->status == UPKEY_UNKNOWN ? UPKEY_SERVED :
	    UPKEY_SERVED_AGAIN;
	a->f.real_us = clock_real_us() - (ev_now_us(r->w->loop) -
	    r->attempt[r->n_attempts - 1].start_us);
	if (!upkey_change(had, &a->f)) {
		free(a);
		return;
	}
	*had = a->f.rec;
	rotation_update(r->prov);
	state_queue(r->w->state, &a->f.a);
}
