/*
 * metrics.c - the numbers of all processes as Prometheus text.
 *
 * Runs in: admin.
 * Owns: what was shown last.
 *
 * A dying process's counters are moved into the retired sums by the master
 * while this process reads; a look that was disturbed is taken again, and a
 * counter is never shown smaller than before.
 */
#include <stdio.h>

#include "admin/metrics.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/xalloc.h"
#include "state/upkey.h"

#define METRICS_TRIES	8
#define METRICS_TEXT	(64u << 20)	/* bytes */
#define METRICS_UPKEYS	16384
#define METRICS_STALE_US (2 * CLOCK_US_S)	/* nobody comes again */

struct metrics {
	struct admin	*a;
	struct metrics_snap last;
	struct metrics_usage *usage;
	struct upkey_rec *upkeys;
	/* the text that is made */
	enum { METRICS_BEGIN, METRICS_READ, METRICS_PRINT } stage;
	int64_t		 at_us;		/* when it was last gone on with */
	struct buf	 text;
};

struct metrics *
metrics_new(struct admin *a)
{
	struct metrics *m = xcalloc(1, sizeof(*m));

	m->a = a;
	m->usage = metrics_usage_new(a->st);
	m->upkeys = xcalloc(METRICS_UPKEYS, sizeof(*m->upkeys));
	buf_init(&m->text, METRICS_TEXT);
	return m;
}

static uint64_t
metrics_max(const struct board *board, enum counter c)
{
	uint64_t v, max = 0;
	unsigned i;

	for (i = 0; i < BOARD_SLOTS; i++) {
		v = board->slot[i].role == BOARD_FREE ? 0 :
		    board_get(&board->slot[i], c);
		if (v > max)
			max = v;
	}
	return max;
}

static void
metrics_look(const struct board *board, struct metrics_snap *s)
{
	unsigned i, h;

	for (i = 0; i < CTR_COUNT; i++)
		s->ctr[i] = i == CTR_turn_max_us || i == CTR_turn_cpu_max_us ?
		    metrics_max(board, i) : board_sum(board, i);
	for (h = 0; h < BOARD_HIST_COUNT; h++)
		for (i = 0; i < BOARD_HIST_N; i++)
			s->hist[h][i] = board_hist_sum(board, h, (int)i);
}

void
metrics_take(const struct board *board, struct metrics_snap *s)
{
	uint64_t before[CTR_COUNT];
	int try, i, same;

	for (try = 0; try < METRICS_TRIES; try++) {
		for (i = 0; i < CTR_COUNT; i++)
			before[i] = board_get(&board->retired, i);
		metrics_look(board, s);
		same = 1;
		for (i = 0; i < CTR_COUNT; i++)
			same &= before[i] == board_get(&board->retired, i);
		if (same)
			return;
	}
}

void
metrics_steady(struct metrics_snap *s, struct metrics_snap *last)
{
	int i, h;

	for (i = 0; i < CTR_COUNT; i++)
		if (board_ctr_kind(i) == 'C' && s->ctr[i] < last->ctr[i])
			s->ctr[i] = last->ctr[i];
	for (h = 0; h < BOARD_HIST_COUNT; h++)
		for (i = 0; i < BOARD_HIST_N; i++)
			if (s->hist[h][i] < last->hist[h][i])
				s->hist[h][i] = last->hist[h][i];
	*last = *s;
}

void
metrics_label(struct buf *b, struct str value)
{
	size_t i, n;

	for (i = 0; i < value.n; i += n) {
		char c = value.p[i];

		n = str_utf8(str_skip(value, i));
		if (n == 0) {
			(void)buf_printf(b, "%%%02X", (unsigned char)c);
			n = 1;
			continue;
		}
		if (c == '\\' || c == '"')
			(void)buf_addc(b, '\\');
		if (c == '\n')
			(void)buf_adds(b, STR("\\n"));
		else
			(void)buf_adds(b, str_make(value.p + i, n));
	}
}

static void
metrics_head(struct buf *b, const char *name, const char *type,
    const char *help)
{
	(void)buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
	    type);
}

