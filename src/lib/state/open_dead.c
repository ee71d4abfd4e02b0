/*
 * open_dead.c - what a dead worker had under way is charged.
 *
 * Runs in: recorder.
 * Owns: nothing; the file is its dead writer's.
 *
 * Nothing in that file is trusted: it was the memory of another process. A
 * slice of entries is one transaction, which also notes how far we are, so
 * that a recorder killed here goes on where the last one was.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/faultpoint.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/num.h"
#include "state/alive.h"
#include "state/open.h"
#include "state/open_file.h"
#include "state/spool.h"
#include "state/state_priv.h"

#define SLICE		64		/* entries in one transaction */
#define TOKENS_MAX	(1ULL << 40)	/* more is damage */

/* What one transaction has added, counted when it is committed. */
struct dead_sum {
	uint64_t	 requests, input, output, micro;
};

static struct log_limit lines = { 50 };

/* Text of an entry: no more than there is, and nothing but text. */
static struct str
name_of(struct open_name *n)
{
	size_t i, len = n->n > USAGE_NAME_MAX ? USAGE_NAME_MAX : n->n;

	for (i = 0; i < len; i++)
		if ((unsigned char)n->s[i] < ' ' || n->s[i] == 0x7f)
			n->s[i] = '?';
	return str_make(n->s, len);
}

static uint64_t
tokens_of(uint64_t n)
{
	return n > TOKENS_MAX ? TOKENS_MAX : n;
}

static int64_t
cost_of(int64_t fixed, int64_t per_output, uint64_t output)
{
	__int128 sum = (__int128)(fixed > 0 ? fixed : 0) +
	    (__int128)(per_output > 0 ? per_output : 0) * output;

	return sum > INT64_MAX ? INT64_MAX : (int64_t)sum;
}

/* What a request that began to be sent is charged. */
static void
charge(struct usage_rec *r, const struct open_part *p)
{
	r->input = tokens_of(p->input);
	r->output = tokens_of(p->output);
	r->cost = cost_of(p->fixed, p->per_output, r->output);
}

/* The record of an entry: 0 when there is nothing to charge. */
static int
make_record(struct open_req *o, int64_t now, struct usage_rec *r)
{
	struct open_part *p = &o->part[o->which & 1];
	size_t i;

	if (o->used != 1 || (!p->sent && p->attempts < 2))
		return 0;
	memset(r, 0, sizeof(*r));
	for (i = 0; i < sizeof(r->request_id) - 1 &&
	    o->request_id[i] > ' ' && o->request_id[i] < 0x7f; i++)
		r->request_id[i] = o->request_id[i];
	r->real_us = now;
	r->key_id = o->key_id;
	r->key_name = name_of(&o->key_name);
	r->group = name_of(&o->group);
	r->model = name_of(&o->model);
	r->endpoint = name_of(&o->endpoint);
	r->provider = name_of(&p->provider);
	r->upstream_model = name_of(&p->upstream_model);
	if (o->flags & OPEN_SESSION) {
		r->session = name_of(&o->session);
		r->agent = name_of(&o->agent);
		r->parent = name_of(&o->parent);
	}
	r->flags = (o->flags & (USAGE_STREAM | USAGE_UNPRICED)) |
	    USAGE_INTERRUPTED | USAGE_ESTIMATED;
	r->attempts = (uint16_t)(p->attempts > UINT16_MAX ? UINT16_MAX :
	    p->attempts);
	if (o->start_us > 0 && o->start_us < now)
		r->duration_us = (uint64_t)(now - o->start_us);
	if (p->sent)
		charge(r, p);
	return 1;
}

/* Did the transaction that was to settle it come through? 1, 0, or a code. */
static int
settled(struct state *st, uint64_t incarnation, uint64_t seq,
    const struct alive_mark *m)
{
	struct usage_rec r;
	int rc;

	if (seq == 0 || seq <= m->drained)
		return seq != 0;
	rc = spool_get(st, seq, &r);
	if (rc == 0)
		return r.writer == incarnation;
	return rc == ERR_NOTFOUND || rc == ERR_CORRUPT ||
	    rc == ERR_VERSION ? 0 : rc;
}

static int
settle_entry(struct state *st, uint64_t incarnation, struct open_req *o,
    const struct alive_mark *m, struct dead_sum *sum)
{
	struct usage_rec r;
	int rc;

	if (!make_record(o, clock_real_us(), &r))
		return 0;
	if ((rc = settled(st, incarnation, o->seq, m)) != 0)
		return rc < 0 ? rc : 0;
	if ((rc = spool_append(st, &r)) != 0 ||
	    (rc = window_settle(st, r.key_id, r.input + r.output,
	    clock_boot_us(), 0, 0)) != 0)
		return rc;
	sum->requests++;
	sum->input += r.input;
	sum->output += r.output;
	sum->micro += (uint64_t)(r.cost / 1000000);
	if (log_allow(&lines))
		log_notice("%s: its worker died: charged %llu + %llu tokens",
		    r.request_id, (unsigned long long)r.input,
		    (unsigned long long)r.output);
	return 0;
}

