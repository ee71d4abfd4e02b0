/*
 * unknown.h - members of a request that this gateway knows nothing of.
 *
 * They get no further when a request is translated, and that is told.
 */
#ifndef DIALECT_UNKNOWN_H
#define DIALECT_UNKNOWN_H

#include "dialect/ir.h"
#include "dialect/jt.h"

/*
 * An extra (ir_extra_add) of the name where, which ends with a dot, and key;
 * each name once, and not more of them than a header takes. null says nothing.
 */
void unknown_add(struct ir_req *q, const char *where, struct str key,
    struct jval v);
/* So for each member of o but those of known, "name|arguments|". */
void unknown_in(struct ir_req *q, const char *where, struct jval o,
    const char *known);

#endif
