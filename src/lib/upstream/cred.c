/*
 * cred.c - the credential of a provider: its header, and hiding it.
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

/* Bytes at s that stand for key, 0: none do. */
static size_t
quoted_at(const char *s, size_t n, struct str key)
{
	size_t i, at = 0;

	for (i = 0; i < key.n; i++, at++) {
		if (key.p[i] == '/' && at + 1 < n && s[at] == '\\' &&
		    s[at + 1] == '/')
			at++;
		if (at >= n || s[at] != key.p[i])
			return 0;
	}
	return at;
}

static unsigned
mask_one(struct str key, char *text, size_t n)
{
	const char *slash = memchr(key.p, '/', key.n);
	struct str head = str_make(key.p, slash == NULL ? key.n :
	    (size_t)(slash - key.p));
	unsigned found = 0;
	size_t k, at = 0;
	long next;

	/* Up to its first slash a key stands as it is. */
	while ((next = str_find(str_make(text + at, n - at), head)) >= 0) {
		at += (size_t)next;
		if ((k = quoted_at(text + at, n - at, key)) == 0) {
			at++;
			continue;
		}
		memset(text + at, '*', k);
		at += k;
		found++;
	}
	return found;
}

unsigned
cred_mask(const struct conf_provider *p, char *text, size_t n)
{
	unsigned i, found = 0;
	struct str key;

	for (i = 0; i < p->n_keys; i++) {
		if (secret_empty(p->keys[i].key))
			continue;
		key = secret_reveal(p->keys[i].key);
		if (key.n >= CRED_MASK_MIN && key.p[0] != '/')
			found += mask_one(key, text, n);
	}
	return found;
}

void
cred_mask_cut(const struct conf_provider *p, char *text, size_t n)
{
	struct str key;
	unsigned i;
	size_t k;

	for (i = 0; i < p->n_keys; i++) {
		if (secret_empty(p->keys[i].key))
			continue;
		key = secret_reveal(p->keys[i].key);
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
	size_t most = 0, n, k;
	unsigned i;
	struct str key;

	for (i = 0; i < p->n_keys; i++) {
		if (secret_empty(p->keys[i].key))
			continue;
		key = secret_reveal(p->keys[i].key);
		for (n = key.n, k = 0; k < key.n; k++)
			n += key.p[k] == '/';
		if (n > most)
			most = n;
	}
	return most;
}

void
cred_probe(const struct secret *key, struct quote_probe *out)
{
	struct str k = secret_empty(key) ? STR("") : secret_reveal(key);
	long slash;

	/* JSON may have more than a slash behind there. */
	if ((slash = str_chr(k, '/')) >= 0)
		k.n = (size_t)slash;
	quote_probe_init(out, k.n >= CRED_MASK_MIN ? k : STR(""));
}
