/*
 * chat.h - the chat family: OpenAI Chat Completions, and Groq's and Mistral's
 * forms of it, as one code and a table of what differs.
 *
 * Inside the dialect layer only; codec.h is what others use.
 */
#ifndef DIALECT_CHAT_H
#define DIALECT_CHAT_H

#include "dialect/codec.h"
#include "dialect/jt.h"
#include "dialect/jw.h"
#include "dialect/model.h"

/* What a member of the family has. */
enum {
	CHAT_DEVELOPER = 1 << 0,	/* the role */
	CHAT_NAME = 1 << 1,		/* of a message */
	CHAT_CUSTOM = 1 << 2,		/* tools with free-form input */
	CHAT_SUBSET = 1 << 3,		/* tool_choice allowed_tools */
	CHAT_N = 1 << 4,
	CHAT_LOGPROBS = 1 << 5,		/* and logit_bias */
	CHAT_PENALTIES = 1 << 6,
	CHAT_CACHE_KEY = 1 << 7,
	CHAT_METADATA = 1 << 8,
	CHAT_STORE = 1 << 9,
	CHAT_VERBOSITY = 1 << 10,
	CHAT_BREAKPOINTS = 1 << 11,	/* prompt_cache_breakpoint */
	CHAT_FILES = 1 << 12,		/* file parts */
	CHAT_DOCUMENTS = 1 << 13,	/* document_url parts */
	CHAT_AUDIO = 1 << 14,		/* input_audio objects */
	CHAT_BARE_AUDIO = 1 << 15,	/* input_audio is the base64 itself */
	CHAT_RESULT_IMAGES = 1 << 16,	/* pictures in tool messages */
	CHAT_REFUSAL = 1 << 17,		/* refusal of an assistant */
	CHAT_CHUNKS = 1 << 18,		/* thinking as content chunks */
	CHAT_REASONING = 1 << 19,	/* thinking as "reasoning" */
	CHAT_ASK_USAGE = 1 << 20,	/* stream_options */
	CHAT_SHORT_IDS = 1 << 21,	/* of calls: 9 letters and digits */
	CHAT_PREFIX = 1 << 22,		/* prefix: true continues an answer */
	CHAT_PREDICTION = 1 << 23,
	CHAT_WHOLE_CALLS = 1 << 24,	/* a streamed call is one delta */
	CHAT_LATE_SYSTEM = 1 << 25,	/* system message behind anything */
	CHAT_DETAIL_ORIGINAL = 1 << 26	/* of a picture */
};

#define CHAT_ID		9		/* bytes of a CHAT_SHORT_IDS id */

struct chat {
	enum conf_dialect dialect;
	const char	*name;		/* in messages */
	const char	*max_tokens;	/* the members' names there */
	const char	*seed;
	const char	*user;		/* NULL: has none */
	const char	*required;	/* tool_choice that forces a call; NULL:
					   there is no tool_choice */
	double		 max_temperature;
	unsigned	 max_stop;	/* 0: any number */
	unsigned	 has;		/* CHAT_* */
	/* Words of this service_tier for another's; NULL: none fits. */
	const char	*(*tier)(struct str word);
	/* reasoning_effort for a neutral one of a model; "": nothing has to
	 * be said; NULL: it cannot. */
	const char	*(*effort)(struct str model, const char *effort);
};

extern const struct chat chat_openai, chat_generic, chat_groq, chat_mistral;

/* The members of o called names[i] in one pass; null is as if absent. */
void chat_fields(struct jval o, const struct str *names, unsigned n,
    struct jval *out);
/* The same of a request: others are noted as unknown below where. */
struct chat_reader;
void chat_members(struct chat_reader *r, struct jval o,
    const struct str *names, unsigned n, struct jval *out, const char *where);
#define CHAT_F(lit)	{ lit, sizeof(lit) - 1 }

/* --- reading requests (chat_read*.c) ------------------------------------- */

struct chat_reader {
	const struct chat *c;
	struct ir_req	*q;
	struct ir_note	*n;
	/* Where it is, for refusals: list[at].sub[sub_at]. */
	const char	*list, *sub;
	unsigned	 at, sub_at;
	struct ir_turn	*results;	/* tool messages side by side */
	struct ir_part	**next_result;	/* where the next one is hung */
	const struct ir_part *next_call; /* behind the one answered last */
	unsigned	 looked;	/* at calls, for results out of order */
	const struct ir_turn *said;	/* the last one of an assistant */
	unsigned	 n_functions;	/* legacy calls so far */
	int		 uncited;	/* documents are not to be cited */
};

int chat_read(const struct chat *c, struct ir_req *q, struct str body,
    struct ir_note *n);
/* "messages[2].content[0].text"; member may be "". */
const char *chat_path(const struct chat_reader *r, const char *member);
/* "messages[2].content[0].text must be a string". */
int chat_bad(const struct chat_reader *r, const char *member,
    const char *what);
/* A string, or nothing; else a refusal. */
int chat_text(const struct chat_reader *r, struct jval v, const char *member,
    struct str *out);
/* The same for other types; what is there must be that. */
int chat_type(const struct chat_reader *r, struct jval v, const char *member,
    enum jscan_type type);
int chat_flag(const struct chat_reader *r, struct jval v, const char *member,
    int *out);
