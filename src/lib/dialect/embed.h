/*
 * embed.h - embeddings between formats: a request's texts, an answer's vectors.
 *
 * Like codec.h, but what is carried is not decoded: a text is the JSON string
 * that the client wrote, a vector the list of numbers (or the base64) that the
 * provider sent, and both are copied byte for byte where the formats allow it.
 * Pure; long work is in slices (base/slice.h). 0, or ERR_FORMAT: refused
 * (requests), not what the format says (answers); or an error of buf.h.
 */
#ifndef DIALECT_EMBED_H
#define DIALECT_EMBED_H

#include "dialect/codec.h"
#include "dialect/jt.h"
#include "dialect/jw.h"

#define EMBED_TEXTS	65536u	/* of a request, at most */

struct embed {
	/* a, from, model, user, extra; prompt: the operation for one text. */
	struct ir_req	*q;
	struct jval	*text;		/* strings */
	unsigned	 n;
	struct str	 tokens;	/* raw, instead of texts */
	uint64_t	 dimensions;	/* 0: not said */
	int		 base64;	/* the client wants that, not numbers */
	int		 truncate;	/* of long texts; -1 not said, 0, 1 */
	/* Google's */
	struct jval	*item;		/* of each text, its whole request */
	int		 task, title, joined;	/* it has some */
	/* What other formats have no form for: its path, and why. */
	const char	*only, *why;
	unsigned	 extras;
};

/* What a format has beside texts and their dimensions. */
#define EMBED_HAS_TOKENS	0x1u
#define EMBED_HAS_USER		0x2u
#define EMBED_HAS_TRUNCATE	0x4u
#define EMBED_HAS_TASK		0x8u	/* and title */

struct embed_answer {
	struct arena	*a;
	unsigned	 want;		/* vectors: one for each text */
	struct jval	*v;		/* a list, or a string of base64 */
	/* What the client is told beside them; not set by get. */
	const struct embed *asked;
	struct str	 model;		/* as the client named it */
	const char	*id;
	uint64_t	 tokens;	/* of the texts */
	int64_t		 spent_us;
};

/* The columns of a format; codec.embed. */
struct embed_codec {
	/* The operation behind the provider's prefix; "{model}" as in codec. */
	const char	*path;
	unsigned	 has;		/* EMBED_HAS_* */
	/* Read a request body that jscan accepted into e, zeroed but for q. */
	int	(*read)(struct embed *e, struct str body, struct ir_note *n);
	int	(*write)(struct buf *b, const struct embed *e,
	    const struct ir_target *t, struct ir_note *n);
	/* Find the vectors of a provider's answer that jscan accepted. */
	int	(*get)(struct embed_answer *an, struct str body);
	int	(*put)(struct buf *b, const struct embed_answer *an);
	/* A request names its model where no splice reaches: it is written
	 * anew when the provider's model has another name. */
	int	 names;
	/* Where its clients ask, beside what worker/endpoint.c lists; up to one
	 * without path. */
	const struct codec_path *paths;
};

/* A column of its format's own codec each: embed_chat.c, gemini_embed.c,
 * ollama_embed.c. */
extern const struct embed_codec embed_openai, embed_mistral, embed_gemini,
    embed_ollama;

/* --- what they share (embed.c) ------------------------------------------- */

/* A string, or a list of them; member is its name. */
int embed_texts(struct embed *e, struct jval v, const char *member,
    struct ir_note *n);
/* One more of them. */
int embed_add(struct embed *e, struct jval text, struct ir_note *n);
/* The list, as a value. */
void embed_put_texts(struct jw *w, const struct embed *e);
/* A whole number that is not negative; null is as if absent: 1, or 0. */
int embed_number(struct jval v, uint64_t *out);
int embed_flag(struct jval v, int *out);
#define EMBED_NUMBER	"must be a whole number"
#define EMBED_FLAG	"must be true or false"
/* A refusal: "input must be there". */
int embed_bad(struct ir_note *n, const char *member, const char *what);
/* A member that only its own format knows. */
void embed_extra(struct embed *e, struct str name, struct jval v);
/* For writers of another format, which has these (EMBED_HAS_*): drop or refuse
 * the rest. */
int embed_lose(const struct embed *e, unsigned has, struct ir_note *n);
/* Of an answer: room for want vectors, and vector i. */
void embed_room(struct embed_answer *an);
int embed_vector(struct embed_answer *an, uint64_t i, struct jval v);
/* A list of lists: objects[name], or the elements themselves (NULL). */
int embed_vectors(struct embed_answer *an, struct jval list,
    const char *name);
/* All of them are there? */
int embed_whole(const struct embed_answer *an);
/* Vector i as a value, in numbers or base64 of little-endian floats. */
int embed_put_vector(struct jw *w, const struct embed_answer *an, unsigned i,
    int base64);

#endif
