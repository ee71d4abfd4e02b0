/*
 * sandbox.c - system call filter of a child.
 *
 * Runs in: children (libseccomp's door).
 * Owns: nothing.
 *
 * The lists follow what the libraries call: LMDB (files, mmap, futex, fcntl
 * locks, flock), OpenSSL and libcurl (sockets, files of certificates),
 * libevent (epoll), libc's resolver (checker: threads, netlink).
 * A call added here needs the reason in the row's comment.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef HAVE_SECCOMP
#include <linux/seccomp.h>
#include <seccomp.h>
#endif

#include "base/err.h"
#include "proc/sandbox.h"

#ifdef HAVE_SECCOMP

/* Every role: memory, files, time, events, sockets that are there. */
static const char *const common[] = {
	"read", "write", "readv", "writev", "pread64", "pwrite64", "preadv",
	"pwritev", "preadv2", "pwritev2", "close", "close_range", "lseek",
	"fstat", "stat", "lstat", "newfstatat", "statx", "fstatfs", "statfs",
	"access", "faccessat", "faccessat2", "readlink",
	"readlinkat", "getdents", "getdents64", "getcwd", "flock",
	"fsync", "fdatasync", "msync", "dup", "dup2", "dup3", "pipe2",
	"munmap", "mremap", "madvise", "brk", "mincore", "membarrier",
	"poll", "ppoll", "select", "pselect6",
	"epoll_create1", "epoll_create", "epoll_ctl", "epoll_wait",
	"epoll_pwait", "epoll_pwait2", "eventfd2", "timerfd_create",
	"timerfd_settime", "timerfd_gettime", "signalfd4",
	"clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep",
	"gettimeofday", "time", "getrandom", "getpid", "gettid", "getppid",
	"getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid",
	"uname", "sysinfo", "getrusage", "getrlimit", "times",
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending",
	"sigaltstack", "restart_syscall", "futex", "futex_waitv",
	"set_robust_list", "get_robust_list", "rseq", "set_tid_address",
	"sched_yield", "sched_getaffinity", "getcpu",
	"exit", "exit_group",
	"socketpair", "connect", "sendto", "recvfrom", "sendmsg", "recvmsg",
	"sendmmsg", "recvmmsg", "shutdown", "getsockname", "getpeername",
	"setsockopt", "getsockopt", NULL
};

/* Who keeps files: the ledger, its copies, the control socket. Worker and
 * checker have theirs open, and only write into them. */
static const char *const keeping[] = {
	"open", "openat", "umask", "unlink", "unlinkat", "rename", "renameat",
	"renameat2", "mkdir", "mkdirat", "rmdir", "fchmod", "fchmodat",
	"ftruncate", "fallocate", "sync_file_range", "fadvise64",
	"memfd_create", "copy_file_range", "sendfile", NULL
};

/* Nobody of us makes these: who does is not us any more. */
static const char *const deadly[] = {
	"execve", "execveat", "ptrace", "process_vm_readv",
	"process_vm_writev", "kcmp", "pidfd_getfd", "fork", "vfork",
	"setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid",
	"setfsuid", "setfsgid", "setgroups", "capset", "chroot",
	"pivot_root", "mount", "umount2", "move_mount", "open_tree",
	"fsopen", "unshare", "setns", "open_by_handle_at", "init_module",
	"finit_module", "delete_module", "kexec_load", "kexec_file_load",
	"bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key",
	"request_key", "personality", "reboot", "swapon", "swapoff",
	"iopl", "ioperm", "io_uring_setup", "io_uring_enter",
	"io_uring_register", "mknod", "mknodat", "acct",
	"settimeofday", "clock_settime", "modify_ldt", NULL
};

/* libc falls back to an older call when it sees ENOSYS. */
static const char *const unknown[] = {
	"clone3", "openat2", NULL
};

static const char *const serving[] = { "accept4", "accept", NULL };
/* A worker's record of its requests grows (state/open.c). */
static const char *const growing[] = { "fallocate", NULL };
/* libc's resolver: netlink is bound; threads are below. */
static const char *const resolving[] = { "bind", NULL };
/* The control socket, made again when somebody took it away. */
static const char *const control[] = { "bind", "listen", "chmod", NULL };

static int
add(scmp_filter_ctx ctx, uint32_t action, const char *const *names)
{
	int nr;

	for (; *names != NULL; names++) {
		nr = seccomp_syscall_resolve_name(*names);
		/* Not on this machine, or not known to the library. */
		if (nr == __NR_SCMP_ERROR)
			continue;
		if (seccomp_rule_add(ctx, action, nr, 0) < 0)
			return ERR_SYSTEM;
	}
	return 0;
}

/* Allow a call whose argument arg has value under mask. */
static int
add_if(scmp_filter_ctx ctx, int nr, unsigned arg, uint64_t mask,
    uint64_t value)
{
	return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, nr, 1,
	    SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, mask, value)) < 0 ?
	    ERR_SYSTEM : 0;
}

/* Streams and datagrams of a family; nothing raw. */
static int
add_family(scmp_filter_ctx ctx, uint64_t family)
{
	static const uint64_t types[] = { SOCK_STREAM, SOCK_DGRAM };
	int rc = 0;
	size_t i;

	for (i = 0; i < 2; i++)
		if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
		    SCMP_CMP(0, SCMP_CMP_EQ, family),
		    SCMP_CMP(1, SCMP_CMP_MASKED_EQ, 0xf, types[i])) < 0)
			rc = ERR_SYSTEM;
	return rc;
}

