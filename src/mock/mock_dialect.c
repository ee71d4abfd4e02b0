/*
 * mock_dialect.c - the dialects that the mock speaks.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 */
#include "mock/mock_dialects.h"
#include "mock/mock_echo.h"
#include "mock/mock_openai.h"

/* Tried in order; the last takes every path. */
static const struct mock_dialect *const dialects[] = {
	&mock_anthropic,
	&mock_gemini,
	&mock_mistral,
	&mock_groq,
	&mock_ollama,
	&mock_azure,
	&mock_openai,
	&mock_echo,
};

static int
fits(const struct mock_endpoint *e, const struct http1_head *h)
{
	if (e->method[0] != '*' && !str_eqc(h->method_text, e->method))
		return 0;
	if ((e->flags & MOCK_VERSION) && hdr_find_name(h->h, h->n,
	    STR("anthropic-version")) == NULL)
		return 0;
	return str_glob(e->path, h->path);
}

const struct mock_dialect *
mock_dialect_find(const struct http1_head *h, const struct mock_endpoint **ep)
{
	const struct mock_endpoint *e;
	size_t i;

	for (i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
		for (e = dialects[i]->endpoints; e->method != NULL; e++)
			if (fits(e, h)) {
				*ep = e;
				return dialects[i];
			}
	*ep = NULL;
	return NULL;
}
