/*
 * tap.c - what the taps of the formats share.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include <limits.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/jfind.h"
#include "base/xalloc.h"
#include "dialect/tap.h"

#define MAX_TOKENS 1000000000ULL	/* of one answer */
#define WANTS_MAX 16
#define EVENT_MAX (64u << 20)

void
tap_numbers(const struct jscan_want *w, unsigned n, int64_t *out)
{
	uint64_t v;
	unsigned i;

	for (i = 0; i < n; i++) {
		out[i] = -1;
		if (w[i].type != JSCAN_NUMBER)
			continue;
		if (jscan_u64(w[i].raw, &v) != 0 || v > MAX_TOKENS)
			break;
		out[i] = (int64_t)v;
	}
	if (i < n)
		for (i = 0; i < n; i++)
			out[i] = -1;
}

/* Large embeddings have more than a million numbers; words may be any. */
static const struct jscan_opts opts = { .max_depth = 1024,
    .max_values = UINT_MAX, .any_text = 1 };

int
tap_scan(struct tap *t, struct str text, struct jscan_want *w, unsigned n)
{
	struct jscan_result res;

	if (jscan(text, &opts, w, n, &res) == 0)
		return 0;
	t->malformed = 1;
	return ERR_FORMAT;
}

struct dialect_scan {
	struct jscan_run *run;
	struct jscan_want w[WANTS_MAX];
	struct jscan_result res;
};

void
dialect_scan_free(struct dialect_scan **sp)
{
	if (*sp == NULL)
		return;
	jscan_free(&(*sp)->run);
	free(*sp);
	*sp = NULL;
}

/* ERR_AGAIN, or what the scan said. */
static int
slice(struct str body, struct dialect_scan **sp, struct jscan_want *w,
    unsigned n)
{
	struct dialect_scan *s = *sp;
	int rc;

	if (s == NULL) {
		s = *sp = xcalloc(1, sizeof(*s));
		memcpy(s->w, w, n * sizeof(*w));
		s->run = jscan_begin(body, &opts, s->w, n, &s->res);
	}
	if ((rc = jscan_some(s->run, DIALECT_SLICE)) == ERR_AGAIN)
		return rc;
	memcpy(w, s->w, n * sizeof(*w));
	dialect_scan_free(sp);
	return rc;
}

int
tap_body(struct tap *t, struct str body, struct dialect_scan **sp,
    const struct jscan_want *wants, unsigned n,
    void (*found)(struct tap *t, const struct jscan_want *w))
{
	struct jscan_want w[WANTS_MAX];
	struct jscan_result res;
	int rc;

	ASSERT(n <= WANTS_MAX);
	memcpy(w, wants, n * sizeof(*w));
	if (sp == NULL || body.n <= DIALECT_SLICE)
		rc = jscan(body, &opts, w, n, &res);
	else if ((rc = slice(body, sp, w, n)) == ERR_AGAIN)
		return rc;
	if (rc != 0)
		t->malformed = 1;
	else
		found(t, w);
	t->partial = 0;
	t->content = t->finished = 1;
	t->text_bytes = body.n;
	return 0;
}

void
tap_words(struct tap *t, struct str value)
{
	struct str m = str_starts(value, STR("{")) ?
	    jfind(value, STR("message")) : value;
	long n = jfind_string(m);

	t->error = 1;
	str_copy(t->error_text, sizeof(t->error_text),
	    n < 0 ? value : str_make(m.p + 1, (size_t)n));
}

void
tap_error(struct tap *t, const struct jscan_want *error)
{
	if (error->type == JSCAN_STRING || error->type == JSCAN_OBJECT)
		tap_words(t, error->raw);
}

void
tap_usage(struct tap *t, const struct price_usage *u)
{
	t->usage = *u;
	if (t->usage.cached > u->input)
		t->usage.cached = u->input;
	if (t->usage.cache_write > u->input - t->usage.cached)
		t->usage.cache_write = u->input - t->usage.cached;
	if (t->usage.cache_hour > t->usage.cache_write)
		t->usage.cache_hour = t->usage.cache_write;
	if (t->usage.reasoning > u->output)
		t->usage.reasoning = u->output;
	t->has_usage = 1;
}

struct str
tap_data(const struct sse_event *ev, struct buf *b)
{
	buf_init(b, EVENT_MAX);
	if (ev->data_lines <= 1 || sse_data(ev, b) != 0)
		return ev->data;
	return buf_str(b);
}
