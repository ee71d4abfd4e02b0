/*
 * style.h - bodies of other styles on the path of OpenAI's chat.
 *
 * Pure. The body has been accepted by the scanner and is an object. 0: what
 * the format of that style takes has been appended; ERR_NOTFOUND: there is
 * nothing to adapt; or a code of buf.h.
 */
#ifndef DIALECT_STYLE_H
#define DIALECT_STYLE_H

#include "base/arena.h"
#include "base/buf.h"

/*
 * Claude's style, as its libraries for clouds and older ones have it:
 * "anthropic_version" belongs to the transport and is taken out,
 * "max_tokens_to_sample" is the older name of max_tokens.
 */
int style_claude(struct buf *b, struct str body);
/*
 * Gemini's style: "input" in place of messages, a list of objects with "role"
 * and "content", becomes messages of OpenAI's.
 */
int style_gemini(struct buf *b, struct arena *a, struct str body);
/* Does it have an "input" and no "messages", and is the model a Gemini? */
int style_is_gemini(struct str body, struct str model);

#endif
