/*
 * conf_check_provider.c - what does not fit together: providers.
 *
 * Runs in: master.
 * Owns: nothing.
 */
#include <ctype.h>
#include <string.h>

#include "conf/headers.h"
#include "conf/load.h"

static const char *const reserved[] = {
	"v1", "v1beta", "api", "models", "health", "healthz", "readyz", "info",
	"routes", "dashboard", "providers", "logical-models", "routing",
	"context", "admin", "metrics",
};

#define SAY(l, sev, p, field, ...) \
	load_field(l, sev, field, (p)->file, (p)->line, __VA_ARGS__)

static int
is_id(const char *s)
{
	size_t i;

	for (i = 0; s[i] != '\0'; i++)
		if (!islower((unsigned char)s[i]) &&
		    !isdigit((unsigned char)s[i]) &&
		    (i == 0 || strchr("_.-", s[i]) == NULL))
			return 0;
	return i > 0 && i < CONF_NAME_MAX;
}

static void
check_id(struct load *l, struct conf_provider *p)
{
	struct conf_provider *twin;
	size_t i;

	if (!is_id(p->id))
		SAY(l, CONF_MISTAKE, p, &p->id, "providers.%s.id must be 1 to "
		    "%d of a-z, 0-9, \"_\", \".\", \"-\" and begin with a "
		    "letter or digit", p->id, CONF_NAME_MAX - 1);
	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(p->id, reserved[i]) == 0)
			SAY(l, CONF_MISTAKE, p, &p->id, "providers.%s.id is a "
			    "path of the gateway itself: choose another",
			    p->id);
	twin = conf_provider(l->c, str_of(p->id));
	if (twin != NULL && twin != p)
		SAY(l, CONF_MISTAKE, p, &p->id, "providers.%s is there twice, "
		    "first at %s:%d", p->id, twin->file, twin->line);
}

int
load_is_header(const char *s)
{
	size_t n = strlen(s), i;

	for (i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) &&
		    strchr("!#$%&'*+-.^_`|~", s[i]) == NULL)
			return 0;
	return n > 0;
}

static int
is_value(const char *s)
{
	for (; *s != '\0'; s++)
		if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
			return 0;
	return 1;
}

int
load_header_kind(const char *s)
{
	static const struct {
		const char	*name;
		int		 kind;
	} headers[] = {
#define X(id, name, kind) { name, kind },
		HEADERS(X)
#undef X
	};
	size_t i;

	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		if (strcasecmp(s, headers[i].name) == 0)
			return headers[i].kind;
	return -1;
}

/* Is it of that kind? */
static int
is_kind(const char *s, int kind)
{
	int k = load_header_kind(s);

	return k > 0 && (k & kind) != 0;
}

static int
is_framing(const char *s)
{
	return is_kind(s, HEADER_FRAMING);
}

static void
check_headers(struct load *l, struct conf_provider *p)
{
	const char *name;
	unsigned i;

	for (i = 0; i < p->header_names.n; i++) {
		name = p->header_names.v[i];
		if (!load_is_header(name) || is_framing(name))
			SAY(l, CONF_MISTAKE, p, &p->header_names,
			    "providers.%s.headers: %s cannot be set", p->id,
			    name);
		if (!is_value(p->header_values.v[i]))
			SAY(l, CONF_MISTAKE, p, &p->header_names,
			    "providers.%s.headers: the value of %s has a "
			    "control byte", p->id, name);
	}
	for (i = 0; i < p->forward_headers.n; i++) {
		name = p->forward_headers.v[i];
		if (!load_is_header(name) || is_framing(name))
			SAY(l, CONF_MISTAKE, p, &p->forward_headers,
			    "providers.%s.forward_headers: %s cannot be "
			    "passed on", p->id, name);
		else if (is_kind(name, HEADER_KEPT))
			SAY(l, CONF_WARNING, p, &p->forward_headers,
			    "providers.%s.forward_headers: %s is never passed "
			    "on: it is the client's own affair", p->id, name);
	}
	for (i = 0; i < p->models.n; i++)
		if (p->models.v[i][0] == '\0')
			SAY(l, CONF_MISTAKE, p, &p->models, "providers.%s."
			    "models[%u] is empty", p->id, i);
	if (!load_is_header(p->auth_header) || is_framing(p->auth_header))
		SAY(l, CONF_MISTAKE, p, &p->auth_header, "providers.%s."
		    "auth_header is \"%s\": must be the name of a header",
		    p->id, p->auth_header);
	if (strstr(p->auth_format, "{key}") == NULL ||
	    !is_value(p->auth_format))
		SAY(l, CONF_MISTAKE, p, &p->auth_format, "providers.%s."
		    "auth_format must hold {key}, the place of the key",
		    p->id);
}

