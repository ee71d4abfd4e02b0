/* xalloc_test.c - small allocations and the reserve behind them. */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/xalloc.h"
#include "tap.h"
#include "config.h"

TEST(text)
{
	char *a = xstrdup("hello"), *b = xstrndup("hello", 2);
	char *c = xcalloc(3, 5);

	EQ_STR(a, "hello");
	EQ_STR(b, "he");
	EQ_MEM(c, 15, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15);
	a = xrealloc(a, 100);
	EQ_STR(a, "hello");
	free(a);
	free(b);
	free(c);
	free(xmalloc(0));
	free(xcalloc(0, 8));
}

#ifndef SANITIZED
/* From now on only what is given back can be had again. */
static void
no_more_memory(void)
{
	struct rlimit rl;
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f == NULL || fscanf(f, "%lu", &pages) != 1 ||
	    getrlimit(RLIMIT_AS, &rl) != 0)
		_exit(1);
	fclose(f);
	rl.rlim_cur = pages * (unsigned long)sysconf(_SC_PAGESIZE);
	if (setrlimit(RLIMIT_AS, &rl) != 0)
		_exit(1);
}

/* End the child with memory again: what it ran is written down. */
static void
leave(int status)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_AS, &rl) == 0) {
		rl.rlim_cur = rl.rlim_max;
		setrlimit(RLIMIT_AS, &rl);
	}
	tap_exit(status);
}

static void
on_abort(int sig)
{
	leave(100 + sig);
}

/* What a child does decides; 0 when it worked. */
static int
in_child(int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGABRT, on_abort);
		leave(fn());
	}
	EQ_INT(waitpid(pid, &status, 0), pid);
	return status;
}

static int
use_reserve(void)
{
	void *p;
	int i;

	xalloc_init(8 << 20);
	if (xalloc_low())
		return 2;
	no_more_memory();
	if (xalloc_try(4 << 20) != NULL)
		return 3;
	for (i = 0; i < 10000; i++) {
		p = xmalloc(1000);
		memset(p, 1, 1000);
		if (xalloc_low())
			break;
	}
	if (!xalloc_low())
		return 4;
	return xalloc_refill() == ERR_NOMEM ? 0 : 5;
}

static int
use_up_all(void)
{
	int fd = open("/dev/null", O_WRONLY), i;

	/* the panic is the point: its words are not */
	dup2(fd, STDERR_FILENO);
	xalloc_init(1 << 20);
	no_more_memory();
	for (i = 0; i < 100000000; i++)
		memset(xmalloc(5000), 1, 5000);
	return 0;
}
#endif

TEST(reserve)
{
#ifdef SANITIZED
	tap_skip("the sanitizer has its own allocator");
#else
	EQ_INT(in_child(use_reserve), 0);
	EQ_INT(in_child(use_up_all), (100 + SIGABRT) << 8);
#endif
}

TEST(refill)
{
	xalloc_init(1000);
	EQ_INT(xalloc_low(), 0);
	EQ_INT(xalloc_refill(), 0);
}

TEST(may_fail)
{
	void *p = xalloc_try(10);

	OK(p != NULL);
	p = xalloc_try_realloc(p, 1000);
	OK(p != NULL);
	free(p);
}

TEST(codes_have_texts)
{
	static const int codes[] = {
#define X(name, val, text) val,
		ERR_LIST(X)
#undef X
	};
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		OK(strcmp(err_str(codes[i]), "unknown error") != 0);
	EQ_STR(err_str(0), "ok");
	EQ_STR(err_str(ERR_TOOBIG), "too large");
	EQ_STR(err_str(1), "unknown error");
	EQ_STR(err_str(-9999), "unknown error");
}

TAP_BEGIN
TAP_ROW(text)
TAP_ROW(reserve)
TAP_ROW(refill)
TAP_ROW(may_fail)
TAP_ROW(codes_have_texts)
TAP_END
