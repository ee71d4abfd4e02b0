/*
 * req.c - the step table and the one loop that runs it.
 *
 * Runs in: worker.
 * Owns: struct req: made by req_begin, freed by free_req and nowhere else.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/jscan.h"
#include "base/faultpoint.h"
#include "base/log.h"
#include "base/rng.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "worker/logline.h"
#include "worker/req.h"
#include "worker/translate.h"

#define TO(s) (1u << STEP_##s)

/* Which step may lead to which. WAIT is allowed to all. */
static const struct row {
	const char	*name;
	step_fn		*fn;
	unsigned	 next;
} rows[STEP_COUNT] = {
	[STEP_WAIT] = { "wait", NULL, 0 },
	[STEP_AUTH] = { "auth", req_auth, TO(ADMIT) | TO(LOCAL) | TO(FAIL) |
	    TO(ACCOUNT) },
	[STEP_ADMIT] = { "admit", req_admit, TO(BODY) | TO(LOCAL) | TO(FAIL) },
	[STEP_BODY] = { "body", req_body,
	    TO(DECODE) | TO(FAIL) | TO(ACCOUNT) },
	[STEP_DECODE] = { "decode", req_decode,
	    TO(ROUTE) | TO(FAIL) | TO(ACCOUNT) },
	[STEP_LOCAL] = { "local", req_local, TO(ACCOUNT) | TO(FAIL) },
	[STEP_ROUTE] = { "route", req_route, TO(RESERVE) | TO(LOCAL) |
	    TO(FAIL) },
	[STEP_RESERVE] = { "reserve", req_reserve, TO(TRY) | TO(FAIL) },
	[STEP_TRY] = { "try", req_try, TO(HEAD) | TO(LOCAL) | TO(FAIL) |
	    TO(ACCOUNT) },
	[STEP_HEAD] = { "head", req_head,
	    TO(TRY) | TO(RELAY) | TO(FAIL) | TO(ACCOUNT) },
	[STEP_RELAY] = { "relay", req_relay, TO(ACCOUNT) },
	[STEP_FAIL] = { "fail", req_fail_step, TO(ACCOUNT) },
	[STEP_ACCOUNT] = { "account", req_account, TO(DONE) },
	[STEP_DONE] = { "done", req_done, 0 },
};

/* The key that the client showed: in the arena, as all of the head. */
static void
forget_key(const struct http1_head *h)
{
	unsigned i;

	for (i = 0; i < h->n; i++)
		if (hdr_is_credential(h->h[i].id))
			secret_wipe((void *)(uintptr_t)h->h[i].value.p,
			    h->h[i].value.n);
	secret_wipe((void *)(uintptr_t)h->query.p, h->query.n);
}

static void
free_req(struct req *r)
{
	struct arena *a = r->arena;

	ASSERT(!r->waiting_act);
	ev_defer_cancel(&r->task);
	ev_timer_cancel(&r->timer);
	ev_timer_cancel(&r->pace);
	req_upstream_stop(r);
	open_end(r->w->state, &r->open);
	facts_catalog_release(&r->catalog);
	jscan_free(&r->scan);
	req_free_body(r);
	board_sub(CTR_requests_active, 1);
	if (r->taken)
		overload_end(&r->w->overload, r->first_us != 0);
	forget_key(r->head);
	arena_free(&a);
}

/* Run steps until one waits or the request is over. */
static void
run(struct req *r)
{
	enum step next;

	ASSERT(!r->running);
	r->running = 1;
	for (;;) {
		FAULT_POINT_AT(before_auth, r->step - STEP_AUTH);
		next = rows[r->step].fn(r);
		FAULT_POINT_AT(after_auth, r->step - STEP_AUTH);
		if (next == STEP_WAIT)
			break;
		if (r->step == STEP_DONE) {
			free_req(r);
			return;
		}
		if (next == r->step)	/* req_go_on */
			continue;
		ASSERT(rows[r->step].next & (1u << next));
		if (log_get_level() == LOG_LEVEL_DEBUG)
			log_debug("%s: %s -> %s", r->id, rows[r->step].name,
			    rows[next].name);
		r->step = next;
	}
	r->running = 0;
}

static void
on_task(void *arg)
{
	run(arg);
}

void
req_wake(struct req *r)
{
	if (!r->running)
		ev_defer(r->w->loop, &r->task, on_task, r);
}

enum step
req_later(struct req *r)
{
	ev_later(r->w->loop, &r->task, on_task, r);
	return STEP_WAIT;
}

enum step
req_go_on(struct req *r)
{
	return ev_may_go_on(r->w->loop) ? r->step : req_later(r);
}

void
req_free_body(struct req *r)
{
	lease_give(&r->w->mem, r->body.cap);
	buf_free(&r->body);
	translate_free(r);
}

void
req_start(struct req *r)
{
	run(r);
}

char *
req_printf(struct req *r, const char *fmt, ...)
{
	va_list ap;
	char text[1024];

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return arena_strdup(r->arena, text);
}

/* The client's own id is kept when it is printable and short. */
static void
set_id(struct req *r)
{
	const struct hdr *h = hdr_find(r->head->h, r->head->n,
	    HDR_X_REQUEST_ID);
	size_t i;

	if (h != NULL && h->value.n > 0 && h->value.n < sizeof(r->id)) {
		for (i = 0; i < h->value.n; i++) {
			char c = h->value.p[i];

			if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\')
				break;
		}
		if (i == h->value.n) {
			str_copy(r->id, sizeof(r->id), h->value);
			return;
		}
	}
	memcpy(r->id, "req_", 4);
	rng_text(r->id + 4, 24);
}

