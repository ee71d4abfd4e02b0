/*
 * anthropic_out.c - a message and its blocks, as events or as one object.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/err.h"
#include "base/jscan.h"
#include "dialect/an_put.h"
#include "dialect/jw.h"

static int
begin(struct codec_out *o, struct jw *w, const char *type)
{
	int rc;

	if ((rc = buf_adds(o->out, STR("event: "))) != 0 ||
	    (rc = buf_adds(o->out, str_of(type))) != 0 ||
	    (rc = buf_adds(o->out, STR("\ndata: "))) != 0)
		return rc;
	jw_init(w, o->out);
	jw_open(w, '{');
	jw_ktext(w, "type", type);
	return 0;
}

static int
end(struct codec_out *o, struct jw *w)
{
	int rc;

	jw_close(w, '}');
	if ((rc = jw_done(w)) != 0)
		return rc;
	return buf_adds(o->out, STR("\n\n"));
}

static uint64_t
uncached(const struct price_usage *u)
{
	uint64_t c = u->cached + u->cache_write;

	return u->input > c ? u->input - c : 0;
}

static void
put_usage(struct jw *w, const struct price_usage *u)
{
	jw_key(w, "usage");
	jw_open(w, '{');
	jw_ku64(w, "input_tokens", uncached(u));
	jw_ku64(w, "cache_creation_input_tokens", u->cache_write);
	jw_ku64(w, "cache_read_input_tokens", u->cached);
	jw_ku64(w, "output_tokens", u->output);
	if (u->reasoning > 0) {
		jw_key(w, "output_tokens_details");
		jw_open(w, '{');
		jw_ku64(w, "thinking_tokens", u->reasoning);
		jw_close(w, '}');
	}
	jw_close(w, '}');
}

/* Members of a message up to its content. */
static void
put_head(struct codec_out *o, struct jw *w)
{
	jw_ktext(w, "id", arena_printf(CODEC_TMP(o), "msg_%s", o->id));
	jw_ktext(w, "type", "message");
	jw_ktext(w, "role", "assistant");
	jw_key(w, "model");
	jw_str(w, o->model);
	jw_key(w, "content");
	jw_open(w, '[');
}

static const char *
reason(const struct an_out *s)
{
	switch (s->finish) {
	case IR_LENGTH:
		return "max_tokens";
	case IR_CONTEXT_FULL:
		return "model_context_window_exceeded";
	case IR_STOP_SEQUENCE:
		return s->sequence.n > 0 ? "stop_sequence" : "end_turn";
	case IR_CONTENT_FILTER:
	case IR_REFUSED:
		return "refusal";
	case IR_PAUSE:
		return "pause_turn";
	case IR_TOOL_CALLS:
		return "tool_use";
	default:
		break;
	}
	return s->refused ? "refusal" : s->calls > 0 ? "tool_use" :
	    "end_turn";
}

static void
put_reason(struct jw *w, const struct an_out *s)
{
	const char *r = reason(s);

	jw_ktext(w, "stop_reason", r);
	jw_key(w, "stop_sequence");
	if (s->finish == IR_STOP_SEQUENCE && s->sequence.n > 0)
		jw_str(w, s->sequence);
	else
		jw_raw(w, STR_NULL);
	jw_key(w, "stop_details");
	if (strcmp(r, "refusal") != 0) {
		jw_raw(w, STR_NULL);
		return;
	}
	jw_open(w, '{');
	jw_ktext(w, "type", "refusal");
	jw_key(w, "category");
	jw_raw(w, STR_NULL);
	jw_key(w, "explanation");
	if (buf_len(&s->refusal) > 0)
		jw_str(w, buf_str(&s->refusal));
	else
		jw_raw(w, STR_NULL);
	jw_close(w, '}');
}

int
an_out_start(struct codec_out *o)
{
	static const struct price_usage none;
	struct jw w;
	int rc;

	if ((rc = begin(o, &w, "message_start")) != 0)
		return rc;
	jw_key(&w, "message");
	jw_open(&w, '{');
	put_head(o, &w);
	jw_close(&w, ']');
	jw_key(&w, "stop_reason");
	jw_raw(&w, STR_NULL);
	jw_key(&w, "stop_sequence");
	jw_raw(&w, STR_NULL);
	jw_key(&w, "stop_details");
	jw_raw(&w, STR_NULL);
	put_usage(&w, &none);
	jw_close(&w, '}');
	return end(o, &w);
}

/* --- blocks -------------------------------------------------------------- */

