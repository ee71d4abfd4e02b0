/*
 * child_env_test.c - the variable that a child is started with.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "proc/child_env.h"
#include "tap.h"

#define PREFIX (sizeof(CHILD_ENV_NAME "=") - 1)

TEST(there_and_back)
{
	struct child_env a = { .role = "worker", .index = 3, .slot = 511,
	    .generation = 4000000000u, .incarnation = UINT64_MAX,
	    .workers = 240, .foreground = 1, .n_listen = 3,
	    .listen_conf = { 0, 7, -1 } }, b;
	char text[CHILD_ENV_SIZE];

	child_env_format(&a, text);
	EQ_INT(child_env_parse(text + PREFIX, &b), 0);
	EQ_STR(b.role, "worker");
	EQ_INT(b.index, 3);
	EQ_INT(b.slot, 511);
	EQ_INT(b.generation, 4000000000u);
	OK(b.incarnation == UINT64_MAX);
	EQ_INT(b.workers, 240);
	EQ_INT(b.foreground, 1);
	EQ_INT(b.n_listen, 3);
	EQ_INT(b.listen_conf[0], 0);
	EQ_INT(b.listen_conf[1], 7);
	EQ_INT(b.listen_conf[2], -1);
}

TEST(most_listeners)
{
	struct child_env a = { .role = "worker", .slot = 511,
	    .generation = UINT32_MAX, .incarnation = UINT64_MAX,
	    .workers = 240, .n_listen = CHILD_MAX_LISTEN }, b;
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
		"", "worker", "worker 0 0 0 0 0 0", "x 0 0 0 0 0 2 0",
		"worker 512 0 0 0 0 0 0", "worker 0 512 0 0 0 0 0",
		"worker 0 0 0 0 0 0 1", "worker 0 0 0 0 0 0 0 1",
		"worker 0 0 0 0 0 0 65", "worker -1 0 0 0 0 0 0",
		"worker 0 0 0 0 241 0 0", "worker  0 0 0 0 0 0 0",
		"averylongnameofarole 0 0 0 0 0 0 0",
	};
	struct child_env e;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EQ_INT(child_env_parse(bad[i], &e), ERR_FORMAT);
}

/* In the fork: 0 when all descriptors are where a child looks for them. */
static int
arranged(void)
{
	int fds[3], p[2], keep, last = CHILD_FD_MASTER + 3;
	char b[4] = "";

	/* Sources that stand where others shall be, one of them twice. */
	if (pipe(p) != 0 || write(p[1], "abc", 3) != 3)
		return 1;
	fds[0] = fcntl(p[0], F_DUPFD, 100);
	fds[1] = fcntl(p[1], F_DUPFD, 100);
	keep = fcntl(STDERR_FILENO, F_DUPFD, 100);
	dup2(fds[0], CHILD_FD_MASTER + 2);
	dup2(fds[1], CHILD_FD_MASTER);
	dup2(keep, 200);
	fds[0] = CHILD_FD_MASTER + 2;
	fds[1] = CHILD_FD_MASTER;
	fds[2] = CHILD_FD_MASTER + 2;
	child_env_arrange(fds, 3, &keep);
	if (keep != last || fcntl(keep, F_GETFD) != FD_CLOEXEC)
		return 2;
	if (fcntl(last - 1, F_GETFD) != 0 || fcntl(last + 1, F_GETFD) != -1 ||
	    fcntl(200, F_GETFD) != -1)
		return 3;
	if (read(CHILD_FD_MASTER, b, 1) != 1 || b[0] != 'a' ||
	    write(CHILD_FD_MASTER + 1, "d", 1) != 1)
		return 4;
	return read(last - 1, b, 3) == 3 && memcmp(b, "bcd", 3) == 0 ? 0 : 5;
}

TEST(descriptors)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		tap_exit(arranged());
	OK(waitpid(pid, &status, 0) == pid);
	EQ_INT(status, 0);
}

TAP_BEGIN
	TAP_ROW(there_and_back)
	TAP_ROW(most_listeners)
	TAP_ROW(refused)
	TAP_ROW(descriptors)
TAP_END
