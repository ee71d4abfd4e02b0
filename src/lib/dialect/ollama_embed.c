/*
 * ollama_embed.c - embeddings as Ollama has them: /api/embed, and for one text
 * /api/embeddings, which is older.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "dialect/embed.h"

/* --- requests ------------------------------------------------------------ */

static int
read_member(struct embed *e, struct str name, struct jval v,
    struct ir_note *n)
{
	if (str_eqc(name, "model") || str_eqc(name, e->q->prompt ? "prompt" :
	    "input"))
		return 0;
	if (!e->q->prompt && str_eqc(name, "dimensions"))
		return embed_number(v, &e->dimensions) ? 0 :
		    embed_bad(n, "dimensions", EMBED_NUMBER);
	if (!e->q->prompt && str_eqc(name, "truncate"))
		return embed_flag(v, &e->truncate) ? 0 :
		    embed_bad(n, "truncate", EMBED_FLAG);
	embed_extra(e, name, v);
	return 0;
}

static int
read_body(struct embed *e, struct str body, struct ir_note *n)
{
	struct jval top = jt_value(body), v;
	const char *member = e->q->prompt ? "prompt" : "input";
	struct str name;
	size_t pos = 0;
	int rc;

	e->truncate = -1;
	e->q->model = jt_text(e->q->a, jt_get(top, "model"));
	v = jt_get(top, member);
	if (e->q->prompt && v.type != JSCAN_STRING)
		return embed_bad(n, member, "must be a string");
	if ((rc = embed_texts(e, v, member, n)) != 0)
		return rc;
	while (rc == 0 && jt_each(top, &pos, &name, &v))
		rc = read_member(e, name, v, n);
	return rc;
}

static int
write_body(struct buf *b, const struct embed *e, const struct ir_target *t,
    struct ir_note *n)
{
	struct jw w;
	int rc;

	if ((rc = embed_lose(e, EMBED_HAS_TRUNCATE, n)) != 0)
		return rc;
	jw_init(&w, b);
	jw_open(&w, '{');
	jw_kstr(&w, "model", t->model);
	jw_key(&w, "input");
	embed_put_texts(&w, e);
	if (e->dimensions > 0)
		jw_ku64(&w, "dimensions", e->dimensions);
	if (e->truncate >= 0)
		jw_kbool(&w, "truncate", e->truncate);
	jw_close(&w, '}');
	return jw_done(&w);
}

/* --- answers ------------------------------------------------------------- */

static int
get(struct embed_answer *an, struct str body)
{
	embed_room(an);
	return embed_vectors(an, jt_get(jt_value(body), "embeddings"), NULL);
}

static int
put(struct buf *b, const struct embed_answer *an)
{
	struct jw w;
	unsigned i;
	int rc = 0;

	jw_init(&w, b);
	jw_open(&w, '{');
	if (an->asked->q->prompt) {
		jw_key(&w, "embedding");
		rc = embed_put_vector(&w, an, 0, 0);
		jw_close(&w, '}');
		return rc != 0 ? rc : jw_done(&w);
	}
	jw_key(&w, "model");
	jw_str(&w, an->model);
	jw_key(&w, "embeddings");
	jw_open(&w, '[');
	for (i = 0; rc == 0 && i < an->want; i++)
		rc = embed_put_vector(&w, an, i, 0);
	jw_close(&w, ']');
	jw_ku64(&w, "total_duration", (uint64_t)an->spent_us * 1000);
	jw_ku64(&w, "load_duration", 0);
	jw_ku64(&w, "prompt_eval_count", an->tokens);
	jw_close(&w, '}');
	return rc != 0 ? rc : jw_done(&w);
}

static const struct codec_path paths[] = {
	{ "/ollama/api/embed", NULL, 0 },
	{ "/ollama/api/embeddings", "/api/embeddings", 1 },
	{ NULL, NULL, 0 }
};

const struct embed_codec embed_ollama = {
	.path = "/api/embed", .has = EMBED_HAS_TRUNCATE, .read = read_body, .write = write_body,
	.get = get, .put = put, .paths = paths
};
