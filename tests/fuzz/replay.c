/*
 * replay.c - give the files of a corpus to a fuzz target, as a test program.
 *
 * Runs in: the fuzz targets under "make check".
 * Owns: main.
 *
 * Without arguments: the files of corpus/<stem> of the program <stem>_fuzz,
 * and the empty input, one TAP point each. With arguments: those files.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static int points;

static int
feed(const char *name, FILE *f)
{
	unsigned char *all = NULL, *exact;
	size_t n = 0, got;

	do {
		if ((all = realloc(all, n + 65536)) == NULL)
			return -1;
		got = f == NULL ? 0 : fread(all + n, 1, 65536, f);
		n += got;
	} while (got > 0);
	/* The very size: a byte read beyond it is seen by a sanitizer. */
	if ((exact = malloc(n == 0 ? 1 : n)) == NULL)
		return -1;
	memcpy(exact, all, n);
	free(all);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
	printf("ok %d - %s\n", ++points, name);
	return 0;
}

static int
feed_file(const char *path)
{
	const char *slash = strrchr(path, '/');
	FILE *f = fopen(path, "rb");
	int rc;

	if (f == NULL) {
		printf("not ok %d - cannot open %s\n", ++points, path);
		return 1;
	}
	rc = feed(slash == NULL ? path : slash + 1, f);
	fclose(f);
	return rc != 0;
}

static int
visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* The folder of this program's corpus, from its own name. */
static void
corpus_of(const char *prog, char *dir, size_t size)
{
	const char *base = strrchr(prog, '/'), *end;

	base = base == NULL ? prog : base + 1;
	end = strstr(base, "_fuzz");
	snprintf(dir, size, "%s/fuzz/corpus/%.*s", TEST_SRCDIR,
	    end == NULL ? (int)strlen(base) : (int)(end - base), base);
}

int
main(int argc, char **argv)
{
	char dir[2048], path[4096];
	struct dirent **list;
	int i, n, bad = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1) {
		printf("1..%d\n", argc - 1);
		for (i = 1; i < argc; i++)
			bad |= feed_file(argv[i]);
		return bad;
	}
	corpus_of(argv[0], dir, sizeof(dir));
	if ((n = scandir(dir, &list, visible, alphasort)) <= 0) {
		printf("1..1\nnot ok 1 - no corpus in %s\n", dir);
		return 1;
	}
	printf("1..%d\n", n + 1);
	bad |= feed("empty", NULL);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);
		bad |= feed_file(path);
		free(list[i]);
	}
	free(list);
	return bad;
}
