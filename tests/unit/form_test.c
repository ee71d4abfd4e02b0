/*
 * form_test.c - multipart/form-data: one reading or none.
 *
 * Runs in: make check.
 * Owns: nothing.
 */
#include <string.h>

#include "base/err.h"
#include "net/form.h"
#include "tap.h"

#define N(a)	(sizeof(a) / sizeof(*(a)))
#define CD	"Content-Disposition: form-data; "
#define A_FILE	"--B\r\n" CD "name=\"file\"; filename=\"a.wav\"\r\n" \
	"Content-Type: audio/wav\r\n\r\nRIFF\r\n--BB\r\n\r\n--\r\n"
#define END	"--B--\r\n"
#define PART(name, value) "--B\r\n" CD name "\r\n\r\n" value "\r\n"
#define MODEL(value)	PART("name=\"model\"", value)

static const struct row {
	const char	*body;
	const char	*value;		/* NULL: the form is refused ... */
	const char	*why;		/* ... so, or it has none */
} rows[] = {
	{ MODEL("m") END, "m", NULL },
	{ "\r\n" MODEL("m") END, "m", NULL },
	{ MODEL("m") "--B--", "m", NULL },
	{ MODEL("") END, "", NULL },
	{ MODEL("two\r\nlines\r\n-") END, "two\r\nlines\r\n-", NULL },
	{ MODEL("m\r\n-B") END, "m\r\n-B", NULL },
	{ PART("name=model", "m") END, "m", NULL },
	{ PART("NAME = \"model\"", "m") END, NULL,
	    "has a part whose name cannot be read" },
	{ "--B\r\ncontent-disposition:FORM-DATA;Name=\"model\" ; \r\n\r\nm"
	    "\r\n" END, "m", NULL },
	{ PART("name=\"file\"; filename=\"model\"", "x") MODEL("m") END, "m",
	    NULL },
	{ PART("filename=\"; name=\"; name=\"model\"", "m") END, NULL,
	    "has the field model as a file or in a coding" },
	{ PART("name=\"x\"; filename=\"C:\\a\\b.wav\"", "m") END, NULL, NULL },
	{ PART("name=\"Model\"", "x") END, NULL, NULL },
	{ PART("name=\"file\"", "name=\"model\"\r\n\r\nx") END, NULL, NULL },
	{ MODEL("a") MODEL("b") END, NULL, "has the field model twice" },
	{ MODEL("a") PART("name=model", "b") END, NULL,
	    "has the field model twice" },
	{ PART("name=\"model\"; filename=\"f\"", "m") END, NULL,
	    "has the field model as a file or in a coding" },
	{ "--B\r\n" CD "name=\"model\"\r\nContent-Transfer-Encoding: base64"
	    "\r\n\r\nbQ==\r\n" END, NULL,
	    "has the field model as a file or in a coding" },
	{ PART("name=\"mod\\el\"", "m") END, NULL,
	    "has a part whose name cannot be read" },
	{ PART("name=\"x\\\"; name=\"model\"", "m") END, NULL,
	    "has a part whose name cannot be read" },
	{ PART("name=\"x\"; name=\"model\"", "m") END, NULL,
	    "has a part with two names" },
	{ PART("name=\"x\"; name*=utf-8''model", "m") END, NULL,
	    "has a part with an extended name" },
	{ PART("filename=\"model\"", "m") END, NULL,
	    "has a part whose name cannot be read" },
	{ "--B\r\n" CD "name=\"x\"\r\n" CD "name=\"model\"\r\n\r\nm\r\n" END,
	    NULL, "has a part with two names" },
	{ "--B\r\nContent-Disposition: attachment; name=\"model\"\r\n\r\nm\r\n"
	    END, NULL, "has a part that is no form-data" },
	{ "--B\r\nContent-Type: text/plain\r\n\r\nm\r\n" END, NULL,
	    "has a part without a name" },
	{ "--B\r\n\r\nm\r\n" MODEL("m") END, NULL,
	    "has a part whose head cannot be read" },
	{ "--B\r\nContent-Disposition: form-data;\r\n name=\"model\"\r\n\r\nm"
	    "\r\n" END, NULL, "has a part whose name cannot be read" },
	{ "--B\r\nContent-Disposition : form-data; name=\"model\"\r\n\r\nm\r\n"
	    END, NULL, "has a part whose head cannot be read" },
	{ "--B\r\n" CD "name=\"x\"\nX: y\r\n\r\nm\r\n" END, NULL,
	    "has a part with controls in its head" },
	{ "--B\n" CD "name=\"model\"\n\nm\n--B--\n", NULL,
	    "has a line that begins with its boundary" },
	{ "before\r\n" MODEL("m") END, NULL,
	    "does not begin with its boundary" },
	{ "", NULL, "does not begin with its boundary" },
	{ "\r\n", NULL, "does not begin with its boundary" },
	{ MODEL("m") END MODEL("n") END, NULL,
	    "has something behind its last part" },
	{ MODEL("m") "--B--x", NULL, "has something behind its last part" },
	{ MODEL("m\r\n--Bx") END, NULL,
	    "has a line that begins with its boundary" },
	{ MODEL("m") "--B \r\n" CD "name=\"x\"\r\n\r\n\r\n" END, NULL,
	    "has a line that begins with its boundary" },
	{ MODEL("m\n--B\r\n") END, NULL,
	    "has a line that begins with its boundary" },
	{ MODEL("m\r--B--") END, NULL,
	    "has a line that begins with its boundary" },
	{ PART("name=\"x\"", "--B\r\n" CD "name=\"model\"\r\n\r\nm") END,
	    NULL, "has a line that begins with its boundary" },
	{ "--B\r\n" CD "name=\"model\"\r\n\r\n--B--\r\n", NULL,
	    "has a line that begins with its boundary" },
	{ MODEL("a --B") PART("name=\"x\"", "--") END, "a --B", NULL },
	{ MODEL("m"), NULL, "breaks off" },
	{ "--B\r\n" CD "name=\"model\"", NULL,
	    "has a part without an end of its head" },
	{ A_FILE MODEL("m") END, NULL,
	    "has a line that begins with its boundary" },
};

