/*
 * strict_slot.c - one connection of the strict client and its requests.
 *
 * Runs in: the strict client.
 * Owns: the connection.
 *
 * A server may close an idle connection: that is no fault, if no request was
 * sent on it. Once a request was written and the connection ends without a
 * byte of an answer, that is a reset, whatever the server meant.
 */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "strict.h"

enum { SL_NONE, SL_CONNECTING, SL_IDLE, SL_ANSWER };

#define ANSWER_MAX (64u << 20)

static char scratch[65536];

static void slot_run(void *arg);
static void slot_connect(struct strict_slot *sl);

static void
slot_event(void *arg, unsigned what)
{
	struct strict_slot *sl = arg;

	sl->what |= what;
	ev_defer(sl->s->loop, &sl->task, slot_run, sl);
}

void
strict_slot_init(struct strict *s, struct strict_slot *sl)
{
	memset(sl, 0, sizeof(*sl));
	sl->s = s;
	buf_init(&sl->in, 1u << 20);
	buf_init(&sl->check.text, ANSWER_MAX);
}

void
strict_slot_free(struct strict_slot *sl)
{
	ev_timer_cancel(&sl->timer);
	ev_defer_cancel(&sl->task);
	conn_close(&sl->conn);
	buf_free(&sl->in);
	buf_free(&sl->check.text);
	sl->state = SL_NONE;
}

int
strict_slot_busy(const struct strict_slot *sl)
{
	return sl->state == SL_CONNECTING || sl->state == SL_ANSWER;
}

static void
drop_conn(struct strict_slot *sl)
{
	conn_close(&sl->conn);
	ev_defer_cancel(&sl->task);
	buf_reset(&sl->in);
	sl->seen = 0;
	sl->what = 0;
	sl->eof = 0;
	sl->requests = 0;
	sl->state = SL_NONE;
}

/* The request is over; the connection stays when keep is set. */
static void
slot_end(struct strict_slot *sl, enum strict_end end, const char *why,
    int keep)
{
	unsigned most = sl->s->o.max_per_conn;

	ev_timer_cancel(&sl->timer);
	strict_stats_end(sl, end, why);
	if (!keep || sl->close_after || (most != 0 && sl->requests >= most))
		drop_conn(sl);
	else
		sl->state = SL_IDLE;
	strict_next(sl);
}

static void
on_timeout(void *arg)
{
	slot_end(arg, STRICT_TIMEOUT, "no progress", 0);
}

static void
progress(struct strict_slot *sl)
{
	int64_t now = ev_now_us(sl->s->loop);

	if (sl->answered && now - sl->last_us > sl->s->st.silence_us)
		sl->s->st.silence_us = now - sl->last_us;
	sl->last_us = now;
	ev_timer_set(sl->s->loop, &sl->timer, sl->s->o.timeout_us, on_timeout,
	    sl);
}

/* A chat request that asks for its marker back. */
static void
put_body(struct strict_slot *sl, struct buf *b)
{
	const struct strict_options *o = &sl->s->o;

	buf_printf(b, "{\"model\":\"%s%s\",\"messages\":[{\"role\":\"user\","
	    "\"content\":\"%s [[marker:%s]]", o->model, o->distinct ?
	    sl->check.marker : "", o->prompt, sl->check.marker);
	if (o->words != NULL)
		buf_printf(b, " [[mock:%s]]", o->words);
	buf_adds(b, STR("\"}]"));
	if (o->stream)
		buf_adds(b, STR(",\"stream\":true"));
	if (o->stream && o->include_usage)
		buf_adds(b, STR(",\"stream_options\":"
		    "{\"include_usage\":true}"));
	buf_addc(b, '}');
}

