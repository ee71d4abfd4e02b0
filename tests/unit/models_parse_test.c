/* models_parse_test.c - model lists of all providers, and what is none. */
#include "base/buf.h"
#include "base/err.h"
#include "checker/models.h"
#include "tap.h"

static struct buf got;

static void
collect(void *arg, struct str id)
{
	(void)arg;
	(void)buf_adds(&got, id);
	(void)buf_addc(&got, ' ');
}

static int
parse(const char *text)
{
	buf_free(&got);
	buf_init(&got, 65536);
	return models_parse(str_of(text), collect, NULL);
}

TEST(every_shape)
{
	EQ_INT(parse("{\"object\":\"list\",\"data\":[{\"id\":\"a\"},"
	    "{\"id\":\"b/c\"}]}"), 2);
	EQ_S(buf_str(&got), "a b/c ");
	EQ_INT(parse("{\"models\":[{\"name\":\"models/gemini-x\"}]}"), 1);
	EQ_S(buf_str(&got), "gemini-x ");
	EQ_INT(parse("{\"models\":[{\"name\":\"llama3:8b\",\"model\":"
	    "\"llama3:8b\"}]}"), 1);
	EQ_S(buf_str(&got), "llama3:8b ");
	EQ_INT(parse("[{\"id\":\"x\"},\"y\"]"), 2);
	EQ_S(buf_str(&got), "x y ");
	EQ_INT(parse("{\"data\":[]}"), 0);
}

TEST(odd_entries_are_left_out)
{
	EQ_INT(parse("{\"data\":[{\"id\":\"\"},{\"id\":7},null,{},"
	    "{\"id\":\"a\\nb\"},{\"id\":\"good\"}]}"), 1);
	EQ_S(buf_str(&got), "good ");
}

TEST(no_list)
{
	EQ_INT(parse(""), ERR_FORMAT);
	EQ_INT(parse("<html>"), ERR_FORMAT);
	EQ_INT(parse("{\"data\":{}}"), ERR_FORMAT);
	EQ_INT(parse("{\"error\":\"x\"}"), ERR_FORMAT);
	EQ_INT(parse("3"), ERR_FORMAT);
}

TAP_BEGIN
TAP_ROW(every_shape)
TAP_ROW(odd_entries_are_left_out)
TAP_ROW(no_list)
TAP_END
