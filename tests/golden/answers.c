/*
 * answers.c - the answers of providers that golden tests go through.
 *
 * Runs in: golden tests.
 * Owns: nothing.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"

/* The answer behind "== NAME KIND"; what follows it. */
static char *
next_answer(struct rig *r, char *s, struct answer *a)
{
	char *head = s + 3, *body = strchr(s, '\n') + 1, *end, *d;
	size_t i;

	end = strstr(body, "\n== ");
	end = end == NULL ? body + strlen(body) : end + 1;
	a->name = arena_strndup(r->a, head, strcspn(head, " "));
	a->stream = strncmp(head + strlen(a->name) + 1, "sse", 3) == 0;
	a->n = (size_t)(end - body);
	a->bytes = arena_strndup(r->a, body, a->n);
	if (a->format != GE || !a->stream)
		return end;
	/* Google's lines end with CR LF. */
	a->bytes = d = arena_alloc(r->a, 2 * a->n + 1);
	for (i = 0; i < a->n; i++) {
		if (body[i] == '\n')
			*d++ = '\r';
		*d++ = body[i];
	}
	a->n = (size_t)(d - a->bytes);
	return end;
}

void
answers_own(struct rig *r, answer_fn *fn)
{
	struct answer a;
	char *s;

	for (a.format = 0; a.format < FORMATS; a.format++) {
		s = arena_strdup(r->a, golden_file(r, arena_printf(r->a,
		    "answers.%s", formats[a.format].name)));
		while (*s != '\0') {
			s = next_answer(r, s, &a);
			fn(r, &a);
		}
	}
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
is_wanted(const char *name, const char *begin)
{
	static const char *const others[] = { "error-", "count-", "models-" };
	size_t i;

	if (strstr(name, ".response.") == NULL)
		return 0;
	if (begin != NULL)
		return strncmp(name, begin, strlen(begin)) == 0;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strncmp(name, others[i], strlen(others[i])) == 0)
			return 0;
	return 1;
}

unsigned
answers_names(struct rig *r, int format, const char *begin,
    const char **names)
{
	const char *dir = getenv("AIGW_TRANSCRIPTS");
	struct dirent *e;
	unsigned n = 0;
	DIR *d;

	if (dir == NULL) {
		rig_free(r);
		tap_skip("AIGW_TRANSCRIPTS names no folder");
	}
	if (formats[format].folder == NULL)
		return 0;
	d = opendir(arena_printf(r->a, "%s/%s", dir, formats[format].folder));
	OK(d != NULL);
	while ((e = readdir(d)) != NULL)
		if (is_wanted(e->d_name, begin) && n < ANSWERS_MAX)
			names[n++] = arena_strdup(r->a, e->d_name);
	closedir(d);
	qsort(names, n, sizeof(*names), by_name);
	return n;
}

void
answers_recorded(struct rig *r, answer_fn *fn)
{
	const char *names[ANSWERS_MAX];
	struct answer a;
	unsigned i, n;
	struct str s;

	for (a.format = 0; a.format < FORMATS; a.format++) {
		n = answers_names(r, a.format, NULL, names);
		for (i = 0; i < n; i++) {
			s = rig_file(r, arena_printf(r->a, "%s/%s",
			    formats[a.format].folder, names[i]));
			a.name = arena_strndup(r->a, names[i],
			    strcspn(names[i], "."));
			a.stream = strstr(names[i], ".sse") != NULL;
			a.bytes = s.p;
			a.n = s.n;
			fn(r, &a);
		}
	}
}
