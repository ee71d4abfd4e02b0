/*
 * style.h - bodies of other styles on the path of OpenAI's chat.
 */
#ifndef WORKER_STYLE_H
#define WORKER_STYLE_H

#include "worker/req.h"

/*
 * The scan has seen a member of Claude's (claude), or no "messages": rewrite
 * the body for what it is. 1: it is another now, to be looked at from the
 * beginning; 0: it is OpenAI's; ERR_AGAIN (look.h), ERR_TOOBIG or ERR_NOMEM.
 */
int style_adapt(struct req *r, int claude);

#endif
