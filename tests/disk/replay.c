/*
 * replay.c - what may be on the disk after a power cut, and whether it is a
 * whole ledger.
 *
 *	replay LOG [-n IMAGES] [-s SEED] [-a ACKS] [-l LAG_MS] [-x]
 *
 * LOG holds all writes and syncs to the ledger from its first byte on (shim.h).
 * A disk may have, of what was written since the last sync, any part of any
 * page in any version. Images are built for crash points over the whole log,
 * in units of 4096 and of 512 bytes. Each must verify, and its content must be
 * that of the last transaction that was acknowledged, or of the one on its
 * way. ACKS tells what the outside was promised: lines "NS keys N" and "NS
 * requests N", ascending; keys must be there, requests within LAG_MS.
 *
 * -x: syncs are lies. Then bad images are what is expected: this shows that
 * bad images are found.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "shim.h"
#include "state/state.h"

#define SECTOR		512
#define DISK_MAX	(256u << 20)
#define PENDING_MAX	65536
#define LIMIT_S		60		/* for one image */

struct event {
	struct shim_rec	 r;
	const unsigned char *data;
};

/* What the ledger holds after a transaction. */
struct txn {
	uint64_t	 txn, keys, requests;
	uint32_t	 sum;
};

struct ack {
	int64_t		 ns;
	int		 is_keys;
	uint64_t	 n;
};

struct answer {
	int		 rc;
	struct txn	 t;
	char		 err[256];
};

static struct buf log_bytes;
static struct event *ev;
static size_t n_ev;
static struct txn *txns;		/* by order of commit */
static size_t *txn_event;		/* its THROUGH */
static size_t n_txn;
static struct ack *acks;
static size_t n_acks;
static unsigned char *disk;		/* what is surely there */
static uint64_t disk_size;
static size_t pending[PENDING_MAX], n_pending;	/* events */
static int work = -1, lying;
static char work_path[64];
static int to_child = -1;
static pid_t child;
static uint64_t seed = 1, images = 500, lag_ms = 1000;
static uint64_t dead, corrupt, lost, good, at_last, at_next;
static int64_t worst_lag;

static uint64_t
rnd(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return n == 0 ? 0 : (seed >> 11) % n;
}

static void
stop(const char *why)
{
	fprintf(stderr, "replay: %s: %s\n", why, strerror(errno));
	exit(2);
}

/* --- the one that looks, and may die of it ------------------------------ */

static void
look_for_ever(int fd)
{
	struct state_check k;
	struct answer a;
	char c;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGSEGV, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	log_set_fd(-1);
	if (freopen("/dev/null", "w", stderr) == NULL)
		_exit(1);
	while (read(fd, &c, 1) == 1) {
		memset(&a, 0, sizeof(a));
		memset(&k, 0, sizeof(k));
		k.path = work_path;
		k.lone = 1;
		alarm(LIMIT_S);
		a.rc = state_check(&k);
		alarm(0);
		a.t.txn = k.txn;
		a.t.keys = k.keys;
		a.t.requests = k.requests;
		a.t.sum = k.sum;
		memcpy(a.err, k.err, sizeof(a.err));
		if (write(fd, &a, sizeof(a)) != sizeof(a))
			break;
	}
	_exit(0);
}

static void
start_child(void)
{
	int s[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s) != 0 ||
	    (child = fork()) < 0)
		stop("fork");
	if (child == 0) {
		close(s[0]);
		look_for_ever(s[1]);
	}
	close(s[1]);
	to_child = s[0];
}

/* Verify what is in the work file: 1, or 0 when that killed the reader. */
static int
look(struct answer *a)
{
	size_t got = 0;
	ssize_t n = 1;

	if (to_child < 0)
		start_child();
	if (write(to_child, "v", 1) != 1)
		stop("child");
	while (got < sizeof(*a) && n > 0) {
		n = read(to_child, (char *)a + got, sizeof(*a) - got);
		got += n > 0 ? (size_t)n : 0;
	}
	if (got == sizeof(*a))
		return 1;
	close(to_child);
	to_child = -1;
	waitpid(child, NULL, 0);
	return 0;
}

/* --- the disk ----------------------------------------------------------- */

