/*
 * mock_meter.c - what the mock served: counters, answers, requests.
 *
 * Runs in: aigw-mock, every process of it.
 * Owns: nothing; the tables are in shared memory.
 *
 * Rows are found by open addressing and made once, by compare-and-swap, so
 * counting takes no lock. Ring slots are claimed by the sequence number; a
 * slot's seq is zero while its writer is at work.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/err.h"
#include "mock/mock_meter.h"
#include "mock/mock_text.h"

static uint64_t
mix(uint64_t h, struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 1099511628211ULL;
	return h * 31 + s.n;
}

static int
same(const char *have, size_t size, struct str s)
{
	size_t n = s.n < size - 1 ? s.n : size - 1;

	return strncmp(have, s.p == NULL ? "" : s.p, n) == 0 &&
	    have[n] == '\0';
}

static struct mock_row *
find_row(struct mock_shared *s, struct str key, struct str model,
    struct str endpoint)
{
	uint64_t h = mix(mix(mix(14695981039346656037ULL, key), model),
	    endpoint);
	struct mock_row *r;
	unsigned i;
	int zero;

	for (i = 0; i < MOCK_ROWS; i++) {
		r = &s->rows[(h + i) % MOCK_ROWS];
		zero = 0;
		if (atomic_compare_exchange_strong(&r->state, &zero, 1)) {
			str_copy(r->key, sizeof(r->key), key);
			str_copy(r->model, sizeof(r->model), model);
			str_copy(r->endpoint, sizeof(r->endpoint), endpoint);
			atomic_store(&r->state, 2);
			return r;
		}
		while (atomic_load(&r->state) == 1)
			continue;
		if (same(r->key, sizeof(r->key), key) &&
		    same(r->model, sizeof(r->model), model) &&
		    same(r->endpoint, sizeof(r->endpoint), endpoint))
			return r;
	}
	return &s->rows[0];
}

static void
log_request(struct mock_shared *s, uint64_t seq, const struct mock_arrival *a)
{
	struct mock_logged *l = &s->log[seq % MOCK_LOG];
	size_t h = a->head.n, b = a->body.n;

	atomic_store(&l->seq, 0);
	if (h > MOCK_LOG_TEXT)
		h = MOCK_LOG_TEXT;
	if (b > MOCK_LOG_TEXT - h)
		b = MOCK_LOG_TEXT - h;
	str_copy(l->id, sizeof(l->id), a->id);
	memcpy(l->text, a->head.p, h);
	if (b > 0)
		memcpy(l->text + h, a->body.p, b);
	l->head_len = (uint32_t)h;
	l->body_len = (uint32_t)b;
	l->body_bytes = a->body.n;
	atomic_store(&l->seq, seq);
}

uint64_t
mock_meter_next(struct mock_shared *s)
{
	return atomic_fetch_add(&s->seq, 1) + 1;
}

struct mock_sent *
mock_meter_begin(struct mock_shared *s, uint64_t seq,
    const struct mock_arrival *a, struct mock_row **row)
{
	struct mock_sent *r = &s->sent[seq % MOCK_KEEP];

	*row = find_row(s, a->key, a->model, a->endpoint);
	atomic_fetch_add(&(*row)->requests, 1);
	atomic_fetch_add(&(*row)->bytes_in, a->body.n);
	log_request(s, seq, a);
	atomic_store(&r->seq, 0);
	str_copy(r->id, sizeof(r->id), a->id);
	str_copy(r->req_id, sizeof(r->req_id), a->req_id);
	str_copy(r->marker, sizeof(r->marker), a->marker);
	str_copy(r->key, sizeof(r->key), a->key);
	str_copy(r->model, sizeof(r->model), a->model);
	str_copy(r->endpoint, sizeof(r->endpoint), a->endpoint);
	r->status = r->done = r->reported = 0;
	r->input = r->output = r->cached = 0;
	r->bytes = 0;
	memset(r->sha256, 0, sizeof(r->sha256));
	r->req_bytes = a->body.n;
	if (a->no_digest)
		memset(r->req_sha256, 0, sizeof(r->req_sha256));
	else
		crypto_sha256(a->body, r->req_sha256);
	r->time_us = clock_real_us();
	atomic_store(&r->seq, seq);
	return r;
}

void
mock_meter_end(struct mock_row *row, struct mock_sent *rec, uint64_t seq,
    int status, int aborted, const struct mock_tokens *t, uint64_t bytes,
    const unsigned char sha[32])
{
	if (aborted) {
		atomic_fetch_add(&row->aborted, 1);
		atomic_fetch_add(&row->aborted_input, (uint64_t)t->input);
		atomic_fetch_add(&row->aborted_output, (uint64_t)t->output);
	} else {
		atomic_fetch_add(&row->complete, 1);
		atomic_fetch_add(&row->input, (uint64_t)t->input);
		atomic_fetch_add(&row->output, (uint64_t)t->output);
		atomic_fetch_add(&row->cached, (uint64_t)t->cached);
		if (!t->reported && t->input + t->output > 0)
			atomic_fetch_add(&row->unreported, 1);
	}
	if (status >= 400)
		atomic_fetch_add(&row->errors, 1);
	atomic_fetch_add(&row->bytes_out, bytes);
	if (atomic_load(&rec->seq) != seq)
		return;			/* the ring went round */
	rec->status = status;
	rec->input = t->input;
	rec->output = t->output;
	rec->cached = t->cached;
	rec->reported = t->reported;
	rec->bytes = bytes;
	memcpy(rec->sha256, sha, sizeof(rec->sha256));
	rec->done = aborted ? -1 : 1;
}

