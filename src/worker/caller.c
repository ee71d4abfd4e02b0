/*
 * caller.c - who calls: credentials, limits, addresses.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/hmap.h"
#include "base/log.h"
#include "net/addr.h"
#include "state/key.h"
#include "worker/caller.h"

/* The key text of a credential field; Authorization may have a scheme. */
static struct str
credential(const struct hdr *h)
{
	struct str v = str_trim(h->value);

	if (h->id != HDR_AUTHORIZATION)
		return v;
	if (str_ieq(v, STR("bearer")))		/* of a client without one */
		return STR_NULL;
	if (v.n > 7 && strncasecmp(v.p, "bearer ", 7) == 0)
		return str_trim(str_skip(v, 7));
	return v;
}

static struct str
query_credential(struct str query)
{
	struct str part;

	while (str_split(&query, '&', &part))
		if (str_starts(part, STR("key=")))
			return str_skip(part, 4);
	return STR_NULL;
}

/* The one credential of the request: FAULT_BAD_REQUEST when two differ. */
static enum fault
find_credential(const struct hdr *h, unsigned n, struct str query,
    int query_key, struct str *out)
{
	static const enum hdr_id order[] = {
		HDR_AUTHORIZATION, HDR_X_API_KEY, HDR_API_KEY,
		HDR_X_GOOG_API_KEY
	};
	struct str found = STR_NULL, v;
	unsigned i, k;

	for (k = 0; k < 4; k++)
		for (i = 0; i < n; i++) {
			if (h[i].id != order[k])
				continue;
			v = credential(&h[i]);
			if (v.n == 0)
				continue;
			if (found.n > 0 && !str_eq(found, v))
				return FAULT_BAD_REQUEST;
			found = v;
		}
	if (found.n == 0 && query_key)
		found = query_credential(query);
	*out = found;
	return found.n == 0 ? FAULT_NO_KEY : FAULT_NONE;
}

/* A key whose tier has left the configuration has those of the default one,
 * not none. */
static const struct conf_limits *
tier_limits(const struct worker *w, const char *tier)
{
	const struct conf_tier *t = conf_tier(w->conf, tier);

	if (t == NULL)
		t = conf_tier(w->conf, w->conf->default_tier);
	ASSERT(t != NULL);
	return &t->limits;
}

/* One limit: the key's, else the tier's, else none. */
static uint64_t
limit_of(uint64_t key, uint64_t tier)
{
	if (key != CONF_UNSET)
		return key;
	return tier == CONF_UNSET ? 0 : tier;
}

static void
set_limits(const struct worker *w, const char *tier,
    const struct conf_limits *k, struct caller *c)
{
	const struct conf_limits *tl = tier_limits(w, tier);
	uint64_t *v = c->limits.v;

	v[WINDOW_RPS] = limit_of(k->rps, tl->rps);
	v[WINDOW_RPM] = limit_of(k->rpm, tl->rpm);
	v[WINDOW_RPD] = limit_of(k->rpd, tl->rpd);
	v[WINDOW_TPM] = limit_of(k->tpm, tl->tpm);
	v[WINDOW_HOURLY] = limit_of(k->hourly_limit, tl->hourly_limit);
	v[WINDOW_DAILY] = limit_of(k->daily_limit, tl->daily_limit);
	v[WINDOW_COOLDOWN] = limit_of(k->cooldown, tl->cooldown);
	v[WINDOW_CONCURRENCY] = limit_of(k->max_concurrency,
	    tl->max_concurrency);
	v[WINDOW_TOKENS] = limit_of(k->max_tokens, tl->max_tokens);
	if (c->role == ROLE_ROOT)
		memset(&c->limits, 0, sizeof(c->limits));
}

static uint64_t
file_key_id(const struct conf_key *k)
{
	uint64_t id;

	memcpy(&id, k->hash, sizeof(id));
	return id == 0 ? 1 : id;
}

static enum fault
from_file(struct worker *w, const struct conf_key *k, struct caller *c)
{
	c->known = 1;
	c->id = file_key_id(k);
	c->name = str_of(k->name);
	c->role = k->role;
	c->groups = k->groups;
	c->providers = k->providers;
	c->models = k->models;
	c->allow_from = k->allow_from;
	c->expires_us = k->expires;
	set_limits(w, k->tier, &k->limits, c);
	return k->enabled ? FAULT_NONE : FAULT_KEY_DISABLED;
}

