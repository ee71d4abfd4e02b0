/*
 * options.c - the command line of aigwd, and becoming a daemon.
 *
 * Runs in: master, and the process that started it.
 * Owns: nothing.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "conf/price.h"
#include "proc/folder.h"
#include "proc/handover.h"
#include "proc/options.h"
#include "proc/priv.h"

#define DEFAULT_CONF	SYSCONFDIR "/aigw/aigw.conf"
#define TEXT_MAX	(64u << 20)

extern char **environ;

enum mode { RUN, CHECK, PRINT };

static const char usage[] =
    "usage: aigwd [-fhTtV] [-c file] [--env-file file]\n"
    "  -c FILE          configuration (" DEFAULT_CONF ")\n"
    "  --env-file FILE  read KEY=VALUE lines; the real environment wins\n"
    "  -f               stay in the foreground, log to stdout as well\n"
    "  -t               check the configuration and print what is wrong\n"
    "  -T               print the effective configuration, secrets masked\n"
    "  -V               print versions\n"
    "  -h               print this\n";

/* A path that stays right wherever we are; the caller frees it. */
static char *
absolute(const char *path)
{
	char cwd[PATH_MAX];

	if (path == NULL || path[0] == '/' ||
	    getcwd(cwd, sizeof(cwd)) == NULL)
		return path == NULL ? NULL : xstrdup(path);
	return folder_join(cwd, path);
}

static int
same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	    x.st_ino == y.st_ino;
}

/*
 * Where an upgrade looks for the new binary: the name we were started by,
 * with symbolic links left in it, since an installation may turn a link. When
 * that is not us, the file we run from.
 */
static char *
find_self(const char *argv0)
{
	static const char self[] = "/proc/self/exe";
	struct str rest = str_of(getenv("PATH")), dir;
	char path[PATH_MAX], *s;
	ssize_t n;

	if (strchr(argv0, '/') != NULL) {
		s = absolute(argv0);
		if (same_file(s, self))
			return s;
		free(s);
	} else
		while (str_split(&rest, ':', &dir)) {
			snprintf(path, sizeof(path), "%.*s/%s", STR_ARG(dir),
			    argv0);
			if (same_file(path, self))
				return absolute(path);
		}
	n = readlink(self, path, sizeof(path) - 1);
	return n < 0 ? xstrdup(argv0) : xstrndup(path, (size_t)n);
}

/* A start as root needs them; a machine that only checks may lack them. */
static void
warn_of_user(const struct conf *c)
{
	uid_t uid;
	gid_t gid;

	if (geteuid() == 0 && priv_lookup(c->user, c->group, &uid, &gid) != 0)
		printf("warning: no user %s or group %s: aigwd will not start "
		    "as root; make them (useradd --system %s), or set "
		    "\"user\" and \"group\"\n", c->user, c->group, c->user);
}

static int
check(const struct options *o, enum mode mode)
{
	struct conf_source src = { .path = o->conf_path,
	    .env_file = o->env_file, .env = environ, .resolve = 1 };
	struct conf_report r = { 0 };
	struct conf *c = NULL;
	struct buf b;
	int rc;

	buf_init(&b, TEXT_MAX);
	rc = conf_load(&src, &c, &r);
	if (rc == 0)
		rc = price_check(c, &r);
	(void)conf_report_print(&r, &b);
	fd_write_all(mode == CHECK ? STDOUT_FILENO : STDERR_FILENO,
	    buf_ptr(&b), buf_len(&b));
	buf_reset(&b);
	if (mode == PRINT && rc == 0) {
		(void)conf_dump(c, &b);
		fd_write_all(STDOUT_FILENO, buf_ptr(&b), buf_len(&b));
	} else if (mode == CHECK && rc == 0) {
		warn_of_user(c);
		printf("%s: good\n", o->conf_path != NULL ? o->conf_path :
		    "environment");
	} else if (mode == CHECK)
		printf("%s: %u mistake%s\n", o->conf_path != NULL ?
		    o->conf_path : "environment", r.mistakes,
		    r.mistakes == 1 ? "" : "s");
	buf_free(&b);
	conf_report_free(&r);
	conf_free(&c);
	return rc == 0 ? 0 : 1;
}

static int
versions(void)
{
	printf("aigwd %s\n", VERSION);
#ifdef LIBRARIES
	printf("built with %s\n", LIBRARIES);
#endif
	return 0;
}

/* Options into o: the mode, or -1 after a message, -2 when all is done. */
static int
parse(int argc, char **argv, struct options *o)
{
	int i, mode = RUN;
	const char **value;

	for (i = 1; i < argc; i++) {
		value = strcmp(argv[i], "-c") == 0 ? &o->conf_path :
		    strcmp(argv[i], "--env-file") == 0 ? &o->env_file : NULL;
		if (value != NULL && i + 1 < argc)
			*value = argv[++i];
		else if (strcmp(argv[i], "-f") == 0)
			o->foreground = 1;
		else if (strcmp(argv[i], "-t") == 0)
			mode = CHECK;
		else if (strcmp(argv[i], "-T") == 0)
			mode = PRINT;
		else if (strcmp(argv[i], "-V") == 0) {
			versions();
			return -2;
		} else if (strcmp(argv[i], "-h") == 0) {
			fputs(usage, stdout);
			return -2;
		} else {
			fprintf(stderr, "aigwd: %s: unknown option, or its "
			    "value is missing\n%s", argv[i], usage);
			return -1;
		}
	}
	return mode;
}

/* Descriptors 0, 1 and 2 are there, whatever we were started from. */
static void
fill_std(void)
{
	int fd;

	while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd < 3)
		;
	if (fd >= 3)
		close(fd);
}

/* The part that stays behind: wait for the start, return its status. */
static int
wait_for_start(int fd)
{
	char c;
	ssize_t n;

	while ((n = read(fd, &c, 1)) < 0 && errno == EINTR)
		;
	if (n == 1)
		return 0;
	fprintf(stderr, "aigwd: not started\n");
	return 1;
}

/* 1 in the daemon, 0 in the part that has to leave with *status. */
static int
become_daemon(struct options *o, int *status)
{
	int p[2];
	pid_t pid;

	*status = 1;
	if (pipe2(p, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		perror("aigwd");
		return 0;
	}
	if (pid > 0) {
		close(p[1]);
		*status = wait_for_start(p[0]);
		return 0;
	}
	close(p[0]);
	setsid();
	/* Until everything is ready the terminal sees what is said. */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	o->report_fd = p[1];
	return 1;
}

int
options_read(int argc, char **argv, struct options *o)
{
	int mode, status, daemon;

	fill_std();
	*o = (struct options){ .report_fd = -1, .argv = argv };
	if ((mode = parse(argc, argv, o)) < 0)
		return mode == -2 ? 0 : 2;
	if (o->conf_path == NULL && access(DEFAULT_CONF, F_OK) == 0)
		o->conf_path = DEFAULT_CONF;
	o->conf_path = absolute(o->conf_path);
	o->env_file = absolute(o->env_file);
	if (mode != RUN)
		return check(o, (enum mode)mode);
	o->exe_path = find_self(argv[0]);
	/* Neither under systemd nor as the successor of a daemon. */
	daemon = !o->foreground && getenv(HANDOVER_NAME) == NULL &&
	    getenv("NOTIFY_SOCKET") == NULL;
	if (daemon && !become_daemon(o, &status))
		return status;
	log_init("master", o->foreground || daemon ? -1 : STDERR_FILENO);
	log_set_stdout(o->foreground || daemon);
	return -1;
}
