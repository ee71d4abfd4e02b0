/*
 * look.c - what an answer says, told from its bytes by json-c alone.
 *
 * Runs in: golden tests.
 * Owns: the texts of a look.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "look.h"
#include "tap.h"

#define TEXT_MAX (16u << 20)

void
look_wrong(struct look *l, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (!l->strict || l->wrong != NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	l->wrong = arena_strdup(l->a, text);
}

void
look_text(struct buf *b, struct json_object *v)
{
	if (json_object_is_type(v, json_type_string))
		EQ_INT(buf_add(b, json_object_get_string(v),
		    (size_t)json_object_get_string_len(v)), 0);
}

int64_t
look_int(struct json_object *o, const char *name, int64_t dflt)
{
	struct json_object *v = json_get(o, name);

	return v == NULL ? dflt : json_object_get_int64(v);
}

int
look_is(struct json_object *o, const char *name, const char *value)
{
	struct str s = json_get_str(o, name);

	return s.p != NULL && str_eqc(s, value);
}

size_t
look_len(struct json_object *v)
{
	return json_object_is_type(v, json_type_array) ?
	    json_object_array_length(v) : 0;
}

struct json_object *
look_nth(struct json_object *v, size_t i)
{
	return json_object_array_get_idx(v, i);
}

void
look_need(struct look *l, struct json_object *o, const char *names)
{
	char name[64];
	size_t n;

	for (; *names != '\0'; names += n) {
		names += strspn(names, " ");
		n = strcspn(names, " ");
		snprintf(name, sizeof(name), "%.*s", (int)n, names);
		if (!json_object_is_type(o, json_type_object) ||
		    !json_object_object_get_ex(o, name, NULL))
			look_wrong(l, "no %s in %.200s", name,
			    json_object_to_json_string(o));
	}
}

struct look_choice *
look_choice(struct look *l, int64_t index)
{
	if (index < 0 || index >= LOOK_CHOICES)
		tap_fail(__FILE__, __LINE__, "choice %lld", (long long)index);
	if (l->n <= (unsigned)index)
		l->n = (unsigned)index + 1;
	return &l->ch[index];
}

struct look_call *
look_call(struct look *l, struct look_choice *c, int64_t at)
{
	if (at < 0 || at >= LOOK_CALLS) {
		look_wrong(l, "call %lld", (long long)at);
		at = LOOK_CALLS - 1;
	}
	c->call[at].used = 1;
	return &c->call[at];
}

void
look_args(struct look_call *c, struct json_object *v)
{
	const char *s;

	if (json_object_is_type(v, json_type_object)) {
		s = json_object_to_json_string_ext(v,
		    JSON_C_TO_STRING_PLAIN);
		buf_reset(&c->args);
		EQ_INT(buf_add(&c->args, s, strlen(s)), 0);
	} else
		look_text(&c->args, v);
}

/* --- events -------------------------------------------------------------- */

static void
one(struct look *l, int format, struct json_object *o, const char *event)
{
	if (format == AN)
		look_messages(l, o, event);
	else if (format == OR)
		look_responses(l, o, event);
	else if (format == GE)
		look_gemini(l, o);
	else if (format == OL)
		look_ollama(l, o);
	else
		look_chat(l, o, format);
}

/* "event: x" and "data: y" up to an empty line. */
static void
one_event(struct look *l, int format, const char *s, const char *end)
{
	const char *event = NULL, *data = NULL, *line, *next;
	struct json_object *o;

	for (line = s; line < end; line = next) {
		size_t n = strcspn(line, "\r\n");

		next = line + n + strspn(line + n, "\r\n");
		if (strncmp(line, "event: ", 7) == 0)
			event = arena_strndup(l->a, line + 7, n - 7);
		else if (strncmp(line, "data:", 5) == 0) {
			n -= 5 + (line[5] == ' ');
			data = arena_strndup(l->a, line + 5 +
			    (line[5] == ' '), n);
		}
	}
	if (data == NULL)
		return;
	if (strcmp(data, "[DONE]") == 0) {
		if (format != OC && format != MI && format != GR)
			look_wrong(l, "[DONE]");
		l->ended = 1;
		return;
	}
	if (l->ended)
		look_wrong(l, "behind the end: %.100s", data);
	o = probe_parse(data);
	l->events++;
	one(l, format, o, event);
	json_object_put(o);
}

/* An object in each line. */
static void
all_lines(struct look *l, const char *s)
{
	struct json_object *o;
	size_t n;

	for (; *s != '\0'; s += n + (s[n] != '\0')) {
		n = strcspn(s, "\n");
		if (n == 0 || (n == 1 && *s == '\r'))
			continue;
		o = probe_parse(arena_strndup(l->a, s, n));
		l->events++;
		look_ollama(l, o);
		json_object_put(o);
	}
}

static void
all_events(struct look *l, int format, const char *s)
{
	const char *blank = format == GE && l->strict ? "\r\n\r\n" : "\n\n";
	const char *end;

	if (format == GE && strchr(s, '\r') != NULL)
		blank = "\r\n\r\n";
	for (; *s != '\0'; s = end + strlen(blank)) {
		if ((end = strstr(s, blank)) == NULL) {
			look_wrong(l, "no empty line behind: %.100s", s);
			end = s + strlen(s);
			one_event(l, format, s, end);
			break;
		}
		one_event(l, format, s, end);
	}
}

void
look_at(struct look *l, struct arena *a, int format, int stream, int strict,
    const char *bytes, size_t n)
{
	const char *s = arena_strndup(a, bytes, n);
	struct json_object *o;
	unsigned i, k;
	size_t at;

	memset(l, 0, sizeof(*l));
	l->a = a;
	l->strict = strict;
	l->stream = stream;
	l->block = -1;
	for (i = 0; i < LOOK_CHOICES; i++) {
		buf_init(&l->ch[i].text, TEXT_MAX);
		buf_init(&l->ch[i].thinking, TEXT_MAX);
		buf_init(&l->ch[i].refusal, TEXT_MAX);
		for (k = 0; k < LOOK_CALLS; k++) {
			buf_init(&l->ch[i].call[k].id, TEXT_MAX);
			buf_init(&l->ch[i].call[k].name, TEXT_MAX);
			buf_init(&l->ch[i].call[k].args, TEXT_MAX);
		}
	}
	if (stream && format == OL) {
		all_lines(l, s);
		return;
	}
	if (stream && *s != '[') {
		all_events(l, format, s);
		return;
	}
	o = probe_parse(s);
	if (json_object_is_type(o, json_type_array))
		for (at = 0; at < look_len(o); at++)
			one(l, format, look_nth(o, at), NULL);
	else
		one(l, format, o, NULL);
	json_object_put(o);
	l->ended = l->error == NULL;
}

void
look_free(struct look *l)
{
	unsigned i, k;

	json_object_put(l->partial);
	for (i = 0; i < LOOK_CHOICES; i++) {
		buf_free(&l->ch[i].text);
		buf_free(&l->ch[i].thinking);
		buf_free(&l->ch[i].refusal);
		for (k = 0; k < LOOK_CALLS; k++) {
			buf_free(&l->ch[i].call[k].id);
			buf_free(&l->ch[i].call[k].name);
			buf_free(&l->ch[i].call[k].args);
		}
	}
}
