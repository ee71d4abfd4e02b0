/*
 * fetch_curl.c - the engine of libcurl: proxies and HTTP/2.
 *
 * Runs in: worker, checker, aigwctl.
 * Owns: the transfer of its exchange.
 *
 * Heads pass through our own strict parser, so both engines accept the same
 * answers; the framing of bodies is libcurl's. A paused exchange refuses the
 * next piece and gets it again when it goes on. So does one that has had its
 * share of the turn: libcurl would go on as long as there is something.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/board.h"
#include "base/err.h"
#include "base/xalloc.h"
#include "net/addr.h"
#include "upstream/fetch_impl.h"
#include "upstream/multi_impl.h"

#define SLICE		(64u << 10)	/* bytes between looks at the time */
#define CURL_MAX_ASK	((1u << 20) - (16u << 10))	/* libcurl has 1 MiB for
							   head and proxy's */
#define H2_MAX_ASK	65536
#define H2_OWN		16		/* fields of libcurl's, and more */
#define INFLATE_STEP	1024		/* bytes in: it grows */

#define SET(x, opt, val) curl_easy_setopt((x)->easy, CURLOPT_##opt, val)

static void begin(struct fetch *f);
static void run_resume(void *arg);

static int
is_guarded(void *arg, const unsigned char addr[16])
{
	struct fetch *f = arg;

	/* A proxy was chosen by who wrote the configuration. */
	if (f->host->p->proxy != NULL && *f->host->p->proxy != '\0')
		return 0;
	return fetch_host_guarded(f->host, addr);
}

/* Sockets outlive the exchange: they hold the host. */
static void
on_opened(void *arg)
{
	struct fetch_host *h = arg;

	h->refs++;
	h->n_open++;
	board_add(CTR_upstream_open, 1);
}

static void
on_closed(void *arg)
{
	struct fetch_host *h = arg;

	h->n_open--;
	board_sub(CTR_upstream_open, 1);
	fetch_host_unref(h);
}

static void
on_sending(void *arg)
{
	struct fetch *f = arg;

	if (f->phase == PHASE_CONNECT)
		fetch_phase(f, PHASE_HEAD);
	if (f->ops->sending != NULL)
		f->ops->sending(f->arg);
	f->stats.connected_us = f->stats.sent_us = f->since;
}

/* The next bytes of the request's body. */
static size_t
on_read(char *p, size_t size, size_t n, void *arg)
{
	struct multi_xfer *x = arg;
	struct fetch *f = x->arg;
	size_t room = size * n, done = 0, skip, k;
	unsigned i;

	if (f == NULL)
		return CURL_READFUNC_ABORT;
	skip = f->sent;
	for (i = 0; i < f->req.n_body && done < room; i++) {
		k = f->req.body[i].iov_len;
		if (skip >= k) {
			skip -= k;
			continue;
		}
		k -= skip;
		if (k > room - done)
			k = room - done;
		memcpy(p + done, (const char *)f->req.body[i].iov_base + skip,
		    k);
		done += k;
		skip = 0;
	}
	f->sent += done;
	f->active = f->stats.sent_us = ev_now_us(f->set->loop);
	return done;
}

/* libcurl wants the body once more: for a second send that we allow. */
static int
on_seek(void *arg, curl_off_t at, int whence)
{
	struct multi_xfer *x = arg;
	struct fetch *f = x->arg;

	if (f == NULL || whence != SEEK_SET || at != 0)
		return CURL_SEEKFUNC_FAIL;
	f->sent = 0;
	return CURL_SEEKFUNC_OK;
}

/* A failure that is found inside a callback: told when libcurl is done. */
static size_t
refuse(struct fetch *f, enum outcome o, const char *why)
{
	f->outcome = o;
	free(f->why);
	f->why = xstrdup(why);
	return 0;
}

/* A head is complete in f->head. */
static size_t
whole_head(struct fetch *f)
{
	struct http1_limits lim = { 0, FETCH_MAX_HEAD };
	struct http1_head *h = &f->set->head;
	enum http1_error why = HTTP1_OK;
	struct buf whole = f->head;
	size_t seen = 0;
	long used;

	buf_init_wiped(&f->head, whole.max);
	used = http1_response(buf_ptr(&whole), buf_len(&whole), &seen, &lim,
	    http1_method(f->req.method), h, &why);
	if (used < 0 || h->status == 101) {
		buf_free(&whole);
		return refuse(f, OUTCOME_BAD_HEAD, used < 0 ?
		    http1_error_text(why) : "the protocol was switched");
	}
	f->got = 1;
	if (h->status >= 200)
		fetch_give_head(f, h);
	buf_free(&whole);
	return 1;
}

