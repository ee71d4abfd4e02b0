/*
 * child_env_test.c - the variable that a child is started with.
 */
#include <string.h>

#include "base/err.h"
#include "proc/child_env.h"
#include "tap.h"

#define PREFIX (sizeof(CHILD_ENV_NAME "=") - 1)

TEST(there_and_back)
{
	struct child_env a = { .role = "worker", .index = 3, .slot = 511,
	    .generation = 4000000000u, .incarnation = UINT64_MAX,
	    .workers = 256, .foreground = 1, .n_efd = 64, .n_listen = 3,
	    .listen_conf = { 0, 7, -1 } }, b;
	char text[CHILD_ENV_SIZE];

	child_env_format(&a, text);
	EQ_INT(child_env_parse(text + PREFIX, &b), 0);
	EQ_STR(b.role, "worker");
	EQ_INT(b.index, 3);
	EQ_INT(b.slot, 511);
	EQ_INT(b.generation, 4000000000u);
	OK(b.incarnation == UINT64_MAX);
	EQ_INT(b.workers, 256);
	EQ_INT(b.foreground, 1);
	EQ_INT(b.n_efd, 64);
	EQ_INT(b.n_listen, 3);
	EQ_INT(b.listen_conf[0], 0);
	EQ_INT(b.listen_conf[1], 7);
	EQ_INT(b.listen_conf[2], -1);
}

TEST(most_listeners)
{
	struct child_env a = { .role = "worker", .slot = 511,
	    .generation = UINT32_MAX, .incarnation = UINT64_MAX,
	    .workers = 256, .n_efd = 256, .n_listen = CHILD_MAX_LISTEN }, b;
	char text[CHILD_ENV_SIZE];
	unsigned i;

	for (i = 0; i < a.n_listen; i++)
		a.listen_conf[i] = INT32_MAX - 1;
	child_env_format(&a, text);
	EQ_INT(child_env_parse(text + PREFIX, &b), 0);
	EQ_INT(b.listen_conf[CHILD_MAX_LISTEN - 1], INT32_MAX - 1);
}

TEST(refused)
{
	static const char *const bad[] = {
		"", "worker", "worker 0 0 0 0 0 0 0", "x 0 0 0 0 0 2 0 0",
		"worker 256 0 0 0 0 0 0 0", "worker 0 512 0 0 0 0 0 0",
		"worker 0 0 0 0 0 0 0 1", "worker 0 0 0 0 0 0 0 0 1",
		"worker 0 0 0 0 0 0 0 65", "worker -1 0 0 0 0 0 0 0",
		"worker 0 0 0 0 0 0 257 0", "worker  0 0 0 0 0 0 0 0",
		"averylongnameofarole 0 0 0 0 0 0 0 0",
	};
	struct child_env e;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EQ_INT(child_env_parse(bad[i], &e), ERR_FORMAT);
}

TAP_BEGIN
	TAP_ROW(there_and_back)
	TAP_ROW(most_listeners)
	TAP_ROW(refused)
TAP_END