/* "a,b,c" as a list in the arena. One of commas alone has an entry that names
 * nothing, for a list without any would be no restriction. */
static struct conf_strs
split_list(struct arena *a, const char *text)
{
	struct conf_strs out = { NULL, 0 };
	struct str rest = str_of(text), part;
	size_t commas = 1, i;

	if (rest.n == 0)
		return out;
	for (i = 0; i < rest.n; i++)
		commas += rest.p[i] == ',';
	out.v = arena_alloc(a, commas * sizeof(*out.v));
	while (str_split(&rest, ',', &part)) {
		part = str_trim(part);
		if (part.n > 0)
			out.v[out.n++] = arena_strndup(a, part.p, part.n);
	}
	if (out.n == 0)
		out.v[out.n++] = arena_strndup(a, "", 0);
	return out;
}

static struct conf_cidrs
split_cidrs(struct arena *a, const char *text)
{
	struct conf_strs l = split_list(a, text);
	struct conf_cidrs out = { NULL, 0 };
	unsigned i;

	out.v = arena_zalloc(a, (l.n + 1) * sizeof(*out.v));
	for (i = 0; i < l.n; i++) {
		struct str s = str_of(l.v[i]), addr = s;
		long slash = str_chr(s, '/');
		unsigned bits = 0;
		size_t k;

		if (slash >= 0)
			addr.n = (size_t)slash;
		/* An entry that says nothing lets nobody in: all zero. */
		if (addr_parse(addr, out.v[out.n].addr) != 0) {
			out.v[out.n++].bits = 128;
			continue;
		}
		for (k = addr.n + 1; slash >= 0 && k < s.n; k++)
			bits = bits * 10 + (unsigned)(s.p[k] - '0');
		if (str_chr(addr, ':') < 0)
			bits = slash < 0 ? 128 : bits + 96;
		else if (slash < 0)
			bits = 128;
		out.v[out.n++].bits = bits > 128 ? 128 : bits;
	}
	return out;
}

static enum fault
from_ledger(struct worker *w, struct arena *a, const struct key_rec *k,
    struct caller *c)
{
	struct conf_limits l;

	memset(&l, 0, sizeof(l));
	l.rps = k->rps;
	l.rpm = k->rpm;
	l.rpd = k->rpd;
	l.tpm = k->tpm;
	l.hourly_limit = k->hourly_limit;
	l.daily_limit = k->daily_limit;
	l.cooldown = k->cooldown;
	l.max_concurrency = k->max_concurrency;
	l.max_tokens = k->max_tokens;
	c->known = 1;
	c->id = k->id;
	c->name = str_of(arena_strdup(a, k->name));
	c->role = (enum conf_role)k->role;
	c->groups = split_list(a, k->groups);
	c->providers = split_list(a, k->providers);
	c->models = split_list(a, k->models);
	if (k->allow_from[0] != '\0')
		c->allow_from = split_cidrs(a, k->allow_from);
	c->expires_us = k->expires_us;
	set_limits(w, k->tier, &l, c);
	return k->enabled ? FAULT_NONE : FAULT_KEY_DISABLED;
}

/* The gateway token is sent as its base64. */
static int
is_gateway_token(const struct worker *w, struct str key)
{
	struct buf b;
	int eq = 0;

	if (secret_empty(w->conf->auth.gateway_token))
		return 0;
	buf_init(&b, 4096);
	if (crypto_unbase64(&b, key) == 0)
		eq = secret_eq(w->conf->auth.gateway_token, buf_str(&b));
	if (b.data != NULL)
		secret_wipe(b.data, b.cap);
	buf_free(&b);
	return eq;
}

static enum fault
recognise(struct worker *w, struct arena *a, struct str key, struct caller *c)
{
	unsigned char hash[CRYPTO_SHA256];
	const struct conf_key *k;
	static struct key_rec rec;	/* too large for the stack */
	int rc;

	crypto_sha256(key, hash);
	k = hmap_get(w->file_keys, str_make((const char *)hash,
	    sizeof(hash)));
	if (k != NULL)
		return from_file(w, k, c);
	rc = key_find(w->state, hash, clock_real_us(), &rec);
	if (rc == 0)
		return from_ledger(w, a, &rec, c);
	if (rc != ERR_NOTFOUND)
		return FAULT_INTERNAL;
	if (is_gateway_token(w, key)) {
		c->known = 1;
		memcpy(&c->id, hash, sizeof(c->id));
		c->name = STR("gateway");
		return FAULT_NONE;
	}
	return FAULT_BAD_KEY;
}

