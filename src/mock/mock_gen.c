/*
 * mock_gen.c - what an answer says, and the order in which it is told.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 *
 * Content is made in pieces, one per token. Plain text is made on the fly;
 * arguments of tools and JSON are made whole and cut into pieces of 8 bytes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/xalloc.h"
#include "mock/mock_gen.h"
#include "mock/mock_text.h"

#define PIECE		8
#define TOKENS		16	/* of an answer when nobody says */
#define THOUGHTS	6	/* pieces of thinking */

int64_t
mock_gen_created(const struct mock_call *c)
{
	return c->m->fixed ? 1767225600 + (int64_t)c->seq :
	    clock_real_us() / CLOCK_US_S;
}

static size_t
piece_at(const struct mock_gen *g, size_t n, unsigned i)
{
	size_t at = (size_t)i * PIECE;

	if (at >= n)
		return n;
	while (at < n && ((unsigned char)g->text[at] & 0xC0) == 0x80)
		at++;
	return at;
}

void
mock_gen_piece(struct buf *b, const struct mock_gen *g, unsigned i)
{
	size_t n, from, to;

	if (g->text == NULL) {
		mock_text_token(b, g->marker, g->seed, i);
		return;
	}
	n = strlen(g->text);
	from = piece_at(g, n, i);
	to = i + 1 >= g->tokens ? n : piece_at(g, n, i + 1);
	buf_add_json(b, str_make(g->text + from, to - from));
}

void
mock_gen_content(struct buf *b, const struct mock_gen *g)
{
	unsigned i;

	for (i = 0; i < g->tokens; i++)
		mock_gen_piece(b, g, i);
}

void
mock_gen_thought(struct buf *b, const struct mock_gen *g, unsigned i)
{
	(void)g;
	if (i == 0)
		buf_adds(b, STR("Thinking"));
	else {
		buf_adds(b, STR(" step "));
		mock_text_num(b, i);
	}
}

void
mock_gen_thoughts(struct buf *b, const struct mock_gen *g)
{
	unsigned i;

	for (i = 0; i < g->think; i++)
		mock_gen_thought(b, g, i);
}

void
mock_gen_now(struct buf *b, const struct mock_gen *g)
{
	if (g->kind == MOCK_THINK)
		mock_gen_thought(b, g, g->piece);
	else
		mock_gen_piece(b, g, g->piece);
}

void
mock_gen_all(struct buf *b, const struct mock_gen *g)
{
	if (g->kind == MOCK_THINK)
		mock_gen_thoughts(b, g);
	else
		mock_gen_content(b, g);
}

void
mock_gen_arguments(struct buf *b, const struct mock_gen *g)
{
	buf_adds(b, str_of(g->text == NULL ? "{}" : g->text));
}

void
mock_gen_number(struct buf *b, const char *name, int64_t n,
    enum mock_usage how)
{
	buf_addc(b, '"');
	buf_adds(b, str_of(name));
	buf_adds(b, STR("\":"));
	switch (how) {
	case MOCK_USAGE_NEGATIVE:
		buf_printf(b, "%lld", (long long)-n - 1);
		break;
	case MOCK_USAGE_HUGE:
		buf_printf(b, "99999999999999999999%lld", (long long)n);
		break;
	case MOCK_USAGE_STRING:
		buf_printf(b, "\"%lld\"", (long long)n);
		break;
	default:
		mock_text_num(b, n);
		break;
	}
}

void
mock_gen_logprob(struct buf *b, const struct mock_gen *g, int google,
    unsigned i)
{
	buf_adds(b, STR("{\"token\":\""));
	mock_gen_piece(b, g, i);
	if (google)
		buf_printf(b, "\",\"tokenId\":%u,\"logProbability\":", i);
	else
		buf_adds(b, STR("\",\"bytes\":null,\"top_logprobs\":[],"
		    "\"logprob\":"));
	buf_printf(b, "-%u.25}", i % 8);
}

