/*
 * probe.h - is something at its place in a JSON text?
 *
 * An eye of its own, json-c's: what a codec wrote is not judged by the reader
 * of the same codec.
 */
#ifndef GOLDEN_PROBE_H
#define GOLDEN_PROBE_H

#include "base/json.h"

/*
 * 1 when all tests of cond hold ("" holds), else 0 and *failed is the first
 * that does not. Tests are joined by " ;; ":
 *	[!] PATH =V|W   is one of these, as text
 *	[!] PATH ~V     is a string with V in it
 *	[!] PATH ?      is there, and not null
 * without the blanks. PATH: names and [n], [-1] (the last), [*] (any), with
 * dots between names; ** is any number of steps.
 */
int probe(struct json_object *doc, const char *cond, const char **failed);
/* Merge patch into doc: objects are merged, null removes, else replaces. */
void probe_merge(struct json_object *doc, struct json_object *patch);
/* Parse, or fail the point. The caller frees it. */
struct json_object *probe_parse(const char *text);

#endif
