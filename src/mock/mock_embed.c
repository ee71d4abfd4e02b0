/*
 * mock_embed.c - embeddings of Google's, Mistral's and Ollama's servers.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 *
 * What they would not take is refused, and so is every member that their
 * descriptions do not name. The vectors are those of the mock's OpenAI: text i
 * of a request has the same one in all formats.
 */
#include <stdio.h>

#include "mock/mock_answer.h"
#include "mock/mock_gemini.h"
#include "mock/mock_openai.h"
#include "mock/mock_request.h"
#include "mock/mock_text.h"

#define USUAL	16		/* numbers of a vector */
#define MOST	4096
#define GOOGLES	100		/* requests of a batch */

/* --- what they share ----------------------------------------------------- */

/* A member that is not in the list; NULL: there is none. */
static const char *
stranger(struct json_object *o, const char *const *known)
{
	struct json_object_iterator i = json_object_iter_begin(o);
	struct json_object_iterator end = json_object_iter_end(o);
	const char *const *k;

	for (; !json_object_iter_equal(&i, &end); json_object_iter_next(&i)) {
		for (k = known; *k != NULL; k++)
			if (strcmp(*k, json_object_iter_peek_name(&i)) == 0)
				break;
		if (*k == NULL)
			return json_object_iter_peek_name(&i);
	}
	return NULL;
}

/* A string, or a list of strings with one at least; *bytes of text. */
static int
are_texts(struct json_object *o, size_t *n, size_t *bytes)
{
	struct json_object *one;
	size_t i;

	*n = 1;
	*bytes = 0;
	if (json_object_is_type(o, json_type_string)) {
		*bytes = (size_t)json_object_get_string_len(o);
		return 1;
	}
	if (!json_object_is_type(o, json_type_array) ||
	    (*n = json_object_array_length(o)) == 0)
		return 0;
	for (i = 0; (one = json_at(o, i)) != NULL; i++) {
		if (!json_object_is_type(one, json_type_string))
			return 0;
		*bytes += (size_t)json_object_get_string_len(one);
	}
	return i == *n;
}

/* How long the vectors shall be; 0: no number for that. */
static unsigned
length(struct json_object *o)
{
	int64_t n;

	if (o == NULL)
		return USUAL;
	n = json_object_get_int64(o);
	return json_object_is_type(o, json_type_int) && n > 0 && n <= MOST ?
	    (unsigned)n : 0;
}

static void
vector(struct mock_call *c, size_t i, unsigned n, int base64)
{
	mock_openai_vector(&c->a->body, mock_text_mix(c->m->seed + i), n,
	    base64);
}

/* The tokens, in a member of that name; 1 when it was put. */
static int
tokens(struct mock_call *c, size_t bytes, const char *before,
    const char *name)
{
	struct mock_tokens *t = &c->a->tokens;
	enum mock_usage how = c->a->act.usage;

	t->input = mock_text_count(bytes);
	if (how == MOCK_USAGE_MISSING || how == MOCK_USAGE_NULL)
		return 0;
	t->reported = how == MOCK_USAGE_TRUE;
	buf_adds(&c->a->body, str_of(before));
	mock_gen_number(&c->a->body, name, t->input, how);
	return 1;
}

static void
unknown(struct mock_call *c, int status, const char *name)
{
	char text[200];

	snprintf(text, sizeof(text), "unknown member %.100s", name);
	mock_request_error(c, status, NULL, text);
}

/* --- Google -------------------------------------------------------------- */

static const char *
bad_options(struct json_object *o)
{
	static const char *const kinds[] = { "RETRIEVAL_QUERY",
	    "RETRIEVAL_DOCUMENT", "SEMANTIC_SIMILARITY", "CLASSIFICATION",
	    "CLUSTERING", "QUESTION_ANSWERING", "FACT_VERIFICATION",
	    "CODE_RETRIEVAL_QUERY" };
	struct str kind = json_get_str(o, "taskType");
	size_t i;

	if (json_get(o, "taskType") != NULL) {
		for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (str_eqc(kind, kinds[i]))
				break;
		if (i == sizeof(kinds) / sizeof(kinds[0]))
			return "Invalid value at 'task_type'";
	}
	if (length(json_get(o, "outputDimensionality")) == 0)
		return "Invalid value at 'output_dimensionality'";
	return NULL;
}

/* The request names the model of the path. */
static int
names_model(const struct mock_call *c, struct json_object *o)
{
	struct str name = json_get_str(o, "model");

	return str_starts(name, STR("models/")) &&
	    str_starts(str_skip(name, 7), str_of(c->model));
}

