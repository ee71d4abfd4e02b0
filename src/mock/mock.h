/*
 * mock.h - what the parts of the mock share: process, request, answer.
 *
 * A connection (mock_serve.c) reads a request whole, makes a mock_call of it,
 * lets an endpoint of a dialect fill the mock_answer, and mock_answer.c sends
 * that at its pace and with its faults. A dialect is one file and one row in
 * mock_dialect.c.
 */
#ifndef MOCK_H
#define MOCK_H

#include "base/buf.h"
#include "base/crypto.h"
#include "base/ev.h"
#include "base/jscan.h"
#include "mock/mock_act.h"
#include "mock/mock_conf.h"
#include "mock/mock_gzip.h"
#include "mock/mock_meter.h"
#include "net/conn.h"
#include "net/http1.h"

#define MOCK_BODY_MAX	(256u << 20)	/* of a request */

struct mock_answer;
struct mock_call;
struct mock_client;
struct mock_replay;
struct tls_ctx;

/* One process of the mock. */
struct mock {
	struct ev_loop		*loop;
	struct conn_set		*conns;
	struct mock_shared	*sh;
	struct mock_conf	*conf;
	struct tls_ctx		*tls;		/* NULL: plain */
	struct mock_replay	*replay;	/* NULL: none */
	uint64_t		 seed;
	int			 fixed;		/* --seed: also the times */
	int			 log_fd;	/* -1: none */
	int			 batch;		/* connections accepted at once */
	unsigned		 clients;
	int64_t			 date_s;	/* second that date is of */
	char			 date[32];
};

/* Request members that endpoints look at; indexes of mock_call.w. */
enum mock_want {
	MOCK_W_MODEL, MOCK_W_STREAM, MOCK_W_USAGE, MOCK_W_MESSAGES,
	MOCK_W_PROMPT, MOCK_W_INPUT, MOCK_W_TOOLS, MOCK_W_TOOL_CHOICE,
	MOCK_W_N, MOCK_W_MAX_TOKENS, MOCK_W_MAX_COMPLETION,
	MOCK_W_MAX_OUTPUT, MOCK_W_FORMAT, MOCK_W_TEXT_FORMAT,
	MOCK_W_EFFORT, MOCK_W_CACHE_KEY, MOCK_W_ENCODING, MOCK_W_DIMENSIONS,
	MOCK_W_DOCUMENTS, MOCK_W_TOP_N, MOCK_W_RESPONSE_FORMAT,
	MOCK_W_INSTRUCTIONS, MOCK_W_CONTENTS, MOCK_W_TEXT, MOCK_W_REASONING,
	MOCK_W_SUMMARY, MOCK_W_INCLUDE, MOCK_W_LOGPROBS, MOCK_WANTS
};

struct mock_endpoint {
	const char	*method;	/* "*": any */
	const char	*path;		/* glob */
	const char	*label;		/* in the meter */
	unsigned	 flags;
	void		(*fn)(struct mock_call *c);
};
#define MOCK_JSON	1u		/* the body must be a JSON object */
#define MOCK_MODEL	2u		/* and name a model that is known */
#define MOCK_OPEN	4u		/* no key asked for */
#define MOCK_FORM	8u		/* multipart/form-data with a model */
#define MOCK_IN_PATH	16u		/* the model stands in the path */
#define MOCK_VERSION	32u		/* only with anthropic-version */

struct mock_dialect {
	const char	*name;
	const struct mock_endpoint *endpoints;	/* up to method NULL */
	/* Make the answer this error. */
	void		(*error)(struct mock_answer *a, int status,
			    const char *code, const char *message);
	/* Append the event that breaks a stream. */
	void		(*error_event)(struct mock_answer *a, struct buf *b);
};

/* A request, valid while its endpoint runs. */
struct mock_call {
	struct mock		*m;
	const struct http1_head	*head;
	struct str		 body;
	struct str		 key;		/* credential */
	char			 model[96];	/* without "!words" */
	struct str		 marker;	/* of [[marker:X]] */
	const struct mock_dialect *dialect;
	const struct mock_endpoint *endpoint;
	struct jscan_want	 w[MOCK_WANTS];
	struct mock_answer	*a;
	uint64_t		 seq;
	char			 id[MOCK_ID];	/* x-request-id */
};

/* How a stream goes on after an event. */
enum mock_next { MOCK_NEXT_NOW, MOCK_NEXT_TOKEN, MOCK_NEXT_END };

/* A block of an answer, and the parts that a stream tells; mock_gen.h. */
enum mock_kind { MOCK_NONE, MOCK_THINK, MOCK_TEXT, MOCK_CALL };
enum mock_part {
	MOCK_BEGIN, MOCK_START, MOCK_PIECE, MOCK_CLOSE, MOCK_FINISH, MOCK_LAST
};

/* State of a stream's generator; each dialect uses what it needs. */
struct mock_gen {
	char		id[MOCK_ID], model[96], marker[MOCK_MARKER];
	int64_t		created;
	int		step;
	unsigned	token, tokens;	/* content tokens sent, to send */
	unsigned	choice, choices;
	unsigned	seq;		/* sequence_number */
	unsigned	calls;		/* tool calls; 0: text */
	unsigned	call;
	int		usage;		/* told in the stream */
	int		legacy;		/* /v1/completions */
	const char	*finish;
	char		*text;		/* arguments or JSON, sent in pieces;
					   malloc'd */
	char		tool[132];
	uint64_t	seed;
	/* the walk of mock_gen.h */
	void		(*put)(struct mock_answer *a, struct buf *b,
			    enum mock_part part);
	enum mock_part	part;
	enum mock_kind	kind;
	unsigned	block, piece;	/* of the block */
	unsigned	think;		/* pieces of thinking; 0: none */
	int		form;		/* a dialect's own */
	int		logprobs;	/* of the text */
	uint64_t	at, total;	/* bytes of a large body */
};

/* An answer under way; one per connection, used again. */
struct mock_answer {
	struct mock		*m;
	struct mock_client	*client;
	struct conn		*conn;		/* the client's */
	const struct mock_dialect *dialect;
	struct mock_act		 act;
	/* filled by the endpoint */
	int			 status;
	const char		*ctype;
	struct buf		 extra;		/* header lines, with CRLF */
	struct buf		 body;
	/*
	 * A stream: append the next event. The return value says whether the
	 * event after it is a token, that waits for its time.
	 */
	enum mock_next		(*next)(struct mock_answer *a, struct buf *b);
	struct mock_gen		 gen;
	int64_t			 length;	/* of a stream; -1 unknown */
	struct mock_tokens	 tokens;
	/* from the request */
	char			 id[MOCK_ID];
	int			 head_only, http10, keep_alive, metered;
	int			 no_digest;
	struct mock_row		*row;
	struct mock_sent	*rec;
	uint64_t		 seq;
	int64_t			 began_us;
	/* sending; see mock_answer.c and mock_wire.c */
	int			 active, stage;
	struct ev_timer		 timer;
	enum mock_next		 wait;
	int64_t			 events;
	uint64_t		 sent;		/* body bytes, before framing */
	int			 chunked;
	int			 broken;	/* ended, but not complete */
	struct buf		 slow;		/* waits for bps or chunk */
	struct crypto_hash	*hash;
	struct mock_gzip	 gzip;
	int			 slow_on;	/* bytes go through slow */
	int64_t			 blocked_us;	/* nothing before that time */
	struct ev_timer		 slow_timer;
	struct ev_task		 slow_task;
};

/* mock_dialect.c */
const struct mock_dialect *mock_dialect_find(const struct http1_head *h,
    const struct mock_endpoint **ep);

#endif
