/*
 * fetch_head_test.c - requests with large heads.
 *
 * Runs in: make check.
 * Owns: one rig per test.
 */
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "fetch_rig.h"
#include "tap.h"

#define OK5 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

/* A field of so many bytes. */
static void
field(size_t n)
{
	static char *value;

	value = xrealloc(value, n);
	memset(value, 'v', n);
	rig.more.name = STR("x-large");
	rig.more.value = str_make(value, n);
	rig.more.id = HDR_OTHER;
}

/*
 * As large as a client's head may be, with what is added here: it is sent. One
 * that cannot be is found before anything is done, and the kept connection
 * stays.
 */
static void
large(enum engine e, size_t most, size_t too_much)
{
	rig_begin(e);
	SCRIPT({ OK5 }, { OK5 }, { OK5 }, { OK5 });
	field(65536);
	rig_expect("POST", "x", 200, "hello");
	OK(str_find(buf_str(&rig.srv.last), rig.more.value) > 0);
	field(most);
	rig_expect("POST", "x", 200, "hello");
	OK(str_find(buf_str(&rig.srv.last), rig.more.value) > 0);
	field(too_much);
	rig_fail("POST", "x", OUTCOME_HEAD_TOO_LARGE);
	EQ_INT(fetch_stats(rig.r.f)->sent_us, 0);
	rig_fail("GET", NULL, OUTCOME_HEAD_TOO_LARGE);
	EQ_INT(fetch_host_idle(rig.host), 1);
	field(1);
	rig_expect("POST", "x", 200, "hello");
	EQ_INT(rig.srv.requests, 3);
	EQ_INT(rig.srv.accepted, 1);
	rig_end();
}

TEST(h1_large)
{
	large(H1, (1u << 20) + 65536, 2u << 20);
}

TEST(curl_large)
{
	large(CURL, (1u << 20) - 32768, 1u << 20);
}

/* It may be given up before it is told. */
static void
given_up(enum engine e)
{
	rig_begin(e);
	SCRIPT({ OK5 });
	field(2u << 20);
	rig_start(&rig.r, "POST", "x");
	fetch_cancel(&rig.r.f);
	field(1);
	rig_expect("POST", "x", 200, "hello");
	EQ_INT(rig.srv.accepted, 1);
	rig_end();
}

TEST(h1_given_up)
{
	given_up(H1);
}

TEST(curl_given_up)
{
	given_up(CURL);
}

TAP_BEGIN
TAP_ROW(h1_large)
TAP_ROW(curl_large)
TAP_ROW(h1_given_up)
TAP_ROW(curl_given_up)
TAP_END
