/*
 * fetch_rig.h - one exchange under test: loop, server, host, and what came.
 */
#ifndef TEST_FETCH_RIG_H
#define TEST_FETCH_RIG_H

#include "base/clock.h"
#include "script_server.h"
#include "tap.h"
#include "upstream/fetch.h"

enum engine { H1, CURL };

/* What an exchange told. */
struct record {
	struct fetch	*f;
	int		 heads, ends;
	int		 status;
	int64_t		 length;
	int		 no_body;
	char		 headers[4096];	/* "name: value\n" each */
	struct buf	 body;
	unsigned	 pieces;
	enum outcome	 outcome;
	char		 why[256];
	size_t		 pause_at;	/* pause when the body has this many */
	int		 cancel_in;	/* 1 in head, 2 in bytes, 3 in end */
};

struct rig {
	struct ev_loop	*loop;
	struct conn_set	*set;
	struct fetch_set *fs;
	struct fetch_host *host;
	struct conf_provider p;
	struct conf_cidr allow[1];
	char		 host_header[64];
	struct server	 srv;
	struct tls_ctx	*srv_tls;
	struct record	 r;
	struct fetch_req req;
	struct iovec	 body[7];
	struct hdr	 more;		/* a field, if it has a name */
};

extern struct rig rig;

/* A plain or TLS server on loopback and a host for it. ca: the server's CA
 * file, or NULL for plain. */
void rig_begin(enum engine e);
void rig_begin_tls(enum engine e, const char *host, const char *ca_file,
    struct tls_ctx *server);
/* After changing rig.p or the address: a new host. */
void rig_new_host(void);
void rig_publish(void);
void rig_end(void);
void rig_turn(void);
/* POST with this body, or GET without; answers are recorded in rec. */
void rig_start(struct record *rec, const char *method, const char *body);
void rig_done(struct record *rec);	/* wait for end */
void rig_release(struct record *rec);
/* Start, wait, compare. */
void rig_expect(const char *method, const char *body, int status,
    const char *answer);
void rig_fail(const char *method, const char *body, enum outcome o);

#define WAIT(cond) do {							\
	int64_t until_ = clock_mono_us() + 30000000;			\
	while (!(cond) && clock_mono_us() < until_)			\
		rig_turn();						\
	OK(cond);							\
} while (0)

#define SCRIPT(...) do {						\
	static const struct answer script_[] = { __VA_ARGS__ };		\
	server_script(&rig.srv, script_,				\
	    sizeof(script_) / sizeof(script_[0]));			\
} while (0)

#endif
