/*
 * msg.c - the contract between master and child: one small fixed message.
 *
 * Runs in: master, children.
 * Owns: nothing.
 *
 * One table says for each type who may send it and what it may carry. What
 * depends on the moment (READY once, DRAINED after DRAIN) is decided where
 * the sender's state is known: master/contract.c.
 */
#include <string.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "proc/msg.h"

#define MSG_MAGIC	0x61694d73u
#define MSG_VERSION	1

#define BIT(role)	(1u << (role))
#define CHILDREN	(BIT(BOARD_WORKER) | BIT(BOARD_CHECKER) | \
			BIT(BOARD_RECORDER) | BIT(BOARD_ADMIN))

static const struct msg_row {
	const char	*name;
	unsigned	 from;		/* bits of enum board_role */
	int		 nfds;		/* exactly so many descriptors */
	int		 has_slot;	/* else slot is zero */
	uint64_t	 arg_max;
} rows[MSG_TYPES] = {
	[MSG_READY]	= { "READY", CHILDREN, 0, 0, 0 },
	[MSG_DRAINED]	= { "DRAINED", CHILDREN, 0, 0, 0 },
	[MSG_RELOAD]	= { "RELOAD", BIT(BOARD_ADMIN), 0, 0, 0 },
	[MSG_REOPEN_LOGS] = { "REOPEN_LOGS", BIT(BOARD_ADMIN), 0, 0, 0 },
	[MSG_UPGRADE]	= { "UPGRADE", BIT(BOARD_ADMIN), 0, 0, 1 },
	[MSG_STOP]	= { "STOP", BIT(BOARD_ADMIN), 0, 0, 1 },
	[MSG_DRAIN_ALL]	= { "DRAIN_ALL", BIT(BOARD_ADMIN), 0, 0, 0 },
	[MSG_DRAIN]	= { "DRAIN", BIT(BOARD_MASTER), 0, 0, INT64_MAX },
	[MSG_REOPEN]	= { "REOPEN", BIT(BOARD_MASTER), 3, 0, 0 },
	[MSG_LOGLEVEL]	= { "LOGLEVEL", BIT(BOARD_MASTER), 0, 0,
			    LOG_LEVEL_ERROR },
	[MSG_GONE]	= { "GONE", BIT(BOARD_MASTER), 0, 1, UINT64_MAX },
	[MSG_REPORT]	= { "REPORT", BIT(BOARD_MASTER), 1, 0, 0 },
};

int
msg_send(int sock, enum msg_type type, uint32_t slot, uint64_t arg,
    const int *fds, int nfds)
{
	struct msg m = { .magic = MSG_MAGIC, .version = MSG_VERSION,
	    .type = (uint16_t)type, .slot = slot, .arg = arg };

	ASSERT(msg_check(&m, sizeof(m), nfds, &m) == 0);
	return fd_send_msg(sock, &m, sizeof(m), fds, nfds);
}

int
msg_check(const void *p, size_t n, int nfds, struct msg *out)
{
	const struct msg_row *r;
	struct msg m;

	if (n != sizeof(m))
		return ERR_FORMAT;
	memcpy(&m, p, sizeof(m));
	if (m.magic != MSG_MAGIC || m.version != MSG_VERSION || m.pad != 0 ||
	    m.type == MSG_NONE || m.type >= MSG_TYPES)
		return ERR_FORMAT;
	r = &rows[m.type];
	if (nfds != r->nfds || m.arg > r->arg_max)
		return ERR_FORMAT;
	if (r->has_slot ? m.slot >= BOARD_SLOTS : m.slot != 0)
		return ERR_FORMAT;
	*out = m;
	return 0;
}

int
msg_recv(int sock, struct msg *m, int *fds, int *nfds)
{
	/* One byte more than a message: a longer one is seen as such. */
	char raw[sizeof(*m) + 1];
	ssize_t n;
	int rc, i;

	*nfds = MSG_MAX_FDS;
	n = fd_recv_msg(sock, raw, sizeof(raw), fds, nfds);
	if (n == 0 && *nfds == 0)
		return ERR_EOF;
	if (n == ERR_AGAIN || n == ERR_SYSTEM || n == ERR_LIMIT) {
		*nfds = 0;
		return (int)n;
	}
	rc = n < 0 ? ERR_FORMAT : msg_check(raw, (size_t)n, *nfds, m);
	if (rc != 0) {
		for (i = 0; i < *nfds; i++)
			fd_close(&fds[i]);
		*nfds = 0;
	}
	return rc;
}

int
msg_permitted(enum board_role from, enum msg_type type)
{
	if (type <= MSG_NONE || type >= MSG_TYPES || (unsigned)from > 31)
		return 0;
	return (rows[type].from & BIT(from)) != 0;
}

const char *
msg_name(enum msg_type type)
{
	if (type <= MSG_NONE || type >= MSG_TYPES)
		return "unknown";
	return rows[type].name;
}
