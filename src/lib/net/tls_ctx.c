/*
 * tls_ctx.c - TLS contexts of listeners and providers.
 *
 * Runs in: worker, aigw-mock (listeners); worker, checker, aigwctl (providers).
 * Owns: the contexts, the store of the system's CAs, the kept sessions.
 *
 * Loading the system's CAs takes milliseconds and a megabyte: all contexts
 * share one store. Sessions are kept per context and name, so a session is
 * never offered to a host for which it was not verified.
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/xalloc.h"
#include "net/tls_impl.h"

static X509_STORE *system_store;

static const char *const bundles[] = {
	"/etc/ssl/certs/ca-certificates.crt",	/* Debian */
	"/etc/pki/tls/certs/ca-bundle.crt",	/* Fedora */
	"/etc/ssl/ca-bundle.pem",		/* SUSE */
	"/etc/ssl/cert.pem"			/* the BSDs, Alpine */
};

static const unsigned char alpn_http1[] = "\x08http/1.1";

void
tls_queue_text(char *dst, size_t size, const char *what)
{
	unsigned long e = ERR_peek_last_error();
	const char *reason = e == 0 ? NULL : ERR_reason_error_string(e);

	if (ERR_SYSTEM_ERROR(e))
		reason = strerror(ERR_GET_REASON(e));
	snprintf(dst, size, "%s: %s", what,
	    reason == NULL ? "unknown TLS error" : reason);
	ERR_clear_error();
}