int
an_out_block(struct codec_out *o, const struct an_block *b, unsigned index)
{
	struct jw w;
	int rc;

	if ((rc = begin(o, &w, "content_block_start")) != 0)
		return rc;
	jw_ku64(&w, "index", index);
	jw_key(&w, "content_block");
	jw_open(&w, '{');
	switch (b->kind) {
	case K_TEXT:
		jw_ktext(&w, "type", "text");
		jw_ktext(&w, "text", "");
		break;
	case K_THINKING:
		jw_ktext(&w, "type", "thinking");
		jw_ktext(&w, "thinking", "");
		jw_ktext(&w, "signature", "");
		break;
	case K_REDACTED:
		jw_ktext(&w, "type", "redacted_thinking");
		jw_key(&w, "data");
		jw_str(&w, buf_str(&b->sign));
		break;
	case K_CALL:
		jw_ktext(&w, "type", "tool_use");
		jw_key(&w, "id");
		jw_str(&w, b->id);
		jw_key(&w, "name");
		jw_str(&w, b->name);
		jw_kraw(&w, "input", STR("{}"));
		break;
	}
	jw_close(&w, '}');
	return end(o, &w);
}

static int
block_delta(struct codec_out *o, unsigned index, const char *type,
    const char *member, struct str text)
{
	struct jw w;
	int rc;

	if ((rc = begin(o, &w, "content_block_delta")) != 0)
		return rc;
	jw_ku64(&w, "index", index);
	jw_key(&w, "delta");
	jw_open(&w, '{');
	jw_ktext(&w, "type", type);
	jw_key(&w, member);
	jw_str(&w, text);
	jw_close(&w, '}');
	return end(o, &w);
}

/* A piece of the open block. */
int
an_out_text(struct codec_out *o, const struct an_block *b, unsigned index,
    struct str text)
{
	switch (b->kind) {
	case K_TEXT:
		return block_delta(o, index, "text_delta", "text", text);
	case K_THINKING:
		return block_delta(o, index, "thinking_delta", "thinking",
		    text);
	case K_CALL:
		return block_delta(o, index, "input_json_delta",
		    "partial_json", text);
	case K_REDACTED:
		break;
	}
	return 0;
}

/* Nobody signed it: the client gets our mark for that. */
static struct str
signature(struct codec_out *o, const struct an_block *b)
{
	return buf_len(&b->sign) > 0 ? buf_str(&b->sign) :
	    codec_seal(CODEC_TMP(o), b->from, STR(""));
}

int
an_out_stop(struct codec_out *o, const struct an_block *b, unsigned index)
{
	struct jw w;
	int rc;

	if (b->kind == K_THINKING) {
		if ((rc = block_delta(o, index, "signature_delta",
		    "signature", signature(o, b))) != 0)
			return rc;
	}
	if ((rc = begin(o, &w, "content_block_stop")) != 0)
		return rc;
	jw_ku64(&w, "index", index);
	return end(o, &w);
}

int
an_out_end(struct codec_out *o, const struct an_out *s)
{
	struct jw w;
	int rc;

	if ((rc = begin(o, &w, "message_delta")) != 0)
		return rc;
	jw_key(&w, "delta");
	jw_open(&w, '{');
	put_reason(&w, s);
	jw_close(&w, '}');
	put_usage(&w, &s->usage);
	if ((rc = end(o, &w)) != 0 || (rc = begin(o, &w, "message_stop")) != 0)
		return rc;
	return end(o, &w);
}

/* --- whole answers ------------------------------------------------------- */

/* An object as it is; what is none in one that says so. */
static void
put_input(struct jw *w, struct str args)
{
	static const struct jscan_opts opts;
	struct jscan_result res;

	if (args.n == 0 || str_eqc(args, "null"))
		jw_kraw(w, "input", STR("{}"));
	else if (jscan(args, &opts, NULL, 0, &res) == 0 &&
	    res.type == JSCAN_OBJECT)
		jw_kraw(w, "input", str_trim(args));
	else {
		jw_key(w, "input");
		jw_open(w, '{');
		jw_key(w, "_raw");
		jw_str(w, args);
		jw_close(w, '}');
	}
}

static void
put_block(struct codec_out *o, struct jw *w, const struct an_block *b)
{
	jw_open(w, '{');
	switch (b->kind) {
	case K_TEXT:
		jw_ktext(w, "type", "text");
		jw_key(w, "text");
		jw_str(w, buf_str(&b->queue));
		break;
	case K_THINKING:
		jw_ktext(w, "type", "thinking");
		jw_key(w, "thinking");
		jw_str(w, buf_str(&b->queue));
		jw_key(w, "signature");
		jw_str(w, signature(o, b));
		break;
	case K_REDACTED:
		jw_ktext(w, "type", "redacted_thinking");
		jw_key(w, "data");
		jw_str(w, buf_str(&b->sign));
		break;
	case K_CALL:
		jw_ktext(w, "type", "tool_use");
		jw_key(w, "id");
		jw_str(w, b->id);
		jw_key(w, "name");
		jw_str(w, b->name);
		put_input(w, buf_str(&b->queue));
		break;
	}
	jw_close(w, '}');
}

int
an_out_message(struct codec_out *o, const struct an_out *s)
{
	const struct an_block *b;
	struct jw w;

	jw_init(&w, o->out);
	jw_open(&w, '{');
	put_head(o, &w);
	for (b = s->first; b != NULL; b = b->next)
		put_block(o, &w, b);
	jw_close(&w, ']');
	put_reason(&w, s);
	put_usage(&w, &s->usage);
	jw_close(&w, '}');
	return jw_done(&w);
}