static void
check_masks(struct load *l, struct conf_provider *p)
{
	if (!is_value(p->mask_user_agent) || !is_value(p->mask_origin) ||
	    !is_value(p->mask_referer))
		SAY(l, CONF_MISTAKE, p, &p->mask_user_agent, "providers.%s: "
		    "a mask_* option has a control byte", p->id);
}

static void
check_keys(struct load *l, struct conf_provider *p)
{
	unsigned i, k;

	if (p->n_keys == 0 && p->dialect != DIALECT_OLLAMA)
		SAY(l, CONF_WARNING, p, &p->id, "providers.%s has no keys: "
		    "its requests go without a credential", p->id);
	for (i = 0; i < p->n_keys; i++) {
		if (p->keys[i].source[0] == '\0')
			SAY(l, CONF_MISTAKE, p, &p->keys[i].key,
			    "providers.%s.keys[%u] is empty", p->id, i);
		for (k = 0; k < i && p->keys[i].key != NULL; k++)
			if (p->keys[k].key != NULL && memcmp(p->keys[i].id,
			    p->keys[k].id, sizeof(p->keys[i].id)) == 0)
				SAY(l, CONF_WARNING, p, &p->keys[i].key,
				    "providers.%s.keys[%u] is the same as "
				    "keys[%u]", p->id, i, k);
	}
}

/* Those of SOCKS that leave a name to the proxy: the sandbox has no look-up. */
static int
is_proxy(const char *s)
{
	static const char *const schemes[] = { "http://", "https://",
	    "socks5h://", "socks4a://" };
	size_t i, n;

	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		n = strlen(schemes[i]);
		if (strncasecmp(s, schemes[i], n) == 0)
			return s[n] != '\0' && strpbrk(s, " \t\r\n") == NULL;
	}
	return 0;
}

static void
check_proxy(struct load *l, struct conf_provider *p)
{
	int five = strncasecmp(p->proxy, "socks5://", 9) == 0;

	if (five || strncasecmp(p->proxy, "socks4://", 9) == 0)
		SAY(l, CONF_MISTAKE, p, &p->proxy, "providers.%s.proxy must "
		    "look the provider's name up itself: write %s:// instead "
		    "of %.6s://", p->id, five ? "socks5h" : "socks4a",
		    p->proxy);
	else if (p->proxy[0] != '\0' && !is_proxy(p->proxy))
		SAY(l, CONF_MISTAKE, p, &p->proxy, "providers.%s.proxy must "
		    "begin with http:// or socks5h://", p->id);
}

/* A path that goes into a request line. */
static void
check_path(struct load *l, struct conf_provider *p, const void *field,
    const char *option, const char *path)
{
	const char *s;

	for (s = path; *s != '\0'; s++)
		if ((unsigned char)*s <= 0x20 || (unsigned char)*s >= 0x7f ||
		    *s == '#') {
			SAY(l, CONF_MISTAKE, p, field, "providers.%s.%s is "
			    "\"%s\": write other bytes than visible ASCII as "
			    "%%xx", p->id, option, path);
			return;
		}
}

static void
check_rest(struct load *l, struct conf_provider *p)
{
	check_proxy(l, p);
	if ((p->tls_client_certificate[0] == '\0') !=
	    (p->tls_client_key[0] == '\0'))
		SAY(l, CONF_MISTAKE, p, p->tls_client_key[0] == '\0' ?
		    &p->tls_client_certificate : &p->tls_client_key,
		    "providers.%s.tls: client_certificate and client_key "
		    "belong together", p->id);
	if (!p->tls_verify && p->https)
		SAY(l, CONF_WARNING, p, &p->tls_verify, "providers.%s.tls."
		    "verify is false: anybody on the way can read its keys",
		    p->id);
	if (!p->https && p->n_keys > 0 && p->host[0] != '\0' &&
	    strncmp(p->host, "127.", 4) != 0 &&
	    strcmp(p->host, "localhost") != 0 && strcmp(p->host, "::1") != 0)
		SAY(l, CONF_WARNING, p, &p->base_url, "providers.%s.base_url "
		    "is plain http: its keys cross the network in clear",
		    p->id);
	if (p->connect_timeout > p->total_timeout)
		SAY(l, CONF_WARNING, p, &p->total_timeout, "providers.%s."
		    "total_timeout is shorter than connect_timeout", p->id);
	check_path(l, p, &p->api_path, "api_path", p->api_prefix);
	check_path(l, p, &p->models_path, "models_path", p->models_path);
	check_path(l, p, &p->health.path, "health.path", p->health.path);
}

void
load_check_providers(struct load *l)
{
	struct conf_provider *p;
	unsigned i;

	for (i = 0; i < l->c->n_providers; i++) {
		p = &l->c->providers[i];
		check_id(l, p);
		check_headers(l, p);
		check_masks(l, p);
		check_keys(l, p);
		check_rest(l, p);
	}
	if (l->c->n_providers == 0)
		load_say(l, CONF_WARNING, l->src[0]->name, 0,
		    "there is no provider: every request will be refused");
}
