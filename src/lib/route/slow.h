/*
 * slow.h - when a target that became slow goes last, and how it comes back.
 *
 * Pure: rules, time and chance are arguments; times are those of one clock, in
 * microseconds. What is measured is the time from the start of an attempt to
 * the first content of a stream, or to the whole of another answer: two kinds,
 * each in a logarithmic histogram that forgets half in a third of a second,
 * but keeps the weight of 32 answers. An attempt that is still silent counts
 * with its age once it is older than what it is compared with, so that one
 * need not wait for answers that do not come.
 *
 * A target is slow when, of at least 20 attempts, more than 5 % and at least 5
 * were over the limit: factor times the median of the 95 % values of the
 * group's targets of the same priority (of an even number the lower one), at
 * least 200 ms above that median. With nobody of its priority to compare with
 * the measure is its own usual value of the last minute, of streams only, and
 * no less than what another target takes: long answers are no fault. The last
 * target of a group that is in its place stays there.
 *
 * A target that is out gets 1 % of the requests, and one per rest_us, as
 * probes. Five that are in time, and half a second, give it a larger share
 * (5, 10, 25, 50 %, all); if it is slow at any of these it begins again. A
 * target that nobody asked for in ten rests is not known to be slow any more:
 * it has its place again, and is measured anew.
 */
#ifndef ROUTE_SLOW_H
#define ROUTE_SLOW_H

#include <stdint.h>
#include <sys/queue.h>

#define SLOW_BUCKETS	80	/* four for each doubling, from 1 ms on */

struct slow_rule {
	double		 factor;	/* of the median; 0: never slow */
	int64_t		 rest_us;	/* a probe at least so often */
};

enum { SLOW_WHOLE, SLOW_STREAM, SLOW_KINDS };

struct slow;

/* An attempt that is silent; part of what makes it. Zeroed: of nobody. */
struct slow_wait {
	TAILQ_ENTRY(slow_wait) entry;
	struct slow	*of;
	int64_t		 began_us;
	int		 kind;
};

struct slow_times {
	float		 bucket[SLOW_BUCKETS], total;
	int64_t		 p95_us;	/* 0: not known */
	double		 usual_us;
	unsigned	 looks;		/* that made the usual value */
	int64_t		 limit_us;	/* 0: nothing to compare with */
};

enum slow_news { SLOW_NO_NEWS, SLOW_LEFT, SLOW_BACK, SLOW_FORGOTTEN };

/* One target of a group. */
struct slow {
	struct slow_times times[SLOW_KINDS];
	TAILQ_HEAD(, slow_wait) waiting;	/* the oldest first */
	struct slow_group *group;
	unsigned	 provider;	/* the caller's */
	int		 priority;
	int		 usable;	/* to be set before slow_look */
	int		 out;		/* not, or not always, in its place */
	unsigned	 step;		/* of its way back */
	unsigned	 good, bad;	/* attempts of this step */
	int64_t		 since_us;	/* of this step */
	int64_t		 probe_us;	/* the last one */
	int64_t		 faded_us;
	enum slow_news	 news;		/* for the caller, who clears it */
	int		 why;		/* kind that was slow */
};

struct slow_group {
	struct slow	**v;
	unsigned	 n;
	unsigned	 n_out;		/* of them, out */
	int		 busy;		/* slow_look has something to do */
};

/* A target of g; the caller puts it into g->v. */
void slow_init(struct slow *s, struct slow_group *g, unsigned provider,
    int priority);

/* An attempt begins. */
void slow_begin(struct slow *s, struct slow_wait *a, int kind, int64_t now_us);
/* It has answered; it ended and nothing came in this time; or nothing can be
 * told from its end. Does nothing when it has ended before. */
enum slow_end { SLOW_ANSWERED, SLOW_SILENT, SLOW_UNTOLD };
void slow_end(struct slow_wait *a, int64_t now_us, enum slow_end how);

/* Ten times a second: measure, compare, and leave news. */
void slow_look(struct slow_group *g, const struct slow_rule *r,
    int64_t now_us);

/*
 * Where in the order a target stands for the next request: in its place, last,
 * or first of its priority as a probe. chance is a uniform 64-bit number.
 */
enum slow_turn { SLOW_PLACE, SLOW_LAST, SLOW_PROBE };
enum slow_turn slow_turn(struct slow *s, const struct slow_rule *r,
    int64_t now_us, uint64_t chance);

#endif
