/*
 * anthropic_part.c - parts of messages as blocks of a Messages request.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/crypto.h"
#include "base/err.h"
#include "base/jscan.h"
#include "dialect/an_write.h"

#define TEXT_MAX (32u << 20)

/* Images that the API takes, by how their Base64 begins. */
static const struct {
	const char	*mime, *magic;
} images[] = {
	{ "image/jpeg", "/9j/" },
	{ "image/png", "iVBORw0KGgo" },
	{ "image/gif", "R0lGOD" },
	{ "image/webp", "UklGR" },
};
#define IMAGES (sizeof(images) / sizeof(*images))

int
an_write_cache(struct an_wr *x, struct str raw)
{
	struct jval ttl;

	if (raw.n == 0)
		return 0;
	if (x->skip_cache > 0) {
		x->skip_cache--;
		return ir_change(x->n, ir_mark(x->q));
	}
	if (!x->foreign) {
		jw_kraw(&x->w, "cache_control", raw);
		return 0;
	}
	ttl = jt_get(jt_value(raw), "ttl");
	jw_key(&x->w, "cache_control");
	jw_open(&x->w, '{');
	jw_ktext(&x->w, "type", "ephemeral");
	if (jt_is(ttl) && !jt_eq(ttl, "5m"))
		jw_ktext(&x->w, "ttl", "1h");
	jw_close(&x->w, '}');
	return ir_change(x->n, ir_mark(x->q));
}

static int
foreign_file(struct an_wr *x, const struct ir_part *p)
{
	if (p->media.file_id.n == 0 || p->from == DIALECT_ANTHROPIC)
		return 0;
	return an_refuse(x, p->media.where != NULL ? p->media.where :
	    "file_id", "\"%.*s\" is a file at "
	    "another provider; send its content or an https URL",
	    (int)(p->media.file_id.n > 80 ? 80 : p->media.file_id.n),
	    p->media.file_id.p);
}

static void
put_source(struct an_wr *x, const char *type, const char *mime,
    const char *member, struct str v)
{
	jw_key(&x->w, "source");
	jw_open(&x->w, '{');
	jw_ktext(&x->w, "type", type);
	if (mime != NULL)
		jw_ktext(&x->w, "media_type", mime);
	jw_key(&x->w, member);
	jw_str(&x->w, v);
	jw_close(&x->w, '}');
}

static int
put_url(struct an_wr *x, const struct ir_media *m)
{
	const char *where = m->where != NULL ? m->where : "url";
	struct str url = m->url;

	if (!str_ieq(str_make(url.p, url.n < 8 ? url.n : 8),
	    STR("https://")))
		return an_refuse(x, where, "Anthropic fetches https "
		    "URLs only; \"%.*s\" is none: send an https URL or the "
		    "data itself", (int)(url.n > 60 ? 60 : url.n), url.p);
	put_source(x, "url", NULL, "url", url);
	return 0;
}

/* What an image is: by its first bytes, else by its label. */
static const char *
image_mime(const struct ir_media *m)
{
	size_t i;

	for (i = 0; i < IMAGES; i++)
		if (str_starts(m->base64, str_of(images[i].magic)))
			return images[i].mime;
	if (str_ieq(m->mime, STR("image/jpg")))
		return "image/jpeg";
	for (i = 0; i < IMAGES; i++)
		if (str_ieq(m->mime, str_of(images[i].mime)))
			return images[i].mime;
	return NULL;
}

static int
write_image(struct an_wr *x, const struct ir_part *p)
{
	const struct ir_media *m = &p->media;
	const char *mime;
	int rc;

	if ((rc = foreign_file(x, p)) != 0)
		return rc;
	jw_ktext(&x->w, "type", "image");
	if (m->file_id.n > 0)
		put_source(x, "file", NULL, "file_id", m->file_id);
	else if (m->url.n > 0) {
		if ((rc = put_url(x, m)) != 0)
			return rc;
	} else if ((mime = image_mime(m)) == NULL)
		return an_refuse(x, "messages", "an image of "
		    "type \"%.*s\": Anthropic takes JPEG, PNG, GIF and WebP",
		    (int)(m->mime.n > 60 ? 60 : m->mime.n), m->mime.p);
	else
		put_source(x, "base64", mime, "data", m->base64);
	if (m->detail.n > 0 && !str_eqc(m->detail, "auto"))
		return an_drop(x, "detail");
	return 0;
}

/* A text file that came as Base64. */
static int
put_text_file(struct an_wr *x, const struct ir_media *m)
{
	struct buf b;
	int rc;

	buf_init(&b, TEXT_MAX);
	rc = crypto_unbase64(&b, m->base64);
	if (rc == 0)
		put_source(x, "text", "text/plain", "data", buf_str(&b));
	buf_free(&b);
	if (rc == ERR_FORMAT)
		return an_refuse(x, "messages", "the data of a "
		    "file is no Base64");
	return rc;
}

