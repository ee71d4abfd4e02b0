/*
 * priv_test.c - users, limits and the environment of a child.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "proc/priv.h"
#include "tap.h"

/* Run fn in a fork: its status. */
static int
in_fork(int (*fn)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		tap_exit(fn());
	OK(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

static int
drop(void)
{
	gid_t groups[64];
	int n;

	if (priv_drop(65534, 65534) != 0)
		return 1;
	n = getgroups(64, groups);
	if (getuid() != 65534 || geteuid() != 65534 || getgid() != 65534)
		return 2;
	if (n != 1 || groups[0] != 65534)
		return 3;
	return setuid(0) == 0 ? 4 : 0;
}

TEST(drop_root)
{
	if (geteuid() != 0)
		tap_skip("not root");
	EQ_INT(in_fork(drop), 0);
}

static int
drop_as_user(void)
{
	if (geteuid() == 0 && setuid(65534) != 0)
		return 1;
	return priv_drop(1, 1) == 0 && getuid() != 1 ? 0 : 2;
}

TEST(drop_without_root)
{
	EQ_INT(in_fork(drop_as_user), 0);
}

static int
harden(void)
{
	struct rlimit rl;

	priv_harden(0);
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 1;
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return 2;
	getrlimit(RLIMIT_CORE, &rl);
	return rl.rlim_cur == 0 && rl.rlim_max == 0 ? 0 : 3;
}

TEST(hardened)
{
	EQ_INT(in_fork(harden), 0);
}

static int
clear(void)
{
	setenv("OPENAI_API_KEY", "sk-secret", 1);
	setenv("SSLKEYLOGFILE", "/tmp/x", 1);
	setenv("http_proxy", "http://x", 1);
	setenv("LD_PRELOAD", "", 1);
	setenv("TZX", "no", 1);
	setenv("TZ", "UTC", 1);
	setenv("LC_ALL", "C", 1);
	priv_clear_env();
	if (getenv("OPENAI_API_KEY") != NULL || getenv("TZX") != NULL ||
	    getenv("SSLKEYLOGFILE") != NULL || getenv("http_proxy") != NULL ||
	    getenv("LD_PRELOAD") != NULL)
		return 1;
	return getenv("TZ") != NULL && getenv("LC_ALL") != NULL ? 0 : 2;
}

TEST(cleared)
{
	EQ_INT(in_fork(clear), 0);
}

extern char **environ;

/* What the kernel shows of our environment: the memory that we began with. */
static int
shown(const char *text)
{
	static char all[1 << 20];
	size_t n;
	FILE *f = fopen("/proc/self/environ", "r");

	if (f == NULL)
		return -1;
	n = fread(all, 1, sizeof(all), f);
	fclose(f);
	return memmem(all, n, text, strlen(text)) != NULL;
}

static int
hide(void)
{
	char *home;

	/* This was there when the program began. */
	if (environ[0] == NULL || getenv("PATH") == NULL || shown("PATH=") != 1)
		return 1;
	home = strdup(getenv("PATH"));
	setenv("OPENAI_API_KEY", "sk-secret", 1);
	setenv("TZ", "UTC", 1);
	priv_hide_env();
	if (shown("PATH=") != 0)
		return 2;
	if (strcmp(getenv("PATH"), home) != 0 ||
	    strcmp(getenv("OPENAI_API_KEY"), "sk-secret") != 0 ||
	    strcmp(getenv("TZ"), "UTC") != 0)
		return 3;
	return 0;
}

TEST(hidden_env)
{
	EQ_INT(in_fork(hide), 0);
}

static int
conceal(void)
{
	priv_conceal();
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return 1;
	priv_harden(1);
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1 ? 0 : 2;
}

TEST(concealed)
{
	EQ_INT(in_fork(conceal), 0);
}

TEST(child_env)
{
	static char a[] = "A=1", tz[] = "TZ=UTC", ld[] = "LD_PRELOAD=x.so",
	    extra[] = "AIGW_CHILD=x", bare[] = "NOVALUE";
	char *env[] = { a, tz, ld, bare, NULL }, **out;

	out = priv_child_env(env, extra);
	EQ_STR(out[0], "TZ=UTC");
	EQ_STR(out[1], "LD_PRELOAD=x.so");
	EQ_STR(out[2], "AIGW_CHILD=x");
	OK(out[3] == NULL);
	free(out);
}

TEST(lookup)
{
	uid_t u = 1;
	gid_t g = 1;

	EQ_INT(priv_lookup("root", "root", &u, &g), 0);
	EQ_INT(u, 0);
	EQ_INT(g, 0);
	EQ_INT(priv_lookup("no-such-user", "root", &u, &g), ERR_NOTFOUND);
	EQ_INT(priv_lookup("root", "no-such-group", &u, &g), ERR_NOTFOUND);
}

TAP_BEGIN
	TAP_ROW(drop_root)
	TAP_ROW(drop_without_root)
	TAP_ROW(hardened)
	TAP_ROW(cleared)
	TAP_ROW(hidden_env)
	TAP_ROW(concealed)
	TAP_ROW(child_env)
	TAP_ROW(lookup)
TAP_END
