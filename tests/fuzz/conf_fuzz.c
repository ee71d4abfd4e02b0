/*
 * conf_fuzz.c - the configuration on any text.
 *
 * Runs in: the fuzzer, and "make check" on its corpus.
 * Owns: nothing.
 *
 * The first byte chooses: a file, a file with variables, or a child's share.
 * Nothing outside is read (resolve = 0). What loads must print, load again and
 * print the same; what does not load must say why.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "conf/conf.h"
#include "fuzz.h"

/* The text up to a line "%%", then variables, one on each line. */
static char **
split_env(char *text, char *env[64])
{
	char *p = strstr(text, "\n%%\n"), *line;
	int n = 0;

	if (p == NULL)
		return NULL;
	*p = '\0';
	p += 4;
	while (n < 63 && (line = strsep(&p, "\n")) != NULL)
		env[n++] = line;
	env[n] = NULL;
	return env;
}

static struct conf *
load(const char *text, char **env, int child)
{
	struct conf_source src = { .text = text, .env = env, .child = child };
	struct conf_report r = { 0 };
	struct conf *c;
	struct buf b;
	int rc;

	rc = conf_load(&src, &c, &r);
	ASSERT((rc == 0) == (c != NULL));
	ASSERT((rc == 0) == (r.mistakes == 0));
	ASSERT(rc == 0 || r.n > 0);
	buf_init(&b, 1 << 24);
	ASSERT(conf_report_print(&r, &b) == 0);
	buf_free(&b);
	conf_report_free(&r);
	return c;
}

static void
print_and_load(struct conf *c, int child)
{
	struct buf a, b;
	struct conf *again;

	buf_init(&a, 1 << 26);
	buf_init(&b, 1 << 26);
	ASSERT(conf_dump(c, &a) == 0 && buf_addc(&a, '\0') == 0);
	again = load(a.data, NULL, 0);
	/* A share is not checked again, so it may hold what a file may not. */
	ASSERT(again != NULL || child);
	if (again != NULL && !child) {
		ASSERT(conf_dump(again, &b) == 0 && buf_addc(&b, '\0') == 0);
		ASSERT(str_eq(buf_str(&a), buf_str(&b)));
	}
	conf_free(&again);
	buf_free(&a);
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text, *env[64];
	struct conf *c;
	int child;

	if (size < 1 || memchr(data, '\0', size) != NULL)
		return 0;
	child = data[0] == '!';
	text = malloc(size);
	ASSERT(text != NULL);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	c = load(text, split_env(text, env), child);
	if (c != NULL)
		print_and_load(c, child);
	conf_free(&c);
	free(text);
	return 0;
}
