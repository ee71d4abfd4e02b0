/*
 * ctl_usage.c - "aigwctl usage": totals of the ledger.
 *
 * Runs in: admin.
 * Owns: nothing.
 *
 * Days are UTC days, as the ledger keeps them. What sessions and their agents
 * used stands in a table of its own. Rows are summed by the column
 * that was asked for; at most USAGE_ROWS groups, the rest is "(other)". Others
 * have their turns in between: reading, sorting and printing are divided. What
 * is sorted are runs, of which the least head is printed next.
 */
#include <stdio.h>
#include <stdlib.h>

#include "admin/ctl.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/hmap.h"
#include "base/num.h"
#include "state/sessions.h"
#include "state/usage.h"

#define USAGE_ROWS	100000
#define USAGE_ID_SIZE	(2 * USAGE_NAME_MAX + 24)
/* In one turn: */
#define USAGE_READ	500		/* rows of the ledger */
#define USAGE_RUN	500		/* sums sorted */
#define USAGE_PRINT	100		/* and printed */
#define USAGE_RUNS	(USAGE_ROWS / USAGE_RUN + 1)

enum usage_by {
	BY_KEY, BY_PROVIDER, BY_MODEL, BY_GROUP, BY_DAY, BY_SESSION, BY_AGENT,
	BY_COUNT
};

struct usage_sum {
	const char	*name;		/* what it is summed by */
	/* of a session or an agent in it */
	const char	*key, *session, *parent;
	int64_t		 first_us, last_us;
	uint64_t	 requests, failed, streams, aborted, estimated,
			 interrupted;
	uint64_t	 input, output, cached, cache_write, reasoning;
	uint64_t	 duration_us;
	__int128	 cost;
};

struct usage_sums {
	struct arena	*arena;
	enum usage_by	 by;
	struct str	 session;	/* only this one; n = 0: all */
	char		 session_name[USAGE_NAME_MAX + 1];
	struct hmap	*map;
	struct usage_sum **v;
	size_t		 n, cap;
	struct usage_sum total;
	int32_t		 from, to;	/* days */
	struct usage_walk walk;
	size_t		 sorted, printed;
	size_t		 run[USAGE_RUNS];	/* printed of each */
};

static const char *const usage_by_names[] = {
	"key", "provider", "model", "group", "day", "session", "agent"
};

static int
usage_of_sessions(const struct usage_sums *u)
{
	return u->by == BY_SESSION || u->by == BY_AGENT;
}

static void
usage_name(const struct usage_sums *u, const struct usage_total *t,
    char *dst, size_t size)
{
	char day[CLOCK_RFC3339_SIZE];

	switch (u->by) {
	case BY_PROVIDER:
		str_copy(dst, size, str_of(t->provider));
		break;
	case BY_MODEL:
		str_copy(dst, size, str_of(t->model));
		break;
	case BY_GROUP:
		str_copy(dst, size, str_of(t->group));
		break;
	case BY_DAY:
		clock_rfc3339((int64_t)t->day * 86400 * CLOCK_US_S, day);
		str_copy(dst, size, str_make(day, 10));
		break;
	case BY_SESSION:
		str_copy(dst, size, str_of(t->session));
		break;
	case BY_AGENT:
		str_copy(dst, size, str_of(t->agent));
		break;
	default:
		str_copy(dst, size, str_of(t->key_name));
	}
	if (usage_of_sessions(u) && t->session[0] == '\0')
		str_copy(dst, size, STR("(other)"));
	else if (dst[0] == '\0')
		str_copy(dst, size, STR("(none)"));
}

/*
 * What tells one sum from another: the name; but two keys may have sessions of
 * the same name, and two sessions agents.
 */
static struct str
usage_id(struct usage_sums *u, const struct usage_total *t, const char *name,
    char dst[USAGE_ID_SIZE])
{
	int n;

	if (u->n >= USAGE_ROWS)
		return STR("(other)");
	if (!usage_of_sessions(u))
		return str_of(name);
	n = snprintf(dst, USAGE_ID_SIZE, "%llx %s %s",
	    (unsigned long long)t->key_id, t->session,
	    u->by == BY_AGENT ? t->agent : "");
	return str_make(dst, (size_t)n);
}

