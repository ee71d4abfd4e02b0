/*
 * session.h - the session that a program says a request is of.
 */
#ifndef WORKER_SESSION_H
#define WORKER_SESSION_H

#include "base/str.h"

struct req;
struct usage_rec;

/* As the client wrote them; n = 0: not named. */
struct session {
	struct str	 id, agent, parent;
};

/* NULL when the request names no session and no agent, as most do not. */
const struct session *session_of(struct req *r);
/* Put the names of its session into a record, as the ledger keeps them. */
void session_names(struct req *r, struct usage_rec *u);

#endif
