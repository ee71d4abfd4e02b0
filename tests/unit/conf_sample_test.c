/*
 * conf_sample_test.c - the sample file: as it stands it changes nothing, and
 * with every "#" taken away it is a good configuration of the same defaults.
 */
#include <string.h>

#include "base/fd.h"
#include "conf/opt.h"
#include "conf_help.h"

static void
read_sample(struct buf *b)
{
	buf_init(b, 1 << 20);
	EQ_INT(fd_read_file(TEST_SRCDIR "/../etc/aigw.conf", b), 0);
	EQ_INT(buf_addc(b, '\0'), 0);
}

/* Take the "#" from the lines of options. */
static void
uncomment(char *text)
{
	char *p;

	for (p = text; p != NULL && *p != '\0'; p = strchr(p, '\n')) {
		if (*p == '\n')
			p++;
		if (p[0] == '#' && p[1] != ' ' && p[1] != '\n')
			*p = ' ';
	}
}

static void
dump(const struct conf *c, struct buf *b)
{
	buf_init(b, 1 << 20);
	EQ_INT(conf_dump(c, b), 0);
}

TEST(as_it_stands_it_is_the_default)
{
	struct buf text, a, b;
	struct conf *c;

	read_sample(&text);
	c = conf_good("", NULL, 1);
	dump(c, &a);
	conf_free(&c);
	c = conf_good(text.data, NULL, 1);
	EQ_STR(conf_said, "configuration: warning: there is no provider: "
	    "every request will be refused\n");
	dump(c, &b);
	conf_free(&c);
	EQ_MEM(a.data, a.len, b.data, b.len);
	buf_free(&text);
	buf_free(&a);
	buf_free(&b);
}

TEST(with_a_key_in_the_environment_it_works)
{
	char *env[] = { (char []){ "OPENAI_API_KEY=sk-x" },
		(char []){ "LLM_PROVIDERS=a" },
		(char []){ "LLM_PROVIDER_a_NAME=a" },
		(char []){ "LLM_PROVIDER_a_BASE_URL=https://claude.example" },
		(char []){ "LLM_PROVIDER_a_DIALECT=anthropic" },
		(char []){ "LLM_PROVIDER_a_API_KEY=k" },
		(char []){ "REDIS_URL=r:1" }, NULL };
	struct buf text;
	struct conf *c;

	read_sample(&text);
	c = conf_good(text.data, env, 1);
	EQ_INT(c->n_providers, 2);
	/* What the environment switches on is not switched off by the file. */
	EQ_INT(c->session.context, 1);
	EQ_INT(c->cache.enabled, 1);
	conf_free(&c);
	buf_free(&text);
}

static void
same_as_default(void *arg, const char *path, const struct opt *o, size_t off)
{
	struct conf *const *cs = arg;
	struct buf a, b;

	(void)off;
	if (!opt_is_plain(o))
		return;
	buf_init(&a, 1 << 16);
	buf_init(&b, 1 << 16);
	opt_put(o, cs[0], &a);
	opt_put(o, cs[1], &b);
	if (!str_eq(buf_str(&a), buf_str(&b)))
		tap_fail(__FILE__, __LINE__, "%s is %.*s in the sample, %.*s "
		    "by default", path, STR_ARG(buf_str(&b)),
		    STR_ARG(buf_str(&a)));
	buf_free(&a);
	buf_free(&b);
}

TEST(what_it_shows_are_the_defaults)
{
	struct conf_provider *p, *q;
	struct conf *cs[2];
	struct buf text;

	read_sample(&text);
	uncomment(text.data);
	cs[0] = conf_good("providers = ({ id = \"openai\"; dialect = "
	    "\"openai\"; base_url = \"https://api.openai.com\"; });", NULL,
	    0);
	cs[1] = conf_good(text.data, NULL, 0);
	opt_each(same_as_default, cs);
	p = &cs[0]->providers[0];
	q = &cs[1]->providers[0];
	EQ_STR(p->auth_format, q->auth_format);
	EQ_INT(p->apis, q->apis);
	EQ_STR(p->models_path, q->models_path);
	EQ_STR(p->health.path, q->health.path);
	EQ_INT(p->health.unhealthy_retry, q->health.unhealthy_retry);
	EQ_INT(p->total_timeout, q->total_timeout);
	EQ_MEM(&p->retryable_status, sizeof(p->retryable_status),
	    &q->retryable_status, sizeof(q->retryable_status));
	EQ_INT(p->tls_verify, q->tls_verify);
	EQ_INT(cs[1]->n_tiers, 3);
	EQ_MEM(&cs[0]->tiers[1].limits, sizeof(struct conf_limits),
	    &cs[1]->tiers[1].limits, sizeof(struct conf_limits));
	conf_free(&cs[0]);
	conf_free(&cs[1]);
	buf_free(&text);
}

/* Each option of the table, shares left out, must be a word of the text. */
static void
all_named(const struct opt_section *s, struct str text, const char *what)
{
	const struct opt *o;
	char word[64];

	for (o = s->rows; o->name != NULL; o++) {
		if (o->flags & OPT_F_SHARE)
			continue;
		snprintf(word, sizeof(word), "%s", o->name);
		if (str_find(text, str_of(word)) < 0)
			tap_fail(__FILE__, __LINE__, "%s says nothing of "
			    "%s.%s", what, s->name, o->name);
		if (o->sub != NULL)
			all_named(o->sub, text, what);
	}
}

TEST(sample_and_manual_name_every_option)
{
	struct buf b;

	read_sample(&b);
	all_named(&opt_root, buf_str(&b), "the sample");
	buf_free(&b);
	buf_init(&b, 1 << 20);
	EQ_INT(fd_read_file(TEST_SRCDIR "/../man/aigw.conf.5", &b), 0);
	all_named(&opt_root, buf_str(&b), "the manual");
	buf_free(&b);
}

TAP_BEGIN
TAP_ROW(as_it_stands_it_is_the_default)
TAP_ROW(with_a_key_in_the_environment_it_works)
TAP_ROW(what_it_shows_are_the_defaults)
TAP_ROW(sample_and_manual_name_every_option)
TAP_END
