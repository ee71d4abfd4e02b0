/*
 * err.c - texts of the return codes, and the end of a process with a bug.
 *
 * Runs in: every process.
 * Owns: nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

const char *
err_str(int code)
{
	switch (code) {
	case ERR_OK:
		return "ok";
#define X(name, val, text)	\
	case ERR_##name:	\
		return text;
	ERR_LIST(X)
#undef X
	}
	return "unknown error";
}

int
err_ours(int e)
{
	return e == EMFILE || e == ENFILE || e == ENOBUFS || e == ENOMEM;
}

void
err_assert_fail(const char *expr, const char *file, int line)
{
	char msg[512];
	int n;

	n = snprintf(msg, sizeof(msg), "panic: %s at %s:%d\n", expr, file,
	    line);
	if (n > 0 && write(STDERR_FILENO, msg, (size_t)n) < 0)
		_exit(134);
	abort();
}
