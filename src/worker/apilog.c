/*
 * apilog.c - api-error.jsonl: one JSON object per failed request.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "worker/apilog.h"
#include "worker/req.h"

static void
member(struct buf *b, const char *name, struct str v)
{
	buf_printf(b, "\"%s\":\"", name);
	buf_add_json(b, v.n > 2000 ? str_make(v.p, 2000) : v);
	buf_add(b, "\"", 1);
}

/* What a provider wrote is not for logs: it may quote the prompt. */
static struct str
logged(const struct req *r)
{
	const char *m = r->logged != NULL ? r->logged : r->message;

	return m == NULL ? STR("") : str_of(m);
}

static void
stack(struct req *r, struct buf *b, const char *file, int line)
{
	unsigned i;
	struct buf t;

	buf_init(&t, 65536);
	buf_printf(&t, "%.*s\n    at %s:%d", STR_ARG(logged(r)), file, line);
	for (i = 0; i < r->n_attempts; i++) {
		const struct attempt *a = &r->attempt[i];

		buf_printf(&t, "\n    attempt %u: provider %s, model %.*s, "
		    "key %d: %s", i + 1, a->provider->id,
		    (int)(a->model.n > 200 ? 200 : a->model.n), a->model.p,
		    a->key, outcome_name(a->outcome));
		if (a->status != 0)
			buf_printf(&t, ", HTTP %d", a->status);
		buf_printf(&t, ", %lld ms", (long long)((a->end_us == 0 ? 0 :
		    a->end_us - a->start_us) / 1000));
	}
	buf_printf(b, "\"errorStack\":\"");
	buf_add_json(b, buf_str(&t));
	buf_addc(b, '"');
	buf_free(&t);
}

static void
details(struct req *r, struct buf *b)
{
	unsigned i;

	buf_printf(b, "\"errorDetails\":{\"kind\":\"%s\",\"status\":%d,"
	    "\"requestId\":\"", fault_name(r->fault), r->status);
	buf_add_json(b, str_of(r->id));
	buf_printf(b, "\",\"attempts\":[");
	for (i = 0; i < r->n_attempts; i++) {
		const struct attempt *a = &r->attempt[i];

		buf_printf(b, "%s{\"provider\":\"%s\",\"key\":%d,"
		    "\"outcome\":\"%s\",\"status\":%d,", i > 0 ? "," : "",
		    a->provider->id, a->key, outcome_name(a->outcome),
		    a->status);
		member(b, "model", a->model);
		buf_addc(b, ',');
		member(b, "why", a->why == NULL ? STR("") : str_of(a->why));
		buf_addc(b, '}');
	}
	buf_printf(b, "]}");
}

void
apilog_write_at(struct req *r, const char *file, int line)
{
	char when[CLOCK_RFC3339_SIZE];
	struct buf b;
	const char *slash = strstr(file, "src/");

	if (r->w->child->api_fd < 0)
		return;
	buf_init(&b, 1 << 18);
	clock_rfc3339(clock_real_us(), when);
	buf_printf(&b, "{\"timestamp\":\"%s\",", when);
	member(&b, "errorMessage", logged(r));
	buf_addc(&b, ',');
	member(&b, "requestMethod", r->head->method_text);
	buf_addc(&b, ',');
	member(&b, "requestUrl", r->head->path);
	buf_addc(&b, ',');
	member(&b, "apiKey", r->caller.name.p == NULL ? STR("") :
	    r->caller.name);
	buf_addc(&b, ',');
	stack(r, &b, slash == NULL ? file : slash, line);
	buf_addc(&b, ',');
	details(r, &b);
	buf_add(&b, "}\n", 2);
	fd_write_all(r->w->child->api_fd, buf_ptr(&b), buf_len(&b));
	buf_free(&b);
}
