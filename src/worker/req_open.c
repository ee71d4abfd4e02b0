/*
 * req_open.c - the request on record (state/open.h) while it is under way.
 *
 * Runs in: worker.
 * Owns: nothing; the entry is the request's.
 *
 * What is noted here is what a request is charged when its worker dies: input
 * estimated by bytes; of a stream what has been relayed, of other answers as
 * much as they may have, until their usage is known.
 */
#include "base/clock.h"
#include "base/err.h"
#include "worker/req.h"
#include "worker/where.h"

#define OUTPUT_DEFAULT	4096u	/* tokens, when nobody names a maximum */
#define OUTPUT_MAX	(1ULL << 32)
#define LONG_BODY	65536u	/* shorter ones are not searched for files */
#define FILE_PART	256u	/* characters of a file for a token, about */

static int
has_word(struct str path, struct str word)
{
	size_t at;

	for (at = 0; at + word.n <= path.n; at++)
		if (str_ieq(str_make(path.p + at, word.n), word))
			return 1;
	return 0;
}

/* Paths of the raw proxy that answer with generated text, decoded as the
 * provider does it. */
int
req_text_path(struct req *r)
{
	static const char *const words[] = { "completions", "chat",
	    "messages", "responses", "generate" };
	struct str path = where_unescape(r->arena, r->ep.rest);
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (has_word(path, str_of(words[i])))
			return 1;
	return 0;
}

/* Is there what an answer could be generated of? */
static int
asks(const struct req *r)
{
	const struct http1_head *h = r->head;

	return h->method == HTTP1_POST || h->body == HTTP1_CHUNKED ||
	    (h->body == HTTP1_LENGTH && h->length > 0);
}

/* A stream in answer to a body is one of text, wherever it comes from. */
int
req_generates(const struct req *r)
{
	if (r->ep.ep != NULL)
		return (r->ep.ep->flags & ENDPOINT_CHAT) != 0;
	return asks(r) && (r->text_path || r->up_sse);
}

uint64_t
req_output_bound(const struct req *r, uint64_t model_max)
{
	uint64_t max = r->marks.max_tokens;

	if (!req_generates(r))
		return 0;
	if (max == 0 && r->route.group != NULL)
		max = r->route.group->reserve_output;
	if (max == 0)
		max = model_max == 0 || model_max > OUTPUT_DEFAULT ?
		    OUTPUT_DEFAULT : model_max;
	if (max > OUTPUT_MAX)
		max = OUTPUT_MAX;
	return max * (r->marks.choices > 1 ? r->marks.choices : 1);
}

void
req_find_files(struct req *r)
{
	if (r->request_bytes < LONG_BODY || r->files_known || !r->json ||
	    r->body.data == NULL)
		return;
	r->files_known = 1;
	media_find(buf_str(&r->body), &r->files);
}

uint64_t
req_input_estimate(struct req *r)
{
	req_find_files(r);
	if (r->ep.ep != NULL && (r->ep.ep->flags & ENDPOINT_MULTIPART))
		return 0;
	if (r->ep.ep == NULL && (!req_generates(r) ||
	    (!r->text_path && !r->json)))	/* a recording, it may be */
		return 0;
	return dialect_estimate(r->request_bytes - r->files.bytes) +
	    r->files.bytes / FILE_PART;
}

static int
begin(struct req *r)
{
	struct usage_rec who;

	memset(&who, 0, sizeof(who));
	req_usage_names(r, &who);
	who.real_us = r->real_us;
	who.flags = (r->price.unknown ? USAGE_UNPRICED : 0) |
	    (r->stream ? USAGE_STREAM : 0);
	return open_begin(r->w->state, &who, &r->open);
}

int
req_open_attempt(struct req *r)
{
	struct price_usage u = { .input = 0 };
	struct open_charge c = { .input = 0 };
	int rc;

	if (r->open == NULL && (rc = begin(r)) != 0)
		return rc;
	if (!req_counts(r)) {
		u.input = c.input = req_input_estimate(r);
		c.fixed = price_cost(&r->price, &u);
	}
	r->output_bound = req_output_bound(r, r->price.max_output);
	if (!r->stream)
		c.output = r->output_bound;
	if (r->price.unit != PRICE_PER_CALL && r->price.output > 0)
		c.per_output = r->price.output;
	open_attempt(r->open, r->n_attempts + 1,
	    str_of(r->prov->conf->id), r->target->model, &c);
	return 0;
}

/* The kind of answer is known. */
void
req_open_head(struct req *r)
{
	if (r->open == NULL)
		return;
	if (r->up_status >= 400)
		open_exact(r->open, 0, 0, 0);
	else if (r->up_sse != r->stream)
		open_output(r->open, r->up_sse ? 0 : r->output_bound);
}

/* More of a stream went through. */
void
req_open_bytes(struct req *r)
{
	if (!r->up_sse || r->open == NULL)
		return;
	open_output(r->open, dialect_estimate(r->tap.text_bytes));
	req_reserve_watch(r);
}
