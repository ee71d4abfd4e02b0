/*
 * req_upstream.c - build and start an attempt; what its callbacks record.
 *
 * Runs in: worker.
 * Owns: the fetch of a request.
 *
 * The body goes up as it was received but for at most three spliced ranges:
 * the model's name, the stream flag, the wish for usage.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/faultpoint.h"
#include "base/log.h"
#include "net/http1_out.h"
#include "worker/hide.h"
#include "worker/req.h"
#include "worker/speak.h"
#include "worker/translate.h"
#include "worker/slowness.h"
#include "worker/where.h"

#define OUR_HEADERS	8	/* beside the client's and the configuration's */

struct splice {
	size_t		 at, cut;	/* offset in the body, bytes removed */
	struct str	 put;
};

struct splices {
	struct splice	 v[3];
	unsigned	 n;
};

static void
splice(struct splices *s, size_t at, size_t cut, struct str put)
{
	unsigned i = s->n++;

	ASSERT(i < 3);
	for (; i > 0 && s->v[i - 1].at > at; i--)
		s->v[i] = s->v[i - 1];
	s->v[i] = (struct splice){ at, cut, put };
}

static size_t
offset(const struct req *r, struct str raw)
{
	return (size_t)(raw.p - buf_ptr(&r->body));
}

static struct str
json_string(struct req *r, struct str s)
{
	struct buf b;
	struct str out;

	buf_init(&b, 8192);
	buf_addc(&b, '"');
	buf_add_json(&b, s);
	buf_addc(&b, '"');
	out = arena_str(r->arena, buf_str(&b));
	buf_free(&b);
	return out;
}

/* Groq tells it unasked, and knows no such option. */
static int
asks_usage(const struct req *r)
{
	const struct conf_provider *p = r->prov->conf;

	return r->stream && r->ep.ep != NULL &&
	    (r->ep.ep->flags & ENDPOINT_CHAT) && !p->usage_leave &&
	    (r->ep.ep->api & CONF_API_CHAT) &&
	    r->ep.ep->dialect != DIALECT_GEMINI &&
	    (p->dialect == DIALECT_OPENAI || p->dialect == DIALECT_AZURE);
}

/* The client's own wish for usage is in marks.include_raw. */
static void
splice_usage(struct req *r, struct splices *s, int *insert_stream)
{
	const struct req_body_marks *m = &r->marks;
	struct str opt = m->options_raw, put;

	r->hide_usage = 0;
	if (m->include_raw.n > 0 && str_eq(m->include_raw, STR("true")))
		return;
	if (!asks_usage(r))
		return;
	r->hide_usage = r->ep.ep->dialect != DIALECT_GROQ;
	if (m->include_raw.n > 0) {
		splice(s, offset(r, m->include_raw), m->include_raw.n,
		    STR("true"));
		return;
	}
	if (opt.n > 0 && opt.p[0] == '{') {
		put = str_skip(opt, 1);
		while (put.n > 0 && strchr(" \t\r\n", *put.p) != NULL)
			put = str_skip(put, 1);
		put = *put.p == '}' ? STR("\"include_usage\":true") :
		    STR("\"include_usage\":true,");
		splice(s, offset(r, opt) + 1, 0, put);
		return;
	}
	if (opt.n > 0) {		/* null */
		splice(s, offset(r, opt), opt.n,
		    STR("{\"include_usage\":true}"));
		return;
	}
	if (*insert_stream) {
		*insert_stream = 0;
		splice(s, m->open, 0, STR("\"stream\":true,"
		    "\"stream_options\":{\"include_usage\":true},"));
		return;
	}
	splice(s, m->open, 0,
	    STR("\"stream_options\":{\"include_usage\":true},"));
}