/* One line of a head, of a trailer too. */
static size_t
on_header(char *p, size_t size, size_t n, void *arg)
{
	struct multi_xfer *x = arg;
	struct fetch *f = x->arg;
	struct str line = { p, size * n };
	size_t ok = line.n;

	if (f == NULL)
		return 0;
	if (f->phase >= PHASE_BODY)
		return ok;
	fetch_enter(f);
	if (buf_len(&f->head) == 0 && str_starts(line, STR("HTTP/2"))) {
		/* "HTTP/2 200" as our parser knows it */
		buf_adds(&f->head, STR("HTTP/1.1"));
		line = str_skip(line, 6);
	}
	if (buf_len(&f->head) + line.n > FETCH_MAX_HEAD ||
	    buf_adds(&f->head, line) < 0)
		ok = refuse(f, OUTCOME_BAD_HEAD,
		    "the answer's head is too large");
	else if (str_eqc(line, "\r\n") && whole_head(f) == 0)
		ok = 0;
	fetch_leave(f);
	return x->arg == NULL ? 0 : ok;
}

/* 1 when not all that libcurl gave has been inflated. */
static int
is_behind(const struct fetch *f)
{
	return f->inflate != NULL && buf_len(&f->head) > 0;
}

/* It has been given n bytes more: 1 when that is enough for now. */
static int
is_full(struct fetch *f, size_t n)
{
	f->given += n;
	if (f->given < SLICE)
		return 0;
	f->given = 0;
	if (ev_may_go_on(f->set->loop))
		return 0;
	f->full = 1;
	ev_backlog(f->set->loop, &f->task, run_resume, f);
	return 1;
}

/* What libcurl gave, until it is used up or it was enough for now. */
static void
inflate_some(struct fetch *f)
{
	uint64_t before;
	size_t n;

	while (fetch_alive(f) && !f->paused && is_behind(f)) {
		n = buf_len(&f->head) < INFLATE_STEP ? buf_len(&f->head) :
		    INFLATE_STEP;
		before = f->inflated;
		f->active = ev_now_us(f->set->loop);
		fetch_give(f, buf_ptr(&f->head), n);
		buf_consume(&f->head, n);
		if (fetch_alive(f) &&
		    is_full(f, (size_t)(f->inflated - before)))
			return;
	}
}

static size_t
on_write(char *p, size_t size, size_t n, void *arg)
{
	struct multi_xfer *x = arg;
	struct fetch *f = x->arg;

	if (f == NULL)
		return 0;
	if (f->phase != PHASE_BODY)
		return refuse(f, OUTCOME_BAD_HEAD, "an answer without a head");
	if (f->paused || f->full || is_behind(f))
		return CURL_WRITEFUNC_PAUSE;
	fetch_enter(f);
	f->active = ev_now_us(f->set->loop);
	if (f->inflate == NULL) {
		fetch_give(f, p, size * n);
		if (fetch_alive(f))
			(void)is_full(f, size * n);
	} else if (buf_add(&f->head, p, size * n) != 0)
		fetch_end(f, OUTCOME_NOMEM, "out of memory");
	else
		inflate_some(f);
	fetch_leave(f);
	return x->arg == NULL ? 0 : size * n;
}

static void
note_stats(struct fetch *f)
{
	unsigned char addr[16];
	char *ip = NULL;
	long conns = 1;

	curl_easy_getinfo(f->xfer->easy, CURLINFO_NUM_CONNECTS, &conns);
	curl_easy_getinfo(f->xfer->easy, CURLINFO_PRIMARY_IP, &ip);
	if (f->xfer->sends > 0) {
		f->stats.reused = conns == 0;
		board_add(conns == 0 ? CTR_upstream_reused :
		    CTR_upstream_conns, 1);
	}
	if (f->xfer->sends > 1 && f->xfer->max_sends > 1) {
		f->stats.resent = 1;
		board_add(CTR_resends, 1);
	}
	if (ip != NULL && addr_parse(str_of(ip), addr) == 0)
		memcpy(f->stats.peer, addr, 16);
}

/* All that libcurl gave has been handed on. */
static void
finish(struct fetch *f)
{
	CURLcode rc = (CURLcode)f->result;
	enum outcome o = multi_outcome(f->xfer, rc, f->phase == PHASE_BODY);

	if (f->outcome != OUTCOME_OK)
		fetch_end(f, f->outcome, f->why);
	else if (rc != CURLE_OK)
		fetch_end(f, o, multi_why(f->xfer, rc));
	else if (f->phase != PHASE_BODY)
		fetch_end(f, OUTCOME_RESET, "closed by the peer");
	else
		fetch_complete(f);
}

static void
on_done(void *arg, CURLcode rc)
{
	struct fetch *f = arg;

	fetch_enter(f);
	note_stats(f);
	f->result = (int)rc;
	f->over = 1;
	if (!is_behind(f))
		finish(f);
	fetch_leave(f);
}

/*
 * An address in base_url is what the proxy will connect to. (A name is looked
 * up where the proxy is, and means what it means there.)
 */
static int
behind_proxy_guarded(const struct fetch *f)
{
	const struct conf_provider *p = f->host->p;
	unsigned char addr[16];

	return p->proxy != NULL && *p->proxy != '\0' &&
	    addr_parse(str_of(p->host), addr) == 0 &&
	    fetch_host_guarded(f->host, addr);
}