static void
put(uint64_t at, const void *p, size_t n)
{
	if (pwrite(work, p, n, (off_t)at) != (ssize_t)n)
		stop(work_path);
}

static uint64_t
end_of(size_t e)
{
	return ev[e].r.at + ev[e].r.len;
}

/* These events are on the disk for good. */
static void
settle(size_t e)
{
	memcpy(disk + ev[e].r.at, ev[e].data, ev[e].r.len);
	if (end_of(e) > disk_size)
		disk_size = end_of(e);
	put(ev[e].r.at, ev[e].data, ev[e].r.len);
}

static void
settle_all(void)
{
	size_t i;

	for (i = 0; i < n_pending; i++)
		settle(pending[i]);
	n_pending = 0;
}

/* The newest write-through is on the disk, whatever else is not. */
static void
settle_through(void)
{
	size_t i;

	for (i = n_pending; i-- > 0; )
		if (ev[pending[i]].r.kind == SHIM_WRITE_THROUGH) {
			settle(pending[i]);
			memmove(pending + i, pending + i + 1,
			    (n_pending - i - 1) * sizeof(*pending));
			n_pending--;
			return;
		}
}

/* How much of the pending writes has reached a unit: "the first n". */
static size_t
chosen(unsigned mode, uint64_t unit, uint64_t pick, size_t prefix)
{
	switch (mode) {
	case 0:		/* any version of any unit */
		return (size_t)rnd(n_pending + 1);
	case 1:		/* one unit is old */
		return unit == pick ? 0 : n_pending;
	case 2:		/* one unit is new */
		return unit == pick ? n_pending : 0;
	case 3:		/* in order */
		return prefix;
	case 4:		/* any unit old or newest */
		return rnd(2) ? n_pending : 0;
	default:	/* most are there */
		return rnd(8) ? n_pending : 0;
	}
}

/* The part of event e that is in [at, at + n). */
static int
overlap(size_t e, uint64_t at, uint64_t n, uint64_t *from, uint64_t *to)
{
	*from = ev[e].r.at > at ? ev[e].r.at : at;
	*to = end_of(e) < at + n ? end_of(e) : at + n;
	return *from < *to;
}

/* Units that are touched: a list without doubles, sorted enough. */
static size_t
units(uint64_t size, uint64_t *v, size_t max)
{
	static unsigned char *seen;
	uint64_t u;
	size_t i, n = 0;

	if (seen == NULL)
		seen = xcalloc(DISK_MAX / SECTOR, 1);
	for (i = 0; i < n_pending; i++)
		for (u = ev[pending[i]].r.at / size;
		    u * size < end_of(pending[i]) && n < max; u++)
			if (!seen[u]) {
				seen[u] = 1;
				v[n++] = u;
			}
	for (i = 0; i < n; i++)
		seen[v[i]] = 0;
	return n;
}

/* Put an image into the work file; its length. */
static uint64_t
build(uint64_t size, const uint64_t *v, size_t n)
{
	unsigned mode = (unsigned)rnd(6);
	uint64_t pick = n > 0 ? v[rnd(n)] : 0, from, to, end = disk_size, all;
	size_t i, k, c, prefix = (size_t)rnd(n_pending + 1);

	all = disk_size;
	for (k = 0; k < n_pending; k++)
		if (end_of(pending[k]) > all)
			all = end_of(pending[k]);
	for (i = 0; i < n; i++) {
		c = chosen(mode, v[i], pick, prefix);
		for (k = 0; k < c; k++) {
			if (!overlap(pending[k], v[i] * size, size, &from,
			    &to))
				continue;
			put(from, ev[pending[k]].data + (from -
			    ev[pending[k]].r.at), to - from);
			if (to > end)
				end = to;
		}
	}
	if (rnd(2))
		end = all;	/* the length has reached the disk */
	if (ftruncate(work, (off_t)end) != 0)
		stop(work_path);
	return end;
}

/* Make the work file what is surely on the disk again. */
static void
undo(uint64_t size, const uint64_t *v, size_t n)
{
	uint64_t at, len;
	size_t i;

	for (i = 0; i < n; i++) {
		at = v[i] * size;
		if (at >= disk_size)
			continue;
		len = disk_size - at < size ? disk_size - at : size;
		put(at, disk + at, len);
	}
	if (ftruncate(work, (off_t)disk_size) != 0)
		stop(work_path);
}

