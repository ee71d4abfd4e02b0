/*
 * scen_log.c - the commands about what the worker writes into its logs.
 *
 * Runs in: one scenario.
 * Owns: the files behind access.log and api-error.jsonl.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scen_run.h"

#define LOG_MAX	(1 << 20)

static struct log {
	const char	*name;
	int		 fd;
	size_t		 cursor;	/* what was expected already */
} access_log = { "access", -1, 0 }, api_log = { "api-error", -1, 0 };

void
run_logs(struct child *c)
{
	c->access_fd = access_log.fd = memfd_create(access_log.name, 0);
	c->api_fd = api_log.fd = memfd_create(api_log.name, 0);
}

/* All of it from the cursor on. */
static struct str
read_log(struct log *l)
{
	static char text[LOG_MAX];
	ssize_t n;

	SCEN_WORKER(run_flush());
	n = pread(l->fd, text, sizeof(text), (off_t)l->cursor);
	return n < 0 ? STR("") : str_make(text, (size_t)n);
}

static void
expect(struct log *l, struct str rest)
{
	struct str have = read_log(l);
	struct buf b;
	long at;

	run_text(&rest, &b);
	if ((at = str_find(have, buf_str(&b))) < 0)
		scen_fail("not in: %.*s", STR_ARG(have));
	l->cursor += (size_t)at + buf_len(&b);
}

/* "logged TEXT": a line of the access log has it, behind the last one. */
static void
cmd_logged(struct str rest)
{
	expect(&access_log, rest);
}

static void
cmd_api_logged(struct str rest)
{
	expect(&api_log, rest);
}

/* In neither log, whole. */
static void
cmd_unlogged(struct str rest)
{
	struct log *const all[] = { &access_log, &api_log };
	struct buf b;
	size_t i, was;

	run_text(&rest, &b);
	for (i = 0; i < 2; i++) {
		was = all[i]->cursor;
		all[i]->cursor = 0;
		if (str_find(read_log(all[i]), buf_str(&b)) >= 0)
			scen_fail("it is in %s", all[i]->name);
		all[i]->cursor = was;
	}
}

/* "api_lines 2": so many failed requests are told. */
static void
cmd_api_lines(struct str rest)
{
	size_t was = api_log.cursor, i;
	struct str all;
	long n = 0;

	api_log.cursor = 0;
	all = read_log(&api_log);
	api_log.cursor = was;
	for (i = 0; i < all.n; i++)
		n += all.p[i] == '\n';
	if (n != run_number(&rest))
		scen_fail("there are %ld", n);
}

static const struct {
	const char	*name;
	void		(*fn)(struct str rest);
} commands[] = {
	{ "api_lines", cmd_api_lines }, { "api_logged", cmd_api_logged },
	{ "logged", cmd_logged }, { "unlogged", cmd_unlogged },
};

int
run_log_command(struct str verb, struct str rest)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (str_eqc(verb, commands[i].name)) {
			commands[i].fn(rest);
			return 1;
		}
	return 0;
}
