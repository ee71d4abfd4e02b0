/*
 * count.c - the tokens of a request, counted without answering it.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/err.h"
#include "dialect/count.h"
#include "dialect/ge.h"
#include "dialect/jw.h"

#define TAKES_MAX	16
#define ANSWER_MAX	65536u	/* none has that much to say */

struct str
count_chat(const struct codec_count *c, struct str body)
{
	struct jval v;

	if (c->inside == NULL)
		return body;
	/* Google's servers know a member in two spellings. */
	v = ge_get(jt_value(body), c->inside);
	return jt_is(v) ? v.raw : body;
}

/* In Google's words a model is a path. */
static void
put_model(struct jw *w, struct str model)
{
	int rc;

	jw_key(w, "model");
	if (w->error == 0 && ((rc = buf_adds(w->b, str_chr(model, '/') < 0 ?
	    STR("\"models/") : STR("\""))) != 0 ||
	    (rc = buf_add_json(w->b, model)) != 0 ||
	    (rc = buf_addc(w->b, '"')) != 0))
		w->error = rc;
	w->comma = 1;
}

/* The members of chat that are taken, in one walk. */
static void
pick(const struct codec_count *c, struct str chat, struct jval *v)
{
	struct jval all = jt_value(chat), one;
	struct str name;
	size_t pos = 0;
	unsigned i;

	while (jt_each(all, &pos, &name, &one))
		for (i = 0; c->takes[i] != NULL; i++) {
			ASSERT(i < TAKES_MAX);
			if (str_eqc(name, c->takes[i]))
				v[i] = one;
		}
}

int
count_write(struct buf *b, const struct codec_count *c, struct str chat,
    struct str model)
{
	struct jval v[TAKES_MAX];
	struct jw w;
	unsigned i;

	memset(v, 0, sizeof(v));
	pick(c, chat, v);
	jw_init(&w, b);
	jw_open(&w, '{');
	if (c->inside != NULL) {
		jw_key(&w, c->inside);
		jw_open(&w, '{');
		put_model(&w, model);
	}
	for (i = 0; c->takes[i] != NULL; i++)
		jw_kraw(&w, c->takes[i], v[i].raw);
	if (c->inside != NULL)
		jw_close(&w, '}');
	jw_close(&w, '}');
	return jw_done(&w);
}

int
count_read(const struct codec_count *c, struct str answer, uint64_t *n)
{
	struct jscan_want w = { .path = c->number };
	struct jscan_result res;

	if (answer.n > ANSWER_MAX || jscan(answer, NULL, &w, 1, &res) != 0 ||
	    w.type != JSCAN_NUMBER || jscan_u64(w.raw, n) != 0)
		return ERR_FORMAT;
	return 0;
}

int
count_put(struct buf *b, const struct codec_count *c, uint64_t n)
{
	struct jw w;

	jw_init(&w, b);
	jw_open(&w, '{');
	if (c->object != NULL)
		jw_ktext(&w, "object", c->object);
	jw_ku64(&w, c->number, n);
	jw_close(&w, '}');
	return jw_done(&w);
}
