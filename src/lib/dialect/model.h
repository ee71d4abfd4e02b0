/*
 * model.h - what a model takes, told by its name.
 *
 * Asked only where prices.conf says nothing of it (ir_can).
 */
#ifndef DIALECT_MODEL_H
#define DIALECT_MODEL_H

#include "dialect/ir.h"

/* TRAIT_* of a model of Anthropic's. */
unsigned an_traits(struct str model);

/* reasoning_effort for a neutral one; "": nothing has to be said; NULL: it
 * cannot. */
const char *chat_openai_effort(struct str model, const char *effort);
const char *chat_generic_effort(struct str model, const char *effort);
const char *chat_groq_effort(struct str model, const char *effort);
const char *chat_mistral_effort(struct str model, const char *effort);
/* One of these for t, unless prices.conf knows whether it has levels. */
const char *model_effort(const struct ir_target *t, const char *asked,
    const char *(*by_name)(struct str model, const char *effort));
/* The least that a model can be told to think; NULL: it does not think at
 * all, "" when we do not know it. */
const char *model_least_effort(const struct ir_target *t);
int chat_takes_marks(struct str model);
int chat_takes_sampling(struct str model, int thinks);
int chat_takes_stop(struct str model);
/* It has levels of effort wherever it runs. */
int model_is_oss(struct str model);

struct ge_model {
	unsigned	 major, minor;	/* 0 0: unknown, taken as the newest */
	unsigned	 pro : 1, lite : 1;
};
struct ge_model ge_model(struct str name);
/* Thinks by a level ("HIGH"), not by a budget; may need signatures. */
int ge_has_levels(struct ge_model m);

#endif
