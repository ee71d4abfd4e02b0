/*
 * fetch_rig.c - one exchange under test: loop, server, host, and what came.
 *
 * Runs in: unit test programs.
 * Owns: everything of the rig.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "fetch_rig.h"
#include "net/tls.h"

struct rig rig;

static const unsigned char local[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255,
    255, 127, 0, 0, 1 };

static void
on_head(void *arg, const struct fetch_head *h)
{
	struct record *r = arg;
	size_t at = 0;
	unsigned i;

	r->heads++;
	r->status = h->status;
	r->length = h->length;
	r->no_body = h->no_body;
	for (i = 0; i < h->n; i++)
		at += (size_t)snprintf(r->headers + at,
		    sizeof(r->headers) - at, "%.*s: %.*s\n",
		    STR_ARG(h->h[i].name), STR_ARG(h->h[i].value));
	if (r->cancel_in == 1)
		fetch_cancel(&r->f);
}

static void
on_bytes(void *arg, const char *p, size_t n)
{
	struct record *r = arg;

	r->pieces++;
	buf_add(&r->body, p, n);
	if (r->pause_at != 0 && buf_len(&r->body) >= r->pause_at &&
	    r->f != NULL) {
		fetch_pause(r->f);
		r->pause_at = 0;
	}
	if (r->cancel_in == 2 && r->f != NULL)
		fetch_cancel(&r->f);
}

static void
on_end(void *arg, enum outcome o, const char *why)
{
	struct record *r = arg;

	r->ends++;
	r->outcome = o;
	snprintf(r->why, sizeof(r->why), "%s", why);
	if (r->cancel_in == 3)
		fetch_cancel(&r->f);
}

static const struct fetch_ops ops = { on_head, on_bytes, on_end };

void
rig_new_host(void)
{
	char err[256];

	fetch_host_free(&rig.host);
	rig.host = fetch_host_new(rig.fs, &rig.p, err, sizeof(err));
	if (rig.host == NULL)
		tap_fail(__FILE__, __LINE__, "%s", err);
}

void
rig_publish(void)
{
	unsigned char a[1][16];

	memcpy(a[0], local, 16);
	fetch_host_addrs(rig.host, (const unsigned char (*)[16])a, 1, 0, "");
}

static void
begin(enum engine e, const char *host, struct tls_ctx *server)
{
	memset(&rig, 0, sizeof(rig));
	rig.loop = ev_loop_new();
	rig.set = conn_set_new(rig.loop);
	rig.fs = fetch_set_new(rig.loop, rig.set);
	rig.srv_tls = server;
	server_start(&rig.srv, rig.loop, rig.set, server);
	rig.p.id = "test";
	rig.p.host = host;
	rig.p.port = rig.srv.port;
	snprintf(rig.host_header, sizeof(rig.host_header), "%s:%u", host,
	    rig.srv.port);
	rig.p.host_header = rig.host_header;
	rig.p.base_path = "";
	rig.p.proxy = "";
	rig.p.http2 = e == CURL;
	rig.p.tls_verify = 1;
	rig.p.tls_ca_file = rig.p.tls_client_certificate =
	    rig.p.tls_client_key = "";
	memcpy(rig.allow[0].addr, local, 16);
	rig.allow[0].bits = 104;	/* 127.0.0.0/8 */
	rig.p.allow_private.v = rig.allow;
	rig.p.allow_private.n = 1;
	/* Longer than any test takes, on a machine with other work too. */
	rig.req.connect_us = rig.req.head_us = rig.req.idle_us = 20000000;
	rig.req.total_us = 60000000;
}

void
rig_begin(enum engine e)
{
	begin(e, "api.test", NULL);
	rig_new_host();
	rig_publish();
}

void
rig_begin_tls(enum engine e, const char *host, const char *ca_file,
    struct tls_ctx *server)
{
	begin(e, host, server);
	rig.p.https = 1;
	rig.p.tls_ca_file = ca_file;
	rig_new_host();
	rig_publish();
}

void
rig_end(void)
{
	rig_release(&rig.r);
	fetch_host_free(&rig.host);
	fetch_set_free(&rig.fs);
	server_stop(&rig.srv);
	tls_ctx_free(&rig.srv_tls);
	conn_set_free(&rig.set);
	ev_loop_free(&rig.loop);
}

void
rig_turn(void)
{
	ev_turn(rig.loop, 20);
	conn_flush_all(rig.set);
}

void
rig_start(struct record *rec, const char *method, const char *body)
{
	static struct hdr headers[4] = {
		{ { "content-type", 12 }, { "application/json", 16 },
		    HDR_CONTENT_TYPE },
		{ { "connection", 10 }, { "upgrade", 7 }, HDR_CONNECTION },
		{ { "x-test", 6 }, { "yes", 3 }, HDR_OTHER }
	};
	int cancel_in = rec->cancel_in;
	size_t pause_at = rec->pause_at;

	rig_release(rec);
	memset(rec, 0, sizeof(*rec));
	rec->cancel_in = cancel_in;
	rec->pause_at = pause_at;
	buf_init(&rec->body, 64 << 20);
	rig.req.method = str_of(method);
	rig.req.target = STR("/v1/x?y=1");
	rig.req.headers = headers;
	headers[3] = rig.more;
	rig.req.n_headers = rig.more.name.n > 0 ? 4 : 3;
	if (body != NULL) {
		union { const char *c; void *v; } u = { body };

		rig.body[0].iov_base = u.v;
		rig.body[0].iov_len = strlen(body);
		rig.req.body = rig.body;
		rig.req.n_body = 1;
		rig.req.has_body = 1;
	} else
		rig.req.n_body = rig.req.has_body = 0;
	rec->f = fetch_start(rig.fs, rig.host, &rig.req, &ops, rec);
	OK(rec->heads == 0 && rec->ends == 0);
}

void
rig_release(struct record *rec)
{
	fetch_cancel(&rec->f);
	buf_free(&rec->body);
}

void
rig_done(struct record *rec)
{
	WAIT(rec->ends > 0);
	EQ_INT(rec->ends, 1);
	OK(rec->heads <= 1);
}

void
rig_expect(const char *method, const char *body, int status,
    const char *answer)
{
	rig_start(&rig.r, method, body);
	rig_done(&rig.r);
	EQ_STR(rig.r.why, "");
	EQ_INT(rig.r.outcome, OUTCOME_OK);
	EQ_INT(rig.r.status, status);
	EQ_S(buf_str(&rig.r.body), answer);
}

void
rig_fail(const char *method, const char *body, enum outcome o)
{
	rig_start(&rig.r, method, body);
	rig_done(&rig.r);
	EQ_STR(outcome_name(rig.r.outcome), outcome_name(o));
	OK(rig.r.why[0] != '\0');
}
