/*
 * mock_answer.c - send an answer at its pace and with its faults.
 *
 * Runs in: aigw-mock.
 * Owns: nothing; the answer belongs to its connection.
 *
 * An answer walks through stages: wait for the latency, head, body, flush.
 * Streams are made event by event when their time has come, so a thousand of
 * them cost a thousand small structs and timers, no buffered text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "mock/mock_answer.h"

#define SETTLE_US	30000		/* let bytes arrive before an RST */

enum { S_WAIT, S_HEAD, S_BODY, S_ENDLESS, S_FLUSH, S_END, S_STALLED };

static void run(void *arg);

void
mock_answer_begin(struct mock_answer *a)
{
	buf_reset(&a->extra);
	buf_reset(&a->body);
	free(a->gen.text);
	memset(&a->gen, 0, sizeof(a->gen));
	memset(&a->tokens, 0, sizeof(a->tokens));
	memset(&a->gzip, 0, sizeof(a->gzip));
	mock_act_init(&a->act);
	a->next = NULL;
	a->length = -1;
	a->status = 200;
	a->ctype = "application/json";
	a->stage = S_WAIT;
	a->wait = MOCK_NEXT_NOW;
	a->events = 0;
	a->sent = 0;
	a->chunked = a->head_only = a->metered = a->broken = 0;
	a->row = NULL;
	a->rec = NULL;
	a->began_us = ev_now_us(a->m->loop);
}

void
mock_answer_set(struct mock_answer *a, int status, const char *ctype)
{
	a->status = status;
	a->ctype = ctype;
	a->next = NULL;
}

void
mock_answer_free(struct mock_answer *a)
{
	ASSERT(!a->active);
	buf_free(&a->extra);
	buf_free(&a->body);
	buf_free(&a->slow);
	free(a->gen.text);
	a->gen.text = NULL;
}

static void
log_line(struct mock_answer *a, int aborted)
{
	char line[512];
	int n;

	if (a->m->log_fd < 0 || a->rec == NULL)
		return;
	n = snprintf(line, sizeof(line), "{\"time_us\":%lld,\"id\":\"%s\","
	    "\"endpoint\":\"%s\",\"status\":%d,\"state\":\"%s\","
	    "\"input\":%lld,\"output\":%lld,\"bytes\":%llu}\n",
	    (long long)clock_real_us(), a->id, a->row->endpoint, a->status,
	    aborted ? "aborted" : "complete", (long long)a->tokens.input,
	    (long long)a->tokens.output, (unsigned long long)a->sent);
	if (n > 0 && write(a->m->log_fd, line, (size_t)n) < 0)
		a->m->log_fd = -1;
}

static void
finish(struct mock_answer *a, int aborted)
{
	unsigned char sha[CRYPTO_SHA256];

	a->active = 0;
	ev_timer_cancel(&a->timer);
	mock_wire_stop(a);
	memset(sha, 0, sizeof(sha));
	if (a->hash != NULL)
		crypto_hash_end(&a->hash, sha);
	else if (!a->no_digest)
		crypto_sha256(STR(""), sha);
	if (!a->metered)
		return;
	if (aborted && a->next != NULL)
		a->tokens.output = a->gen.token;
	log_line(a, aborted);
	mock_meter_end(a->row, a->rec, a->seq, a->status, aborted, &a->tokens,
	    a->sent, sha);
}

static void
over(struct mock_answer *a, int aborted, enum mock_after after)
{
	finish(a, aborted);
	mock_client_done(a->client, after);
}

void
mock_answer_abort(struct mock_answer *a)
{
	if (a->active)
		finish(a, 1);
}

/* Come back after us microseconds. */
static void
later(struct mock_answer *a, int64_t us)
{
	ev_timer_set(a->m->loop, &a->timer, us, run, a);
}

/* The fault that ends the answer: what was sent shall arrive first. */
static void
end_early(struct mock_answer *a)
{
	a->stage = S_END;
	mock_wire_flush(a);
	later(a, a->act.where == MOCK_AT_BEFORE ? 0 : SETTLE_US);
}

static void
end_now(struct mock_answer *a)
{
	switch (a->act.end) {
	case MOCK_END_STALL:
		a->stage = S_STALLED;
		return;
	case MOCK_END_RESET:
		over(a, 1, MOCK_AFTER_RESET);
		return;
	case MOCK_END_CUT:
		a->stage = S_FLUSH;
		a->broken = 1;
		mock_wire_end(a);
		run(a);
		return;
	case MOCK_END_NONE:
	case MOCK_END_CLOSE:
		over(a, 1, MOCK_AFTER_CLOSE);
		return;
	}
}

/* Microseconds that all tokens up to n take. */
static int64_t
token_us(const struct mock_answer *a, unsigned n)
{
	int64_t us = a->act.first_us > 0 ? a->act.first_us : 0;

	if (a->act.rate > 0)
		us += (int64_t)(n * (double)CLOCK_US_S / a->act.rate);
	return us;
}

static int64_t
latency(const struct mock_answer *a)
{
	return a->act.latency_us > 0 ? a->act.latency_us : 0;
}

static void
start_wait(struct mock_answer *a)
{
	int64_t us = latency(a);

	if (a->next == NULL && a->tokens.output > 0)
		us += token_us(a, (unsigned)a->tokens.output);
	a->stage = S_HEAD;
	if (us > 0)
		later(a, us);
	else
		run(a);
}

static int
garbage_body(struct mock_answer *a)
{
	static const char text[] =
	    "{\"id\":\"chatcmpl-\\u12\", \"choices\": [nul, {]";

	if (a->act.garbage != MOCK_GARBAGE_JSON && !a->act.empty)
		return 0;
	buf_reset(&a->body);
	if (!a->act.empty && a->next == NULL)
		buf_adds(&a->body, str_of(text));
	else if (!a->act.empty)
		buf_printf(&a->body, "data: %s\n\n", text);
	a->next = NULL;
	return 1;
}

