/*
 * strict.c - the strict client: a load generator that accounts for the end of
 * every request.
 *
 * Runs in: tests and benchmarks, never installed.
 * Owns: the slots.
 *
 * Closed loop: each connection sends its next request when the last answer
 * has come. Open loop (--rate): requests have times at which they are meant to
 * start, and latency counts from there, so a stalled server is not flattered.
 * Prints one JSON object at the end. --help lists the options.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/rng.h"
#include "base/xalloc.h"
#include "net/addr.h"
#include "net/tls.h"
#include "strict.h"

static volatile sig_atomic_t signalled;

static const struct option longs[] = {
	{ "connections", required_argument, NULL, 'c' },
	{ "rate", required_argument, NULL, 'r' },
	{ "connect-rate", required_argument, NULL, 'R' },
	{ "requests", required_argument, NULL, 'n' },
	{ "time", required_argument, NULL, 't' },
	{ "timeout", required_argument, NULL, 'T' },
	{ "warm", required_argument, NULL, 'w' },
	{ "until", required_argument, NULL, 'u' },
	{ "per-connection", required_argument, NULL, 'p' },
	{ "stream", no_argument, NULL, 's' },
	{ "no-usage", no_argument, NULL, 'U' },
	{ "method", required_argument, NULL, 'X' },
	{ "body", required_argument, NULL, 'b' },
	{ "prompt", required_argument, NULL, 'P' },
	{ "model", required_argument, NULL, 'm' },
	{ "mock", required_argument, NULL, 'M' },
	{ "distinct", no_argument, NULL, 'd' },
	{ "quick", no_argument, NULL, 'q' },
	{ "spread", no_argument, NULL, 'S' },
	{ "key", required_argument, NULL, 'k' },
	{ "header", required_argument, NULL, 'H' },
	{ "expect", required_argument, NULL, 'e' },
	{ "cacert", required_argument, NULL, 'a' },
	{ "insecure", no_argument, NULL, 'i' },
	{ "log", required_argument, NULL, 'l' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 }
};

static int
usage(FILE *f)
{
	fputs("usage: strict [options] http[s]://ADDRESS:PORT/PATH\n"
	    "  --connections N     at most so many at once (16)\n"
	    "  --rate N            open loop: so many requests per second\n"
	    "  --spread            all connections take turns, also at a rate\n"
	    "  --connect-rate N    at most so many new connections per second\n"
	    "  --requests N        stop after so many\n"
	    "  --time TIME         stop after that time (10s)\n"
	    "  --until FILE        stop when the file is there; so does TERM\n"
	    "  --warm TIME         what starts before is in no histogram,\n"
	    "                      what ends before not in steady_per_second\n"
	    "  --timeout TIME      without progress (10s)\n"
	    "  --per-connection N  requests on one connection (no limit)\n"
	    "  --stream            ask for streams; --no-usage: without usage\n"
	    "  --quick             do not look into streams but for their end\n"
	    "  --model M --key K --prompt TEXT --header 'NAME: VALUE'\n"
	    "  --distinct          put the marker behind the model too\n"
	    "  --mock WORDS        put [[mock:WORDS]] into the prompt\n"
	    "  --body FILE, --method M, --expect TEXT: no generated body\n"
	    "  --cacert FILE --insecure\n"
	    "  --log FILE          marker, end, status, bytes, tokens, slot,\n"
	    "                      connection, sent and ended in us, why\n",
	    f);
	return 2;
}

static int
parse_url(struct strict_options *o, struct str url)
{
	struct str host, path = STR("/");
	uint64_t port;
	long at;

	o->tls = str_starts(url, STR("https://"));
	if (!o->tls && !str_starts(url, STR("http://")))
		return ERR_FORMAT;
	url = str_skip(url, o->tls ? 8 : 7);
	host = url;
	if ((at = str_chr(url, '/')) >= 0) {
		host = str_make(url.p, (size_t)at);
		path = str_skip(url, (size_t)at);
	}
	if (str_copy(o->path, sizeof(o->path), path) != 0)
		return ERR_FORMAT;
	for (at = (long)host.n; at > 0 && host.p[at - 1] != ':'; at--)
		continue;
	if (at <= 1 || num_u64(str_skip(host, (size_t)at), &port) != 0)
		return ERR_FORMAT;
	o->port = (unsigned)port;
	host.n = (size_t)at - 1;
	str_copy(o->host, sizeof(o->host), host);
	if (str_eqc(host, "localhost"))
		host = STR("127.0.0.1");
	return addr_parse(host, o->addr);
}

static int
number(const char *text, double *out)
{
	int64_t v;

	if (num_decimal(str_of(text), 3, &v) != 0)
		return ERR_FORMAT;
	*out = (double)v / 1000;
	return 0;
}

static int
numeric_option(struct strict_options *o, int ch)
{
	double v;

	switch (ch) {
	case 't':
		return num_time_us(str_of(optarg), &o->time_us);
	case 'T':
		return num_time_us(str_of(optarg), &o->timeout_us);
	case 'w':
		return num_time_us(str_of(optarg), &o->warm_us);
	}
	if (number(optarg, &v) != 0 || v < 0)
		return ERR_FORMAT;
	switch (ch) {
	case 'c':
		o->connections = (unsigned)v;
		return v < 1 || v > 100000 ? ERR_RANGE : 0;
	case 'r':
		o->rate = v;
		return 0;
	case 'R':
		o->connect_rate = v;
		return 0;
	case 'n':
		o->requests = (uint64_t)v;
		return 0;
	default:
		o->max_per_conn = (unsigned)v;
		return 0;
	}
}

static int
one_option(struct strict_options *o, int ch)
{
	switch (ch) {
	case 's': o->stream = 1; return 0;
	case 'U': o->include_usage = 0; return 0;
	case 'i': o->verify = 0; return 0;
	case 'd': o->distinct = 1; return 0;
	case 'q': o->quick = 1; return 0;
	case 'S': o->spread = 1; return 0;
	case 'u': o->until = optarg; return 0;
	case 'm': o->model = optarg; return 0;
	case 'M': o->words = optarg; return 0;
	case 'P': o->prompt = optarg; return 0;
	case 'k': o->key = optarg; return 0;
	case 'a': o->ca = optarg; return 0;
	case 'l': o->log = optarg; return 0;
	case 'e': o->expect = optarg; return 0;
	case 'X':
		o->method = optarg;
		o->generated = 0;
		return 0;
	case 'b':
		o->body_file = optarg;
		o->generated = 0;
		return fd_read_file(optarg, &o->body);
	case 'H':
		return buf_printf(&o->headers, "%s\r\n", optarg);
	case 'h':
	case '?':
		return ERR_FORMAT;
	default:
		return numeric_option(o, ch);
	}
}

static int
parse_options(struct strict_options *o, int argc, char **argv)
{
	int ch;

	memset(o, 0, sizeof(*o));
	buf_init(&o->headers, 65536);
	buf_init(&o->body, 64u << 20);
	o->method = "POST";
	o->model = "gpt-4o-mini";
	o->prompt = "Please answer.";
	o->connections = 16;
	o->timeout_us = 10 * CLOCK_US_S;
	o->generated = o->include_usage = o->verify = 1;
	o->time_us = -1;
	while ((ch = getopt_long(argc, argv, "", longs, NULL)) != -1)
		if (one_option(o, ch) != 0)
			return usage(ch == 'h' ? stdout : stderr);
	if (optind + 1 != argc || parse_url(o, str_of(argv[optind])) != 0)
		return usage(stderr);
	if (o->time_us < 0)
		o->time_us = o->requests != 0 || o->until != NULL ? 0 :
		    10 * CLOCK_US_S;
	return 0;
}

static void
on_signal(int sig)
{
	(void)sig;
	signalled++;
}

/* Requests that are meant to have started by now. */
static uint64_t
due(const struct strict *s, int64_t now)
{
	uint64_t n;

	if (s->o.rate <= 0)
		return UINT64_MAX;
	n = (uint64_t)((double)(now - s->st.begin_us) * s->o.rate / 1e6) + 1;
	return s->o.requests != 0 && n > s->o.requests ? s->o.requests : n;
}

