/*
 * worker.c - entry of a worker: set up, accept, one turn, drain.
 *
 * Runs in: worker.
 * Owns: struct worker.
 *
 * A turn: events and timers, then up to three rounds of state acts and the
 * requests they wake, then everything queued for sockets goes out. So usage
 * is recorded before the last bytes of an answer leave.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/faultpoint.h"
#include "base/fd.h"
#include "base/hmap.h"
#include "base/log.h"
#include "base/probe.h"
#include "base/xalloc.h"
#include "proc/store.h"
#include "worker/client.h"
#include "worker/logline.h"
#include "worker/req.h"
#include "worker/slowness.h"
#include "worker/worker.h"

#define TICK_US		100000
#define LOOK_US		10000		/* whether to accept again */
#define FEW		8		/* connections: more or less are no
					   imbalance */
#define SWEEP_US	50000		/* until more idle ones are closed */
#define HANGS_US	500000		/* five ticks without a turn */
#define RESERVE		(1 << 20)	/* bytes kept for xalloc */
#define ACCEPT_BURST	64
#define ACCEPT_LAST	4096		/* before the listeners are closed */
#define CUT_BURST	64		/* idle connections closed at once */
#define LAST_US		2000000		/* from cutting to leaving anyway */
#define MEM_CHUNK	(1 << 20)
#define SPARE_FDS	64		/* of a worker, beside connections */

static void on_accept(void *arg, unsigned what);

/* Above 9/8 of the mean of all workers: let the others accept. Not one whose
 * loop does not turn: it holds what it has and takes nothing, and waiting for
 * it would leave nobody to accept. */
static int
above_mean(const struct worker *w)
{
	const struct board *b = w->child->board;
	int64_t turned = clock_mono_us() - HANGS_US;
	uint64_t sum = 0, n = 0;
	unsigned i;

	if (w->n_clients <= FEW)
		return 0;
	for (i = 0; i < BOARD_SLOTS; i++) {
		const struct board_slot *s = &b->slot[i];

		if (s->role != BOARD_WORKER || s->state != BOARD_READY ||
		    (s->heartbeat_us < turned && s != board_self))
			continue;
		sum += board_get(s, CTR_conns_open);
		n++;
	}
	return n > 1 && w->n_clients * n * 8 > sum * 9;
}

static void
listen_start(struct worker *w)
{
	unsigned i;

	for (i = 0; i < w->n_listener; i++) {
		if (w->listener[i].fd < 0 || ev_io_active(&w->listener[i].io))
			continue;
		if (ev_io_start(w->loop, &w->listener[i].io,
		    w->listener[i].fd, EV_IO_IN, 0, on_accept,
		    &w->listener[i]) != 0)
			log_errore("cannot watch a listening socket");
		ev_io_urgent(&w->listener[i].io, 1);
	}
	w->accepting = 1;
}

static void
listen_stop(struct worker *w)
{
	unsigned i;

	for (i = 0; i < w->n_listener; i++)
		ev_io_stop(&w->listener[i].io);
	w->accepting = 0;
}

static void
on_look(void *arg)
{
	worker_accept_update(arg);
}

void
worker_accept_update(struct worker *w)
{
	int want = !w->draining && !above_mean(w) && !xalloc_low();

	if (want && !w->accepting)
		listen_start(w);
	else if (!want && w->accepting)
		listen_stop(w);
	/* The one we leave the new connections to may die meanwhile. */
	if (!want && !w->draining)
		ev_timer_set(w->loop, &w->look, LOOK_US, on_look, w);
}

/* 1 when there may be more. */
static int
accept_one(struct listener *l)
{
	static struct log_limit lim = { 1 };
	int fd;

	fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		FAULT_POINT(accepted);
		client_accept(l->w, fd, l);
		return 1;
	}
	if (errno == EINTR || errno == ECONNABORTED)
		return 1;
	if (errno != EAGAIN) {
		if (log_allow(&lim))
			log_errore("accept");
		listen_stop(l->w);	/* the tick tries again */
	}
	return 0;
}

static void
on_accept(void *arg, unsigned what)
{
	struct listener *l = arg;
	struct worker *w = l->w;
	int i;

	(void)what;
	for (i = 0; i < ACCEPT_BURST && w->accepting && accept_one(l); i++)
		if (w->n_clients % FEW == 0)
			worker_accept_update(w);
}

