/*
 * codec_rig.h - feed a codec, and print what it says.
 *
 * For the unit tests of codecs. Everything lives until rig_free; every text
 * that is returned is terminated and stays until then. What a codec writes is
 * checked: bodies and data lines must be JSON.
 *
 *	struct rig r;
 *	rig_new(&r);
 *	EQ_STR(rig_stream(&r, &codec_x, sse), "start id=a model=m\n...");
 *	EQ_STR(rig_put(&r, &codec_y, r.ev, r.n), "data: ...");
 *	rig_free(&r);
 */
#ifndef CODEC_RIG_H
#define CODEC_RIG_H

#include "dialect/codec.h"
#include "tap.h"

struct rig {
	struct arena	*a;
	/* What rig_stream and rig_body were told last, copies. */
	struct ir_event	*ev;
	unsigned	 n, cap;
	int		 rc;		/* of the codec's last function */
	struct ir_note	 note;		/* of rig_read and rig_write */
	/* What codecs are given; a test may change it before. */
	struct ir_req	 req;		/* asked: model "m" */
	struct codec_out out;		/* id req_0123456789abcdef, model "m",
					   now 1700000000 */
	struct ir_target target;	/* model "up" */
	int		 prompt;	/* rig_read: ir_req.prompt */
};

void rig_new(struct rig *r);
void rig_free(struct rig *r);
/* A recorded exchange, "openai-chat/stream-text.response.sse"; leaves the
 * point as skipped when AIGW_TRANSCRIPTS names no folder. */
struct str rig_file(struct rig *r, const char *name);
/* Decode a stream in pieces of so many bytes: what the codec said, ERR_EOF also
 * when the stream ends in the middle of an event. */
int rig_feed(struct rig *r, const struct codec *c, struct str sse,
    size_t step);
/*
 * Decode a stream: whole, one byte at a time and in pieces of seven, and the
 * events must be the same. The events as lines (rig_lines), pieces of one text
 * joined; what a codec refuses is a last line "! FORMAT".
 */
const char *rig_stream(struct rig *r, const struct codec *c, struct str sse);
/* Decode a whole answer. */
const char *rig_body(struct rig *r, const struct codec *c, struct str body);
/* Events as lines: one each, or pieces of one text joined. */
const char *rig_lines(struct rig *r, const struct ir_event *ev, unsigned n,
    int join);
/* Encode events as a stream, or as one body; "! NAME" for an error. */
const char *rig_put(struct rig *r, const struct codec *c,
    const struct ir_event *ev, unsigned n);
const char *rig_put_body(struct rig *r, const struct codec *c,
    const struct ir_event *ev, unsigned n);
/* Read a request: it, or NULL when it was refused (r->note says why). The
 * text must be JSON. */
struct ir_req *rig_read(struct rig *r, const struct codec *c,
    enum conf_dialect from, const char *body);
/* All that is said in a request, as lines. */
const char *rig_req(struct rig *r, const struct ir_req *q);
/* Write it for r->target; "! param: message" when it was refused.
 * ir_dropped(&r->note) has what else was said. */
const char *rig_write(struct rig *r, const struct codec *c, struct ir_req *q);

#endif