void
mock_gen_logprobs(struct buf *b, const struct mock_gen *g, int google)
{
	unsigned i;

	for (i = 0; i < g->tokens; i++) {
		if (i > 0)
			buf_addc(b, ',');
		mock_gen_logprob(b, g, google, i);
	}
}

void
mock_gen_call_id(struct buf *b, const struct mock_gen *g, const char *prefix,
    unsigned n, unsigned i)
{
	char id[64];

	mock_text_id(id, sizeof(id), prefix, n, g->seed + 100 + i);
	buf_adds(b, str_of(id));
}

static void
keep_text(struct mock_gen *g, struct buf *b)
{
	buf_addc(b, '\0');
	free(g->text);
	g->text = xstrdup(buf_ptr(b));
	g->tokens = (unsigned)((strlen(g->text) + PIECE - 1) / PIECE);
}

static int
is_offered(const struct mock_call *c, const char *tool)
{
	char quoted[80];
	int n = snprintf(quoted, sizeof(quoted), "\"%s\"", tool);

	return str_find(c->body, str_make(quoted, (size_t)n)) >= 0;
}

void
mock_gen_tool(struct mock_call *c, struct str name,
    struct json_object *schema)
{
	const struct mock_act *act = &c->a->act;
	struct mock_gen *g = &c->a->gen;
	struct buf b;

	if (act->tool[0] != '\0') {
		if (!is_offered(c, act->tool))
			return;
		name = str_of(act->tool);
	}
	buf_init(&b, 1u << 20);
	str_copy(g->tool, sizeof(g->tool), name);
	g->calls = act->calls > 0 ? (unsigned)act->calls : 1;
	if (act->args[0] != '\0')
		buf_adds(&b, str_of(act->args));
	else if (schema != NULL)
		mock_text_schema(&b, schema, g->marker[0] != '\0' ?
		    g->marker : "value");
	else
		buf_adds(&b, STR("{}"));
	keep_text(g, &b);
	buf_free(&b);
}

void
mock_gen_json(struct mock_call *c, struct json_object *schema)
{
	struct mock_gen *g = &c->a->gen;
	struct buf b;

	buf_init(&b, 1u << 20);
	if (schema != NULL)
		mock_text_schema(&b, schema, g->marker[0] != '\0' ?
		    g->marker : "text");
	else
		buf_printf(&b, "{\"answer\":\"[[marker:%s]]\",\"number\":7}",
		    g->marker);
	keep_text(g, &b);
	buf_free(&b);
}

void
mock_gen_cut(struct mock_gen *g, int64_t most)
{
	if (most <= 0 || g->tokens <= most)
		return;
	g->tokens = (unsigned)most;
	g->finish = "length";
	if (g->text != NULL)
		g->text[piece_at(g, strlen(g->text), g->tokens)] = '\0';
}

void
mock_gen_init(struct mock_call *c)
{
	struct mock_gen *g = &c->a->gen;

	str_copy(g->model, sizeof(g->model), str_of(c->model));
	str_copy(g->marker, sizeof(g->marker), c->marker);
	g->seed = mock_text_mix(c->m->seed + c->seq);
	g->created = mock_gen_created(c);
	g->choices = 1;
	g->tokens = c->a->act.tokens >= 0 ? (unsigned)c->a->act.tokens :
	    TOKENS;
	g->finish = "stop";
}

void
mock_gen_plan(struct mock_call *c, const struct mock_ask *ask)
{
	const struct mock_act *act = &c->a->act;
	struct mock_tokens *t = &c->a->tokens;
	struct mock_gen *g = &c->a->gen;

	mock_gen_init(c);
	if (ask->tool.p != NULL && !act->no_tool)
		mock_gen_tool(c, ask->tool, ask->arguments);
	else if (ask->json)
		mock_gen_json(c, ask->schema);
	if (g->calls > 0)
		g->finish = "tool_calls";
	else
		mock_gen_cut(g, ask->most);
	t->reasoning = act->reasoning >= 0 ? act->reasoning : ask->thinking;
	if (t->reasoning > 0 && ask->shown)
		g->think = THOUGHTS;
	if (ask->choices > 1 && ask->choices <= 8)
		g->choices = ask->choices;
	t->output = (int64_t)g->tokens * g->choices *
	    (g->calls > 0 ? g->calls : 1) + t->reasoning;
	t->input = ask->input;
	if (act->cached >= 0)
		t->cached = act->cached;
	else if (ask->caches && t->input >= 1024)
		t->cached = t->written = t->input / 4;
	if (t->cached > t->input)
		t->cached = t->input;
}