/* The same of a form: its own field, or a part in front of the others. */
static void
splice_form(struct req *r, struct splices *s)
{
	const struct req_body_marks *m = &r->marks;

	if (m->model_raw.p != NULL)
		splice(s, offset(r, m->model_raw), m->model_raw.n,
		    r->target->model);
	else
		splice(s, m->form, 0, str_of(arena_printf(r->arena,
		    "%.*s\r\nContent-Disposition: form-data; "
		    "name=\"model\"\r\n\r\n%.*s\r\n", STR_ARG(m->boundary),
		    STR_ARG(r->target->model))));
}

/* Google's clients may name the model in the body too, as a path. */
static struct str
google_name(struct req *r, struct str want)
{
	if (r->ep.ep->family != FAMILY_GEMINI ||
	    !str_starts(r->marks.model_raw, STR("\"models/")) ||
	    str_chr(want, '/') >= 0)
		return want;
	return str_of(arena_printf(r->arena, "models/%.*s", STR_ARG(want)));
}

/* A client of Azure's paths need not say it in the body too. */
static void
splice_model(struct req *r, struct splices *s)
{
	const struct req_body_marks *m = &r->marks;
	struct str want = r->target->model;

	if (r->ep.ep->family == FAMILY_AZURE &&
	    (r->ep.ep->flags & ENDPOINT_IN_PATH)) {
		if (r->prov->conf->dialect == DIALECT_AZURE)
			return;
		if (m->boundary.n > 0)
			splice_form(r, s);
		else if (m->model_raw.n == 0)
			splice(s, m->open, 0, str_of(arena_printf(r->arena,
			    "\"model\":%.*s,", STR_ARG(json_string(r, want)))));
		else
			splice(s, offset(r, m->model_raw), m->model_raw.n,
			    json_string(r, want));
	} else if (m->model_raw.n > 0 && !str_eq(want, r->model) &&
	    (m->open == 0 || m->model_raw.p[0] == '"'))
		splice(s, offset(r, m->model_raw), m->model_raw.n,
		    m->open > 0 ? json_string(r, google_name(r, want)) : want);
}

static void
make_splices(struct req *r, struct splices *s)
{
	const struct req_body_marks *m = &r->marks;
	int insert_stream = 0;

	s->n = 0;
	if (r->ep.kind != ENDPOINT_ROUTED) {
		r->hide_usage = 0;
		return;
	}
	splice_model(r, s);
	if (m->open == 0 || r->ep.ep->dialect == DIALECT_GEMINI ||
	    speak_client_codec(r->ep.ep)->streams) {
		r->hide_usage = 0;	/* multipart; nothing to be added */
		return;
	}
	if (r->stream && !str_eq(m->stream_raw, STR("true"))) {
		if (m->stream_raw.n > 0)
			splice(s, offset(r, m->stream_raw), m->stream_raw.n,
			    STR("true"));
		else
			insert_stream = 1;
	}
	splice_usage(r, s, &insert_stream);
	if (insert_stream)
		splice(s, m->open, 0, STR("\"stream\":true,"));
}

static void
piece(struct iovec *v, unsigned *n, const char *p, size_t len)
{
	if (len == 0)
		return;
	memcpy(&v[*n].iov_base, &p, sizeof(p));	/* sent, never written */
	v[(*n)++].iov_len = len;
}

static unsigned
make_body(struct req *r, struct iovec *v)
{
	struct str body = buf_str(&r->body);
	struct splices s;
	size_t from = 0;
	unsigned i, n = 0;

	if (r->translated || r->renamed) {
		r->hide_usage = 0;
		piece(v, &n, translate_body(r).p, translate_body(r).n);
		return n;
	}
	make_splices(r, &s);
	for (i = 0; i < s.n; i++) {
		piece(v, &n, body.p + from, s.v[i].at - from);
		piece(v, &n, s.v[i].put.p, s.v[i].put.n);
		from = s.v[i].at + s.v[i].cut;
	}
	piece(v, &n, body.p + from, body.n - from);
	return n;
}

