/*
 * mock_gemini_misc.c - Gemini's endpoints beside generateContent.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 */
#include "mock/mock_answer.h"
#include "mock/mock_dialects.h"
#include "mock/mock_gemini.h"
#include "mock/mock_request.h"
#include "mock/mock_text.h"

static const char type[] = "application/json; charset=UTF-8";

/* NULL, or what is wrong with a request that is to be counted. */
static const char *
check_count(struct mock_call *c, struct json_object *root)
{
	static const char *const known[] = { "contents",
	    "generateContentRequest", NULL };
	struct json_object *q = mock_gemini_get(root, "generateContentRequest",
	    "generate_content_request");
	struct str model = json_get_str(q, "model");

	if (q == NULL && json_get(root, "contents") == NULL)
		return "contents is not specified";
	if (q == NULL)
		return mock_request_extra(root, known) != NULL ?
		    "Unknown name: Cannot find field." : NULL;
	if (json_get(root, "contents") != NULL)
		return "contents and generateContentRequest are mutually "
		    "exclusive";
	if (!str_starts(model, STR("models/")) ||
	    !str_eqc(str_skip(model, 7), c->model))
		return "generateContentRequest.model is not the model of the "
		    "path";
	return mock_gemini_check(q, c->model);
}

void
mock_gemini_count(struct mock_call *c)
{
	struct json_object *root = NULL, *l;
	struct str text = c->w[MOCK_W_CONTENTS].raw;
	const char *bad = "Invalid JSON payload received.";
	struct buf b;

	buf_init(&b, MOCK_BODY_MAX);
	if (json_parse(c->body, &root) == 0)
		bad = check_count(c, root);
	if (bad == NULL && text.n == 0 &&
	    (l = json_get(mock_gemini_get(root, "generateContentRequest",
	    "generate_content_request"), "contents")) != NULL) {
		json_write(&b, l);
		text = buf_str(&b);
	}
	if (bad != NULL)
		mock_request_error(c, 400, NULL, bad);
	else {
		c->a->ctype = type;
		buf_printf(&c->a->body, "{\"totalTokens\": %lld,"
		    "\"promptTokensDetails\": [{\"modality\": \"TEXT\","
		    "\"tokenCount\": %lld}]}",
		    (long long)mock_text_count(text.n),
		    (long long)mock_text_count(text.n));
	}
	buf_free(&b);
	json_object_put(root);
}

static const char *const usual_models[] = {
	"gemini-2.5-flash", "gemini-2.5-pro", "gemini-3-flash-preview",
	"gemini-embedding-001", NULL
};

static void
put_model(struct buf *b, const char *name)
{
	buf_adds(b, STR("{\"name\": \"models/"));
	buf_add_json(b, str_of(name));
	buf_adds(b, STR("\",\"version\": \"001\",\"displayName\": \""));
	buf_add_json(b, str_of(name));
	buf_adds(b, STR("\",\"inputTokenLimit\": 1048576,"
	    "\"outputTokenLimit\": 65536,\"supportedGenerationMethods\": "
	    "[\"generateContent\",\"countTokens\"],\"temperature\": 1,"
	    "\"topP\": 0.95,\"topK\": 64,\"maxTemperature\": 2,"
	    "\"thinking\": true}"));
}

void
mock_gemini_models(struct mock_call *c)
{
	const char *const *l = mock_gen_models(c, usual_models);
	size_t i;

	c->a->ctype = type;
	buf_adds(&c->a->body, STR("{\"models\": ["));
	for (i = 0; l[i] != NULL; i++) {
		if (i > 0)
			buf_addc(&c->a->body, ',');
		put_model(&c->a->body, l[i]);
	}
	buf_adds(&c->a->body, STR("]}"));
}

void
mock_gemini_model(struct mock_call *c)
{
	const char *const *l = mock_gen_models(c, usual_models);

	for (; *l != NULL; l++)
		if (strcmp(c->model, *l) == 0) {
			c->a->ctype = type;
			put_model(&c->a->body, *l);
			return;
		}
	mock_request_error(c, 404, NULL, NULL);
}
