/*
 * aigwctl.c - talk to a running gateway.
 *
 * Runs in: aigwctl.
 * Owns: the table of local commands.
 *
 * What is not in the table below goes to the control socket as it is, so this
 * program knows nothing of most commands. The rows here are tools of its own,
 * and the lifecycle, which must work when no control socket answers.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "aigwctl/aigwctl.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"

extern char **environ;

static const struct ctl_local locals[] = {
	{ "status", "", "processes, providers, last reload, warnings",
	    life_status },
	{ "reload", "", "read the configuration again and report on it",
	    life_reload },
	{ "reopen", "", "open the log files again", life_reopen },
	{ "upgrade", "[--keep]", "change to the installed binary",
	    life_upgrade },
	{ "drain", "", "let the workers finish and leave", life_drain },
	{ "stop", "[--fast]", "stop when what is under way has ended",
	    life_stop },
	{ "backup", "[--timeout SECONDS] FILE", "copy the ledger to a file",
	    ledger_backup },
	{ "restore", "FILE", "make a backup the ledger; gateway stopped",
	    ledger_restore },
	{ "check-ledger", "[DIR|FILE]", "is the ledger, or a backup, sound?",
	    ledger_check },
	{ "token", "encode [TEXT]", "gateway token as clients send it",
	    token_main },
	{ "test", "[URL] [KEY]", "call each kind of endpoint once",
	    test_main },
	{ "try", "MODEL TEXT", "ask a model, show the answer as it comes",
	    try_main },
	{ NULL, NULL, NULL, NULL }
};

static void
commands(FILE *f)
{
	const struct ctl_local *l;
	char line[96];

	fprintf(f, "usage: aigwctl [-s SOCKET] [-c CONF] [--json] COMMAND "
	    "[ARGUMENTS]\n\n");
	for (l = locals; l->name != NULL; l++) {
		snprintf(line, sizeof(line), "%s %s", l->name, l->args);
		fprintf(f, "  %-34s %s\n", line, l->help);
	}
}

static void
usage(FILE *f)
{
	commands(f);
	fprintf(f, "\n  -s SOCKET  control socket of the gateway; else as "
	    "in its configuration\n  -c CONF    that configuration; else "
	    SYSCONFDIR "/aigw/aigw.conf\n\nThe gateway has more commands: "
	    "\"aigwctl help\" lists them while it runs,\n"
	    "\"aigwctl help COMMAND\" explains one.\n");
}

/* The folder of a socket given by -s holds the pid file too. */
static void
find_by_socket(struct ctl *c, const char *path)
{
	const char *slash = strrchr(path, '/');

	snprintf(c->socket, sizeof(c->socket), "%s", path);
	if (slash == NULL)
		snprintf(c->run_dir, sizeof(c->run_dir), ".");
	else
		snprintf(c->run_dir, sizeof(c->run_dir), "%.*s",
		    slash == path ? 1 : (int)(slash - path), path);
}

/* The value of run_dir = "..." in a line: 0 or ERR_NOTFOUND. */
static int
find_in_line(struct ctl *c, struct str line)
{
	struct str value;
	long at = str_find(line, STR("run_dir")), hash = str_chr(line, '#');

	if (at < 0 || (hash >= 0 && hash < at) || (at > 0 &&
	    strchr(" \t;{", line.p[at - 1]) == NULL))
		return ERR_NOTFOUND;
	line = str_trim(str_skip(line, (size_t)at + 7));
	if (line.n == 0 || (line.p[0] != '=' && line.p[0] != ':'))
		return ERR_NOTFOUND;
	if (!str_split(&line, '"', &value) ||
	    !str_split(&line, '"', &value) || value.n == 0)
		return ERR_NOTFOUND;
	return str_copy(c->run_dir, sizeof(c->run_dir), value);
}

/* A mistake in the file must not keep us from the gateway that still runs. */
static int
find_in_text(struct ctl *c, const char *path)
{
	struct str rest, line;
	struct buf b;
	int rc = ERR_NOTFOUND;

	buf_init(&b, 16u << 20);
	(void)fd_read_file(path, &b);
	rest = buf_str(&b);
	while (rc < 0 && str_split(&rest, '\n', &line))
		rc = find_in_line(c, line);
	buf_free(&b);
	return rc;
}

static void
find_complain(const struct conf_report *report, const char *path)
{
	struct buf text;

	buf_init(&text, 1 << 20);
	(void)conf_report_print(report, &text);
	fprintf(stderr, "%.*saigwctl: %s cannot be used\n",
	    STR_ARG(buf_str(&text)), path);
	buf_free(&text);
}

