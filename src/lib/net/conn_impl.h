/*
 * conn_impl.h - what conn.c (life, input) and conn_out.c (output) share.
 */
#ifndef NET_CONN_IMPL_H
#define NET_CONN_IMPL_H

#include <stdint.h>

#include "net/conn.h"
#include "net/tls.h"

#define CONN_PIECE	4096	/* size of a pooled output block, all of it */
#define CONN_GATHER	16384	/* one TLS record */
#define CONN_OUT_MAX	(64u << 20)	/* copied bytes that may wait */
#define CONN_HIGH	(64u << 10)	/* see conn_above */
#define CONN_LINGERS	4096	/* at once; further ones are just closed */
#define CONN_REFS	8	/* borrowed pieces that may wait */

/* A run of bytes to send: copied into the block, or borrowed. */
struct piece {
	STAILQ_ENTRY(piece) link;
	const char	*p;		/* next byte to send */
	size_t		 n;		/* bytes left */
	size_t		 cap;		/* of data[]; 0: borrowed */
	char		 data[];
};

struct conn_set {
	struct ev_loop	*loop;
	TAILQ_HEAD(, conn) dirty;	/* have bytes to flush */
	TAILQ_HEAD(, conn) notify;	/* have an event to be told */
	LIST_HEAD(, lingerer) lingering;	/* ours until they are closed */
	TAILQ_HEAD(, conn) doubt;	/* see conn.c, oldest first */
	struct ev_task	 notify_task;
	struct ev_task	 again_task;
	struct ev_timer	 doubt_timer;
	STAILQ_HEAD(, piece) free_blocks, free_refs;
	unsigned	 n_blocks, n_refs, n_lingering;
	size_t		 held;		/* see conn_set_held */
	char		*gather;	/* CONN_GATHER bytes, once TLS is used */
};

enum conn_state {
	CONN_S_CONNECT, CONN_S_HANDSHAKE, CONN_S_OPEN, CONN_S_FAILED
};

struct conn {
	struct ev_io	 io;
	struct conn_set	*set;
	conn_fn		*fn;
	void		*arg;
	struct tls	*tls;
	STAILQ_HEAD(, piece) out;
	struct piece	*last;		/* of out, unless that is empty */
	size_t		 queued;
	uint64_t	 sent;		/* plain bytes the kernel took */
	int64_t		 progress;
	TAILQ_ENTRY(conn) dirty_link, doubt_link, notify_link;
	int64_t		 doubt_since;
	struct lingerer	*linger;
	char		*err;
	int		 fd;
	unsigned	 pending;	/* events to be told */
	unsigned char	 state, stage, refs;
	unsigned	 readable : 1,	/* edge seen, not yet drained */
			 eof_edge : 1,	/* the peer has shut its side */
			 fin : 1,	/* it did so before any error */
			 blocked : 1,	/* the kernel takes no more for now */
			 above : 1,	/* was above high water */
			 waited : 1,	/* output had to wait, or is borrowed */
			 out_dead : 1,	/* sending failed or is over */
			 in_dirty : 1, in_notify : 1, in_doubt : 1,
			 told_open : 1,	/* CONN_CONNECTED was told */
			 have_peer : 1,
			 ours : 1;	/* failed for want of something here */
	unsigned char	 peer[16];
	unsigned	 port;
};

/* Send what can be sent; returns events to tell. */
unsigned conn_out_flush(struct conn *c);
/* Drop all pieces. */
void conn_out_drop(struct conn *c);
/* Copy what is borrowed: 0, or ERR_NOMEM. */
int conn_out_own(struct conn *c);
void conn_out_free_pool(struct conn_set *s);
/* Put on the list of those to flush. */
void conn_dirty(struct conn *c);
/* Remember why nothing works any more; returns CONN_FAILED. */
unsigned conn_fail(struct conn *c, int stage, const char *text);
/* Tell events at the end of the turn. */
void conn_notify(struct conn *c, unsigned what);

#endif
