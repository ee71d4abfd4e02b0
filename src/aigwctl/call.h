/*
 * call.h - HTTP requests of the tools "test" and "try".
 */
#ifndef AIGWCTL_CALL_H
#define AIGWCTL_CALL_H

#include "aigwctl/aigwctl.h"
#include "upstream/fetch.h"

struct call_to;			/* one gateway: address, key */

struct call_answer {
	enum outcome	 outcome;
	char		 why[128];	/* when the outcome is not OK */
	int		 status;	/* 0: no head came */
	int64_t		 head_us, end_us, first_us;	/* since the start */
	struct buf	 body;
	/* of the answer's head; "" when not there */
	char		 type[96], provider[80], model[160], attempts[16],
			 cost[40], request_id[80];
};

/*
 * url: "http://host:port" or https, a path at the end is dropped; NULL: the
 * first public listener of the configuration. key: NULL: from the environment
 * (AIGW_KEY), "" for none. NULL with a message on stderr when that is no URL
 * or the name does not resolve.
 */
struct call_to *call_to_new(const struct ctl *c, const char *url,
    const char *key);
void call_to_free(struct call_to **tp);
const char *call_to_url(const struct call_to *t);
int call_to_has_key(const struct call_to *t);
/*
 * One request; body NULL: none. bytes (may be NULL) sees the answer as it
 * comes. The caller frees the answer with call_answer_free.
 */
void call_run(struct call_to *t, const char *method, const char *path,
    const char *body, void (*bytes)(void *arg, const char *p, size_t n),
    void *arg, struct call_answer *out);
void call_answer_free(struct call_answer *a);
/* The code of an error answer in OpenAI's format, "" when there is none. */
void call_error_code(const struct call_answer *a, char *dst, size_t size);
/* The message inside an error answer, else its beginning, cut to dst. */
void call_error_text(const struct call_answer *a, char *dst, size_t size);

#endif
