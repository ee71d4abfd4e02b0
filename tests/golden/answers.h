/*
 * answers.h - the answers of providers that golden tests go through.
 */
#ifndef GOLDEN_ANSWERS_H
#define GOLDEN_ANSWERS_H

#include "golden.h"

struct answer {
	const char	*name;
	int		 format, stream;
	const char	*bytes;
	size_t		 n;
};

typedef void answer_fn(struct rig *r, const struct answer *a);

/* Each of our own, in the files answers.OC and so on. */
void answers_own(struct rig *r, answer_fn *fn);
/* Each that was recorded; leaves the point as skipped when AIGW_TRANSCRIPTS
 * names no folder. */
void answers_recorded(struct rig *r, answer_fn *fn);
/* Names of a folder's recorded answers that begin so, or do not begin like any
 * of what is no answer of a chat (NULL); in order. */
#define ANSWERS_MAX 128
unsigned answers_names(struct rig *r, int format, const char *begin,
    const char **names);

#endif