/* Look at it most bytes at a time. */
static int
look(struct form *f, struct str body, size_t most)
{
	int rc, n = 0;

	form_begin(f, body, STR("B"), STR("model"));
	while ((rc = form_some(f, most)) == ERR_AGAIN)
		OK(n++ < 10000);
	return rc;
}

TEST(one_reading_or_none)
{
	static const size_t steps[] = { 1, 2, 3, 7, 65536 };
	const struct row *r;
	struct form f;
	size_t i;
	int rc;

	for (r = rows; r < rows + N(rows); r++)
		for (i = 0; i < N(steps); i++) {
			rc = look(&f, str_of(r->body), steps[i]);
			if (r->why != NULL) {
				EQ_INT(rc, ERR_FORMAT);
				EQ_STR(f.why, r->why);
				continue;
			}
			EQ_INT(rc, 0);
			OK((f.value.p != NULL) == (r->value != NULL));
			if (r->value != NULL)
				EQ_S(f.value, r->value);
			EQ_INT(f.first, r->body[0] == '\r' ? 2 : 0);
		}
}

/* What is not whole is no form, wherever it is cut. */
TEST(cut_everywhere)
{
	static const char whole[] = PART("name=\"a\"", "1") MODEL("m")
	    PART("name=\"z\"", "2") "--B--";
	struct form f;
	size_t n;

	EQ_INT(look(&f, str_of(whole), 5), 0);
	for (n = 0; n < sizeof(whole) - 1; n++)
		EQ_INT(look(&f, str_make(whole, n), 5), ERR_FORMAT);
}

TEST(boundaries)
{
	static const struct {
		const char	*type, *boundary;
	} types[] = {
		{ "multipart/form-data; boundary=XX", "XX" },
		{ "Multipart/Form-Data;BOUNDARY=\"X X\"", "X X" },
		{ "multipart/form-data ; charset=utf-8; boundary=XX; x=y",
		    "XX" },
		{ "multipart/form-data; xboundary=A; boundary=B", "B" },
		{ "multipart/form-data; x=\"; boundary=A\"; boundary=B", "B" },
		{ "multipart/form-data", NULL },
		{ "multipart/form-data; boundary=", NULL },
		{ "multipart/form-data; boundary=\"\"", NULL },
		{ "multipart/form-data; boundary=\"a", NULL },
		{ "multipart/form-data; boundary=a b", NULL },
		{ "multipart/form-data; boundary=\"a\\b\"", NULL },
		{ "multipart/form-data; boundary=A; boundary=B", NULL },
		{ "multipart/form-data, x; boundary=A", NULL },
		{ "multipart/form-datax; boundary=A", NULL },
		{ "multipart/form-data; boundary=123456789012345678901234567"
		    "89012345678901234567890123456789012345678901", NULL },
	};
	struct str b;
	size_t i;

	for (i = 0; i < N(types); i++) {
		EQ_INT(form_boundary(str_of(types[i].type), &b),
		    types[i].boundary != NULL ? 0 : ERR_FORMAT);
		if (types[i].boundary != NULL)
			EQ_S(b, types[i].boundary);
	}
}

TAP_BEGIN
	TAP_ROW(one_reading_or_none)
	TAP_ROW(cut_everywhere)
	TAP_ROW(boundaries)
TAP_END
