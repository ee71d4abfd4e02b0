/*
 * speak.c - which format an operation has at a provider.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "dialect/embed.h"
#include "worker/speak.h"

static const struct codec *
row(enum conf_dialect d)
{
	return codec_get(d, 0);
}

int
speak_responses(const struct conf_provider *p)
{
	return (p->apis & (CONF_API_CHAT | CONF_API_RESPONSES)) ==
	    CONF_API_RESPONSES;
}

const struct embed_codec *
speak_client_embed(const struct endpoint *e)
{
	return row(e->dialect)->embed;
}

const struct embed_codec *
speak_provider_embed(const struct conf_provider *p)
{
	return row(p->dialect)->embed;
}

/* The same for embeddings: Ollama's servers have OpenAI's form too. */
static int
is_same_embed(const struct endpoint *e, const struct conf_provider *p)
{
	const char *others = row(p->dialect)->others;

	if (!(p->apis & CONF_API_EMBEDDINGS))
		return 0;
	return speak_client_embed(e) == speak_provider_embed(p) ||
	    (speak_client_embed(e) == &embed_openai && others != NULL &&
	    *others != '\0');
}

/* The format of the operation itself, if p has it. */
static int
is_same(const struct endpoint *e, const struct conf_provider *p)
{
	if (e->flags & ENDPOINT_UNIFIED)
		return 0;
	if (endpoint_embeds(e))
		return is_same_embed(e, p);
	if (e->api == CONF_API_MESSAGES || e->api == CONF_API_RESPONSES)
		return (p->apis & e->api) != 0;
	if (e->api != 0 && !(p->apis & e->api))
		return 0;
	if (row(e->dialect)->others == NULL ||
	    (e->dialect == DIALECT_MISTRAL && (e->api & CONF_API_COMPLETIONS)))
		return p->dialect == e->dialect;
	if ((e->flags & ENDPOINT_CHAT) && !(e->api & CONF_API_COMPLETIONS))
		return row(e->dialect)->like == row(p->dialect)->like;
	return row(p->dialect)->others != NULL;
}

const struct codec *
speak_counter(const struct conf_provider *p)
{
	const struct codec *c = codec_get(p->dialect, p->dialect ==
	    DIALECT_OPENAI && (p->apis & CONF_API_RESPONSES));

	return c != NULL && c->count != NULL && (p->apis & (CONF_API_CHAT |
	    CONF_API_RESPONSES)) ? c : NULL;
}

enum speak
speak_how(const struct endpoint *e, const struct conf_provider *p)
{
	if (is_same(e, p))
		return SPEAK_SAME;
	if (e->flags & ENDPOINT_COUNTS)
		return speak_counter(p) != NULL ? SPEAK_TRANSLATED : SPEAK_NOT;
	if (endpoint_embeds(e))
		return (p->apis & CONF_API_EMBEDDINGS) &&
		    speak_provider_embed(p) != NULL ? SPEAK_TRANSLATED :
		    SPEAK_NOT;
	if (!(e->flags & ENDPOINT_CHAT) || (e->api & CONF_API_COMPLETIONS) ||
	    !(p->apis & (CONF_API_CHAT | CONF_API_RESPONSES)) ||
	    speak_client_codec(e) == NULL ||
	    speak_provider_codec(e, p) == NULL)
		return SPEAK_NOT;
	return SPEAK_TRANSLATED;
}

int
speak_renames(const struct endpoint *e, const struct conf_provider *p,
    struct str asked, struct str model)
{
	return endpoint_embeds(e) && speak_client_embed(e) != NULL &&
	    speak_client_embed(e)->names && is_same(e, p) &&
	    !str_eq(asked, model);
}

unsigned
speak_apis(const struct endpoint *e)
{
	return endpoint_embeds(e) ||	/* to be refused by what it is */
	    (e->flags & (ENDPOINT_CHAT | ENDPOINT_COUNTS)) ?
	    e->api | CONF_API_CHAT | CONF_API_RESPONSES : e->api;
}

const struct dialect *
speak_client(const struct endpoint *e, const struct conf_provider *p)
{
	return e == NULL ? dialect_get(p->dialect) :
	    dialect_of_api(e->dialect, e->api);
}

static int
has_end(struct str path, struct str end)
{
	return path.n >= end.n && str_ieq(str_skip(path, path.n - end.n), end);
}

const struct dialect *
speak_tap(const struct endpoint *e, const struct conf_provider *p,
    struct str path)
{
	const char *others = row(p->dialect)->others;

	/* It has OpenAI's interface too, below a path of its own. */
	if (e == NULL && others != NULL && *others != '\0' &&
	    str_starts(path, str_of(others)))
		return dialect_get(DIALECT_OPENAI);
	/* On a raw path the name tells of the formats that servers of OpenAI's
	 * have beside it: their usage has other names. */
	if (e == NULL && dialect_get(p->dialect) ==
	    dialect_get(DIALECT_OPENAI)) {
		if (has_end(path, STR("/responses")))
			return dialect_of_api(p->dialect, CONF_API_RESPONSES);
		if (has_end(path, STR("/messages")))
			return dialect_of_api(p->dialect, CONF_API_MESSAGES);
	}
	if (e != NULL && is_same(e, p))
		return speak_client(e, p);
	if (e != NULL && !endpoint_embeds(e) && speak_responses(p))
		return dialect_of_api(p->dialect, CONF_API_RESPONSES);
	return dialect_get(p->dialect);
}

const struct codec *
speak_client_codec(const struct endpoint *e)
{
	if (e->flags & ENDPOINT_UNIFIED)
		return &codec_unified;
	return codec_get(e->dialect, e->api == CONF_API_RESPONSES);
}

const struct codec *
speak_provider_codec(const struct endpoint *e, const struct conf_provider *p)
{
	if (endpoint_embeds(e))
		return row(p->dialect);
	if (e->flags & ENDPOINT_COUNTS)
		return speak_counter(p);
	return codec_get(p->dialect, speak_responses(p));
}

void
speak_target(const struct conf_provider *p, struct str model,
    const struct price_list *prices, struct ir_target *out)
{
	memset(out, 0, sizeof(*out));
	out->dialect = p->dialect;
	out->responses = speak_responses(p);
	out->model = model;
	out->known = price_model(prices, model);
	out->generic = p->dialect == DIALECT_OPENAI &&
	    strcmp(p->host, "api.openai.com") != 0;
}

int
speak_in_path(const struct conf_provider *p)
{
	return p->dialect == DIALECT_AZURE ||
	    strstr(codec_get(p->dialect, 0)->path, "{model}") != NULL;
}

struct str
speak_path(struct arena *a, const struct endpoint *e,
    const struct conf_provider *p, struct str model, int stream)
{
	const struct codec *c = speak_provider_codec(e, p);
	struct str path = str_of(endpoint_embeds(e) ?
	    speak_provider_embed(p)->path :
	    e->flags & ENDPOINT_COUNTS ? c->count->path :
	    stream && c->stream_path != NULL ? c->stream_path : c->path);
	struct str mark = STR("{model}");
	long at = str_find(path, mark);

	if (at < 0)
		return path;
	return str_of(arena_printf(a, "%.*s%.*s%s", (int)at, path.p,
	    STR_ARG(model), path.p + (size_t)at + mark.n));
}
