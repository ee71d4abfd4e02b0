/*
 * fake_state.c - state/: acts answered as the script says; proc/child.h.
 *
 * Runs in: the scenario runner.
 * Owns: the usage records that came.
 */
#include <stdlib.h>

#include "base/err.h"
#include "scen.h"
#include "state/addr_book.h"
#include "state/alive.h"
#include "state/models.h"
#include "state/open.h"
#include "state/usage.h"

struct buf scen_record[SCEN_RECORDS];
unsigned scen_n_record, scen_n_admit, scen_places, scen_key_faults;
unsigned scen_attempts_settled;
struct act_admit *scen_next_admit;
struct window_limits scen_limits;
int scen_settle_rc, scen_drained, scen_open_rc, scen_reserve_rc;
int scen_n_open;
unsigned scen_n_reserve;
uint64_t scen_tokens = UINT64_MAX, scen_reserved;
int64_t scen_tokens_us;

struct key_rec scen_key[SCEN_KEYS];
struct upkey_rec scen_upkey[SCEN_KEYS];
struct str scen_model[SCEN_MODELS];
char scen_models_of[64];
unsigned scen_n_key, scen_n_upkey, scen_n_model;
uint64_t scen_upkey_version, scen_models_version;

TAILQ_HEAD(act_list, act);
struct state {
	struct act_list	 acts;
	unsigned	 n;
};

int
state_open(const struct state_opts *o, struct state **out, char *err,
    size_t errsize)
{
	(void)o;
	(void)err;
	(void)errsize;
	*out = calloc(1, sizeof(**out));
	TAILQ_INIT(&(*out)->acts);
	return 0;
}

int
state_fatal(const struct state *st)
{
	(void)st;
	return 0;
}

void
state_queue(struct state *st, struct act *a)
{
	TAILQ_INSERT_TAIL(&st->acts, a, link);
	st->n++;
}

unsigned
state_queued(const struct state *st)
{
	return st->n;
}

static void
admit(struct act_admit *ad)
{
	scen_n_admit++;
	scen_limits = ad->limits;
	ad->a.rc = 0;
	ad->place = ad->limits.v[WINDOW_CONCURRENCY] > 0;
	if (scen_next_admit != NULL) {
		const struct act_admit *n = scen_next_admit;

		ad->a.rc = n->a.rc;
		ad->refused = n->refused;
		ad->retry_after_us = n->retry_after_us;
		ad->limit = n->limit;
		ad->remaining = n->remaining;
		ad->reset_us = n->reset_us;
		ad->tokens_limit = n->tokens_limit;
		ad->tokens_remaining = n->tokens_remaining;
		ad->tokens_reset_us = n->tokens_reset_us;
		free(scen_next_admit);
		scen_next_admit = NULL;
	}
	if (ad->a.rc == ERR_LIMIT && ad->shadow) {
		ad->over = 1;
		ad->a.rc = 0;
	}
	if (ad->a.rc != 0)
		ad->place = 0;
	ad->reserved = ad->a.rc == 0 && ad->tokens <= scen_tokens / 32 ?
	    ad->tokens : 0;
	scen_reserved += ad->reserved;
	scen_places += (unsigned)ad->place;
}

static void
flags_text(struct buf *b, uint32_t flags)
{
	static const char *const names[] = { "stream", "estimated",
	    "aborted", "truncated", "failed", "unpriced", "interrupted" };
	unsigned i, n = 0;

	buf_printf(b, " flags=");
	for (i = 0; i < 7; i++)
		if (flags >> i & 1)
			buf_printf(b, "%s%s", n++ > 0 ? "," : "", names[i]);
	if (n == 0)
		buf_printf(b, "none");
}

static void
give_back(struct act_settle *s)
{
	scen_places -= (unsigned)s->release;
	scen_reserved -= s->reserved;
	open_end(NULL, &s->open);
	scen_attempts_settled += s->rec.attempts;
}

