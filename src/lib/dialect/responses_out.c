/*
 * responses_out.c - the events and items of a Responses answer.
 *
 * Runs in: worker.
 * Owns: the texts of an answer, freed with its arena.
 */
#include "base/err.h"
#include "dialect/rout.h"

#define TEXT_MAX (256u << 20)

/* --- events of the stream ------------------------------------------------ */

/* Begin an event: 1, or 0 when there are none. */
int
rout_event(struct rout *r, const char *type)
{
	int rc;

	if (r->mute)
		return 0;
	if (r->w.error == 0 && ((rc = buf_adds(r->o->out,
	    STR("event: "))) != 0 ||
	    (rc = buf_adds(r->o->out, str_of(type))) != 0 ||
	    (rc = buf_adds(r->o->out, STR("\ndata: "))) != 0))
		r->w.error = rc;
	r->data = buf_len(r->o->out);
	r->w.comma = 0;
	jw_open(&r->w, '{');
	jw_ktext(&r->w, "type", type);
	jw_ku64(&r->w, "sequence_number", r->seq++);
	return 1;
}

void
rout_event_end(struct rout *r)
{
	struct buf *b = r->o->out;
	int rc;

	jw_close(&r->w, '}');
	/* What is repeated of the request may have line ends between its
	 * values; here they would end the event. */
	if (r->w.error == 0)
		jw_one_line(buf_ptr(b) + r->data, buf_len(b) - r->data);
	if (r->w.error == 0 && (rc = buf_adds(r->o->out, STR("\n\n"))) != 0)
		r->w.error = rc;
}

void
rout_ev_response(struct rout *r, const char *type, const char *status)
{
	if (!rout_event(r, type))
		return;
	jw_key(&r->w, "response");
	rout_response(r, status);
	rout_event_end(r);
}

/* Begin an event about an item. */
int
rout_ev_item(struct rout *r, const char *type, const struct rout_item *i)
{
	if (!rout_event(r, type))
		return 0;
	if (i->id.n > 0)
		jw_kstr(&r->w, "item_id", i->id);
	jw_ku64(&r->w, "output_index", i->index);
	return 1;
}

/* An event about a part of an item: index says which, key has text. */
void
rout_ev_text(struct rout *r, const char *type, const struct rout_item *i,
    const char *index, const char *key, struct str text)
{
	if (!rout_ev_item(r, type, i))
		return;
	if (index != NULL)
		jw_ku64(&r->w, index, i->kind == ROUT_MESSAGE ?
		    i->n_pieces - 1 : 0);
	jw_key(&r->w, key);
	jw_str(&r->w, text);
	if (i->kind == ROUT_MESSAGE && !i->last->refusal) {
		jw_key(&r->w, "logprobs");
		jw_open(&r->w, '[');
		if (*key == 't' && buf_len(&i->last->probs) > 0)
			jw_raw(&r->w, buf_str(&i->last->probs));
		jw_close(&r->w, ']');
	}
	rout_event_end(r);
}

static void
ev_whole_item(struct rout *r, const char *type, const struct rout_item *i)
{
	if (!rout_event(r, type))
		return;
	jw_ku64(&r->w, "output_index", i->index);
	jw_key(&r->w, "item");
	rout_item_json(&r->w, i);
	rout_event_end(r);
}

/* --- items --------------------------------------------------------------- */

static void
free_piece(void *arg)
{
	struct rout_piece *p = arg;

	buf_free(&p->text);
	buf_free(&p->notes);
	buf_free(&p->probs);
}

struct rout_piece *
rout_add_piece(struct rout *r, struct rout_item *i, int refusal)
{
	struct rout_piece *p = arena_zalloc(r->o->a, sizeof(*p));

	buf_init(&p->text, TEXT_MAX);
	buf_init(&p->notes, TEXT_MAX);
	buf_init(&p->probs, TEXT_MAX);
	arena_cleanup(r->o->a, free_piece, p);
	p->refusal = refusal;
	if (i->last == NULL)
		i->pieces = p;
	else
		i->last->next = p;
	i->last = p;
	i->n_pieces++;
	return p;
}

