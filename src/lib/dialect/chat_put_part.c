/*
 * chat_put_part.c - objects that streams and whole answers of the chat family
 * have alike.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/err.h"
#include "dialect/chat.h"

const char *
chat_finish(const struct chat *c, const struct codec_out *o,
    enum ir_finish f, int calls, int refused)
{
	int openai = c->dialect == DIALECT_OPENAI;

	switch (f) {
	case IR_LENGTH:
	case IR_CONTEXT_FULL:
		return "length";
	case IR_CONTENT_FILTER:
		return openai ? "content_filter" : "stop";
	case IR_REFUSED:
		return openai && !refused ? "content_filter" : "stop";
	case IR_PAUSE:
		return NULL;
	case IR_FAILED:
		return openai ? NULL : "error";
	case IR_FINISH_NONE:
	case IR_STOP:
	case IR_STOP_SEQUENCE:
	case IR_TOOL_CALLS:
		break;
	}
	if (!calls && f != IR_TOOL_CALLS)
		return "stop";
	return o->req->functions ? "function_call" : "tool_calls";
}

void
chat_put_usage(const struct chat *c, struct jw *w,
    const struct price_usage *u)
{
	jw_open(w, '{');
	jw_ku64(w, "prompt_tokens", u->input);
	jw_ku64(w, "completion_tokens", u->output);
	jw_ku64(w, "total_tokens", u->input + u->output);
	jw_key(w, "prompt_tokens_details");
	jw_open(w, '{');
	jw_ku64(w, "cached_tokens", u->cached);
	if (u->cache_write > 0 && c->dialect == DIALECT_OPENAI)
		jw_ku64(w, "cache_write_tokens", u->cache_write);
	jw_close(w, '}');
	if (c->dialect != DIALECT_MISTRAL || u->reasoning > 0) {
		jw_key(w, "completion_tokens_details");
		jw_open(w, '{');
		jw_ku64(w, "reasoning_tokens", u->reasoning);
		jw_close(w, '}');
	}
	jw_close(w, '}');
}

void
chat_put_citation(struct jw *w, struct arena *a, struct str raw)
{
	struct jval v = jt_value(raw), in = jt_get(v, "url_citation");

	if (!jt_is(in))
		in = v;
	jw_open(w, '{');
	jw_ktext(w, "type", "url_citation");
	jw_key(w, "url_citation");
	jw_open(w, '{');
	jw_ku64(w, "start_index", jt_u64(jt_get(in, "start_index"), 0));
	jw_ku64(w, "end_index", jt_u64(jt_get(in, "end_index"), 0));
	jw_kstr(w, "url", jt_text(a, jt_get(in, "url")));
	jw_key(w, "title");
	jw_str(w, jt_text(a, jt_get(in, "title")));
	jw_close(w, '}');
	jw_close(w, '}');
}

int
chat_is_citation(struct str raw)
{
	struct jval v = jt_value(raw);

	return jt_get(v, "url").type == JSCAN_STRING ||
	    jt_get(jt_get(v, "url_citation"), "url").type == JSCAN_STRING;
}

struct str
chat_id(const struct chat *c, const struct codec_out *o)
{
	return str_of(arena_printf(o->a, "%s%s",
	    c->dialect == DIALECT_MISTRAL ? "" : "chatcmpl-", o->id));
}

void
chat_put_image(struct jw *w, struct arena *a, const struct ir_event *ev)
{
	jw_open(w, '{');
	jw_ktext(w, "type", "image_url");
	jw_key(w, "image_url");
	jw_open(w, '{');
	jw_key(w, "url");
	jw_str(w, str_of(arena_printf(a, "data:%.*s;base64,%.*s",
	    STR_ARG(ev->name), STR_ARG(ev->text))));
	jw_close(w, '}');
	jw_close(w, '}');
}

void
chat_put_thinking(struct jw *w, struct str text, struct str signature)
{
	jw_open(w, '{');
	jw_ktext(w, "type", "thinking");
	jw_key(w, "thinking");
	jw_open(w, '[');
	if (text.n > 0) {
		jw_open(w, '{');
		jw_ktext(w, "type", "text");
		jw_key(w, "text");
		jw_str(w, text);
		jw_close(w, '}');
	}
	jw_close(w, ']');
	jw_kstr(w, "signature", signature);
	jw_close(w, '}');
}

struct str
chat_signature(const struct chat *c, struct codec_out *o,
    const struct ir_event *ev)
{
	enum conf_dialect own = ev->call > 0 ? DIALECT_GEMINI : c->dialect;

	return ev->from == own ? ev->text :
	    codec_seal(CODEC_TMP(o), ev->from, ev->text);
}

void
chat_put_call_signature(struct jw *w, struct str s)
{
	jw_key(w, "extra_content");
	jw_open(w, '{');
	jw_key(w, "google");
	jw_open(w, '{');
	jw_kstr(w, "thought_signature", s);
	jw_close(w, '}');
	jw_close(w, '}');
}

/* id, type and function (or custom) of a call with these arguments. */
void
chat_put_call(struct jw *w, struct str id, struct str name, int custom,
    struct str args)
{
	jw_kstr(w, "id", id);
	jw_ktext(w, "type", custom ? "custom" : "function");
	jw_key(w, custom ? "custom" : "function");
	jw_open(w, '{');
	jw_key(w, "name");
	jw_str(w, name);
	jw_key(w, custom ? "input" : "arguments");
	jw_str(w, args);
	jw_close(w, '}');
}
