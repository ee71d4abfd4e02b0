/*
 * hide.c - what of a provider's words may be shown.
 *
 * Runs in: worker.
 * Owns: the last bytes of an attempt's answer, while they may begin a key.
 *
 * No key leaves that was sent with the request, however its answer is cut: what
 * is passed on ends before the longest beginning of one, and that is looked at
 * again with what comes behind it. Other keys of the provider are overwritten
 * where one of these is.
 */
#include "base/err.h"
#include "base/secret.h"
#include "base/slice.h"
#include "upstream/cred.h"
#include "worker/hide.h"
#include "worker/req.h"

#define WORDS_MAX	900
#define SECRET_MIN	4		/* bytes; shorter ones are words */
#define SLICE		(1u << 20)	/* bytes, for all secrets together */
#define SLICE_MIN	4096
#define PART		(16u << 10)	/* of an answer that is translated */
#define COMPARE_MAX	(4u << 20)	/* of a body: some milliseconds */

/* The value of a header of ours that is a credential, or nothing. */
static struct str
header_secret(const struct conf_provider *p, unsigned i)
{
	struct str value = str_of(p->header_values.v[i]);

	return value.n >= SECRET_MIN &&
	    conf_header_is_secret(p->header_names.v[i]) ? value : STR_NULL;
}

static void
mask(const struct conf_provider *p, char *text, size_t n)
{
	unsigned i;

	(void)cred_mask(p, text, n);
	for (i = 0; i < p->header_names.n; i++)
		(void)quote_mask(text, n, header_secret(p, i));
}

void
hide_secrets(const struct req *r, char *text, size_t n)
{
	mask(r->prov->conf, text, n);
}

/* --- what providers send back -------------------------------------------- */

/* All bytes of it but the last. */
static void
note_inside(struct wprov *p, const struct quote_probe *q)
{
	size_t i;

	for (i = 1; i < q->secret.n; i++)
		p->inside[(unsigned char)q->secret.p[i - 1]] = 1;
	if (str_chr(q->secret, '/') >= 0)
		p->inside['\\'] = 1;
}

void
hide_init(struct worker *w, struct wprov *p)
{
	const struct conf_provider *c = p->conf;
	struct quote_probe *q;
	struct str value;
	unsigned i;

	for (i = 0; i < p->n_keys; i++) {
		q = &p->keys[i].probe;
		cred_probe(c->keys[i].key, q);
		note_inside(p, q);
	}
	p->span = cred_mask_span(c);
	p->probes = arena_zalloc(w->arena, (c->header_names.n + 1) *
	    sizeof(*p->probes));
	for (i = 0; i < c->header_names.n; i++) {
		if ((value = header_secret(c, i)).n == 0)
			continue;
		q = &p->probes[p->n_probes++];
		quote_probe_init(q, value);
		note_inside(p, q);
		if (quote_span(value) > p->span)
			p->span = quote_span(value);
	}
}

void
hide_begin(struct req *r)
{
	static const struct quote_probe none;

	r->probe = r->key < 0 ? &none : &r->prov->keys[r->key].probe;
}

/* r->prov and r->key may be those of the next attempt already. */
int
hide_echo(const struct req *r, const char *p, size_t n)
{
	const struct wprov *v = r->fetch_prov;
	int found = quote_probe_in(r->probe, p, n);
	unsigned i;

	for (i = 0; i < v->n_probes && !found; i++)
		found = quote_probe_in(&v->probes[i], p, n);
	if (found)
		mask(v->conf, (char *)(uintptr_t)p, n);
	return found;
}

void
hide_long(const struct req *r, const char *p, size_t n)
{
	const struct wprov *v = r->fetch_prov;
	size_t i, k;

	for (i = 0; i < n; i += PART) {
		/* What begins in the part may end behind it. */
		k = n - i < PART + v->span ? n - i : PART + v->span;
		if (hide_echo(r, p + i, k))
			slice_use(k * (v->n_keys + v->n_probes));
		slice_use(k * (1 + v->n_probes));
	}
}

/* How many of the last bytes may begin one. */
static size_t
begins(const struct req *r, const char *p, size_t n)
{
	const struct wprov *v = r->fetch_prov;
	size_t most = quote_probe_cut(r->probe, p, n), k;
	unsigned i;

	for (i = 0; i < v->n_probes; i++)
		if ((k = quote_probe_cut(&v->probes[i], p, n)) > most)
			most = k;
	return most;
}

