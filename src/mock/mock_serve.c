/*
 * mock_serve.c - listening, and the life of a client connection.
 *
 * Runs in: aigw-mock, every process of it.
 * Owns: the listeners' watches, the clients.
 *
 * Events only record and defer; client_run does the work at the end of the
 * turn. While an answer is under way the client is still read, to notice when
 * it hangs up; what it sends early is kept for the next request.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/xalloc.h"
#include "mock/mock_answer.h"
#include "mock/mock_request.h"
#include "mock/mock_serve.h"
#include "net/http1_body.h"

#define HEAD_MAX	262144
#define SCRATCH		65536
#define LINGER_US	2000000

enum { C_HEAD, C_BODY, C_ANSWER, C_DEAD };

struct mock_client {
	struct mock		*m;
	struct conn		*conn;
	struct ev_task		 task;
	struct ev_task		 free_task;
	int			 state;
	unsigned		 what;		/* events to look at */
	int			 eof, reuse;	/* reuse: close when used */
	struct buf		 in;		/* not yet understood */
	size_t			 seen;
	char			*head;		/* of a request that is not whole */
	size_t			 head_len;
	struct http1_body	 framing;
	struct buf		 body;
	struct mock_answer	 a;
};

static char scratch[SCRATCH];
static struct http1_head parsed;	/* only used within one call */

static void client_run(void *arg);

static void
client_free(void *arg)
{
	struct mock_client *cl = arg;

	ev_defer_cancel(&cl->task);
	conn_close(&cl->conn);
	mock_answer_free(&cl->a);
	buf_free(&cl->in);
	buf_free(&cl->body);
	free(cl->head);
	cl->m->clients--;
	atomic_fetch_sub(&cl->m->sh->open, 1);
	free(cl);
}

static void
client_end(struct mock_client *cl, enum mock_after how)
{
	struct linger l = { 1, 0 };

	if (cl->state == C_DEAD)
		return;
	cl->state = C_DEAD;
	mock_answer_abort(&cl->a);
	if (how == MOCK_AFTER_RESET && cl->conn != NULL)
		setsockopt(conn_fd(cl->conn), SOL_SOCKET, SO_LINGER, &l,
		    sizeof(l));
	else if (how == MOCK_AFTER_CLOSE && cl->conn != NULL && !cl->eof)
		conn_close_linger(&cl->conn, LINGER_US);
	ev_defer(cl->m->loop, &cl->free_task, client_free, cl);
}

void
mock_client_done(struct mock_client *cl, enum mock_after after)
{
	if (after != MOCK_AFTER_KEEP) {
		client_end(cl, after);
		return;
	}
	cl->reuse = cl->a.act.close_reuse;
	cl->state = C_HEAD;
	buf_reset(&cl->body);
	if (buf_len(&cl->in) > 0 || cl->what != 0 || cl->eof)
		ev_defer(cl->m->loop, &cl->task, client_run, cl);
}

static void
refuse_bad(struct mock_client *cl, enum http1_error why)
{
	struct mock_answer *a = &cl->a;

	mock_answer_begin(a);
	mock_answer_set(a, http1_error_status(why), "text/plain");
	buf_adds(&a->body, str_of(http1_error_text(why)));
	a->keep_alive = 0;
	str_copy(a->id, sizeof(a->id), STR("bad"));
	cl->state = C_ANSWER;
	mock_answer_start(a);
}

static void
request_whole(struct mock_client *cl, struct str head, struct str body)
{
	struct mock_answer *a = &cl->a;

	cl->state = C_ANSWER;
	mock_answer_begin(a);
	a->keep_alive = parsed.keep_alive;
	a->head_only = parsed.method == HTTP1_HEAD;
	a->http10 = parsed.minor == 0;
	mock_request(a, &parsed, head, body);
	mock_answer_start(a);
}

/* The body is over and was collected: read the kept head again. */
static void
request_collected(struct mock_client *cl)
{
	enum http1_error why;
	size_t seen = 0;
	struct http1_limits lim = { HEAD_MAX, HEAD_MAX };
	char *head = cl->head;

	cl->head = NULL;
	if (http1_request(head, cl->head_len, &seen, &lim, &parsed, &why) > 0)
		request_whole(cl, str_make(head, cl->head_len),
		    buf_str(&cl->body));
	else
		refuse_bad(cl, why);
	free(head);
}

