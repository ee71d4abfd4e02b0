/*
 * rout.h - an answer that is being written for a Responses client.
 *
 * Of every item all is kept, since the last event repeats them.
 */
#ifndef DIALECT_ROUT_H
#define DIALECT_ROUT_H

#include "dialect/resp.h"

enum rout_kind { ROUT_MESSAGE, ROUT_REASONING, ROUT_CALL, ROUT_IMAGE };

/* A text of an item: of a message one of several, else the only one. */
struct rout_piece {
	struct rout_piece *next;
	int		 refusal;
	struct buf	 text;
	struct buf	 notes;		/* annotations, with commas */
	unsigned	 n_notes;
	struct buf	 probs;		/* logprobs, with commas */
};

struct rout_item {
	struct rout_item *next, *next_call;
	enum rout_kind	 kind;
	unsigned	 index;		/* output_index */
	unsigned	 call;		/* number of the call */
	struct str	 id, call_id, name, signature;
	struct str	 group;		/* namespace of the tool */
	int		 custom;
	int		 unwrap;	/* input is a member of the arguments */
	int		 raw;		/* reasoning as content, no summary */
	int		 announced, done;
	struct rout_piece *pieces, *last;
	unsigned	 n_pieces;
};

struct rout {
	struct codec_out *o;
	struct jw	 w;
	int		 mute;		/* a body, no stream */
	int		 opened, failed, ended;
	uint64_t	 seq;
	size_t		 data;		/* where the event's data begin */
	unsigned	 n_items;
	struct rout_item *items, *last;	/* in order of their index */
	struct rout_item *cur;		/* message or reasoning, open */
	struct rout_item *held;		/* a call that was not announced yet */
	struct rout_item *calls;	/* the latest first */
	int		 refused;
	enum ir_finish	 finish;
	struct str	 why;
	int		 has_usage;
	struct price_usage usage;
	struct str	 error;		/* raw, {"code":...,"message":...} */
};

/* Begin an event: 1, or 0 when there are none. Its members follow. */
int rout_event(struct rout *r, const char *type);
void rout_event_end(struct rout *r);
/* An event with the whole response. */
void rout_ev_response(struct rout *r, const char *type, const char *status);
/* Begin an event about an item. */
int rout_ev_item(struct rout *r, const char *type, const struct rout_item *i);
/* An event with a text of an item; index names the member that says which. */
void rout_ev_text(struct rout *r, const char *type, const struct rout_item *i,
    const char *index, const char *key, struct str text);
/* An event with a part of reasoning. */
void rout_ev_thought(struct rout *r, const char *type,
    const struct rout_item *i, int empty);
struct rout_item *rout_new(struct rout *r, enum rout_kind kind);
/* Give it its place and tell of it. */
void rout_announce(struct rout *r, struct rout_item *i);
void rout_end(struct rout *r, struct rout_item *i);
struct rout_piece *rout_add_piece(struct rout *r, struct rout_item *i,
    int refusal);
/* Append to a text; an error is kept. */
void rout_keep(struct rout *r, struct buf *b, struct str s);
/* The open message or reasoning: close it; have one of that kind. */
void rout_close(struct rout *r);
struct rout_item *rout_open(struct rout *r, enum rout_kind kind);
/* The same for a part of a message. */
struct rout_piece *rout_open_piece(struct rout *r, int refusal);

/* An item as it is now: without content while it is not done. */
void rout_item_json(struct jw *w, const struct rout_item *i);
/* A piece of a message. */
void rout_piece_json(struct jw *w, const struct rout_piece *p, int empty);
/* The whole response, with that status. */
void rout_response(struct rout *r, const char *status);

#endif
