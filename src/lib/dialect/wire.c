/*
 * wire.c - names, ids and media that a format does not take as they are.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/crypto.h"
#include "base/err.h"
#include "base/hmap.h"
#include "base/slice.h"
#include "dialect/wire.h"

#define NAME_MAX_LEN	64
#define NAME_MARK	9		/* "_0a1b2c3d" */
#define TEXT_MAX	(16u << 20)
#define PORTION		16384

static int
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

/* FNV-1a, then mixed so that all bits depend on all of the text. */
static uint64_t
hash(struct str s)
{
	uint64_t h = 0xcbf29ce484222325ULL;
	size_t i;

	for (i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3ULL;
	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ULL;
	h = (h ^ (h >> 27)) * 0x94d049bb133111ebULL;
	return h ^ (h >> 31);
}

static int
name_fits(struct str name)
{
	size_t i;

	if (name.n == 0 || name.n > NAME_MAX_LEN)
		return 0;
	for (i = 0; i < name.n; i++)
		if (!is_alnum(name.p[i]) && name.p[i] != '_' &&
		    name.p[i] != '-')
			return 0;
	return 1;
}

static struct str
make_name(struct arena *a, struct str name, unsigned number)
{
	uint64_t h = hash(name) + number;
	size_t i, n = name.n;
	char *out;

	if (n > NAME_MAX_LEN - NAME_MARK)
		n = NAME_MAX_LEN - NAME_MARK;
	out = arena_alloc(a, n + NAME_MARK + 1);
	for (i = 0; i < n; i++)
		out[i] = is_alnum(name.p[i]) || name.p[i] == '-' ?
		    name.p[i] : '_';
	snprintf(out + n, NAME_MARK + 1, "_%08x", (unsigned)(h & 0xffffffffu));
	return str_make(out, n + NAME_MARK);
}

const struct wire_names wire_plain_names = { name_fits, make_name };

/* One that no tool of q has. */
static struct str
free_name(const struct ir_req *q, const struct wire_names *w, struct str name)
{
	struct str made;
	unsigned i = 0;

	do
		made = w->make(q->a, name, i++);
	while (ir_tool_find(q, made) != NULL ||
	    hmap_get(q->index->renamed, made) != NULL);
	return made;
}

/* Give each of the tools that need one a name; once. */
static void
rename_tools(const struct ir_req *q, const struct wire_names *w)
{
	struct ir_index *x = q->index;
	const struct ir_tool *first;
	struct ir_tool *t = x->last_renamed == NULL ? q->tools :
	    x->last_renamed->next;

	if (x->renamed == NULL)
		x->renamed = hmap_new();
	for (; t != NULL; t = t->next) {
		x->last_renamed = t;
		if (w->fits(t->name))
			continue;
		/* What a client names twice is one name there too. */
		if ((first = ir_tool_find(q, t->name)) != t)
			t->wire = first->wire;
		else {
			t->wire = free_name(q, w, t->name);
			(void)hmap_set(x->renamed, t->wire, t);
		}
	}
}

struct str
wire_name(const struct ir_req *q, const struct wire_names *w, struct str name)
{
	const struct ir_tool *t;

	if (w->fits(name))
		return name;
	if (q->index == NULL || (t = ir_tool_find(q, name)) == NULL)
		return w->make(q->a, name, 0);
	if (t->wire.n == 0)
		rename_tools(q, w);
	return t->wire;
}

const struct ir_tool *
wire_find(const struct ir_req *q, const struct wire_names *w, struct str name)
{
	const struct ir_tool *t;

	if ((t = ir_tool_find(q, name)) != NULL)
		return t;
	if (q->index == NULL || !w->fits(name))
		return NULL;
	rename_tools(q, w);
	return hmap_get(q->index->renamed, name);
}

struct str
wire_tool_name(const struct ir_req *q, struct str name)
{
	return wire_name(q, &wire_plain_names, name);
}

const struct ir_tool *
wire_tool_find(const struct ir_req *q, struct str name)
{
	return wire_find(q, &wire_plain_names, name);
}

struct str
wire_id(struct arena *a, struct str id, unsigned n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789";
	uint64_t h = 0;
	char *out;
	size_t i;

	ASSERT(n <= 32);
	for (i = 0; i < id.n && id.n == n; i++)
		if (!is_alnum(id.p[i]))
			break;
	if (n > 0 && i == n)
		return id;
	out = arena_alloc(a, n + 1);
	for (i = 0; i < n; i++) {
		h = i % 10 == 0 ? hash(id) + i : h / 62;
		out[i] = digits[h % 62];
	}
	out[n] = '\0';
	return str_make(out, n);
}

/* --- media --------------------------------------------------------------- */

static int
is_base64(char c)
{
	return is_alnum(c) || c == '+' || c == '/' || c == '=';
}

/* text without blanks and in the plain alphabet; NULL when it has others. */
static struct str
clean(struct arena *a, struct str text)
{
	size_t i, n = 0;
	char *out;

	for (i = 0; i < text.n && is_base64(text.p[i]); i++)
		slice_bytes(i);
	if (i == text.n)
		return text;
	out = arena_alloc(a, text.n + 1);
	for (i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (i % PORTION == 0)
			slice_use(2 * PORTION);
		if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
			continue;
		c = c == '-' ? '+' : c == '_' ? '/' : c;
		if (!is_base64(c))
			return STR_NULL;
		out[n++] = c;
	}
	out[n] = '\0';
	return str_make(out, n);
}

/* What pictures, documents and sounds begin with, in base64; behind: what
 * stands from the thirteenth letter on, where that makes the difference. */
static const struct magic {
	struct str	 begin, behind, mime;
} magics[] = {
	{ { "iVBORw0KGg", 10 }, { "", 0 }, { "image/png", 9 } },
	{ { "/9j/", 4 }, { "", 0 }, { "image/jpeg", 10 } },
	{ { "R0lGOD", 6 }, { "", 0 }, { "image/gif", 9 } },
	{ { "UklGR", 5 }, { "QVZF", 4 }, { "audio/wav", 9 } },
	{ { "UklGR", 5 }, { "", 0 }, { "image/webp", 10 } },
	{ { "JVBERi", 6 }, { "", 0 }, { "application/pdf", 15 } },
	{ { "SUQz", 4 }, { "", 0 }, { "audio/mp3", 9 } },
	{ { "//", 2 }, { "", 0 }, { "audio/mp3", 9 } },
	{ { "T2dnUw", 6 }, { "", 0 }, { "audio/ogg", 9 } },
	{ { "ZkxhQ", 5 }, { "", 0 }, { "audio/flac", 10 } },
};
#define BEHIND 12

struct str
wire_mime_of(struct str base64)
{
	struct str behind = base64.n < BEHIND ? STR_NULL :
	    str_skip(base64, BEHIND);
	size_t i;

	for (i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (str_starts(base64, magics[i].begin) &&
		    str_starts(behind, magics[i].behind))
			return magics[i].mime;
	return STR_NULL;
}

static struct str
true_mime(struct str mime, struct str base64)
{
	struct str s;

	if (mime.n > 0 && !str_starts(mime, STR("image/")) &&
	    !str_eqc(mime, "application/octet-stream"))
		return mime;
	if ((s = wire_mime_of(base64)).n > 0)
		return s;
	if (str_eqc(mime, "image/jpg"))
		return STR("image/jpeg");
	return mime;
}

int
wire_base64(struct arena *a, struct str text, struct ir_media *m)
{
	struct str s = clean(a, text);

	if (s.n == 0)
		return ERR_FORMAT;
	m->base64 = s;
	m->mime = true_mime(m->mime, s);
	return 1;
}

int
wire_data_uri(struct arena *a, struct str url, struct ir_media *m)
{
	struct str head, part, type = STR_NULL;
	int base64 = 0;
	size_t i;
	char *low;
	long at;

	if (!str_ieq(str_make(url.p, url.n < 5 ? url.n : 5), STR("data:")) ||
	    (at = str_chr(url, ',')) < 0)
		return 0;
	head = str_make(url.p + 5, (size_t)at - 5);
	while (str_split(&head, ';', &part)) {
		part = str_trim(part);
		if (str_ieq(part, STR("base64")))
			base64 = 1;
		else if (type.n == 0 && str_chr(part, '/') > 0)
			type = part;
	}
	if (!base64)
		return ERR_FORMAT;
	low = arena_strndup(a, type.n == 0 ? "" : type.p, type.n);
	for (i = 0; i < type.n; i++)
		if (low[i] >= 'A' && low[i] <= 'Z')
			low[i] = (char)(low[i] - 'A' + 'a');
	m->mime = str_make(low, type.n);
	return wire_base64(a, str_skip(url, (size_t)at + 1), m);
}

enum wire_url
wire_url(struct str url)
{
	static const struct {
		struct str	 begin;
		enum wire_url	 who;
	} rows[] = {
		{ { "https://", 8 }, WIRE_URL_HTTP },
		{ { "http://", 7 }, WIRE_URL_HTTP },
		{ { "gs://", 5 }, WIRE_URL_GOOGLE },
	};
	size_t i, n;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = rows[i].begin.n;
		if (url.n > n && str_ieq(str_make(url.p, n), rows[i].begin))
			return rows[i].who;
	}
	return WIRE_URL_NOBODY;
}

int
wire_url_web(struct ir_note *n, const struct ir_media *m)
{
	const char *where = m->where != NULL ? m->where : "url";

	if (m->url.n == 0 || wire_url(m->url) == WIRE_URL_HTTP)
		return 0;
	return ir_refuse(n, where, "%s: only Gemini reads gs URLs: send an "
	    "https URL or the data itself, or choose a model of Gemini",
	    where);
}

struct str
wire_mime(struct str filename)
{
	static const struct {
		struct str	 end, mime;
	} rows[] = {
		{ { ".pdf", 4 }, { "application/pdf", 15 } },
		{ { ".png", 4 }, { "image/png", 9 } },
		{ { ".jpg", 4 }, { "image/jpeg", 10 } },
		{ { ".jpeg", 5 }, { "image/jpeg", 10 } },
		{ { ".gif", 4 }, { "image/gif", 9 } },
		{ { ".webp", 5 }, { "image/webp", 10 } },
		{ { ".txt", 4 }, { "text/plain", 10 } },
		{ { ".md", 3 }, { "text/markdown", 13 } },
		{ { ".csv", 4 }, { "text/csv", 8 } },
		{ { ".wav", 4 }, { "audio/wav", 9 } },
		{ { ".mp3", 4 }, { "audio/mp3", 9 } },
		{ { ".mp4", 4 }, { "video/mp4", 9 } },
	};
	size_t i, n;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = rows[i].end.n;
		if (filename.n > n && str_ieq(str_skip(filename,
		    filename.n - n), rows[i].end))
			return rows[i].mime;
	}
	return STR_NULL;
}

struct str
wire_plain_text(struct arena *a, const struct ir_media *m)
{
	struct str s = STR_NULL;
	struct buf b;

	if (m->text.n > 0)
		return m->text;
	if (m->base64.n == 0 || !str_starts(m->mime, STR("text/")))
		return s;
	buf_init(&b, TEXT_MAX);
	if (crypto_unbase64(&b, m->base64) == 0)
		s = arena_str(a, buf_str(&b));
	buf_free(&b);
	return s;
}
