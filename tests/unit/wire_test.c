/* wire_test.c - names, ids and media as formats take them. */
#include "base/err.h"
#include "dialect/wire.h"
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
	eq(wire_tool_name(a, STR("get_weather-2")), "get_weather-2");
	n = wire_tool_name(a, STR("a.b c"));
	OK(str_starts(n, STR("a_b_c_")) && n.n == 14);
	m = wire_tool_name(a, STR("a:b c"));
	OK(!str_eq(n, m));
	OK(str_eq(n, wire_tool_name(a, STR("a.b c"))));
	n = wire_tool_name(a, STR(
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "4"));
	EQ_INT(n.n, 64);
	OK(wire_tool_name(a, STR("")).n > 0);
	/* A NUL is a byte like others. */
	n = wire_tool_name(a, STR("a\0bcdefghijklmnopqrstuvwxyz"));
	EQ_INT(n.n, 27 + 9);
	OK(str_starts(n, STR("a_bcdefghijklmnopqrstuvwxyz_")));
	eq(n, n.p);
	OK(!str_eq(n, wire_tool_name(a, STR("a\0bcdefghijklmnopqrstuvwxyZ"))));
	eq(ir_tool_name(a, STR(""), STR("t")), "t");
	n = ir_tool_name(a, STR("g\0group"), STR("t\0"));
	OK(str_eq(n, STR("g\0group__t\0")));
	ir_req_init(&q, a, DIALECT_GEMINI);
	ir_tool_add(&q, STR("plain"));
	ir_tool_add(&q, STR("a:b c"));
	eq(wire_tool_find(&q, STR("plain"))->name, "plain");
	eq(wire_tool_find(&q, m)->name, "a:b c");
	OK(wire_tool_find(&q, STR("other")) == NULL);
	arena_free(&a);
}

TEST(ids)
{
	struct str x, y;
	size_t i;

	a = arena_new(4096);
	eq(wire_id(a, STR("g6fVbXS8K"), 9), "g6fVbXS8K");
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
TAP_ROW(ids)
TAP_ROW(data_uris)
TAP_ROW(documents)
TAP_END
