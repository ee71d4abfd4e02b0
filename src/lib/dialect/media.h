/*
 * media.h - pictures, sound and files inside a JSON body.
 */
#ifndef DIALECT_MEDIA_H
#define DIALECT_MEDIA_H

#include <stdint.h>

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
 * nothing. Pure; no memory.
 */
void media_find(struct str body, struct media *out);

/*
 * The same in slices, for a loop that has others to serve: media_some looks at
 * about so many bytes and returns ERR_AGAIN as long as there are more, else 0.
 * *run and *out are zero at first; *out counts only then.
 */
struct media_run {
	int		 stage, escaped;
	size_t		 at;		/* looked through so far in it */
	size_t		 from, to;	/* the string: behind its quote, end */
	size_t		 key, key_n;	/* the string before it */
	size_t		 after;		/* behind that; 0: there is none */
};

int media_some(struct str body, struct media_run *run, size_t bytes,
    struct media *out);

#endif
