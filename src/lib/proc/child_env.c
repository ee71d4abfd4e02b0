/*
 * child_env.c - what the master tells a child beside the descriptors.
 *
 * Runs in: master (format), the fork (arrange), children (parse).
 * Owns: nothing.
 *
 * Fields are separated by one blank, in fixed order: role, index, slot,
 * generation, incarnation, workers, foreground, listeners, then one
 * number per listener (its place in the configuration plus one, 0: admin).
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/num.h"
#include "proc/child_env.h"

void
child_env_format(const struct child_env *e, char out[CHILD_ENV_SIZE])
{
	size_t n;
	unsigned i;

	n = (size_t)snprintf(out, CHILD_ENV_SIZE,
	    CHILD_ENV_NAME "=%s %u %u %u %llu %u %u %u", e->role, e->index,
	    e->slot, e->generation, (unsigned long long)e->incarnation,
	    e->workers, e->foreground, e->n_listen);
	for (i = 0; i < e->n_listen; i++)
		n += (size_t)snprintf(out + n, CHILD_ENV_SIZE - n, " %u",
		    (unsigned)(e->listen_conf[i] + 1));
	ASSERT(n < CHILD_ENV_SIZE);
}

/* The next field as a number of at most max. */
static int
take(struct str *rest, uint64_t max, uint64_t *out)
{
	struct str part;

	if (!str_split(rest, ' ', &part) || num_u64(part, out) != 0 ||
	    *out > max)
		return ERR_FORMAT;
	return 0;
}

int
child_env_parse(const char *text, struct child_env *e)
{
	struct str rest = str_of(text), part;
	uint64_t v[8];
	unsigned i;

	memset(e, 0, sizeof(*e));
	if (!str_split(&rest, ' ', &part) ||
	    str_copy(e->role, sizeof(e->role), part) != 0)
		return ERR_FORMAT;
	if (take(&rest, BOARD_SLOTS - 1, &v[0]) != 0 ||
	    take(&rest, BOARD_SLOTS - 1, &v[1]) != 0 ||
	    take(&rest, UINT32_MAX, &v[2]) != 0 ||
	    take(&rest, UINT64_MAX, &v[3]) != 0 ||
	    take(&rest, CHILD_MAX_WORKERS, &v[4]) != 0 ||
	    take(&rest, 1, &v[5]) != 0 ||
	    take(&rest, CHILD_MAX_LISTEN, &v[6]) != 0)
		return ERR_FORMAT;
	e->index = (unsigned)v[0];
	e->slot = (unsigned)v[1];
	e->generation = (unsigned)v[2];
	e->incarnation = v[3];
	e->workers = (unsigned)v[4];
	e->foreground = (unsigned)v[5];
	e->n_listen = (unsigned)v[6];
	for (i = 0; i < e->n_listen; i++) {
		if (take(&rest, INT32_MAX, &v[0]) != 0)
			return ERR_FORMAT;
		e->listen_conf[i] = (int)v[0] - 1;
	}
	return rest.n == 0 ? 0 : ERR_FORMAT;
}

void
child_env_arrange(const int *fds, unsigned n, int *keep)
{
	int high[CHILD_ENV_FDS], base = CHILD_FD_MASTER + (int)n, kept;
	unsigned i;

	ASSERT(n <= CHILD_ENV_FDS);
	/* Out of the way first: a target may be another's source. */
	for (i = 0; i < n; i++)
		if ((high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, base + 1)) < 0)
			_exit(127);
	if ((kept = fcntl(*keep, F_DUPFD_CLOEXEC, base + 1)) < 0)
		_exit(127);
	for (i = 0; i < n; i++)
		if (dup2(high[i], CHILD_FD_MASTER + (int)i) < 0)
			_exit(127);
	if (dup3(kept, base, O_CLOEXEC) < 0 ||
	    close_range((unsigned)base + 1, ~0u, 0) < 0)
		_exit(127);
	*keep = base;
}
