/*
 * gemini_put.c - events become what a client of generateContent gets.
 *
 * Runs in: worker.
 * Owns: nothing; bufs of calls under way are freed with the answer's arena.
 *
 * Calls go out whole, when their arguments are. The last chunk has the finish
 * reasons and the usage; nothing marks the end but that. Lines of a stream end
 * with CRLF; without alt=sse the chunks are elements of one array.
 *
 * Thoughts are for clients that asked for them. The signature of a thought
 * that was left out is left out too: its maker would refuse one without the
 * other.
 */
#include "base/crypto.h"
#include "base/err.h"
#include "dialect/gemini_out.h"

struct ge_out *
ge_out(struct codec_out *o)
{
	struct ge_out *s = o->state;

	if (s == NULL) {
		s = o->state = arena_zalloc(o->a, sizeof(*s));
		s->o = o;
	}
	jw_init(&s->w, o->out);
	return s;
}

/* --- chunks -------------------------------------------------------------------- */

static void
plain(struct ge_out *s, struct str text)
{
	if (s->w.error == 0)
		s->w.error = buf_adds(s->w.b, text);
}

static void
chunk_open(struct ge_out *s)
{
	if (!s->o->json_array)
		plain(s, STR("data: "));
	else
		plain(s, s->chunks == 0 ? STR("[") : STR(",\r\n"));
	s->chunks++;
	s->w.comma = 0;
}

static void
chunk_close(struct ge_out *s)
{
	if (!s->o->json_array)
		plain(s, STR("\r\n\r\n"));
}

void
ge_out_tail(struct ge_out *s)
{
	jw_kstr(&s->w, "modelVersion", s->o->model);
	jw_kstr(&s->w, "responseId", str_of(s->o->id));
	jw_close(&s->w, '}');
}

/* The part's members follow. */
static void
part_open(struct ge_out *s)
{
	if (!s->body) {
		chunk_open(s);
		plain(s, STR("{\"candidates\":[{\"content\":{\"parts\":["));
		s->w.comma = 0;
	}
	jw_open(&s->w, '{');
}

static void
part_close(struct ge_out *s, unsigned choice)
{
	jw_close(&s->w, '}');
	if (s->body)
		return;
	plain(s, STR("],\"role\":\"model\"}"));
	jw_ku64(&s->w, "index", choice);
	plain(s, STR("}]"));
	ge_out_tail(s);
	chunk_close(s);
}

/* --- parts --------------------------------------------------------------------- */

static void
put_text(struct ge_out *s, const struct ir_event *ev, int thought)
{
	if (ev->text.n == 0)
		return;
	part_open(s);
	jw_kstr(&s->w, "text", ev->text);
	if (thought)
		jw_kbool(&s->w, "thought", 1);
	part_close(s, ev->choice);
}

/* Google's own goes as it came, a foreign one sealed, in base64. */
static struct str
signature(struct ge_out *s, const struct ir_event *ev, const char *mark)
{
	struct arena *a = CODEC_TMP(s->o);
	struct str sealed, out = STR_NULL;
	struct buf b;

	if (ev->from == DIALECT_GEMINI && ev->kind == IR_EV_SIGNATURE)
		return ev->text;
	sealed = codec_seal(a, ev->from, ev->text);
	if (*mark != '\0')
		sealed = str_of(arena_printf(a, "%s%.*s", mark,
		    STR_ARG(sealed)));
	buf_init(&b, GE_ARGS_MAX);
	if (crypto_base64(&b, sealed) == 0)
		out = arena_str(a, buf_str(&b));
	buf_free(&b);
	return out;
}

static struct ge_call *
find(struct ge_out *s, unsigned choice, unsigned call)
{
	struct ge_call *c;

	for (c = s->calls; c != NULL; c = c->next)
		if (c->choice == choice && c->call == call)
			return c;
	return NULL;
}

static void
put_signature(struct ge_out *s, const struct ir_event *ev)
{
	struct ge_call *c;
	int redacted = ev->kind == IR_EV_REDACTED;

	if (ev->call > 0 && !redacted) {
		if ((c = find(s, ev->choice, ev->call - 1)) != NULL)
			c->signature = arena_str(s->o->a,
			    signature(s, ev, ""));
		return;
	}
	if (s->hidden && !redacted) {
		s->hidden = 0;
		return;
	}
	part_open(s);
	jw_ktext(&s->w, "text", "");
	if (redacted || ev->from != DIALECT_GEMINI)
		jw_kbool(&s->w, "thought", 1);
	jw_kstr(&s->w, "thoughtSignature", signature(s, ev, redacted ? "r" :
	    ""));
	part_close(s, ev->choice);
}

