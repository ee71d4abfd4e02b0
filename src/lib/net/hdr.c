/*
 * hdr.c - header fields: ids of names, look-up, what may be sent.
 *
 * Runs in: every process that speaks HTTP.
 * Owns: nothing.
 *
 * An id is found by one table look-up (length, first and middle letter) and
 * one comparison of at most three words. A new name of HDR_LIST needs a row in
 * slots; the compiler refuses two rows in one place, the unit test a name
 * without row.
 */
#include "net/chars.h"
#include "net/hdr.h"

#define HDR_LONGEST	24	/* longest name, rounded up to words */
#define SLOT(n, first, middle) \
	(((unsigned)(n) + 7u * ((unsigned)(first) + (unsigned)(middle))) & 255u)

static const char texts[HDR_IDS][HDR_LONGEST] = {
#define X(id, name) [HDR_##id] = name,
	HDR_LIST(X)
#undef X
};

static const unsigned char lengths[HDR_IDS] = {
#define X(id, name) [HDR_##id] = sizeof(name) - 1,
	HDR_LIST(X)
#undef X
};

/* Length, first letter, letter at length / 2. */
static const unsigned char slots[256] = {
	[SLOT(4, 'h', 's')] = HDR_HOST,
	[SLOT(14, 'c', '-')] = HDR_CONTENT_LENGTH,
	[SLOT(17, 't', '-')] = HDR_TRANSFER_ENCODING,
	[SLOT(10, 'c', 'c')] = HDR_CONNECTION,
	[SLOT(10, 'k', 'a')] = HDR_KEEP_ALIVE,
	[SLOT(7, 'u', 'r')] = HDR_UPGRADE,
	[SLOT(2, 't', 'e')] = HDR_TE,
	[SLOT(7, 't', 'i')] = HDR_TRAILER,
	[SLOT(6, 'e', 'e')] = HDR_EXPECT,
	[SLOT(12, 'c', 't')] = HDR_CONTENT_TYPE,
	[SLOT(16, 'c', 'e')] = HDR_CONTENT_ENCODING,
	[SLOT(6, 'a', 'e')] = HDR_ACCEPT,
	[SLOT(15, 'a', 'e')] = HDR_ACCEPT_ENCODING,
	[SLOT(13, 'a', 'i')] = HDR_AUTHORIZATION,
	[SLOT(9, 'x', 'i')] = HDR_X_API_KEY,
	[SLOT(7, 'a', '-')] = HDR_API_KEY,
	[SLOT(14, 'x', 'a')] = HDR_X_GOOG_API_KEY,
	[SLOT(19, 'p', 'h')] = HDR_PROXY_AUTHORIZATION,
	[SLOT(18, 'p', 'h')] = HDR_PROXY_AUTHENTICATE,
	[SLOT(16, 'p', 'n')] = HDR_PROXY_CONNECTION,
	[SLOT(6, 'c', 'k')] = HDR_COOKIE,
	[SLOT(10, 's', 'o')] = HDR_SET_COOKIE,
	[SLOT(8, 'l', 't')] = HDR_LOCATION,
	[SLOT(10, 'u', 'a')] = HDR_USER_AGENT,
	[SLOT(7, 'r', 'e')] = HDR_REFERER,
	[SLOT(6, 'o', 'g')] = HDR_ORIGIN,
	[SLOT(4, 'd', 't')] = HDR_DATE,
	[SLOT(6, 's', 'v')] = HDR_SERVER,
	[SLOT(11, 'r', '-')] = HDR_RETRY_AFTER,
	[SLOT(12, 'x', 'e')] = HDR_X_REQUEST_ID,
	[SLOT(10, 'r', 's')] = HDR_REQUEST_ID,
	[SLOT(15, 'x', 'r')] = HDR_X_FORWARDED_FOR,
	[SLOT(9, 'f', 'a')] = HDR_FORWARDED,
	[SLOT(9, 'x', 'a')] = HDR_X_REAL_IP,
	[SLOT(12, 'x', 'i')] = HDR_X_SESSION_ID,
	[SLOT(17, 'a', 'c')] = HDR_ANTHROPIC_VERSION,
	[SLOT(14, 'a', 'i')] = HDR_ANTHROPIC_BETA,
	[SLOT(11, 'o', 'i')] = HDR_OPENAI_BETA,
};

/*
 * 1 when a and b are equal but for the case of letters, b being lower case:
 * only letters of b have bit 0x40, and only there bit 0x20 may differ.
 */
static inline int
same64(const char *a, const char *b)
{
	uint64_t x, y;

	memcpy(&x, a, 8);
	memcpy(&y, b, 8);
	return ((x ^ y) & ~((y & 0x4040404040404040ULL) >> 1)) == 0;
}

static inline int
same32(const char *a, const char *b)
{
	uint32_t x, y;

	memcpy(&x, a, 4);
	memcpy(&y, b, 4);
	return ((x ^ y) & ~((y & 0x40404040U) >> 1)) == 0;
}

/* The same for n bytes: two or three words that may overlap. */
static inline int
same_name(const char *a, const char *b, size_t n)
{
	if (n >= 8)
		return same64(a, b) && same64(a + n - 8, b + n - 8) &&
		    (n <= 16 || same64(a + 8, b + 8));
	if (n >= 4)
		return same32(a, b) && same32(a + n - 4, b + n - 4);
	return strncasecmp(a, b, n) == 0;
}

enum hdr_id
hdr_id(struct str name)
{
	unsigned id, first, middle;

	if (name.n == 0 || name.n > HDR_LONGEST)
		return HDR_OTHER;
	first = (unsigned char)name.p[0] | 0x20u;
	middle = (unsigned char)name.p[name.n / 2] | 0x20u;
	id = slots[SLOT(name.n, first, middle)];
	if (lengths[id] != name.n || !same_name(name.p, texts[id], name.n))
		return HDR_OTHER;
	return (enum hdr_id)id;
}

const struct hdr *
hdr_find(const struct hdr *h, unsigned n, enum hdr_id id)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (h[i].id == id)
			return &h[i];
	return NULL;
}

const struct hdr *
hdr_find_name(const struct hdr *h, unsigned n, struct str name)
{
	enum hdr_id id = hdr_id(name);
	unsigned i;

	if (id != HDR_OTHER)
		return hdr_find(h, n, id);
	for (i = 0; i < n; i++)
		if (h[i].id == HDR_OTHER && str_ieq(h[i].name, name))
			return &h[i];
	return NULL;
}

int
hdr_valid(struct str name, struct str value)
{
	const char *e = name.p + name.n;

	if (name.n == 0 || chars_skip(name.p, e, CHARS_TOKEN) != e)
		return 0;
	if (value.n == 0)
		return 1;
	e = value.p + value.n;
	return chars_skip_text(value.p, e) == e;
}

int
hdr_hop_by_hop(enum hdr_id id)
{
	switch (id) {
	case HDR_CONNECTION:
	case HDR_KEEP_ALIVE:
	case HDR_PROXY_CONNECTION:
	case HDR_PROXY_AUTHENTICATE:
	case HDR_PROXY_AUTHORIZATION:
	case HDR_TE:
	case HDR_TRAILER:
	case HDR_TRANSFER_ENCODING:
	case HDR_UPGRADE:
		return 1;
	default:
		return 0;
	}
}

int
hdr_has_token(struct str value, struct str token)
{
	struct str part;

	while (str_split(&value, ',', &part))
		if (str_ieq(str_trim(part), token))
			return 1;
	return 0;
}
