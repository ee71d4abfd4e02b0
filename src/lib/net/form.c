/*
 * form.c - multipart/form-data, strictly.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "net/chars.h"
#include "net/form.h"

#define HEAD_MAX	16384u	/* of one part */

static int
bad(struct form *f, const char *why)
{
	f->why = why;
	return ERR_FORMAT;
}

static int
bad_field(struct form *f, const char *how)
{
	snprintf(f->text, sizeof(f->text), "has the field %.*s %s",
	    STR_ARG(f->name), how);
	return bad(f, f->text);
}

static void
blanks(struct str *s)
{
	while (s->n > 0 && (*s->p == ' ' || *s->p == '\t'))
		*s = str_skip(*s, 1);
}

/* Take a token off s; empty when there is none. */
static struct str
token(struct str *s)
{
	const char *e = chars_skip(s->p, s->p + s->n, CHARS_TOKEN);
	struct str t = str_make(s->p, (size_t)(e - s->p));

	*s = str_skip(*s, t.n);
	return t;
}

/*
 * Take "; name=value" off s: 1, 0 at its end, or ERR_FORMAT. Of a backslash
 * before a quote servers differ in whether the value ends there.
 */
static int
parameter(struct str *s, struct str *name, struct str *value)
{
	long end;

	blanks(s);
	if (s->n == 0)
		return 0;
	if (*s->p != ';')
		return ERR_FORMAT;
	*s = str_skip(*s, 1);
	blanks(s);
	if (s->n == 0)
		return 0;		/* a last ';' */
	*name = token(s);
	if (name->n == 0 || s->n == 0 || *s->p != '=')
		return ERR_FORMAT;
	*s = str_skip(*s, 1);
	if (s->n == 0 || *s->p != '"') {
		*value = token(s);
		return value->n > 0 ? 1 : ERR_FORMAT;
	}
	*s = str_skip(*s, 1);
	if ((end = str_chr(*s, '"')) < 0)
		return ERR_FORMAT;
	*value = str_make(s->p, (size_t)end);
	*s = str_skip(*s, (size_t)end + 1);
	return end == 0 || value->p[end - 1] != '\\' ? 1 : ERR_FORMAT;
}

int
form_boundary(struct str type, struct str *out)
{
	struct str name, value;
	long at = str_chr(type, ';');
	int rc;

	*out = STR_NULL;
	if (at < 0 || !str_ieq(str_trim(str_make(type.p, (size_t)at)),
	    STR("multipart/form-data")))
		return ERR_FORMAT;
	type = str_skip(type, (size_t)at);
	while ((rc = parameter(&type, &name, &value)) == 1) {
		if (!str_ieq(name, STR("boundary")))
			continue;
		if (out->p != NULL)
			return ERR_FORMAT;
		*out = value;
	}
	return rc != 0 || out->n == 0 || out->n > FORM_BOUNDARY_MAX ||
	    str_chr(*out, '\\') >= 0 ? ERR_FORMAT : 0;
}

void
form_begin(struct form *f, struct str body, struct str boundary,
    struct str name)
{
	memset(f, 0, sizeof(*f));
	f->body = body;
	f->name = name;
	memcpy(f->delimiter, "\r\n--", 4);
	memcpy(f->delimiter + 4, boundary.p, boundary.n);
	f->n = boundary.n + 4;
}

/* The name in the value of Content-Disposition; 0, or ERR_FORMAT. */
static int
disposition(struct form *f, struct str v, struct str *out, int *file)
{
	struct str name, value;
	int rc;

	if (!str_ieq(token(&v), STR("form-data")))
		return bad(f, "has a part that is no form-data");
	while ((rc = parameter(&v, &name, &value)) == 1) {
		if (str_ieq(name, STR("name"))) {
			if (out->p != NULL)
				return bad(f, "has a part with two names");
			*out = value;
		} else if (str_ieq(name, STR("name*")))
			return bad(f, "has a part with an extended name");
		else if (str_ieq(name, STR("filename")) ||
		    str_ieq(name, STR("filename*")))
			*file = 1;
	}
	if (rc != 0 || out->p == NULL || str_chr(*out, '\\') >= 0)
		return bad(f, "has a part whose name cannot be read");
	return 0;
}

