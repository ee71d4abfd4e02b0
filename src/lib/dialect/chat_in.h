/*
 * chat_in.h - what is known of an answer of the chat family so far.
 *
 * Inside chat_event.c and chat_call.c only.
 */
#ifndef DIALECT_CHAT_IN_H
#define DIALECT_CHAT_IN_H

#include "dialect/chat.h"

struct chat_call {
	struct chat_call *next;
	uint64_t	 index;		/* the server's */
	unsigned	 number;	/* ours */
	struct str	 id;
	int		 ended;
	/* Where the arguments are, to know when they are whole. */
	int		 depth, in_string, escaped, whole;
	struct buf	*wrapped;	/* {"input": text}, until it is whole */
};

struct chat_choice {
	struct chat_choice *next;
	uint64_t	 index;
	struct chat_call *calls, *last;
	unsigned	 n_calls;
	int		 finished, refused;
};

static inline void
chat_emit(struct codec_in *in, struct ir_event ev)
{
	in->emit(in->arg, &ev);
}

/* The elements of "tool_calls", whole or in pieces: 0 or ERR_FORMAT. */
int chat_take_calls(struct codec_in *in, struct chat_choice *c,
    struct jval list);
/* The old form: one call, no id. */
int chat_take_function(struct codec_in *in, struct chat_choice *c,
    struct jval f);
/* No more comes: end those that are open. */
void chat_end_calls(struct codec_in *in, struct chat_choice *c);

#endif
