/*
 * limit_rec.h - the packed record of everything one client key is limited by
 * (in hot), and what the files of window.c need to work on it.
 *
 * The record stands under (TABLE_LIMIT, key id, 0). Times of a window stand
 * beside it, under (TABLE_LIMIT, key id, 1 + slide, number of the chunk), so
 * that one key's records are neighbours in the tree.
 */
#ifndef STATE_LIMIT_REC_H
#define STATE_LIMIT_REC_H

#include <stdint.h>

#include "state/rec.h"
#include "state/state_priv.h"
#include "state/window.h"

#define LIMIT_VERSION	2
#define LIMIT_EXACT	1024	/* greatest limit with exact times */
#define LIMIT_PLACES	256	/* processes that hold places of one key */
#define LIMIT_CHUNK	32	/* times in one chunk */
#define LIMIT_FRESH	8	/* times or counts in the record itself */
#define LIMIT_COUNTS	258	/* sub-windows that count, and one to spare */

enum limit_slide_id { SLIDE_RPS, SLIDE_RPM, SLIDE_RPD, SLIDE_TPM, SLIDES };
enum limit_calendar_id { CALENDAR_HOUR, CALENDAR_DAY, CALENDARS };
enum limit_mode { LIMIT_NONE, LIMIT_RING, LIMIT_PARTS };

/*
 * The newest of a window stand in the record itself and are moved to their
 * chunks only when there are LIMIT_FRESH of them: most admissions then change
 * one page of the tree.
 */
struct limit_part {
	uint32_t	 low;		/* sub-window, its low 32 bits */
	uint32_t	 n;
};

struct limit_slide {
	uint8_t		 mode;		/* enum limit_mode */
	uint8_t		 fresh;		/* in t or part, not in a chunk */
	/* LIMIT_RING: entries, index of the oldest live one, live ones */
	uint16_t	 cap, tail, live;
	int64_t		 at;	/* youngest time; or number of the newest
				   sub-window */
	uint64_t	 sum;	/* LIMIT_PARTS: all that counts */
	union {
		int64_t		 t[LIMIT_FRESH];
		struct limit_part part[LIMIT_FRESH];
	} u;
};

struct limit_place {
	uint64_t	 incarnation;
	uint64_t	 reserved;	/* tokens */
	uint32_t	 n;		/* requests */
	uint16_t	 slot;
	uint16_t	 zero;
};

struct limit_rec {
	struct rec_head	 head;
	int64_t		 used_us;	/* real time of the last use */
	int64_t		 last_us;	/* boot time of the last admission */
	struct limit_slide slide[SLIDES];
	struct {
		int64_t		 start;	/* of the hour or day, real us */
		uint64_t	 n;
	} calendar[CALENDARS];
	uint64_t	 tokens;	/* spent in the key's life */
	uint64_t	 reserved;	/* by all processes; for tpm too */
	uint32_t	 running;	/* concurrent requests */
	uint8_t		 admitted;	/* last_us is valid */
	uint8_t		 seeded;	/* tokens is valid */
	uint16_t	 n_places;
	struct limit_place places[LIMIT_PLACES];
};

/* The record of one key while an act works on it. */
struct limit {
	struct state	*st;
	uint64_t	 key_id;
	int		 found;		/* it is in the store */
	int		 dirty;
	int64_t		 now;		/* boot time that counts */
	int64_t		 real_us;
	struct limit_rec r;
};

/* Read; an unknown key gives an empty record. 0, or a code. */
int limit_load(struct state *st, uint64_t key_id, struct limit *l);
/* Write in the open transaction. */
int limit_store(struct limit *l);
/* Boot time that windows may count from: of the last admission, or the end of
 * the part of a minute that has the last tokens; INT64_MIN: none. */
int64_t limit_used(const struct limit_rec *r);
/* A walk over the records of all keys, from key id from on. */
struct limit_walk {
	struct db_walk	 w;
	struct db_key	 table;
};
int limit_walk(struct state *st, struct limit_walk *w, uint64_t from);
/* 0 with the next record, ERR_NOTFOUND at the end, or a code. */
int limit_walk_next(struct limit_walk *w, uint64_t *key_id, struct str *rec);
void limit_walk_end(struct limit_walk *w);
/* Delete the record of a key with all its chunks, in the open transaction. */
int limit_delete(struct state *st, uint64_t key_id);
/* Key of a chunk. */
void limit_chunk_key(struct db_key *k, uint64_t key_id,
    enum limit_slide_id s, unsigned chunk);