/*
 * For good. Who is in the queue already must not be reset when the last one
 * who has the socket closes it; who comes later is to be refused, not to wait
 * for nobody. An address that nobody else has open must be free at once.
 */
static void
take_rest(void *arg)
{
	struct worker *w = arg;
	unsigned i, n = 0;

	for (i = 0; i < w->n_listener; i++) {
		struct listener *l = &w->listener[i];

		while (l->fd >= 0 && l->rest > 0 && accept_one(l)) {
			l->rest--;
			if (++n == ACCEPT_BURST) {
				ev_later(w->loop, &w->rest, take_rest, w);
				return;
			}
		}
		fd_close(&l->fd);
	}
}

static void
listen_close(struct worker *w, int rest)
{
	unsigned i;

	listen_stop(w);
	for (i = 0; i < w->n_listener; i++)
		w->listener[i].rest = rest ? ACCEPT_LAST : 0;
	take_rest(w);
}

void
worker_client_gone(struct worker *w)
{
	if (w->draining && w->n_clients == 0)
		child_drained(w->child);
	/* Those that come and go at once would else be a few in LOOK_US: so
	 * many are in the queue then that the system drops who comes. */
	if (!w->accepting && !w->draining && w->n_clients % FEW == 0)
		worker_accept_update(w);
}

static void
on_last(void *arg)
{
	struct worker *w = arg;

	child_drained(w->child);
}

static void drain_check(struct worker *w);

static void
on_tick(void *arg)
{
	struct worker *w = arg;

	facts_poll(w);
	slowness_poll(w);
	worker_accept_update(w);
	logline_flush(w);
	xalloc_refill();
	lease_rest(&w->mem);
	board_set(CTR_buffers_bytes, w->mem.used);
	if (state_fatal(w->state) != 0) {
		child_fail(w->child, "the shared state cannot be used");
		return;
	}
	drain_check(w);
	ev_timer_set(w->loop, &w->tick, TICK_US, on_tick, w);
}

static void
on_second(void *arg)
{
	struct worker *w = arg;
	int more = fetch_sweep(w->fetches);
	unsigned i, open = 0;

	for (i = 0; i < w->n_prov; i++)
		if (w->prov[i].host != NULL)
			open += fetch_host_open(w->prov[i].host);
	board_set(CTR_upstream_open, open);
	ev_timer_set(w->loop, &w->second, more ? SWEEP_US : CLOCK_US_S,
	    on_second, w);
}

static void
index_keys(struct worker *w)
{
	unsigned i;

	w->file_keys = hmap_new();
	for (i = 0; i < w->conf->n_keys; i++)
		hmap_set(w->file_keys, str_make((const char *)
		    w->conf->keys[i].hash, 32), &w->conf->keys[i]);
}

static int
listener_tls(struct listener *l, const struct conf_listen *c)
{
	char err[256];
	int rc;

	rc = tls_server_ctx(secret_reveal(c->tls_certificate_pem),
	    secret_reveal(c->tls_key_pem), c->tls_min_version,
	    l->w->child->ticket_key, &l->tls, err, sizeof(err));
	if (rc != 0)
		log_error("listener %s: %s", c->address, err);
	return rc;
}

static int
make_listeners(struct worker *w)
{
	unsigned i;
	int rc;

	for (i = 0; i < w->child->n_listen; i++) {
		struct listener *l = &w->listener[w->n_listener];
		const struct conf_listen *c;

		if (w->child->listen_conf[i] < 0)
			continue;
		c = &w->conf->listen[w->child->listen_conf[i]];
		l->w = w;
		l->fd = w->child->listen_fd[i];
		l->local = strncmp(c->address, "unix:", 5) == 0;
		if (c->tls && (rc = listener_tls(l, c)) != 0)
			return rc;
		w->n_listener++;
	}
	return 0;
}

/* Each client may need a connection to a provider. */
static unsigned
max_clients(void)
{
	unsigned long n = fd_limit(0);

	if (n > UINT_MAX)
		return UINT_MAX;
	return n < 4 * SPARE_FDS ? SPARE_FDS :
	    (unsigned)(n - SPARE_FDS) / 2;
}

