/*
 * ask.h - what a request says, told from its bytes by json-c alone.
 *
 * As lines, sorted by kind: a request and what was made of it for another
 * format say the same when their lines are the same.
 */
#ifndef GOLDEN_ASK_H
#define GOLDEN_ASK_H

#include "golden.h"

enum ask_kind {
	ASK_SYSTEM,		/* s instructions */
	ASK_USER,		/* u what users say */
	ASK_ASSISTANT,		/* a and assistants */
	ASK_CALLS,		/* c name and arguments of a call */
	ASK_RESULTS,		/* r what a tool said */
	ASK_TOOLS,		/* o name of a tool */
	ASK_MEDIA,		/* m pictures and files, one line each */
	ASK_NUMBERS,		/* n limits and sampling */
	ASK_KINDS
};
#define ASK_LETTERS "suacromn"

struct ask {
	struct arena	*a;
	struct buf	 line[ASK_KINDS];
};

/* The request in that format. Freed with ask_free. */
void ask_at(struct ask *k, struct arena *a, int format, const char *body);
void ask_free(struct ask *k);
/* Letters of the kinds that differ. */
const char *ask_compare(struct arena *a, const struct ask *x,
    const struct ask *y);

#endif