enum fault
caller_find(struct worker *w, struct arena *a, const struct hdr *h, unsigned n,
    struct str query, int query_key, struct caller *out)
{
	enum fault f;
	struct str key;

	memset(out, 0, sizeof(*out));
	out->name = STR("");
	f = find_credential(h, n, query, query_key, &key);
	if (f == FAULT_NONE)
		f = recognise(w, a, key, out);
	if (f == FAULT_NONE && out->expires_us != 0 &&
	    out->expires_us <= clock_real_us())
		f = FAULT_KEY_EXPIRED;
	if ((f == FAULT_NO_KEY || f == FAULT_BAD_KEY) &&
	    !w->conf->auth.required)
		f = FAULT_NONE;		/* an open proxy: anonymous */
	return f;
}

/* Whoever it is: a rule that names networks does not name that one. */
static int
nobody_ok(const struct worker *w, const struct caller *c,
    const unsigned char addr[16])
{
	static struct log_limit lim = { 1 };
	char who[ADDR_TEXT_SIZE];

	if (w->conf->client.allow_from.n == 0 && c->allow_from.n == 0)
		return 1;
	addr_text(addr, who);
	if (log_allow(&lim))
		log_warn("a client of the trusted proxy %s is refused: an "
		    "allow_from applies, and no X-Forwarded-For has an "
		    "address to read", who);
	return 0;
}

int
caller_address_ok(const struct worker *w, const struct caller *c,
    const unsigned char addr[16], enum caller_via via)
{
	if (via == CALLER_VIA_LOST)
		return nobody_ok(w, c, addr);
	if (addr_is_loopback(addr) && via == CALLER_DIRECT)
		return 1;
	if (w->conf->client.allow_from.n > 0 &&
	    !conf_cidrs_match(&w->conf->client.allow_from, addr))
		return 0;
	return c->allow_from.n == 0 ||
	    conf_cidrs_match(&c->allow_from, addr);
}

enum walk { WALK_ON, WALK_FOUND, WALK_LOST };

/*
 * Go back through one list: WALK_FOUND at the first hop that nobody vouches
 * for, WALK_LOST where it cannot be read: out is the last good one.
 */
static enum walk
walk_back(const struct worker *w, struct str list, unsigned char out[16])
{
	unsigned char hop[16];
	long comma;

	while (list.n > 0) {
		for (comma = (long)list.n - 1; comma >= 0; comma--)
			if (list.p[comma] == ',')
				break;
		if (addr_parse_port(str_trim(str_skip(list,
		    (size_t)(comma + 1))), hop) != 0)
			return WALK_LOST;
		memcpy(out, hop, 16);
		if (!conf_cidrs_match(&w->conf->client.trusted_proxies, hop))
			return WALK_FOUND;
		list.n = comma < 0 ? 0 : (size_t)comma;
	}
	return WALK_ON;
}

/*
 * A proxy may add a line of its own below the client's: lines are one list.
 * Who sends any such header speaks for somebody else: only what a chain of
 * trusted hops tells makes that somebody known.
 */
enum caller_via
caller_address(const struct worker *w, const unsigned char peer[16],
    const struct hdr *h, unsigned n, unsigned char out[16])
{
	enum caller_via via = CALLER_DIRECT;
	unsigned i;

	memcpy(out, peer, 16);
	for (i = 0; i < n; i++)
		if (h[i].id == HDR_X_FORWARDED_FOR ||
		    h[i].id == HDR_FORWARDED || h[i].id == HDR_X_REAL_IP)
			via = CALLER_VIA_STRANGER;
	if (via == CALLER_DIRECT ||
	    !conf_cidrs_match(&w->conf->client.trusted_proxies, peer))
		return via;
	via = CALLER_VIA_LOST;
	while (n-- > 0) {
		if (h[n].id != HDR_X_FORWARDED_FOR || h[n].value.n == 0)
			continue;
		switch (walk_back(w, h[n].value, out)) {
		case WALK_FOUND:
			return CALLER_DIRECT;
		case WALK_LOST:
			return CALLER_VIA_LOST;
		case WALK_ON:
			via = CALLER_DIRECT;
		}
	}
	return via;
}
