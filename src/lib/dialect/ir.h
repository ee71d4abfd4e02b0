/*
 * ir.h - the neutral form of requests and answers, between two dialects.
 *
 * A request is read by the client's codec (codec.h) into a struct ir_req and
 * written by the provider's. An answer, stream or not, is decoded into a
 * sequence of struct ir_event and encoded from it. Everything lies in an arena
 * that the caller owns; texts are decoded UTF-8; "raw" is JSON text, a slice of
 * the source that the scanner accepted, and is copied byte for byte: numbers
 * and the order of keys survive.
 */
#ifndef DIALECT_IR_H
#define DIALECT_IR_H

#include "base/arena.h"
#include "base/slice.h"
#include "conf/conf.h"
#include "conf/price.h"
#include "dialect/fault.h"

/* The next of a list that may be long (slice.h): to look at it costs a miss of
 * the caches. */
#define ir_next(p) (slice_use(60), (p)->next)

/* --- what happened to a field on the way --------------------------------- */

#define IR_NOTES 48

enum ir_how { IR_DROPPED, IR_CHANGED };

struct ir_note {
	struct arena	*a;
	int		 strict;	/* what is lost is refused */
	unsigned	 n;
	struct {
		const char	*field;	/* "seed", in the client's words */
		enum ir_how	 how;
	} v[IR_NOTES];
	/* Set by the first refusal; message names the field and the remedy. */
	const char	*param, *message;
};

/* The field does not get there, but nothing else changes: 0, or ERR_FORMAT
 * (refused) when strict. field is static or in the arena. */
int ir_drop(struct ir_note *n, const char *field);
/* It gets there in another form, or nearly (clamped, prefixed text). */
int ir_change(struct ir_note *n, const char *field);
/* It cannot be carried and its loss would change the meaning: ERR_FORMAT. param
 * may be NULL: it is about the whole. */
