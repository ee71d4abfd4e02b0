/*
 * style.c - bodies of other styles on the path of OpenAI's chat.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * Members that are not adapted are copied byte for byte.
 */
#include <strings.h>

#include "base/err.h"
#include "dialect/jt.h"
#include "dialect/jw.h"
#include "dialect/style.h"

/* The name as it stands there: it may have escapes. */
static void
put_member(struct jw *w, struct str name, struct str raw)
{
	jw_raw(w, str_make(name.p - 1, name.n + 2));
	w->comma = 0;
	jw_raw(w, STR(":"));
	w->comma = 0;
	jw_raw(w, raw);
}

int
style_claude(struct buf *b, struct str body)
{
	struct jval top = jt_value(body), v;
	int has_max = jt_is(jt_get(top, "max_tokens"));
	struct str name;
	size_t pos = 0;
	struct jw w;

	jw_init(&w, b);
	jw_open(&w, '{');
	while (jt_each(top, &pos, &name, &v)) {
		if (str_eqc(name, "anthropic_version") ||
		    (str_eqc(name, "max_tokens") && !has_max))
			continue;
		if (!str_eqc(name, "max_tokens_to_sample"))
			put_member(&w, name, v.raw);
		else if (!has_max)
			jw_kraw(&w, "max_tokens", v.raw);
	}
	jw_close(&w, '}');
	return jw_done(&w);
}

/* --- Gemini -------------------------------------------------------------- */

static int
has_word(struct str s, const char *word)
{
	size_t n = strlen(word), i;

	for (i = 0; i + n <= s.n; i++)
		if (strncasecmp(s.p + i, word, n) == 0)
			return 1;
	return 0;
}

int
style_is_gemini(struct str body, struct str model)
{
	struct jval top = jt_value(body);

	return has_word(model, "gemini") &&
	    jt_get(top, "input").type != JSCAN_NONE &&
	    jt_get(top, "messages").type == JSCAN_NONE;
}

/* The texts of a list's parts, one behind the other. */
static void
put_texts(struct jw *w, struct arena *a, struct jval list)
{
	struct jval part, text;
	size_t pos = 0;

	jw_raw(w, STR("\""));
	while (jt_each(list, &pos, NULL, &part)) {
		text = jt_get(part, "text");
		if (text.type == JSCAN_STRING && w->error == 0)
			w->error = buf_add_json(w->b, jt_text(a, text));
	}
	if (w->error == 0)
		w->error = buf_addc(w->b, '"');
}

static void
put_content(struct jw *w, struct arena *a, struct jval item)
{
	struct jval c = jt_get(item, "content");

	if (!jt_is(c))
		c = jt_get(item, "parts");
	jw_key(w, "content");
	if (c.type == JSCAN_STRING)
		jw_raw(w, c.raw);
	else if (c.type == JSCAN_ARRAY)
		put_texts(w, a, c);
	else
		jw_str(w, jt_is(c) ? c.raw : STR(""));
}

/* What says it itself is called "model" there. */
static void
put_role(struct jw *w, struct jval role)
{
	jw_key(w, "role");
	if (role.type != JSCAN_STRING)
		jw_text(w, "user");
	else if (jt_eq(role, "model"))
		jw_text(w, "assistant");
	else
		jw_raw(w, role.raw);
}

static unsigned
put_messages(struct jw *w, struct arena *a, struct jval input)
{
	struct jval item;
	size_t pos = 0;
	unsigned n = 0;

	jw_key(w, "messages");
	jw_open(w, '[');
	while (input.type == JSCAN_ARRAY &&
	    jt_each(input, &pos, NULL, &item)) {
		if (item.type != JSCAN_OBJECT)
			continue;
		n++;
		jw_open(w, '{');
		put_role(w, jt_get(item, "role"));
		put_content(w, a, item);
		jw_close(w, '}');
	}
	jw_close(w, ']');
	return n;
}

int
style_gemini(struct buf *b, struct arena *a, struct str body)
{
	struct jval top = jt_value(body), v;
	struct str name;
	size_t pos = 0;
	unsigned n = 0;
	struct jw w;

	jw_init(&w, b);
	jw_open(&w, '{');
	while (jt_each(top, &pos, &name, &v)) {
		if (str_eqc(name, "input"))
			n = put_messages(&w, a, v);
		else
			put_member(&w, name, v.raw);
	}
	jw_close(&w, '}');
	return n == 0 ? ERR_NOTFOUND : jw_done(&w);
}
