/*
 * media.h - pictures, sound and files inside a JSON body.
 */
#ifndef DIALECT_MEDIA_H
#define DIALECT_MEDIA_H

#include "base/str.h"

/* No string shorter than this is looked at: it hardly matters. */
#define MEDIA_MIN	4096u

/* What of a body no tokenizer reads. */
struct media {
	uint64_t	 bytes;		/* of the texts that stand for data */
	unsigned	 n;		/* how many of them */
};

/*
 * Find base64 text of at least MEDIA_MIN bytes, with or without "data:TYPE;
 * base64," before it, that is the value of a member in which one of the wire
 * formats carries data: url and image_url, data, file_data, bytes. body is
 * JSON that jscan accepted; the same text inside another string counts
 * nothing. Pure; one pass, no memory.
 */
void media_find(struct str body, struct media *out);

#endif
