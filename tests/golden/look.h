/*
 * look.h - what an answer says, told from its bytes by json-c alone.
 *
 * Both sides of a translation are looked at: the provider's answer and what the
 * client got. The codecs and their readers have no part in it.
 */
#ifndef GOLDEN_LOOK_H
#define GOLDEN_LOOK_H

#include "golden.h"

#define LOOK_CHOICES 4
#define LOOK_CALLS 16
#define LOOK_ITEMS 64

struct look_call {
	struct buf	 id, name, args;
	int		 used;
};

struct look_choice {
	struct buf	 text, thinking, refusal;
	struct look_call call[LOOK_CALLS];
	unsigned	 images, citations, logprobs;
	const char	*finish;	/* in the format's own words, or NULL */
};

struct look {
	struct arena	*a;
	int		 strict;	/* ours: what the format wants, too */
	int		 stream;
	struct look_choice ch[LOOK_CHOICES];
	unsigned	 n;		/* choices */
	int64_t		 in, out, cached, written, reasoning;
	int		 usage;		/* it was told */
	const char	*error;		/* message of an error, or NULL */
	int		 ended;		/* with the format's mark of the end */
	const char	*wrong;		/* what breaks the format, the first */
	/* of the readers */
	const char	*id;
	int		 events, open, block, sequence;
	int64_t		 call_of[LOOK_ITEMS];	/* by output_index */
	struct json_object *partial;	/* arguments under way */
};

/* What an answer in that format says. Freed with look_free. */
void look_at(struct look *l, struct arena *a, int format, int stream,
    int strict, const char *bytes, size_t n);
void look_free(struct look *l);
/* stop length calls filter other; "" when there is none */
const char *look_finish(const struct look *l, int format, unsigned choice);
/* Letters of what differs, "" for nothing; the letters are in answers.table. */
const char *look_compare(struct arena *a, const struct look *was, int format,
    const struct look *now, int now_format);

/* --- between the readers ------------------------------------------------- */

void look_wrong(struct look *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Append the string v, when it is one. */
void look_text(struct buf *b, struct json_object *v);
struct look_choice *look_choice(struct look *l, int64_t index);
struct look_call *look_call(struct look *l, struct look_choice *c, int64_t at);
/* Arguments as an object's text, or as a string. */
void look_args(struct look_call *c, struct json_object *v);
int64_t look_int(struct json_object *o, const char *name, int64_t dflt);
int look_is(struct json_object *o, const char *name, const char *value);
size_t look_len(struct json_object *v);
struct json_object *look_nth(struct json_object *v, size_t i);
/* Strict: o must have these members, blanks between them. */
void look_need(struct look *l, struct json_object *o, const char *names);

void look_chat(struct look *l, struct json_object *o, int format);
void look_messages(struct look *l, struct json_object *o, const char *event);
void look_responses(struct look *l, struct json_object *o, const char *event);
void look_gemini(struct look *l, struct json_object *o);
void look_ollama(struct look *l, struct json_object *o);

#endif
