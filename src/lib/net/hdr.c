/*
 * hdr.c - header fields: ids of names, look-up, what may be sent.
 *
 * Runs in: every process that speaks HTTP.
 * Owns: nothing.
 *
 * A new name of conf/headers.h needs a row in hdr_slots; the compiler refuses
 * two rows in one place (then change HDR_SLOT), the unit test a name without
 * row.
 */
#include "net/chars.h"
#include "net/hdr_lookup.h"

const struct hdr_name hdr_names[HDR_IDS] = {
#define X(id, name, kind) [HDR_##id] = { name, sizeof(name) - 1 },
	HEADERS(X)
#undef X
};

static const unsigned char kinds[HDR_IDS] = {
#define X(id, name, kind) [HDR_##id] = kind,
	HEADERS(X)
#undef X
};

/* Length, first letter, letter at length / 2. */
const unsigned char hdr_slots[HDR_SLOTS] = {
	[HDR_SLOT(4, 'h', 's')] = HDR_HOST,
	[HDR_SLOT(14, 'c', '-')] = HDR_CONTENT_LENGTH,
	[HDR_SLOT(17, 't', '-')] = HDR_TRANSFER_ENCODING,
	[HDR_SLOT(10, 'c', 'c')] = HDR_CONNECTION,
	[HDR_SLOT(10, 'k', 'a')] = HDR_KEEP_ALIVE,
	[HDR_SLOT(7, 'u', 'r')] = HDR_UPGRADE,
	[HDR_SLOT(2, 't', 'e')] = HDR_TE,
	[HDR_SLOT(7, 't', 'i')] = HDR_TRAILER,
	[HDR_SLOT(6, 'e', 'e')] = HDR_EXPECT,
	[HDR_SLOT(12, 'c', 't')] = HDR_CONTENT_TYPE,
	[HDR_SLOT(16, 'c', 'e')] = HDR_CONTENT_ENCODING,
	[HDR_SLOT(6, 'a', 'e')] = HDR_ACCEPT,
	[HDR_SLOT(15, 'a', 'e')] = HDR_ACCEPT_ENCODING,
	[HDR_SLOT(13, 'a', 'i')] = HDR_AUTHORIZATION,
	[HDR_SLOT(9, 'x', 'i')] = HDR_X_API_KEY,
	[HDR_SLOT(7, 'a', '-')] = HDR_API_KEY,
	[HDR_SLOT(14, 'x', 'a')] = HDR_X_GOOG_API_KEY,
	[HDR_SLOT(19, 'p', 'h')] = HDR_PROXY_AUTHORIZATION,
	[HDR_SLOT(18, 'p', 'h')] = HDR_PROXY_AUTHENTICATE,
	[HDR_SLOT(16, 'p', 'n')] = HDR_PROXY_CONNECTION,
	[HDR_SLOT(6, 'c', 'k')] = HDR_COOKIE,
	[HDR_SLOT(10, 's', 'o')] = HDR_SET_COOKIE,
	[HDR_SLOT(8, 'l', 't')] = HDR_LOCATION,
	[HDR_SLOT(10, 'u', 'a')] = HDR_USER_AGENT,
	[HDR_SLOT(7, 'r', 'e')] = HDR_REFERER,
	[HDR_SLOT(6, 'o', 'g')] = HDR_ORIGIN,
	[HDR_SLOT(4, 'd', 't')] = HDR_DATE,
	[HDR_SLOT(6, 's', 'v')] = HDR_SERVER,
	[HDR_SLOT(11, 'r', '-')] = HDR_RETRY_AFTER,
	[HDR_SLOT(12, 'x', 'e')] = HDR_X_REQUEST_ID,
	[HDR_SLOT(10, 'r', 's')] = HDR_REQUEST_ID,
	[HDR_SLOT(15, 'x', 'r')] = HDR_X_FORWARDED_FOR,
	[HDR_SLOT(9, 'f', 'a')] = HDR_FORWARDED,
	[HDR_SLOT(9, 'x', 'a')] = HDR_X_REAL_IP,
	[HDR_SLOT(12, 'x', 'i')] = HDR_X_SESSION_ID,
	[HDR_SLOT(17, 'a', 'c')] = HDR_ANTHROPIC_VERSION,
	[HDR_SLOT(14, 'a', 'i')] = HDR_ANTHROPIC_BETA,
	[HDR_SLOT(11, 'o', 'i')] = HDR_OPENAI_BETA,
};

enum hdr_id
hdr_id(struct str name)
{
	return hdr_lookup(name);
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
hdr_is_credential(enum hdr_id id)
{
	return id == HDR_AUTHORIZATION || id == HDR_X_API_KEY ||
	    id == HDR_API_KEY || id == HDR_X_GOOG_API_KEY;
}

int
hdr_hop_by_hop(enum hdr_id id)
{
	return (kinds[id] & HEADER_HOP) != 0;
}

int
hdr_kept_back(enum hdr_id id)
{
	return (kinds[id] & HEADER_KEPT) != 0;
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
