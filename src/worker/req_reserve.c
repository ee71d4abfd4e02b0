/*
 * req_reserve.c - RESERVE: tokens for the whole answer, before it is asked
 * for; and more of them for a stream that grows beyond.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * Only keys with tpm or max_tokens reserve. ADMIT has done so already when
 * there was plenty, from the length of the body; then nothing is left to do.
 */
#include "base/clock.h"
#include "base/err.h"
#include "worker/req.h"

#define GUESS_OUTPUT	4096u	/* of most requests the bound */
#define FILE_TOKENS	32768u	/* of a file, at most; and of a large one */
#define FILE_PART	64u	/* one for so many of its characters */
#define STEP_TOKENS	4096u	/* what a stream asks for in addition */
#define EARLY		512u	/* tokens before its end */

static int
is_limited(const struct req *r)
{
	return r->caller.limits.v[WINDOW_TPM] != 0 ||
	    r->caller.limits.v[WINDOW_TOKENS] != 0;
}

/* Of pictures, sound and documents a token is many bytes. */
static uint64_t
file_bound(uint64_t files, uint64_t bytes)
{
	uint64_t n = files * FILE_TOKENS + bytes / FILE_PART;

	return n < bytes ? n : bytes;
}

/* Of text it is at least one. */
static uint64_t
input_bound(const struct req *r, uint64_t bytes)
{
	return r->ep.ep != NULL && (r->ep.ep->flags & ENDPOINT_MULTIPART) ?
	    file_bound(1, bytes) : bytes;
}

uint64_t
req_reserve_guess(const struct req *r)
{
	if (!is_limited(r) || r->ep.kind == ENDPOINT_LOCAL ||
	    r->head->body != HTTP1_LENGTH)
		return 0;
	return input_bound(r, r->head->length) +
	    (req_generates(r) ? GUESS_OUTPUT : 0);
}

/* What it may use; that of the model is looked up only when it matters. */
static uint64_t
bound(struct req *r)
{
	uint64_t input = input_bound(r, r->request_bytes);
	uint64_t most = input + req_output_bound(r, 0);

	r->input_bound = input;
	if (most <= r->admit.reserved || r->route.n == 0)
		return most;
	req_find_files(r);
	input -= r->files.bytes - file_bound(r->files.n, r->files.bytes);
	r->input_bound = input;
	return input + req_output_bound(r, price_max_output(r->w->prices,
	    r->route.targets[0].model));
}

static void
on_reserved(struct act *a)
{
	struct req *r = a->arg;

	r->waiting_act = 0;
	/* A store that failed has said nothing about the key: the next that
	 * comes asks again. */
	if (r->reserve->more && a->rc == ERR_LIMIT)
		r->no_more = r->more_due = 1;
	req_wake(r);
}

static enum step
ask(struct req *r, uint64_t want, int more)
{
	struct act_reserve *a = r->reserve;

	if (a == NULL)
		a = r->reserve = arena_zalloc(r->arena, sizeof(*a));
	a->a.kind = ACT_RESERVE;
	a->a.done = on_reserved;
	a->a.arg = r;
	a->admit = &r->admit;
	a->want = want;
	a->more = more;
	a->boot_us = clock_boot_us();
	r->waiting_act = 1;
	state_queue(r->w->state, &a->a);
	return STEP_WAIT;
}

static enum step
refused(struct req *r)
{
	const struct act_reserve *a = r->reserve;
	uint64_t limit = r->caller.limits.v[a->refused];
	const char *name = window_name(a->refused);

	board_add(CTR_limited, 1);
	r->admitted = 0;		/* all was given back */
	r->admit.refused = a->refused;
	r->admit.a.rc = ERR_LIMIT;
	r->retry_after_us = a->retry_after_us;
	if (a->retry_after_us == 0)
		return req_fail(r, FAULT_TOKENS, req_printf(r, "this request "
		    "may use up to %llu tokens, more than %s (%llu) leaves to "
		    "this key: shorten it or name a smaller maximum",
		    (unsigned long long)a->want, name,
		    (unsigned long long)limit), NULL);
	return req_fail(r, FAULT_RATE, req_printf(r, "limit reached: %s is "
	    "%llu for this key and this request may use up to %llu tokens, "
	    "try again in %lld ms", name, (unsigned long long)limit,
	    (unsigned long long)a->want,
	    (long long)((a->retry_after_us + 999) / 1000)), NULL);
}

enum step
req_reserve(struct req *r)
{
	uint64_t want;

	if (r->waiting_act)
		return STEP_WAIT;
	if (!is_limited(r) || r->admit.shadow)
		return STEP_TRY;
	if (r->reserve == NULL) {
		want = bound(r);
		return want <= r->admit.reserved ? STEP_TRY : ask(r, want, 0);
	}
	if (r->reserve->a.rc == ERR_LIMIT)
		return refused(r);
	if (r->reserve->a.rc == ERR_FULL) {
		r->retry_after_us = 5 * CLOCK_US_S;
		return req_fail(r, FAULT_OVERLOAD, "usage cannot be recorded "
		    "now (store full), try again", NULL);
	}
	if (r->reserve->a.rc != 0)
		return req_fail(r, FAULT_INTERNAL, "the shared state failed, "
		    "try again", NULL);
	return STEP_TRY;
}

/* --- a stream that grows ------------------------------------------------- */

static uint64_t
used(const struct req *r)
{
	return r->input_bound + dialect_estimate(r->tap.text_bytes);
}

/* Who named a maximum is not expected to pass it. */
void
req_reserve_watch(struct req *r)
{
	uint64_t early = r->no_more || r->marks.max_tokens > 0 ? 0 : EARLY;

	if (r->admit.reserved == 0 || r->more_due ||
	    used(r) + early <= r->admit.reserved)
		return;
	r->more_due = 1;
	if (r->step == STEP_RELAY)
		req_wake(r);
}

void
req_reserve_more(struct req *r)
{
	uint64_t n = used(r);

	if (!r->more_due || r->waiting_act || r->up_ended)
		return;
	r->more_due = 0;
	if (r->no_more)
		r->spent = n > r->admit.reserved;
	else
		ask(r, (n > r->admit.reserved ? n : r->admit.reserved) +
		    STEP_TOKENS, 1);
}
