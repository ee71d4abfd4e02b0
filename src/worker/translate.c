/*
 * translate.c - a request whose client and provider speak different formats.
 *
 * Runs in: worker.
 * Owns: the neutral form, the written request, the written answer.
 *
 * The client's body is read anew for each attempt, since writing it for one
 * target may change the neutral form. An answer that is no stream is translated
 * when it has been held whole, so that one that makes no sense can still go
 * elsewhere; streams are in flow_translate.c. Long ones of either are looked at
 * a slice in a turn (base/slice.h).
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "dialect/count.h"
#include "dialect/embed.h"
#include "dialect/jt.h"
#include "worker/hide.h"
#include "worker/speak.h"
#include "worker/translating.h"

#define SHORT		(64u << 10)	/* bytes that are no long work */
#define SLICE_WORK	500000		/* nanoseconds, about */
#define MAX_OBJECTS	200000u		/* of a request: each takes memory */
#define PORTION		65536u
#define API_2026	"2026-10-21"	/* of Messages */

struct str
translate_body(const struct req *r)
{
	return buf_str(&r->translate->body);
}

void
translate_sent(struct req *r)
{
	buf_free(&r->translate->body);
	translate_count(r);
}

const char *
translate_dropped(const struct req *r)
{
	return r->translate == NULL ? "" : ir_dropped(&r->translate->note);
}

enum fault
translate_said(const struct req *r, struct str *text)
{
	*text = r->translate->said;
	return r->translate->fault;
}

int
translate_begun(const struct req *r)
{
	return r->translate != NULL && r->translate->slice != NULL;
}

void
translate_count(struct req *r)
{
	struct translate *t = r->translate;

	lease_move(&r->w->mem, &t->counted, arena_size(t->a) +
	    arena_size(t->tmp) + t->body.cap + t->answer.cap +
	    t->events.cap + t->event.cap);
}

void
translate_free(struct req *r)
{
	struct translate *t = r->translate;

	if (t == NULL)
		return;
	slice_free(&t->slice);
	arena_free(&t->a);
	arena_free(&t->tmp);
	buf_free(&t->body);
	buf_free(&t->answer);
	buf_free(&t->events);
	buf_free(&t->event);
	lease_move(&r->w->mem, &t->counted, 0);
	r->translate = NULL;
}

int
translate_work(struct req *r, int (*fn)(void *), size_t bytes)
{
	struct translate *t = r->translate;
	int rc;

	/* Without memory for a slice: at once. */
	if (t->slice == NULL && (bytes <= SHORT ||
	    (t->slice = slice_new(fn, r)) == NULL))
		rc = fn(r);
	else if ((rc = slice_run(t->slice, SLICE_WORK)) != ERR_AGAIN)
		slice_free(&t->slice);
	translate_count(r);
	return rc;
}

/* --- the request --------------------------------------------------------- */

/* More objects than any client sends would take many times the memory of their
 * text. */
static int
too_many_objects(struct str body)
{
	size_t i, end, n = 0;

	for (i = 0; body.n > SHORT && i < body.n;) {
		end = body.n - i > PORTION ? i + PORTION : body.n;
		for (; i < end; i++)
			n += body.p[i] == '{';
		slice_use(PORTION);
	}
	return n > MAX_OBJECTS;
}

/* The version that Anthropic's client names is a date. */
static int
is_late_api(const struct req *r)
{
	const struct hdr *h = hdr_find(r->head->h, r->head->n,
	    HDR_ANTHROPIC_VERSION);

	return h != NULL && h->value.n == sizeof(API_2026) - 1 &&
	    memcmp(h->value.p, API_2026, sizeof(API_2026) - 1) >= 0;
}