/* --- judging ------------------------------------------------------------ */

static int
same(const struct txn *a, const struct txn *b)
{
	return a->txn == b->txn && a->sum == b->sum && a->keys == b->keys &&
	    a->requests == b->requests;
}

static int
promised(const struct txn *t, int64_t ns)
{
	size_t i;
	int64_t lag;

	for (i = 0; i < n_acks && acks[i].ns < ns; i++) {
		if (acks[i].is_keys && acks[i].n > t->keys) {
			printf("# key %llu was promised, %llu are there\n",
			    (unsigned long long)acks[i].n,
			    (unsigned long long)t->keys);
			return 0;
		}
		if (acks[i].is_keys || acks[i].n <= t->requests)
			continue;
		lag = ns - acks[i].ns;
		if (lag > worst_lag)
			worst_lag = lag;
	}
	return 1;
}

/* done: transactions whose commit had returned at this point. */
static void
judge(size_t e, size_t done, uint64_t size, uint64_t len)
{
	struct answer a;

	if (!look(&a)) {
		dead++;
		a.rc = -1;
		snprintf(a.err, sizeof(a.err), "it killed its reader");
	}
	if (a.rc != 0) {
		corrupt++;
		if (!lying && corrupt <= 5)
			printf("# event %zu of %zu, unit %llu, %llu bytes: "
			    "%s\n", e, n_ev, (unsigned long long)size,
			    (unsigned long long)len, a.err);
		return;
	}
	if (done > 0 && same(&a.t, &txns[done - 1]))
		at_last++;
	else if (done < n_txn && same(&a.t, &txns[done]))
		at_next++;
	else {
		lost++;
		if (!lying && lost <= 5)
			printf("# event %zu: transaction %llu is there, %zu "
			    "was acknowledged\n", e,
			    (unsigned long long)a.t.txn, done);
		return;
	}
	if (!promised(&a.t, ev[e].r.mono_ns)) {
		lost++;
		return;
	}
	good++;
}

/* n images of the crash after event e. */
static void
crash(size_t e, size_t done, uint64_t n)
{
	static uint64_t *v;
	uint64_t size, len;
	size_t k;

	if (v == NULL)
		v = xmalloc(DISK_MAX / SECTOR * sizeof(*v));
	while (n-- > 0) {
		size = rnd(2) ? 4096 : SECTOR;
		k = units(size, v, DISK_MAX / SECTOR);
		len = build(size, v, k);
		judge(e, done, size, len);
		undo(size, v, k);
	}
}

/* --- the log ------------------------------------------------------------ */

static void
read_log(const char *path)
{
	size_t at = 0, max = 0;
	struct shim_rec r;

	buf_init(&log_bytes, 2000u << 20);
	if (fd_read_file(path, &log_bytes) != 0)
		stop(path);
	while (at + sizeof(r) <= buf_len(&log_bytes)) {
		memcpy(&r, buf_ptr(&log_bytes) + at, sizeof(r));
		at += sizeof(r);
		if (r.kind == SHIM_SYNC || r.kind == SHIM_THROUGH)
			r.len = 0;
		if (r.len > buf_len(&log_bytes) - at ||
		    r.at + r.len > DISK_MAX)
			stop("the log is broken, or the ledger too large");
		if (n_ev == max)
			ev = xrealloc(ev, (max = max * 2 + 1024) *
			    sizeof(*ev));
		ev[n_ev].r = r;
		ev[n_ev++].data = (unsigned char *)buf_ptr(&log_bytes) + at;
		at += r.len;
	}
}

static void
read_acks(const char *path)
{
	char kind[32];
	long long ns;
	unsigned long long n;
	FILE *f = fopen(path, "re");

	if (f == NULL)
		stop(path);
	while (fscanf(f, "%lld %31s %llu", &ns, kind, &n) == 3) {
		acks = xrealloc(acks, (n_acks + 1) * sizeof(*acks));
		acks[n_acks].ns = ns;
		acks[n_acks].is_keys = strcmp(kind, "keys") == 0;
		acks[n_acks++].n = n;
	}
	fclose(f);
}

