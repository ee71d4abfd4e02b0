/*
 * mock_text.h - what the mock says: words, ids, tokens, values for a schema.
 */
#ifndef MOCK_TEXT_H
#define MOCK_TEXT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"

/* A well mixed number of x (splitmix64). */
uint64_t mock_text_mix(uint64_t x);
/* prefix and n letters or digits that follow from seed; dst has room. */
void mock_text_id(char *dst, size_t size, const char *prefix, unsigned n,
    uint64_t seed);
/*
 * Append token i of a text; plain ASCII that JSON need not escape. With a
 * marker: "[[marker:X]]", " 1", " 2", ...; without: words.
 */
void mock_text_token(struct buf *b, const char *marker, uint64_t seed,
    unsigned i);
/* Append a decimal number (printf is too slow for every answer). */
void mock_text_num(struct buf *b, int64_t n);
/* Append "name":"text", or "name_base64":"..." when it is not UTF-8. */
void mock_text_member(struct buf *b, const char *name, struct str text);
/* Tokens of n bytes of text. */
int64_t mock_text_count(size_t n);
/*
 * Append a JSON value that fits the schema (types, properties, enum, const,
 * $ref into $defs); strings carry text.
 */
void mock_text_schema(struct buf *b, struct json_object *schema,
    const char *text);

#endif