/* A copy of the head whose slices lie in the arena. */
static struct http1_head *
copy_head(struct arena *a, const struct http1_head *h)
{
	struct http1_head *c = arena_alloc(a, sizeof(*h));
	unsigned i;

	/* Of the array only what is used; what stands behind it by name. */
	memcpy(c, h, offsetof(struct http1_head, h) +
	    h->n * sizeof(h->h[0]));
	c->n = h->n;
	c->body = h->body;
	c->length = h->length;
	c->keep_alive = h->keep_alive;
	c->expect_continue = h->expect_continue;
	c->upgrade = h->upgrade;
	c->has_length = h->has_length;
	c->method_text = arena_str(a, h->method_text);
	c->target = arena_str(a, h->target);
	c->path = str_make(c->target.p + (h->path.p - h->target.p),
	    h->path.n);
	if (h->query.p != NULL)
		c->query = str_make(c->target.p + (h->query.p - h->target.p),
		    h->query.n);
	c->host = arena_str(a, h->host);
	for (i = 0; i < h->n; i++) {
		c->h[i].name = arena_str(a, h->h[i].name);
		c->h[i].value = arena_str(a, h->h[i].value);
	}
	return c;
}

static struct req *
new_req(struct client *c)
{
	struct arena *a = arena_new(8192 - 256);
	struct req *r = arena_zalloc(a, sizeof(*r));

	r->w = c->w;
	r->cl = c;
	r->arena = a;
	r->key = -1;
	r->up_length = -1;
	r->start_us = ev_now_us(c->w->loop);
	r->real_us = clock_real_us();
	buf_init(&r->body, c->w->conf->client.max_body);
	memcpy(r->addr, c->peer, sizeof(r->addr));
	c->req = r;
	c->state = CLIENT_BUSY;
	board_add(CTR_requests, 1);
	board_add(CTR_requests_active, 1);
	return r;
}

/* How long others wait, as overload.h counts it. */
int64_t
req_lag(const struct worker *w)
{
	return overload_lag(ev_lag_us(w->loop), ev_backlog_us(w->loop));
}

void
req_begin(struct client *c, const struct http1_head *h)
{
	struct req *r = new_req(c);
	int measured = h->method != HTTP1_GET && h->method != HTTP1_HEAD &&
	    h->method != HTTP1_OPTIONS;

	r->head = copy_head(r->arena, h);
	r->keep = h->keep_alive && !c->w->draining;
	r->is_head = h->method == HTTP1_HEAD;
	r->expect = h->expect_continue;
	set_id(r);
	r->via = caller_address(c->w, c->peer, r->head->h, r->head->n,
	    r->addr);
	endpoint_find(c->w->conf, r->head->method, r->head->path,
	    r->head->query, &r->ep);
	r->text_path = r->ep.kind == ENDPOINT_RAW && req_text_path(r);
	if (measured)
		r->taken = overload_admit(&c->w->overload,
		    ev_now_us(c->w->loop), req_lag(c->w)) != 0;
	r->too_late = measured && !r->taken;
	r->step = STEP_AUTH;
	FAULT_POINT(begun);
}

void
req_refuse(struct client *c, enum fault f, const char *message)
{
	struct req *r = new_req(c);

	r->head = arena_zalloc(r->arena, sizeof(*r->head));
	r->head->minor = 1;
	r->head->method_text = STR("-");
	r->head->path = r->head->target = STR("-");
	memcpy(r->id, "req_", 4);
	rng_text(r->id + 4, 24);
	c->body.done = 0;		/* never read on: close */
	r->step = req_fail(r, f, message, NULL);
	run(r);
}

void
req_refuse_begun(struct req *r, enum fault f, const char *message)
{
	r->keep = 0;
	r->retry_after_us = CLOCK_US_S;
	r->step = req_fail(r, f, message, NULL);
	run(r);
}

void
req_refuse_http(struct client *c, enum http1_error why)
{
	static const enum fault faults[] = { FAULT_HEAD_TOO_LARGE,
	    FAULT_LINE_TOO_LONG, FAULT_EXPECT, FAULT_VERSION };
	enum fault f = FAULT_BAD_REQUEST;
	size_t i;

	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (fault_status(faults[i]) == http1_error_status(why))
			f = faults[i];
	req_refuse(c, f, http1_error_text(why));
}

int
req_wants_body(const struct req *r)
{
	return r->step == STEP_BODY;
}

void
req_client_gone(struct req *r)
{
	r->gone = 1;
	req_wake(r);
}

void
req_client_drained(struct req *r)
{
	if (r->paused && r->fetch != NULL && r->opened &&
	    !translate_busy(r)) {
		r->paused = 0;
		fetch_resume(r->fetch);
	}
}

void
req_client_timer(struct req *r)
{
	struct client *c = r->cl;
	int64_t now = ev_now_us(r->w->loop), left;

	if (r->step == STEP_BODY)
		left = c->progress_us + r->w->conf->client.body_timeout - now;
	else if (conn_flush(c->conn), conn_queued(c->conn) > 0)
		left = conn_progress_us(c->conn) +
		    r->w->conf->client.write_timeout - now;
	else
		left = r->w->conf->client.write_timeout;
	if (left <= 0) {
		req_client_late(r);
		return;
	}
	client_watch(c, left);
}

enum step
req_fail(struct req *r, enum fault f, const char *message, const char *param)
{
	r->fault = f;
	r->message = message;
	r->param = param;
	return STEP_FAIL;
}
