/*
 * fetch.c - exchanges and hosts: what both engines have in common.
 *
 * Runs in: worker, checker, aigwctl.
 * Owns: the exchanges, the hosts and their addresses.
 *
 * An engine reports through fetch_give_head, fetch_give and fetch_complete or
 * fetch_end, always between fetch_enter and fetch_leave: a caller that
 * cancels inside a callback is then served when the engine has unwound. One
 * timer serves all time-outs; it is moved only when a nearer one appears and
 * looks at the others when it fires.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/board.h"
#include "base/err.h"
#include "base/xalloc.h"
#include "net/addr.h"
#include "upstream/fetch_impl.h"
#include "upstream/inflate.h"
#include "upstream/multi.h"
#include "upstream/pool.h"

#define SWEEP_MAX	100

struct fetch_set *
fetch_set_new(struct ev_loop *loop, struct conn_set *conns)
{
	struct fetch_set *s = xcalloc(1, sizeof(*s));

	s->loop = loop;
	s->conns = conns;
	LIST_INIT(&s->hosts);
	buf_init_wiped(&s->out, FETCH_MAX_ASK);
	return s;
}

void
fetch_set_free(struct fetch_set **sp)
{
	if (*sp == NULL)
		return;
	multi_free(&(*sp)->multi);	/* its sockets hold hosts */
	ASSERT(LIST_EMPTY(&(*sp)->hosts));
	buf_free(&(*sp)->out);
	free(*sp);
	*sp = NULL;
}

/* --- hosts ------------------------------------------------------------- */

/* 1 for a text that is there and not empty. */
static int
given(const char *s)
{
	return s != NULL && *s != '\0';
}

static int
by_curl(const struct conf_provider *p)
{
	return given(p->proxy) || p->http2;
}

static struct str
text_of(const struct secret *s)
{
	return s == NULL ? STR_NULL : secret_reveal(s);
}

/* The texts that the master read: a worker may not read the files. */
static int
host_tls(struct fetch_host *h, char *err, size_t errsize)
{
	const struct conf_provider *p = h->p;
	struct tls_client_opts o = { p->tls_verify, p->tls_ca_file,
	    p->tls_client_certificate, p->tls_client_key,
	    text_of(p->tls_ca_pem), text_of(p->tls_client_certificate_pem),
	    text_of(p->tls_client_key_pem) };

	if (!p->https || by_curl(p))
		return 0;
	return tls_client_ctx(&o, &h->tls, err, errsize);
}

int
fetch_resolve_name(const struct conf_provider *p, char *host, size_t size)
{
	unsigned port;

	if (given(p->proxy))
		return multi_proxy_host(p->proxy, host, size, &port);
	return str_copy(host, size, str_of(p->host));
}

struct fetch_host *
fetch_host_new(struct fetch_set *s, const struct conf_provider *p, char *err,
    size_t errsize)
{
	struct fetch_host *h = xcalloc(1, sizeof(*h));

	h->set = s;
	h->p = p;
	h->refs = 1;
	TAILQ_INIT(&h->waiting);
	TAILQ_INIT(&h->idle);
	if (host_tls(h, err, errsize) < 0) {
		free(h);
		return NULL;
	}
	if (fetch_resolve_name(p, h->name, sizeof(h->name)) < 0)
		h->name[0] = '\0';
	h->literal = addr_parse(str_of(h->name), h->addr[0]) == 0;
	if (h->literal) {
		h->n_addr = 1;
		h->state = HOST_KNOWN;
	}
	LIST_INSERT_HEAD(&s->hosts, h, link);
	return h;
}

void
fetch_host_unref(struct fetch_host *h)
{
	if (--h->refs > 0)
		return;
	LIST_REMOVE(h, link);
	tls_ctx_free(&h->tls);
	free(h);
}

/* Tell those who wait; each leaves the list. */
static void
wake_waiting(struct fetch_host *h)
{
	struct fetch *f;

	h->refs++;
	while ((f = TAILQ_FIRST(&h->waiting)) != NULL) {
		fetch_wait_stop(f);
		fetch_enter(f);
		f->engine->addrs(f);
		fetch_leave(f);
	}
	fetch_host_unref(h);
}

