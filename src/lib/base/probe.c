/*
 * probe.c - how long the turns of this process's loop take, and what in them.
 *
 * Runs in: every child.
 * Owns: the numbers of the turn under way.
 */
#include <sched.h>
#include <time.h>

#include "base/board.h"
#include "base/log.h"
#include "base/probe.h"

#define CPU_EVERY_US 1000	/* at most so old is the look at the start */

static struct {
	int64_t		 begin, at;		/* of the turn, of the phase */
	int64_t		 most;			/* of a phase */
	int64_t		 looked, cpu;		/* when and what it was */
	const char	*phase, *longest;
} turn;

static int64_t
cpu_us(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts) < 0)
		return 0;
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

void
probe_begin(int64_t now)
{
	turn.begin = turn.at = now;
	turn.most = 0;
	turn.phase = turn.longest = "events";
	if (now - turn.looked >= CPU_EVERY_US) {
		turn.looked = now;
		turn.cpu = cpu_us();
	}
}

void
probe_phase(const char *name, int64_t now)
{
	if (now - turn.at > turn.most) {
		turn.most = now - turn.at;
		turn.longest = turn.phase;
	}
	turn.at = now;
	turn.phase = name;
}

static void
raise(enum counter c, int64_t us)
{
	if (us > 0 && (uint64_t)us > board_get(board_self, c))
		board_set(c, (uint64_t)us);
}

static void
was_long(int64_t took, int64_t now)
{
	static struct log_limit lim = { 5 };
	int64_t cpu = cpu_us() - turn.cpu;

	if (cpu > took)
		cpu = took;
	raise(CTR_turn_cpu_max_us, cpu);
	if (took > PROBE_LONG_US)
		board_add(CTR_turns_long, 1);
	if (cpu > PROBE_LONG_US)
		board_add(CTR_turns_cpu_long, 1);
	if ((took > PROBE_LOG_US || cpu > PROBE_LONG_US) && log_allow(&lim))
		log_warn("a turn of the event loop took %lld ms, %lld ms of "
		    "it in %s (processor time: %lld ms or less, on "
		    "processor %d)",
		    (long long)took / 1000, (long long)turn.most / 1000,
		    turn.longest, (long long)cpu / 1000, sched_getcpu());
	turn.looked = now;
	turn.cpu = cpu_us();
}

void
probe_end(int64_t now)
{
	int64_t took = now - turn.begin;

	if (turn.begin == 0)
		return;
	probe_phase("", now);
	turn.begin = 0;
	board_time(BOARD_HIST_TURN, took);
	raise(CTR_turn_max_us, took);
	if (took > PROBE_LOOK_US)
		was_long(took, now);
}
