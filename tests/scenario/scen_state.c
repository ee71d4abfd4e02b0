/*
 * scen_state.c - the commands about what the shared state says.
 *
 * Runs in: one scenario.
 * Owns: nothing.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/hmap.h"
#include "net/addr.h"
#include "scen_run.h"
#include "state/window.h"

/* --- admission and settlement --------------------------------------------- */

static struct act_admit *
next_admit(void)
{
	return scen_next_admit = calloc(1, sizeof(*scen_next_admit));
}

/* "refuse rpm 1500ms": the next admission fails; "refuse full" the store,
 * "refuse broken" otherwise. */
static void
cmd_refuse(struct str rest)
{
	struct str kind = run_word(&rest);
	struct act_admit *a = next_admit();
	int k;

	a->a.rc = str_eqc(kind, "full") ? ERR_FULL :
	    str_eqc(kind, "broken") ? ERR_SYSTEM : ERR_LIMIT;
	for (k = 0; k < WINDOW_KINDS && a->a.rc == ERR_LIMIT; k++)
		if (str_eqc(kind, window_name((enum window_kind)k)))
			a->refused = (enum window_kind)k;
	if (rest.n > 0)
		a->retry_after_us = run_time(&rest);
}

/* "limits 100 99 500ms": what the next admission reports; "1000 7 2s" behind
 * that: of tokens. */
static void
cmd_limits(struct str rest)
{
	struct act_admit *a = next_admit();

	a->limit = (uint64_t)run_number(&rest);
	a->remaining = (uint64_t)run_number(&rest);
	a->reset_us = run_time(&rest);
	if (rest.n == 0)
		return;
	a->tokens_limit = (uint64_t)run_number(&rest);
	a->tokens_remaining = (uint64_t)run_number(&rest);
	if (rest.n > 0)
		a->tokens_reset_us = run_time(&rest);
}

/* "admitted rps=5 rpd=0": with these limits the last one was admitted. */
static void
cmd_admitted(struct str rest)
{
	struct str w;
	char have[64];
	int k;

	while ((w = run_word(&rest)).n > 0) {
		for (k = 0; k < WINDOW_KINDS; k++) {
			snprintf(have, sizeof(have), "%s=%llu", window_name(
			    (enum window_kind)k), (unsigned long long)
			    scen_limits.v[k]);
			if (str_eqc(w, have))
				break;
		}
		if (k == WINDOW_KINDS)
			scen_fail("not %.*s", STR_ARG(w));
	}
}

/* The next settlement finds the store full; "broken": it fails for good. */
static void
cmd_full(struct str rest)
{
	scen_settle_rc = str_eqc(rest, "broken") ? ERR_SYSTEM : ERR_FULL;
}

/* Nothing can be put on record from here on; "broken": for another reason. */
static void
cmd_norecord(struct str rest)
{
	scen_open_rc = str_eqc(rest, "broken") ? ERR_SYSTEM : ERR_FULL;
}

/* So many tokens may be reserved, "5000 3s" behind that: more in 3 seconds, as
 * with tpm; "full", "broken": the act fails. */
static void
cmd_tokens(struct str rest)
{
	if (str_eqc(rest, "full"))
		scen_reserve_rc = ERR_FULL;
	else if (str_eqc(rest, "broken"))
		scen_reserve_rc = ERR_SYSTEM;
	else {
		scen_reserve_rc = 0;
		scen_tokens = (uint64_t)run_number(&rest);
		scen_tokens_us = rest.n > 0 ? run_time(&rest) : 0;
	}
}

/* --- client keys of the ledger -------------------------------------------- */

static void
text_of(char *dst, size_t size, struct str v)
{
	if (str_copy(dst, size, v) != 0)
		scen_fail("too long: %.*s", STR_ARG(v));
}

static void
set_key(struct key_rec *k, struct str name, struct str v)
{
	if (str_eqc(name, "name"))
		text_of(k->name, sizeof(k->name), v);
	else if (str_eqc(name, "tier"))
		text_of(k->tier, sizeof(k->tier), v);
	else if (str_eqc(name, "groups"))
		text_of(k->groups, sizeof(k->groups), v);
	else if (str_eqc(name, "providers"))
		text_of(k->providers, sizeof(k->providers), v);
	else if (str_eqc(name, "models"))
		text_of(k->models, sizeof(k->models), v);
	else if (str_eqc(name, "allow_from"))
		text_of(k->allow_from, sizeof(k->allow_from), v);
	else if (str_eqc(name, "rpm"))
		k->rpm = (uint64_t)run_number(&v);
	else if (str_eqc(name, "expires"))
		k->expires_us = SCEN_EPOCH_US + scen_now + run_time(&v);
	else if (str_eqc(name, "disabled"))
		k->enabled = 0;
	else if (str_eqc(name, "admin"))
		k->role = KEY_ADMIN;
	else
		scen_fail("no such field");
}

