/*
 * gemini_media.c - images, documents, sound and video of a request.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * Bytes go as inlineData, what has a URL as fileData: Google fetches it.
 */
#include "base/err.h"
#include "dialect/ge.h"
#include "dialect/wire.h"

static int
detail(struct ge_wr *g, const struct ir_part *p)
{
	struct str d = p->media.detail;

	if (d.n == 0 || str_eqc(d, "auto"))
		return 0;
	if (!ge_has_levels(g->m))
		return ir_drop(g->n, ge_word(g->q, GE_DETAIL));
	jw_key(&g->w, "mediaResolution");
	jw_open(&g->w, '{');
	jw_ktext(&g->w, "level", str_eqc(d, "low") ? "MEDIA_RESOLUTION_LOW" :
	    "MEDIA_RESOLUTION_HIGH");
	jw_close(&g->w, '}');
	return g->q->from == DIALECT_GEMINI ? 0 :
	    ir_change(g->n, ge_word(g->q, GE_DETAIL));
}

/* A document that is text is said as text, its title first. */
static int
text_document(struct ge_wr *g, const struct ir_part *p)
{
	const struct ir_media *m = &p->media;
	struct str title = m->title.n > 0 ? m->title : m->filename;
	size_t n = title.n > 0 ? title.n + 1 : 0;
	char *d = arena_alloc(g->q->a, n + m->text.n + 1);

	if (n > 0) {
		memcpy(d, title.p, title.n);
		d[title.n] = '\n';
	}
	if (m->text.n > 0)
		memcpy(d + n, m->text.p, m->text.n);
	jw_key(&g->w, "text");
	jw_str(&g->w, str_make(d, n + m->text.n));
	return ir_change(g->n, "document");
}

static struct str
mime_of(const struct ir_part *p)
{
	const struct ir_media *m = &p->media;
	struct str s = m->mime;

	if (s.n == 0 && m->base64.n > 0)
		s = wire_mime_of(m->base64);
	if (s.n == 0)
		s = ge_mime_of_url(m->url.n > 0 ? m->url : m->filename);
	if (s.n == 0 && p->kind == IR_FILE)
		s = STR("application/pdf");
	if (s.n == 0 && p->kind == IR_IMAGE)
		s = m->url.n > 0 ? STR("image/*") : STR("image/png");
	if (str_eqc(s, "wav") || str_eqc(s, "audio/x-wav"))
		return STR("audio/wav");
	if (str_eqc(s, "mp3") || str_eqc(s, "audio/mpeg"))
		return STR("audio/mp3");
	return s;
}

static void
blob(struct ge_wr *g, const struct ir_part *p)
{
	jw_key(&g->w, "inlineData");
	jw_open(&g->w, '{');
	jw_kstr(&g->w, "mimeType", mime_of(p));
	jw_kstr(&g->w, "data", p->media.base64);
	jw_close(&g->w, '}');
}

static void
file(struct ge_wr *g, const struct ir_part *p, struct str uri)
{
	jw_key(&g->w, "fileData");
	jw_open(&g->w, '{');
	jw_kstr(&g->w, "mimeType", mime_of(p));
	jw_kstr(&g->w, "fileUri", uri);
	jw_close(&g->w, '}');
}

static int
foreign_file(struct ge_wr *g, const struct ir_part *p)
{
	return ir_refuse(g->n, "file_id", "the file \"%.*s\" is known to "
	    "another provider only: send its content or a URL",
	    (int)(p->media.file_id.n > 100 ? 100 : p->media.file_id.n),
	    p->media.file_id.p);
}

/* All members of a video's part, as they came. */
static void
video_members(struct ge_wr *g, struct str raw)
{
	struct str key;
	struct jval v;
	size_t pos = 0;

	while (jt_each(jt_value(raw), &pos, &key, &v)) {
		jw_raw(&g->w, str_make(key.p - 1, key.n + 2));
		g->w.comma = 0;
		if (g->w.error == 0)
			g->w.error = buf_addc(g->w.b, ':');
		jw_raw(&g->w, v.raw);
	}
}

int
ge_write_media(struct ge_wr *g, const struct ir_part *p)
{
	const struct ir_media *m = &p->media;
	int rc;

	if (p->kind == IR_VIDEO && p->raw.n > 0 && p->from == DIALECT_GEMINI) {
		video_members(g, p->raw);
		return 0;
	}
	if (p->citations.n > 0)
		return ir_no_citing(g->n, g->q, "this model");
	if (m->file_id.n > 0 && p->from != DIALECT_GEMINI)
		return foreign_file(g, p);
	if (m->base64.n > 0)
		blob(g, p);
	else if (m->url.n > 0)
		file(g, p, m->url);
	else if (m->file_id.n > 0)
		file(g, p, m->file_id);
	else
		return text_document(g, p);
	if (p->from == DIALECT_GEMINI)
		jw_kstr(&g->w, "thoughtSignature", p->signature);
	if ((rc = detail(g, p)) != 0)
		return rc;
	if (m->title.n > 0)
		return ir_drop(g->n, "title");
	return m->filename.n > 0 ? ir_drop(g->n, "filename") : 0;
}
