/* crypto_test.c - digests and codings against published vectors. */
#include "config.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/err.h"
#include "tap.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const char *
sha256(struct str text)
{
	static char hex[65];
	unsigned char out[CRYPTO_SHA256];

	crypto_sha256(text, out);
	crypto_hex(hex, out, sizeof(out));
	return hex;
}

/* FIPS 180-4, examples. */
TEST(sha256_vectors)
{
	char *million = malloc(1000000);

	EQ_STR(sha256(STR("")), "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
	EQ_STR(sha256(STR("abc")), "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	EQ_STR(sha256(STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmn"
	    "lmnomnopnopq")), "248d6a61d20638b8e5c026930c3e6039"
	    "a33ce45964ff2167f6ecedd419db06c1");
	memset(million, 'a', 1000000);
	EQ_STR(sha256(str_make(million, 1000000)),
	    "cdc76e5c9914fb9281a1c7e284d73e67"
	    "f1809a48a497200e046d39ccc7112cd0");
	free(million);
	EQ_STR(sha256(STR_NULL), "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
}

TEST(equal)
{
	OK(crypto_equal("abc", "abc", 3));
	OK(!crypto_equal("abc", "abd", 3));
	OK(!crypto_equal("abc", "xbc", 3));
	OK(crypto_equal("abc", "xyz", 0));
	OK(crypto_equal(NULL, NULL, 0));
}

