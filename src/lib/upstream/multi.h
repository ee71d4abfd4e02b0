/*
 * multi.h - libcurl on the event loop: transfers of fetch_curl.
 */
#ifndef UPSTREAM_MULTI_H
#define UPSTREAM_MULTI_H

#include <stddef.h>

#include "base/ev.h"

struct multi;

/* One per process that uses libcurl. Never NULL. */
struct multi *multi_new(struct ev_loop *loop);
/* Its transfers must be over; accepts NULL, sets NULL. */
void multi_free(struct multi **mp);

/* Host name and port of a proxy URL: 0, ERR_FORMAT or ERR_TOOBIG. */
int multi_proxy_host(const char *proxy, char *host, size_t size,
    unsigned *port);

#endif