/* NULL, or what is wrong; *bytes of text are added. */
static const char *
bad_request(const struct mock_call *c, struct json_object *o, int batch,
    size_t *bytes)
{
	static const char *const known[] = { "model", "content", "taskType",
	    "title", "outputDimensionality", "embedContentConfig", NULL };
	static const char *const inside[] = { "taskType", "title",
	    "outputDimensionality", "autoTruncate", "documentOcr",
	    "audioTrackExtraction", NULL };
	struct json_object *parts, *config, *part;
	size_t i;

	if (!json_object_is_type(o, json_type_object) ||
	    stranger(o, known) != NULL)
		return "Invalid JSON payload received. Unknown name";
	if ((batch || json_get(o, "model") != NULL) && !names_model(c, o))
		return "model: unexpected model name format, or not the "
		    "model of the path";
	config = json_get(o, "embedContentConfig");
	if (config != NULL && stranger(config, inside) != NULL)
		return "Invalid JSON payload received. Unknown name";
	if (bad_options(o) != NULL)
		return bad_options(o);
	if (config != NULL && bad_options(config) != NULL)
		return bad_options(config);
	parts = json_get(json_get(o, "content"), "parts");
	for (i = 0; (part = json_at(parts, i)) != NULL; i++) {
		if (json_get_str(part, "text").p == NULL &&
		    json_get(part, "inlineData") == NULL)
			return "content.parts: no text";
		*bytes += json_get_str(part, "text").n;
	}
	return i > 0 ? NULL : "content is not specified";
}

static void
put_values(struct mock_call *c, struct json_object *o, size_t i)
{
	struct json_object *n = json_get(json_get(o, "embedContentConfig"),
	    "outputDimensionality");

	if (n == NULL)
		n = json_get(o, "outputDimensionality");
	buf_adds(&c->a->body, STR("{\"values\": "));
	vector(c, i, length(n), 0);
	buf_addc(&c->a->body, '}');
}

static void
google_end(struct mock_call *c, size_t bytes)
{
	if (tokens(c, bytes, ",\"usageMetadata\": {", "promptTokenCount"))
		buf_addc(&c->a->body, '}');
	buf_addc(&c->a->body, '}');
}

void
mock_gemini_embed(struct mock_call *c)
{
	struct json_object *root = NULL;
	const char *bad = "Invalid JSON";
	size_t bytes = 0;

	if (json_parse(c->body, &root) != 0 ||
	    (bad = bad_request(c, root, 0, &bytes)) != NULL)
		mock_request_error(c, 400, NULL, bad);
	else {
		c->a->ctype = "application/json; charset=UTF-8";
		buf_adds(&c->a->body, STR("{\"embedding\": "));
		put_values(c, root, 0);
		google_end(c, bytes);
	}
	json_object_put(root);
}

/* NULL, or what is wrong. */
static const char *
bad_batch(struct mock_call *c, struct json_object *root, size_t *bytes)
{
	static const char *const known[] = { "requests", NULL };
	struct json_object *l = json_get(root, "requests");
	const char *bad;
	size_t i;

	if (stranger(root, known) != NULL ||
	    !json_object_is_type(l, json_type_array) ||
	    json_object_array_length(l) == 0)
		return "requests is not specified";
	if (json_object_array_length(l) > GOOGLES)
		return "at most 100 requests can be in one batch";
	for (i = 0; i < json_object_array_length(l); i++)
		if ((bad = bad_request(c, json_at(l, i), 1, bytes)) != NULL)
			return bad;
	return NULL;
}

void
mock_gemini_embed_batch(struct mock_call *c)
{
	struct json_object *root = NULL, *l;
	const char *bad = "Invalid JSON";
	size_t bytes = 0, i;

	if (json_parse(c->body, &root) != 0 ||
	    (bad = bad_batch(c, root, &bytes)) != NULL)
		mock_request_error(c, 400, NULL, bad);
	else {
		c->a->ctype = "application/json; charset=UTF-8";
		buf_adds(&c->a->body, STR("{\"embeddings\": ["));
		l = json_get(root, "requests");
		for (i = 0; json_at(l, i) != NULL; i++) {
			if (i > 0)
				buf_addc(&c->a->body, ',');
			put_values(c, json_at(l, i), i);
		}
		buf_addc(&c->a->body, ']');
		google_end(c, bytes);
	}
	json_object_put(root);
}

/* --- Mistral ------------------------------------------------------------- */

