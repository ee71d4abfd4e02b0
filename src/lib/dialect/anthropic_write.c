/*
 * anthropic_write.c - the neutral form as a Messages request.
 *
 * Runs in: worker.
 * Owns: the table of service tiers.
 *
 * The API refuses members that it does not know, so nothing is sent on that
 * has no place there: it is refused when that changes what is asked for, and
 * dropped with a note else.
 */
#include "base/err.h"
#include "dialect/an_write.h"

#define CACHE_MARKS 4		/* the API takes so many */

static const struct {
	const char	*tier, *sent;	/* NULL: dropped */
} tiers[] = {
	{ "default", "standard_only" },
	{ "standard", "standard_only" },
	{ "standard_only", "standard_only" },
	{ "on_demand", "standard_only" },
	{ "auto", "auto" },
	{ "priority", "auto" },
	{ "scale", "auto" },
	{ "fast", "auto" },
	{ "performance", "auto" },
};

static int
no_such(struct an_wr *x, const char *param)
{
	return an_refuse(x, param, "has no equivalent at Anthropic: leave it "
	    "out or choose another model");
}

static int
is_zero(const struct ir_num *v)
{
	return v->raw.n == 0 || (v->v >= 0 && v->v <= 0);
}

/* 1 when raw is an object with members. */
static int
has_members(struct str raw)
{
	struct jval one;
	size_t pos = 0;

	return raw.n > 0 && jt_each(jt_value(raw), &pos, NULL, &one);
}

static int
refuse_what_counts(struct an_wr *x)
{
	const struct ir_req *q = x->q;

	if (q->n.raw.n > 0 && q->n.v > 1)
		return no_such(x, "n");
	if (!is_zero(&q->frequency_penalty))
		return no_such(x, "frequency_penalty");
	if (!is_zero(&q->presence_penalty))
		return no_such(x, "presence_penalty");
	if (has_members(q->logit_bias))
		return no_such(x, "logit_bias");
	if (q->logprobs || !is_zero(&q->top_logprobs))
		return no_such(x, "logprobs");
	if (q->previous_id.n > 0)
		return no_such(x, "previous_response_id");
	return 0;
}

static int
drop_hints(struct an_wr *x)
{
	const struct ir_req *q = x->q;
	const struct {
		int		 said;
		const char	*name;
	} hints[] = {
		{ q->seed.raw.n > 0, "seed" },
		{ q->cache_key.n > 0, "prompt_cache_key" },
		{ q->metadata.n > 0, "metadata" },
		{ q->verbosity.n > 0, "verbosity" },
		{ q->store == 1, "store" },
		{ q->format == IR_JSON_SCHEMA && !x->schema_tool &&
		    q->schema_description.n > 0,
		    "response_format.description" },
	};
	size_t i;
	int rc;

	for (i = 0; i < sizeof(hints) / sizeof(*hints); i++)
		if (hints[i].said && (rc = an_drop(x, hints[i].name)) != 0)
			return rc;
	return x->foreign ? ir_extra_lose(q, x->n) : 0;
}

static int
write_tier(struct an_wr *x)
{
	struct str tier = x->q->service_tier;
	size_t i;

	if (tier.n == 0)
		return 0;
	if (!x->foreign) {
		jw_kstr(&x->w, "service_tier", tier);
		return 0;
	}
	for (i = 0; i < sizeof(tiers) / sizeof(*tiers); i++)
		if (str_eqc(tier, tiers[i].tier)) {
			jw_ktext(&x->w, "service_tier", tiers[i].sent);
			return an_change(x, "service_tier");
		}
	return an_drop(x, "service_tier");
}

/* Members of this API that have no place in the neutral form. */
static void
write_extra(struct an_wr *x)
{
	const struct ir_extra *e;

	if (x->foreign)
		return;
	for (e = x->q->extra; e != NULL; e = ir_next(e))
		if (strchr(e->name, '.') == NULL &&
		    strcmp(e->name, "others") != 0)
			jw_kraw(&x->w, e->name, e->raw);
}

static unsigned
marks(const struct ir_part *p)
{
	const struct ir_part *c;
	unsigned n = 0;

	for (; p != NULL; p = ir_next(p)) {
		n += p->cache.n > 0 && p->kind != IR_THINKING;
		for (c = p->result; c != NULL; c = ir_next(c))
			n += c->cache.n > 0;
	}
	return n;
}

/* Only the last marks are sent: they cover the most. */
static unsigned
too_many(const struct ir_req *q)
{
	const struct ir_turn *turn;
	const struct ir_tool *t;
	unsigned n = 0;

	for (t = q->tools; t != NULL; t = ir_next(t))
		n += t->cache.n > 0;
	for (turn = q->turns; turn != NULL; turn = ir_next(turn))
		n += marks(turn->parts);
	return n > CACHE_MARKS ? n - CACHE_MARKS : 0;
}

int
an_write(struct buf *b, struct ir_req *q, const struct ir_target *t,
    struct ir_note *n)
{
	struct an_wr x = { .q = q, .t = t, .n = n };
	int rc;

	jw_init(&x.w, b);
	x.traits = (an_traits(t->model) | t->known.can) & ~t->known.cannot;
	x.foreign = q->from != DIALECT_ANTHROPIC;
	x.skip_cache = x.foreign ? too_many(q) : 0;
	x.schema_tool = q->format == IR_JSON_SCHEMA &&
	    !(x.traits & TRAIT_SCHEMA);
	if ((rc = ir_check(q, n)) != 0 || (rc = refuse_what_counts(&x)) != 0 ||
	    (rc = drop_hints(&x)) != 0 || (rc = an_plan_limits(&x)) != 0)
		return rc;
	jw_open(&x.w, '{');
	jw_key(&x.w, "model");
	jw_str(&x.w, t->model);
	jw_ku64(&x.w, "max_tokens", x.max_output);
	if (q->stream)
		jw_kbool(&x.w, "stream", 1);
	if ((rc = an_write_limits(&x)) != 0 ||
	    (rc = an_write_tools(&x)) != 0 ||
	    (rc = an_write_messages(&x)) != 0 || (rc = write_tier(&x)) != 0)
		return rc;
	if (q->user.n > 0) {
		jw_key(&x.w, "metadata");
		jw_open(&x.w, '{');
		jw_kstr(&x.w, "user_id", q->user);
		jw_close(&x.w, '}');
	}
	write_extra(&x);
	jw_close(&x.w, '}');
	return jw_done(&x.w);
}
