/*
 * cred.c - the credential of a provider: its header, and hiding it.
 *
 * Runs in: worker, checker.
 * Owns: the value, in secret memory until the caller's arena is freed.
 */
#include <stdint.h>
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

static struct str
key_at(const struct conf_provider *p, unsigned i)
{
	return secret_empty(p->keys[i].key) ? STR_NULL :
	    secret_reveal(p->keys[i].key);
}

/* The length of the longest key that has less than n bytes, or 0. */
static size_t
next_length(const struct conf_provider *p, size_t n)
{
	size_t most = 0, k;
	unsigned i;

	for (i = 0; i < p->n_keys; i++)
		if ((k = key_at(p, i).n) < n && k > most)
			most = k;
	return most;
}

unsigned
cred_mask(const struct conf_provider *p, char *text, size_t n)
{
	size_t found = 0, length = SIZE_MAX;
	struct str key;
	unsigned i;

	while ((length = next_length(p, length)) >= CRED_MASK_MIN)
		for (i = 0; i < p->n_keys; i++)
			if ((key = key_at(p, i)).n == length)
				found += quote_mask(text, n, key);
	return (unsigned)found;
}

void
cred_mask_cut(const struct conf_provider *p, char *text, size_t n)
{
	struct str key;
	unsigned i;
	size_t k;

	for (i = 0; i < p->n_keys; i++) {
		key = key_at(p, i);
		for (k = key.n < n ? key.n : n; k >= CRED_MASK_MIN; k--)
			if (memcmp(text + n - k, key.p, k) == 0) {
				memset(text + n - k, '*', k);
				break;
			}
	}
}

size_t
cred_mask_span(const struct conf_provider *p)
{
	size_t most = 0, n;
	unsigned i;

	for (i = 0; i < p->n_keys; i++)
		if ((n = quote_span(key_at(p, i))) > most)
			most = n;
	return most;
}

void
cred_probe(const struct secret *key, struct quote_probe *out)
{
	struct str k = secret_empty(key) ? STR_NULL : secret_reveal(key);

	quote_probe_init(out, k.n >= CRED_MASK_MIN ? k : STR_NULL);
}
