/*
 * open.c - requests under way, on record before their bytes leave.
 *
 * Runs in: worker.
 * Owns: the file of this worker, mapped as long as the process lives.
 *
 * Every store into an entry is ordered by the one that makes it count. The
 * mapping is as large as the file may become; the file grows by allocated
 * chunks, and no page behind its end is touched.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/faultpoint.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "state/alive.h"
#include "state/open.h"
#include "state/open_file.h"
#include "state/state_priv.h"

#define MAP_SIZE	(OPEN_HEAD + OPEN_MAX * sizeof(struct open_req))

struct open_file {
	int		 fd;
	char		*map;
	unsigned	 n;		/* entries that have pages */
	struct open_req	**idle;
	unsigned	 n_idle;
};

void
open_path(char *dst, const char *run_dir, uint64_t incarnation)
{
	char name[40];

	snprintf(name, sizeof(name), "open-%llu",
	    (unsigned long long)incarnation);
	state_path(dst, run_dir, name);
}

static struct open_req *
entry(const struct open_file *f, unsigned i)
{
	return (struct open_req *)(void *)(f->map + OPEN_HEAD) + i;
}

/* Give the file its pages up to size: 0, ERR_FULL or ERR_SYSTEM. */
static int
allocate(int fd, size_t size)
{
	int e;

	while ((e = posix_fallocate(fd, 0, (off_t)size)) == EINTR)
		continue;
	errno = e;
	if (e == 0)
		return 0;
	return e == ENOSPC || e == EDQUOT || e == EFBIG || e == ENOMEM ?
	    ERR_FULL : ERR_SYSTEM;
}

static int
grow(struct open_file *f)
{
	unsigned i, n = f->n + OPEN_CHUNK;
	int rc;

	if (n > OPEN_MAX)
		return ERR_FULL;
	rc = allocate(f->fd, OPEN_HEAD + n * sizeof(struct open_req));
	if (rc != 0)
		return rc;
	f->idle = xrealloc(f->idle, n * sizeof(struct open_req *));
	for (i = n; i-- > f->n;)
		f->idle[f->n_idle++] = entry(f, i);
	f->n = n;
	return 0;
}

static void
file_free(struct open_file *f)
{
	if (f->map != NULL)
		munmap(f->map, MAP_SIZE);
	fd_close(&f->fd);
	free(f->idle);
	free(f);
}

static int
file_make(const struct state *st, struct open_file *f)
{
	struct open_head h = { OPEN_MAGIC, OPEN_VERSION,
	    sizeof(struct open_req), st->slot_index, st->epoch,
	    st->incarnation };
	char path[PATH_MAX];
	void *map;
	int rc;

	open_path(path, st->run_dir, st->incarnation);
	f->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (f->fd < 0)
		return errno == ENOSPC || errno == EDQUOT ? ERR_FULL :
		    ERR_SYSTEM;
	map = mmap(NULL, MAP_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd,
	    0);
	if (map == MAP_FAILED)
		rc = ERR_SYSTEM;
	else {
		f->map = map;
		rc = grow(f);
	}
	if (rc == 0)
		memcpy(map, &h, sizeof(h));
	else
		unlink(path);
	return rc;
}

int
open_create(struct state *st)
{
	struct open_file *f;
	int rc;

	if (!st->registered && (rc = alive_register(st)) != 0)
		return rc;
	st->registered = 1;
	f = xcalloc(1, sizeof(*f));
	if ((rc = file_make(st, f)) != 0) {
		file_free(f);
		return rc;
	}
	st->open = f;
	return 0;
}

void
open_unlink(struct state *st, uint64_t incarnation)
{
	char path[PATH_MAX];

	open_path(path, st->run_dir, incarnation);
	if (unlink(path) != 0 && errno != ENOENT)
		log_warne("%s cannot be removed", path);
}

void
open_close(struct state *st)
{
	struct open_file *f = st->open;

	if (f == NULL)
		return;
	if (f->n_idle == f->n)		/* else it is the recorder's */
		open_unlink(st, st->incarnation);
	file_free(f);
	st->open = NULL;
}