static void
put(struct hdr *h, unsigned *n, struct str name, struct str value)
{
	if (!hdr_valid(name, value))
		return;
	h[*n].name = name;
	h[*n].value = value;
	h[(*n)++].id = HDR_OTHER;
}

/* One field of a name: the last word counts. */
static void
put_only(struct hdr *h, unsigned *n, struct str name, struct str value)
{
	unsigned i, k = 0;

	for (i = 0; i < *n; i++)
		if (!str_ieq(h[i].name, name))
			h[k++] = h[i];
	*n = k;
	put(h, n, name, value);
}

/* What a format says in headers goes where the format goes. */
static int
is_beta(const struct req *r, struct str name)
{
	if (r->translated)
		return 0;
	if (r->ep.ep->dialect == DIALECT_ANTHROPIC)
		return name.n > 10 && strncasecmp(name.p, "anthropic-", 10) ==
		    0;
	return r->ep.ep->dialect == DIALECT_OPENAI &&
	    str_ieq(name, STR("openai-beta"));
}

static void
client_headers(struct req *r, struct hdr *h, unsigned *n)
{
	const struct conf_provider *p = r->prov->conf;
	const struct http1_head *in = r->head;
	unsigned i, k;

	for (i = 0; i < in->n; i++) {
		const struct hdr *c = &in->h[i];
		int pass = c->id == HDR_CONTENT_TYPE || c->id == HDR_ACCEPT;

		if (hdr_kept_back(c->id))
			continue;
		if (r->ep.kind == ENDPOINT_RAW || is_beta(r, c->name))
			pass = 1;
		for (k = 0; k < p->forward_headers.n && !pass; k++)
			pass = str_ieq(c->name,
			    str_of(p->forward_headers.v[k]));
		if (c->id == HDR_USER_AGENT || c->id == HDR_ORIGIN ||
		    c->id == HDR_REFERER)
			pass = pass && !p->mask_as_browser;
		if (pass && c->id == HDR_USER_AGENT)
			put_only(h, n, c->name, c->value);
		else if (pass)
			put(h, n, c->name, c->value);
	}
}

#define BROWSER	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) "		\
	"AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"

static void
mask_headers(const struct conf_provider *p, struct hdr *h, unsigned *n)
{
	put_only(h, n, STR("user-agent"), p->mask_user_agent[0] == '\0' ?
	    STR(BROWSER) : str_of(p->mask_user_agent));
	if (p->mask_origin[0] != '\0')
		put_only(h, n, STR("origin"), str_of(p->mask_origin));
	if (p->mask_referer[0] != '\0')
		put_only(h, n, STR("referer"), str_of(p->mask_referer));
}

static int
has(const struct hdr *h, unsigned n, struct str name)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (str_ieq(h[i].name, name))
			return 1;
	return 0;
}

/* curl calls a body a form unless told otherwise. */
static int
says_json(const struct req *r)
{
	const struct hdr *t = hdr_find(r->head->h, r->head->n,
	    HDR_CONTENT_TYPE);

	return t != NULL && str_starts(t->value, STR("application/json"));
}

static unsigned
make_headers(struct req *r, struct hdr *h)
{
	const struct conf_provider *p = r->prov->conf;
	unsigned n = 0, i;

	/* There is room for all: seven of ours at most. */
	if (r->key >= 0)
		h[n++] = r->prov->keys[r->key].cred;
	if (r->ep.kind != ENDPOINT_RAW)		/* if nobody knows better */
		put(h, &n, STR("user-agent"), STR("aigw/" VERSION));
	client_headers(r, h, &n);
	if (r->translated || (r->marks.open > 0 && !says_json(r)))
		put_only(h, &n, STR("content-type"),
		    STR("application/json"));
	if (r->ep.kind == ENDPOINT_ROUTED && r->dialect == &tap_anthropic &&
	    !has(h, n, STR("anthropic-version")))
		put(h, &n, STR("anthropic-version"), STR("2023-06-01"));
	if (p->mask_as_browser)
		mask_headers(p, h, &n);
	for (i = 0; i < p->header_names.n; i++)
		put_only(h, &n, str_of(p->header_names.v[i]),
		    str_of(p->header_values.v[i]));
	return n;
}

