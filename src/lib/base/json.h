/*
 * json.h - trees, where a tree is needed (json-c's door).
 *
 * Text goes through jscan first: json-c alone is too lenient. Trees are made
 * for small things (admin, catalogue, translation), never for proxied bytes.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <json-c/json.h>

#include "base/buf.h"
#include "base/str.h"

/* Parse; the caller owns *out (json_object_put). 0, ERR_FORMAT, ERR_TOOBIG. */
int json_parse(struct str text, struct json_object **out);
/* Append compact text. 0 or a buf.h error. */
int json_write(struct buf *b, struct json_object *o);
/* Member as text: STR_NULL when absent or no string. Borrowed. */
struct str json_get_str(struct json_object *o, const char *key);
/* Member as integer, or dflt. Borrowed. */
int64_t json_get_int(struct json_object *o, const char *key, int64_t dflt);
/* Member of that name or NULL. Borrowed. */
struct json_object *json_get(struct json_object *o, const char *key);
/* Element i, or NULL: it has less, or is no array. Borrowed. */
struct json_object *json_at(struct json_object *l, size_t i);

#endif