static int
may_connect(struct strict *s)
{
	int64_t now = ev_now_us(s->loop);

	if (s->o.connect_rate <= 0)
		return 1;
	return (double)s->st.connects < (double)(now - s->st.begin_us) *
	    s->o.connect_rate / 1e6 + 1;
}

/* Give an idle slot its next request: 1 when it has one now. */
static int
give(struct strict_slot *sl)
{
	struct strict *s = sl->s;
	int64_t now = ev_now_us(s->loop), start = now;

	if (s->stopping || strict_slot_busy(sl) ||
	    (s->o.requests != 0 && s->st.started >= s->o.requests) ||
	    s->st.started >= due(s, now) ||
	    (sl->conn == NULL && !may_connect(s)))
		return 0;
	if (s->o.rate > 0)
		start = s->st.begin_us + (int64_t)((double)s->st.started *
		    1e6 / s->o.rate);
	strict_slot_start(sl, start);
	return 1;
}

/*
 * After a failure the slot waits for the next sweep: a server that is down is
 * asked some fifty times a second, not as fast as the machine can.
 */
void
strict_next(struct strict_slot *sl)
{
	if (sl->conn != NULL || sl->s->o.max_per_conn != 0)
		give(sl);
}

/* Idle connections first, then new ones; or each in its turn. */
static void
sweep(struct strict *s)
{
	int64_t now = ev_now_us(s->loop);
	unsigned i;
	int pass;

	for (i = 0; s->o.spread && i < s->o.connections; i++) {
		if (s->stopping || s->st.started >= due(s, now))
			return;
		give(&s->slots[s->turn++ % s->o.connections]);
	}
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < s->o.connections; i++) {
			if (s->stopping || s->st.started >= due(s, now))
				return;
			if (pass == 1 || s->slots[i].conn != NULL)
				give(&s->slots[i]);
		}
}

