/* probe_test.c - what the probe of the loop's turns counts. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/board.h"
#include "base/log.h"
#include "base/probe.h"
#include "tap.h"

static struct board_slot slot;

static uint64_t
get(enum counter c)
{
	return board_get(&slot, c);
}

TEST(turns)
{
	board_set_self(&slot);
	probe_end(5);			/* none has begun */
	EQ_INT(get(CTR_turn_max_us), 0);
	probe_begin(1000000);
	probe_end(1003000);
	EQ_INT(get(CTR_turn_max_us), 3000);
	EQ_INT(get(CTR_turns_long), 0);
	EQ_INT(slot.hist[BOARD_HIST_TURN][2], 1);	/* up to 5 ms */
	probe_begin(2000000);
	probe_end(2000000 + PROBE_LONG_US);
	EQ_INT(get(CTR_turns_long), 0);
	probe_begin(3000000);
	probe_end(3000000 + PROBE_LONG_US + 1);
	EQ_INT(get(CTR_turns_long), 1);
	EQ_INT(get(CTR_turn_max_us), PROBE_LONG_US + 1);
	probe_end(9000000);		/* it is over */
	EQ_INT(get(CTR_turn_max_us), PROBE_LONG_US + 1);
}

/* A turn that the clock says was long, and that did next to nothing. */
TEST(processor_time)
{
	struct timespec ts;
	int64_t begin, now;

	memset(&slot, 0, sizeof(slot));
	board_set_self(&slot);
	probe_begin(100000000);
	probe_end(100000000 + 10000000);
	EQ_INT(get(CTR_turn_max_us), 10000000);
	OK(get(CTR_turn_cpu_max_us) < 5000000);
	EQ_INT(get(CTR_turns_cpu_long), 0);
	/* and one that worked */
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	begin = ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
	probe_begin(200000000);
	do {
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
		now = ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
	} while (now < begin + 30000);
	probe_end(200000000 + 40000);
	OK(get(CTR_turn_cpu_max_us) >= 29000);
	OK(get(CTR_turn_cpu_max_us) <= 40000);
	EQ_INT(get(CTR_turns_cpu_long), 1);
}

TEST(the_line_names_the_phase)
{
	char line[1024] = "";
	int p[2];
	ssize_t n;

	OK(pipe(p) == 0);
	log_init("test", p[1]);
	probe_begin(300000000);
	probe_phase("one", 300000000 + 10000);
	probe_phase("two", 300000000 + 90000);
	probe_end(300000000 + 120000);
	n = read(p[0], line, sizeof(line) - 1);
	OK(n > 0);
	OK(strstr(line, "took 120 ms, 80 ms of it in one (processor") != NULL);
	log_set_fd(STDERR_FILENO);
	close(p[0]);
	close(p[1]);
}

TAP_BEGIN
TAP_ROW(turns)
TAP_ROW(processor_time)
TAP_ROW(the_line_names_the_phase)
TAP_END
