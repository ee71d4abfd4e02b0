/*
 * flow.h - the way of an answer's bytes: a chain of filters, built in TRY.
 *
 * Same dialect: tap -> hold -> [withhold] -> out. The tap gets const bytes and
 * passes the same bytes on: it has nothing to write to. hold keeps them until
 * the request has decided that this attempt is the answer. An error's answer
 * gets one more link behind hold, hide.
 */
#ifndef WORKER_FLOW_H
#define WORKER_FLOW_H

#include "base/buf.h"

struct req;
struct filter;

struct filter_ops {
	const char	*name;
	void	(*push)(struct filter *f, const char *p, size_t n);
	/* No more bytes; ok: the provider's answer was complete. */
	void	(*end)(struct filter *f, int ok);
	void	(*fini)(struct filter *f);
};

struct filter {
	const struct filter_ops *ops;
	struct filter	*next;
	struct req	*r;
	struct buf	 buf;
	int		 state;
	int		 line;		/* of sse_skip */
	size_t		 given;		/* hold: of what it has; hide: will
					   be, and is clean */
};

#define FLOW_MAX 5

struct flow {
	struct filter	 f[FLOW_MAX];
	unsigned	 n;
};

/* Build the chain for the attempt that r is about to start. */
void flow_build(struct req *r);
/* Tell the budget what the filters hold now. */
void flow_count(struct req *r);
/* Hide secrets (hide.h) in what hold will let go and all behind it. */
void flow_hide(struct req *r);
/* What they hold may have secrets: overwrite it when it is freed. */
void flow_wipe(struct flow *fl);
/* Free what the filters hold; the flow is empty. */
void flow_fini(struct req *r);
void flow_push(struct flow *fl, const char *p, size_t n);
void flow_end(struct flow *fl, int ok);
/* What hold has is a stream after all (up_frame): the tap looks at it. */
void flow_retell(struct flow *fl);
/* An answer that is no stream begins before it is whole: from here on its end is
 * kept for the usage that stands there, and its text is counted. */
void flow_let_go(struct req *r);
/* Bytes of text that came of an answer that is no stream and was not whole. */
uint64_t flow_text(const struct req *r);
/* The hold filter: what it has until it is opened. */
const struct buf *flow_held(const struct flow *fl);
/* It is b instead, which is empty then. */
void flow_replace(struct flow *fl, struct buf *b);
/* Let go of it: 0 when all is gone and bytes pass, ERR_AGAIN when this turn has
 * had enough of it (what comes meanwhile stays behind it). */
int flow_open(struct flow *fl);
/* 1 when the client has an incomplete event (no keep-alive may be put in). */
int flow_inside_event(const struct flow *fl);
/* What it has of it; empty when that was too long to be kept. */
struct str flow_rest(const struct flow *fl);

extern const struct filter_ops flow_tap_ops, flow_hold_ops,
    flow_hide_ops, flow_withhold_ops, flow_out_ops;

#endif
