/* jt_test.c - reading members of JSON text, and writing JSON. */
#include "base/err.h"
#include "dialect/codec.h"
#include "dialect/jt.h"
#include "dialect/jw.h"
#include "tap.h"

static struct arena *a;

static struct str
text(const char *raw)
{
	return jt_text(a, jt_value(str_of(raw)));
}

TEST(strings_are_decoded)
{
	a = arena_new(256);
	EQ_S(text("\"plain\""), "plain");
	EQ_S(text("\"\""), "");
	EQ_S(text("12"), "");
	EQ_S(text("\"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\te\""),
	    "a\"b\\c/d\b\f\n\r\te");
	EQ_S(text("\"\\u0041\\u00e9\\u20AC\""), "A\xc3\xa9\xe2\x82\xac");
	EQ_S(text("\"\\ud83d\\ude00!\""), "\xf0\x9f\x98\x80!");
	/* alone: the replacement character, and what follows stays */
	EQ_S(text("\"\\ud83dx\""), "\xef\xbf\xbdx");
	EQ_S(text("\"\\ude00x\""), "\xef\xbf\xbdx");
	EQ_S(text("\"\\ud83d\\u0041\""), "\xef\xbf\xbd" "A");
	EQ_S(text("\"\\ud83d\\ud83d\\ude00\""),
	    "\xef\xbf\xbd\xf0\x9f\x98\x80");
	arena_free(&a);
}

TEST(members)
{
	struct jval o = jt_value(STR(" {\"a\":1,\"b\":{\"c\":[true,null,"
	    "\"x\"]},\"a\":2.5e1,\"n\":null,\"f\":false} ")), v;
	struct str name;
	size_t pos = 0;
	int n = 0;

	a = arena_new(256);
	EQ_INT(jt_u64(jt_get(o, "a"), 9), 25);		/* the last one */
	OK(jt_double(jt_get(o, "a")) == 25.0);
	EQ_INT(jt_u64(jt_get(o, "z"), 9), 9);
	OK(!jt_is(jt_get(o, "n")));
	OK(!jt_is(jt_get(o, "z")));
	EQ_INT(jt_bool(jt_get(o, "f")), 0);
	EQ_INT(jt_bool(jt_get(o, "n")), -1);
	v = jt_get(jt_get(o, "b"), "c");
	EQ_INT(v.type, JSCAN_ARRAY);
	o = v;
	while (jt_each(o, &pos, &name, &v)) {
		EQ_INT(name.n, 0);
		n++;
	}
	EQ_INT(n, 3);
	OK(jt_eq(v, "x"));
	OK(!jt_eq(v, "y"));
	OK(jt_get(v, "x").type == JSCAN_NONE);
	arena_free(&a);
}

TEST(writing)
{
	struct buf b;
	struct jw w;

	buf_init(&b, 1000);
	jw_init(&w, &b);
	jw_open(&w, '{');
	jw_ktext(&w, "a", "x\"\n");
	jw_kstr(&w, "left_out", STR(""));
	jw_key(&w, "l");
	jw_open(&w, '[');
	jw_u64(&w, 7);
	jw_open(&w, '{');
	jw_close(&w, '}');
	jw_bool(&w, 0);
	jw_close(&w, ']');
	jw_kraw(&w, "r", STR("1.50"));
	jw_kbool(&w, "t", 1);
	jw_close(&w, '}');
	EQ_INT(jw_done(&w), 0);
	EQ_S(buf_str(&b), "{\"a\":\"x\\\"\\n\",\"l\":[7,{},false],"
	    "\"r\":1.50,\"t\":true}");
	buf_free(&b);
	buf_init(&b, 4);
	jw_init(&w, &b);
	jw_text(&w, "too long");
	EQ_INT(jw_done(&w), ERR_TOOBIG);
	buf_free(&b);
}

