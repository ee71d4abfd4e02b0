/*
 * fields_test.c - is any member of a request lost without a word?
 *
 * fields.rows has the members of each format's chat requests, by their published
 * descriptions, and some that nobody knows: a request without the member and
 * one with it. Both are written for each other format. The member is carried
 * when the bytes differ, told when the notes say more, or the request is
 * refused by name. Anything else needs a reason in fields.silent.
 * What is told is told in the client's words: one of the names on the way to
 * the member.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "golden.h"

static struct rig r;

enum verdict { CARRIED, TOLD, REFUSED, HIDDEN, SILENT, VERDICTS };

static unsigned count[VERDICTS], unknown[VERDICTS], rows, bad, misnamed;

/* Why a member may be lost: "FORMAT\tGLOB\tWHY". */
static struct reason {
	const char	*form, *glob;
	unsigned	 used;
} reasons[64];
static unsigned n_reasons;

struct sent {
	const char	*text;		/* NULL: refused */
	const char	*notes;
	const char	*param;
	int		 rc;
};

static struct sent
sent(const char *patch, int client, int provider)
{
	struct json_object *o = probe_parse(formats[client].base),
	    *p = probe_parse(patch);
	struct sent s;

	probe_merge(o, p);
	s.text = golden_write(&r, arena_strdup(r.a,
	    json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
	    JSON_C_TO_STRING_NOSLASHESCAPE)), client, provider,
	    formats[provider].model, 0);
	s.notes = arena_strdup(r.a, ir_dropped(&r.note));
	s.param = r.note.param;
	s.rc = r.rc;
	json_object_put(o);
	json_object_put(p);
	return s;
}

/* One of the notes names a member on the way to it, or itself; ends part the
 * path: with ")" also the kind of an item. */
static int
names_it(const char *notes, const char *path, const char *ends)
{
	const char *name, *end, *at;
	size_t n;

	for (; *notes != '\0'; notes = *end == '\0' ? end : end + 1) {
		end = notes + strcspn(notes, ",");
		for (name = end; name > notes && name[-1] != '.';)
			name--;
		n = (size_t)(end - name);
		for (at = path; *at != '\0'; at += strcspn(at, ends) +
		    (at[strcspn(at, ends)] != '\0'))
			if (strcspn(at, ends) == n &&
			    strncmp(at, name, n) == 0)
				return 1;
	}
	return 0;
}

static enum verdict
judge(const struct sent *a, const struct sent *b, const char *path)
{
	if (b->text == NULL)
		return b->rc != ERR_FORMAT || r.note.message == NULL ? SILENT :
		    a->text == NULL ? HIDDEN : REFUSED;
	if (a->text == NULL || strcmp(a->text, b->text) != 0)
		return CARRIED;
	return strcmp(a->notes, b->notes) != 0 || names_it(b->notes, path, ".[(") ?
	    TOLD : SILENT;
}

static const char tab[] = "\t";

static void
add_reason(char *line)
{
	struct reason *x = &reasons[n_reasons++];

	OK(n_reasons < sizeof(reasons) / sizeof(reasons[0]));
	x->form = strtok(line, tab);
	x->glob = strtok(NULL, tab);
	OK(x->glob != NULL && strtok(NULL, tab) != NULL);
}

static int
is_excused(const char *form, const char *path)
{
	unsigned i;

	for (i = 0; i < n_reasons; i++)
		if (strcmp(reasons[i].form, form) == 0 &&
		    str_glob(reasons[i].glob, str_of(path)))
			return reasons[i].used = 1;
	return 0;
}

static void
row(char *line)
{
	char *form = strtok(line, tab), *path = strtok(NULL, tab),
	    *without = strtok(NULL, tab), *with = strtok(NULL, tab);
	int c = format_of(form, strlen(form)), p;

	rows++;
	for (p = 0; p < FORMATS; p++) {
		struct sent a, b;
		enum verdict v;

		if (p == c)
			continue;
		rig_new(&r);
		a = sent(without, c, p);
		b = sent(with, c, p);
		v = judge(&a, &b, path);
		count[v]++;
		if (strstr(path, "zz_new") != NULL)
			unknown[v]++;
		if (v == TOLD && !names_it(b.notes, path, ".[()")) {
			misnamed++;
			printf("# misnamed: %s>%s %s notes=%s %s\n", form,
			    formats[p].name, path, b.notes, with);
		}
		if (v == SILENT && !is_excused(form, path))
			bad++;
		else if (getenv("AIGW_VERBOSE") == NULL) {
			rig_free(&r);
			continue;
		}
		printf("# %c %s>%s %s notes=%s %s\n", "CTRHS"[v], form,
		    formats[p].name, path, b.notes, with);
		rig_free(&r);
	}
}

static struct rig kept;

/* Each line of a file, which stays. */
static void
each(const char *file, void (*fn)(char *line))
{
	char *s = arena_strdup(kept.a, golden_file(&kept, file)), *next;

	for (; *s != '\0'; s = next) {
		next = s + strcspn(s, "\n");
		if (*next != '\0')
			*next++ = '\0';
		fn(s);
	}
}

TEST(fields)
{
	unsigned i;

	rig_new(&kept);
	each("fields.silent", add_reason);
	each("fields.rows", row);
	printf("# %u members: %u times carried, %u told, %u refused, %u "
	    "beside what is refused, %u excused; of %u unknown %u told\n",
	    rows, count[CARRIED], count[TOLD], count[REFUSED], count[HIDDEN],
	    count[SILENT] - bad, unknown[CARRIED] + unknown[TOLD] +
	    unknown[SILENT], unknown[TOLD]);
	EQ_INT(bad, 0);
	EQ_INT(misnamed, 0);
	for (i = 0; i < n_reasons; i++)
		if (!reasons[i].used)
			tap_fail(__FILE__, __LINE__, "nothing needs the reason "
			    "%s %s", reasons[i].form, reasons[i].glob);
	OK(rows > 1000 && count[CARRIED] > 1500 && count[TOLD] > 1500);
	rig_free(&kept);
}

TAP_BEGIN
TAP_ROW(fields)
TAP_END
