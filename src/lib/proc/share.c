/*
 * share.c - the sealed memfd with what a role may know.
 *
 * Runs in: master (seal), children (load).
 * Owns: nothing.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/secret.h"
#include "proc/share.h"

#define SHARE_MAX	(64u << 20)

int
share_seal(const struct conf *c, enum board_role role,
    const unsigned char ticket_key[CHILD_TICKET_KEY])
{
	static const unsigned char none[CHILD_TICKET_KEY];
	struct buf b;
	int rc;

	buf_init_wiped(&b, SHARE_MAX);
	rc = buf_add(&b, role == BOARD_WORKER ? ticket_key : none,
	    CHILD_TICKET_KEY);
	if (rc == 0)
		rc = conf_share(c, (int)role, &b);
	if (rc == 0)
		rc = fd_sealed("aigw-conf", buf_ptr(&b), buf_len(&b));
	buf_free(&b);
	secret_burn_stack();
	return rc;
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
	return rc;
}
