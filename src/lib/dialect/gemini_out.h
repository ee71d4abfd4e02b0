/*
 * gemini_out.h - what encoding an answer for a client of Gemini remembers.
 */
#ifndef DIALECT_GEMINI_OUT_H
#define DIALECT_GEMINI_OUT_H

#include "dialect/ge.h"

#define GE_OUT_CHOICES	16u
#define GE_ARGS_MAX	(16u << 20)

struct ge_call {
	struct ge_call	*next;
	unsigned	 choice, call;
	int		 custom, done;
	struct str	 id, name, signature;
	struct buf	 args;
};

struct ge_out {
	struct codec_out *o;
	struct jw	 w;
	int		 body;		/* parts go into an open array */
	unsigned	 chunks;
	int		 hidden;	/* a thought was left out */
	int		 dead;		/* nothing follows */
	struct ge_call	*calls;
	struct {
		enum ir_finish	 finish;
		struct str	 native, text;
	}		 end[GE_OUT_CHOICES];
	struct price_usage usage;
	int		 has_usage;
};

struct ge_out *ge_out(struct codec_out *o);
/* One event; its part goes into a chunk, or into the open array of a body. */
int ge_out_event(struct ge_out *s, const struct ir_event *ev);
/* Calls of the choice whose end was not told. */
void ge_out_calls(struct ge_out *s, unsigned choice);
/* Members: finishReason and index; usageMetadata; what ends each answer. */
void ge_out_reason(struct ge_out *s, unsigned choice);
void ge_out_usage(struct ge_out *s);
void ge_out_tail(struct ge_out *s);

#endif
