/* wire_test.c - names, ids and media as formats take them. */
#include <stdlib.h>

#include "base/err.h"
#include "dialect/ge.h"
#include "tap.h"

static struct arena *a;

static void
eq(struct str got, const char *want)
{
	EQ_STR(arena_strndup(a, got.n == 0 ? "" : got.p, got.n), want);
}

TEST(tool_names)
{
	struct ir_req q;
	struct str n, m;

	a = arena_new(4096);
	ir_req_init(&q, a, DIALECT_GEMINI);
	eq(wire_tool_name(&q, STR("get_weather-2")), "get_weather-2");
	n = wire_tool_name(&q, STR("a.b c"));
	OK(str_starts(n, STR("a_b_c_")) && n.n == 14);
	m = wire_tool_name(&q, STR("a:b c"));
	OK(!str_eq(n, m));
	OK(str_eq(n, wire_tool_name(&q, STR("a.b c"))));
	n = wire_tool_name(&q, STR(
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "4"));
	EQ_INT(n.n, 64);
	OK(wire_tool_name(&q, STR("")).n > 0);
	/* A NUL is a byte like others. */
	n = wire_tool_name(&q, STR("a\0bcdefghijklmnopqrstuvwxyz"));
	EQ_INT(n.n, 27 + 9);
	OK(str_starts(n, STR("a_bcdefghijklmnopqrstuvwxyz_")));
	eq(n, n.p);
	OK(!str_eq(n, wire_tool_name(&q,
	    STR("a\0bcdefghijklmnopqrstuvwxyZ"))));
	eq(ir_tool_name(a, STR(""), STR("t")), "t");
	n = ir_tool_name(a, STR("g\0group"), STR("t\0"));
	OK(str_eq(n, STR("g\0group__t\0")));
	ir_tool_add(&q, STR("plain"));
	ir_tool_add(&q, STR("a:b c"));
	eq(wire_tool_find(&q, STR("plain"))->name, "plain");
	eq(wire_tool_find(&q, m)->name, "a:b c");
	OK(wire_tool_find(&q, STR("other")) == NULL);
	arena_free(&a);
}

/* Each tool of q has a name of its own, and is found by it. */
static void
told_apart(const struct ir_req *q, const struct wire_names *w)
{
	const struct ir_tool *t, *u;

	for (t = q->tools; t != NULL; t = t->next) {
		struct str name = wire_name(q, w, t->name);

		OK(w->fits(name));
		OK(wire_find(q, w, name) == t);
		for (u = q->tools; u != t; u = u->next)
			OK(!str_eq(name, wire_name(q, w, u->name)));
	}
}

#define VARIANTS 262144u	/* of a name whose letters are all replaced */

static struct str
variant(unsigned v)
{
	char text[10] = "_________";
	size_t i;

	for (i = 0; i < 9; i++, v >>= 2)
		text[i] = ".:/ "[v & 3];
	return arena_str(a, str_make(text, 9));
}

static int
by_made(const void *x, const void *y)
{
	return memcmp(((const struct str *)x)->p, ((const struct str *)y)->p,
	    16);
}

/* A hash of 32 bits has collisions: both names are there. */
static void
colliding_names(struct ir_req *q, const struct wire_names *w)
{
	struct str *made = arena_alloc(a, VARIANTS * sizeof(*made));
	unsigned i, found = 0;
	struct str s;

	for (i = 0; i < VARIANTS; i++) {
		s = w->make(a, variant(i), 0);
		made[i] = str_make(s.p, s.n);
	}
	qsort(made, VARIANTS, sizeof(*made), by_made);
	for (i = 1; i < VARIANTS && found == 0; i++)
		if (str_eq(made[i - 1], made[i]))
			found = i;
	OK(found > 0);
	for (i = 0; i < VARIANTS; i++)
		if (str_eq(w->make(a, variant(i), 0), made[found]))
			ir_tool_add(q, variant(i));
}

static void
collisions(const struct wire_names *w)
{
	struct ir_req q;
	struct ir_tool *t;
	struct str n;

	a = arena_new(1 << 20);
	ir_req_init(&q, a, DIALECT_OPENAI);
	colliding_names(&q, w);
	OK(q.tools != NULL && q.tools->next != NULL);
	/* A tool that is called as another would be, and as that then would. */
	ir_tool_add(&q, STR("zoo look"));
	n = w->make(a, STR("zoo look"), 0);
	ir_tool_add(&q, n);
	ir_tool_add(&q, w->make(a, STR("zoo look"), 1));
	told_apart(&q, w);
	OK(str_eq(wire_name(&q, w, n), n));
	/* Two of a name are the client's own affair. */
	t = ir_tool_add(&q, STR("zoo look"));
	OK(str_eq(wire_name(&q, w, STR("zoo look")), w->make(a,
	    STR("zoo look"), 2)));
	OK(wire_find(&q, w, wire_name(&q, w, STR("zoo look"))) != t);
	arena_free(&a);
}