static void
settle(struct act_settle *s)
{
	const struct usage_rec *u = &s->rec;
	struct buf *b;

	s->a.rc = scen_settle_rc;
	scen_settle_rc = 0;
	if (s->a.rc == ERR_SYSTEM) {	/* the recorder cleans up later */
		give_back(s);
		return;
	}
	if (s->a.rc != 0)
		return;
	if (scen_n_record == SCEN_RECORDS)
		scen_broken("too many records");
	give_back(s);
	b = &scen_record[scen_n_record++];
	buf_init(b, 4096);
	buf_printf(b, "status=%d key=%.*s provider=%.*s group=%.*s model=%.*s "
	    "upstream_model=%.*s endpoint=%.*s attempts=%d input=%llu "
	    "output=%llu cached=%llu cost=%lld first_ms=%llu "
	    "duration_ms=%llu upstream_ms=%llu release=%d", u->status,
	    STR_ARG(u->key_name), STR_ARG(u->provider), STR_ARG(u->group),
	    STR_ARG(u->model), STR_ARG(u->upstream_model),
	    STR_ARG(u->endpoint), u->attempts, (unsigned long long)u->input,
	    (unsigned long long)u->output, (unsigned long long)u->cached,
	    (long long)u->cost, (unsigned long long)u->first_us / 1000,
	    (unsigned long long)u->duration_us / 1000,
	    (unsigned long long)u->upstream_us / 1000, s->release);
	flags_text(b, u->flags);
	if (u->session.n > 0)
		buf_printf(b, " session=%.*s agent=%.*s parent=%.*s",
		    STR_ARG(u->session), STR_ARG(u->agent),
		    STR_ARG(u->parent));
	else
		buf_printf(b, " session=none");
	buf_addc(b, ' ');
}

/* --- state/open.h -------------------------------------------------------- */

struct open_req {
	int		 sent;
};

int
open_begin(struct state *st, const struct usage_rec *who,
    struct open_req **out)
{
	int was;

	(void)st;
	(void)who;
	*out = NULL;
	if (scen_open_rc != 0)
		return scen_open_rc;
	was = scen_arm(0);
	*out = calloc(1, sizeof(**out));
	scen_arm(was);
	scen_n_open++;
	return 0;
}

void
open_attempt(struct open_req *o, unsigned n, struct str provider,
    struct str upstream_model, const struct open_charge *c)
{
	(void)n;
	(void)provider;
	(void)upstream_model;
	(void)c;
	o->sent = 0;
}

void
open_sent(struct open_req *o)
{
	o->sent = 1;
}

void
open_output(struct open_req *o, uint64_t tokens)
{
	(void)o;
	(void)tokens;
}

void
open_exact(struct open_req *o, uint64_t input, uint64_t output, int64_t cost)
{
	(void)o;
	(void)input;
	(void)output;
	(void)cost;
}

void
open_end(struct state *st, struct open_req **op)
{
	(void)st;
	if (*op == NULL)
		return;
	scen_n_open--;
	free(*op);
	*op = NULL;
}

static void
reserve(struct act_reserve *a)
{
	scen_n_reserve++;
	if ((a->a.rc = scen_reserve_rc) != 0) {
		scen_reserve_rc = 0;
		return;
	}
	if (a->want > scen_tokens) {
		a->a.rc = ERR_LIMIT;
		a->refused = scen_tokens_us > 0 ? WINDOW_TPM : WINDOW_TOKENS;
		a->retry_after_us = scen_tokens_us;
		if (a->more)
			return;
		scen_places -= (unsigned)a->admit->place;
		scen_reserved -= a->admit->reserved;
		a->admit->place = 0;
		a->admit->reserved = 0;
		return;
	}
	if (a->want > a->admit->reserved) {
		scen_reserved += a->want - a->admit->reserved;
		a->admit->reserved = a->want;
	}
}

static void
leave(struct act_leave *l)
{
	l->a.rc = 0;
	scen_places -= (unsigned)l->release;
	scen_reserved -= l->reserved;
}

