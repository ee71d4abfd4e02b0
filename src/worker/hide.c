/*
 * hide.c - what of a provider's words may be shown.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/quote.h"
#include "worker/hide.h"
#include "worker/req.h"

#define WORDS_MAX	900
#define SECRET_MIN	4		/* bytes; shorter ones are words */
#define COMPARE_MAX	(4u << 20)	/* of a body: some milliseconds */

void
hide_secrets(const struct req *r, char *text, size_t n)
{
	const struct conf_provider *p = r->prov->conf;
	struct str key = STR_NULL, value;
	unsigned i;

	if (r->key >= 0)
		key = secret_reveal(r->prov->keys[r->key].conf->key);
	if (key.n >= SECRET_MIN)
		(void)quote_mask(text, n, key);
	for (i = 0; i < p->header_names.n; i++) {
		value = str_of(p->header_values.v[i]);
		if (value.n >= SECRET_MIN &&
		    conf_header_is_secret(p->header_names.v[i]))
			(void)quote_mask(text, n, value);
	}
}

void
hide_answer(struct req *r)
{
	const struct buf *held = flow_held(&r->flow);
	unsigned i;

	for (i = 0; i < r->up_n; i++)
		hide_secrets(r, (char *)(uintptr_t)r->up_h[i].value.p,
		    r->up_h[i].value.n);
	hide_secrets(r, buf_ptr(held), buf_len(held));
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
	room = hide_quotes(r, out, room);
	out[room < WORDS_MAX ? room : WORDS_MAX] = '\0';
	return out;
}
