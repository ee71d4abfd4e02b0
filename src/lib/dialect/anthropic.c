/*
 * anthropic.c - Anthropic Messages: the row, and what its parts share.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/crypto.h"
#include "dialect/an.h"
#include "dialect/wire.h"

#define ID_MAX		128
#define CALL		"call:"
#define KEEP		64	/* of a name that is replaced */

static const char *const counted[] = { "model", "system", "messages", "tools",
	"tool_choice", "thinking", "output_config", "cache_control", NULL };
static const struct codec_count count = {
	.path = "/messages/count_tokens",
	.takes = counted,
	.number = "input_tokens",
	.output = 131072,
};

const struct codec codec_anthropic = {
	.tap = &tap_anthropic,
	.count = &count,
	.like = DIALECT_ANTHROPIC,
	.path = "/messages",
	.name = "anthropic",
	.read = an_read,
	.write = an_write,
	.event = an_event,
	.end = an_end,
	.body = an_body,
	.put = an_put,
	.put_body = an_put_body,
};

void
an_pick(struct jval o, const struct an_key *keys, unsigned n, struct jval *v,
    void (*other)(void *, struct str, struct jval), void *arg)
{
	struct str name;
	struct jval val;
	size_t pos = 0;
	unsigned i;

	for (i = 0; i < n; i++)
		v[i] = (struct jval){ JSCAN_NONE, STR_NULL };
	if (o.type != JSCAN_OBJECT)
		return;
	while (jt_each(o, &pos, &name, &val)) {
		for (i = 0; i < n; i++)
			if (keys[i].n == name.n &&
			    memcmp(keys[i].name, name.p, name.n) == 0)
				break;
		if (i < n)
			v[i] = val;
		else if (other != NULL)
			other(arg, name, val);
	}
}

static int
id_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static int
id_ok(struct str s)
{
	size_t i;

	if (s.n == 0 || s.n > ID_MAX)
		return 0;
	for (i = 0; i < s.n; i++)
		if (!id_char(s.p[i]))
			return 0;
	return 1;
}

struct str
an_id(struct arena *a, struct str s)
{
	unsigned char sum[CRYPTO_SHA256];
	char hex[2 * 8 + 1], keep[KEEP];
	size_t i, n = s.n < KEEP ? s.n : KEEP;

	if (id_ok(s))
		return s;
	crypto_sha256(s, sum);
	crypto_hex(hex, sum, 8);
	for (i = 0; i < n; i++)
		keep[i] = id_char(s.p[i]) ? s.p[i] : '_';
	return str_of(arena_printf(a, "toolu_%.*s_%s", (int)n, keep, hex));
}

struct str
an_schema_tool(const struct ir_req *q)
{
	return q->schema_name.n > 0 ? wire_tool_name(q, q->schema_name) :
	    STR("response");
}

struct str
an_call_seal_make(struct arena *a, struct str id, struct str sig)
{
	char *d = arena_alloc(a, sizeof(CALL) + id.n + 1 + sig.n), *p = d;

	memcpy(p, CALL, sizeof(CALL) - 1);
	p += sizeof(CALL) - 1;
	memcpy(p, id.p, id.n);
	p += id.n;
	*p++ = ':';
	memcpy(p, sig.p, sig.n);
	return str_make(d, (size_t)(p - d) + sig.n);
}

int
an_call_seal(struct str s, struct str *id, struct str *sig)
{
	size_t i;

	if (!str_starts(s, STR(CALL)))
		return 0;
	s = str_skip(s, sizeof(CALL) - 1);
	/* A signature is Base64 and has no colon. */
	for (i = s.n; i > 0; i--)
		if (s.p[i - 1] == ':')
			break;
	if (i == 0)
		return 0;
	*id = str_make(s.p, i - 1);
	*sig = str_skip(s, i);
	return 1;
}

int
an_blank(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && s.p[i] != '\n' && s.p[i] != '\t' &&
		    s.p[i] != '\r')
			return 0;
	return 1;
}