int ir_refuse(struct ir_note *n, const char *param, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* "seed,metadata" of what was dropped or changed; "" for none. In a. */
const char *ir_dropped(const struct ir_note *n);

/* --- requests ------------------------------------------------------------ */

enum ir_role { IR_SYSTEM, IR_USER, IR_ASSISTANT, IR_TOOL };

enum ir_kind {
	IR_TEXT,
	IR_IMAGE,
	IR_FILE,		/* a document */
	IR_AUDIO,
	IR_VIDEO,
	IR_CALL,		/* the assistant calls a tool */
	IR_RESULT,		/* what the tool said */
	IR_THINKING,
	IR_REFUSAL,
	IR_OPAQUE		/* raw, only for the dialect it came from */
};

/* Where the bytes of an image, file, audio or video are: one of them. */
struct ir_media {
	struct str	 mime;		/* "image/png"; empty: unknown */
	struct str	 base64;	/* no data: prefix, no white space */
	struct str	 url;
	struct str	 file_id;	/* of the dialect it came from */
	struct str	 text;		/* a document that is plain text */
	struct str	 filename, title;
	struct str	 detail;	/* of an image: auto low high original */
	const char	*where;		/* path of url or file_id in the request;
					   or NULL */
};

struct ir_part {
	struct ir_part	*next;
	enum ir_kind	 kind;
	enum conf_dialect from;	/* of thinking, signature, opaque, file_id */
	struct str	 text;		/* text, thinking, refusal */
	struct str	 cache;		/* raw cache_control; empty: none */
	struct str	 citations;	/* raw */
	struct str	 raw;		/* opaque */
	struct ir_media	 media;
	/* call and result */
	struct str	 id, name;
	struct str	 args;		/* raw text of the arguments, or what was
					   said instead of JSON; "" for none */
	unsigned	 custom : 1,	/* free-form input in args */
			 error : 1,	/* the tool failed */
			 redacted : 1;	/* thinking: only signature */
	struct ir_part	*result;	/* of a result: its parts */
	struct str	 json;		/* of a result: a raw object, if it is one */
	struct str	 signature;	/* of thinking or a call, as it came */
	struct str	 item_id;	/* of the Responses API */
};

struct ir_turn {
	struct ir_turn	*next;
	enum ir_role	 role;
	int		 developer;	/* a system turn that said so */
	struct str	 name;
	struct ir_part	*parts;
};

enum ir_tool_kind { IR_FUNCTION, IR_CUSTOM, IR_BUILTIN };

struct ir_tool {
	struct ir_tool	*next;
	enum ir_tool_kind kind;
	enum conf_dialect from;		/* of a builtin */
	struct str	 name, description;
	struct str	 group;		/* begins name, with "__"; empty: none */
	struct str	 schema;	/* raw; empty: no parameters */
	struct str	 cache;		/* raw */
	struct str	 format;	/* raw, of a custom tool */
	struct str	 wire;		/* its name at the target, of wire.c */
	struct str	 raw;		/* the whole definition */
	int		 strict;	/* -1 not said, 0, 1 */
	unsigned	 allowed : 1,	/* of ir_tool_marks: it is in allowed */
			 called : 1;	/* ... and it is in the history */
};

/* Tools by their names, once there are many; calls by their ids. */
struct ir_index {
	struct hmap	*names;
	const struct ir_tool *last;	/* the last one that is in it */
	struct hmap	*renamed;	/* wire.c: by their names there */
	const struct ir_tool *last_renamed;
	struct hmap	*calls;		/* of ir_call_of */
};

enum ir_choice { IR_CHOICE_UNSET, IR_AUTO, IR_NONE, IR_REQUIRED };

enum ir_format { IR_FORMAT_UNSET, IR_PLAIN, IR_JSON_OBJECT, IR_JSON_SCHEMA };

enum ir_think { IR_THINK_UNSET, IR_THINK_OFF, IR_EFFORT, IR_BUDGET,
	IR_ADAPTIVE };

/* A number as it was written: raw keeps its digits; empty: not said. */
struct ir_num {
	struct str	 raw;
	double		 v;
};

/* A member of the source that has no place here: "verbosity", raw value. */
struct ir_extra {
	struct ir_extra	*next;
	const char	*name;
	struct str	 raw;
	int		 must;		/* its loss changes the meaning */
	int		 inner;		/* not of the top: unknown.h */
};

/* What formats have several words for: the one that the client used. */
enum ir_said { IR_SAID_USER, IR_SAID_MARK, IR_SAID_EFFORT, IR_SAID_SHOWN,
	IR_SAID_THINKING, IR_SAID_LOGPROBS, IR_SAIDS };

struct ir_req {
	struct arena	*a;
	enum conf_dialect from;
	int		 responses;	/* from the Responses API */
	int		 api_2026;	/* of Messages: by the rules of the API
					   version 2026-10-21 */
	struct str	 model;
	int		 stream;
	int		 include_usage;	/* a chat stream shall end with it */
	int		 prompt;	/* of Ollama's /api/generate: one prompt,
					   and it is answered that way */
	int		 functions;	/* of a chat client that has functions,
					   not tools: it is called that way */
	/* Instructions before the first turn are system turns at the front. */
	struct ir_turn	*turns;
	struct ir_tool	*tools;
	enum ir_choice	 choice;
	struct str	*allowed;	/* only these tools; one and REQUIRED:
					   that tool must be called */
	unsigned	 n_allowed;
	int		 parallel;	/* -1 not said, 0 at most one call, 1 */
	uint64_t	 max_output;	/* 0: not said */
	struct str	*stop;
	unsigned	 n_stop;
	struct ir_num	 temperature, top_p, top_k, seed, frequency_penalty,
			 presence_penalty, n, top_logprobs;
	int		 logprobs;
	struct str	 logit_bias;	/* raw; empty: not said */
	enum ir_think	 think;
	struct str	 effort;	/* none minimal low medium high xhigh max */
	uint64_t	 budget;	/* tokens */
	int		 show_thoughts;	/* -1 not said, 0, 1 */
	int		 encrypted;	/* the client sends reasoning back */
	enum ir_format	 format;
	struct str	 schema_name, schema_description;
	struct str	 schema;	/* raw */
	int		 schema_strict;	/* -1 not said, 0, 1 */
	struct str	 user, service_tier, verbosity, cache_key;
	struct str	 metadata;	/* raw */
	struct str	 previous_id;	/* previous_response_id */
	int		 store;		/* -1 not said, 0, 1 */
	struct ir_extra	*extra;		/* known to the source only */
	const char	*said[IR_SAIDS]; /* set by the source's reader; or NULL */
	/* of ir_*_add: where the lists end */
	struct ir_turn	*last_turn;
	struct ir_tool	*last_tool;
	struct ir_part	**part_list, *last_part;
	struct ir_extra	*last_extra;
	unsigned	 n_unknown;	/* of unknown.h */
	struct ir_index	*index;		/* ir_req_init; NULL: none */
};

/* Set the defaults that are not zero (the -1 above). */
void ir_req_init(struct ir_req *q, struct arena *a, enum conf_dialect from);
/* Append; the new one is zeroed. */
struct ir_turn *ir_turn_add(struct ir_req *q, enum ir_role role);
struct ir_part *ir_part_add(struct ir_req *q, struct ir_part **list,
    enum ir_kind kind);
struct ir_tool *ir_tool_add(struct ir_req *q, struct str name);
/* What a tool of a group is called where there are no groups: "group__name". */
struct str ir_tool_name(struct arena *a, struct str group, struct str name);
#define IR_TOOL_MARK 2		/* bytes between them */
/* The tool of that name, the first one, or NULL. */
const struct ir_tool *ir_tool_find(const struct ir_req *q, struct str name);
/* Set allowed and called of all tools. */
void ir_tool_marks(struct ir_req *q);
/* The user, by that word; another by another word before it is lost. */
int ir_user(struct ir_req *q, struct ir_note *n, const char *word,
    struct str user);
/* What the client calls a mark behind which a prompt is kept; sources that it
 * has for a text. */
const char *ir_mark(const struct ir_req *q);
const char *ir_cited(const struct ir_req *q);
/* Who gets the request cannot cite from documents, as the client wants. */
int ir_no_citing(struct ir_note *n, const struct ir_req *q, const char *who);
void ir_extra_add(struct ir_req *q, const char *name, struct str raw);
/* The same for what no other dialect may leave out: "safetySettings". */
void ir_extra_must(struct ir_req *q, const char *name, struct str raw);
/* For the writer of another dialect: each extra is dropped, or refused when it
 * must not be lost. */
int ir_extra_lose(const struct ir_req *q, struct ir_note *n);
/*
 * For a writer: what parts have beside their content and the target has no place
 * for. all: no marks behind which a prompt is kept, else none of calls and
 * results. named: a name of who gives instructions gets there. Citations of
 * earlier answers are none anywhere.
 */
int ir_lose_marks(const struct ir_req *q, struct ir_note *n, int all,
    int named);
/* The last call with that id, or NULL; ir_call_of: the same for writers, when
 * no more calls are added, which looks through all of them once. */
const struct ir_part *ir_call_find(const struct ir_req *q, struct str id);
const struct ir_part *ir_call_of(const struct ir_req *q, struct str id);
/* top_k is what Google's own clients always send, the default there: 1. */
int ir_top_k_usual(const struct ir_req *q);
/*
 * What every target would refuse: a result without its call, a call of a turn
 * that is followed by another turn without its result, no turn at all.
 */
int ir_check(struct ir_req *q, struct ir_note *n);

/* Who gets it. */
struct ir_target {
	enum conf_dialect dialect;
	int		 responses;	/* by its Responses API */
	struct str	 model;
	struct price_model known;	/* of the model, by prices.conf */
	int		 generic;	/* OpenAI-compatible, not OpenAI itself:
					   max_tokens, no developer role */
};

/* Does its model take it? As the operator says, else as its name tells. */
static inline int
ir_can(const struct ir_target *t, unsigned trait, int by_name)
{
	return t->known.can & trait ? 1 : t->known.cannot & trait ? 0 :
	    by_name;
}

/* --- answers ------------------------------------------------------------- */

enum ir_finish { IR_FINISH_NONE, IR_STOP, IR_STOP_SEQUENCE, IR_LENGTH,
	IR_CONTEXT_FULL, IR_TOOL_CALLS, IR_CONTENT_FILTER, IR_REFUSED,
	IR_PAUSE, IR_FAILED };

enum ir_event_kind {
	IR_EV_START,		/* id, model, created; first, once */
	IR_EV_TEXT,		/* text */
	IR_EV_REFUSAL,		/* text */
	IR_EV_THINKING,		/* text */
	IR_EV_SIGNATURE,	/* text: of the thinking before it, or (call
				   set) of that call; from tells whose */
	IR_EV_REDACTED,		/* text: thinking that cannot be read */
	IR_EV_CALL,		/* call, id, name, custom; begins a call */
	IR_EV_ARGS,		/* call, text: a piece of its arguments */
	IR_EV_CALL_END,		/* call: its arguments are whole */
	IR_EV_IMAGE,		/* mime in name, base64 in text */
	IR_EV_CITATION,		/* raw */
	IR_EV_LOGPROBS,		/* raw: OpenAI's {"content":[...]} */
	IR_EV_FINISH,		/* finish, native, sequence, text (words) */
	IR_EV_USAGE,		/* usage: totals, the last one counts */
	IR_EV_ERROR,		/* fault, text; nothing follows */
	IR_EV_END		/* the answer is whole */
};

struct ir_event {
	enum ir_event_kind kind;
	unsigned	 choice;	/* of several answers, from 0 */
	/* Number of the call within its choice, from 0, in order of IR_EV_CALL;
	 * IR_EV_SIGNATURE: that plus one, 0 for thinking. */
	unsigned	 call;
	int		 custom;
	enum conf_dialect from;
	struct str	 id, name, model, text, raw;
	struct str	 native, sequence;	/* finish in the source's words */
	enum ir_finish	 finish;
	struct price_usage usage;
	int64_t		 created;	/* seconds; 0: unknown */
	enum fault	 fault;
};

#endif
