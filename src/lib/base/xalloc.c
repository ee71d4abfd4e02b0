/*
 * xalloc.c - small allocations that do not fail, and the reserve behind them.
 *
 * Runs in: every process.
 * Owns: the reserve.
 *
 * The allocator of glibc learns from what is freed: after a block of 30 MB even
 * large ones come from its heap, where they do not grow without being copied.
 * Here those above LARGE are the system's, which moves them in no time, and
 * smaller ones, such as most bodies, are used again without its help.
 */
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/xalloc.h"

#define LARGE	(4 << 20)

static void *reserve;
static size_t reserve_size;
static unsigned fail_in;

void
xalloc_init(size_t size)
{
#ifdef M_MMAP_THRESHOLD
	(void)mallopt(M_MMAP_THRESHOLD, LARGE);
	(void)mallopt(M_TRIM_THRESHOLD, 2 * LARGE);
#endif
	reserve_size = size;
	if (reserve == NULL)
		reserve = malloc(size);
}

int
xalloc_low(void)
{
	return reserve_size != 0 && reserve == NULL;
}

int
xalloc_refill(void)
{
	if (!xalloc_low())
		return 0;
	reserve = malloc(reserve_size);
	return reserve == NULL ? ERR_NOMEM : 0;
}

static int
give_reserve(void)
{
	if (reserve == NULL)
		return 0;
	free(reserve);
	reserve = NULL;
	return 1;
}

void *
xmalloc(size_t size)
{
	void *p;

	while ((p = malloc(size == 0 ? 1 : size)) == NULL)
		if (!give_reserve())
			err_assert_fail("out of memory", __FILE__, __LINE__);
	return p;
}

void *
xcalloc(size_t n, size_t size)
{
	void *p;

	ASSERT(size == 0 || n <= SIZE_MAX / size);
	if (n == 0 || size == 0)
		n = size = 1;
	/* New pages of the system's are zero, and used when they are. */
	while ((p = calloc(n, size)) == NULL)
		if (!give_reserve())
			err_assert_fail("out of memory", __FILE__, __LINE__);
	return p;
}

void *
xrealloc(void *old, size_t size)
{
	void *p;

	while ((p = realloc(old, size == 0 ? 1 : size)) == NULL)
		if (!give_reserve())
			err_assert_fail("out of memory", __FILE__, __LINE__);
	return p;
}

char *
xstrndup(const char *s, size_t n)
{
	char *p = xmalloc(n + 1);

	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *
xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

void
xalloc_fail(unsigned n)
{
	fail_in = n;
}

void *
xalloc_try(size_t size)
{
	return fail_in > 0 && --fail_in == 0 ? NULL : malloc(size);
}

void *
xalloc_try_realloc(void *p, size_t size)
{
	return fail_in > 0 && --fail_in == 0 ? NULL : realloc(p, size);
}