static int
worker_start(struct child *c)
{
	struct worker *w = xcalloc(1, sizeof(*w));
	struct conf_report report = { 0 };

	xalloc_init(RESERVE);
	c->data = w;
	w->child = c;
	w->conf = c->conf;
	w->loop = c->loop;
	w->arena = arena_new(65536);
	w->scratch = secret_text(secret_room(WORKER_SCRATCH));
	TAILQ_INIT(&w->clients);
	lease_init(&w->mem, c->board, c->slot_index, BOARD_LEASE_BUFFERS,
	    w->conf->client.buffer_budget, MEM_CHUNK);
	lease_init(&w->conn_lease, c->board, c->slot_index, BOARD_LEASE_CONNS,
	    w->conf->client.max_connections, 1);
	w->max_clients = max_clients();
	overload_init(&w->overload, w->conf->client.max_lag);
	w->cursors = arena_zalloc(w->arena, (w->conf->n_groups + 1) *
	    sizeof(*w->cursors));
	w->conns = conn_set_new(w->loop);
	w->fetches = fetch_set_new(w->loop, w->conns);
	if (store_open(c, &w->state) != 0 || make_listeners(w) != 0)
		return ERR_SYSTEM;
	if (price_load(w->conf->prices.file, &w->prices, &report) != 0)
		conf_report_log(&report);	/* only this user cannot */
	conf_report_free(&report);
	index_keys(w);
	provider_init(w);
	slowness_init(w);
	facts_poll(w);
	on_tick(w);
	on_second(w);
	listen_start(w);
	child_ready(c);
	return 0;
}

/* The time is over: break what is under way, but account for it. */
static void
cut_some(void *arg)
{
	struct worker *w = arg;
	struct client *c, *next;
	unsigned n = 0;

	for (c = TAILQ_FIRST(&w->clients); c != NULL; c = next) {
		next = TAILQ_NEXT(c, link);
		if (c->req != NULL)
			req_client_gone(c->req);
		else if (n++ == CUT_BURST) {
			ev_later(w->loop, &w->cutting, cut_some, w);
			return;
		} else
			client_close(c);
	}
}

static void
cut_all(struct worker *w)
{
	log_notice("drain time is over with %u connections left",
	    w->n_clients);
	if (w->n_clients > 0)
		ev_timer_set(w->loop, &w->last, LAST_US, on_last, w);
	cut_some(w);
}

static void
drain_check(struct worker *w)
{
	if (!w->draining || w->cut ||
	    ev_now_us(w->loop) < w->drain_until_us)
		return;
	w->cut = 1;
	cut_all(w);
}

static void
worker_drain(struct child *c, int64_t timeout_us)
{
	struct worker *w = c->data;

	w->drain_until_us = ev_now_us(w->loop) + timeout_us;
	if (!w->draining) {
		w->draining = 1;
		listen_close(w, timeout_us > 0);
		client_drain_all(w);
	}
	if (w->n_clients == 0)
		child_drained(c);
	else
		drain_check(w);
}

/* Lines wait up to TICK_US: now to the new file, or before the end. */
static void
worker_flush(struct child *c)
{
	logline_flush(c->data);
}

static void
on_again(void *arg)
{
	(void)arg;
}

static void
worker_turn(struct child *c)
{
	struct worker *w = c->data;
	int round;

	if (state_queued(w->state) > 0)
		probe_phase("state acts", clock_mono_us());
	for (round = 0; round < 3 && state_queued(w->state) > 0; round++) {
		state_flush(w->state);
		ev_run_deferred(w->loop, 4);
	}
	FAULT_POINT(flush);
	probe_phase("output", clock_mono_us());
	conn_flush_all(w->conns);
	FAULT_POINT(flushed);
	ev_run_deferred(w->loop, 4);
	/* What a client has not taken by now is kept for it. */
	lease_move(&w->mem, &w->out_counted, conn_set_held(w->conns));
	state_turn_end(w->state);
	/* Do not sleep on acts, nor on what the last tasks have written. */
	if (state_queued(w->state) > 0 || conn_unflushed(w->conns))
		ev_defer(w->loop, &w->again, on_again, w);
}

const struct child_role worker_role = {
	.role = BOARD_WORKER,
	.name = "worker",
	.start = worker_start,
	.drain = worker_drain,
	.reopen = worker_flush,
	.turn = worker_turn,
	.leave = worker_flush,
};
