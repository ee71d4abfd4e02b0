/*
 * mock_azure.c - OpenAI's operations below Azure's deployments.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 *
 * The model is the deployment in the path, the version must stand in the
 * query, and a stream begins with a chunk about the filters of the prompt.
 */
#include "mock/mock_answer.h"
#include "mock/mock_dialects.h"
#include "mock/mock_openai.h"
#include "mock/mock_request.h"

static void
error(struct mock_answer *a, int status, const char *code,
    const char *message)
{
	mock_openai_error(a, status, code, message);
	if (status != 401 && status != 404)
		return;
	buf_reset(&a->body);
	buf_printf(&a->body, "{\"error\":{\"code\":\"%s\",\"message\":\"%s\"}}",
	    status == 401 ? "401" : "DeploymentNotFound", status == 401 ?
	    "Access denied due to invalid subscription key or wrong API "
	    "endpoint." : "The API deployment for this resource does not "
	    "exist.");
}

static enum mock_next
first(struct mock_answer *a, struct buf *b)
{
	a->next = mock_openai_next;
	buf_adds(b, STR("data: {\"choices\":[],\"created\":0,\"id\":\"\","
	    "\"model\":\"\",\"object\":\"\",\"prompt_filter_results\":"
	    "[{\"prompt_index\":0,\"content_filter_results\":{\"hate\":"
	    "{\"filtered\":false,\"severity\":\"safe\"}}}]}\n\n"));
	return MOCK_NEXT_NOW;
}

/* 1 when the version is there; else the answer is an error. */
static int
has_version(struct mock_call *c)
{
	if (mock_request_query(c, "api-version").n > 0)
		return 1;
	error(c->a, 404, NULL, NULL);
	return 0;
}

static void
chat(struct mock_call *c)
{
	if (!has_version(c))
		return;
	mock_openai_chat(c);
	if (c->a->next == mock_openai_next)
		c->a->next = first;
}

/* The deployment is the model; what a form says of it does not count. */
#define VERSIONED(name, fn)						\
	static void							\
	name(struct mock_call *c)					\
	{								\
		if (has_version(c))					\
			fn(c);						\
	}
VERSIONED(completion, mock_openai_completion)
VERSIONED(embeddings, mock_openai_embeddings)
VERSIONED(images, mock_openai_images)
VERSIONED(speech, mock_openai_speech)
VERSIONED(transcription, mock_openai_transcription)
VERSIONED(responses, mock_responses)

/* The interface without versions refuses those that it does not know. */
static void
responses_v1(struct mock_call *c)
{
	struct str v = mock_request_query(c, "api-version");

	if (v.n > 0 && !str_eqc(v, "preview") && !str_eqc(v, "latest"))
		error(c->a, 400, NULL, "API version not supported");
	else
		mock_responses(c);
}

static void
missing(struct mock_call *c)
{
	error(c->a, 404, NULL, NULL);
	buf_reset(&c->a->body);
	buf_adds(&c->a->body, STR("{\"error\":{\"code\":\"404\",\"message\":"
	    "\"Resource not found\"}}"));
}

#define DEPLOYED(op) "*/openai/deployments/*/" op
#define FORM (MOCK_FORM | MOCK_MODEL | MOCK_IN_PATH)

static const struct mock_endpoint endpoints[] = {
	{ "POST", DEPLOYED("audio/transcriptions"), "transcriptions", FORM,
	    transcription },
	{ "POST", DEPLOYED("audio/translations"), "translations", FORM,
	    transcription },
	{ "POST", DEPLOYED("audio/speech"), "speech",
	    MOCK_JSON | MOCK_MODEL | MOCK_IN_PATH, speech },
	{ "POST", DEPLOYED("images/edits"), "images", FORM, images },
	{ "POST", DEPLOYED("images/generations"), "images",
	    MOCK_JSON | MOCK_MODEL | MOCK_IN_PATH, images },
	{ "POST", "/openai/responses", "responses", MOCK_JSON | MOCK_MODEL,
	    responses },
	{ "POST", "/openai/responses/*", "missing", MOCK_JSON, missing },
	{ "POST", "/openai/v1/responses", "responses",
	    MOCK_JSON | MOCK_MODEL, responses_v1 },
	{ "POST", "*/openai/deployments/*/chat/completions", "chat",
	    MOCK_JSON | MOCK_MODEL | MOCK_IN_PATH, chat },
	{ "POST", "*/openai/deployments/*/completions", "completions",
	    MOCK_JSON | MOCK_MODEL | MOCK_IN_PATH, completion },
	{ "POST", "*/openai/deployments/*/embeddings", "embeddings",
	    MOCK_JSON | MOCK_MODEL | MOCK_IN_PATH, embeddings },
	{ NULL, NULL, NULL, 0, NULL }
};

const struct mock_dialect mock_azure = {
	"azure", endpoints, error, mock_openai_error_event
};
