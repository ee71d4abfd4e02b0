/*
 * req_commit.c - a stream that has been silent for client.commit_after.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * The client gets its 200 and a keep-alive before an answer has been chosen,
 * so that nobody on the way takes the silence for the end. Failover goes on;
 * only a final failure is told inside the stream (req_fail.c).
 */
#include "base/clock.h"
#include "worker/req.h"
#include "worker/speak.h"
#include "worker/translate.h"

#define SILENCE_US (15 * CLOCK_US_S)

void
req_keepalive(struct req *r)
{
	const char *text = translate_array(r) ? "\r\n" :
	    speak_client(r->ep.ep, r->prov->conf)->keepalive;

	req_answer_body(r, text, strlen(text));
}

static void
on_silence(void *arg)
{
	struct req *r = arg;

	if (r->cl == NULL || r->gone)
		return;
	if (conn_queued(r->cl->conn) == 0)
		req_keepalive(r);
	ev_timer_set(r->w->loop, &r->timer, SILENCE_US, on_silence, r);
}

static void
on_due(void *arg)
{
	struct req *r = arg;

	r->commit_due = 1;
	req_wake(r);
}

void
req_commit_watch(struct req *r)
{
	int64_t after = r->w->conf->client.commit_after;

	if (after <= 0 || r->early || r->commit_due || !r->stream ||
	    r->ep.ep == NULL || !(r->ep.ep->flags & ENDPOINT_CHAT) ||
	    ev_timer_active(&r->timer) || translate_array(r))
		return;
	ev_timer_set(r->w->loop, &r->timer, after, on_due, r);
}

void
req_commit(struct req *r)
{
	unsigned head = r->up_head, sse = r->up_sse;

	if (!r->commit_due || r->early || r->gone)
		return;
	r->early = 1;
	r->status = 200;
	r->up_head = 0;		/* whose answer it will be is open */
	r->up_sse = 1;
	req_answer_head(r, 200, frame_type(speak_client(r->ep.ep,
	    r->prov->conf)->frame), -1);
	r->up_head = head & 1;
	r->up_sse = sse & 1;
	client_watch(r->cl, r->w->conf->client.write_timeout);
	req_keepalive(r);
	ev_timer_set(r->w->loop, &r->timer, SILENCE_US, on_silence, r);
}