static void
send_request(struct strict_slot *sl)
{
	const struct strict_options *o = &sl->s->o;
	struct buf b, body;

	buf_init(&b, ANSWER_MAX);
	buf_init(&body, 1u << 20);
	if (o->generated)
		put_body(sl, &body);
	buf_printf(&b, "%s %s HTTP/1.1\r\nhost: %s\r\n", o->method, o->path,
	    o->host);
	if (o->key != NULL)
		buf_printf(&b, "authorization: Bearer %s\r\n", o->key);
	if (o->generated || o->log != NULL)
		buf_printf(&b, "x-request-id: %s\r\n", sl->marker);
	buf_adds(&b, buf_str(&o->headers));
	if (o->max_per_conn != 0 && sl->requests + 1 >= o->max_per_conn)
		buf_adds(&b, STR("connection: close\r\n"));
	if (o->generated || o->body_file != NULL)
		buf_printf(&b, "content-type: application/json\r\n"
		    "content-length: %zu\r\n", o->generated ?
		    buf_len(&body) : buf_len(&o->body));
	buf_adds(&b, STR("\r\n"));
	buf_adds(&b, o->generated ? buf_str(&body) : buf_str(&o->body));
	sl->sent_us = clock_boot_us();
	conn_write(sl->conn, buf_ptr(&b), buf_len(&b));
	conn_flush(sl->conn);
	buf_free(&b);
	buf_free(&body);
	sl->state = SL_ANSWER;
	sl->answered = sl->in_body = sl->close_after = 0;
	sl->seen = 0;
	if (sl->requests++ > 0)
		sl->s->st.reused++;
	progress(sl);
}

static void
slot_connect(struct strict_slot *sl)
{
	const struct strict_options *o = &sl->s->o;

	sl->state = SL_CONNECTING;
	sl->conn_number = ++sl->s->st.connects;
	ev_timer_set(sl->s->loop, &sl->timer, o->timeout_us, on_timeout, sl);
	sl->conn = conn_connect(sl->s->conns, o->addr, o->port, sl->s->tls,
	    sl->s->tls != NULL ? o->host : NULL, slot_event, sl);
}

void
strict_slot_start(struct strict_slot *sl, int64_t start_us)
{
	struct strict_stats *st = &sl->s->st;

	ASSERT(!strict_slot_busy(sl));
	snprintf(sl->marker, sizeof(sl->marker), "s%08x-%llu", sl->s->run,
	    (unsigned long long)++st->started);
	strict_check_begin(&sl->check, sl->s->o.generated ? sl->marker :
	    NULL, sl->s->o.stream);
	sl->check.quick = sl->s->o.quick;
	if (++st->busy > st->max_busy)
		st->max_busy = st->busy;
	sl->start_us = sl->first_us = start_us;
	sl->bytes = 0;
	sl->sent_us = 0;
	sl->answered = 0;
	if (sl->state == SL_IDLE && (sl->eof || sl->what != 0)) {
		/* It closed, or spoke, before we did: take a new one. */
		st->idle_closed++;
		drop_conn(sl);
	}
	if (sl->state == SL_IDLE)
		send_request(sl);
	else
		slot_connect(sl);
}

/* The connection is gone while a request is under way. */
static void
slot_lost(struct strict_slot *sl, const char *why)
{
	int stage = sl->conn == NULL ? 0 : conn_error_stage(sl->conn);

	if (sl->state == SL_CONNECTING || !sl->answered) {
		if (stage == 1)
			slot_end(sl, STRICT_REFUSED, why, 0);
		else if (stage == 2)
			slot_end(sl, STRICT_TLS, why, 0);
		else
			slot_end(sl, STRICT_RESET, why, 0);
	} else
		slot_end(sl, STRICT_SHORT, why, 0);
}

static void
answer_whole(struct strict_slot *sl)
{
	enum strict_end end;

	if (sl->check.status < 200 || sl->check.status > 299) {
		slot_end(sl, STRICT_STATUS, "", 1);
		return;
	}
	end = strict_check_end(&sl->check, sl->s->o.expect);
	slot_end(sl, end, sl->check.wrong, end == STRICT_OK);
}