/* The client's request in the neutral form. */
static int
read_request(struct req *r, struct translate *t)
{
	const struct endpoint *e = r->ep.ep;
	long lone;
	int rc;

	t->note.a = r->arena;
	t->note.strict = r->route.group != NULL && r->route.group->strict;
	ir_req_init(&t->q, t->a, e->dialect);
	t->q.responses = e->api == CONF_API_RESPONSES;
	t->q.prompt = (e->flags & ENDPOINT_PROMPT) != 0;
	if (e->dialect == DIALECT_ANTHROPIC)
		t->q.api_2026 = is_late_api(r);
	if ((lone = jt_lone(buf_str(&r->body))) >= 0)
		return ir_refuse(&t->note, NULL, "the body has half a "
		    "surrogate pair, which stands for no character, at byte "
		    "%ld", lone);
	if (too_many_objects(buf_str(&r->body)))
		return ir_refuse(&t->note, NULL, "the body has more than %u "
		    "objects, too many to be translated for this model",
		    MAX_OBJECTS);
	if (endpoint_embeds(e)) {
		t->q.stream = 0;
		t->embed = arena_zalloc(t->a, sizeof(*t->embed));
		t->embed->q = &t->q;
		return speak_client_embed(e)->read(t->embed,
		    buf_str(&r->body), &t->note);
	}
	if ((rc = t->client->read(&t->q, t->counts ? count_chat(
	    t->client->count, buf_str(&r->body)) : buf_str(&r->body),
	    &t->note)) != 0)
		return rc;
	t->q.stream = (int)r->stream;
	if (e->flags & ENDPOINT_IN_PATH)
		t->q.model = r->model;
	/* It has no tools, and says nothing else that could be wrong. */
	if (e->flags & ENDPOINT_UNIFIED)
		return 0;
	return ir_check(&t->q, &t->note);
}

/* What is to be counted; the answer's room holds the chat meanwhile. */
static int
write_count(struct translate *t, const struct ir_target *to)
{
	const struct codec_count *c = t->provider->count;
	int rc;

	if (t->q.max_output == 0 && c->output > 0)
		t->q.max_output = to->known.max_output > 0 ?
		    to->known.max_output : c->output;
	rc = t->provider->write(&t->answer, &t->q, to, &t->note);
	if (rc == 0)
		rc = count_write(&t->body, c, buf_str(&t->answer), to->model);
	buf_free(&t->answer);
	return rc;
}

static int
rewrite(void *arg)
{
	struct req *r = arg;
	struct translate *t = r->translate;
	struct ir_target to;
	int rc;

	speak_target(r->prov->conf, r->target->model, r->w->prices, &to);
	to.responses = t->provider == &codec_responses;
	if ((rc = read_request(r, t)) != 0) {
		t->unread = 1;
		return rc;
	}
	if (t->counts)
		return write_count(t, &to);
	if (t->embed != NULL)
		return speak_provider_embed(r->prov->conf)->write(&t->body,
		    t->embed, &to, &t->note);
	return t->provider->write(&t->body, &t->q, &to, &t->note);
}

size_t
translate_most(const struct req *r)
{
	const struct conf *c = r->w->conf;
	size_t most = c->client.max_body > c->client.hold_max ?
	    c->client.max_body : c->client.hold_max;

	/* While it is translated there are two of it. */
	return endpoint_embeds(r->ep.ep) && c->client.buffer_budget / 4 >
	    most ? c->client.buffer_budget / 4 : most;
}

static void
begin(struct req *r)
{
	struct translate *t;

	translate_free(r);
	t = r->translate = arena_zalloc(r->arena, sizeof(*t));
	t->a = arena_new(4096 - 256);
	t->tmp = arena_new(2048 - 256);
	t->max = translate_most(r);
	buf_init(&t->body, 8 * buf_len(&r->body) + (1u << 20));
	buf_init(&t->answer, 8 * t->max);
	buf_init(&t->events, 8 * t->max);
	t->client = speak_client_codec(r->ep.ep);
	t->provider = speak_provider_codec(r->ep.ep, r->prov->conf);
	t->counts = (r->ep.ep->flags & ENDPOINT_COUNTS) != 0;
}

static void
no_room(struct req *r, const char *message)
{
	r->retry_after_us = CLOCK_US_S;
	req_fail(r, FAULT_OVERLOAD, message, NULL);
}

