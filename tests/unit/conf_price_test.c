/* conf_price_test.c - prices: look-up, arithmetic, the file that is shipped. */
#include "base/num.h"
#include "conf/price.h"
#include "conf_help.h"

static struct price_list *
load(const char *path, struct conf_report *r)
{
	struct price_list *l = NULL;
	int rc = price_load(path, &l, r);

	EQ_INT(rc, r->mistakes > 0 ? ERR_FORMAT : 0);
	return l;
}

static struct price_list *
shipped(void)
{
	struct conf_report r = { 0 };
	struct price_list *l = load(TEST_SRCDIR "/../etc/prices.conf", &r);

	OK(l != NULL);
	EQ_INT(r.n, 0);
	conf_report_free(&r);
	return l;
}

static int64_t
cost_of(const char *model, uint64_t in, uint64_t out)
{
	struct price_list *l = shipped();
	struct conf *c = conf_good("", NULL, 1);
	struct price_usage u = { in, out, 0, 0, 0 };
	struct conf_price p;
	int64_t cost;

	EQ_INT(price_find(l, c, NULL, NULL, str_of(model), &p), 0);
	cost = price_cost(&p, &u);
	conf_free(&c);
	price_free(&l);
	OK(l == NULL);
	return cost;
}

TEST(known_sums)
{
	char text[40];

	EQ_INT(cost_of("gpt-4o", 10, 25), 275000000);
	num_put_usd(text, cost_of("gpt-4o", 10, 25), 6);
	EQ_STR(text, "0.000275");
	num_put_usd(text, cost_of("gpt-4o", 10, 150), 6);
	EQ_STR(text, "0.001525");
	/* A tie: up, where binary fractions would say 0.007812. */
	num_put_usd(text, cost_of("gpt-4o", 3125, 0), 6);
	EQ_STR(text, "0.007813");
	num_put_usd(text, cost_of("gpt-4o-mini", 3, 0), 6);
	EQ_STR(text, "0.000000");
	EQ_INT(cost_of("gpt-4o-mini", 3, 0), 450000);
}

TEST(names)
{
	EQ_INT(cost_of("GPT-4o", 1000000, 0), 2500000000000LL);
	EQ_INT(cost_of("gpt-4o-2024-08-06", 1000000, 0), 2500000000000LL);
	EQ_INT(cost_of("gpt-4o-mini-2024-07-18", 1000000, 0), 150000000000LL);
	EQ_INT(cost_of("openai/gpt-4o-mini", 0, 1000000), 600000000000LL);
	EQ_INT(cost_of("claude-sonnet-4-5-20250929", 0, 1000000),
	    15000000000000LL);
	EQ_INT(cost_of("claude-3-haiku-20240307", 1000000, 0),
	    250000000000LL);
	EQ_INT(cost_of("claude-opus-4-1", 1000000, 0), 15000000000000LL);
	EQ_INT(cost_of("gpt-4", 1000000, 0), 30000000000000LL);
	EQ_INT(cost_of("gpt-4-turbo-2024-04-09", 1000000, 0),
	    10000000000000LL);
	/* The default of aigw.conf. */
	EQ_INT(cost_of("nobody-knows-this", 1000000, 0), 5000000000000LL);
}

TEST(limits_of_models)
{
	struct price_list *l = shipped();

	EQ_INT(price_max_output(l, STR("gpt-4o")), 16384);
	EQ_INT(price_context(l, STR("gpt-4o")), 128000);
	EQ_INT(price_max_output(l, STR("nobody-knows-this")), 0);
	EQ_INT(price_max_output(NULL, STR("gpt-4o")), 0);
	price_free(&l);
}

