/*
 * resp.h - what the parts of the Responses codec share.
 *
 * Reasoning that another provider signed is given to the client as a reasoning
 * item whose encrypted_content is sealed (codec.h); what is sealed begins with
 * RESP_REDACTED or RESP_CALL "<call_id>:" when it is no plain signature.
 */
#ifndef DIALECT_RESP_H
#define DIALECT_RESP_H

#include "dialect/codec.h"
#include "dialect/model.h"
#include "dialect/jt.h"
#include "dialect/jw.h"

#define RESP_REDACTED	"redacted:"
#define RESP_CALL	"call:"

/* Reading a request: where we are in it, for what is said of a mistake. */
struct resp_read {
	struct ir_req	*q;
	struct ir_note	*n;
	int		 item;		/* of input, -1 outside */
	int		 part;		/* of the item's content, -1 outside */
	const char	*list;		/* "content", "output" */
	/* where the next item of the assistant goes; NULL: a new turn */
	struct ir_turn	*open;
	int		 said;		/* its last item was a message */
	const struct ir_part *call;	/* the next that lacks its output */
	unsigned	 searches;
	struct ir_part	*signs;		/* of calls, "ID:SIGNATURE" */
};

/* "input[3].content[0].name". */
const char *resp_path(struct resp_read *r, const char *name);
/* Refuse the member for its type: "must be want". */
int resp_bad(struct resp_read *r, const char *name, const char *want);
/* A string or nothing; null is nothing. */
int resp_text(struct resp_read *r, struct jval o, const char *name,
    struct str *out);
/* The same, but it must be there. */
int resp_need(struct resp_read *r, struct jval o, const char *name,
    struct str *out);
/* The member "input": an array of items. */
int resp_items(struct resp_read *r, struct jval items);

/* 1 when OpenAI's strict mode takes the schema: each object names all of its
 * properties as required and allows no others. */
int resp_strict(struct str schema);
/* Members of a response that only the request knows. */
void resp_echo(struct jw *w, const struct ir_req *q);

int resp_req_read(struct ir_req *q, struct str body, struct ir_note *n);
int resp_req_write(struct buf *b, struct ir_req *q, const struct ir_target *t,
    struct ir_note *n);
/* The member "input"; skip: this turn is in the instructions. */
int resp_input_write(struct jw *w, struct ir_req *q, const struct ir_turn *skip,
    const struct ir_target *t, struct ir_note *n);
int resp_event(struct codec_in *in, const struct sse_event *ev);
int resp_end(struct codec_in *in);
int resp_body(struct codec_in *in, struct str body);
int resp_put(struct codec_out *o, const struct ir_event *ev);
int resp_put_body(struct codec_out *o, const struct ir_event *ev, unsigned n);

#endif
