/*
 * call.c - HTTP requests of the tools "test" and "try".
 *
 * Runs in: aigwctl.
 * Owns: the connections to the gateway under test.
 *
 * The exchange itself is that of the gateway (upstream/fetch.h), with a loop
 * that runs until it has ended.
 */
#include <sys/socket.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

#include "aigwctl/call.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/jscan.h"
#include "base/num.h"
#include "base/xalloc.h"
#include "net/addr.h"
#include "net/listen.h"

#define CALL_BODY_MAX	(64u << 20)
#define CALL_TOTAL_US	(600 * CLOCK_US_S)
#define CALL_CONNECT_US	(5 * CLOCK_US_S)

struct call_to {
	char		 url[600], host[256], host_header[300], auth[600];
	struct conf_provider p;
	struct conf_cidr all;
	struct ev_loop	*loop;
	struct conn_set	*conns;
	struct fetch_set *set;
	struct fetch_host *h;
};

struct call {
	struct ev_loop	*loop;
	struct call_answer *a;
	void		(*bytes)(void *, const char *, size_t);
	void		*arg;
	int64_t		 started_us;
	int		 ended;
};

/* The first public TCP listener that a running gateway tells. */
static int
call_ask(const struct ctl *c, char *url, size_t size)
{
	static char status[] = "status";
	char *const args[] = { status, NULL };
	struct json_object *o = NULL, *list;
	struct str u;
	struct buf b;
	size_t i;
	int rc = ERR_NOTFOUND;

	buf_init(&b, CALL_BODY_MAX);
	if (link_run(c, 1, args, &b) == 0 && json_parse(buf_str(&b), &o) == 0) {
		list = json_get(o, "listeners");
		for (i = 0; rc < 0 && list != NULL &&
		    i < json_object_array_length(list); i++) {
			u = str_of(json_object_get_string(
			    json_object_array_get_idx(list, i)));
			if (str_starts(u, STR("http")))
				rc = str_copy(url, size, u);
		}
	}
	json_object_put(o);
	buf_free(&b);
	return rc;
}

/* The first public TCP listener: of the gateway, or of the configuration. */
static void
call_listener(const struct ctl *c, char *url, size_t size)
{
	unsigned i;

	if (call_ask(c, url, size) == 0)
		return;
	for (i = 0; c->conf != NULL && i < c->conf->n_listen; i++)
		if (!c->conf->listen[i].admin && listen_url(str_of(
		    c->conf->listen[i].address), c->conf->listen[i].tls, url,
		    size) == 0 && strncmp(url, "http", 4) == 0)
			return;
	snprintf(url, size, "http://127.0.0.1:8080");
}

/* Take the URL apart into the parameters of a provider: 0 or ERR_FORMAT. */
static int
call_url(struct call_to *t)
{
	struct str s = str_of(t->url), port;
	uint64_t v = 0;
	long at;

	if (str_starts(s, STR("https://")))
		t->p.https = 1;
	else if (!str_starts(s, STR("http://")))
		return ERR_FORMAT;
	s = str_skip(s, t->p.https ? 8 : 7);
	if ((at = str_chr(s, '/')) >= 0)
		s.n = (size_t)at;
	if (s.n == 0 || str_copy(t->host_header, sizeof(t->host_header), s) < 0)
		return ERR_FORMAT;
	port = STR_NULL;
	if (s.p[0] == '[') {
		if ((at = str_chr(s, ']')) < 0)
			return ERR_FORMAT;
		port = str_skip(s, (size_t)at + 1);
		s = str_make(s.p + 1, (size_t)at - 1);
	} else if ((at = str_chr(s, ':')) >= 0) {
		port = str_skip(s, (size_t)at);
		s.n = (size_t)at;
	}
	t->p.port = t->p.https ? 443 : 80;
	if (port.n > 0) {
		if (num_u64(str_skip(port, 1), &v) < 0 || v == 0 || v > 65535)
			return ERR_FORMAT;
		t->p.port = (unsigned)v;
	}
	return s.n == 0 ? ERR_FORMAT : str_copy(t->host, sizeof(t->host), s);
}

