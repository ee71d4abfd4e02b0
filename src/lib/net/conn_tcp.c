/*
 * conn_tcp.c - what the system's TCP knows about a connection.
 *
 * Runs in: worker, checker, aigwctl.
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

#include "base/err.h"
#include "net/conn_impl.h"

int
conn_fd_acked(int fd, uint64_t *acked)
{
#if defined(__linux__)
	struct tcp_info i;
	socklen_t len = sizeof(i);

	memset(&i, 0, sizeof(i));
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &len) == 0 &&
	    len >= offsetof(struct tcp_info, tcpi_bytes_acked) + 8) {
		*acked = i.tcpi_bytes_acked;
		return 0;
	}
#endif
	return ERR_UNSUPPORTED;
}

const char *
conn_heard(const struct conn *c, uint64_t mark)
{
	uint64_t acked;

	if (conn_sent(c) <= mark)
		return NULL;
	if (!c->fin)
		return "the kept connection was reset, which does not tell "
		    "what the peer had read";
	if (conn_fd_acked(c->fd, &acked) != 0)
		return "the peer closed the kept connection, and nothing "
		    "tells what it had read";
	/* The SYN is counted as a byte. */
	return acked <= mark + 1 ? NULL : "the peer closed the kept "
	    "connection and had acknowledged bytes of the request";
}
