/* rng_test.c - random bytes: spread, bounds, fork. */
#include <ctype.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rng.h"
#include "tap.h"

TEST(all_sizes)
{
	static unsigned char a[5000], b[5000];
	size_t n, i, zero;

	for (n = 0; n <= sizeof(a) - 1; n = n * 2 + 1) {
		memset(a, 0, sizeof(a));
		memset(b, 0, sizeof(b));
		rng_bytes(a, n);
		rng_bytes(b, n);
		if (n >= 15)
			OK(memcmp(a, b, n) != 0);
		for (i = zero = 0; i < n; i++)
			zero += a[i] == 0;
		OK(zero <= n / 8 + 2);
		EQ_INT(a[n], 0);
	}
}

TEST(below)
{
	unsigned hit[10] = { 0 }, i;

	for (i = 0; i < 10000; i++)
		hit[rng_below(10)]++;
	for (i = 0; i < 10; i++)
		OK(hit[i] > 800 && hit[i] < 1200);
	for (i = 0; i < 100; i++) {
		EQ_INT(rng_below(1), 0);
		OK(rng_below(UINT64_MAX) < UINT64_MAX);
		OK(rng_below(1ULL << 63) < 1ULL << 63);
	}
}

TEST(text)
{
	char a[33], b[33];
	int i;

	memset(a, 'x', sizeof(a));
	rng_text(a, 32);
	rng_text(b, 32);
	EQ_INT(strlen(a), 32);
	for (i = 0; i < 32; i++)
		OK(isalnum((unsigned char)a[i]));
	OK(strcmp(a, b) != 0);
	rng_text(a, 0);
	EQ_STR(a, "");
}

TEST(numbers_differ)
{
	uint64_t seen[1000];
	int i, k;

	for (i = 0; i < 1000; i++) {
		seen[i] = rng_u64();
		for (k = 0; k < i; k++)
			OK(seen[i] != seen[k]);
	}
}

TEST(child_draws_its_own)
{
	uint64_t mine, other = 0;
	int p[2], status;
	pid_t pid;

	rng_u64();	/* the pool is filled before the fork */
	EQ_INT(pipe(p), 0);
	if ((pid = fork()) == 0) {
		other = rng_u64();
		_exit(write(p[1], &other, sizeof(other)) != sizeof(other));
	}
	mine = rng_u64();
	EQ_INT(read(p[0], &other, sizeof(other)), sizeof(other));
	EQ_INT(waitpid(pid, &status, 0), pid);
	EQ_INT(status, 0);
	OK(mine != other);
	close(p[0]);
	close(p[1]);
}

TAP_BEGIN
TAP_ROW(all_sizes)
TAP_ROW(below)
TAP_ROW(text)
TAP_ROW(numbers_differ)
TAP_ROW(child_draws_its_own)
TAP_END
