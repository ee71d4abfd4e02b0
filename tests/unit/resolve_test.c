/* resolve_test.c - lookups: slow ones stall nobody, old addresses stay. */
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "checker/resolve.h"
#include "tap.h"

#define DEADLINE_US	(10 * CLOCK_US_S)

static struct ev_loop *loop;
static struct addr_book_rec last;	/* of the host that was told last */
static int told;
static _Atomic int fails, hang, lookups, lacks;

static int
lookup(const char *host, unsigned char addr[ADDR_BOOK_MAX][16], char *err,
    size_t errsize)
{
	atomic_fetch_add(&lookups, 1);
	while (strcmp(host, "slow.test") == 0 && hang)
		usleep(1000);
	if (lacks) {
		snprintf(err, errsize, "nothing left");
		return ERR_SYSTEM;
	}
	if (fails) {
		snprintf(err, errsize, "no such name");
		return ERR_NOTFOUND;
	}
	memset(addr[0], 0, 16);
	addr[0][10] = addr[0][11] = 0xff;
	addr[0][12] = 10;
	addr[0][15] = (unsigned char)host[0];
	return 1;
}

static void
tell(void *arg, const struct addr_book_rec *rec)
{
	(void)arg;
	last = *rec;
	told++;
}

static struct resolve *
begin(void)
{
	struct resolve_opts o = { 20000, 5000, lookup };

	fails = hang = lookups = lacks = told = 0;
	loop = ev_loop_new();
	return resolve_new(loop, &o, tell, NULL);
}

static void
end(struct resolve *r)
{
	resolve_free(&r);
	ev_loop_free(&loop);
}

/* Turn until n results were told. */
static void
until(int n)
{
	int64_t end_us = clock_mono_us() + DEADLINE_US;

	while (told < n && clock_mono_us() < end_us)
		ev_turn(loop, 50);
	OK(told >= n);
}

TEST(resolves_and_repeats)
{
	struct resolve *r = begin();

	resolve_add(r, "a.test", NULL);
	resolve_add(r, "A.test", NULL);		/* the same */
	until(3);
	EQ_STR(last.host, "a.test");
	EQ_INT(last.n, 1);
	EQ_INT(last.addr[0][15], 'a');
	EQ_INT(last.error, 0);
	OK(last.resolved_us > 0);
	end(r);
}

TEST(literals_need_no_lookup)
{
	struct resolve *r = begin();

	resolve_add(r, "127.0.0.1", NULL);
	EQ_INT(told, 1);
	EQ_INT(last.n, 1);
	EQ_INT(last.addr[0][12], 127);
	resolve_add(r, "::1", NULL);
	EQ_INT(told, 2);
	EQ_INT(lookups, 0);
	end(r);
}

TEST(a_hanging_lookup_stalls_nobody)
{
	struct resolve *r = begin();

	hang = 1;
	resolve_add(r, "slow.test", NULL);
	resolve_add(r, "b.test", NULL);
	until(3);
	EQ_STR(last.host, "b.test");
	hang = 0;
	while (strcmp(last.host, "slow.test") != 0)
		until(told + 1);
	end(r);
}

TEST(the_last_addresses_stay)
{
	struct resolve *r = begin();

	resolve_add(r, "c.test", NULL);
	until(1);
	fails = 1;
	while (last.error_text[0] == '\0')
		until(told + 1);
	EQ_INT(last.n, 1);
	EQ_INT(last.error, 0);
	EQ_INT(last.addr[0][15], 'c');
	EQ_STR(last.error_text, "no such name");
	fails = 0;
	while (last.error_text[0] != '\0')
		until(told + 1);
	end(r);
}

/* What we lack says nothing of a host: not told, and soon tried again. */
TEST(what_we_lack_is_not_told)
{
	struct resolve *r = begin();
	int64_t end_us = clock_mono_us() + DEADLINE_US;

	lacks = 1;
	resolve_add(r, "f.test", NULL);
	while (lookups < 4 && clock_mono_us() < end_us)
		ev_turn(loop, 50);
	OK(lookups >= 4);
	EQ_INT(told, 0);
	lacks = 0;
	until(1);
	EQ_STR(last.host, "f.test");
	EQ_INT(last.n, 1);
	lacks = 1;
	lookups = 0;
	while (lookups < 2 && clock_mono_us() < end_us)
		ev_turn(loop, 50);
	EQ_STR(last.error_text, "");
	end(r);
}

TEST(known_addresses_are_taken_over)
{
	struct addr_book_rec known = { .n = 1 };
	struct resolve *r = begin();

	known.addr[0][15] = 77;
	fails = 1;
	resolve_add(r, "d.test", &known);
	until(1);
	EQ_INT(last.n, 1);
	EQ_INT(last.addr[0][15], 77);
	resolve_add(r, "e.test", NULL);
	while (strcmp(last.host, "e.test") != 0)
		until(told + 1);
	EQ_INT(last.n, 0);
	EQ_INT(last.error, 1);
	end(r);
}

/* Without a lookup of our own: the system's resolver, /etc/hosts. */
TEST(the_resolver_of_the_system)
{
	struct resolve *r;

	told = 0;
	loop = ev_loop_new();
	r = resolve_new(loop, NULL, tell, NULL);
	resolve_add(r, "localhost", NULL);
	until(1);
	EQ_INT(last.error, 0);
	OK(last.n >= 1);
	OK(last.addr[0][15] == 1);
	end(r);
}

TAP_BEGIN
TAP_ROW(resolves_and_repeats)
TAP_ROW(literals_need_no_lookup)
TAP_ROW(a_hanging_lookup_stalls_nobody)
TAP_ROW(the_last_addresses_stay)
TAP_ROW(what_we_lack_is_not_told)
TAP_ROW(known_addresses_are_taken_over)
TAP_ROW(the_resolver_of_the_system)
TAP_END
