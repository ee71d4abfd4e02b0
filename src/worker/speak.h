/*
 * speak.h - which format an operation has at a provider.
 */
#ifndef WORKER_SPEAK_H
#define WORKER_SPEAK_H

#include "dialect/codec.h"
#include "dialect/dialect.h"
#include "worker/endpoint.h"

enum speak {
	SPEAK_NOT,		/* cannot be done there */
	SPEAK_SAME,		/* as it is: not a byte is changed */
	SPEAK_TRANSLATED
};

/* How a request to e reaches p. */
enum speak speak_how(const struct endpoint *e, const struct conf_provider *p);
/* 1 when a request to e, which p takes as it is, has to be written anew since the
 * model has another name there. */
int speak_renames(const struct endpoint *e, const struct conf_provider *p,
    struct str asked, struct str model);
/* Providers with one of these operations may be able to (CONF_API_*). */
unsigned speak_apis(const struct endpoint *e);
/* What watches p's answers to e; e may be NULL (raw proxy: path below it). */
const struct dialect *speak_tap(const struct endpoint *e,
    const struct conf_provider *p, struct str path);
/* The client's side of it: keep-alives. */
const struct dialect *speak_client(const struct endpoint *e,
    const struct conf_provider *p);
/* The codecs of both sides; NULL when there is none. */
const struct codec *speak_client_codec(const struct endpoint *e);
const struct codec *speak_provider_codec(const struct endpoint *e,
    const struct conf_provider *p);
/* The one by which p counts tokens; NULL when it cannot. */
const struct codec *speak_counter(const struct conf_provider *p);
/* 1 when p has OpenAI's Responses API and no chat. */
int speak_responses(const struct conf_provider *p);
/* Who gets what is translated for that model. */
void speak_target(const struct conf_provider *p, struct str model,
    const struct price_list *prices, struct ir_target *out);
/* Those of embeddings. */
const struct embed_codec *speak_client_embed(const struct endpoint *e);
const struct embed_codec *speak_provider_embed(const struct conf_provider *p);
/* Does the name of a model stand in the path there? */
int speak_in_path(const struct conf_provider *p);
/* Path behind the provider's prefix for a translated request to e: in a. */
struct str speak_path(struct arena *a, const struct endpoint *e,
    const struct conf_provider *p, struct str model, int stream);

#endif