/* Where the gateway lives: -s, -c, the installed file, or the default. */
static int
find(struct ctl *c, const char *sock)
{
	static const char dflt[] = SYSCONFDIR "/aigw/aigw.conf";
	struct conf_source src = { .path = dflt, .env = environ };
	struct conf_report report = { 0 };
	int rc;

	if (c->conf_path != NULL)
		src.path = c->conf_path;
	rc = conf_load(&src, &c->conf, &report);
	if (rc == 0)
		str_copy(c->run_dir, sizeof(c->run_dir),
		    str_of(c->conf->run_dir));
	else if (find_in_text(c, src.path) == 0)
		rc = 0;
	else
		str_copy(c->run_dir, sizeof(c->run_dir),
		    STR(RUNSTATEDIR "/aigw"));
	if (rc < 0 && c->conf_path != NULL && sock == NULL)
		find_complain(&report, c->conf_path);
	else
		rc = 0;
	conf_report_free(&report);
	c->by_socket = sock != NULL;
	if (sock != NULL)
		find_by_socket(c, sock);
	else if ((size_t)snprintf(c->socket, sizeof(c->socket),
	    "%s/control.sock", c->run_dir) >= sizeof(c->socket))
		rc = ERR_TOOBIG;
	return rc;
}

static int
help(struct ctl *c, int argc, char **argv)
{
	int rc;

	if (argc == 1)
		commands(stdout);
	if (argc == 1 && !c->json)
		printf("\nanswered by the gateway:\n");
	fflush(stdout);
	rc = link_run(c, argc, argv, NULL);
	if (rc != LINK_DOWN)
		return rc;
	life_nobody(c, argc == 1 ? stdout : stderr);
	return argc == 1 ? EXIT_DONE : EXIT_FAILED;
}

static int
run(struct ctl *c, int argc, char **argv)
{
	const struct ctl_local *l;
	int rc;

	if (strcmp(argv[0], "help") == 0)
		return help(c, argc, argv);
	for (l = locals; l->name != NULL; l++)
		if (strcmp(argv[0], l->name) == 0)
			return l->fn(c, argc, argv);
	rc = link_run_patient(c, argc, argv);
	if (rc != LINK_DOWN)
		return rc;
	life_nobody(c, stderr);
	if (life_master(c) == 0)
		fprintf(stderr, "Only it knows whether there is a command "
		    "\"%s\"; \"aigwctl -h\" lists those that work without "
		    "it.\n", argv[0]);
	return EXIT_FAILED;
}

int
main(int argc, char **argv)
{
	struct ctl c = { 0 };
	const char *sock = NULL;
	int i, rc;

	crypto_mem_init();
	log_set_level(LOG_LEVEL_ERROR);
	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "-s") == 0 && i + 1 < argc) {
			sock = argv[++i];
		} else if (strcmp(argv[i], "-c") == 0 && i + 1 < argc) {
			c.conf_path = argv[++i];
		} else if (strcmp(argv[i], "--json") == 0) {
			c.json = 1;
		} else if (strcmp(argv[i], "-V") == 0 ||
		    strcmp(argv[i], "--version") == 0) {
			printf("aigwctl %s\n", VERSION);
			return EXIT_DONE;
		} else {
			rc = strcmp(argv[i], "-h") == 0 ||
			    strcmp(argv[i], "--help") == 0;
			if (!rc)
				fprintf(stderr, "aigwctl: %s: %s\n", argv[i],
				    strcmp(argv[i], "-s") == 0 ||
				    strcmp(argv[i], "-c") == 0 ?
				    "its value is missing" :
				    "no such option");
			usage(rc ? stdout : stderr);
			return rc ? EXIT_DONE : EXIT_BAD_USAGE;
		}
	}
	if (i >= argc) {
		fprintf(stderr, "aigwctl: a command is missing\n");
		usage(stderr);
		return EXIT_BAD_USAGE;
	}
	if (find(&c, sock) < 0)
		return EXIT_FAILED;
	rc = run(&c, argc - i, argv + i);
	conf_free(&c.conf);
	/* A key is told once: who lost it must know. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "aigwctl: the output could not be written: "
		    "%s; what was asked for has been done\n", strerror(errno));
		return rc == EXIT_DONE ? EXIT_FAILED : rc;
	}
	return rc;
}
