/*
 * unknown.c - members of a request that this gateway knows nothing of.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * Their names are the client's: what is told of them goes into a header.
 */
#include "dialect/unknown.h"

#define MOST	 24		/* names; the others are "others" */
#define NAME_MAX_LEN 40		/* bytes of one */

static int
is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

static int
is_there(const struct ir_req *q, const char *name)
{
	const struct ir_extra *e;

	for (e = q->extra; e != NULL; e = e->next)
		if (strcmp(e->name, name) == 0)
			return 1;
	return 0;
}

void
unknown_add(struct ir_req *q, const char *where, struct str key,
    struct jval v)
{
	char *name;
	size_t i, n = strlen(where);

	if (!jt_is(v) || q->n_unknown > MOST)
		return;
	if (key.n > NAME_MAX_LEN)
		key.n = NAME_MAX_LEN;
	name = arena_printf(q->a, "%s%.*s", where, STR_ARG(key));
	for (i = n; name[i] != '\0'; i++)
		if (!is_plain(name[i]))
			name[i] = '_';
	if (is_there(q, name))
		return;
	if (q->n_unknown++ == MOST)
		name = arena_strdup(q->a, "others");
	ir_extra_add(q, name, v.raw);
	q->last_extra->inner = 1;
}

/* Is it one of "name|arguments|"? */
static int
is_one(struct str key, const char *of)
{
	size_t n;

	for (; *of != '\0'; of += n + 1) {
		n = strcspn(of, "|");
		if (n == key.n && memcmp(of, key.p, n) == 0)
			return 1;
	}
	return 0;
}

void
unknown_in(struct ir_req *q, const char *where, struct jval o,
    const char *known)
{
	struct str key;
	struct jval v;
	size_t pos = 0;

	if (o.type != JSCAN_OBJECT)
		return;
	while (jt_each(o, &pos, &key, &v))
		if (!is_one(key, known))
			unknown_add(q, where, key, v);
}