static void
usage_new(struct usage_sums *u, struct usage_sum *s,
    const struct usage_total *t, const char *name)
{
	s->name = arena_strdup(u->arena, name);
	if (!usage_of_sessions(u))
		return;
	s->key = arena_strdup(u->arena, t->key_name);
	s->session = u->by == BY_AGENT ? arena_strdup(u->arena,
	    t->session[0] == '\0' ? "(other)" : t->session) : s->name;
	s->parent = "";
}

static struct usage_sum *
usage_sum(struct usage_sums *u, const struct usage_total *t)
{
	char name[USAGE_NAME_MAX + 8], buf[USAGE_ID_SIZE];
	struct usage_sum *s, **more;
	struct str id;

	usage_name(u, t, name, sizeof(name));
	if (u->n >= USAGE_ROWS)
		str_copy(name, sizeof(name), STR("(other)"));
	id = usage_id(u, t, name, buf);
	s = hmap_get(u->map, id);
	if (s != NULL)
		return s;
	s = arena_zalloc(u->arena, sizeof(*s));
	usage_new(u, s, t, name);
	hmap_set(u->map, arena_str(u->arena, id), s);
	if (u->n == u->cap) {
		u->cap = u->cap == 0 ? 64 : u->cap * 2;
		more = arena_alloc(u->arena,
		    u->cap * sizeof(struct usage_sum *));
		if (u->n > 0)
			memcpy(more, u->v,
			    u->n * sizeof(struct usage_sum *));
		u->v = more;
	}
	u->v[u->n++] = s;
	return s;
}

static void
usage_add(struct usage_sum *s, const struct usage_total *t)
{
	s->requests += t->requests;
	s->failed += t->failed;
	s->streams += t->streams;
	s->aborted += t->aborted;
	s->estimated += t->estimated;
	s->interrupted += t->interrupted;
	s->input += t->input;
	s->output += t->output;
	s->cached += t->cached;
	s->cache_write += t->cache_write;
	s->reasoning += t->reasoning;
	s->duration_us += t->duration_us;
	s->cost += t->cost;
	if (t->first_us != 0 && (s->first_us == 0 ||
	    t->first_us < s->first_us))
		s->first_us = t->first_us;
	if (t->last_us > s->last_us)
		s->last_us = t->last_us;
}

static int
usage_row(void *arg, const struct usage_total *t)
{
	struct usage_sums *u = arg;
	struct usage_sum *s;

	if (u->session.n > 0 && !str_eqc(u->session, t->session))
		return 0;
	s = usage_sum(u, t);
	usage_add(s, t);
	if (u->by == BY_AGENT && t->parent[0] != '\0' &&
	    strcmp(s->parent, t->parent) != 0)
		s->parent = arena_strdup(u->arena, t->parent);
	usage_add(&u->total, t);
	return 0;
}

static int
usage_dearest(const void *a, const void *b)
{
	const struct usage_sum *x = *(struct usage_sum *const *)a;
	const struct usage_sum *y = *(struct usage_sum *const *)b;

	if (x->cost != y->cost)
		return x->cost < y->cost ? 1 : -1;
	if (x->requests != y->requests)
		return x->requests < y->requests ? 1 : -1;
	return strcmp(x->name, y->name);
}

static int
usage_by_name(const void *a, const void *b)
{
	const struct usage_sum *x = *(struct usage_sum *const *)a;
	const struct usage_sum *y = *(struct usage_sum *const *)b;

	return strcmp(x->name, y->name);
}

/* Dollars of a 128-bit sum. */
static void
usage_usd(__int128 cost, int digits, char dst[40])
{
	num_put_usd(dst, cost > INT64_MAX ? INT64_MAX : (int64_t)cost,
	    digits);
}

