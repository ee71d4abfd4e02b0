/*
 * embed_chat.c - embeddings as OpenAI has them, and Mistral's form of it.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/err.h"
#include "dialect/embed.h"

struct form {
	const char	*dimensions;	/* the member's name there */
	unsigned	 has;		/* EMBED_HAS_* */
	int		 mistral;	/* output_dtype; ids and more usage */
};

#define OPENAI_HAS (EMBED_HAS_TOKENS | EMBED_HAS_USER)

static const struct form openai = {
	.dimensions = "dimensions", .has = OPENAI_HAS
};
static const struct form mistral = {
	.dimensions = "output_dimension", .mistral = 1
};

/* --- requests ------------------------------------------------------------ */

static int
read_input(struct embed *e, const struct form *f, struct jval v,
    struct ir_note *n)
{
	struct jval first;
	size_t pos = 0;

	if ((f->has & EMBED_HAS_TOKENS) && v.type == JSCAN_ARRAY &&
	    jt_each(v, &pos, NULL, &first) && (first.type == JSCAN_NUMBER ||
	    first.type == JSCAN_ARRAY)) {
		e->tokens = v.raw;
		return 0;
	}
	return embed_texts(e, v, "input", n);
}

static int
read_encoding(struct embed *e, struct jval v, struct ir_note *n)
{
	if (!jt_is(v) || jt_eq(v, "float"))
		return 0;
	e->base64 = jt_eq(v, "base64");
	return e->base64 ? 0 : embed_bad(n, "encoding_format",
	    "must be \"float\" or \"base64\"");
}

static int
read_user(struct embed *e, struct jval v, struct ir_note *n)
{
	if (!jt_is(v))
		return 0;
	if (v.type != JSCAN_STRING)
		return embed_bad(n, "user", "must be a string");
	e->q->user = jt_text(e->q->a, v);
	return 0;
}

static int
read_member(struct embed *e, const struct form *f, struct str name,
    struct jval v, struct ir_note *n)
{
	if (str_eqc(name, "model") || str_eqc(name, "input"))
		return 0;
	if (str_eqc(name, "encoding_format"))
		return read_encoding(e, v, n);
	if (str_eqc(name, f->dimensions))
		return embed_number(v, &e->dimensions) ? 0 :
		    embed_bad(n, f->dimensions, EMBED_NUMBER);
	if ((f->has & EMBED_HAS_USER) && str_eqc(name, "user"))
		return read_user(e, v, n);
	if (f->mistral && str_eqc(name, "output_dtype")) {
		if (jt_is(v) && !jt_eq(v, "float"))
			ir_extra_must(e->q, "output_dtype", v.raw);
		return 0;
	}
	embed_extra(e, name, v);
	return 0;
}

static int
read_body(struct embed *e, const struct form *f, struct str body,
    struct ir_note *n)
{
	struct jval top = jt_value(body), v;
	struct str name;
	size_t pos = 0;
	int rc;

	e->truncate = -1;
	e->q->model = jt_text(e->q->a, jt_get(top, "model"));
	if ((rc = read_input(e, f, jt_get(top, "input"), n)) != 0)
		return rc;
	while (rc == 0 && jt_each(top, &pos, &name, &v))
		rc = read_member(e, f, name, v, n);
	return rc;
}

static int
write_body(struct buf *b, const struct form *f, const struct embed *e,
    const struct ir_target *t, struct ir_note *n)
{
	struct jw w;
	int rc;

	if ((rc = embed_lose(e, f->has, n)) != 0)
		return rc;
	jw_init(&w, b);
	jw_open(&w, '{');
	jw_kstr(&w, "model", t->model);
	jw_key(&w, "input");
	if (e->tokens.n > 0)
		jw_raw(&w, e->tokens);
	else
		embed_put_texts(&w, e);
	if (e->dimensions > 0)
		jw_ku64(&w, f->dimensions, e->dimensions);
	if (e->base64)
		jw_ktext(&w, "encoding_format", "base64");
	if (f->has & EMBED_HAS_USER)
		jw_kstr(&w, "user", e->q->user);
	jw_close(&w, '}');
	return jw_done(&w);
}

/* --- answers ------------------------------------------------------------- */

/* They have numbers, so their order says nothing. */
static int
get(struct embed_answer *an, struct str body)
{
	struct jval data = jt_get(jt_value(body), "data"), one;
	size_t pos = 0;
	uint64_t i;
	int rc = 0;

	embed_room(an);
	for (i = 0; rc == 0 && jt_each(data, &pos, NULL, &one); i++)
		rc = embed_vector(an, jt_u64(jt_get(one, "index"), i),
		    jt_get(one, "embedding"));
	return rc != 0 ? rc : embed_whole(an);
}

static int
put(struct buf *b, const struct form *f, const struct embed_answer *an)
{
	struct jw w;
	unsigned i;
	int rc = 0;

	jw_init(&w, b);
	jw_open(&w, '{');
	if (f->mistral)
		jw_ktext(&w, "id", an->id);
	jw_ktext(&w, "object", "list");
	jw_key(&w, "data");
	jw_open(&w, '[');
	for (i = 0; rc == 0 && i < an->want; i++) {
		jw_open(&w, '{');
		jw_ktext(&w, "object", "embedding");
		jw_ku64(&w, "index", i);
		jw_key(&w, "embedding");
		rc = embed_put_vector(&w, an, i, an->asked->base64);
		jw_close(&w, '}');
	}
	jw_close(&w, ']');
	jw_key(&w, "model");
	jw_str(&w, an->model);
	jw_key(&w, "usage");
	jw_open(&w, '{');
	jw_ku64(&w, "prompt_tokens", an->tokens);
	if (f->mistral)
		jw_ku64(&w, "completion_tokens", 0);
	jw_ku64(&w, "total_tokens", an->tokens);
	jw_close(&w, '}');
	jw_close(&w, '}');
	return rc != 0 ? rc : jw_done(&w);
}

/* --- the two ------------------------------------------------------------- */

static const struct codec_path paths[] = {
	{ "/mistral/v1/embeddings", NULL, 0 },
	{ NULL, NULL, 0 }
};

#define FORM(id, features, where)					\
static int								\
id##_read(struct embed *e, struct str body, struct ir_note *n)		\
{									\
	return read_body(e, &(id), body, n);				\
}									\
static int								\
id##_write(struct buf *b, const struct embed *e,			\
    const struct ir_target *t, struct ir_note *n)			\
{									\
	return write_body(b, &(id), e, t, n);				\
}									\
static int								\
id##_put(struct buf *b, const struct embed_answer *an)			\
{									\
	return put(b, &(id), an);					\
}									\
const struct embed_codec embed_##id = {					\
	.path = "/embeddings", .has = features, .read = id##_read,	\
	.write = id##_write,						\
	.get = get, .put = id##_put, .paths = where			\
}

FORM(openai, OPENAI_HAS, NULL);
FORM(mistral, 0, paths);