static void
put_image(struct ge_out *s, const struct ir_event *ev)
{
	part_open(s);
	jw_key(&s->w, "inlineData");
	jw_open(&s->w, '{');
	jw_kstr(&s->w, "mimeType", ev->name);
	jw_kstr(&s->w, "data", ev->text);
	jw_close(&s->w, '}');
	part_close(s, ev->choice);
}

/* --- calls --------------------------------------------------------------------- */

static void
free_args(void *arg)
{
	struct ge_call *c = arg;

	buf_free(&c->args);
}

static void
call_begin(struct ge_out *s, const struct ir_event *ev)
{
	struct ge_call *c = arena_zalloc(s->o->a, sizeof(*c));

	c->choice = ev->choice;
	c->call = ev->call;
	c->custom = ev->custom;
	c->id = arena_str(s->o->a, ev->id);
	c->name = arena_str(s->o->a, ev->name);
	buf_init(&c->args, GE_ARGS_MAX);
	arena_cleanup(s->o->a, free_args, c);
	c->next = s->calls;
	s->calls = c;
}

static void
put_args(struct ge_out *s, struct ge_call *c)
{
	struct str args = str_trim(buf_str(&c->args)), object;

	jw_key(&s->w, "args");
	if (!c->custom && (args.n == 0 || str_eqc(args, "null"))) {
		jw_raw(&s->w, STR("{}"));
		return;
	}
	object = c->custom ? STR_NULL : ge_object_text(args);
	if (object.n > 0) {
		jw_line(&s->w, object);
		return;
	}
	/* Free text, or a model that did not keep to JSON. */
	jw_open(&s->w, '{');
	jw_key(&s->w, c->custom ? "input" : "_raw");
	jw_str(&s->w, c->custom ? buf_str(&c->args) : args);
	jw_close(&s->w, '}');
}

static void
call_end(struct ge_out *s, struct ge_call *c)
{
	if (c == NULL || c->done)
		return;
	c->done = 1;
	part_open(s);
	jw_key(&s->w, "functionCall");
	jw_open(&s->w, '{');
	jw_kstr(&s->w, "id", c->id);
	jw_kstr(&s->w, "name", c->name);
	put_args(s, c);
	jw_close(&s->w, '}');
	jw_kstr(&s->w, "thoughtSignature", c->signature);
	part_close(s, c->choice);
	codec_drop(s->o->a, &c->args);
}

/* Calls whose end was not told, before the choice ends; oldest first. */
void
ge_out_calls(struct ge_out *s, unsigned choice)
{
	struct ge_call *c, *first;

	do {
		first = NULL;
		for (c = s->calls; c != NULL; c = c->next)
			if (c->choice == choice && !c->done)
				first = c;
		call_end(s, first);
	} while (first != NULL);
}

/* --- the end ------------------------------------------------------------------- */

static void
take_finish(struct ge_out *s, const struct ir_event *ev)
{
	ge_out_calls(s, ev->choice);
	if (ev->choice >= GE_OUT_CHOICES)
		return;
	s->end[ev->choice].finish = ev->finish;
	s->end[ev->choice].text = arena_str(s->o->a, ev->text);
	if (ev->from == DIALECT_GEMINI)
		s->end[ev->choice].native = arena_str(s->o->a, ev->native);
}

static const char *
reason_of(enum ir_finish f)
{
	switch (f) {
	case IR_STOP:
	case IR_STOP_SEQUENCE:
	case IR_TOOL_CALLS:
	case IR_PAUSE:
		return "STOP";
	case IR_LENGTH:
	case IR_CONTEXT_FULL:
		return "MAX_TOKENS";
	case IR_CONTENT_FILTER:
	case IR_REFUSED:
		return "SAFETY";
	default:
		return "OTHER";
	}
}

static int
is_reason(struct str native)
{
	static const char *const names[] = { "RECITATION", "LANGUAGE",
	    "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY",
	    "OTHER" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eqc(native, names[i]))
			return 1;
	return 0;
}

void
ge_out_reason(struct ge_out *s, unsigned choice)
{
	enum ir_finish f = s->end[choice].finish;

	if (is_reason(s->end[choice].native))
		jw_kstr(&s->w, "finishReason", s->end[choice].native);
	else
		jw_ktext(&s->w, "finishReason", reason_of(f));
	if (f == IR_REFUSED || f == IR_CONTENT_FILTER)
		jw_kstr(&s->w, "finishMessage", s->end[choice].text);
	jw_ku64(&s->w, "index", choice);
}

