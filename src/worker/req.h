/*
 * req.h - one request: a row of steps, run by one loop, freed in one place.
 *
 * A step is a function that returns the next step; STEP_WAIT means that
 * nothing can be done until an event or a state act calls req_wake. Callbacks
 * of connections, attempts and timers only record what happened and wake; they
 * never run steps and never free. The last act, SETTLE, runs them: its request
 * must not wait behind others to end.
 */
#ifndef WORKER_REQ_H
#define WORKER_REQ_H

#include "dialect/dialect.h"
#include "dialect/media.h"
#include "state/open.h"
#include "state/upkey.h"
#include "state/usage.h"
#include "state/window.h"
#include "worker/caller.h"
#include "worker/client.h"
#include "worker/endpoint.h"
#include "worker/flow.h"

enum step {
	STEP_WAIT, STEP_AUTH, STEP_ADMIT, STEP_BODY, STEP_DECODE, STEP_LOCAL,
	STEP_ROUTE, STEP_RESERVE, STEP_TRY, STEP_HEAD, STEP_RELAY, STEP_FAIL, STEP_ACCOUNT,
	STEP_DONE, STEP_COUNT
};

#define REQ_MAX_ATTEMPTS 16

/* One attempt, for the log's chain. */
struct attempt {
	const struct conf_provider *provider;
	struct str	 model;
	int		 key;		/* number of the upstream key, or -1 */
	int		 status;	/* HTTP status, 0: none */
	enum outcome	 outcome;
	const char	*why;		/* in the arena, or NULL; for logs */
	const char	*said;		/* by the provider, for the client */
	enum fault	 fault;		/* of an answer that is an error */
	int64_t		 start_us, end_us;
};

/* Where the wanted members of the body are. */
struct req_body_marks {
	struct str	 model_raw;	/* slices of the body; n = 0: none */
	struct str	 stream_raw;
	struct str	 options_raw;	/* stream_options */
	struct str	 include_raw;	/* stream_options.include_usage */
	size_t		 open;		/* offset behind the first '{' */
	size_t		 form;		/* offset of the first boundary, of */
	struct str	 boundary;	/* a form; n = 0: none seen */
	uint64_t	 max_tokens;	/* 0: not named */
	uint64_t	 choices;	/* "n"; 0: not named */
};

struct req {
	struct worker	*w;
	struct client	*cl;		/* NULL after the answer is over */
	struct arena	*arena;
	enum step	 step;
	unsigned	 running : 1,
			 waiting_act : 1,
			 admitted : 1,	/* ADMIT counted it */
			 late : 1,	/* second look at those passed over */
			 paced : 1,	/* waits for its pass (max_qps) */
			 gone : 1,	/* the client went away */
			 keep : 1,	/* connection may stay open */
			 head_sent : 1,
			 abort : 1,	/* break the connection at the end */
			 settled : 1,
			 expect : 1,	/* client waits for 100 Continue */
			 stream : 1,	/* streaming was asked for */
			 body_ready : 1,
			 hide_usage : 1, /* withhold the usage-only chunk */
			 is_head : 1,	/* HEAD: no body goes out */
			 chunked : 1,	/* our answer is chunked */
			 preflight : 1,
			 /* of the attempt */
			 up_head : 1, up_ended : 1, up_sse : 1,
			 up_no_body : 1, commit_now : 1, paused : 1,
			 let_go : 1,
			 untold : 1,	/* a stream, it may be, that its type
					   does not tell */
			 retold : 1,	/* it is one */
			 unseen : 1,	/* the last event was too long for
					   the tap, it may be the end */
			 trial : 1,	/* of a provider that failed */
			 commit_due : 1, /* silent for commit_after */
			 early : 1,	/* the 200 went out before an answer */
			 relaying : 1,
			 opened : 1,	/* nothing is held any more */
			 until_close : 1, /* the end is the close */
			 lost : 1,	/* no memory to hold the answer */
			 more_due : 1,	/* a stream nears its reservation */
			 no_more : 1,	/* cannot have more ... */
			 spent : 1,	/* and has used it up */
			 taken : 1,	/* counts in the worker's overload */
			 too_late : 1,	/* waited for longer than max_lag */
			 files_known : 1,
			 text_path : 1,	/* raw, and generates text */
			 json : 1,	/* the scanner took its body */
			 guessed : 1,	/* the answer is an estimate of ours */
			 uncounted : 1,	/* a provider cannot count tokens */
			 translated : 1, /* the formats of the attempt differ */
			 renamed : 1,	/* only the request is written anew */
			 rewriting : 1,	/* the body is being translated */
			 unreadable : 1, /* no translation takes its body */
			 session_known : 1;
	struct ev_task	 task;
	struct ev_timer	 timer;		/* room, commit_after, keep-alive */
	int64_t		 start_us, real_us, first_us;
	int64_t		 room_until_us;	/* of waiting for room, 0: not */
	char		 id[40];
	unsigned char	 addr[16];	/* of the client, effective */
	enum caller_via	 via;

