/*
 * wire.h - names, ids and media that a format does not take as they are.
 *
 * Pure functions of their arguments, so that every worker and every restart
 * makes the same of the same: what a target is given can be found again in
 * its answer and in the client's next request.
 *
 * Names of tools are told apart within a request: each of its tools that a
 * format has no such name for gets one that no other of them has, nor is called
 * by itself. So a name in the answer stands for one tool.
 */
#ifndef DIALECT_WIRE_H
#define DIALECT_WIRE_H

#include "dialect/ir.h"

/* What a format takes as the name of a tool. */
struct wire_names {
	int		(*fits)(struct str name);
	/* One that fits, made of it; another for each number. */
	struct str	(*make)(struct arena *a, struct str name,
			    unsigned number);
};
/* What q's tool of that name is called there; itself when that fits. */
struct str wire_name(const struct ir_req *q, const struct wire_names *w,
    struct str name);
/* The tool of q that is called so there; NULL when there is none. */
const struct ir_tool *wire_find(const struct ir_req *q,
    const struct wire_names *w, struct str name);
/*
 * The same for names of letters, digits, '_' and '-', at most 64 of them: others
 * get other bytes replaced and a hash behind.
 */
extern const struct wire_names wire_plain_names;
struct str wire_tool_name(const struct ir_req *q, struct str name);
const struct ir_tool *wire_tool_find(const struct ir_req *q, struct str name);
/*
 * An id of exactly n (at most 32) letters and digits: itself when it is one,
 * else made of its hash.
 */
struct str wire_id(struct arena *a, struct str id, unsigned n);

/*
 * Read "data:TYPE;base64,..." into m->mime and m->base64: blanks are taken
 * out, the URL alphabet is turned into the other, and a picture's type is what
 * its first bytes say. 1, 0 when url is no such text, ERR_FORMAT when what is
 * behind the comma is no base64.
 */
int wire_data_uri(struct arena *a, struct str url, struct ir_media *m);
/* Who fetches url: http and https nearly any provider, gs Google alone, and
 * other schemes, or none, nobody. */
enum wire_url { WIRE_URL_NOBODY, WIRE_URL_HTTP, WIRE_URL_GOOGLE };
enum wire_url wire_url(struct str url);
#define WIRE_URL_TEXT "an http or https URL (gs for Gemini), or data:TYPE;" \
	"base64, and base64 text"
/* 0, or a refusal of a URL that only Google's models read. */
int wire_url_web(struct ir_note *n, const struct ir_media *m);
/* The same for base64 without anything before it; m->mime may be known. */
int wire_base64(struct arena *a, struct str text, struct ir_media *m);
/* Type that the first bytes tell, or empty. */
struct str wire_mime_of(struct str base64);
/* Type that a file's name stands for, or empty. */
struct str wire_mime(struct str filename);
/* What is in m->text or, for a text/ type, in m->base64; empty if neither. */
struct str wire_plain_text(struct arena *a, const struct ir_media *m);

#endif
