/*
 * mock_wire.c - the bytes of an answer: head, framing, slow sending.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 *
 * Normally bytes go straight to the connection. When they shall go slowly or
 * in small pieces they are queued in a->slow, and a timer or a deferred task
 * moves them. Offsets of faults count bytes of the body, not of the framing.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "mock/mock_answer.h"
#include "mock/mock_gzip.h"
#include "mock/mock_text.h"
#include "net/http1_out.h"

#define SLOW_TICK_US	20000

static void slow_tick(void *arg);

static int
is_slow(const struct mock_answer *a)
{
	return a->act.bps > 0 || a->act.chunk > 0 || a->blocked_us != 0;
}

void
mock_wire_put(struct mock_answer *a, const void *p, size_t n)
{
	if (n == 0)
		return;
	if (!a->slow_on && buf_len(&a->slow) == 0) {
		conn_write(a->conn, p, n);
		return;
	}
	if (buf_add(&a->slow, p, n) != 0)
		return;
	if (!ev_timer_active(&a->slow_timer) && a->slow_task.loop == NULL)
		ev_defer(a->m->loop, &a->slow_task, slow_tick, a);
}

/* Move the next piece; come again as long as there is one. */
static void
slow_tick(void *arg)
{
	struct mock_answer *a = arg;
	int64_t now = ev_now_us(a->m->loop), wait = 0;
	size_t n = buf_len(&a->slow);

	if (a->blocked_us > now) {
		ev_timer_set(a->m->loop, &a->slow_timer, a->blocked_us - now,
		    slow_tick, a);
		return;
	}
	if (a->act.bps > 0) {
		size_t step = (size_t)(a->act.bps * SLOW_TICK_US / CLOCK_US_S);

		wait = SLOW_TICK_US;
		if (step == 0) {
			step = 1;
			wait = CLOCK_US_S / a->act.bps;
		}
		n = n < step ? n : step;
	} else if (a->act.chunk > 0 && n > (size_t)a->act.chunk)
		n = (size_t)a->act.chunk;
	conn_write(a->conn, buf_ptr(&a->slow), n);
	buf_consume(&a->slow, n);
	conn_flush(a->conn);
	if (buf_len(&a->slow) == 0)
		mock_answer_drained(a);
	else if (wait > 0)
		ev_timer_set(a->m->loop, &a->slow_timer, wait, slow_tick, a);
	else
		ev_defer(a->m->loop, &a->slow_task, slow_tick, a);
}

int
mock_wire_full(const struct mock_answer *a)
{
	return conn_above(a->conn) || buf_len(&a->slow) > 65536;
}

int
mock_wire_flush(struct mock_answer *a)
{
	conn_flush(a->conn);
	return buf_len(&a->slow) == 0 && conn_queued(a->conn) == 0;
}

void
mock_wire_block(struct mock_answer *a, int64_t us)
{
	a->blocked_us = ev_now_us(a->m->loop) + us;
	a->slow_on = 1;
}

void
mock_wire_stop(struct mock_answer *a)
{
	ev_timer_cancel(&a->slow_timer);
	ev_defer_cancel(&a->slow_task);
	buf_reset(&a->slow);
	a->blocked_us = 0;
	a->slow_on = 0;
}

static const char *
date_line(struct mock *m)
{
	int64_t now = clock_real_us();

	if (now / CLOCK_US_S != m->date_s) {
		m->date_s = now / CLOCK_US_S;
		clock_http_date(now, m->date);
	}
	return m->date;
}

static void
framing(struct mock_answer *a, struct buf *b, int64_t len)
{
	if (a->status == 204 || a->status == 304)
		return;
	if (a->act.until_close || (len < 0 && a->http10)) {
		a->keep_alive = 0;
		return;
	}
	if (len < 0) {
		a->chunked = 1;
		buf_adds(b, STR("transfer-encoding: chunked\r\n"));
		return;
	}
	len += a->act.length;
	buf_adds(b, STR("content-length: "));
	mock_text_num(b, len);
	buf_adds(b, STR("\r\n"));
}

