/* secret_test.c - secrets: memory of their own, wiped, never shown. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/secret.h"
#include "tap.h"

TEST(text)
{
	struct secret *s = secret_new(STR("sk-very-secret-key")), *d;

	EQ_S(secret_reveal(s), "sk-very-secret-key");
	EQ_INT(secret_reveal(s).p[18], '\0');
	d = secret_new(secret_reveal(s));
	OK(secret_reveal(d).p != secret_reveal(s).p);
	secret_free(&s);
	OK(s == NULL);
	secret_free(&s);
	EQ_S(secret_reveal(d), "sk-very-secret-key");
	OK(secret_eq(d, STR("sk-very-secret-key")));
	OK(!secret_eq(d, STR("sk-very-secret-kez")));
	OK(!secret_eq(d, STR("sk-very-secret-ke")));
	OK(!secret_eq(d, STR("")));
	secret_free(&d);
}

TEST(absent_or_empty)
{
	struct secret *s = secret_new(STR(""));

	OK(secret_empty(s) && secret_empty(NULL));
	EQ_S(secret_reveal(NULL), "");
	EQ_S(secret_reveal(s), "");
	OK(secret_eq(NULL, STR("")) && !secret_eq(NULL, STR("a")));
	secret_free(&s);
	s = secret_new(secret_reveal(NULL));
	OK(s != NULL && secret_empty(s));
	secret_free(&s);
}

TEST(mask)
{
	static const struct {
		const char	*text, *mask;
	} rows[] = {
		{ "", "****" }, { "a", "****" }, { "123456789012", "****" },
		{ "1234567890123", "1234****" }, { "sk-abcdefghijk",
		    "sk-a****" }, { "\n\x1b\xff" "abcdefghijklm", "???a****" },
	};
	struct secret *s;
	char out[SECRET_MASK_SIZE];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s = secret_new(str_of(rows[i].text));
		secret_mask(s, out);
		EQ_STR(out, rows[i].mask);
		secret_free(&s);
	}
	secret_mask(NULL, out);
	EQ_STR(out, "****");
}

/* Is the text anywhere in the memory that the process has mapped for this? */
static int
found_in_region(const char *region, size_t n, const char *text)
{
	return memmem(region, n, text, strlen(text)) != NULL;
}

TEST(wiped_when_freed)
{
	struct secret *keep = secret_new(STR("stays")), *s;
	const char *p;

	s = secret_new(STR("FINDME-0123456789"));
	p = secret_reveal(s).p;
	OK(found_in_region(p, 64, "FINDME"));
	secret_free(&s);
	/* the region is still there, because of the other secret */
	OK(!found_in_region(p, 32, "FINDME"));
	EQ_S(secret_reveal(keep), "stays");
	secret_free(&keep);
}

/* Flags of the mapping that holds p, as /proc tells them. */
static int
mapping_has(const void *p, const char *flag)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	unsigned long from, to, at = (unsigned long)p;
	char line[512];
	int here = 0, has = 0;

	if (f == NULL)
		tap_skip("no smaps here");
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = at >= from && at < to;
		else if (here && strncmp(line, "VmFlags:", 8) == 0)
			has = strstr(line, flag) != NULL;
	}
	fclose(f);
	return has;
}

TEST(not_dumped)
{
	struct secret *s = secret_new(STR("x"));
	struct secret *big;
	char *text = malloc(100000);
	const char *p;

	OK(mapping_has(secret_reveal(s).p, " dd"));
	OK(!mapping_has(text, " dd"));
	memset(text, 'k', 100000);
	big = secret_new(str_make(text, 100000));
	EQ_MEM(secret_reveal(big).p, secret_reveal(big).n, text, 100000);
	OK(mapping_has(secret_reveal(big).p + 99999, " dd"));
	p = secret_reveal(big).p;
	secret_free(&big);
	OK(!mapping_has(p, " dd"));
	secret_free(&s);
	free(text);
}

#define MANY 3000

/* Come and go in any order: nobody's text is touched by another's. */
TEST(many)
{
	static struct secret *s[MANY];
	static size_t len[MANY];
	char text[700];
	size_t i, k, round;

	for (round = 0; round < 5; round++) {
		for (i = round % 2; i < MANY; i += 1 + round % 3) {
			secret_free(&s[i]);
			len[i] = (i * 37 + round * 11) % sizeof(text);
			memset(text, (int)('a' + i % 26), len[i]);
			s[i] = secret_new(str_make(text, len[i]));
		}
		for (i = 0; i < MANY; i++) {
			if (s[i] == NULL)
				continue;
			EQ_INT(secret_reveal(s[i]).n, len[i]);
			for (k = 0; k < len[i]; k++)
				EQ_INT(secret_reveal(s[i]).p[k], 'a' + i % 26);
		}
	}
	for (i = 0; i < MANY; i++)
		secret_free(&s[i]);
}