static int
write_file(struct an_wr *x, const struct ir_part *p)
{
	const struct ir_media *m = &p->media;
	int rc;

	if ((rc = foreign_file(x, p)) != 0)
		return rc;
	jw_ktext(&x->w, "type", "document");
	if (m->file_id.n > 0)
		put_source(x, "file", NULL, "file_id", m->file_id);
	else if (m->url.n > 0)
		rc = put_url(x, m);
	else if (m->base64.n == 0)
		put_source(x, "text", "text/plain", "data", m->text);
	else if (str_starts(m->base64, STR("JVBERi")) ||
	    str_ieq(m->mime, STR("application/pdf")))
		put_source(x, "base64", "application/pdf", "data", m->base64);
	else if (str_starts(m->mime, STR("text/")) ||
	    str_ieq(m->mime, STR("application/json")))
		rc = put_text_file(x, m);
	else
		return an_refuse(x, "messages", "a file of type "
		    "\"%.*s\": Anthropic takes PDF and text",
		    (int)(m->mime.n > 60 ? 60 : m->mime.n), m->mime.p);
	jw_kstr(&x->w, "title", m->title.n > 0 ? m->title : m->filename);
	if (p->citations.n > 0)
		jw_kraw(&x->w, "citations", x->foreign ?
		    STR("{\"enabled\":true}") : p->citations);
	return rc;
}

static int
write_call(struct an_wr *x, const struct ir_part *p)
{
	static const struct jscan_opts opts;
	struct jscan_result res;
	struct str args = str_trim(p->args);

	jw_ktext(&x->w, "type", "tool_use");
	jw_key(&x->w, "id");
	jw_str(&x->w, an_id(x->q->a, p->id));
	jw_key(&x->w, "name");
	jw_str(&x->w, an_name(x, p->name));
	jw_key(&x->w, "input");
	if (p->custom) {
		jw_open(&x->w, '{');
		jw_key(&x->w, "input");
		jw_str(&x->w, p->args);
		jw_close(&x->w, '}');
		return 0;
	}
	if (args.n == 0 || str_eqc(args, "null"))
		args = STR("{}");
	else if (x->foreign && (jscan(args, &opts, NULL, 0, &res) != 0 ||
	    res.type != JSCAN_OBJECT))
		return an_refuse(x, "messages", "the arguments "
		    "of the tool call \"%.*s\" are no JSON object, which "
		    "Anthropic wants",
		    (int)(p->id.n > 100 ? 100 : p->id.n), p->id.p);
	jw_raw(&x->w, args);
	return 0;
}

static int
write_result(struct an_wr *x, const struct ir_part *p)
{
	const struct ir_part *c;
	int rc, n = 0;

	jw_ktext(&x->w, "type", "tool_result");
	jw_key(&x->w, "tool_use_id");
	jw_str(&x->w, an_id(x->q->a, p->id));
	for (c = p->result; c != NULL; c = ir_next(c))
		n += c->kind != IR_TEXT || !an_blank(c->text);
	if (p->result == NULL)
		jw_kstr(&x->w, "content", p->json);
	else if (n > 0 && p->result->next == NULL &&
	    p->result->kind == IR_TEXT && p->result->cache.n == 0)
		jw_kstr(&x->w, "content", p->result->text);
	else if (n > 0) {
		jw_key(&x->w, "content");
		jw_open(&x->w, '[');
		for (c = p->result; c != NULL; c = ir_next(c))
			if ((c->kind != IR_TEXT || !an_blank(c->text)) &&
			    (rc = an_write_part(x, c, c->text)) != 0)
				return rc;
		jw_close(&x->w, ']');
	}
	if (p->error)
		jw_kbool(&x->w, "is_error", 1);
	return 0;
}

static void
write_thinking(struct an_wr *x, const struct ir_part *p)
{
	if (p->redacted) {
		jw_ktext(&x->w, "type", "redacted_thinking");
		jw_key(&x->w, "data");
		jw_str(&x->w, p->signature);
		return;
	}
	jw_ktext(&x->w, "type", "thinking");
	jw_key(&x->w, "thinking");
	jw_str(&x->w, p->text);
	jw_key(&x->w, "signature");
	jw_str(&x->w, p->signature);
}

static int
write_text(struct an_wr *x, const struct ir_part *p, struct str text)
{
	jw_ktext(&x->w, "type", "text");
	jw_key(&x->w, "text");
	jw_str(&x->w, text);
	if (p == NULL || p->citations.n == 0)
		return 0;
	if (x->foreign)
		return ir_drop(x->n, ir_cited(x->q));
	jw_kraw(&x->w, "citations", p->citations);
	return 0;
}

static int
write_inside(struct an_wr *x, const struct ir_part *p, struct str text)
{
	switch (p->kind) {
	case IR_TEXT:
	case IR_REFUSAL:
		return write_text(x, p, text);
	case IR_IMAGE:
		return write_image(x, p);
	case IR_FILE:
		return write_file(x, p);
	case IR_CALL:
		return write_call(x, p);
	case IR_RESULT:
		return write_result(x, p);
	case IR_THINKING:
		write_thinking(x, p);
		return 0;
	case IR_AUDIO:
		return an_refuse(x, "messages",
		    "Anthropic takes no audio");
	case IR_VIDEO:
		return an_refuse(x, "messages",
		    "Anthropic takes no video");
	case IR_OPAQUE:
		break;
	}
	return an_refuse(x, "messages", "a part that only its "
	    "own provider understands cannot be sent to Anthropic");
}

int
an_write_part(struct an_wr *x, const struct ir_part *p, struct str text)
{
	int rc;

	if (p->raw.n > 0 && !x->foreign && p->from == DIALECT_ANTHROPIC) {
		jw_raw(&x->w, p->raw);
		return 0;
	}
	jw_open(&x->w, '{');
	if ((rc = write_inside(x, p, text)) != 0)
		return rc;
	if (p->kind != IR_THINKING && (rc = an_write_cache(x, p->cache)) != 0)
		return rc;
	jw_close(&x->w, '}');
	return 0;
}