static int
set_url(struct fetch *f)
{
	const struct conf_provider *p = f->host->p;
	struct str t = f->req.target;
	size_t size = t.n + strlen(p->host) + 32;
	char *url = xmalloc(size);
	int v6 = strchr(p->host, ':') != NULL;
	CURLcode rc;

	/* Nothing may lengthen the authority. */
	if (t.n == 0 || *t.p != '/') {
		free(url);
		return ERR_FORMAT;
	}
	snprintf(url, size, "%s://%s%s%s:%u%.*s", p->https ? "https" : "http",
	    v6 ? "[" : "", p->host, v6 ? "]" : "", p->port, STR_ARG(t));
	rc = SET(f->xfer, URL, url);
	free(url);
	return rc == CURLE_OK ? 0 : ERR_FORMAT;
}

/* Hand libcurl the addresses of whom it will connect to. */
static void
set_addrs(struct fetch *f)
{
	const struct fetch_host *h = f->host;
	char host[256];
	unsigned port;

	if (h->p->proxy == NULL || *h->p->proxy == '\0')
		multi_xfer_addrs(f->xfer, h->p->host, h->p->port, h->addr,
		    h->n_addr);
	else if (multi_proxy_host(h->p->proxy, host, sizeof(host), &port) ==
	    0)
		multi_xfer_addrs(f->xfer, host, port, h->addr, h->n_addr);
}

/*
 * libnghttp2 sends 64 KiB of fields at most, each counted with 12 bytes more.
 * What fails then looks as if the provider had closed the connection.
 */
static int
is_too_large_for_h2(const struct fetch *f)
{
	return f->host->p->http2 && f->host->p->https &&
	    f->ask + 12 * (f->req.n_headers + H2_OWN) > H2_MAX_ASK;
}

static void
run_begin(void *arg)
{
	struct fetch *f = arg;
	const struct fetch_req *r = &f->req;
	struct multi_xfer *x;
	int64_t size = 0;
	unsigned i;

	for (i = 0; i < r->n_body; i++)
		size += (int64_t)r->body[i].iov_len;
	x = f->xfer = multi_xfer_new(f->set->multi, f->host->p, f, on_done);
	x->guarded = is_guarded;
	x->owner = f->host;
	x->opened = on_opened;
	x->closed = on_closed;
	f->host->n_busy++;
	x->sending = on_sending;
	x->max_sends = r->idempotent ? 2 : 1;
	if (is_too_large_for_h2(f))
		multi_xfer_http1(x);
	set_addrs(f);
	multi_xfer_method(x, r->method, r->has_body || size > 0 ? size : -1);
	SET(x, READFUNCTION, on_read);
	SET(x, READDATA, x);
	SET(x, SEEKFUNCTION, on_seek);
	SET(x, SEEKDATA, x);
	SET(x, HEADERFUNCTION, on_header);
	SET(x, HEADERDATA, x);
	SET(x, WRITEFUNCTION, on_write);
	SET(x, WRITEDATA, x);
	if (set_url(f) < 0 || multi_xfer_headers(x, f->host->p->host_header,
	    r->headers, r->n_headers) < 0)
		fetch_end_later(f, OUTCOME_SEND,
		    "the request head is not valid");
	else if (multi_xfer_start(x) < 0)
		fetch_end_later(f, OUTCOME_NOMEM, "out of memory");
}

/* The addresses are there, or not to be had. */
static void
begin(struct fetch *f)
{
	if (f->host->state == HOST_WAITING)
		fetch_wait_addrs(f);
	else if (f->host->state == HOST_FAILED)
		fetch_end_later(f, OUTCOME_RESOLVE, f->host->why);
	else if (behind_proxy_guarded(f))
		fetch_end_later(f, OUTCOME_GUARDED,
		    "base_url is not in the provider's allow_private");
	else
		ev_defer(f->set->loop, &f->task, run_begin, f);
}

static void
curl_start(struct fetch *f)
{
	if (f->set->multi == NULL)
		f->set->multi = multi_new(f->set->loop);
	begin(f);
}

static void
run_resume(void *arg)
{
	struct fetch *f = arg;

	fetch_enter(f);
	f->full = 0;
	inflate_some(f);
	if (f->xfer != NULL && !f->paused && !is_behind(f)) {
		if (f->over)
			finish(f);
		else
			multi_xfer_continue(f->xfer);
	}
	fetch_leave(f);
}

static void
curl_resume(struct fetch *f)
{
	if (f->xfer != NULL)
		ev_defer(f->set->loop, &f->task, run_resume, f);
}

static void
curl_stop(struct fetch *f)
{
	if (f->xfer != NULL)
		f->host->n_busy--;
	multi_xfer_drop(&f->xfer);
}

static int
curl_sent(const struct fetch *f)
{
	size_t all = 0;
	unsigned i;

	for (i = 0; i < f->req.n_body; i++)
		all += f->req.body[i].iov_len;
	return f->sent == all;
}

const struct fetch_engine fetch_curl_engine = {
	curl_start, curl_resume, begin, curl_stop, curl_sent,
	CURL_MAX_ASK
};
