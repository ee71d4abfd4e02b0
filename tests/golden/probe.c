/*
 * probe.c - is something at its place in a JSON text?
 *
 * Runs in: golden tests.
 * Owns: nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "probe.h"
#include "tap.h"

#define TEST_MAX 512

struct look {
	char		 op;		/* = ~ ? */
	const char	*want;
};

/* One of "a|b" is text. */
static int
is_one(const char *want, const char *text)
{
	size_t n = strlen(text);

	for (;;) {
		size_t len = strcspn(want, "|");

		if (len == n && memcmp(want, text, n) == 0)
			return 1;
		if (want[len] == '\0')
			return 0;
		want += len + 1;
	}
}

static int
holds(const struct look *l, struct json_object *o)
{
	if (l->op == '?')
		return o != NULL;
	if (o == NULL || json_object_is_type(o, json_type_object) ||
	    json_object_is_type(o, json_type_array))
		return 0;
	if (l->op == '=')
		return is_one(l->want, json_object_get_string(o));
	return json_object_is_type(o, json_type_string) &&
	    strstr(json_object_get_string(o), l->want) != NULL;
}

static int find(const struct look *l, struct json_object *o,
    const char *path);

static int
find_below(const struct look *l, struct json_object *o, const char *path)
{
	size_t i;

	if (json_object_is_type(o, json_type_object)) {
		json_object_object_foreach(o, key, v) {
			(void)key;
			if (find(l, v, path))
				return 1;
		}
	} else if (json_object_is_type(o, json_type_array))
		for (i = 0; i < json_object_array_length(o); i++)
			if (find(l, json_object_array_get_idx(o, i), path))
				return 1;
	return 0;
}

/* "[n]...", of an array. */
static int
find_index(const struct look *l, struct json_object *o, const char *path)
{
	const char *rest = strchr(path, ']') + 1;
	size_t n, i;
	long at;

	if (!json_object_is_type(o, json_type_array))
		return 0;
	n = json_object_array_length(o);
	if (path[1] == '*') {
		for (i = 0; i < n; i++)
			if (find(l, json_object_array_get_idx(o, i), rest))
				return 1;
		return 0;
	}
	at = strtol(path + 1, NULL, 10);
	if (at < 0)
		at += (long)n;
	return at >= 0 && (size_t)at < n &&
	    find(l, json_object_array_get_idx(o, (size_t)at), rest);
}

static int
find(const struct look *l, struct json_object *o, const char *path)
{
	struct json_object *v;
	char name[64];
	size_t n;

	if (*path == '.')
		path++;
	if (*path == '\0')
		return holds(l, o);
	if (strncmp(path, "**", 2) == 0)
		return find(l, o, path + 2) || find_below(l, o, path);
	if (*path == '[')
		return find_index(l, o, path);
	n = strcspn(path, ".[");
	if (n >= sizeof(name))
		tap_fail(__FILE__, __LINE__, "a name too long: %s", path);
	memcpy(name, path, n);
	name[n] = '\0';
	if (!json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, name, &v) || v == NULL)
		return 0;
	return find(l, v, path + n);
}

static int
one(struct json_object *doc, char *test)
{
	int no = *test == '!';
	struct look l;
	char *op;

	test += no;
	if ((op = strpbrk(test, "=~?")) == NULL)
		tap_fail(__FILE__, __LINE__, "no test: %s", test);
	l.op = *op;
	l.want = op + 1;
	*op = '\0';
	return find(&l, doc, test) != no;
}

int
probe(struct json_object *doc, const char *cond, const char **failed)
{
	static char said[TEST_MAX];
	char test[TEST_MAX];

	while (*cond != '\0') {
		const char *end = strstr(cond, " ;; ");
		size_t n = end == NULL ? strlen(cond) :
		    (size_t)(end - cond);

		if (n >= sizeof(test))
			tap_fail(__FILE__, __LINE__, "too long: %s", cond);
		memcpy(test, cond, n);
		test[n] = '\0';
		memcpy(said, test, n + 1);
		if (!one(doc, test)) {
			if (failed != NULL)
				*failed = said;
			return 0;
		}
		cond += n;
		if (end != NULL)
			cond += 4;
	}
	return 1;
}

void
probe_merge(struct json_object *doc, struct json_object *patch)
{
	struct json_object *was;

	json_object_object_foreach(patch, key, v) {
		if (v == NULL)
			json_object_object_del(doc, key);
		else if (json_object_is_type(v, json_type_object) &&
		    json_object_object_get_ex(doc, key, &was) &&
		    json_object_is_type(was, json_type_object))
			probe_merge(was, v);
		else
			(void)json_object_object_add(doc, key,
			    json_object_get(v));
	}
}

struct json_object *
probe_parse(const char *text)
{
	struct json_tokener *t = json_tokener_new();
	struct json_object *o;

	json_tokener_set_flags(t, JSON_TOKENER_STRICT);
	o = json_tokener_parse_ex(t, text, (int)strlen(text) + 1);
	if (json_tokener_get_error(t) != json_tokener_success)
		tap_fail(__FILE__, __LINE__, "no JSON: %.2000s", text);
	json_tokener_free(t);
	return o;
}
