/*
 * an_put.h - between anthropic_put.c and anthropic_out.c.
 */
#ifndef DIALECT_AN_PUT_H
#define DIALECT_AN_PUT_H

#include "dialect/an.h"

enum an_kind { K_TEXT, K_THINKING, K_REDACTED, K_CALL };

struct an_block {
	struct an_block	*next;
	enum an_kind	 kind;
	unsigned	 call;
	enum conf_dialect from;		/* of thinking */
	struct str	 id, name;	/* of a call */
	struct buf	 sign;		/* of thinking, sealed, as it goes out;
					   what is redacted */
	struct buf	 queue;		/* text that has not gone out */
	int		 done;
};

struct an_out {
	struct an_block	*first, *last;	/* stream: calls only behind head */
	struct an_block	*kept;		/* the last of those */
	struct an_block	*spare;		/* to be used again */
	struct an_block	*cur;		/* started and not stopped */
	struct an_block	*head;		/* the first that is not stopped */
	unsigned	 index;		/* of the next block */
	unsigned	 calls;
	int		 stream, started, dead;
	struct buf	 refusal;
	int		 refused;
	enum ir_finish	 finish;
	struct str	 sequence;
	struct price_usage usage;
};

/* Events of a stream, appended: 0 or a buf.h error. */
int an_out_start(struct codec_out *o);
int an_out_block(struct codec_out *o, const struct an_block *b,
    unsigned index);
int an_out_text(struct codec_out *o, const struct an_block *b, unsigned index,
    struct str text);
int an_out_stop(struct codec_out *o, const struct an_block *b, unsigned index);
/* message_delta and message_stop. */
int an_out_end(struct codec_out *o, const struct an_out *s);
/* All blocks as one message. */
int an_out_message(struct codec_out *o, const struct an_out *s);

#endif
