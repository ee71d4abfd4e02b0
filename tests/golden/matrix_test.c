/*
 * matrix_test.c - what is kept, changed, dropped and refused between formats.
 *
 * Every feature of matrix.rows that a client's format has is asked of every
 * provider of another format, as a stream and not. The cells make a table,
 * which is printed and must be matrix.table, and, where the reference is at
 * hand, the reference's, but for the cells that matrix.rows gives a reason for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"

#define ROWS_MAX 128

static struct rig r;

/* A feature; forms of it that have one name are one. */
static struct feature {
	const char	*name;
	char		 cell[FORMATS][FORMATS];
} features[ROWS_MAX];
static unsigned n_features;

static struct feature *
feature(const char *name)
{
	unsigned i;

	for (i = 0; i < n_features; i++)
		if (strcmp(features[i].name, name) == 0)
			return &features[i];
	OK(n_features < ROWS_MAX);
	memset(&features[n_features], 0, sizeof(*features));
	features[n_features].name = name;
	return &features[n_features++];
}

static void
say(const char *name, int c, int p, const char *what)
{
	printf("# %s %s>%s: %s\n", name, formats[c].name, formats[p].name,
	    what);
}

/* Add what a form of the feature became; 0 when that is no good. */
static int
add(struct feature *f, const struct row *row, int c, int p, int stream)
{
	struct cell cell = matrix_cell(&r, row, c, p, stream);
	char *was = &f->cell[c][p];

	if (getenv("AIGW_VERBOSE") != NULL && cell.sent != NULL)
		say(f->name, c, p, arena_printf(r.a, "%c %s %s", cell.what,
		    cell.why, cell.sent));
	if (cell.what == CELL_SILENT) {
		say(f->name, c, p, cell.why);
		say(f->name, c, p, cell.sent == NULL ? "" : cell.sent);
		*was = CELL_SILENT;
		return 0;
	}
	if (*was == 0 || *was == CELL_NONE)
		*was = cell.what;
	if (cell.what == CELL_NONE || *was == cell.what)
		return 1;
	say(f->name, c, p, arena_printf(r.a, "%c, but %c in another form or "
	    "mode (%s)", cell.what, *was, cell.why));
	return 0;
}

static int
fill(void)
{
	const struct row *row;
	int c, p, stream, good = 1;

	n_features = 0;
	rig_new(&r);
	for (row = rows_read(&r); row != NULL; row = row->next) {
		struct feature *f = feature(row->name);

		for (c = 0; c < FORMATS; c++)
			for (p = 0; p < FORMATS; p++)
				for (stream = row->stream_only; stream < 2;
				    stream++)
					good &= add(f, row, c, p, stream);
	}
	return good;
}

/* "feature   .LLALL L.LLLL ...": a word per client, a letter per provider. */
static const char *
line_of(const struct feature *f)
{
	char cells[FORMATS * (FORMATS + 1) + 1], *d = cells;
	int c, p;

	for (c = 0; c < FORMATS; c++) {
		*d++ = ' ';
		for (p = 0; p < FORMATS; p++)
			*d++ = f->cell[c][p];
	}
	*d = '\0';
	return arena_printf(r.a, "%-18s%s\n", f->name, cells);
}

/* Nothing gets lost without a word, in either mode. */
TEST(nothing_is_silent)
{
	OK(fill());
	rig_free(&r);
}

static void
check_table(void)
{
	const char *want, *line;
	unsigned i;
	int same = 1;

	OK(fill());
	want = golden_file(&r, "matrix.table");
	while (*want == '#')
		want += strcspn(want, "\n") + 1;
	printf("# clients             OC      OR      AN      GE      MI      "
	    "GR      OL\n");
	for (i = 0; i < n_features; i++) {
		line = line_of(&features[i]);
		printf("# %s", line);
		if (strncmp(want, line, strlen(line)) != 0) {
			printf("# but:%.*s\n", (int)strcspn(want, "\n"),
			    want);
			same = 0;
		}
		want += strcspn(want, "\n");
		want += *want == '\n';
	}
	OK(same);
	EQ_STR(want, "");
	rig_free(&r);
}

TEST(table)
{
	check_table();
}

/* Azure speaks both of OpenAI's formats: the same becomes of everything. */
TEST(azure)
{
	golden_azure = 1;
	check_table();
	golden_azure = 0;
}

/* --- the reference ------------------------------------------------------- */

static struct json_object *
reference(void)
{
	const char *path = getenv("AIGW_MATRIX"), *specs = getenv("AIGW_SPECS");
	struct json_object *o;

	if (path == NULL && specs != NULL)
		path = arena_printf(r.a, "%s/../translation-matrix.json",
		    specs);
	o = path == NULL ? NULL : json_object_from_file(path);
	if (o == NULL) {
		rig_free(&r);
		tap_skip("no reference: neither AIGW_MATRIX nor AIGW_SPECS "
		    "leads to one");
	}
	return o;
}

