/*
 * ctlsock.c - the control socket: run_dir/control.sock.
 *
 * Runs in: admin.
 * Owns: the socket and its connections, one request each.
 *
 * Only root and our own user are heard (file mode and SO_PEERCRED). The socket
 * is bound under a name of its own and renamed into place, so a new admin
 * takes over from an old one without a gap. When the place is taken by a
 * socket that nobody answers on (a new binary that died during an upgrade),
 * the one that is still alive takes it back.
 */
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/ctl.h"
#include "admin/ctlsock.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/faultpoint.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/xalloc.h"

#define CTLSOCK_MAX	64		/* connections */
#define CTLSOCK_LINE_US	(10 * CLOCK_US_S)
#define CTLSOCK_IDLE_US	(60 * CLOCK_US_S)	/* output nobody takes */
#define CTLSOCK_WAIT_US	100000
#define CTLSOCK_LOOK_US	CLOCK_US_S

struct ctlsock_conn {
	LIST_ENTRY(ctlsock_conn) link;
	struct ctlsock	*s;
	int		 fd;
	struct ev_io	 io;
	struct ev_timer	 timer;
	struct ev_task	 task;		/* the next round */
	struct buf	 in, out;
	struct ctl_call	*call;		/* NULL: no request yet */
	enum ctl_next	 next;
	uid_t		 uid;
	pid_t		 pid;
};

struct ctlsock {
	struct admin	*a;
	int		 fd;
	struct ev_io	 io;
	struct ev_timer	 look, end;
	char		 path[108];
	dev_t		 dev;
	ino_t		 ino;
	unsigned	 n;
	int		 draining, paused;
	void		(*done)(void *);
	void		*done_arg;
	LIST_HEAD(, ctlsock_conn) conns;
};

static void ctlsock_event(void *arg, unsigned what);

static void
ctlsock_over(struct ctlsock *s)
{
	if (s->draining && s->n == 0 && s->done != NULL) {
		void (*done)(void *) = s->done;

		s->done = NULL;
		ev_timer_cancel(&s->end);
		done(s->done_arg);
	}
}

static void
ctlsock_close(struct ctlsock_conn *k)
{
	struct ctlsock *s = k->s;

	ev_io_stop(&k->io);
	ev_timer_cancel(&k->timer);
	ev_defer_cancel(&k->task);
	fd_close(&k->fd);
	buf_free(&k->in);
	buf_free(&k->out);
	if (k->call != NULL) {
		if (k->call->fini != NULL)
			k->call->fini(k->call);
		buf_free(&k->call->out);
		buf_free(&k->call->err);
		arena_free(&k->call->arena);	/* the call is inside */
	}
	LIST_REMOVE(k, link);
	free(k);
	s->n--;
	ctlsock_over(s);
}

static void
ctlsock_expired(void *arg)
{
	ctlsock_close(arg);
}

static void
ctlsock_watch(struct ctlsock_conn *k)
{
	unsigned what = EV_IO_IN;

	if (buf_len(&k->out) > 0)
		what |= EV_IO_OUT;
	ev_io_stop(&k->io);
	if (ev_io_start(k->s->a->c->loop, &k->io, k->fd, what, 0,
	    ctlsock_event, k) < 0)
		ev_timer_set(k->s->a->c->loop, &k->timer, 0,
		    ctlsock_expired, k);
}

static void
ctlsock_piece(struct ctlsock_conn *k, char kind, struct buf *b)
{
	if (buf_len(b) == 0)
		return;
	(void)buf_printf(&k->out, "%c %zu\n", kind, buf_len(b));
	(void)buf_adds(&k->out, buf_str(b));
	buf_reset(b);
}

static void ctlsock_again(void *arg);

/* A round of the command is over: frame its output, see what comes next. */
static void
ctlsock_round(struct ctlsock_conn *k, enum ctl_next next)
{
	struct ctl_call *call = k->call;

	k->next = next;
	ctlsock_piece(k, 'o', &call->out);
	ctlsock_piece(k, 'e', &call->err);
	if (next == CTL_DONE)
		(void)buf_printf(&k->out, "x %d\n", call->exit);
	if (next == CTL_WAIT)
		ev_timer_set(k->s->a->c->loop, &k->timer, CTLSOCK_WAIT_US,
		    ctlsock_again, k);
	else
		ev_timer_set(k->s->a->c->loop, &k->timer, CTLSOCK_IDLE_US,
		    ctlsock_expired, k);
	if (next == CTL_MORE && buf_len(&k->out) == 0)
		ev_later(k->s->a->c->loop, &k->task, ctlsock_again, k);
	else
		ctlsock_watch(k);
}

