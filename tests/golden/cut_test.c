/*
 * cut_test.c - streams that break off, and errors in the middle of them.
 *
 * Each stream is cut behind each of its events and inside some, and an error of
 * its format put behind each event. The client of every other format must see
 * it in its own protocol: an error, no mark of the end, and before them a
 * beginning of what it gets of the whole stream.
 */
#include <stdio.h>
#include <string.h>

#include "answers.h"
#include "base/err.h"
#include "look.h"

#define EVENTS_MAX 512
#define CLIENTS (FORMATS + 1)	/* the last: Gemini's without alt=sse */
#define EARLY "the answer ended too early"
#define BROKE "it \"broke\" at 7"

/*
 * What the end looks like: of a provider's stream, and for a client. fails must
 * be in what is written for an error, and is in nothing else.
 */
static const struct protocol {
	const char	*ends[2];	/* one of them: the stream is whole */
	const char	*error;		/* in the middle of a stream */
	const char	*fails, *never[2];
} protocols[CLIENTS] = {
	[OC] = { { "\ndata: [DONE]\n", NULL }, "data: {\"error\":{\"message\":"
	    "\"it \\\"broke\\\" at 7\",\"type\":\"server_error\",\"param\":"
	    "null,\"code\":null}}\n\n", "data: {\"error\":{",
	    { "[DONE]", NULL } },
	[OR] = { { "\"type\":\"response.completed\"",
	    "\"type\":\"response.incomplete\"" },
	    "event: error\ndata: {\"type\":\"error\",\"code\":"
	    "\"server_error\",\"message\":\"it \\\"broke\\\" at 7\",\"param\":"
	    "null,\"sequence_number\":9}\n\n", "event: response.failed\n",
	    { "response.completed", "response.incomplete" } },
	[AN] = { { "\nevent: message_stop\n", NULL },
	    "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":"
	    "\"api_error\",\"message\":\"it \\\"broke\\\" at 7\"}}\n\n",
	    "event: error\ndata: {\"type\":\"error\"",
	    { "message_stop", NULL } },
	[GE] = { { "\"finishReason\"", "\"blockReason\"" }, "data: {\"error\":{\"code\":"
	    "500,\"message\":\"it \\\"broke\\\" at 7\",\"status\":"
	    "\"INTERNAL\"}}\r\n\r\n", "data: {\"error\":{",
	    { "finishReason", NULL } },
	[MI] = { { "\ndata: [DONE]\n", NULL }, "data: {\"object\":\"error\","
	    "\"message\":\"it \\\"broke\\\" at 7\",\"type\":"
	    "\"service_unavailable\",\"param\":null,\"code\":\"3000\"}\n\n",
	    "data: {\"error\":{", { "[DONE]", NULL } },
	[GR] = { { "\ndata: [DONE]\n", NULL }, "event: error\ndata: {"
	    "\"error\":{\"message\":\"it \\\"broke\\\" at 7\",\"type\":"
	    "\"internal_server_error\"}}\n\n",
	    "event: error\ndata: {\"error\":{", { "[DONE]", NULL } },
	[OL] = { { "\"done\":true", NULL }, "{\"error\":\"it \\\"broke\\\" "
	    "at 7\"}\n", "{\"error\":", { "\"done\":true", NULL } },
	[FORMATS] = { { NULL, NULL }, NULL, "{\"error\":{",
	    { "finishReason", NULL } },
};

static struct rig r;		/* of one cut */
static const char *whole[CLIENTS];	/* what each gets of the stream */
static unsigned cuts, errors, streams;

static const char *
what(const struct answer *a, size_t at, int client)
{
	return arena_printf(r.a, "%s %s at %zu of %zu for %s",
	    formats[a->format].name, a->name, at, a->n,
	    client == FORMATS ? "GE array" : formats[client].name);
}

static void
begin(void)
{
	rig_new(&r);
	r.req.include_usage = 1;
	r.req.show_thoughts = 1;
	r.req.stream = 1;
}

/* Half of an array is no JSON: only the whole is looked at by the rig. */
static const char *
written(int client, unsigned n)
{
	const struct codec *c = formats[client == FORMATS ? GE : client]
	    .codec;
	struct codec_out o = r.out;
	struct buf b;
	const char *s;
	unsigned i;

	r.out.json_array = o.json_array = client == FORMATS;
	if (client < FORMATS || n == r.n)
		return rig_put(&r, c, r.ev, n);
	buf_init(&b, 1u << 20);
	o.a = r.a;
	o.out = &b;
	o.req = &r.req;
	for (i = 0; i < n; i++)
		EQ_INT(c->put(&o, &r.ev[i]), 0);
	s = arena_strndup(r.a, buf_len(&b) == 0 ? "" : buf_ptr(&b),
	    buf_len(&b));
	buf_free(&b);
	return s;
}

/* The text that a client has by now is a beginning of all of it. */
static int
begins(const struct buf *part, const struct buf *all)
{
	return str_starts(buf_str(all), buf_str(part));
}

