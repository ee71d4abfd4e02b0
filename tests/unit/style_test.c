/* style_test.c - bodies of other styles, made what a format takes. */
#include "base/err.h"
#include "base/jscan.h"
#include "dialect/style.h"
#include "tap.h"

static const char *
adapted(struct arena *a, int claude, const char *body)
{
	struct jscan_result res;
	const char *text;
	struct buf b;
	int rc;

	EQ_INT(jscan(str_of(body), NULL, NULL, 0, &res), 0);
	buf_init(&b, 1 << 16);
	rc = claude ? style_claude(&b, str_of(body)) :
	    style_gemini(&b, a, str_of(body));
	if (rc == 0) {
		EQ_INT(jscan(buf_str(&b), NULL, NULL, 0, &res), 0);
		text = arena_strndup(a, buf_ptr(&b), buf_len(&b));
	} else
		text = rc == ERR_NOTFOUND ? "nothing" : err_str(rc);
	buf_free(&b);
	return text;
}

TEST(claude)
{
	struct arena *a = arena_new(4096);

	EQ_STR(adapted(a, 1, " {\"anthropic_version\" : \"v\", \"a\\u0062\" "
	    ": [ 1.50 ] , \"max_tokens_to_sample\":3}"),
	    "{\"a\\u0062\":[ 1.50 ],\"max_tokens\":3}");
	EQ_STR(adapted(a, 1, "{\"max_tokens_to_sample\":3,\"max_tokens\":4}"),
	    "{\"max_tokens\":4}");
	EQ_STR(adapted(a, 1, "{\"max_tokens\":null,\"max_tokens_to_sample\":"
	    "3}"), "{\"max_tokens\":3}");
	EQ_STR(adapted(a, 1, "{}"), "{}");
	arena_free(&a);
}

TEST(gemini)
{
	struct arena *a = arena_new(4096);

	EQ_STR(adapted(a, 0, "{\"input\":[{\"content\":\"\\u00e9\\n\"},5,"
	    "{\"role\":\"system\",\"content\":7},{\"role\":3,\"content\":[]}]"
	    ",\"x\":{}}"), "{\"messages\":[{\"role\":\"user\",\"content\":"
	    "\"\\u00e9\\n\"},{\"role\":\"system\",\"content\":\"7\"},"
	    "{\"role\":\"user\",\"content\":\"\"}],\"x\":{}}");
	EQ_STR(adapted(a, 0, "{\"input\":[]}"), "nothing");
	EQ_STR(adapted(a, 0, "{\"input\":{\"content\":\"a\"}}"), "nothing");
	EQ_STR(adapted(a, 0, "{}"), "nothing");
	arena_free(&a);
}

TEST(which)
{
	OK(style_is_gemini(STR("{\"input\":[]}"), STR("models/GemInI-9")));
	OK(style_is_gemini(STR("{\"input\":[]}"), STR("gemini")));
	OK(!style_is_gemini(STR("{\"input\":[]}"), STR("gemin")));
	OK(!style_is_gemini(STR("{\"input\":[],\"messages\":null}"),
	    STR("gemini")));
	OK(!style_is_gemini(STR("{}"), STR("gemini")));
}

TAP_BEGIN
TAP_ROW(claude)
TAP_ROW(gemini)
TAP_ROW(which)
TAP_END
