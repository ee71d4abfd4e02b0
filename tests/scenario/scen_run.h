/*
 * scen_run.h - running the commands of one scenario.
 */
#ifndef SCEN_RUN_H
#define SCEN_RUN_H

#include <sys/types.h>

#include "scen.h"

/* --- scen.c ------------------------------------------------------------- */

/* Call fn with the line of each scenario whose title or file has the word. */
int scen_each(const char *only, void (*fn)(unsigned at));
/* Run the scenario of that line in this process; exits when it fails. */
void scen_run(unsigned at);
/* Wait for such a process: its status. */
int scen_status(pid_t pid);
const char *scen_title(unsigned at);
const char *scen_file(void);

/* --- scen_run.c --------------------------------------------------------- */

/* Start a worker with this configuration. */
void run_start(struct buf *conf);
/* One command. */
void run_line(const char *line);
/* Another request, after memory was short. */
void run_afterwards(void);
/* Nothing may be left: bytes, places, requests; all is settled once. */
void run_finish(void);

/* --- for the commands --------------------------------------------------- */

extern struct worker *run_worker;
extern struct conn *run_conn[SCEN_CLIENTS];
/* Turns until nothing moves. */
void run_turns(void);
/* Next word of the line, next number, the rest as text ("..." with escapes
 * and a factor, or the bare rest). */
struct str run_word(struct str *rest);
long run_number(struct str *rest);
int64_t run_time(struct str *rest);
void run_text(struct str *rest, struct buf *out);
/* Commands of scen_up.c: 1 when it was one of them. */
int run_up_command(struct str verb, struct str rest);
/* Commands of scen_state.c and scen_log.c: the same. */
int run_state_command(struct str verb, struct str rest);
int run_log_command(struct str verb, struct str rest);
/* Give the worker its logs; have it write what waits. */
void run_logs(struct child *c);
void run_flush(void);

#endif
