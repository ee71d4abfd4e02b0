/*
 * chat_write_part.c - parts of the neutral form into content of the chat
 * family.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/err.h"
#include "dialect/chat.h"
#include "dialect/wire.h"

static void
add(struct chat_writer *w, struct str s)
{
	if (w->w.error == 0)
		w->w.error = buf_adds(w->w.b, s);
}

/* "data:TYPE;base64,..." in quotes. */
static void
put_data_uri(struct chat_writer *w, const struct ir_media *m)
{
	jw_raw(&w->w, STR("\"data:"));
	if (w->w.error == 0)
		w->w.error = buf_add_json(w->w.b, m->mime.n > 0 ? m->mime :
		    STR("application/octet-stream"));
	add(w, STR(";base64,"));
	if (w->w.error == 0)
		w->w.error = buf_add_json(w->w.b, m->base64);
	add(w, STR("\""));
}

int
chat_marks(const struct chat_writer *w)
{
	return chat_has(w, CHAT_BREAKPOINTS) && ir_can(w->t, TRAIT_MARKS,
	    chat_takes_marks(w->t->model));
}

/* The mark behind which a prompt is kept. */
static int
write_mark(struct chat_writer *w, const struct ir_part *p)
{
	struct jval ttl;

	if (p->cache.n == 0)
		return 0;
	if (!chat_marks(w))
		return ir_drop(w->n, ir_mark(w->q));
	jw_key(&w->w, "prompt_cache_breakpoint");
	jw_open(&w->w, '{');
	jw_ktext(&w->w, "mode", "explicit");
	ttl = jt_get(jt_value(p->cache), "ttl");
	if (jt_is(ttl))
		jw_ktext(&w->w, "ttl", jt_eq(ttl, "1h") ? "12h" : "30m");
	jw_close(&w->w, '}');
	return chat_same(w) ? 0 : ir_change(w->n,
	    ir_mark(w->q));
}

int
chat_write_text(struct chat_writer *w, const struct ir_part *p, const char *before,
    struct str text)
{
	int rc;

	jw_open(&w->w, '{');
	jw_ktext(&w->w, "type", "text");
	jw_key(&w->w, "text");
	if (*before != '\0')
		text = arena_cat(w->q->a, str_of(before), text);
	jw_str(&w->w, text);
	rc = write_mark(w, p);
	jw_close(&w->w, '}');
	return rc;
}

int
chat_no_form(struct chat_writer *w, const char *what, const char *why)
{
	return ir_refuse(w->n, chat_word(w, "messages"), "%s has no form for %s%s: leave it "
	    "out, or choose another model", w->c->name, what, why);
}

/* What another provider keeps. */
static int
kept_elsewhere(struct chat_writer *w, const struct ir_media *m,
    const char *what)
{
	static const char why[] = ", since only the provider that keeps it "
	    "knows it";

	if (m->where == NULL)
		return chat_no_form(w, what, why);
	return ir_refuse(w->n, m->where, "%s: %s has no form for %s%s: send "
	    "its content or an https URL", m->where, w->c->name, what, why);
}

static int
write_image(struct chat_writer *w, const struct ir_part *p)
{
	const struct ir_media *m = &p->media;
	struct str detail = m->detail;
	int rc = 0;

	if (m->base64.n == 0 && m->url.n == 0)
		return kept_elsewhere(w, m, "a picture by the id of a file");
	if (str_eqc(detail, "original") && !chat_has(w, CHAT_DETAIL_ORIGINAL)) {
		detail = STR("high");
		rc = ir_change(w->n, "detail");
	}
	if (rc != 0 || (rc = wire_url_web(w->n, m)) != 0)
		return rc;
	jw_open(&w->w, '{');
	jw_ktext(&w->w, "type", "image_url");
	jw_key(&w->w, "image_url");
	jw_open(&w->w, '{');
	jw_key(&w->w, "url");
	if (m->base64.n > 0)
		put_data_uri(w, m);
	else
		jw_str(&w->w, m->url);
	jw_kstr(&w->w, "detail", detail);
	jw_close(&w->w, '}');
	if (rc == 0)
		rc = write_mark(w, p);
	jw_close(&w->w, '}');
	return rc;
}

static int
write_document(struct chat_writer *w, const struct ir_part *p)
{
	const struct ir_media *m = &p->media;
	int rc = wire_url_web(w->n, m);

	if (rc != 0)
		return rc;
	jw_open(&w->w, '{');
	jw_ktext(&w->w, "type", "document_url");
	jw_key(&w->w, "document_url");
	if (m->base64.n > 0)
		put_data_uri(w, m);
	else
		jw_str(&w->w, m->url);
	jw_kstr(&w->w, "document_name", m->filename.n > 0 ? m->filename :
	    m->title);
	jw_close(&w->w, '}');
	return chat_same(w) ? 0 : ir_change(w->n, chat_word(w, "file"));
}

/* A file that its provider keeps. */
static int
write_kept(struct chat_writer *w, const struct ir_part *p)
{
	int own = p->from == w->c->dialect ||
	    (p->from == DIALECT_AZURE && w->c->dialect == DIALECT_OPENAI);

	if (!own || w->t->dialect != p->from || w->t->generic)
		return kept_elsewhere(w, &p->media, "a file by its id");
	jw_open(&w->w, '{');
	jw_ktext(&w->w, "type", "file");
	if (chat_has(w, CHAT_FILES)) {
		jw_key(&w->w, "file");
		jw_open(&w->w, '{');
	}
	jw_kstr(&w->w, "file_id", p->media.file_id);
	if (chat_has(w, CHAT_FILES))
		jw_close(&w->w, '}');
	jw_close(&w->w, '}');
	return 0;
}

