/*
 * notify.h - systemd's notify protocol: one datagram.
 */
#ifndef PROC_NOTIFY_H
#define PROC_NOTIFY_H

/* Send assignments ("READY=1\nSTATUS=..."); no-op without NOTIFY_SOCKET. */
void notify_send(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
