/*
 * conf_help.h - what the tests of the conf layer share.
 */
#ifndef CONF_HELP_H
#define CONF_HELP_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"
#include "tap.h"

/* What was said, one line each; made anew by every load. */
static char conf_said[65536];

/* Load from src: the configuration, or NULL. */
static inline struct conf *
conf_from(const struct conf_source *src)
{
	struct conf_report r = { 0 };
	struct conf *c = NULL;
	struct buf b;
	int rc;

	rc = conf_load(src, &c, &r);
	buf_init(&b, sizeof(conf_said) - 1);
	conf_report_print(&r, &b);
	snprintf(conf_said, sizeof(conf_said), "%.*s",
	    STR_ARG(buf_str(&b)));
	buf_free(&b);
	EQ_INT(rc, r.mistakes > 0 ? ERR_FORMAT : 0);
	OK((c == NULL) == (r.mistakes > 0));
	conf_report_free(&r);
	return c;
}

/* Load text with these variables. */
static inline struct conf *
conf_try(const char *text, char **env, int resolve)
{
	struct conf_source src = { .text = text, .env = env,
		.resolve = resolve };

	return conf_from(&src);
}

/* What was loaded must be free of mistakes. */
static inline struct conf *
conf_must(struct conf *c)
{
	if (c == NULL)
		tap_fail(__FILE__, __LINE__, "mistakes: %s", conf_said);
	return c;
}

static inline struct conf *
conf_good(const char *text, char **env, int resolve)
{
	return conf_must(conf_try(text, env, resolve));
}

/* Load a file with its secrets. */
static inline struct conf *
conf_try_path(const char *path)
{
	struct conf_source src = { .path = path, .resolve = 1 };

	return conf_from(&src);
}

static inline int
conf_has_said(const char *line)
{
	return strstr(conf_said, line) != NULL;
}

#define SAID(line) \
	(conf_has_said(line) ? (void)0 : tap_fail(__FILE__, __LINE__, \
	    "did not say \"%s\" but: %s", (line), conf_said))

/* A file in the folder of the test: its path, until the next call. */
static inline const char *
conf_file(const char *name, const char *text, unsigned mode)
{
	static char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", tap_dir(), name);
	f = fopen(path, "w");
	OK(f != NULL);
	OK(fputs(text, f) >= 0);
	OK(fclose(f) == 0);
	OK(chmod(path, mode) == 0);
	return path;
}

#endif
