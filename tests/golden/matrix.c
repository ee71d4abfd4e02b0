/*
 * matrix.c - what becomes of one feature of a client at a provider.
 *
 * Runs in: golden tests.
 * Owns: nothing.
 *
 * The request is made, read and written as a worker does it. What was sent is
 * parsed by json-c and looked at; what the codecs noted must agree with it.
 */
#include <string.h>

#include "base/crypto.h"
#include "base/err.h"
#include "golden.h"

int golden_azure;

static enum conf_dialect
dialect_of(int format)
{
	enum conf_dialect d = formats[format].dialect;

	return d == DIALECT_OPENAI && golden_azure ? DIALECT_AZURE : d;
}

/* s with the words ${SEAL} and ${SEAL64} replaced: a signature of the
 * provider's, as a client of another format has it. */
static const char *
sealed(struct rig *r, const char *s, int provider)
{
	struct str seal = codec_seal(r->a, dialect_of(provider),
	    STR("QUJD"));
	const char *at, *end;
	struct buf b;

	while ((at = strstr(s, "${SEAL")) != NULL) {
		end = strchr(at, '}') + 1;
		buf_init(&b, 4096);
		if (end - at > 7)
			(void)crypto_base64(&b, seal);
		else
			(void)buf_adds(&b, seal);
		s = arena_printf(r->a, "%.*s%.*s%s", (int)(at - s), s,
		    (int)buf_len(&b), buf_ptr(&b), end);
		buf_free(&b);
	}
	return s;
}

static const char *
request(struct rig *r, const char *patch, int client, int stream)
{
	struct json_object *o = probe_parse(formats[client].base),
	    *p = probe_parse(patch);
	const char *s;

	probe_merge(o, p);
	if (client != GE)
		json_object_object_add(o, "stream",
		    json_object_new_boolean(stream));
	s = arena_strdup(r->a, json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
	json_object_put(p);
	return s;
}

const char *
golden_write(struct rig *r, const char *body, int client, int provider,
    const char *model, int stream)
{
	const struct format *c = &formats[client], *p = &formats[provider];
	struct ir_req *q = arena_zalloc(r->a, sizeof(*q));
	struct ir_note *n = &r->note;
	struct buf b;
	const char *s;

	memset(n, 0, sizeof(*n));
	n->a = r->a;
	ir_req_init(q, r->a, dialect_of(client));
	q->responses = c->responses;
	memset(&r->target, 0, sizeof(r->target));
	r->target.dialect = dialect_of(provider);
	r->target.responses = p->responses;
	r->target.model = str_of(model);
	r->target.known.max_output = 64000;
	r->rc = c->codec->read(q, arena_str(r->a, str_of(body)), n);
	if (r->rc != 0)
		return NULL;
	q->stream = stream;
	if (client == GE)
		q->model = STR("m");
	if ((r->rc = ir_check(q, n)) != 0)
		return NULL;
	buf_init(&b, 64u << 20);
	r->rc = p->codec->write(&b, q, &r->target, n);
	s = r->rc == 0 ? arena_strndup(r->a, buf_ptr(&b), buf_len(&b)) : NULL;
	buf_free(&b);
	return s;
}

/* What came out, against what was noted. */
static void
judge(struct rig *r, const struct row *row, int client, int provider,
    struct cell *c)
{
	const char *here = row_find(row, '>', provider, client),
	    *gone = row_find(row, '-', provider, client);
	struct json_object *o = probe_parse(c->sent);
	const char *failed = "nothing says what is to be seen";
	int arrived, left;

	arrived = here != NULL && probe(o, here, &failed);
	left = gone != NULL && probe(o, gone, here == NULL ? &failed : NULL);
	json_object_put(o);
	c->why = ir_dropped(&r->note);
	if (arrived)
		c->what = r->note.n == 0 ? CELL_KEPT : CELL_CHANGED;
	else if (left && r->note.n > 0)
		c->what = CELL_DROPPED;
	else {
		c->what = CELL_SILENT;
		c->why = arena_printf(r->a, "not so: %s; notes: %s", failed,
		    c->why);
	}
}

struct cell
matrix_cell(struct rig *r, const struct row *row, int client, int provider,
    int stream)
{
	const char *patch = row_find(row, '<', client, client),
	    *model = row_find(row, '@', provider, client), *body;
	struct cell c = { .what = CELL_NONE, .why = "" };

	if (client == provider) {
		c.what = CELL_OWN;
		return c;
	}
	if (patch == NULL)
		return c;
	if (model == NULL)
		model = formats[provider].model;
	body = request(r, sealed(r, patch, provider), client, stream);
	c.sent = golden_write(r, body, client, provider, model, stream);
	if (c.sent != NULL)
		judge(r, row, client, provider, &c);
	else if (r->rc == ERR_FORMAT && r->note.message != NULL &&
	    r->note.param != NULL) {
		c.what = CELL_REFUSED;
		c.why = arena_printf(r->a, "%s: %s", r->note.param,
		    r->note.message);
	} else {
		c.what = CELL_SILENT;
		c.why = arena_printf(r->a, "code %d, refused without a word",
		    r->rc);
	}
	return c;
}