/* Not to this target. What the client is told if no other takes it is what was
 * against the first. */
static int
refused(struct req *r)
{
	const struct translate *t = r->translate;
	const char *why = t->note.message != NULL ? t->note.message :
	    "the body cannot be translated for this model";

	log_debug("%s: not for provider %s: %s", r->id, r->prov->conf->id,
	    why);
	/* The reader is the client's format's, whoever the target is. */
	r->unreadable = t->unread != 0;
	if (r->refusal == NULL) {
		r->refusal = t->unread ? why : req_printf(r, "%s (the format "
		    "of provider %s is %s)", why, r->prov->conf->id,
		    t->provider->name);
		r->refused_param = t->note.param;
	}
	translate_free(r);
	return ERR_FORMAT;
}

int
translate_request(struct req *r)
{
	struct translate *t = r->translate;
	size_t n = buf_len(&r->body);
	int rc;

	if (t == NULL || t->slice == NULL) {
		if (n > SHORT && !lease_fits(&r->w->mem, 2 * n)) {
			board_add(CTR_buffer_refused, 1);
			no_room(r, "client.buffer_budget is used up, try "
			    "again");
			return ERR_LIMIT;
		}
		begin(r);
		t = r->translate;
	}
	if ((rc = translate_work(r, rewrite, n)) == 0 || rc == ERR_AGAIN)
		return rc;
	if (rc == ERR_FORMAT || rc == ERR_TOOBIG)
		return refused(r);
	no_room(r, "the gateway is short of memory, try again");
	return rc;
}

/* --- whole answers ------------------------------------------------------- */

static struct str
kept(struct translate *t, struct str s)
{
	return s.n == 0 ? s : arena_str(t->a, s);
}

/* An event of an answer that the client gets whole. Those of a body stay as
 * long as it does. */
static int
keep(struct translate *t, const struct ir_event *ev)
{
	struct ir_event v = *ev;

	slice_use(300);
	if (t->in.tmp != NULL) {
		v.id = kept(t, ev->id);
		v.name = kept(t, ev->name);
		v.model = kept(t, ev->model);
		v.text = kept(t, ev->text);
		v.raw = kept(t, ev->raw);
		v.native = kept(t, ev->native);
		v.sequence = kept(t, ev->sequence);
	}
	return arena_size(t->a) > 2 * t->max ? ERR_TOOBIG :
	    buf_add(&t->events, &v, sizeof(v));
}

/* What is known by now, for the end of the answer. */
static void
make_bill(struct req *r)
{
	struct translate *t = r->translate;

	if (t->out.bill == NULL)
		return;
	t->bill.guess.input = req_input_estimate(r);
	t->bill.guess.output = dialect_estimate(r->tap.text_bytes);
	t->bill.latency_ms = (ev_now_us(r->w->loop) - r->start_us) / 1000;
}

static void
on_event(void *arg, const struct ir_event *ev)
{
	struct req *r = arg;
	struct translate *t = r->translate;

	if (t->error != 0 || t->over)
		return;
	t->out.spent_us = ev_now_us(r->w->loop) - r->start_us;
	if (ev->kind == IR_EV_END)
		make_bill(r);
	t->over = ev->kind == IR_EV_END || ev->kind == IR_EV_ERROR;
	if (ev->kind == IR_EV_ERROR) {
		t->fault = ev->fault;
		if (t->whole) {
			t->said = arena_str(t->a, ev->text);
			return;
		}
	}
	t->error = r->stream ? t->client->put(&t->out, ev) : keep(t, ev);
}

void
translate_begin(struct req *r)
{
	struct translate *t = r->translate;

	if (t->begun)
		return;
	t->begun = 1;
	t->in.a = t->out.a = t->a;
	t->in.tmp = t->out.tmp = t->tmp;
	t->in.emit = on_event;
	t->in.arg = r;
	t->in.req = t->out.req = &t->q;
	t->out.out = &t->answer;
	t->out.note = &t->note;
	t->out.id = r->id;
	t->out.now = r->real_us / 1000000;
	t->out.model = r->model;
	t->out.json_array = translate_array(r);
	if (r->ep.ep->flags & ENDPOINT_UNIFIED) {
		t->bill.provider = r->asked;
		t->bill.price = &r->price;
		t->out.bill = &t->bill;
	}
}

