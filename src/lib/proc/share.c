/*
 * share.c - the sealed memfd with what a role may know.
 *
 * Runs in: master (seal), children (load).
 * Owns: nothing.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/secret.h"
#include "proc/priv.h"
#include "proc/share.h"

#define SHARE_MAX	(64u << 20)

/*
 * The pages of a memfd can be swapped out like others. They are locked before
 * anything is in them, by a map that nobody reads: sealed against writing, a
 * private one is the only kind that all kernels allow.
 */
static int
make(struct share *s, const struct buf *b)
{
	s->n = buf_len(b);
	s->fd = memfd_create("aigw-conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (s->fd < 0 || ftruncate(s->fd, (off_t)s->n) < 0)
		return ERR_SYSTEM;
	s->map = mmap(NULL, s->n, PROT_READ, MAP_PRIVATE, s->fd, 0);
	if (s->map == MAP_FAILED)
		return ERR_SYSTEM;
	(void)!madvise(s->map, s->n, MADV_DONTDUMP);
	if (mlock(s->map, s->n) < 0)
		priv_tell_unlocked(s->n);
	if (fd_write_all(s->fd, buf_ptr(b), s->n) != 0 || fcntl(s->fd,
	    F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK |
	    F_SEAL_SEAL) < 0)
		return ERR_SYSTEM;
	return 0;
}

int
share_seal(const struct conf *c, enum board_role role,
    const unsigned char ticket_key[CHILD_TICKET_KEY], struct share *out)
{
	static const unsigned char none[CHILD_TICKET_KEY];
	struct buf b;
	int rc;

	*out = (struct share){ -1, MAP_FAILED, 0 };
	buf_init_wiped(&b, SHARE_MAX);
	rc = buf_add(&b, role == BOARD_WORKER ? ticket_key : none,
	    CHILD_TICKET_KEY);
	if (rc == 0)
		rc = conf_share(c, (int)role, &b);
	if (rc == 0)
		rc = make(out, &b);
	if (rc != 0)
		share_close(out);
	buf_free(&b);
	secret_burn_stack();
	return rc;
}

void
share_close(struct share *s)
{
	if (s->fd >= 0 && s->map != MAP_FAILED)
		munmap(s->map, s->n);
	fd_close(&s->fd);
}

static int
load_text(const char *text, size_t size, struct conf **out)
{
	struct conf_source src = { .text = text, .child = 1, .resolve = 1 };
	struct conf_report report = { 0 };
	size_t n = strlen(text);
	int rc;

	/* The NUL between the two is the text's end. */
	if (n < size)
		src.secrets = str_make(text + n + 1, size - n - 1);
	rc = conf_load(&src, out, &report);
	if (rc != 0 && report.n > 0)
		log_error("share: %s", report.v[0].text);
	conf_report_free(&report);
	return rc;
}

int
share_load(int fd, struct conf **out,
    unsigned char ticket_key[CHILD_TICKET_KEY])
{
	struct stat st;
	struct secret *s;
	size_t size;
	char *text;
	int rc;

	if (fstat(fd, &st) < 0 || st.st_size < CHILD_TICKET_KEY ||
	    st.st_size > SHARE_MAX)
		return ERR_FORMAT;
	size = (size_t)st.st_size - CHILD_TICKET_KEY;
	s = secret_room(size);
	text = secret_text(s);
	if (pread(fd, ticket_key, CHILD_TICKET_KEY, 0) != CHILD_TICKET_KEY ||
	    pread(fd, text, size, CHILD_TICKET_KEY) != (ssize_t)size)
		rc = ERR_SYSTEM;
	else
		rc = load_text(text, size, out);
	secret_free(&s);
	/* The same in all children of a generation. */
	if (rc == 0)
		(*out)->loaded_us = (int64_t)st.st_mtim.tv_sec * CLOCK_US_S +
		    st.st_mtim.tv_nsec / 1000;
	return rc;
}
