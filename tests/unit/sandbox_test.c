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
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <unistd.h>

#include "base/err.h"
#include "proc/priv.h"
#include "proc/sandbox.h"
#include "tap.h"

static char run_dir[128], state_dir[128], other_dir[128];

static int ready_fd = -1;	/* a file opened before */

static void
folders(void)
{
	char path[160];

	snprintf(run_dir, sizeof(run_dir), "%s/run", tap_dir());
	snprintf(state_dir, sizeof(state_dir), "%s/state", tap_dir());
	snprintf(other_dir, sizeof(other_dir), "%s/other", tap_dir());
	chmod(tap_dir(), 0755);
	mkdir(run_dir, 0777);
	mkdir(state_dir, 0777);
	mkdir(other_dir, 0777);
	chmod(run_dir, 0777);
	chmod(state_dir, 0777);
	chmod(other_dir, 0777);
	snprintf(path, sizeof(path), "%s/ready", state_dir);
	if (ready_fd < 0)
		ready_fd = open(path, O_RDWR | O_CREAT, 0666);
	OK(ready_fd >= 0 && fchmod(ready_fd, 0666) == 0);
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
		/* A child of root has given that up. */
		if (geteuid() == 0 && setuid(65534) != 0)
			_exit(97);
		priv_conceal();
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
try_fork(void)
{
	return fork() < 0 && errno == EPERM ? 0 : 1;
}

/* What all of them must still be able to do. */
static int
work(void)
{
	char b[8];
	int fd, sv[2];
	void *p;

	if (pwrite(ready_fd, "hello", 5, 0) != 5 || fsync(ready_fd) != 0 ||
	    pread(ready_fd, b, 5, 0) != 5)
		return 1;
	p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, ready_fd, 0);
	if (p == MAP_FAILED || munmap(p, 4096) != 0)
		return 2;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv) != 0 ||
	    write(sv[0], "x", 1) != 1 || read(sv[1], b, 1) != 1)
		return 3;
	if ((fd = socket(AF_UNIX, SOCK_DGRAM, 0)) < 0 || close(fd) != 0)
		return 4;
	if ((p = malloc(8 << 20)) == NULL)
		return 5;
	free(p);
	fd = open("/etc/passwd", O_RDONLY);
	return fd < 0 ? 6 : kill(getpid(), 0) == 0 ? 0 : 7;
}

/* What recorder and admin do with files. */
static int
keep_files(void)
{
	char path[160], other[160];
	int fd;

	snprintf(path, sizeof(path), "%s/new", state_dir);
	snprintf(other, sizeof(other), "%s/newer", state_dir);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	if (fd < 0 || pwrite(fd, "hello", 5, 0) != 5 || ftruncate(fd, 3) != 0)
		return 1;
	if (rename(path, other) != 0 || unlink(other) != 0)
		return 2;
	return mkdir(path, 0700) != 0 || rmdir(path) != 0 ? 3 : 0;
}

/* What worker and checker must not do with them. */
static int
keep_no_files(void)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/ready", state_dir);
	if (open(path, O_RDWR) >= 0 || open(path, O_WRONLY) >= 0 ||
	    open(path, O_RDONLY | O_TRUNC) >= 0)
		return 1;
	if (unlink(path) == 0 || rename(path, run_dir) == 0 ||
	    chmod(path, 0666) == 0 || truncate(path, 0) == 0 ||
	    ftruncate(ready_fd, 0) == 0 || link(path, run_dir) == 0 ||
	    symlink("/", run_dir) == 0)
		return 2;
	snprintf(path, sizeof(path), "%s/new", state_dir);
	if (open(path, O_RDONLY | O_CREAT, 0600) >= 0 ||
	    mkdir(path, 0700) == 0 || open(state_dir, O_TMPFILE | O_RDWR,
	    0600) >= 0)
		return 3;
	return 0;
}

static int
grow(void)
{
	return fallocate(ready_fd, 0, 0, 65536) == 0 ? 0 : 1;
}

static int
try_network(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd >= 0 && socket(AF_INET6, SOCK_DGRAM, 0) >= 0 ? 0 : 1;
}

