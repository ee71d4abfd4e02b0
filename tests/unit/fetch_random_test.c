/*
 * fetch_random_test.c - exchanges whose answers come in random pieces, are
 * cut, changed and broken off.
 *
 * Runs in: make check.
 * Owns: one rig per test.
 *
 * Whatever comes, an exchange ends exactly once, and what is called complete
 * is complete. The seed is printed; "AIGW_SEED=n" runs one again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/xalloc.h"
#include "fetch_rig.h"

static uint32_t seed;

static uint32_t
any(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* A body of n letters. */
static void
letters(char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = (char)('a' + any(26));
}

/* An answer with this body; 1: it ends with the connection. */
static int
make_answer(struct buf *out, const char *body, size_t n)
{
	size_t at = 0, k;

	buf_reset(out);
	if (any(4) == 0)
		buf_adds(out, STR("HTTP/1.1 100 Continue\r\n\r\n"));
	buf_adds(out, STR("HTTP/1.1 200 OK\r\nContent-Type: text/x\r\n"));
	switch (any(3)) {
	case 0:
		buf_printf(out, "Content-Length: %zu\r\n\r\n", n);
		buf_add(out, body, n);
		return 0;
	case 1:
		buf_adds(out, STR("Transfer-Encoding: chunked\r\n\r\n"));
		for (; at < n; at += k) {
			k = 1 + any(900);
			if (k > n - at)
				k = n - at;
			buf_printf(out, "%zx\r\n", k);
			buf_add(out, body + at, k);
			buf_adds(out, STR("\r\n"));
		}
		buf_adds(out, STR("0\r\n\r\n"));
		return 0;
	default:
		buf_adds(out, STR("\r\n"));
		buf_add(out, body, n);
		return 1;
	}
}

static void
one_exchange(struct buf *text, int damage)
{
	static struct answer a;
	static char body[4000];
	size_t n = any(sizeof(body)), cut;
	uint32_t began = seed;
	int close_ends;

	letters(body, n);
	close_ends = make_answer(text, body, n);
	memset(&a, 0, sizeof(a));
	a.how = any(3) == 0 && n < 600 ? ANS_BYTEWISE : 0;
	if (close_ends || damage)
		a.how |= any(2) || (close_ends && !damage) ? ANS_CLOSE :
		    ANS_RESET;
	cut = buf_len(text);
	if (damage && any(2))
		cut = any((uint32_t)cut);
	if (damage && cut > 0 && any(2))
		buf_ptr(text)[any((uint32_t)cut)] = (char)any(256);
	a.text = cut > 0 ? buf_ptr(text) : NULL;
	a.n = cut;
	if (cut == 0)
		a.how &= ~ANS_BYTEWISE;
	server_script(&rig.srv, &a, 1);
	rig.r.pause_at = any(4) == 0 ? 1 + any(300) : 0;
	rig_start(&rig.r, "POST", "x");
	while (rig.r.ends == 0) {
		rig_turn();
		if (rig.r.ends == 0 && any(3) == 0)
			fetch_resume(rig.r.f);
	}
	EQ_INT(rig.r.ends, 1);
	OK(rig.r.heads <= 1);
	if (damage && any(3) == 0)
		server_hang_up(&rig.srv);
	if (damage)
		return;
	if (rig.r.outcome != OUTCOME_OK)
		tap_fail(__FILE__, __LINE__, "seed %u: %s: %s", began,
		    outcome_name(rig.r.outcome), rig.r.why);
	EQ_MEM(buf_ptr(&rig.r.body), buf_len(&rig.r.body), body, n);
}

static void
campaign(enum engine e, int damage, int rounds)
{
	const char *given = getenv("AIGW_SEED");
	struct buf text;
	int i;

	seed = given == NULL ? 20261121 : (uint32_t)atoi(given);
	printf("# seed %u\n", seed);
	buf_init(&text, 1 << 20);
	rig_begin(e);
	if (damage)
		rig.req.head_us = rig.req.idle_us = 30000;
	rig.req.total_us = 5000000;
	for (i = 0; i < rounds; i++)
		one_exchange(&text, damage);
	rig_end();
	buf_free(&text);
}

TEST(h1_sound)
{
	campaign(H1, 0, 150);
}

TEST(h1_damaged)
{
	campaign(H1, 1, 250);
}

TEST(curl_sound)
{
	campaign(CURL, 0, 100);
}

TEST(curl_damaged)
{
	campaign(CURL, 1, 100);
}

/* Each allocation that may fail does, once: the exchange ends once, what is
 * called complete is, and the next one is served. */
static void
no_memory(enum engine e)
{
	static const char text[] = "HTTP/1.1 200 OK\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n"
	    "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
	static const struct answer script[] = { { text, ANS_BYTEWISE, 0 },
	    { text, 0, 0 } };
	unsigned n, ok = 0, failed = 0;

	for (n = 1; n <= 12; n++) {
		rig_begin(e);
		server_script(&rig.srv, script, 2);
		rig.req.total_us = 400000;	/* the server may lose it */
		rig_start(&rig.r, "POST", "x");
		buf_reserve(&rig.r.body, 4096);
		xalloc_fail(n);
		rig_done(&rig.r);
		xalloc_fail(0);
		OK(str_starts(STR("hello world"), buf_str(&rig.r.body)));
		if (rig.r.outcome == OUTCOME_OK) {
			EQ_S(buf_str(&rig.r.body), "hello world");
			ok++;
		} else
			failed++;
		rig.req.total_us = 20000000;
		rig_start(&rig.r, "POST", "x");
		rig_done(&rig.r);
		EQ_INT(rig.r.outcome, OUTCOME_OK);
		rig_end();
	}
	OK(ok > 0);
	OK(failed > 0);
}

TEST(h1_no_memory)
{
	no_memory(H1);
}

TEST(curl_no_memory)
{
	no_memory(CURL);
}

TAP_BEGIN
	TAP_ROW(h1_no_memory)
	TAP_ROW(curl_no_memory)
	TAP_ROW(h1_sound)
	TAP_ROW(h1_damaged)
	TAP_ROW(curl_sound)
	TAP_ROW(curl_damaged)
TAP_END
