/*
 * local_ollama.c - what Ollama's clients ask its server beside lists: its
 * version, what runs, what a model is.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * There is no file of a model here, so most that its server tells is empty. What
 * clients act on is there: what the model can do, and how long its context is.
 */
#include "base/clock.h"
#include "dialect/able.h"
#include "worker/local.h"
#include "worker/req.h"
#include "worker/speak.h"

/* Clients ask for it to know what they may send: the release whose interface
 * this is like. */
#define INTERFACE "0.12.6"

void
local_ollama_details(struct buf *b)
{
	buf_adds(b, STR("\"details\":{\"parent_model\":\"\",\"format\":\"\","
	    "\"family\":\"\",\"families\":[],\"parameter_size\":\"\","
	    "\"quantization_level\":\"\"}"));
}

int
local_ollama_version(struct req *r, struct buf *b)
{
	(void)r;
	buf_adds(b, STR("{\"version\":\"" INTERFACE "\"}"));
	return 200;
}

/* Models are at providers: none takes memory here. */
int
local_ollama_ps(struct req *r, struct buf *b)
{
	(void)r;
	buf_adds(b, STR("{\"models\":[]}"));
	return 200;
}

/* Does it reach the model, in whatever form? */
static int
can(struct arena *a, const struct ir_target *t, const char *feature)
{
	static const struct able_client client = { DIALECT_OLLAMA, 0 };
	enum able how;
	unsigned i;

	for (i = 0; able_name(i) != NULL; i++)
		if (strcmp(able_name(i), feature) == 0) {
			how = able_try(a, &client, t, i);
			return how == ABLE_KEPT || how == ABLE_CHANGED;
		}
	return 0;
}

/* Only its name tells that a model embeds. */
static int
is_embedding(const struct req *r, const struct conf_provider *p,
    struct str model)
{
	struct endpoint_match ep;

	endpoint_find(r->w->conf, HTTP1_POST, STR("/ollama/api/embed"),
	    STR_NULL, &ep);
	return ep.kind == ENDPOINT_ROUTED &&
	    speak_how(ep.ep, p) != SPEAK_NOT &&
	    str_find(model, STR("embed")) >= 0;
}

static void
capabilities(struct req *r, struct buf *b, const struct conf_provider *p,
    const struct ir_target *t)
{
	static const char *const rows[][2] = {
		{ "tools", "tools" }, { "vision", "images" },
		{ "thinking", "thinking_effort" },
	};
	size_t i;

	buf_adds(b, STR("\"capabilities\":["));
	if (is_embedding(r, p, t->model))
		buf_adds(b, STR("\"embedding\""));
	else {
		buf_adds(b, STR("\"completion\""));
		for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			if (can(r->arena, t, rows[i][1]))
				buf_printf(b, ",\"%s\"", rows[i][0]);
	}
	buf_addc(b, ']');
}

/* Clients look for the length of the context under the architecture's name. */
static void
model_info(struct buf *b, const struct ir_target *t)
{
	const char *name = conf_dialect_name(t->dialect);

	buf_printf(b, "\"model_info\":{\"general.architecture\":\"%s\"", name);
	if (t->known.context > 0)
		buf_printf(b, ",\"%s.context_length\":%llu", name,
		    (unsigned long long)t->known.context);
	buf_addc(b, '}');
}

void
local_ollama_modified(const struct req *r, struct buf *b)
{
	char when[CLOCK_RFC3339_SIZE];

	clock_rfc3339(r->w->conf->loaded_us, when);
	buf_printf(b, ",\"modified_at\":\"%s\"", when);
}

int
local_ollama_show(struct req *r, struct buf *b)
{
	const struct catalog_target *first = &r->route.targets[0];
	struct ir_target t;

	speak_target(first->provider, first->model, r->w->prices, &t);
	buf_adds(b, STR("{\"license\":\"\",\"modelfile\":\"\","
	    "\"parameters\":\"\",\"template\":\"\",\"system\":\"\","));
	local_ollama_details(b);
	buf_addc(b, ',');
	model_info(b, &t);
	buf_addc(b, ',');
	capabilities(r, b, first->provider, &t);
	local_ollama_modified(r, b);
	buf_addc(b, '}');
	return 200;
}
