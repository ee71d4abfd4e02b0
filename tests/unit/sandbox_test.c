/*
 * sandbox_test.c - what a child of each role can no longer do, and still can.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <unistd.h>

#include "base/err.h"
#include "proc/sandbox.h"
#include "tap.h"

static char run_dir[128], state_dir[128], other_dir[128];

static void
folders(void)
{
	snprintf(run_dir, sizeof(run_dir), "%s/run", tap_dir());
	snprintf(state_dir, sizeof(state_dir), "%s/state", tap_dir());
	snprintf(other_dir, sizeof(other_dir), "%s/other", tap_dir());
	mkdir(run_dir, 0700);
	mkdir(state_dir, 0700);
	mkdir(other_dir, 0700);
}

/* Status of a fork that entered the sandbox of role and ran fn: its return
 * value, or 200 + the signal that ended it; 99: no sandbox here. */
static int
inside(enum board_role role, int (*fn)(void))
{
	struct sandbox_opts o = { .role = role, .run_dir = run_dir,
	    .state_dir = state_dir };
	pid_t pid;
	int status, rc;

	folders();
	if ((pid = fork()) == 0) {
		rc = sandbox_enter(&o);
		if (rc != 0)
			_exit(rc == ERR_UNSUPPORTED ? 99 : 98);
		_exit(fn());
	}
	OK(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    200 + WTERMSIG(status);
}

static int
try_exec(void)
{
	static char name[] = "true";
	char *const argv[] = { name, NULL };

	execv("/bin/true", argv);
	return 0;
}

static int
try_fork(void)
{
	return fork() < 0 && errno == EPERM ? 0 : 1;
}

static int
try_ptrace(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	return 0;
}

static int
try_setuid(void)
{
	return setuid(0);
}

/* What all of them must still be able to do. */
static int
work(void)
{
	char path[160], b[8];
	int fd, sv[2];
	void *p;

	snprintf(path, sizeof(path), "%s/file", state_dir);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	if (fd < 0 || pwrite(fd, "hello", 5, 0) != 5 || fsync(fd) != 0 ||
	    ftruncate(fd, 3) != 0 || pread(fd, b, 8, 0) != 3 ||
	    unlink(path) != 0)
		return 1;
	p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED || munmap(p, 4096) != 0)
		return 2;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv) != 0 ||
	    write(sv[0], "x", 1) != 1 || read(sv[1], b, 1) != 1)
		return 3;
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) < 0 || close(fd) != 0)
		return 4;
	if ((p = malloc(8 << 20)) == NULL)
		return 5;
	free(p);
	fd = open("/etc/passwd", O_RDONLY);
	return fd < 0 ? 6 : kill(getpid(), 0) == 0 ? 0 : 7;
}

static int
try_outside(void)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/file", other_dir);
	return open(path, O_RDWR | O_CREAT, 0600) < 0 && errno == EACCES ?
	    0 : 1;
}

static int
try_raw_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0) < 0 && errno == EPERM ? 0 : 1;
}

static int
try_exec_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED && errno == EPERM ? 0 : 1;
}

static int
try_kill(void)
{
	return kill(getppid(), SIGUSR1) < 0 && errno == EPERM ? 0 : 1;
}

static int
try_abort(void)
{
	abort();
}

static void *
thread(void *arg)
{
	return arg;
}

static int
try_thread(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, thread, NULL) != 0)
		return 1;
	return pthread_join(t, NULL) == 0 ? 0 : 2;
}

static const enum board_role roles[] = { BOARD_WORKER, BOARD_CHECKER,
    BOARD_RECORDER, BOARD_ADMIN };
#define N_ROLES (sizeof(roles) / sizeof(roles[0]))

static void
need_seccomp(void)
{
#if !defined(HAVE_SECCOMP) || defined(SANITIZED)
	tap_skip("no seccomp in this build");
#endif
}

