/*
 * complaint.c - what the body of a provider's error says.
 *
 * Runs in: worker; pure.
 * Owns: nothing.
 */
#include <stdio.h>

#include "dialect/jt.h"
#include "upstream/complaint.h"
#include "upstream/retry_after.h"

#define LONGEST	(1u << 20)	/* no error that means something is longer */

enum { W_TYPE, W_CODE, W_STATUS, W_MESSAGE, W_ERROR, W_FLAT_TYPE,
    W_FLAT_CODE, W_FLAT_MESSAGE, W_DEEP_CODE, W_DEEP_MESSAGE, W_DETAILS,
    W_REASONS, W_COUNT };

static const char *const paths[W_COUNT] = {
	"error.type", "error.code", "error.status", "error.message", "error",
	"type", "code", "message", "response.error.code",
	"response.error.message", "error.details",
	"error.metadata.reasons"
};

/* A word of a protocol, or nothing: no text that somebody made up. */
static int
take_word(const struct jscan_want *w, char *dst, size_t size)
{
	char text[64];
	const char *p;

	dst[0] = '\0';
	if (w->type == JSCAN_NUMBER)
		(void)str_copy(text, sizeof(text), w->raw);
	else if (w->type != JSCAN_STRING ||
	    jscan_string(w->raw, text, sizeof(text)) <= 0)
		return 0;
	for (p = text; *p != '\0'; p++)
		if (!(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z') &&
		    !(*p >= '0' && *p <= '9') && strchr("_-.", *p) == NULL)
			return 0;
	(void)str_copy(dst, size, str_of(text));
	return 1;
}

/* As much of a raw string as is whole in n bytes, without its quotes. */
static size_t
whole_in(struct str raw, size_t n)
{
	size_t i = 1, k;

	for (;;) {
		struct str s = str_skip(raw, i);

		if (s.n < 2)
			return i;
		k = *s.p != '\\' ? str_utf8(s) : s.p[1] != 'u' ? 2 :
		    s.n > 12 && s.p[6] == '\\' ? 12 : 6;
		if (k == 0 || i + k > n)
			return i;
		i += k;
	}
}

/* The beginning of a string, also of one that is too long for dst. */
static int
take_text(const struct jscan_want *w, char *dst, size_t size)
{
	char part[1024], text[1024];
	size_t n;

	dst[0] = '\0';
	if (w->type != JSCAN_STRING)
		return 0;
	n = whole_in(w->raw, sizeof(part) - 1);
	memcpy(part, w->raw.p, n);
	part[n] = '"';
	if (jscan_string(str_make(part, n + 1), text, sizeof(text)) <= 0)
		return 0;
	(void)str_copy(dst, size, str_of(text));
	return 1;
}

/* One of Google's details says when to come again. */
static int64_t
retry_info(const struct jscan_want *w)
{
	struct jval details = { w->type, w->raw }, one;
	size_t pos = 0;
	char text[32];
	long n;

	if (w->type != JSCAN_ARRAY)
		return -1;
	while (jt_each(details, &pos, NULL, &one)) {
		one = jt_get(one, "retryDelay");
		if (one.type == JSCAN_STRING &&
		    (n = jscan_string(one.raw, text, sizeof(text))) > 0)
			return retry_after_delay(str_make(text, (size_t)n));
	}
	return -1;
}

/* The type of the whole; JSCAN_NONE when it is no JSON. */
static enum jscan_type
look(struct str body, struct jscan_want *w)
{
	static const struct jscan_opts opts = { .any_text = 1 };
	struct jscan_result res;
	int i;

	memset(w, 0, W_COUNT * sizeof(*w));
	for (i = 0; i < W_COUNT; i++)
		w[i].path = paths[i];
	return jscan(body, &opts, w, W_COUNT, &res) == 0 ? res.type :
	    JSCAN_NONE;
}

void
complaint_read(struct str body, struct complaint *out)
{
	struct jscan_want w[W_COUNT];
	enum jscan_type type;
	struct jval first;
	size_t pos = 0;

	memset(out, 0, sizeof(*out));
	out->retry_us = -1;
	if (body.n == 0 || body.n > LONGEST ||
	    (type = look(body, w)) == JSCAN_NONE)
		return;
	if (type == JSCAN_ARRAY && (!jt_each(jt_value(body), &pos, NULL,
	    &first) || look(first.raw, w) == JSCAN_NONE))
		return;
	if (!take_word(&w[W_TYPE], out->type, sizeof(out->type)) &&
	    !take_word(&w[W_STATUS], out->type, sizeof(out->type)))
		take_word(&w[W_FLAT_TYPE], out->type, sizeof(out->type));
	if (!take_word(&w[W_CODE], out->code, sizeof(out->code)) &&
	    !take_word(&w[W_DEEP_CODE], out->code, sizeof(out->code)))
		take_word(&w[W_FLAT_CODE], out->code, sizeof(out->code));
	if (!take_text(&w[W_MESSAGE], out->message, sizeof(out->message)) &&
	    !take_text(&w[W_DEEP_MESSAGE], out->message,
	    sizeof(out->message)) && !take_text(&w[W_FLAT_MESSAGE],
	    out->message, sizeof(out->message)))
		take_text(&w[W_ERROR], out->message, sizeof(out->message));
	out->retry_us = retry_info(&w[W_DETAILS]);
	out->moderated = w[W_REASONS].type == JSCAN_ARRAY;
}

void
complaint_text(const struct complaint *c, int status, char *dst, size_t size)
{
	snprintf(dst, size, "HTTP %d%s%s%s%s", status,
	    c->type[0] == '\0' ? "" : ", type ", c->type,
	    c->code[0] == '\0' ? "" : ", code ", c->code);
}