unsigned
state_flush(struct state *st)
{
	struct act_list now;
	struct act *a;
	unsigned n = 0;

	TAILQ_INIT(&now);
	TAILQ_CONCAT(&now, &st->acts, link);
	st->n = 0;
	TAILQ_FOREACH(a, &now, link) {
		if (a->kind == ACT_ADMIT)
			admit((struct act_admit *)a);
		else if (a->kind == ACT_SETTLE) {
			int was = scen_arm(0);

			settle((struct act_settle *)a);
			scen_arm(was);
		} else if (a->kind == ACT_RESERVE)
			reserve((struct act_reserve *)a);
		else if (a->kind == ACT_LEAVE)
			leave((struct act_leave *)a);
		else if (a->kind == ACT_KEY_FAULT) {
			scen_key_faults +=
			    !((struct act_key_fault *)a)->good;
			a->rc = 0;
		}
	}
	while ((a = TAILQ_FIRST(&now)) != NULL) {
		TAILQ_REMOVE(&now, a, link);
		a->done(a);
		n++;
	}
	return n;
}

void
scen_state_finish(void)
{
	if (scen_places != 0)
		scen_broken("a concurrency place was not given back");
	if (scen_attempts_settled != scen_n_fetch)
		scen_broken("%u attempts are settled, %u were made",
		    scen_attempts_settled, scen_n_fetch);
	if (scen_reserved != 0)
		scen_broken("%llu tokens are still reserved",
		    (unsigned long long)scen_reserved);
	if (scen_n_open != 0)
		scen_broken("%d requests are still on record", scen_n_open);
}

void
state_turn_end(struct state *st)
{
	(void)st;
}

int
key_find(struct state *st, const unsigned char hash[32], int64_t real_us,
    struct key_rec *out)
{
	unsigned i;

	(void)st;
	(void)real_us;
	for (i = 0; i < scen_n_key; i++)
		if (memcmp(scen_key[i].hash, hash, 32) == 0) {
			*out = scen_key[i];
			return 0;
		}
	return ERR_NOTFOUND;
}

uint64_t
addr_book_version(struct state *st)
{
	(void)st;
	return 0;
}

int
addr_book_get(struct state *st, const char *host, struct addr_book_rec *out)
{
	(void)st;
	(void)host;
	(void)out;
	return ERR_NOTFOUND;
}

uint64_t
upkey_version(struct state *st)
{
	(void)st;
	return scen_upkey_version;
}

int
upkey_all(struct state *st, struct upkey_rec *v, unsigned max)
{
	(void)st;
	(void)max;
	memcpy(v, scen_upkey, scen_n_upkey * sizeof(*v));
	return (int)scen_n_upkey;
}

uint64_t
models_version(struct state *st)
{
	(void)st;
	return scen_models_version;
}

int
models_each(struct state *st, const char *provider, int64_t *fetched_us,
    int (*fn)(void *arg, struct str id), void *arg)
{
	unsigned i;
	int rc = 0;

	(void)st;
	*fetched_us = SCEN_EPOCH_US;
	if (strcmp(provider, scen_models_of) == 0)
		for (i = 0; i < scen_n_model && rc == 0; i++)
			rc = fn(arg, scen_model[i]);
	return rc;
}

/* --- proc/child.h ------------------------------------------------------- */

void
child_ready(struct child *c)
{
	(void)c;
}

void
child_drained(struct child *c)
{
	(void)c;
	scen_drained++;
}

void
child_fail(struct child *c, const char *why)
{
	(void)c;
	scen_broken("the worker gave up: %s", why);
}

int
tls_server_ctx(struct str cert_pem, struct str key_pem,
    const char *min_version, const unsigned char ticket_key[80],
    struct tls_ctx **out, char *err, size_t errsize)
{
	(void)cert_pem;
	(void)key_pem;
	(void)min_version;
	(void)ticket_key;
	(void)out;
	(void)err;
	(void)errsize;
	return ERR_UNSUPPORTED;
}

int
alive_get(struct state *st, uint64_t incarnation, struct alive_mark *m)
{
	(void)st;
	(void)incarnation;
	(void)m;
	return ERR_NOTFOUND;
}

/* Only the recorder sweeps; proc/store.c, which the worker links, names it. */
int
state_gone(struct state *st, unsigned slot, uint64_t incarnation)
{
	(void)st;
	(void)slot;
	(void)incarnation;
	return 0;
}
