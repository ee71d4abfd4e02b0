/*
 * jscan_fuzz.c - the JSON scanner on any bytes.
 *
 * Runs in: the fuzzer, and "make check" on its corpus.
 * Owns: nothing.
 *
 * Held against itself (each vector code must agree, stricter options accept
 * less, elements of what was accepted are accepted) and against json-c, which
 * must accept all that we accept.
 */
#include <json-c/json.h>

#include "base/err.h"
#include "base/jscan.h"
#include "base/jscan_text.h"
#include "fuzz.h"

#define WANTS 5

static const struct jscan_want wants_of_all[WANTS] = {
	{ "model" }, { "stream" }, { "a.b.c" }, { "choices.0.text" }, { "1" },
};

static void
check_each(struct str raw)
{
	struct str key, value;
	struct jscan_result res;
	enum jscan_type type;
	size_t pos = 0;
	char text[64];

	while (jscan_each(raw, &pos, &key, &value, &type)) {
		ASSERT(jscan(value, NULL, NULL, 0, &res) == 0);
		ASSERT(res.type == type);
		if (raw.p[0] == '{')
			ASSERT(jscan_string(key, text, sizeof(text)) !=
			    ERR_SYSTEM);
	}
}

/* Then it stands in the text. */
static int
is_found(const struct jscan_want *w, struct str whole)
{
	if (w->type == JSCAN_NONE)
		return 0;
	ASSERT(w->raw.p >= whole.p && w->raw.n > 0 &&
	    w->raw.p + w->raw.n <= whole.p + whole.n);
	return 1;
}

static void
check_wants(const struct jscan_want *w, struct str whole)
{
	char text[64];
	uint64_t n;
	int i;

	for (i = 0; i < WANTS; i++) {
		if (!is_found(&w[i], whole))
			continue;
		if (w[i].type == JSCAN_STRING)
			ASSERT(jscan_string(w[i].raw, text, sizeof(text)) !=
			    ERR_FORMAT);
		if (w[i].type == JSCAN_NUMBER)
			(void)jscan_u64(w[i].raw, &n);
		if (w[i].type == JSCAN_OBJECT || w[i].type == JSCAN_ARRAY)
			check_each(w[i].raw);
	}
}

/* Those of the largest: each is a value that stands there. */
static void
check_found(const struct jscan_want *w, const struct jscan_opts *opts,
    struct str whole)
{
	struct jscan_result res;
	int i;

	for (i = 0; i < WANTS; i++) {
		if (!is_found(&w[i], whole))
			continue;
		ASSERT(jscan(w[i].raw, opts, NULL, 0, &res) == 0);
		ASSERT(res.type == w[i].type);
	}
}

/* Whatever we accept, the parser behind us must accept. */
static void
check_json_c(struct str text)
{
	struct json_tokener *tok = json_tokener_new_ex(128);
	struct json_object *o;

	json_tokener_set_flags(tok, JSON_TOKENER_STRICT |
	    JSON_TOKENER_ALLOW_TRAILING_CHARS);
	o = json_tokener_parse_ex(tok, text.p, (int)text.n);
	if (json_tokener_get_error(tok) == json_tokener_continue)
		o = json_tokener_parse_ex(tok, "", 1);
	ASSERT(json_tokener_get_error(tok) == json_tokener_success);
	json_object_put(o);
	json_tokener_free(tok);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const codes[] = { "swar", "sse2", "avx2" };
	struct jscan_opts strict = { .no_duplicates = 1, .no_case_twins = 1,
	    .no_big_integers = 1 }, loose = { .max_depth = 1024,
	    .any_text = 1, .largest = 1 };
	struct str text = str_make((const char *)data, size);
	struct jscan_want w[WANTS], v[WANTS];
	struct jscan_result a, b;
	int i, k;

	memcpy(w, wants_of_all, sizeof(w));
	memcpy(v, wants_of_all, sizeof(v));
	(void)jscan_text_force("swar");
	(void)jscan(text, NULL, w, WANTS, &a);
	ASSERT(a.at <= size && (a.error == 0) == (a.type != JSCAN_NONE));
	for (i = 1; i < 3; i++) {
		if (jscan_text_force(codes[i]) != 0)
			continue;
		(void)jscan(text, NULL, v, WANTS, &b);
		ASSERT(a.error == b.error && a.at == b.at && a.type == b.type);
		for (k = 0; k < WANTS; k++)
			ASSERT(w[k].type == v[k].type &&
			    w[k].raw.p == v[k].raw.p &&
			    w[k].raw.n == v[k].raw.n);
	}
	if (jscan(text, &strict, v, WANTS, &b) == 0)
		ASSERT(a.error == 0);
	if (jscan(text, &loose, v, WANTS, &b) == 0)
		check_found(v, &loose, text);
	else
		ASSERT(a.error != 0);
	if (a.error != 0)
		return 0;
	check_wants(w, text);
	check_each(text);
	check_json_c(text);
	return 0;
}
