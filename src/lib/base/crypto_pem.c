/*
 * crypto_pem.c - is a certificate or key of a file usable at all?
 *
 * Runs in: master, aigwd -t.
 * Owns: nothing.
 *
 * A mistake in these files must be found before any process depends on them.
 * A key with a pass phrase is refused: nobody is there to type it.
 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/crypto.h"
#include "base/err.h"

static int
no_pass_phrase(char *buf, int size, int rwflag, void *arg)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)arg;
	return -1;
}

static BIO *
open_text(struct str s)
{
	BIO *b = BIO_new_mem_buf(s.n == 0 ? "" : s.p, (int)s.n);

	ASSERT(b != NULL);
	return b;
}

const char *
crypto_pem_check(struct str cert, struct str key)
{
	BIO *cb = open_text(cert), *kb = open_text(key);
	X509 *x = NULL;
	EVP_PKEY *k = NULL;
	const char *why = NULL;

	x = PEM_read_bio_X509_AUX(cb, NULL, no_pass_phrase, NULL);
	if (x == NULL)
		why = "the certificate cannot be read: it is damaged";
	else if (key.n == 0)
		goto out;
	else if ((k = PEM_read_bio_PrivateKey(kb, NULL, no_pass_phrase,
	    NULL)) == NULL)
		why = "the key cannot be read: it is damaged, or has a pass "
		    "phrase";
	else if (X509_check_private_key(x, k) != 1)
		why = "the key does not belong to the certificate";
out:
	X509_free(x);
	EVP_PKEY_free(k);
	BIO_free(cb);
	BIO_free(kb);
	ERR_clear_error();
	return why;
}
