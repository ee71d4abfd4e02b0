/*
 * look.c - long looks at the body of a request, a slice in a turn.
 *
 * Runs in: worker.
 * Owns: the slice of a request.
 */
#include "base/err.h"
#include "base/slice.h"
#include "worker/look.h"

#define SHORT		(64u << 10)	/* bytes that are no long work */
#define SLICE_WORK	500000		/* nanoseconds, about */

int
look(struct req *r, int (*fn)(void *arg), void *arg)
{
	int rc;

	/* Without memory for a slice: at once. */
	if (r->looking == NULL && (buf_len(&r->body) <= SHORT ||
	    (r->looking = slice_new(fn, arg)) == NULL))
		return fn(arg);
	if ((rc = slice_run(r->looking, SLICE_WORK)) != ERR_AGAIN)
		slice_free(&r->looking);
	return rc;
}