static void
first_lines(struct mock_answer *a, struct buf *b)
{
	if (a->act.early != 0)
		buf_printf(b, "HTTP/1.1 %d %s\r\n\r\n", a->act.early,
		    http1_reason(a->act.early));
	if (a->act.garbage == MOCK_GARBAGE_STATUS)
		buf_adds(b, STR("HTTP/1.1 2x0 Fine\r\n"));
	else if (a->status == 200)
		buf_adds(b, STR("HTTP/1.1 200 OK\r\n"));
	else
		buf_printf(b, "HTTP/1.1 %d %s\r\n", a->status,
		    http1_reason(a->status));
	buf_adds(b, STR("date: "));
	buf_adds(b, str_of(date_line(a->m)));
	buf_adds(b, STR("\r\ncontent-type: "));
	buf_adds(b, str_of(a->ctype));
	buf_adds(b, STR("\r\nx-request-id: "));
	buf_adds(b, str_of(a->id));
	buf_adds(b, STR("\r\n"));
}

void
mock_wire_head(struct mock_answer *a, int64_t len)
{
	struct buf b;
	int i;

	buf_init(&b, 4u << 20);
	buf_reserve(&b, 1024);
	first_lines(a, &b);
	framing(a, &b, len);
	if (a->act.gzip)
		buf_adds(&b, STR("content-encoding: gzip\r\n"));
	buf_adds(&b, buf_str(&a->extra));
	for (i = 0; i < a->act.headers; i++)
		buf_printf(&b, "x-mock-filler-%d: %032d\r\n", i, i);
	if (a->act.garbage == MOCK_GARBAGE_LINE) {
		buf_adds(&b, STR("x-mock-long: "));
		for (i = 0; i < 131072; i++)
			buf_adds(&b, STR("aaaaaaaa"));
		buf_adds(&b, STR("\r\n"));
	}
	if (!a->keep_alive)
		buf_adds(&b, STR("connection: close\r\n"));
	if (a->act.garbage != MOCK_GARBAGE_HEAD)
		buf_adds(&b, STR("\r\n"));
	a->slow_on = a->act.slow_head && is_slow(a);
	if (a->act.end != MOCK_END_NONE && a->act.where == MOCK_AT_HEAD)
		b.len = b.len / 2;
	mock_wire_put(a, buf_ptr(&b), buf_len(&b));
	a->slow_on = is_slow(a);
	buf_free(&b);
}

static void
frame(struct mock_answer *a, const void *p, size_t n)
{
	char line[24];

	if (n == 0 || a->head_only)
		return;
	if (!a->chunked) {
		mock_wire_put(a, p, n);
		return;
	}
	if (a->act.garbage == MOCK_GARBAGE_CHUNK)
		snprintf(line, sizeof(line), "zz%zx\r\n", n);
	else
		snprintf(line, sizeof(line), "%zx\r\n", n);
	mock_wire_put(a, line, strlen(line));
	mock_wire_put(a, p, n);
	mock_wire_put(a, "\r\n", 2);
}

static void
account(struct mock_answer *a, const void *p, size_t n)
{
	if (a->metered && !a->no_digest) {
		if (a->hash == NULL)
			a->hash = crypto_hash_new();
		crypto_hash_add(a->hash, str_make(p, n));
	}
	a->sent += n;
}

/* Body bytes after coding: stop at the byte of the fault. */
static int
coded(struct mock_answer *a, const char *p, size_t n)
{
	size_t room;

	if (a->act.end == MOCK_END_NONE || a->act.where != MOCK_AT_BYTE ||
	    a->sent + n <= (uint64_t)a->act.at) {
		account(a, p, n);
		frame(a, p, n);
		return 0;
	}
	room = (size_t)((uint64_t)a->act.at - a->sent);
	account(a, p, room);
	frame(a, p, room);
	if (a->act.end != MOCK_END_STALL || a->act.stall_us == 0)
		return 1;
	a->act.end = MOCK_END_NONE;
	mock_wire_block(a, a->act.stall_us);
	return coded(a, p + room, n - room);
}

int
mock_wire_body(struct mock_answer *a, const void *p, size_t n)
{
	struct buf b;
	int rc;

	if (!a->act.gzip)
		return coded(a, p, n);
	buf_init(&b, n + 65536);
	mock_gzip_add(&b, &a->gzip, str_make(p, n));
	rc = coded(a, buf_ptr(&b), buf_len(&b));
	buf_free(&b);
	return rc;
}

void
mock_wire_end(struct mock_answer *a)
{
	struct buf b;

	if (a->act.gzip) {
		buf_init(&b, 256);
		mock_gzip_end(&b, &a->gzip);
		coded(a, buf_ptr(&b), buf_len(&b));
		buf_free(&b);
	}
	if (a->chunked && !a->head_only)
		mock_wire_put(a, HTTP1_OUT_LAST.p, HTTP1_OUT_LAST.n);
}
