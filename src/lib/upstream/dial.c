/*
 * dial.c - connect to one of a host's addresses.
 *
 * Runs in: worker, checker, aigwctl.
 * Owns: the connections that are being tried.
 *
 * The address rule against request forgery is applied here, to the very
 * address that is connected to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/xalloc.h"
#include "net/addr.h"
#include "upstream/dial.h"

#define NEXT_US		250000
#define TLS_WAITS	4		/* of NEXT_US each for a handshake */

struct try {
	struct dial	*d;
	struct conn	*c;
	unsigned	 index;		/* in host->addr */
};

struct dial {
	struct fetch_host *h;
	dial_fn		*fn;
	void		*arg;
	struct ev_timer	 timer;
	struct ev_task	 task;
	enum outcome	 outcome;
	char		 why[192];
	unsigned	 done;		/* addresses begun or left out */
	unsigned	 n, open, n_addr;
	unsigned	 first;		/* index to begin with */
	unsigned	 waits;		/* for the handshake of the last */
	struct try	 try[FETCH_ADDRS];
};

static void on_try(void *arg, unsigned what);
static void next_try(struct dial *d);

static void
close_tries(struct dial *d)
{
	unsigned i;

	for (i = 0; i < d->n; i++)
		conn_close(&d->try[i].c);
	ev_timer_cancel(&d->timer);
	ev_defer_cancel(&d->task);
}

void
dial_free(struct dial **dp)
{
	struct dial *d = *dp;

	if (d == NULL)
		return;
	close_tries(d);
	fetch_host_unref(d->h);
	free(d);
	*dp = NULL;
}

static void
give_up(void *arg)
{
	struct dial *d = arg;

	close_tries(d);
	d->fn(d->arg, NULL, d->outcome, d->why);
}

/* A slow address gets company; while TLS is being spoken only when that takes
 * much longer than a provider needs for it. */
static void
on_slow(void *arg)
{
	struct dial *d = arg;
	unsigned i;

	for (i = 0; i < d->n; i++)
		if (d->try[i].c != NULL && conn_handshaking(d->try[i].c) &&
		    ++d->waits < TLS_WAITS) {
			ev_timer_set(d->h->set->loop, &d->timer, NEXT_US,
			    on_slow, d);
			return;
		}
	next_try(d);
}

/* The n-th address to try: the one that was good, then in order. */
static unsigned
address(const struct dial *d, unsigned n)
{
	if (n == 0)
		return d->first;
	return n <= d->first ? n - 1 : n;
}

static void
next_try(struct dial *d)
{
	const struct fetch_host *h = d->h;
	char text[ADDR_TEXT_SIZE];
	struct try *t;
	unsigned i;

	while (d->done < d->n_addr) {
		i = address(d, d->done++);
		if (i >= h->n_addr)
			continue;	/* the list became shorter */
		if (fetch_host_guarded(h, h->addr[i])) {
			if (d->outcome == OUTCOME_OK) {
				addr_text(h->addr[i], text);
				d->outcome = OUTCOME_GUARDED;
				snprintf(d->why, sizeof(d->why), "%s is not "
				    "in the provider's allow_private", text);
			}
			continue;
		}
		d->waits = 0;
		t = &d->try[d->n++];
		t->d = d;
		t->index = i;
		t->c = conn_connect(h->set->conns, h->addr[i], h->p->port,
		    h->tls, h->tls == NULL ? NULL : h->p->host, on_try, t);
		d->open++;
		ev_timer_set(h->set->loop, &d->timer, NEXT_US, on_slow, d);
		return;
	}
	if (d->open == 0)
		ev_defer(h->set->loop, &d->task, give_up, d);
}

static void
on_try(void *arg, unsigned what)
{
	struct try *t = arg;
	struct dial *d = t->d;
	struct conn *c = t->c;
	char text[ADDR_TEXT_SIZE];
	int tls;

	if (what & CONN_FAILED) {
		tls = conn_error_stage(c) == 2;
		addr_text(d->h->addr[t->index], text);
		d->outcome = conn_error_ours(c) ? OUTCOME_OURS : tls ?
		    OUTCOME_TLS : OUTCOME_CONNECT;
		snprintf(d->why, sizeof(d->why), "%s port %u: %s", text,
		    d->h->p->port, conn_error(c));
		conn_close(&t->c);
		d->open--;
		next_try(d);
	} else if (what & CONN_CONNECTED) {
		t->c = NULL;
		d->h->good = t->index;
		close_tries(d);
		d->fn(d->arg, c, OUTCOME_OK, "");
	}
}

struct dial *
dial_start(struct fetch_host *h, dial_fn *fn, void *arg)
{
	struct dial *d = xcalloc(1, sizeof(*d));

	d->h = h;
	h->refs++;
	d->fn = fn;
	d->arg = arg;
	d->n_addr = h->n_addr;
	d->first = h->good < h->n_addr ? h->good : 0;
	next_try(d);
	return d;
}
