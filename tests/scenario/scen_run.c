/*
 * scen_run.c - the commands about clients, time and accounts.
 *
 * Runs in: one scenario.
 * Owns: the worker and its clients.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "net/addr.h"
#include "scen_run.h"
#include "state/usage.h"
#include "worker/client.h"
#include "worker/req.h"

struct worker *run_worker;
struct conn *run_conn[SCEN_CLIENTS];

static struct child child;
static struct listener listener;
static struct buf fields;	/* for the next request */
static unsigned records_seen;

void
run_start(struct buf *text)
{
	struct conf_source src = { .resolve = 1 };
	struct conf_report report = { 0 };
	struct buf said;

	buf_addc(text, '\0');
	src.text = buf_ptr(text);
	if (conf_load(&src, &child.conf, &report) != 0) {
		buf_init(&said, 65536);
		conf_report_print(&report, &said);
		scen_fail("%.*s", STR_ARG(buf_str(&said)));
	}
	child.role = &worker_role;
	child.loop = ev_loop_new();
	child.board = calloc(1, sizeof(*child.board));
	child.slot = board_self;
	child.workers = 1;
	child.error_fd = -1;
	run_logs(&child);
	if (worker_role.start(&child) != 0)
		scen_fail("the worker does not start");
	run_worker = child.data;
	listener.w = run_worker;
	buf_init(&fields, 65536);
	run_turns();
}

void
run_turns(void)
{
	int i = 0;

	do {
		SCEN_WORKER(scen_turn(child.loop));
		SCEN_WORKER(worker_role.turn(&child));
		if (++i > 1000)
			scen_broken("the worker never comes to rest");
	} while (ev_pending(child.loop));
}

void
scen_before_output(void)
{
	struct client *c;

	TAILQ_FOREACH(c, &run_worker->clients, link)
		if (c->req != NULL && c->req->settled && !c->req->waiting_act)
			scen_broken("a request is settled and not over");
}

void
run_flush(void)
{
	worker_role.reopen(&child);
}

static void
pass(int64_t us)
{
	int64_t end = scen_now + us, next;

	while ((next = scen_next_timer(child.loop)) <= end) {
		if (next > scen_now)
			scen_now = next;
		run_turns();
	}
	scen_now = end;
	run_turns();
}

struct str
run_word(struct str *rest)
{
	struct str w = *rest = str_trim(*rest);
	long at = str_chr(w, ' ');

	if (at >= 0)
		w.n = (size_t)at;
	*rest = str_trim(str_skip(*rest, w.n));
	return w;
}

long
run_number(struct str *rest)
{
	struct str w = run_word(rest);

	if (w.n == 0 || *w.p < '0' || *w.p > '9')
		scen_fail("a number is missing");
	return strtol(w.p, NULL, 10);
}

/* "15s", "250ms" */
int64_t
run_time(struct str *rest)
{
	struct str w = run_word(rest);
	int64_t v = strtol(w.p, NULL, 10);

	return str_ends(w, STR("ms")) ? v * 1000 : v * CLOCK_US_S;
}

static char
unescape(const char **p)
{
	switch (*++*p) {
	case 'r': return '\r';
	case 'n': return '\n';
	case 't': return '\t';
	default: return **p;
	}
}

void
run_text(struct str *rest, struct buf *out)
{
	const char *p = rest->p, *end = rest->p + rest->n;
	long times;
	size_t n;

	buf_init(out, 256 << 20);
	if (rest->n == 0 || *p != '"') {
		buf_adds(out, *rest);
		return;
	}
	for (p++; p < end && *p != '"'; p++)
		buf_addc(out, *p == '\\' ? unescape(&p) : *p);
	*rest = str_trim(str_make(p + 1, (size_t)(end - p - 1)));
	if (rest->n > 2 && *rest->p == '*') {
		n = buf_len(out);
		for (times = atol(rest->p + 1); times > 1; times--) {
			buf_reserve(out, n);
			buf_add(out, buf_ptr(out), n);
		}
	}
}

