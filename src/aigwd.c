/*
 * aigwd.c - the gateway daemon: master, or one of its children.
 *
 * Runs in: every process of the daemon.
 * Owns: the table of roles.
 */
#include <string.h>

#include "admin/admin.h"
#include "base/crypto.h"
#include "base/faultpoint.h"
#include "checker/checker.h"
#include "master/master.h"
#include "proc/prepare.h"
#include "proc/priv.h"
#include "recorder/recorder.h"
#include "worker/worker.h"

/* Who the children are, and what each inherits beside what all have. */
static const struct role_row rows[] = {
	{ &prepare_role, ROLE_ONCE },
	{ &recorder_role, ROLE_TOLD_GONE | ROLE_LAST },
	{ &checker_role, ROLE_TOLD_GONE },
	{ &admin_role, ROLE_ADMIN_LISTEN | ROLE_REPORTS },
	{ &worker_role, ROLE_WORKER | ROLE_LISTEN | ROLE_ACCESS_LOG |
	    ROLE_API_LOG },
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

int
main(int argc, char **argv)
{
	static struct options o;
	const char *name;
	size_t i;
	int rc;

#ifdef FAULT_POINTS
	if (argc == 2 && strcmp(argv[1], "--fault-points") == 0)
		return faultpoint_list();
	faultpoint_open(child_requested(&name) ? name : "master");
#endif
	if (!child_requested(&name)) {
		priv_raise_lock();
		crypto_mem_init();
		priv_conceal();
		priv_hide_env();
		rc = options_read(argc, argv, &o);
		return rc >= 0 ? rc : master_run(&o, rows, N_ROWS);
	}
	crypto_mem_init();
	for (i = 0; i < N_ROWS; i++)
		if (strcmp(rows[i].role->name, name) == 0)
			return child_main(rows[i].role);
	return 2;
}
