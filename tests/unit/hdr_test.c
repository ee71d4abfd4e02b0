/* hdr_test.c - header fields: ids, look-up, what may be sent. */
#include <ctype.h>

#include "net/hdr.h"
#include "tap.h"

static const char *const names[HDR_IDS] = {
#define X(id, name, kind) [HDR_##id] = name,
	HEADERS(X)
#undef X
};

TEST(every_name_has_its_id)
{
	char upper[64];
	size_t k;
	int i;

	for (i = 1; i < HDR_IDS; i++) {
		struct str s = str_of(names[i]);

		EQ_INT(hdr_id(s), i);
		for (k = 0; k < s.n; k++)
			upper[k] = (char)toupper((unsigned char)s.p[k]);
		EQ_INT(hdr_id(str_make(upper, s.n)), i);
	}
}

/* One byte changed, added or missing: another name. */
TEST(near_names_have_none)
{
	char t[64];
	size_t k;
	int i, c;

	for (i = 1; i < HDR_IDS; i++) {
		struct str s = str_of(names[i]);

		memcpy(t, s.p, s.n);
		t[s.n] = 'x';
		EQ_INT(hdr_id(str_make(t, s.n + 1)), HDR_OTHER);
		OK(hdr_id(str_make(t, s.n - 1)) != (enum hdr_id)i);
		for (k = 0; k < s.n; k++) {
			for (c = 0; c < 256; c++) {
				t[k] = (char)c;
				OK((hdr_id(str_make(t, s.n)) ==
				    (enum hdr_id)i) ==
				    (tolower(c) == (unsigned char)s.p[k]));
			}
			t[k] = s.p[k];
		}
	}
	EQ_INT(hdr_id(STR("")), HDR_OTHER);
	EQ_INT(hdr_id(STR("a-name-that-is-longer-than-any")), HDR_OTHER);
}

TEST(find)
{
	const struct hdr h[] = {
		{ STR("X-One"), STR("1"), HDR_OTHER },
		{ STR("Host"), STR("a"), HDR_HOST },
		{ STR("x-one"), STR("2"), HDR_OTHER },
		{ STR("host"), STR("b"), HDR_HOST },
	};

	OK(hdr_find(h, 4, HDR_HOST) == &h[1]);
	OK(hdr_find(h, 4, HDR_DATE) == NULL);
	OK(hdr_find(h, 0, HDR_HOST) == NULL);
	OK(hdr_find_name(h, 4, STR("X-ONE")) == &h[0]);
	OK(hdr_find_name(h, 4, STR("HOST")) == &h[1]);
	OK(hdr_find_name(h, 4, STR("x-two")) == NULL);
}

TEST(valid)
{
	char v[64];
	size_t at;
	int c, good;

	OK(hdr_valid(STR("X-A"), STR("")));
	OK(hdr_valid(STR("X-A"), STR_NULL));
	OK(!hdr_valid(STR(""), STR("b")));
	OK(!hdr_valid(STR("X A"), STR("b")));
	OK(!hdr_valid(STR("X:"), STR("b")));
	OK(!hdr_valid(STR("X\r\nY"), STR("b")));
	OK(!hdr_valid(STR("X\xe9"), STR("b")));
	for (c = 0; c < 256; c++)
		for (at = 0; at < sizeof(v); at++) {
			memset(v, 'v', sizeof(v));
			v[at] = (char)c;
			good = (c >= 32 && c != 127) || c == '\t';
			EQ_INT(hdr_valid(STR("X"), str_make(v, sizeof(v))),
			    good);
			EQ_INT(hdr_valid(STR("X"), str_make(v, at + 1)),
			    good);
		}
}

TEST(tokens)
{
	OK(hdr_has_token(STR("close"), STR("close")));
	OK(hdr_has_token(STR("a , CLOSE\t,b"), STR("close")));
	OK(!hdr_has_token(STR("closed, a close"), STR("close")));
	OK(!hdr_has_token(STR(""), STR("close")));
	OK(!hdr_has_token(STR_NULL, STR("close")));
}

TEST(hop_by_hop)
{
	OK(hdr_hop_by_hop(HDR_CONNECTION));
	OK(hdr_hop_by_hop(HDR_TRANSFER_ENCODING));
	OK(hdr_hop_by_hop(HDR_TE));
	OK(hdr_hop_by_hop(HDR_UPGRADE));
	OK(!hdr_hop_by_hop(HDR_CONTENT_TYPE));
	OK(!hdr_hop_by_hop(HDR_OTHER));
}

/* Whose a header is that a client may send. */
TEST(kept_back)
{
	static const char passed[] = "content-type|content-encoding|accept|"
	    "set-cookie|location|user-agent|referer|origin|date|server|"
	    "retry-after|request-id|x-session-id|anthropic-version|"
	    "anthropic-beta|openai-beta";
	struct str rest = str_of(passed), one;
	int i, kept = HDR_IDS - 1;

	while (str_split(&rest, '|', &one)) {
		OK(hdr_id(one) != HDR_OTHER);
		OK(!hdr_kept_back(hdr_id(one)));
		kept--;
	}
	OK(!hdr_kept_back(HDR_OTHER));
	for (i = 1; i < HDR_IDS; i++) {
		kept -= hdr_kept_back((enum hdr_id)i);
		if (hdr_hop_by_hop((enum hdr_id)i) ||
		    hdr_is_credential((enum hdr_id)i))
			OK(hdr_kept_back((enum hdr_id)i));
	}
	EQ_INT(kept, 0);
}

TEST(credentials)
{
	static const char *const keys[] = { "authorization", "X-API-Key",
		"api-key", "X-Goog-Api-Key" };
	size_t i;

	for (i = 0; i < 4; i++)
		OK(hdr_is_credential(hdr_id(str_of(keys[i]))));
	OK(!hdr_is_credential(HDR_OTHER));
	OK(!hdr_is_credential(HDR_HOST));
}

TAP_BEGIN
TAP_ROW(every_name_has_its_id)
TAP_ROW(near_names_have_none)
TAP_ROW(find)
TAP_ROW(valid)
TAP_ROW(tokens)
TAP_ROW(hop_by_hop)
TAP_ROW(kept_back)
TAP_ROW(credentials)
TAP_END
