/*
 * req_account.c - ACCOUNT and DONE: usage, cost, the log line; then the
 * connection goes on.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * Every end of a request runs through here, once. The last bytes for the
 * client leave after the state acts of this turn, so usage is recorded first.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "worker/apilog.h"
#include "worker/logline.h"
#include "worker/req.h"
#include "worker/session.h"

#define SETTLE_AGAIN_US	200000

static struct log_limit lost_lines = { 5 }, broken_lines = { 50 };

/* Tokens nobody counted: from bytes. */
static void
estimate(struct req *r)
{
	struct price_usage *u = &r->usage;

	memset(u, 0, sizeof(*u));
	r->usage_flags |= USAGE_ESTIMATED;
	if (r->up_status >= 400)
		return;
	u->input = req_input_estimate(r);
	if (req_generates(r))
		u->output = dialect_estimate(r->up_sse ? r->tap.text_bytes :
		    flow_text(r));
}

/* What was told came before the output: that is of its text. */
static void
estimate_rest(struct req *r)
{
	uint64_t n = dialect_estimate(r->tap.text_bytes);

	r->usage = r->tap.usage;
	if (!r->tap.partial || r->usage.output >= n)
		return;
	r->usage.output = n;
	r->usage_flags |= USAGE_ESTIMATED;
}

void
req_cost(struct req *r)
{
	int over = r->up_ended || r->gone || r->spent || r->settled;

	if (r->up_status >= 400 || r->prov == NULL)
		return;
	if (req_counts(r)) {
		if (r->up_status == 200) {
			r->prov->has_counted = 1;
			r->prov->cannot_count_us = 0;
		}
		return;		/* costs nothing */
	}
	r->usage_flags &= ~(USAGE_ESTIMATED | USAGE_UNPRICED);
	if (r->tap.has_usage)
		estimate_rest(r);
	else if (over)
		estimate(r);
	else
		return;
	r->cost = price_cost(&r->price, &r->usage);
	if (r->price.unknown && r->cost > 0)
		r->usage_flags |= USAGE_UNPRICED;
	/* What a stream is going to tell counts by its text until then. */
	if (r->open != NULL && (over || !r->up_sse))
		open_exact(r->open, r->usage.input, r->usage.output, r->cost);
}

static int
reached_provider(const struct req *r)
{
	return r->n_attempts > 0;
}

static void
settle_again(void *arg)
{
	struct req *r = arg;

	/* It was ended, and has lost its kind. */
	r->last_act->kind = r->settle != NULL &&
	    r->last_act == &r->settle->a ? ACT_SETTLE : ACT_LEAVE;
	state_queue(r->w->state, r->last_act);
}

static void
on_settled(struct act *a)
{
	struct req *r = a->arg;

	/* Nothing is served unaccounted: a full store is asked again until the
	 * recorder has made room. Admission has stopped long before. */
	if ((a->rc == ERR_FULL || a->rc == ERR_AGAIN || a->rc == ERR_NOMEM) &&
	    !r->w->cut) {
		ev_timer_set(r->w->loop, &r->timer, SETTLE_AGAIN_US,
		    settle_again, r);
		return;
	}
	r->waiting_act = 0;
	/* Its entry stays when we go: the recorder charges what it says. */
	if (a->rc != 0 && log_allow(&lost_lines))
		log_error("%s: usage could not be recorded yet: %s (%llu + "
		    "%llu tokens)", r->id, err_str(a->rc),
		    (unsigned long long)r->usage.input,
		    (unsigned long long)r->usage.output);
	/* At once: the client may send its next request on this connection as
	 * soon as it has the last bytes, which leave in this turn. */
	req_start(r);
}

void
req_usage_names(struct req *r, struct usage_rec *u)
{
	str_copy(u->request_id, sizeof(u->request_id), str_of(r->id));
	u->key_id = r->caller.id;
	u->key_name = r->caller.name;
	if (r->route.group != NULL)
		u->group = str_of(r->route.group->name);
	u->model = r->model;
	u->endpoint = r->ep.ep != NULL ? r->ep.ep->path : STR("raw");
	session_names(r, u);
}

