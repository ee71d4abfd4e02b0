/*
 * mock_shared.h - memory that all processes of one mock share.
 *
 * Made before the fork. The text of the configuration, the meter and the
 * records of what was served live here, so that any process answers for all.
 */
#ifndef MOCK_SHARED_H
#define MOCK_SHARED_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#define MOCK_CONF_MAX	262144
#define MOCK_RULES	128
#define MOCK_ROWS	4096
#define MOCK_KEEP	16384		/* answers remembered */
#define MOCK_LOG	512		/* requests remembered with their text */
#define MOCK_LOG_TEXT	16000
#define MOCK_ID		48
#define MOCK_MARKER	64

/* What was served for one key, model and endpoint. */
struct mock_row {
	atomic_int	state;		/* 0 free, 1 being made, 2 in use */
	char		key[96], model[96], endpoint[40];
	atomic_ullong	requests, complete, aborted, errors;
	atomic_ullong	input, output, cached;	/* of complete answers */
	atomic_ullong	aborted_input, aborted_output;
	atomic_ullong	unreported;	/* complete, but told no usage */
	atomic_ullong	bytes_in, bytes_out;
};

/* One answer; seq is written last. */
struct mock_sent {
	atomic_ullong	seq;		/* 0: empty or being written */
	char		id[MOCK_ID];	/* x-request-id of the answer */
	char		req_id[64];	/* x-request-id of the request */
	char		marker[MOCK_MARKER];
	char		key[96], model[96], endpoint[40];
	int		status;
	int		done;		/* 0 under way, 1 complete, -1 aborted */
	int		reported;	/* usage was told */
	int64_t		input, output, cached;
	uint64_t	bytes;		/* of the answer's body */
	unsigned char	sha256[32];
	uint64_t	req_bytes;
	unsigned char	req_sha256[32];
	int64_t		time_us;
};

struct mock_logged {
	atomic_ullong	seq;
	char		id[MOCK_ID];
	uint32_t	head_len, body_len;	/* as kept in text */
	uint64_t	body_bytes;		/* as received */
	char		text[MOCK_LOG_TEXT];
};

struct mock_shared {
	pthread_mutex_t	 lock;
	atomic_uint	 version;	/* of text */
	uint32_t	 len, first_len;
	char		 text[MOCK_CONF_MAX];
	char		 first[MOCK_CONF_MAX];	/* as started */
	atomic_ullong	 hits[MOCK_RULES];
	atomic_ullong	 seq;		/* requests so far */
	atomic_llong	 refuse_until;	/* clock_mono_us; 0: not refusing */
	atomic_llong	 accept_delay;	/* microseconds */
	atomic_ullong	 accepted, open, refusals;
	struct mock_row	 rows[MOCK_ROWS];
	struct mock_sent sent[MOCK_KEEP];
	struct mock_logged log[MOCK_LOG];
};

/* Map it; NULL when there is no memory. */
struct mock_shared *mock_shared_new(void);
void mock_shared_lock(struct mock_shared *s);
void mock_shared_unlock(struct mock_shared *s);

#endif
