/*
 * rng.c - random bytes from the kernel, 512 at a time.
 *
 * Runs in: every process.
 * Owns: the pool; used bytes are wiped at once.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>

#include "base/err.h"
#include "base/rng.h"

static unsigned char pool[2048];
static size_t pool_left;

/* Parent and child must not draw the same bytes. */
static void
forget(void)
{
	explicit_bzero(pool, sizeof(pool));
	pool_left = 0;
}

static void
kernel_bytes(unsigned char *p, size_t n)
{
	ssize_t got;

	while (n > 0) {
		got = getrandom(p, n > 256 ? 256 : n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		ASSERT(got > 0);
		p += got;
		n -= (size_t)got;
	}
}

void
rng_bytes(void *dst, size_t n)
{
	static int watched;
	unsigned char *p = dst, *from;

	if (n > sizeof(pool)) {
		kernel_bytes(p, n);
		return;
	}
	if (!watched) {
		ASSERT(pthread_atfork(NULL, NULL, forget) == 0);
		watched = 1;
	}
	if (n > pool_left) {
		kernel_bytes(pool, sizeof(pool));
		pool_left = sizeof(pool);
	}
	from = pool + pool_left - n;
	memcpy(p, from, n);
	explicit_bzero(from, n);
	pool_left -= n;
}

uint64_t
rng_u64(void)
{
	uint64_t v;

	rng_bytes(&v, sizeof(v));
	return v;
}

uint64_t
rng_below(uint64_t n)
{
	uint64_t v, lim;

	ASSERT(n > 0);
	lim = UINT64_MAX - UINT64_MAX % n;
	do
		v = rng_u64();
	while (v >= lim);
	return v % n;
}

void
rng_text(char *dst, size_t n)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789";
	unsigned char r[32];
	size_t i = 0, k = sizeof(r);

	while (i < n) {
		if (k == sizeof(r)) {
			rng_bytes(r, sizeof(r));
			k = 0;
		}
		/* Six bits are a letter, but for two values of 64. */
		if ((r[k] & 63) < sizeof(set) - 1)
			dst[i++] = set[r[k] & 63];
		k++;
	}
	explicit_bzero(r, sizeof(r));
	dst[n] = '\0';
}