/* Inside the transaction: n entries, the first of them number from. */
static int
settle_slice(struct state *st, uint64_t incarnation, struct open_req *v,
    unsigned from, unsigned n, struct dead_sum *sum)
{
	struct alive_mark m;
	unsigned i;
	int rc;

	st->spool.known = 0;
	if ((rc = spool_look(st)) != 0)
		return rc;
	if (st->brim)
		return ERR_FULL;
	rc = alive_get(st, incarnation, &m);
	if (rc == ERR_NOTFOUND)		/* somebody else has done it all */
		return 0;
	for (i = 0; i < n && rc == 0; i++)
		if (from + i >= m.charged)
			rc = settle_entry(st, incarnation, &v[i], &m, sum);
	if (rc == 0 && sum->requests > 0)
		rc = alive_set_charged(st, incarnation, from + n);
	return rc;
}

static int
commit_slice(struct state *st, uint64_t incarnation, struct open_req *v,
    unsigned from, unsigned n)
{
	struct dead_sum sum = { 0 };
	int rc;

	FAULT_POINT(dead_read);
	db_rest(st->hot);
	if ((rc = db_begin(st->hot)) != 0)
		return rc;
	rc = settle_slice(st, incarnation, v, from, n, &sum);
	if (rc != 0 || sum.requests == 0) {
		db_abort(st->hot);
		return rc;
	}
	FAULT_POINT(dead_charge);
	if ((rc = db_commit(st->hot)) != 0)
		return rc;
	FAULT_POINT(dead_charged);
	board_add(CTR_spool_written, sum.requests);
	board_add(CTR_usage_interrupted, sum.requests);
	board_add(CTR_tokens_in, sum.input);
	board_add(CTR_tokens_out, sum.output);
	board_add(CTR_cost_micro, sum.micro);
	return 0;
}

/* --- the file ----------------------------------------------------------- */

/* Bytes of an entry of this worker's file; 0: it is none. */
static size_t
entry_size(int fd, const struct state *st, uint64_t incarnation)
{
	struct open_head h;
	struct stat sb;

	if (fstat(fd, &sb) != 0 || !S_ISREG(sb.st_mode) ||
	    pread(fd, &h, sizeof(h), 0) != (ssize_t)sizeof(h) ||
	    h.magic != OPEN_MAGIC || h.version != OPEN_VERSION ||
	    h.entry_size < offsetof(struct open_req, session) ||
	    h.entry_size > OPEN_ENTRY_MAX ||
	    h.epoch != st->epoch || h.incarnation != incarnation)
		return 0;
	return h.entry_size;
}

/* The next entries, in our size: how many, 0 at the end, or a code. */
static int
read_slice(int fd, unsigned from, size_t size, struct open_req v[SLICE])
{
	static char raw[SLICE * OPEN_ENTRY_MAX];
	ssize_t got = pread(fd, raw, SLICE * size,
	    (off_t)(OPEN_HEAD + from * size));
	size_t i, n;

	if (got < 0)
		return ERR_SYSTEM;
	n = (size_t)got / size;
	memset((void *)v, 0, SLICE * sizeof(v[0]));
	for (i = 0; i < n; i++)
		memcpy((void *)&v[i], raw + i * size,
		    size < sizeof(v[0]) ? size : sizeof(v[0]));
	return (int)n;
}

static int
anything(const struct open_req *v, unsigned n)
{
	while (n-- > 0)
		if (v[n].used)
			return 1;
	return 0;
}

int
open_dead(struct state *st, uint64_t incarnation)
{
	static struct open_req v[SLICE];
	char path[PATH_MAX];
	unsigned from = 0;
	size_t size;
	int fd, n, rc = 0;

	open_path(path, st->run_dir, incarnation);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : ERR_SYSTEM;
	size = entry_size(fd, st, incarnation);
	while (size > 0 && rc == 0 && from < OPEN_MAX) {
		if ((n = read_slice(fd, from, size, v)) <= 0) {
			rc = n;
			break;
		}
		if (anything(v, (unsigned)n))
			rc = commit_slice(st, incarnation, v, from,
			    (unsigned)n);
		from += (unsigned)n;
	}
	fd_close(&fd);
	return rc;
}

void
open_sweep(struct state *st)
{
	struct alive_mark m;
	struct dirent *e;
	struct str name;
	uint64_t incarnation;
	DIR *d = opendir(st->run_dir);

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		name = str_of(e->d_name);
		if (str_starts(name, STR("open-")) &&
		    num_u64(str_skip(name, 5), &incarnation) == 0 &&
		    alive_get(st, incarnation, &m) == ERR_NOTFOUND)
			open_unlink(st, incarnation);
		db_rest(st->hot);
	}
	closedir(d);
}
