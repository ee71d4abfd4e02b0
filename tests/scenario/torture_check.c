/*
 * torture_check.c - what clients may have got when memory was short.
 *
 * Runs in: torture_test.
 * Owns: nothing.
 *
 * An answer is whole, or the client can see that it is not: an error event, a
 * connection that broke. Its status is one that means what happened.
 */
#include <stdlib.h>

#include "base/err.h"
#include "net/http1.h"
#include "net/http1_body.h"
#include "scen_run.h"

unsigned char *scen_statuses;
static int recording;

/* The body at p[0..n) into out: 1 whole, 0 not; *used bytes. */
static int
read_body(struct http1_body *b, const char *p, size_t n, struct buf *out,
    size_t *used)
{
	struct str data;
	long k;

	*used = 0;
	while (!b->done && *used < n) {
		k = http1_body_feed(b, p + *used, n - *used, &data);
		if (k < 0)
			scen_broken("a client got malformed chunks");
		buf_adds(out, data);
		*used += (size_t)k;
		if (k == 0)
			break;
	}
	return b->done;
}

/* A stream that ends as if it were complete must be. */
static void
look_stream(const struct buf *body)
{
	if (str_find(buf_str(body), STR("\"choices\"")) >= 0 &&
	    str_find(buf_str(body), STR("[DONE]")) < 0 &&
	    str_find(buf_str(body), STR("error")) < 0)
		scen_broken("a stream was cut and does not say so: %.*s",
		    STR_ARG(buf_str(body)));
}

/* What the scenario brings, or that the gateway or all providers failed: when
 * a request is refused the script's answers go to others. */
static void
look_status(int status)
{
	if (recording)
		scen_statuses[status % 1000] = 1;
	else if (!scen_statuses[status % 1000] && status != 429 &&
	    status != 502 && status != 503 && status != 504)
		scen_broken("a client got status %d", status);
}

/* One answer at p[0..n): its length, 0 when it is not whole. */
static size_t
look_answer(const char *p, size_t n, int eof)
{
	static struct http1_head h;
	struct http1_limits lim = { 0, 1 << 20 };
	enum http1_error why;
	struct http1_body b;
	struct buf body;
	const struct hdr *t;
	size_t seen = 0, used;
	long k = http1_response(p, n, &seen, &lim, HTTP1_GET, &h, &why);
	int whole;

	if (k == ERR_AGAIN)
		return 0;
	if (k < 0)
		scen_broken("a client got a head that is none: %.*s", (int)n,
		    p);
	look_status(h.status);
	if (h.status >= 200 && h.keep_alive &&
	    hdr_find(h.h, h.n, HDR_DATE) == NULL)
		scen_broken("a head is not whole: %.*s", (int)k, p);
	buf_init(&body, 256 << 20);
	http1_body_init(&b, h.body, h.length);
	whole = read_body(&b, p + k, n - (size_t)k, &body, &used) ||
	    (h.body == HTTP1_UNTIL_CLOSE && eof);
	t = hdr_find(h.h, h.n, HDR_CONTENT_TYPE);
	if (whole && t != NULL && str_eqc(t->value, "text/event-stream") &&
	    h.status == 200 && buf_len(&body) > 0)
		look_stream(&body);
	buf_free(&body);
	return whole ? (size_t)k + used : 0;
}

static void
look_client(struct conn *c)
{
	size_t n;

	if (c->asked_head)
		return;		/* whose answers have no body is not known */
	while (buf_len(&c->got) > 0) {
		n = look_answer(buf_ptr(&c->got), buf_len(&c->got),
		    c->closed == SCEN_POLITE);
		if (n == 0)
			break;
		buf_consume(&c->got, n);
	}
	if (buf_len(&c->got) > 0 && c->closed == SCEN_POLITE && !c->eof)
		scen_broken("half an answer, then a polite close: %.*s",
		    STR_ARG(buf_str(&c->got)));
}

void
torture_check(void)
{
	unsigned i;

	recording = scen_torture == TORTURE_NONE;
	scen_torture = TORTURE_NONE;
	for (i = 0; i < SCEN_CLIENTS; i++)
		if (run_conn[i] != NULL)
			look_client(run_conn[i]);
	if (!recording)
		run_afterwards();
}
