/*
 * open_help.h - requests on record, and processes that die with them.
 *
 * A program starts itself as helper ("NAME --helper KIND ..."), so no
 * environment crosses a fork.
 */
#ifndef OPEN_HELP_H
#define OPEN_HELP_H

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "state/alive.h"
#include "state/open.h"
#include "state/open_file.h"
#include "state/state_priv.h"
#include "state_help.h"

static struct help_opts h;

struct sum {
	uint64_t requests, interrupted, input, output;
	__int128 cost;
};

static inline int
add_total(void *arg, const struct usage_total *t)
{
	struct sum *s = arg;

	s->requests += t->requests;
	s->interrupted += t->interrupted;
	s->input += t->input;
	s->output += t->output;
	s->cost += t->cost;
	return 0;
}

/* Everything to the ledger, and what is there; t: of sessions. */
static inline struct sum
ledger_and(struct state *st, struct sum *t)
{
	struct sum s = { 0 };
	int rc;

	while ((rc = usage_drain(st, 1000, NULL, NULL)) > 0)
		continue;
	EQ_INT(rc, 0);
	EQ_INT(usage_totals(st, 0, 1 << 30, 0, add_total, &s), 0);
	memset(t, 0, sizeof(*t));
	EQ_INT(usage_sessions(st, 0, 1 << 30, 0, add_total, t), 0);
	state_turn_end(st);
	return s;
}

/* The same. Each request has named a session: both must be equal. */
static inline struct sum
ledger(struct state *st)
{
	struct sum t, s = ledger_and(st, &t);

	EQ_INT(t.requests, s.requests);
	EQ_INT(t.interrupted, s.interrupted);
	EQ_INT(t.input, s.input);
	EQ_INT(t.output, s.output);
	OK(t.cost == s.cost);
	return s;
}

static const struct open_charge charge = { 40, 100, 1000, 10 };

static inline struct open_req *
begin(struct state *st, uint64_t key_id)
{
	struct usage_rec who = help_usage(key_id, 0, 0);
	struct open_req *o;

	EQ_INT(open_begin(st, &who, &o), 0);
	return o;
}

/* One that is on its way to a provider. */
static inline struct open_req *
sent(struct state *st, uint64_t key_id)
{
	struct open_req *o = begin(st, key_id);

	open_attempt(o, 1, STR("openai"), STR("gpt-4o-2024"), &charge);
	open_sent(o);
	return o;
}

/* Files of open.h in the run folder. */
static inline unsigned
files(void)
{
	struct dirent *e;
	unsigned n = 0;
	DIR *d = opendir(h.run);

	OK(d != NULL);
	while ((e = readdir(d)) != NULL)
		n += strncmp(e->d_name, "open-", 5) == 0;
	closedir(d);
	return n;
}

static inline pid_t
start(const char *kind, const char *base, unsigned slot, uint64_t inc, int at)
{
	char a[3][24];
	pid_t pid;

	snprintf(a[0], sizeof(a[0]), "%u", slot);
	snprintf(a[1], sizeof(a[1]), "%llu", (unsigned long long)inc);
	snprintf(a[2], sizeof(a[2]), "%d", at);
	fflush(stdout);
	if ((pid = fork()) == 0) {
		execl("/proc/self/exe", "open_test", "--helper", kind, base,
		    a[0], a[1], a[2], (char *)NULL);
		_exit(9);
	}
	OK(pid > 0);
	return pid;
}

/* Wait for one that was to be killed; others say why they left. */
static inline void
reap(pid_t pid)
{
	int status;

	EQ_INT(waitpid(pid, &status, 0), pid);
	if (!WIFSIGNALED(status))
		tap_fail(__FILE__, __LINE__, "a helper left by itself, "
		    "status %d", WEXITSTATUS(status));
}

/* Open the stores as a helper was told: arg is KIND, base, slot, incarnation. */
static inline struct state *
help_child(char **arg, enum board_role role)
{
	struct state *st;
	char err[256];

	log_set_fd(-1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	help_opts(&h, arg[1], role, (unsigned)atoi(arg[2]));
	h.o.incarnation = strtoull(arg[3], NULL, 10);
	if (state_open(&h.o, &st, err, sizeof(err)) != 0) {
		fprintf(stderr, "helper: %s\n", err);
		exit(4);
	}
	return st;
}

#endif