/* A stream of the kind that the format has, or that Gemini's client asked
 * for? */
static int
is_stream(struct req *r)
{
	const struct hdr *t = hdr_find(r->up_h, r->up_n, HDR_CONTENT_TYPE);

	if (r->up_status >= 300 || t == NULL ||
	    (r->translated && endpoint_embeds(r->ep.ep)) ||
	    !frame_find(t->value, &r->up_frame))
		return 0;
	return r->up_frame == FRAME_ARRAY ? !r->translated &&
	    translate_array(r) : r->up_frame == r->dialect->frame;
}

/* Some servers send streams without saying so: their first bytes tell. */
static int
may_be_stream(struct req *r)
{
	if (r->up_sse || r->up_status >= 300 || !r->stream ||
	    r->ep.kind != ENDPOINT_ROUTED ||
	    !(r->ep.ep->flags & ENDPOINT_CHAT))
		return 0;
	r->up_frame = !r->translated && translate_array(r) ? FRAME_ARRAY :
	    r->dialect->frame;
	r->guess_seen = 0;
	return 1;
}

/* More has come of it. */
static void
guess(struct req *r)
{
	int rc = r->lost ? 0 : frame_guess(r->up_frame,
	    buf_str(flow_held(&r->flow)), &r->guess_seen);

	if (rc == ERR_AGAIN)
		return;
	r->untold = 0;
	if (rc == 0) {
		if (r->early)
			req_wake(r);
		return;
	}
	r->up_sse = r->retold = 1;
	flow_retell(&r->flow);
}

static void
on_head(void *arg, const struct fetch_head *fh)
{
	struct req *r = arg;
	unsigned i;

	FAULT_POINT(upstream_head);
	r->up_head = 1;
	r->up_status = fh->status;
	r->up_length = fh->length;
	r->up_no_body = fh->no_body != 0;
	r->up_h = arena_alloc(r->arena, (fh->n + 1) * sizeof(*r->up_h));
	r->up_n = fh->n;
	if (fh->status >= 300)
		flow_wipe(&r->flow);
	for (i = 0; i < fh->n; i++) {
		hide_echo(r, fh->h[i].value.p, fh->h[i].value.n);
		r->up_h[i].id = fh->h[i].id;
		r->up_h[i].name = arena_str(r->arena, fh->h[i].name);
		r->up_h[i].value = arena_str(r->arena, fh->h[i].value);
	}
	r->up_sse = is_stream(r) != 0;
	r->untold = may_be_stream(r) != 0;
	req_open_head(r);
	if (!r->up_sse)
		fetch_first(r->fetch);
	req_wake(r);
}

/* What first_token_timeout waits for: of a stream whose content is not known
 * here, any event; comments are neither. */
static unsigned
begun(const struct req *r)
{
	if (r->ep.ep == NULL || !(r->ep.ep->flags & ENDPOINT_CHAT))
		return r->tap.seen;
	return r->tap.content | r->tap.error | r->tap.finished;
}

static void
on_bytes(void *arg, const char *p, size_t n)
{
	struct req *r = arg;
	unsigned before = begun(r);

	FAULT_POINT(upstream_bytes);
	hide_give(r, p, n);
	if (r->untold && !r->relaying)
		guess(r);
	req_open_bytes(r);
	flow_count(r);
	if (r->up_sse && !before && (begun(r) || r->commit_now))
		fetch_first(r->fetch);
	if (r->step == STEP_HEAD && (r->commit_now || (r->up_sse &&
	    (r->tap.content || r->tap.error || r->tap.finished))))
		req_wake(r);
}

