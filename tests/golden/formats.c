/*
 * formats.c - the formats, and the file of the matrix's rows.
 *
 * Runs in: golden tests.
 * Owns: the table of formats.
 */
#include <stdio.h>
#include <string.h>

#include "golden.h"

#define FILE_MAX (4u << 20)

#define CHAT(max) "{\"model\":\"m\",\"" max "\":100,\"messages\":[{" \
	"\"role\":\"user\",\"content\":\"Hi\"}]}"

const struct format formats[FORMATS] = {
	[OC] = { "OC", "openai-chat", &codec_openai_chat, DIALECT_OPENAI, 0,
	    "gpt-4.1", CHAT("max_completion_tokens") },
	[OR] = { "OR", "openai-responses", &codec_responses, DIALECT_OPENAI,
	    1, "gpt-4.1", "{\"model\":\"m\",\"max_output_tokens\":100,"
	    "\"input\":[{\"role\":\"user\",\"content\":\"Hi\"}]}" },
	[AN] = { "AN", "anthropic", &codec_anthropic, DIALECT_ANTHROPIC, 0,
	    "claude-sonnet-4-5", CHAT("max_tokens") },
	[GE] = { "GE", "gemini", &codec_gemini, DIALECT_GEMINI, 0,
	    "gemini-3-flash", "{\"contents\":[{\"role\":\"user\",\"parts\":["
	    "{\"text\":\"Hi\"}]}],\"generationConfig\":{\"maxOutputTokens\":"
	    "100}}" },
	[MI] = { "MI", "mistral", &codec_mistral, DIALECT_MISTRAL, 0,
	    "mistral-medium-3.5", CHAT("max_tokens") },
	[GR] = { "GR", "groq", &codec_groq, DIALECT_GROQ, 0,
	    "openai/gpt-oss-120b", CHAT("max_completion_tokens") },
	[OL] = { "OL", NULL, &codec_ollama, DIALECT_OLLAMA, 0, "llama3.3",
	    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
	    "\"content\":\"Hi\"}],\"options\":{\"num_predict\":100}}" },
};

int
format_of(const char *name, size_t n)
{
	int i;

	for (i = 0; i < FORMATS; i++)
		if (strlen(formats[i].name) == n &&
		    memcmp(formats[i].name, name, n) == 0)
			return i;
	return -1;
}

const char *
golden_file(struct rig *r, const char *name)
{
	const char *path = arena_printf(r->a, TEST_SRCDIR "/golden/%s", name);
	FILE *f = fopen(path, "r");
	char piece[65536];
	struct buf b;
	const char *s;
	size_t n;

	if (f == NULL)
		tap_fail(__FILE__, __LINE__, "%s: not there", path);
	buf_init(&b, FILE_MAX);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		EQ_INT(buf_add(&b, piece, n), 0);
	fclose(f);
	s = arena_strndup(r->a, buf_len(&b) == 0 ? "" : buf_ptr(&b),
	    buf_len(&b));
	buf_free(&b);
	return s;
}

/* --- rows ---------------------------------------------------------------- */

/* "OC,GR" up to end, as bits. */
static unsigned
some(const char *s, const char *end)
{
	unsigned set = 0;
	size_t n;
	int i;

	while (s < end) {
		n = strcspn(s, ",<> ");
		if ((i = format_of(s, n)) < 0)
			tap_fail(__FILE__, __LINE__, "no format: %.20s", s);
		set |= 1u << i;
		s += n + (s + n < end);
	}
	return set;
}

/* "X OC,GR<AN text" or "! AN>OC text" */
static struct line *
line_read(struct rig *r, char *s)
{
	struct line *l = arena_zalloc(r->a, sizeof(*l));
	char *who = s + 2, *end = who + strcspn(who, " "), *mark;

	l->kind = *s;
	l->from = ~0u;
	l->text = *end == '\0' ? end : end + 1;
	mark = who + strcspn(who, "<> ");
	if (*mark == '>') {		/* client > provider */
		l->from = some(who, mark);
		l->of = some(mark + 1, end);
	} else {
		l->of = some(who, mark);
		if (*mark == '<')
			l->from = some(mark + 1, end);
	}
	return l;
}

struct row *
rows_read(struct rig *r)
{
	char *s = arena_strdup(r->a, golden_file(r, "matrix.rows")), *next;
	struct row *first = NULL, **row = &first, *now = NULL;
	struct line **line = NULL;

	for (; *s != '\0'; s = next) {
		next = s + strcspn(s, "\n");
		if (*next != '\0')
			*next++ = '\0';
		if (*s == '#' || *s == '\0')
			continue;
		if (*s == '=') {
			*row = now = arena_zalloc(r->a, sizeof(*now));
			row = &now->next;
			now->name = s + 2;
			line = &now->lines;
			continue;
		}
		if (now == NULL || strchr("<>-@!~", *s) == NULL)
			tap_fail(__FILE__, __LINE__, "no row: %.40s", s);
		if (*s == '~') {
			now->stream_only = 1;
			continue;
		}
		*line = line_read(r, s);
		line = &(*line)->next;
	}
	return first;
}

const char *
row_find(const struct row *row, char kind, int of, int from)
{
	const struct line *l;
	const char *found = NULL;

	for (l = row->lines; l != NULL; l = l->next)
		if (l->kind == kind && (l->of >> of & 1) != 0 &&
		    (l->from >> from & 1) != 0)
			found = l->text;
	return found;
}