static int
has(struct json_object *list, const char *name)
{
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(
		    list, i)), name) == 0)
			return 1;
	return 0;
}

/* What the reference says of the pair; CELL_NONE: nothing. */
static char
said_of_pair(struct json_object *doc, const char *name, int c, int p)
{
	static const struct {
		const char	*list;
		char		 cell;
	} kinds[] = {
		{ "lossless", CELL_KEPT }, { "approximated", CELL_CHANGED },
		{ "hint", CELL_DROPPED }, { "refused", CELL_REFUSED },
	};
	struct json_object *pairs = json_get(doc, "pairs"), *one;
	size_t i, k;

	for (i = 0; i < json_object_array_length(pairs); i++) {
		one = json_object_array_get_idx(pairs, i);
		if (!str_eqc(json_get_str(one, "from"), formats[c].name) ||
		    !str_eqc(json_get_str(one, "to"), formats[p].name))
			continue;
		for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
			if (has(json_get(one, kinds[k].list), name))
				return kinds[k].cell;
	}
	return CELL_NONE;
}

/* The same, or what the feature's own row says where the pairs are silent. */
static char
said(struct json_object *doc, struct json_object *f, int c, int p)
{
	char cell = said_of_pair(doc, json_object_get_string(json_get(f,
	    "id")), c, p);
	struct str s;

	if (cell != CELL_NONE ||
	    json_get(json_get(f, "src"), formats[c].name) == NULL)
		return cell;
	s = json_get_str(json_get(json_get(f, "dst"), formats[p].name),
	    "status");
	return s.n > 0 ? *s.p : CELL_NONE;
}

/* The reason of matrix.rows for another cell than the reference's. */
static const char *
reason(const char *name, int c, int p)
{
	const struct row *row;
	const char *s, *found = NULL;

	for (row = rows_read(&r); row != NULL; row = row->next)
		if (strcmp(row->name, name) == 0 &&
		    (s = row_find(row, '!', p, c)) != NULL)
			found = s;
	return found;
}

struct count {
	unsigned	 equal, reasons, wrong;
};

static void
compare(const char *name, int c, int p, char want, struct count *n)
{
	char got = feature(name)->cell[c][p];
	const char *why = reason(name, c, p);

	if (why != NULL && *why == got && want != got) {
		n->reasons++;
		say(name, c, p, arena_printf(r.a, "%c, not %c: %s", got, want,
		    why + 2));
	} else if (why == NULL && want == got)
		n->equal += want != CELL_NONE;
	else {
		n->wrong++;
		say(name, c, p, arena_printf(r.a, "%c, but the reference has "
		    "%c%s", got, want, why == NULL ? "" :
		    " (and there is a reason for something else)"));
	}
}

TEST(reference)
{
	struct count n = { 0, 0, 0 };
	struct json_object *doc, *list, *f;
	unsigned known;
	size_t i;
	int c, p;

	(void)fill();
	known = n_features;
	doc = reference();
	list = json_get(doc, "features");
	for (i = 0; i < json_object_array_length(list); i++) {
		f = json_object_array_get_idx(list, i);
		for (c = 0; c <= GR; c++)
			for (p = 0; p <= GR; p++)
				if (c != p)
					compare(json_object_get_string(
					    json_get(f, "id")), c, p,
					    said(doc, f, c, p), &n);
	}
	printf("# %zu features, %u cells equal, %u otherwise for a reason, "
	    "%u otherwise\n", i, n.equal, n.reasons, n.wrong);
	EQ_INT(n_features, known);	/* no feature is missing */
	EQ_INT(known, i);
	json_object_put(doc);
	rig_free(&r);
	EQ_INT(n.wrong, 0);
}

/* A reason whose cell is not as it says is none. */
TEST(reasons)
{
	const struct row *row;
	const struct line *l;
	int c, p;

	(void)fill();
	for (row = rows_read(&r); row != NULL; row = row->next)
		for (l = row->lines; l != NULL; l = l->next)
			for (c = 0; c < FORMATS && l->kind == '!'; c++)
				for (p = 0; p < FORMATS; p++)
					if ((l->from >> c & 1) != 0 &&
					    (l->of >> p & 1) != 0)
						EQ_INT(feature(row->name)
						    ->cell[c][p], *l->text);
	rig_free(&r);
}

TAP_BEGIN
TAP_ROW(nothing_is_silent)
TAP_ROW(table)
TAP_ROW(azure)
TAP_ROW(reference)
TAP_ROW(reasons)
TAP_END