static void
take(size_t e)
{
	if (ev[e].r.kind == SHIM_SYNC)
		settle_all();
	else if (ev[e].r.kind == SHIM_THROUGH)
		settle_through();
	else if (n_pending < PENDING_MAX)
		pending[n_pending++] = e;
}

static void
fresh_disk(void)
{
	memset(disk, 0, disk_size);
	disk_size = 0;
	n_pending = 0;
	if (ftruncate(work, 0) != 0)
		stop(work_path);
}

/* First pass: everything arrives; what each transaction leaves. */
static void
straight(void)
{
	struct answer a;
	size_t e;

	txns = xcalloc(n_ev, sizeof(*txns));
	txn_event = xcalloc(n_ev, sizeof(*txn_event));
	for (e = 0; e < n_ev; e++) {
		take(e);
		if (ev[e].r.kind != SHIM_THROUGH)
			continue;
		if (!look(&a) || a.rc != 0) {
			printf("# event %zu: a whole ledger does not verify: "
			    "%s\n", e, a.err);
			exit(1);
		}
		txns[n_txn] = a.t;
		txn_event[n_txn++] = e;
	}
}

/* Second pass: the images, as many after each event. */
static void
crashes(void)
{
	uint64_t made = 0, due;
	size_t e, first, done = 0;

	/* Before its first transaction there is no ledger. */
	first = n_txn > 0 ? txn_event[0] : n_ev;
	for (e = 0; e < n_ev; e++) {
		if (!lying || e < first)
			take(e);
		else if (ev[e].r.kind != SHIM_SYNC && ev[e].r.kind !=
		    SHIM_THROUGH && n_pending < PENDING_MAX)
			pending[n_pending++] = e;
		while (done < n_txn && txn_event[done] <= e)
			done++;
		if (e < first || n_ev == first)
			continue;
		due = images * (e - first + 1) / (n_ev - first);
		crash(e, done, due - made);
		made = due;
	}
}

static void
arguments(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "n:s:a:l:x")) != -1)
		switch (c) {
		case 'n':
			images = strtoull(optarg, NULL, 10);
			break;
		case 's':
			seed = strtoull(optarg, NULL, 10) | 1;
			break;
		case 'a':
			read_acks(optarg);
			break;
		case 'l':
			lag_ms = strtoull(optarg, NULL, 10);
			break;
		case 'x':
			lying = 1;
			break;
		default:
			exit(2);
		}
	if (optind != argc - 1) {
		fprintf(stderr, "usage: replay [-n IMAGES] [-s SEED] "
		    "[-a ACKS] [-l LAG_MS] [-x] LOG\n");
		exit(2);
	}
}

int
main(int argc, char **argv)
{
	int64_t begin = clock_mono_us();
	int bad;

	log_set_fd(-1);
	arguments(argc, argv);
	read_log(argv[optind]);
	disk = mmap(NULL, DISK_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE |
	    MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	snprintf(work_path, sizeof(work_path), "/dev/shm/replay-%d",
	    (int)getpid());
	work = open(work_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (disk == MAP_FAILED || work < 0)
		stop(work_path);
	straight();
	fresh_disk();
	crashes();
	unlink(work_path);
	bad = lying ? corrupt + lost == 0 : corrupt + lost != 0 ||
	    good == 0 || at_next == 0 ||
	    worst_lag > (int64_t)lag_ms * 1000000;
	printf("%zu events, %zu transactions, %llu images: %llu corrupt (%llu "
	    "killed the reader), %llu lost what was acknowledged; %llu as of "
	    "the last commit, %llu of the next; usage missing at most %lld "
	    "ms; %.1f s\n", n_ev, n_txn,
	    (unsigned long long)(good + corrupt + lost),
	    (unsigned long long)corrupt, (unsigned long long)dead,
	    (unsigned long long)lost, (unsigned long long)at_last,
	    (unsigned long long)at_next, (long long)(worst_lag / 1000000),
	    (double)(clock_mono_us() - begin) / 1e6);
	return bad;
}
