/*
 * aigwd.c - the gateway daemon: master, or one of its children.
 *
 * Runs in: every process of the daemon.
 * Owns: the table of roles.
 */
#include <string.h>

#include "base/err.h"
#include "master/master.h"
#if __has_include("admin/admin.h")
#include "admin/admin.h"
#define HAVE_ADMIN
#endif
#if __has_include("checker/checker.h")
#include "checker/checker.h"
#define HAVE_CHECKER
#endif
#if __has_include("recorder/recorder.h")
#include "recorder/recorder.h"
#define HAVE_RECORDER
#endif
#if __has_include("worker/worker.h")
#include "worker/worker.h"
#define HAVE_WORKER
#endif

/* Who the children are, and what each inherits beside what all have. */
static const struct role_row roles[] = {
	{ &prepare_role, ROLE_ONCE },
#ifdef HAVE_RECORDER
	{ &recorder_role, ROLE_TOLD_GONE | ROLE_LAST },
#endif
#ifdef HAVE_CHECKER
	{ &checker_role, ROLE_TOLD_GONE },
#endif
#ifdef HAVE_ADMIN
	{ &admin_role, ROLE_ADMIN_LISTEN | ROLE_REPORTS },
#endif
#ifdef HAVE_WORKER
	{ &worker_role, ROLE_WORKER | ROLE_LISTEN | ROLE_ACCESS_LOG |
	    ROLE_API_LOG },
#endif
};

#define N_ROLES (sizeof(roles) / sizeof(roles[0]))

int
main(int argc, char **argv)
{
	const char *name;
	size_t i;

	if (!child_requested(&name))
		return cli_main(argc, argv, roles, N_ROLES);
	for (i = 0; i < N_ROLES; i++)
		if (strcmp(roles[i].role->name, name) == 0)
			return child_main(roles[i].role);
	return 2;
}
