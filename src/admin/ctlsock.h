/*
 * ctlsock.h - the control socket: run_dir/control.sock.
 */
#ifndef ADMIN_CTLSOCK_H
#define ADMIN_CTLSOCK_H

#include "admin/admin.h"

struct ctlsock;

/* Bind and listen: NULL when that fails, with text in err. */
struct ctlsock *ctlsock_new(struct admin *a, char *err, size_t errsize);
/*
 * Take no further request; done(arg) is called when those under way have
 * ended, at the latest after timeout_us.
 */
void ctlsock_drain(struct ctlsock *s, int64_t timeout_us,
    void (*done)(void *arg), void *arg);

#endif
