/* log_test.c - the error log: levels, form, cleaning. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "tap.h"

static int out[2] = { -1, -1 };
static char line[10000];

static void
begin(void)
{
	if (out[0] < 0) {
		EQ_INT(pipe(out), 0);
		fd_nonblock(out[0]);
	}
	log_init("tester 3", out[1]);
	log_set_level(LOG_LEVEL_INFO);
	clock_set_zone("UTC");
}

/* What was written since the last call. */
static const char *
written(void)
{
	ssize_t n = read(out[0], line, sizeof(line) - 1);

	line[n < 0 ? 0 : n] = '\0';
	return line;
}

/* The text behind "role[pid] ". */
static const char *
message(void)
{
	const char *p = strstr(written(), "] ");

	return p == NULL ? "" : p + 2;
}

TEST(form)
{
	char want[64];

	begin();
	log_notice("%d %s", 7, "things");
	snprintf(want, sizeof(want), " notice tester 3[%d] 7 things\n",
	    (int)getpid());
	OK(str_ends(str_of(written()), str_of(want)));
	EQ_INT(strlen(line), 24 + strlen(want));
	OK(line[10] == 'T' && line[23] == 'Z');
}

TEST(levels)
{
	begin();
	log_debug("x");
	EQ_STR(written(), "");
	log_info("x");
	EQ_STR(message(), "x\n");
	log_set_level(LOG_LEVEL_ERROR);
	EQ_INT(log_get_level(), LOG_LEVEL_ERROR);
	log_warn("x");
	EQ_STR(written(), "");
	log_error("x");
	EQ_STR(message(), "x\n");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("x");
	EQ_STR(message(), "x\n");
	EQ_INT(log_level_parse("debug"), LOG_LEVEL_DEBUG);
	EQ_INT(log_level_parse("INFO"), LOG_LEVEL_INFO);
	EQ_INT(log_level_parse("Notice"), LOG_LEVEL_NOTICE);
	EQ_INT(log_level_parse("WARNING"), LOG_LEVEL_WARN);
	EQ_INT(log_level_parse("warn"), LOG_LEVEL_WARN);
	EQ_INT(log_level_parse("CRITICAL"), LOG_LEVEL_ERROR);
	EQ_INT(log_level_parse("loud"), -1);
	EQ_INT(log_level_parse(""), -1);
	EQ_STR(log_level_name(LOG_LEVEL_WARN), "warn");
}

TEST(errno_text)
{
	begin();
	errno = ENOENT;
	log_warne("cannot open %s", "x");
	EQ_INT(errno, ENOENT);
	EQ_STR(message(), "cannot open x: No such file or directory\n");
	errno = EACCES;
	log_info("no errno here");
	EQ_INT(errno, EACCES);
	EQ_STR(message(), "no errno here\n");
}

TEST(control_bytes_are_taken_out)
{
	begin();
	log_info("a%sb", "\n2026 error forged[1]\t\x1b[2J\x7f\r");
	EQ_STR(message(), "a?2026 error forged[1]??[2J??b\n");
	log_info("%s", "caf\xc3\xa9 \xc2\x9b" "2J \xc2\xa0");
	EQ_STR(message(), "caf\xc3\xa9 ?\x9b" "2J \xc2\xa0\n");
}

TEST(long_lines_are_cut)
{
	static char big[9000];

	begin();
	memset(big, 'x', sizeof(big) - 1);
	log_info("%s", big);
	EQ_INT(strlen(written()), 4095);
	EQ_INT(line[4094], '\n');
	EQ_INT(strchr(line, '\n') - line, 4094);
	errno = EIO;
	log_errore("%s", big);
	EQ_INT(strlen(written()), 4095);
	EQ_INT(line[4094], '\n');
}

TEST(nowhere)
{
	begin();
	log_set_fd(-1);
	log_error("lost");
	EQ_STR(written(), "");
	log_set_fd(out[1]);
	log_error("found");
	EQ_STR(message(), "found\n");
	EQ_INT(log_set_syslog("nonsense"), ERR_NOTFOUND);
	EQ_INT(log_set_syslog(""), 0);
}

TEST(limited)
{
	struct log_limit lim = { .burst = 3 };
	int i, passed = 0;
	int64_t second = clock_mono_us() / CLOCK_US_S;

	begin();
	for (i = 0; i < 1000; i++)
		passed += log_allow(&lim);
	/* unless a second began in between */
	if (clock_mono_us() / CLOCK_US_S == second) {
		EQ_INT(passed, 3);
		EQ_INT(lim.dropped, 997);
	}
	OK(passed <= 6);
	written();
	lim.dropped = 5;
	lim.second -= 1;
	OK(log_allow(&lim));
	EQ_STR(message(), "5 similar lines left out\n");
	EQ_INT(lim.dropped, 0);
}

TAP_BEGIN
TAP_ROW(form)
TAP_ROW(levels)
TAP_ROW(errno_text)
TAP_ROW(control_bytes_are_taken_out)
TAP_ROW(long_lines_are_cut)
TAP_ROW(nowhere)
TAP_ROW(limited)
TAP_END
