/*
 * secret.c - text that must not be seen, in pages of its own.
 *
 * Runs in: every process.
 * Owns: the locked regions and the maps of what is taken in them.
 *
 * A region is 64 KiB of anonymous memory: locked where the limit allows, not
 * dumped, cut into pieces of 64 bytes. Many secrets share one; a secret too
 * large for that has a region to itself. What describes a region lives outside
 * of it, so secret pages hold secrets only.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/secret.h"
#include "base/xalloc.h"

#define PIECE		64
#define PIECES		1024
#define REGION_SIZE	((size_t)PIECE * PIECES)

struct secret {
	size_t	n;
	char	text[];		/* n bytes and a NUL */
};

struct region {
	LIST_ENTRY(region) link;
	char		*mem;
	size_t		 size;		/* mapped */
	int		 own;		/* one large secret, nothing else */
	int		 locked;
	unsigned	 used;		/* pieces */
	unsigned char	 taken[PIECES];
};

static LIST_HEAD(, region) regions = LIST_HEAD_INITIALIZER(regions);
static unsigned lent;		/* by secret_get */

static struct region *
region_new(size_t size, int own)
{
	struct region *r = xcalloc(1, sizeof(*r));

	r->size = size;
	r->own = own;
	r->mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (r->mem == MAP_FAILED)
		err_assert_fail("out of memory", __FILE__, __LINE__);
	/* Both as well as the system lets us: a low limit is no reason to
	 * refuse service. */
	r->locked = mlock(r->mem, size) == 0;
	(void)!madvise(r->mem, size, MADV_DONTDUMP);
	LIST_INSERT_HEAD(&regions, r, link);
	return r;
}

static void
region_free(struct region *r)
{
	LIST_REMOVE(r, link);
	munmap(r->mem, r->size);
	free(r);
}

/* First of k free pieces in a row, or -1. */
static long
find_run(const struct region *r, size_t k)
{
	size_t i, run = 0;

	if (r->own || PIECES - r->used < k)
		return -1;
	for (i = 0; i < PIECES; i++) {
		run = r->taken[i] ? 0 : run + 1;
		if (run == k)
			return (long)(i + 1 - k);
	}
	return -1;
}

static void *
take(size_t size)
{
	size_t k = (size + PIECE - 1) / PIECE;
	struct region *r;
	long at = -1;

	if (k > PIECES / 4)
		return region_new(size, 1)->mem;
	LIST_FOREACH(r, &regions, link)
		if ((at = find_run(r, k)) >= 0)
			break;
	if (r == NULL) {
		r = region_new(REGION_SIZE, 0);
		at = 0;
	}
	memset(r->taken + at, 1, k);
	r->used += (unsigned)k;
	return r->mem + (size_t)at * PIECE;
}

static struct region *
region_of(const char *p)
{
	struct region *r;

	LIST_FOREACH(r, &regions, link)
		if (p >= r->mem && p < r->mem + r->size)
			break;
	return r;
}

static void
give_back(void *p, size_t size)
{
	size_t k = (size + PIECE - 1) / PIECE;
	struct region *r = region_of(p);
	char *q = p;

	ASSERT(r != NULL);
	secret_wipe(p, size);
	if (r->own) {
		region_free(r);
		return;
	}
	memset(r->taken + (q - r->mem) / PIECE, 0, k);
	r->used -= (unsigned)k;
	/* Keep one empty region for the next secret. */
	if (r->used == 0 && LIST_NEXT(LIST_FIRST(&regions), link) != NULL)
		region_free(r);
}

struct secret *
secret_room(size_t n)
{
	struct secret *s = take(sizeof(*s) + n + 1);

	s->n = n;
	memset(s->text, 0, n + 1);
	return s;
}

struct secret *
secret_new(struct str text)
{
	struct secret *s = secret_room(text.n);

	if (text.n > 0)
		memcpy(s->text, text.p, text.n);
	return s;
}

/* Twice the room, with the n bytes that are there. */
static void
grow(struct secret **sp, size_t n)
{
	struct secret *more = secret_room(2 * (*sp)->n);

	memcpy(more->text, (*sp)->text, n);
	secret_free(sp);
	*sp = more;
}

static int
read_all(int fd, size_t max, struct secret **sp, size_t *n)
{
	ssize_t r;

	for (;;) {
		if (*n > max)
			return ERR_TOOBIG;
		if (*n == (*sp)->n)
			grow(sp, *n);
		r = read(fd, (*sp)->text + *n, (*sp)->n - *n);
		if (r < 0 && errno != EINTR)
			return ERR_SYSTEM;
		if (r == 0)
			return 0;
		if (r > 0)
			*n += (size_t)r;
	}
}