TEST(parts_of_usage)
{
	struct conf_price p = { 1, PRICE_PER_MTOK, 100, 1000, 10, 125, -1 };
	struct price_usage u = { 50, 20, 30, 10, 5 };

	EQ_INT(price_cost(&p, &u), 10 * 100 + 30 * 10 + 10 * 125 + 20 * 1000);
	u.cache_hour = 4;		/* at 1.6 times, no more than all */
	EQ_INT(price_cost(&p, &u), 10 * 100 + 30 * 10 + 6 * 125 + 4 * 200 +
	    20 * 1000);
	u.cache_hour = 99;
	EQ_INT(price_cost(&p, &u), 10 * 100 + 30 * 10 + 10 * 200 + 20 * 1000);
	u.cache_hour = 0;
	p.reasoning = 3;
	EQ_INT(price_cost(&p, &u), 2550 + 15 * 1000 + 5 * 3);
	p.cached_input = p.cache_write = -1;
	EQ_INT(price_cost(&p, &u), 50 * 100 + 15 * 1000 + 5 * 3);
	/* More cached than there was: never less than nothing. */
	p.cached_input = 10;
	u = (struct price_usage){ 5, 0, 900, 900, 900 };
	EQ_INT(price_cost(&p, &u), 50);
	p = (struct conf_price){ 1, PRICE_PER_CALL, 7000, 0, -1, -1, -1 };
	EQ_INT(price_cost(&p, &u), 7000);
	p = (struct conf_price){ 1, PRICE_PER_MTOK, INT64_MAX, 1, -1, -1, -1 };
	u.input = UINT64_MAX;
	OK(price_cost(&p, &u) == INT64_MAX);
}

TEST(the_nearest_price_counts)
{
	struct conf *c = conf_good("prices = { unknown = \"refuse\"; };\n"
	    "providers = ({ id = \"p\"; dialect = \"ollama\"; "
	    "base_url = \"http://127.0.0.1\"; "
	    "price = { unit = \"per_call\"; input = 0.01; }; },"
	    "{ id = \"q\"; dialect = \"ollama\"; "
	    "base_url = \"http://127.0.0.1\"; });\n"
	    "groups = ({ name = \"g\"; targets = ({ provider = \"p\"; "
	    "price = { input = 1; output = 2; cached_input = 0.075; }; }, "
	    "{ provider = \"p\"; }); });\n", NULL, 1);
	struct price_list *l = shipped();
	struct conf_price p;
	struct conf_target *t = c->groups[0].targets;

	EQ_INT(price_find(l, c, &c->providers[0], &t[0], STR("gpt-4o"), &p),
	    0);
	EQ_INT(p.input, 1000000);
	EQ_INT(p.cached_input, 75000);
	EQ_INT(price_find(l, c, &c->providers[0], &t[1], STR("gpt-4o"), &p),
	    0);
	EQ_INT(p.unit, PRICE_PER_CALL);
	EQ_INT(p.input, 10000000000LL);
	EQ_INT(price_find(l, c, &c->providers[1], NULL, STR("gpt-4o"), &p),
	    0);
	EQ_INT(p.input, 2500000);
	EQ_INT(price_find(l, c, &c->providers[1], NULL, STR("x"), &p),
	    ERR_NOTFOUND);
	price_free(&l);
	conf_free(&c);
	c = conf_good("prices = { unknown = \"free\"; };", NULL, 1);
	EQ_INT(price_find(NULL, c, NULL, NULL, STR("x"), &p), 0);
	EQ_INT(p.input + p.output, 0);
	conf_free(&c);
}

TEST(missing_and_wrong_files)
{
	struct conf_report r = { 0 };
	struct price_list *l = load("/nowhere/prices.conf", &r);

	OK(l != NULL);
	EQ_INT(r.n, 1);
	EQ_INT(r.v[0].severity, CONF_WARNING);
	price_free(&l);
	conf_report_free(&r);
	l = load(conf_file("p.conf", "models = (\n{ match = \"a\"; inptu = 1;"
	    " },\n{ input = \"2\"; });\n", 0600), &r);
	OK(l == NULL);
	EQ_INT(r.mistakes, 3);
	EQ_STR(r.v[0].text,
	    "models.a.inptu is not an option: did you mean \"input\"?");
	EQ_INT(r.v[0].line, 2);
	EQ_STR(r.v[1].text, "models[1].match is required");
	EQ_STR(r.v[2].text,
	    "models[1].input must be a number, without quotes");
	conf_report_free(&r);
}