static struct tls_ctx *
ctx_new(const SSL_METHOD *method, int client)
{
	struct tls_ctx *ctx = xcalloc(1, sizeof(*ctx));

	ctx->ssl_ctx = SSL_CTX_new(method);
	ctx->client = client;
	ctx->refs = 1;
	SLIST_INIT(&ctx->names);
	if (ctx->ssl_ctx == NULL) {
		free(ctx);
		return NULL;
	}
	SSL_CTX_set_min_proto_version(ctx->ssl_ctx, TLS1_2_VERSION);
	/* Buffers are released by tls.c, which knows what is in them. */
	SSL_CTX_set_mode(ctx->ssl_ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_options(ctx->ssl_ctx, SSL_OP_NO_COMPRESSION |
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
	    SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_read_ahead(ctx->ssl_ctx, 1);
	SSL_CTX_set_cipher_list(ctx->ssl_ctx,
	    "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20");
	return ctx;
}

/* Certificate, its chain, and key from PEM texts. */
static int
use_pem(SSL_CTX *ctx, struct str cert_pem, struct str key_pem)
{
	BIO *cb = BIO_new_mem_buf(cert_pem.p, (int)cert_pem.n);
	BIO *kb = BIO_new_mem_buf(key_pem.p, (int)key_pem.n);
	X509 *x = NULL;
	EVP_PKEY *key = NULL;
	int rc = ERR_TLS;

	if (cb == NULL || kb == NULL)
		goto out;
	x = PEM_read_bio_X509_AUX(cb, NULL, NULL, NULL);
	if (x == NULL || SSL_CTX_use_certificate(ctx, x) != 1)
		goto out;
	X509_free(x);
	while ((x = PEM_read_bio_X509(cb, NULL, NULL, NULL)) != NULL)
		if (SSL_CTX_add0_chain_cert(ctx, x) != 1)
			goto out;
	ERR_clear_error();	/* the end of the text is no error */
	key = PEM_read_bio_PrivateKey(kb, NULL, NULL, NULL);
	if (key == NULL || SSL_CTX_use_PrivateKey(ctx, key) != 1 ||
	    SSL_CTX_check_private_key(ctx) != 1)
		goto out;
	rc = 0;
out:
	X509_free(x);
	EVP_PKEY_free(key);
	BIO_free(cb);
	BIO_free(kb);
	return rc;
}

/* Only HTTP/1.1 is spoken here; a client that wants only others is refused. */
static int
select_alpn(SSL *ssl, const unsigned char **out, unsigned char *outlen,
    const unsigned char *in, unsigned inlen, void *arg)
{
	unsigned char *sel;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&sel, outlen, alpn_http1,
	    sizeof(alpn_http1) - 1, in, inlen) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = sel;
	return SSL_TLSEXT_ERR_OK;
}

static int
set_min_version(SSL_CTX *ctx, const char *text)
{
	int v;

	if (text == NULL || *text == '\0' || strcmp(text, "1.2") == 0)
		v = TLS1_2_VERSION;
	else if (strcmp(text, "1.3") == 0)
		v = TLS1_3_VERSION;
	else
		return ERR_UNSUPPORTED;
	return SSL_CTX_set_min_proto_version(ctx, v) == 1 ? 0 : ERR_TLS;
}

int
tls_server_ctx(struct str cert_pem, struct str key_pem,
    const char *min_version, const unsigned char ticket_key[80],
    struct tls_ctx **out, char *err, size_t errsize)
{
	struct tls_ctx *ctx;
	unsigned char key[80];

	*out = NULL;
	ERR_clear_error();
	if ((ctx = ctx_new(TLS_server_method(), 0)) == NULL)
		goto fail;
	if (use_pem(ctx->ssl_ctx, cert_pem, key_pem) < 0)
		goto fail;
	if (set_min_version(ctx->ssl_ctx, min_version) < 0) {
		snprintf(err, errsize, "TLS version \"%s\" is not known: use "
		    "1.2 or 1.3", min_version);
		tls_ctx_free(&ctx);
		return ERR_TLS;
	}
	/* Tickets only: nothing to keep, and every worker can open them. */
	SSL_CTX_set_session_cache_mode(ctx->ssl_ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_session_id_context(ctx->ssl_ctx,
	    (const unsigned char *)"aigw", 4);
	SSL_CTX_set_num_tickets(ctx->ssl_ctx, 1);
	SSL_CTX_set_alpn_select_cb(ctx->ssl_ctx, select_alpn, NULL);
	if (ticket_key != NULL) {
		memcpy(key, ticket_key, sizeof(key));
		if (SSL_CTX_set_tlsext_ticket_keys(ctx->ssl_ctx, key,
		    sizeof(key)) != 1)
			goto fail;
		OPENSSL_cleanse(key, sizeof(key));
	}
	*out = ctx;
	return 0;
fail:
	tls_queue_text(err, errsize, "certificate or key not usable");
	tls_ctx_free(&ctx);
	return ERR_TLS;
}

/* The system's CAs, loaded once per process. */
static X509_STORE *
system_cas(void)
{
	unsigned i;

	if (system_store != NULL)
		return system_store;
	if ((system_store = X509_STORE_new()) == NULL)
		return NULL;
	for (i = 0; i < sizeof(bundles) / sizeof(bundles[0]); i++)
		if (X509_STORE_load_file(system_store, bundles[i]) == 1)
			break;
	if (i == sizeof(bundles) / sizeof(bundles[0]))
		X509_STORE_set_default_paths(system_store);
	ERR_clear_error();
	return system_store;
}

void
tls_cleanup(void)
{
	X509_STORE_free(system_store);
	system_store = NULL;
}

/* OpenSSL has a session to keep; 1: we took it. */
static int
on_session(SSL *ssl, SSL_SESSION *s)
{
	struct tls *t = SSL_get_app_data(ssl);

	if (t == NULL || t->name == NULL || !SSL_SESSION_is_resumable(s))
		return 0;
	tls_name_put(t->name, s);
	return 1;
}

static int
client_certificate(SSL_CTX *ctx, const struct tls_client_opts *o)
{
	if (o->certificate_pem.n > 0)
		return use_pem(ctx, o->certificate_pem, o->key_pem);
	if (o->certificate == NULL || *o->certificate == '\0')
		return 0;
	if (strncmp(o->certificate, "-----", 5) == 0)
		return use_pem(ctx, str_of(o->certificate), str_of(o->key));
	if (SSL_CTX_use_certificate_chain_file(ctx, o->certificate) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, o->key, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(ctx) != 1)
		return ERR_TLS;
	return 0;
}

/* All certificates of a PEM text; ERR_TLS when there is none. */
static int
trust_pem(SSL_CTX *ctx, struct str pem)
{
	BIO *b = BIO_new_mem_buf(pem.p, (int)pem.n);
	X509 *x;
	int n = 0;

	if (b == NULL)
		return ERR_TLS;
	while ((x = PEM_read_bio_X509_AUX(b, NULL, NULL, NULL)) != NULL) {
		n += X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), x) == 1;
		X509_free(x);
	}
	ERR_clear_error();	/* the end of the text is no error */
	BIO_free(b);
	return n > 0 ? 0 : ERR_TLS;
}

