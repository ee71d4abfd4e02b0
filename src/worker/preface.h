/*
 * preface.h - what a TCP proxy sends before the connection of its client.
 */
#ifndef WORKER_PREFACE_H
#define WORKER_PREFACE_H

#include "worker/worker.h"

struct client;
struct preface;

/* client.proxy_protocol: must this connection begin with such a header? Its
 * peer (out, with port) is one of client.trusted_proxies. */
int preface_wanted(const struct worker *w, int fd, const struct listener *l,
    unsigned char peer[16], unsigned *port);
/* Read it; then client_preface is called, or client_close. Takes fd over. */
struct preface *preface_new(struct client *c, int fd, struct listener *l);
/* Stop and close; accepts NULL, sets NULL. */
void preface_free(struct preface **pp);

#endif
