/* fetch_addr_test.c - exchanges with hosts whose addresses change or are mixed,
 * and without a descriptor to connect with. */
#include <sys/resource.h>

#include "fetch_rig.h"
#include "tap.h"

#define OK5 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

/* A kept connection to an address that is no longer the host's is not used. */
TEST(h1_moved)
{
	unsigned char a[2][16] = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255,
	    127, 0, 0, 1 }, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0,
	    0, 2 } };

	rig_begin(H1);
	rig_new_host();
	fetch_host_addrs(rig.host, (const unsigned char (*)[16])a, 1, 0, "");
	SCRIPT({ OK5 }, { OK5 }, { OK5 });
	rig_expect("POST", "x", 200, "hello");
	EQ_INT(fetch_host_idle(rig.host), 1);
	/* one more address: stays */
	fetch_host_addrs(rig.host, (const unsigned char (*)[16])a, 2, 0, "");
	EQ_INT(fetch_host_idle(rig.host), 1);
	rig_expect("POST", "x", 200, "hello");
	EQ_INT(rig.srv.accepted, 1);
	/* moved: gone, also what was in use meanwhile */
	rig_start(&rig.r, "POST", "x");
	fetch_host_addrs(rig.host, (const unsigned char (*)[16])&a[1], 1, 0,
	    "");
	rig_done(&rig.r);
	EQ_INT(rig.r.status, 200);
	EQ_INT(fetch_host_idle(rig.host), 0);
	rig_fail("POST", "x", OUTCOME_CONNECT);
	rig_end();
}

/* Of a name with guarded and other addresses only the others are tried. */
TEST(h1_mixed)
{
	unsigned char a[3][16] = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255,
	    169, 254, 169, 254 }, { 0, 0x64, 0xff, 0x9b, [12] = 127, 0, 0,
	    1 }, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1 } };

	rig_begin(H1);
	rig_new_host();
	fetch_host_addrs(rig.host, (const unsigned char (*)[16])a, 3, 0, "");
	SCRIPT({ OK5 });
	rig_expect("POST", "x", 200, "hello");
	rig_new_host();
	fetch_host_addrs(rig.host, (const unsigned char (*)[16])a, 2, 0, "");
	rig_fail("POST", "x", OUTCOME_GUARDED);
	rig_end();
}

/* For want of a descriptor nothing is known of the peer. */
static void
no_descriptor(enum engine e)
{
	struct rlimit had, none;

	rig_begin(e);
	SCRIPT({ OK5 });
	OK(getrlimit(RLIMIT_NOFILE, &had) == 0);
	none = had;
	none.rlim_cur = 3;	/* they are taken */
	OK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	rig_fail("POST", "x", OUTCOME_OURS);
	OK(setrlimit(RLIMIT_NOFILE, &had) == 0);
	rig_expect("POST", "x", 200, "hello");
	rig_end();
}

TEST(h1_no_descriptor)
{
	no_descriptor(H1);
}

TEST(curl_no_descriptor)
{
	no_descriptor(CURL);
}

TAP_BEGIN
TAP_ROW(h1_moved)
TAP_ROW(h1_mixed)
TAP_ROW(h1_no_descriptor)
TAP_ROW(curl_no_descriptor)
TAP_END
