/*
 * tls.c - one TLS connection on a non-blocking socket.
 *
 * Runs in: worker, checker, aigwctl, aigw-mock.
 * Owns: the SSL object; the descriptor stays the caller's.
 *
 * OpenSSL reads the socket through our own BIO: it sends with MSG_NOSIGNAL,
 * counts, and takes a read that got less than it asked for as "empty now",
 * which spares the read that would only say EAGAIN. With read-ahead a record
 * then costs one system call.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/ev.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "net/tls_impl.h"

static int
bio_read(BIO *b, char *p, size_t n, size_t *got)
{
	struct tls *t = BIO_get_data(b);
	ssize_t r;

	BIO_clear_retry_flags(b);
	*got = 0;
	t->held = 1;
	if (t->is_short) {
		BIO_set_retry_read(b);
		return 0;
	}
	do
		r = recv(t->fd, p, n, 0);
	while (r < 0 && errno == EINTR);
	if (r > 0) {
		if (t->got == NULL || p < t->got)
			t->got = p;
		if (p + r > t->got_end)
			t->got_end = p + r;
		t->is_short = (size_t)r < n && !t->eof_seen;
		*got = (size_t)r;
		return 1;
	}
	t->sys_errno = r < 0 ? errno : 0;
	if (r < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		BIO_set_retry_read(b);
	else if (r == 0)
		BIO_set_flags(b, BIO_FLAGS_IN_EOF);
	return 0;
}

static int
bio_write(BIO *b, const char *p, size_t n, size_t *done)
{
	struct tls *t = BIO_get_data(b);
	ssize_t r;

	BIO_clear_retry_flags(b);
	*done = 0;
	t->held = 1;
	do
		r = send(t->fd, p, n, MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	if (r >= 0) {
		t->sent += (uint64_t)r;
		*done = (size_t)r;
		return 1;
	}
	t->sys_errno = errno;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		BIO_set_retry_write(b);
	return 0;
}

static long
bio_ctrl(BIO *b, int cmd, long num, void *ptr)
{
	(void)num;
	(void)ptr;
	switch (cmd) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_EOF:
		return BIO_test_flags(b, BIO_FLAGS_IN_EOF) != 0;
	default:
		return 0;
	}
}

static BIO *
make_bio(struct tls *t)
{
	static BIO_METHOD *method;
	BIO *b;

	if (method == NULL) {
		method = BIO_meth_new(BIO_get_new_index() |
		    BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR, "aigw");
		if (method == NULL)
			return NULL;
		BIO_meth_set_read_ex(method, bio_read);
		BIO_meth_set_write_ex(method, bio_write);
		BIO_meth_set_ctrl(method, bio_ctrl);
	}
	if ((b = BIO_new(method)) == NULL)
		return NULL;
	BIO_set_data(b, t);
	BIO_set_init(b, 1);
	return b;
}

/* Ask for name and verify it; an address is verified but not asked for. */
static int
set_name(struct tls *t, const char *name)
{
	X509_VERIFY_PARAM *vp = SSL_get0_param(t->ssl);
	unsigned char bin[16];
	SSL_SESSION *s;

	if (inet_pton(AF_INET, name, bin) == 1 ||
	    inet_pton(AF_INET6, name, bin) == 1) {
		if (X509_VERIFY_PARAM_set1_ip_asc(vp, name) != 1)
			return ERR_NOMEM;
	} else {
		SSL_set_hostflags(t->ssl,
		    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
		/* The macro takes const away; OpenSSL copies the name. */
		if (SSL_set_tlsext_host_name(t->ssl,
		    (char *)(uintptr_t)name) != 1 ||
		    SSL_set1_host(t->ssl, name) != 1)
			return ERR_NOMEM;
	}
	t->name = tls_ctx_name(t->ctx, name);
	if ((s = tls_name_take(t->name)) != NULL) {
		SSL_set_session(t->ssl, s);
		SSL_SESSION_free(s);
	}
	return 0;
}

struct tls *
tls_new(struct tls_ctx *ctx, int fd, const char *sni)
{
	struct tls *t = xcalloc(1, sizeof(*t));
	BIO *b;

	t->fd = fd;
	t->ctx = ctx;
	ctx->refs++;
	ERR_clear_error();
	t->ssl = SSL_new(ctx->ssl_ctx);
	if (t->ssl == NULL || (b = make_bio(t)) == NULL) {
		tls_free(&t);
		return NULL;
	}
	SSL_set_bio(t->ssl, b, b);
	SSL_set_app_data(t->ssl, t);
	if (!ctx->client)
		SSL_set_accept_state(t->ssl);
	else {
		SSL_set_connect_state(t->ssl);
		if (sni != NULL && set_name(t, sni) < 0)
			tls_free(&t);
	}
	return t;
}

void
tls_free(struct tls **tp)
{
	struct tls *t = *tp;

	if (t == NULL)
		return;
	if (t->ssl != NULL) {
		/* Without this a session would count as bad and be lost. */
		SSL_set_quiet_shutdown(t->ssl, 1);
		if (!t->broken && SSL_is_init_finished(t->ssl))
			SSL_shutdown(t->ssl);
		SSL_free(t->ssl);
	}
	ERR_clear_error();
	tls_ctx_unref(t->ctx);
	free(t->err);
	free(t);
	*tp = NULL;
}

static void
set_err(struct tls *t, const char *text)
{
	if (t->err == NULL)
		t->err = xstrdup(text);
}

/* Say why it failed: the verification, the system, or the error queue. */
static int
failed(struct tls *t, int kind)
{
	char text[256];
	long v = SSL_get_verify_result(t->ssl);
	unsigned long e = ERR_peek_last_error();
	int rc = ERR_TLS;

	t->broken = 1;
	if (ERR_GET_REASON(e) == SSL_R_CERTIFICATE_VERIFY_FAILED &&
	    v != X509_V_OK) {
		snprintf(text, sizeof(text), "certificate verify failed: %s",
		    X509_verify_cert_error_string(v));
	} else if (ERR_GET_REASON(e) == SSL_R_UNEXPECTED_EOF_WHILE_READING ||
	    (kind == SSL_ERROR_SYSCALL && t->sys_errno == 0)) {
		snprintf(text, sizeof(text), "closed by the peer without "
		    "close_notify");
	} else if (kind == SSL_ERROR_SYSCALL && e == 0) {
		snprintf(text, sizeof(text), "%s", strerror(t->sys_errno));
		errno = t->sys_errno;
		rc = ERR_SYSTEM;
	} else
		tls_queue_text(text, sizeof(text), "TLS");
	ERR_clear_error();
	set_err(t, text);
	return rc;
}

/* Translate the result r of an SSL call. */
static int
result(struct tls *t, int r, unsigned *want)
{
	int kind = SSL_get_error(t->ssl, r);

	switch (kind) {
	case SSL_ERROR_WANT_READ:
		*want = EV_IO_IN;
		return ERR_AGAIN;
	case SSL_ERROR_WANT_WRITE:
		*want = EV_IO_OUT;
		return ERR_AGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	default:
		return failed(t, kind);
	}
}

/*
 * An idle connection has no buffers. OpenSSL decrypts in place: of the 17 KiB
 * what was received is wiped. What was sent is no secret.
 */
static void
release(struct tls *t)
{
	if (!t->held || SSL_has_pending(t->ssl))
		return;
	crypto_mem_hint(t->got, (size_t)(t->got_end - t->got));
	if (SSL_free_buffers(t->ssl)) {
		t->got = t->got_end = NULL;
		t->held = 0;
	}
	crypto_mem_no_hint();
}

int
tls_handshake(struct tls *t, unsigned *want)
{
	int r;

	ERR_clear_error();
	t->sys_errno = 0;
	if ((r = SSL_do_handshake(t->ssl)) == 1) {
		release(t);
		return 0;
	}
	r = result(t, r, want);
	release(t);
	if (r != 0 && r != ERR_AGAIN)
		return ERR_TLS;
	if (r == 0) {
		set_err(t, "closed by the peer during the handshake");
		t->broken = 1;
		return ERR_TLS;
	}
	return r;
}

ssize_t
tls_read(struct tls *t, void *p, size_t n, unsigned *want)
{
	int r;

	if (n > INT_MAX)
		n = INT_MAX;
	if (t->is_short && !t->held && SSL_is_init_finished(t->ssl)) {
		*want = EV_IO_IN;	/* OpenSSL would make a buffer to ask */
		return ERR_AGAIN;
	}
	ERR_clear_error();
	t->sys_errno = 0;
	if ((r = SSL_read(t->ssl, p, (int)n)) <= 0)
		r = result(t, r, want);
	release(t);
	return r;
}

ssize_t
tls_write(struct tls *t, const void *p, size_t n, unsigned *want)
{
	int r;

	if (n > INT_MAX)
		n = INT_MAX;
	ERR_clear_error();
	t->sys_errno = 0;
	if ((r = SSL_write(t->ssl, p, (int)n)) > 0) {
		release(t);
		return r;
	}
	r = result(t, r, want);
	if (r == 0) {
		set_err(t, "closed by the peer");
		return ERR_TLS;
	}
	return r;
}

void
tls_edge(struct tls *t, int eof)
{
	t->is_short = 0;
	if (eof)
		t->eof_seen = 1;
}

int
tls_short(const struct tls *t)
{
	return t->is_short;
}

uint64_t
tls_sent(const struct tls *t)
{
	return t->sent;
}

void
tls_shutdown(struct tls *t)
{
	if (t->broken || !SSL_is_init_finished(t->ssl))
		return;
	ERR_clear_error();
	if (SSL_shutdown(t->ssl) < 0)
		ERR_clear_error();
}

const char *
tls_error(const struct tls *t)
{
	return t->err == NULL ? "" : t->err;
}

int
tls_resumed(const struct tls *t)
{
	return SSL_session_reused(t->ssl);
}