/* As the independent reader sees it: an error, no end. */
static void
looks_broken(const char *s, int client, const char *where)
{
	int f = client == FORMATS ? GE : client;
	struct look now, was;

	look_at(&was, r.a, f, 1, 1, whole[client], strlen(whole[client]));
	look_at(&now, r.a, f, 1, 1, s, strlen(s));
	if (now.wrong != NULL || now.error == NULL ||
	    (client != FORMATS && now.ended))
		tap_fail(__FILE__, __LINE__, "%s: %s\n%s", where,
		    now.wrong != NULL ? now.wrong : now.error == NULL ?
		    "no error" : "an end", s);
	if (!begins(&now.ch[0].text, &was.ch[0].text) ||
	    !begins(&now.ch[0].thinking, &was.ch[0].thinking) ||
	    !begins(&now.ch[0].call[0].args, &was.ch[0].call[0].args))
		tap_fail(__FILE__, __LINE__, "%s: what came is no beginning "
		    "of the answer\n%s", where, s);
	look_free(&now);
	look_free(&was);
}

/* The same with events behind the error, which must say nothing. */
static const char *
and_more(int client)
{
	static const struct ir_event more[] = {
		{ .kind = IR_EV_TEXT, .text = { "more", 4 } },
		{ .kind = IR_EV_FINISH, .finish = IR_STOP },
		{ .kind = IR_EV_USAGE, .usage = { 1, 2, 0, 0, 0 } },
		{ .kind = IR_EV_END }
	};
	struct ir_event *was = r.ev;
	unsigned n = r.n;
	const char *s;

	r.ev = arena_alloc(r.a, n * sizeof(*r.ev) + sizeof(more));
	memcpy(r.ev, was, n * sizeof(*r.ev));
	memcpy(r.ev + n, more, sizeof(more));
	r.n += sizeof(more) / sizeof(more[0]);
	s = written(client, r.n);
	r.ev = was;
	r.n = n;
	return s;
}

/* s, up to and with the error, for a client whose n events before the error
 * were written as before. */
static void
shows(const struct answer *a, size_t at, int client, const char *words,
    int look)
{
	const struct protocol *p = &protocols[client];
	const char *where = what(a, at, client);
	const char *before = written(client, r.n - 1);
	const char *s = written(client, r.n), *error;
	size_t n = strlen(before);
	int i;

	if (*s == '!')
		tap_fail(__FILE__, __LINE__, "%s: %s", where, s);
	if (strncmp(whole[client], before, n) != 0 ||
	    strncmp(s, before, n) != 0)
		tap_fail(__FILE__, __LINE__, "%s: no beginning of the "
		    "whole\n%s", where, s);
	error = strstr(s + n, p->fails);
	if (error == NULL || strstr(error, words) == NULL ||
	    strstr(before, p->fails) != NULL)
		tap_fail(__FILE__, __LINE__, "%s: no error\n%s", where, s);
	for (i = 0; i < 2 && p->never[i] != NULL; i++)
		if (strstr(s, p->never[i]) != NULL)
			tap_fail(__FILE__, __LINE__, "%s: has %s\n%s", where,
			    p->never[i], s);
	EQ_STR(and_more(client), s);
	if (look)
		looks_broken(s, client, where);
}

/* What the worker adds when the provider's stream broke off. */
static void
add_cut(void)
{
	struct ir_event cut = { .kind = IR_EV_ERROR, .fault = FAULT_TRUNCATED,
	    .text = STR(EARLY) };
	struct ir_event *ev = arena_alloc(r.a, (r.n + 1) * sizeof(cut));

	if (r.n > 0)
		memcpy(ev, r.ev, r.n * sizeof(cut));
	ev[r.n++] = cut;
	r.ev = ev;
}

static int
is_whole(const struct answer *a, size_t n)
{
	const struct protocol *p = &protocols[a->format];
	char *s = arena_strndup(r.a, a->bytes, n);
	struct sse_event ev;
	size_t seen = 0, at = 0;
	long used;

	/* What is no whole event does not count. */
	while ((used = frame_next(formats[a->format].codec->frame,
	    str_make(s + at, n - at), &seen, &ev)) > 0) {
		at += (size_t)used;
		seen = 0;
	}
	s[at] = '\0';
	return strstr(s, p->ends[0]) != NULL ||
	    (p->ends[1] != NULL && strstr(s, p->ends[1]) != NULL);
}

