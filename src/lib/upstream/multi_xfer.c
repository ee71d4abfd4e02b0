/*
 * multi_xfer.c - the options of a libcurl transfer, and what its result means.
 *
 * Runs in: worker, checker, aigwctl.
 * Owns: nothing; the transfer belongs to its user.
 *
 * libcurl sends a request again by itself when a kept connection turns out to
 * be dead, POST included: the function that it calls before each send stops
 * the second one. Every socket is opened by us, so that the rule on addresses
 * is applied to what is really connected to.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/xalloc.h"
#include "upstream/multi_impl.h"

#define SET(x, opt, val) curl_easy_setopt((x)->easy, CURLOPT_##opt, val)

static int
refuse(struct multi_xfer *x, const unsigned char addr[16])
{
	if (x->arg == NULL)
		return 1;
	if (x->guarded == NULL || !x->guarded(x->arg, addr))
		return 0;
	addr_text(addr, x->refused);
	return 1;
}

static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct multi_xfer *x = arg;
	unsigned char addr[16];
	unsigned port;
	int fd;

	(void)purpose;
	if (addr_from_sock(&a->addr, addr, &port) < 0 || refuse(x, addr))
		return CURL_SOCKET_BAD;
	fd = socket(a->family, a->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    a->protocol);
	x->ours = fd < 0 && err_ours(errno);
	if (fd >= 0)
		multi_sock_add(x, fd);
	return fd;
}

/* About to send: only once, and only to an address that is allowed. */
static int
before_send(void *arg, char *ip, char *local, int port, int local_port)
{
	struct multi_xfer *x = arg;
	unsigned char addr[16];

	(void)local;
	(void)port;
	if (x->arg == NULL)
		return CURL_PREREQFUNC_ABORT;
	/* Again, but the first one provably did not arrive: that is one. */
	if (x->sends++ == 1 && x->unheard)
		x->max_sends = 2;
	if (x->sends > x->max_sends)
		return CURL_PREREQFUNC_ABORT;
	if (addr_parse(str_of(ip), addr) == 0 && refuse(x, addr))
		return CURL_PREREQFUNC_ABORT;
	multi_sock_use(x, local_port);
	if (x->sending != NULL)
		x->sending(x->arg);
	return CURL_PREREQFUNC_OK;
}

/* The text that the master read, else (tests) the file. */
static void
set_file(CURL *e, const struct secret *text, const char *value,
    CURLoption file, CURLoption blob)
{
	struct str pem = text == NULL ? STR_NULL : secret_reveal(text);
	struct curl_blob b;

	if (pem.n > 0) {
		memcpy(&b.data, &pem.p, sizeof(b.data));	/* copied */
		b.len = pem.n;
		b.flags = CURL_BLOB_COPY;
		curl_easy_setopt(e, blob, &b);
	} else if (value != NULL && *value != '\0')
		curl_easy_setopt(e, file, value);
}

