/*
 * cred.c - the credential header of a provider.
 *
 * Runs in: worker, checker.
 * Owns: the value, in the caller's arena, wiped when that is freed.
 */
#include <string.h>

#include "base/err.h"
#include "upstream/cred.h"

struct wipe {
	char	*p;
	size_t	 n;
};

static void
wipe(void *arg)
{
	struct wipe *w = arg;

	secret_wipe(w->p, w->n);
}

void
cred_header(struct arena *a, const struct conf_provider *p,
    const struct secret *key, struct hdr *out)
{
	struct str format = str_of(p->auth_format), mark = STR("{key}");
	struct str k = secret_empty(key) ? STR("") : secret_reveal(key);
	struct wipe *w = arena_alloc(a, sizeof(*w));
	long at = str_find(format, mark);
	size_t before, after;

	/* A format without the mark is what stands before the key. */
	before = at < 0 ? format.n : (size_t)at;
	after = at < 0 ? 0 : format.n - before - mark.n;
	w->n = before + k.n + after;
	w->p = arena_alloc(a, w->n + 1);
	memcpy(w->p, format.p, before);
	if (k.n > 0)
		memcpy(w->p + before, k.p, k.n);
	memcpy(w->p + before + k.n, format.p + format.n - after, after);
	w->p[w->n] = '\0';
	arena_cleanup(a, wipe, w);
	out->name = str_of(p->auth_header);
	out->value = str_make(w->p, w->n);
	out->id = hdr_id(out->name);
}