/* RFC 4648, 10. */
static const struct {
	const char	*plain, *coded;
} base64[] = {
	{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" }, { "\xfb\xff\xfe", "+//+" },
};

TEST(base64_vectors)
{
	struct buf b;
	size_t i;

	for (i = 0; i < N(base64); i++) {
		buf_init(&b, strlen(base64[i].coded));
		EQ_INT(crypto_base64(&b, str_of(base64[i].plain)), 0);
		EQ_S(buf_str(&b), base64[i].coded);
		buf_free(&b);
		/* the plain text must fit, not what padding adds to it */
		buf_init(&b, strlen(base64[i].plain));
		EQ_INT(crypto_unbase64(&b, str_of(base64[i].coded)), 0);
		EQ_S(buf_str(&b), base64[i].plain);
		buf_free(&b);
	}
}

TEST(base64_refuses)
{
	static const char *const rows[] = {
		"Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zg==Zg==",
		"Zm9v\n", "Zm 9v", "Zm9v ", "Zm9-", "Zm9_", "Zh==", "Zm9=",
		"Z=g=", "=Zg=", ("Zm9v\xc3\xa9" "xx"), "Zm9",
	};
	struct buf b;
	size_t i;

	buf_init(&b, 100);
	EQ_INT(buf_add(&b, "keep", 4), 0);
	for (i = 0; i < N(rows); i++) {
		if (crypto_unbase64(&b, str_of(rows[i])) != ERR_FORMAT)
			tap_fail(__FILE__, __LINE__, "%s", rows[i]);
		EQ_S(buf_str(&b), "keep");
	}
	buf_free(&b);
	buf_init(&b, 5);
	EQ_INT(crypto_base64(&b, STR("abcd")), ERR_TOOBIG);
	EQ_INT(crypto_unbase64(&b, STR("Zm9vYmFy")), ERR_TOOBIG);
	EQ_INT(buf_len(&b), 0);
	buf_free(&b);
}

TEST(base64_round_trip)
{
	unsigned char all[256];
	struct buf b, c;
	size_t i, n;

	for (i = 0; i < 256; i++)
		all[i] = (unsigned char)(i * 7);
	for (n = 0; n <= 256; n++) {
		buf_init(&b, 1000);
		buf_init(&c, 1000);
		EQ_INT(crypto_base64(&b, str_make((char *)all, n)), 0);
		EQ_INT(crypto_unbase64(&c, buf_str(&b)), 0);
		EQ_MEM(buf_ptr(&c), buf_len(&c), all, n);
		buf_free(&b);
		buf_free(&c);
	}
}

TEST(hex)
{
	char s[9];

	crypto_hex(s, "\x00\x0f\xa5\xff", 4);
	EQ_STR(s, "000fa5ff");
	crypto_hex(s, "", 0);
	EQ_STR(s, "");
}

/* RFC 3720, B.4. */
TEST(crc32c_vectors)
{
	unsigned char b[32];
	int i;

	EQ_INT(crypto_crc32c(0, "", 0), 0);
	EQ_INT(crypto_crc32c(0, "123456789", 9), 0xe3069283);
	memset(b, 0, 32);
	EQ_INT(crypto_crc32c(0, b, 32), 0x8a9136aa);
	memset(b, 0xff, 32);
	EQ_INT(crypto_crc32c(0, b, 32), 0x62a8ab43);
	for (i = 0; i < 32; i++)
		b[i] = (unsigned char)i;
	EQ_INT(crypto_crc32c(0, b, 32), 0x46dd794e);
	for (i = 0; i < 32; i++)
		b[i] = (unsigned char)(31 - i);
	EQ_INT(crypto_crc32c(0, b, 32), 0x113fdb5c);
}

/* In parts, at any offset, the same; also against the definition. */
TEST(crc32c_in_parts)
{
	unsigned char b[100];
	uint32_t whole, slow;
	size_t i, k, n;

	for (i = 0; i < sizeof(b); i++)
		b[i] = (unsigned char)(i * i + 3);
	for (n = 0; n <= sizeof(b); n++) {
		whole = crypto_crc32c(0, b, n);
		slow = 0xffffffff;
		for (i = 0; i < n; i++) {
			slow ^= b[i];
			for (k = 0; k < 8; k++)
				slow = slow >> 1 ^
				    (slow & 1 ? 0x82f63b78 : 0);
		}
		EQ_INT(whole, ~slow);
		EQ_INT(crypto_crc32c_table(0, b, n), whole);
		for (k = 0; k <= n; k++)
			EQ_INT(crypto_crc32c(crypto_crc32c(0, b, k), b + k,
			    n - k), whole);
	}
}

TEST(seal_and_open)
{
	static const unsigned char key[32] = "0123456789abcdef0123456789abcde";
	unsigned char wrong[32];
	struct buf b, c, d;
	size_t i;

	buf_init(&b, 1000);
	buf_init(&c, 1000);
	buf_init(&d, 1000);
	EQ_INT(crypto_seal(&b, key, STR("provider key")), 0);
	EQ_INT(buf_len(&b), 12 + 12 + 16);
	OK(str_find(buf_str(&b), STR("provider")) < 0);
	EQ_INT(crypto_open(&c, key, buf_str(&b)), 0);
	EQ_S(buf_str(&c), "provider key");
	/* never the same twice */
	EQ_INT(crypto_seal(&d, key, STR("provider key")), 0);
	OK(!str_eq(buf_str(&b), buf_str(&d)));
	buf_reset(&c);
	memcpy(wrong, key, 32);
	wrong[31] ^= 1;
	EQ_INT(crypto_open(&c, wrong, buf_str(&b)), ERR_CORRUPT);
	for (i = 0; i < buf_len(&b); i++) {
		buf_ptr(&b)[i] ^= 1;
		EQ_INT(crypto_open(&c, key, buf_str(&b)), ERR_CORRUPT);
		buf_ptr(&b)[i] ^= 1;
		EQ_INT(crypto_open(&c, key, str_make(buf_ptr(&b), i)),
		    ERR_CORRUPT);
	}
	EQ_INT(buf_len(&c), 0);
	buf_reset(&b);
	EQ_INT(crypto_seal(&b, key, STR("")), 0);
	EQ_INT(crypto_open(&c, key, buf_str(&b)), 0);
	EQ_INT(buf_len(&c), 0);
	buf_free(&b);
	buf_free(&c);
	buf_free(&d);
}

/* NIST GCM test case 14: zero key, zero nonce, one zero block. */
TEST(open_vector)
{
	static const unsigned char key[32];
	struct buf b;

	buf_init(&b, 100);
	EQ_INT(crypto_open(&b, key, STR("\0\0\0\0\0\0\0\0\0\0\0\0"
	    "\xce\xa7\x40\x3d\x4d\x60\x6b\x6e\x07\x4e\xc5\xd3\xba\xf3\x9d\x18"
	    "\xd0\xd1\xc8\xa7\x99\x99\x6b\xf0\x26\x5b\x98\xb5\xd4\x8a\xb9\x19"
	    )), 0);
	EQ_MEM(buf_ptr(&b), buf_len(&b), "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
	    16);
	buf_free(&b);
}

TEST(passwords)
{
	char a[CRYPTO_PASSWORD_SIZE], b[CRYPTO_PASSWORD_SIZE];

	EQ_INT(crypto_password_hash(STR("correct horse"), a), 0);
	EQ_INT(crypto_password_hash(STR("correct horse"), b), 0);
	OK(strcmp(a, b) != 0);
	OK(strncmp(a, "scrypt$32768$8$1$", 17) == 0);
	OK(crypto_password_check(STR("correct horse"), a));
	OK(crypto_password_check(STR("correct horse"), b));
	OK(!crypto_password_check(STR("correct hors"), a));
	OK(!crypto_password_check(STR(""), a));
	a[strlen(a) - 1] ^= 1;
	OK(!crypto_password_check(STR("correct horse"), a));
}

TEST(password_texts_that_are_none)
{
	static const char *const rows[] = {
		"", "scrypt", "plain", "$$$$$", "scrypt$16$8$1$$",
		"scrypt$16$8$1$00$00", "bcrypt$16$8$1$"
		"00000000000000000000000000000000$"
		"0000000000000000000000000000000000000000000000000000000000000000",
		"scrypt$17$8$1$00000000000000000000000000000000$"
		"0000000000000000000000000000000000000000000000000000000000000000",
		"scrypt$1099511627776$8$1$00000000000000000000000000000000$"
		"0000000000000000000000000000000000000000000000000000000000000000",
		"scrypt$16$99$1$00000000000000000000000000000000$"
		"0000000000000000000000000000000000000000000000000000000000000000",
		"scrypt$16$8$1$0000000000000000000000000000000x$"
		"0000000000000000000000000000000000000000000000000000000000000000",
		"scrypt$16$8$1$00000000000000000000000000000000$"
		"0000000000000000000000000000000000000000000000000000000000000000$",
	};
	size_t i;

	for (i = 0; i < N(rows); i++)
		OK(!crypto_password_check(STR("x"), rows[i]));
}

#define BLOCK	17000

/* How many of the bytes of a freed block are still there, between the words
 * that the allocator has at its ends. */
static int
left(const volatile char *p)
{
	int i, n = 0;

	for (i = 64; i < BLOCK - 64; i++)
		n += p[i] == 'x';
	return n;
}

static volatile char *
filled(void)
{
	return memset(OPENSSL_malloc(BLOCK), 'x', BLOCK);
}

/* What is wrong, 0: nothing. */
static int
memory_is_wiped(void)
{
	char *p, *guard;
	volatile char *q;

	crypto_mem_init();
	p = OPENSSL_malloc(BLOCK);
	guard = OPENSSL_malloc(BLOCK);	/* so that it is not given away */
	memset(p, 'x', BLOCK);
	OPENSSL_free(p);
	if (left(p) != 0)
		return 1;
	q = filled();			/* the same place, most likely */
	crypto_mem_hint((char *)(uintptr_t)q + 1000, 500);
	OPENSSL_free((void *)(uintptr_t)q);
	if (left(q) != BLOCK - 128 - 500 || q[999] != 'x' || q[1000] == 'x' ||
	    q[1499] == 'x' || q[1500] != 'x')
		return 2;
	q = filled();
	crypto_mem_hint((char *)(uintptr_t)q + 16000, 100000);
	OPENSSL_free((void *)(uintptr_t)q);	/* not beyond its end */
	if (left(q) != 16000 - 64 || guard == NULL)
		return 3;
	q = filled();
	crypto_mem_hint(NULL, 0);	/* no secret anywhere */
	OPENSSL_free((void *)(uintptr_t)q);
	if (left(q) != BLOCK - 128)
		return 4;
	q = filled();
	crypto_mem_hint(guard, 10);
	OPENSSL_free((void *)(uintptr_t)q);	/* the secret stands elsewhere */
	if (left(q) != BLOCK - 128)
		return 5;
	crypto_mem_no_hint();
	q = filled();
	p = OPENSSL_realloc((void *)(uintptr_t)q, 2 * BLOCK);
	if (p == NULL || p[BLOCK - 1] != 'x' || left(q) != 0)
		return 6;
	OPENSSL_free(p);
	OPENSSL_free(guard);
	p = OPENSSL_secure_malloc(100);
	return p == NULL || !CRYPTO_secure_allocated(p) ? 7 : 0;
}

TEST(freed_memory)
{
	int status;
	pid_t pid;

#ifdef SANITIZED
	tap_skip("AddressSanitizer keeps what was freed");
#endif
	if ((pid = fork()) == 0)
		tap_exit(memory_is_wiped());
	OK(waitpid(pid, &status, 0) == pid);
	EQ_INT(WEXITSTATUS(status), 0);
	EQ_INT(status, 0);
}

TAP_BEGIN
TAP_ROW(freed_memory)	/* before OpenSSL has allocated anything */
TAP_ROW(sha256_vectors)
TAP_ROW(equal)
TAP_ROW(base64_vectors)
TAP_ROW(base64_refuses)
TAP_ROW(base64_round_trip)
TAP_ROW(hex)
TAP_ROW(crc32c_vectors)
TAP_ROW(crc32c_in_parts)
TAP_ROW(seal_and_open)
TAP_ROW(open_vector)
TAP_ROW(passwords)
TAP_ROW(password_texts_that_are_none)
TAP_END
