/*
 * admin.c - the admin process: control socket and admin listener.
 *
 * Runs in: admin.
 * Owns: its store, the control socket, the admin listener's connections.
 *
 * Lifecycle works by signal even when this process is dead: nothing that
 * serves requests depends on it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/api.h"
#include "admin/ctlsock.h"
#include "admin/http.h"
#include "admin/metrics.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "net/addr.h"
#include "net/listen.h"
#include "proc/store.h"

#define ADMIN_DRAIN_US	(5 * CLOCK_US_S)
#define ADMIN_REPORT_MAX (1u << 20)

int
admin_is_local(const struct conf *conf)
{
	struct listen_addr l;
	unsigned char addr[16];

	if (listen_parse(str_of(conf->admin.listen), &l) < 0)
		return 0;
	if (l.path[0] != '\0')
		return 1;
	return addr_parse(str_of(l.host), addr) == 0 &&
	    addr_is_loopback(addr);
}

static int
admin_open(struct admin *a)
{
	struct child *c = a->c;
	char err[256] = "";
	int rc;

	if ((rc = store_open(c, &a->st)) != 0)
		return rc;
	a->ctl = ctlsock_new(a, err, sizeof(err));
	if (a->ctl == NULL) {
		log_error("no control socket: %s", err);
		return ERR_SYSTEM;
	}
	return 0;
}

static int
admin_start(struct child *c)
{
	struct admin *a = xcalloc(1, sizeof(*a));
	unsigned i;
	int rc;

	c->data = a;
	a->c = c;
	a->report = xstrdup("");
	rc = admin_open(a);
	if (rc < 0)
		return rc;
	a->conns = conn_set_new(c->loop);
	a->metrics = metrics_new(a);
	a->http = http_new(c->loop, a->conns, api_serve, a);
	for (i = 0; i < c->n_listen; i++) {
		if (c->listen_conf[i] != -1)
			continue;
		rc = http_listen(a->http, c->listen_fd[i]);
		if (rc < 0) {
			log_errore("admin listener cannot be watched");
			return rc;
		}
	}
	child_ready(c);
	return 0;
}

static void
admin_ctl_done(void *arg)
{
	struct admin *a = arg;

	child_drained(a->c);
}

static void
admin_drain(struct child *c, int64_t timeout_us)
{
	struct admin *a = c->data;

	if (a->leaving)
		return;
	a->leaving = 1;
	http_drain(a->http);
	ctlsock_drain(a->ctl, timeout_us < ADMIN_DRAIN_US ? timeout_us :
	    ADMIN_DRAIN_US, admin_ctl_done, a);
}

static void
admin_report(struct child *c, int fd)
{
	struct admin *a = c->data;
	struct buf b;

	buf_init(&b, ADMIN_REPORT_MAX);
	if (lseek(fd, 0, SEEK_SET) < 0 || fd_read_all(fd, &b) < 0)
		log_warn("the reload report cannot be read");
	free(a->report);
	a->report = xstrndup(buf_str(&b).p, buf_len(&b));
	a->reports++;
	buf_free(&b);
	fd_close(&fd);
}

static void
admin_turn(struct child *c)
{
	struct admin *a = c->data;

	conn_flush_all(a->conns);
	store_turn_end(c, a->st);
}

const struct child_role admin_role = {
	.role = BOARD_ADMIN,
	.name = "admin",
	.start = admin_start,
	.drain = admin_drain,
	.report = admin_report,
	.turn = admin_turn,
};
