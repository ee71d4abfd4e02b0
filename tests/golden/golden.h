/*
 * golden.h - the formats, and what is asked in them.
 */
#ifndef GOLDEN_H
#define GOLDEN_H

#include "codec_rig.h"
#include "probe.h"

/* The reference has those up to GR. */
enum { OC, OR, AN, GE, MI, GR, OL, FORMATS };

struct format {
	const char	*name;		/* "OC" */
	const char	*folder;	/* of recorded exchanges, or NULL */
	const struct codec *codec;
	enum conf_dialect dialect;
	int		 responses;
	const char	*model;		/* one of its provider's */
	const char	*base;		/* a request that says "Hi" */
};
extern const struct format formats[FORMATS];

/* 1: OpenAI's two formats are Azure's. */
extern int golden_azure;

/* Its number by name of n bytes, or -1. */
int format_of(const char *name, size_t n);
/* The file of that name beside the tests, terminated, in r. */
const char *golden_file(struct rig *r, const char *name);

/* --- matrix.rows --------------------------------------------------------- */

struct line {
	struct line	*next;
	char		 kind;		/* < > - @ ! */
	unsigned	 of, from;	/* formats, bits; from: all when not said */
	const char	*text;
};

struct row {
	struct row	*next;
	const char	*name;
	struct line	*lines;
	int		 stream_only;
};

struct row *rows_read(struct rig *r);
/* The text of the last line of that kind for these; NULL: none. */
const char *row_find(const struct row *row, char kind, int of, int from);

/*
 * What the worker does with a client's body: text for the provider's model, or
 * NULL, with r->rc and r->note.
 */
const char *golden_write(struct rig *r, const char *body, int client,
    int provider, const char *model, int stream);

/* What became of a feature. */
enum { CELL_OWN = '.', CELL_NONE = '-', CELL_KEPT = 'L', CELL_CHANGED = 'A',
	CELL_DROPPED = 'H', CELL_REFUSED = 'R', CELL_SILENT = '?' };

struct cell {
	char		 what;
	const char	*why;		/* notes, refusal, the test that failed */
	const char	*sent;
};
struct cell matrix_cell(struct rig *r, const struct row *row, int client,
    int provider, int stream);

#endif