/* --- slide.c: one sliding window, in either form ------------------------ */

/* What a kind of limit says before the request is taken. */
struct limit_verdict {
	int		 over;
	int64_t		 wait_us;	/* until it is not; 0: never */
	uint64_t	 left;		/* before this request */
	int64_t		 reset_us;	/* until nothing counts any more, this
					   request included; 0: never */
};

/* Bring the window to l->now and into the form that suits the limit.
 * weighed: counts amounts, so never a ring. */
int slide_fit(struct limit *l, enum limit_slide_id s, int64_t period,
    uint64_t limit, int weighed);
int slide_check(struct limit *l, enum limit_slide_id s, int64_t period,
    uint64_t limit, struct limit_verdict *v);
/* Count n at l->now. */
int slide_take(struct limit *l, enum limit_slide_id s, int64_t period,
    uint64_t n);

/* Take back n that were counted at t, as far as they still count. */
int slide_give(struct limit *l, enum limit_slide_id s, int64_t period,
    int64_t t, uint64_t n);

/* --- ring.c: exact times ------------------------------------------------ */

/* At least cap entries, whatever form it had; period as before. */
int ring_fit(struct limit *l, enum limit_slide_id s, int64_t period,
    unsigned cap);
int ring_expire(struct limit *l, enum limit_slide_id s, int64_t period);
/* Live time i, 0 the oldest. */
int ring_entry(struct limit *l, enum limit_slide_id s, unsigned i,
    int64_t *t);
int ring_put(struct limit *l, enum limit_slide_id s, int64_t t);
/* Forget one entry with that time. */
int ring_drop(struct limit *l, enum limit_slide_id s, int64_t t);
/* All live times, oldest first; the count. */
int ring_all(struct limit *l, enum limit_slide_id s,
    int64_t v[LIMIT_EXACT]);

/* --- parts.c: 1/256 sub-windows ----------------------------------------- */

int parts_advance(struct limit *l, enum limit_slide_id s, int64_t period,
    int64_t t);
int parts_add(struct limit *l, enum limit_slide_id s, uint64_t n);
int parts_drop(struct limit *l, enum limit_slide_id s, int64_t period,
    int64_t t, uint64_t n);
int parts_wait(struct limit *l, enum limit_slide_id s, int64_t period,
    uint64_t limit, int64_t *us);
/* Sub-windows that hold something, oldest first: the last moment of each (or
 * now) and what it holds; how many. */
struct limit_count {
	int64_t		 t;
	uint64_t	 n;
};
int parts_list(struct limit *l, enum limit_slide_id s, int64_t period,
    struct limit_count v[LIMIT_COUNTS]);
/* The same as up to LIMIT_EXACT single times. */
int parts_times(struct limit *l, enum limit_slide_id s, int64_t period,
    int64_t v[LIMIT_EXACT]);

/* --- places.c: concurrency ---------------------------------------------- */

/* Take or give back one place of this process. take: 0 when there is no room
 * for one more process. */
int places_take(struct limit *l);
void places_give(struct limit *l);
/* The same for reserved tokens. */
int places_reserve(struct limit *l, uint64_t n);
void places_unreserve(struct limit *l, uint64_t n);
/* Forget both of a dead process, over all keys: 0, or a code. */
int places_sweep(struct state *st, unsigned slot, uint64_t incarnation);

/* --- reserve.c: tokens --------------------------------------------------- */

/* Would want more tokens fit, beside those that others have reserved? */
int reserve_check_tpm(struct limit *l, uint64_t limit, uint64_t others,
    uint64_t want, struct limit_verdict *v);
int reserve_check_life(struct limit *l, uint64_t limit, uint64_t others,
    uint64_t want, struct limit_verdict *v);
/* Reserve what the request asks for if that is a small part of what is left. */
int reserve_easily(struct limit *l, struct act_admit *a, uint64_t left);

/* --- window.c ------------------------------------------------------------ */

/* Take back what ADMIT has taken for this request. */
int window_give_back(struct limit *l, const struct act_admit *a);

#endif
