/*
 * gemini.c - Google's generateContent: names, ids and types.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * A function name that Gemini does not take is replaced by one that is made of
 * it and a digest (wire.h), so that two names stay two.
 */
#include "base/crypto.h"
#include "base/err.h"
#include "base/num.h"
#include "base/slice.h"
#include "dialect/embed.h"
#include "dialect/ge.h"

#define NAME_MAX_BYTES	64
#define ID_NAME_BYTES	40
#define BASE64_MAX	(64u << 20)

int
ge_is(struct str key, const char *name)
{
	size_t i = 0;

	if (key.n < strlen(name))
		return 0;
	for (; *name != '\0'; name++, i++) {
		if (i < key.n && key.p[i] == *name)
			continue;
		if (*name < 'A' || *name > 'Z' || i + 1 >= key.n ||
		    key.p[i] != '_' || key.p[i + 1] != (*name | 0x20))
			return 0;
		i++;
	}
	return i == key.n;
}

struct jval
ge_get(struct jval o, const char *name)
{
	struct jval v, found = { JSCAN_NONE, STR_NULL };
	struct str key;
	size_t pos = 0;

	if (o.type != JSCAN_OBJECT)
		return found;
	while (jt_each(o, &pos, &key, &v))
		if (ge_is(key, name))
			found = v;
	return found;
}

int
ge_each(struct jval v, size_t *pos, struct jval *out)
{
	if (v.type == JSCAN_ARRAY)
		return jt_each(v, pos, NULL, out);
	if (*pos != 0 || !jt_is(v))
		return 0;
	*pos = 1;
	*out = v;
	return 1;
}

/* --- base64 and media types ----------------------------------------------- */

static int
base64_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '+' || c == '/';
}

struct str
ge_base64(struct arena *a, struct str s)
{
	size_t i, n = 0;
	char *d;

	for (i = 0; i < s.n && base64_char(s.p[i]); i++)
		slice_bytes(i);
	if ((i == s.n || (i + 1 == s.n && s.p[i] == '=') ||
	    (i + 2 == s.n && s.p[i] == '=' && s.p[i + 1] == '=')) &&
	    s.n % 4 == 0)
		return s.p == NULL ? STR("") : s;
	d = arena_alloc(a, s.n + 4);
	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		slice_bytes(i);
		if (c == '-' || c == '_')
			c = c == '-' ? '+' : '/';
		if (base64_char(c))
			d[n++] = c;
		else if (c == '=')
			break;
		else if (c != '\n' && c != '\r' && c != ' ' && c != '\t')
			return STR_NULL;
	}
	for (; i < s.n; i++)
		if (s.p[i] != '=' && s.p[i] != '\n' && s.p[i] != '\r')
			return STR_NULL;
	if (n % 4 == 1)
		return STR_NULL;
	while (n % 4 != 0)
		d[n++] = '=';
	return str_make(d, n);
}

struct str
ge_unbase64(struct arena *a, struct str s)
{
	struct str out = STR_NULL;
	struct buf b;

	buf_init(&b, BASE64_MAX);
	s = ge_base64(a, s);
	if (s.p != NULL && crypto_unbase64(&b, s) == 0)
		out = arena_str(a, buf_str(&b));
	buf_free(&b);
	return out;
}

static const struct ending {
	const char	*ending, *mime;
} endings[] = {
	{ ".png", "image/png" }, { ".jpg", "image/jpeg" },
	{ ".jpeg", "image/jpeg" }, { ".gif", "image/gif" },
	{ ".webp", "image/webp" }, { ".heic", "image/heic" },
	{ ".heif", "image/heif" }, { ".pdf", "application/pdf" },
	{ ".txt", "text/plain" }, { ".md", "text/markdown" },
	{ ".csv", "text/csv" }, { ".html", "text/html" },
	{ ".mp3", "audio/mp3" }, { ".wav", "audio/wav" },
	{ ".ogg", "audio/ogg" }, { ".flac", "audio/flac" },
	{ ".mp4", "video/mp4" }, { ".mov", "video/mov" },
	{ ".webm", "video/webm" }, { ".mpeg", "video/mpeg" },
};

