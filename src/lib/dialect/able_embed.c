/*
 * able_embed.c - what of embeddings crosses from one format to another, found
 * by trying.
 *
 * Runs in: worker.
 * Owns: the list of features.
 */
#include "base/slice.h"
#include "dialect/able.h"
#include "dialect/embed.h"

#define BODY_MAX 4096
#define TRY_NS	2000		/* what one takes, about */

static const struct {
	const char	*name;
	unsigned	 has;		/* of the format that has a word for it */
	int		 part;
} features[] = {
	{ "tokens", EMBED_HAS_TOKENS, 0 }, { "user", EMBED_HAS_USER, 0 },
	{ "truncate", EMBED_HAS_TRUNCATE, 0 },
	{ "task_type", EMBED_HAS_TASK, 0 }, { "title", EMBED_HAS_TASK, 1 },
};
#define N_FEATURES (sizeof(features) / sizeof(features[0]))
_Static_assert(N_FEATURES <= ABLE_MAX, "arrays of features are too small");

const char *
able_embed_name(unsigned i)
{
	return i < N_FEATURES ? features[i].name : NULL;
}

static void
set(struct embed *e, unsigned i)
{
	switch (features[i].has) {
	case EMBED_HAS_TOKENS:
		e->tokens = STR("[1]");
		break;
	case EMBED_HAS_USER:
		e->q->user = STR("u");
		break;
	case EMBED_HAS_TRUNCATE:
		e->truncate = 0;
		break;
	default:
		if (features[i].part == 0)
			e->task = 1;
		else
			e->title = 1;
	}
}

enum able
able_embed_try(struct arena *a, const struct able_client *c,
    const struct ir_target *t, unsigned i)
{
	const struct embed_codec *own = codec_get(c->dialect, 0)->embed;
	const struct embed_codec *to = codec_get(t->dialect, 0)->embed;
	static struct jval text = { JSCAN_STRING, { "\"y\"", 3 } };
	struct ir_note note = { .a = a };
	struct ir_req q;
	struct embed e = { .q = &q, .text = &text, .n = 1, .truncate = -1 };
	struct buf b;
	enum able how;

	slice_use(TRY_NS);
	if (i >= N_FEATURES || own == NULL || !(own->has & features[i].has))
		return ABLE_NONE;
	if (to == NULL)
		return ABLE_REFUSED;
	ir_req_init(&q, a, c->dialect);
	set(&e, i);
	buf_init(&b, BODY_MAX);
	if (to == own)
		how = ABLE_KEPT;
	else if (to->write(&b, &e, t, &note) != 0)
		how = ABLE_REFUSED;
	else
		how = note.n == 0 ? ABLE_KEPT : ABLE_DROPPED;
	buf_free(&b);
	return how;
}
