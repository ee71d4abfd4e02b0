/*
 * models.h - model lists of providers that name none.
 */
#ifndef CHECKER_MODELS_H
#define CHECKER_MODELS_H

#include "conf/conf.h"
#include "state/state.h"
#include "upstream/fetch.h"

#define MODELS_MAX	20000		/* ids of one provider */
#define MODELS_ID_MAX	256		/* bytes of one id */

/*
 * Walk the model ids in a provider's answer: the lists of OpenAI, Anthropic
 * and Mistral ("data": [{"id"}]), Gemini ("models": [{"name": "models/x"}]),
 * Ollama ("models": [{"name"}]) and a bare array. Ids that are too long or
 * hold control bytes are left out. The number told, or ERR_FORMAT when it is
 * none of these.
 */
int models_parse(struct str body, void (*fn)(void *arg, struct str id),
    void *arg);

struct models;

struct models *models_new(struct ev_loop *loop, struct state *st,
    struct fetch_set *set);
/* Fetch this provider's list now and every models_ttl. */
void models_add(struct models *m, const struct conf_provider *p,
    struct fetch_host *host);
/* Stop: no further fetch, those under way are given up. */
void models_free(struct models **mp);

#endif
