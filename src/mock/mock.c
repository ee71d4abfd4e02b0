/*
 * mock.c - aigw-mock: a scripted provider for tests, demo and benchmark.
 *
 * Runs in: aigw-mock.
 * Owns: the listening sockets, the worker processes.
 *
 * The first process reads the options, opens the sockets and forks; what the
 * processes share (mock_shared.c) is made before. With one worker nothing is
 * forked. The first process waits for the others and passes signals on.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/num.h"
#include "base/rng.h"
#include "mock/mock.h"
#include "mock/mock_options.h"
#include "mock/mock_replay.h"
#include "mock/mock_serve.h"
#include "net/listen.h"
#include "net/tls.h"

#define WORKERS	64

static volatile sig_atomic_t stop;
static pid_t pids[WORKERS];
static int n_pids;

static void
on_stop(int sig)
{
	int i;

	(void)sig;
	stop = 1;
	for (i = 0; i < n_pids; i++)
		if (pids[i] > 0)
			kill(pids[i], SIGTERM);
}

static void
signals(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_stop;
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
}

static int
open_listener(const char *text)
{
	struct listen_addr a;
	char err[256];
	int fd;

	if (listen_parse(str_of(text), &a) != 0) {
		fprintf(stderr, "aigw-mock: bad address: %s\n", text);
		return -1;
	}
	if ((fd = listen_open(&a, "", err, sizeof(err))) < 0) {
		fprintf(stderr, "aigw-mock: %s: %s\n", text, err);
		return -1;
	}
	if (a.family != AF_UNIX && a.port == 0) {
		/* Bind the same port by number: it survives a refusal. */
		a.port = listen_port(fd);
		close(fd);
		if ((fd = listen_open(&a, "", err, sizeof(err))) < 0) {
			fprintf(stderr, "aigw-mock: %s\n", err);
			return -1;
		}
	}
	return fd;
}

static void
announce(const char *what, const char *text, int fd)
{
	struct listen_addr a;

	if (listen_parse(str_of(text), &a) == 0 && a.family != AF_UNIX)
		printf(strchr(a.host, ':') != NULL ? "%s [%s]:%u\n" :
		    "%s %s:%u\n", what, a.host, listen_port(fd));
	else
		printf("%s %s\n", what, text);
	fflush(stdout);
}

static int
open_tls(const struct mock_options *o, struct mock *m)
{
	unsigned char ticket[80];
	struct buf cert, key;
	char err[256];
	int rc;

	if (o->tls_cert == NULL)
		return 0;
	buf_init(&cert, 1u << 20);
	buf_init(&key, 1u << 20);
	rng_bytes(ticket, sizeof(ticket));
	if (fd_read_file(o->tls_cert, &cert) != 0 ||
	    fd_read_file(o->tls_key, &key) != 0) {
		fprintf(stderr, "aigw-mock: cannot read %s or %s\n",
		    o->tls_cert, o->tls_key);
		rc = ERR_SYSTEM;
		goto out;
	}
	rc = tls_server_ctx(buf_str(&cert), buf_str(&key), "1.2", ticket,
	    &m->tls, err, sizeof(err));
	if (rc != 0)
		fprintf(stderr, "aigw-mock: %s\n", err);
out:
	buf_free(&cert);
	buf_free(&key);
	return rc;
}

static int
run(struct mock *m, int fd, int control)
{
	m->loop = ev_loop_new();
	m->conns = conn_set_new(m->loop);
	mock_serve_listen(m, fd, 0);
	if (control >= 0)
		mock_serve_listen(m, control, 1);
	mock_serve_refuse(m);
	while (!stop) {
		ev_turn(m->loop, 1000);
		conn_flush_all(m->conns);
	}
	mock_serve_stop(m);
	return 0;
}

static int
run_all(struct mock *m, int workers, int fd, int control)
{
	int i, status;
	pid_t pid;

	if (workers <= 1)
		return run(m, fd, control);
	for (i = 0; i < workers; i++) {
		if ((pid = fork()) == 0) {
			n_pids = 0;
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			exit(run(m, fd, control));
		}
		pids[n_pids++] = pid;
	}
	while ((pid = wait(&status)) > 0 || errno == EINTR)
		for (i = 0; pid > 0 && i < n_pids; i++)
			if (pids[i] == pid)
				pids[i] = -1;
	return stop ? 0 : 1;
}

static int
prepare(const struct mock_options *o, struct mock *m)
{
	char err[256];

	m->log_fd = -1;
	m->seed = o->seed_set ? o->seed : rng_u64();
	m->fixed = o->seed_set;
	/* Several processes: leave some connections to the others. */
	m->batch = o->workers > 1 ? 1 : 64;
	if ((m->sh = mock_shared_new()) == NULL) {
		fprintf(stderr, "aigw-mock: out of memory\n");
		return ERR_NOMEM;
	}
	if (mock_options_apply(o, m->sh, err, sizeof(err)) != 0) {
		fprintf(stderr, "aigw-mock: %s\n", err);
		return ERR_FORMAT;
	}
	if (o->log != NULL && (m->log_fd = open(o->log, O_WRONLY | O_CREAT |
	    O_APPEND | O_CLOEXEC, 0644)) < 0) {
		fprintf(stderr, "aigw-mock: %s: %s\n", o->log,
		    strerror(errno));
		return ERR_SYSTEM;
	}
	if (o->replay != NULL && mock_replay_open(o->replay, &m->replay) < 0) {
		fprintf(stderr, "aigw-mock: %s: cannot read\n", o->replay);
		return ERR_SYSTEM;
	}
	return open_tls(o, m);
}

int
main(int argc, char **argv)
{
	static struct mock m;
	struct mock_options o;
	int fd, control = -1, rc;

	if ((rc = mock_options_parse(&o, argc, argv)) != 0)
		return rc < 0 ? 0 : rc;
	log_init("mock", STDERR_FILENO);
	signals();
	fd_limit(65536);
	if (prepare(&o, &m) != 0 || (fd = open_listener(o.listen)) < 0)
		return 1;
	if (o.control != NULL && (control = open_listener(o.control)) < 0)
		return 1;
	announce("listening", o.listen, fd);
	if (control >= 0)
		announce("control", o.control, control);
	return run_all(&m, o.workers, fd, control);
}