static void
set_provider(struct multi_xfer *x, const struct conf_provider *p)
{
	SET(x, SSL_VERIFYPEER, (long)p->tls_verify);
	SET(x, SSL_VERIFYHOST, p->tls_verify ? 2L : 0L);
	set_file(x->easy, p->tls_ca_pem, p->tls_ca_file, CURLOPT_CAINFO,
	    CURLOPT_CAINFO_BLOB);
	set_file(x->easy, p->tls_client_certificate_pem,
	    p->tls_client_certificate, CURLOPT_SSLCERT, CURLOPT_SSLCERT_BLOB);
	set_file(x->easy, p->tls_client_key_pem, p->tls_client_key,
	    CURLOPT_SSLKEY, CURLOPT_SSLKEY_BLOB);
	if (p->proxy != NULL && *p->proxy != '\0')
		multi_proxy_set(x, p->proxy);
	if (p->http2)
		SET(x, HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
}

struct multi_xfer *
multi_xfer_new(struct multi *m, const struct conf_provider *p, void *arg,
    void (*done)(void *arg, CURLcode rc))
{
	struct multi_xfer *x = xcalloc(1, sizeof(*x));

	x->m = m;
	x->arg = arg;
	x->done = done;
	x->max_sends = 1;
	x->easy = multi_easy(m);
	SET(x, PRIVATE, x);
	SET(x, ERRORBUFFER, x->err);
	SET(x, NOSIGNAL, 1L);
	SET(x, QUICK_EXIT, 1L);
	SET(x, PROTOCOLS_STR, "http,https");
	SET(x, FOLLOWLOCATION, 0L);
	SET(x, NETRC, (long)CURL_NETRC_IGNORED);
	SET(x, PROXY, "");
	SET(x, NOPROXY, "");
	SET(x, HEADEROPT, (long)CURLHEADER_SEPARATE);
	SET(x, SUPPRESS_CONNECT_HEADERS, 1L);
	SET(x, PATH_AS_IS, 1L);
	SET(x, HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(x, SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(x, CAPATH, NULL);
	SET(x, MAXAGE_CONN, 45L);
	SET(x, MAXLIFETIME_CONN, 600L);
	SET(x, TCP_KEEPALIVE, 1L);
	SET(x, HAPPY_EYEBALLS_TIMEOUT_MS, 250L);
	SET(x, OPENSOCKETFUNCTION, open_socket);
	SET(x, OPENSOCKETDATA, x);
	SET(x, CLOSESOCKETFUNCTION, multi_sock_close);
	SET(x, CLOSESOCKETDATA, m);
	SET(x, PREREQFUNCTION, before_send);
	SET(x, PREREQDATA, x);
	set_provider(x, p);
	return x;
}

/* On a connection of its own: some libcurl take a kept one of the other version
 * all the same, and later requests shall not find this one. */
void
multi_xfer_http1(struct multi_xfer *x)
{
	SET(x, HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(x, FRESH_CONNECT, 1L);
	SET(x, FORBID_REUSE, 1L);
}

void
multi_xfer_addrs(struct multi_xfer *x, const char *host, unsigned port,
    const unsigned char (*addr)[16], unsigned n)
{
	char line[2048], text[ADDR_TEXT_SIZE];
	size_t at;
	unsigned i;

	at = (size_t)snprintf(line, sizeof(line), "%s:%u:", host, port);
	for (i = 0; i < n && at < sizeof(line) - ADDR_TEXT_SIZE - 4; i++) {
		addr_text(addr[i], text);
		at += (size_t)snprintf(line + at, sizeof(line) - at,
		    strchr(text, ':') != NULL ? "%s[%s]" : "%s%s",
		    i > 0 ? "," : "", text);
	}
	if (n == 0 || at >= sizeof(line))
		return;
	x->resolve = curl_slist_append(x->resolve, line);
	SET(x, RESOLVE, x->resolve);
}

static int
add_line(struct multi_xfer *x, struct str name, const char *sep,
    struct str value)
{
	struct curl_slist *l;
	size_t size = name.n + value.n + 8;
	char *line = xmalloc(size);

	snprintf(line, size, "%.*s%s%.*s", STR_ARG(name), sep, STR_ARG(value));
	l = curl_slist_append(x->headers, line);
	secret_wipe(line, size);
	free(line);
	if (l == NULL)
		return ERR_NOMEM;
	x->headers = l;
	return 0;
}

static const struct {
	const char	*name;
	enum hdr_id	 id;
	const char	*value;		/* "": libcurl shall not add it */
} defaults[] = {
	{ "Accept-Encoding", HDR_ACCEPT_ENCODING, "identity" },
	{ "Accept", HDR_ACCEPT, "" },
	{ "Content-Type", HDR_CONTENT_TYPE, "" },
	{ "Expect", HDR_EXPECT, "" }
};

int
multi_xfer_headers(struct multi_xfer *x, const char *host_header,
    const struct hdr *h, unsigned n)
{
	unsigned i;
	int rc = 0;

	if (host_header != NULL)
		rc = add_line(x, STR("Host"), ": ", str_of(host_header));
	for (i = 0; i < n && rc == 0; i++) {
		if (hdr_hop_by_hop(h[i].id) || h[i].id == HDR_HOST ||
		    h[i].id == HDR_CONTENT_LENGTH || h[i].id == HDR_EXPECT)
			continue;
		if (!hdr_valid(h[i].name, h[i].value))
			return ERR_FORMAT;
		rc = add_line(x, h[i].name, h[i].value.n > 0 ? ": " : ";",
		    h[i].value);
	}
	for (i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (rc == 0 && hdr_find(h, n, defaults[i].id) == NULL)
			rc = add_line(x, str_of(defaults[i].name), ": ",
			    str_of(defaults[i].value));
	SET(x, HTTPHEADER, x->headers);
	return rc;
}

/* It takes any method by name, but what it names itself is a POST when there is
 * a body; and a HEAD must be its own, or it waits for a body of the answer. */
void
multi_xfer_method(struct multi_xfer *x, struct str method, int64_t size)
{
	char *name;

	if (str_eqc(method, "HEAD")) {
		SET(x, NOBODY, 1L);
		return;
	}
	if (size >= 0) {
		SET(x, POST, 1L);
		SET(x, POSTFIELDSIZE_LARGE, (curl_off_t)size);
	} else
		SET(x, HTTPGET, 1L);
	name = xmalloc(method.n + 1);
	snprintf(name, method.n + 1, "%.*s", STR_ARG(method));
	SET(x, CUSTOMREQUEST, name);
	free(name);
}

/* Results of libcurl: before the request was sent, before and after the head
 * was there. What is not listed is the last row. */
static const struct {
	CURLcode	rc;
	enum outcome	unsent, sent, body;
} results[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, OUTCOME_RESOLVE, OUTCOME_RESOLVE,
	    OUTCOME_RESOLVE },
	{ CURLE_COULDNT_RESOLVE_PROXY, OUTCOME_RESOLVE, OUTCOME_RESOLVE,
	    OUTCOME_RESOLVE },
	{ CURLE_OPERATION_TIMEDOUT, OUTCOME_CONNECT_TIMEOUT,
	    OUTCOME_TOTAL_TIMEOUT, OUTCOME_TOTAL_TIMEOUT },
	{ CURLE_SSL_CONNECT_ERROR, OUTCOME_TLS, OUTCOME_RESET,
	    OUTCOME_TRUNCATED },
	{ CURLE_PEER_FAILED_VERIFICATION, OUTCOME_TLS, OUTCOME_TLS,
	    OUTCOME_TLS },
	{ CURLE_SSL_CACERT_BADFILE, OUTCOME_TLS, OUTCOME_TLS, OUTCOME_TLS },
	{ CURLE_SSL_CERTPROBLEM, OUTCOME_TLS, OUTCOME_TLS, OUTCOME_TLS },
	{ CURLE_SSL_CIPHER, OUTCOME_TLS, OUTCOME_TLS, OUTCOME_TLS },
	{ CURLE_SSL_ISSUER_ERROR, OUTCOME_TLS, OUTCOME_TLS, OUTCOME_TLS },
	{ CURLE_WEIRD_SERVER_REPLY, OUTCOME_CONNECT, OUTCOME_BAD_HEAD,
	    OUTCOME_BAD_BODY },
	{ CURLE_UNSUPPORTED_PROTOCOL, OUTCOME_CONNECT, OUTCOME_BAD_HEAD,
	    OUTCOME_BAD_BODY },
	{ CURLE_SEND_ERROR, OUTCOME_CONNECT, OUTCOME_SEND,
	    OUTCOME_TRUNCATED },
	{ CURLE_BAD_CONTENT_ENCODING, OUTCOME_CONNECT, OUTCOME_BAD_BODY,
	    OUTCOME_BAD_BODY },
	{ CURLE_OUT_OF_MEMORY, OUTCOME_NOMEM, OUTCOME_NOMEM, OUTCOME_NOMEM },
	{ CURL_LAST, OUTCOME_CONNECT, OUTCOME_RESET, OUTCOME_TRUNCATED }
};

enum outcome
multi_outcome(const struct multi_xfer *x, CURLcode rc, int head)
{
	unsigned i = 0;

	if (rc == CURLE_OK)
		return OUTCOME_OK;
	if (x->refused[0] != '\0' && x->sends == 0)
		return OUTCOME_GUARDED;
	if (x->ours && x->sends == 0)
		return OUTCOME_OURS;
	if (rc == CURLE_RECV_ERROR && head &&
	    strstr(x->err, "chunk") != NULL)
		return OUTCOME_BAD_BODY;
	while (results[i].rc != rc && results[i].rc != CURL_LAST)
		i++;
	return head ? results[i].body : x->sends > 0 ? results[i].sent :
	    results[i].unsent;
}

const char *
multi_why(const struct multi_xfer *x, CURLcode rc)
{
	if (x->refused[0] != '\0')
		return "address not allowed for this provider";
	if (x->sends > x->max_sends)
		return "the kept connection was closed by the peer";
	return x->err[0] != '\0' ? x->err : curl_easy_strerror(rc);
}
