/*
 * codec_bench.c - what it takes to translate an event of a stream.
 *
 * Runs in: tests/bench/run.
 * Owns: nothing.
 *
 *	codec_bench                every pair: nanoseconds for each event
 *	codec_bench FROM TO N      N events of one pair, once; to count
 *	                           instructions, the difference of two N
 *
 * Events are read as the worker reads them, and written for a client.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "dialect/codec.h"

#define OUT_MAX		(256u << 20)
#define EVENTS		2000
#define ROUNDS		15

static const struct {
	const char	*name;
	enum conf_dialect d;
	int		 responses;
} rows[] = {
	{ "chat", DIALECT_OPENAI, 0 }, { "responses", DIALECT_OPENAI, 1 },
	{ "messages", DIALECT_ANTHROPIC, 0 }, { "gemini", DIALECT_GEMINI, 0 },
	{ "mistral", DIALECT_MISTRAL, 0 }, { "groq", DIALECT_GROQ, 0 },
	{ "ollama", DIALECT_OLLAMA, 0 },
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

struct run {
	const struct codec *from, *to;
	struct codec_out out;
	int		 rc;
};

static void
put(void *arg, const struct ir_event *ev)
{
	struct run *r = arg;

	if (r->rc == 0)
		r->rc = r->to->put(&r->out, ev);
}

/* What a provider sends for n pieces of a word or two. */
static void
make_stream(const struct codec *c, enum conf_dialect d, unsigned n,
    struct buf *b)
{
	struct arena *a = arena_new(4096);
	struct ir_event ev = { .kind = IR_EV_START, .id = STR("id-1"),
	    .model = STR("model-1") };
	struct codec_out o = { .a = a, .out = b, .id = "req_1",
	    .model = STR("model-1") };
	struct ir_req q;
	unsigned i;

	ir_req_init(&q, a, d);
	o.req = &q;
	ASSERT(c->put(&o, &ev) == 0);
	for (i = 0; i < n; i++) {
		ev = (struct ir_event){ .kind = IR_EV_TEXT,
		    .text = STR(" tokens and") };
		ASSERT(c->put(&o, &ev) == 0);
	}
	arena_free(&a);
}

/* Translate it; what was written is thrown away event by event. Callgrind is
 * told to count inside of it. */
__attribute__((noinline)) static void
translate(size_t from, size_t to, struct str text)
{
	struct arena *a = arena_new(4096), *tmp = arena_new(2048);
	struct run r = { .from = codec_get(rows[from].d, rows[from].responses),
	    .to = codec_get(rows[to].d, rows[to].responses) };
	struct codec_in in = { .a = a, .tmp = tmp, .emit = put, .arg = &r };
	struct sse_event ev;
	struct ir_req q;
	size_t seen = 0;
	struct buf b;
	long n;

	ir_req_init(&q, a, rows[to].d);
	q.responses = rows[to].responses;
	buf_init(&b, OUT_MAX);
	r.out = (struct codec_out){ .a = a, .tmp = tmp, .out = &b, .req = &q,
	    .id = "req_2", .model = STR("model-1") };
	in.req = &q;
	while (text.n > 0 && (n = frame_next(r.from->frame, text, &seen,
	    &ev)) > 0) {
		ASSERT(r.from->event(&in, &ev) == 0 && r.rc == 0);
		arena_reset(tmp);
		buf_reset(&b);
		text = str_skip(text, (size_t)n);
		seen = 0;
	}
	buf_free(&b);
	arena_free(&a);
	arena_free(&tmp);
}

static double
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* The best of some rounds, for each event. */
static double
measure(size_t from, size_t to)
{
	double best = 1e18, t;
	struct buf b;
	int i;

	buf_init(&b, OUT_MAX);
	make_stream(codec_get(rows[from].d, rows[from].responses),
	    rows[from].d, EVENTS, &b);
	for (i = 0; i < ROUNDS; i++) {
		t = now_ns();
		translate(from, to, buf_str(&b));
		t = now_ns() - t;
		if (t < best)
			best = t;
	}
	buf_free(&b);
	return best / EVENTS;
}

static size_t
row(const char *name)
{
	size_t i;

	for (i = 0; i < N_ROWS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return i;
	fprintf(stderr, "no dialect %s\n", name);
	exit(2);
}

int
main(int argc, char **argv)
{
	size_t i, k;
	struct buf b;

	if (argc == 4) {
		i = row(argv[1]);
		k = row(argv[2]);
		buf_init(&b, OUT_MAX);
		make_stream(codec_get(rows[i].d, rows[i].responses), rows[i].d,
		    (unsigned)atoi(argv[3]), &b);
		translate(i, k, buf_str(&b));
		buf_free(&b);
		return 0;
	}
	for (i = 0; i < N_ROWS; i++)
		for (k = 0; k < N_ROWS; k++)
			if (i != k)
				printf("%s %s %.0f\n", rows[i].name,
				    rows[k].name, measure(i, k));
	return 0;
}
