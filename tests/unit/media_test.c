/* media_test.c - data inside JSON bodies, and text that poses as data. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "dialect/media.h"
#include "tap.h"

/* before + n times c + after, searched. */
static struct media
find(const char *before, char c, size_t n, const char *after)
{
	struct media m;
	struct buf b;
	size_t i;

	buf_init(&b, 1 << 20);
	EQ_INT(buf_adds(&b, str_of(before)), 0);
	for (i = 0; i < n; i++)
		EQ_INT(buf_addc(&b, c), 0);
	EQ_INT(buf_adds(&b, str_of(after)), 0);
	media_find(buf_str(&b), &m);
	for (i = 1; i < buf_len(&b); i = 2 * i + 1) {
		struct media_run run = { 0 };
		struct media part = { 0, 0 };

		while (media_some(buf_str(&b), &run, i, &part) == ERR_AGAIN)
			;
		EQ_INT(part.bytes, m.bytes);
		EQ_INT(part.n, m.n);
	}
	buf_free(&b);
	return m;
}

TEST(data)
{
	static const struct {
		const char	*before, *after;
		uint64_t	 more;	/* bytes besides the n */
	} rows[] = {
		{ "{\"image_url\":{\"url\":\"data:image/png;base64,", "\"}}",
		    22 },
		{ "{\"image_url\" :\n \"data:image/png;base64,", "\"}", 22 },
		{ "{\"input_audio\":{\"format\":\"wav\",\"data\":\"",
		    "\"}}", 0 },
		{ "{\"a\":\"\\\\\",\"file_data\":\"data:a/b;base64,",
		    "=\"}", 17 },
		{ "{\"bytes\":\"", "\"}", 0 },
	};
	struct media m;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		m = find(rows[i].before, 'A', 5000, rows[i].after);
		EQ_INT(m.n, 1);
		EQ_INT(m.bytes, 5000 + rows[i].more);
		m = find(rows[i].before, 'A', 3000, rows[i].after);
		EQ_INT(m.n, 0);
		EQ_INT(m.bytes, 0);
		m = find(rows[i].before, ' ', 5000, rows[i].after);
		EQ_INT(m.n, 0);
	}
}

TEST(not_data)
{
	static const char *const rows[] = {
		"{\"content\":\"",			/* another member */
		"{\"content\":\"data:image/png;base64,",
		"{\"content\":\"\\\"url\\\":\\\"data:a/b;base64,",
		"{\"content\":\"x\\\\\\\"data\\\":\\\"",
		"{\"x\":[\"data\",\"",			/* no member */
		"{\"data\":{\"text\":\"",
		"{\"url\":\"data:text/plain,",		/* is no base64 */
		"{\"url\":\"https://example.org/",
		"\"",
	};
	struct media m;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		m = find(rows[i], 'A', 5000, "\"}");
		if (m.n != 0)
			tap_fail(__FILE__, __LINE__, "counted: %s", rows[i]);
	}
}

TEST(many_and_none)
{
	struct media m;

	m = find("[{\"data\":\"", 'Q', 6000, "\"}]");
	EQ_INT(m.n, 1);
	media_find(STR(""), &m);
	EQ_INT(m.n, 0);
	media_find(STR("{\"url\":\"a\",\"b\":[1,2,\"c\"]}"), &m);
	EQ_INT(m.n, 0);
	media_find(STR("{\"url"), &m);		/* cut: not accepted JSON */
	EQ_INT(m.n, 0);
}

TAP_BEGIN
TAP_ROW(data)
TAP_ROW(not_data)
TAP_ROW(many_and_none)
TAP_END
