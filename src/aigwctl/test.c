/*
 * test.c - "aigwctl test": call each kind of endpoint once, print a table.
 *
 * Runs in: aigwctl.
 * Owns: the table of calls.
 */
#include <stdio.h>
#include <stdlib.h>

#include "aigwctl/call.h"
#include "base/json.h"

#define TEST_MODEL_MAX	128

enum test_needs { NEEDS_NOTHING, NEEDS_CHAT, NEEDS_EMBED, NEEDS_PROVIDER };

/* One call each. Servers take no model that chats for moderations, so the
 * gateway is left to choose one. */
static const struct test_row {
	const char	*name, *method, *path;
	enum test_needs	 needs;
	const char	*before, *after;	/* body around the model */
	const char	*expect;	/* text that a good answer contains */
} test_rows[] = {
	{ "health", "GET", "/healthz", NEEDS_NOTHING, NULL, NULL, "" },
	{ "models", "GET", "/v1/models", NEEDS_NOTHING, NULL, NULL,
	    "\"data\"" },
	{ "chat", "POST", "/v1/chat/completions", NEEDS_CHAT,
	    "{\"model\":\"", "\",\"max_tokens\":16,\"messages\":[{\"role\":"
	    "\"user\",\"content\":\"Say hello.\"}]}", "\"choices\"" },
	{ "chat stream", "POST", "/v1/chat/completions", NEEDS_CHAT,
	    "{\"model\":\"", "\",\"max_tokens\":16,\"stream\":true,"
	    "\"messages\":[{\"role\":\"user\",\"content\":\"Say hello.\"}]}",
	    "data: [DONE]" },
	{ "completions", "POST", "/v1/completions", NEEDS_CHAT,
	    "{\"model\":\"", "\",\"max_tokens\":16,\"prompt\":\"Hello\"}",
	    "\"choices\"" },
	{ "embeddings", "POST", "/v1/embeddings", NEEDS_EMBED,
	    "{\"model\":\"", "\",\"input\":\"hello\"}", "\"data\"" },
	{ "moderations", "POST", "/v1/moderations", NEEDS_PROVIDER,
	    "{\"input\":\"hello\"}", "", "\"results\"" },
	{ NULL, NULL, NULL, NEEDS_NOTHING, NULL, NULL, NULL }
};

struct test_models {
	char		 chat[TEST_MODEL_MAX], embed[TEST_MODEL_MAX];
	int		 listed;	/* there was a list */
};

/* The first model that looks like text, the first that embeds. */
static void
test_pick(struct str body, struct test_models *m)
{
	struct json_object *o = NULL, *list;
	struct str id;
	size_t i;

	if (json_parse(body, &o) < 0)
		return;
	list = json_get(o, "data");
	for (i = 0; json_object_is_type(list, json_type_array) &&
	    i < json_object_array_length(list); i++) {
		id = json_get_str(json_object_array_get_idx(list, i), "id");
		if (id.n == 0 || id.n >= TEST_MODEL_MAX ||
		    str_chr(id, '"') >= 0 || str_chr(id, '\\') >= 0)
			continue;
		if (str_find(id, STR("embed")) >= 0) {
			if (m->embed[0] == '\0')
				str_copy(m->embed, sizeof(m->embed), id);
		} else if (m->chat[0] == '\0' &&
		    str_find(id, STR("whisper")) < 0 &&
		    str_find(id, STR("tts")) < 0 &&
		    str_find(id, STR("dall-e")) < 0)
			str_copy(m->chat, sizeof(m->chat), id);
	}
	json_object_put(o);
}

/* Is it the kind of call that is not there, or only the model? */
static int
is_off(const struct test_row *row, const struct call_answer *a)
{
	char code[64];

	call_error_code(a, code, sizeof(code));
	if (a->status == 400)
		return strcmp(code, "unsupported_operation") == 0;
	return a->status == 404 && (row->needs == NEEDS_PROVIDER ||
	    (row->needs != NEEDS_NOTHING &&
	    strcmp(code, "model_not_found") != 0));
}

