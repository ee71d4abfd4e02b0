/*
 * harness.h - run programs and talk HTTP to them, for end-to-end tests.
 *
 * Everything waits with a deadline of 20 s; what goes wrong ends the running
 * test (tap_fail). Programs die with the test that started them.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/json.h"

struct harness_proc {
	pid_t		pid;
	int		out;		/* its stdout */
	struct buf	read;		/* of stdout, not yet used */
};

/* Path of a program of the build ("aigw-mock"); static memory. */
const char *harness_path(const char *name);
/* Start argv[0] (a path), arguments up to NULL. */
void harness_start(struct harness_proc *p, const char *const *argv);
/* The rest of the first line of stdout that begins with prefix. */
void harness_line(struct harness_proc *p, const char *prefix, char *dst,
    size_t size);
/* SIGTERM (sig), wait: the status of waitpid. Stopped ones are left. */
int harness_stop(struct harness_proc *p, int sig);
/* All of stdout until the program ends: its status of waitpid. */
int harness_output(const char *const *argv, struct buf *out);

/* An HTTP answer, read to its end. */
struct harness_answer {
	int		status;
	struct buf	head, body;
};

/*
 * One request on a connection of its own to "address:port"; headers: lines
 * with CRLF or "". Returns the status, 0 when there was no whole answer.
 */
int harness_http(const char *where, const char *method, const char *target,
    const char *headers, struct str body, struct harness_answer *a);
/* The same, the body read as JSON (NULL when it is none); the caller's. */
struct json_object *harness_json(const char *where, const char *method,
    const char *target, const char *body);
void harness_answer_free(struct harness_answer *a);
/* Value of a header field of the answer into dst; "" when absent. */
void harness_header(const struct harness_answer *a, const char *name,
    char *dst, size_t size);
/* Member by a path "total.requests"; NULL when absent. Borrowed. */
struct json_object *harness_get(struct json_object *o, const char *path);
/* Number at a path, -1 when absent. */
int64_t harness_int(struct json_object *o, const char *path);

#endif