/* What an operator says of a model, whatever its name tells. */
TEST(what_a_model_takes)
{
	struct conf_report r = { 0 };
	struct price_list *l;
	struct price_model m;
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/models.conf", tap_dir());
	f = fopen(path, "w");
	fputs("models = ( { match = \"a*\"; max_output = 9; context = 99;\n"
	    "can = ( \"effort\", \"marks\" ); cannot = ( \"sampling\" ); },\n"
	    "{ match = \"b\"; } );\n", f);
	fclose(f);
	l = load(path, &r);
	OK(l != NULL);
	m = price_model(l, STR("vendor/abc"));
	EQ_INT(m.max_output, 9);
	EQ_INT(m.context, 99);
	EQ_INT(m.can, TRAIT_EFFORT | TRAIT_MARKS);
	EQ_INT(m.cannot, TRAIT_SAMPLING);
	m = price_model(l, STR("b"));
	EQ_INT(m.can | m.cannot, 0);
	m = price_model(l, STR("c"));
	EQ_INT(m.max_output, 0);
	EQ_INT(price_model(NULL, STR("c")).can, 0);
	price_free(&l);
	f = fopen(path, "w");
	fputs("models = ( { match = \"a\"; can = ( \"fly\" ); } );\n", f);
	fclose(f);
	l = load(path, &r);
	OK(l == NULL);
	OK(r.mistakes > 0);
	conf_report_free(&r);
}

/* The exact name, else the longest prefix, else the one that fits all. */
TEST(longest_prefix)
{
	static const struct { const char *name; unsigned max; } rows[] = {
		{ "ab", 2 }, { "abc", 3 }, { "ABX", 2 }, { "abcd", 4 },
		{ "a", 1 }, { "x/abce", 3 }, { "b", 6 }, { "ba", 5 },
		{ "\xc3\xa9x", 7 }, { "z", 0 }, { "", 0 }, { "z/", 0 },
	};
	struct conf_report r = { 0 };
	struct price_list *l;
	char path[256];
	unsigned all, i;
	FILE *f;

	snprintf(path, sizeof(path), "%s/prefixes.conf", tap_dir());
	for (all = 0; all < 2; all++) {
		f = fopen(path, "w");
		fprintf(f, "models = ( { match = \"ab*\"; max_output = 2; },\n"
		    "{ match = \"\xc3\xa9*\"; max_output = 7; },\n"
		    "{ match = \"abcd*\"; max_output = 4; },\n"
		    "{ match = \"B\"; max_output = 6; },\n"
		    "{ match = \"A*\"; max_output = 1; },\n%s"
		    "{ match = \"b*\"; max_output = 5; },\n"
		    "{ match = \"abc*\"; max_output = 3; } );\n",
		    all ? "{ match = \"*\"; max_output = 8; },\n" : "");
		fclose(f);
		l = load(path, &r);
		OK(l != NULL);
		for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			if (!all || rows[i].max == 0)
				EQ_INT(price_max_output(l, str_of(rows[i].name)),
				    all ? 8 : rows[i].max);
		price_free(&l);
	}
	conf_report_free(&r);
}

TAP_BEGIN
TAP_ROW(known_sums)
TAP_ROW(names)
TAP_ROW(limits_of_models)
TAP_ROW(parts_of_usage)
TAP_ROW(the_nearest_price_counts)
TAP_ROW(missing_and_wrong_files)
TAP_ROW(what_a_model_takes)
TAP_ROW(longest_prefix)
TAP_END
