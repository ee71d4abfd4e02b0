/*
 * load.h - one run of conf_load: what its steps share.
 *
 * Private to the conf layer. The steps are conf_load.c (files in order),
 * conf_scan.c (what libconfig does not notice), conf_text.c (strings, which it
 * does not see), conf_parse.c (tree to struct, by the option table),
 * conf_secret.c, env.c (the environment overlay), conf_finish.c (defaults that
 * depend on others), conf_check.c and conf_ref.c.
 */
#ifndef CONF_LOAD_H
#define CONF_LOAD_H

#include <libconfig.h>

#include "base/hmap.h"
#include "conf/conf.h"
#include "conf/opt.h"
#include "conf/report.h"

/* One text that options come from. */
struct load_src {
	config_t	 cfg;
	const char	*name;		/* file name, "environment" */
	int		 exposed;	/* others may read the file */
	int		 env;		/* made from variables: the hook of a
					 * setting is the variable's name */
	int		 builtin;	/* the default lists */
};

struct load {
	const struct conf_source *from;
	struct conf	*c;
	struct conf_report *report;
	struct arena	*tmp;
	struct load_src	**src;
	unsigned	 n_src;
	struct load_src	*cur;
	const char	**env;		/* effective, "NAME=VALUE", NULL at end */
	struct hmap	*origin;	/* field address -> load_origin */
	struct hmap	*llm;		/* ids made by LLM_PROVIDERS */
	struct hmap	*later;		/* options said to be not active yet */
	const char	**strs;		/* what strings in trees stand for */
	unsigned	 n_strs, strs_cap;
	struct str	 secrets;	/* of a share, from the next one on */
	unsigned	 n_secrets;	/* number of the next one */
	unsigned	 room;		/* list items the environment may add */
	char		 path[192];	/* of the option at hand, for messages */
	size_t		 path_len;
};

/* Where a field was given. */
struct load_origin {
	void		*field;
	const char	*file;
	int		 line;
};

/* Say something about file:line. The text is one sentence. */
void load_say(struct load *l, enum conf_severity sev, const char *file,
    int line, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* About a setting; the text is put behind the path of the option at hand. */
void load_about(struct load *l, enum conf_severity sev,
    const config_setting_t *s, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* About a field of a finished struct: where it was given, else at file:line. */
void load_field(struct load *l, enum conf_severity sev, const void *field,
    const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
const struct load_origin *load_origin(struct load *l, const void *field);
void load_set_origin(struct load *l, void *field, const config_setting_t *s);

/* Append to the path at hand; the length to go back to. */
size_t load_push(struct load *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void load_pop(struct load *l, size_t len);

/* Say what is wrong with a text that libconfig would not notice. */
void load_scan(struct load *l, const char *name, const char *text);
/*
 * Make of a text, which is changed, the one that libconfig gets: instead of
 * strings it has numbers. The text must be there until the load has ended.
 */
void load_hide(struct load *l, char *text, struct buf *out);
/* What stands in the place of config_setting_get_string and _set_string; the
 * text set must be there until the load has ended. */
const char *load_text(const struct load *l, const config_setting_t *s);
void load_set_text(struct load *l, config_setting_t *s, const char *text);
/* 1 when the text is UTF-8. */
int load_is_utf8(const char *p);
/* A new source; freed by conf_load. */
struct load_src *load_src_new(struct load *l, const char *name);
/* Put everything of a source into the configuration. */
void load_parse(struct load *l, struct load_src *src);

/*
 * Load another file of this form by a section of its own, into base and a. 0;
 * ERR_NOTFOUND (a warning is said) or ERR_FORMAT (mistakes are said).
 */
int load_other_file(const char *path, const struct opt_section *sec,
    void *base, struct arena *a, struct conf_report *report);
/* Parse a source by a section. */
void load_parse_section(struct load *l, struct load_src *src,
    const struct opt_section *sec, void *base);

/* Value of a variable of the effective environment, or NULL. */
const char *load_env(const struct load *l, const char *name);
/* Read --env-file and join it with the environment. */
void load_env_open(struct load *l);
/* The overlay: variables to options. */
void load_overlay(struct load *l);
/* Notices about variables that are nearly something. */
void load_overlay_notes(struct load *l);
/* LLM_PROVIDERS and what belongs to it; adds to providers of src. */
void load_overlay_llm(struct load *l, struct load_src *src);
/* A provider in a source of the environment; set options with load_put. */
config_setting_t *load_put_provider(struct load *l, struct load_src *src,
    const char *id, const char *variable);
/* Put an option: path of groups below parent, value as text. */
void load_put(struct load *l, config_setting_t *parent, const char *path,
    const char *text, const char *variable);
/* The dialect and base URL known for a provider's id (lower case) or host:
 * 0, or ERR_NOTFOUND. */
int load_family(const char *id, const char **dialect, const char **base_url);
const char *load_guess_dialect(const char *base_url, const char *id);
/* keys = ( "env:VARIABLE" ) of such a provider. */
void load_put_key(struct load *l, config_setting_t *provider,
    const char *variable);
/* Before anything is parsed: how many list items the environment may add. */
void load_overlay_room(struct load *l);
/* 1 when the system has this time zone (with resolve = 0: when it may). */
int load_zone_is_known(struct load *l, const char *zone);
/* true, 1, yes, on: 1; false, 0, no, off: 0; else -1. */
int load_truth(const char *text);

/*
 * Resolve a secret as written. 0, and *out (NULL with resolve = 0 unless
 * literal; the caller's, see load_own) and *source; or an error, already said.
 */
int load_secret(struct load *l, const config_setting_t *s, const char *text,
    struct secret **out, const char **source);
/*
 * A text that may hold a credential (OPT_F_LOCKED): in secret memory until the
 * configuration is freed. In a share it is the number of a secret.
 */
const char *load_lock(struct load *l, const config_setting_t *s,
    const char *text);
/* Free a secret, if there is one, with the arena. */
void load_own(struct arena *a, struct secret *s);
/* Add a key "env:NAME" to a provider, for variable name. */
void load_add_key(struct load *l, struct conf_provider *p, const char *name);

/* Derive what depends on several options. */
void load_finish(struct load *l);
void load_finish_provider(struct load *l, struct conf_provider *p);
/* PEM files and expiry dates. */
void load_finish_files(struct load *l);
/* Split base_url: NULL, or what is wrong with it. */
const char *load_url(struct arena *a, struct conf_provider *p);

/* Say what does not fit together. */
void load_check(struct load *l);
void load_check_providers(struct load *l);
void load_check_refs(struct load *l);
/* 1 for what may be the name of a header (RFC 9110, 5.1). */
int load_is_header(const char *s);
/* What conf/headers.h says of a header, -1 when it is not there. */
int load_header_kind(const char *s);

#endif
