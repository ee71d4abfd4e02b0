/*
 * ctl_life.c - reload, reopen, upgrade, drain, stop: asked of the master.
 *
 * Runs in: admin.
 * Owns: nothing.
 *
 * The master may refuse what is not in its permit table. A reload that is
 * accepted replaces this very process: the one who waits is answered before
 * it leaves.
 */
#include <stdlib.h>

#include "admin/ctl.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/xalloc.h"

#define LIFE_RELOAD_US	(120 * CLOCK_US_S)
#define LIFE_LEAVE_US	(1 * CLOCK_US_S)
#define LIFE_REPORT_US	(4 * CLOCK_US_S)	/* the report may come later */

struct life_reload {
	int64_t		 reload_us;	/* of the board when asked */
	unsigned	 reports;	/* that had come when asked */
	int64_t		 report_us;	/* until then it may come; 0: the board
					   has not changed */
	int64_t		 give_up_us;
};

static enum ctl_next
ctl_ask(struct ctl_call *call, enum msg_type type, uint64_t arg,
    const char *said)
{
	int rc = child_ask(call->admin->c, type, arg);

	if (rc < 0)
		return ctl_error(call, CTL_FAILED,
		    "the master cannot be asked: %s", err_str(rc));
	if (!call->req.json) {
		ctl_print(call, "%s\n", said);
		return CTL_DONE;
	}
	ctl_print(call, "{\"ok\":true}\n");
	return CTL_DONE;
}

enum ctl_next
ctl_reopen(struct ctl_call *call)
{
	return ctl_ask(call, MSG_REOPEN_LOGS, 0, "log files are reopened");
}

enum ctl_next
ctl_upgrade(struct ctl_call *call)
{
	int keep = ctl_opt(call, "--keep") != NULL;

	return ctl_ask(call, MSG_UPGRADE, keep ? 0 : 1,
	    "the new binary is started");
}

enum ctl_next
ctl_drain(struct ctl_call *call)
{
	return ctl_ask(call, MSG_DRAIN_ALL, 0,
	    "workers finish what is under way and leave");
}

enum ctl_next
ctl_stop(struct ctl_call *call)
{
	int fast = ctl_opt(call, "--fast") != NULL;

	return ctl_ask(call, MSG_STOP, (uint64_t)fast,
	    fast ? "stopping at once" : "stopping when requests have ended");
}

/* Print how it ended, with everything that was said about the files. */
static enum ctl_next
ctl_reload_told(struct ctl_call *call, int failed)
{
	struct admin *a = call->admin;
	struct json_object *o;

	call->exit = failed ? CTL_FAILED : CTL_OK;
	if (call->req.json) {
		o = json_object_new_object();
		ctl_set_bool(o, "ok", !failed);
		ctl_set_int(o, "generation", a->c->board->generation);
		ctl_set_problems(o, "problems", a->report);
		ctl_print_json(call, o);
		return CTL_DONE;
	}
	ctl_print(call, "%s", a->report);
	if (failed)
		return ctl_error(call, CTL_FAILED, "reload refused; the "
		    "configuration of generation %u stays in force",
		    a->c->board->generation);
	ctl_print(call, "reloaded, generation %u serves\n",
	    a->c->board->generation);
	return CTL_DONE;
}

/* The board tells that it is over before the report is there. An admin that is
 * told to leave is replaced, so the reload was accepted. */
static enum ctl_next
ctl_reload_wait(struct ctl_call *call)
{
	const struct board *board = call->admin->c->board;
	struct life_reload *r = call->data;
	int64_t now = clock_mono_us();
	int over = board->reload_us != r->reload_us;

	if (over && call->admin->reports != r->reports)
		return ctl_reload_told(call, board->reload_failed != 0);
	if (r->report_us == 0 && (over || call->admin->leaving))
		r->report_us = now + (over ? LIFE_REPORT_US : LIFE_LEAVE_US);
	if (r->report_us != 0 && now > r->report_us) {
		if (call->admin->reports == r->reports) {
			free(call->admin->report);
			call->admin->report = xstrdup("");
		}
		return ctl_reload_told(call, over &&
		    board->reload_failed != 0);
	}
	if (now > r->give_up_us)
		return ctl_error(call, CTL_FAILED,
		    "no result yet; see \"aigwctl status\"");
	return CTL_WAIT;
}

enum ctl_next
ctl_reload(struct ctl_call *call)
{
	struct life_reload *r = arena_zalloc(call->arena, sizeof(*r));
	int rc;

	r->reload_us = call->admin->c->board->reload_us;
	r->reports = call->admin->reports;
	r->give_up_us = clock_mono_us() + LIFE_RELOAD_US;
	call->data = r;
	call->next = ctl_reload_wait;
	rc = child_ask(call->admin->c, MSG_RELOAD, 0);
	if (rc < 0)
		return ctl_error(call, CTL_FAILED,
		    "the master cannot be asked: %s", err_str(rc));
	return CTL_WAIT;
}
