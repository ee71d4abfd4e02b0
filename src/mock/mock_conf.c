/*
 * mock_conf.c - the live configuration of the mock.
 *
 * Runs in: aigw-mock.
 * Owns: the parsed copy of each process.
 *
 * A change is checked by parsing the merged text before it is published, so a
 * process that reads a new version never meets an error.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/num.h"
#include "base/rng.h"
#include "base/xalloc.h"
#include "mock/mock_conf.h"

static int
fail(char *err, size_t size, const char *what, const char *which)
{
	snprintf(err, size, "%s: %s", which, what);
	return ERR_FORMAT;
}

/* An array of strings, or one string, to a NULL-terminated list. */
static char **
read_list(struct json_object *o)
{
	size_t n, i;
	char **l;

	if (json_object_is_type(o, json_type_string)) {
		l = xcalloc(2, sizeof(*l));
		l[0] = xstrdup(json_object_get_string(o));
		return l;
	}
	if (!json_object_is_type(o, json_type_array))
		return NULL;
	n = json_object_array_length(o);
	l = xcalloc(n + 1, sizeof(*l));
	for (i = 0; i < n; i++) {
		const char *t = json_object_get_string(
		    json_object_array_get_idx(o, i));

		l[i] = xstrdup(t == NULL ? "" : t);
	}
	return l;
}

static void
free_list(char **l)
{
	size_t i;

	for (i = 0; l != NULL && l[i] != NULL; i++)
		free(l[i]);
	free(l);
}

static int
read_rule(struct json_object *o, struct mock_rule *r, char *err, size_t size)
{
	struct str what = json_get_str(o, "do"), bad;
	struct mock_act probe;

	if (what.p == NULL)
		return fail(err, size, "a rule needs \"do\"", "rules");
	mock_act_init(&probe);
	if (mock_act_parse(&probe, what, &bad) != 0) {
		snprintf(err, size, "rules: not understood: %.*s",
		    STR_ARG(bad));
		return ERR_FORMAT;
	}
	if (str_copy(r->path, sizeof(r->path), json_get_str(o, "path")) ||
	    str_copy(r->method, sizeof(r->method),
	    json_get_str(o, "method")) ||
	    str_copy(r->model, sizeof(r->model), json_get_str(o, "model")) ||
	    str_copy(r->key, sizeof(r->key), json_get_str(o, "key")))
		return fail(err, size, "a pattern is too long", "rules");
	r->nth = (uint64_t)json_get_int(o, "nth", 0);
	r->every = (uint64_t)json_get_int(o, "every", 0);
	r->from = (uint64_t)json_get_int(o, "from", 0);
	r->to = (uint64_t)json_get_int(o, "to", 0);
	r->percent = (int)json_get_int(o, "percent", 100);
	r->what = xstrndup(what.p, what.n);
	return 0;
}

