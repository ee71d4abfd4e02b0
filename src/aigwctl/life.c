/*
 * life.c - the lifecycle of the gateway: asked nicely, else by signal.
 *
 * Runs in: aigwctl.
 * Owns: nothing.
 *
 * When the admin process is dead or hangs, status, reload, reopen, upgrade,
 * drain and stop still work: the pid file names the master, and the lock that
 * the master holds beside it tells whether that is still true.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "aigwctl/aigwctl.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/num.h"

#define LIFE_UPGRADE_US	(60 * CLOCK_US_S)
#define LIFE_ASIDE_US	(5 * CLOCK_US_S)
#define LIFE_LEAVE_US	(1 * CLOCK_US_S)

static void
life_nap(void)
{
	const struct timespec hundredth = { 0, 10000000 };

	nanosleep(&hundredth, NULL);
}

/* 0 when the process is surely something else (a stale pid file). */
static int
life_is_aigwd(uint64_t pid)
{
	char path[64], exe[512];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%llu/exe",
	    (unsigned long long)pid);
	n = readlink(path, exe, sizeof(exe) - 1);
	if (n <= 0)
		return errno != ENOENT;
	exe[n] = '\0';
	return strstr(exe, "aigwd") != NULL;
}

/* The living master that a file of the run folder names, or 0. */
static pid_t
life_named(const struct ctl *c, const char *name)
{
	char path[600];
	struct str rest, line = STR_NULL;
	struct buf b;
	uint64_t pid = 0;

	snprintf(path, sizeof(path), "%s/%s", c->run_dir, name);
	buf_init(&b, 64);
	if (fd_read_file(path, &b) == 0) {
		rest = buf_str(&b);
		if (str_split(&rest, '\n', &line) && num_u64(line, &pid) < 0)
			pid = 0;
	}
	buf_free(&b);
	if (pid <= 1 || pid > INT32_MAX ||
	    (kill((pid_t)pid, 0) < 0 && errno == ESRCH) ||
	    !life_is_aigwd(pid))
		return 0;
	return (pid_t)pid;
}

pid_t
life_master(const struct ctl *c)
{
	return life_named(c, "aigwd.pid");
}

void
life_nobody(const struct ctl *c, FILE *f)
{
	pid_t pid = life_master(c);

	if (pid != 0)
		fprintf(f, "aigwctl: master %d runs, but its control socket "
		    "%s does not answer: its error log may tell why\n",
		    (int)pid, c->socket);
	else
		fprintf(f, "aigwctl: no gateway answers at %s, and no master "
		    "runs in %s.\nIf it runs elsewhere, say where: -s SOCKET, "
		    "or -c FILE for its configuration.\nElse start it "
		    "(aigwd, or its service); \"aigwd -t\" checks the "
		    "configuration.\n", c->socket, c->run_dir);
}

/* 1 when the master before the last upgrade is gone; else it is said. */
static int
life_alone(const struct ctl *c)
{
	int64_t end = clock_mono_us() + LIFE_LEAVE_US;
	pid_t pid;

	while ((pid = life_named(c, "aigwd.pid.oldbin")) != 0 &&
	    clock_mono_us() < end)
		life_nap();
	if (pid != 0)
		fprintf(stderr, "aigwctl: master %d of the last upgrade is "
		    "still there: wait until it has finished (kill -QUIT %d "
		    "asks it to, kill -TERM %d cuts it off)\n", (int)pid,
		    (int)pid, (int)pid);
	return pid == 0;
}

/* Send a signal to the master and say so. */
static int
life_signal(const struct ctl *c, int sig, const char *name, const char *what)
{
	pid_t pid = life_master(c);

	if (pid == 0) {
		life_nobody(c, stderr);
		return EXIT_FAILED;
	}
	if (kill(pid, sig) < 0) {
		fprintf(stderr, "aigwctl: master %d: %s\n", (int)pid,
		    strerror(errno));
		return EXIT_FAILED;
	}
	fprintf(stderr, "aigwctl: the control socket does not answer; %s was "
	    "sent to master %d: %s\n", name, (int)pid, what);
	return EXIT_DONE;
}

/* By socket if it answers, else by signal. */
static int
life_ask(const struct ctl *c, int argc, char **argv, int sig,
    const char *name, const char *what)
{
	int rc = link_run_patient(c, argc, argv);

	return rc == LINK_DOWN ? life_signal(c, sig, name, what) : rc;
}

int
life_status(struct ctl *c, int argc, char **argv)
{
	int rc = link_run_patient(c, argc, argv);
	pid_t pid;

	if (rc != LINK_DOWN)
		return rc;
	pid = life_master(c);
	if (c->json)
		printf("{\"running\":%s,\"pid\":%d,\"control\":false}\n",
		    pid != 0 ? "true" : "false", (int)pid);
	else
		life_nobody(c, stdout);
	return EXIT_FAILED;
}