static void
call_provider(struct call_to *t)
{
	struct conf_provider *p = &t->p;

	p->id = p->name = "gateway";
	p->host = t->host;
	p->host_header = t->host_header;
	p->base_url = t->url;
	p->base_path = p->api_path = p->proxy = p->region = "";
	p->auth_header = p->auth_format = "";
	p->tls_verify = 1;
	p->tls_ca_file = p->tls_client_certificate = p->tls_client_key = "";
	p->mask_user_agent = p->mask_origin = p->mask_referer = "";
	p->models_path = p->health.path = p->health.body = "";
	p->connect_timeout = CALL_CONNECT_US;
	p->allow_private.v = &t->all;	/* ::/0 */
	p->allow_private.n = 1;
}

static int
call_resolve(struct call_to *t)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM
	};
	struct addrinfo *res = NULL, *ai;
	unsigned char addr[8][16];
	unsigned n = 0, port;
	int rc;

	rc = getaddrinfo(t->host, NULL, &hints, &res);
	if (rc != 0) {
		fprintf(stderr, "aigwctl: %s: %s\n", t->host,
		    gai_strerror(rc));
		return ERR_NOTFOUND;
	}
	for (ai = res; ai != NULL && n < 8; ai = ai->ai_next)
		if (addr_from_sock(ai->ai_addr, addr[n], &port) >= 0)
			n++;
	freeaddrinfo(res);
	fetch_host_addrs(t->h, (const unsigned char (*)[16])addr, n, n == 0,
	    "no usable address");
	return 0;
}

struct call_to *
call_to_new(const struct ctl *c, const char *url, const char *key)
{
	struct call_to *t = xcalloc(1, sizeof(*t));
	char err[256] = "";

	if (url == NULL)
		call_listener(c, t->url, sizeof(t->url));
	else
		snprintf(t->url, sizeof(t->url), "%s", url);
	if (call_url(t) < 0) {
		fprintf(stderr, "aigwctl: %s is no http:// or https:// URL\n",
		    t->url);
		free(t);
		return NULL;
	}
	if (key == NULL)
		key = getenv("AIGW_KEY");
	if (key != NULL && strpbrk(key, "\r\n") != NULL) {
		fprintf(stderr, "aigwctl: the client key has a line break: "
		    "see --key and AIGW_KEY\n");
		free(t);
		return NULL;
	}
	if (key != NULL && key[0] != '\0')
		snprintf(t->auth, sizeof(t->auth), "Bearer %s", key);
	call_provider(t);
	t->loop = ev_loop_new();
	t->conns = conn_set_new(t->loop);
	t->set = fetch_set_new(t->loop, t->conns);
	t->h = fetch_host_new(t->set, &t->p, err, sizeof(err));
	if (t->h == NULL)
		fprintf(stderr, "aigwctl: %s: %s\n", t->url, err);
	if (t->h == NULL || call_resolve(t) < 0)
		call_to_free(&t);
	return t;
}

void
call_to_free(struct call_to **tp)
{
	struct call_to *t = *tp;

	*tp = NULL;
	if (t == NULL)
		return;
	if (t->h != NULL)
		fetch_host_free(&t->h);
	fetch_set_free(&t->set);
	conn_set_free(&t->conns);
	ev_loop_free(&t->loop);
	free(t);
}

int
call_to_has_key(const struct call_to *t)
{
	return t->auth[0] != '\0';
}

const char *
call_to_url(const struct call_to *t)
{
	return t->url;
}

static void
call_field(const struct fetch_head *h, const char *name, char *dst,
    size_t size)
{
	const struct hdr *f = hdr_find_name(h->h, h->n, str_of(name));

	str_copy(dst, size, f == NULL ? STR("") : f->value);
}

static void
call_head(void *arg, const struct fetch_head *h)
{
	struct call *k = arg;
	struct call_answer *a = k->a;

	a->status = h->status;
	a->head_us = clock_mono_us() - k->started_us;
	call_field(h, "content-type", a->type, sizeof(a->type));
	call_field(h, "x-aigw-provider", a->provider, sizeof(a->provider));
	call_field(h, "x-aigw-model", a->model, sizeof(a->model));
	call_field(h, "x-aigw-attempts", a->attempts, sizeof(a->attempts));
	call_field(h, "x-aigw-cost", a->cost, sizeof(a->cost));
	call_field(h, "x-request-id", a->request_id, sizeof(a->request_id));
}