static void
look_whether_to_stop(struct strict *s)
{
	const struct strict_options *o = &s->o;
	int64_t now = ev_now_us(s->loop);

	if (signalled > 0 || (o->time_us > 0 &&
	    now - s->st.begin_us >= o->time_us) ||
	    (o->requests != 0 && s->st.started >= o->requests) ||
	    (o->until != NULL && access(o->until, F_OK) == 0))
		s->stopping = 1;
}

/* The loop's timers are too coarse for an open loop: tick each millisecond. */
static void
on_tick(void *arg, unsigned what)
{
	struct strict *s = arg;
	uint64_t n;

	(void)what;
	if (read(s->tick.fd, &n, sizeof(n)) < 0)
		return;
	sweep(s);
}

static void
start_tick(struct strict *s)
{
	struct itimerspec t = { { 0, 20000000 }, { 0, 1000000 } };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

	if (s->o.rate > 0)
		t.it_interval.tv_nsec = 1000000;
	ASSERT(fd >= 0);
	timerfd_settime(fd, 0, &t, NULL);
	ev_io_start(s->loop, &s->tick, fd, EV_IO_IN, 0, on_tick, s);
}

static void
run(struct strict *s)
{
	unsigned i;

	ev_turn(s->loop, 0);
	strict_stats_start(s);
	start_tick(s);
	while (!s->stopping || s->st.busy > 0) {
		look_whether_to_stop(s);
		if (signalled > 1)
			break;
		conn_flush_all(s->conns);
		if (s->stopping && s->st.busy == 0)
			break;
		ev_turn(s->loop, 16);
	}
	ev_io_stop(&s->tick);
	close(s->tick.fd);
	for (i = 0; i < s->o.connections; i++)
		strict_slot_free(&s->slots[i]);
}

static int
open_all(struct strict *s)
{
	struct tls_client_opts t = { s->o.verify, s->o.ca == NULL ? "" :
	    s->o.ca, "", "" };
	char err[256];
	unsigned i;

	if (s->o.tls && tls_client_ctx(&t, &s->tls, err, sizeof(err)) != 0) {
		fprintf(stderr, "strict: %s\n", err);
		return ERR_TLS;
	}
	if (s->o.log != NULL && (s->log = fopen(s->o.log, "w")) == NULL) {
		perror(s->o.log);
		return ERR_SYSTEM;
	}
	s->run = (uint32_t)rng_u64();
	s->loop = ev_loop_new();
	s->conns = conn_set_new(s->loop);
	s->slots = xcalloc(s->o.connections, sizeof(*s->slots));
	for (i = 0; i < s->o.connections; i++)
		strict_slot_init(s, &s->slots[i]);
	return 0;
}

int
main(int argc, char **argv)
{
	static struct strict s;
	int rc;

	if ((rc = parse_options(&s.o, argc, argv)) != 0)
		return rc;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	fd_limit(s.o.connections + 64);
	if (open_all(&s) != 0)
		return 2;
	run(&s);
	strict_stats_print(&s, stdout);
	if (s.log != NULL)
		fclose(s.log);
	free(s.slots);
	conn_set_free(&s.conns);
	ev_loop_free(&s.loop);
	tls_ctx_free(&s.tls);
	buf_free(&s.o.headers);
	buf_free(&s.o.body);
	return 0;
}
