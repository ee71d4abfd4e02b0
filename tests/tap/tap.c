/*
 * tap.c - a tiny test harness that speaks the Test Anything Protocol.
 *
 * Runs in: unit test programs.
 * Owns: the scratch folder of the program.
 */
#include "config.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

static jmp_buf leave;
static char dir[64];
static pid_t dir_owner;

enum { LEFT_FAILED = 1, LEFT_SKIPPED };

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *f)
{
	(void)st;
	(void)kind;
	(void)f;
	return remove(path);
}

static void
remove_dir(void)
{
	if (dir[0] != '\0' && dir_owner == getpid())
		nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *
tap_dir(void)
{
	if (dir[0] == '\0') {
		strcpy(dir, "/tmp/aigw-test-XXXXXX");
		if (mkdtemp(dir) == NULL) {
			perror("mkdtemp");
			exit(99);
		}
		dir_owner = getpid();
		atexit(remove_dir);
	}
	return dir;
}

#ifdef COVERAGE
void __gcov_dump(void);		/* of the compiler's library */
#endif

void
tap_exit(int status)
{
#ifdef COVERAGE
	__gcov_dump();
#endif
	_exit(status);
}

void
tap_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	printf("# %s:%d: ", file, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	longjmp(leave, LEFT_FAILED);
}

void
tap_skip(const char *why)
{
	printf("# skipped: %s\n", why);
	longjmp(leave, LEFT_SKIPPED);
}

void
tap_eq_int(const char *file, int line, const char *ea, const char *eb,
    long long a, long long b)
{
	if (a != b)
		tap_fail(file, line, "%s is %lld, %s is %lld", ea, a, eb, b);
}

void
tap_eq_mem(const char *file, int line, const char *ea, const char *eb,
    const void *a, size_t an, const void *b, size_t bn)
{
	if (an != bn || (an > 0 && memcmp(a, b, an) != 0))
		tap_fail(file, line, "%s is \"%.*s\" (%zu), %s is \"%.*s\" "
		    "(%zu)", ea, an > 2000 ? 2000 : (int)an,
		    a == NULL ? "" : (const char *)a, an, eb,
		    bn > 2000 ? 2000 : (int)bn,
		    b == NULL ? "" : (const char *)b, bn);
}

int
tap_run(const struct tap_test *t, size_t n, int argc, char **argv)
{
	size_t i;
	volatile int bad = 0;
	volatile unsigned point = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..%zu\n", n);
	for (i = 0; i < n; i++) {
		point++;
		if (argc > 1 && strstr(t[i].name, argv[1]) == NULL) {
			printf("ok %u - %s # SKIP not asked for\n", point,
			    t[i].name);
			continue;
		}
		switch (setjmp(leave)) {
		case 0:
			t[i].fn();
			printf("ok %u - %s\n", point, t[i].name);
			break;
		case LEFT_SKIPPED:
			printf("ok %u - %s # SKIP\n", point, t[i].name);
			break;
		default:
			printf("not ok %u - %s\n", point, t[i].name);
			bad = 1;
		}
	}
	return bad;
}
