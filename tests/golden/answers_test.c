/*
 * answers_test.c - what clients of other formats get of a provider's answers.
 *
 * The files answers.OC, answers.OR and so on have small answers of each format.
 * Each is decoded and written for the clients of all others, as a stream and as
 * one body, whatever it came as. What does not say the same is told by letters,
 * which make a table: answers.table. What was recorded from real providers goes
 * the same way when AIGW_TRANSCRIPTS names its folder.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "base/err.h"
#include "look.h"

static struct rig r;
static struct ir_note lost;	/* what was said to be, for the client */

/* What the client gets. NULL: the answer made no sense, and it gets an error
 * that the worker makes. */
static const char *
given(const struct answer *a, int client, int stream)
{
	const struct codec *c = formats[client].codec;
	struct ir_event cut = { .kind = IR_EV_ERROR, .fault = FAULT_UPSTREAM,
	    .text = STR("the answer ended too early") };

	if (r.rc != 0 && !stream)
		return NULL;
	if (r.rc != 0) {
		r.ev = memcpy(arena_alloc(r.a, (r.n + 1) * sizeof(cut)), r.ev,
		    r.n * sizeof(cut));
		r.ev[r.n++] = cut;
		r.rc = 0;
	}
	(void)a;
	return stream ? rig_put(&r, c, r.ev, r.n) :
	    rig_put_body(&r, c, r.ev, r.n);
}

static void
decode(const struct answer *a)
{
	const struct codec *c = formats[a->format].codec;
	struct str s = arena_str(r.a, str_make(a->bytes, a->n));

	r.req.include_usage = 1;
	r.req.show_thoughts = 1;
	r.req.stream = a->stream;
	if (a->stream)
		(void)rig_stream(&r, c, s);
	else
		(void)rig_body(&r, c, s);
}

/* Letters of what differs for the client, "-" for nothing. */
static const char *
cell(const struct answer *a, const struct look *was, int client, int stream)
{
	struct look now;
	const char *s, *d;

	decode(a);
	memset(&lost, 0, sizeof(lost));
	lost.a = r.a;
	lost.strict = 1;	/* nothing is refused any more */
	r.out.note = &lost;
	s = given(a, client, stream);
	OK(lost.strict && lost.message == NULL);
	if (s == NULL)
		return "X";
	if (*s == '!')
		return arena_printf(r.a, "X%s", s + 2);
	look_at(&now, r.a, client, stream, 1, s, strlen(s));
	if (stream && now.error == NULL && !now.ended)
		look_wrong(&now, "no end");
	if (now.wrong != NULL) {
		printf("# %s %s for %s%s: %s\n# %s\n", formats[a->format].name,
		    a->name, formats[client].name, stream ? ", a stream" : "",
		    now.wrong, s);
		d = "?";
	} else
		d = look_compare(r.a, was, a->format, &now, client);
	if (now.error == NULL && ((strchr(d, 'q') != NULL &&
	    strstr(ir_dropped(&lost), "citations") == NULL) ||
	    (strchr(d, 'p') != NULL &&
	    strstr(ir_dropped(&lost), "images") == NULL))) {
		printf("# lost without a word: %s\n", d);
		d = "?";
	}
	if (getenv("AIGW_VERBOSE") != NULL)
		printf("# %s %s for %s: %s %s\n", formats[a->format].name,
		    a->name, formats[client].name, d, s);
	look_free(&now);
	return *d == '\0' ? "-" : d;
}

/* "AN text sse  OC -/- OR h/h ...": as a stream, and as a body. */
static const char *
line_of(const struct answer *a)
{
	const char *line = arena_printf(r.a, "%s %s %s", formats[a->format]
	    .name, a->name, a->stream ? "sse" : "json");
	struct look was;
	int client;

	look_at(&was, r.a, a->format, a->stream, 0, a->bytes, a->n);
	for (client = 0; client < FORMATS; client++)
		if (client != a->format)
			line = arena_printf(r.a, "%s %s %s/%s", line,
			    formats[client].name, cell(a, &was, client, 1),
			    cell(a, &was, client, 0));
	look_free(&was);
	return arena_printf(r.a, "%s\n", line);
}

/* --- the tables ---------------------------------------------------------- */

static const char *want;	/* what is left of one */
static int same;

static void
is_line(struct rig *g, const struct answer *a)
{
	const char *line = line_of(a);
	size_t n = strlen(line);

	(void)g;
	printf("# %s", line);
	if (strncmp(want, line, n) == 0) {
		want += n;
		return;
	}
	same = 0;
	printf("# but: %.*s\n", (int)strcspn(want, "\n"), want);
	want += strcspn(want, "\n");
	want += *want == '\n';
}

static void
is_table(const char *name, void (*each)(struct rig *, answer_fn *))
{
	rig_new(&r);
	want = golden_file(&r, name);
	while (*want == '#')
		want += strcspn(want, "\n") + 1;
	same = 1;
	each(&r, is_line);
	OK(same);
	EQ_STR(want, "");
	rig_free(&r);
}

TEST(answers)
{
	is_table("answers.table", answers_own);
}

TEST(recorded)
{
	is_table("recorded.table", answers_recorded);
}

TAP_BEGIN
TAP_ROW(answers)
TAP_ROW(recorded)
TAP_END
