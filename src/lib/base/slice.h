/*
 * slice.h - a long computation that stops by itself when its turn is over.
 *
 * For pure functions that look at megabytes and would be hard to divide: they
 * run on a stack of their own. What looks at bytes says so by slice_use; when
 * the slice's share is used up, control goes back to who called slice_run, and
 * the next slice_run goes on from there.
 *
 * What was begun must be run to its end: nobody else frees what its functions
 * hold. It must not touch what others change or free in between.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stddef.h>

struct slice;

/* Make one for fn(arg), which must not be a slice's user itself. NULL: there
 * is no memory. */
struct slice *slice_new(int (*fn)(void *arg), void *arg);
/* Run it for about so much work: ERR_AGAIN, or what fn returned. */
int slice_run(struct slice *s, size_t work);
/* Free it: it has not begun, or is over. Accepts NULL, sets NULL. */
void slice_free(struct slice **sp);

extern long slice_left;
void slice_over(void);

/* About n nanoseconds of work have been done. Outside of a slice: nothing. */
static inline void
slice_use(size_t n)
{
	if (__builtin_expect((slice_left -= (long)n) < 0, 0))
		slice_over();
}

/* The same in a loop over bytes, of which i have been. */
static inline void
slice_bytes(size_t i)
{
	if (i % 16384 == 0)
		slice_use(16384);
}

#endif
