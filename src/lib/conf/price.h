/*
 * price.h - what a token costs: prices.conf and the prices of the file.
 */
#ifndef CONF_PRICE_H
#define CONF_PRICE_H

#include "conf/conf.h"

/* Tokens of one answer; reasoning is part of output, cached and cache_write
 * are parts of input. */
struct price_usage {
	uint64_t	input, output, cached, cache_write, reasoning;
	uint64_t	cache_hour;	/* of cache_write: kept for an hour */
};

/* What a model takes, in the order of PRICE_TRAITS. */
#define TRAIT_SAMPLING	0x001u	/* temperature, top_p, top_k */
#define TRAIT_STOP	0x002u	/* stop sequences */
#define TRAIT_PREFILL	0x004u	/* an assistant's message at the end */
#define TRAIT_BUDGET	0x008u	/* thinking with a budget of tokens */
#define TRAIT_ADAPTIVE	0x010u	/* adaptive thinking with an effort */
#define TRAIT_EFFORT	0x020u	/* levels of effort where others have on and
				   off, or a budget */
#define TRAIT_MAX	0x040u	/* the effort "max" */
#define TRAIT_XHIGH	0x080u	/* the effort "xhigh" */
#define TRAIT_SCHEMA	0x100u	/* an answer that matches a schema */
#define TRAIT_SYSTEM	0x200u	/* role system between messages */
#define TRAIT_MARKS	0x400u	/* marks behind which a prompt is kept */
#define PRICE_TRAITS "sampling|stop|prefill|budget|adaptive|effort|max|xhigh|" \
	"schema|system|marks"

/* A model, as far as prices.conf tells of it; for the rest the codecs know
 * names. */
struct price_model {
	uint64_t	 context, max_output;	/* tokens; 0: unknown */
	unsigned	 can, cannot;	/* TRAIT_* */
};

struct price_list;

/*
 * Read prices.conf (libconfig; etc/prices.conf describes it). A missing file
 * is an empty list and a warning in the report: 0. ERR_FORMAT when the report
 * has mistakes; then *out is NULL.
 */
int price_load(const char *path, struct price_list **out,
    struct conf_report *report);
void price_free(struct price_list **pp);
/* Read prices.file of c only to report its mistakes: 0, or ERR_FORMAT. */
int price_check(const struct conf *c, struct conf_report *report);
/*
 * Price of model at provider: the target's (t may be NULL), the provider's
 * (p may be NULL), prices.conf (exact, then longest prefix; l may be NULL),
 * else conf.prices defaults.
 * Returns 0, or ERR_NOTFOUND when prices.unknown = "refuse" and none is known.
 */
int price_find(const struct price_list *l, const struct conf *c,
    const struct conf_provider *p, const struct conf_target *t,
    struct str model, struct conf_price *out);
/* Cost in pico-dollars, saturating, never negative. */
int64_t price_cost(const struct conf_price *p, const struct price_usage *u);
/* Largest output of the model in tokens, or 0 when unknown. */
uint64_t price_max_output(const struct price_list *l, struct str model);
/* Tokens of input the model takes, or 0 when unknown. */
uint64_t price_context(const struct price_list *l, struct str model);

/* All of it at once; zero when it is not listed. */
struct price_model price_model(const struct price_list *l, struct str model);

#endif