TEST(calls_and_results)
{
	struct ir_note n = { .a = NULL };
	struct ir_turn *t;
	struct ir_req q;

	a = n.a = arena_new(256);
	ir_req_init(&q, a, DIALECT_OPENAI);
	EQ_INT(ir_check(&q, &n), ERR_FORMAT);
	EQ_STR(n.param, "messages");
	t = ir_turn_add(&q, IR_USER);
	ir_part_add(&q, &t->parts, IR_TEXT)->text = STR("hi");
	n.message = NULL;
	EQ_INT(ir_check(&q, &n), 0);
	t = ir_turn_add(&q, IR_ASSISTANT);
	ir_part_add(&q, &t->parts, IR_CALL)->id = STR("c1");
	ir_part_add(&q, &t->parts, IR_CALL)->id = STR("c2");
	EQ_INT(ir_check(&q, &n), 0);	/* may still be answered */
	t = ir_turn_add(&q, IR_TOOL);
	ir_part_add(&q, &t->parts, IR_RESULT)->id = STR("c1");
	EQ_INT(ir_check(&q, &n), ERR_FORMAT);
	OK(strstr(n.message, "\"c2\"") != NULL);
	n.message = NULL;
	ir_part_add(&q, &t->parts, IR_RESULT)->id = STR("c2");
	EQ_INT(ir_check(&q, &n), 0);
	ir_part_add(&q, &t->parts, IR_RESULT)->id = STR("c3");
	EQ_INT(ir_check(&q, &n), ERR_FORMAT);
	OK(strstr(n.message, "\"c3\"") != NULL);
	OK(ir_call_find(&q, STR("c2")) != NULL);
	OK(ir_call_find(&q, STR("c3")) == NULL);
	arena_free(&a);
}

TEST(notes)
{
	struct ir_note n = { .a = NULL };
	char name[2000];

	a = n.a = arena_new(256);
	EQ_INT(ir_drop(&n, "seed"), 0);
	EQ_INT(ir_change(&n, "temperature"), 0);
	EQ_INT(ir_drop(&n, "seed"), 0);
	EQ_STR(ir_dropped(&n), "seed,temperature");
	/* what does not fit into a header is left out */
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	EQ_INT(ir_drop(&n, name), 0);
	EQ_INT(ir_drop(&n, "stop"), 0);
	EQ_STR(ir_dropped(&n), "seed,temperature,stop");
	n.strict = 1;
	EQ_INT(ir_drop(&n, "user"), ERR_FORMAT);
	EQ_STR(n.param, "user");
	EQ_INT(ir_refuse(&n, "x", "later ones do not count"), ERR_FORMAT);
	EQ_STR(n.param, "user");
	arena_free(&a);
}

TEST(seals)
{
	enum conf_dialect from = DIALECT_OPENAI;
	struct str s, out = STR("");

	a = arena_new(256);
	s = codec_seal(a, DIALECT_GEMINI, STR("\x01sig\xff"));
	OK(str_starts(s, STR("gw1.gemini.")));
	EQ_INT(codec_unseal(a, s, &from, &out), 1);
	EQ_INT(from, DIALECT_GEMINI);
	OK(str_eq(out, STR("\x01sig\xff")));
	EQ_INT(codec_unseal(a, STR("EqQBCkgIARABGAI"), &from, &out), 0);
	EQ_INT(codec_unseal(a, STR("gw1.nobody.AAAA"), &from, &out), 0);
	EQ_INT(codec_unseal(a, STR("gw1.gemini.***"), &from, &out), 0);
	arena_free(&a);
}

TEST(half_pairs_are_found)
{
	static const struct {
		const char	*text;
		long		 at;
	} rows[] = {
		{ "{\"a\":\"b\"}", -1 },
		{ "\"\\ud83d\\ude00\"", -1 },
		{ "\"\\uD83D\\uDE00 \\ud7ff\\ue000\\ufffd\"", -1 },
		{ "\"x\\ud83d\"", 2 },
		{ "\"\\ude00\"", 1 },
		{ "\"\\ud83d\\ud83d\\ude00\"", 1 },
		{ "\"\\ud83d\\n\"", 1 },
		{ "\"\\\\ud83d\"", -1 },
		{ "{\"\\uDFff\":1}", 2 },
		{ "", -1 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		EQ_INT(jt_lone(str_of(rows[i].text)), rows[i].at);
}

TAP_BEGIN
TAP_ROW(half_pairs_are_found)
TAP_ROW(strings_are_decoded)
TAP_ROW(members)
TAP_ROW(writing)
TAP_ROW(calls_and_results)
TAP_ROW(notes)
TAP_ROW(seals)
TAP_END