static void
on_end(void *arg, enum outcome o, const char *why)
{
	struct req *r = arg;

	FAULT_POINT(upstream_end);
	if (hide_give_rest(r))
		flow_count(r);
	r->up_ended = 1;
	r->up_outcome = r->lost ? OUTCOME_NOMEM : o;
	req_upstream_note(r, r->up_outcome, o == OUTCOME_OK ? NULL :
	    arena_strdup(r->arena, why == NULL ? "" : why));
	req_wake(r);
}

static void
on_sending(void *arg)
{
	struct req *r = arg;

	if (r->open != NULL)	/* not when it is being settled */
		open_sent(r->open);
}

static const struct fetch_ops ops = { on_head, on_bytes, on_end, on_sending };

static void
reset_answer(struct req *r)
{
	memset(&r->tap, 0, sizeof(r->tap));
	r->key_why = UPKEY_FINE;
	r->searched = r->hidden = 0;
	r->up_head = r->up_ended = r->up_sse = r->up_no_body = 0;
	r->commit_now = r->paused = r->let_go = r->lost = 0;
	r->unseen = r->untold = r->retold = 0;
	r->up_status = 0;
	r->up_length = -1;
	r->up_n = 0;
}

static void
note_start(struct req *r)
{
	struct attempt *a = &r->attempt[r->n_attempts++];

	a->provider = r->prov->conf;
	a->model = r->target->model;
	a->key = r->key;
	a->outcome = OUTCOME_OK;
	a->start_us = ev_now_us(r->w->loop);
	board_add(CTR_attempts, 1);
}

void
req_upstream_start(struct req *r)
{
	const struct conf_provider *p = r->prov->conf;
	struct fetch_req q;
	struct hdr *h = arena_alloc(r->arena, (r->head->n +
	    p->header_names.n + OUR_HEADERS) * sizeof(*h));
	struct iovec *v = arena_alloc(r->arena, 7 * sizeof(*v));

	req_upstream_stop(r);
	reset_answer(r);
	r->dialect = speak_tap(r->ep.ep, p, r->ep.ep != NULL ?
	    r->ep.rest : where_unescape(r->arena, r->ep.rest));
	memset(&q, 0, sizeof(q));
	q.method = r->head->method_text;
	q.target = where_target(r);
	q.headers = h;
	q.n_headers = make_headers(r, h);
	q.body = v;
	q.n_body = make_body(r, v);
	q.has_body = r->translated || r->renamed || r->head->body != HTTP1_NO_BODY;
	q.idempotent = r->head->method == HTTP1_GET ||
	    r->head->method == HTTP1_HEAD;
	q.connect_us = p->connect_timeout;
	q.total_us = p->total_timeout;
	q.first_us = r->stream ? p->first_token_timeout : 0;
	q.idle_us = p->idle_timeout;
	note_start(r);
	flow_build(r);
	r->fetch_prov = r->prov;
	r->trial = provider_begin(r->w, r->prov) != 0;
	slowness_begin(r);
	r->fetch = fetch_start(r->w->fetches, r->prov->host, &q, &ops, r);
}

void
req_upstream_stop(struct req *r)
{
	if (r->fetch != NULL) {
		fetch_cancel(&r->fetch);
		if (r->attempt[r->n_attempts - 1].end_us == 0)
			r->attempt[r->n_attempts - 1].end_us =
			    ev_now_us(r->w->loop);
		r->fetch_prov->in_flight--;
		if (r->trial)
			provider_end(r->w, r->fetch_prov);
		r->trial = 0;
		slowness_end(r, SLOW_UNTOLD);
	}
	dialect_scan_free(&r->tap_scan);
	flow_fini(r);
}

void
req_upstream_note(struct req *r, enum outcome o, const char *why)
{
	struct attempt *a = &r->attempt[r->n_attempts - 1];

	a->outcome = o;
	a->status = r->up_status;
	a->why = why;
	a->end_us = ev_now_us(r->w->loop);
}
