/*
 * store_check.c - walk both stores of a gateway and say what they hold.
 *
 * Runs in: end-to-end tests, beside a gateway or after it; never installed.
 * Owns: nothing.
 *
 * store_check STATE_DIR RUN_DIR prints one word and a number a line, then a
 * line "use MODEL REQUESTS INPUT OUTPUT FAILED ABORTED ESTIMATED INTERRUPTED" for
 * each sum of the ledger, and the same with "session SESSION" for each session's.
 * Exit status 1 when anything is damaged.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "state/limit_rec.h"
#include "state/usage.h"

static int
fail(const char *what, int rc, const char *text)
{
	printf("damaged %s: %s: %s\n", what, err_str(rc), text);
	return 1;
}

static int
open_store(const char *dir, const char *name, uint64_t size, struct db **d)
{
	char path[PATH_MAX], err[512] = "";
	struct db_opts o = { .name = name, .dir = path, .map_size = size,
	    .readonly = 1 };
	int rc;

	state_path(path, dir, name);
	rc = db_open(&o, d, err, sizeof(err));
	return rc == 0 ? 0 : fail(name, rc, err);
}

static int
say_use(void *arg, const struct usage_total *t)
{
	const char *what = arg, *name = *what == 's' ? t->session : t->model;

	printf("%s %s %llu %llu %llu %llu %llu %llu %llu\n", what,
	    *name != '\0' ? name : "-", (unsigned long long)t->requests,
	    (unsigned long long)t->input, (unsigned long long)t->output,
	    (unsigned long long)t->failed, (unsigned long long)t->aborted,
	    (unsigned long long)t->estimated,
	    (unsigned long long)t->interrupted);
	return 0;
}

static int
look_at_ledger(const char *dir)
{
	struct state st = { .queued = 0 };
	char use[] = "use", session[] = "session", err[512];
	uint64_t records = 0;
	int rc;

	rc = state_verify(dir, 0, &records, err, sizeof(err));
	if (rc != 0)
		return fail("ledger", rc, err);
	printf("ledger %llu\n", (unsigned long long)records);
	if (open_store(dir, "ledger", STATE_LEDGER_MAX, &st.ledger) != 0)
		return 1;
	rc = usage_totals(&st, INT32_MIN, INT32_MAX, 0, say_use, use);
	if (rc == 0)
		rc = usage_sessions(&st, INT32_MIN, INT32_MAX, 0, say_use,
		    session);
	db_close(&st.ledger);
	return rc == 0 ? 0 : fail("ledger", rc, "totals");
}

/* Requests that keys hold places for: of the living and of the dead. */
static int
running(struct state *st)
{
	struct limit_walk w;
	struct limit l;
	struct str val;
	uint64_t id, n = 0;
	int rc;

	if ((rc = limit_walk(st, &w, 1)) != 0)
		return rc;
	while ((rc = limit_walk_next(&w, &id, &val)) == 0) {
		if ((rc = limit_load(st, id, &l)) != 0)
			break;
		n += l.r.running;
	}
	limit_walk_end(&w);
	printf("running %llu\n", (unsigned long long)n);
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* Every page is read; tables that are not ours are damage. */
static int
walk(struct state *st)
{
	struct db_key all = { .n = 0 };
	struct db_walk w;
	struct str key, val;
	uint64_t n = 0, spool = 0, procs = 0;
	int rc;

	if ((rc = db_walk(st->hot, &w, &all, NULL)) != 0)
		return rc;
	while ((rc = db_walk_next(&w, &key, &val)) == 0) {
		unsigned char table = (unsigned char)key.p[0];

		n++;
		spool += table == TABLE_SPOOL;
		procs += table == TABLE_PROC;
		if (schema_name(STORE_HOT, table) == NULL) {
			rc = ERR_CORRUPT;
			break;
		}
	}
	db_walk_end(&w);
	/* The first record of the spool only says where it begins. */
	printf("hot %llu\nspool %llu\nprocs %llu\n", (unsigned long long)n,
	    (unsigned long long)spool - 1, (unsigned long long)procs);
	return rc == ERR_NOTFOUND ? 0 : rc;
}

static int
look_at_hot(const char *dir)
{
	static uint32_t pids[DB_READERS];
	struct state st = { .queued = 0 };
	int i, n, rc;

	if (open_store(dir, "hot", STATE_HOT_MAX, &st.hot) != 0)
		return 1;
	n = db_readers(st.hot, pids, DB_READERS);
	for (i = 0; i < n; i++)
		printf("reader %u\n", (unsigned)pids[i]);
	if ((rc = walk(&st)) == 0)
		rc = running(&st);
	db_close(&st.hot);
	return rc == 0 ? 0 : fail("hot", rc, "walk");
}

int
main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: store_check STATE_DIR RUN_DIR\n");
		return 2;
	}
	return look_at_ledger(argv[1]) | look_at_hot(argv[2]);
}
