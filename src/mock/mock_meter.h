/*
 * mock_meter.h - what the mock served: counters, answers, requests.
 *
 * All in shared memory. The gateway's ledger is compared with this.
 */
#ifndef MOCK_METER_H
#define MOCK_METER_H

#include "base/buf.h"
#include "mock/mock_shared.h"
#include "net/http1.h"

/* Tokens of an answer. */
struct mock_tokens {
	int64_t	input, output, cached, reasoning;
	int64_t	written;		/* of the input: to a cache */
	int	reported;		/* usage was sent to the client */
};

/* What is known when a request has come. */
struct mock_arrival {
	struct str	id, req_id, marker, key, model, endpoint;
	struct str	head, body;	/* as received */
	int		no_digest;	/* do not hash the body */
};

/* The number of the next request, over all processes; from 1. */
uint64_t mock_meter_next(struct mock_shared *s);
/* Count a request; its record stays valid, the ring may reuse it. */
struct mock_sent *mock_meter_begin(struct mock_shared *s, uint64_t seq,
    const struct mock_arrival *a, struct mock_row **row);
/* The answer is over. aborted: the client did not get all of it. */
void mock_meter_end(struct mock_row *row, struct mock_sent *rec,
    uint64_t seq, int status, int aborted, const struct mock_tokens *t,
    uint64_t bytes, const unsigned char sha[32]);
/* Append JSON: the counters; one answer (ERR_NOTFOUND); answers with a
 * sequence number above since; the last n requests. */
int mock_meter_json(struct mock_shared *s, struct buf *b);
int mock_meter_sent(struct mock_shared *s, struct str id, struct buf *b);
int mock_meter_all_sent(struct mock_shared *s, uint64_t since, struct buf *b);
int mock_meter_requests(struct mock_shared *s, unsigned n, struct buf *b);
/* All counters to zero, all records forgotten. */
void mock_meter_reset(struct mock_shared *s);

#endif
