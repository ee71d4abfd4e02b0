/*
 * mock_replay.c - answer with recorded exchanges.
 *
 * Runs in: aigw-mock.
 * Owns: the exchanges, for the life of the process.
 *
 * Bodies are read when asked for; requests are kept as trees and compared by
 * value, so the order of members and white space do not matter.
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "mock/mock_answer.h"
#include "mock/mock_replay.h"

struct exchange {
	char			*stem;		/* path without ".meta.json" */
	const char		*name;		/* last part of stem */
	char			*path;		/* of the request, no query */
	int			 status;
	struct json_object	*headers;	/* of the response, or NULL */
	struct json_object	*request;	/* NULL: only by name */
	int			 sse;
	unsigned		 served;	/* found by its body */
};

struct mock_replay {
	struct exchange	*x;
	size_t		 n;
};

static struct mock_replay *loading;	/* ftw has no argument */

static int
load_tree(const char *stem, const char *suffix, struct json_object **out)
{
	char path[512];
	struct buf b;
	int rc;

	*out = NULL;
	snprintf(path, sizeof(path), "%s%s", stem, suffix);
	buf_init(&b, 64u << 20);
	if ((rc = fd_read_file(path, &b)) == 0)
		rc = json_parse(buf_str(&b), out);
	buf_free(&b);
	return rc;
}

static int
exists(const char *stem, const char *suffix)
{
	char path[512];
	struct buf b;
	int rc;

	snprintf(path, sizeof(path), "%s%s", stem, suffix);
	buf_init(&b, 64u << 20);
	rc = fd_read_file(path, &b);
	buf_free(&b);
	return rc == 0;
}

static void
add(const char *stem)
{
	struct mock_replay *r = loading;
	struct json_object *meta, *h;
	struct exchange *x;
	struct str path;

	if (load_tree(stem, ".meta.json", &meta) != 0) {
		log_warn("replay: %s.meta.json is no JSON", stem);
		return;
	}
	r->x = xrealloc(r->x, (r->n + 1) * sizeof(*r->x));
	x = &r->x[r->n++];
	memset(x, 0, sizeof(*x));
	x->stem = xstrdup(stem);
	x->name = strrchr(x->stem, '/');
	x->name = x->name == NULL ? x->stem : x->name + 1;
	path = json_get_str(meta, "path");
	if (str_chr(path, '?') >= 0)
		path.n = (size_t)str_chr(path, '?');
	x->path = xstrndup(path.p == NULL ? "" : path.p, path.n);
	x->status = (int)json_get_int(meta, "status", 200);
	if ((h = json_get(meta, "response_headers")) != NULL)
		x->headers = json_object_get(h);
	x->sse = exists(stem, ".response.sse");
	load_tree(stem, ".request.json", &x->request);
	json_object_put(meta);
}

static int
visit(const char *path, const struct stat *st, int kind, struct FTW *f)
{
	static const char end[] = ".meta.json";
	size_t n = strlen(path), e = sizeof(end) - 1;
	char stem[480];

	(void)st;
	(void)f;
	if (kind != FTW_F || n <= e || n - e >= sizeof(stem) ||
	    strcmp(path + n - e, end) != 0)
		return 0;
	memcpy(stem, path, n - e);
	stem[n - e] = '\0';
	add(stem);
	return 0;
}

int
mock_replay_open(const char *dir, struct mock_replay **out)
{
	loading = xcalloc(1, sizeof(*loading));
	*out = loading;
	if (nftw(dir, visit, 16, FTW_PHYS) != 0)
		return ERR_SYSTEM;
	return (int)loading->n;
}

static const struct exchange *
by_name(const struct mock_replay *r, struct str name)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (str_eqc(name, r->x[i].name) ||
		    str_ends(str_of(r->x[i].stem), name))
			return &r->x[i];
	return NULL;
}

/* The paths are the same; one may have a prefix before the other. */
static int
same_path(struct str asked, const char *recorded)
{
	return str_eqc(asked, recorded) ||
	    str_ends(asked, str_of(recorded)) ||
	    str_ends(str_of(recorded), asked);
}

/* Exchanges with the same request take turns: a cache is written, then read. */
static const struct exchange *
by_body(struct mock_replay *r, const struct mock_call *c)
{
	struct exchange *found = NULL;
	struct json_object *o;
	size_t i;

	if (c->body.n == 0 || json_parse(c->body, &o) != 0)
		return NULL;
	for (i = 0; i < r->n; i++)
		if (r->x[i].request != NULL &&
		    same_path(c->head->path, r->x[i].path) &&
		    (found == NULL || r->x[i].served < found->served) &&
		    json_object_equal(o, r->x[i].request))
			found = &r->x[i];
	if (found != NULL)
		found->served++;
	json_object_put(o);
	return found;
}

static void
put_headers(struct mock_answer *a, const struct exchange *x)
{
	const char *t;

	a->ctype = x->sse ? "text/event-stream" : "application/json";
	if (x->headers == NULL)
		return;
	json_object_object_foreach(x->headers, name, v) {
		struct str n = str_of(name), s;

		t = json_object_get_string(v);
		s = str_of(t == NULL ? "" : t);
		if (str_ieq(n, STR("content-type")))
			a->ctype = t == NULL ? "" : t;
		else if (hdr_valid(n, s) && !hdr_hop_by_hop(hdr_id(n)) &&
		    hdr_id(n) != HDR_CONTENT_LENGTH &&
		    hdr_id(n) != HDR_CONTENT_ENCODING &&
		    hdr_id(n) != HDR_DATE && hdr_id(n) != HDR_X_REQUEST_ID &&
		    a->extra.len < 60000)
			buf_printf(&a->extra, "%s: %s\r\n", name, s.p);
	}
}

/* Event by event, up to and with the blank line. */
static enum mock_next
next(struct mock_answer *a, struct buf *b)
{
	struct mock_gen *g = &a->gen;
	const char *p = g->text + g->at;
	size_t left = (size_t)(g->total - g->at), n = left;
	long at = str_find(str_make(p, left), STR("\n\n"));
	long crlf = str_find(str_make(p, left), STR("\r\n\r\n"));

	if (at >= 0)
		n = (size_t)at + 2;
	if (crlf >= 0 && (size_t)crlf + 4 < n)
		n = (size_t)crlf + 4;
	buf_add(b, p, n);
	g->at += n;
	g->token++;
	return g->at >= g->total ? MOCK_NEXT_END : MOCK_NEXT_TOKEN;
}

static void
replay(struct mock_call *c, const struct exchange *x)
{
	struct mock_answer *a = c->a;
	char path[512];
	struct buf b;

	put_headers(a, x);
	a->status = x->status;
	snprintf(path, sizeof(path), "%s.response.%s", x->stem,
	    x->sse ? "sse" : "json");
	if (!x->sse) {
		fd_read_file(path, &a->body);
		return;
	}
	buf_init(&b, 64u << 20);
	if (fd_read_file(path, &b) == 0 && buf_len(&b) > 0) {
		a->gen.total = buf_len(&b);
		a->gen.text = xmalloc(buf_len(&b));
		memcpy(a->gen.text, buf_ptr(&b), buf_len(&b));
		a->next = next;
	}
	buf_free(&b);
}

int
mock_replay_find(struct mock_call *c)
{
	const struct hdr *h = hdr_find_name(c->head->h, c->head->n,
	    STR("x-replay"));
	const struct exchange *x;

	x = h != NULL ? by_name(c->m->replay, h->value) :
	    by_body(c->m->replay, c);
	if (x == NULL)
		return 0;
	replay(c, x);
	return 1;
}
