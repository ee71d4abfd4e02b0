/*
 * log.c - the error log of a process.
 *
 * Runs in: every process.
 * Owns: the level, the fd number (not the file).
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

#define LINE_MAX_BYTES 4096

static char log_role[32] = "aigw";
static int log_fd = STDERR_FILENO;
static int log_stdout;
static int log_to_syslog;
static enum log_level threshold = LOG_LEVEL_INFO;

static const struct {
	const char	*name;
	int		 priority;
} levels[] = {
	[LOG_LEVEL_DEBUG]  = { "debug",	 LOG_DEBUG },
	[LOG_LEVEL_INFO]   = { "info",	 LOG_INFO },
	[LOG_LEVEL_NOTICE] = { "notice", LOG_NOTICE },
	[LOG_LEVEL_WARN]   = { "warn",	 LOG_WARNING },
	[LOG_LEVEL_ERROR]  = { "error",	 LOG_ERR },
};

static const struct {
	const char	*name;
	int		 value;
} facilities[] = {
	{ "daemon", LOG_DAEMON }, { "user", LOG_USER },
	{ "local0", LOG_LOCAL0 }, { "local1", LOG_LOCAL1 },
	{ "local2", LOG_LOCAL2 }, { "local3", LOG_LOCAL3 },
	{ "local4", LOG_LOCAL4 }, { "local5", LOG_LOCAL5 },
	{ "local6", LOG_LOCAL6 }, { "local7", LOG_LOCAL7 },
};

void
log_init(const char *role, int fd)
{
	snprintf(log_role, sizeof(log_role), "%s", role);
	log_fd = fd;
}

void
log_set_fd(int fd)
{
	log_fd = fd;
}

void
log_set_stdout(int on)
{
	log_stdout = on;
}

void
log_set_level(enum log_level level)
{
	threshold = level;
}

enum log_level
log_get_level(void)
{
	return threshold;
}

int
log_set_syslog(const char *facility)
{
	size_t i;

	if (log_to_syslog) {
		closelog();
		log_to_syslog = 0;
	}
	if (facility[0] == '\0')
		return 0;
	for (i = 0; i < sizeof(facilities) / sizeof(facilities[0]); i++)
		if (strcasecmp(facility, facilities[i].name) == 0) {
			openlog("aigw", LOG_PID | LOG_NDELAY,
			    facilities[i].value);
			log_to_syslog = 1;
			return 0;
		}
	return ERR_NOTFOUND;
}

int
log_level_parse(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (strcasecmp(name, levels[i].name) == 0)
			return (int)i;
	if (strcasecmp(name, "warning") == 0)
		return LOG_LEVEL_WARN;
	if (strcasecmp(name, "critical") == 0 ||
	    strcasecmp(name, "fatal") == 0)
		return LOG_LEVEL_ERROR;
	return -1;
}

const char *
log_level_name(enum log_level level)
{
	return levels[level].name;
}

static void
put_line(enum log_level level, char *line, size_t n, size_t text)
{
	size_t i;

	/* Also the controls from U+0080 on: terminals obey them. */
	for (i = text; i < n; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f ||
		    (line[i] == '\xc2' && i + 1 < n &&
		    (unsigned char)line[i + 1] < 0xa0))
			line[i] = '?';
	line[n++] = '\n';
	/* A log that cannot be written has nowhere to complain. */
	if (log_fd >= 0 && write(log_fd, line, n) < 0)
		(void)0;
	if (log_stdout && write(STDOUT_FILENO, line, n) < 0)
		(void)0;
	if (log_to_syslog) {
		line[n - 1] = '\0';
		syslog(levels[level].priority, "%s: %s", log_role,
		    line + text);
	}
}

static void log_line(enum log_level, int, const char *, va_list)
    __attribute__((format(printf, 3, 0)));

static void
log_line(enum log_level level, int err, const char *fmt, va_list ap)
{
	char line[LINE_MAX_BYTES], when[CLOCK_RFC3339_SIZE];
	int saved = errno, n, head;

	if (level < threshold)
		return;
	clock_local3339(clock_real_us(), when);
	head = snprintf(line, sizeof(line) - 1, "%s %s %s[%d] ", when,
	    levels[level].name, log_role, (int)getpid());
	n = head + vsnprintf(line + head, sizeof(line) - 1 - (size_t)head,
	    fmt, ap);
	if (n > (int)sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	if (err != 0)
		n += snprintf(line + n, sizeof(line) - 1 - (size_t)n, ": %s",
		    strerror(err));
	if (n > (int)sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	put_line(level, line, (size_t)n, (size_t)head);
	errno = saved;
}

#define LOG_FUNCTION(name, level, err)		\
void						\
name(const char *fmt, ...)			\
{						\
	va_list ap;				\
						\
	va_start(ap, fmt);			\
	log_line(level, err, fmt, ap);		\
	va_end(ap);				\
}

LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG, 0)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO, 0)
LOG_FUNCTION(log_notice, LOG_LEVEL_NOTICE, 0)
LOG_FUNCTION(log_warn, LOG_LEVEL_WARN, 0)
LOG_FUNCTION(log_error, LOG_LEVEL_ERROR, 0)
LOG_FUNCTION(log_warne, LOG_LEVEL_WARN, errno)
LOG_FUNCTION(log_errore, LOG_LEVEL_ERROR, errno)

int
log_allow(struct log_limit *lim)
{
	long long s = clock_mono_us() / CLOCK_US_S;

	if (s != lim->second) {
		if (lim->dropped > 0)
			log_notice("%d similar lines left out", lim->dropped);
		lim->second = s;
		lim->count = lim->dropped = 0;
	}
	if (lim->count >= lim->burst) {
		lim->dropped++;
		return 0;
	}
	lim->count++;
	return 1;
}