static void
put_count(struct ge_out *s, const char *name, uint64_t v)
{
	if (v > 0)
		jw_ku64(&s->w, name, v);
}

void
ge_out_usage(struct ge_out *s)
{
	const struct price_usage *u = &s->usage;

	if (!s->has_usage)
		return;
	jw_key(&s->w, "usageMetadata");
	jw_open(&s->w, '{');
	put_count(s, "promptTokenCount", u->input);
	put_count(s, "cachedContentTokenCount", u->cached);
	put_count(s, "candidatesTokenCount", u->output > u->reasoning ?
	    u->output - u->reasoning : 0);
	put_count(s, "thoughtsTokenCount", u->reasoning);
	jw_ku64(&s->w, "totalTokenCount", u->input + u->output);
	jw_close(&s->w, '}');
}

static void
put_end(struct ge_out *s)
{
	unsigned i;

	s->dead = 1;
	ge_out_calls(s, 0);
	chunk_open(s);
	jw_open(&s->w, '{');
	jw_key(&s->w, "candidates");
	jw_open(&s->w, '[');
	for (i = 0; i < GE_OUT_CHOICES; i++) {
		if (i > 0 && s->end[i].finish == IR_FINISH_NONE)
			continue;
		jw_open(&s->w, '{');
		jw_kraw(&s->w, "content", STR("{\"parts\":[{\"text\":\"\"}],"
		    "\"role\":\"model\"}"));
		ge_out_reason(s, i);
		jw_close(&s->w, '}');
	}
	jw_close(&s->w, ']');
	ge_out_usage(s);
	ge_out_tail(s);
	chunk_close(s);
	if (s->o->json_array)
		plain(s, STR("]"));
}

static int
put_error(struct ge_out *s, const struct ir_event *ev)
{
	struct buf *b = s->o->out;
	int rc;

	s->dead = 1;
	if (!s->o->json_array)
		return fault_event(b, SHAPE_GEMINI, ev->fault, ev->text);
	if ((rc = buf_adds(b, s->chunks++ == 0 ? STR("[") : STR(",\r\n")))
	    != 0 || (rc = fault_write(b, SHAPE_GEMINI, ev->fault,
	    fault_status(ev->fault), ev->text, STR_NULL, STR_NULL)) != 0)
		return rc;
	return buf_addc(b, ']');
}

static void
put_logprobs(struct ge_out *s, const struct ir_event *ev)
{
	if (s->body)
		return;
	chunk_open(s);
	plain(s, STR("{\"candidates\":[{\"logprobsResult\":"));
	ge_logprobs_out(&s->w, CODEC_TMP(s->o), &ev->raw, 1);
	jw_ku64(&s->w, "index", ev->choice);
	plain(s, STR("}]"));
	ge_out_tail(s);
	chunk_close(s);
}

int
ge_out_event(struct ge_out *s, const struct ir_event *ev)
{
	struct ge_call *c;
	int shown = s->o->req != NULL && s->o->req->show_thoughts == 1;

	switch (ev->kind) {
	case IR_EV_TEXT:
	case IR_EV_REFUSAL:
		put_text(s, ev, 0);
		break;
	case IR_EV_THINKING:
		if (shown)
			put_text(s, ev, 1);
		else
			s->hidden = 1;
		break;
	case IR_EV_SIGNATURE:
	case IR_EV_REDACTED:
		put_signature(s, ev);
		break;
	case IR_EV_CALL:
		call_begin(s, ev);
		break;
	case IR_EV_ARGS:
		if ((c = find(s, ev->choice, ev->call)) != NULL)
			return codec_keep(s->o->a, &c->args, ev->text);
		break;
	case IR_EV_CALL_END:
		call_end(s, find(s, ev->choice, ev->call));
		break;
	case IR_EV_IMAGE:
		put_image(s, ev);
		break;
	case IR_EV_LOGPROBS:
		put_logprobs(s, ev);
		break;
	case IR_EV_FINISH:
		take_finish(s, ev);
		break;
	case IR_EV_USAGE:
		s->usage = ev->usage;
		s->has_usage = 1;
		break;
	case IR_EV_ERROR:
		return put_error(s, ev);
	case IR_EV_END:
		put_end(s);
		break;
	case IR_EV_CITATION:
		codec_lose(s->o, "citations");
		break;
	case IR_EV_START:
		break;
	}
	return jw_done(&s->w);
}

int
ge_put(struct codec_out *o, const struct ir_event *ev)
{
	struct ge_out *s = ge_out(o);

	return s->dead ? 0 : ge_out_event(s, ev);
}
