/*
 * sigflag.c - what signals ask for, as flags.
 *
 * Runs in: master.
 * Owns: the flags.
 *
 * The signals are blocked but while ppoll waits, so a handler never runs in
 * the middle of anything and needs no self-pipe. Handlers set a flag. Nothing
 * else may be added to them.
 */
#include <string.h>

#include "proc/sigflag.h"

static volatile sig_atomic_t flags[SIG_FLAGS];

static const struct {
	int		 signo;
	enum sigflag	 flag;
} table[] = {
	{ SIGCHLD,	SIG_CHILD },
	{ SIGTERM,	SIG_FAST },
	{ SIGINT,	SIG_FAST },
	{ SIGQUIT,	SIG_GRACEFUL },
	{ SIGHUP,	SIG_RELOAD },
	{ SIGUSR1,	SIG_REOPEN },
	{ SIGUSR2,	SIG_UPGRADE },
	{ SIGWINCH,	SIG_NO_WORKERS },
};

#define N_TABLE (sizeof(table) / sizeof(table[0]))

static void
on_signal(int signo)
{
	size_t i;

	for (i = 0; i < N_TABLE; i++)
		if (table[i].signo == signo)
			flags[table[i].flag] = 1;
}

void
sigflag_init(sigset_t *wait_mask, int ignore_winch)
{
	struct sigaction sa;
	sigset_t block;
	size_t i;

	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sigemptyset(&block);
	for (i = 0; i < N_TABLE; i++) {
		sa.sa_handler = on_signal;
		/* A terminal sends WINCH when its window changes size. */
		if (table[i].signo == SIGWINCH && ignore_winch)
			sa.sa_handler = SIG_IGN;
		sigaction(table[i].signo, &sa, NULL);
		sigaddset(&block, table[i].signo);
	}
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	sigprocmask(SIG_BLOCK, &block, wait_mask);
	for (i = 0; i < N_TABLE; i++)
		sigdelset(wait_mask, table[i].signo);
}

void
sigflag_raise(enum sigflag f)
{
	flags[f] = 1;
}

int
sigflag_take(enum sigflag f)
{
	if (!flags[f])
		return 0;
	flags[f] = 0;
	return 1;
}

void
sigflag_reset(void)
{
	sigset_t none;
	size_t i;

	for (i = 0; i < N_TABLE; i++)
		signal(table[i].signo, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
