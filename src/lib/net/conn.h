/*
 * conn.h - one non-blocking connection, plain or TLS, client or provider side.
 *
 * Registered once, edge-triggered; the owner reads until told ERR_AGAIN, and
 * simply does not read to exert back-pressure. Writes are queued and go out
 * together when the loop's turn ends (conn_flush_all) or at conn_flush.
 */
#ifndef NET_CONN_H
#define NET_CONN_H

#include <sys/queue.h>
#include <sys/uio.h>

#include "base/buf.h"
#include "base/ev.h"

struct conn_set;
struct tls_ctx;
struct conn;

/* All connections of a process: the loop and who has bytes to flush. */
struct conn_set *conn_set_new(struct ev_loop *loop);
void conn_set_free(struct conn_set **sp);
/* Write what is queued on every connection; once per turn, after the acts. */
void conn_flush_all(struct conn_set *s);
/* 1 when there is something for it to do. */
int conn_unflushed(const struct conn_set *s);

/* Memory of all that was copied and waits to be sent. */
size_t conn_set_held(const struct conn_set *s);

#define CONN_READABLE	1u	/* conn_read will give something */
#define CONN_DRAINED	2u	/* the output queue fell below low water, or
				   is empty after it had to wait */
#define CONN_CONNECTED	4u	/* connect and handshake are over; comes
				   first, also for accepted connections */
#define CONN_FAILED	8u	/* see conn_error; nothing can be sent any
				   more. When sending failed, conn_read still
				   gives what had arrived before */

/*
 * Events of a connection, several at once. The owner may close it, also here,
 * if that is the last thing the function does with it. Never called from
 * inside another function of this header but conn_flush_all.
 */
typedef void conn_fn(void *arg, unsigned what);

/*
 * Take over a connected fd (non-blocking). tls: NULL, or a server context.
 * Never NULL; on failure the first event is CONN_FAILED.
 */
struct conn *conn_accept(struct conn_set *s, int fd, struct tls_ctx *tls,
    conn_fn *fn, void *arg);
/*
 * Connect to addr (v4 mapped) and port. tls: NULL, or a client context; sni:
 * the name to ask for and verify. CONN_CONNECTED or CONN_FAILED follows.
 */
struct conn *conn_connect(struct conn_set *s, const unsigned char addr[16],
    unsigned port, struct tls_ctx *tls, const char *sni, conn_fn *fn,
    void *arg);
/* Change who hears the events (a pooled connection gets a new owner). */
void conn_owner(struct conn *c, conn_fn *fn, void *arg);
/* See ev_io_urgent: for a client whose next request has not begun. */
void conn_urgent(struct conn *c, int urgent);
/* Stop, close, free; accepts NULL, sets NULL. Queued bytes are dropped. */
void conn_close(struct conn **cp);
/*
 * The same, but the peer sees a reset, never a clean end: for an answer whose
 * end is the end of the connection, and that was cut.
 */
void conn_reset(struct conn **cp);
/*
 * Send what is queued, then shut down and close, reading and dropping what
 * comes for at most linger_us (RFC 9112, 9.6). Takes the connection over. When
 * 4,096 linger already it is closed at once, so descriptors are bounded.
 */
void conn_close_linger(struct conn **cp, int64_t linger_us);

/* Read: > 0 bytes, 0 end of file, ERR_AGAIN, ERR_SYSTEM, ERR_TLS. */
ssize_t conn_read(struct conn *c, void *p, size_t n);
/* 1 when a read may give something now (edge seen, not yet drained). */
int conn_readable(const struct conn *c);
/* Queue a copy: 0, ERR_TOOBIG (over the limit), ERR_NOMEM, ERR_CLOSED. */
int conn_write(struct conn *c, const void *p, size_t n);
int conn_writes(struct conn *c, struct str s);
/*
 * Queue bytes that stay the caller's until CONN_DRAINED with conn_queued() 0
 * or conn_close: large bodies are not copied. At most 8 pieces wait
 * (ERR_TOOBIG). conn_close_linger copies what is left of them.
 */
int conn_write_ref(struct conn *c, const void *p, size_t n);
/* Send now what can be sent. */
void conn_flush(struct conn *c);
/* Forget what is queued: nothing more goes out, reading goes on. */
void conn_drop_output(struct conn *c);
/* Bytes queued and not yet taken by the kernel. */
size_t conn_queued(const struct conn *c);
/* 1 from when more than 64 KiB are queued until a quarter of that is left. */
int conn_above(const struct conn *c);
/* Let CONN_DRAINED come when the queue is empty, whether it had to wait or
 * not. */
void conn_tell_drained(struct conn *c);
/* Real time (ev_now_us) of the last byte taken by the kernel. */
int64_t conn_progress_us(const struct conn *c);

/* Bytes the kernel took since the beginning, TLS records included. */
uint64_t conn_sent(const struct conn *c);
/*
 * After end of file or an error: NULL when the peer provably had nothing of
 * what was sent beyond mark (a value of conn_sent) when it said that it is
 * done: the kernel took nothing of it, or the peer's end came without
 * acknowledging any of it. Else why it may have read it, for logs. A reset
 * alone proves nothing: acknowledgements are delayed.
 */
const char *conn_heard(const struct conn *c, uint64_t mark);
/* Bytes that the peer's system acknowledged on a TCP socket, the SYN counted
 * as one: 0, or ERR_UNSUPPORTED. For sockets that libcurl owns. */
int conn_fd_acked(int fd, uint64_t *acked);
/* 1 between the TCP connect and the end of the TLS handshake. */
int conn_handshaking(const struct conn *c);

/* Why it failed, "connection refused", "certificate verify failed: ...". */
const char *conn_error(const struct conn *c);
/* Which stage failed: 0 none, 1 connect, 2 TLS handshake, 3 later. */
int conn_error_stage(const struct conn *c);
/* 1 when it failed for want of a descriptor or memory: not the peer's fault. */
int conn_error_ours(const struct conn *c);
int conn_fd(const struct conn *c);
int conn_is_tls(const struct conn *c);
/* 1 when the TLS session of an earlier connection was taken up again. */
int conn_tls_resumed(const struct conn *c);
/* Address of the peer, v4 mapped; all zero for a Unix socket. */
void conn_peer(const struct conn *c, unsigned char addr[16], unsigned *port);

#endif
