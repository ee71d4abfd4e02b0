/*
 * resolve.c - addresses of provider hosts, looked up again and again.
 *
 * Runs in: checker; the lookup itself in short-lived threads.
 * Owns: the threads and the pipe by which they report.
 *
 * A thread gets a copy of all it needs and gives one pointer back through the
 * pipe (an atomic write); nothing else is shared, so there is no lock. A
 * thread that hangs in the resolver keeps its place among the at most
 * RESOLVE_THREADS until the resolver gives up.
 */
#include <sys/queue.h>
#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "checker/resolve.h"
#include "net/addr.h"

#define RESOLVE_PERIOD_US	(30 * CLOCK_US_S)
#define RESOLVE_RETRY_US	CLOCK_US_S
#define RESOLVE_STACK		(256 * 1024)

struct resolve_host {
	TAILQ_ENTRY(resolve_host) link;		/* all hosts */
	TAILQ_ENTRY(resolve_host) queue;	/* those that wait */
	struct resolve	*r;
	struct ev_timer	 timer;
	int		 queued;
	int64_t		 retry_us;	/* 0: the last lookup worked */
	struct addr_book_rec rec;
};

/* What a thread works on; given back through the pipe. */
struct resolve_job {
	struct resolve_host *host;
	resolve_lookup_fn *lookup;
	int		 fd;
	int		 n;
	unsigned char	 addr[ADDR_BOOK_MAX][16];
	char		 name[256];
	char		 err[96];
};

TAILQ_HEAD(resolve_hosts, resolve_host);

struct resolve {
	struct ev_loop	*loop;
	struct resolve_opts o;
	void		(*fn)(void *, const struct addr_book_rec *);
	void		*arg;
	struct resolve_hosts hosts, waiting;
	unsigned	 running;
	int		 lacking;	/* of what a lookup takes */
	int		 rfd, wfd;
	struct ev_io	 io;
};

/* Is it for want of descriptors or memory that a lookup failed? The resolver
 * seldom says so: see whether there is a socket. */
static int
resolve_lacks(int rc)
{
	int fd;

	if (rc == EAI_MEMORY || (rc == EAI_SYSTEM && err_ours(errno)))
		return 1;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_ours(errno);
	close(fd);
	return 0;
}

static int
resolve_getaddrinfo(const char *host, unsigned char addr[ADDR_BOOK_MAX][16],
    char *err, size_t errsize)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM
	};
	struct addrinfo *res = NULL, *ai;
	unsigned port;
	int rc, n = 0;

	rc = getaddrinfo(host, NULL, &hints, &res);
	if (rc != 0 && resolve_lacks(rc)) {
		snprintf(err, errsize, "no descriptor or memory left");
		return ERR_SYSTEM;
	}
	if (rc != 0) {
		snprintf(err, errsize, "%s", rc == EAI_SYSTEM ?
		    "system error in the resolver" : gai_strerror(rc));
		return ERR_NOTFOUND;
	}
	for (ai = res; ai != NULL && n < ADDR_BOOK_MAX; ai = ai->ai_next)
		if (addr_from_sock(ai->ai_addr, addr[n], &port) >= 0)
			n++;
	freeaddrinfo(res);
	if (n == 0) {
		snprintf(err, errsize, "no usable address");
		return ERR_NOTFOUND;
	}
	return n;
}

/* The body of a thread. */
static void *
resolve_thread(void *arg)
{
	struct resolve_job *job = arg;
	ssize_t n;

	job->n = job->lookup(job->name, job->addr, job->err,
	    sizeof(job->err));
	do
		n = write(job->fd, &job, sizeof(job));
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(job))
		free(job);
	return NULL;
}

static int
resolve_spawn(struct resolve_job *job)
{
	sigset_t all, old;
	pthread_attr_t attr;
	pthread_t tid;
	int rc;

	if (pthread_attr_init(&attr) != 0)
		return ERR_NOMEM;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, RESOLVE_STACK);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&tid, &attr, resolve_thread, job);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return rc == 0 ? 0 : ERR_SYSTEM;
}

static void resolve_due(void *arg);

static void
resolve_again(struct resolve_host *h, int good)
{
	struct resolve *r = h->r;

	if (good)
		h->retry_us = 0;
	else if (h->retry_us == 0)
		h->retry_us = r->o.retry_us;
	else
		h->retry_us *= 2;
	if (h->retry_us > r->o.period_us)
		h->retry_us = r->o.period_us;
	ev_timer_set(r->loop, &h->timer,
	    good ? r->o.period_us : h->retry_us, resolve_due, h);
}

/* What a lookup takes was not there: all stays as it was. */
static void
resolve_lacking(struct resolve_host *h, const char *why)
{
	struct resolve *r = h->r;

	if (!r->lacking)
		log_warn("names cannot be looked up: %s; the last addresses "
		    "stay in use", why);
	r->lacking = 1;
	ev_timer_set(r->loop, &h->timer, r->o.retry_us, resolve_due, h);
}