/* A head was read: what was used of p, which follows it. */
static size_t
begin_body(struct mock_client *cl, struct str head, const char *p, size_t n)
{
	if (parsed.body == HTTP1_NO_BODY) {
		request_whole(cl, head, STR(""));
		return 0;
	}
	if (parsed.body == HTTP1_LENGTH && parsed.length <= n) {
		n = (size_t)parsed.length;
		request_whole(cl, head, str_make(p, n));
		return n;
	}
	http1_body_init(&cl->framing, parsed.body, parsed.length);
	cl->head = xmalloc(head.n);
	memcpy(cl->head, head.p, head.n);
	cl->head_len = head.n;
	cl->state = C_BODY;
	if (parsed.body == HTTP1_LENGTH && parsed.length < (1u << 24))
		buf_reserve(&cl->body, (size_t)parsed.length);
	if (parsed.expect_continue && n == 0)
		conn_writes(cl->conn, STR("HTTP/1.1 100 Continue\r\n\r\n"));
	return 0;
}

static long
take_head(struct mock_client *cl, const char *p, size_t n)
{
	struct http1_limits lim = { HEAD_MAX, HEAD_MAX };
	enum http1_error why = HTTP1_OK;
	long used;

	used = http1_request(p, n, &cl->seen, &lim, &parsed, &why);
	if (used == ERR_AGAIN)
		return 0;
	cl->seen = 0;
	if (used < 0) {
		refuse_bad(cl, why);
		return (long)n;
	}
	return used + (long)begin_body(cl, str_make(p, (size_t)used),
	    p + used, n - (size_t)used);
}

static long
take_body(struct mock_client *cl, const char *p, size_t n)
{
	struct str data;
	long used = http1_body_feed(&cl->framing, p, n, &data);

	if (used < 0 || buf_adds(&cl->body, data) != 0) {
		refuse_bad(cl, HTTP1_BAD_CHUNK);
		return (long)n;
	}
	if (cl->framing.done)
		request_collected(cl);
	return used;
}

/* Understand what can be understood of p: bytes used. */
static size_t
consume(struct mock_client *cl, const char *p, size_t n)
{
	size_t used = 0;
	long k;

	while (used < n && (cl->state == C_HEAD || cl->state == C_BODY)) {
		if (cl->state == C_HEAD)
			k = take_head(cl, p + used, n - used);
		else
			k = take_body(cl, p + used, n - used);
		if (k <= 0)
			break;
		used += (size_t)k;
	}
	return used;
}

static void
input(struct mock_client *cl, const char *p, size_t n)
{
	size_t used = 0;

	if (buf_len(&cl->in) == 0)
		used = consume(cl, p, n);
	if (used < n && cl->state != C_DEAD &&
	    buf_add(&cl->in, p + used, n - used) != 0)
		refuse_bad(cl, HTTP1_HEAD_TOO_LONG);
	if (buf_len(&cl->in) > 0 && used == 0) {
		used = consume(cl, buf_ptr(&cl->in), buf_len(&cl->in));
		buf_consume(&cl->in, used);
	}
}

static void
client_read(struct mock_client *cl)
{
	ssize_t n;

	while (cl->state != C_DEAD && !cl->eof &&
	    buf_len(&cl->in) < cl->in.max / 2) {
		n = conn_read(cl->conn, scratch, sizeof(scratch));
		if (n == ERR_AGAIN)
			return;
		if (n <= 0)
			cl->eof = 1;
		else
			input(cl, scratch, (size_t)n);
	}
}

