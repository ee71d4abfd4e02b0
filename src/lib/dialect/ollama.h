/*
 * ollama.h - between the files of Ollama's format.
 */
#ifndef DIALECT_OLLAMA_H
#define DIALECT_OLLAMA_H

#include "dialect/codec.h"

int ollama_event(struct codec_in *in, const struct sse_event *ev);
int ollama_end(struct codec_in *in);
int ollama_body(struct codec_in *in, struct str body);
int ollama_put(struct codec_out *o, const struct ir_event *ev);
int ollama_put_body(struct codec_out *o, const struct ir_event *ev,
    unsigned n);
int ollama_write(struct buf *b, struct ir_req *q, const struct ir_target *t,
    struct ir_note *n);

#endif