static void
cut_at(const struct answer *a, size_t n, size_t step, int look)
{
	int client, rc;

	begin();
	rc = rig_feed(&r, formats[a->format].codec, arena_str(r.a,
	    str_make(a->bytes, n)), step);
	if (is_whole(a, n)) {
		/* Behind the end nothing matters. */
		if (r.n == 0 || r.ev[r.n - 1].kind != IR_EV_END)
			tap_fail(__FILE__, __LINE__, "%s: has its end mark, "
			    "and is not over", what(a, n, a->format));
		rig_free(&r);
		return;
	}
	if (rc != ERR_EOF)
		tap_fail(__FILE__, __LINE__, "%s: taken as whole (%d)",
		    what(a, n, a->format), rc);
	add_cut();
	for (client = 0; client < CLIENTS; client++)
		if (client % FORMATS != a->format)
			shows(a, n, client, EARLY, look);
	cuts++;
	rig_free(&r);
}

/* A client that wants no stream: its body is an error. */
static void
whole_error(const struct answer *a, size_t n, int client)
{
	struct look l;
	const char *s = rig_put_body(&r, formats[client].codec, r.ev, r.n);

	if (*s == '!')
		tap_fail(__FILE__, __LINE__, "%s: %s", what(a, n, client), s);
	look_at(&l, r.a, client, 0, 1, s, strlen(s));
	if (l.error == NULL || strstr(s, "it \\\"broke\\\" at 7") ==
	    NULL)
		tap_fail(__FILE__, __LINE__, "%s: no error: %s",
		    what(a, n, client), s);
	look_free(&l);
}

static void
error_at(const struct answer *a, size_t n, int look)
{
	const struct protocol *p = &protocols[a->format];
	size_t more = strlen(p->error);
	const struct ir_event *last;
	int client, rc;
	char *s;

	begin();
	if (is_whole(a, n)) {
		rig_free(&r);
		return;
	}
	s = arena_alloc(r.a, n + more);
	memcpy(s, a->bytes, n);
	memcpy(s + n, p->error, more);
	rc = rig_feed(&r, formats[a->format].codec, str_make(s, n + more),
	    SIZE_MAX);
	last = r.n > 0 ? &r.ev[r.n - 1] : NULL;
	if (last == NULL || last->kind != IR_EV_ERROR ||
	    !str_eqc(last->text, BROKE))
		tap_fail(__FILE__, __LINE__, "%s: the error is not seen (%d)",
		    what(a, n, a->format), rc);
	for (client = 0; client < CLIENTS; client++) {
		if (client % FORMATS == a->format)
			continue;
		shows(a, n, client, "it \\\"broke\\\" at 7", look);
		if (client < FORMATS)
			whole_error(a, n, client);
	}
	errors++;
	rig_free(&r);
}

/* Ends of its events; how many. */
static unsigned
ends_of(const struct answer *a, size_t *end)
{
	struct str s = str_make(a->bytes, a->n);
	struct sse_event ev;
	size_t seen = 0, at = 0;
	unsigned n = 0;
	long used;

	while (n < EVENTS_MAX && (used = frame_next(formats[a->format].codec
	    ->frame, str_skip(s, at), &seen, &ev)) > 0) {
		at += (size_t)used;
		end[n++] = at;
		seen = 0;
	}
	OK(n < EVENTS_MAX);
	return n;
}

/* What each client gets of all of it; 0: it does not end well. */
static int
all_of_it(struct rig *g, const struct answer *a)
{
	int client, rc;

	begin();
	rc = rig_feed(&r, formats[a->format].codec, str_make(a->bytes, a->n),
	    SIZE_MAX);
	if (rc != 0 || r.n == 0 || r.ev[r.n - 1].kind != IR_EV_END) {
		rig_free(&r);
		return 0;
	}
	for (client = 0; client < CLIENTS; client++)
		whole[client] = arena_strdup(g->a, written(client, r.n));
	rig_free(&r);
	return 1;
}

static void
break_it(struct rig *g, const struct answer *a)
{
	size_t end[EVENTS_MAX], last = 0;
	unsigned i, n, k, seed = (unsigned)a->n;

	if (!a->stream || !all_of_it(g, a))
		return;
	streams++;
	n = ends_of(a, end);
	for (i = 0; i < n; i++) {
		int look = n < 40 || i % (n / 20) == 0;

		/* somewhere in the event, and one byte before its end */
		seed = seed * 1103515245u + 12345u;
		k = (unsigned)(end[i] - last);
		if (look) {
			cut_at(a, last + (seed >> 8) % k, 1, i < 4);
			cut_at(a, end[i] - 1, 7, 0);
		}
		cut_at(a, end[i], SIZE_MAX, look);
		error_at(a, end[i], look);
		last = end[i];
	}
}

static void
all(void (*each)(struct rig *, answer_fn *))
{
	struct rig g;

	cuts = errors = streams = 0;
	rig_new(&g);
	each(&g, break_it);
	printf("# %u streams, %u cuts, %u errors\n", streams, cuts, errors);
	OK(streams > 20 && cuts > 20 * streams / 10 && errors > streams);
	rig_free(&g);
}

TEST(own)
{
	all(answers_own);
}

TEST(recorded)
{
	all(answers_recorded);
}

TAP_BEGIN
TAP_ROW(own)
TAP_ROW(recorded)
TAP_END
