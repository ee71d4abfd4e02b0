/*
 * ctl.h - commands of the control socket.
 *
 * A request is one line of JSON: {"args":["key","create",...],"json":false}.
 * The answer is a sequence of pieces: first "v 1" (the version of this form,
 * sent before the request is read: somebody is alive), then lines "o N"
 * (output) or "e N" (error text) followed by N bytes, and at last "x STATUS",
 * the exit status that aigwctl takes over. The connection ends with it.
 *
 * A command is a row of the table in ctl_table.c. Its function runs at once
 * and may ask to be called again, when its output was taken (CTL_MORE; when it
 * had none, in the next turn) or a moment later (CTL_WAIT); nothing here blocks
 * the loop.
 */
#ifndef ADMIN_CTL_H
#define ADMIN_CTL_H

#include <sys/types.h>

#include "admin/admin.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"

#define CTL_HELLO	"v 1\n"
#define CTL_LINE_MAX	65536		/* bytes of a request line */
#define CTL_ARGS_MAX	64
#define CTL_ARG_MAX	8192
#define CTL_OPTS_MAX	40
#define CTL_TEXT_MAX	(16u << 20)	/* bytes of output of one round */

/* Exit statuses. */
#define CTL_OK		0
#define CTL_FAILED	1
#define CTL_USAGE	2

enum ctl_next { CTL_DONE, CTL_MORE, CTL_WAIT };

struct ctl_call;

struct ctl_opt {
	const char	*name;		/* "--tier" */
	const char	*arg;		/* "TIER", or NULL: a switch */
	const char	*help;
};

struct ctl_cmd {
	const char	*name;		/* "key create" */
	const char	*args;		/* what follows, for the help */
	const char	*help;		/* one line */
	const struct ctl_opt *opts;	/* ended by a NULL name; may be NULL */
	int		 min, max;	/* words besides options */
	int		 changes;	/* logged with who asked */
	enum ctl_next	(*fn)(struct ctl_call *);
};

/* A request as it came; strings in the arena. */
struct ctl_request {
	int		 argc;
	const char	*argv[CTL_ARGS_MAX];
	int		 json;
};

struct ctl_call {
	struct admin	*admin;
	struct arena	*arena;
	const struct ctl_cmd *cmd;
	struct ctl_request req;
	/* words after the command's name that are no options */
	int		 n_words;
	const char	*word[CTL_ARGS_MAX];
	int		 n_opts;
	struct {
		const struct ctl_opt *opt;
		const char	*value;	/* "" for a switch */
	} opt[CTL_OPTS_MAX];
	uid_t		 uid;		/* of the peer */
	pid_t		 pid;
	struct buf	 out, err;	/* of this round */
	int		 exit;
	enum ctl_next	(*next)(struct ctl_call *);
	void		*data;		/* the command's own, in the arena */
	void		(*fini)(struct ctl_call *);	/* or NULL */
};

/* --- ctl_request.c: pure ----------------------------------------------- */

/* Parse a line (without its newline): 0, or ERR_FORMAT / ERR_TOOBIG with text
 * in err. */
int ctl_request_parse(struct arena *a, struct str line,
    struct ctl_request *out, char *err, size_t errsize);
/*
 * Find the row for these words (the longest name that fits) and sort what
 * follows into words and options: 0, or ERR_FORMAT with text in err. call->cmd
 * is set when the row was found.
 */
int ctl_request_match(const struct ctl_cmd *table, struct ctl_call *call,
    char *err, size_t errsize);
/* Value of an option, the first or the i-th time it is given; NULL: not. */
const char *ctl_opt(const struct ctl_call *call, const char *name);
const char *ctl_opt_nth(const struct ctl_call *call, const char *name, int i);

/* --- ctl_table.c ------------------------------------------------------- */

extern const struct ctl_cmd ctl_table[];	/* ended by a NULL name */

/* --- ctl_print.c ------------------------------------------------------- */

void ctl_print(struct ctl_call *call, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* An error text; returns CTL_DONE after setting the exit status. */
enum ctl_next ctl_error(struct ctl_call *call, int status, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));
/* Print a tree as one line of JSON and free it. */
void ctl_print_json(struct ctl_call *call, struct json_object *o);
/* A line "name value"; lists with commas, "-" for nothing. */
void ctl_print_member(struct ctl_call *call, const char *name,
    struct json_object *v);
/* "3d 4h", "12m 5s", "120ms" of microseconds. */
#define CTL_SPAN_SIZE 32
void ctl_span(int64_t us, char out[CTL_SPAN_SIZE]);
/* "12.3 MiB" */
void ctl_bytes(uint64_t n, char out[CTL_SPAN_SIZE]);
/* Time in the process's zone, or "-" for 0. */
void ctl_time(int64_t real_us, char out[CTL_SPAN_SIZE]);
/* Members of a tree; text that is no UTF-8 is cleaned. */
void ctl_set_str(struct json_object *o, const char *key, const char *value);
void ctl_set_int(struct json_object *o, const char *key, int64_t value);
void ctl_set_bool(struct json_object *o, const char *key, int value);
/* RFC 3339 in UTC, or null for 0. */
void ctl_set_time(struct json_object *o, const char *key, int64_t real_us);
/* An array of the lines of a reload report but the verdict at its end. */
void ctl_set_problems(struct json_object *o, const char *key, const char *text);
/* 12 hex digits that name an upstream key. */
#define CTL_KEYID_SIZE 13
void ctl_key_id(const unsigned char id[8], char out[CTL_KEYID_SIZE]);

/* --- ctl_provider.c ---------------------------------------------------- */

/* All providers with the health of their keys, and the same as a table. */
struct json_object *ctl_provider_trees(const struct admin *a);
void ctl_provider_table(struct ctl_call *call, struct json_object *list);

/* --- the commands ------------------------------------------------------ */

enum ctl_next ctl_help(struct ctl_call *call);
enum ctl_next ctl_version(struct ctl_call *call);
enum ctl_next ctl_status(struct ctl_call *call);
enum ctl_next ctl_reload(struct ctl_call *call);
enum ctl_next ctl_reopen(struct ctl_call *call);
enum ctl_next ctl_upgrade(struct ctl_call *call);
enum ctl_next ctl_drain(struct ctl_call *call);
enum ctl_next ctl_stop(struct ctl_call *call);
enum ctl_next ctl_key_create(struct ctl_call *call);
enum ctl_next ctl_key_edit(struct ctl_call *call);
enum ctl_next ctl_key_list(struct ctl_call *call);
enum ctl_next ctl_key_show(struct ctl_call *call);
enum ctl_next ctl_key_enable(struct ctl_call *call);
enum ctl_next ctl_key_disable(struct ctl_call *call);
enum ctl_next ctl_key_rotate(struct ctl_call *call);
enum ctl_next ctl_key_delete(struct ctl_call *call);
enum ctl_next ctl_provider_list(struct ctl_call *call);
enum ctl_next ctl_provider_show(struct ctl_call *call);
enum ctl_next ctl_usage(struct ctl_call *call);

#endif