static void
client_run(void *arg)
{
	struct mock_client *cl = arg;
	unsigned what = cl->what;

	cl->what = 0;
	if (cl->state == C_DEAD)
		return;
	if (what & CONN_FAILED) {
		cl->eof = 1;
		client_end(cl, MOCK_AFTER_KEEP);
		return;
	}
	if (what & CONN_DRAINED)
		mock_answer_drained(&cl->a);
	if (cl->reuse && cl->state == C_HEAD && (what & CONN_READABLE)) {
		client_end(cl, MOCK_AFTER_RESET);
		return;
	}
	if (cl->state == C_HEAD && buf_len(&cl->in) > 0)
		buf_consume(&cl->in, consume(cl, buf_ptr(&cl->in),
		    buf_len(&cl->in)));
	client_read(cl);
	if (cl->eof)
		client_end(cl, MOCK_AFTER_KEEP);
}

static void
client_event(void *arg, unsigned what)
{
	struct mock_client *cl = arg;

	cl->what |= what;
	ev_defer(cl->m->loop, &cl->task, client_run, cl);
}

static void
client_new(struct mock *m, int fd, int control)
{
	struct mock_client *cl = xcalloc(1, sizeof(*cl));

	cl->m = m;
	buf_init(&cl->in, 2 * HEAD_MAX);
	buf_init(&cl->body, MOCK_BODY_MAX);
	cl->a.m = m;
	cl->a.client = cl;
	buf_init(&cl->a.extra, 65536);
	buf_init(&cl->a.body, 1u << 30);
	buf_init(&cl->a.slow, 1u << 30);
	m->clients++;
	atomic_fetch_add(&m->sh->open, 1);
	atomic_fetch_add(&m->sh->accepted, 1);
	cl->conn = conn_accept(m->conns, fd, control ? NULL : m->tls,
	    client_event, cl);
	cl->a.conn = cl->conn;
	client_event(cl, CONN_READABLE);
}

struct listener {
	struct mock	*m;
	struct ev_io	 io;
	struct ev_timer	 timer;
	int		 fd, control, used, closed;
};

static struct listener listeners[2];

static void on_listener(void *arg, unsigned what);

static void
watch(void *arg)
{
	struct listener *l = arg;
	int64_t until = atomic_load(&l->m->sh->refuse_until);

	if (!l->control && until > clock_mono_us()) {
		ev_timer_set(l->m->loop, &l->timer, 20000, watch, l);
		return;
	}
	if (l->closed)		/* by mock_serve_refuse, maybe elsewhere */
		listen(l->fd, 4096);
	l->closed = 0;
	if (!ev_io_active(&l->io))
		ev_io_start(l->m->loop, &l->io, l->fd, EV_IO_IN, 0,
		    on_listener, l);
}

static void
accept_some(void *arg)
{
	struct listener *l = arg;
	int fd, i;

	for (i = 0; i < l->m->batch; i++) {
		fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			break;
		client_new(l->m, fd, l->control);
	}
	/* A listener that was shut down is hung up and never ready. */
	if (i == 0 && errno != EAGAIN && errno != ECONNABORTED &&
	    errno != EINTR) {
		l->closed = 1;
		ev_io_stop(&l->io);
		ev_timer_set(l->m->loop, &l->timer, 20000, watch, l);
	} else
		watch(l);
}

static void
on_listener(void *arg, unsigned what)
{
	struct listener *l = arg;
	int64_t delay = atomic_load(&l->m->sh->accept_delay);

	(void)what;
	if (delay > 0 && !l->control) {
		ev_io_stop(&l->io);
		ev_timer_set(l->m->loop, &l->timer, delay, accept_some, l);
	} else
		accept_some(l);
}

void
mock_serve_listen(struct mock *m, int fd, int control)
{
	struct listener *l = &listeners[control ? 1 : 0];

	ASSERT(!l->used);
	l->used = 1;
	l->m = m;
	l->fd = fd;
	l->control = control;
	watch(l);
}

void
mock_serve_refuse(struct mock *m)
{
	if (atomic_load(&m->sh->refuse_until) > clock_mono_us())
		shutdown(listeners[0].fd, SHUT_RDWR);
}

void
mock_serve_stop(struct mock *m)
{
	int i;

	(void)m;
	for (i = 0; i < 2; i++) {
		ev_io_stop(&listeners[i].io);
		ev_timer_cancel(&listeners[i].timer);
	}
}
