/*
 * fake_alloc.c - malloc as the worker sees it: counted, and made to fail.
 *
 * Runs in: scenario_test, torture_test (linked with --wrap).
 * Owns: nothing.
 *
 * Only what code of the worker allocates is counted; the fakes and the script
 * always get memory. What the script allocates is never freed, so leaks are
 * looked for among the worker's blocks alone.
 */
#include <stdlib.h>

#include "scen.h"

/* The names that the linker gives. */
void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_xalloc_try(size_t n);
void *__real_xalloc_try_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_xalloc_try(size_t n);
void *__wrap_xalloc_try_realloc(void *p, size_t n);

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#else
#define __lsan_ignore_object(p)		((void)(p))
#define __lsan_do_recoverable_leak_check() 0
#endif

enum scen_torture scen_torture;
unsigned scen_torture_at, scen_allocs, scen_tries;
static int armed;

int
scen_arm(int on)
{
	int was = armed;

	armed = on;
	return was;
}

/* 1: this allocation, one of any kind, is the one to fail. */
static int
fails(void)
{
	return armed && ++scen_allocs == scen_torture_at &&
	    scen_torture == TORTURE_ONE;
}

/* The same for those whose caller can do without. */
static int
try_fails(void)
{
	return armed && ++scen_tries >= scen_torture_at &&
	    scen_torture == TORTURE_REST;
}

static void *
ours(void *p)
{
	if (!armed && p != NULL)
		__lsan_ignore_object(p);
	return p;
}

int
scen_take(void)
{
	return !fails() && !try_fails();
}

int
scen_leaks(void)
{
	return __lsan_do_recoverable_leak_check();
}

void *
__wrap_malloc(size_t n)
{
	return fails() ? NULL : ours(__real_malloc(n));
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : ours(__real_calloc(n, size));
}

void *
__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : ours(__real_realloc(p, n));
}

void *
__wrap_xalloc_try(size_t n)
{
	return try_fails() ? NULL : __real_xalloc_try(n);
}

void *
__wrap_xalloc_try_realloc(void *p, size_t n)
{
	return try_fails() ? NULL : __real_xalloc_try_realloc(p, n);
}
