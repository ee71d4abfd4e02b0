/*
 * conf_url.c - base_url in parts, strictly.
 *
 * Runs in: every process that loads a configuration.
 * Owns: nothing.
 *
 * What curl or a browser would mend is refused: the parts go into requests and
 * certificates' names, and must mean the same to everybody.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <string.h>

#include "base/num.h"
#include "conf/load.h"

/*
 * Does it end in a number, as no name of the internet does? Then everybody but
 * the strictest takes it for an IPv4 address, in one of its old forms.
 */
static int
ends_in_number(struct str h)
{
	size_t i, from;
	int hex;

	while (h.n > 0 && h.p[h.n - 1] == '.')
		h.n--;
	for (from = h.n; from > 0 && h.p[from - 1] != '.'; from--)
		;
	hex = h.n - from >= 2 && h.p[from] == '0' &&
	    (h.p[from + 1] | 0x20) == 'x';
	for (i = hex ? from + 2 : from; i < h.n; i++)
		if (hex ? !isxdigit((unsigned char)h.p[i]) :
		    !isdigit((unsigned char)h.p[i]))
			return 0;
	return h.n > from;
}

static int
is_ipv4(struct str h)
{
	unsigned char ip[4];
	char text[INET_ADDRSTRLEN];

	return str_copy(text, sizeof(text), h) == 0 &&
	    inet_pton(AF_INET, text, ip) == 1;
}

/* A name or IPv4 address; NULL, or what is wrong. */
static const char *
check_host(struct str h)
{
	size_t i, label = 0;

	if (h.n == 0)
		return "has no host";
	if (h.n > 253)
		return "has a host name of more than 253 bytes";
	for (i = 0; i < h.n; i++) {
		unsigned char c = (unsigned char)h.p[i];

		if (c >= 0x80)
			return "has a host name outside of ASCII: write it "
			    "in its xn-- form";
		if (!isalnum(c) && c != '-' && c != '.' && c != '_')
			return "has a host name with a byte that cannot be "
			    "in one";
		label = c == '.' ? 0 : label + 1;
		if (c == '.' && (i == 0 || h.p[i - 1] == '.'))
			return "has a host name with an empty part";
		if (label > 63)
			return "has a host name with a part of more than 63 "
			    "bytes";
	}
	if (ends_in_number(h) && !is_ipv4(h))
		return "has a host that looks like an IPv4 address and is "
		    "none in the form 192.0.2.1";
	return NULL;
}

static const char *
check_path(struct str path)
{
	struct str rest = str_skip(path, 1), seg;
	size_t i;

	for (i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];

		if (c <= 0x20 || c >= 0x7f || strchr("\"<>\\^`{|}", c) != NULL)
			return "has a path with a byte that must be written "
			    "as %xx";
		if (c == '?' || c == '#')
			return "must not have a query or fragment";
	}
	while (str_split(&rest, '/', &seg))
		if (seg.n == 0 || str_eqc(seg, ".") || str_eqc(seg, ".."))
			return "has a path with an empty, \".\" or \"..\" "
			    "part";
	return NULL;
}

static const char *
split_v6(struct str *auth, struct str *host)
{
	unsigned char ip[16];
	char text[INET6_ADDRSTRLEN];
	long end = str_chr(*auth, ']');

	if (end < 0)
		return "has a \"[\" without \"]\"";
	*host = str_make(auth->p + 1, (size_t)end - 1);
	if (str_copy(text, sizeof(text), *host) != 0 ||
	    inet_pton(AF_INET6, text, ip) != 1)
		return "must have an IPv6 address in the brackets";
	*auth = str_skip(*auth, (size_t)end + 1);
	return auth->n > 0 && auth->p[0] != ':' ?
	    "has text behind the \"]\"" : NULL;
}

/* host[:port]; *port stays when there is none. */
static const char *
split_authority(struct str auth, struct str *host, unsigned *port, int *v6)
{
	const char *wrong;
	uint64_t n;
	long colon;

	if (str_chr(auth, '@') >= 0)
		return "must not have a user or password: keys have their "
		    "own option";
	*v6 = auth.n > 0 && auth.p[0] == '[';
	if (*v6) {
		if ((wrong = split_v6(&auth, host)) != NULL)
			return wrong;
	} else {
		colon = str_chr(auth, ':');
		*host = str_make(auth.p, colon < 0 ? auth.n : (size_t)colon);
		auth = str_skip(auth, host->n);
		if ((wrong = check_host(*host)) != NULL)
			return wrong;
	}
	if (auth.n == 0)
		return NULL;
	if (num_u64(str_skip(auth, 1), &n) != 0 || n == 0 || n > 65535)
		return "must have a port of 1 to 65535 behind the colon";
	*port = (unsigned)n;
	return NULL;
}

const char *
load_url(struct arena *a, struct conf_provider *p)
{
	struct str u = str_of(p->base_url), path, host = STR_NULL;
	const char *wrong;
	char *h;
	unsigned def;
	size_t i;
	int v6;

	if (u.n >= 8 && strncasecmp(u.p, "https://", 8) == 0)
		p->https = 1;
	else if (u.n < 7 || strncasecmp(u.p, "http://", 7) != 0)
		return "must begin with https:// or http://";
	u = str_skip(u, p->https ? 8 : 7);
	p->port = def = p->https ? 443 : 80;
	for (i = 0; i < u.n && strchr("/?#", u.p[i]) == NULL; i++)
		;
	path = str_skip(u, i);
	if ((wrong = split_authority(str_make(u.p, i), &host, &p->port,
	    &v6)) != NULL)
		return wrong;
	while (path.n > 0 && path.p[path.n - 1] == '/')
		path.n--;
	if (path.n > 0 && (wrong = check_path(path)) != NULL)
		return wrong;
	p->host = h = arena_strndup(a, host.p, host.n);
	for (; *h != '\0'; h++)
		*h = (char)tolower((unsigned char)*h);
	p->host_header = v6 ? arena_printf(a, "[%s]", p->host) : p->host;
	if (p->port != def)
		p->host_header = arena_printf(a, "%s:%u", p->host_header,
		    p->port);
	p->base_path = arena_strndup(a, path.p, path.n);
	return NULL;
}