void
fetch_host_free(struct fetch_host **hp)
{
	struct fetch_host *h = *hp;

	if (h == NULL)
		return;
	*hp = NULL;
	h->gone = 1;
	pool_clear(h);
	if (h->state == HOST_WAITING) {
		h->state = HOST_FAILED;
		str_copy(h->why, sizeof(h->why),
		    STR("the provider was removed"));
	}
	wake_waiting(h);
	fetch_host_unref(h);
}

void
fetch_host_addrs(struct fetch_host *h, const unsigned char (*addr)[16],
    unsigned n, int failed, const char *why)
{
	if (h->literal)
		return;
	if (n > FETCH_ADDRS)
		n = FETCH_ADDRS;
	if (n > 0) {
		int moved = n != h->n_addr ||
		    memcmp(h->addr, addr, n * 16) != 0;

		memcpy(h->addr, addr, n * 16);
		h->n_addr = n;
		if (moved) {
			h->good = 0;
			pool_moved(h);
		}
		h->state = HOST_KNOWN;
	} else if (failed && h->n_addr == 0) {
		h->state = HOST_FAILED;
		str_copy(h->why, sizeof(h->why), str_of(given(why) ? why :
		    "the name cannot be resolved"));
	}
	if (h->state != HOST_WAITING)
		wake_waiting(h);
}

const char *
fetch_host_name(const struct fetch_host *h)
{
	return h->name;
}

int
fetch_host_waiting(const struct fetch_host *h)
{
	return h->state == HOST_WAITING;
}

int
fetch_host_guarded(const struct fetch_host *h, const unsigned char addr[16])
{
	const struct conf_cidrs *l = &h->p->allow_private;
	unsigned i;

	if (!addr_is_guarded(addr))
		return 0;
	for (i = 0; i < l->n; i++)
		if (addr_in(addr, l->v[i].addr, l->v[i].bits))
			return 0;
	return 1;
}

unsigned
fetch_host_open(const struct fetch_host *h)
{
	return h->n_open;
}

unsigned
fetch_host_idle(const struct fetch_host *h)
{
	return by_curl(h->p) ? h->n_open - h->n_busy : h->n_idle;
}

int
fetch_sweep(struct fetch_set *s)
{
	struct fetch_host *h;
	unsigned left = SWEEP_MAX;

	LIST_FOREACH(h, &s->hosts, link)
		pool_sweep(h, &left);
	return left == 0;
}

void
fetch_wait_addrs(struct fetch *f)
{
	TAILQ_INSERT_TAIL(&f->host->waiting, f, wait_link);
	f->waiting = 1;
}

void
fetch_wait_stop(struct fetch *f)
{
	if (!f->waiting)
		return;
	TAILQ_REMOVE(&f->host->waiting, f, wait_link);
	f->waiting = 0;
}

/* --- time-outs --------------------------------------------------------- */

/* Since when we wait for the head: the last byte that went out. */
static int64_t
head_since(const struct fetch *f)
{
	int64_t out = f->pc == NULL ? 0 : conn_progress_us(f->pc->c);

	return out > f->active ? out : f->active;
}

/* Take this deadline if there is no nearer one; us 0: it is none. */
static void
nearer(int64_t *at, enum outcome *o, int64_t since, int64_t us,
    enum outcome meaning)
{
	if (us <= 0 || (*at != 0 && *at <= since + us))
		return;
	*at = since + us;
	*o = meaning;
}

/* The nearest deadline and what it means; 0: none. */
static int64_t
deadline(const struct fetch *f, enum outcome *o)
{
	const struct fetch_req *r = &f->req;
	int64_t at = 0;

	if (f->phase == PHASE_CONNECT)
		nearer(&at, o, f->since, r->connect_us, f->waiting ?
		    OUTCOME_RESOLVE : OUTCOME_CONNECT_TIMEOUT);
	else if (f->phase == PHASE_HEAD) {
		nearer(&at, o, head_since(f), r->head_us,
		    OUTCOME_HEAD_TIMEOUT);
		nearer(&at, o, head_since(f), r->first_us,
		    OUTCOME_HEAD_TIMEOUT);
	} else if (f->phase == PHASE_BODY && !f->paused) {
		nearer(&at, o, f->active, r->idle_us, OUTCOME_IDLE_TIMEOUT);
		nearer(&at, o, f->asked, r->first_us, OUTCOME_FIRST_TIMEOUT);
	}
	nearer(&at, o, f->started, r->total_us, OUTCOME_TOTAL_TIMEOUT);
	return at;
}

