/*
 * ctl_status.c - "aigwctl status": everything at a glance.
 *
 * Runs in: admin.
 * Owns: nothing.
 *
 * One tree is built; --json prints it, else it is rendered as text.
 */
#include <sys/stat.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/ctl.h"
#include "admin/metrics.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "net/listen.h"
#include "state/usage.h"

static struct json_object *
status_process(const struct board_slot *s, int64_t now_us)
{
	struct json_object *o = json_object_new_object();

	ctl_set_str(o, "role", board_role_name(s->role));
	ctl_set_int(o, "index", s->index);
	ctl_set_int(o, "pid", s->pid);
	ctl_set_str(o, "state", board_state_name(s->state));
	ctl_set_int(o, "generation", s->generation);
	ctl_set_time(o, "started", s->started_us);
	ctl_set_int(o, "heartbeat_age_ms", s->heartbeat_us == 0 ? -1 :
	    (now_us - s->heartbeat_us) / 1000);
	ctl_set_int(o, "connections",
	    (int64_t)board_get(s, CTR_conns_open));
	ctl_set_int(o, "requests", (int64_t)board_get(s, CTR_requests));
	ctl_set_int(o, "active",
	    (int64_t)board_get(s, CTR_requests_active));
	ctl_set_int(o, "longest_turn_us",
	    (int64_t)board_get(s, CTR_turn_max_us));
	ctl_set_int(o, "longest_turn_cpu_us",
	    (int64_t)board_get(s, CTR_turn_cpu_max_us));
	ctl_set_int(o, "long_turns", (int64_t)board_get(s, CTR_turns_long));
	ctl_set_int(o, "long_turns_cpu",
	    (int64_t)board_get(s, CTR_turns_cpu_long));
	return o;
}

static struct json_object *
status_processes(const struct board *b)
{
	struct json_object *list = json_object_new_array();
	int64_t now = clock_mono_us();
	unsigned i, role;

	for (role = BOARD_MASTER; role <= BOARD_ADMIN; role++)
		for (i = 0; i < BOARD_SLOTS; i++)
			if (b->slot[i].role == role)
				json_object_array_add(list,
				    status_process(&b->slot[i], now));
	return list;
}

static struct json_object *
status_reload(const struct admin *a)
{
	struct json_object *o = json_object_new_object();

	ctl_set_time(o, "time", a->c->board->reload_us);
	ctl_set_bool(o, "ok", a->c->board->reload_failed == 0);
	ctl_set_int(o, "count", (int64_t)a->c->board->reloads);
	ctl_set_problems(o, "problems", a->report);
	return o;
}

static struct json_object *
status_totals(const struct board *b)
{
	static const enum counter shown[] = {
		CTR_conns_open, CTR_requests, CTR_requests_active,
		CTR_streams_active, CTR_requests_ok,
		CTR_requests_client_error, CTR_requests_server_error,
		CTR_requests_aborted, CTR_limited, CTR_auth_failures,
		CTR_failovers,
	};
	static const char *const names[] = {
		"connections", "requests", "active", "streams", "ok",
		"client_errors", "server_errors", "aborted", "limited",
		"auth_failures", "failovers",
	};
	struct json_object *o = json_object_new_object();
	struct metrics_snap *s = xcalloc(1, sizeof(*s));
	size_t i;

	metrics_take(b, s);
	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		ctl_set_int(o, names[i], (int64_t)s->ctr[shown[i]]);
	free(s);
	return o;
}

/* What is in use of the bounds of all workers together. */
static struct json_object *
status_bounds(const struct admin *a)
{
	struct json_object *o = json_object_new_object();
	const struct board *b = a->c->board;

	ctl_set_int(o, "buffer_bytes",
	    (int64_t)board_sum(b, CTR_buffers_bytes));
	ctl_set_int(o, "buffer_leased_bytes",
	    (int64_t)board_leased(b, BOARD_LEASE_BUFFERS));
	ctl_set_int(o, "buffer_budget",
	    (int64_t)a->c->conf->client.buffer_budget);
	ctl_set_int(o, "buffer_refused",
	    (int64_t)board_sum(b, CTR_buffer_refused));
	ctl_set_int(o, "max_connections",
	    a->c->conf->client.max_connections);
	ctl_set_int(o, "connections_refused",
	    (int64_t)board_sum(b, CTR_conns_refused));
	ctl_set_int(o, "overload_refused",
	    (int64_t)board_sum(b, CTR_overload_refused));
	return o;
}