static struct conn *
client(struct str *rest)
{
	long n = run_number(rest);
	struct conn *c;

	if (n < 0 || n >= SCEN_CLIENTS)
		scen_fail("no such client");
	if (run_conn[n] != NULL)
		return run_conn[n];
	c = run_conn[n] = calloc(1, sizeof(*c));
	buf_init(&c->in, 256 << 20);
	buf_init(&c->out, 256 << 20);
	buf_init(&c->got, 256 << 20);
	c->room = SIZE_MAX;
	listener.local = str_eqc(*rest, "from unix");
	addr_parse(listener.local ? STR("203.0.113.1") : STR("127.0.0.1"),
	    c->peer);
	if (!listener.local && str_starts(*rest, STR("from "))) {
		run_word(rest);
		addr_parse(run_word(rest), c->peer);
	}
	scen_accepting = c;
	SCEN_WORKER(client_accept(run_worker, -1, &listener));
	return c;
}

static void
deliver(struct conn *c, struct str s)
{
	buf_adds(&c->in, s);
	c->readable = 1;
	scen_conn_event(c, CONN_READABLE);
	run_turns();
}

static void
cmd_connect(struct str rest)
{
	client(&rest);
}

static void
cmd_send(struct str rest)
{
	struct conn *c = client(&rest);
	struct buf b;

	run_text(&rest, &b);
	deliver(c, buf_str(&b));
}

/* "rush 1 TEXT": sends it and is gone, before anything could be done. */
static void
cmd_rush(struct str rest)
{
	struct conn *c = client(&rest);
	struct buf b;

	run_text(&rest, &b);
	buf_adds(&c->in, buf_str(&b));
	c->readable = 1;
	scen_conn_event(c, CONN_READABLE);
	scen_conn_event(c, CONN_FAILED);
	run_turns();
}

static void
cmd_header(struct str rest)
{
	buf_printf(&fields, "%.*s\r\n", STR_ARG(rest));
}

static void
request(struct str rest, struct str method, int has_body)
{
	struct conn *c = client(&rest);
	struct str path = run_word(&rest);
	struct buf body, b;

	run_text(&rest, &body);
	buf_init(&b, 256 << 20);
	buf_printf(&b, "%.*s %.*s HTTP/1.1\r\nhost: gw\r\n%.*s",
	    STR_ARG(method), STR_ARG(path), STR_ARG(buf_str(&fields)));
	if (has_body && str_find(buf_str(&fields), STR("content-type:")) < 0)
		buf_adds(&b, STR("content-type: application/json\r\n"));
	buf_reset(&fields);
	if (has_body)
		buf_printf(&b, "content-length: %zu\r\n", buf_len(&body));
	buf_printf(&b, "\r\n");
	if (has_body)
		buf_adds(&b, buf_str(&body));
	deliver(c, buf_str(&b));
}

static void
cmd_post(struct str rest)
{
	request(rest, STR("POST"), 1);
}

static void
cmd_get(struct str rest)
{
	request(rest, STR("GET"), 0);
}

/* "call 1 DELETE /v1/files/3": any method, without a body. */
static void
cmd_call(struct str rest)
{
	struct str who = run_word(&rest), method = run_word(&rest);
	char line[8192];

	snprintf(line, sizeof(line), "%.*s %.*s", STR_ARG(who),
	    STR_ARG(rest));
	request(str_of(line), method, 0);
}

static void
cmd_head(struct str rest)
{
	struct str r = rest;

	client(&r)->asked_head = 1;
	request(rest, STR("HEAD"), 0);
}

/* "eof 1" the client shuts its side; "fail 1" the connection breaks. */
static void
cmd_eof(struct str rest)
{
	struct conn *c = client(&rest);

	c->eof = c->readable = 1;
	scen_conn_event(c, CONN_READABLE);
	run_turns();
}

static void
cmd_fail(struct str rest)
{
	scen_conn_event(client(&rest), CONN_FAILED);
	run_turns();
}

