/*
 * simple.h - a small HTTP client for the checker and the admin process.
 *
 * Whole answers, no streaming, never blocks. It is libcurl's, with the same
 * rules as the exchanges of the workers: no redirects, addresses checked.
 */
#ifndef UPSTREAM_SIMPLE_H
#define UPSTREAM_SIMPLE_H

#include "base/ev.h"
#include "conf/conf.h"
#include "net/hdr.h"
#include "upstream/multi.h"
#include "upstream/outcome.h"

struct simple;

struct simple_req {
	const char	*method;	/* "GET" */
	const char	*url;		/* "https://host/path" */
	const struct hdr *headers;
	unsigned	 n_headers;
	struct str	 body;		/* p NULL: none */
	int64_t		 timeout_us;	/* of everything; 0: 30 s */
	size_t		 max_body;	/* kept of the answer; 0: 1 MiB */
	/* TLS, proxy and allow_private of a provider; NULL: verified against
	 * the system's CAs, any address. Not kept. */
	const struct conf_provider *provider;
	/* Addresses to connect to (those of the proxy when there is one). A
	 * host that is an IP literal needs none; without any, libcurl looks
	 * the name up in a thread of its own. Not kept. */
	const unsigned char (*addr)[16];
	unsigned	 n_addr;
};

struct simple_answer {
	enum outcome	 outcome;
	const char	*error;		/* "" when OUTCOME_OK */
	int		 status;	/* 0: none */
	const struct hdr *headers;	/* all valid during the callback only */
	unsigned	 n_headers;
	struct str	 body;
	int		 cut;		/* the body was longer than max_body */
	int64_t		 elapsed_us;
	unsigned char	 peer[16];
};

typedef void simple_fn(void *arg, const struct simple_answer *a);

/*
 * Start; all of r is copied. fn is called once, never from inside here, and
 * *s is then to be released with simple_cancel (also from inside fn).
 */
struct simple *simple_request(struct ev_loop *loop, struct multi *m,
    const struct simple_req *r, simple_fn *fn, void *arg);
/* Give up without a callback; accepts NULL, sets NULL. */
void simple_cancel(struct simple **sp);

#endif