TEST(tool_names_are_told_apart)
{
	collisions(&wire_plain_names);
}

TEST(names_of_functions_too)
{
	collisions(&ge_names);
}

TEST(ids)
{
	struct str x, y;
	size_t i;

	a = arena_new(4096);
	eq(wire_id(a, STR("g6fVbXS8K"), 9), "g6fVbXS8K");
	x = wire_id(a, STR("_6fVbXS8K"), 9);
	OK(x.n == 9 && str_chr(x, '_') < 0);
	x = wire_id(a, STR("call_q2UyBRP7eXNTzAoR8lEhjc9Z"), 9);
	EQ_INT(x.n, 9);
	for (i = 0; i < x.n; i++)
		OK(str_chr(STR("_-./"), x.p[i]) < 0);
	y = wire_id(a, STR("call_q2UyBRP7eXNTzAoR8lEhjc9Y"), 9);
	OK(!str_eq(x, y));
	OK(str_eq(x, wire_id(a, STR("call_q2UyBRP7eXNTzAoR8lEhjc9Z"), 9)));
	EQ_INT(wire_id(a, STR("_"), 32).n, 32);
	EQ_INT(wire_id(a, STR(""), 9).n, 9);
	arena_free(&a);
}

TEST(data_uris)
{
	struct ir_media m = { 0 };

	a = arena_new(4096);
	EQ_INT(wire_data_uri(a, STR("https://x/y.png"), &m), 0);
	EQ_INT(wire_data_uri(a, STR("data:image/png;base64,iVBORw0KGgoA"),
	    &m), 1);
	eq(m.mime, "image/png");
	eq(m.base64, "iVBORw0KGgoA");
	/* The type is what the bytes say; blanks and the URL alphabet go. */
	EQ_INT(wire_data_uri(a, STR("DATA:IMAGE/PNG;x=y;Base64,/9j/ 4AA\n-_"),
	    &m), 1);
	eq(m.mime, "image/jpeg");
	eq(m.base64, "/9j/4AA+/");
	EQ_INT(wire_data_uri(a, STR("data:image/jpg;base64,AAAA"), &m), 1);
	eq(m.mime, "image/jpeg");
	EQ_INT(wire_data_uri(a, STR("data:text/plain,hello"), &m),
	    ERR_FORMAT);
	EQ_INT(wire_data_uri(a, STR("data:image/png;base64,a\"b"), &m),
	    ERR_FORMAT);
	EQ_INT(wire_data_uri(a, STR("data:image/png;base64,"), &m),
	    ERR_FORMAT);
	m = (struct ir_media){ 0 };
	EQ_INT(wire_base64(a, STR("JVBERi0xLjQ="), &m), 1);
	eq(m.mime, "application/pdf");
	/* RIFF is a picture or a sound. */
	eq(wire_mime_of(STR("UklGRiQAAABXQVZF")), "audio/wav");
	eq(wire_mime_of(STR("UklGRiQAAABXRUJQ")), "image/webp");
	eq(wire_mime_of(STR("SUQzBAA=")), "audio/mp3");
	eq(wire_mime_of(STR("//uQxAA=")), "audio/mp3");
	eq(wire_mime_of(STR("T2dnUwAC")), "audio/ogg");
	eq(wire_mime_of(STR("ZkxhQwAA")), "audio/flac");
	eq(wire_mime_of(STR("AAAA")), "");
	arena_free(&a);
}

TEST(documents)
{
	struct ir_media m = { 0 };

	a = arena_new(4096);
	eq(wire_mime(STR("a.PDF")), "application/pdf");
	eq(wire_mime(STR(".pdf")), "");
	eq(wire_mime(STR("pdf")), "");
	m.mime = STR("text/plain");
	m.base64 = STR("aGVsbG8=");
	eq(wire_plain_text(a, &m), "hello");
	m.base64 = STR("!");
	eq(wire_plain_text(a, &m), "");
	m.mime = STR("application/pdf");
	m.base64 = STR("aGVsbG8=");
	eq(wire_plain_text(a, &m), "");
	m.text = STR("said");
	eq(wire_plain_text(a, &m), "said");
	arena_free(&a);
}

TAP_BEGIN
TAP_ROW(tool_names)
TAP_ROW(tool_names_are_told_apart)
TAP_ROW(names_of_functions_too)
TAP_ROW(ids)
TAP_ROW(data_uris)
TAP_ROW(documents)
TAP_END
