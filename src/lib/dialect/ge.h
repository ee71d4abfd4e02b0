/*
 * ge.h - what the files of the Gemini codec share; nobody else needs it.
 *
 * Google's JSON is protobuf's: a member's name is accepted as "inlineData" and
 * as "inline_data", null is as good as absent, and a list may be written as
 * its only element.
 */
#ifndef DIALECT_GE_H
#define DIALECT_GE_H

#include "dialect/codec.h"
#include "dialect/jt.h"
#include "dialect/jw.h"
#include "dialect/model.h"
#include "dialect/unknown.h"
#include "dialect/wire.h"

#define GE_DEPTH	64

/* What stands for a signature that was lost or never made (base64). */
#define GE_NO_SIGNATURE	"c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="

/* --- names and values (gemini.c) ----------------------------------------- */

/* 1 when the raw key is that name, in either spelling. */
int ge_is(struct str key, const char *name);
/* Member by its camelCase name, the last one if there are several. */
struct jval ge_get(struct jval o, const char *name);
/* Walk an array, or a single value as an array of one. */
int ge_each(struct jval v, size_t *pos, struct jval *out);
/* Strict base64 of text that may be base64url, unpadded or with blanks; NULL
 * pointer when it is none of that. */
struct str ge_base64(struct arena *a, struct str s);
/* Decoded; NULL pointer when it cannot be. */
struct str ge_unbase64(struct arena *a, struct str s);
/* "image/png" by the file name at the end of a URL; empty: unknown. */
struct str ge_mime_of_url(struct str url);
/* What kind of part holds such a type; url may be empty. */
enum ir_kind ge_kind(struct str mime, struct str url);
/* Function's names as Gemini allows them. */
extern const struct wire_names ge_names;
/* An id for a call that has none: "get_weather_3_0". */
struct str ge_id(struct arena *a, struct str name, unsigned turn, unsigned n);
/* text when it is a JSON object; empty when it is something else. */
struct str ge_object_text(struct str text);
/* An OpenAPI schema (upper-case types, nullable) as JSON schema. */
struct str ge_schema(struct arena *a, struct str raw);

/* --- reading requests ----------------------------------------------------- */

struct ge_wait {			/* a call that has no result yet */
	struct ge_wait	*next;
	struct str	 id, name;
};

struct ge_rd {
	struct ir_req	*q;
	struct ir_note	*n;
	const char	*scope;		/* "generationConfig", "" */
	int		 content, part;	/* -1: not in one */
	unsigned	 calls;		/* of this content */
	unsigned	 extras;
	unsigned	 contents;
	int		 validated;	/* mode VALIDATED */
	struct str	 mime;		/* responseMimeType */
	struct ir_turn	*turn;		/* of this content */
	struct ir_part	*thought;	/* of several, none signed: the first */
	struct ge_wait	*wait, **wait_end;
	unsigned	 waiting;
};

/* One row per member of an object. */
struct ge_member {
	const char	*name;
	enum jscan_type	 type;		/* JSCAN_NONE: the function looks;
					   JSCAN_TRUE: either boolean */
	int		(*read)(struct ge_rd *r, struct jval v);
};

/* "contents[2].parts[0].text"; in the arena. */
const char *ge_path(const struct ge_rd *r, const char *member);
/* Refuse: the member is not what. */
int ge_wrong(struct ge_rd *r, const char *member, const char *what);
/* Read the members of o by rows that end with a NULL name; what has no row
 * becomes an extra. */
int ge_members(struct ge_rd *r, struct jval o, const struct ge_member *rows);
/* Members of o but those of known: unknown.h. */
void ge_unknown(struct ge_rd *r, const char *where, struct jval o,
    const char *const *known);
int ge_read_config(struct ge_rd *r, struct jval v);
int ge_read_tools(struct ge_rd *r, struct jval v);
int ge_read_tool_config(struct ge_rd *r, struct jval v);
int ge_read_contents(struct ge_rd *r, struct jval v);
int ge_read_system(struct ge_rd *r, struct jval v);
/* One part of a content: results when pass is 0, all else when it is 1. */
int ge_read_part(struct ge_rd *r, struct jval v, enum ir_role role, int pass);
int ge_read(struct ir_req *q, struct str body, struct ir_note *n);

/* --- writing requests ----------------------------------------------------- */

struct ge_wr {
	struct jw	 w;
	struct ir_req	*q;
	const struct ir_target *t;
	struct ir_note	*n;
	struct ge_model	 m;
};

/* What the request's client calls it. */
enum ge_word { GE_MAX, GE_STOP, GE_SEED, GE_EFFORT, GE_BUDGET, GE_FORMAT,
	GE_LOGPROBS, GE_MESSAGES, GE_SYSTEM, GE_CONTENT, GE_PREFILL, GE_DETAIL,
	GE_USER, GE_VERBOSITY, GE_TIER, GE_PARALLEL, GE_THOUGHT,
	GE_WORDS };
const char *ge_word(const struct ir_req *q, enum ge_word which);
int ge_write_contents(struct ge_wr *g);
int ge_write_media(struct ge_wr *g, const struct ir_part *p);
int ge_write_tools(struct ge_wr *g);
int ge_write_config(struct ge_wr *g);
/* What is lost on the way and has no place above. */
int ge_write_hints(struct ge_wr *g);
int ge_write(struct buf *b, struct ir_req *q, const struct ir_target *t,
    struct ir_note *n);

/* --- answers --------------------------------------------------------------- */

int ge_event(struct codec_in *in, const struct sse_event *ev);
int ge_end(struct codec_in *in);
int ge_body(struct codec_in *in, struct str body);
int ge_put(struct codec_out *o, const struct ir_event *ev);
int ge_put_body(struct codec_out *o, const struct ir_event *ev, unsigned n);
/* logprobsResult as OpenAI's {"content":[...]}, and back. */
struct str ge_logprobs_in(struct arena *a, struct jval v);
void ge_logprobs_out(struct jw *w, struct arena *a, const struct str *raw,
    unsigned n);

#endif