/* Take the result over and tell; failed lookups keep the last addresses. */
static void
resolve_note(struct resolve_host *h, const struct resolve_job *job)
{
	struct addr_book_rec *rec = &h->rec;
	int was_bad = h->retry_us != 0;

	if (job->n == ERR_SYSTEM) {
		resolve_lacking(h, job->err);
		return;
	}
	if (h->r->lacking)
		log_notice("names are looked up again");
	h->r->lacking = 0;
	rec->resolved_us = clock_real_us();
	if (job->n > 0) {
		if (was_bad)
			log_notice("%s resolves again", rec->host);
		rec->error = 0;
		rec->error_text[0] = '\0';
		rec->n = (unsigned)job->n;
		memcpy(rec->addr, job->addr, sizeof(rec->addr));
	} else {
		if (!was_bad)
			log_warn("%s cannot be resolved: %s%s", rec->host,
			    job->err, rec->n > 0 ?
			    "; the last addresses stay in use" : "");
		rec->error = rec->n == 0;
		snprintf(rec->error_text, sizeof(rec->error_text), "%s",
		    job->err);
	}
	h->r->fn(h->r->arg, rec);
	resolve_again(h, job->n > 0);
}

/* Start threads for those that wait, as many as may run. */
static void
resolve_start(struct resolve *r)
{
	struct resolve_host *h;
	struct resolve_job *job;

	while (r->running < RESOLVE_THREADS &&
	    (h = TAILQ_FIRST(&r->waiting)) != NULL) {
		TAILQ_REMOVE(&r->waiting, h, queue);
		h->queued = 0;
		job = xcalloc(1, sizeof(*job));
		job->host = h;
		job->lookup = r->o.lookup;
		job->fd = r->wfd;
		snprintf(job->name, sizeof(job->name), "%s", h->rec.host);
		if (resolve_spawn(job) == 0) {
			r->running++;
			continue;
		}
		snprintf(job->err, sizeof(job->err), "no thread to resolve");
		job->n = ERR_SYSTEM;
		resolve_note(h, job);
		free(job);
	}
}

static void
resolve_due(void *arg)
{
	struct resolve_host *h = arg;

	if (!h->queued) {
		h->queued = 1;
		TAILQ_INSERT_TAIL(&h->r->waiting, h, queue);
	}
	resolve_start(h->r);
}

static void
resolve_heard(void *arg, unsigned what)
{
	struct resolve *r = arg;
	struct resolve_job *job;

	(void)what;
	while (read(r->rfd, &job, sizeof(job)) == (ssize_t)sizeof(job)) {
		r->running--;
		resolve_note(job->host, job);
		free(job);
	}
	resolve_start(r);
}

struct resolve *
resolve_new(struct ev_loop *loop, const struct resolve_opts *o,
    void (*fn)(void *, const struct addr_book_rec *), void *arg)
{
	struct resolve *r = xcalloc(1, sizeof(*r));
	int fds[2];

	if (o != NULL)
		r->o = *o;
	if (r->o.period_us == 0)
		r->o.period_us = RESOLVE_PERIOD_US;
	if (r->o.retry_us == 0)
		r->o.retry_us = RESOLVE_RETRY_US;
	if (r->o.lookup == NULL)
		r->o.lookup = resolve_getaddrinfo;
	r->loop = loop;
	r->fn = fn;
	r->arg = arg;
	TAILQ_INIT(&r->hosts);
	TAILQ_INIT(&r->waiting);
	if (pipe2(fds, O_CLOEXEC) < 0) {
		free(r);
		return NULL;
	}
	r->rfd = fds[0];
	r->wfd = fds[1];
	fd_nonblock(r->rfd);
	if (ev_io_start(loop, &r->io, r->rfd, EV_IO_IN, 0, resolve_heard,
	    r) < 0) {
		close(r->rfd);
		close(r->wfd);
		free(r);
		return NULL;
	}
	return r;
}

void
resolve_add(struct resolve *r, const char *host,
    const struct addr_book_rec *known)
{
	struct resolve_host *h;

	TAILQ_FOREACH(h, &r->hosts, link)
		if (strcasecmp(h->rec.host, host) == 0)
			return;
	h = xcalloc(1, sizeof(*h));
	h->r = r;
	if (known != NULL)
		h->rec = *known;
	str_copy(h->rec.host, sizeof(h->rec.host), str_of(host));
	TAILQ_INSERT_TAIL(&r->hosts, h, link);
	if (addr_parse(str_of(host), h->rec.addr[0]) == 0) {
		h->rec.n = 1;
		h->rec.error = 0;
		h->rec.resolved_us = clock_real_us();
		r->fn(r->arg, &h->rec);
		return;
	}
	ev_timer_set(r->loop, &h->timer, 0, resolve_due, h);
}

/*
 * The write end stays open and the jobs of running threads are left alone:
 * they would write into a descriptor that is somebody else's by then.
 */
void
resolve_free(struct resolve **rp)
{
	struct resolve *r = *rp;
	struct resolve_host *h;

	*rp = NULL;
	if (r == NULL)
		return;
	ev_io_stop(&r->io);
	close(r->rfd);
	if (r->running == 0)
		close(r->wfd);
	while ((h = TAILQ_FIRST(&r->hosts)) != NULL) {
		TAILQ_REMOVE(&r->hosts, h, link);
		ev_timer_cancel(&h->timer);
		free(h);
	}
	free(r);
}