int
life_reload(struct ctl *c, int argc, char **argv)
{
	return life_ask(c, argc, argv, SIGHUP, "SIGHUP",
	    "it reloads; error.log tells how it ended");
}

int
life_reopen(struct ctl *c, int argc, char **argv)
{
	return life_ask(c, argc, argv, SIGUSR1, "SIGUSR1",
	    "it reopens its log files");
}

int
life_drain(struct ctl *c, int argc, char **argv)
{
	return life_ask(c, argc, argv, SIGWINCH, "SIGWINCH",
	    "its workers finish and leave");
}

/* The master before the last upgrade serves too, or has streams to finish. */
static int
life_stop_older(pid_t old, int fast)
{
	if (kill(old, fast ? SIGTERM : SIGQUIT) == 0) {
		fprintf(stderr, "aigwctl: master %d of the last upgrade, "
		    "which is still there, was told too\n", (int)old);
		return EXIT_DONE;
	}
	if (errno == ESRCH)
		return EXIT_DONE;
	fprintf(stderr, "aigwctl: master %d of the last upgrade is still "
	    "there and goes on (%s): as root, \"kill -%s %d\" ends it\n",
	    (int)old, strerror(errno), fast ? "TERM" : "QUIT", (int)old);
	return EXIT_FAILED;
}

int
life_stop(struct ctl *c, int argc, char **argv)
{
	pid_t old = life_named(c, "aigwd.pid.oldbin");
	int i, rc, fast = 0;

	for (i = 1; i < argc; i++)
		fast |= strcmp(argv[i], "--fast") == 0;
	rc = fast ?
	    life_ask(c, argc, argv, SIGTERM, "SIGTERM", "it stops at once") :
	    life_ask(c, argc, argv, SIGQUIT, "SIGQUIT",
	    "it finishes and stops");
	return rc == EXIT_DONE && old != 0 ? life_stop_older(old, fast) : rc;
}

/* 1 when this master says that it and a worker are ready. */
static int
life_is_ready(const struct ctl *c, pid_t pid)
{
	char word[] = "status", *argv[] = { word, NULL };
	struct json_object *o = NULL, *list, *p;
	struct buf b;
	size_t i;
	int ready = 0;

	buf_init(&b, 16 << 20);
	if (link_run(c, 1, argv, &b) == EXIT_DONE &&
	    json_parse(str_trim(buf_str(&b)), &o) == 0 &&
	    json_get_int(o, "pid", 0) == (int64_t)pid) {
		list = json_get(o, "processes");
		for (i = 0; json_object_is_type(list, json_type_array) &&
		    i < json_object_array_length(list); i++) {
			p = json_object_array_get_idx(list, i);
			ready |= str_eqc(json_get_str(p, "role"), "worker") &&
			    str_eqc(json_get_str(p, "state"), "ready");
		}
	}
	json_object_put(o);
	buf_free(&b);
	return ready;
}

/*
 * Wait for a new master that serves: its pid, or 0. While the new binary
 * starts, the pid file of the old one stands aside; back in its place it means
 * that the new one has failed.
 */
static pid_t
life_successor(const struct ctl *c, pid_t old)
{
	int64_t begin = clock_mono_us(), now = begin;
	int aside = 0;
	pid_t pid;

	while (now < begin + LIFE_UPGRADE_US) {
		pid = life_master(c);
		if (pid != old)
			aside = 1;
		else if (aside || now > begin + LIFE_ASIDE_US)
			return 0;
		if (pid != 0 && pid != old && life_is_ready(c, pid))
			return pid;
		life_nap();
		now = clock_mono_us();
	}
	return 0;
}

int
life_upgrade(struct ctl *c, int argc, char **argv)
{
	pid_t old = life_master(c), new;
	int rc, by_signal, i, keep = 0;

	for (i = 1; i < argc; i++)
		keep |= strcmp(argv[i], "--keep") == 0;
	if (old == 0) {
		life_nobody(c, stderr);
		return EXIT_FAILED;
	}
	if (!life_alone(c))
		return EXIT_FAILED;
	rc = link_run_patient(c, argc, argv);
	by_signal = rc == LINK_DOWN;
	if (by_signal)
		rc = life_signal(c, SIGUSR2, "SIGUSR2",
		    "it starts the new binary");
	if (rc != EXIT_DONE)
		return rc;
	new = life_successor(c, old);
	if (new == 0) {
		fprintf(stderr, "aigwctl: the new binary did not become "
		    "ready; master %d goes on, error.log tells why\n",
		    (int)old);
		return EXIT_FAILED;
	}
	if (by_signal && !keep && kill(old, SIGQUIT) < 0 && errno != ESRCH) {
		fprintf(stderr, "aigwctl: master %d cannot be told to leave: "
		    "%s\n", (int)old, strerror(errno));
		return EXIT_FAILED;
	}
	if (!c->json)
		printf("master %d serves, master %d %s\n", (int)new,
		    (int)old, keep ? "serves too" : "finishes and leaves");
	return EXIT_DONE;
}
