/*
 * admin.h - the process that changes things: control socket, admin listener.
 */
#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include "net/conn.h"
#include "proc/child.h"
#include "state/state.h"

struct ctlsock;
struct http;
struct metrics;

/* What the files of this process share. */
struct admin {
	struct child	*c;
	struct state	*st;
	struct conn_set	*conns;
	struct ctlsock	*ctl;
	struct http	*http;
	struct metrics	*metrics;
	/* Text of the last reload report, "" when there was none. */
	char		*report;
	/* Counts reports that came. */
	unsigned	 reports;
	int		 leaving;	/* DRAIN came */
};

extern const struct child_role admin_role;

/* 1 when the configuration's admin listener can only be reached locally. */
int admin_is_local(const struct conf *conf);

#endif