	/* the request, all in the arena */
	struct http1_head *head;
	struct session	*session;	/* session.h; NULL: none is named */
	struct endpoint_match ep;
	struct caller	 caller;
	struct buf	 body;
	struct req_body_marks marks;
	struct decode	*decode;	/* of a long body, in the arena */
	struct jscan_run *scan;
	struct slice	*looking;	/* look.h */
	void		*look;		/* what it works on, in the arena */
	struct form	*form;		/* net/form.h; NULL: none */
	uint64_t	 request_bytes;	/* of the body */
	struct str	 model;		/* as asked */
	struct str	 asked;		/* provider or format (unified.h) */

	/* routing */
	struct catalog_ref *catalog;
	struct catalog_result route;
	unsigned	 next_target;
	const struct catalog_target *target;
	struct wprov	*prov;
	int		 key;
	uint64_t	 keys_tried;	/* of this target */
	/* targets whose max_qps was reached, a byte each; the shortest wait */
	unsigned char	*passed_over;
	int64_t		 late_us;
	const struct catalog_target *unpriced; /* the first without a price */
	/* why the first target that it cannot be written for is none, or NULL */
	const char	*refusal, *refused_param;
	struct ev_timer	 pace;
	struct attempt	*attempt;	/* REQ_MAX_ATTEMPTS, made in ROUTE */
	unsigned	 n_attempts;
	struct fetch	*fetch;
	struct wprov	*fetch_prov;	/* whose in_flight it counts in */
	struct measured	*measured;	/* slowness.c; NULL: not */
	struct slow_wait silent;	/* until the attempt answers */
	const struct dialect *dialect;	/* of the provider's answers */

	/* the provider's answer */
	int		 up_status;
	enum frame	 up_frame;	/* of up_sse */
	size_t		 guess_seen;	/* of frame_guess */
	struct hdr	*up_h;		/* in the arena */
	unsigned	 up_n;
	int64_t		 up_length, up_retry_us;
	enum outcome	 up_outcome;
	struct tap	 tap;
	enum upkey_why	 key_why;	/* of an error inside a 200 */
	int		 key_status;	/* the status it stands for */
	struct dialect_scan *tap_scan;	/* of a long answer */
	size_t		 searched;	/* of what is held, for keywords */
	size_t		 hidden;	/* of what is held, keys of ours */
	const struct quote_probe *probe; /* for the key of the attempt */
	char		*begun;		/* hide.h: what may begin a secret of */
	size_t		 begun_n;	/* ours; room for two */
	struct flow	 flow;
	struct translate *translate;	/* of the attempt, or NULL */
	uint64_t	 flow_counted;	/* of its memory in the budget */

	struct buf	*local;		/* an answer of ours, in the making */
	struct able_page *able;		/* local_able.c */

	/* what the client gets */
	int		 status;
	enum fault	 fault;
	const char	*message;	/* of the fault, in the arena or static */
	const char	*logged;	/* instead of it in logs; NULL: itself */
	const char	*param;
	int64_t		 retry_after_us;
	uint64_t	 sent;		/* body bytes given to the client */
	struct conf_price price;
	int64_t		 cost;
	struct price_usage usage;
	unsigned	 usage_flags;	/* USAGE_* */

	struct act_admit admit;
	struct act_reserve *reserve;
	struct act	*last_act;	/* of ACCOUNT */
	struct act_settle *settle;
	struct open_req	*open;		/* on record from the first attempt */
	uint64_t	 input_bound;	/* tokens reserved for its body */
	uint64_t	 output_bound;	/* tokens the answer may have */
	struct media	 files;		/* inside the body */
};

/* --- serve.c calls these ----------------------------------------------- */

/* Make the request of a client from a parsed head (copied). */
void req_begin(struct client *c, const struct http1_head *h);
/* How long other work waits now, us, as overload.h counts it. */
int64_t req_lag(const struct worker *w);
/* Run it for the first time. */
void req_start(struct req *r);
/* Answer a head that could not be parsed, and close. */
void req_refuse_http(struct client *c, enum http1_error why);
void req_refuse(struct client *c, enum fault f, const char *message);
/* The same for one that was made and has not run. */
void req_refuse_begun(struct req *r, enum fault f, const char *message);
int req_wants_body(const struct req *r);
void req_client_gone(struct req *r);
void req_client_drained(struct req *r);
void req_client_timer(struct req *r);
/* The client sends or reads too slowly: end the request. */
void req_client_late(struct req *r);

/* --- the machine -------------------------------------------------------- */

