/*
 * db_audit.c - is this file whole? Every record, every page.
 *
 * Runs in: throw-away processes: a damaged file may end the one that reads it.
 * Owns: nothing.
 *
 * LMDB has no checksums, so this looks at what must be true of a good file:
 * keys grow, each page is used once or free once, and together they are all
 * pages up to the last. A page begins with its own number: that is read here,
 * and with it the number of every leaf.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/xalloc.h"
#include "state/db_priv.h"

#define META_PAGES	2
#define META_LAST	136	/* in a meta page: the last page in use, then
				   the transaction */
#define TRIES		100	/* to get a snapshot of the newest state */

struct audit {
	struct db	*d;
	struct db_audit	*a;
	unsigned char	*seen;		/* one bit per page */
	uint64_t	 n_pages;
	struct db_key	 last;		/* key before, to compare */
	char		*err;
	size_t		 errsize;
};

static int
bad(struct audit *u, const char *what, uint64_t n)
{
	snprintf(u->err, u->errsize, "%s %llu", what, (unsigned long long)n);
	return ERR_CORRUPT;
}

/* Mark a page; it must be there and new to us. */
static int
see(struct audit *u, uint64_t page, const char *as)
{
	if (page < META_PAGES || page >= u->n_pages)
		return bad(u, "a page that is not there:", page);
	if (u->seen[page / 8] & 1u << page % 8) {
		snprintf(u->err, u->errsize, "page %llu is used twice, here "
		    "as %s", (unsigned long long)page, as);
		return ERR_CORRUPT;
	}
	u->seen[page / 8] |= (unsigned char)(1u << page % 8);
	return 0;
}

/*
 * The number of the snapshot's last page. It stands in the snapshot's own meta
 * page: what mdb_env_info says is of the newest, and a writer that was killed
 * at the end of its commit may have left one that nobody sees until the next
 * writer comes. ERR_AGAIN: it has been written over since.
 */
static int
last_page(const struct db *d, mdb_filehandle_t fd, uint64_t txn,
    uint64_t *last)
{
	uint64_t v[2];		/* last page, transaction */
	off_t at = (off_t)((txn & 1) * d->page + META_LAST);

	if (pread(fd, v, sizeof(v), at) != (ssize_t)sizeof(v))
		return ERR_SYSTEM;
	*last = v[0];
	return v[1] == txn ? 0 : ERR_AGAIN;
}

/* The snapshot and the number of its last page, which belong together. */
static int
begin(struct audit *u)
{
	struct db *d = u->d;
	uint64_t last = 0;
	struct stat sb;
	mdb_filehandle_t fd;
	int rc = 0, tries;

	if (mdb_env_get_fd(d->env, &fd) != 0)
		return ERR_SYSTEM;
	for (tries = 0; tries < TRIES; tries++) {
		db_rest(d);
		if ((rc = db_snapshot(d)) != 0)
			return rc;
		rc = last_page(d, fd, mdb_txn_id(d->rtxn), &last);
		if (rc != ERR_AGAIN)
			break;
	}
	if (rc != 0)
		return rc == ERR_AGAIN ? ERR_BUSY : rc;
	u->a->txn = mdb_txn_id(d->rtxn);
	u->n_pages = last + 1;
	u->a->pages = u->n_pages;
	if (fstat(fd, &sb) != 0)
		return ERR_SYSTEM;
	if ((uint64_t)sb.st_size / d->page < u->n_pages) {
		snprintf(u->err, u->errsize, "the file is cut off: %llu "
		    "bytes, %llu pages of %u are in use",
		    (unsigned long long)sb.st_size,
		    (unsigned long long)u->n_pages, d->page);
		return ERR_CORRUPT;
	}
	return 0;
}

/* One list of free pages: a count, then so many page numbers. */
static int
free_list(struct audit *u, const MDB_val *v)
{
	const unsigned char *p = v->mv_data;
	size_t n, i, page;
	int rc;

	if (v->mv_size < sizeof(n))
		return bad(u, "a short list of free pages, bytes:",
		    v->mv_size);
	memcpy(&n, p, sizeof(n));
	if (n > v->mv_size / sizeof(n) - 1)
		return bad(u, "a broken list of free pages, length", n);
	for (i = 1; i <= n; i++) {
		memcpy(&page, p + i * sizeof(page), sizeof(page));
		if ((rc = see(u, page, "free")) != 0)
			return rc;
	}
	u->a->free_pages += n;
	return 0;
}

static int
all_free(struct audit *u)
{
	MDB_cursor *c;
	MDB_val k, v;
	int rc, mrc;

	if ((mrc = mdb_cursor_open(u->d->rtxn, DB_FREE_TREE, &c)) != 0)
		return db_code(u->d, mrc, "audit");
	rc = 0;
	while (rc == 0 && (mrc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) == 0)
		rc = free_list(u, &v);
	mdb_cursor_close(c);
	if (rc == 0 && mrc != MDB_NOTFOUND)
		rc = db_code(u->d, mrc, "audit");
	return rc;
}

