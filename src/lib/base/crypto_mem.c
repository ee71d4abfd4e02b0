/*
 * crypto_mem.c - the memory of OpenSSL.
 *
 * Runs in: every process.
 * Owns: OpenSSL's arena for private keys.
 *
 * OpenSSL decrypts in the buffers of a connection and frees them as they are.
 * So whatever it gives back is wiped, and what it calls secure memory (private
 * keys, keys of session tickets) is locked and left out of core dumps. libcurl
 * uses the same OpenSSL.
 */
#include <malloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/xalloc.h"

#define ARENA	(512u << 10)	/* some 200 private keys, RSA of 4,096 bits */
#define PIECE	32

static int unlocked;
static struct { int is_set; char *in; size_t n; } hint;

static void *
get(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return n == 0 ? NULL : xalloc_try(n);
}

static void *
resize(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return secret_resize(p, n);
}

/* Does at stand in the n bytes at p? */
static int
inside(const char *p, size_t n, const char *at)
{
	return at >= p && at < p + n;
}

static void
give_back(void *p, const char *file, int line)
{
	size_t n, most;

	(void)file;
	(void)line;
	if (p == NULL)
		return;
	if (!hint.is_set) {
		secret_give_back(p);
		return;
	}
	n = malloc_usable_size(p);
	if (inside(p, n, hint.in)) {
		most = (size_t)((char *)p + n - hint.in);
		secret_wipe(hint.in, hint.n < most ? hint.n : most);
	}
	free(p);
}

void
crypto_mem_init(void)
{
	ASSERT(CRYPTO_set_mem_functions(get, resize, give_back) == 1);
	unlocked = CRYPTO_secure_malloc_init(ARENA, PIECE) != 1;
}

void
crypto_mem_hint(char *in, size_t n)
{
	hint.is_set = 1;
	hint.in = in;
	hint.n = n;
}

void
crypto_mem_no_hint(void)
{
	hint.is_set = 0;
}

size_t
crypto_mem_unlocked(void)
{
	return unlocked ? ARENA : 0;
}
