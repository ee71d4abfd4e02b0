/*
 * mock_act.h - what the mock does to one answer: pace, faults, content.
 *
 * Written as text, "status=429,retry-after=2", in rules, in the request header
 * x-mock, after '!' in a model name, and as [[mock:...]] inside a body. The
 * words are the rows of one table; aigw-mock(1) lists them.
 */
#ifndef MOCK_ACT_H
#define MOCK_ACT_H

#include <stdint.h>

#include "base/str.h"

/* How an answer ends before its time. */
enum mock_end {
	MOCK_END_NONE,
	MOCK_END_RESET,		/* RST */
	MOCK_END_CLOSE,		/* FIN */
	MOCK_END_STALL,		/* nothing more, connection stays */
	MOCK_END_CUT		/* framing ended properly, content not */
};

enum mock_where {
	MOCK_AT_BEFORE,		/* before the head */
	MOCK_AT_HEAD,		/* in the middle of the head */
	MOCK_AT_BYTE,		/* after at bytes of the body */
	MOCK_AT_EVENT		/* after at events of a stream */
};

enum mock_garbage {
	MOCK_GARBAGE_NONE, MOCK_GARBAGE_HTTP, MOCK_GARBAGE_JSON,
	MOCK_GARBAGE_HEAD, MOCK_GARBAGE_LINE, MOCK_GARBAGE_CHUNK,
	MOCK_GARBAGE_STATUS
};

enum mock_usage {
	MOCK_USAGE_TRUE, MOCK_USAGE_MISSING, MOCK_USAGE_NEGATIVE,
	MOCK_USAGE_HUGE, MOCK_USAGE_NULL, MOCK_USAGE_STRING
};

/* Every member: -1 or 0 as said means "not set". */
struct mock_act {
	/* pace */
	int64_t		latency_us;	/* before the head; -1 */
	int64_t		first_us;	/* head to first token; -1 */
	double		rate;		/* tokens per second; -1; 0: at once */
	int		tokens;		/* of an answer; -1 */
	int		chunk;		/* bytes per write; -1; 0: whole */
	int64_t		bps;		/* bytes per second; 0 */
	/* faults */
	int		status;		/* 0 */
	int64_t		retry_after;	/* seconds; -1 */
	char		code[48];	/* of the error body; "" */
	char		message[128];	/* of the error body; "" */
	enum mock_end	end;
	enum mock_where	where;
	int64_t		at;
	int64_t		stall_us;	/* stall only so long; 0: for ever */
	int		error_at;	/* error event after n events; -1 */
	int64_t		length;		/* added to Content-Length; 0 */
	enum mock_garbage garbage;
	enum mock_usage	usage;
	unsigned	gzip : 1, slow_head : 1, close_after : 1,
			close_reuse : 1, until_close : 1, empty : 1,
			no_done : 1, no_tool : 1, refusal : 1,
			cite : 1;	/* its text has a source */
	int		calls;		/* tool calls in one answer; -1 */
	int		early;		/* informational status first; 0 */
	int		headers;	/* extra header fields; 0 */
	/* content */
	int64_t		cached, reasoning;	/* tokens; -1 */
	char		finish[24];	/* finish_reason; "" */
	char		tool[72];	/* the one to call, if it is offered; "" */
	char		args[512];	/* of the call, JSON; "": by its schema */
};

/* Nothing set. */
void mock_act_init(struct mock_act *a);
/*
 * Set what text says on top of a: 0, or ERR_FORMAT with the faulty word in
 * *bad (a slice of text).
 */
int mock_act_parse(struct mock_act *a, struct str text, struct str *bad);

#endif
