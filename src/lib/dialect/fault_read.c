/*
 * fault_read.c - what a provider says is wrong, in any of their envelopes.
 *
 * Runs in: worker.
 * Owns: the table of words for a prompt that is too long.
 *
 * An object "error" with a message, a bare "message" or "detail", which may be
 * a list of complaints, or a list of one such object; a page of HTML says
 * nothing.
 */
#include "base/jscan.h"
#include "dialect/fault.h"
#include "dialect/jt.h"

#define LONGEST (1u << 20)	/* no error that means something is longer */

struct said {
	struct jval	 text, code, param;
};

/* The first of a list, or the value itself. */
static struct jval
first(struct jval v)
{
	struct jval one;
	size_t pos = 0;

	if (v.type != JSCAN_ARRAY)
		return v;
	return jt_each(v, &pos, NULL, &one) ? one :
	    (struct jval){ JSCAN_NONE, STR_NULL };
}

static void
find(struct said *s, struct jval top)
{
	struct jval e = jt_get(top, "error");

	if (e.type == JSCAN_OBJECT) {
		s->text = jt_get(e, "message");
		s->code = jt_get(e, "code");
		s->param = jt_get(e, "param");
		return;
	}
	s->text = e.type == JSCAN_STRING ? e : jt_get(top, "message");
	if (s->text.type == JSCAN_OBJECT)
		s->text = jt_get(s->text, "detail");
	if (!jt_is(s->text))
		s->text = jt_get(top, "detail");
	s->text = first(s->text);
	if (s->text.type == JSCAN_OBJECT)
		s->text = jt_get(s->text, "msg");
}

static enum fault
kind(int status, const struct said *s, struct str text)
{
	static const char *const long_prompts[] = { "prompt is too long",
	    "context window", "maximum context length", "input token count",
	    "context length" };
	size_t i;

	if (status == 404)
		return FAULT_NO_MODEL;
	if (status == 413)
		return FAULT_BODY_TOO_LARGE;
	if (jt_eq(s->code, "context_length_exceeded"))
		return FAULT_CONTEXT;
	for (i = 0; i < sizeof(long_prompts) / sizeof(long_prompts[0]); i++)
		if (status == 400 && str_find(text, str_of(long_prompts[i])) >=
		    0)
			return FAULT_CONTEXT;
	return FAULT_BAD_REQUEST;
}

static struct str
string(struct jval v, char *to, size_t size)
{
	long n = v.type == JSCAN_STRING ? jscan_string(v.raw, to, size) : -1;

	return n <= 0 ? STR_NULL : str_make(to, (size_t)n);
}

void
fault_read(struct fault_said *f, struct str body, int status)
{
	struct jscan_result res;
	struct said s;

	memset(f, 0, sizeof(*f));
	memset(&s, 0, sizeof(s));
	if (body.n <= LONGEST && jscan(body, NULL, NULL, 0, &res) == 0)
		find(&s, first(jt_value(body)));
	f->text = string(s.text, f->text_space, sizeof(f->text_space));
	f->param = string(s.param, f->param_space, sizeof(f->param_space));
	f->fault = kind(status, &s, f->text);
}