/* Run steps at the end of this turn. */
void req_wake(struct req *r);
/* STEP_WAIT, and the step again in the next turn. */
enum step req_later(struct req *r);
/* For the end of a slice, when there are more: the step again at once, or later
 * when this turn has had enough of the request. */
enum step req_go_on(struct req *r);
/* The body has been sent and is not needed any more. */
void req_free_body(struct req *r);
/* The query says stream=true. */
int req_asks_stream(const struct req *r);
/* DECODE of a form; type is the value of its Content-Type. */
enum step req_form(struct req *r, struct str type);
/* Take the FAIL step with this fault; message is static or in the arena. */
enum step req_fail(struct req *r, enum fault f, const char *message,
    const char *param);
/* The same when something of our own is short: OUTCOME_NOMEM, OUTCOME_OURS. */
enum step req_short(struct req *r, enum outcome o);
/* The text for the request's log line and error answers. */
char *req_printf(struct req *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* --- steps, one file each ----------------------------------------------- */

typedef enum step step_fn(struct req *r);
step_fn req_auth, req_admit, req_body, req_decode, req_local, req_route,
    req_reserve, req_try, req_head, req_relay, req_fail_step, req_account, req_done;

/* req_answer.c: the head of the answer; length -1: unknown. */
void req_answer_head(struct req *r, int status, struct str content_type,
    int64_t length);
/* Body bytes of the answer in the framing chosen by req_answer_head. */
void req_answer_body(struct req *r, const char *p, size_t n);
/*
 * The whole answer: r->status with the JSON in b, which is freed. A request
 * body that nobody read is skipped, or the connection closes.
 */
void req_answer_json(struct req *r, struct buf *b);
/* The answer to a browser's preflight (Fetch standard, CORS). */
void req_answer_preflight(struct req *r);
/* 1 when client.cors_origins has it. */
int req_cors_allows(const struct req *r, struct str origin);
/* End of the answer's body. */
void req_answer_end(struct req *r);

/* req_admit.c: 1 when a limit refused it, or would have (limits.shadow). */
int req_limited(const struct req *r);

/* 1 when the provider's answer is read to its end although nobody waits. */
int req_drains(const struct req *r);

/* req_commit.c: begin to count a stream's silence; when it is over, send the
 * head and a keep-alive now. */
void req_commit_watch(struct req *r);
void req_commit(struct req *r);
/* Send what clients of the format ignore. */
void req_keepalive(struct req *r);

/* req_account.c: usage and cost of what is known by now. */
void req_cost(struct req *r);

/* req_account.c: who, what and where, as all records of the request say. */
void req_usage_names(struct req *r, struct usage_rec *u);

/* Does it only ask how many tokens a request has? */
static inline int
req_counts(const struct req *r)
{
	return r->ep.ep != NULL && (r->ep.ep->flags & ENDPOINT_COUNTS) != 0;
}

/* req_open.c: does the path of a raw request name generated text? Said once, in
 * text_path; and does the answer consist of generated tokens? */
int req_text_path(struct req *r);
int req_generates(const struct req *r);
/* Most tokens of output, by what the request, its group or the model (0:
 * unknown) says; and an estimate of its input. */
uint64_t req_output_bound(const struct req *r, uint64_t model_max);
uint64_t req_input_estimate(struct req *r);
/* Look once for files inside a JSON body; DECODE has done so in a long one. */
void req_find_files(struct req *r);
/* req_reserve.c: what ADMIT may reserve, from the head alone; 0: nothing. */
uint64_t req_reserve_guess(const struct req *r);
/* More of a stream has come: does it near its reservation? */
void req_reserve_watch(struct req *r);
/* Ask for more, if that is due; r->spent tells that it must end here. */
void req_reserve_more(struct req *r);

/* req_open.c: put the next attempt on record: 0, or a code of open_begin. */
int req_open_attempt(struct req *r);
/* Keep what is on record up to date: head of the answer, bytes of it. */
void req_open_head(struct req *r);
void req_open_bytes(struct req *r);

/*
 * req_key.c: the upstream key of the running attempt was refused: it rests,
 * here at once, everywhere else within 100 ms.
 */
void req_key_fault(struct req *r, enum upkey_why why);
/* An error inside a 200, as JSON: is it the key's? To be acted on by the next. */
void req_key_said(struct req *r, struct str error);
/* When it was the key's: it leaves the rotation, 1. */
int req_key_blamed(struct req *r);
/* It served a request: it is in rotation again if it was not. */
void req_key_good(struct req *r);

/* req_upstream.c: build and start an attempt; callbacks of the fetch. */
void req_upstream_start(struct req *r);
void req_upstream_stop(struct req *r);
/* Note how the running attempt ended. */
void req_upstream_note(struct req *r, enum outcome o, const char *why);

#endif
