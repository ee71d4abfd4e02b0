/*
 * conf_load.c - read the files of a configuration, in order.
 *
 * Runs in: master; children for their share.
 * Owns: the arena of the configuration until it is handed out.
 *
 * The file, then those of include_dir by name, then the environment; then the
 * lists that nobody gave. Each text is a tree of libconfig; conf_parse.c puts
 * them one after the other into the same struct.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "conf/load.h"

#define FILE_MAX	(64 * 1024 * 1024)

struct load_src *
load_src_new(struct load *l, const char *name)
{
	struct load_src *s = arena_zalloc(l->tmp, sizeof(*s)), **grown;

	grown = arena_alloc(l->tmp, (l->n_src + 1) * sizeof(struct load_src *));
	if (l->n_src > 0)
		memcpy(grown, l->src, l->n_src * sizeof(struct load_src *));
	grown[l->n_src++] = s;
	l->src = grown;
	s->name = arena_strdup(l->tmp, name);
	config_init(&s->cfg);
	return s;
}

/* The option that a line of the text sets, if it is just one; else empty. */
static struct str
name_in_line(struct str text, int line)
{
	struct str s = STR_NULL, name;

	while (line-- > 0 && str_split(&text, '\n', &s))
		;
	return str_split(&s, '=', &name) && str_chr(s, '=') < 0 ?
	    str_trim(name) : STR_NULL;
}

/* libconfig's words, and what to do where they do not tell. */
static void
say_form(struct load *l, const struct load_src *s, struct str text)
{
	const char *why = config_error_text(&s->cfg);
	int line = config_error_line(&s->cfg);
	struct str name = name_in_line(text, line);

	if (strcmp(why, "duplicate setting name") == 0)
		load_say(l, CONF_MISTAKE, s->name, line, "%.*s%sstands twice "
		    "in its group, the second time here: remove one",
		    STR_ARG(name), name.n > 0 ? " " : "an option ");
	else
		load_say(l, CONF_MISTAKE, s->name, line, "%s", why);
}

/* Parse a text, which is changed, into a new source; mistakes are said. */
static struct load_src *
open_text(struct load *l, const char *name, char *text)
{
	struct load_src *s = load_src_new(l, name);
	unsigned before = l->report->mistakes;
	struct buf hidden;

	load_scan(l, s->name, text);
	if (l->report->mistakes != before)
		return s;
	buf_init(&hidden, SIZE_MAX / 4);
	load_hide(l, text, &hidden);
	if (!config_read_string(&s->cfg, buf_ptr(&hidden)))
		say_form(l, s, buf_str(&hidden));
	buf_free(&hidden);
	return s;
}

/* Its text stays in secret memory until the load has ended. */
static struct load_src *
open_file(struct load *l, const char *path)
{
	struct secret *file = NULL;
	struct load_src *s = NULL;
	struct stat st;
	int rc;

	if ((rc = secret_from_file(path, FILE_MAX, &file)) != 0)
		load_say(l, CONF_MISTAKE, path, 0, "cannot read it: %s",
		    rc == ERR_SYSTEM ? strerror(errno) : err_str(rc));
	else if (str_chr(secret_reveal(file), '\0') >= 0)
		load_say(l, CONF_MISTAKE, path, 0,
		    "it holds a NUL byte: this is not a text file");
	else {
		s = open_text(l, path, secret_text(file));
		s->exposed = stat(path, &st) == 0 && (st.st_mode & S_IROTH);
	}
	if (file != NULL)
		load_own(l->tmp, file);
	return s;
}

static int
is_conf(const struct dirent *e)
{
	struct str name = str_of(e->d_name);

	return name.p[0] != '.' && str_ends(name, STR(".conf"));
}

/* The *.conf files of include_dir; a relative one begins beside the file. */
static void
open_dir(struct load *l, struct load_src *first)
{
	config_setting_t *s = config_lookup(&first->cfg, "include_dir");
	const char *dir = load_text(l, s);
	const char *slash = strrchr(first->name, '/');
	struct dirent **names;
	int i, n;

	if (dir == NULL || dir[0] == '\0')
		return;
	if (dir[0] != '/' && slash != NULL)
		dir = arena_printf(l->tmp, "%.*s/%s",
		    (int)(slash - first->name), first->name, dir);
	if ((n = scandir(dir, &names, is_conf, alphasort)) < 0) {
		load_say(l, CONF_MISTAKE, first->name,
		    (int)config_setting_source_line(s),
		    "include_dir: cannot read %s: %s", dir, strerror(errno));
		return;
	}
	for (i = 0; i < n; i++) {
		open_file(l, arena_printf(l->tmp, "%s/%s", dir,
		    names[i]->d_name));
		free(names[i]);
	}
	free(names);
}

