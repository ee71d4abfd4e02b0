/*
 * ctl_key_show.c - client keys: list and show, those of the file too.
 *
 * Runs in: admin.
 * Owns: nothing.
 */
#include <stdio.h>

#include "admin/ctl_key.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"

#define KEY_LIST_SLICE	200

struct key_list {
	uint64_t	 after;
	unsigned	 n;		/* of this slice */
	unsigned long	 told;
	struct ctl_call	*call;
};

static const struct key_show_limit {
	const char	*name;
	size_t		 offset;
} key_show_limits[] = {
	{ "rps", offsetof(struct key_rec, rps) },
	{ "rpm", offsetof(struct key_rec, rpm) },
	{ "rpd", offsetof(struct key_rec, rpd) },
	{ "tpm", offsetof(struct key_rec, tpm) },
	{ "hourly_limit", offsetof(struct key_rec, hourly_limit) },
	{ "daily_limit", offsetof(struct key_rec, daily_limit) },
	{ "cooldown_us", offsetof(struct key_rec, cooldown) },
	{ "max_concurrency", offsetof(struct key_rec, max_concurrency) },
	{ "max_tokens", offsetof(struct key_rec, max_tokens) },
	{ NULL, 0 }
};

static uint64_t
key_show_limit(const struct key_rec *rec, const struct key_show_limit *l)
{
	return *(const uint64_t *)((const char *)rec + l->offset);
}

static const char *
key_show_state(const struct key_rec *rec)
{
	if (!rec->enabled)
		return "disabled";
	if (rec->expires_us != 0 && rec->expires_us <= clock_real_us())
		return "expired";
	return "enabled";
}

/* A comma-separated list as an array. */
static void
key_show_list(struct json_object *o, const char *key, const char *list)
{
	struct json_object *a = json_object_new_array();
	struct str rest = str_of(list), part;

	while (rest.n > 0 && str_split(&rest, ',', &part))
		json_object_array_add(a, json_object_new_string_len(part.p,
		    (int)part.n));
	json_object_object_add(o, key, a);
}

static struct json_object *
key_show_budgets(const struct key_rec *rec)
{
	struct json_object *list = json_object_new_array(), *b;
	char usd[40];
	unsigned i;

	for (i = 0; i < rec->n_budgets; i++) {
		b = json_object_new_object();
		num_put_usd(usd, rec->budgets[i].amount, 6);
		ctl_set_str(b, "amount", usd);
		ctl_set_str(b, "period",
		    ctl_key_period(rec->budgets[i].period));
		json_object_array_add(list, b);
	}
	return list;
}

struct json_object *
ctl_key_tree(struct ctl_call *call, const struct key_rec *rec)
{
	struct json_object *o = json_object_new_object();
	const struct key_show_limit *l;

	ctl_set_int(o, "id", (int64_t)rec->id);
	ctl_set_str(o, "name", rec->name);
	ctl_set_str(o, "hint", rec->hint);
	ctl_set_str(o, "role", ctl_key_role(rec->role));
	ctl_set_str(o, "tier", rec->tier[0] != '\0' ? rec->tier :
	    call->admin->c->conf->default_tier);
	ctl_set_str(o, "team", rec->team);
	ctl_set_str(o, "state", key_show_state(rec));
	ctl_set_time(o, "created", rec->created_us);
	ctl_set_time(o, "expires", rec->expires_us);
	ctl_set_time(o, "last_used",
	    key_last_used(call->admin->st, rec->id));
	if (rec->old_until_us > clock_real_us())
		ctl_set_time(o, "old_secret_until", rec->old_until_us);
	for (l = key_show_limits; l->name != NULL; l++)
		if (key_show_limit(rec, l) != KEY_UNSET)
			ctl_set_int(o, l->name,
			    (int64_t)key_show_limit(rec, l));
	json_object_object_add(o, "budgets", key_show_budgets(rec));
	key_show_list(o, "groups", rec->groups);
	key_show_list(o, "models", rec->models);
	key_show_list(o, "providers", rec->providers);
	key_show_list(o, "allow_from", rec->allow_from);
	return o;
}

