/*
 * cert.h - certificates made at test time.
 */
#ifndef TEST_CERT_H
#define TEST_CERT_H

#include "base/str.h"
#include "net/tls.h"

extern const unsigned char cert_ticket_key[80];

struct cert {
	char	*cert_pem, *key_pem;
};

/* A CA. */
void cert_ca(struct cert *out);
/* A server certificate for san ("DNS:x,IP:127.0.0.1"), signed by ca (NULL: by
 * itself), valid until days from now (negative: expired). */
void cert_leaf(struct cert *out, const struct cert *ca, const char *san,
    int days);
/* The context of a server that shows c; tickets by cert_ticket_key. */
struct tls_ctx *cert_server_ctx(const struct cert *c);
void cert_free(struct cert *c);
/* Write text to a file of the test's folder; returns its path (static). */
const char *cert_file(const char *name, const char *text);

#endif