/* "reads 1 1000": the kernel takes that many bytes more; "all": all. */
static void
cmd_reads(struct str rest)
{
	struct conn *c = client(&rest);

	c->room = str_eqc(rest, "all") ? SIZE_MAX : (size_t)run_number(&rest);
	run_turns();
}

/* "nomem 1": nothing more can be queued for the client. */
static void
cmd_nomem(struct str rest)
{
	client(&rest)->refuse = 1;
}

static void
cmd_expect(struct str rest)
{
	struct conn *c = client(&rest);
	struct str got = str_skip(buf_str(&c->got), c->cursor);
	struct buf b;
	long at;

	run_text(&rest, &b);
	if ((at = str_find(got, buf_str(&b))) < 0)
		scen_fail("not in: \"%.*s\"", (int)(got.n > 3000 ? 3000 :
		    got.n), got.p);
	c->cursor += (size_t)at + buf_len(&b);
}

/* All that came since the last expect, and nothing else. */
static void
cmd_exactly(struct str rest)
{
	struct conn *c = client(&rest);
	struct str got = str_skip(buf_str(&c->got), c->cursor);
	struct buf b;

	run_text(&rest, &b);
	if (!str_eq(got, buf_str(&b)))
		scen_fail("but: \"%.*s\"", (int)(got.n > 3000 ? 3000 :
		    got.n), got.p);
	c->cursor += got.n;
}

static void
cmd_never(struct str rest)
{
	struct conn *c = client(&rest);
	struct buf b;

	run_text(&rest, &b);
	if (str_find(buf_str(&c->got), buf_str(&b)) >= 0)
		scen_fail("but it came: \"%.*s\"", STR_ARG(buf_str(&c->got)));
}

static void
cmd_nothing(struct str rest)
{
	struct conn *c = client(&rest);
	struct str got = str_skip(buf_str(&c->got), c->cursor);

	if (got.n > 0)
		scen_fail("but: \"%.*s\"", STR_ARG(got));
}

/* "closed 1", "cut 1" (visibly), "open 1" */
static void
is_closed(struct str rest, enum scen_closed want)
{
	static const char *const names[] = { "open", "closed politely",
	    "cut", "reset" };
	struct conn *c = client(&rest);

	if (c->closed != want)
		scen_fail("it is %s", names[c->closed]);
}

static void
cmd_closed(struct str rest)
{
	is_closed(rest, SCEN_POLITE);
}

static void
cmd_cut(struct str rest)
{
	is_closed(rest, SCEN_CLOSED);
}

static void
cmd_reset(struct str rest)
{
	is_closed(rest, SCEN_RESET);
}

static void
cmd_open(struct str rest)
{
	is_closed(rest, SCEN_OPEN);
}

static void
cmd_wait(struct str rest)
{
	pass(run_time(&rest));
}

/* The next usage record has all these words. */
static void
cmd_record(struct str rest)
{
	struct str w, have;
	char want[512];

	if (records_seen == scen_n_record)
		scen_fail("there is no further record");
	have = buf_str(&scen_record[records_seen++]);
	while ((w = run_word(&rest)).n > 0) {
		snprintf(want, sizeof(want), "%.*s ", STR_ARG(w));
		if (str_find(have, str_of(want)) < 0)
			scen_fail("%.*s: but %.*s", STR_ARG(w), STR_ARG(have));
	}
}

static void
equals(struct str *rest, long have)
{
	long want = run_number(rest);

	if (have != want)
		scen_fail("it is %ld", have);
}

static void
cmd_records(struct str rest)
{
	equals(&rest, (long)scen_n_record);
}

static void
cmd_reserved(struct str rest)
{
	equals(&rest, (long)scen_reserved);
}

static void
cmd_reserves(struct str rest)
{
	equals(&rest, scen_n_reserve);
}

static void
cmd_buffered(struct str rest)
{
	equals(&rest, (long)run_worker->mem.used);
}

