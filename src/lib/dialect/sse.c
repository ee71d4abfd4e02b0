/*
 * sse.c - events of a text/event-stream.
 *
 * Runs in: worker, aigwctl.
 * Owns: nothing.
 */
#include "base/err.h"
#include "base/slice.h"
#include "dialect/sse.h"

/*
 * The first CR or LF in p[0..n), or n. A little at a time: lines may all end
 * with CR, and a search for LF in all of the rest for each would take for ever.
 */
static size_t
find_end(const char *p, size_t n)
{
	const char *lf, *cr;
	size_t at, step;

	for (at = 0; at < n; at += step) {
		step = n - at < 256 ? n - at : 256;
		slice_use(step / 4);
		lf = memchr(p + at, '\n', step);
		if (lf != NULL)
			step = (size_t)(lf - p) - at;
		cr = memchr(p + at, '\r', step);
		if (cr != NULL)
			return (size_t)(cr - p);
		if (lf != NULL)
			return (size_t)(lf - p);
	}
	return n;
}

/*
 * The line at p[0..n): its length without the end, the size of the end in
 * *end; ERR_AGAIN when the end may still be incomplete, which does not matter
 * for an empty line: the event is over, and a late LF is no event.
 */
static long
line(const char *p, size_t n, size_t *end)
{
	size_t len = find_end(p, n);

	if (len == n || (p[len] == '\r' && len + 1 == n && len > 0))
		return ERR_AGAIN;	/* an LF may follow the CR */
	*end = p[len] == '\r' && len + 1 < n && p[len + 1] == '\n' ? 2 : 1;
	return (long)len;
}

static struct str
field_value(const char *p, size_t len, size_t name)
{
	if (len == name)
		return str_make(p + len, 0);
	name++;				/* the colon */
	if (name < len && p[name] == ' ')
		name++;
	return str_make(p + name, len - name);
}

static int
is_field(const char *p, size_t len, const char *name, size_t n)
{
	return len >= n && memcmp(p, name, n) == 0 &&
	    (len == n || p[n] == ':');
}

/* Does the empty line stand behind *seen? Then *seen is 0, else how far it is
 * known that it does not. */
static int
has_end(struct str in, size_t *seen)
{
	size_t end;
	long len;

	while ((len = line(in.p + *seen, in.n - *seen, &end)) > 0)
		*seen += (size_t)len + end;
	if (len == 0)
		*seen = 0;
	return len == 0;
}

static void
read_field(struct sse_event *ev, const char *p, size_t len)
{
	if (is_field(p, len, "data", 4)) {
		if (ev->data_lines++ == 0)
			ev->data = field_value(p, len, 4);
	} else if (is_field(p, len, "event", 5))
		ev->name = field_value(p, len, 5);
}

long
sse_next(struct str in, size_t *seen, struct sse_event *ev)
{
	size_t at = 0, end;
	long len;

	memset(ev, 0, sizeof(*ev));
	/* Fields are read as they are found. When some of the lines had been
	 * seen before, without the last one, all are read again. */
	if (*seen > 0 && !has_end(in, seen))
		return ERR_AGAIN;
	for (;;) {
		if ((len = line(in.p + at, in.n - at, &end)) < 0) {
			*seen = at;
			return ERR_AGAIN;
		}
		if (len > 0)
			read_field(ev, in.p + at, (size_t)len);
		at += (size_t)len + end;
		if (len == 0)
			break;
	}
	ev->raw = str_make(in.p, at);
	*seen = 0;
	return (long)at;
}

long
sse_skip(struct str in, int *state)
{
	enum { INSIDE, AT_LINE = SSE_LINE, CR };
	size_t i;

	for (i = 0; i < in.n; i++) {
		char c;

		if (*state == INSIDE &&
		    (i += find_end(in.p + i, in.n - i)) == in.n)
			break;
		c = in.p[i];
		if ((c == '\r' && *state != INSIDE) ||
		    (c == '\n' && *state == AT_LINE)) {
			*state = AT_LINE;
			return (long)i + (c == '\r' && i + 1 < in.n &&
			    in.p[i + 1] == '\n' ? 2 : 1);
		}
		*state = c == '\r' ? CR : c == '\n' ? AT_LINE : INSIDE;
	}
	return ERR_AGAIN;
}

int
sse_data(const struct sse_event *ev, struct buf *b)
{
	size_t at = 0, end;
	unsigned n = 0;
	long len;
	int rc;

	while (at < ev->raw.n) {
		const char *p = ev->raw.p + at;

		if ((len = line(p, ev->raw.n - at, &end)) < 0)
			break;
		at += (size_t)len + end;
		if (!is_field(p, (size_t)len, "data", 4))
			continue;
		if (n++ > 0 && (rc = buf_addc(b, '\n')) != 0)
			return rc;
		if ((rc = buf_adds(b, field_value(p, (size_t)len, 4))) != 0)
			return rc;
	}
	return 0;
}
