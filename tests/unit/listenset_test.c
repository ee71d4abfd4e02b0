/*
 * listenset_test.c - listening sockets over generations: keep, new, drop.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "net/listen.h"
#include "proc/listenset.h"
#include "tap.h"

static struct conf_listen rows[CHILD_MAX_LISTEN + 2];
static struct conf conf;
static char err[256];

static struct conf *
conf_of(const char *a, const char *b, const char *admin)
{
	memset(&conf, 0, sizeof(conf));
	memset(rows, 0, sizeof(rows));
	conf.listen = rows;
	rows[0].address = a;
	rows[1].address = b;
	rows[0].mode = rows[1].mode = "0600";
	conf.n_listen = b == NULL ? 1 : 2;
	conf.admin.listen = admin;
	log_set_fd(-1);
	return &conf;
}

static int
is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

TEST(keep_new_drop)
{
	struct listenset none = { 0 }, one = { 0 }, two = { 0 };
	int a, b, c;

	EQ_INT(listenset_open(&one, &none, conf_of("127.0.0.1:0",
	    "127.0.0.1:0", "localhost:0"), 0, err, sizeof(err)), ERR_SYSTEM);
	EQ_INT(one.n, 0);
	EQ_INT(listenset_open(&one, &none, conf_of("127.0.0.1:0",
	    "127.0.0.1:0", "[::1]:0"), 0, err, sizeof(err)), 0);
	EQ_INT(one.n, 3);
	EQ_INT(one.conf[0], 0);
	EQ_INT(one.conf[1], 1);
	EQ_INT(one.conf[2], -1);
	a = one.sock[0]->fd;
	b = one.sock[1]->fd;
	c = one.sock[2]->fd;
	OK(listen_port(a) != listen_port(b));
	/* the same text twice keeps both; the admin listener is dropped */
	EQ_INT(listenset_open(&two, &one, conf_of("127.0.0.1:0",
	    "127.0.0.1:0", ""), 0, err, sizeof(err)), 0);
	EQ_INT(two.n, 2);
	EQ_INT(two.sock[0]->fd, a);
	EQ_INT(two.sock[1]->fd, b);
	listenset_close(&one, 1);
	OK(is_open(a) && is_open(b) && !is_open(c));
	listenset_close(&two, 1);
	OK(!is_open(a) && !is_open(b));
}

TEST(failure_changes_nothing)
{
	struct listenset none = { 0 }, one = { 0 }, two = { 0 };
	char used[64];
	int a;

	EQ_INT(listenset_open(&one, &none, conf_of("127.0.0.1:0", NULL, ""),
	    0, err, sizeof(err)), 0);
	a = one.sock[0]->fd;
	snprintf(used, sizeof(used), "127.0.0.1:%u", listen_port(a));
	EQ_INT(listenset_open(&two, &one, conf_of("127.0.0.1:0", used, ""),
	    0, err, sizeof(err)), ERR_SYSTEM);
	OK(strstr(err, used) != NULL);
	EQ_INT(two.n, 0);
	EQ_INT(one.sock[0]->refs, 1);
	OK(is_open(a));
	EQ_INT(listenset_open(&two, &one, conf_of("nonsense", NULL, ""), 0,
	    err, sizeof(err)), ERR_SYSTEM);
	listenset_close(&one, 1);
}

TEST(unix_paths)
{
	struct listenset none = { 0 }, one = { 0 }, two = { 0 };
	char address[256];
	const char *path = address + 5;

	snprintf(address, sizeof(address), "unix:%s/s", tap_dir());
	EQ_INT(listenset_open(&one, &none, conf_of(address, NULL, ""), 0, err,
	    sizeof(err)), 0);
	EQ_INT(listenset_open(&two, &one, conf_of(address, NULL, ""), 0, err,
	    sizeof(err)), 0);
	listenset_close(&one, 1);
	OK(access(path, F_OK) == 0);
	listenset_close(&two, 1);
	OK(access(path, F_OK) != 0);
	/* another master uses it too */
	EQ_INT(listenset_open(&one, &none, conf_of(address, NULL, ""), 0, err,
	    sizeof(err)), 0);
	listenset_close(&one, 0);
	OK(access(path, F_OK) == 0);
}

TEST(too_many)
{
	struct listenset none = { 0 }, one = { 0 };
	unsigned i;

	conf_of("127.0.0.1:0", NULL, "");
	for (i = 0; i < CHILD_MAX_LISTEN + 1; i++) {
		rows[i].address = "127.0.0.1:0";
		rows[i].mode = "";
	}
	conf.n_listen = CHILD_MAX_LISTEN + 1;
	EQ_INT(listenset_open(&one, &none, &conf, 0, err, sizeof(err)),
	    ERR_TOOBIG);
	EQ_INT(one.n, 0);
}

TAP_BEGIN
	TAP_ROW(keep_new_drop)
	TAP_ROW(failure_changes_nothing)
	TAP_ROW(unix_paths)
	TAP_ROW(too_many)
TAP_END