static void
put_text(struct buf *b, const char *name, struct str value)
{
	mock_text_member(b, name, value);
	buf_addc(b, ',');
}

static const struct {
	const char *name;
	size_t off;
} columns[] = {
#define COL(m) { #m, offsetof(struct mock_row, m) }
	COL(requests), COL(complete), COL(aborted), COL(errors), COL(input),
	COL(output), COL(cached), COL(aborted_input), COL(aborted_output),
	COL(unreported), COL(bytes_in), COL(bytes_out),
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static atomic_ullong *
cell(struct mock_row *r, size_t i)
{
	return (atomic_ullong *)(void *)((char *)r + columns[i].off);
}

int
mock_meter_json(struct mock_shared *s, struct buf *b)
{
	unsigned long long sum[COLUMNS] = { 0 }, v;
	unsigned i, n = 0;
	size_t k;

	buf_printf(b, "{\"rows\":[");
	for (i = 0; i < MOCK_ROWS; i++) {
		struct mock_row *r = &s->rows[i];

		if (atomic_load(&r->state) != 2 ||
		    atomic_load(&r->requests) == 0)
			continue;
		buf_printf(b, "%s{", n++ == 0 ? "" : ",");
		put_text(b, "key", str_of(r->key));
		put_text(b, "model", str_of(r->model));
		put_text(b, "endpoint", str_of(r->endpoint));
		for (k = 0; k < COLUMNS; k++) {
			v = atomic_load(cell(r, k));
			sum[k] += v;
			buf_printf(b, "%s\"%s\":%llu", k == 0 ? "" : ",",
			    columns[k].name, v);
		}
		buf_addc(b, '}');
	}
	buf_printf(b, "],\"total\":{");
	for (k = 0; k < COLUMNS; k++)
		buf_printf(b, "%s\"%s\":%llu", k == 0 ? "" : ",",
		    columns[k].name, sum[k]);
	return buf_printf(b, "},\"accepted\":%llu,\"open\":%llu,\"seq\":%llu}",
	    (unsigned long long)atomic_load(&s->accepted),
	    (unsigned long long)atomic_load(&s->open),
	    (unsigned long long)atomic_load(&s->seq));
}

static int
put_sent(struct buf *b, const struct mock_sent *r, uint64_t seq)
{
	static const unsigned char none[CRYPTO_SHA256];
	char hex[65];

	buf_printf(b, "{\"seq\":%llu,", (unsigned long long)seq);
	put_text(b, "id", str_of(r->id));
	put_text(b, "request_id", str_of(r->req_id));
	put_text(b, "marker", str_of(r->marker));
	put_text(b, "key", str_of(r->key));
	put_text(b, "model", str_of(r->model));
	put_text(b, "endpoint", str_of(r->endpoint));
	put_text(b, "state", str_of(r->done == 0 ? "open" : r->done < 0 ?
	    "aborted" : "complete"));
	buf_printf(b, "\"status\":%d,\"reported\":%s,\"input\":%lld,"
	    "\"output\":%lld,\"cached\":%lld,\"bytes\":%llu,", r->status,
	    r->reported ? "true" : "false", (long long)r->input,
	    (long long)r->output, (long long)r->cached,
	    (unsigned long long)r->bytes);
	if (memcmp(r->req_sha256, none, sizeof(none)) != 0) {
		crypto_hex(hex, r->sha256, 32);
		put_text(b, "sha256", str_of(hex));
		crypto_hex(hex, r->req_sha256, 32);
		put_text(b, "request_sha256", str_of(hex));
	}
	return buf_printf(b, "\"request_bytes\":%llu,\"time_us\":%lld}",
	    (unsigned long long)r->req_bytes, (long long)r->time_us);
}

int
mock_meter_sent(struct mock_shared *s, struct str id, struct buf *b)
{
	uint64_t last = atomic_load(&s->seq), seq;
	unsigned i;

	for (i = 0; i < MOCK_KEEP && i < last; i++) {
		const struct mock_sent *r = &s->sent[(last - i) % MOCK_KEEP];

		if ((seq = atomic_load(&r->seq)) == 0)
			continue;
		if (str_eqc(id, r->id) || str_eqc(id, r->req_id) ||
		    str_eqc(id, r->marker))
			return put_sent(b, r, seq);
	}
	return ERR_NOTFOUND;
}

int
mock_meter_all_sent(struct mock_shared *s, uint64_t since, struct buf *b)
{
	uint64_t last = atomic_load(&s->seq), seq;
	int n = 0, rc = 0;

	if (last > MOCK_KEEP && since < last - MOCK_KEEP)
		since = last - MOCK_KEEP;
	buf_printf(b, "{\"last\":%llu,\"sent\":[", (unsigned long long)last);
	for (seq = since + 1; seq <= last && rc == 0; seq++) {
		const struct mock_sent *r = &s->sent[seq % MOCK_KEEP];

		if (atomic_load(&r->seq) != seq)
			continue;
		buf_printf(b, "%s", n++ == 0 ? "" : ",\n");
		rc = put_sent(b, r, seq);
	}
	return rc != 0 ? rc : buf_printf(b, "]}");
}

static void
put_logged(struct buf *b, const struct mock_logged *l)
{
	put_text(b, "id", str_of(l->id));
	put_text(b, "head", str_make(l->text, l->head_len));
	put_text(b, "body", str_make(l->text + l->head_len, l->body_len));
	buf_printf(b, "\"body_bytes\":%llu,\"truncated\":%s}",
	    (unsigned long long)l->body_bytes,
	    l->body_bytes > l->body_len ? "true" : "false");
}

int
mock_meter_requests(struct mock_shared *s, unsigned n, struct buf *b)
{
	uint64_t last = atomic_load(&s->seq), seq;
	int k = 0;

	if (n > MOCK_LOG)
		n = MOCK_LOG;
	seq = last > n ? last - n : 0;
	buf_printf(b, "{\"requests\":[");
	while (++seq <= last) {
		const struct mock_logged *l = &s->log[seq % MOCK_LOG];

		if (atomic_load(&l->seq) != seq)
			continue;
		buf_printf(b, "%s{\"seq\":%llu,", k++ == 0 ? "" : ",\n",
		    (unsigned long long)seq);
		put_logged(b, l);
	}
	return buf_printf(b, "]}");
}

void
mock_meter_reset(struct mock_shared *s)
{
	unsigned i;
	size_t k;

	for (i = 0; i < MOCK_ROWS; i++)
		if (atomic_load(&s->rows[i].state) == 2)
			for (k = 0; k < COLUMNS; k++)
				atomic_store(cell(&s->rows[i], k), 0);
	for (i = 0; i < MOCK_KEEP; i++)
		atomic_store(&s->sent[i].seq, 0);
	for (i = 0; i < MOCK_LOG; i++)
		atomic_store(&s->log[i].seq, 0);
}
