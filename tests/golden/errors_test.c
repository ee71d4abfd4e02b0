/*
 * errors_test.c - what real providers refused, told in every other format.
 *
 * Each error that was recorded (AIGW_TRANSCRIPTS) has a row: what it is, what it
 * means for our key, and what the client of each format gets when it is the
 * client's own. Words are compared with what json-c finds in the record.
 */
#include <stdio.h>
#include <string.h>

#include "answers.h"
#include "upstream/complaint.h"
#include "upstream/keyfault.h"

static struct rig r;

/* status is the record's. own: it is passed on to the client, as this kind;
 * inside: the same body where an answer was expected, with a 200. */
static const struct record {
	int		 format;
	const char	*name;
	int		 status;
	enum upkey_why	 why;
	enum fault	 own;		/* FAULT_NONE: not passed on */
	enum fault	 inside;
	int64_t		 retry_s;	/* the body says; -1: nothing */
} rows[] = {
	{ OC, "error-400-max-tokens", 400, UPKEY_FINE, FAULT_BAD_REQUEST,
	    FAULT_UPSTREAM, -1 },
	{ OC, "error-404-model", 404, UPKEY_FINE, FAULT_NONE, FAULT_UPSTREAM,
	    -1 },
	{ OR, "error-400-context", 400, UPKEY_FINE, FAULT_CONTEXT,
	    FAULT_BAD_REQUEST, -1 },
	{ OR, "error-401", 401, UPKEY_AUTH, FAULT_NONE, FAULT_UPSTREAM_AUTH,
	    -1 },
	{ OR, "error-429-insufficient-quota", 429, UPKEY_QUOTA, FAULT_NONE,
	    FAULT_UPSTREAM_AUTH, -1 },
	{ AN, "error-400-prompt-too-long", 400, UPKEY_FINE, FAULT_CONTEXT,
	    FAULT_BAD_REQUEST, -1 },
	{ AN, "error-401", 401, UPKEY_AUTH, FAULT_NONE, FAULT_UPSTREAM_AUTH,
	    -1 },
	{ AN, "error-404-model", 404, UPKEY_FINE, FAULT_NONE, FAULT_NO_MODEL,
	    -1 },
	{ GE, "error-400-key", 400, UPKEY_AUTH, FAULT_NONE,
	    FAULT_BAD_REQUEST, -1 },
	{ GE, "error-404-model", 404, UPKEY_FINE, FAULT_NONE, FAULT_NO_MODEL,
	    -1 },
	{ GE, "error-429-retryinfo", 429, UPKEY_QUOTA, FAULT_NONE,
	    FAULT_RATE, 48 },
	{ MI, "error-401", 401, UPKEY_AUTH, FAULT_NONE, FAULT_UPSTREAM, -1 },
	{ GR, "error-400-tool-use-failed", 400, UPKEY_FINE,
	    FAULT_BAD_REQUEST, FAULT_UPSTREAM, -1 },
	{ GR, "error-404-model", 404, UPKEY_FINE, FAULT_NONE, FAULT_UPSTREAM,
	    -1 },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* What a client reads where: conditions of probe.h, the words put for %s. */
static const struct {
	enum fault	 fault;
	enum fault_shape shape;
	const char	*cond;
} shapes[] = {
	{ FAULT_BAD_REQUEST, SHAPE_OPENAI,
	    "error.type=invalid_request_error ;; error.code?" },
	{ FAULT_BAD_REQUEST, SHAPE_ANTHROPIC, "type=error ;; "
	    "error.type=invalid_request_error ;; request_id=req_1" },
	{ FAULT_BAD_REQUEST, SHAPE_GEMINI,
	    "error.code=400 ;; error.status=INVALID_ARGUMENT" },
	{ FAULT_BAD_REQUEST, SHAPE_MISTRAL, "object=error ;; "
	    "type=invalid_request_error ;; message?" },
	{ FAULT_BAD_REQUEST, SHAPE_OLLAMA, "error?" },
	{ FAULT_CONTEXT, SHAPE_OPENAI, "error.type=invalid_request_error ;; "
	    "error.code=context_length_exceeded" },
	{ FAULT_CONTEXT, SHAPE_ANTHROPIC,
	    "type=error ;; error.type=invalid_request_error" },
	{ FAULT_CONTEXT, SHAPE_GEMINI,
	    "error.code=400 ;; error.status=INVALID_ARGUMENT" },
	{ FAULT_CONTEXT, SHAPE_MISTRAL,
	    "object=error ;; type=invalid_request_error" },
	{ FAULT_CONTEXT, SHAPE_OLLAMA, "error?" },
};

static const struct record *
row_of(int format, const char *name)
{
	size_t i, n = strcspn(name, ".");

	for (i = 0; i < ROWS; i++)
		if (rows[i].format == format && strlen(rows[i].name) == n &&
		    strncmp(rows[i].name, name, n) == 0)
			return &rows[i];
	tap_fail(__FILE__, __LINE__, "%s %s has no row",
	    formats[format].name, name);
}

static struct str
file_of(const char *format, const char *name, const char *end)
{
	return rig_file(&r, arena_printf(r.a, "%s/%.*s.%s.json", format,
	    (int)strcspn(name, "."), name, end));
}

/* The words in the record, by json-c. */
static const char *
words_in(struct str body)
{
	struct json_object *o = probe_parse(arena_strndup(r.a, body.p,
	    body.n)), *v;
	const char *s;

	v = json_get(json_get(o, "error"), "message");
	if (v == NULL)
		v = json_get(o, "message");
	if (v == NULL)
		v = json_get(o, "detail");
	OK(v != NULL);
	s = arena_strdup(r.a, json_object_get_string(v));
	json_object_put(o);
	return s;
}

/* Somewhere in the text of a JSON body. */
static int
has_words(struct json_object *o, const char *words)
{
	const char *paths[] = { "error.message~", "message~", "error~",
	    "response.error.message~" };
	const char *line = arena_strdup(r.a, words);
	size_t i;

	/* tests are divided by these */
	if (strstr(line, " ;; ") != NULL || strlen(line) > 400)
		line = arena_strndup(r.a, line, 60);
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (probe(o, arena_printf(r.a, "%s%s", paths[i], line), NULL))
			return 1;
	return 0;
}

/* Its own fault, in the shape of each client. */
static void
passed_on(const struct record *row, struct str body, const char *words)
{
	struct json_object *o;
	struct fault_said said;
	const char *failed = NULL;
	struct buf b;
	size_t i;
	unsigned n = 0;

	fault_read(&said, body, row->status);
	EQ_STR(fault_name(said.fault), fault_name(row->own));
	EQ_S(said.text, words);
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (shapes[i].fault != row->own)
			continue;
		n++;
		buf_init(&b, 65536);
		EQ_INT(fault_write(&b, shapes[i].shape, said.fault,
		    row->status, said.text, said.param, STR("req_1")), 0);
		o = probe_parse(arena_strndup(r.a, buf_ptr(&b), buf_len(&b)));
		if (!probe(o, shapes[i].cond, &failed) ||
		    !has_words(o, words))
			tap_fail(__FILE__, __LINE__, "%s: %s fails: %.*s",
			    row->name, failed == NULL ? "words" : failed,
			    (int)buf_len(&b), buf_ptr(&b));
		if (said.param.n > 0 && shapes[i].shape == SHAPE_OPENAI)
			OK(probe(o, arena_printf(r.a, "error.param=%.*s",
			    STR_ARG(said.param)), NULL));
		json_object_put(o);
		buf_free(&b);
	}
	EQ_INT(n, 5);
}