/* --- entries ----------------------------------------------------------- */

static void
put_name(struct open_name *d, struct str s)
{
	d->n = (unsigned char)(s.n > USAGE_NAME_MAX ? USAGE_NAME_MAX : s.n);
	if (d->n > 0)
		memcpy(d->s, s.p, d->n);
}

int
open_begin(struct state *st, const struct usage_rec *who,
    struct open_req **out)
{
	struct open_file *f;
	struct open_req *o;
	int rc;

	*out = NULL;
	if (st->open == NULL && (rc = open_create(st)) != 0)
		return rc;
	f = st->open;
	if (f->n_idle == 0 && (rc = grow(f)) != 0)
		return rc;
	o = f->idle[--f->n_idle];
	atomic_store_explicit(&o->seq, 0, memory_order_relaxed);
	atomic_store_explicit(&o->which, 1, memory_order_relaxed);
	o->key_id = who->key_id;
	o->start_us = who->real_us;
	o->flags = who->flags;
	memcpy(o->request_id, who->request_id, sizeof(o->request_id));
	put_name(&o->key_name, who->key_name);
	put_name(&o->group, who->group);
	put_name(&o->model, who->model);
	put_name(&o->endpoint, who->endpoint);
	if (who->session.n > 0) {	/* else their page is not touched */
		o->flags |= OPEN_SESSION;
		put_name(&o->session, who->session);
		put_name(&o->agent, who->agent);
		put_name(&o->parent, who->parent);
	}
	*out = o;
	FAULT_POINT(open_begun);
	return 0;
}

static struct open_part *
part(struct open_req *o)
{
	return &o->part[atomic_load_explicit(&o->which,
	    memory_order_relaxed) & 1];
}

void
open_attempt(struct open_req *o, unsigned n, struct str provider,
    struct str upstream_model, const struct open_charge *c)
{
	uint32_t which = !(atomic_load_explicit(&o->which,
	    memory_order_relaxed) & 1);
	struct open_part *p = &o->part[which];

	atomic_store_explicit(&p->sent, 0, memory_order_relaxed);
	p->attempts = n;
	atomic_store_explicit(&p->input, c->input, memory_order_relaxed);
	atomic_store_explicit(&p->output, c->output, memory_order_relaxed);
	atomic_store_explicit(&p->fixed, c->fixed, memory_order_relaxed);
	atomic_store_explicit(&p->per_output, c->per_output,
	    memory_order_relaxed);
	put_name(&p->provider, provider);
	put_name(&p->upstream_model, upstream_model);
	atomic_store_explicit(&o->which, which, memory_order_release);
	atomic_store_explicit(&o->used, 1, memory_order_release);
}

void
open_sent(struct open_req *o)
{
	FAULT_POINT(open_send);
	atomic_store_explicit(&part(o)->sent, 1, memory_order_release);
	FAULT_POINT(open_sent);
}

void
open_output(struct open_req *o, uint64_t tokens)
{
	atomic_store_explicit(&part(o)->output, tokens, memory_order_relaxed);
}

void
open_exact(struct open_req *o, uint64_t input, uint64_t output, int64_t cost)
{
	struct open_part *p = part(o);

	atomic_store_explicit(&p->per_output, 0, memory_order_relaxed);
	atomic_store_explicit(&p->fixed, cost, memory_order_relaxed);
	atomic_store_explicit(&p->input, input, memory_order_relaxed);
	atomic_store_explicit(&p->output, output, memory_order_relaxed);
}

void
open_mark(struct open_req *o, uint64_t seq)
{
	atomic_store_explicit(&o->seq, seq, memory_order_release);
	/* the compiler may not move it behind the commit that follows */
	atomic_signal_fence(memory_order_seq_cst);
	FAULT_POINT(open_marked);
}

void
open_end(struct state *st, struct open_req **op)
{
	struct open_req *o = *op;

	if (o == NULL)
		return;
	*op = NULL;
	FAULT_POINT(open_end);
	atomic_store_explicit(&o->used, 0, memory_order_release);
	st->open->idle[st->open->n_idle++] = o;
}
