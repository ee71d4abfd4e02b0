/*
 * msg.h - the contract between master and child: one small fixed message.
 *
 * Datagrams on a SOCK_SEQPACKET pair. A message that is not exactly right, or
 * not permitted for the sender's role at this moment, costs the child its
 * life, never the master's.
 */
#ifndef PROC_MSG_H
#define PROC_MSG_H

#include <stddef.h>
#include <stdint.h>

#include "base/board.h"

enum msg_type {
	MSG_NONE,
	/* child to master */
	MSG_READY,		/* serving */
	MSG_DRAINED,		/* nothing left to do, leaving */
	/* admin to master */
	MSG_RELOAD, MSG_REOPEN_LOGS, MSG_UPGRADE, MSG_STOP, MSG_DRAIN_ALL,
	/* master to child */
	MSG_DRAIN,		/* finish and leave; arg: drain_timeout us */
	MSG_REOPEN,		/* new log fds: error, access, api-error */
	MSG_LOGLEVEL,		/* arg: enum log_level */
	MSG_GONE,		/* slot, arg: incarnation of a dead child */
	MSG_REPORT,		/* last reload report; fd: sealed memfd */
	MSG_TYPES
};

struct msg {
	uint32_t	magic;
	uint16_t	version;
	uint16_t	type;		/* enum msg_type */
	uint32_t	slot;
	uint32_t	pad;		/* zero */
	uint64_t	arg;
};

#define MSG_MAX_FDS 4

/* Send, never blocking: 0, ERR_AGAIN, ERR_SYSTEM. The fds stay the caller's. */
int msg_send(int sock, enum msg_type type, uint32_t slot, uint64_t arg,
    const int *fds, int nfds);
/* Receive: 0, ERR_AGAIN, ERR_EOF, ERR_FORMAT, ERR_SYSTEM; ERR_LIMIT: one is lost
 * for want of descriptors here. Descriptors that come with a type that has none
 * are closed and make it ERR_FORMAT. */
int msg_recv(int sock, struct msg *m, int *fds, int *nfds);
/* Pure check of received bytes: 0 or ERR_FORMAT (fuzzed). */
int msg_check(const void *p, size_t n, int nfds, struct msg *m);
/* 1 when a child of that role may send type (the permit table). */
int msg_permitted(enum board_role from, enum msg_type type);
const char *msg_name(enum msg_type type);

#endif
