/*
 * openai_chat_fuzz.c - what the OpenAI chat tap makes of any bytes.
 *
 * Runs in: the fuzzer, and "make check" on its corpus.
 * Owns: nothing.
 *
 * As a stream, event by event, and as a whole answer. A tap is fed by a
 * provider: it may be told nonsense, but its own numbers stay within bounds.
 * What it remembers of an event changes nothing of what it sees in the next.
 */
#include "base/err.h"
#include "dialect/dialect.h"
#include "fuzz.h"

static void
check(const struct tap *t, size_t size)
{
	ASSERT(memchr(t->error_text, '\0', sizeof(t->error_text)) != NULL);
	ASSERT(t->text_bytes <= size);
}

/* One that remembers, and one that remembers nothing. */
static void
both(struct tap *t, struct tap *fresh, const struct sse_event *ev)
{
	struct jfind_memo memo = { 0 };

	dialect_openai_chat.event(t, ev);
	fresh->memo = memo;
	dialect_openai_chat.event(fresh, ev);
	memo = t->memo;
	t->memo = fresh->memo;
	ASSERT(memcmp(t, fresh, sizeof(*t)) == 0);
	t->memo = memo;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct dialect *d = &dialect_openai_chat;
	struct str text = str_make((const char *)data, size);
	struct sse_event ev;
	struct tap t, fresh;
	size_t seen = 0, from = 0;
	long n;

	memset(&t, 0, sizeof(t));
	memset(&fresh, 0, sizeof(fresh));
	while ((n = sse_next(str_skip(text, from), &seen, &ev)) > 0) {
		from += (size_t)n;
		both(&t, &fresh, &ev);
		check(&t, size);
	}
	memset(&t, 0, sizeof(t));
	(void)d->body(&t, text, NULL);
	check(&t, size);
	return 0;
}
