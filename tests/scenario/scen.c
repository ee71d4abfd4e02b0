/*
 * scen.c - reads the scripts and runs each scenario in a process of its own.
 *
 * Runs in: scenario_test, torture_test.
 * Owns: the lines of the scripts.
 *
 * A script has configurations ("config NAME" ... "end") and scenarios
 * ("scenario NAME: what it shows", then one command per line until the next
 * one). The tables of scen_run.c and scen_up.c list the commands.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scen_run.h"

#define MAX_LINES 8000

static char *lines[MAX_LINES];
static unsigned n_lines;
static const char *file;
static unsigned line_no;
static jmp_buf next_line;
static int excused;		/* lines of the script may fail */

static void
complain(const char *fmt, va_list ap)
{
	printf("# %s:%u: %s\n# ", file, line_no + 1, lines[line_no]);
	vprintf(fmt, ap);
	printf("\n");
	fflush(stdout);
	_exit(1);
}

void
scen_broken(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap);
	_exit(1);
}

void
scen_fail(const char *fmt, ...)
{
	va_list ap;

	if (excused)
		longjmp(next_line, 1);
	va_start(ap, fmt);
	complain(fmt, ap);
	_exit(1);
}

static int
is_command(const char *line, const char *word)
{
	size_t n = strlen(word);

	return strncmp(line, word, n) == 0 &&
	    (line[n] == ' ' || line[n] == '\0');
}

static void
read_lines(void)
{
	FILE *f = fopen(file, "r");
	char text[16384];

	n_lines = 0;
	if (f == NULL) {
		printf("Bail out! %s cannot be read\n", file);
		exit(99);
	}
	while (n_lines < MAX_LINES && fgets(text, sizeof(text), f) != NULL) {
		text[strcspn(text, "\n")] = '\0';
		lines[n_lines++] = strdup(text + strspn(text, "\t "));
	}
	fclose(f);
}

/* The text of a configuration block of this file. */
static void
find_config(struct str name, struct buf *b)
{
	unsigned i;

	for (i = 0; i < n_lines; i++)
		if (is_command(lines[i], "config") &&
		    str_eqc(name, lines[i] + 7))
			break;
	if (i == n_lines)
		scen_fail("no such configuration");
	for (i++; i < n_lines && strcmp(lines[i], "end") != 0; i++)
		buf_printf(b, "%s\n", lines[i]);
}

/* The lines of a scenario, up to the next one. */
static void
run_lines(unsigned from)
{
	for (line_no = from; line_no < n_lines; line_no++) {
		const char *l = lines[line_no];

		if (is_command(l, "scenario") || is_command(l, "config"))
			break;
		if (*l == '\0' || *l == '#')
			continue;
		excused = scen_torture != TORTURE_NONE;
		if (setjmp(next_line) == 0)
			run_line(l);
		scen_arm(0);
		excused = 0;
	}
	line_no--;
}

void
scen_run(unsigned at)
{
	struct str name = str_of(lines[at] + 9);
	long colon = str_chr(name, ':');
	struct buf conf;

	line_no = at;
	if (colon < 0)
		scen_broken("scenario CONFIG: title");
	name.n = (size_t)colon;
	buf_init(&conf, 65536);
	find_config(name, &conf);
	for (line_no = at + 1; line_no < n_lines &&
	    is_command(lines[line_no], "conf"); line_no++)
		buf_printf(&conf, "%s\n", lines[line_no] + 5);
	run_start(&conf);
	run_lines(line_no);
	if (scen_statuses != NULL)
		torture_check();
	run_finish();
}

int
scen_status(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		printf("# ended by signal %d\n", WTERMSIG(status));
	return status;
}

const char *
scen_title(unsigned at)
{
	return strchr(lines[at], ':') == NULL ? "" :
	    strchr(lines[at], ':') + 2;
}

const char *
scen_file(void)
{
	return strrchr(file, '/') + 1;
}

int
scen_each(const char *only, void (*fn)(unsigned at))
{
	glob_t g;
	size_t i;
	unsigned k;

	if (glob(TEST_SRCDIR "/scenario/*.sc", 0, NULL, &g) != 0)
		return -1;
	for (i = 0; i < g.gl_pathc; i++) {
		file = g.gl_pathv[i];
		read_lines();
		for (k = 0; k < n_lines; k++)
			if (is_command(lines[k], "scenario") && (only == NULL ||
			    strstr(lines[k], only) != NULL ||
			    strstr(file, only) != NULL))
				fn(k);
		while (n_lines > 0)
			free(lines[--n_lines]);
	}
	globfree(&g);
	return 0;
}
