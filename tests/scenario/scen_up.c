/*
 * scen_up.c - the commands about attempts at providers.
 *
 * Runs in: one scenario.
 * Owns: nothing.
 *
 * Attempts are numbered from 1 in the order in which they were started.
 */
#include <stdio.h>
#include <stdlib.h>

#include "net/hdr.h"
#include "scen_run.h"

static struct fetch *
attempt(struct str *rest)
{
	long n = run_number(rest);

	if (n < 1 || n > (long)scen_n_fetch)
		scen_fail("there are %u attempts", scen_n_fetch);
	return scen_fetch[n - 1];
}

/* One that can still say something. */
static struct fetch *
living(struct str *rest)
{
	struct fetch *f = attempt(rest);

	if (f->cancelled || f->ended)
		scen_fail("this attempt was %s", f->cancelled ? "cancelled" :
		    "ended");
	return f;
}

/* "upstream 2 beta": attempt 2 was started, at this provider, as the last. */
static void
up_upstream(struct str rest)
{
	struct fetch *f = attempt(&rest);

	if (f != scen_fetch[scen_n_fetch - 1])
		scen_fail("there are %u attempts", scen_n_fetch);
	if (!str_eqc(rest, f->p->id))
		scen_fail("it is at %s", f->p->id);
}

static void
up_attempts(struct str rest)
{
	if (run_number(&rest) != (long)scen_n_fetch)
		scen_fail("there are %u", scen_n_fetch);
}

static void
up_target(struct str rest)
{
	struct fetch *f = attempt(&rest);

	if (!str_eq(rest, f->target))
		scen_fail("it is %.*s", STR_ARG(f->target));
}

static void
contains(struct str *rest, const struct buf *have, int want)
{
	struct buf b;

	run_text(rest, &b);
	if ((str_find(buf_str(have), buf_str(&b)) >= 0) != want)
		scen_fail("%s: %.*s", want ? "not in" : "it is in",
		    STR_ARG(buf_str(have)));
}

static void
up_header(struct str rest)
{
	struct fetch *f = attempt(&rest);

	contains(&rest, &f->head, 1);
}

static void
up_no_header(struct str rest)
{
	struct fetch *f = attempt(&rest);

	contains(&rest, &f->head, 0);
}

static void
up_body(struct str rest)
{
	struct fetch *f = attempt(&rest);
	struct buf b;

	run_text(&rest, &b);
	if (!str_eq(buf_str(&b), buf_str(&f->body)))
		scen_fail("it is %.*s", STR_ARG(buf_str(&f->body)));
}

static void
give_head(struct fetch *f, int status, struct str type, int64_t length,
    struct str more)
{
	struct hdr h[8];
	struct fetch_head fh = { status, h, 0, length,
	    length == 0 || status == 204 || status == 304 ||
	    str_eqc(f->method, "HEAD") };
	struct str line;
	long at;

	if (type.n > 0)
		h[fh.n++] = (struct hdr){ STR("content-type"), type, 0 };
	while (fh.n < 8 && str_split(&more, '|', &line)) {
		if ((at = str_chr(line, ':')) < 0)
			continue;
		h[fh.n].name = str_trim(str_make(line.p, (size_t)at));
		h[fh.n++].value = str_trim(str_skip(line, (size_t)at + 1));
	}
	for (at = 0; at < (long)fh.n; at++)
		h[at].id = hdr_id(h[at].name);
	f->has_head = 1;
	f->stats.head_us = scen_now;
	SCEN_WORKER(f->ops->head(f->arg, &fh));
}

/* "answer 1 200 TYPE LENGTH name: value|...": the head; TYPE "sse", "json",
 * "none" or a type as it is, LENGTH "-" when unknown. */
static void
up_answer(struct str rest)
{
	struct fetch *f = living(&rest);
	int status = (int)run_number(&rest);
	struct str type = run_word(&rest), length = run_word(&rest);

	if (str_eqc(type, "sse"))
		type = STR("text/event-stream");
	else if (str_eqc(type, "json"))
		type = STR("application/json");
	else if (str_eqc(type, "none"))
		type = STR_NULL;
	give_head(f, status, type, length.n == 0 || *length.p == '-' ? -1 :
	    strtol(length.p, NULL, 10), rest);
	run_turns();
}

static void
give(struct fetch *f, struct str s)
{
	char *copy = malloc(s.n + 1);

	memcpy(copy, s.p, s.n);
	SCEN_WORKER(f->ops->bytes(f->arg, copy, s.n));
	memset(copy, '#', s.n);
	free(copy);
}

static void
end(struct fetch *f, struct str name)
{
	enum outcome o;

	for (o = OUTCOME_OK; o < OUTCOME_COUNT; o++)
		if (str_eqc(name, outcome_name(o)))
			break;
	if (o == OUTCOME_COUNT)
		scen_fail("unknown outcome");
	scen_fetch_end(f, o);
}

static void
up_bytes(struct str rest)
{
	struct fetch *f = living(&rest);
	struct buf b;

	run_text(&rest, &b);
	give(f, buf_str(&b));
	run_turns();
}