static void
ctlsock_again(void *arg)
{
	struct ctlsock_conn *k = arg;

	ctlsock_round(k, k->call->next(k->call));
}

static void
ctlsock_log(const struct ctl_call *call)
{
	char text[256];
	size_t k = 0;
	int i;

	text[0] = '\0';
	for (i = 0; i < call->n_words && k < sizeof(text); i++)
		k += (size_t)snprintf(text + k, sizeof(text) - k, " %s",
		    call->word[i]);
	log_notice("control: uid %u pid %d: %s%s", (unsigned)call->uid,
	    (int)call->pid, call->cmd->name, text);
}

/* The request line is complete: run it. */
static void
ctlsock_request(struct ctlsock_conn *k, struct str line)
{
	struct arena *a = arena_new(4096);
	struct ctl_call *call = arena_zalloc(a, sizeof(*call));
	enum ctl_next next;
	char err[256];
	int rc;

	call->arena = a;
	call->admin = k->s->a;
	call->uid = k->uid;
	call->pid = k->pid;
	buf_init_wiped(&call->out, CTL_TEXT_MAX);
	buf_init(&call->err, CTL_LINE_MAX);
	k->call = call;
	rc = ctl_request_parse(a, line, &call->req, err, sizeof(err));
	if (rc == 0)
		rc = ctl_request_match(ctl_table, call, err, sizeof(err));
	if (rc < 0) {
		ctlsock_round(k, ctl_error(call, CTL_USAGE, "%s", err));
		return;
	}
	if (call->cmd->changes)
		ctlsock_log(call);
	FAULT_POINT(ctl_begin);
	next = call->cmd->fn(call);
	FAULT_POINT(ctl_done);
	ctlsock_round(k, next);
}

/* Read; 0 when the connection is gone. */
static int
ctlsock_read(struct ctlsock_conn *k)
{
	char tmp[4096];
	const char *nl;
	ssize_t n = read(k->fd, tmp, sizeof(tmp));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 1;
	if (n <= 0 || (k->call == NULL &&
	    buf_add(&k->in, tmp, (size_t)n) < 0)) {
		ctlsock_close(k);
		return 0;
	}
	if (k->call != NULL)		/* nothing more is expected */
		return 1;
	nl = memchr(buf_ptr(&k->in), '\n', buf_len(&k->in));
	if (nl != NULL)
		ctlsock_request(k, str_make(buf_ptr(&k->in),
		    (size_t)(nl - buf_ptr(&k->in))));
	return 1;
}

static void
ctlsock_write(struct ctlsock_conn *k)
{
	ssize_t n = send(k->fd, buf_ptr(&k->out), buf_len(&k->out),
	    MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		ctlsock_close(k);
		return;
	}
	buf_consume(&k->out, (size_t)n);
	if (buf_len(&k->out) > 0)
		return;
	if (k->call != NULL && k->next == CTL_DONE)
		ctlsock_close(k);
	else if (k->call != NULL && k->next == CTL_MORE)
		ctlsock_again(k);
	else
		ctlsock_watch(k);
}

static void
ctlsock_event(void *arg, unsigned what)
{
	struct ctlsock_conn *k = arg;

	if ((what & (EV_IO_IN | EV_IO_EOF)) != 0 && !ctlsock_read(k))
		return;
	if ((what & EV_IO_OUT) != 0 && buf_len(&k->out) > 0)
		ctlsock_write(k);
}

/* 1 when the peer may give orders. */
static int
ctlsock_peer(int fd, struct ucred *cred)
{
	socklen_t len = sizeof(*cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, cred, &len) < 0)
		return 0;
	return cred->uid == 0 || cred->uid == geteuid();
}

/* Who waits would be told of again and again: ctlsock_look tries anew. */
static void
ctlsock_refused(struct ctlsock *s)
{
	static struct log_limit lim = { 1 };

	if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
		return;
	if (log_allow(&lim))
		log_errore("accept");
	ev_io_stop(&s->io);
	s->paused = 1;
}

