/*
 * cert.c - certificates made at test time.
 *
 * Runs in: unit test programs.
 * Owns: nothing; callers free.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "cert.h"
#include "tap.h"

const unsigned char cert_ticket_key[80] = "0123456789";

static char *
bio_text(BIO *b)
{
	char *p, *copy;
	long n = BIO_get_mem_data(b, &p);

	copy = strndup(p, (size_t)n);
	BIO_free(b);
	return copy;
}

static void
add_ext(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX v;
	X509_EXTENSION *e;

	X509V3_set_ctx(&v, issuer, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &v, nid, value);
	ASSERT(e != NULL);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

static void
make(struct cert *out, const struct cert *ca, const char *cn, const char *san,
    int days)
{
	EVP_PKEY *key = EVP_EC_gen("P-256"), *ca_key = key;
	X509 *x = X509_new(), *ca_x = x;
	static long serial = 1000;
	BIO *b;

	if (ca != NULL) {
		b = BIO_new_mem_buf(ca->cert_pem, -1);
		ca_x = PEM_read_bio_X509(b, NULL, NULL, NULL);
		BIO_free(b);
		b = BIO_new_mem_buf(ca->key_pem, -1);
		ca_key = PEM_read_bio_PrivateKey(b, NULL, NULL, NULL);
		BIO_free(b);
	}
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
	X509_gmtime_adj(X509_getm_notBefore(x), -90 * 86400L);
	X509_gmtime_adj(X509_getm_notAfter(x), days * 86400L);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN",
	    MBSTRING_ASC, (const unsigned char *)cn, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(ca_x));
	add_ext(x, ca_x, NID_basic_constraints, san == NULL ?
	    "critical,CA:TRUE" : "critical,CA:FALSE");
	if (san != NULL)
		add_ext(x, ca_x, NID_subject_alt_name, san);
	X509_sign(x, ca_key, EVP_sha256());
	b = BIO_new(BIO_s_mem());
	PEM_write_bio_X509(b, x);
	out->cert_pem = bio_text(b);
	b = BIO_new(BIO_s_mem());
	PEM_write_bio_PrivateKey(b, key, NULL, NULL, 0, NULL, NULL);
	out->key_pem = bio_text(b);
	if (ca != NULL) {
		X509_free(ca_x);
		EVP_PKEY_free(ca_key);
	}
	X509_free(x);
	EVP_PKEY_free(key);
}

void
cert_ca(struct cert *out)
{
	make(out, NULL, "test CA", NULL, 30);
}

void
cert_leaf(struct cert *out, const struct cert *ca, const char *san, int days)
{
	make(out, ca, "test leaf", san, days);
}

struct tls_ctx *
cert_server_ctx(const struct cert *c)
{
	struct tls_ctx *ctx;
	char err[256];

	if (tls_server_ctx(str_of(c->cert_pem), str_of(c->key_pem), "1.2",
	    cert_ticket_key, &ctx, err, sizeof(err)) < 0)
		tap_fail(__FILE__, __LINE__, "%s", err);
	return ctx;
}

void
cert_free(struct cert *c)
{
	free(c->cert_pem);
	free(c->key_pem);
	c->cert_pem = c->key_pem = NULL;
}

const char *
cert_file(const char *name, const char *text)
{
	static char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", tap_dir(), name);
	f = fopen(path, "w");
	ASSERT(f != NULL);
	fputs(text, f);
	fclose(f);
	return path;
}
