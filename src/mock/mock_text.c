/*
 * mock_text.c - what the mock says: words, ids, tokens, values for a schema.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 */
#include "base/crypto.h"
#include "base/num.h"
#include "mock/mock_text.h"

uint64_t
mock_text_mix(uint64_t x)
{
	x += 0x9E3779B97F4A7C15ULL;
	x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
	x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
	return x ^ (x >> 31);
}

void
mock_text_id(char *dst, size_t size, const char *prefix, unsigned n,
    uint64_t seed)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789";
	size_t len = strlen(prefix);
	uint64_t v = 0;
	unsigned i;

	memcpy(dst, prefix, len);
	for (i = 0; i < n && len + 1 < size; i++) {
		if (i % 10 == 0)
			v = mock_text_mix(seed + i);
		dst[len++] = set[v % 62];
		v /= 62;
	}
	dst[len] = '\0';
}

static const char *const words[] = {
	"The", " quick", " answer", " to", " this", " question", " is", " a",
	" short", " and", " friendly", " one", ",", " given", " by", " a",
	" model", " that", " knows", " nothing", " but", " says", " it",
	" politely", ".", " It", " counts", " tokens", " for", " those",
	" who", " measure", ".",
};
#define WORDS (sizeof(words) / sizeof(words[0]))

void
mock_text_token(struct buf *b, const char *marker, uint64_t seed, unsigned i)
{
	char num[24];

	(void)seed;
	if (marker[0] == '\0') {
		buf_adds(b, str_of(words[i % WORDS]));
		return;
	}
	if (i == 0) {
		buf_adds(b, STR("[[marker:"));
		buf_adds(b, str_of(marker));
		buf_adds(b, STR("]]"));
		return;
	}
	num[0] = ' ';
	buf_add(b, num, 1 + num_put_u64(num + 1, i));
}

void
mock_text_num(struct buf *b, int64_t n)
{
	char num[24];

	if (n < 0)
		buf_addc(b, '-');
	buf_add(b, num, num_put_u64(num, n < 0 ? 0 - (uint64_t)n :
	    (uint64_t)n));
}

/* 1 when s is well-formed UTF-8, as far as JSON parsers look. */
static int
is_utf8(struct str s)
{
	size_t i, k, more;
	unsigned char c;

	for (i = 0; i < s.n; i += more + 1) {
		c = (unsigned char)s.p[i];
		more = c < 0x80 ? 0 : c >= 0xC2 && c < 0xE0 ? 1 :
		    c >= 0xE0 && c < 0xF0 ? 2 : c >= 0xF0 && c < 0xF5 ? 3 : 9;
		if (more == 9 || i + more >= s.n)
			return 0;
		for (k = 1; k <= more; k++)
			if (((unsigned char)s.p[i + k] & 0xC0) != 0x80)
				return 0;
	}
	return 1;
}

void
mock_text_member(struct buf *b, const char *name, struct str text)
{
	if (is_utf8(text)) {
		buf_printf(b, "\"%s\":\"", name);
		buf_add_json(b, text);
	} else {
		buf_printf(b, "\"%s_base64\":\"", name);
		crypto_base64(b, text);
	}
	buf_addc(b, '"');
}

int64_t
mock_text_count(size_t n)
{
	return (int64_t)((n + 3) / 4);
}

static void value(struct buf *b, struct json_object *root,
    struct json_object *s, const char *text, int depth);

/* What "#/$defs/Name" or "#/definitions/Name" points to. */
static struct json_object *
resolve(struct json_object *root, struct str ref)
{
	struct json_object *o = root;
	struct str part;
	char name[128];

	if (!str_starts(ref, STR("#/")))
		return NULL;
	ref = str_skip(ref, 2);
	while (o != NULL && str_split(&ref, '/', &part)) {
		if (str_copy(name, sizeof(name), part) != 0)
			return NULL;
		o = json_get(o, name);
	}
	return o;
}

static void
object_value(struct buf *b, struct json_object *root, struct json_object *s,
    const char *text, int depth)
{
	struct json_object *props = json_get(s, "properties");
	int n = 0;

	buf_addc(b, '{');
	if (json_object_is_type(props, json_type_object)) {
		json_object_object_foreach(props, name, v) {
			buf_adds(b, n++ == 0 ? STR("\"") : STR(",\""));
			buf_add_json(b, str_of(name));
			buf_adds(b, STR("\":"));
			value(b, root, v, text, depth + 1);
		}
	}
	buf_addc(b, '}');
}

/* The first of anyOf, oneOf, allOf; or of a list of types. */
static struct json_object *
first_of(struct json_object *s, const char *name)
{
	struct json_object *l = json_get(s, name);

	if (!json_object_is_type(l, json_type_array) ||
	    json_object_array_length(l) == 0)
		return NULL;
	return json_object_array_get_idx(l, 0);
}

/* Types are in capitals in Gemini's schemas. */
static int
is(struct str type, const char *name)
{
	return str_ieq(type, str_of(name));
}

static void
typed(struct buf *b, struct json_object *root, struct json_object *s,
    const char *text, int depth)
{
	struct json_object *t = first_of(s, "type");
	struct str type = t != NULL ? str_of(json_object_get_string(t)) :
	    json_get_str(s, "type");

	if (is(type, "object") || json_get(s, "properties") != NULL) {
		object_value(b, root, s, text, depth);
	} else if (is(type, "array")) {
		buf_addc(b, '[');
		if (json_get(s, "items") != NULL)
			value(b, root, json_get(s, "items"), text, depth + 1);
		buf_addc(b, ']');
	} else if (is(type, "integer") || is(type, "number")) {
		buf_printf(b, "%lld",
		    (long long)json_get_int(s, "minimum", 7));
	} else if (is(type, "boolean")) {
		buf_adds(b, STR("true"));
	} else if (is(type, "null")) {
		buf_adds(b, STR("null"));
	} else {
		buf_addc(b, '"');
		buf_add_json(b, str_of(text));
		buf_addc(b, '"');
	}
}

static void
value(struct buf *b, struct json_object *root, struct json_object *s,
    const char *text, int depth)
{
	static const char *const choices[] = { "anyOf", "oneOf", "allOf" };
	struct json_object *o;
	size_t i;

	if (depth > 16 || !json_object_is_type(s, json_type_object)) {
		buf_adds(b, STR("null"));
		return;
	}
	if ((o = json_get(s, "const")) != NULL ||
	    (o = first_of(s, "enum")) != NULL) {
		json_write(b, o);
		return;
	}
	if (json_get_str(s, "$ref").p != NULL) {
		value(b, root, resolve(root, json_get_str(s, "$ref")), text,
		    depth + 1);
		return;
	}
	for (i = 0; i < 3; i++)
		if ((o = first_of(s, choices[i])) != NULL) {
			value(b, root, o, text, depth + 1);
			return;
		}
	typed(b, root, s, text, depth);
}

void
mock_text_schema(struct buf *b, struct json_object *schema, const char *text)
{
	value(b, schema, schema, text, 0);
}
