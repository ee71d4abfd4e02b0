/*
 * multi_proxy.c - libcurl behind a proxy, without the password.
 *
 * Runs in: worker, checker, aigwctl.
 * Owns: URLs and passwords of the SOCKS proxies that were used.
 *
 * libcurl keeps what it knows of a proxy as long as a connection lives, so user
 * and password of an HTTP proxy go into a header of the one transfer. A digest
 * stands in their place: connections of different accounts stay apart. Those of
 * a SOCKS proxy libcurl must have: the copies that it makes are in locked memory,
 * told by their text, or by their size where it decodes (multi.c).
 */
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/num.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "upstream/multi_impl.h"

#define PROXY_MAX	4096

int
multi_proxy_host(const char *proxy, char *host, size_t size, unsigned *port)
{
	char *h = NULL, *p = NULL;
	int rc = ERR_FORMAT;
	CURLU *u;

	multi_init();
	if ((u = curl_url()) == NULL)
		return ERR_NOMEM;
	if (curl_url_set(u, CURLUPART_URL, proxy, CURLU_NON_SUPPORT_SCHEME |
	    CURLU_GUESS_SCHEME) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_HOST, &h, 0) != CURLUE_OK)
		goto out;
	*port = 1080;		/* libcurl's default for every proxy */
	if (curl_url_get(u, CURLUPART_PORT, &p, 0) == CURLUE_OK)
		*port = (unsigned)atoi(p);
	rc = str_copy(host, size, str_of(h));
out:
	curl_free(h);
	curl_free(p);
	curl_url_cleanup(u);
	return rc;
}

/* URLs of SOCKS proxies and their passwords, each once: as many as the
 * configuration has. */
static struct secret **known;
static unsigned n_known;

static int
knows(struct str text)
{
	unsigned i;

	for (i = 0; i < n_known; i++)
		if (secret_eq(known[i], text))
			return 1;
	return 0;
}

int
multi_proxy_is_secret(const char *text)
{
	return n_known > 0 && knows(str_of(text));
}

int
multi_proxy_is_size(size_t size)
{
	unsigned i;

	for (i = 0; i < n_known; i++)
		if (secret_reveal(known[i]).n + 1 == size)
			return 1;
	return 0;
}

static void
learn(struct str text)
{
	if (text.n == 0 || knows(text))
		return;
	known = xrealloc(known, (n_known + 1) * sizeof(struct secret *));
	known[n_known++] = secret_new(text);
}

/* Is it an HTTP proxy? What stands before "@" in its URL; empty: nothing. */
static int
account(const char *url, struct str *acc)
{
	struct str u = str_of(url);
	long scheme = str_find(u, STR("://"));
	int http = scheme < 0 || str_starts(u, STR("http"));
	size_t n;

	u = str_skip(u, scheme < 0 ? 0 : (size_t)scheme + 3);
	for (n = strcspn(u.p, "/?#"); n > 0 && u.p[n - 1] != '@'; n--)
		;
	u.n = n == 0 ? 0 : n - 1;
	*acc = u;
	return http;
}

static int
unescape(struct str from, struct buf *out)
{
	int rc = 0;
	uint64_t v;
	size_t i;

	for (i = 0; i < from.n && rc == 0; i++)
		if (from.p[i] == '%' && i + 2 < from.n &&
		    num_hex(str_make(from.p + i + 1, 2), &v) == 0) {
			rc = buf_addc(out, (char)v);
			i += 2;
		} else
			rc = buf_addc(out, from.p[i]);
	return rc;
}

/* user:password as the header has it. */
static int
decode(struct str from, struct buf *out)
{
	int rc = unescape(from, out);

	return rc != 0 || str_chr(from, ':') >= 0 ? rc : buf_addc(out, ':');
}

static int
add_account(struct multi_xfer *x, struct str acc)
{
	struct buf plain, line;
	struct curl_slist *l = NULL;

	buf_init_wiped(&plain, PROXY_MAX);
	buf_init_wiped(&line, PROXY_MAX);
	if (decode(acc, &plain) == 0 &&
	    buf_adds(&line, STR("Proxy-Authorization: Basic ")) == 0 &&
	    crypto_base64(&line, buf_str(&plain)) == 0 &&
	    buf_addc(&line, '\0') == 0)
		l = curl_slist_append(x->proxy_headers, buf_ptr(&line));
	buf_free(&plain);
	buf_free(&line);
	if (l == NULL)
		return ERR_NOMEM;
	x->proxy_headers = l;
	curl_easy_setopt(x->easy, CURLOPT_PROXYHEADER, l);
	return 0;
}

/* What libcurl will have of a SOCKS proxy: it takes the URL apart. */
static void
learn_account(const char *url, struct str acc)
{
	long colon = str_chr(acc, ':');
	struct str pass = str_skip(acc, (size_t)(colon + 1));
	struct buf b;

	learn(str_of(url));
	if (colon < 0)
		return;
	learn(pass);		/* it decodes in a place of that size */
	buf_init_wiped(&b, PROXY_MAX);
	if (unescape(pass, &b) == 0)
		learn(buf_str(&b));
	buf_free(&b);
}

void
multi_proxy_set(struct multi_xfer *x, const char *url)
{
	unsigned char digest[CRYPTO_SHA256];
	struct str acc;
	int http = account(url, &acc);
	char name[2 * 8 + 1];
	struct buf b;

	curl_easy_setopt(x->easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
	buf_init_wiped(&b, PROXY_MAX);
	if (http && acc.n > 0) {
		crypto_sha256(acc, digest);
		crypto_hex(name, digest, 8);
	} else if (acc.n > 0)
		learn_account(url, acc);
	if (!http || acc.n == 0 || buf_printf(&b, "%.*s%s%s",
	    (int)(acc.p - url), url, name, acc.p + acc.n) != 0 ||
	    buf_addc(&b, '\0') != 0 || add_account(x, acc) != 0)
		curl_easy_setopt(x->easy, CURLOPT_PROXY, url);
	else
		curl_easy_setopt(x->easy, CURLOPT_PROXY, buf_ptr(&b));
	buf_free(&b);
}
