/*
 * hide.c - what of a provider's words may be shown.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/err.h"
#include "upstream/cred.h"
#include "worker/hide.h"
#include "worker/req.h"

#define WORDS_MAX	900
#define SECRET_MIN	4		/* bytes; shorter ones are words */
#define SLICE		(1u << 20)	/* bytes, for all secrets together */
#define SLICE_MIN	4096
#define COMPARE_MAX	(4u << 20)	/* of a body: some milliseconds */

/* The value of a header of ours that is a credential, or nothing. */
static struct str
header_secret(const struct conf_provider *p, unsigned i)
{
	struct str value = str_of(p->header_values.v[i]);

	return value.n >= SECRET_MIN &&
	    conf_header_is_secret(p->header_names.v[i]) ? value : STR_NULL;
}

void
hide_secrets(const struct req *r, char *text, size_t n)
{
	const struct conf_provider *p = r->prov->conf;
	unsigned i;

	(void)cred_mask(p, text, n);
	for (i = 0; i < p->header_names.n; i++)
		(void)quote_mask(text, n, header_secret(p, i));
}

void
hide_init(struct worker *w, struct wprov *p)
{
	const struct conf_provider *c = p->conf;
	struct str value;
	unsigned i;

	for (i = 0; i < p->n_keys; i++)
		cred_probe(c->keys[i].key, &p->keys[i].probe);
	p->probes = arena_zalloc(w->arena, (c->header_names.n + 1) *
	    sizeof(*p->probes));
	for (i = 0; i < c->header_names.n; i++)
		if ((value = header_secret(c, i)).n > 0)
			quote_probe_init(&p->probes[p->n_probes++], value);
}

void
hide_echo(const struct req *r, const char *p, size_t n)
{
	const struct wprov *v = r->prov;
	unsigned i;
	int found;

	found = r->key >= 0 && quote_probe_in(&v->keys[r->key].probe, p, n);
	for (i = 0; i < v->n_probes && !found; i++)
		found = quote_probe_in(&v->probes[i], p, n);
	if (found)
		hide_secrets(r, (char *)(uintptr_t)p, n);
}

size_t
hide_span(const struct req *r)
{
	const struct conf_provider *p = r->prov->conf;
	size_t most = cred_mask_span(p), n;
	unsigned i;

	for (i = 0; i < p->header_names.n; i++)
		if ((n = header_secret(p, i).n) > most)
			most = n;
	return most;
}

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
