/*
 * gemini_logprobs.c - logprobsResult and OpenAI's {"content":[...]}.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/err.h"
#include "dialect/ge.h"

#define LOGPROBS_MAX	(16u << 20)

/* token, logprob and the token's bytes: the inside of an object. */
static void
put_token(struct jw *w, struct arena *a, struct jval t)
{
	struct str s = jt_text(a, jt_get(t, "token"));
	struct jval p = jt_get(t, "logProbability");
	size_t i;

	jw_key(w, "token");
	jw_str(w, s);
	jw_key(w, "logprob");
	jw_raw(w, p.type == JSCAN_NUMBER ? p.raw : STR("0"));
	jw_key(w, "bytes");
	jw_open(w, '[');
	for (i = 0; i < s.n; i++)
		jw_u64(w, (unsigned char)s.p[i]);
	jw_close(w, ']');
}

static void
put_tops(struct jw *w, struct arena *a, struct jval top)
{
	struct jval list = jt_get(top, "candidates"), one;
	size_t pos = 0;

	jw_key(w, "top_logprobs");
	jw_open(w, '[');
	while (list.type == JSCAN_ARRAY && jt_each(list, &pos, NULL, &one)) {
		jw_open(w, '{');
		put_token(w, a, one);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

struct str
ge_logprobs_in(struct arena *a, struct jval v)
{
	struct jval chosen = jt_get(v, "chosenCandidates"),
	    tops = jt_get(v, "topCandidates"), one, top;
	size_t pos = 0, at = 0;
	struct str out;
	struct buf b;
	struct jw w;

	buf_init(&b, LOGPROBS_MAX);
	jw_init(&w, &b);
	jw_open(&w, '{');
	jw_key(&w, "content");
	jw_open(&w, '[');
	while (chosen.type == JSCAN_ARRAY &&
	    jt_each(chosen, &pos, NULL, &one)) {
		top = (struct jval){ JSCAN_NONE, STR_NULL };
		if (tops.type == JSCAN_ARRAY)
			(void)jt_each(tops, &at, NULL, &top);
		jw_open(&w, '{');
		put_token(&w, a, one);
		put_tops(&w, a, top);
		jw_close(&w, '}');
	}
	jw_close(&w, ']');
	jw_close(&w, '}');
	out = jw_done(&w) == 0 ? arena_str(a, buf_str(&b)) :
	    STR("{\"content\":[]}");
	buf_free(&b);
	return out;
}

static void
give_token(struct jw *w, struct arena *a, struct jval t)
{
	struct jval p = jt_get(t, "logprob");

	jw_open(w, '{');
	jw_key(w, "token");
	jw_str(w, jt_text(a, jt_get(t, "token")));
	jw_key(w, "logProbability");
	jw_raw(w, p.type == JSCAN_NUMBER ? p.raw : STR("0"));
	jw_close(w, '}');
}

void
ge_logprobs_out(struct jw *w, struct arena *a, const struct str *raw,
    unsigned n)
{
	struct jval list, one, top, t;
	size_t pos, at;
	unsigned i;

	jw_open(w, '{');
	jw_key(w, "chosenCandidates");
	jw_open(w, '[');
	for (i = 0; i < n; i++) {
		list = jt_get(jt_value(raw[i]), "content");
		for (pos = 0; list.type == JSCAN_ARRAY &&
		    jt_each(list, &pos, NULL, &one);)
			give_token(w, a, one);
	}
	jw_close(w, ']');
	jw_key(w, "topCandidates");
	jw_open(w, '[');
	for (i = 0; i < n; i++) {
		list = jt_get(jt_value(raw[i]), "content");
		for (pos = 0; list.type == JSCAN_ARRAY &&
		    jt_each(list, &pos, NULL, &one);) {
			top = jt_get(one, "top_logprobs");
			jw_open(w, '{');
			jw_key(w, "candidates");
			jw_open(w, '[');
			for (at = 0; top.type == JSCAN_ARRAY &&
			    jt_each(top, &at, NULL, &t);)
				give_token(w, a, t);
			jw_close(w, ']');
			jw_close(w, '}');
		}
	}
	jw_close(w, ']');
	jw_close(w, '}');
}
