/*
 * conn_rig.h - two connections, one loop, and what they were told.
 */
#ifndef TEST_CONN_RIG_H
#define TEST_CONN_RIG_H

#include "base/clock.h"
#include "net/conn.h"
#include "net/tls.h"
#include "tap.h"

/* One side: what it was told and has read. */
struct side {
	struct conn	*c;
	unsigned	 told;		/* all events so far */
	char		*got;
	size_t		 n, cap;
	int		 hold;		/* do not read */
	int		 end;		/* 1: end of file, < 0: error */
	int		 reads;
	size_t		 chunk;		/* read size; 0: 64 KiB */
};

extern struct ev_loop *loop;
extern struct conn_set *set;
extern struct side a, b;		/* client, server */
extern const unsigned char conn_rig_local[16];

void begin(void);
void finish(void);
void turn(void);
/* Read what there is. */
void slurp(struct side *s);
/* The callback of both sides. */
void on_side(void *arg, unsigned what);
/* A socket listening on loopback. */
int listener(unsigned *port);
/* Connect a to b. */
void link_up(struct tls_ctx *client, struct tls_ctx *server, const char *sni);
char *pattern(size_t n);
/* Whole tests that hold with and without TLS. */
void conn_rig_large(struct tls_ctx *client, struct tls_ctx *server);
void conn_rig_linger(struct tls_ctx *client, struct tls_ctx *server);

#define WAIT(cond) do {							\
	int64_t until_ = clock_mono_us() + 30000000;			\
	while (!(cond) && clock_mono_us() < until_)			\
		turn();							\
	OK(cond);							\
} while (0)

#endif
