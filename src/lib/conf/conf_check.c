/*
 * conf_check.c - what does not fit together: listeners, tiers, client keys.
 *
 * Runs in: master.
 * Owns: nothing.
 */
#include <string.h>

#include "conf/headers.h"
#include "conf/load.h"
#include "conf/net.h"

static void
check_tls(struct load *l, struct conf_listen *li)
{
	if (li->tls_certificate[0] == '\0')
		load_field(l, CONF_MISTAKE, &li->tls_key, "", 0,
		    "listen.%s.tls needs a certificate", li->address);
	if (li->tls_key[0] == '\0')
		load_field(l, CONF_MISTAKE, &li->tls_certificate, "", 0,
		    "listen.%s.tls needs a key", li->address);
}

static void
check_mode(struct load *l, struct conf_listen *li, int is_unix)
{
	if (li->mode[0] == '\0')
		return;
	if (!is_unix)
		load_field(l, CONF_WARNING, &li->mode, "", 0,
		    "listen.%s.mode is for Unix sockets only", li->address);
	else if (strlen(li->mode) > 4 ||
	    strspn(li->mode, "01234567") != strlen(li->mode))
		load_field(l, CONF_MISTAKE, &li->mode, "", 0, "listen.%s.mode "
		    "is \"%s\": must be octal such as \"0660\"", li->address,
		    li->mode);
}

/* Whether an open proxy on this listener would be open to others. */
static int
check_listener(struct load *l, unsigned i)
{
	struct conf_listen *li = &l->c->listen[i];
	struct conf_addr addr;
	const char *wrong = conf_addr_parse(str_of(li->address), &addr);
	unsigned k;

	if (wrong != NULL) {
		load_field(l, CONF_MISTAKE, &li->address, "", 0,
		    "listen.%s.address %s", li->address, wrong);
		return 0;
	}
	for (k = 0; k < i; k++)
		if (strcmp(l->c->listen[k].address, li->address) == 0 &&
		    (addr.is_unix || addr.port != 0))
			load_field(l, CONF_MISTAKE, &li->address, "", 0,
			    "listen.%s is there twice", li->address);
	if (li->tls)
		check_tls(l, li);
	check_mode(l, li, addr.is_unix);
	return !addr.loopback;
}

static void
check_admin(struct load *l)
{
	const char *a = l->c->admin.listen, *wrong;
	struct conf_addr addr;
	unsigned i;

	if (a[0] == '\0')
		return;
	if ((wrong = conf_addr_parse(str_of(a), &addr)) != NULL) {
		load_field(l, CONF_MISTAKE, &l->c->admin.listen, "", 0,
		    "admin.listen is \"%s\": %s", a, wrong);
		return;
	}
	for (i = 0; i < l->c->n_listen; i++)
		if (strcmp(l->c->listen[i].address, a) == 0 &&
		    (addr.is_unix || addr.port != 0))
			load_field(l, CONF_MISTAKE, &l->c->admin.listen, "",
			    0, "admin.listen is \"%s\", which is a public "
			    "listener too: see admin.public", a);
	if (!addr.loopback)
		load_field(l, CONF_WARNING, &l->c->admin.listen, "", 0,
		    "admin.listen is \"%s\": the admin API speaks plain HTTP "
		    "there, for others to read", a);
}

static void
check_listeners(struct load *l)
{
	struct conf *c = l->c;
	int public = 0;
	unsigned i;

	if (l->c->client.proxy_protocol &&
	    l->c->client.trusted_proxies.n == 0)
		load_field(l, CONF_WARNING, &l->c->client.proxy_protocol, "",
		    0, "client.proxy_protocol is for those who are named in "
		    "client.trusted_proxies: there are none");
	for (i = 0; i < c->n_listen; i++)
		public |= check_listener(l, i);
	if (c->n_listen == 0)
		load_say(l, CONF_MISTAKE, l->src[0]->name, 0,
		    "listen is empty: nobody could call");
	if (public && c->client.allow_from.n == 0) {
		if (!c->auth.required)
			load_field(l, CONF_MISTAKE, &c->auth.required, "", 0,
			    "auth.required = false opens the proxy to "
			    "everybody: every listener must be on a loopback "
			    "address, or client.allow_from must name networks");
		if (c->auth.anonymous_unified_chat)
			load_field(l, CONF_MISTAKE,
			    &c->auth.anonymous_unified_chat, "", 0,
			    "auth.anonymous_unified_chat opens POST /v1/chat "
			    "to everybody: every listener must be on a "
			    "loopback address, or client.allow_from must name "
			    "networks");
	}
	check_admin(l);
}

static void
check_tiers(struct load *l)
{
	struct conf *c = l->c;
	const struct conf_tier *t;
	unsigned i;

	for (i = 0; i < c->n_tiers; i++) {
		t = &c->tiers[i];
		if (conf_tier(c, t->name) != t)
			load_field(l, CONF_MISTAKE, &t->name, "", 0,
			    "tiers.%s is there twice", t->name);
		if (strlen(t->name) >= CONF_NAME_MAX || t->name[0] == '\0')
			load_field(l, CONF_MISTAKE, &t->name, "", 0,
			    "tiers[%u].name must have 1 to %d bytes", i,
			    CONF_NAME_MAX - 1);
		if (t->max_score >= 0 && t->min_score > t->max_score)
			load_field(l, CONF_MISTAKE, &t->min_score, "", 0,
			    "tiers.%s.min_score is above max_score", t->name);
	}
	if (conf_tier(c, c->default_tier) == NULL)
		load_field(l, CONF_MISTAKE, &c->default_tier, "", 0,
		    "default_tier is \"%s\": there is no such tier",
		    c->default_tier);
}

