/*
 * codec.c - what the codecs share.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/crypto.h"
#include "base/err.h"
#include "dialect/codec.h"

#define SEAL "gw1."
#define SEAL_MAX (16u << 20)

static const struct codec *const codecs[DIALECT_COUNT] = {
#define X(id, name, ...) [DIALECT_##id] = &codec_##name,
	DIALECTS(X)
#undef X
};

const struct codec *
codec_get(enum conf_dialect d, int responses)
{
	if (responses)
		return d == DIALECT_OPENAI || d == DIALECT_AZURE ?
		    &codec_responses : NULL;
	return codecs[d];
}

const struct dialect *
dialect_get(enum conf_dialect d)
{
	ASSERT((unsigned)d < DIALECT_COUNT);
	return codecs[d]->tap;
}

void
codec_lose(struct codec_out *o, const char *field)
{
	int strict;

	if (o->note == NULL)
		return;
	/* It is too late to refuse. */
	strict = o->note->strict;
	o->note->strict = 0;
	(void)ir_drop(o->note, field);
	o->note->strict = strict;
}

int
codec_keep(struct arena *a, struct buf *b, struct str s)
{
	size_t was = b->cap;
	int rc = buf_adds(b, s);

	arena_charge(a, was, b->cap);
	return rc;
}

void
codec_drop(struct arena *a, struct buf *b)
{
	arena_charge(a, b->cap, 0);
	buf_free(b);
}

static const char *
said(const struct ir_req *q, const char *chat)
{
	static const struct {
		const char	*chat;
		enum ir_said	 which;
	} rows[] = {
		{ "safety_identifier", IR_SAID_USER },
		{ "user", IR_SAID_USER },
		{ "prompt_cache_breakpoint", IR_SAID_MARK },
		{ "reasoning_effort", IR_SAID_EFFORT },
		{ "show_thoughts", IR_SAID_SHOWN },
		{ "reasoning_content", IR_SAID_THINKING },
		{ "logprobs", IR_SAID_LOGPROBS },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].chat, chat) == 0)
			return q->said[rows[i].which];
	return NULL;
}

const char *
codec_word(const struct ir_req *q, const char *chat)
{
	const struct codec *c = codec_get(q->from, q->responses);
	const char *const (*w)[2], *s = said(q, chat);

	if (s != NULL)
		return s;
	if (c == NULL || c->words == NULL)
		return NULL;
	for (w = c->words; (*w)[0] != NULL; w++)
		if (strcmp((*w)[0], chat) == 0)
			return (*w)[1];
	return NULL;
}

int
codec_fail(struct codec_out *o, enum fault_shape shape, enum fault f,
    struct str text)
{
	o->fault = f;
	o->fault_text = text;
	return fault_write(o->out, shape, f, fault_status(f), text, STR_NULL,
	    str_of(o->id));
}

/* The buffer's content, in the arena. */
static struct str
keep(struct arena *a, struct buf *b)
{
	struct str s = arena_str(a, buf_str(b));

	buf_free(b);
	return s;
}

struct str
codec_seal(struct arena *a, enum conf_dialect from, struct str s)
{
	struct buf b;

	buf_init(&b, SEAL_MAX);
	if (buf_printf(&b, SEAL "%s.", conf_dialect_name(from)) != 0 ||
	    crypto_base64(&b, s) != 0)
		buf_reset(&b);
	return keep(a, &b);
}

int
codec_unseal(struct arena *a, struct str s, enum conf_dialect *from,
    struct str *out)
{
	struct str name;
	struct buf b;
	long at;
	int i;

	if (!str_starts(s, STR(SEAL)))
		return 0;
	s = str_skip(s, sizeof(SEAL) - 1);
	if ((at = str_chr(s, '.')) <= 0)
		return 0;
	name = str_make(s.p, (size_t)at);
	for (i = 0; i < DIALECT_COUNT; i++)
		if (str_eqc(name, conf_dialect_name((enum conf_dialect)i)))
			break;
	if (i == DIALECT_COUNT)
		return 0;
	buf_init(&b, SEAL_MAX);
	if (crypto_unbase64(&b, str_skip(s, (size_t)at + 1)) != 0) {
		buf_free(&b);
		return 0;
	}
	*from = (enum conf_dialect)i;
	*out = keep(a, &b);
	return 1;
}