static void
open_sources(struct load *l)
{
	struct load_src *first = NULL;

	if (l->from->text != NULL)
		first = open_text(l, l->from->path != NULL ? l->from->path :
		    l->from->child ? "share" : "configuration",
		    arena_strdup(l->tmp, l->from->text));
	else if (l->from->path != NULL)
		first = open_file(l, l->from->path);
	if (first != NULL && l->from->resolve && !l->from->child)
		open_dir(l, first);
}

/* listen and tiers, when nobody gave any. */
static void
parse_builtin(struct load *l)
{
	static const char *const lists[] = { "listen", "tiers" };
	unsigned i, k, n = l->n_src;
	struct load_src *s;

	if (l->from->child)
		return;
	s = open_text(l, "default", arena_strdup(l->tmp,
	    opt_default_lists));
	s->builtin = 1;
	for (k = 0; k < 2; k++)
		for (i = 0; i < n; i++)
			if (config_lookup(&l->src[i]->cfg, lists[k]) != NULL) {
				config_setting_remove(
				    config_root_setting(&s->cfg), lists[k]);
				break;
			}
	load_parse(l, s);
}

static void
run(struct load *l)
{
	unsigned i, n;

	open_sources(l);
	if (l->report->mistakes > 0)
		return;
	n = l->n_src;
	for (i = 0; i < n; i++)
		load_parse(l, l->src[i]);
	if (!l->from->child)
		load_overlay(l);
	parse_builtin(l);
	load_finish(l);
	if (!l->from->child)
		load_check(l);
}

static void
free_map(void *arg)
{
	struct hmap *m = arg;

	hmap_free(&m);
}

int
conf_load(const struct conf_source *src, struct conf **out,
    struct conf_report *report)
{
	struct arena *a = arena_new(16 * 1024);
	struct conf *c = arena_zalloc(a, sizeof(*c));
	struct load l = { src, c, report };
	unsigned i, before = report->mistakes;
	int failed;

	*out = NULL;
	c->arena = a;
	c->loaded_us = clock_real_us();
	if (report->arena == NULL)
		report->arena = arena_new(4096);
	l.tmp = arena_new(16 * 1024);
	l.secrets = src->secrets;
	l.origin = hmap_new();
	l.llm = hmap_new();
	l.later = hmap_new();
	c->provider_by_id = hmap_new();
	arena_cleanup(a, free_map, c->provider_by_id);
	c->group_by_name = hmap_new();
	arena_cleanup(a, free_map, c->group_by_name);
	opt_defaults(a, &opt_root, c);
	report->mistakes = 0;
	load_env_open(&l);
	load_overlay_room(&l);
	run(&l);
	failed = report->mistakes > 0;
	report->mistakes += before;
	for (i = 0; i < l.n_src; i++)
		config_destroy(&l.src[i]->cfg);
	hmap_free(&l.origin);
	hmap_free(&l.llm);
	hmap_free(&l.later);
	arena_wipe(&l.tmp);
	secret_burn_stack();
	if (failed)
		conf_free(&c);
	*out = c;
	return failed ? ERR_FORMAT : 0;
}

int
load_other_file(const char *path, const struct opt_section *sec, void *base,
    struct arena *a, struct conf_report *report)
{
	struct conf_source from = { .path = path, .resolve = 1 };
	struct conf c = { .arena = a };
	struct load l = { &from, &c, report };
	unsigned before = report->mistakes;
	struct load_src *s;

	if (report->arena == NULL)
		report->arena = arena_new(4096);
	if (access(path, F_OK) != 0) {
		load_say(&l, CONF_WARNING, path, 0, "there is no such file");
		return ERR_NOTFOUND;
	}
	l.tmp = arena_new(4096);
	l.origin = hmap_new();
	l.later = hmap_new();
	s = open_file(&l, path);
	if (report->mistakes == before)
		load_parse_section(&l, s, sec, base);
	if (s != NULL)
		config_destroy(&s->cfg);
	hmap_free(&l.origin);
	hmap_free(&l.later);
	arena_free(&l.tmp);
	return report->mistakes == before ? 0 : ERR_FORMAT;
}