static void
key_list_row(struct ctl_call *call, const char *id, const char *name,
    const char *hint, const char *role, const char *tier, const char *state,
    int64_t expires_us, int64_t used_us)
{
	char expires[CTL_SPAN_SIZE], used[CTL_SPAN_SIZE];

	ctl_time(expires_us, expires);
	ctl_time(used_us, used);
	ctl_print(call, "%-6s %-24s %-12s %-6s %-12s %-9s %-11.10s %s\n", id,
	    name, hint, role, tier, state, expires, used);
}

static int
key_list_each(void *arg, const struct key_rec *rec)
{
	struct key_list *k = arg;
	struct ctl_call *call = k->call;
	struct json_object *o;
	char id[24];

	k->after = rec->id;
	if (call->req.json) {
		if (k->told++ > 0)
			ctl_print(call, ",");
		o = ctl_key_tree(call, rec);
		(void)json_write(&call->out, o);
		json_object_put(o);
	} else {
		snprintf(id, sizeof(id), "%llu", (unsigned long long)rec->id);
		key_list_row(call, id, rec->name, rec->hint,
		    ctl_key_role(rec->role), rec->tier[0] != '\0' ?
		    rec->tier : call->admin->c->conf->default_tier,
		    key_show_state(rec), rec->expires_us,
		    key_last_used(call->admin->st, rec->id));
	}
	return ++k->n >= KEY_LIST_SLICE;
}

static enum ctl_next
key_list_slice(struct ctl_call *call)
{
	struct key_list *k = call->data;
	int rc;

	k->n = 0;
	rc = key_each(call->admin->st, k->after, key_list_each, k);
	if (rc < 0)
		return ctl_error(call, CTL_FAILED, "keys cannot be read: %s",
		    err_str(rc));
	if (k->n >= KEY_LIST_SLICE)
		return CTL_MORE;
	if (call->req.json)
		ctl_print(call, "]}\n");
	return CTL_DONE;
}

/* Keys of the file have no number. */
static void
key_list_file(struct ctl_call *call, struct key_list *k)
{
	static const char *const roles[] = { "user", "admin", "root" };
	const struct conf *conf = call->admin->c->conf;
	const struct conf_key *f;
	unsigned i;

	for (i = 0; i < conf->n_keys; i++) {
		f = &conf->keys[i];
		if (call->req.json) {
			struct json_object *o = json_object_new_object();

			ctl_set_str(o, "name", f->name);
			ctl_set_str(o, "role", roles[f->role]);
			ctl_set_str(o, "tier", f->tier);
			ctl_set_str(o, "state",
			    f->enabled ? "enabled" : "disabled");
			ctl_set_time(o, "expires", f->expires);
			ctl_set_bool(o, "file", 1);
			ctl_print(call, "%s", k->told++ > 0 ? "," : "");
			(void)json_write(&call->out, o);
			json_object_put(o);
			continue;
		}
		key_list_row(call, "file", f->name, "-", roles[f->role],
		    f->tier, f->enabled ? "enabled" : "disabled", f->expires,
		    0);
	}
}

enum ctl_next
ctl_key_list(struct ctl_call *call)
{
	struct key_list *k = arena_zalloc(call->arena, sizeof(*k));

	k->call = call;
	call->data = k;
	call->next = key_list_slice;
	if (call->req.json)
		ctl_print(call, "{\"keys\":[");
	else
		ctl_print(call, "%-6s %-24s %-12s %-6s %-12s %-9s %-11s %s\n",
		    "NUMBER", "NAME", "SECRET", "ROLE", "TIER", "STATE",
		    "EXPIRES", "LAST USED");
	key_list_file(call, k);
	return key_list_slice(call);
}

enum ctl_next
ctl_key_show(struct ctl_call *call)
{
	struct json_object *o;
	struct key_rec rec;

	if (ctl_key_get(call, &rec) < 0)
		return CTL_DONE;
	o = ctl_key_tree(call, &rec);
	if (call->req.json) {
		ctl_print_json(call, o);
		return CTL_DONE;
	}
	json_object_object_foreach(o, name, value)
		ctl_print_member(call, name, value);
	json_object_put(o);
	return CTL_DONE;
}
