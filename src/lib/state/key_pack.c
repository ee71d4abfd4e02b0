/*
 * key_pack.c - the stored form of a client key.
 *
 * Runs in: admin (write), all (read).
 * Owns: nothing.
 *
 * Head, the numbers at fixed places, then the texts, each with two bytes of
 * length: a usual key takes about 350 bytes, not the 4 KiB of its struct.
 */
#include "state/key_pack.h"
#include "state/rec.h"

#define KEY_VERSION	1

struct key_fixed {
	struct rec_head	 head;
	uint64_t	 id;
	unsigned char	 hash[32], old_hash[32];
	int64_t		 old_until_us, created_us, expires_us;
	uint64_t	 rps, rpm, rpd, tpm, hourly_limit, daily_limit,
			 cooldown, max_concurrency, max_tokens;
	int64_t		 amount[KEY_BUDGETS];
	uint32_t	 period[KEY_BUDGETS];
	uint32_t	 role, enabled, n_budgets, zero;
	char		 hint[KEY_HINT_SIZE];
};

/* The texts of a key in the order in which they are stored. */
#define TEXTS(r) { \
	{ (r)->name, sizeof((r)->name) }, { (r)->tier, sizeof((r)->tier) }, \
	{ (r)->team, sizeof((r)->team) }, \
	{ (r)->groups, sizeof((r)->groups) }, \
	{ (r)->providers, sizeof((r)->providers) }, \
	{ (r)->models, sizeof((r)->models) }, \
	{ (r)->allow_from, sizeof((r)->allow_from) } }
#define N_TEXTS 7

size_t
key_pack(unsigned char dst[KEY_PACK_MAX], const struct key_rec *r)
{
	const struct { const char *p; size_t max; } texts[N_TEXTS] =
	    TEXTS(r);
	unsigned char *p = dst + sizeof(struct key_fixed);
	struct key_fixed f;
	uint16_t n;
	int i;

	memset(&f, 0, sizeof(f));
	f.id = r->id;
	memcpy(f.hash, r->hash, sizeof(f.hash));
	memcpy(f.old_hash, r->old_hash, sizeof(f.old_hash));
	f.old_until_us = r->old_until_us;
	f.created_us = r->created_us;
	f.expires_us = r->expires_us;
	f.rps = r->rps;
	f.rpm = r->rpm;
	f.rpd = r->rpd;
	f.tpm = r->tpm;
	f.hourly_limit = r->hourly_limit;
	f.daily_limit = r->daily_limit;
	f.cooldown = r->cooldown;
	f.max_concurrency = r->max_concurrency;
	f.max_tokens = r->max_tokens;
	f.n_budgets = r->n_budgets > KEY_BUDGETS ? KEY_BUDGETS :
	    r->n_budgets;
	for (i = 0; i < (int)f.n_budgets; i++) {
		f.amount[i] = r->budgets[i].amount;
		f.period[i] = r->budgets[i].period;
	}
	f.role = (uint32_t)r->role;
	f.enabled = r->enabled != 0;
	str_copy(f.hint, sizeof(f.hint), str_make(r->hint,
	    strnlen(r->hint, sizeof(r->hint))));
	memcpy(dst, &f, sizeof(f));
	for (i = 0; i < N_TEXTS; i++) {
		n = (uint16_t)strnlen(texts[i].p, texts[i].max - 1);
		memcpy(p, &n, sizeof(n));
		memcpy(p + sizeof(n), texts[i].p, n);
		p += sizeof(n) + n;
	}
	rec_seal(dst, (size_t)(p - dst), KEY_VERSION);
	return (size_t)(p - dst);
}

static void
numbers(struct key_rec *out, const struct key_fixed *f)
{
	unsigned i;

	out->id = f->id;
	memcpy(out->hash, f->hash, sizeof(f->hash));
	memcpy(out->old_hash, f->old_hash, sizeof(f->old_hash));
	out->old_until_us = f->old_until_us;
	out->created_us = f->created_us;
	out->expires_us = f->expires_us;
	out->rps = f->rps;
	out->rpm = f->rpm;
	out->rpd = f->rpd;
	out->tpm = f->tpm;
	out->hourly_limit = f->hourly_limit;
	out->daily_limit = f->daily_limit;
	out->cooldown = f->cooldown;
	out->max_concurrency = f->max_concurrency;
	out->max_tokens = f->max_tokens;
	out->n_budgets = f->n_budgets;
	for (i = 0; i < KEY_BUDGETS; i++) {
		out->budgets[i].amount = f->amount[i];
		out->budgets[i].period = f->period[i];
	}
	out->role = (enum key_role)f->role;
	out->enabled = (int)f->enabled;
	memcpy(out->hint, f->hint, sizeof(out->hint));
	out->hint[sizeof(out->hint) - 1] = '\0';
}

int
key_unpack(struct str val, struct key_rec *out)
{
	const struct { char *p; size_t max; } texts[N_TEXTS] = TEXTS(out);
	struct key_fixed f;
	uint16_t n;
	int i, rc;

	if ((rc = rec_check(val.p, val.n, KEY_VERSION)) != 0)
		return rc;
	if (val.n < sizeof(f))
		return ERR_CORRUPT;
	memcpy(&f, val.p, sizeof(f));
	if (f.role > KEY_ROOT || f.n_budgets > KEY_BUDGETS)
		return ERR_CORRUPT;
	numbers(out, &f);
	val = str_skip(val, sizeof(f));
	for (i = 0; i < N_TEXTS; i++) {
		if (val.n < sizeof(n))
			return ERR_CORRUPT;
		memcpy(&n, val.p, sizeof(n));
		val = str_skip(val, sizeof(n));
		if (n > val.n || n >= texts[i].max)
			return ERR_CORRUPT;
		memcpy(texts[i].p, val.p, n);
		texts[i].p[n] = '\0';
		val = str_skip(val, n);
	}
	return 0;
}
