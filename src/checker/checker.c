/*
 * checker.c - the checker: addresses, model lists, health of upstream keys.
 *
 * Runs in: checker.
 * Owns: its store, its connections, and the lock that makes it the only one
 * at work.
 *
 * Until it has the lock it does nothing but clean up after dead siblings; the
 * state that workers need meanwhile stands in hot, written by the other one.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "checker/checker.h"
#include "checker/models.h"
#include "checker/probe.h"
#include "checker/resolve.h"
#include "proc/solo.h"
#include "proc/store.h"

#define CHECKER_TICK_US	CLOCK_US_S

struct checker {
	struct child	*c;
	struct state	*st;
	struct conn_set	*conns;
	struct fetch_set *set;
	struct fetch_host **host;	/* of each provider, or NULL */
	struct resolve	*resolve;
	struct models	*models;
	struct probe	*probe;
	struct solo	 solo;
	struct ev_timer	 tick;
};

/* A lookup ended: publish, and tell the connections of this process. */
static void
checker_resolved(void *arg, const struct addr_book_rec *rec)
{
	struct checker *k = arg;
	const struct conf *conf = k->c->conf;
	unsigned i;
	int rc;

	rc = addr_book_put(k->st, rec);
	if (rc < 0)
		log_error("addresses of %s not published: %s", rec->host,
		    err_str(rc));
	for (i = 0; i < conf->n_providers; i++)
		if (k->host[i] != NULL && strcasecmp(
		    fetch_host_name(k->host[i]), rec->host) == 0)
			fetch_host_addrs(k->host[i], rec->addr, rec->n,
			    rec->n == 0, rec->error_text);
}

static void
checker_resolve(struct checker *k, const char *host)
{
	struct addr_book_rec known;

	if (addr_book_get(k->st, host, &known) == 0)
		resolve_add(k->resolve, host, &known);
	else
		resolve_add(k->resolve, host, NULL);
}

/* Host of "scheme://user@host:port/": 0 or ERR_FORMAT. */
static int
checker_proxy_host(const char *url, char *dst, size_t size)
{
	struct str s = str_of(url), user;
	long at = str_find(s, STR("://"));

	if (at >= 0)
		s = str_skip(s, (size_t)at + 3);
	if (str_chr(s, '/') >= 0)
		s.n = (size_t)str_chr(s, '/');
	while (str_chr(s, '@') >= 0)
		str_split(&s, '@', &user);
	if (s.n > 0 && s.p[0] == '[') {
		if ((at = str_chr(s, ']')) < 0)
			return ERR_FORMAT;
		s = str_make(s.p + 1, (size_t)at - 1);
	} else if (str_chr(s, ':') >= 0)
		s.n = (size_t)str_chr(s, ':');
	return s.n == 0 ? ERR_FORMAT : str_copy(dst, size, s);
}

static void
checker_provider(struct checker *k, unsigned i)
{
	const struct conf_provider *p = &k->c->conf->providers[i];
	char text[256];

	k->host[i] = fetch_host_new(k->set, p, text, sizeof(text));
	if (k->host[i] == NULL)
		log_error("provider %s cannot be checked: %s", p->id, text);
	checker_resolve(k, p->host);
	if (p->proxy[0] != '\0' &&
	    checker_proxy_host(p->proxy, text, sizeof(text)) == 0)
		checker_resolve(k, text);
	if (k->host[i] == NULL)
		return;
	if (p->models.n == 0 && p->models_path[0] != '\0')
		models_add(k->models, p, k->host[i]);
	if (p->health.interval > 0)
		probe_add(k->probe, p, k->host[i]);
}

static void
checker_tick(void *arg)
{
	struct checker *k = arg;

	(void)fetch_sweep(k->set);
	probe_look(k->probe);
	ev_timer_set(k->c->loop, &k->tick, CHECKER_TICK_US, checker_tick, k);
}

/* This process holds the lock: begin. */
static void
checker_work(void *arg)
{
	struct checker *k = arg;
	const struct conf *conf = k->c->conf;
	unsigned i;

	log_info("at work on %u providers", conf->n_providers);
	k->resolve = resolve_new(k->c->loop, NULL, checker_resolved, k);
	if (k->resolve == NULL) {
		child_fail(k->c, "no pipe for the resolver");
		return;
	}
	k->models = models_new(k->c->loop, k->st, k->set);
	k->probe = probe_new(k->c->loop, k->st, k->set, conf);
	for (i = 0; i < conf->n_providers; i++)
		if (conf->providers[i].enabled)
			checker_provider(k, i);
	checker_tick(k);
}

static int
checker_start(struct child *c)
{
	struct checker *k = xcalloc(1, sizeof(*k));
	int rc;

	c->data = k;
	k->c = c;
	k->solo.fd = -1;
	if ((rc = store_open(c, &k->st)) != 0)
		return rc;
	k->conns = conn_set_new(c->loop);
	k->set = fetch_set_new(c->loop, k->conns);
	k->host = xcalloc(c->conf->n_providers + 1,
	    sizeof(struct fetch_host *));
	rc = solo_start(&k->solo, c->loop, c->conf->run_dir, "checker",
	    checker_work, k);
	if (rc < 0) {
		log_errore("%s/checker.lock cannot be used",
		    c->conf->run_dir);
		return rc;
	}
	child_ready(c);
	return 0;
}

static void
checker_drain(struct child *c, int64_t timeout_us)
{
	struct checker *k = c->data;
	unsigned i;

	(void)timeout_us;
	ev_timer_cancel(&k->tick);
	probe_free(&k->probe);
	models_free(&k->models);
	resolve_free(&k->resolve);
	for (i = 0; i < c->conf->n_providers; i++)
		if (k->host[i] != NULL)
			fetch_host_free(&k->host[i]);
	solo_stop(&k->solo);
	child_drained(c);
}

static void
checker_gone(struct child *c, unsigned slot, uint64_t incarnation)
{
	struct checker *k = c->data;

	store_gone(k->st, slot, incarnation);
}

static void
checker_turn(struct child *c)
{
	struct checker *k = c->data;

	conn_flush_all(k->conns);
	store_turn_end(c, k->st);
}

const struct child_role checker_role = {
	.role = BOARD_CHECKER,
	.name = "checker",
	.start = checker_start,
	.drain = checker_drain,
	.gone = checker_gone,
	.turn = checker_turn,
};
