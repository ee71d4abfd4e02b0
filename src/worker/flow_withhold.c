/*
 * flow_withhold.c - leaves out the usage-only chunk that the client did not
 * ask for (usage_in_streams = "ask").
 *
 * Runs in: worker.
 * Owns: the beginning of an event that has not come whole.
 *
 * Every other event passes with the very bytes it came in; so does an answer
 * that is no stream, although one was asked for.
 */
#include "base/err.h"
#include "base/jfind.h"
#include "worker/req.h"

/* CR: what was left out last ended with one, whose LF may come. */
enum { WITHHOLD_ON, WITHHOLD_PASS, WITHHOLD_CR };

static int
usage_only(const struct sse_event *ev)
{
	struct str v = jfind(ev->data, STR("usage"));

	/* "usage":null stands in every chunk of those who were asked. */
	if (!str_starts(v, STR("{")))
		return 0;
	v = jfind(ev->data, STR("choices"));
	return str_starts(v, STR("[")) &&
	    str_starts(str_trim(str_skip(v, 1)), STR("]"));
}

/* Pass whole events of s but the usage-only ones; bytes used. */
static size_t
pass_events(struct filter *f, struct str s)
{
	struct sse_event ev;
	size_t from = 0, at = 0, seen = 0;
	long used;

	while (at < s.n && (used = sse_next(str_skip(s, at), &seen, &ev)) >
	    0) {
		if (usage_only(&ev)) {
			if (at > from)
				f->next->ops->push(f->next, s.p + from,
				    at - from);
			from = at + (size_t)used;
			if (from == s.n && s.p[from - 1] == '\r')
				f->state = WITHHOLD_CR;
		}
		at += (size_t)used;
	}
	if (at > from)
		f->next->ops->push(f->next, s.p + from, at - from);
	return at;
}

/* Let go of the beginning of an event; what follows of it passes. */
static void
let_go(struct filter *f)
{
	f->state = WITHHOLD_PASS;
	if (buf_len(&f->buf) > 0)
		f->next->ops->push(f->next, buf_ptr(&f->buf),
		    buf_len(&f->buf));
	buf_free(&f->buf);
}

/* The rest of the event that has begun: bytes used. */
static size_t
go_on(struct filter *f, const char *p, size_t n)
{
	int line = f->line;
	long end = sse_skip(str_make(p, n), &line);
	size_t used = end < 0 ? n : (size_t)end;

	/* An event that long is no usage chunk. */
	if (f->state == WITHHOLD_ON && buf_add(&f->buf, p, used) != 0)
		let_go(f);
	f->line = line;
	if (f->state == WITHHOLD_PASS) {
		if (used > 0)
			f->next->ops->push(f->next, p, used);
		if (end >= 0)
			f->state = WITHHOLD_ON;
	} else if (end >= 0) {
		pass_events(f, buf_str(&f->buf));
		buf_free(&f->buf);
	}
	return used;
}

static void
withhold_push(struct filter *f, const char *p, size_t n)
{
	size_t used;

	if (!f->r->up_sse) {
		f->next->ops->push(f->next, p, n);
		return;
	}
	if (f->state == WITHHOLD_PASS || buf_len(&f->buf) > 0) {
		used = go_on(f, p, n);
		p += used;
		n -= used;
	}
	if (f->state == WITHHOLD_CR && n > 0) {
		f->state = WITHHOLD_ON;
		used = *p == '\n';
		p += used;
		n -= used;
	}
	if (f->state == WITHHOLD_PASS || buf_len(&f->buf) > 0)
		return;
	used = pass_events(f, str_make(p, n));
	p += used;
	n -= used;
	if (n == 0)
		return;
	f->line = SSE_LINE;
	sse_skip(str_make(p, n), &f->line);
	if (buf_add(&f->buf, p, n) != 0) {
		f->state = WITHHOLD_PASS;
		f->next->ops->push(f->next, p, n);
	}
}

/* Of an event that was cut the client has seen nothing: it stays so. */
static void
withhold_end(struct filter *f, int ok)
{
	if (ok)
		let_go(f);
	f->next->ops->end(f->next, ok);
}

static void
withhold_fini(struct filter *f)
{
	buf_free(&f->buf);
}

const struct filter_ops flow_withhold_ops = {
	"withhold", withhold_push, withhold_end, withhold_fini
};