int chat_read_messages(struct chat_reader *r, struct jval v);
/* A string or a list of parts, appended to list. */
int chat_read_content(struct chat_reader *r, struct jval v,
    struct ir_part **list);
int chat_read_tools(struct chat_reader *r, struct jval v);
int chat_read_functions(struct chat_reader *r, struct jval v);
int chat_read_choice(struct chat_reader *r, struct jval v);
int chat_read_function_call(struct chat_reader *r, struct jval v);
int chat_read_format(struct chat_reader *r, struct jval v);

/* --- writing requests (chat_write*.c) ------------------------------------ */

struct chat_writer {
	const struct chat *c;
	struct ir_req	*q;
	const struct ir_target *t;
	struct ir_note	*n;
	struct jw	 w;
	int		 ask_json;	/* a message shall say "JSON" */
};

int chat_write(const struct chat *c, struct buf *b, struct ir_req *q,
    const struct ir_target *t, struct ir_note *n);
/* 1: the request came in the very format that it is written in. */
int chat_same(const struct chat_writer *w);
/* What the client calls the member that OpenAI calls so. */
const char *chat_word(const struct chat_writer *w, const char *name);
static inline int
chat_has(const struct chat_writer *w, unsigned what)
{
	return (w->c->has & what) != 0;
}
/* A refusal: the format "has no form for what"; why may be "". */
int chat_no_form(struct chat_writer *w, const char *what, const char *why);
int chat_write_messages(struct chat_writer *w);
/* "content": a string where one will do, else a list. before stands before
 * the first text. */
int chat_write_content(struct chat_writer *w, const struct ir_part *list,
    const char *before);
/* One element of such a list. */
int chat_write_part(struct chat_writer *w, const struct ir_part *p,
    const char *before);
/* The same of text, with the mark of p. */
int chat_write_text(struct chat_writer *w, const struct ir_part *p,
    const char *before, struct str text);
int chat_write_tools(struct chat_writer *w);
int chat_write_format(struct chat_writer *w);
int chat_write_sampling(struct chat_writer *w);
int chat_write_effort(struct chat_writer *w);
/* 1 when the target takes marks behind which a prompt is kept. */
int chat_marks(const struct chat_writer *w);

/* --- answers ------------------------------------------------------------- */

int chat_event(const struct chat *c, struct codec_in *in,
    const struct sse_event *ev);
int chat_end(struct codec_in *in);
int chat_body(const struct chat *c, struct codec_in *in, struct str body);
int chat_put(const struct chat *c, struct codec_out *o,
    const struct ir_event *ev);
int chat_put_body(const struct chat *c, struct codec_out *o,
    const struct ir_event *ev, unsigned n);
/* finish_reason; calls: some were made. NULL: there is none, it is an error */
const char *chat_finish(const struct chat *c, const struct codec_out *o,
    enum ir_finish f, int calls, int refused);
/* Objects of an answer that streams and whole ones have alike. */
void chat_put_usage(const struct chat *c, struct jw *w,
    const struct price_usage *u);
void chat_put_citation(struct jw *w, struct arena *a, struct str raw);
/* 1 when raw is one of a URL: others have no form. */
int chat_is_citation(struct str raw);
void chat_put_image(struct jw *w, struct arena *a,
    const struct ir_event *ev);
void chat_put_thinking(struct jw *w, struct str text, struct str signature);
void chat_put_call(struct jw *w, struct str id, struct str name, int custom,
    struct str args);
void chat_put_call_signature(struct jw *w, struct str s);
/* As the client is to send it back: sealed, unless its format made it. */
struct str chat_signature(const struct chat *c, struct codec_out *o,
    const struct ir_event *ev);
struct str chat_id(const struct chat *c, const struct codec_out *o);
/* The word of a row whose first it is; NULL when there is none. */
const char *chat_look_up(const char *const rows[][2], struct str word);

/* The codec of one of them; more columns may follow. */
#define CHAT_CODEC(id, variant, target, ...)					\
static int								\
id##_read(struct ir_req *q, struct str body, struct ir_note *n)		\
{									\
	return chat_read(&(variant), q, body, n);			\
}									\
static int								\
id##_write(struct buf *b, struct ir_req *q, const struct ir_target *t,	\
    struct ir_note *n)							\
{									\
	return chat_write(target, b, q, t, n);				\
}									\
static int								\
id##_event(struct codec_in *in, const struct sse_event *ev)		\
{									\
	return chat_event(&(variant), in, ev);				\
}									\
static int								\
id##_body(struct codec_in *in, struct str body)				\
{									\
	return chat_body(&(variant), in, body);				\
}									\
static int								\
id##_put(struct codec_out *o, const struct ir_event *ev)		\
{									\
	return chat_put(&(variant), o, ev);				\
}									\
static int								\
id##_put_body(struct codec_out *o, const struct ir_event *ev,		\
    unsigned n)								\
{									\
	return chat_put_body(&(variant), o, ev, n);			\
}									\
const struct codec codec_##id = {					\
	.name = #id, .read = id##_read, .write = id##_write,		\
	.event = id##_event, .end = chat_end, .body = id##_body,	\
	.put = id##_put, .put_body = id##_put_body,			\
	.tap = &dialect_openai_chat, .path = "/chat/completions",	\
	.others = "", __VA_ARGS__					\
}

/* When nobody said why. */
#define CHAT_REFUSED	"The model refused to answer."

#endif