/* "ledger sk-x name=n rpm=7 groups=a,b expires=5s": it has such a key. */
static void
cmd_ledger(struct str rest)
{
	struct key_rec *k = &scen_key[scen_n_key];
	struct str w, v;
	long eq;

	if (scen_n_key == SCEN_KEYS)
		scen_fail("too many keys");
	memset(k, 0, sizeof(*k));
	crypto_sha256(run_word(&rest), k->hash);
	k->id = 1000 + scen_n_key;
	k->enabled = 1;
	k->rps = k->rpm = k->rpd = k->tpm = k->hourly_limit = KEY_UNSET;
	k->daily_limit = k->cooldown = k->max_concurrency = KEY_UNSET;
	k->max_tokens = KEY_UNSET;
	while ((w = run_word(&rest)).n > 0) {
		eq = str_chr(w, '=');
		v = eq < 0 ? STR("") : str_skip(w, (size_t)eq + 1);
		set_key(k, eq < 0 ? w : str_make(w.p, (size_t)eq), v);
	}
	scen_n_key++;
}

/* --- what others publish ---------------------------------------------------- */

/* "models alpha a b c": the checker has fetched its list, or another one. */
static void
cmd_models(struct str rest)
{
	static char text[SCEN_MODELS][64];
	struct str provider = run_word(&rest), w;

	text_of(scen_models_of, sizeof(scen_models_of), provider);
	scen_n_model = 0;
	while ((w = run_word(&rest)).n > 0) {
		if (scen_n_model == SCEN_MODELS)
			scen_fail("too many models");
		text_of(text[scen_n_model], sizeof(text[0]), w);
		scen_model[scen_n_model] = str_of(text[scen_n_model]);
		scen_n_model++;
	}
	scen_models_version++;
}

/* "upkey alpha 2 rests 60s", "... waits" (for a probe), "... good", "... down":
 * what a checker, or another worker, says of a provider's second key. All others are as they
 * were when nobody knew. */
static void
cmd_upkey(struct str rest)
{
	struct wprov *p = hmap_get(run_worker->prov_by_id, run_word(&rest));
	long n = run_number(&rest);
	struct str how = run_word(&rest);
	struct upkey_rec *u;

	if (p == NULL || n < 1 || n > (long)p->n_keys)
		scen_fail("no such key");
	if (scen_n_upkey == SCEN_KEYS)
		scen_fail("too many rows");
	u = &scen_upkey[scen_n_upkey++];
	memset(u, 0, sizeof(*u));
	text_of(u->provider, sizeof(u->provider), str_of(p->conf->id));
	memcpy(u->id, p->keys[n - 1].conf->id, sizeof(u->id));
	u->checked_us = SCEN_EPOCH_US + scen_now;
	u->status = str_eqc(how, "good") ? UPKEY_HEALTHY : UPKEY_UNHEALTHY;
	if (u->status == UPKEY_UNHEALTHY)
		text_of(u->error, sizeof(u->error), STR("probe failed"));
	if (str_eqc(how, "rests")) {
		u->why = UPKEY_AUTH;
		u->until_us = u->checked_us + run_time(&rest);
	} else if (str_eqc(how, "waits")) {
		u->why = UPKEY_AUTH;
		u->until_us = UPKEY_NEVER;
	}
	scen_upkey_version++;
}

/* "idle-workers": there are two others, and they have no connections. */
static void
cmd_idle_workers(struct str rest)
{
	struct board *b = run_worker->child->board;
	int i;

	(void)rest;
	for (i = 0; i < 2; i++) {
		b->slot[i].role = BOARD_WORKER;
		b->slot[i].state = BOARD_READY;
		b->slot[i].heartbeat_us = INT64_MAX;
	}
}

/* "accepting 1": the worker takes new connections. */
static void
cmd_accepting(struct str rest)
{
	if (run_worker->accepting != (int)run_number(&rest))
		scen_fail("it is %d", run_worker->accepting);
}

static const struct {
	const char	*name;
	void		(*fn)(struct str rest);
} commands[] = {
	{ "accepting", cmd_accepting }, { "idle-workers", cmd_idle_workers },
	{ "admitted", cmd_admitted }, { "full", cmd_full },
	{ "ledger", cmd_ledger }, { "limits", cmd_limits },
	{ "models", cmd_models }, { "norecord", cmd_norecord },
	{ "refuse", cmd_refuse }, { "tokens", cmd_tokens },
	{ "upkey", cmd_upkey },
};

int
run_state_command(struct str verb, struct str rest)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (str_eqc(verb, commands[i].name)) {
			commands[i].fn(rest);
			return 1;
		}
	return 0;
}
