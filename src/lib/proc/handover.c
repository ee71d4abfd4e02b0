/*
 * handover.c - what an old binary hands to a new one.
 *
 * Runs in: master, old (format, in the fork) and new (parse).
 * Owns: nothing.
 *
 * "2;generation;peer;lock;board;ticket;fd=address;fd=address". In an address ';'
 * and '%' stand as %3B and %25.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/xalloc.h"
#include "proc/handover.h"

#define FORMAT_VERSION	"2"
#define FD_MAX		(1u << 20)

int
handover_format(const struct handover *h, struct buf *b)
{
	const struct listen_sock *s;
	const char *p;
	unsigned i;
	int rc;

	rc = buf_printf(b, HANDOVER_NAME "=" FORMAT_VERSION
	    ";%u;%d;%d;%d;%d", h->generation, h->peer, h->lock, h->board,
	    h->ticket);
	for (i = 0; i < h->listen->n && rc == 0; i++) {
		s = h->listen->sock[i];
		rc = buf_printf(b, ";%d=", s->fd);
		for (p = s->address; *p != '\0' && rc == 0; p++)
			rc = *p == ';' || *p == '%' ? buf_printf(b, "%%%02X",
			    (unsigned char)*p) : buf_addc(b, *p);
	}
	return rc == 0 ? buf_addc(b, '\0') : rc;
}

void
handover_keep(const struct handover *h)
{
	unsigned i;

	fd_cloexec(h->peer, 0);
	fd_cloexec(h->lock, 0);
	fd_cloexec(h->board, 0);
	fd_cloexec(h->ticket, 0);
	for (i = 0; i < h->listen->n; i++)
		fd_cloexec(h->listen->sock[i]->fd, 0);
}

static int
take_fd(struct str s, int *out)
{
	uint64_t n;

	if (num_u64(s, &n) != 0 || n < 3 || n > FD_MAX ||
	    fd_cloexec((int)n, 1) != 0)
		return ERR_FORMAT;
	*out = (int)n;
	return 0;
}

/* Undo the escapes in place. */
static int
unescape(char *s)
{
	char *to = s;

	for (; *s != '\0'; s++) {
		if (*s != '%')
			*to++ = *s;
		else if (strncmp(s, "%3B", 3) == 0 ||
		    strncmp(s, "%25", 3) == 0) {
			*to++ = s[1] == '3' ? ';' : '%';
			s += 2;
		} else
			return ERR_FORMAT;
	}
	*to = '\0';
	return 0;
}

static int
take_listener(struct handover *h, struct str part)
{
	long at = str_chr(part, '=');
	char *address;
	int fd, rc;

	if (at < 0 || h->listen->n == CHILD_MAX_LISTEN ||
	    take_fd(str_make(part.p, (size_t)at), &fd) != 0)
		return ERR_FORMAT;
	part = str_skip(part, (size_t)at + 1);
	address = xstrndup(part.p, part.n);
	if ((rc = unescape(address)) == 0)
		listenset_add(h->listen, address, fd, 0);
	free(address);
	return rc;
}

int
handover_parse(const char *text, struct handover *h)
{
	struct str rest = str_of(text), part[6];
	uint64_t number;
	int i;

	for (i = 0; i < 6; i++)
		if (!str_split(&rest, ';', &part[i]))
			return ERR_FORMAT;
	if (!str_eqc(part[0], FORMAT_VERSION))
		return ERR_VERSION;
	if (num_u64(part[1], &number) != 0 || number > UINT32_MAX ||
	    take_fd(part[2], &h->peer) != 0 ||
	    take_fd(part[3], &h->lock) != 0 ||
	    take_fd(part[4], &h->board) != 0 ||
	    take_fd(part[5], &h->ticket) != 0)
		return ERR_FORMAT;
	h->generation = (unsigned)number;
	while (str_split(&rest, ';', &part[0]))
		if (take_listener(h, part[0]) != 0)
			return ERR_FORMAT;
	return 0;
}
