/*
 * reload.c - a new configuration beside the old one, then instead of it.
 *
 * Runs in: master.
 * Owns: the report of the last reload.
 *
 * Load and check; open what listeners are new; start the next generation of
 * workers; when all are READY it becomes the current one and the old one
 * drains. Anything that goes wrong before that leaves everything as it was,
 * and says so: in the log, on the board, in the report that admin gets.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/faultpoint.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "conf/price.h"
#include "master/master.h"
#include "proc/notify.h"

#define READY_US	(60 * CLOCK_US_S)
#define REPORT_MAX	(1u << 20)

extern char **environ;

/* What admin shows: the problems, then how it ended. */
static void
remember(struct master *m, const struct conf_report *r, const char *end)
{
	struct buf b;

	buf_init(&b, REPORT_MAX);
	if (r != NULL)
		(void)conf_report_print(r, &b);
	(void)buf_printf(&b, "%s\n", end);
	free(m->report);
	m->report = xstrndup(buf_ptr(&b), buf_len(&b));
	buf_free(&b);
}

static void
tell_admin(struct master *m)
{
	struct proc *p;

	TAILQ_FOREACH(p, &m->procs, link)
		contract_report(m, p);
}

int
reload_load(struct master *m, struct conf **out)
{
	struct conf_source src = { .path = m->opts->conf_path,
	    .env_file = m->opts->env_file, .env = environ, .resolve = 1 };
	struct conf_report r = { 0 };
	int rc;

	rc = conf_load(&src, out, &r);
	if (rc == 0 && (rc = price_check(*out, &r)) != 0)
		conf_free(out);
	conf_report_log(&r);
	remember(m, &r, rc == 0 ? "configuration accepted" :
	    "configuration refused");
	conf_report_free(&r);
	return rc;
}

static void
ended(struct master *m, int failed)
{
	m->board->reload_failed = (uint32_t)failed;
	m->board->reload_us = clock_real_us();
	m->board->reloads++;
	notify_send("READY=1\nSTATUS=generation %u%s", m->current->number, failed ?
	    ", the last reload was refused" : "");
	tell_admin(m);
}

static void
refuse(struct master *m, const char *why)
{
	char line[600];

	snprintf(line, sizeof(line), "reload refused: %s", why);
	log_error("%s; generation %u goes on", line, m->current->number);
	remember(m, NULL, line);
	ended(m, 1);
}

void
reload_abort(struct master *m, const char *why)
{
	struct gen *g = m->next;
	struct proc *p;

	if (g == NULL)
		return;
	m->next = NULL;
	TAILQ_FOREACH(p, &m->procs, link)
		if (p->gen == g) {
			p->place = NULL;
			p->draining = 1;
			reap_kill(p, SIGTERM, why);
			p->kill_us = clock_mono_us() + 5 * CLOCK_US_S;
		}
	gen_release_listeners(m, g);
	gen_unref(m, g);
	if (m->stop == STOP_NOT)
		refuse(m, why);
}

static void
begin(struct master *m, int64_t now)
{
	struct conf *c = NULL;
	const char *why;
	char err[512];
	struct gen *g;

	log_notice("reloading");
	FAULT_POINT(reload);
	notify_send("RELOADING=1\nMONOTONIC_USEC=%lld", (long long)now);
	if (reload_load(m, &c) != 0) {
		log_error("reload refused, generation %u goes on",
		    m->current->number);
		ended(m, 1);
		return;
	}
	FAULT_POINT(reload_loaded);
	g = gen_new(m, c);
	why = conf_fixed(m->current->conf, c);
	if (why == NULL && files_folders(m, c) != 0)
		why = "log_dir cannot be used";
	if (why == NULL && listenset_open(&g->listen, &m->current->listen, c,
	    m->gid, err, sizeof(err)) != 0)
		why = err;
	if (why != NULL) {
		gen_unref(m, g);
		m->last_number--;
		refuse(m, why);
		return;
	}
	m->next = g;
	m->reload_due_us = now + READY_US;
	FAULT_POINT(reload_next);
}

static void
spread_log_level(struct master *m)
{
	int level = m->current->conf->log_level;
	struct proc *p;

	if ((int)log_get_level() == level)
		return;
	log_set_level((enum log_level)level);
	TAILQ_FOREACH(p, &m->procs, link)
		contract_send(p, MSG_LOGLEVEL, 0, (uint64_t)level, NULL, 0);
}

static void
commit(struct master *m)
{
	struct gen *old = m->current;

	FAULT_POINT(reload_ready);
	m->current = m->next;
	m->next = NULL;
	m->workers_off = 0;
	m->board->generation = m->current->number;
	if (strcmp(old->conf->log_dir, m->current->conf->log_dir) != 0)
		files_logs_reopen(m);
	spread_log_level(m);
	FAULT_POINT(reload_commit);
	gen_drain(m, old, old->conf->drain_timeout);
	gen_release_listeners(m, old);
	log_notice("reloaded: generation %u serves, generation %u drains",
	    m->current->number, old->number);
	gen_unref(m, old);
	ended(m, 0);
	FAULT_POINT(reloaded);
}

static void
look_at_next(struct master *m, int64_t now)
{
	struct gen *g = m->next;
	unsigned i;

	if (place_ready(g->worker, g->n_worker)) {
		commit(m);
		return;
	}
	for (i = 0; i < g->n_worker; i++)
		if (g->worker[i].throttle.delay_us != 0) {
			reload_abort(m, "a new worker did not get ready, see "
			    "the error log");
			return;
		}
	if (now > m->reload_due_us)
		reload_abort(m, "the new workers did not get ready in time");
}

void
reload_step(struct master *m, int64_t now)
{
	if (m->stop != STOP_NOT)
		return;
	if (m->next != NULL) {
		look_at_next(m, now);
		return;
	}
	if (!m->reload_wanted || !m->started)
		return;
	/* Not beside the start of another binary. */
	if (m->successor != 0 && !m->successor_ready)
		return;
	if (gen_draining(m) >= MASTER_OLD_MAX) {
		if (m->reload_wanted == 1)
			log_notice("reload waits: %u generations drain",
			    gen_draining(m));
		m->reload_wanted = 2;
		return;
	}
	m->reload_wanted = 0;
	begin(m, now);
}
