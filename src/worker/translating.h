/*
 * translating.h - between translate.c and flow_translate.c.
 */
#ifndef WORKER_TRANSLATING_H
#define WORKER_TRANSLATING_H

#include "base/slice.h"
#include "dialect/embed.h"
#include "worker/translate.h"

struct translate {
	const struct codec *client, *provider;
	struct arena	*a;		/* neutral request, states of codecs */
	struct arena	*tmp;		/* of one event */
	uint64_t	 counted;	/* of all of it in the budget */
	size_t		 max;		/* bytes of an answer */
	struct slice	*slice;		/* long work under way */
	struct ir_req	 q;
	struct embed	*embed;		/* instead of a chat */
	struct ir_note	 note;
	struct codec_in	 in;
	struct codec_out out;
	struct codec_bill bill;
	struct buf	 body;		/* for the provider */
	struct buf	 answer;	/* for the client, to be pushed */
	size_t		 clean;		/* of it, hide_echo has had that */
	struct buf	 events;	/* of a whole answer */
	int		 unread;	/* the client's body cannot be read */
	int		 counts;	/* tokens, and makes none */
	struct buf	 event;		/* a long one of a stream, under way */
	int		 ending, ended;	/* the end of a stream */
	int		 begun, error;
	int		 whole;		/* nothing is told before all is read */
	int		 over;		/* the end was told, or an error */
	enum fault	 fault;		/* that error */
	struct str	 said;		/* its text, when whole */
};

/* Do fn(r), the work of about so many bytes, or go on with it: what it returns,
 * or ERR_AGAIN. */
int translate_work(struct req *r, int (*fn)(void *), size_t bytes);
/* The answer begins. */
void translate_begin(struct req *r);
/* Tell the budget what is held now. */
void translate_count(struct req *r);

#endif
