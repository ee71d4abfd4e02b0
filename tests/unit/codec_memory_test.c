/*
 * codec_memory_test.c - a long translated stream holds no more than a short one.
 *
 * Each provider's format is written by its own codec, so every pair is one row.
 */
#include "base/err.h"
#include "dialect/codec.h"
#include "tap.h"

#define OUT_MAX (1u << 20)

static const struct {
	enum conf_dialect d;
	int		 responses;
} rows[] = {
	{ DIALECT_OPENAI, 0 }, { DIALECT_OPENAI, 1 },
	{ DIALECT_ANTHROPIC, 0 }, { DIALECT_GEMINI, 0 },
	{ DIALECT_MISTRAL, 0 }, { DIALECT_GROQ, 0 },
	{ DIALECT_OLLAMA, 0 }
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* A provider writes into wire, which in reads and out writes for a client. */
struct pipe {
	const struct codec *from, *to;
	struct arena	*source, *a, *tmp;
	struct ir_req	 q;
	struct codec_out says, out;
	struct codec_in	 in;
	struct buf	 wire, answer;
	uint64_t	 texts;		/* bytes that the client got */
	int		 rc, ended;
};

static void
put(void *arg, const struct ir_event *ev)
{
	struct pipe *p = arg;

	if (ev->kind == IR_EV_TEXT || ev->kind == IR_EV_THINKING)
		p->texts += ev->text.n;
	p->ended |= ev->kind == IR_EV_END;
	if (p->rc == 0)
		p->rc = p->to->put(&p->out, ev);
}

static void
begin(struct pipe *p, size_t from, size_t to)
{
	memset(p, 0, sizeof(*p));
	p->source = arena_new(4096);
	p->a = arena_new(4096);
	p->tmp = arena_new(4096);
	p->from = codec_get(rows[from].d, rows[from].responses);
	p->to = codec_get(rows[to].d, rows[to].responses);
	ir_req_init(&p->q, p->source, rows[to].d);
	p->q.responses = rows[to].responses;
	p->q.show_thoughts = 1;
	p->q.think = IR_ADAPTIVE;
	buf_init(&p->wire, OUT_MAX);
	buf_init(&p->answer, OUT_MAX);
	p->says = (struct codec_out){ .a = p->source, .out = &p->wire,
	    .req = &p->q, .id = "req_1", .model = STR("m") };
	p->out = (struct codec_out){ .a = p->a, .tmp = p->tmp,
	    .out = &p->answer, .req = &p->q, .id = "req_2",
	    .model = STR("m") };
	p->in = (struct codec_in){ .a = p->a, .tmp = p->tmp, .emit = put,
	    .arg = p, .req = &p->q };
}

static void
end(struct pipe *p)
{
	arena_free(&p->source);
	arena_free(&p->a);
	arena_free(&p->tmp);
	buf_free(&p->wire);
	buf_free(&p->answer);
}

static void
say(struct pipe *p, struct ir_event ev)
{
	struct sse_event e;
	size_t seen = 0;
	long n;

	EQ_INT(p->from->put(&p->says, &ev), 0);
	while ((n = frame_next(p->from->frame, buf_str(&p->wire), &seen,
	    &e)) > 0) {
		EQ_INT(p->from->event(&p->in, &e), 0);
		buf_consume(&p->wire, (size_t)n);
		arena_reset(p->tmp);
		buf_reset(&p->answer);
		seen = 0;
	}
	EQ_INT(p->rc, 0);
}

static size_t
held(const struct pipe *p)
{
	return arena_size(p->a) + arena_size(p->tmp);
}

/* n events of which every `other`th is of another kind; 0: none is. */
static void
stream(struct pipe *p, unsigned n, unsigned other, size_t *early,
    size_t *late)
{
	static const char words[] = "A \"text\"\nwith caf\xc3\xa9, and more";
	struct ir_event ev = { .text = str_make(words, sizeof(words) - 1) };
	unsigned i;

	say(p, (struct ir_event){ .kind = IR_EV_START, .id = STR("a"),
	    .model = STR("m") });
	for (i = 0; i < n; i++) {
		ev.kind = other > 0 && i % other == 0 ? IR_EV_THINKING :
		    IR_EV_TEXT;
		say(p, ev);
		if (i == n / 10)
			*early = held(p);
	}
	*late = held(p);
	say(p, (struct ir_event){ .kind = IR_EV_FINISH, .finish = IR_STOP,
	    .native = STR("stop") });
	say(p, (struct ir_event){ .kind = IR_EV_USAGE,
	    .usage = { .input = 1, .output = 1 } });
	say(p, (struct ir_event){ .kind = IR_EV_END });
	if (!p->ended)
		EQ_INT(p->from->end(&p->in), 0);
	OK(p->ended);
	OK(p->texts >= (uint64_t)n * (sizeof(words) - 1));
}

static void
row(size_t from, size_t to, unsigned n, unsigned other)
{
	size_t early = 0, late = 0;
	struct pipe p;

	begin(&p, from, to);
	stream(&p, n, other, &early, &late);
	/* A Responses client gets all texts again at the end; a provider
	 * numbers items, at most 4,096. */
	if (late > early + (rows[to].responses ? 2 * p.texts + n * 1000 :
	    rows[from].responses ? n * 48 + 4096 : 4096))
		tap_fail(__FILE__, __LINE__, "%s to %s: %zu bytes, then %zu",
		    p.from->name, p.to->name, early, late);
	end(&p);
}

TEST(of_every_pair)
{
	size_t i, k;

	for (i = 0; i < N_ROWS; i++)
		for (k = 0; k < N_ROWS; k++)
			row(i, k, 2000, 0);
}

TEST(of_text_and_thoughts_by_turns)
{
	size_t i, k;

	for (i = 0; i < N_ROWS; i++)
		for (k = 0; k < N_ROWS; k++)
			row(i, k, 500, 2);
}

TEST(of_100000_events)
{
	row(0, 2, 100000, 0);
	row(2, 0, 100000, 0);
	row(3, 0, 100000, 3);
}

TAP_BEGIN
TAP_ROW(of_every_pair)
TAP_ROW(of_text_and_thoughts_by_turns)
TAP_ROW(of_100000_events)
TAP_END
