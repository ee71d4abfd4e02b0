/*
 * crypto.h - digests and codings (OpenSSL's door for everything but TLS).
 */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include "base/buf.h"
#include "base/str.h"

#define CRYPTO_SHA256	32

/*
 * Have OpenSSL wipe what it frees, and lock private keys: before anything else
 * of it is used, in processes that have secrets.
 */
void crypto_mem_init(void);
/*
 * A hint, to spare work: until crypto_mem_no_hint() the blocks that are freed
 * hold no secret but [in, in + n), which is read and written only when the
 * block that it stands in is freed. in: NULL for none at all.
 */
void crypto_mem_hint(char *in, size_t n);
void crypto_mem_no_hint(void);
/* Bytes for private keys that could not be locked (RLIMIT_MEMLOCK). */
size_t crypto_mem_unlocked(void);

/* SHA-256 of text (FIPS 180-4). */
void crypto_sha256(struct str text, unsigned char out[CRYPTO_SHA256]);
/* The same for text that comes in pieces. */
struct crypto_hash;
struct crypto_hash *crypto_hash_new(void);
void crypto_hash_add(struct crypto_hash *h, struct str text);
/* The digest; *hp is freed and set to NULL. */
void crypto_hash_end(struct crypto_hash **hp,
    unsigned char out[CRYPTO_SHA256]);
/* 1 when n bytes are equal; time does not depend on where they differ. */
int crypto_equal(const void *a, const void *b, size_t n);
/* Base64 (RFC 4648, 4) with padding, appended: 0 or a buf.h error. */
int crypto_base64(struct buf *b, struct str in);
/* Strict decoding (alphabet, padding, no blanks): 0, ERR_FORMAT, or buf.h. */
int crypto_unbase64(struct buf *b, struct str in);
/* Lower-case hex of n bytes into dst (2 * n + 1 bytes, terminated). */
void crypto_hex(char *dst, const void *p, size_t n);
/* CRC-32C (Castagnoli, RFC 3720, 12.1) of n bytes, continuing crc (0 first). */
uint32_t crypto_crc32c(uint32_t crc, const void *p, size_t n);
/* The same without the processor's instruction for it. For tests. */
uint32_t crypto_crc32c_table(uint32_t crc, const void *p, size_t n);
/*
 * Seal text with AES-256-GCM under key (32 bytes): nonce, ciphertext and tag
 * appended to b. Open is the reverse: 0, ERR_CORRUPT when key or data are
 * wrong, or a buf.h error.
 */
int crypto_seal(struct buf *b, const unsigned char key[32], struct str text);
int crypto_open(struct buf *b, const unsigned char key[32], struct str sealed);
/* scrypt password hash (RFC 7914), "scrypt$N$r$p$salt$hash" into out. */
#define CRYPTO_PASSWORD_SIZE 160
int crypto_password_hash(struct str password, char out[CRYPTO_PASSWORD_SIZE]);
/* 1 when password fits hash. */
int crypto_password_check(struct str password, const char *hash);

/*
 * Can the first certificate of a PEM text be used, and is key (PEM; empty:
 * not asked) its private key? NULL when so, else a sentence that says why not.
 */
const char *crypto_pem_check(struct str cert, struct str key);

#endif