static int
read_rules(struct mock_conf *c, struct json_object *o, char *err, size_t size)
{
	size_t n, i;
	int rc;

	if (!json_object_is_type(o, json_type_array))
		return fail(err, size, "not an array", "rules");
	n = json_object_array_length(o);
	if (n > MOCK_RULES)
		return fail(err, size, "too many", "rules");
	c->rules = xcalloc(n + 1, sizeof(*c->rules));
	for (i = 0; i < n; i++) {
		c->rules[i].index = (int)i;
		c->n_rules++;
		rc = read_rule(json_object_array_get_idx(o, i), &c->rules[i],
		    err, size);
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* Members that are a word of mock_act under another name. */
static const struct {
	const char *member, *word;
} pace[] = {
	{ "latency", "latency" }, { "first_token", "first-token" },
	{ "token_rate", "rate" }, { "answer_tokens", "tokens" },
	{ "chunk_bytes", "chunk" },
};

/* 1 when name was a pace member. */
static int
read_pace(struct mock_conf *c, const char *name, struct json_object *v,
    int *rc)
{
	char text[128];
	struct str bad;
	size_t i;

	for (i = 0; i < sizeof(pace) / sizeof(pace[0]); i++)
		if (strcmp(name, pace[i].member) == 0)
			break;
	if (i == sizeof(pace) / sizeof(pace[0]))
		return 0;
	snprintf(text, sizeof(text), "%s=%s", pace[i].word,
	    json_object_get_string(v));
	*rc = mock_act_parse(&c->base, str_of(text), &bad);
	return 1;
}

static int
read_member(struct mock_conf *c, const char *name, struct json_object *v,
    char *err, size_t size)
{
	struct str bad;
	int rc = 0;

	if (read_pace(c, name, v, &rc))
		return rc == 0 ? 0 : fail(err, size, "bad value", name);
	if (strcmp(name, "models") == 0) {
		free_list(c->models);
		c->models = read_list(v);
	} else if (strcmp(name, "require_key") == 0) {
		free_list(c->keys);
		c->keys = read_list(v);
	} else if (strcmp(name, "rules") == 0) {
		return read_rules(c, v, err, size);
	} else if (strcmp(name, "digest") == 0) {
		c->no_digest = !json_object_get_boolean(v);
	} else if (strcmp(name, "do") == 0) {
		const char *t = json_object_get_string(v);

		rc = mock_act_parse(&c->base, str_of(t == NULL ? "" : t),
		    &bad);
		return rc == 0 ? 0 : fail(err, size, "not understood", name);
	} else if (strcmp(name, "refuse") != 0 &&
	    strcmp(name, "accept_delay") != 0)
		return fail(err, size, "unknown member", name);
	return 0;
}

static int
parse(struct str text, struct mock_conf **out, char *err, size_t size)
{
	struct json_object *o = NULL;
	struct mock_conf *c;
	int rc;

	*out = NULL;
	if (json_parse(text, &o) != 0 ||
	    !json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		return fail(err, size, "not a JSON object", "configuration");
	}
	c = xcalloc(1, sizeof(*c));
	mock_act_init(&c->base);
	json_object_object_foreach(o, name, v) {
		rc = read_member(c, name, v, err, size);
		if (rc != 0) {
			json_object_put(o);
			mock_conf_free(&c);
			return rc;
		}
	}
	json_object_put(o);
	*out = c;
	return 0;
}

void
mock_conf_free(struct mock_conf **cp)
{
	struct mock_conf *c = *cp;
	unsigned i;

	if (c == NULL)
		return;
	free_list(c->models);
	free_list(c->keys);
	for (i = 0; i < c->n_rules; i++)
		free(c->rules[i].what);
	free(c->rules);
	free(c);
	*cp = NULL;
}

const struct mock_conf *
mock_conf_get(struct mock_shared *s, struct mock_conf **cp)
{
	unsigned version = atomic_load(&s->version);
	struct mock_conf *fresh;
	char err[128];

	if (*cp != NULL && (*cp)->version == version)
		return *cp;
	mock_shared_lock(s);
	version = atomic_load(&s->version);
	if (parse(str_make(s->text, s->len), &fresh, err, sizeof(err)) == 0) {
		mock_conf_free(cp);
		fresh->version = version;
		*cp = fresh;
	}
	mock_shared_unlock(s);
	ASSERT(*cp != NULL);
	return *cp;
}

/* "2s", true (until told otherwise) or false: when refusing ends. */
static int
set_refuse(struct mock_shared *s, struct json_object *v)
{
	int64_t us = 0;

	if (json_object_is_type(v, json_type_boolean)) {
		if (json_object_get_boolean(v))
			us = 365LL * 86400 * CLOCK_US_S;
	} else if (num_time_us(str_of(json_object_get_string(v)), &us) != 0)
		return ERR_FORMAT;
	atomic_store(&s->refuse_until, us == 0 ? 0 : clock_mono_us() + us);
	return 0;
}

static int
set_switches(struct mock_shared *s, struct json_object *o, char *err,
    size_t size)
{
	struct json_object *v;
	int64_t us;

	if ((v = json_get(o, "accept_delay")) != NULL) {
		if (num_time_us(str_of(json_object_get_string(v)), &us) != 0)
			return fail(err, size, "bad time", "accept_delay");
		atomic_store(&s->accept_delay, us);
	}
	if ((v = json_get(o, "refuse")) != NULL && set_refuse(s, v) != 0)
		return fail(err, size, "bad time", "refuse");
	json_object_object_del(o, "refuse");
	return 0;
}

static void
publish(struct mock_shared *s, struct str text, int first)
{
	int i;

	memcpy(s->text, text.p, text.n);
	s->len = (uint32_t)text.n;
	if (first) {
		memcpy(s->first, text.p, text.n);
		s->first_len = s->len;
	}
	for (i = 0; i < MOCK_RULES; i++)
		atomic_store(&s->hits[i], 0);
	atomic_fetch_add(&s->version, 1);
}

int
mock_conf_change(struct mock_shared *s, struct str json, int first, char *err,
    size_t errsize)
{
	struct json_object *o = NULL, *change = NULL;
	struct mock_conf *probe = NULL;
	struct str text;
	int rc;

	mock_shared_lock(s);
	if (s->len == 0 ||
	    json_parse(str_make(s->text, s->len), &o) != 0)
		o = json_object_new_object();
	rc = json_parse(json, &change);
	if (rc != 0 || !json_object_is_type(change, json_type_object)) {
		rc = fail(err, errsize, "not a JSON object", "configuration");
		goto out;
	}
	json_object_object_foreach(change, name, v)
		json_object_object_add(o, name, json_object_get(v));
	text = str_of(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	if (text.n > MOCK_CONF_MAX)
		rc = fail(err, errsize, "too long", "configuration");
	else
		rc = parse(text, &probe, err, errsize);
	if (rc == 0 && (rc = set_switches(s, o, err, errsize)) == 0) {
		text = str_of(json_object_to_json_string_ext(o,
		    JSON_C_TO_STRING_PLAIN));
		publish(s, text, first);
	}
out:
	mock_shared_unlock(s);
	mock_conf_free(&probe);
	json_object_put(change);
	json_object_put(o);
	return rc;
}

void
mock_conf_reset(struct mock_shared *s)
{
	mock_shared_lock(s);
	publish(s, str_make(s->first, s->first_len), 0);
	atomic_store(&s->refuse_until, 0);
	atomic_store(&s->accept_delay, 0);
	mock_shared_unlock(s);
}

static int
rule_matches(const struct mock_rule *r, const struct mock_facts *f)
{
	return (r->path[0] == '\0' || str_glob(r->path, f->path)) &&
	    (r->method[0] == '\0' || str_eqc(f->method, r->method)) &&
	    (r->model[0] == '\0' || str_glob(r->model, f->model)) &&
	    (r->key[0] == '\0' || str_glob(r->key, f->key));
}

void
mock_conf_rules(const struct mock_conf *c, struct mock_shared *s,
    const struct mock_facts *f, struct mock_act *act)
{
	const struct mock_rule *r;
	struct str bad;
	uint64_t n;
	unsigned i;

	for (i = 0; i < c->n_rules; i++) {
		r = &c->rules[i];
		if (!rule_matches(r, f))
			continue;
		n = atomic_fetch_add(&s->hits[r->index], 1) + 1;
		if ((r->nth != 0 && n != r->nth) ||
		    (r->every != 0 && n % r->every != 0) ||
		    n < r->from || (r->to != 0 && n > r->to))
			continue;
		if (r->percent < 100 && (int)rng_below(100) >= r->percent)
			continue;
		mock_act_parse(act, str_of(r->what), &bad);
	}
}
