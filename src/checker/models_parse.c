/*
 * models_parse.c - model ids in the answers of providers.
 *
 * Runs in: checker; pure.
 * Owns: nothing.
 */
#include "base/err.h"
#include "base/json.h"
#include "checker/models.h"

/* The text of an entry: a string, or the member that names it. */
static struct str
models_id(struct json_object *o)
{
	static const char *const members[] = { "id", "name", "model" };
	struct str id = STR_NULL;
	size_t i;

	if (json_object_is_type(o, json_type_string))
		return str_make(json_object_get_string(o),
		    (size_t)json_object_get_string_len(o));
	if (!json_object_is_type(o, json_type_object))
		return id;
	for (i = 0; i < 3 && id.p == NULL; i++)
		id = json_get_str(o, members[i]);
	if (str_starts(id, STR("models/")))
		id = str_skip(id, 7);
	return id;
}

static int
models_id_ok(struct str id)
{
	size_t i;

	if (id.p == NULL || id.n == 0 || id.n > MODELS_ID_MAX)
		return 0;
	for (i = 0; i < id.n; i++)
		if ((unsigned char)id.p[i] < 0x20 || id.p[i] == 0x7f)
			return 0;
	return 1;
}

static struct json_object *
models_list(struct json_object *top)
{
	struct json_object *list;

	if (json_object_is_type(top, json_type_array))
		return top;
	if (!json_object_is_type(top, json_type_object))
		return NULL;
	list = json_get(top, "data");
	if (list == NULL)
		list = json_get(top, "models");
	return json_object_is_type(list, json_type_array) ? list : NULL;
}

int
models_parse(struct str body, void (*fn)(void *, struct str), void *arg)
{
	struct json_object *top, *list;
	struct str id;
	size_t i, n;
	int told = 0;

	if (json_parse(body, &top) != 0)
		return ERR_FORMAT;
	list = models_list(top);
	if (list == NULL) {
		json_object_put(top);
		return ERR_FORMAT;
	}
	n = json_object_array_length(list);
	for (i = 0; i < n && told < MODELS_MAX; i++) {
		id = models_id(json_object_array_get_idx(list, i));
		if (models_id_ok(id)) {
			fn(arg, id);
			told++;
		}
	}
	json_object_put(top);
	return told;
}
