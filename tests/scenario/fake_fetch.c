/*
 * fake_fetch.c - upstream/fetch.h: exchanges that the script answers.
 *
 * Runs in: the scenario runner.
 * Owns: the exchanges, kept after their end so that the script can look.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "scen.h"

struct fetch *scen_fetch[SCEN_FETCHES];
unsigned scen_n_fetch;

static struct ev_loop *the_loop;

struct fetch_host {
	const struct conf_provider *p;
};

struct fetch_set *
fetch_set_new(struct ev_loop *loop, struct conn_set *conns)
{
	(void)conns;
	the_loop = loop;
	return calloc(1, 8);
}

struct fetch_host *
fetch_host_new(struct fetch_set *s, const struct conf_provider *p, char *err,
    size_t errsize)
{
	struct fetch_host *h;

	(void)s;
	if (strcmp(p->host, "broken.test") == 0) {
		snprintf(err, errsize, "its certificate cannot be read");
		return NULL;
	}
	h = calloc(1, sizeof(*h));
	h->p = p;
	return h;
}

void
fetch_host_free(struct fetch_host **hp)
{
	free(*hp);
	*hp = NULL;
}

void
fetch_host_addrs(struct fetch_host *h, const unsigned char (*addr)[16],
    unsigned n, int failed, const char *why)
{
	(void)h;
	(void)addr;
	(void)n;
	(void)failed;
	(void)why;
}

const char *
fetch_host_name(const struct fetch_host *h)
{
	return h->p->host;
}

unsigned
fetch_host_open(const struct fetch_host *h)
{
	(void)h;
	return 0;
}

int
fetch_sweep(struct fetch_set *s)
{
	(void)s;
	return 0;
}

void
scen_fetch_end(struct fetch *f, enum outcome o)
{
	f->ended = 1;
	f->stats.end_us = scen_now;
	ev_timer_cancel(&f->timer);
	SCEN_WORKER(f->ops->end(f->arg, o, o == OUTCOME_OK ? "" :
	    outcome_text(o)));
}

static void
on_first(void *arg)
{
	struct fetch *f = arg;

	scen_fetch_end(f, f->has_head ? OUTCOME_FIRST_TIMEOUT :
	    OUTCOME_HEAD_TIMEOUT);
}

void
fetch_first(struct fetch *f)
{
	f->first_us = 0;
	ev_timer_cancel(&f->timer);
}

static struct str
copy(struct str s)
{
	return str_make(strndup(s.p, s.n), s.n);
}

struct fetch *
fetch_start(struct fetch_set *s, struct fetch_host *h,
    const struct fetch_req *req, const struct fetch_ops *ops, void *arg)
{
	int was = scen_arm(0);
	struct fetch *f = calloc(1, sizeof(*f));
	unsigned i;

	(void)s;
	if (scen_n_fetch == SCEN_FETCHES)
		scen_broken("too many attempts");
	f->p = h->p;
	f->method = copy(req->method);
	f->target = copy(req->target);
	f->ops = ops;
	f->arg = arg;
	f->v = req->body;
	f->n_body = req->n_body;
	f->idle_us = req->idle_us;
	f->connect_us = req->connect_us;
	f->total_us = req->total_us;
	if ((f->first_us = req->first_us) > 0)
		ev_timer_set(the_loop, &f->timer, f->first_us, on_first, f);
	buf_init(&f->head, 1 << 20);
	buf_init(&f->body, 256 << 20);
	for (i = 0; i < req->n_headers; i++)
		buf_printf(&f->head, "%.*s: %.*s\n",
		    STR_ARG(req->headers[i].name),
		    STR_ARG(req->headers[i].value));
	for (i = 0; i < req->n_body; i++)
		buf_add(&f->body, req->body[i].iov_base, req->body[i].iov_len);
	f->stats.connected_us = f->stats.sent_us = scen_now;
	scen_fetch[scen_n_fetch++] = f;
	scen_arm(was);
	if (ops->sending != NULL)
		ops->sending(arg);
	return f;
}

int
scen_fetch_intact(const struct fetch *f)
{
	size_t at = 0;
	unsigned i;

	for (i = 0; i < f->n_body; i++) {
		if (memcmp(buf_ptr(&f->body) + at, f->v[i].iov_base,
		    f->v[i].iov_len) != 0)
			return 0;
		at += f->v[i].iov_len;
	}
	return 1;
}

void
fetch_pause(struct fetch *f)
{
	f->paused = 1;
}

void
fetch_resume(struct fetch *f)
{
	f->paused = 0;
}

void
fetch_cancel(struct fetch **fp)
{
	if (*fp == NULL)
		return;
	(*fp)->cancelled = 1;
	ev_timer_cancel(&(*fp)->timer);
	*fp = NULL;
}

const struct fetch_stats *
fetch_stats(const struct fetch *f)
{
	return &f->stats;
}

int
fetch_body_done(const struct fetch *f)
{
	return f->ended || (f->has_head && !f->early);
}

void
fetch_set_idle(struct fetch *f, int64_t idle_us)
{
	f->idle_us = idle_us;
}
