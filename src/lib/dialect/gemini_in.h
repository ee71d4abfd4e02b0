/*
 * gemini_in.h - what decoding an answer of Gemini remembers.
 */
#ifndef DIALECT_GEMINI_IN_H
#define DIALECT_GEMINI_IN_H

#include "dialect/ge.h"

#define GE_CHOICES	16u

struct ge_in {
	unsigned	 calls[GE_CHOICES];	/* so far */
	enum ir_finish	 finish[GE_CHOICES];
	struct str	 native[GE_CHOICES], words[GE_CHOICES];
	unsigned char	 said[GE_CHOICES];
	int		 due;		/* a finish was not said yet */
	int		 dead;		/* an error was said */
	int		 custom;	/* the call's tool takes free text */
	uint64_t	 prompt, tool_use, cached, output, thoughts;
	struct price_usage usage;	/* as said last */
	/* A call whose arguments come in pieces. */
	int		 partial, quoted, members;
	struct str	 path;		/* of the string that is open */
};

struct ge_in *ge_in(struct codec_in *in);
void ge_call_begin(struct codec_in *in, unsigned choice, struct jval call,
    struct jval signature);
void ge_call_args(struct codec_in *in, unsigned choice, struct str text);
void ge_call_end(struct codec_in *in, unsigned choice);
/* A piece of a call: willContinue, partialArgs. ERR_FORMAT when it says what
 * cannot be understood. */
int ge_partial(struct codec_in *in, unsigned choice, struct jval call,
    struct jval signature);

#endif
