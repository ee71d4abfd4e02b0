/*
 * codec.h - what a dialect does to be translated: one row per wire format.
 *
 * Pure: bytes and the neutral form (ir.h) in, the same out; no sockets, no
 * clock but the arguments. 0 is success everywhere; ERR_FORMAT is a refusal
 * (requests: the note says what) or an answer that cannot be understood;
 * buf.h errors are out of room.
 */
#ifndef DIALECT_CODEC_H
#define DIALECT_CODEC_H

#include "base/buf.h"
#include "dialect/dialect.h"
#include "dialect/ir.h"

struct embed_codec;

/* Decodes one answer of a provider. Zero it, set the first four. */
struct codec_in {
	struct arena	*a;		/* of the answer */
	struct arena	*tmp;		/* of the event, CODEC_TMP; or NULL */
	void		(*emit)(void *arg, const struct ir_event *ev);
	void		*arg;
	const struct ir_req *req;	/* what was asked */
	int		 started, finished, ended;	/* EV_* were emitted */
	unsigned	 calls;		/* of choice 0 so far */
	void		*state;		/* the codec's, in the arena */
};

/* What a client is told of the price, where its format has a place for it. */
struct codec_bill {
	struct str	 provider;	/* as the client named it */
	const struct conf_price *price;
	struct price_usage guess;	/* holds when nobody counted */
	int64_t		 latency_ms;
};

/* Writes one answer for a client. Zero it, set all but state. */
struct codec_out {
	struct arena	*a;
	struct arena	*tmp;
	struct buf	*out;
	const struct ir_req *req;	/* how the client asked */
	const char	*id;		/* of our request: ids are made of it */
	int64_t		 now;		/* seconds, for "created" */
	int64_t		 spent_us;	/* since then, before each event */
	struct str	 model;		/* as the client named it */
	int		 json_array;	/* Gemini without alt=sse */
	const struct codec_bill *bill;	/* unified; may be NULL */
	struct ir_note	*note;		/* codec_lose says it there; or NULL */
	int		 begun;		/* others wrote what came before */
	/* Set by codec_fail: what put_body wrote is an error. */
	enum fault	 fault;
	struct str	 fault_text;
	void		*state;
};

/*
 * Memory for what is not needed behind the event: the caller may empty it then,
 * so that a long stream holds no more than a short one. What an event says to
 * emit lies there, or in the event. For a whole answer tmp is NULL: events stay
 * as long as the arena and the body do.
 */
#define CODEC_TMP(x) ((x)->tmp != NULL ? (x)->tmp : (x)->a)

/* The answer has something that this client's format has no place for. */
void codec_lose(struct codec_out *o, const char *field);

/* Append to a buffer that a cleanup of a frees, and count it there: 0 or a
 * buf.h error. codec_drop empties and frees it before. */
int codec_keep(struct arena *a, struct buf *b, struct str s);
void codec_drop(struct arena *a, struct buf *b);

/* put_body's end when the events are no answer: writes the error's body. */
int codec_fail(struct codec_out *o, enum fault_shape shape, enum fault f,
    struct str text);

/* How its servers count the tokens of a request; count.h. */
struct codec_count {
	const char	*path;		/* the operation; "{model}" as below */
	/* What of a chat request it takes, up to a NULL. */
	const char *const *takes;
	const char	*inside;	/* the member that the request is; NULL:
					   it is the body */
	const char	*number;	/* member of the answer */
	const char	*object;	/* what the answer calls itself; or NULL */
	uint64_t	 output;	/* bound of an answer that write asks
					   for; 0: it may be unsaid */
};

struct codec {
	const char	*name;		/* "anthropic" */
	/*
	 * Read a request body that jscan accepted. Unknown members go to
	 * q->extra. Values of a wrong type: ir_refuse with the member's path.
	 */
	int	(*read)(struct ir_req *q, struct str body, struct ir_note *n);
	/* Write q for t; q may be changed for it (merged, renamed). */
	int	(*write)(struct buf *b, struct ir_req *q,
	    const struct ir_target *t, struct ir_note *n);
	/* One event of a stream; end: no more bytes come, at a clean end. */
	int	(*event)(struct codec_in *in, const struct sse_event *ev);
	int	(*end)(struct codec_in *in);
	/* A whole answer: the same events; tmp must be NULL. */
	int	(*body)(struct codec_in *in, struct str body);
	/* Append what the client gets for ev to out. EV_END writes the mark. */
	int	(*put)(struct codec_out *o, const struct ir_event *ev);
	/* All events of an answer that is no stream, as one body. */
	int	(*put_body)(struct codec_out *o, const struct ir_event *ev,
	    unsigned n);
	/* What its clients call members of OpenAI's chat requests, pairs up to
	 * a NULL; may be NULL. */
	const char *const (*words)[2];
	enum frame	 frame;		/* of its streams */
	/* What watches its answers; has the shape of its errors too. */
	const struct dialect *tap;
	/* Whose chats its servers take as they are: OpenAI's, or its own. */
	enum conf_dialect like;
	/* The chat operation behind the provider's prefix; "{model}" stands
	 * for the model. stream_path NULL: the same. */
	const char	*path, *stream_path;
	/* Before OpenAI's other operations; NULL: its servers lack them. */
	const char	*others;
	/* Member of its requests that bounds the answer; NULL: as OpenAI's. */
	const char	*limit;
	int		 streams;	/* when the request does not say */
	const struct codec_count *count; /* NULL: its servers do not */
	/* Where its clients ask for a chat; up to one without path. */
	const struct codec_path *paths;
	/* Its embeddings (embed.h); NULL: it has none. */
	const struct embed_codec *embed;
};

struct codec_path {
	const char	*path;		/* "/groq/v4/chat/completions" */
	const char	*at;		/* there; NULL: codec.path */
	int		 prompt;	/* ir_req.prompt: for one text */
};

/* codec_anthropic and so on: a row of conf/dialects.h, a file with this. */
#define codec_openai codec_openai_chat	/* it has one more, */
extern const struct codec codec_responses;
extern const struct codec codec_unified;	/* the client's side only */
#define X(id, name, ...) extern const struct codec codec_##name;
DIALECTS(X)
#undef X

/* The codec of a provider's or client's dialect; NULL when there is none.
 * Azure speaks OpenAI's; responses picks the Responses API. */
const struct codec *codec_get(enum conf_dialect d, int responses);

/* What q's client calls the member that OpenAI's chat calls so: as it did where
 * its format has several words (ir.h), else by its row; NULL: the same. */
const char *codec_word(const struct ir_req *q, const char *chat);

/* A signature that a foreign provider made, for a client that sends it back:
 * "gw1.<dialect>.<base64>"; in the arena. */
struct str codec_seal(struct arena *a, enum conf_dialect from, struct str s);
/* The reverse: 1 and *from, *out when it is one of ours, else 0. */
int codec_unseal(struct arena *a, struct str s, enum conf_dialect *from,
    struct str *out);

#endif