static struct json_object *
usage_tree(const struct usage_sum *s, const char *by)
{
	struct json_object *o = json_object_new_object();
	char usd[40];

	if (s->session != NULL) {
		ctl_set_str(o, "session", s->session);
		ctl_set_str(o, "key", s->key);
	}
	if (by != NULL)
		ctl_set_str(o, by, s->name);
	if (by != NULL && s->parent != NULL && *s->parent != '\0')
		ctl_set_str(o, "parent_agent", s->parent);
	ctl_set_int(o, "requests", (int64_t)s->requests);
	ctl_set_int(o, "failed", (int64_t)s->failed);
	ctl_set_int(o, "streams", (int64_t)s->streams);
	ctl_set_int(o, "aborted", (int64_t)s->aborted);
	ctl_set_int(o, "estimated", (int64_t)s->estimated);
	ctl_set_int(o, "interrupted", (int64_t)s->interrupted);
	ctl_set_int(o, "input_tokens", (int64_t)s->input);
	ctl_set_int(o, "output_tokens", (int64_t)s->output);
	ctl_set_int(o, "cached_tokens", (int64_t)s->cached);
	ctl_set_int(o, "cache_write_tokens", (int64_t)s->cache_write);
	ctl_set_int(o, "reasoning_tokens", (int64_t)s->reasoning);
	usage_usd(s->cost, 12, usd);
	ctl_set_str(o, "cost_usd", usd);
	if (s->first_us != 0) {
		ctl_set_time(o, "first", s->first_us);
		ctl_set_time(o, "last", s->last_us);
	}
	return o;
}

/* What stands in front of the numbers; NULL: nothing but the name. */
static void
usage_print_name(struct ctl_call *call, const struct usage_sums *u,
    const char *session, const char *name, const char *parent, const char *key)
{
	if (u->by == BY_AGENT)
		ctl_print(call, "%-36s %-20s %-20s %-16s", session, name,
		    parent, key);
	else if (u->by == BY_SESSION)
		ctl_print(call, "%-36s %-16s", name, key);
	else
		ctl_print(call, "%-32s", name);
}

static void
usage_print_row(struct ctl_call *call, const struct usage_sum *s)
{
	const struct usage_sums *u = call->data;
	char usd[40], first[CTL_SPAN_SIZE], last[CTL_SPAN_SIZE];
	int total = s == &u->total;

	usage_print_name(call, u, total ? s->name : s->session,
	    total && u->by == BY_AGENT ? "" : s->name,
	    total ? "" : s->parent, total ? "" : s->key);
	usage_usd(s->cost, 4, usd);
	ctl_print(call, " %10llu %8llu %14llu %14llu %12s",
	    (unsigned long long)s->requests, (unsigned long long)s->failed,
	    (unsigned long long)s->input, (unsigned long long)s->output,
	    usd);
	if (usage_of_sessions(u)) {
		ctl_time(s->first_us, first);
		ctl_time(s->last_us, last);
		ctl_print(call, "  %s  %s", first, last);
	}
	ctl_print(call, "\n");
}

/* The next sum in order; NULL: all are printed. */
static struct usage_sum *
usage_next(struct usage_sums *u)
{
	int (*order)(const void *, const void *) = u->by == BY_DAY ?
	    usage_by_name : usage_dearest;
	struct usage_sum **best = NULL, **s;
	size_t i, at, least = 0;

	for (i = 0, at = 0; at < u->n; i++, at += USAGE_RUN) {
		if (u->run[i] == USAGE_RUN || at + u->run[i] >= u->n)
			continue;
		s = &u->v[at + u->run[i]];
		if (best == NULL || order(s, best) < 0) {
			best = s;
			least = i;
		}
	}
	if (best == NULL)
		return NULL;
	u->run[least]++;
	u->printed++;
	return *best;
}

static void
usage_print_tree(struct ctl_call *call, const struct usage_sum *s,
    const char *by)
{
	struct json_object *o = usage_tree(s, by);

	(void)json_write(&call->out, o);
	json_object_put(o);
}

static void
usage_print_end(struct ctl_call *call, struct usage_sums *u)
{
	u->total.name = "total";
	if (call->req.json) {
		ctl_print(call, "],\"total\":");
		usage_print_tree(call, &u->total, NULL);
		ctl_print(call, "}\n");
		return;
	}
	usage_print_row(call, &u->total);
	if (u->total.interrupted > 0)
		ctl_print(call, "%llu of these requests were cut off by the "
		    "death of their worker and are charged at an estimate.\n",
		    (unsigned long long)u->total.interrupted);
}

