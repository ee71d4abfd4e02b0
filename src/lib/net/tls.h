/*
 * tls.h - TLS by OpenSSL: contexts for listeners and providers (the door).
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"

struct tls_ctx;
struct tls;

struct tls_client_opts {
	int		 verify;
	const char	*ca_file;	/* "": the system's */
	const char	*certificate, *key;	/* client certificate: file name
						   or PEM text, "" none */
	/* PEM texts in place of the files; n = 0: see above. */
	struct str	 ca_pem, certificate_pem, key_pem;
};

/* Context of a listener from PEM texts: 0, or ERR_TLS with text in err. */
int tls_server_ctx(struct str cert_pem, struct str key_pem,
    const char *min_version, const unsigned char ticket_key[80],
    struct tls_ctx **out, char *err, size_t errsize);
/* Context of a provider; keeps sessions for resumption. */
int tls_client_ctx(const struct tls_client_opts *o, struct tls_ctx **out,
    char *err, size_t errsize);
void tls_ctx_free(struct tls_ctx **cp);

/* Forget what is shared by all contexts (the system's CAs); at exit. */
void tls_cleanup(void);

/* One connection on fd; sni NULL for servers. NULL when out of memory. */
struct tls *tls_new(struct tls_ctx *ctx, int fd, const char *sni);
void tls_free(struct tls **tp);
/* 0 done; ERR_AGAIN (want says EV_IO_IN or EV_IO_OUT); ERR_TLS. */
int tls_handshake(struct tls *t, unsigned *want);
/*
 * > 0, 0 end (with close_notify only), ERR_AGAIN, ERR_TLS, ERR_SYSTEM. An end
 * without close_notify is ERR_TLS: an answer that ends with the connection
 * could have been cut.
 */
ssize_t tls_read(struct tls *t, void *p, size_t n, unsigned *want);
ssize_t tls_write(struct tls *t, const void *p, size_t n, unsigned *want);
/*
 * The socket reported input (eof: also that the peer has shut its side). After
 * a read that got less than it asked for, the socket counts as empty and is
 * not read again before this is called.
 */
void tls_edge(struct tls *t, int eof);
/* 1 when the socket counts as empty only because of a short read. */
int tls_short(const struct tls *t);
/* Bytes the kernel took, records and handshake included. */
uint64_t tls_sent(const struct tls *t);
/* Send close_notify if it can be done now. */
void tls_shutdown(struct tls *t);
const char *tls_error(const struct tls *t);
int tls_resumed(const struct tls *t);

#endif