static void
on_timer(void *arg)
{
	struct fetch *f = arg;
	enum outcome o = OUTCOME_OK;
	int64_t at = deadline(f, &o);

	if (at == 0)
		return;
	if (at > ev_now_us(f->set->loop)) {
		fetch_arm(f);
		return;
	}
	fetch_enter(f);
	fetch_end(f, o, o == OUTCOME_RESOLVE ?
	    "no address for the provider's name in time" : outcome_text(o));
	fetch_leave(f);
}

void
fetch_arm(struct fetch *f)
{
	enum outcome o;
	int64_t at = deadline(f, &o);

	if (at == 0 || (ev_timer_active(&f->timer) && f->timer.due_us <= at))
		return;
	ev_timer_set(f->set->loop, &f->timer, at - ev_now_us(f->set->loop),
	    on_timer, f);
}

void
fetch_phase(struct fetch *f, enum fetch_phase p)
{
	f->phase = p;
	f->since = f->active = ev_now_us(f->set->loop);
	fetch_arm(f);
}

/* --- exchanges --------------------------------------------------------- */

struct fetch *
fetch_start(struct fetch_set *s, struct fetch_host *h,
    const struct fetch_req *req, const struct fetch_ops *ops, void *arg)
{
	struct fetch *f = xcalloc(1, sizeof(*f));
	char why[96];

	ASSERT(req->n_body <= 7);
	f->set = s;
	f->host = h;
	f->engine = by_curl(h->p) ? &fetch_curl_engine : &fetch_h1_engine;
	f->req = *req;
	f->ops = ops;
	f->arg = arg;
	f->started = ev_now_us(s->loop);
	h->refs++;
	buf_init_wiped(&f->head, FETCH_MAX_HEAD + FETCH_SCRATCH);
	fetch_phase(f, PHASE_CONNECT);
	f->ask = fetch_ask_size(f);
	if (f->ask <= f->engine->max_ask)
		f->engine->start(f);
	else {		/* found here, it costs no connection */
		snprintf(why, sizeof(why), "it has %zu bytes, %zu can be sent",
		    f->ask, f->engine->max_ask);
		fetch_end_later(f, OUTCOME_HEAD_TOO_LARGE, why);
	}
	return f;
}

static void
release(struct fetch *f)
{
	f->engine->stop(f);
	ev_timer_cancel(&f->timer);
	ev_defer_cancel(&f->task);
	fetch_wait_stop(f);
	inflate_free(&f->inflate);
	buf_free(&f->head);
	free(f->why);
	fetch_host_unref(f->host);
	free(f);
}

void
fetch_cancel(struct fetch **fp)
{
	struct fetch *f = *fp;

	if (f == NULL)
		return;
	*fp = NULL;
	if (f->busy > 0) {
		f->cancelled = 1;
		f->phase = PHASE_END;
		return;
	}
	release(f);
}

void
fetch_enter(struct fetch *f)
{
	f->busy++;
}

int
fetch_leave(struct fetch *f)
{
	if (--f->busy > 0 || !f->cancelled)
		return 0;
	release(f);
	return 1;
}

int
fetch_alive(const struct fetch *f)
{
	return f->phase != PHASE_END;
}

void
fetch_end(struct fetch *f, enum outcome o, const char *why)
{
	char text[256];

	if (!fetch_alive(f))
		return;
	str_copy(text, sizeof(text), str_of(why));
	f->phase = PHASE_END;
	f->engine->stop(f);
	ev_timer_cancel(&f->timer);
	ev_defer_cancel(&f->task);
	fetch_wait_stop(f);
	inflate_free(&f->inflate);
	f->stats.end_us = ev_now_us(f->set->loop);
	f->ops->end(f->arg, o, text);
}

