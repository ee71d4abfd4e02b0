/*
 * breaker.h - when a provider that fails goes last, and how it comes back.
 *
 * Pure: rules and time are arguments. Times are those of one clock, in
 * microseconds. A zeroed breaker is closed: the provider keeps its place.
 *
 * It opens when threshold failures, and the given share of all attempts, fall
 * into the window, or into the last two seconds: a provider that served well
 * for minutes and then dies is noticed at once. After rest_us it is tried with
 * one attempt; each that works doubles how many it may have at once, until it
 * is closed again, so nothing is hit by all who waited. Attempts that began
 * before the last change say nothing new.
 *
 * Who shares a fuse (rota.h) shares what was found: when one opens, the others
 * open as they look next; after the rest one tries, the others wait for what
 * it finds, a rest longer at most; when it is closed they try, too. One that
 * fails again before it was well for as long as it rested is resting twice as
 * long, up to sixteen times and a minute.
 */
#ifndef ROUTE_BREAKER_H
#define ROUTE_BREAKER_H

#include <stdint.h>

#include "base/rota.h"

#define BREAKER_SLOTS	8

struct breaker_rule {
	unsigned	 threshold;	/* failures, at least */
	double		 ratio;		/* of all attempts, at least */
	int64_t		 window_us;
	int64_t		 rest_us;	/* the first time */
};

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_TRIAL };

/* Attempts of a window that slides in steps of an eighth. */
struct breaker_ring {
	unsigned	 ok[BREAKER_SLOTS], failed[BREAKER_SLOTS];
	unsigned	 at;
	int64_t		 until_us;	/* end of the slot at */
};

struct breaker {
	enum breaker_state state;
	struct breaker_ring recent, window;
	int64_t		 since_us;	/* last change */
	unsigned	 trials;	/* allowed at once */
	unsigned	 out;		/* under way */
	struct rota_fuse *shared;	/* NULL: its own */
	struct rota_fuse own;
};

/* 1: the provider has its place in the order, 0: it goes last. */
int breaker_ready(struct breaker *b, const struct breaker_rule *r,
    int64_t now_us);
/* An attempt begins: 1 when it is a trial, which breaker_end or breaker_note
 * has to be told, once. */
int breaker_begin(struct breaker *b);
void breaker_end(struct breaker *b);
/*
 * An attempt that began at began_us worked or failed (a trial has ended with
 * this): the state when that changed it, else -1.
 */
int breaker_note(struct breaker *b, const struct breaker_rule *r,
    int64_t began_us, int64_t now_us, int ok, int trial);
/* How long an open one rests. */
int64_t breaker_rest(struct breaker *b, const struct breaker_rule *r);

#endif
