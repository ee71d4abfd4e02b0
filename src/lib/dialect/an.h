/*
 * an.h - what the files of the Messages API share; nobody else's.
 */
#ifndef DIALECT_AN_H
#define DIALECT_AN_H

#include "dialect/codec.h"
#include "dialect/jt.h"

/* Members of an object, taken out in one walk. */
struct an_key {
	const char	*name;
	size_t		 n;
};
#define AN_KEY(lit)	{ lit, sizeof(lit) - 1 }

/*
 * v[i] is the member keys[i] (the last of its name), JSCAN_NONE when it is not
 * there. Other members are given to other, which may be NULL. o that is no
 * object has none.
 */
void an_pick(struct jval o, const struct an_key *keys, unsigned n,
    struct jval *v, void (*other)(void *arg, struct str name,
    struct jval value), void *arg);

/*
 * An id that the API takes, [A-Za-z0-9_-] and at most 128; others become one
 * with a piece of their digest: the same in every request.
 */
struct str an_id(struct arena *a, struct str id);

/* Name of the tool that stands for a schema, where there is no other way. */
struct str an_schema_tool(const struct ir_req *q);

/*
 * The signature of a call has no place in a tool_use block: what stands for it
 * in redacted thinking, before it is sealed; and the reverse, 1 when s is one.
 */
struct str an_call_seal_make(struct arena *a, struct str id, struct str sig);
int an_call_seal(struct str s, struct str *id, struct str *sig);

/* Text of blanks and line ends only, which the API refuses. */
int an_blank(struct str s);

/* anthropic_read.c, anthropic_write.c ... */
int an_read(struct ir_req *q, struct str body, struct ir_note *n);
int an_write(struct buf *b, struct ir_req *q, const struct ir_target *t,
    struct ir_note *n);
int an_event(struct codec_in *in, const struct sse_event *ev);
int an_end(struct codec_in *in);
int an_body(struct codec_in *in, struct str body);
int an_put(struct codec_out *o, const struct ir_event *ev);
int an_put_body(struct codec_out *o, const struct ir_event *ev, unsigned n);

#endif
