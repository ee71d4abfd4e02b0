/*
 * codec_url_test.c - which URLs of pictures and files get to whom.
 */
#include "codec_rig.h"
#include "dialect/wire.h"

static struct rig r;

#define CHAT "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","	\
	"\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
#define IMAGE CHAT "{\"type\":\"image_url\",\"image_url\":{\"url\":"	\
	"\"%s\"}}]}]}"
#define BARE CHAT "{\"type\":\"image_url\",\"image_url\":\"%s\"}]}]}"
#define DOCUMENT CHAT "{\"type\":\"document_url\",\"document_url\":"	\
	"\"%s\"}]}]}"
#define INPUT "{\"model\":\"m\",\"input\":[{\"role\":\"user\","		\
	"\"content\":["
#define INPUT_IMAGE INPUT "{\"type\":\"input_image\",\"image_url\":"	\
	"\"%s\"}]}]}"
#define INPUT_FILE INPUT "{\"type\":\"input_file\",\"file_url\":\"%s\"}]}]}"
#define BLOCK(kind) "{\"model\":\"m\",\"max_tokens\":9,\"messages\":["	\
	"{\"role\":\"user\",\"content\":[{\"type\":\"" kind "\",\"source\":"\
	"{\"type\":\"url\",\"url\":\"%s\"}}]}]}"
#define PART "{\"contents\":[{\"parts\":[{\"text\":\"a\"},{\"fileData\":" \
	"{\"mimeType\":\"image/png\",\"fileUri\":\"%s\"}}]}]}"

/* Where a client says it, and the member's path there. */
static const struct client {
	const struct codec *codec;
	enum conf_dialect dialect;
	const char	*body, *path;
	int		 image;
} clients[] = {
	{ &codec_openai_chat, DIALECT_OPENAI, IMAGE,
	    "messages[0].content[1].image_url", 1 },
	{ &codec_mistral, DIALECT_MISTRAL, BARE,
	    "messages[0].content[1].image_url", 1 },
	{ &codec_mistral, DIALECT_MISTRAL, DOCUMENT,
	    "messages[0].content[1].document_url", 0 },
	{ &codec_responses, DIALECT_OPENAI, INPUT_IMAGE,
	    "input[0].content[0].image_url", 1 },
	{ &codec_responses, DIALECT_OPENAI, INPUT_FILE,
	    "input[0].content[0].file_url", 0 },
	{ &codec_anthropic, DIALECT_ANTHROPIC, BLOCK("image"),
	    "messages[0].content[0].source.url", 1 },
	{ &codec_anthropic, DIALECT_ANTHROPIC, BLOCK("document"),
	    "messages[0].content[0].source.url", 0 },
	{ &codec_gemini, DIALECT_GEMINI, PART,
	    "contents[0].parts[1].fileData.fileUri", 1 },
};
#define CLIENTS (sizeof(clients) / sizeof(clients[0]))

static const struct server {
	const struct codec *codec;
	enum conf_dialect dialect;
	int		 http, gs, files;
} servers[] = {
	{ &codec_openai_chat, DIALECT_OPENAI, 1, 0, 0 },
	{ &codec_responses, DIALECT_OPENAI, 1, 0, 1 },
	{ &codec_mistral, DIALECT_MISTRAL, 1, 0, 1 },
	{ &codec_anthropic, DIALECT_ANTHROPIC, 0, 0, 1 },
	{ &codec_gemini, DIALECT_GEMINI, 1, 1, 1 },
};
#define SERVERS (sizeof(servers) / sizeof(servers[0]))

static struct ir_req *
asked(const struct client *c, const char *url)
{
	const char *at = strstr(c->body, "%s");

	rig_new(&r);
	return rig_read(&r, c->codec, c->dialect, arena_printf(r.a,
	    "%.*s%s%s", (int)(at - c->body), c->body, url, at + 2));
}

/* It gets there as it is, or is refused by its path and with what to do. */
static void
pass(const struct client *c, const struct server *s, const char *url,
    int may)
{
	struct ir_req *q = asked(c, url);
	const char *got;

	OK(q != NULL);
	r.target.dialect = s->dialect;
	r.target.responses = s->codec == &codec_responses;
	got = rig_write(&r, s->codec, q);
	if (may)
		OK(strstr(got, arena_printf(r.a, "\"%s\"", url)) != NULL);
	else if (c->image || s->files) {
		EQ_STR(r.note.param, c->path);
		OK(strstr(r.note.message, "send ") != NULL);
	} else
		OK(got[0] == '!');
	rig_free(&r);
}

TEST(nobody_takes_them)
{
	static const char *const urls[] = { "file:///etc/passwd",
	    "javascript:alert(1)", "gopher://a.example/x",
	    "ftp://a.example/a.png", "data:image/png", "https://", "s3://b/k",
	    "httpx://a.example/" };
	size_t i, k;

	for (i = 0; i < CLIENTS; i++)
		for (k = 0; k < sizeof(urls) / sizeof(urls[0]); k++) {
			OK(asked(&clients[i], urls[k]) == NULL);
			EQ_STR(r.note.param, clients[i].path);
			OK(strstr(r.note.message, "URL") != NULL);
			rig_free(&r);
		}
}

TEST(fetched_by_some)
{
	const struct client *c;
	const struct server *s;
	int own, file;

	for (c = clients; c < clients + CLIENTS; c++)
		for (s = servers; s < servers + SERVERS; s++) {
			own = c->dialect == s->dialect;
			file = c->image || s->files;
			pass(c, s, "https://a.example/a.png", file);
			pass(c, s, "HTTPS://a.example/a.png", file);
			pass(c, s, "http://a.example/a.png", file && s->http);
			pass(c, s, "gs://bucket/a.png", s->gs);
			if (c->dialect == DIALECT_GEMINI)
				pass(c, s, "https://generativelanguage."
				    "googleapis.com/v1beta/files/a", own);
		}
}

TAP_BEGIN
TAP_ROW(nobody_takes_them)
TAP_ROW(fetched_by_some)
TAP_END
