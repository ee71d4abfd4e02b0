/*
 * inflate.c - undo gzip and deflate (the door to zlib), with limits.
 *
 * Runs in: worker, checker, aigwctl.
 * Owns: the zlib state.
 *
 * Providers are asked for identity; this is for those that compress anyway.
 * A small answer may not become a large one: half a megabyte on the wire can
 * be half a gigabyte of text.
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/err.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "upstream/inflate.h"

#define PIECE		16384
#define RATIO		100
#define RATIO_FREE	(64u << 10)	/* from which size the ratio counts */
#define MAX_OUT		(256u << 20)

struct inflate {
	z_stream	 z;
	uint64_t	 in, out;
	int		 gzip, done;
};

/* What it keeps of an answer may quote the provider's key. */
static void
give_back(voidpf opaque, voidpf p)
{
	(void)opaque;
	secret_give_back(p);
}

static voidpf
get(voidpf opaque, uInt n, uInt size)
{
	(void)opaque;
	return xcalloc(n, size);
}

struct inflate *
inflate_new(struct str coding)
{
	struct inflate *z;
	int gzip = str_ieq(coding, STR("gzip")) ||
	    str_ieq(coding, STR("x-gzip"));

	if (!gzip && !str_ieq(coding, STR("deflate")))
		return NULL;
	z = xcalloc(1, sizeof(*z));
	z->gzip = gzip;
	z->z.zalloc = get;
	z->z.zfree = give_back;
	if (inflateInit2(&z->z, gzip ? 15 + 16 : 15) != Z_OK) {
		free(z);
		return NULL;
	}
	return z;
}

void
inflate_free(struct inflate **ip)
{
	if (*ip == NULL)
		return;
	inflateEnd(&(*ip)->z);
	free(*ip);
	*ip = NULL;
}

int
inflate_done(const struct inflate *z)
{
	return z->done;
}

static Bytef *
unconst(const char *p)
{
	union { const char *c; Bytef *v; } u = { p };

	return u.v;
}

int
inflate_feed(struct inflate *z, const char *p, size_t n,
    int (*fn)(void *arg, const char *p, size_t n), void *arg)
{
	char out[PIECE];
	int rc = Z_OK;

	if (n == 0)
		return 0;
	if (z->done)
		return ERR_FORMAT;
	z->z.next_in = unconst(p);
	z->z.avail_in = (uInt)n;
	z->in += n;
	do {
		size_t got;

		z->z.next_out = (Bytef *)out;
		z->z.avail_out = sizeof(out);
		rc = inflate(&z->z, Z_SYNC_FLUSH);
		if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
			return ERR_FORMAT;
		got = sizeof(out) - z->z.avail_out;
		z->out += got;
		if (z->out > MAX_OUT || (z->out > RATIO_FREE &&
		    z->out / RATIO > z->in))
			return ERR_TOOBIG;
		if (got > 0 && fn(arg, out, got) != 0)
			return 0;
		z->done = rc == Z_STREAM_END;
		if (z->done && z->z.avail_in > 0)
			return ERR_FORMAT;
	} while (!z->done && z->z.avail_out == 0);
	return 0;
}