static void
ctlsock_accept(void *arg, unsigned what)
{
	static const char no[] = CTL_HELLO "e 37\n"
	    "only root and the gateway's own user\nx 1\n";
	struct ctlsock *s = arg;
	struct ctlsock_conn *k;
	struct ucred cred;
	int fd;

	(void)what;
	fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		ctlsock_refused(s);
		return;
	}
	if (s->n >= CTLSOCK_MAX || !ctlsock_peer(fd, &cred)) {
		(void)!send(fd, no, sizeof(no) - 1, MSG_NOSIGNAL);
		close(fd);
		return;
	}
	k = xcalloc(1, sizeof(*k));
	k->s = s;
	k->fd = fd;
	k->uid = cred.uid;
	k->pid = cred.pid;
	buf_init_wiped(&k->in, CTL_LINE_MAX + 1);
	buf_init_wiped(&k->out, 2 * (size_t)CTL_TEXT_MAX);
	LIST_INSERT_HEAD(&s->conns, k, link);
	s->n++;
	(void)buf_adds(&k->out, STR(CTL_HELLO));
	ev_timer_set(s->a->c->loop, &k->timer, CTLSOCK_LINE_US,
	    ctlsock_expired, k);
	ctlsock_watch(k);
}

static int
ctlsock_listen(struct ctlsock *s)
{
	int rc = ev_io_start(s->a->c->loop, &s->io, s->fd, EV_IO_IN, 0,
	    ctlsock_accept, s);

	s->paused = rc != 0;
	return rc;
}

static int
ctlsock_bind(struct ctlsock *s)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct stat st;
	mode_t mask;
	int fd, rc, n;

	n = snprintf(sun.sun_path, sizeof(sun.sun_path), "%s.%d", s->path,
	    (int)getpid());
	if (n < 0 || (size_t)n >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return ERR_SYSTEM;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return ERR_SYSTEM;
	(void)unlink(sun.sun_path);
	mask = umask(0177);
	rc = bind(fd, (struct sockaddr *)&sun, sizeof(sun));
	umask(mask);
	if (rc < 0 || listen(fd, 64) < 0 || stat(sun.sun_path, &st) < 0 ||
	    rename(sun.sun_path, s->path) < 0) {
		fd_close(&fd);
		return ERR_SYSTEM;
	}
	if (s->fd >= 0) {
		ev_io_stop(&s->io);
		fd_close(&s->fd);
	}
	s->fd = fd;
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	return ctlsock_listen(s);
}

/* 1 when somebody answers at the path. */
static int
ctlsock_alive(const struct ctlsock *s)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd, rc;

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", s->path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return 1;
	rc = connect(fd, (struct sockaddr *)&sun, sizeof(sun));
	rc = rc == 0 || (errno != ECONNREFUSED && errno != ENOENT);
	close(fd);
	return rc;
}

static void
ctlsock_look(void *arg)
{
	struct ctlsock *s = arg;
	struct stat st;
	int gone = stat(s->path, &st) < 0;

	if ((gone || st.st_ino != s->ino || st.st_dev != s->dev) &&
	    (gone || !ctlsock_alive(s))) {
		if (ctlsock_bind(s) < 0)
			log_errore("%s cannot be taken back", s->path);
		else
			log_notice("%s was taken back", s->path);
	} else if (s->paused)
		ctlsock_listen(s);
	ev_timer_set(s->a->c->loop, &s->look, CTLSOCK_LOOK_US, ctlsock_look,
	    s);
}

struct ctlsock *
ctlsock_new(struct admin *a, char *err, size_t errsize)
{
	struct ctlsock *s = xcalloc(1, sizeof(*s));
	int n;

	s->a = a;
	s->fd = -1;
	LIST_INIT(&s->conns);
	n = snprintf(s->path, sizeof(s->path), "%s/control.sock",
	    a->c->conf->run_dir);
	if (n < 0 || (size_t)n >= sizeof(s->path) - 8) {
		snprintf(err, errsize, "run_dir is too long for a socket");
		free(s);
		return NULL;
	}
	if (ctlsock_bind(s) < 0) {
		snprintf(err, errsize, "%s: %s", s->path, strerror(errno));
		free(s);
		return NULL;
	}
	ctlsock_look(s);
	return s;
}

static void
ctlsock_end(void *arg)
{
	struct ctlsock *s = arg;
	struct ctlsock_conn *k;

	while ((k = LIST_FIRST(&s->conns)) != NULL)
		ctlsock_close(k);
}

void
ctlsock_drain(struct ctlsock *s, int64_t timeout_us,
    void (*done)(void *), void *arg)
{
	struct ctlsock_conn *k, *next;

	s->draining = 1;
	s->done = done;
	s->done_arg = arg;
	ev_timer_cancel(&s->look);
	ev_io_stop(&s->io);
	fd_close(&s->fd);
	ev_timer_set(s->a->c->loop, &s->end, timeout_us, ctlsock_end, s);
	for (k = LIST_FIRST(&s->conns); k != NULL; k = next) {
		next = LIST_NEXT(k, link);
		if (k->call == NULL)
			ctlsock_close(k);
	}
	ctlsock_over(s);
}
