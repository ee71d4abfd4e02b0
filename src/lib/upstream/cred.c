/*
 * cred.c - the credential header of a provider.
 *
 * Runs in: worker, checker.
 * Owns: the value, in secret memory until the caller's arena is freed.
 */
#include <string.h>

#include "base/err.h"
#include "upstream/cred.h"

static void
forget(void *arg)
{
	struct secret *s = arg;

	secret_free(&s);
}

void
cred_header(struct arena *a, const struct conf_provider *p,
    const struct secret *key, struct hdr *out)
{
	struct str format = str_of(p->auth_format), mark = STR("{key}");
	struct str k = secret_empty(key) ? STR("") : secret_reveal(key);
	long at = str_find(format, mark);
	struct secret *s;
	size_t before, after;
	char *text;

	/* A format without the mark is what stands before the key. */
	before = at < 0 ? format.n : (size_t)at;
	after = at < 0 ? 0 : format.n - before - mark.n;
	s = secret_room(before + k.n + after);
	arena_cleanup(a, forget, s);
	text = secret_text(s);
	memcpy(text, format.p, before);
	if (k.n > 0)
		memcpy(text + before, k.p, k.n);
	memcpy(text + before + k.n, format.p + format.n - after, after);
	out->name = str_of(p->auth_header);
	out->value = secret_reveal(s);
	out->id = hdr_id(out->name);
}
