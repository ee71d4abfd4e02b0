/*
 * outcome_test.c - outcomes, statuses, credentials, compression.
 *
 * Runs in: make check.
 * Owns: nothing.
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/err.h"
#include "base/xalloc.h"
#include "conf/conf.h"
#include "tap.h"
#include "upstream/cred.h"
#include "upstream/inflate.h"
#include "upstream/outcome.h"

TEST(table)
{
	int o, p;

	for (o = 0; o < OUTCOME_COUNT; o++) {
		OK(outcome_text((enum outcome)o)[0] != '\0');
		OK(outcome_name((enum outcome)o)[0] != '\0');
		OK(outcome_status((enum outcome)o) >= 200);
		for (p = 0; p < o; p++)
			OK(strcmp(outcome_name((enum outcome)o),
			    outcome_name((enum outcome)p)) != 0);
	}
	EQ_STR(outcome_name(OUTCOME_CONNECT_TIMEOUT), "connect_timeout");
	EQ_INT(outcome_status(OUTCOME_HEAD_TIMEOUT), 504);
	EQ_INT(outcome_status(OUTCOME_RESET), 502);
	EQ_INT(outcome_unprocessed(OUTCOME_CONNECT), 1);
	EQ_INT(outcome_unprocessed(OUTCOME_TLS), 1);
	EQ_INT(outcome_unprocessed(OUTCOME_OURS), 1);
	EQ_INT(outcome_unprocessed(OUTCOME_RESET), 0);
	EQ_INT(outcome_unprocessed(OUTCOME_SEND), 0);
	EQ_INT(outcome_status(OUTCOME_HEAD_TOO_LARGE), 431);
	EQ_INT(outcome_unprocessed(OUTCOME_HEAD_TOO_LARGE), 1);
	EQ_INT(outcome_not_theirs(OUTCOME_HEAD_TOO_LARGE), 1);
	EQ_INT(outcome_not_theirs(OUTCOME_OURS), 1);
	EQ_INT(outcome_not_theirs(OUTCOME_SEND), 0);
	EQ_INT(outcome_next(OUTCOME_OK), NEXT_RELAY);
	EQ_INT(outcome_next(OUTCOME_TRUNCATED), NEXT_TARGET);
}

TEST(statuses)
{
	struct conf_provider p = { .id = "x" };

	EQ_INT(outcome_status_next(&p, 200), NEXT_RELAY);
	EQ_INT(outcome_status_next(&p, 204), NEXT_RELAY);
	EQ_INT(outcome_status_next(&p, 302), NEXT_TARGET);
	EQ_INT(outcome_status_next(&p, 304), NEXT_TARGET);
	EQ_INT(outcome_status_next(&p, 400), NEXT_RELAY);
	EQ_INT(outcome_status_next(&p, 404), NEXT_RELAY);
	EQ_INT(outcome_status_next(&p, 401), NEXT_KEY);
	EQ_INT(outcome_status_next(&p, 402), NEXT_KEY);
	EQ_INT(outcome_status_next(&p, 403), NEXT_KEY);
	EQ_INT(outcome_status_next(&p, 408), NEXT_TARGET);
	EQ_INT(outcome_status_next(&p, 429), NEXT_TARGET);
	EQ_INT(outcome_status_next(&p, 500), NEXT_TARGET);
	EQ_INT(outcome_status_next(&p, 599), NEXT_TARGET);
	EQ_INT(outcome_status_next(&p, 600), NEXT_TARGET);
	EQ_INT(outcome_status_next(&p, 0), NEXT_TARGET);
	p.retryable_status.set = 1;
	p.retryable_status.bits[403 / 64] |= 1ull << (403 % 64);
	p.retryable_status.bits[529 / 64] |= 1ull << (529 % 64);
	EQ_INT(outcome_status_next(&p, 403), NEXT_TARGET);
	EQ_INT(outcome_status_next(&p, 529), NEXT_TARGET);
	EQ_INT(outcome_status_next(&p, 429), NEXT_RELAY);
	EQ_INT(outcome_status_next(&p, 501), NEXT_RELAY);
	EQ_INT(outcome_status_next(&p, 401), NEXT_KEY);
}

TEST(credentials)
{
	struct conf_provider p = { .auth_header = "Authorization",
	    .auth_format = "Bearer {key}" };
	struct secret *key = secret_new(STR("sk-test"));
	struct arena *a = arena_new(256);
	struct hdr h;

	cred_header(a, &p, key, &h);
	EQ_S(h.name, "Authorization");
	EQ_S(h.value, "Bearer sk-test");
	EQ_INT(h.id, HDR_AUTHORIZATION);
	p.auth_header = "x-api-key";
	p.auth_format = "{key}";
	cred_header(a, &p, key, &h);
	EQ_S(h.value, "sk-test");
	EQ_INT(h.id, HDR_X_API_KEY);
	p.auth_format = "<{key}>";
	cred_header(a, &p, key, &h);
	EQ_S(h.value, "<sk-test>");
	arena_free(&a);
	secret_free(&key);
}

static size_t total;

static int
count(void *arg, const char *p, size_t n)
{
	(void)p;
	OK(arg == &total);
	total += n;
	return 0;
}

/* Half a megabyte of zeros makes half a kilobyte: refused. */
TEST(bomb)
{
	uLongf n = compressBound(8 << 20);
	Bytef *zeros = xcalloc(8 << 20, 1), *packed = xmalloc(n);
	struct inflate *z = inflate_new(STR("deflate"));

	OK(inflate_new(STR("br")) == NULL);
	OK(z != NULL);
	total = 0;
	EQ_INT(compress(packed, &n, zeros, 8 << 20), Z_OK);
	EQ_INT(inflate_feed(z, (char *)packed, n, count, &total),
	    ERR_TOOBIG);
	OK(total < 1 << 20);
	EQ_INT(inflate_done(z), 0);
	inflate_free(&z);
	/* What does not grow that much passes, also in pieces. */
	n = compressBound(8 << 20);
	{
		uint32_t x = 1;
		size_t i;

		for (i = 0; i < 8 << 20; i++) {
			x = x * 1664525 + 1013904223;
			zeros[i] = (Bytef)"abcdefgh"[x >> 29];
		}
	}
	EQ_INT(compress(packed, &n, zeros, 8 << 20), Z_OK);
	z = inflate_new(STR("DEFLATE"));
	total = 0;
	EQ_INT(inflate_feed(z, (char *)packed, 1, count, &total), 0);
	EQ_INT(inflate_feed(z, (char *)packed + 1, n - 1, count, &total), 0);
	EQ_INT(total, 8 << 20);
	EQ_INT(inflate_done(z), 1);
	EQ_INT(inflate_feed(z, "x", 1, count, &total), ERR_FORMAT);
	inflate_free(&z);
	free(zeros);
	free(packed);
}

TAP_BEGIN
	TAP_ROW(table)
	TAP_ROW(statuses)
	TAP_ROW(credentials)
	TAP_ROW(bomb)
TAP_END