/* A stream, for a client that wants none. */
static int
read_events(struct translate *t, enum frame frame, struct str text)
{
	struct sse_event ev;
	size_t seen = 0;
	long used;
	int rc;

	while (t->error == 0 && (used = frame_next(frame, text, &seen,
	    &ev)) > 0) {
		if ((rc = t->provider->event(&t->in, &ev)) != 0)
			return rc;
		arena_reset(t->tmp);
		slice_use((size_t)used + 500);
		text = str_skip(text, (size_t)used);
		seen = 0;
	}
	return t->error != 0 || t->over ? t->error : t->provider->end(&t->in);
}

/* Of embeddings. Who tells no usage is charged what we estimate, and the client
 * is told the same. */
static int
convert_vectors(void *arg)
{
	struct req *r = arg;
	struct translate *t = r->translate;
	struct embed_answer an = { .a = t->a, .want = t->embed->n,
	    .asked = t->embed, .model = r->model, .id = r->id };
	int rc;

	if (r->tap.malformed)
		return ERR_FORMAT;
	an.tokens = r->tap.has_usage ? r->tap.usage.input :
	    req_input_estimate(r);
	an.spent_us = ev_now_us(r->w->loop) - r->start_us;
	rc = speak_provider_embed(r->prov->conf)->get(&an,
	    buf_str(flow_held(&r->flow)));
	if (rc == 0)
		rc = speak_client_embed(r->ep.ep)->put(&t->answer, &an);
	if (rc == 0 && !r->tap.has_usage)
		r->guessed = 1;
	return rc;
}

static int
convert_count(struct translate *t, struct str held)
{
	uint64_t n;
	int rc = count_read(t->provider->count, held, &n);

	return rc != 0 ? rc : count_put(&t->answer, t->client->count, n);
}

static int
convert(void *arg)
{
	struct req *r = arg;
	struct translate *t = r->translate;
	struct str held = buf_str(flow_held(&r->flow));
	int rc;

	if (t->counts)
		return convert_count(t, held);
	if (r->up_sse)
		rc = read_events(t, r->up_frame, held);
	else {
		t->in.tmp = NULL;
		rc = t->provider->body(&t->in, held);
	}
	if (rc == 0)
		rc = t->error;
	if (rc != 0 || t->fault != FAULT_NONE)
		return rc == 0 ? 1 : rc;
	if (!t->over)
		return ERR_FORMAT;
	if (r->stream)
		return 0;
	rc = t->client->put_body(&t->out, (const void *)buf_ptr(&t->events),
	    (unsigned)(buf_len(&t->events) / sizeof(struct ir_event)));
	if (rc != 0 || t->out.fault == FAULT_NONE)
		return rc;
	t->fault = t->out.fault;
	t->said = t->out.fault_text;
	buf_reset(&t->answer);
	return 1;
}

/* With what came as escapes, or in many events, a key may be whole now. */
static int
convert_clean(void *arg)
{
	struct req *r = arg;
	struct translate *t = r->translate;
	int rc = t->embed != NULL ? convert_vectors(r) : convert(r);

	if (rc == 0)
		hide_long(r, buf_str(&t->answer).p, buf_len(&t->answer));
	return rc;
}

int
translate_answer(struct req *r)
{
	struct translate *t = r->translate;
	int rc;

	if (t->slice == NULL) {
		translate_begin(r);
		t->whole = 1;
	}
	rc = translate_work(r, convert_clean, buf_len(flow_held(&r->flow)));
	if (rc == ERR_AGAIN)
		return rc;
	buf_free(&t->events);
	if (rc == 0)
		flow_replace(&r->flow, &t->answer);
	translate_count(r);
	flow_count(r);
	return rc;
}