/* The same in pieces of one size: every split of the stream. */
static void
up_pieces(struct str rest)
{
	struct fetch *f = living(&rest);
	size_t size = (size_t)run_number(&rest), n;
	struct buf b;

	run_text(&rest, &b);
	while (buf_len(&b) > 0) {
		if (f->cancelled)
			scen_fail("it was cancelled");
		n = buf_len(&b) < size ? buf_len(&b) : size;
		give(f, str_make(buf_ptr(&b), n));
		buf_consume(&b, n);
		run_turns();
	}
}

static void
up_end(struct str rest)
{
	struct fetch *f = living(&rest);

	end(f, rest);
	run_turns();
}

/* "whole 1 500 BODY": a JSON answer, all in one turn. */
static void
up_whole(struct str rest)
{
	struct fetch *f = living(&rest);
	int status = (int)run_number(&rest);
	struct buf b;

	run_text(&rest, &b);
	give_head(f, status, STR("application/json"), (int64_t)buf_len(&b),
	    STR("x-request-id: up-1"));
	give(f, buf_str(&b));
	end(f, STR("ok"));
	run_turns();
}

/* "retry 1 429 7": a status with Retry-After and no body. */
static void
up_retry(struct str rest)
{
	struct fetch *f = living(&rest);
	int status = (int)run_number(&rest);
	char text[64];

	snprintf(text, sizeof(text), "retry-after: %.*s", STR_ARG(rest));
	give_head(f, status, STR_NULL, 0, str_of(text));
	end(f, STR("ok"));
	run_turns();
}

/* The answer comes before the request has been sent whole. */
static void
up_early(struct str rest)
{
	living(&rest)->early = 1;
}

static void
up_intact(struct str rest)
{
	if (!scen_fetch_intact(living(&rest)))
		scen_fail("the body was freed or changed");
}

static void
up_cancelled(struct str rest)
{
	if (!attempt(&rest)->cancelled)
		scen_fail("it is not");
}

static void
up_alive(struct str rest)
{
	living(&rest);
}

static void
up_paused(struct str rest)
{
	if (!living(&rest)->paused)
		scen_fail("it is not");
}

static void
up_running(struct str rest)
{
	if (living(&rest)->paused)
		scen_fail("it is paused");
}

/* "first 1 60s": it waits so long for its first content; "0s": no more. */
static void
up_first(struct str rest)
{
	struct fetch *f = living(&rest);

	if (f->first_us != run_time(&rest))
		scen_fail("it is %lld us", (long long)f->first_us);
}

/* "idle 1 60s": its idle time-out now. */
static void
up_idle(struct str rest)
{
	struct fetch *f = living(&rest);

	if (f->idle_us != run_time(&rest))
		scen_fail("it is %lld us", (long long)f->idle_us);
}

/* "bounds 1 5s 30m": its time to connect, and for all of it. */
static void
up_bounds(struct str rest)
{
	struct fetch *f = attempt(&rest);

	if (f->connect_us != run_time(&rest) || f->total_us != run_time(&rest))
		scen_fail("they are %lld us and %lld us",
		    (long long)f->connect_us, (long long)f->total_us);
}

static void
up_method(struct str rest)
{
	struct fetch *f = attempt(&rest);

	if (!str_eq(rest, f->method))
		scen_fail("it is %.*s", STR_ARG(f->method));
}

/* "lag 40ms": so long have events waited from now on. */
static void
up_lag(struct str rest)
{
	scen_lag = run_time(&rest);
}

/* "backlog 40ms": the same of answers that come too fast. */
static void
up_backlog(struct str rest)
{
	scen_backlog = run_time(&rest);
}

/* "put-off 4 0": at least so many tasks so far, so many of them as what comes
 * too fast. */
static void
up_put_off(struct str rest)
{
	unsigned least = (unsigned)run_number(&rest);

	if (scen_n_later < least ||
	    scen_n_backlog != (unsigned)run_number(&rest))
		scen_fail("there were %u, %u of them a backlog", scen_n_later,
		    scen_n_backlog);
}

static const struct {
	const char	*name;
	void		(*fn)(struct str rest);
} commands[] = {
	{ "lag", up_lag }, { "backlog", up_backlog },
	{ "put-off", up_put_off },
	{ "alive", up_alive }, { "answer", up_answer },
	{ "attempts", up_attempts }, { "bounds", up_bounds },
	{ "bytes", up_bytes },
	{ "cancelled", up_cancelled }, { "early", up_early },
	{ "end", up_end }, { "first", up_first }, { "idle", up_idle }, { "intact", up_intact },
	{ "paused", up_paused }, { "pieces", up_pieces },
	{ "retry", up_retry }, { "running", up_running },
	{ "upbody", up_body }, { "upheader", up_header },
	{ "upmethod", up_method }, { "upnoheader", up_no_header },
	{ "upstream", up_upstream },
	{ "uptarget", up_target }, { "whole", up_whole },
};

int
run_up_command(struct str verb, struct str rest)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (str_eqc(verb, commands[i].name)) {
			commands[i].fn(rest);
			return 1;
		}
	return 0;
}
