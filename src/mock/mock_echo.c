/*
 * mock_echo.c - paths of no dialect: /echo, /bytes/N, /status/N, /sse/N.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 *
 * For tests of the raw proxy: what arrived comes back as JSON, and bodies of
 * any size and status can be had. Any unknown path is echoed too.
 */
#include <stdio.h>

#include "base/num.h"
#include "mock/mock_answer.h"
#include "mock/mock_echo.h"
#include "mock/mock_openai.h"
#include "mock/mock_request.h"
#include "mock/mock_text.h"

static void
echo(struct mock_call *c)
{
	struct buf *b = &c->a->body;
	unsigned char sha[CRYPTO_SHA256];
	char hex[65];
	unsigned i;

	buf_addc(b, '{');
	mock_text_member(b, "method", c->head->method_text);
	buf_addc(b, ',');
	mock_text_member(b, "target", c->head->target);
	buf_adds(b, STR(",\"headers\":["));
	for (i = 0; i < c->head->n; i++) {
		buf_adds(b, i == 0 ? STR("{") : STR(",{"));
		mock_text_member(b, "name", c->head->h[i].name);
		buf_addc(b, ',');
		mock_text_member(b, "value", c->head->h[i].value);
		buf_addc(b, '}');
	}
	crypto_sha256(c->body, sha);
	crypto_hex(hex, sha, sizeof(sha));
	buf_printf(b, "],\"body_bytes\":%zu,\"body_sha256\":\"%s\",",
	    c->body.n, hex);
	mock_text_member(b, "body", str_make(c->body.p,
	    c->body.n < 1u << 20 ? c->body.n : 1u << 20));
	buf_addc(b, '}');
}

/* The number after the last '/' of the path, dflt when there is none. */
static uint64_t
last_number(const struct mock_call *c, uint64_t dflt)
{
	struct str path = c->head->path;
	size_t i = path.n;
	uint64_t n;

	while (i > 0 && path.p[i - 1] != '/')
		i--;
	return num_u64(str_skip(path, i), &n) == 0 ? n : dflt;
}

/* Blocks of text that say where they are, so that loss is seen. */
static enum mock_next
bytes_next(struct mock_answer *a, struct buf *b)
{
	struct mock_gen *g = &a->gen;
	char line[80];
	uint64_t n;
	int i;

	for (i = 0; i < 256 && g->at < g->total; i++) {
		snprintf(line, sizeof(line), "%063llu\n",
		    (unsigned long long)g->at);
		n = g->total - g->at < 64 ? g->total - g->at : 64;
		buf_add(b, line, (size_t)n);
		g->at += n;
	}
	return g->at < g->total ? MOCK_NEXT_NOW : MOCK_NEXT_END;
}

static void
bytes(struct mock_call *c)
{
	uint64_t n = last_number(c, 0);

	c->a->ctype = "application/octet-stream";
	if (n > 1ull << 40)
		n = 1ull << 40;
	c->a->gen.total = n;
	c->a->next = bytes_next;
	c->a->length = (int64_t)n;
	if (mock_request_query(c, "chunked").p != NULL)
		c->a->length = -1;
}

static void
status(struct mock_call *c)
{
	uint64_t n = last_number(c, 200);
	char text[64];

	if (n < 200 || n > 999)
		n = 400;
	mock_answer_set(c->a, (int)n, "text/plain");
	snprintf(text, sizeof(text), "status %d\n", (int)n);
	if (n != 204 && n != 304)
		buf_adds(&c->a->body, str_of(text));
}

static enum mock_next
sse_next(struct mock_answer *a, struct buf *b)
{
	struct mock_gen *g = &a->gen;

	if (g->token == g->tokens) {
		buf_adds(b, STR("data: [DONE]\n\n"));
		return MOCK_NEXT_END;
	}
	buf_printf(b, "id: %u\ndata: {\"n\":%u}\n\n", g->token, g->token);
	g->token++;
	return g->token < g->tokens ? MOCK_NEXT_TOKEN : MOCK_NEXT_NOW;
}

static void
sse(struct mock_call *c)
{
	c->a->ctype = "text/event-stream";
	c->a->gen.tokens = (unsigned)last_number(c, 10);
	c->a->next = sse_next;
}

static const struct mock_endpoint endpoints[] = {
	{ "*", "*/bytes/*", "bytes", 0, bytes },
	{ "*", "*/status/*", "status", 0, status },
	{ "*", "*/sse/*", "sse", 0, sse },
	{ "*", "*", "echo", 0, echo },
	{ NULL, NULL, NULL, 0, NULL }
};

const struct mock_dialect mock_echo = {
	"echo", endpoints, mock_openai_error, NULL
};
