/*
 * tls.h - TLS by OpenSSL: contexts for listeners and providers (the door).
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <sys/types.h>

#include "base/str.h"

struct tls_ctx;
struct tls;

struct tls_client_opts {
	int		 verify;
	const char	*ca_file;	/* "": the system's */
	const char	*certificate, *key;	/* client certificate, "" none */
};

/* Context of a listener from PEM texts: 0, or ERR_TLS with text in err. */
int tls_server_ctx(struct str cert_pem, struct str key_pem,
    const char *min_version, const unsigned char ticket_key[80],
    struct tls_ctx **out, char *err, size_t errsize);
/* Context of a provider; keeps sessions for resumption. */
int tls_client_ctx(const struct tls_client_opts *o, struct tls_ctx **out,
    char *err, size_t errsize);
void tls_ctx_free(struct tls_ctx **cp);

/* One connection on fd; sni NULL for servers. NULL when out of memory. */
struct tls *tls_new(struct tls_ctx *ctx, int fd, const char *sni);
void tls_free(struct tls **tp);
/* 0 done; ERR_AGAIN (want says EV_IO_IN or EV_IO_OUT); ERR_TLS. */
int tls_handshake(struct tls *t, unsigned *want);
/* > 0, 0 end, ERR_AGAIN, ERR_TLS, ERR_SYSTEM. */
ssize_t tls_read(struct tls *t, void *p, size_t n, unsigned *want);
ssize_t tls_write(struct tls *t, const void *p, size_t n, unsigned *want);
/* 1 when decrypted bytes wait inside. */
int tls_pending(const struct tls *t);
/* Send close_notify if it can be done now. */
void tls_shutdown(struct tls *t);
const char *tls_error(const struct tls *t);
int tls_resumed(const struct tls *t);

#endif
