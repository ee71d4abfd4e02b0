/*
 * window.h - admission of a client key within its limits, over all workers.
 *
 * Sliding windows of CLOCK_BOOTTIME: rps 1 s, rpm 60 s, rpd 24 h, tpm 60 s.
 * Limits up to 1,024 keep exact times, larger ones 1/256 sub-windows rounded
 * against the client: never one too many, at most 0.4 % early; tpm, which
 * counts amounts, always does. hourly and daily follow the calendar of the
 * process's zone. One row per kind in window.c says all of this.
 */
#ifndef STATE_WINDOW_H
#define STATE_WINDOW_H

#include "state/state.h"

enum window_kind {
	WINDOW_RPS, WINDOW_RPM, WINDOW_RPD, WINDOW_TPM,
	WINDOW_HOURLY, WINDOW_DAILY, WINDOW_COOLDOWN, WINDOW_CONCURRENCY,
	WINDOW_TOKENS, WINDOW_KINDS
};

/* Limits in force for one key: 0 is unlimited. cooldown in microseconds. */
struct window_limits {
	uint64_t	v[WINDOW_KINDS];
};

struct act_admit {
	struct act	 a;
	/* in */
	uint64_t	 key_id;
	struct window_limits limits;
	int64_t		 boot_us, real_us;	/* clocks at queueing */
	int		 shadow;	/* count, refuse nothing */
	uint64_t	 tokens;	/* it may use so many; 0: not known */
	/*
	 * out: a.rc is 0, ERR_LIMIT, or a store error. boot_us is the moment
	 * at which the request was counted: not before an earlier one of the
	 * same key, whatever worker that came through.
	 */
	enum window_kind refused;	/* when ERR_LIMIT, or over */
	int		 over;		/* shadow: it would have been refused */
	int		 place;		/* a concurrency place was taken: settle
					   with release, or leave it */
	int64_t		 retry_after_us; /* when ERR_LIMIT; 0: waiting does
					    not help */
	/* the tightest request window, for x-ratelimit-*-requests;
	 * limit 0: unlimited */
	uint64_t	 limit, remaining;
	int64_t		 reset_us;	/* until nothing of it counts */
	/* the same for tokens: tpm, else max_tokens (reset_us 0: never) */
	uint64_t	 tokens_limit, tokens_remaining;
	int64_t		 tokens_reset_us;
	/* tokens that were reserved: all of tokens if they are a small part of
	 * what is left, else 0 (ask with ACT_RESERVE). Settle with them, or
	 * leave them */
	uint64_t	 reserved;
	/* for giving back */
	int64_t		 before_us, start[2];
};

/*
 * Reserve tokens for an admitted request, so that what is spent and reserved
 * stays within tpm and max_tokens. Refused (ERR_LIMIT), it gives back all that
 * ADMIT has taken in the same transaction: it was never admitted; but not with
 * more, when it is under way and asks for more than it has.
 */
struct act_reserve {
	struct act	 a;
	struct act_admit *admit;	/* in; reserved and place updated */
	uint64_t	 want;		/* in all, with what it has */
	int64_t		 boot_us;
	int		 more;
	enum window_kind refused;	/* when ERR_LIMIT */
	int64_t		 retry_after_us; /* 0: waiting does not help */
};

/* The request ends without usage (it was refused after ADMIT, or never sent):
 * settle does the same for those that have some. */
struct act_leave {
	struct act	 a;
	uint64_t	 key_id;
	int		 release;	/* a concurrency place */
	uint64_t	 reserved;	/* tokens */
};

/*
 * What a key has used of its limits now, for display; nothing is taken.
 * used[] by kind (none for WINDOW_COOLDOWN). 0, or a code.
 */
int window_usage(struct state *st, uint64_t key_id, int64_t boot_us,
    int64_t real_us, uint64_t used[WINDOW_KINDS]);

/* Name of a kind as in the configuration: "rps". */
const char *window_name(enum window_kind k);

#endif