static void
check_key(struct load *l, struct conf_key *k, struct hmap *names,
    struct hmap *hashes)
{
	struct conf_key *twin;

	if (k->name[0] == '\0' || strlen(k->name) >= CONF_NAME_MAX)
		load_say(l, CONF_MISTAKE, k->file, k->line,
		    "keys.%s.name must have 1 to %d bytes", k->name,
		    CONF_NAME_MAX - 1);
	else if (hmap_set(names, str_of(k->name), k) != NULL)
		load_say(l, CONF_MISTAKE, k->file, k->line,
		    "keys.%s is there twice", k->name);
	if (load_origin(l, k->hash) == NULL)
		load_say(l, CONF_MISTAKE, k->file, k->line,
		    "keys.%s needs a secret or a hash", k->name);
	else if (l->from->resolve) {
		twin = hmap_set(hashes, str_make((const char *)k->hash,
		    sizeof(k->hash)), k);
		if (twin != NULL)
			load_field(l, CONF_MISTAKE, k->hash, k->file, k->line,
			    "keys.%s has the same secret as keys.%s", k->name,
			    twin->name);
	}
}

static void
check_keys(struct load *l)
{
	struct hmap *names = hmap_new(), *hashes = hmap_new();
	struct conf *c = l->c;
	unsigned i;

	for (i = 0; i < c->n_keys; i++)
		check_key(l, &c->keys[i], names, hashes);
	hmap_free(&names);
	hmap_free(&hashes);
}

static void
check_sizes(struct load *l)
{
	struct conf *c = l->c;

	if (c->client.buffer_budget < c->client.max_body)
		load_field(l, CONF_MISTAKE, &c->client.buffer_budget, "", 0,
		    "client.buffer_budget is smaller than client.max_body: "
		    "no body of that size could ever be taken");
	if (c->client.buffer_budget < c->client.hold_max)
		load_field(l, CONF_MISTAKE, &c->client.hold_max, "", 0,
		    "client.hold_max is above client.buffer_budget");
	if (c->cache.max_entry > c->cache.max_size)
		load_field(l, CONF_MISTAKE, &c->cache.max_entry, "", 0,
		    "cache.max_entry is above cache.max_size");
}

static void
check_words(struct load *l)
{
	static const char facilities[] = "|auth|authpriv|cron|daemon|ftp|kern|"
	    "lpr|mail|news|syslog|user|uucp|local0|local1|local2|local3|"
	    "local4|local5|local6|local7";
	struct conf *c = l->c;
	struct str redis = str_of(c->shared.redis);

	if (opt_choice(facilities, str_of(c->syslog)) < 0)
		load_field(l, CONF_MISTAKE, &c->syslog, "", 0, "syslog is "
		    "\"%s\": must be a facility such as \"daemon\"",
		    c->syslog);
	if (redis.n > 0 && !str_starts(redis, STR("redis://")) &&
	    !str_starts(redis, STR("rediss://")))
		load_field(l, CONF_MISTAKE, &c->shared.redis, "", 0,
		    "shared.redis must be \"redis://host:port/number\"");
	if (c->state_dir[0] == '\0' || c->run_dir[0] == '\0' ||
	    c->log_dir[0] == '\0')
		load_field(l, CONF_MISTAKE, c->state_dir[0] == '\0' ?
		    &c->state_dir : c->run_dir[0] == '\0' ? &c->run_dir :
		    &c->log_dir, "", 0,
		    "state_dir, run_dir and log_dir must not be empty");
}

/* A session's name is in logs and in the ledger. */
static void
check_session(struct load *l)
{
	const char *name = l->c->session.header;
	int kind = load_header_kind(name);

	if (name[0] == '\0')
		return;
	if (!load_is_header(name))
		load_field(l, CONF_MISTAKE, &l->c->session.header, "", 0,
		    "session.header is \"%s\": must be the name of a header, "
		    "such as \"X-Session-Id\", or \"\" for none", name);
	else if (kind >= 0 && (kind & HEADER_SESSION) == 0)
		load_field(l, CONF_MISTAKE, &l->c->session.header, "", 0,
		    "session.header is \"%s\", which has a meaning of its own "
		    "and names no session: use another, such as "
		    "\"X-Session-Id\"", name);
	else if (conf_header_is_secret(name))
		load_field(l, CONF_WARNING, &l->c->session.header, "", 0,
		    "session.header is \"%s\": its values are written to the "
		    "access log and to the usage records; a credential must "
		    "not be there", name);
}

void
load_check(struct load *l)
{
	check_listeners(l);
	load_check_providers(l);
	check_tiers(l);
	check_keys(l);
	check_sizes(l);
	check_words(l);
	check_session(l);
	load_check_refs(l);
}
