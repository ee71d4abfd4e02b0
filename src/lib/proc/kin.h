/*
 * kin.h - children that outlived their master.
 *
 * A killed master leaves its children behind: they notice, and leave when their
 * streams are done. One that hangs does not, and may have the lock of a store
 * in hand; the next master has another board and never heard of it. So each
 * child has a lock on a byte of run_dir/aigwd.kin, and the kernel tells whose
 * it is: it vouches for the process, which a file with numbers in it could not.
 * One that has noticed its master's death says so by another byte.
 */
#ifndef PROC_KIN_H
#define PROC_KIN_H

#include "base/board.h"
#include "conf/conf.h"

/*
 * Child: be found. When the master dies it is made to go on (SIGCONT), should
 * it be stopped then.
 */
void kin_join(const char *run_dir);
/* It knows that its master is dead, and leaves. */
void kin_leave(void);
/*
 * Master, at its start, when no other master lives: those that notice nothing
 * within patience_us are killed. Returns at once when there are none.
 */
void kin_clear(const char *run_dir, int64_t patience_us);
/*
 * Master, each second: those that are not on this board are killed once they
 * ought to have left (drain_timeout), and as soon as a lock that all wait for
 * is in nobody's hand here (stuck). Each is logged; how many it were.
 */
unsigned kin_watch(const struct board *b, const struct conf *c, int64_t now_us,
    int stuck);

#endif