TEST(exec_is_deadly)
{
	size_t i;

	need_seccomp();
	for (i = 0; i < N_ROLES; i++)
		EQ_INT(inside(roles[i], try_exec), 200 + SIGSYS);
}

TEST(ptrace_and_setuid_are_deadly)
{
	size_t i;

	need_seccomp();
	for (i = 0; i < N_ROLES; i++) {
		EQ_INT(inside(roles[i], try_ptrace), 200 + SIGSYS);
		EQ_INT(inside(roles[i], try_setuid), 200 + SIGSYS);
	}
}

TEST(refused)
{
	size_t i;

	need_seccomp();
	for (i = 0; i < N_ROLES; i++) {
		EQ_INT(inside(roles[i], try_fork), 0);
		EQ_INT(inside(roles[i], try_raw_socket), 0);
		EQ_INT(inside(roles[i], try_exec_memory), 0);
		EQ_INT(inside(roles[i], try_kill), 0);
	}
}

TEST(work_goes_on)
{
	size_t i;

	need_seccomp();
	for (i = 0; i < N_ROLES; i++) {
		EQ_INT(inside(roles[i], work), 0);
		EQ_INT(inside(roles[i], try_abort), 200 + SIGABRT);
	}
}

TEST(threads)
{
	need_seccomp();
	EQ_INT(inside(BOARD_WORKER, try_thread), 1);
	EQ_INT(inside(BOARD_RECORDER, try_thread), 1);
	EQ_INT(inside(BOARD_CHECKER, try_thread), 0);
	EQ_INT(inside(BOARD_ADMIN, try_thread), 1);
}

/* In a thread of its own: the rules on files bind only that. */
static void *
write_elsewhere(void *arg)
{
	struct sandbox_opts o = { .role = BOARD_WORKER,
	    .run_dir = run_dir, .state_dir = state_dir };
	int *status = arg;

	*status = landlock_enter(&o) == ERR_UNSUPPORTED ? 99 :
	    try_outside() == 0 ? work() : 50;
	return NULL;
}

TEST(writing_elsewhere)
{
	pthread_t t;
	int status = -1;

	folders();
	OK(pthread_create(&t, NULL, write_elsewhere, &status) == 0);
	pthread_join(t, NULL);
	if (status == 99)
		tap_skip("no landlock in this kernel");
	EQ_INT(status, 0);
	EQ_INT(try_outside(), 1);	/* who did not enter is free */
}

/* Neither may be read what is not on the list. */
static void *
read_elsewhere(void *arg)
{
	static const char *const paths[] = { "/etc", "/no/such/folder", NULL };
	struct sandbox_opts o = { .role = BOARD_WORKER, .run_dir = run_dir,
	    .state_dir = state_dir, .read_paths = paths };
	int *status = arg, rc, fd;

	if ((rc = landlock_enter(&o)) != 0)
		*status = rc == ERR_UNSUPPORTED ? 99 : 50;
	else if (open("/proc/self/status", O_RDONLY) >= 0 || errno != EACCES)
		*status = 51;
	else if ((fd = open("/etc/passwd", O_RDONLY)) < 0 || close(fd) != 0)
		*status = 52;
	else
		*status = work();
	return NULL;
}

TEST(reading_elsewhere)
{
	pthread_t t;
	int status = -1;

	folders();
	OK(pthread_create(&t, NULL, read_elsewhere, &status) == 0);
	pthread_join(t, NULL);
	if (status == 99)
		tap_skip("no landlock in this kernel");
	EQ_INT(status, 0);
}

TAP_BEGIN
	TAP_ROW(exec_is_deadly)
	TAP_ROW(ptrace_and_setuid_are_deadly)
	TAP_ROW(refused)
	TAP_ROW(work_goes_on)
	TAP_ROW(threads)
	TAP_ROW(writing_elsewhere)
	TAP_ROW(reading_elsewhere)
TAP_END