static void
send_head(struct mock_answer *a)
{
	static const char noise[] = "\x16\x03\x01HELO what is this\r\n"
	    "\xff\xfe\x00 not a protocol you know\r\n\r\n";
	int64_t len = a->act.gzip ? -1 : a->length;

	if (a->act.end != MOCK_END_NONE && a->act.where == MOCK_AT_BEFORE) {
		end_early(a);
		return;
	}
	if (a->act.garbage == MOCK_GARBAGE_HTTP) {
		mock_wire_put(a, noise, sizeof(noise) - 1);
		a->act.end = MOCK_END_CLOSE;
		end_early(a);
		return;
	}
	garbage_body(a);
	if (a->next == NULL)
		len = (int64_t)(a->act.gzip ?
		    mock_gzip_size(buf_len(&a->body)) : buf_len(&a->body));
	if (a->act.garbage == MOCK_GARBAGE_CHUNK)
		len = -1;
	if (a->act.garbage == MOCK_GARBAGE_HEAD)
		a->stage = S_ENDLESS;
	else
		a->stage = S_BODY;
	if (a->act.close_after)
		a->keep_alive = a->keep_alive ? -1 : 0;
	mock_wire_head(a, len);
	if (a->act.end != MOCK_END_NONE && a->act.where == MOCK_AT_HEAD)
		end_early(a);
	else
		run(a);
}

/* Header lines without end: stop at 64 MiB. */
static void
send_endless(struct mock_answer *a)
{
	char line[256];
	int n, i;

	for (i = 0; i < 200 && !mock_wire_full(a); i++) {
		n = snprintf(line, sizeof(line), "x-mock-%lld: %0200d\r\n",
		    (long long)a->events++, 0);
		mock_wire_put(a, line, (size_t)n);
	}
	if (a->events > 300000) {
		a->act.end = MOCK_END_CLOSE;
		end_early(a);
	} else
		later(a, 1000);
}

static void
send_end(struct mock_answer *a)
{
	mock_wire_end(a);
	a->stage = S_FLUSH;
	run(a);
}

static void
send_plain(struct mock_answer *a)
{
	size_t n;

	while ((n = buf_len(&a->body)) > 0) {
		if (mock_wire_full(a))
			return;
		if (n > 65536 && !a->act.gzip)
			n = 65536;
		if (mock_wire_body(a, buf_ptr(&a->body), n)) {
			end_early(a);
			return;
		}
		buf_consume(&a->body, n);
	}
	send_end(a);
}

/* A fault before this event? 1: the stream is over. */
static int
event_fault(struct mock_answer *a)
{
	if (a->act.end != MOCK_END_NONE && a->act.where == MOCK_AT_EVENT &&
	    a->events >= a->act.at) {
		if (a->act.end != MOCK_END_STALL || a->act.stall_us == 0) {
			end_early(a);
			return 1;
		}
		mock_wire_block(a, a->act.stall_us);
		a->act.end = MOCK_END_NONE;
	}
	if (a->act.error_at >= 0 && a->events >= a->act.error_at &&
	    a->dialect != NULL && a->dialect->error_event != NULL) {
		buf_reset(&a->body);
		a->dialect->error_event(a, &a->body);
		a->broken = 1;
		mock_wire_body(a, buf_ptr(&a->body), buf_len(&a->body));
		send_end(a);
		return 1;
	}
	return 0;
}

static void
send_stream(struct mock_answer *a)
{
	int64_t due;

	while (!mock_wire_full(a)) {
		due = a->began_us + latency(a) + token_us(a, a->gen.token) -
		    ev_now_us(a->m->loop);
		if (a->wait == MOCK_NEXT_TOKEN && due > 0) {
			later(a, due);
			return;
		}
		if (event_fault(a))
			return;
		buf_reset(&a->body);
		a->wait = a->next(a, &a->body);
		a->events++;
		if (mock_wire_body(a, buf_ptr(&a->body), buf_len(&a->body))) {
			end_early(a);
			return;
		}
		if (a->wait == MOCK_NEXT_END) {
			send_end(a);
			return;
		}
	}
}

static void
send_flush(struct mock_answer *a)
{
	if (!mock_wire_flush(a)) {
		if (!ev_timer_active(&a->slow_timer))
			later(a, 50000);
		return;
	}
	if (a->act.length > 0) {	/* promised more than was sent */
		a->act.end = MOCK_END_CLOSE;
		end_early(a);
		return;
	}
	over(a, a->broken, a->keep_alive == 1 ? MOCK_AFTER_KEEP :
	    MOCK_AFTER_CLOSE);
}

static void
run(void *arg)
{
	struct mock_answer *a = arg;

	switch (a->stage) {
	case S_WAIT:
		start_wait(a);
		break;
	case S_HEAD:
		send_head(a);
		break;
	case S_BODY:
		if (a->next == NULL)
			send_plain(a);
		else
			send_stream(a);
		break;
	case S_ENDLESS:
		send_endless(a);
		break;
	case S_FLUSH:
		send_flush(a);
		break;
	case S_END:
		end_now(a);
		break;
	default:
		break;
	}
}

void
mock_answer_start(struct mock_answer *a)
{
	a->active = 1;
	run(a);
}

void
mock_answer_drained(struct mock_answer *a)
{
	if (a->active && (a->stage == S_FLUSH || (a->stage == S_BODY &&
	    !ev_timer_active(&a->timer))))
		run(a);
}