/* Files for reading only. */
static int
add_reading(scmp_filter_ctx ctx)
{
	const uint64_t change = O_ACCMODE | O_CREAT | O_TRUNC;

	return add_if(ctx, SCMP_SYS(open), 1, change, O_RDONLY) |
	    add_if(ctx, SCMP_SYS(openat), 2, change, O_RDONLY);
}

/* Files, sockets by family, threads, executable memory. */
static int
add_by_role(scmp_filter_ctx ctx, enum board_role role)
{
	const uint64_t all = UINT64_MAX;
	int rc = 0, talks = role == BOARD_WORKER || role == BOARD_CHECKER;

	rc |= talks ? add_reading(ctx) : add(ctx, SCMP_ACT_ALLOW, keeping);
	/* The other two have no business with any network. */
	if (talks)
		rc |= add_family(ctx, AF_INET) | add_family(ctx, AF_INET6);
	rc |= add_family(ctx, AF_UNIX);		/* syslog, control */
	if (role == BOARD_WORKER || role == BOARD_ADMIN)
		rc |= add(ctx, SCMP_ACT_ALLOW, serving);
	if (role == BOARD_WORKER)
		rc |= add(ctx, SCMP_ACT_ALLOW, growing);
	if (role == BOARD_ADMIN)
		rc |= add(ctx, SCMP_ACT_ALLOW, control);
	if (role != BOARD_CHECKER) {
		/* Neither threads nor plug-ins: no new code. */
		rc |= add_if(ctx, SCMP_SYS(mmap), 2, PROT_EXEC, 0);
		rc |= add_if(ctx, SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
		return rc;
	}
	/* The resolver may load plug-ins of nsswitch.conf. */
	rc |= add_if(ctx, SCMP_SYS(mmap), 2, PROT_EXEC | PROT_WRITE,
	    PROT_EXEC);
	rc |= add_if(ctx, SCMP_SYS(mmap), 2, PROT_EXEC, 0);
	rc |= add_if(ctx, SCMP_SYS(mprotect), 2, PROT_EXEC | PROT_WRITE,
	    PROT_EXEC);
	rc |= add_if(ctx, SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
	rc |= add_if(ctx, SCMP_SYS(socket), 0, all, AF_NETLINK);
	rc |= add_if(ctx, SCMP_SYS(clone), 0, CLONE_THREAD | CLONE_VM,
	    CLONE_THREAD | CLONE_VM);
	return rc | add(ctx, SCMP_ACT_ALLOW, resolving);
}

/* Calls that are harmless with some arguments only. */
static int
add_by_argument(scmp_filter_ctx ctx)
{
	static const int commands[] = { F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD,
	    F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW,
	    F_GET_SEALS };
	const uint64_t all = UINT64_MAX, me = (uint64_t)getpid();
	int rc = 0;
	size_t i;

	/* Not F_SETOWN and F_SETSIG: they send signals to others. */
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		rc |= add_if(ctx, SCMP_SYS(fcntl), 1, UINT32_MAX,
		    (uint64_t)commands[i]);
	/* abort and raise; is that process still there? */
	rc |= add_if(ctx, SCMP_SYS(tgkill), 0, all, me);
	rc |= add_if(ctx, SCMP_SYS(kill), 1, all, 0);
	rc |= add_if(ctx, SCMP_SYS(prlimit64), 2, all, 0);
	rc |= add_if(ctx, SCMP_SYS(prctl), 0, all, PR_SET_NAME);
	rc |= add_if(ctx, SCMP_SYS(prctl), 0, all, PR_GET_DUMPABLE);
	rc |= add_if(ctx, SCMP_SYS(prctl), 0, all, PR_SET_PDEATHSIG);
	/* libc names the mappings of its heaps where the kernel can. */
	rc |= add_if(ctx, SCMP_SYS(prctl), 0, all, 0x53564d41);
	/* FIONREAD, FIONBIO, TCGETS, FIOCLEX: never a device's own. */
	rc |= add_if(ctx, SCMP_SYS(ioctl), 1, all, 0x541b);
	rc |= add_if(ctx, SCMP_SYS(ioctl), 1, all, 0x5421);
	rc |= add_if(ctx, SCMP_SYS(ioctl), 1, all, 0x5401);
	rc |= add_if(ctx, SCMP_SYS(ioctl), 1, all, 0x5451);
	return rc;
}

static int
seccomp_enter(enum board_role role)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc;

	if (ctx == NULL)
		return ERR_UNSUPPORTED;
	/* Threads that run already are bound too. */
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS);
	rc = add(ctx, SCMP_ACT_ALLOW, common);
	rc |= add(ctx, SCMP_ACT_KILL_PROCESS, deadly);
	rc |= add(ctx, SCMP_ACT_ERRNO(ENOSYS), unknown);
	rc |= add_by_role(ctx, role);
	rc |= add_by_argument(ctx);
	if (rc != 0)
		rc = ERR_SYSTEM;
	else if (seccomp_load(ctx) < 0)
		rc = ERR_SYSTEM;
	seccomp_release(ctx);
	return rc;
}

#else

static int
seccomp_enter(enum board_role role)
{
	return ERR_UNSUPPORTED;
}

#endif

int
sandbox_enter(const struct sandbox_opts *o)
{
	int files, calls;

	files = landlock_enter(o);
	if (files != 0 && files != ERR_UNSUPPORTED)
		return files;
	calls = seccomp_enter(o->role);
	if (calls != 0 && calls != ERR_UNSUPPORTED)
		return calls;
	return files == 0 || calls == 0 ? 0 : ERR_UNSUPPORTED;
}
