/*
 * dialect.h - one row per wire format: pure functions over bytes.
 *
 * First part: what watching an answer needs (the tap). Translation joins the
 * same row.
 */
#ifndef DIALECT_DIALECT_H
#define DIALECT_DIALECT_H

#include "base/jfind.h"
#include "conf/conf.h"
#include "conf/price.h"
#include "dialect/fault.h"
#include "dialect/frame.h"

/* What was seen of an answer so far. Zero at first. */
struct tap {
	struct price_usage usage;
	unsigned	 has_usage : 1;
	unsigned	 partial : 1;	/* ... but not yet all of its output */
	unsigned	 seen : 1;	/* an event with data, whatever it is */
	unsigned	 content : 1;	/* something the user can see */
	unsigned	 finished : 1;	/* the format's end mark came */
	unsigned	 error : 1;	/* an error inside a 200 */
	unsigned	 malformed : 1;	/* body saw something else than JSON */
	unsigned	 array : 1;	/* its events are elements of an array ... */
	unsigned	 closed : 1;	/* which has its end */
	uint64_t	 text_bytes;	/* of generated text, for estimates */
	char		 error_text[200];
	struct jfind_memo memo;		/* of its events */
};

#define DIALECT_SLICE (64u << 10)	/* bytes looked at in one turn */

struct dialect_scan;		/* of a long answer, under way */

struct dialect {
	const char	*name;
	enum fault_shape shape;
	/* One event of a stream. */
	void	(*event)(struct tap *t, const struct sse_event *ev);
	/*
	 * A whole answer that is no stream: 0. Of a long one a slice: ERR_AGAIN
	 * and *sp is set; it is called again with the same bytes. sp NULL: all
	 * at once. *sp is NULL at first and behind the end.
	 */
	int	(*body)(struct tap *t, struct str body,
		    struct dialect_scan **sp);
	/* 1 when a stream of this format ends with a mark that event sees. */
	int	 has_end_mark;
	enum frame frame;	/* how its streams are divided */
	/* A comment or ping that clients of the format ignore. */
	const char *keepalive;
};

/* The row of a provider's dialect. Never NULL. */
const struct dialect *dialect_get(enum conf_dialect d);
/* Of the answers to one of its operations: CONF_API_RESPONSES and _MESSAGES
 * are formats of their own. Never NULL. */
const struct dialect *dialect_of_api(enum conf_dialect d, unsigned api);
extern const struct dialect dialect_openai_chat, tap_anthropic, tap_gemini,
    tap_ollama, tap_responses;

/* Give up a look at a body that is under way. Accepts NULL, sets NULL. */
void dialect_scan_free(struct dialect_scan **sp);

/*
 * Bytes of s that may be text: without runs of base64 of more than 1 KiB, which
 * are pictures and sounds. *run: 0 at first, then how long the run is that s
 * ended with; it counts when it has ended.
 */
uint64_t dialect_text(struct str s, size_t *run);

/* Tokens for bytes of text when nobody counted: one per four bytes, up. */
uint64_t dialect_estimate(uint64_t bytes);

#endif
