/*
 * conn_tcp.c - what the system's TCP knows about a connection.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * Apart because <linux/tcp.h>, which has the newer fields, does not go
 * together with <netinet/tcp.h>.
 */
#include <string.h>
#include <sys/socket.h>

#if defined(__linux__)
#include <linux/tcp.h>
#include <netinet/in.h>
#endif

#include "net/conn_impl.h"

int
conn_unheard(const struct conn *c, uint64_t mark)
{
#if defined(__linux__)
	struct tcp_info i;
	socklen_t len = sizeof(i);

	if (conn_sent(c) <= mark)
		return 1;
	if (!c->fin)
		return 0;
	memset(&i, 0, sizeof(i));
	if (getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &i, &len) < 0 ||
	    len < offsetof(struct tcp_info, tcpi_bytes_acked) + 8)
		return 0;
	/* The SYN is counted as a byte. */
	return i.tcpi_bytes_acked <= mark + 1;
#else
	return conn_sent(c) <= mark;
#endif
}
