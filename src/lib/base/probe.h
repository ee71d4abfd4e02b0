/*
 * probe.h - how long the turns of this process's loop take, and what in them.
 *
 * A turn lasts from the end of the wait to the next wait. Its longest and the
 * number of those above PROBE_LONG_US stand on the board; one above
 * PROBE_LOG_US, or above PROBE_LONG_US of processor time, is a line in the log
 * with the phase that took most of it.
 *
 * The clock runs on while the system lets others work, so it says little on a
 * machine that has others to serve. What a turn costs is the processor time of
 * its thread, and that is what is promised to stay below PROBE_LONG_US. It is a
 * system call to ask for it: at a turn's begin it is asked once in a
 * millisecond, at its end when the clock says more than PROBE_LOOK_US. What is
 * kept is the most that the turn can have used, a millisecond too much at most.
 */
#ifndef BASE_PROBE_H
#define BASE_PROBE_H

#include <stdint.h>

#define PROBE_LOOK_US	2000
#define PROBE_LONG_US	20000
#define PROBE_LOG_US	100000

/* The wait is over; now is clock_mono_us. The phase is "events". */
void probe_begin(int64_t now);
/* What comes now is called that (static text). */
void probe_phase(const char *name, int64_t now);
/* The turn is over. */
void probe_end(int64_t now);

#endif