void
rout_keep(struct rout *r, struct buf *b, struct str s)
{
	int rc;

	if (r->w.error == 0 && (rc = codec_keep(r->o->a, b, s)) != 0)
		r->w.error = rc;
}

/* Give it its place and tell of it. */
void
rout_announce(struct rout *r, struct rout_item *i)
{
	static const char *const prefixes[] = { "msg", "rs", "fc", "ig" };
	const char *id = strchr(r->o->id, '_');

	i->announced = 1;
	i->index = r->n_items++;
	i->id = str_of(arena_printf(r->o->a, "%s_%s%02x",
	    i->kind == ROUT_CALL && i->custom ? "ctc" : prefixes[i->kind],
	    id == NULL ? r->o->id : id + 1, i->index));
	if (r->last == NULL)
		r->items = i;
	else
		r->last->next = i;
	r->last = i;
	ev_whole_item(r, "response.output_item.added", i);
}

struct rout_item *
rout_new(struct rout *r, enum rout_kind kind)
{
	struct rout_item *i = arena_zalloc(r->o->a, sizeof(*i));

	i->kind = kind;
	return i;
}

void
rout_end(struct rout *r, struct rout_item *i)
{
	i->done = 1;
	ev_whole_item(r, "response.output_item.done", i);
}

/* --- messages ------------------------------------------------------------ */

static void
ev_part(struct rout *r, const char *type, const struct rout_item *i, int empty)
{
	if (!rout_ev_item(r, type, i))
		return;
	jw_ku64(&r->w, "content_index", i->n_pieces - 1);
	jw_key(&r->w, "part");
	rout_piece_json(&r->w, i->last, empty);
	rout_event_end(r);
}

static void
end_piece(struct rout *r, struct rout_item *i)
{
	struct rout_piece *p = i->last;

	if (p == NULL)
		return;
	if (p->refusal)
		rout_ev_text(r, "response.refusal.done", i, "content_index",
		    "refusal", buf_str(&p->text));
	else
		rout_ev_text(r, "response.output_text.done", i, "content_index",
		    "text", buf_str(&p->text));
	ev_part(r, "response.content_part.done", i, 0);
}

/* A part of reasoning: its summary, or what was really thought. */
void
rout_ev_thought(struct rout *r, const char *type, const struct rout_item *i,
    int empty)
{
	if (!rout_ev_item(r, type, i))
		return;
	jw_ku64(&r->w, i->raw ? "content_index" : "summary_index", 0);
	jw_key(&r->w, "part");
	jw_open(&r->w, '{');
	jw_ktext(&r->w, "type", i->raw ? "reasoning_text" : "summary_text");
	jw_key(&r->w, "text");
	jw_str(&r->w, empty ? STR("") : buf_str(&i->last->text));
	jw_close(&r->w, '}');
	rout_event_end(r);
}

/* Close the open message or reasoning. */
void
rout_close(struct rout *r)
{
	struct rout_item *i = r->cur;

	if (i == NULL)
		return;
	r->cur = NULL;
	if (i->kind == ROUT_MESSAGE)
		end_piece(r, i);
	else if (i->last != NULL) {
		rout_ev_text(r, i->raw ? "response.reasoning_text.done" :
		    "response.reasoning_summary_text.done", i, i->raw ?
		    "content_index" : "summary_index", "text",
		    buf_str(&i->last->text));
		rout_ev_thought(r, i->raw ? "response.content_part.done" :
		    "response.reasoning_summary_part.done", i, 0);
	}
	rout_end(r, i);
}

struct rout_item *
rout_open(struct rout *r, enum rout_kind kind)
{
	if (r->cur != NULL && r->cur->kind == kind)
		return r->cur;
	rout_close(r);
	r->cur = rout_new(r, kind);
	rout_announce(r, r->cur);
	return r->cur;
}

struct rout_piece *
rout_open_piece(struct rout *r, int refusal)
{
	struct rout_item *i = rout_open(r, ROUT_MESSAGE);

	if (i->last != NULL && i->last->refusal == refusal)
		return i->last;
	end_piece(r, i);
	rout_add_piece(r, i, refusal);
	ev_part(r, "response.content_part.added", i, 1);
	return i->last;
}
