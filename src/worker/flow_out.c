/*
 * flow_out.c - the last filter: the client's connection.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "upstream/fetch.h"
#include "worker/req.h"

static void
out_push(struct filter *f, const char *p, size_t n)
{
	struct req *r = f->r;

	if (r->gone)
		return;		/* drained for the bill only */
	req_answer_body(r, p, n);
	/* When all together hold too much, one that waits gets no more. */
	if (r->cl != NULL && !r->paused && r->fetch != NULL &&
	    (conn_above(r->cl->conn) || (lease_over(&r->w->mem) &&
	    conn_queued(r->cl->conn) > n + CLIENT_PRESSED))) {
		r->paused = 1;
		conn_tell_drained(r->cl->conn);
		fetch_pause(r->fetch);
	}
}

static void
out_end(struct filter *f, int ok)
{
	if (ok && !f->r->gone)
		req_answer_end(f->r);
}

const struct filter_ops flow_out_ops = { "out", out_push, out_end, NULL };
