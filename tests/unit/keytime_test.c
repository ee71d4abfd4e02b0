/*
 * keytime_test.c - does the time to look a key up tell how much of it is right?
 *
 * Time is counted in instructions, by a parent that takes a child through the
 * lookup step by step: the same on a busy machine.
 */
#include "config.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "base/hmap.h"
#include "base/secret.h"
#include "state_help.h"

#define EACH	6			/* of each kind that is nearly right */
#define LIKE	(2 * EACH)
#define ALL	(LIKE + 32)		/* the rest is random */
#define LENGTH	56

static struct help_opts h;
static char text[ALL][KEY_SECRET_SIZE];
static char valid[KEY_SECRET_SIZE];
static struct state *st;
static struct hmap *file_keys;
static struct secret *token;
static long count[ALL];
static volatile int result;

static void
by_hash(const char *key)
{
	unsigned char hash[32];
	struct key_rec r;

	crypto_sha256(str_of(key), hash);
	if (hmap_get(file_keys, str_make((const char *)hash, 32)) == NULL)
		(void)key_find(st, hash, 0, &r);
}

static void
digest(const char *key)
{
	unsigned char hash[32];

	crypto_sha256(str_of(key), hash);
}

static void
compare(const char *key)
{
	result = secret_eq(token, str_of(key));
}

static void
bytes(const char *key)
{
	result = crypto_equal(key, valid, 32);
}

/* Steps until the next stop; -1: the child is gone. */
static long
steps(pid_t pid)
{
	int status;
	long n = 0;

	for (;;) {
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) < 0 ||
		    waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
			return -1;
		if (WSTOPSIG(status) == SIGSTOP)
			return n;
		n++;
	}
}

static void
measure(void (*fn)(const char *), int n)
{
	pid_t pid;
	int i, status;

#ifdef SANITIZED
	tap_skip("the sanitizers' own instructions would be counted");
#endif
	if ((pid = fork()) == 0) {
		for (i = 0; i < n; i++)	/* what is done only once */
			fn(text[i]);
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(3);
		for (i = 0; i < n; i++) {
			raise(SIGSTOP);
			fn(text[i]);
		}
		raise(SIGSTOP);
		_exit(0);
	}
	OK(waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status))
		tap_skip("nothing may be traced here");
	for (i = 0; i < n; i++)
		count[i] = steps(pid);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	for (i = 0; i < n; i++)
		OK(count[i] > 0);
}

/* A valid key, ones that differ from it at their end, random ones. */
static void
prepare(void)
{
	unsigned char hash[32];
	char hint[KEY_HINT_SIZE];
	struct key_rec r;
	static char name[500][16];
	static unsigned char hashes[500][32];
	int i;

	if (st != NULL)
		return;
	st = help_new(&h, "keytime", BOARD_ADMIN);
	file_keys = hmap_new();
	for (i = 0; i < 500; i++) {
		memset(&r, 0, sizeof(r));
		key_new_secret(valid, r.hash, r.hint);
		snprintf(name[i], sizeof(name[i]), "k%d", i);
		str_copy(r.name, sizeof(r.name), str_of(name[i]));
		r.enabled = 1;
		EQ_INT(key_create(st, &r), 0);
		key_new_secret(text[0], hashes[i], hint);
		(void)hmap_set(file_keys, str_make((const char *)hashes[i],
		    32), name[i]);
	}
	for (i = 0; i < EACH; i++) {
		strcpy(text[i], valid);
		text[i][LENGTH - 1] = (char)('!' + i);
		text[i][LENGTH - 2] = '-';
		strcpy(text[EACH + i], valid);
		text[EACH + i][i] = '~';	/* wrong ever later */
	}
	for (i = LIKE; i < ALL; i++)
		key_new_secret(text[i], hash, hint);
	token = secret_new(str_of(valid));
	EQ_INT(strlen(valid), LENGTH);
}

static void
all_equal(void (*fn)(const char *))
{
	int i;

	prepare();
	measure(fn, LIKE + EACH);
	for (i = 1; i < LIKE + EACH; i++)
		EQ_INT(count[i], count[0]);
}

TEST(digest_takes_the_same_for_all)
{
	all_equal(digest);
}

TEST(secrets_are_compared_to_their_end)
{
	all_equal(compare);
	all_equal(bytes);
}

/* What the tree costs depends on the hash alone. */
TEST(a_good_beginning_is_of_no_use)
{
	long sum = 0, least, most;
	int i;

	prepare();
	measure(by_hash, ALL);
	least = most = count[LIKE];
	for (i = 0; i < LIKE; i++)
		sum += count[i];
	for (; i < ALL; i++) {
		if (count[i] < least)
			least = count[i];
		if (count[i] > most)
			most = count[i];
	}
	printf("# nearly right: %ld on average; random: %ld to %ld\n",
	    sum / LIKE, least, most);
	OK(sum / LIKE >= least && sum / LIKE <= most);
	/* And the spread of that is small. */
	OK(most - least < least / 2);
}

TAP_BEGIN
	TAP_ROW(digest_takes_the_same_for_all)
	TAP_ROW(secrets_are_compared_to_their_end)
	TAP_ROW(a_good_beginning_is_of_no_use)
TAP_END