static enum ctl_next
usage_print(struct ctl_call *call)
{
	struct usage_sums *u = call->data;
	struct usage_sum *s;
	unsigned i;

	for (i = 0; i < USAGE_PRINT; i++) {
		if ((s = usage_next(u)) == NULL) {
			usage_print_end(call, u);
			return CTL_DONE;
		}
		if (!call->req.json) {
			usage_print_row(call, s);
			continue;
		}
		if (u->printed > 1)
			ctl_print(call, ",");
		usage_print_tree(call, s, usage_by_names[u->by]);
	}
	return CTL_MORE;
}

static void
usage_print_begin(struct ctl_call *call, struct usage_sums *u)
{
	char title[32];
	size_t k;

	if (call->req.json) {
		ctl_print(call, "{\"rows\":[");
		return;
	}
	str_copy(title, sizeof(title), str_of(usage_by_names[u->by]));
	for (k = 0; title[k] != '\0'; k++)
		title[k] = (char)(title[k] - 'a' + 'A');
	usage_print_name(call, u, "SESSION", title, "PARENT", "KEY");
	ctl_print(call, " %10s %8s %14s %14s %12s%s\n", "REQUESTS", "FAILED",
	    "INPUT", "OUTPUT", "USD", usage_of_sessions(u) ?
	    "  FIRST                LAST" : "");
}

static enum ctl_next
usage_sort(struct ctl_call *call)
{
	struct usage_sums *u = call->data;
	size_t n = u->n - u->sorted;

	if (n > USAGE_RUN)
		n = USAGE_RUN;
	if (n > 0)
		qsort(u->v + u->sorted, n, sizeof(struct usage_sum *),
		    u->by == BY_DAY ? usage_by_name : usage_dearest);
	u->sorted += n;
	if (u->sorted < u->n)
		return CTL_MORE;
	usage_print_begin(call, u);
	call->next = usage_print;
	return usage_print(call);
}

static enum ctl_next
usage_read(struct ctl_call *call)
{
	struct usage_sums *u = call->data;
	int rc = (usage_of_sessions(u) ? usage_sessions : usage_totals)(
	    call->admin->st, u->from, u->to, &u->walk, usage_row, u);

	if (rc == ERR_AGAIN)
		return CTL_MORE;
	if (rc < 0)
		return ctl_error(call, CTL_FAILED,
		    "the ledger cannot be read: %s", err_str(rc));
	call->next = usage_sort;
	return usage_sort(call);
}

static void
usage_fini(struct ctl_call *call)
{
	struct usage_sums *u = call->data;

	hmap_free(&u->map);
}

static int
usage_options(struct ctl_call *call, struct usage_sums *u, uint64_t *days)
{
	const char *by = ctl_opt(call, "--by"), *d = ctl_opt(call, "--days");
	const char *session = ctl_opt(call, "--session");

	*days = 30;
	if (d != NULL && (num_u64(str_of(d), days) < 0 || *days == 0 ||
	    *days > 100000))
		return ERR_FORMAT;
	if (session != NULL) {
		u->session = sessions_name(str_of(session), u->session_name);
		u->by = BY_AGENT;
		if (u->session.n == 0)
			return ERR_FORMAT;
	}
	if (by == NULL)
		return 0;
	for (u->by = BY_KEY; u->by < BY_COUNT; u->by++)
		if (strcmp(by, usage_by_names[u->by]) == 0)
			return session == NULL || usage_of_sessions(u) ? 0 :
			    ERR_FORMAT;
	return ERR_FORMAT;
}

enum ctl_next
ctl_usage(struct ctl_call *call)
{
	struct usage_sums *u = arena_zalloc(call->arena, sizeof(*u));
	int32_t today = (int32_t)(clock_real_us() / CLOCK_US_S / 86400);
	uint64_t days;

	if (usage_options(call, u, &days) < 0)
		return ctl_error(call, CTL_USAGE, "--days wants a number, "
		    "--by wants key, provider, model, group, day, session or "
		    "agent, --session an id and goes with the last two");
	u->arena = call->arena;
	u->map = hmap_new();
	u->from = today - (int32_t)days + 1;
	u->to = today + 1;
	u->walk.rows = USAGE_READ;
	call->data = u;
	call->fini = usage_fini;
	call->next = usage_read;
	return usage_read(call);
}
