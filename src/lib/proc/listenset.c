/*
 * listenset.c - the listening sockets of a generation: keep, new, drop.
 *
 * Runs in: master.
 * Owns: the sockets, counted by the generations that use them.
 *
 * A socket is the same as long as its address reads the same; what is new is
 * opened before anything old is let go, so a reload that fails has changed
 * nothing. A socket nobody refers to any more is closed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "net/listen.h"
#include "proc/listenset.h"

#define AGAIN_US	20000

void
listenset_add(struct listenset *set, const char *address, int fd, int conf)
{
	struct listen_sock *s = xcalloc(1, sizeof(*s));

	ASSERT(set->n < CHILD_MAX_LISTEN);
	s->refs = 1;
	s->fd = fd;
	s->address = xstrdup(address);
	set->conf[set->n] = conf;
	set->sock[set->n++] = s;
}

static void
let_go(struct listen_sock **sp, int unlink_paths)
{
	struct listen_sock *s = *sp;

	*sp = NULL;
	if (--s->refs > 0)
		return;
	if (unlink_paths && strncmp(s->address, "unix:", 5) == 0)
		unlink(s->address + 5);
	fd_close(&s->fd);
	free(s->address);
	free(s);
}

void
listenset_close(struct listenset *set, int unlink_paths)
{
	while (set->n > 0)
		let_go(&set->sock[--set->n], unlink_paths);
}

static int
in_use(const struct listenset *set, const struct listen_sock *s)
{
	unsigned i;

	for (i = 0; i < set->n; i++)
		if (set->sock[i] == s)
			return 1;
	return 0;
}

/* The socket that old has for address, unless set took it already. */
static struct listen_sock *
find(const struct listenset *old, const struct listenset *set,
    const char *address)
{
	unsigned i;

	for (i = 0; i < old->n; i++)
		if (strcmp(old->sock[i]->address, address) == 0 &&
		    !in_use(set, old->sock[i]))
			return old->sock[i];
	return NULL;
}

static int
open_new(gid_t gid, const char *address, const char *mode, char *err,
    size_t errsize)
{
	struct listen_addr a;
	char why[256] = "malformed address";
	int fd = ERR_FORMAT, own = -1;

	if (listen_parse(str_of(address), &a) == 0) {
		/* A Unix socket belongs to the group of the children. */
		if (geteuid() == 0)
			own = setfsgid(gid);
		fd = listen_open(&a, mode, why, sizeof(why));
		if (own >= 0)
			setfsgid((gid_t)own);
	}
	if (fd < 0)
		snprintf(err, errsize, "cannot listen on %s: %s", address,
		    why);
	return fd;
}

static int
open_patiently(const struct listenset *set, gid_t gid, const char *address,
    const char *mode, char *err, size_t errsize)
{
	int64_t end = clock_mono_us() + set->patience_us;
	int fd, said = 0;

	while ((fd = open_new(gid, address, mode, err, errsize)) < 0 &&
	    errno == EADDRINUSE && clock_mono_us() < end) {
		if (!said++)
			log_notice("waiting for %s to be free", address);
		usleep(AGAIN_US);
	}
	return fd;
}

static int
want(gid_t gid, struct listenset *set, const struct listenset *old,
    const char *address, const char *mode, int conf, char *err,
    size_t errsize)
{
	struct listen_sock *s = find(old, set, address);
	int fd;

	if (set->n == CHILD_MAX_LISTEN) {
		snprintf(err, errsize, "more than %d listeners",
		    CHILD_MAX_LISTEN);
		return ERR_TOOBIG;
	}
	if (s != NULL) {
		s->refs++;
		set->conf[set->n] = conf;
		set->sock[set->n++] = s;
		return 0;
	}
	if ((fd = open_patiently(set, gid, address, mode, err, errsize)) < 0)
		return ERR_SYSTEM;
	if (listen_port(fd) > 0)
		log_info("listening on %s, port %u", address, listen_port(fd));
	else
		log_info("listening on %s", address);
	listenset_add(set, address, fd, conf);
	return 0;
}

int
listenset_open(struct listenset *set, const struct listenset *old,
    const struct conf *c, gid_t gid, char *err, size_t errsize)
{
	unsigned i;
	int rc = 0;

	set->n = 0;
	for (i = 0; i < c->n_listen && rc == 0; i++)
		rc = want(gid, set, old, c->listen[i].address,
		    c->listen[i].mode, c->listen[i].admin ? -1 : (int)i, err,
		    errsize);
	if (rc == 0 && c->admin.listen[0] != '\0')
		rc = want(gid, set, old, c->admin.listen, "", -1, err, errsize);
	if (rc != 0)
		listenset_close(set, 1);
	return rc;
}
