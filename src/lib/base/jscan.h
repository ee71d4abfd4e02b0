/*
 * jscan.h - a strict RFC 8259 scanner that keeps positions, not a tree.
 *
 * One pass checks grammar, UTF-8, depth and size, and notes where the values
 * of the wanted top-level members begin and end. Only bytes that it accepted
 * are forwarded or given to another parser. Stricter than RFC 8259 where
 * parsers disagree: a wanted key (or any key of the top-level object, when
 * no_duplicates is set) may stand once, neither it nor a wanted string may
 * contain \u0000, and lone surrogates in either are refused (but see any_text:
 * what is read here only may have them). Nothing may
 * follow the value but white space; a byte order mark is refused.
 */
#ifndef BASE_JSCAN_H
#define BASE_JSCAN_H

#include <stdint.h>

#include "base/str.h"

enum jscan_type {
	JSCAN_NONE, JSCAN_NULL, JSCAN_FALSE, JSCAN_TRUE, JSCAN_NUMBER,
	JSCAN_STRING, JSCAN_ARRAY, JSCAN_OBJECT
};

/* A member to look for. Set path; the scan fills the rest. */
struct jscan_want {
	/*
	 * Member names from the top, separated by '.', at most 4:
	 * "model", "stream_options.include_usage". Arrays are not entered,
	 * except by a number: "choices.0.finish_reason".
	 */
	const char	*path;
	enum jscan_type	 type;		/* JSCAN_NONE: not there */
	struct str	 raw;		/* the value with quotes or brackets */
};

struct jscan_opts {
	unsigned	max_depth;	/* 0: 64; at most 1,024 */
	unsigned	max_values;	/* 0: 1,000,000 */
	int		no_duplicates;	/* also unwanted top-level keys; then
					   there may be 512 of them */
	int		no_big_integers; /* refuse those that fit neither
					   int64_t nor uint64_t: most parsers
					   change their value */
	int		any_text;	/* \u0000 and lone surrogates may be in
					   wanted keys and strings, too */
	int		no_case_twins;	/* refuse a key that differs from a
					   wanted one by case only: some
					   parsers take "Model" for "model" */
	int		largest;	/* a wanted key may stand repeatedly, in
					   either case: the largest integer
					   stays, of what is none the last */
};

struct jscan_result {
	int		 error;		/* 0 or ERR_FORMAT, ERR_TOOBIG */
	size_t		 at;		/* offset of the error */
	const char	*what;		/* "duplicate key", static text */
	enum jscan_type	 type;		/* of the whole document */
};

/*
 * Scan text: 0 or res->error. wants (at most 64) may be NULL when n_wants is
 * 0; after an error all of them are JSCAN_NONE. Not even stack use depends on
 * the text: about 15 KiB.
 */
int jscan(struct str text, const struct jscan_opts *opts,
    struct jscan_want *wants, unsigned n_wants, struct jscan_result *res);

/*
 * The same in slices, for a loop that has others to serve: jscan_some scans
 * about so many bytes (keys are not divided) and returns ERR_AGAIN as long as
 * there are more. All that jscan_begin is given must stay until the end;
 * wants count only then. jscan_free accepts NULL and sets NULL.
 */
struct jscan_run;
struct jscan_run *jscan_begin(struct str text, const struct jscan_opts *opts,
    struct jscan_want *wants, unsigned n_wants, struct jscan_result *res);
int jscan_some(struct jscan_run *r, size_t bytes);
void jscan_free(struct jscan_run **rp);

/*
 * Decode a raw string value (with quotes) into dst of size bytes, NUL
 * terminated: its length, ERR_FORMAT when raw is no string or contains
 * \u0000 or a lone surrogate, or ERR_TOOBIG (dst is empty then).
 */
long jscan_string(struct str raw, char *dst, size_t size);
/* Raw number to a non-negative integer; 1.0 and 1e3 count: 0, ERR_FORMAT (no
 * integer), ERR_RANGE (negative or too large). */
int jscan_u64(struct str raw, uint64_t *out);
/* Of a member that stands repeatedly: is it an integer, and raw none that is
 * as large? */
int jscan_stays(const struct jscan_want *w, struct str raw);
/* Walk the elements of a raw array or object that jscan accepted: *pos = 0
 * at first; 0 at the end. key is empty for arrays, else raw with quotes. */
int jscan_each(struct str raw, size_t *pos, struct str *key, struct str *value,
    enum jscan_type *type);

#endif
