/*
 * mock_dialect.c - the dialects that the mock speaks.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 */
#include "mock/mock_echo.h"
#include "mock/mock_openai.h"

/* Tried in order; the last takes every path. */
static const struct mock_dialect *const dialects[] = {
	&mock_openai,
	&mock_echo,
};

const struct mock_dialect *
mock_dialect_find(struct str method, struct str path,
    const struct mock_endpoint **ep)
{
	const struct mock_endpoint *e;
	size_t i;

	for (i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
		for (e = dialects[i]->endpoints; e->method != NULL; e++)
			if ((e->method[0] == '*' ||
			    str_eqc(method, e->method)) &&
			    str_glob(e->path, path)) {
				*ep = e;
				return dialects[i];
			}
	*ep = NULL;
	return NULL;
}