/* The leaf that holds this key: once, when its first key is met. */
static int
leaf(struct audit *u, const MDB_val *k, uint64_t *now, uint64_t *leaves)
{
	const unsigned char *p = k->mv_data;
	size_t page;
	int rc;

	p -= (uintptr_t)p % u->d->page;
	memcpy(&page, p, sizeof(page));
	if (page == *now)
		return 0;
	if ((rc = see(u, page, "a leaf")) != 0)
		return rc;
	*now = page;
	(*leaves)++;
	return 0;
}

/* A long value has pages of its own: a head of 16 bytes, then the value. */
static int
long_value(struct audit *u, const MDB_val *k, const MDB_val *v)
{
	const unsigned char *kp = k->mv_data, *p = v->mv_data;
	uint32_t n, i;
	size_t page;
	int rc = 0;

	p -= (uintptr_t)p % u->d->page;
	if (p == kp - (uintptr_t)kp % u->d->page || v->mv_size == 0)
		return 0;
	memcpy(&page, p, sizeof(page));
	memcpy(&n, p + 12, sizeof(n));
	if (n == 0 || v->mv_size > (uint64_t)n * u->d->page)
		return bad(u, "a long value does not fit at page", page);
	for (i = 0; i < n && rc == 0; i++)
		rc = see(u, page + i, "a long value");
	return rc;
}

static int
grows(struct audit *u, const MDB_val *k)
{
	struct db_key *l = &u->last;
	size_t n = k->mv_size < l->n ? k->mv_size : l->n;
	int c = memcmp(l->b, k->mv_data, n);

	if (k->mv_size > sizeof(l->b))
		return bad(u, "a key too long, bytes:", k->mv_size);
	if (u->a->records > 0 && (c > 0 || (c == 0 && l->n >= k->mv_size)))
		return bad(u, "keys out of order at record",
		    u->a->records + 1);
	l->n = k->mv_size;
	memcpy(l->b, k->mv_data, k->mv_size);
	return 0;
}

static int
all_records(struct audit *u, uint64_t *leaves,
    int (*fn)(void *arg, struct str key, struct str val), void *arg)
{
	MDB_cursor *c;
	MDB_val k, v;
	uint64_t page = 0;
	int rc = 0, mrc;

	if ((mrc = mdb_cursor_open(u->d->rtxn, DB_MAIN_TREE, &c)) != 0)
		return db_code(u->d, mrc, "audit");
	while (rc == 0 && (mrc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) == 0) {
		if ((rc = leaf(u, &k, &page, leaves)) != 0 ||
		    (rc = grows(u, &k)) != 0 ||
		    (rc = long_value(u, &k, &v)) != 0)
			break;
		u->a->records++;
		u->a->sum = crypto_crc32c(u->a->sum, k.mv_data, k.mv_size);
		u->a->sum = crypto_crc32c(u->a->sum, v.mv_data, v.mv_size);
		rc = fn(arg, str_make(k.mv_data, k.mv_size),
		    str_make(v.mv_data, v.mv_size));
	}
	mdb_cursor_close(c);
	if (rc == 0 && mrc != MDB_NOTFOUND)
		rc = db_code(u->d, mrc, "audit");
	return rc;
}

/* Do pages in use and free pages make up the file? */
static int
add_up(struct audit *u, uint64_t leaves)
{
	MDB_stat m, f;
	uint64_t sum;

	if (mdb_stat(u->d->rtxn, DB_MAIN_TREE, &m) != 0 ||
	    mdb_stat(u->d->rtxn, DB_FREE_TREE, &f) != 0)
		return ERR_SYSTEM;
	if (m.ms_entries != u->a->records)
		return bad(u, "records are missing, there should be",
		    m.ms_entries);
	if (m.ms_leaf_pages != leaves)
		return bad(u, "leaves are missing, there should be",
		    m.ms_leaf_pages);
	sum = META_PAGES + u->a->free_pages + m.ms_branch_pages +
	    m.ms_leaf_pages + m.ms_overflow_pages + f.ms_branch_pages +
	    f.ms_leaf_pages + f.ms_overflow_pages;
	if (sum != u->n_pages) {
		snprintf(u->err, u->errsize, "%llu pages, but %llu in use or "
		    "free", (unsigned long long)u->n_pages,
		    (unsigned long long)sum);
		return ERR_CORRUPT;
	}
	return 0;
}

int
db_audit(struct db *d, struct db_audit *a,
    int (*fn)(void *arg, struct str key, struct str val), void *arg,
    char *err, size_t errsize)
{
	struct audit u = { .d = d, .a = a, .err = err, .errsize = errsize };
	uint64_t leaves = 0;
	int rc;

	memset(a, 0, sizeof(*a));
	err[0] = '\0';
	if ((rc = begin(&u)) != 0 || fn == NULL)
		goto out;
	u.seen = xcalloc(u.n_pages / 8 + 1, 1);
	if ((rc = all_free(&u)) == 0 &&
	    (rc = all_records(&u, &leaves, fn, arg)) == 0)
		rc = add_up(&u, leaves);
out:
	free(u.seen);
	db_rest(d);
	if (rc != 0 && err[0] == '\0')
		snprintf(err, errsize, "%s", err_str(rc));
	return rc;
}
