/*
 * edge.c - for tests of what real clients send.
 *
 * Runs in: golden tests.
 * Owns: the rig of a point.
 */
#include <string.h>

#include "base/err.h"
#include "edge.h"

struct rig edge_rig;

const char *
edge_json(const char *s)
{
	char *d = arena_strdup(edge_rig.a, s), *p;

	for (p = d; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return d;
}

const char *
send_to(int client, int provider, const char *model, const char *patch)
{
	struct json_object *o = probe_parse(formats[client].base),
	    *p = probe_parse(edge_json(patch));
	const char *s;

	probe_merge(o, p);
	s = golden_write(&edge_rig, json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE), client,
	    provider, model == NULL ? formats[provider].model : model, 0);
	json_object_put(o);
	json_object_put(p);
	return s;
}

void
gets(int client, int provider, const char *model, const char *patch,
    const char *cond, const char *notes)
{
	const char *s = send_to(client, provider, model, patch), *failed = "";
	struct json_object *o;
	int good;

	if (s == NULL)
		tap_fail(__FILE__, __LINE__, "%s>%s refused: %s: %s",
		    formats[client].name, formats[provider].name, patch,
		    edge_rig.note.message);
	o = probe_parse(s);
	good = probe(o, edge_json(cond), &failed);
	json_object_put(o);
	if (!good)
		tap_fail(__FILE__, __LINE__, "%s>%s: not %s: %s",
		    formats[client].name, formats[provider].name, failed, s);
	EQ_STR(ir_dropped(&edge_rig.note), notes);
}

void
refused(int client, int provider, const char *model, const char *patch,
    const char *param)
{
	const char *s = send_to(client, provider, model, patch);

	if (s != NULL)
		tap_fail(__FILE__, __LINE__, "%s>%s, not refused: %s",
		    formats[client].name, formats[provider].name, s);
	EQ_INT(edge_rig.rc, ERR_FORMAT);
	EQ_MEM(edge_rig.note.param, strlen(param) > strlen(edge_rig.note.param) ?
	    strlen(edge_rig.note.param) : strlen(param), param, strlen(param));
}
