/*
 * form_fuzz.c - multipart/form-data with the boundary B.
 *
 * Looked at in one go and in steps the same is found. What is accepted has at
 * most one part that says it is the model, as a plain search finds it, too.
 */
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "fuzz.h"
#include "net/form.h"

#define HEAD	"content-disposition: form-data; name="
#define SAYS	"\"model\"\r\n"

static int
look(struct form *f, struct str body, size_t most)
{
	int rc;

	form_begin(f, body, STR("B"), STR("model"));
	while ((rc = form_some(f, most)) == ERR_AGAIN)
		continue;
	ASSERT(rc == 0 || (rc == ERR_FORMAT && f->why != NULL));
	return rc;
}

/* Parts whose head begins with HEAD and SAYS. */
static int
plain(struct str body, struct str *value)
{
	struct str d = STR("\r\n--B\r\n"), rest = body;
	long at = str_starts(body, str_skip(d, 2)) ? -2 : 0;
	int n = 0;

	do {
		rest = str_skip(rest, (size_t)(at + (long)d.n));
		if (rest.n > sizeof(HEAD) && strncasecmp(rest.p, HEAD,
		    sizeof(HEAD) - 1) == 0 && str_starts(str_skip(rest,
		    sizeof(HEAD) - 1), STR(SAYS))) {
			n++;
			at = str_find(rest, STR("\r\n\r\n"));
			if (at < 0)
				return n;
			*value = str_skip(rest, (size_t)at + 4);
			at = str_find(*value, STR("\r\n--B"));
			value->n = at < 0 ? 0 : (size_t)at;
		}
	} while ((at = str_find(rest, d)) >= 0);
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str body = str_make((const char *)data, size), v = STR_NULL, b;
	struct form one, some;
	int rc, n;

	if (form_boundary(body, &b) == 0)
		ASSERT(b.n > 0 && b.n <= FORM_BOUNDARY_MAX &&
		    b.p > body.p && b.p + b.n <= body.p + body.n);
	rc = look(&one, body, 1u << 20);
	ASSERT(look(&some, body, 1) == rc);
	ASSERT(some.value.p == one.value.p && some.value.n == one.value.n);
	if (rc != 0)
		return 0;
	n = plain(body, &v);
	ASSERT(n <= 1);
	if (n == 1)
		ASSERT(one.value.n == v.n && (v.n == 0 ||
		    one.value.p == v.p));
	return 0;
}