static void
metrics_one(struct buf *b, const char *name, const char *type,
    const char *help, double v)
{
	metrics_head(b, name, type, help);
	(void)buf_printf(b, "%s %.17g\n", name, v);
}

/* A histogram in seconds; sum_us: its sum, or -1 when none is kept. */
static void
metrics_hist(struct buf *b, const char *name, const char *help,
    const uint64_t v[BOARD_HIST_N], int64_t sum_us)
{
	static const int64_t bounds[] = BOARD_HIST_BOUNDS;
	uint64_t sum = 0;
	int i;

	metrics_head(b, name, "histogram", help);
	for (i = 0; i < BOARD_HIST_N - 1; i++) {
		sum += v[i];
		(void)buf_printf(b, "%s_bucket{le=\"%g\"} %llu\n", name,
		    (double)bounds[i] / 1000, (unsigned long long)sum);
	}
	sum += v[i];
	(void)buf_printf(b, "%s_bucket{le=\"+Inf\"} %llu\n", name,
	    (unsigned long long)sum);
	if (sum_us >= 0)
		(void)buf_printf(b, "%s_sum %.6f\n", name,
		    (double)sum_us / 1e6);
	(void)buf_printf(b, "%s_count %llu\n", name, (unsigned long long)sum);
}

static void
metrics_processes(const struct board *board, struct buf *b)
{
	unsigned n[8][4] = { { 0 } }, i, r, s;

	for (i = 0; i < BOARD_SLOTS; i++) {
		r = board->slot[i].role;
		s = board->slot[i].state;
		if (r != BOARD_FREE && r < 8 && s < 4)
			n[r][s]++;
	}
	metrics_head(b, "aigw_processes", "gauge",
	    "Processes by role and state.");
	for (r = BOARD_MASTER; r <= BOARD_ADMIN; r++)
		for (s = BOARD_STARTING; s <= BOARD_DRAINING; s++)
			(void)buf_printf(b,
			    "aigw_processes{role=\"%s\",state=\"%s\"} %u\n",
			    board_role_name(r), board_state_name(s), n[r][s]);
}

/* The longest turn of each role: only a worker's keeps clients waiting. */
static void
metrics_roles(const struct board *board, struct buf *b)
{
	uint64_t v, max;
	unsigned i, r;

	metrics_head(b, "aigw_role_turn_max_microseconds", "gauge",
	    "Longest turn of the event loops of a role so far.");
	for (r = BOARD_WORKER; r <= BOARD_ADMIN; r++) {
		max = 0;
		for (i = 0; i < BOARD_SLOTS; i++) {
			v = board_get(&board->slot[i], CTR_turn_max_us);
			if (board->slot[i].role == r && v > max)
				max = v;
		}
		(void)buf_printf(b, "aigw_role_turn_max_microseconds{"
		    "role=\"%s\"} %llu\n", board_role_name(r),
		    (unsigned long long)max);
	}
}

static void
metrics_program(const struct admin *a, struct buf *b)
{
	const struct board *board = a->c->board;

	metrics_head(b, "aigw_build_info", "gauge", "Always 1; the version.");
	(void)buf_printf(b, "aigw_build_info{version=\"%s\"} 1\n", VERSION);
	metrics_one(b, "aigw_start_time_seconds", "gauge",
	    "When the master started, Unix time.",
	    (double)board->started_us / 1e6);
	metrics_one(b, "aigw_generation", "gauge",
	    "Generation of the configuration in force.", board->generation);
	metrics_one(b, "aigw_reloads_total", "counter",
	    "Reloads that were asked for.", (double)board->reloads);
	metrics_one(b, "aigw_reload_failed", "gauge",
	    "1 when the last reload was refused.", board->reload_failed != 0);
	metrics_one(b, "aigw_reload_time_seconds", "gauge",
	    "When the last reload ended, Unix time; 0: none yet.",
	    (double)board->reload_us / 1e6);
	metrics_one(b, "aigw_process_restarts_total", "counter",
	    "Processes started again after a death.",
	    (double)board->restarts);
	metrics_one(b, "aigw_buffer_leased_bytes", "gauge",
	    "What workers have taken of client.buffer_budget.",
	    (double)board_leased(board, BOARD_LEASE_BUFFERS));
	metrics_processes(board, b);
}