/* Give n bytes to the flow but for those at the end that wait. */
static void
pass(struct req *r, const char *p, size_t n)
{
	size_t wait = begins(r, p, n);

	if (wait > 0 && r->begun == NULL)
		r->begun = secret_get(2 * r->fetch_prov->span);
	if (n > wait)
		flow_push(&r->flow, p, n - wait);
	if (wait > 0)
		memmove(r->begun, p + n - wait, wait);
	r->begun_n = wait;
}

/*
 * Behind the bytes that wait come these: as many of them as may belong to the
 * same secret are looked at with them. 1 when that is all.
 */
static int
join(struct req *r, const char *p, size_t n)
{
	size_t had = r->begun_n, all = had +
	    (n < r->fetch_prov->span ? n : r->fetch_prov->span);

	memcpy(r->begun + had, p, all - had);
	hide_echo(r, r->begun, all);
	memcpy((char *)(uintptr_t)p, r->begun + had, all - had);
	if (all - had == n) {
		pass(r, r->begun, all);
		return 1;
	}
	r->begun_n = 0;
	flow_push(&r->flow, r->begun, had);
	return 0;
}

static void __attribute__((noinline))
give_some(struct req *r, const char *p, size_t n)
{
	if (r->begun_n > 0 && join(r, p, n))
		return;
	hide_echo(r, p, n);
	pass(r, p, n);
}

void
hide_give(struct req *r, const char *p, size_t n)
{
	/* Events and whole answers end with no byte of a key. */
	if (r->begun_n > 0 || n == 0 ||
	    r->fetch_prov->inside[(unsigned char)p[n - 1]]) {
		give_some(r, p, n);
		return;
	}
	hide_echo(r, p, n);
	flow_push(&r->flow, p, n);
}

int
hide_give_rest(struct req *r)
{
	size_t n = r->begun_n;

	r->begun_n = 0;
	if (n > 0)
		flow_push(&r->flow, r->begun, n);
	return n > 0;
}

void
hide_forget(struct req *r)
{
	if (r->begun != NULL)
		secret_give_back(r->begun);
	r->begun = NULL;
	r->begun_n = 0;
}

size_t
hide_span(const struct req *r)
{
	return r->prov->span;
}

/* --- errors and logs ----------------------------------------------------- */

static void
hide_fields(struct req *r)
{
	unsigned i;

	for (i = 0; i < r->up_n; i++) {
		struct str v = r->up_h[i].value;
		char *copy = arena_strndup(r->arena, v.p, v.n);

		hide_secrets(r, copy, v.n);
		r->up_h[i].value = str_make(copy, v.n);
	}
}

/* How much of a body in one turn: each secret is looked for by itself. */
static size_t
slice(const struct conf_provider *p)
{
	size_t n = SLICE / (1 + p->n_keys + p->header_names.n);

	return n < SLICE_MIN ? SLICE_MIN : n;
}

int
hide_answer(struct req *r)
{
	const struct buf *held = flow_held(&r->flow);
	size_t n = buf_len(held) - r->hidden, span = hide_span(r);
	size_t most = slice(r->prov->conf);

	if (r->hidden == 0)
		hide_fields(r);
	if (span > 0 && n > most + span) {
		/* What begins in the slice may end behind it. */
		hide_secrets(r, buf_ptr(held) + r->hidden, most + span);
		r->hidden += most;
		return ERR_AGAIN;
	}
	hide_secrets(r, buf_ptr(held) + r->hidden, n);
	r->hidden += n;
	if (!r->up_ended)
		flow_hide(r);
	return 0;
}

/* The model's name is no secret, and says what is wrong. */
static size_t
hide_quotes(const struct req *r, char *text, size_t n)
{
	struct str body = buf_str(&r->body), model = r->marks.model_raw;
	size_t at;

	if (model.n == 0)
		return quote_hide(text, n, body);
	at = (size_t)(model.p - body.p);
	n = quote_hide(text, n, str_make(body.p, at));
	return quote_hide(text, n, str_skip(body, at + model.n));
}

const char *
hide_words(struct req *r, const char *text, size_t n)
{
	/* A key that the cut would halve is found as a whole before. */
	size_t room = n < 2 * WORDS_MAX ? n : 2 * WORDS_MAX;
	char *out;

	if (r->request_bytes > 0 && (r->body.data == NULL ||
	    buf_len(&r->body) > COMPARE_MAX))
		return "";
	out = arena_strndup(r->arena, text, room);
	hide_secrets(r, out, room);
	cred_mask_cut(r->prov->conf, out, room);
	room = hide_quotes(r, out, room);
	out[room < WORDS_MAX ? room : WORDS_MAX] = '\0';
	return out;
}