static void
cmd_keyfaults(struct str rest)
{
	equals(&rest, (long)scen_key_faults);
}

static void
cmd_counter(struct str rest)
{
	struct str name = run_word(&rest);
	int i;

	for (i = 0; i < CTR_COUNT; i++)
		if (str_eqc(name, board_ctr_name((enum counter)i))) {
			equals(&rest, (long)board_get(board_self,
			    (enum counter)i));
			return;
		}
	scen_fail("no such counter");
}

static void
cmd_drain(struct str rest)
{
	int64_t us = run_time(&rest);

	child.draining = 1;
	SCEN_WORKER(worker_role.drain(&child, us));
	run_turns();
}

static void
cmd_drained(struct str rest)
{
	equals(&rest, scen_drained > 0);
}

static const struct {
	const char	*name;
	void		(*fn)(struct str rest);
} commands[] = {
	{ "buffered", cmd_buffered }, { "call", cmd_call },
	{ "closed", cmd_closed },
	{ "connect", cmd_connect }, { "counter", cmd_counter },
	{ "cut", cmd_cut }, { "drain", cmd_drain },
	{ "drained", cmd_drained }, { "eof", cmd_eof },
	{ "exactly", cmd_exactly }, { "expect", cmd_expect },
	{ "fail", cmd_fail }, { "get", cmd_get },
	{ "head", cmd_head }, { "header", cmd_header },
	{ "keyfaults", cmd_keyfaults },
	{ "never", cmd_never }, { "nomem", cmd_nomem },
	{ "nothing", cmd_nothing }, { "open", cmd_open },
	{ "post", cmd_post }, { "reads", cmd_reads },
	{ "record", cmd_record }, { "records", cmd_records },
	{ "reserved", cmd_reserved },
	{ "reserves", cmd_reserves }, { "reset", cmd_reset },
	{ "rush", cmd_rush }, { "send", cmd_send }, { "wait", cmd_wait },
};

void
run_line(const char *line)
{
	struct str rest = str_of(line), verb = run_word(&rest);
	size_t i;

	if (run_up_command(verb, rest) || run_state_command(verb, rest) ||
	    run_log_command(verb, rest))
		return;
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (str_eqc(verb, commands[i].name)) {
			commands[i].fn(rest);
			return;
		}
	scen_fail("unknown command");
}

/* Memory was short: the worker must go on. */
void
run_afterwards(void)
{
	struct conn *c;

	if (child.draining)
		return;
	pass(CLOCK_US_S);
	run_line("connect 15");
	run_line("get 15 /v1/models");
	c = run_conn[15];
	if (!str_starts(buf_str(&c->got), STR("HTTP/1.1 ")))
		scen_broken("the worker does not answer any more");
}

void
run_finish(void)
{
	unsigned i;

	for (i = 0; i < SCEN_CLIENTS; i++)
		if (run_conn[i] != NULL)
			scen_conn_event(run_conn[i], CONN_FAILED);
	run_turns();
	SCEN_WORKER(worker_role.drain(&child, 0));
	pass(CLOCK_US_S);
	if (run_worker->n_clients != 0)
		scen_broken("%u clients are left", run_worker->n_clients);
	if (run_worker->mem.used != 0 || run_worker->conn_lease.used != 0)
		scen_broken("%llu bytes and %llu connections are left over",
		    (unsigned long long)run_worker->mem.used,
		    (unsigned long long)run_worker->conn_lease.used);
	if (board_get(board_self, CTR_requests_active) != 0 ||
	    board_get(board_self, CTR_streams_active) != 0 ||
	    board_get(board_self, CTR_conns_idle) != 0)
		scen_broken("a gauge did not come back to 0");
	scen_state_finish();
	for (i = 0; i < run_worker->n_prov; i++)
		if (run_worker->prov[i].in_flight != 0)
			scen_broken("an attempt is still counted");
	for (i = 0; i < scen_n_fetch; i++)
		if (!scen_fetch[i]->cancelled)
			scen_broken("attempt %u was never released", i + 1);
}