/* Nobody opens a socket of these. */
static int
try_sockets(void)
{
	static const struct {
		int	 family, type;
	} sockets[] = {
		{ AF_PACKET, SOCK_RAW }, { AF_INET, SOCK_RAW },
		{ AF_INET6, SOCK_RAW }, { AF_KEY, SOCK_RAW },
		{ AF_VSOCK, SOCK_STREAM }, { AF_ALG, SOCK_SEQPACKET },
		{ AF_BLUETOOTH, SOCK_RAW }, { AF_TIPC, SOCK_SEQPACKET },
	};
	size_t i;

	for (i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++)
		if (socket(sockets[i].family, sockets[i].type, 0) >= 0 ||
		    errno != EPERM)
			return 1;
	return 0;
}

static int
try_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0) < 0 && errno == EPERM ? 0 : 1;
}

static int
try_bind(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd >= 0 && bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0;
}

static int
try_shadow(void)
{
	return open("/etc/shadow", O_RDONLY) >= 0;
}

static int
try_signals(void)
{
	union sigval v = { 0 };
	int fd = eventfd(0, 0);

	if (kill(getppid(), SIGUSR1) == 0 || kill(-1, SIGUSR1) == 0 ||
	    sigqueue(getppid(), SIGUSR1, v) == 0 ||
	    syscall(SYS_tgkill, getppid(), getppid(), SIGUSR1) == 0 ||
	    syscall(SYS_tkill, getppid(), SIGUSR1) == 0)
		return 1;
	/* The kernel would send it for us. */
	if (fcntl(fd, F_SETOWN, getppid()) == 0 ||
	    fcntl(fd, F_SETSIG, SIGKILL) == 0)
		return 2;
	fd = (int)syscall(SYS_pidfd_open, getppid(), 0);
	return fd >= 0 ? 3 : 0;
}

/* Not dumpable, and it stays so. */
static int
try_dumpable(void)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0)
		return 1;
	return setrlimit(RLIMIT_CORE, &all) == 0 ? 2 : 0;
}

/* Each ends the process. */
static const struct {
	long		 number;
	const char	*name;
} deadly[] = {
	{ SYS_execve, "execve" }, { SYS_execveat, "execveat" },
	{ SYS_fork, "fork" }, { SYS_vfork, "vfork" },
	{ SYS_ptrace, "ptrace" },
	{ SYS_process_vm_readv, "process_vm_readv" },
	{ SYS_process_vm_writev, "process_vm_writev" },
	{ SYS_setuid, "setuid" }, { SYS_setresuid, "setresuid" },
	{ SYS_setgroups, "setgroups" }, { SYS_capset, "capset" },
	{ SYS_chroot, "chroot" }, { SYS_mount, "mount" },
	{ SYS_umount2, "umount2" }, { SYS_pivot_root, "pivot_root" },
	{ SYS_unshare, "unshare" }, { SYS_setns, "setns" },
	{ SYS_bpf, "bpf" }, { SYS_userfaultfd, "userfaultfd" },
	{ SYS_perf_event_open, "perf_event_open" },
	{ SYS_io_uring_setup, "io_uring_setup" },
	{ SYS_io_uring_enter, "io_uring_enter" },
	{ SYS_keyctl, "keyctl" }, { SYS_add_key, "add_key" },
	{ SYS_init_module, "init_module" },
	{ SYS_kexec_load, "kexec_load" }, { SYS_reboot, "reboot" },
	{ SYS_mknod, "mknod" }, { SYS_open_by_handle_at,
	    "open_by_handle_at" }, { SYS_clock_settime, "clock_settime" },
	{ SYS_personality, "personality" }, { SYS_pidfd_getfd,
	    "pidfd_getfd" }, { SYS_kcmp, "kcmp" },
};
static size_t which;

static int
try_deadly(void)
{
	(void)syscall(deadly[which].number, 0, 0, 0, 0, 0, 0);
	return 0;
}

static int
try_exec_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED && errno == EPERM ? 0 : 1;
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