static void
call_bytes(void *arg, const char *p, size_t n)
{
	struct call *k = arg;

	if (k->a->first_us == 0)
		k->a->first_us = clock_mono_us() - k->started_us;
	(void)buf_add(&k->a->body, p, n);
	if (k->bytes != NULL)
		k->bytes(k->arg, p, n);
}

static void
call_end(void *arg, enum outcome o, const char *why)
{
	struct call *k = arg;

	k->a->outcome = o;
	k->a->end_us = clock_mono_us() - k->started_us;
	if (o != OUTCOME_OK)
		snprintf(k->a->why, sizeof(k->a->why), "%s",
		    why != NULL && why[0] != '\0' ? why : outcome_text(o));
	k->ended = 1;
}

void
call_run(struct call_to *t, const char *method, const char *path,
    const char *body, void (*bytes)(void *, const char *, size_t), void *arg,
    struct call_answer *out)
{
	static const struct fetch_ops ops = { call_head, call_bytes,
	    call_end };
	struct call k = { .a = out, .bytes = bytes, .arg = arg };
	struct iovec iov = { NULL, 0 };
	struct hdr h[4];
	struct fetch_req r = {
		.method = str_of(method), .target = str_of(path),
		.headers = h, .total_us = CALL_TOTAL_US,
		.connect_us = CALL_CONNECT_US, .idle_us = CALL_TOTAL_US,
	};
	struct fetch *f;

	memset(out, 0, sizeof(*out));
	buf_init(&out->body, CALL_BODY_MAX);
	h[r.n_headers++] = (struct hdr){ STR("user-agent"),
	    STR("aigwctl/" VERSION), HDR_USER_AGENT };
	if (t->auth[0] != '\0')
		h[r.n_headers++] = (struct hdr){ STR("authorization"),
		    str_of(t->auth), HDR_AUTHORIZATION };
	if (body != NULL) {
		h[r.n_headers++] = (struct hdr){ STR("content-type"),
		    STR("application/json"), HDR_CONTENT_TYPE };
		iov.iov_len = strlen(body);
		iov.iov_base = xstrdup(body);
		r.body = &iov;
		r.n_body = 1;
		r.has_body = 1;
	}
	k.started_us = clock_mono_us();
	f = fetch_start(t->set, t->h, &r, &ops, &k);
	while (!k.ended) {
		conn_flush_all(t->conns);
		ev_turn(t->loop, 1000);
	}
	fetch_cancel(&f);
	free(iov.iov_base);
}

void
call_answer_free(struct call_answer *a)
{
	buf_free(&a->body);
}

void
call_error_code(const struct call_answer *a, char *dst, size_t size)
{
	struct jscan_want want = { .path = "error.code" };
	struct jscan_result res;

	if (jscan(buf_str(&a->body), NULL, &want, 1, &res) != 0 ||
	    want.type != JSCAN_STRING ||
	    jscan_string(want.raw, dst, size) < 0)
		dst[0] = '\0';
}

void
call_error_text(const struct call_answer *a, char *dst, size_t size)
{
	struct jscan_want want[] = {
		{ .path = "error.message" }, { .path = "message" },
		{ .path = "error" }, { .path = "detail" },
	};
	struct jscan_result res;
	size_t i, k = 0;

	if (jscan(buf_str(&a->body), NULL, want, 4, &res) == 0)
		for (i = 0; i < 4; i++)
			if (want[i].type == JSCAN_STRING &&
			    jscan_string(want[i].raw, dst, size) >= 0)
				return;
	str_copy(dst, size, buf_str(&a->body));
	for (k = 0; dst[k] != '\0'; k++)
		if ((unsigned char)dst[k] < 0x20 || dst[k] == 0x7f)
			dst[k] = ' ';
}
