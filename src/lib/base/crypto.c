/*
 * crypto.c - digests and codings.
 *
 * Runs in: every process, in its main thread only.
 * Owns: one digest and one cipher context per process, fetched once: looking
 * an algorithm up costs more than hashing a key with it.
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/num.h"
#include "base/rng.h"
#include "base/secret.h"

#define NONCE	12
#define TAG	16

#define SCRYPT_N	32768u
#define SCRYPT_R	8u
#define SCRYPT_P	1u
#define SCRYPT_SALT	16
#define SCRYPT_HASH	32

static EVP_MD *sha256;
static EVP_MD_CTX *digest;
static EVP_CIPHER *aes;
static EVP_CIPHER_CTX *cipher;

void
crypto_sha256(struct str text, unsigned char out[CRYPTO_SHA256])
{
	if (digest == NULL) {
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
		digest = EVP_MD_CTX_new();
		ASSERT(sha256 != NULL && digest != NULL);
	}
	ASSERT(EVP_DigestInit_ex2(digest, sha256, NULL) == 1 &&
	    EVP_DigestUpdate(digest, text.p, text.n) == 1 &&
	    EVP_DigestFinal_ex(digest, out, NULL) == 1);
}

/* An opaque name for OpenSSL's context: nothing else is kept. */
struct crypto_hash *
crypto_hash_new(void)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (sha256 == NULL)
		crypto_sha256(STR(""), (unsigned char[CRYPTO_SHA256]){ 0 });
	ASSERT(ctx != NULL && EVP_DigestInit_ex2(ctx, sha256, NULL) == 1);
	return (struct crypto_hash *)ctx;
}

void
crypto_hash_add(struct crypto_hash *h, struct str text)
{
	ASSERT(EVP_DigestUpdate((EVP_MD_CTX *)h, text.p, text.n) == 1);
}

void
crypto_hash_end(struct crypto_hash **hp, unsigned char out[CRYPTO_SHA256])
{
	ASSERT(EVP_DigestFinal_ex((EVP_MD_CTX *)*hp, out, NULL) == 1);
	EVP_MD_CTX_free((EVP_MD_CTX *)*hp);
	*hp = NULL;
}

int
crypto_equal(const void *a, const void *b, size_t n)
{
	return n == 0 || CRYPTO_memcmp(a, b, n) == 0;
}

int
crypto_base64(struct buf *b, struct str in)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i, k;
	uint32_t v;
	int rc;

	if (in.n > SIZE_MAX / 4)
		return ERR_TOOBIG;
	if ((rc = buf_reserve(b, (in.n + 2) / 3 * 4)) != 0)
		return rc;
	for (i = 0; i < in.n; i += 3) {
		k = in.n - i > 2 ? 3 : in.n - i;
		v = (uint32_t)(unsigned char)in.p[i] << 16;
		if (k > 1)
			v |= (uint32_t)(unsigned char)in.p[i + 1] << 8;
		if (k > 2)
			v |= (unsigned char)in.p[i + 2];
		b->data[b->len++] = set[v >> 18];
		b->data[b->len++] = set[v >> 12 & 63];
		b->data[b->len++] = k > 1 ? set[v >> 6 & 63] : '=';
		b->data[b->len++] = k > 2 ? set[v & 63] : '=';
	}
	return 0;
}

static int
base64_value(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int
crypto_unbase64(struct buf *b, struct str in)
{
	size_t i, pad = 0, before = buf_len(b), end;
	uint32_t v = 0;
	int rc, d;

	if (in.n % 4 != 0)
		return ERR_FORMAT;
	while (pad < 2 && pad < in.n && in.p[in.n - 1 - pad] == '=')
		pad++;
	if ((rc = buf_reserve(b, in.n / 4 * 3 - pad)) != 0)
		return rc;
	end = b->len + in.n / 4 * 3 - pad;
	for (i = 0; i < in.n; i++) {
		d = i >= in.n - pad ? 0 : base64_value((unsigned char)in.p[i]);
		if (d < 0)
			goto bad;
		v = v << 6 | (unsigned)d;
		if (i % 4 != 3)
			continue;
		for (d = 16; d >= 0 && b->len < end; d -= 8)
			b->data[b->len++] = (char)(v >> d);
	}
	/* The bits that padding cuts off must be zero: one text, one value. */
	if ((pad == 1 && (v & 0xff) != 0) || (pad == 2 && (v & 0xffff) != 0))
		goto bad;
	return 0;
bad:
	b->len = b->off + before;
	return ERR_FORMAT;
}

void
crypto_hex(char *dst, const void *p, size_t n)
{
	static const char set[] = "0123456789abcdef";
	const unsigned char *q = p;
	size_t i;

	for (i = 0; i < n; i++) {
		dst[2 * i] = set[q[i] >> 4];
		dst[2 * i + 1] = set[q[i] & 15];
	}
	dst[2 * n] = '\0';
}

static void
cipher_ready(void)
{
	if (cipher != NULL)
		return;
	aes = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	cipher = EVP_CIPHER_CTX_new();
	ASSERT(aes != NULL && cipher != NULL);
}

int
crypto_seal(struct buf *b, const unsigned char key[32], struct str text)
{
	unsigned char *out;
	int n = 0, rest = 0, rc;

	if (text.n > INT32_MAX / 2)
		return ERR_TOOBIG;
	if ((rc = buf_reserve(b, NONCE + text.n + TAG)) != 0)
		return rc;
	cipher_ready();
	out = (unsigned char *)b->data + b->len;
	rng_bytes(out, NONCE);
	ASSERT(EVP_EncryptInit_ex2(cipher, aes, key, out, NULL) == 1 &&
	    EVP_EncryptUpdate(cipher, out + NONCE, &n,
	    (const unsigned char *)text.p, (int)text.n) == 1 &&
	    EVP_EncryptFinal_ex(cipher, out + NONCE + n, &rest) == 1 &&
	    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG,
	    out + NONCE + n + rest) == 1);
	EVP_CIPHER_CTX_reset(cipher);
	b->len += NONCE + text.n + TAG;
	return 0;
}

