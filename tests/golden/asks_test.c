/*
 * asks_test.c - what providers of other formats get of a client's requests.
 *
 * Every request of matrix.rows, and every recorded one where AIGW_TRANSCRIPTS
 * has them, is written for the providers of all formats, its own too. What does
 * not say the same is told by letters (and must be reported), or by the name of
 * the member that it is refused for.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"

static struct rig r;

/* What differs for that provider: "-" nothing. */
static const char *
cell(const char *body, const struct ask *was, int client, int provider,
    const char *model)
{
	const char *s = golden_write(&r, body, client, provider, model, 0), *d;
	struct ask now;

	if (s == NULL && (r.note.message == NULL || r.note.param == NULL))
		return "?";
	if (s == NULL)
		return arena_printf(r.a, "!%.30s", r.note.param);
	ask_at(&now, r.a, provider, s);
	d = ask_compare(r.a, was, &now);
	ask_free(&now);
	if (*d == '\0')
		return "-";
	/* What is said otherwise is reported; but Ollama has no word for "none",
	 * and leaving the tools out is the same. */
	if (r.note.n > 0 || (provider == OL && strcmp(d, "o") == 0 &&
	    (strstr(body, "\"none\"") != NULL ||
	    strstr(body, "\"NONE\"") != NULL)))
		return d;
	printf("# %s>%s without a word: %s\n# %s\n# %s\n",
	    formats[client].name, formats[provider].name, d, body, s);
	return "?";
}

static const char *
line_of(const char *name, const char *body, int client)
{
	const char *line = arena_printf(r.a, "%s %s", formats[client].name,
	    name);
	struct ask was;
	int p;

	ask_at(&was, r.a, client, body);
	for (p = 0; p < FORMATS; p++)
		line = arena_printf(r.a, "%s %s %s", line, formats[p].name,
		    cell(body, &was, client, p, formats[p].model));
	ask_free(&was);
	return arena_printf(r.a, "%s\n", line);
}

static int
is_line(const char **want, const char *line)
{
	size_t n = strlen(line);

	printf("# %s", line);
	if (strncmp(*want, line, n) == 0) {
		*want += n;
		return 1;
	}
	printf("# but: %.*s\n", (int)strcspn(*want, "\n"), *want);
	*want += strcspn(*want, "\n");
	*want += **want == '\n';
	return 0;
}

static const char *
table(const char *name)
{
	const char *want = golden_file(&r, name);

	while (*want == '#')
		want += strcspn(want, "\n") + 1;
	return want;
}

TEST(asks)
{
	const struct row *row;
	const char *want, *patch, *body;
	struct json_object *o, *p;
	int c, same = 1;

	rig_new(&r);
	want = table("asks.table");
	for (row = rows_read(&r); row != NULL; row = row->next)
		for (c = 0; c < FORMATS; c++) {
			patch = row_find(row, '<', c, c);
			if (patch == NULL || strstr(patch, "${") != NULL)
				continue;
			o = probe_parse(formats[c].base);
			p = probe_parse(patch);
			probe_merge(o, p);
			body = arena_strdup(r.a, json_object_to_json_string_ext(
			    o, JSON_C_TO_STRING_PLAIN |
			    JSON_C_TO_STRING_NOSLASHESCAPE));
			json_object_put(o);
			json_object_put(p);
			same &= is_line(&want, line_of(row->name, body, c));
		}
	OK(same);
	EQ_STR(want, "");
	rig_free(&r);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

#define NAMES_MAX 128

static unsigned
names_of(const char *dir, const char **names)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	unsigned n = 0;

	OK(d != NULL);
	while ((e = readdir(d)) != NULL)
		if (strstr(e->d_name, ".request.json") != NULL &&
		    strncmp(e->d_name, "count-", 6) != 0 && n < NAMES_MAX)
			names[n++] = arena_strdup(r.a, e->d_name);
	closedir(d);
	qsort(names, n, sizeof(*names), by_name);
	return n;
}

TEST(recorded)
{
	const char *dir = getenv("AIGW_TRANSCRIPTS"), *names[NAMES_MAX],
	    *want;
	unsigned i, n;
	struct str s;
	int c, same = 1;

	if (dir == NULL)
		tap_skip("AIGW_TRANSCRIPTS names no folder");
	rig_new(&r);
	want = table("recorded_asks.table");
	for (c = 0; c < FORMATS; c++) {
		if (formats[c].folder == NULL)
			continue;
		n = names_of(arena_printf(r.a, "%s/%s", dir,
		    formats[c].folder), names);
		for (i = 0; i < n; i++) {
			s = rig_file(&r, arena_printf(r.a, "%s/%s",
			    formats[c].folder, names[i]));
			same &= is_line(&want, line_of(arena_strndup(r.a,
			    names[i], strcspn(names[i], ".")),
			    arena_strndup(r.a, s.p, s.n), c));
		}
	}
	OK(same);
	EQ_STR(want, "");
	rig_free(&r);
}

TAP_BEGIN
TAP_ROW(asks)
TAP_ROW(recorded)
TAP_END
