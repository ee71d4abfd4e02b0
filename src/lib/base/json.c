/*
 * json.c - trees, where a tree is needed.
 *
 * Runs in: every child.
 * Owns: one json-c tokener per process.
 *
 * jscan decides what JSON is; json-c only builds the tree of what passed. A
 * second member of the same name at the top is refused, since json-c would
 * silently take the last; so is an integer beyond 64 bits, which it would cut
 * down to the nearest.
 */
#include <json-c/json.h>

#include "base/err.h"
#include "base/jscan.h"
#include "base/json.h"

#define DEPTH 64

int
json_parse(struct str text, struct json_object **out)
{
	static struct json_tokener *tok;
	static const struct jscan_opts opts = {
		.max_depth = DEPTH, .no_duplicates = 1, .no_big_integers = 1
	};
	struct jscan_result res;
	struct json_object *o;
	int rc;

	*out = NULL;
	if (text.n > INT32_MAX)
		return ERR_TOOBIG;
	if ((rc = jscan(text, &opts, NULL, 0, &res)) != 0)
		return rc;
	/* One level more: json-c counts scalars too. */
	if (tok == NULL) {
		tok = json_tokener_new_ex(DEPTH + 2);
		ASSERT(tok != NULL);
		json_tokener_set_flags(tok, JSON_TOKENER_STRICT |
		    JSON_TOKENER_ALLOW_TRAILING_CHARS);
	}
	json_tokener_reset(tok);
	o = json_tokener_parse_ex(tok, text.p, (int)text.n);
	/* A bare number may go on for all it knows: show it the end. */
	if (json_tokener_get_error(tok) == json_tokener_continue)
		o = json_tokener_parse_ex(tok, "", 1);
	if (json_tokener_get_error(tok) != json_tokener_success) {
		json_tokener_reset(tok);
		return ERR_FORMAT;
	}
	json_tokener_reset(tok);
	*out = o;
	return 0;
}

int
json_write(struct buf *b, struct json_object *o)
{
	size_t n;
	const char *p = json_object_to_json_string_length(o,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n);

	return p == NULL ? ERR_NOMEM : buf_add(b, p, n);
}

struct json_object *
json_get(struct json_object *o, const char *key)
{
	struct json_object *v;

	if (!json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, key, &v))
		return NULL;
	return v;
}

struct json_object *
json_at(struct json_object *l, size_t i)
{
	return json_object_is_type(l, json_type_array) &&
	    i < json_object_array_length(l) ?
	    json_object_array_get_idx(l, i) : NULL;
}

struct str
json_get_str(struct json_object *o, const char *key)
{
	struct json_object *v = json_get(o, key);

	if (!json_object_is_type(v, json_type_string))
		return STR_NULL;
	return str_make(json_object_get_string(v),
	    (size_t)json_object_get_string_len(v));
}

int64_t
json_get_int(struct json_object *o, const char *key, int64_t dflt)
{
	struct json_object *v = json_get(o, key);
	double d;

	if (json_object_is_type(v, json_type_int))
		return json_object_get_int64(v);
	if (!json_object_is_type(v, json_type_double))
		return dflt;
	/* 25.0 is 25; what is no integer or fits none is not one. */
	d = json_object_get_double(v);
	if (!(d > -9e18 && d < 9e18) || (double)(int64_t)d != d)
		return dflt;
	return (int64_t)d;
}