static void
fill(struct req *r, struct usage_rec *u)
{
	int64_t now = ev_now_us(r->w->loop);
	unsigned i;

	req_usage_names(r, u);
	u->real_us = r->real_us + (now - r->start_us);
	if (r->prov != NULL)
		u->provider = str_of(r->prov->conf->id);
	if (r->target != NULL)
		u->upstream_model = r->target->model;
	u->flags = r->usage_flags |
	    (r->up_sse || r->early ? USAGE_STREAM : 0);
	if (r->status >= 400)
		u->flags |= USAGE_FAILED;
	u->status = (uint16_t)r->status;
	u->attempts = (uint16_t)r->n_attempts;
	u->input = r->usage.input;
	u->output = r->usage.output;
	u->cached = r->usage.cached;
	u->cache_write = r->usage.cache_write;
	u->reasoning = r->usage.reasoning;
	u->cost = r->cost;
	u->duration_us = (uint64_t)(now - r->start_us);
	u->first_us = r->first_us == 0 ? 0 :
	    (uint64_t)(r->first_us - r->start_us);
	for (i = 0; i < r->n_attempts; i++)
		if (r->attempt[i].end_us > r->attempt[i].start_us)
			u->upstream_us += (uint64_t)(r->attempt[i].end_us -
			    r->attempt[i].start_us);
}

static void
count(const struct req *r)
{
	static int64_t rest;	/* of a microdollar */

	if (r->fault == FAULT_CLIENT_GONE || r->gone)
		board_add(CTR_requests_aborted, 1);
	else if (r->status < 400 && !(r->usage_flags & USAGE_FAILED))
		board_add(CTR_requests_ok, 1);
	else if (r->status >= 400 && r->status < 500)
		board_add(CTR_requests_client_error, 1);
	else
		board_add(CTR_requests_server_error, 1);
	if (r->usage_flags & USAGE_ESTIMATED)
		board_add(CTR_usage_estimated, 1);
	if (r->usage_flags & USAGE_UNPRICED)
		board_add(CTR_usage_unpriced, 1);
	board_add(CTR_tokens_in, r->usage.input);
	board_add(CTR_tokens_out, r->usage.output);
	rest += r->cost % 1000000;
	board_add(CTR_cost_micro, (uint64_t)(r->cost / 1000000 +
	    rest / 1000000));
	rest %= 1000000;
}

/* The failure came behind the answer's head. */
static void
broke_off(struct req *r)
{
	apilog_write(r);
	if (log_allow(&broken_lines))
		log_warn("%s: the answer of provider %s broke off: %s", r->id,
		    r->prov->conf->id, r->message);
}

static enum step
queue(struct req *r, struct act *a, enum act_kind kind)
{
	a->kind = kind;
	a->done = on_settled;
	a->arg = r;
	r->last_act = a;
	r->waiting_act = 1;
	state_queue(r->w->state, a);
	return STEP_WAIT;
}

static enum step
settle(struct req *r)
{
	struct act_settle *s = arena_zalloc(r->arena, sizeof(*s));

	r->settle = s;
	s->release = r->admit.place;
	s->reserved = r->admit.reserved;
	s->open = r->open;
	r->open = NULL;
	fill(r, &s->rec);
	return queue(r, &s->a, ACT_SETTLE);
}

/* Give back what ADMIT took. */
static enum step
leave(struct req *r)
{
	struct act_leave *l = arena_zalloc(r->arena, sizeof(*l));

	l->key_id = r->caller.id;
	l->release = r->admit.place;
	l->reserved = r->admit.reserved;
	return queue(r, &l->a, ACT_LEAVE);
}

enum step
req_account(struct req *r)
{
	int64_t now = ev_now_us(r->w->loop);

	if (r->waiting_act)
		return STEP_WAIT;
	if (r->settled)
		return STEP_DONE;
	r->settled = 1;
	if (r->n_attempts > 0 && r->attempt[r->n_attempts - 1].end_us == 0)
		req_upstream_note(r, r->up_outcome, NULL);
	if (reached_provider(r) && r->status < 400 &&
	    !(r->usage_flags & USAGE_FAILED))
		req_cost(r);
	if (r->head_sent && r->status < 400 && r->fault != FAULT_NONE &&
	    r->fault != FAULT_CLIENT_GONE)
		broke_off(r);
	count(r);
	board_time(BOARD_HIST_REQUEST, now - r->start_us);
	board_add(CTR_latency_us, (uint64_t)(now - r->start_us));
	if (r->first_us != 0)
		board_time(BOARD_HIST_FIRST_TOKEN, r->first_us - r->start_us);
	logline_write(r);
	/* What never reached a provider used nothing: there is no record, so
	 * a client that only makes mistakes cannot fill the spool. */
	if (!r->admitted)
		return STEP_DONE;
	if (reached_provider(r))
		return settle(r);
	if (r->admit.place || r->admit.reserved > 0)
		return leave(r);
	return STEP_DONE;
}

enum step
req_done(struct req *r)
{
	struct client *c = r->cl;

	req_upstream_stop(r);
	r->cl = NULL;
	if (c != NULL)
		client_finish(c, r->keep, r->abort ? (r->until_close ?
		    CLIENT_RESET : CLIENT_CUT) : 0);
	return STEP_DONE;
}