/* The head: > 0 bytes used, 0 more needed, < 0 the request has ended. */
static long
take_head(struct strict_slot *sl, const char *p, size_t n)
{
	static struct http1_head h;
	enum http1_error why = HTTP1_OK;
	long used;

	used = http1_response(p, n, &sl->seen, NULL,
	    http1_method(str_of(sl->s->o.method)), &h, &why);
	if (used == ERR_AGAIN)
		return 0;
	if (used < 0) {
		slot_end(sl, STRICT_WRONG, http1_error_text(why), 0);
		return -1;
	}
	sl->seen = 0;
	sl->check.status = h.status;
	if (h.status < 200)
		return used;
	sl->close_after = !h.keep_alive;
	if (hdr_find(h.h, h.n, HDR_CONTENT_ENCODING) != NULL &&
	    sl->check.wrong == NULL)
		sl->check.wrong = "a coding nobody asked for";
	http1_body_init(&sl->framing, h.body, h.length);
	if (h.body == HTTP1_NO_BODY || (h.body == HTTP1_LENGTH &&
	    h.length == 0))
		sl->framing.done = 1;
	sl->in_body = 1;
	if (sl->check.status != 200)
		sl->check.sse = 0;
	return used;
}

static long
take_body(struct strict_slot *sl, const char *p, size_t n)
{
	struct str data;
	long used = http1_body_feed(&sl->framing, p, n, &data);

	if (used < 0) {
		slot_end(sl, STRICT_WRONG, "bad chunk framing", 0);
		return -1;
	}
	sl->bytes += data.n;
	sl->s->st.events += strict_check_feed(&sl->check, data);
	return used;
}

/* Bytes of the answer: how many were used; < 0: the request has ended. */
static long
consume(struct strict_slot *sl, const char *p, size_t n)
{
	size_t used = 0;
	long k;

	while (used < n && !(sl->in_body && sl->framing.done)) {
		k = sl->in_body ? take_body(sl, p + used, n - used) :
		    take_head(sl, p + used, n - used);
		if (k < 0)
			return k;
		if (k == 0)
			break;
		used += (size_t)k;
	}
	return (long)used;
}

static void
input(struct strict_slot *sl, const char *p, size_t n)
{
	long used;

	if (!sl->answered) {
		sl->answered = 1;
		sl->first_us = ev_now_us(sl->s->loop);
	}
	progress(sl);
	if (buf_len(&sl->in) > 0) {
		buf_add(&sl->in, p, n);
		used = consume(sl, buf_ptr(&sl->in), buf_len(&sl->in));
		if (used < 0)
			return;
		buf_consume(&sl->in, (size_t)used);
	} else {
		if ((used = consume(sl, p, n)) < 0)
			return;
		if ((size_t)used < n && buf_add(&sl->in, p + used,
		    n - (size_t)used) != 0) {
			slot_end(sl, STRICT_WRONG, "a head without end", 0);
			return;
		}
	}
	if (!sl->in_body || !sl->framing.done)
		return;
	if (buf_len(&sl->in) > 0)
		slot_end(sl, STRICT_WRONG, "bytes after the answer", 0);
	else
		answer_whole(sl);
}

static void
slot_eof(struct strict_slot *sl)
{
	sl->eof = 1;
	if (sl->state == SL_IDLE) {
		sl->s->st.idle_closed++;
		drop_conn(sl);
		return;
	}
	if (sl->in_body && sl->framing.kind == HTTP1_UNTIL_CLOSE) {
		sl->close_after = 1;
		answer_whole(sl);
		return;
	}
	slot_lost(sl, sl->answered ? "end of file in the answer" :
	    "end of file before the answer");
}

static void
slot_run(void *arg)
{
	struct strict_slot *sl = arg;
	struct conn *c = sl->conn;
	unsigned what = sl->what;
	ssize_t n;

	sl->what = 0;
	if (c == NULL)
		return;
	if (sl->state == SL_CONNECTING && (what & CONN_CONNECTED))
		send_request(sl);
	/* Read first: an answer may stand before the end. */
	while (sl->conn == c && conn_readable(c) &&
	    (n = conn_read(c, scratch, sizeof(scratch))) != ERR_AGAIN) {
		if (n > 0 && sl->state == SL_ANSWER)
			input(sl, scratch, (size_t)n);
		else if (n > 0) {
			sl->s->st.idle_closed++;
			drop_conn(sl);
			return;
		} else if (n == 0) {
			slot_eof(sl);
			return;
		} else {
			what |= CONN_FAILED;
			break;
		}
	}
	if (sl->conn != c || !(what & CONN_FAILED))
		return;
	if (sl->state == SL_IDLE) {
		sl->s->st.idle_closed++;
		drop_conn(sl);
	} else
		slot_lost(sl, conn_error(c));
}