int
crypto_open(struct buf *b, const unsigned char key[32], struct str sealed)
{
	unsigned char tag[TAG], *out;
	size_t len;
	int n = 0, rest = 0, rc, ok;

	if (sealed.n < NONCE + TAG || sealed.n > INT32_MAX / 2)
		return ERR_CORRUPT;
	len = sealed.n - NONCE - TAG;
	if ((rc = buf_reserve(b, len)) != 0)
		return rc;
	cipher_ready();
	memcpy(tag, sealed.p + NONCE + len, TAG);
	out = (unsigned char *)b->data + b->len;
	ok = EVP_DecryptInit_ex2(cipher, aes, key,
	    (const unsigned char *)sealed.p, NULL) == 1 &&
	    EVP_DecryptUpdate(cipher, out, &n,
	    (const unsigned char *)sealed.p + NONCE, (int)len) == 1 &&
	    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG, tag) == 1 &&
	    EVP_DecryptFinal_ex(cipher, out + n, &rest) == 1;
	EVP_CIPHER_CTX_reset(cipher);
	if (!ok) {
		secret_wipe(out, len);
		return ERR_CORRUPT;
	}
	b->len += len;
	return 0;
}

static int
scrypt(struct str pw, const unsigned char *salt, uint64_t n, uint64_t r,
    uint64_t p, unsigned char out[SCRYPT_HASH])
{
	return EVP_PBE_scrypt(pw.n == 0 ? "" : pw.p, pw.n, salt, SCRYPT_SALT,
	    n, r, p, 160 * n * r + (1 << 20), out, SCRYPT_HASH) == 1 ?
	    0 : ERR_NOMEM;
}

int
crypto_password_hash(struct str password, char out[CRYPTO_PASSWORD_SIZE])
{
	unsigned char salt[SCRYPT_SALT], hash[SCRYPT_HASH];
	char s[2 * SCRYPT_SALT + 1], h[2 * SCRYPT_HASH + 1];
	int rc;

	rng_bytes(salt, sizeof(salt));
	rc = scrypt(password, salt, SCRYPT_N, SCRYPT_R, SCRYPT_P, hash);
	if (rc != 0)
		return rc;
	crypto_hex(s, salt, sizeof(salt));
	crypto_hex(h, hash, sizeof(hash));
	snprintf(out, CRYPTO_PASSWORD_SIZE, "scrypt$%u$%u$%u$%s$%s", SCRYPT_N,
	    SCRYPT_R, SCRYPT_P, s, h);
	return 0;
}

/* Exactly n bytes of hex. */
static int
unhex(struct str s, unsigned char *out, size_t n)
{
	uint64_t v;
	size_t i;

	if (s.n != 2 * n)
		return ERR_FORMAT;
	for (i = 0; i < n; i++) {
		if (num_hex(str_make(s.p + 2 * i, 2), &v) != 0)
			return ERR_FORMAT;
		out[i] = (unsigned char)v;
	}
	return 0;
}

int
crypto_password_check(struct str password, const char *text)
{
	struct str rest = str_of(text), part[6];
	unsigned char salt[SCRYPT_SALT], want[SCRYPT_HASH], got[SCRYPT_HASH];
	uint64_t n, r, p;
	int i;

	for (i = 0; i < 6; i++)
		if (!str_split(&rest, '$', &part[i]))
			return 0;
	if (rest.p != NULL || !str_eqc(part[0], "scrypt") ||
	    num_u64(part[1], &n) != 0 || num_u64(part[2], &r) != 0 ||
	    num_u64(part[3], &p) != 0 || n > 1 << 20 || r > 16 || p > 16 ||
	    unhex(part[4], salt, sizeof(salt)) != 0 ||
	    unhex(part[5], want, sizeof(want)) != 0 ||
	    scrypt(password, salt, n, r, p, got) != 0)
		return 0;
	return crypto_equal(got, want, sizeof(want));
}
