/*
 * faultpoint.c - places where a process can be made to die, stop or spin.
 *
 * Runs in: every process of tests/e2e/aigwd_faults; in no other program.
 * Owns: the mapping of the file.
 *
 * The mapping is made before the sandbox, and the signals go to the process
 * itself, which the sandbox allows.
 */
#include "base/faultpoint.h"

#ifdef FAULT_POINTS

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"

#define ROLES	(sizeof(FAULTPOINT_ROLES) - 1)
#define SIZE	(FAULTPOINT_HEAD + FAULTPOINT_COUNT * ROLES * \
    sizeof(struct faultpoint_row))

static const struct {
	const char	*name, *roles;
} points[] = {
#define ROW(name, roles) { #name, roles },
	FAULTPOINT_LIST(ROW)
#undef ROW
};

static struct faultpoint_row *rows;	/* of the first point; NULL: off */
static size_t self;			/* letter of the role */

void
faultpoint_open(const char *role)
{
	const char *path = getenv("AIGW_FAULTS");
	const char *letter = strchr(FAULTPOINT_ROLES, role[0]);
	struct stat st;
	char *p;
	int fd;

	if (path == NULL || role[0] == '\0' || letter == NULL)
		return;
	if ((fd = open(path, O_RDWR | O_CLOEXEC)) < 0)
		return;
	if (fstat(fd, &st) == 0 && (size_t)st.st_size >= SIZE) {
		p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    0);
		if (p != MAP_FAILED) {
			self = (size_t)(letter - FAULTPOINT_ROLES);
			rows = (struct faultpoint_row *)(void *)(p +
			    FAULTPOINT_HEAD);
		}
	}
	fd_close(&fd);
}

static void
signal_self(int sig)
{
	(void)syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), sig);
}

static void
act(enum faultpoint_act what, int64_t ms)
{
	int64_t end;

	switch (what) {
	case FAULTPOINT_KILL:
		signal_self(SIGKILL);
		break;
	case FAULTPOINT_STOP:
		signal_self(SIGSTOP);
		break;
	case FAULTPOINT_SPIN:
		end = clock_mono_us() + ms * 1000;
		while (clock_mono_us() < end)
			continue;
		break;
	case FAULTPOINT_EXIT:
		_exit(1);
	case FAULTPOINT_ABORT:
		abort();
	default:
		break;
	}
}

void
faultpoint_pass(enum faultpoint p)
{
	struct faultpoint_row *r;
	uint32_t what;

	if (rows == NULL)
		return;
	r = &rows[(size_t)p * ROLES + self];
	r->hits++;
	if (r->act == FAULTPOINT_NOTHING)
		return;
	if (!r->always && atomic_fetch_sub(&r->after, 1) != 1)
		return;
	what = r->always ? r->act : atomic_exchange(&r->act,
	    FAULTPOINT_NOTHING);
	if (what == FAULTPOINT_NOTHING)
		return;
	r->pid = (uint32_t)getpid();
	r->fired++;
	act((enum faultpoint_act)what, r->ms);
}

int
faultpoint_list(void)
{
	size_t i;

	for (i = 0; i < FAULTPOINT_COUNT; i++)
		printf("%s %s\n", points[i].name, points[i].roles);
	return 0;
}

#endif