static int
client_trust(SSL_CTX *ctx, const struct tls_client_opts *o)
{
	X509_STORE *store;

	if (!o->verify) {
		SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
		return 0;
	}
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	if (o->ca_pem.n > 0)
		return trust_pem(ctx, o->ca_pem);
	if (o->ca_file != NULL && *o->ca_file != '\0')
		return SSL_CTX_load_verify_file(ctx, o->ca_file) == 1 ? 0 :
		    ERR_TLS;
	if ((store = system_cas()) == NULL)
		return ERR_TLS;
	SSL_CTX_set1_cert_store(ctx, store);
	return 0;
}

int
tls_client_ctx(const struct tls_client_opts *o, struct tls_ctx **out,
    char *err, size_t errsize)
{
	struct tls_ctx *ctx;
	const char *what = "TLS context";

	*out = NULL;
	ERR_clear_error();
	if ((ctx = ctx_new(TLS_client_method(), 1)) == NULL)
		goto fail;
	ctx->verify = o->verify;
	what = "tls.ca_file";
	if (client_trust(ctx->ssl_ctx, o) < 0)
		goto fail;
	what = "tls.client_certificate";
	if (client_certificate(ctx->ssl_ctx, o) < 0)
		goto fail;
	SSL_CTX_set_session_cache_mode(ctx->ssl_ctx, SSL_SESS_CACHE_CLIENT |
	    SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx->ssl_ctx, on_session);
	what = "TLS context";
	if (SSL_CTX_set_alpn_protos(ctx->ssl_ctx, alpn_http1,
	    sizeof(alpn_http1) - 1) != 0)
		goto fail;
	*out = ctx;
	return 0;
fail:
	tls_queue_text(err, errsize, what);
	tls_ctx_free(&ctx);
	return ERR_TLS;
}

struct tls_name *
tls_ctx_name(struct tls_ctx *ctx, const char *name)
{
	struct tls_name *n;
	size_t len = strlen(name);

	SLIST_FOREACH(n, &ctx->names, link)
		if (strcmp(n->name, name) == 0)
			return n;
	n = xcalloc(1, sizeof(*n) + len + 1);
	memcpy(n->name, name, len + 1);
	SLIST_INSERT_HEAD(&ctx->names, n, link);
	return n;
}

void
tls_name_put(struct tls_name *n, SSL_SESSION *s)
{
	if (n->n == TLS_SESSIONS) {
		SSL_SESSION_free(n->session[0]);
		memmove(n->session, n->session + 1,
		    (TLS_SESSIONS - 1) * sizeof(n->session[0]));
		n->n--;
	}
	n->session[n->n++] = s;
}

SSL_SESSION *
tls_name_take(struct tls_name *n)
{
	SSL_SESSION *s;

	if (n->n == 0)
		return NULL;
	s = n->session[n->n - 1];
	/* A 1.3 ticket is for one use (RFC 8446, C.4); others may be shared. */
	if (SSL_SESSION_get_protocol_version(s) >= TLS1_3_VERSION)
		n->n--;
	else
		SSL_SESSION_up_ref(s);
	return s;
}

void
tls_ctx_unref(struct tls_ctx *ctx)
{
	struct tls_name *n;

	if (--ctx->refs > 0)
		return;
	while ((n = SLIST_FIRST(&ctx->names)) != NULL) {
		SLIST_REMOVE_HEAD(&ctx->names, link);
		while (n->n > 0)
			SSL_SESSION_free(n->session[--n->n]);
		free(n);
	}
	SSL_CTX_free(ctx->ssl_ctx);
	free(ctx);
}

void
tls_ctx_free(struct tls_ctx **cp)
{
	if (*cp == NULL)
		return;
	tls_ctx_unref(*cp);
	*cp = NULL;
}