/* Judge an answer: 1 good, 0 failed, -1 not offered; text says more. */
static int
test_judge(const struct test_row *row, const struct call_answer *a,
    char *text, size_t size)
{
	if (a->outcome != OUTCOME_OK) {
		snprintf(text, size, "%s", a->why);
		return 0;
	}
	if (a->status != 200) {
		call_error_text(a, text, size);
		return is_off(row, a) ? -1 : 0;
	}
	if (str_find(buf_str(&a->body), str_of(row->expect)) < 0) {
		snprintf(text, size, "unexpected answer");
		return 0;
	}
	if (a->provider[0] != '\0')
		snprintf(text, size, "%s %s", a->provider, a->model);
	return 1;
}

static void
test_print(const struct ctl *c, const struct test_row *row, int rc,
    const struct call_answer *a, const char *text, int first)
{
	const char *verdict = rc > 0 ? "ok" : rc < 0 ? "off" : "FAILED";
	struct buf b;

	if (!c->json) {
		printf("%-12s %-7s %6d %9.1f  %s\n", row->name, verdict,
		    a->status, (double)a->end_us / 1000, text);
		return;
	}
	buf_init(&b, 65536);
	(void)buf_printf(&b, "%s{\"name\":\"%s\",\"result\":\"%s\","
	    "\"status\":%d,\"ms\":%.1f,\"text\":\"", first ? "" : ",",
	    row->name, verdict, a->status, (double)a->end_us / 1000);
	(void)buf_add_json(&b, str_of(text));
	(void)buf_adds(&b, STR("\"}"));
	printf("%.*s", STR_ARG(buf_str(&b)));
	buf_free(&b);
}

/* Run one row: 0 when it failed. */
static int
test_one(const struct ctl *c, struct call_to *t, const struct test_row *row,
    struct test_models *m)
{
	const char *model = row->needs == NEEDS_PROVIDER ? "" :
	    row->needs == NEEDS_EMBED ? m->embed : m->chat;
	struct call_answer a;
	char body[512], text[256] = "";
	int rc;

	if (row->needs != NEEDS_NOTHING && row->needs != NEEDS_PROVIDER &&
	    model[0] == '\0') {
		memset(&a, 0, sizeof(a));
		test_print(c, row, -1, &a, m->listed ?
		    "no such model is listed" : "not tried without the list "
		    "of models", 0);
		return 1;
	}
	if (row->before != NULL)
		snprintf(body, sizeof(body), "%s%s%s", row->before, model,
		    row->after);
	call_run(t, row->method, row->path,
	    row->before != NULL ? body : NULL, NULL, NULL, &a);
	rc = test_judge(row, &a, text, sizeof(text));
	if (strcmp(row->name, "models") == 0 && rc > 0) {
		test_pick(buf_str(&a.body), m);
		m->listed = 1;
	}
	test_print(c, row, rc, &a, text, row == test_rows);
	call_answer_free(&a);
	return rc != 0;
}

int
test_main(struct ctl *c, int argc, char **argv)
{
	struct test_models m = { "", "", 0 };
	const struct test_row *row;
	struct call_to *t;
	const char *word[3] = { NULL, NULL, NULL };
	int i, n = 0, failed = 0;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0) {
			c->json = 1;
		} else if (strcmp(argv[i], "--model") == 0 && i + 1 < argc) {
			str_copy(m.chat, sizeof(m.chat), str_of(argv[++i]));
		} else if (argv[i][0] == '-' || n == 2) {
			fprintf(stderr, "usage: aigwctl test [--model MODEL] "
			    "[URL] [KEY]\n");
			return EXIT_BAD_USAGE;
		} else
			word[n++] = argv[i];
	}
	t = call_to_new(c, word[0], word[1]);
	if (t == NULL)
		return EXIT_FAILED;
	if (c->json)
		printf("{\"url\":\"%s\",\"calls\":[", call_to_url(t));
	else
		printf("%s\n%-12s %-7s %6s %9s  %s\n", call_to_url(t), "CALL",
		    "RESULT", "STATUS", "MS", "ROUTE OR ERROR");
	for (row = test_rows; row->name != NULL; row++)
		failed += !test_one(c, t, row, &m);
	if (c->json)
		printf("],\"failed\":%d}\n", failed);
	call_to_free(&t);
	return failed ? EXIT_FAILED : EXIT_DONE;
}
