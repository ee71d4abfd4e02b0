/*
 * conf_report.c - everything that was said about a configuration.
 *
 * Runs in: master; children for their share.
 * Owns: nothing.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "conf/load.h"

/* A file of nonsense must not make a report without end. */
#define REPORT_MAX	1000

static void
add(struct conf_report *r, enum conf_severity sev, const char *file, int line,
    char *text)
{
	struct conf_problem *grown;

	r->mistakes += sev == CONF_MISTAKE;
	if (r->n >= REPORT_MAX)
		return;
	if (r->n == r->cap) {
		r->cap = r->cap == 0 ? 16 : 2 * r->cap;
		grown = arena_alloc(r->arena, r->cap * sizeof(*grown));
		if (r->n > 0)
			memcpy(grown, r->v, r->n * sizeof(*grown));
		r->v = grown;
	}
	if (r->n == REPORT_MAX - 1)
		text = arena_strdup(r->arena, "there is more: mend these first");
	r->v[r->n++] = (struct conf_problem){ sev, file, line, text };
}

void
conf_report_say(struct conf_report *r, enum conf_severity sev,
    const char *file, int line, const char *fmt, va_list ap)
{
	char text[1024];

	if (r->arena == NULL)
		r->arena = arena_new(4096);
	vsnprintf(text, sizeof(text), fmt, ap);
	add(r, sev, arena_strdup(r->arena, file), line,
	    arena_strdup(r->arena, text));
}

void
load_say(struct load *l, enum conf_severity sev, const char *file, int line,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	conf_report_say(l->report, sev, file, line, fmt, ap);
	va_end(ap);
}

/* Name and line of a setting: of its file, or the variable it came from. */
static const char *
where(const struct load *l, const config_setting_t *s, int *line,
    const char **variable)
{
	*variable = NULL;
	*line = 0;
	if (s == NULL)
		return l->cur->name;
	if (l->cur->env)
		*variable = config_setting_get_hook(s);
	else
		*line = (int)config_setting_source_line(s);
	return l->cur->name;
}

void
load_about(struct load *l, enum conf_severity sev, const config_setting_t *s,
    const char *fmt, ...)
{
	const char *file, *variable;
	char text[800];
	va_list ap;
	int line;

	file = where(l, s, &line, &variable);
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (variable != NULL)
		load_say(l, sev, file, 0, "%s: %s %s", variable, l->path, text);
	else
		load_say(l, sev, file, line, "%s%s%s", l->path,
		    l->path_len > 0 ? " " : "", text);
}

void
load_field(struct load *l, enum conf_severity sev, const void *field,
    const char *file, int line, const char *fmt, ...)
{
	const struct load_origin *o = load_origin(l, field);
	va_list ap;

	if (o != NULL) {
		file = o->file;
		line = o->line;
	}
	va_start(ap, fmt);
	conf_report_say(l->report, sev, file == NULL ? "" : file, line, fmt,
	    ap);
	va_end(ap);
}

const struct load_origin *
load_origin(struct load *l, const void *field)
{
	return hmap_get(l->origin, str_make((const char *)&field,
	    sizeof(field)));
}

void
load_set_origin(struct load *l, void *field, const config_setting_t *s)
{
	struct load_origin *o = arena_alloc(l->tmp, sizeof(*o));
	const char *variable;

	o->field = field;
	o->file = where(l, s, &o->line, &variable);
	hmap_set(l->origin, str_make((const char *)&o->field,
	    sizeof(o->field)), o);
}

size_t
load_push(struct load *l, const char *fmt, ...)
{
	size_t old = l->path_len, room = sizeof(l->path) - old;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->path + old, room, fmt, ap);
	va_end(ap);
	l->path_len += (size_t)n < room ? (size_t)n : room - 1;
	return old;
}

void
load_pop(struct load *l, size_t len)
{
	l->path_len = len;
	l->path[len] = '\0';
}

void
conf_report_free(struct conf_report *r)
{
	arena_free(&r->arena);
	memset(r, 0, sizeof(*r));
}

int
conf_report_print(const struct conf_report *r, struct buf *b)
{
	static const char *const words[] = { "notice", "warning", "mistake" };
	const struct conf_problem *p;
	unsigned i;
	int rc = 0;

	for (i = 0; i < r->n && rc == 0; i++) {
		p = &r->v[i];
		rc = buf_adds(b, str_of(p->file));
		if (rc == 0 && p->line > 0)
			rc = buf_printf(b, ":%d", p->line);
		if (rc == 0)
			rc = buf_printf(b, "%s%s: %s\n",
			    p->file[0] != '\0' ? ": " : "",
			    words[p->severity], p->text);
	}
	return rc;
}

void
conf_report_log(const struct conf_report *r)
{
	void (*const say[])(const char *, ...) = {
		[CONF_NOTICE] = log_notice, [CONF_WARNING] = log_warn,
		[CONF_MISTAKE] = log_error,
	};
	const struct conf_problem *v;

	for (v = r->v; v < r->v + r->n; v++)
		if (v->line > 0)
			say[v->severity]("%s:%d: %s", v->file, v->line,
			    v->text);
		else
			say[v->severity]("%s: %s", v->file, v->text);
}
