/*
 * gemini_body.c - events become one answer of generateContent.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * Pieces of one text are one part.
 */
#include "base/err.h"
#include "dialect/gemini_out.h"

/* Pieces of one text from v[i] on, joined; *i is the last of them. */
static int
joined(struct ge_out *s, const struct ir_event *v, unsigned n, unsigned *i,
    struct ir_event *out)
{
	unsigned k, last = *i;
	struct buf b;
	int rc = 0;

	*out = v[*i];
	if (out->kind != IR_EV_TEXT && out->kind != IR_EV_THINKING)
		return 0;
	buf_init(&b, s->o->out->max);
	for (k = *i; k < n && rc == 0; k++) {
		if (v[k].choice != out->choice || v[k].kind == IR_EV_USAGE)
			continue;
		if (v[k].kind != out->kind)
			break;
		rc = buf_adds(&b, v[k].text);
		last = k;
	}
	out->text = arena_str(s->o->a, buf_str(&b));
	buf_free(&b);
	*i = last;
	return rc;
}

static void
body_logprobs(struct ge_out *s, const struct ir_event *v, unsigned n,
    unsigned choice)
{
	struct str *raw = arena_alloc(s->o->a, (n + 1) * sizeof(*raw));
	unsigned i, k = 0;

	for (i = 0; i < n; i++)
		if (v[i].kind == IR_EV_LOGPROBS && v[i].choice == choice)
			raw[k++] = v[i].raw;
	if (k == 0)
		return;
	jw_key(&s->w, "logprobsResult");
	ge_logprobs_out(&s->w, s->o->a, raw, k);
}

static int
body_choice(struct ge_out *s, const struct ir_event *v, unsigned n,
    unsigned choice)
{
	struct ir_event ev;
	unsigned i;
	int rc;

	jw_open(&s->w, '{');
	jw_key(&s->w, "content");
	jw_open(&s->w, '{');
	jw_key(&s->w, "parts");
	jw_open(&s->w, '[');
	for (i = 0; i < n; i++) {
		if (v[i].choice != choice || v[i].kind == IR_EV_END ||
		    v[i].kind == IR_EV_USAGE)
			continue;
		if ((rc = joined(s, v, n, &i, &ev)) != 0 ||
		    (rc = ge_out_event(s, &ev)) != 0)
			return rc;
	}
	ge_out_calls(s, choice);
	jw_close(&s->w, ']');
	jw_ktext(&s->w, "role", "model");
	jw_close(&s->w, '}');
	body_logprobs(s, v, n, choice);
	ge_out_reason(s, choice);
	jw_close(&s->w, '}');
	return 0;
}

int
ge_put_body(struct codec_out *o, const struct ir_event *ev, unsigned n)
{
	struct ge_out *s = ge_out(o);
	unsigned i, choices = 1;
	int rc;

	for (i = 0; i < n; i++) {
		if (ev[i].kind == IR_EV_ERROR)
			return codec_fail(o, SHAPE_GEMINI, ev[i].fault,
			    ev[i].text);
		if (ev[i].kind == IR_EV_USAGE) {
			s->usage = ev[i].usage;
			s->has_usage = 1;
		}
		if (ev[i].choice >= choices && ev[i].choice < GE_OUT_CHOICES)
			choices = ev[i].choice + 1;
	}
	s->body = 1;
	jw_open(&s->w, '{');
	jw_key(&s->w, "candidates");
	jw_open(&s->w, '[');
	for (i = 0; i < choices; i++)
		if ((rc = body_choice(s, ev, n, i)) != 0)
			return rc;
	jw_close(&s->w, ']');
	ge_out_usage(s);
	ge_out_tail(s);
	return jw_done(&s->w);
}