static int64_t
status_file_size(const char *dir, const char *name)
{
	char path[512];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return stat(path, &st) < 0 ? -1 : (int64_t)st.st_blocks * 512;
}

static struct json_object *
status_store(const struct admin *a)
{
	struct json_object *o = json_object_new_object();
	uint64_t records = 0, bytes = 0;

	usage_spool_size(a->st, &records, &bytes);
	ctl_set_str(o, "state_dir", a->c->conf->state_dir);
	ctl_set_int(o, "spool_records", (int64_t)records);
	ctl_set_int(o, "spool_bytes", (int64_t)bytes);
	ctl_set_int(o, "ledger_bytes", status_file_size(
	    a->c->conf->state_dir, "ledger/data.mdb"));
	ctl_set_int(o, "hot_bytes", status_file_size(
	    a->c->conf->run_dir, "hot/data.mdb"));
	return o;
}

/* Where clients on this machine find the public listeners. */
static struct json_object *
status_listeners(const struct conf *conf)
{
	struct json_object *list = json_object_new_array();
	char url[160];
	unsigned i;

	for (i = 0; i < conf->n_listen; i++)
		if (!conf->listen[i].admin && listen_url(str_of(
		    conf->listen[i].address), conf->listen[i].tls, url,
		    sizeof(url)) == 0)
			json_object_array_add(list,
			    json_object_new_string(url));
	return list;
}

static void
status_warn(struct json_object *list, const char *text)
{
	json_object_array_add(list, json_object_new_string(text));
}

/* What an administrator should look at. */
static struct json_object *
status_warnings(const struct admin *a)
{
	const struct conf *conf = a->c->conf;
	struct json_object *list = json_object_new_array();
	uint64_t records = 0, bytes = 0;
	unsigned i, workers = 0, enabled = 0;

	for (i = 0; i < BOARD_SLOTS; i++)
		workers += a->c->board->slot[i].role == BOARD_WORKER &&
		    a->c->board->slot[i].state == BOARD_READY;
	for (i = 0; i < conf->n_providers; i++)
		enabled += conf->providers[i].enabled != 0;
	if (workers == 0)
		status_warn(list, "no worker is ready");
	if (enabled == 0)
		status_warn(list, "no provider is configured and enabled");
	if (!conf->auth.required)
		status_warn(list, "auth.required is off: an open proxy");
	if (a->c->board->reload_failed)
		status_warn(list, "the last reload was refused; the "
		    "configuration before it is in force");
	if (board_sum(a->c->board, CTR_ledger_refusing) != 0)
		status_warn(list, "the ledger takes no usage records: is its "
		    "disk full or read-only, or ledger.max_size reached? "
		    "error.log tells");
	if (board_sum(a->c->board, CTR_ejected) != 0)
		status_warn(list, "a target is slow and goes last: error.log "
		    "tells which");
	usage_spool_size(a->st, &records, &bytes);
	if (conf->ledger.spool_max > 0 && bytes > conf->ledger.spool_max / 2)
		status_warn(list, "the usage spool is more than half full: "
		    "is the ledger's disk full?");
	return list;
}

static struct json_object *
status_tree(const struct admin *a)
{
	const struct board *b = a->c->board;
	struct json_object *o = json_object_new_object();

	ctl_set_str(o, "version", VERSION);
	ctl_set_int(o, "pid", getppid());
	ctl_set_time(o, "started", b->started_us);
	ctl_set_int(o, "uptime_s",
	    (clock_real_us() - b->started_us) / CLOCK_US_S);
	ctl_set_int(o, "generation", b->generation);
	ctl_set_int(o, "restarts", (int64_t)b->restarts);
	json_object_object_add(o, "listeners",
	    status_listeners(a->c->conf));
	json_object_object_add(o, "totals", status_totals(b));
	json_object_object_add(o, "processes", status_processes(b));
	json_object_object_add(o, "providers", ctl_provider_trees(a));
	json_object_object_add(o, "last_reload", status_reload(a));
	json_object_object_add(o, "store", status_store(a));
	json_object_object_add(o, "bounds", status_bounds(a));
	json_object_object_add(o, "warnings", status_warnings(a));
	return o;
}