int
secret_from_file(const char *path, size_t max, struct secret **out)
{
	struct secret *s;
	struct stat st;
	int fd, rc, was;
	size_t n = 0;

	*out = NULL;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) < 0)
		return ERR_SYSTEM;
	if (fstat(fd, &st) < 0 || st.st_size < 0 || (size_t)st.st_size > max)
		st.st_size = 0;
	s = secret_room((size_t)st.st_size + 1024);
	rc = read_all(fd, max, &s, &n);
	was = errno;
	if (rc == 0)
		*out = secret_new(str_make(s->text, n));
	secret_free(&s);
	fd_close(&fd);
	errno = was;
	return rc;
}

void
secret_free(struct secret **sp)
{
	struct secret *s = *sp;

	if (s == NULL)
		return;
	*sp = NULL;
	give_back(s, sizeof(*s) + s->n + 1);
}

struct str
secret_reveal(const struct secret *s)
{
	return s == NULL ? STR("") : str_make(s->text, s->n);
}

char *
secret_text(struct secret *s)
{
	return s->text;
}

int
secret_empty(const struct secret *s)
{
	return s == NULL || s->n == 0;
}

int
secret_eq(const struct secret *s, struct str text)
{
	struct str mine = secret_reveal(s);

	return mine.n == text.n && crypto_equal(mine.p, text.p, text.n);
}

void
secret_mask(const struct secret *s, char out[SECRET_MASK_SIZE])
{
	struct str t = secret_reveal(s);
	size_t i, n = 0;

	if (t.n > 12)
		for (; n < 4; n++)
			out[n] = t.p[n];
	for (i = 0; i < n; i++)
		if (out[i] <= ' ' || out[i] >= 0x7f)
			out[i] = '?';
	memcpy(out + n, "****", 5);
}

void *
secret_get(size_t n)
{
	lent++;
	return secret_room(n)->text;
}

/* The secret that secret_get made, or NULL. */
static struct secret *
lent_at(char *p)
{
	if (lent == 0 || region_of(p) == NULL)
		return NULL;
	return (struct secret *)(void *)(p - offsetof(struct secret, text));
}

void
secret_give_back(void *p)
{
	struct secret *s;

	if (p == NULL)
		return;
	if ((s = lent_at(p)) != NULL) {
		lent--;
		secret_free(&s);
		return;
	}
	secret_wipe(p, malloc_usable_size(p));
	free(p);
}

void *
secret_resize(void *p, size_t n)
{
	struct secret *s = p == NULL ? NULL : lent_at(p);
	size_t had = s != NULL ? s->n : malloc_usable_size(p);
	void *q;

	if (n != 0 && n <= had)
		return p;
	if (n == 0)
		q = NULL;
	else if ((q = xalloc_try(n)) == NULL)
		return NULL;
	else if (had > 0)
		memcpy(q, p, had);
	secret_give_back(p);
	return q;
}

size_t
secret_mapped(void)
{
	const struct region *r;
	size_t n = 0;

	LIST_FOREACH(r, &regions, link)
		n += r->size;
	return n;
}

size_t
secret_unlocked(void)
{
	const struct region *r;
	size_t n = 0;

	LIST_FOREACH(r, &regions, link)
		if (!r->locked)
			n += r->size;
	return n;
}

void
secret_wipe(void *p, size_t n)
{
	if (n > 0)
		explicit_bzero(p, n);
}

/* memcpy and its like go through these; 16 to 31 nobody else overwrites. */
static void
clear_registers(void)
{
#ifdef __x86_64__
#define ZERO(n) "vpxorq %%zmm" #n ", %%zmm" #n ", %%zmm" #n "\n\t"
	if (__builtin_cpu_supports("avx"))
		__asm__ volatile("vzeroall" ::: "xmm0", "xmm1", "xmm2", "xmm3",
		    "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
		    "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
	if (__builtin_cpu_supports("avx512f"))
		__asm__ volatile(ZERO(16) ZERO(17) ZERO(18) ZERO(19) ZERO(20)
		    ZERO(21) ZERO(22) ZERO(23) ZERO(24) ZERO(25) ZERO(26)
		    ZERO(27) ZERO(28) ZERO(29) ZERO(30) ZERO(31) ::: "memory");
#undef ZERO
#endif
}

void __attribute__((noinline))
secret_burn_stack(void)
{
	char below[64 * 1024];

	clear_registers();
	explicit_bzero(below, sizeof(below));
}