static void
run_end(void *arg)
{
	struct fetch *f = arg;

	fetch_enter(f);
	fetch_end(f, f->outcome, f->why);
	fetch_leave(f);
}

void
fetch_end_later(struct fetch *f, enum outcome o, const char *why)
{
	f->outcome = o;
	free(f->why);
	f->why = xstrdup(why);
	ev_defer(f->set->loop, &f->task, run_end, f);
}

/* --- what the answer brings -------------------------------------------- */

/* Undo a content coding: hide it and the length. */
static int
decode_head(struct fetch *f, const struct http1_head *h,
    struct fetch_head *out)
{
	const struct hdr *ce = hdr_find(h->h, h->n, HDR_CONTENT_ENCODING);
	unsigned i, n = 0;

	if (ce == NULL || out->no_body || f->req.keep_encoding ||
	    str_ieq(ce->value, STR("identity")))
		return 0;
	if ((f->inflate = inflate_new(ce->value)) == NULL)
		return ERR_UNSUPPORTED;
	for (i = 0; i < h->n; i++)
		if (h->h[i].id != HDR_CONTENT_ENCODING &&
		    h->h[i].id != HDR_CONTENT_LENGTH)
			f->set->kept[n++] = h->h[i];
	out->h = f->set->kept;
	out->n = n;
	out->length = -1;
	return 0;
}

void
fetch_give_head(struct fetch *f, const struct http1_head *h)
{
	struct fetch_head out = { h->status, h->h, h->n, -1, 0 };

	if (h->body == HTTP1_LENGTH)
		out.length = (int64_t)h->length;
	out.no_body = h->body == HTTP1_NO_BODY || out.length == 0;
	f->asked = head_since(f);
	fetch_phase(f, PHASE_BODY);
	f->stats.head_us = f->since;
	if (decode_head(f, h, &out) < 0) {
		fetch_end(f, OUTCOME_BAD_BODY,
		    "the answer has a content coding that was not asked for");
		return;
	}
	f->ops->head(f->arg, &out);
}

static int
on_inflated(void *arg, const char *p, size_t n)
{
	struct fetch *f = arg;

	f->inflated += n;
	f->ops->bytes(f->arg, p, n);
	return !fetch_alive(f);
}

void
fetch_give(struct fetch *f, const char *p, size_t n)
{
	int rc;

	if (n == 0 || !fetch_alive(f))
		return;
	if (f->inflate == NULL) {
		f->ops->bytes(f->arg, p, n);
		return;
	}
	rc = inflate_feed(f->inflate, p, n, on_inflated, f);
	if (rc < 0)
		fetch_end(f, OUTCOME_BAD_BODY, rc == ERR_TOOBIG ?
		    "the compressed answer is too large" :
		    "the answer's compression is broken");
}

void
fetch_complete(struct fetch *f)
{
	if (f->inflate != NULL && !inflate_done(f->inflate))
		fetch_end(f, OUTCOME_BAD_BODY,
		    "the answer's compression ends too early");
	else
		fetch_end(f, OUTCOME_OK, "");
}

void
fetch_pause(struct fetch *f)
{
	f->paused = 1;
}

void
fetch_resume(struct fetch *f)
{
	if (!f->paused)
		return;
	f->paused = 0;
	if (!fetch_alive(f))
		return;
	f->active = ev_now_us(f->set->loop);
	fetch_arm(f);
	f->engine->resume(f);
}

const struct fetch_stats *
fetch_stats(const struct fetch *f)
{
	return &f->stats;
}

int
fetch_body_done(const struct fetch *f)
{
	return !fetch_alive(f) ||
	    (f->phase == PHASE_BODY && f->engine->sent(f));
}

void
fetch_first(struct fetch *f)
{
	f->req.first_us = 0;	/* the timer looks again when it fires */
}

void
fetch_set_idle(struct fetch *f, int64_t idle_us)
{
	f->req.idle_us = idle_us;
	if (fetch_alive(f))
		fetch_arm(f);
}
