/*
 * env_note.c - variables that look as if they should mean something.
 *
 * Runs in: master.
 * Owns: nothing.
 */
#include <ctype.h>
#include <string.h>

#include "conf/env_table.h"
#include "conf/load.h"

#define ENV	"environment"
#define LLM	"LLM_PROVIDER_"

/* The id, or the id in capitals with "_" for other characters. */
static int
is_like(struct str a, struct str id)
{
	size_t i;

	for (i = 0; i < id.n; i++)
		if (tolower((unsigned char)a.p[i]) !=
		    tolower((unsigned char)id.p[i]) && a.p[i] != '_')
			return 0;
	return 1;
}

/* LLM_PROVIDER_x_NAME without x in LLM_PROVIDERS. */
static void
note_llm(struct load *l, struct str name)
{
	const char *list = load_env(l, "LLM_PROVIDERS");
	struct str rest = str_of(list == NULL ? "" : list), id;
	struct str tail = str_skip(name, sizeof(LLM) - 1);

	while (str_split(&rest, ',', &id)) {
		id = str_trim(id);
		if (id.n > 0 && tail.n > id.n && tail.p[id.n] == '_' &&
		    is_like(str_make(tail.p, id.n), id))
			return;
	}
	load_say(l, CONF_WARNING, ENV, 0, "%.*s is not used: LLM_PROVIDERS "
	    "does not name its provider", STR_ARG(name));
}

/* A name that is nearly one of the table's. */
static void
note_like(struct load *l, struct str name)
{
	const struct env_var *v, *like = NULL;
	unsigned best = name.n < 12 ? 2 : 3, d;

	for (v = env_vars; v->name != NULL; v++) {
		if (v->kind == ENV_LLM_PART || v->kind == ENV_PATTERN ||
		    v->kind == ENV_UNUSED || strlen(v->name) < 8)
			continue;
		if ((d = opt_distance(str_of(v->name), name)) == 0)
			return;
		if (d < best) {
			best = d;
			like = v;
		}
	}
	if (like != NULL)
		load_say(l, CONF_NOTICE, ENV, 0,
		    "%.*s is not used: did you mean %s?", STR_ARG(name),
		    like->name);
}

static int
is_in_table(struct str name)
{
	const struct env_var *v;

	for (v = env_vars; v->name != NULL; v++)
		if (v->kind != ENV_LLM_PART && str_eqc(name, v->name))
			return 1;
	return 0;
}

void
load_overlay_notes(struct load *l)
{
	struct str name;
	const char **e;

	for (e = l->env; *e != NULL; e++) {
		name = str_make(*e, strcspn(*e, "="));
		if (str_starts(name, STR(LLM)))
			note_llm(l, name);
		else if (name.n >= 8 && !is_in_table(name) &&
		    !str_starts(name, STR("PROVIDER_API_KEY_")) &&
		    !str_starts(name, STR("AIGW_")))
			note_like(l, name);
	}
}