struct str
ge_mime_of_url(struct str url)
{
	struct str tail;
	long at;
	size_t i, n;

	if ((at = str_chr(url, '?')) >= 0 || (at = str_chr(url, '#')) >= 0)
		url.n = (size_t)at;
	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		n = strlen(endings[i].ending);
		tail = str_skip(url, url.n > n ? url.n - n : url.n);
		if (str_ieq(tail, str_of(endings[i].ending)))
			return str_of(endings[i].mime);
	}
	return STR_NULL;
}

enum ir_kind
ge_kind(struct str mime, struct str url)
{
	if (mime.n == 0 && (str_find(url, STR("youtube.com/")) >= 0 ||
	    str_find(url, STR("youtu.be/")) >= 0))
		return IR_VIDEO;
	if (mime.n == 0)
		mime = ge_mime_of_url(url);
	if (str_starts(mime, STR("image/")))
		return IR_IMAGE;
	if (str_starts(mime, STR("audio/")))
		return IR_AUDIO;
	if (str_starts(mime, STR("video/")))
		return IR_VIDEO;
	return IR_FILE;
}

/* --- names and ids ---------------------------------------------------------- */

static int
name_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static int
name_fits(struct str s)
{
	size_t i;

	if (s.n == 0 || s.n > 2 * NAME_MAX_BYTES || s.p[0] == '-' ||
	    (s.p[0] >= '0' && s.p[0] <= '9'))
		return 0;
	for (i = 0; i < s.n; i++)
		if (!name_char(s.p[i]) &&
		    (i == 0 || (s.p[i] != '.' && s.p[i] != ':')))
			return 0;
	return 1;
}

static struct str
make_name(struct arena *a, struct str name, unsigned number)
{
	unsigned char sum[CRYPTO_SHA256];
	char hex[9], *d;
	size_t i, n = name.n;

	crypto_sha256(name, sum);
	while (number-- > 0)
		crypto_sha256(str_make((const char *)sum, sizeof(sum)), sum);
	crypto_hex(hex, sum, 4);
	if (n > NAME_MAX_BYTES - 10)
		n = NAME_MAX_BYTES - 10;
	d = arena_alloc(a, NAME_MAX_BYTES + 1);
	d[0] = '_';
	for (i = 0; i < n; i++)
		d[i + 1] = name_char(name.p[i]) ? name.p[i] : '_';
	d[n + 1] = '_';
	memcpy(d + n + 2, hex, sizeof(hex));
	return str_make(d, n + 10);
}

const struct wire_names ge_names = { name_fits, make_name };

struct str
ge_id(struct arena *a, struct str name, unsigned turn, unsigned n)
{
	char safe[ID_NAME_BYTES + 1];
	size_t i, k = name.n < ID_NAME_BYTES ? name.n : ID_NAME_BYTES;

	for (i = 0; i < k; i++)
		safe[i] = name_char(name.p[i]) ? name.p[i] : '_';
	safe[k] = '\0';
	return str_of(arena_printf(a, "%s_%u_%u", safe, turn, n));
}

struct str
ge_object_text(struct str text)
{
	struct jscan_result res;

	if (jscan(text, NULL, NULL, 0, &res) != 0 || res.type != JSCAN_OBJECT)
		return STR_NULL;
	return text;
}

static const char *const counted[] = { "contents", "systemInstruction", "tools",
	"toolConfig", "generationConfig", "safetySettings", "cachedContent",
	NULL };
static const struct codec_count count = {
	.path = "/models/{model}:countTokens",
	.takes = counted,
	.inside = "generateContentRequest",
	.number = "totalTokens",
};

const struct codec codec_gemini = {
	.tap = &tap_gemini,
	.like = DIALECT_GEMINI,
	.path = "/models/{model}:generateContent",
	.stream_path = "/models/{model}:streamGenerateContent?alt=sse",
	.limit = "generationConfig.maxOutputTokens",
	.count = &count,
	.name = "gemini",
	.read = ge_read,
	.write = ge_write,
	.event = ge_event,
	.end = ge_end,
	.body = ge_body,
	.put = ge_put,
	.put_body = ge_put_body,
	.embed = &embed_gemini,
};
