/*
 * spool.h - usage records on their way from hot to the ledger.
 *
 * Keys are (TABLE_SPOOL, sequence); the records are the last ones of the
 * tree, so a new one is appended. Each carries the sum of all bytes ever
 * written; record 0, the floor, carries sequence and sum of what has left.
 * So no counter has to be written beside the records.
 */
#ifndef STATE_SPOOL_H
#define STATE_SPOOL_H

#include "base/buf.h"
#include "state/db.h"
#include "state/usage.h"

#define SPOOL_REC_MAX	832	/* bytes of one packed record */

/* Pack r; sum: bytes ever written before. Returns the size. */
size_t spool_pack(unsigned char dst[SPOOL_REC_MAX],
    const struct usage_rec *r, uint64_t sum);
/* Unpack; strings point into p: 0, ERR_CORRUPT or ERR_VERSION. */
int spool_unpack(struct str p, struct usage_rec *r);

/* In the open transaction of hot: append; fills epoch and seq. */
int spool_append(struct state *st, struct usage_rec *r);
/* Look at cap and room: sets over, tight and brim of st. 0, or a code. */
int spool_look(struct state *st);
/* Make the floor of a new spool. */
int spool_create(struct db *hot);
/* Sequence of the last record (or the floor), and the bytes now inside. */
int spool_size(struct state *st, uint64_t *records, uint64_t *bytes);

/*
 * Copy up to max records after sequence after into b, each as (u64 sequence,
 * u32 size, bytes). Returns the count, or a code.
 */
int spool_read(struct state *st, uint64_t after, unsigned max, struct buf *b);
/* The next of them: 1, or 0 at the end. */
int spool_next(struct str *rest, uint64_t *seq, struct str *rec);
/* Read one record; strings point into the map: 0, ERR_NOTFOUND, or a code. */
int spool_get(struct state *st, uint64_t seq, struct usage_rec *r);
/* Delete records up to and with last, in transactions of its own; also (0, or
 * a code) runs inside each of them before anything is deleted. */
int spool_delete(struct state *st, uint64_t last,
    int (*also)(struct state *st));

#endif