/* The body came with a 200: an error for each client, whole and as a stream. */
static void
inside(const struct record *row, struct str body, const char *words)
{
	const struct ir_event *e;
	struct json_object *o;
	const char *s;
	int client;

	(void)rig_body(&r, formats[row->format].codec, body);
	if (row->format == MI) {	/* "detail" is for statuses only */
		OK(r.rc != 0 || r.ev[r.n - 1].kind == IR_EV_ERROR);
		return;
	}
	EQ_INT(r.rc, 0);
	e = &r.ev[r.n - 1];
	EQ_INT(e->kind, IR_EV_ERROR);
	if (e->fault != row->inside)
		tap_fail(__FILE__, __LINE__, "%s is %s inside an answer, not "
		    "%s", row->name, fault_name(e->fault),
		    fault_name(row->inside));
	EQ_S(e->text, words);
	for (client = 0; client < FORMATS; client++) {
		if (client == row->format)
			continue;
		s = rig_put_body(&r, formats[client].codec, r.ev, r.n);
		o = probe_parse(s);
		if (!has_words(o, words))
			tap_fail(__FILE__, __LINE__, "%s for %s: %s",
			    row->name, formats[client].name, s);
		json_object_put(o);
		s = rig_put(&r, formats[client].codec, r.ev, r.n);
		OK(*s != '!' && strstr(s, "\"error\"") != NULL &&
		    strstr(s, "[DONE]") == NULL);
	}
}

static void
one(int format, const char *name)
{
	const struct record *row = row_of(format, name);
	struct str body = file_of(formats[format].folder, name, "response");
	struct str meta = file_of(formats[format].folder, name, "meta");
	const char *words = words_in(body);
	struct complaint c;
	struct json_object *o;

	o = probe_parse(arena_strndup(r.a, meta.p, meta.n));
	EQ_INT(json_get_int(o, "status", 0), row->status);
	json_object_put(o);
	complaint_read(body, &c);
	EQ_INT(keyfault_find(formats[format].dialect, row->status, &c),
	    row->why);
	EQ_INT(c.retry_us, row->retry_s < 0 ? -1 : row->retry_s * 1000000);
	if (row->own != FAULT_NONE)
		passed_on(row, body, words);
	inside(row, body, words);
	printf("# %s %s\n", formats[format].name, row->name);
}

TEST(recorded_errors)
{
	const char *names[ANSWERS_MAX];
	unsigned i, n, all = 0;
	int f;

	rig_new(&r);
	r.req.stream = 1;
	for (f = 0; f < FORMATS; f++) {
		n = answers_names(&r, f, "error-", names);
		for (i = 0; i < n; i++)
			one(f, names[i]);
		all += n;
	}
	EQ_INT(all, ROWS);
	rig_free(&r);
}

TAP_BEGIN
TAP_ROW(recorded_errors)
TAP_END
