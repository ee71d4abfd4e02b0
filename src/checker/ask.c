/*
 * ask.c - one small question to a provider, with its whole answer.
 *
 * Runs in: checker.
 * Owns: each question until its answer was told.
 *
 * The callbacks of fetch only record; the answer is told from a deferred task.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/xalloc.h"
#include "checker/ask.h"
#include "upstream/cred.h"

#define ASK_HEADERS	64

struct ask {
	struct ev_loop	*loop;
	struct arena	*arena;
	struct fetch	*fetch;
	struct ev_task	 task;
	struct iovec	 iov;
	struct buf	 body;
	int64_t		 started_us;
	char		 why[128];
	struct ask_result res;
	void		(*done)(void *, const struct ask_result *);
	void		*arg;
};

static void
ask_free(struct ask *a)
{
	fetch_cancel(&a->fetch);
	ev_defer_cancel(&a->task);
	buf_free(&a->body);
	arena_free(&a->arena);
	free(a);
}

static void
ask_tell(void *arg)
{
	struct ask *a = arg;

	a->res.took_us = ev_now_us(a->loop) - a->started_us;
	a->res.body = buf_str(&a->body);
	a->res.why = a->why;
	a->done(a->arg, &a->res);
	ask_free(a);
}

static void
ask_head(void *arg, const struct fetch_head *h)
{
	struct ask *a = arg;

	a->res.status = h->status;
}

static void
ask_bytes(void *arg, const char *p, size_t n)
{
	struct ask *a = arg;

	if (a->res.cut)
		return;
	if (buf_add(&a->body, p, n) < 0) {
		a->res.cut = 1;
		ev_defer(a->loop, &a->task, ask_tell, a);
	}
}

static void
ask_end(void *arg, enum outcome o, const char *why)
{
	struct ask *a = arg;

	a->res.outcome = o;
	if (o != OUTCOME_OK)
		snprintf(a->why, sizeof(a->why), "%s",
		    why != NULL && why[0] != '\0' ? why : outcome_text(o));
	ev_defer(a->loop, &a->task, ask_tell, a);
}

static const struct fetch_ops ask_ops = { ask_head, ask_bytes, ask_end };

static void
ask_add(struct hdr *h, unsigned *n, const char *name, const char *value)
{
	if (*n >= ASK_HEADERS)
		return;
	h[*n].name = str_of(name);
	h[*n].value = str_of(value);
	h[*n].id = hdr_id(h[*n].name);
	(*n)++;
}

/* The headers: what the provider's configuration says, else the usual. */
static unsigned
ask_headers(struct ask *a, const struct ask_req *req, struct hdr *h)
{
	const struct conf_provider *p = req->provider;
	unsigned i, n = 0;

	if (!secret_empty(req->key))
		cred_header(a->arena, p, req->key, &h[n++]);
	for (i = 0; i < p->header_names.n; i++)
		ask_add(h, &n, p->header_names.v[i], p->header_values.v[i]);
	if (hdr_find(h, n, HDR_ACCEPT) == NULL)
		ask_add(h, &n, "accept", "application/json");
	if (p->mask_as_browser && p->mask_user_agent[0] != '\0')
		ask_add(h, &n, "user-agent", p->mask_user_agent);
	else if (hdr_find(h, n, HDR_USER_AGENT) == NULL)
		ask_add(h, &n, "user-agent", "aigw/" VERSION);
	if (p->dialect == DIALECT_ANTHROPIC &&
	    hdr_find(h, n, HDR_ANTHROPIC_VERSION) == NULL)
		ask_add(h, &n, "anthropic-version", "2023-06-01");
	if (req->body[0] != '\0' && hdr_find(h, n, HDR_CONTENT_TYPE) == NULL)
		ask_add(h, &n, "content-type", "application/json");
	return n;
}

struct ask *
ask_start(struct ev_loop *loop, struct fetch_set *set,
    const struct ask_req *req,
    void (*done)(void *, const struct ask_result *), void *arg)
{
	struct ask *a = xcalloc(1, sizeof(*a));
	struct hdr *h;
	struct fetch_req fr = { 0 };

	a->loop = loop;
	a->arena = arena_new(4096);
	a->done = done;
	a->arg = arg;
	a->started_us = ev_now_us(loop);
	buf_init_wiped(&a->body, req->max);
	h = arena_zalloc(a->arena, ASK_HEADERS * sizeof(*h));
	fr.method = str_of(arena_strdup(a->arena, req->method));
	fr.target = str_of(arena_strdup(a->arena, req->path));
	fr.headers = h;
	fr.n_headers = ask_headers(a, req, h);
	if (req->body[0] != '\0') {
		a->iov.iov_base = arena_strdup(a->arena, req->body);
		a->iov.iov_len = strlen(req->body);
		fr.body = &a->iov;
		fr.n_body = 1;
		fr.has_body = 1;
	}
	fr.idempotent = 1;
	fr.connect_us = req->provider->connect_timeout;
	fr.total_us = req->timeout_us;
	fr.idle_us = req->timeout_us;
	fr.head_us = req->timeout_us;
	a->fetch = fetch_start(set, req->host, &fr, &ask_ops, a);
	return a;
}

void
ask_cancel(struct ask **ap)
{
	if (*ap != NULL)
		ask_free(*ap);
	*ap = NULL;
}