static const struct upkey_rec *
metrics_upkey(const struct metrics *m, int n, const struct conf_provider *p,
    const struct conf_upkey *k)
{
	int i;

	for (i = 0; i < n; i++)
		if (memcmp(m->upkeys[i].id, k->id, 8) == 0 &&
		    strcmp(m->upkeys[i].provider, p->id) == 0)
			return &m->upkeys[i];
	return NULL;
}

static void
metrics_upkeys(struct metrics *m, struct buf *b)
{
	const struct conf *conf = m->a->c->conf;
	const struct upkey_rec *rec;
	char id[13];
	unsigned i, k;
	int n = upkey_all(m->a->st, m->upkeys, METRICS_UPKEYS);

	metrics_head(b, "aigw_upstream_key_up", "gauge",
	    "1 when an upstream key is in use, 0 when it is unhealthy.");
	for (i = 0; i < conf->n_providers; i++)
		for (k = 0; k < conf->providers[i].n_keys; k++) {
			rec = metrics_upkey(m, n, &conf->providers[i],
			    &conf->providers[i].keys[k]);
			crypto_hex(id, conf->providers[i].keys[k].id, 6);
			(void)buf_printf(b, "aigw_upstream_key_up{"
			    "provider=\"%s\",key=\"%s\"} %d\n",
			    conf->providers[i].id, id, rec == NULL ||
			    upkey_shown(rec, clock_real_us()) !=
			    UPKEY_UNHEALTHY);
		}
}

/* All but what is read from the ledger. */
static void
metrics_print_board(struct metrics *m, struct buf *b)
{
	struct metrics_snap s;
	unsigned i;

	metrics_take(m->a->c->board, &s);
	metrics_steady(&s, &m->last);
	metrics_program(m->a, b);
	for (i = 0; i < CTR_COUNT; i++) {
		metrics_head(b, board_ctr_name(i), board_ctr_kind(i) == 'C' ?
		    "counter" : "gauge", board_ctr_help(i));
		(void)buf_printf(b, "%s %llu\n", board_ctr_name(i),
		    (unsigned long long)s.ctr[i]);
	}
	metrics_hist(b, "aigw_request_duration_seconds",
	    "Time from the request's head to the end of the answer.",
	    s.hist[BOARD_HIST_REQUEST], (int64_t)s.ctr[CTR_latency_us]);
	metrics_hist(b, "aigw_first_token_seconds",
	    "Time from the request's head to the first content of a stream.",
	    s.hist[BOARD_HIST_FIRST_TOKEN], -1);
	metrics_hist(b, "aigw_loop_turn_seconds",
	    "Turns of the event loops of all processes.",
	    s.hist[BOARD_HIST_TURN], -1);
	metrics_roles(m->a->c->board, b);
	metrics_upkeys(m, b);
}

int
metrics_print(struct metrics *m, struct buf *b)
{
	int64_t now = clock_mono_us();

	if (m->stage != METRICS_BEGIN && now - m->at_us > METRICS_STALE_US) {
		metrics_usage_restart(m->usage);
		m->stage = METRICS_BEGIN;
	}
	m->at_us = now;
	if (m->stage == METRICS_BEGIN) {
		buf_reset(&m->text);
		m->stage = METRICS_READ;
	}
	if (m->stage == METRICS_READ) {
		if (metrics_usage_read(m->usage) == ERR_AGAIN)
			return ERR_AGAIN;
		m->stage = METRICS_PRINT;
		metrics_print_board(m, &m->text);
	}
	if (metrics_usage_print(m->usage, &m->text) == ERR_AGAIN)
		return ERR_AGAIN;
	m->stage = METRICS_BEGIN;
	(void)buf_adds(b, buf_str(&m->text));
	buf_free(&m->text);
	return 0;
}