static void
status_print_processes(struct ctl_call *call, struct json_object *list)
{
	size_t i, n = json_object_array_length(list);

	ctl_print(call, "\n%-10s %8s %-9s %4s %12s %12s %7s %9s\n",
	    "PROCESS", "PID", "STATE", "GEN", "CONNECTIONS", "REQUESTS",
	    "ACTIVE", "TURN MS");
	for (i = 0; i < n; i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		struct str role = json_get_str(o, "role");
		struct str state = json_get_str(o, "state");
		char name[32];

		if (str_eqc(role, "worker"))
			snprintf(name, sizeof(name), "worker %lld",
			    (long long)json_get_int(o, "index", 0));
		else
			snprintf(name, sizeof(name), "%.*s", STR_ARG(role));
		ctl_print(call,
		    "%-10s %8lld %-9.*s %4lld %12lld %12lld %7lld %9.1f\n",
		    name,
		    (long long)json_get_int(o, "pid", 0), STR_ARG(state),
		    (long long)json_get_int(o, "generation", 0),
		    (long long)json_get_int(o, "connections", 0),
		    (long long)json_get_int(o, "requests", 0),
		    (long long)json_get_int(o, "active", 0),
		    (double)json_get_int(o, "longest_turn_us", 0) / 1000);
	}
}

static void
status_print_lines(struct ctl_call *call, const char *title,
    struct json_object *list)
{
	size_t i, n = json_object_array_length(list);

	if (n > 0)
		ctl_print(call, "\n%s\n", title);
	for (i = 0; i < n; i++)
		ctl_print(call, "  %s\n", json_object_get_string(
		    json_object_array_get_idx(list, i)));
}

static void
status_print_store(struct ctl_call *call, struct json_object *o)
{
	char spool[CTL_SPAN_SIZE], ledger[CTL_SPAN_SIZE];

	ctl_bytes((uint64_t)json_get_int(o, "spool_bytes", 0), spool);
	ctl_bytes((uint64_t)json_get_int(o, "ledger_bytes", 0), ledger);
	ctl_print(call, "\nspool %lld records, %s; ledger %s\n",
	    (long long)json_get_int(o, "spool_records", 0), spool,
	    json_get_int(o, "ledger_bytes", -1) < 0 ? "-" : ledger);
}

static void
status_print_bounds(struct ctl_call *call, struct json_object *o)
{
	char used[CTL_SPAN_SIZE], budget[CTL_SPAN_SIZE];

	ctl_bytes((uint64_t)json_get_int(o, "buffer_bytes", 0), used);
	ctl_bytes((uint64_t)json_get_int(o, "buffer_budget", 0), budget);
	ctl_print(call, "buffers %s of %s; refused: %lld for buffers, %lld "
	    "connections, %lld by overload\n", used, budget,
	    (long long)json_get_int(o, "buffer_refused", 0),
	    (long long)json_get_int(o, "connections_refused", 0),
	    (long long)json_get_int(o, "overload_refused", 0));
}

static void
status_print_reload(struct ctl_call *call)
{
	const struct board *b = call->admin->c->board;
	char when[CTL_SPAN_SIZE];

	if (b->reload_us == 0)
		return;
	ctl_time(b->reload_us, when);
	ctl_print(call, "\nlast reload %s: %s\n", when,
	    b->reload_failed ? "REFUSED" : "ok");
}

enum ctl_next
ctl_status(struct ctl_call *call)
{
	struct json_object *o = status_tree(call->admin), *t;
	char up[CTL_SPAN_SIZE];

	if (call->req.json) {
		ctl_print_json(call, o);
		return CTL_DONE;
	}
	ctl_span(json_get_int(o, "uptime_s", 0) * CLOCK_US_S, up);
	t = json_get(o, "totals");
	ctl_print(call, "aigw %s, master %lld, up %s, generation %lld\n",
	    VERSION, (long long)json_get_int(o, "pid", 0), up,
	    (long long)json_get_int(o, "generation", 0));
	ctl_print(call, "%lld connections, %lld requests (%lld active), "
	    "%lld failed with 5xx\n",
	    (long long)json_get_int(t, "connections", 0),
	    (long long)json_get_int(t, "requests", 0),
	    (long long)json_get_int(t, "active", 0),
	    (long long)json_get_int(t, "server_errors", 0));
	status_print_processes(call, json_get(o, "processes"));
	ctl_provider_table(call, json_get(o, "providers"));
	status_print_reload(call);
	status_print_lines(call, "problems of the last reload:",
	    json_get(json_get(o, "last_reload"), "problems"));
	status_print_store(call, json_get(o, "store"));
	status_print_bounds(call, json_get(o, "bounds"));
	status_print_lines(call, "warnings:", json_get(o, "warnings"));
	json_object_put(o);
	return CTL_DONE;
}