TEST(deadly_calls)
{
	size_t i, k;

	need_seccomp();
	for (i = 0; i < N_ROLES; i++)
		for (k = 0; k < sizeof(deadly) / sizeof(deadly[0]); k++) {
			which = k;
			if (inside(roles[i], try_deadly) != 200 + SIGSYS)
				tap_fail(__FILE__, __LINE__, "%s in role %d "
				    "is not deadly", deadly[k].name,
				    (int)roles[i]);
		}
}

TEST(refused)
{
	size_t i;

	need_seccomp();
	for (i = 0; i < N_ROLES; i++) {
		EQ_INT(inside(roles[i], try_fork), 0);
		EQ_INT(inside(roles[i], try_sockets), 0);
		EQ_INT(inside(roles[i], try_exec_memory), 0);
		EQ_INT(inside(roles[i], try_signals), 0);
		EQ_INT(inside(roles[i], try_dumpable), 0);
		EQ_INT(inside(roles[i], try_shadow), 0);
		EQ_INT(inside(roles[i], try_bind), 0);
	}
}

TEST(by_role)
{
	need_seccomp();
	EQ_INT(inside(BOARD_WORKER, keep_no_files), 0);
	EQ_INT(inside(BOARD_CHECKER, keep_no_files), 0);
	EQ_INT(inside(BOARD_RECORDER, keep_files), 0);
	EQ_INT(inside(BOARD_ADMIN, keep_files), 0);
	EQ_INT(inside(BOARD_WORKER, grow), 0);
	EQ_INT(inside(BOARD_CHECKER, grow), 1);
	EQ_INT(inside(BOARD_WORKER, try_network), 0);
	EQ_INT(inside(BOARD_CHECKER, try_network), 0);
	EQ_INT(inside(BOARD_RECORDER, try_network), 1);
	EQ_INT(inside(BOARD_ADMIN, try_network), 1);
	EQ_INT(inside(BOARD_WORKER, try_netlink), 0);
	EQ_INT(inside(BOARD_RECORDER, try_netlink), 0);
	EQ_INT(inside(BOARD_ADMIN, try_netlink), 0);
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
static enum board_role role;
static int (*what)(void);

static void *
in_landlock(void *arg)
{
	struct sandbox_opts o = { .role = role, .run_dir = run_dir,
	    .state_dir = state_dir };
	int *status = arg, rc = landlock_enter(&o);

	*status = rc == ERR_UNSUPPORTED ? 99 : rc != 0 ? 98 : what();
	return NULL;
}

static int
landlocked(enum board_role r, int (*fn)(void))
{
	pthread_t t;
	int status = -1;

	folders();
	role = r;
	what = fn;
	OK(pthread_create(&t, NULL, in_landlock, &status) == 0);
	pthread_join(t, NULL);
	if (status == 99)
		tap_skip("no landlock in this kernel");
	return status;
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
read_in(const char *dir)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/ready", dir);
	if ((fd = open(path, O_RDONLY)) >= 0)
		close(fd);
	return fd >= 0;
}

static int
reads_outside(void)
{
	return open(other_dir, O_RDONLY | O_DIRECTORY) >= 0;
}

static int
reads_state(void)
{
	return read_in(state_dir);
}

TEST(writing_elsewhere)
{
	size_t i;

	for (i = 0; i < N_ROLES; i++) {
		EQ_INT(landlocked(roles[i], try_outside), 0);
		EQ_INT(landlocked(roles[i], work), 0);
	}
	EQ_INT(landlocked(BOARD_RECORDER, keep_files), 0);
	EQ_INT(try_outside(), 1);	/* who did not enter is free */
}

TEST(reading_elsewhere)
{
	EQ_INT(landlocked(BOARD_WORKER, reads_outside), 0);
	EQ_INT(landlocked(BOARD_CHECKER, reads_outside), 0);
	EQ_INT(landlocked(BOARD_WORKER, reads_state), 1);
	EQ_INT(landlocked(BOARD_CHECKER, reads_state), 0);
}

TAP_BEGIN
	TAP_ROW(deadly_calls)
	TAP_ROW(refused)
	TAP_ROW(by_role)
	TAP_ROW(work_goes_on)
	TAP_ROW(threads)
	TAP_ROW(writing_elsewhere)
	TAP_ROW(reading_elsewhere)
TAP_END
