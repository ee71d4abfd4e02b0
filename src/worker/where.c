/*
 * where.c - where at the provider an attempt goes: path and query.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * A path is the provider's prefix and the operation. On the raw proxy it is
 * what the client wrote, in either spelling.
 */
#include "net/chars.h"
#include "worker/req.h"
#include "worker/speak.h"
#include "worker/where.h"

#define QUERY_MAX 65536

static size_t
put_str(char *dst, struct str s)
{
	if (s.n > 0)
		memcpy(dst, s.p, s.n);
	return s.n;
}

/* The query without parts that begin so: "key=" is the client's key. */
static struct str
query_without(struct req *r, struct str q, struct str begin)
{
	struct str part, out;
	struct buf b;

	if (q.n == 0 || str_find(q, begin) < 0)
		return q;
	buf_init(&b, QUERY_MAX);
	while (str_split(&q, '&', &part))
		if (!str_starts(part, begin)) {
			if (buf_len(&b) > 0)
				buf_addc(&b, '&');
			buf_adds(&b, part);
		}
	out = arena_str(r->arena, buf_str(&b));
	buf_free(&b);
	return out.n == 0 ? STR_NULL : out;
}

/* Is the query a part of the format, which the provider speaks too? */
static int
query_belongs(const struct req *r)
{
	switch (r->ep.ep->family) {
	case FAMILY_OPENAI:
	case FAMILY_OPENROUTER:
		return 0;
	case FAMILY_AZURE:
		return r->prov->conf->dialect == DIALECT_AZURE;
	default:
		return 1;
	}
}

/* A model's name as part of a path; a slash remains one. */
static struct str
segment(struct arena *a, struct str s)
{
	char *out = arena_alloc(a, s.n * 3 + 1);
	size_t i, n = 0;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '%' || !chars_is((char)c, CHARS_PATH)) {
			out[n++] = '%';
			out[n++] = "0123456789ABCDEF"[c >> 4];
			out[n++] = "0123456789ABCDEF"[c & 15];
		} else
			out[n++] = (char)c;
	}
	return str_make(out, n);
}

struct str
where_unescape(struct arena *a, struct str s)
{
	static const char hex[] = "0123456789abcdef0123456789ABCDEF";
	char *out = arena_alloc(a, s.n + 1);
	size_t i, n = 0;

	for (i = 0; i < s.n; i++) {
		const char *p = s.p + i, *hi, *lo;

		if (*p == '%' && i + 2 < s.n &&
		    (hi = memchr(hex, p[1], 32)) != NULL &&
		    (lo = memchr(hex, p[2], 32)) != NULL) {
			out[n++] = (char)((hi - hex) % 16 * 16 +
			    (lo - hex) % 16);
			i += 2;
		} else
			out[n++] = *p;
	}
	return str_make(out, n);
}

/*
 * Azure: the model is a deployment, named in the path, unless the provider's
 * prefix is that of the interface without versions (/openai/v1).
 */
static struct str
azure(struct req *r, struct str path, struct str *q)
{
	const struct conf_provider *p = r->prov->conf;
	struct str model = r->target->model;

	if (str_ends(r->prov->prefix, STR("/v1"))) {
		*q = query_without(r, *q, STR("api-version="));
		return path;
	}
	if (q->n == 0)
		*q = str_of(arena_printf(r->arena, "api-version=%s",
		    p->api_version));
	else if (!str_starts(*q, STR("api-version=")) &&
	    str_find(*q, STR("&api-version=")) < 0)
		*q = str_of(arena_printf(r->arena, "%.*s&api-version=%s",
		    STR_ARG(*q), p->api_version));
	if (model.n == 0 || str_starts(path, STR("/responses")))
		return path;
	return str_of(arena_printf(r->arena, "/deployments/%.*s%.*s",
	    STR_ARG(segment(r->arena, model)), STR_ARG(path)));
}

/* OpenAI's operations at a server that has them below a path of their own. */
static struct str
others(struct req *r, struct str path)
{
	const struct conf_provider *p = r->prov->conf;
	const char *below = codec_get(p->dialect, 0)->others;

	if (r->translated || r->ep.ep->dialect == p->dialect ||
	    below == NULL || *below == '\0')
		return path;
	return str_of(arena_printf(r->arena, "%s%.*s", below, STR_ARG(path)));
}

/* path without a first segment that the provider's prefix ends with. */
static struct str
once(const struct req *r, struct str path)
{
	long end = path.n == 0 ? -1 : str_chr(str_skip(path, 1), '/');

	if (end > 0 && str_ends(r->prov->prefix, str_make(path.p,
	    (size_t)end + 1)))
		return str_skip(path, (size_t)end + 1);
	return path;
}

/* The operation of a routed request; *q: its query, without the '?'. */
static struct str
operation(struct req *r, struct str *q)
{
	const struct endpoint *e = r->ep.ep;
	struct str path = e->suffix == NULL ? STR("") : str_of(e->suffix);

	*q = STR_NULL;
	if (r->translated)
		path = speak_path(r->arena, e, r->prov->conf,
		    segment(r->arena, r->target->model), (int)r->stream);
	else if (query_belongs(r))
		*q = query_without(r, r->head->query, STR("key="));
	if (!r->translated && e->family == FAMILY_GEMINI)
		path = str_of(arena_printf(r->arena, "/models/%.*s:%s",
		    STR_ARG(segment(r->arena, r->target->model)),
		    e->suffix + 1));
	if (r->prov->conf->dialect == DIALECT_AZURE)
		return azure(r, path, q);
	return once(r, others(r, path));
}

/* As the client wrote it, with or without the provider's api path. */
static struct str
raw(const struct req *r)
{
	struct str rest = r->ep.rest, api = str_of(r->prov->conf->api_path);

	if (api.n > 0 && str_starts(rest, api) &&
	    (rest.n == api.n || rest.p[api.n] == '/'))
		rest = str_skip(rest, api.n);
	return rest;
}

struct str
where_target(struct req *r)
{
	struct str q = r->head->query, path;
	char *out;
	size_t n;

	path = r->ep.kind == ENDPOINT_RAW ? raw(r) : operation(r, &q);
	out = arena_alloc(r->arena, r->prov->prefix.n + path.n + q.n + 1);
	n = put_str(out, r->prov->prefix);
	n += put_str(out + n, path);
	if (q.p != NULL)
		out[n++] = '?';
	n += put_str(out + n, q);
	return str_make(out, n);
}