static void
open_block(struct mock_gen *g, enum mock_kind kind)
{
	if (kind == MOCK_TEXT && g->tokens == 0)
		kind = MOCK_NONE;
	g->kind = kind;
	g->piece = 0;
}

void
mock_gen_first(struct mock_gen *g)
{
	g->block = g->call = 0;
	open_block(g, g->think > 0 ? MOCK_THINK : g->calls > 0 ? MOCK_CALL :
	    MOCK_TEXT);
}

void
mock_gen_follow(struct mock_gen *g)
{
	g->block++;
	if (g->kind == MOCK_THINK)
		open_block(g, g->calls > 0 ? MOCK_CALL : MOCK_TEXT);
	else if (g->kind == MOCK_CALL && ++g->call < g->calls)
		open_block(g, MOCK_CALL);
	else
		open_block(g, MOCK_NONE);
}

static void
advance(struct mock_gen *g)
{
	unsigned n = g->kind == MOCK_THINK ? g->think : g->tokens;

	switch (g->part) {
	case MOCK_BEGIN:
		mock_gen_first(g);
		break;
	case MOCK_START:
		g->part = n > 0 ? MOCK_PIECE : MOCK_CLOSE;
		return;
	case MOCK_PIECE:
		if (g->kind != MOCK_THINK)
			g->token++;
		if (++g->piece == n)
			g->part = MOCK_CLOSE;
		return;
	case MOCK_CLOSE:
		mock_gen_follow(g);
		break;
	case MOCK_FINISH:
	case MOCK_LAST:
		g->part = MOCK_LAST;
		return;
	}
	g->part = g->kind == MOCK_NONE ? MOCK_FINISH : MOCK_START;
}

/* Parts that a dialect has no event for write nothing. */
static enum mock_next
walk(struct mock_answer *a, struct buf *b)
{
	struct mock_gen *g = &a->gen;

	do {
		g->put(a, b, g->part);
		if (g->part == MOCK_LAST)
			return MOCK_NEXT_END;
		advance(g);
	} while (buf_len(b) == 0);
	return g->part == MOCK_PIECE ? MOCK_NEXT_TOKEN : MOCK_NEXT_NOW;
}

void
mock_gen_walk(struct mock_answer *a, const char *ctype,
    void (*put)(struct mock_answer *a, struct buf *b, enum mock_part part))
{
	a->ctype = ctype;
	a->gen.put = put;
	a->gen.part = MOCK_BEGIN;
	a->next = walk;
}

void
mock_gen_sign(struct buf *b, const char *kind, struct str text)
{
	unsigned char sha[CRYPTO_SHA256];
	char raw[64];
	size_t n = strlen(kind);

	crypto_sha256(text, sha);
	memcpy(raw, kind, n);
	raw[n++] = ' ';
	crypto_hex(raw + n, sha, 12);
	crypto_base64(b, str_make(raw, n + 24));
}

int
mock_gen_signed(struct str signature, const char *kind, struct str text)
{
	struct buf b;
	int yes;

	buf_init(&b, 1u << 20);
	if (text.p != NULL) {
		mock_gen_sign(&b, kind, text);
		yes = str_eq(buf_str(&b), signature);
	} else
		yes = crypto_unbase64(&b, signature) == 0 &&
		    str_starts(buf_str(&b), str_of(kind));
	buf_free(&b);
	return yes;
}

const char *const *
mock_gen_models(const struct mock_call *c, const char *const *usual)
{
	const struct mock_conf *conf = mock_conf_get(c->m->sh, &c->m->conf);

	return conf->models == NULL ? usual :
	    (const char *const *)conf->models;
}
