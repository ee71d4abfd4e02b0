/*
 * mock_gen.h - what an answer says, and the order in which it is told.
 *
 * An answer is blocks: thinking, then text or calls of a tool, each made of
 * pieces. A dialect decides with mock_gen_plan what there will be, and then
 * either puts block after block (mock_gen_first, mock_gen_follow) or, for a
 * stream, writes parts as mock_gen_walk calls for them.
 */
#ifndef MOCK_GEN_H
#define MOCK_GEN_H

#include "base/json.h"
#include "mock/mock.h"

/* What a request asks for; each dialect reads it from its own members. */
struct mock_ask {
	struct str		 tool;		/* STR_NULL: none offered */
	struct json_object	*arguments;	/* schema of them, or NULL */
	int			 json;		/* the text shall be JSON */
	struct json_object	*schema;	/* that fits this, or NULL */
	int64_t			 thinking;	/* tokens; 0: none */
	int			 shown;		/* and its text */
	int64_t			 most;		/* tokens; 0: no bound */
	int64_t			 input;		/* tokens of the request */
	int			 caches;	/* it marks what to keep */
	unsigned		 choices;	/* answers; 0: one */
};

/* Fill gen and tokens. finish is "stop", "length" or "tool_calls" then. */
void mock_gen_plan(struct mock_call *c, const struct mock_ask *ask);
/* Only model, marker, seed, created. */
void mock_gen_init(struct mock_call *c);
/* Call the tool: arguments that fit the schema (NULL: any). */
void mock_gen_tool(struct mock_call *c, struct str name,
    struct json_object *schema);
/* Answer with JSON that fits the schema (NULL: any). */
void mock_gen_json(struct mock_call *c, struct json_object *schema);
/* At most that many pieces of text. */
void mock_gen_cut(struct mock_gen *g, int64_t most);
/* Seconds since 1970 for "created"; fixed when the seed is. */
int64_t mock_gen_created(const struct mock_call *c);

/* Append piece i of text or arguments, escaped for JSON. */
void mock_gen_piece(struct buf *b, const struct mock_gen *g, unsigned i);
/* Append all of them. */
void mock_gen_content(struct buf *b, const struct mock_gen *g);
/* The same of the thinking. */
void mock_gen_thought(struct buf *b, const struct mock_gen *g, unsigned i);
void mock_gen_thoughts(struct buf *b, const struct mock_gen *g);
/* Append piece g->piece of the open block, or all of it. */
void mock_gen_now(struct buf *b, const struct mock_gen *g);
void mock_gen_all(struct buf *b, const struct mock_gen *g);
/* Append the arguments as JSON, not escaped; "{}" when there are none. */
void mock_gen_arguments(struct buf *b, const struct mock_gen *g);
/* Append a number of usage as act wants it: true, negative, huge, "text". */
void mock_gen_number(struct buf *b, const char *name, int64_t n,
    enum mock_usage how);
/*
 * Append the log probability of piece i of the text as an object, in OpenAI's
 * words or Google's; of all pieces with commas between.
 */
void mock_gen_logprob(struct buf *b, const struct mock_gen *g, int google,
    unsigned i);
/* What a text is taken from, with "cite". */
#define MOCK_SOURCE	"https://zoo.example/a"
#define MOCK_TITLE	"Zoo"
void mock_gen_logprobs(struct buf *b, const struct mock_gen *g, int google);
/* Append the id of call i, n letters and digits behind prefix. */
void mock_gen_call_id(struct buf *b, const struct mock_gen *g,
    const char *prefix, unsigned n, unsigned i);

/* The first block and the ones after it; kind is MOCK_NONE behind the last. */
void mock_gen_first(struct mock_gen *g);
void mock_gen_follow(struct mock_gen *g);
/* Make the answer a stream that put writes, part by part. */
void mock_gen_walk(struct mock_answer *a, const char *ctype,
    void (*put)(struct mock_answer *a, struct buf *b, enum mock_part part));

/*
 * Signatures of thinking: base64 of a text that begins with kind, so that the
 * mock knows its own when they come back.
 */
void mock_gen_sign(struct buf *b, const char *kind, struct str text);
/* 1 when signed by mock_gen_sign; text.p NULL: of whatever text. */
int mock_gen_signed(struct str signature, const char *kind, struct str text);

/* A list of models that exist, NULL-terminated: the configuration's, else the
 * given. */
const char *const *mock_gen_models(const struct mock_call *c,
    const char *const *usual);

#endif