static const char *
bad_mistral(struct json_object *root, size_t *n, size_t *bytes)
{
	struct str coding = json_get_str(root, "encoding_format");
	struct str type = json_get_str(root, "output_dtype");

	if (!are_texts(json_get(root, "input"), n, bytes))
		return "Input should be a valid string or a list of them";
	if (length(json_get(root, "output_dimension")) == 0)
		return "output_dimension: Input should be greater than 0";
	if (coding.p != NULL && !str_eqc(coding, "float") &&
	    !str_eqc(coding, "base64"))
		return "encoding_format: Input should be 'float' or 'base64'";
	if (type.p != NULL && !str_eqc(type, "float"))
		return "output_dtype: only 'float' here";
	return NULL;
}

static void
put_mistral(struct mock_call *c, struct json_object *root, size_t n,
    size_t bytes)
{
	int base64 = str_eqc(json_get_str(root, "encoding_format"), "base64");
	struct buf *b = &c->a->body;
	size_t i;

	buf_adds(b, STR("{\"id\":\"embd-0\",\"object\":\"list\",\"data\":["));
	for (i = 0; i < n; i++) {
		buf_printf(b, "%s{\"object\":\"embedding\",\"embedding\":",
		    i == 0 ? "" : ",");
		vector(c, i, length(json_get(root, "output_dimension")),
		    base64);
		buf_printf(b, ",\"index\":%zu}", i);
	}
	buf_adds(b, STR("],\"model\":\""));
	buf_add_json(b, str_of(c->model));
	buf_addc(b, '"');
	if (tokens(c, bytes, ",\"usage\":{", "prompt_tokens"))
		buf_printf(b, ",\"completion_tokens\":0,\"total_tokens\":"
		    "%lld}", (long long)c->a->tokens.input);
	buf_addc(b, '}');
}

void
mock_mistral_embed(struct mock_call *c)
{
	static const char *const known[] = { "model", "input", "metadata",
	    "output_dimension", "output_dtype", "encoding_format", NULL };
	struct json_object *root = NULL;
	const char *bad;
	size_t n, bytes;

	if (json_parse(c->body, &root) != 0)
		mock_request_error(c, 400, NULL, "Invalid JSON");
	else if ((bad = stranger(root, known)) != NULL)
		unknown(c, 422, bad);
	else if ((bad = bad_mistral(root, &n, &bytes)) != NULL)
		mock_request_error(c, 422, NULL, bad);
	else
		put_mistral(c, root, n, bytes);
	json_object_put(root);
}

/* --- Ollama -------------------------------------------------------------- */

static void
put_ollama(struct mock_call *c, size_t n, size_t bytes, unsigned len)
{
	struct buf *b = &c->a->body;
	size_t i;

	buf_adds(b, STR("{\"model\":\""));
	buf_add_json(b, str_of(c->model));
	buf_adds(b, STR("\",\"embeddings\":["));
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(b, ',');
		vector(c, i, len, 0);
	}
	buf_adds(b, STR("],\"total_duration\":14143917,"
	    "\"load_duration\":1019500"));
	tokens(c, bytes, ",", "prompt_eval_count");
	buf_addc(b, '}');
}

/* Parse, and refuse what is not there: NULL then. */
static struct json_object *
ollama_root(struct mock_call *c, const char *const *known)
{
	struct json_object *root = NULL;
	const char *bad;

	if (json_parse(c->body, &root) != 0)
		mock_request_error(c, 400, NULL, "invalid request");
	else if ((bad = stranger(root, known)) != NULL) {
		unknown(c, 400, bad);
		json_object_put(root);
		root = NULL;
	}
	return root;
}

void
mock_ollama_embed(struct mock_call *c)
{
	static const char *const known[] = { "model", "input", "truncate",
	    "dimensions", "keep_alive", "options", NULL };
	struct json_object *root = ollama_root(c, known);
	unsigned len = length(json_get(root, "dimensions"));
	size_t n, bytes;

	if (root == NULL)
		return;
	if (!are_texts(json_get(root, "input"), &n, &bytes) || len == 0)
		mock_request_error(c, 400, NULL, "invalid input type");
	else
		put_ollama(c, n, bytes, len);
	json_object_put(root);
}

void
mock_ollama_embed_old(struct mock_call *c)
{
	static const char *const known[] = { "model", "prompt", "keep_alive",
	    "options", NULL };
	struct json_object *root = ollama_root(c, known);

	if (root == NULL)
		return;
	if (json_get_str(root, "prompt").p == NULL)
		mock_request_error(c, 400, NULL, "prompt is missing");
	else {
		buf_adds(&c->a->body, STR("{\"embedding\":"));
		vector(c, 0, USUAL, 0);
		buf_addc(&c->a->body, '}');
	}
	json_object_put(root);
}
