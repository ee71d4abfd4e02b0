/*
 * log.h - the error log of a process.
 *
 * One line: time, level, role[pid], message. A decision is logged once, where
 * it is made, with the reason. A line never contains a secret; the text is
 * cleaned of control bytes.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_NOTICE,
	LOG_LEVEL_WARN,
	LOG_LEVEL_ERROR
};

/* Start logging as role ("master", "worker 1") to fd (STDERR at first). */
void log_init(const char *role, int fd);
/* Write to another fd from now on; the old one is not closed. -1: nowhere. */
void log_set_fd(int fd);
/* Also to stdout, for the foreground mode. */
void log_set_stdout(int on);
void log_set_level(enum log_level level);
enum log_level log_get_level(void);
/* Also to syslog under this facility name ("daemon"); "" for off.
 * 0, or ERR_NOTFOUND for an unknown facility. */
int log_set_syslog(const char *facility);
/* "debug" ... "error", any case, also WARNING and CRITICAL: level or -1. */
int log_level_parse(const char *name);
const char *log_level_name(enum log_level level);

void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* With ": " and the text of errno at the end; errno is kept. */
void log_warne(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_errore(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Limit a line that the world can cause at will: at most burst lines per
 * second pass, later the number of those left out is logged.
 *	static struct log_limit lim = { 5 };
 *	if (log_allow(&lim)) log_warn(...)
 */
struct log_limit {
	int		burst;
	int		count;
	int		dropped;
	long long	second;
};
int log_allow(struct log_limit *lim);

#endif
