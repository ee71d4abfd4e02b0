/*
 * ask.h - one small question to a provider, with its whole answer.
 *
 * What model lists and probes need on top of upstream/fetch.h: credential and
 * fixed headers, a body with a maximum, the time it took.
 */
#ifndef CHECKER_ASK_H
#define CHECKER_ASK_H

#include "conf/conf.h"
#include "upstream/fetch.h"

struct ask_req {
	const struct conf_provider *provider;
	struct fetch_host *host;
	const struct secret *key;	/* NULL: without credential */
	const char	*method, *path;	/* whole path, with base_path */
	const char	*body;		/* "" or JSON */
	int64_t		 timeout_us;
	size_t		 max;		/* most bytes of an answer */
};

struct ask_result {
	enum outcome	 outcome;
	int		 status;	/* 0: no head came */
	const char	*why;		/* text of the outcome, "" when OK */
	struct str	 body;
	int		 cut;		/* the answer was longer than max */
	int64_t		 took_us;
};

struct ask;

/*
 * Ask. done is called once, from the loop, never from inside here; the ask
 * frees itself after it. The request's strings need not stay.
 */
struct ask *ask_start(struct ev_loop *loop, struct fetch_set *set,
    const struct ask_req *req,
    void (*done)(void *arg, const struct ask_result *res), void *arg);
/* Give up, done is not called; accepts NULL, sets NULL. */
void ask_cancel(struct ask **ap);

#endif
