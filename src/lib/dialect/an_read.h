/*
 * an_read.h - between anthropic_read.c and anthropic_block.c.
 */
#ifndef DIALECT_AN_READ_H
#define DIALECT_AN_READ_H

#include "dialect/an.h"

/* A request being read, and where; -1: not in one. */
struct an_rd {
	struct ir_req	*q;
	struct ir_note	*n;
	int		 msg, block, sub;
	const char	*top;		/* the list that block counts in */
	unsigned	 extras, parts;
	struct ir_part	*calls;		/* of the last assistant message */
	struct ir_part	*next_call;	/* whose result is likely next */
	int		 in_user;	/* the message is a user's */
};

/* "messages[2].content[0].source.url". */
const char *an_path(const struct an_rd *r, const char *member);
/* Refuse: what is wrong with the member of the place r is at. */
int an_bad(const struct an_rd *r, const char *member, const char *what);
/* Note down a member that has no place in the neutral form, once. */
void an_extra(struct an_rd *r, const char *where, struct str name,
    struct jval v);
int an_get_str(const struct an_rd *r, struct jval v, const char *member,
    int required, struct str *out);
int an_get_bool(const struct an_rd *r, struct jval v, const char *member,
    int *out);

int an_read_system(struct an_rd *r, struct jval v);
int an_read_messages(struct an_rd *r, struct jval v);

#endif