/* One line of a part's head. */
static int
field(struct form *f, struct str line, struct str *name, int *file, int *coded)
{
	struct str key = token(&line);

	if (key.n == 0 || line.n == 0 || *line.p != ':')
		return bad(f, "has a part whose head cannot be read");
	line = str_trim(str_skip(line, 1));
	if (chars_skip(line.p, line.p + line.n, CHARS_TEXT) !=
	    line.p + line.n)
		return bad(f, "has a part with controls in its head");
	if (str_ieq(key, STR("content-transfer-encoding")))
		*coded = !str_ieq(line, STR("binary")) &&
		    !str_ieq(line, STR("8bit")) && !str_ieq(line, STR("7bit"));
	if (!str_ieq(key, STR("content-disposition")))
		return 0;
	if (name->p != NULL)
		return bad(f, "has a part with two names");
	return disposition(f, line, name, file);
}

/* The head of a part begins at f->at. */
static int
head(struct form *f)
{
	struct str rest = str_skip(f->body, f->at), name = STR_NULL, line;
	int file = 0, coded = 0;
	long end;

	if (rest.n > HEAD_MAX)
		rest.n = HEAD_MAX;
	if ((end = str_find(rest, STR("\r\n\r\n"))) < 0)
		return bad(f, "has a part without an end of its head");
	f->at += (size_t)end + 4;
	rest.n = (size_t)end + 2;
	while (rest.n > 0) {
		end = str_find(rest, STR("\r\n"));
		line = str_make(rest.p, (size_t)end);
		rest = str_skip(rest, (size_t)end + 2);
		if (field(f, line, &name, &file, &coded) != 0)
			return ERR_FORMAT;
	}
	if (name.p == NULL)
		return bad(f, "has a part without a name");
	f->wanted = str_eq(name, f->name);
	f->from = f->at;
	if (!f->wanted)
		return 0;
	if (f->value.p != NULL)
		return bad_field(f, "twice");
	return !file && !coded ? 0 : bad_field(f, "as a file or in a coding");
}

/* f->at is behind a delimiter: 1 when that was the last. */
static int
behind(struct form *f)
{
	struct str rest = str_skip(f->body, f->at);

	if (str_starts(rest, STR("\r\n"))) {
		f->at += 2;
		return head(f);
	}
	if (!str_starts(rest, STR("--")))
		return bad(f, "has a line that begins with its boundary");
	rest = str_skip(rest, 2);
	f->at = f->body.n;
	return rest.n == 0 || str_eq(rest, STR("\r\n")) ? 1 :
	    bad(f, "has something behind its last part");
}

/* The first delimiter: the line end may be missing in front of it. */
static int
first(struct form *f)
{
	struct str d = str_make(f->delimiter, f->n), bare = str_skip(d, 2);

	if (!str_starts(f->body, str_starts(f->body, STR("\r\n")) ? d : bare))
		return bad(f, "does not begin with its boundary");
	f->at = *f->body.p == '\r' ? f->n : f->n - 2;
	f->first = f->at - bare.n;
	return behind(f);
}

/*
 * The boundary stands at f->at, in or behind the value that begins at f->from.
 * It ends the value when it begins a line. Servers differ in what a line ends
 * with, and in whether the empty line behind the head counts as one.
 */
static int
found(struct form *f)
{
	const char *p = f->body.p + f->at;
	size_t n = f->at - f->from;

	if (n >= 2 && p[-2] == '\r' && p[-1] == '\n') {
		if (f->wanted)
			f->value = str_make(f->body.p + f->from, n - 2);
		f->at += f->n - 2;
		return behind(f);
	}
	if (n == 0 || p[-1] == '\r' || p[-1] == '\n')
		return bad(f, "has a line that begins with its boundary");
	f->at++;
	return 0;
}

/* The end of the value that begins at f->from. */
static int
value(struct form *f, size_t most)
{
	struct str rest = str_skip(f->body, f->at);
	struct str bare = str_make(f->delimiter + 2, f->n - 2);
	long at;

	if (rest.n > most + bare.n)
		rest.n = most + bare.n;
	if ((at = str_find(rest, bare)) >= 0) {
		f->at += (size_t)at;
		return found(f);
	}
	if (f->at + rest.n == f->body.n)
		return bad(f, "breaks off");
	f->at += rest.n - bare.n + 1;
	return 0;
}

int
form_some(struct form *f, size_t most)
{
	size_t stop = f->at + most;
	int rc = 0;

	if (f->at == 0)
		rc = first(f);
	while (rc == 0 && f->at < stop)
		rc = value(f, most);
	return rc == 0 ? ERR_AGAIN : rc == 1 ? 0 : rc;
}
