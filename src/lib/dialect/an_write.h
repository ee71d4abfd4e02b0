/*
 * an_write.h - between the files that write a Messages request.
 */
#ifndef DIALECT_AN_WRITE_H
#define DIALECT_AN_WRITE_H

#include "dialect/an.h"
#include "dialect/model.h"
#include "dialect/jw.h"

/* A request being written. */
struct an_wr {
	struct jw	 w;
	struct ir_req	*q;
	const struct ir_target *t;
	struct ir_note	*n;
	unsigned	 traits;
	int		 foreign;	/* q comes from another dialect */
	unsigned	 skip_cache;	/* marks to leave out, the first ones */
	uint64_t	 max_output;
	/* anthropic_think.c: IR_THINK_UNSET, IR_THINK_OFF, IR_BUDGET or
	 * IR_ADAPTIVE */
	enum ir_think	 think;
	uint64_t	 budget;
	const char	*effort;	/* NULL: none */
	int		 schema_tool;	/* the format is a forced tool */
};

/*
 * ir_drop, ir_change and ir_refuse of what a chat request calls so, in the
 * words of the client's format; fmt tells what is wrong with it.
 */
const char *an_word(const struct ir_req *q, const char *chat);
int an_drop(struct an_wr *x, const char *chat);
int an_change(struct an_wr *x, const char *chat);
int an_refuse(struct an_wr *x, const char *chat, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Decide max_output, think, budget and effort: 0 or ERR_FORMAT. */
int an_plan_limits(struct an_wr *x);
/* "thinking", "output_config" and sampling members. */
int an_write_limits(struct an_wr *x);
/* "system" and "messages". */
int an_write_messages(struct an_wr *x);
/* "tools" and "tool_choice". */
int an_write_tools(struct an_wr *x);
/*
 * A schema as the API enforces it: what only validates goes to the
 * description, what it cannot do is refused with its place. *changed is set
 * when it is not the same any more.
 */
int an_write_schema(struct an_wr *x, const char *param, struct str raw,
    int *changed);
/* A tool's name as it is sent. */
struct str an_name(const struct an_wr *x, struct str name);
/* A block of a message; text is what it says when it is text. */
int an_write_part(struct an_wr *x, const struct ir_part *p, struct str text);
/* cache_control of something, unless too many follow. */
int an_write_cache(struct an_wr *x, struct str raw);

#endif