static int
write_file(struct chat_writer *w, const struct ir_part *p)
{
	const struct ir_media *m = &p->media;
	struct str text = wire_plain_text(w->q->a, m), name = m->filename;
	int rc;

	if (name.n == 0)
		name = m->title;
	if (p->citations.n > 0)
		return ir_no_citing(w->n, w->q, w->c->name);
	if (text.n > 0) {
		if ((rc = ir_change(w->n, chat_word(w, "file"))) != 0)
			return rc;
		if (name.n == 0)
			return chat_write_text(w, p, "", text);
		return chat_write_text(w, p, arena_printf(w->q->a,
		    "Document: %.*s\n\n", STR_ARG(name)), text);
	}
	if (m->base64.n == 0 && m->url.n == 0)
		return write_kept(w, p);
	if (chat_has(w, CHAT_DOCUMENTS))
		return write_document(w, p);
	if (!chat_has(w, CHAT_FILES))
		return chat_no_form(w, "documents", "");
	if (m->base64.n == 0)
		return chat_no_form(w, "a document by its URL", "");
	jw_open(&w->w, '{');
	jw_ktext(&w->w, "type", "file");
	jw_key(&w->w, "file");
	jw_open(&w->w, '{');
	jw_kstr(&w->w, "filename", name.n > 0 ? name : STR("document.pdf"));
	jw_key(&w->w, "file_data");
	put_data_uri(w, m);
	jw_close(&w->w, '}');
	rc = write_mark(w, p);
	jw_close(&w->w, '}');
	return rc != 0 || chat_same(w) ? rc :
	    ir_change(w->n, chat_word(w, "file"));
}

/* "wav", "mp3", or NULL for another sound. */
static const char *
sound(struct str mime)
{
	static const struct {
		struct str	 mime;
		const char	*format;
	} rows[] = {
		{ CHAT_F("audio/wav"), "wav" },
		{ CHAT_F("audio/x-wav"), "wav" },
		{ CHAT_F("audio/wave"), "wav" },
		{ CHAT_F("audio/mp3"), "mp3" },
		{ CHAT_F("audio/mpeg"), "mp3" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_ieq(rows[i].mime, mime))
			return rows[i].format;
	return NULL;
}

static int
write_audio(struct chat_writer *w, const struct ir_part *p)
{
	const struct ir_media *m = &p->media;
	const char *format = sound(m->mime);

	if (!chat_has(w, CHAT_AUDIO | CHAT_BARE_AUDIO) ||
	    (m->base64.n == 0 && (m->url.n == 0 || chat_has(w, CHAT_AUDIO))))
		return chat_no_form(w, "this sound", "");
	if (chat_has(w, CHAT_AUDIO) && format == NULL)
		return chat_no_form(w, "sound other than wav and mp3", "");
	jw_open(&w->w, '{');
	jw_ktext(&w->w, "type", "input_audio");
	jw_key(&w->w, "input_audio");
	if (chat_has(w, CHAT_AUDIO)) {
		jw_open(&w->w, '{');
		jw_kstr(&w->w, "data", m->base64);
		jw_ktext(&w->w, "format", format);
		jw_close(&w->w, '}');
	} else
		jw_str(&w->w, m->base64.n > 0 ? m->base64 : m->url);
	jw_close(&w->w, '}');
	return 0;
}

int
chat_write_part(struct chat_writer *w, const struct ir_part *p, const char *before)
{
	switch (p->kind) {
	case IR_TEXT:
		return chat_write_text(w, p, before, p->text);
	case IR_IMAGE:
		return write_image(w, p);
	case IR_FILE:
		/* One of Groq's documents: a member of its own. */
		if (p->raw.n > 0 && chat_same(w))
			return 0;
		return write_file(w, p);
	case IR_AUDIO:
		return write_audio(w, p);
	case IR_OPAQUE:
		if (!chat_same(w))
			break;
		jw_raw(&w->w, p->raw);
		return 0;
	case IR_VIDEO:
		return chat_no_form(w, "video", "");
	default:
		break;
	}
	return chat_no_form(w, "one of the parts", "");
}

static int
one_text(const struct ir_part *list)
{
	return list != NULL && list->next == NULL && list->kind == IR_TEXT &&
	    list->cache.n == 0;
}

int
chat_write_content(struct chat_writer *w, const struct ir_part *list,
    const char *before)
{
	const struct ir_part *p;
	int rc = 0;

	jw_key(&w->w, "content");
	if (list == NULL || one_text(list)) {
		struct str s = list == NULL ? STR("") : list->text;

		jw_str(&w->w, *before == '\0' ? s :
		    arena_cat(w->q->a, str_of(before), s));
		return 0;
	}
	jw_open(&w->w, '[');
	for (p = list; p != NULL && rc == 0; p = ir_next(p)) {
		rc = chat_write_part(w, p, before);
		if (p->kind == IR_TEXT)
			before = "";
	}
	jw_close(&w->w, ']');
	return rc;
}