TEST(files)
{
	char path[512];
	struct secret *s;
	FILE *f;
	int i;

	snprintf(path, sizeof(path), "%s/file", tap_dir());
	EQ_INT(secret_from_file(path, 10, &s), ERR_SYSTEM);
	OK(s == NULL && errno == ENOENT);
	EQ_INT(secret_from_file(tap_dir(), 10, &s), ERR_SYSTEM);
	OK(s == NULL && errno == EISDIR);
	f = fopen(path, "w");
	for (i = 0; i < 50000; i++)
		fprintf(f, "%c", 'a' + i % 26);
	OK(fclose(f) == 0);
	EQ_INT(secret_from_file(path, 49999, &s), ERR_TOOBIG);
	OK(s == NULL);
	EQ_INT(secret_from_file(path, 50000, &s), 0);
	EQ_INT(secret_reveal(s).n, 50000);
	EQ_INT(secret_reveal(s).p[49999], 'a' + 49999 % 26);
	EQ_INT(secret_reveal(s).p[50000], '\0');
	secret_free(&s);
	/* one that does not tell its size */
	EQ_INT(secret_from_file("/proc/self/status", 65536, &s), 0);
	OK(secret_reveal(s).n > 100);
	secret_free(&s);
}

TEST(wipe)
{
	char b[8] = "1234567";

	secret_wipe(b, 4);
	EQ_MEM(b, 8, "\0\0\0\0" "567", 8);
	secret_wipe(NULL, 0);
}

/* A limit that is too low is told, and nothing else changes. */
static int
without_locks(void)
{
	struct rlimit none = { 0, 0 };
	struct secret *s, *big;
	static char text[100000];

	if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 ||
	    (geteuid() == 0 && setuid(65534) != 0))
		return 1;
	if (secret_unlocked() != 0)
		return 2;
	memset(text, 'x', sizeof(text));
	s = secret_new(STR("sk-very-secret-key"));
	big = secret_new(str_make(text, sizeof(text)));
	if (secret_unlocked() < sizeof(text) ||
	    secret_unlocked() > secret_mapped() || !secret_eq(s,
	    STR("sk-very-secret-key")))
		return 3;
	secret_free(&big);
	if (secret_unlocked() > 70000)
		return 4;
	secret_free(&s);
	return 0;
}

TEST(memory_that_cannot_be_locked)
{
	int status;
	pid_t pid;

#ifdef SANITIZED
	tap_skip("AddressSanitizer locks no memory");
#endif
	if ((pid = fork()) == 0)
		tap_exit(without_locks());
	OK(waitpid(pid, &status, 0) == pid);
	EQ_INT(status, 0);
}

TEST(room)
{
	struct secret *s = secret_room(8);

	EQ_MEM(secret_text(s), 9, "\0\0\0\0\0\0\0\0", 9);
	memcpy(secret_text(s), "sk-12345", 8);
	EQ_S(secret_reveal(s), "sk-12345");
	secret_free(&s);
}

/* What a library gets and gives back, of both kinds. */
TEST(lent)
{
	char *p = secret_resize(NULL, 100), *q, *s;
	size_t mapped;

	memset(p, 'x', 100);
	EQ_INT(secret_resize(p, 10) == p, 1);
	q = secret_resize(p, 100000);
	EQ_MEM(q, 100, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 100);
	OK(secret_resize(q, 0) == NULL);
	secret_give_back(NULL);
	s = secret_get(12);
	mapped = secret_mapped();
	EQ_MEM(s, 12, "\0\0\0\0\0\0\0\0\0\0\0", 12);
	memcpy(s, "sk-password", 12);
	p = malloc(12);		/* not of these */
	secret_give_back(p);
	q = secret_resize(s, 13);
	EQ_STR(q, "sk-password");
	EQ_MEM(s, 12, "\0\0\0\0\0\0\0\0\0\0\0", 12);	/* kept mapped */
	OK(secret_mapped() <= mapped);
	secret_give_back(q);
}

TAP_BEGIN
TAP_ROW(lent)
TAP_ROW(text)
TAP_ROW(absent_or_empty)
TAP_ROW(mask)
TAP_ROW(wiped_when_freed)
TAP_ROW(not_dumped)
TAP_ROW(many)
TAP_ROW(files)
TAP_ROW(wipe)
TAP_ROW(memory_that_cannot_be_locked)
TAP_ROW(room)
TAP_END
