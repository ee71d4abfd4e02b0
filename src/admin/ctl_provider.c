/*
 * ctl_provider.c - providers and the health of their keys.
 *
 * Runs in: admin.
 * Owns: nothing.
 */
#include <stdio.h>
#include <stdlib.h>

#include "admin/ctl.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/xalloc.h"
#include "net/addr.h"
#include "state/addr_book.h"
#include "state/models.h"
#include "state/upkey.h"

struct provider_models {
	struct json_object *list;	/* NULL: count only */
	int64_t		 n;
};

static int
provider_model(void *arg, struct str id)
{
	struct provider_models *m = arg;

	m->n++;
	if (m->list != NULL)
		json_object_array_add(m->list,
		    json_object_new_string_len(id.p, (int)id.n));
	return 0;
}

static struct json_object *
provider_key(const struct conf_upkey *k, const struct upkey_rec *rec)
{
	static const struct upkey_rec nothing;
	struct json_object *o = json_object_new_object();
	int64_t now = clock_real_us();
	char id[CTL_KEYID_SIZE];
	int rests;

	if (rec == NULL)
		rec = &nothing;
	rests = upkey_rests(rec, now);
	ctl_key_id(k->id, id);
	ctl_set_str(o, "id", id);
	ctl_set_str(o, "source", k->source);
	ctl_set_str(o, "status", upkey_status_name(upkey_shown(rec, now)));
	ctl_set_bool(o, "in_rotation", !rests);
	ctl_set_time(o, "checked", rec->checked_us);
	json_object_object_add(o, "response_ms", json_object_new_double(
	    (double)(rec->response_us / 10) / 100));
	ctl_set_str(o, "error", rec->error);
	ctl_set_str(o, "why", rests ? upkey_why_name(rec->why) : "");
	ctl_set_int(o, "http_status", rec->http_status);
	ctl_set_int(o, "faults", rec->faults);
	ctl_set_time(o, "rests_until", !rests ||
	    rec->until_us == UPKEY_NEVER ? 0 : rec->until_us);
	return o;
}

static struct json_object *
provider_keys(const struct conf_provider *p, const struct upkey_rec *v, int n)
{
	struct json_object *list = json_object_new_array();
	unsigned k;
	int i;

	for (k = 0; k < p->n_keys; k++) {
		for (i = 0; i < n; i++)
			if (memcmp(v[i].id, p->keys[k].id, 8) == 0 &&
			    strcmp(v[i].provider, p->id) == 0)
				break;
		json_object_array_add(list, provider_key(&p->keys[k],
		    i < n ? &v[i] : NULL));
	}
	return list;
}

static void
provider_addresses(const struct admin *a, const struct conf_provider *p,
    struct json_object *o)
{
	struct json_object *list = json_object_new_array();
	struct addr_book_rec rec;
	char text[ADDR_TEXT_SIZE];
	unsigned i;

	if (addr_book_get(a->st, p->host, &rec) == 0) {
		for (i = 0; i < rec.n && i < ADDR_BOOK_MAX; i++) {
			addr_text(rec.addr[i], text);
			json_object_array_add(list,
			    json_object_new_string(text));
		}
		if (rec.error_text[0] != '\0')
			ctl_set_str(o, "address_error", rec.error_text);
	}
	json_object_object_add(o, "addresses", list);
}

/* full: with the names of the models, not only how many. */
static struct json_object *
provider_tree(const struct admin *a, const struct conf_provider *p,
    const struct upkey_rec *v, int n, int full)
{
	struct json_object *o = json_object_new_object();
	struct provider_models m = { NULL, 0 };
	int64_t fetched_us = 0;
	unsigned i;

	ctl_set_str(o, "id", p->id);
	ctl_set_str(o, "name", p->name);
	ctl_set_bool(o, "enabled", p->enabled);
	ctl_set_str(o, "dialect", conf_dialect_name(p->dialect));
	ctl_set_str(o, "base_url", p->base_url);
	if (full)
		m.list = json_object_new_array();
	for (i = 0; i < p->models.n; i++)
		provider_model(&m, str_of(p->models.v[i]));
	if (p->models.n == 0) {
		models_each(a->st, p->id, &fetched_us, provider_model, &m);
		ctl_set_time(o, "models_fetched", fetched_us);
	}
	ctl_set_int(o, "model_count", m.n);
	if (full)
		json_object_object_add(o, "models", m.list);
	provider_addresses(a, p, o);
	json_object_object_add(o, "keys", provider_keys(p, v, n));
	return o;
}

static struct upkey_rec *
provider_rows(const struct admin *a, int *n)
{
	struct upkey_rec *v = xcalloc(UPKEY_ROWS, sizeof(*v));

	*n = upkey_all(a->st, v, UPKEY_ROWS);
	return v;
}

struct json_object *
ctl_provider_trees(const struct admin *a)
{
	struct json_object *list = json_object_new_array();
	struct upkey_rec *v;
	unsigned i;
	int n;

	v = provider_rows(a, &n);
	for (i = 0; i < a->c->conf->n_providers; i++)
		json_object_array_add(list, provider_tree(a,
		    &a->c->conf->providers[i], v, n, 0));
	free(v);
	return list;
}

/* Worst first: the error of the first unhealthy key. */
static void
provider_row(struct ctl_call *call, struct json_object *o)
{
	struct json_object *keys = json_get(o, "keys"), *k;
	size_t i, n = json_object_array_length(keys), healthy = 0, bad = 0;
	struct str error = json_get_str(o, "address_error");
	struct str id = json_get_str(o, "id");
	struct str dialect = json_get_str(o, "dialect");
	char count[48];

	for (i = 0; i < n; i++) {
		k = json_object_array_get_idx(keys, i);
		healthy += str_eqc(json_get_str(k, "status"), "healthy");
		if (!str_eqc(json_get_str(k, "status"), "unhealthy"))
			continue;
		if (bad++ == 0 && error.n == 0)
			error = json_get_str(k, "error");
	}
	snprintf(count, sizeof(count), "%zu/%zu", healthy, n);
	ctl_print(call, "%-20.*s %-10.*s %-8s %-9s %7lld %.*s\n",
	    STR_ARG(id), STR_ARG(dialect),
	    json_object_get_boolean(json_get(o, "enabled")) ? "on" : "off",
	    count, (long long)json_get_int(o, "model_count", 0),
	    STR_ARG(error));
}

void
ctl_provider_table(struct ctl_call *call, struct json_object *list)
{
	size_t i, n = json_object_array_length(list);

	if (n == 0)
		return;
	ctl_print(call, "\n%-20s %-10s %-8s %-9s %7s %s\n", "PROVIDER",
	    "DIALECT", "ENABLED", "KEYS OK", "MODELS", "TROUBLE");
	for (i = 0; i < n; i++)
		provider_row(call, json_object_array_get_idx(list, i));
}

enum ctl_next
ctl_provider_list(struct ctl_call *call)
{
	struct json_object *list = ctl_provider_trees(call->admin), *o;

	if (call->req.json) {
		o = json_object_new_object();
		json_object_object_add(o, "providers", list);
		ctl_print_json(call, o);
		return CTL_DONE;
	}
	ctl_provider_table(call, list);
	json_object_put(list);
	return CTL_DONE;
}

/* "key 0123  unhealthy  3.10 ms  checked T  until T  faults 2  env:X  why" */
static void
provider_print_key(struct ctl_call *call, struct json_object *k)
{
	struct str checked = json_get_str(k, "checked");
	struct str until = json_get_str(k, "rests_until");
	int out = !json_object_get_boolean(json_get(k, "in_rotation"));

	ctl_print(call, "key %.*s  %-9.*s %8.2f ms  checked %.*s",
	    STR_ARG(json_get_str(k, "id")), STR_ARG(json_get_str(k,
	    "status")), json_object_get_double(json_get(k, "response_ms")),
	    STR_ARG(checked.n == 0 ? STR("never") : checked));
	if (out)
		ctl_print(call, "  until %.*s", STR_ARG(until.n == 0 ?
		    STR("a probe finds it good") : until));
	if (json_get_int(k, "faults", 0) > 0)
		ctl_print(call, "  faults %lld",
		    (long long)json_get_int(k, "faults", 0));
	ctl_print(call, "  %.*s  %.*s\n", STR_ARG(json_get_str(k, "source")),
	    STR_ARG(json_get_str(k, "error")));
}

static void
provider_print_keys(struct ctl_call *call, struct json_object *keys)
{
	size_t i, n = json_object_array_length(keys);

	for (i = 0; i < n; i++)
		provider_print_key(call, json_object_array_get_idx(keys, i));
}

enum ctl_next
ctl_provider_show(struct ctl_call *call)
{
	struct conf_provider *p;
	struct json_object *o, *keys;
	struct upkey_rec *v;
	int n;

	p = conf_provider(call->admin->c->conf, str_of(call->word[0]));
	if (p == NULL)
		return ctl_error(call, CTL_FAILED, "no provider is named %s",
		    call->word[0]);
	v = provider_rows(call->admin, &n);
	o = provider_tree(call->admin, p, v, n, 1);
	free(v);
	if (call->req.json) {
		ctl_print_json(call, o);
		return CTL_DONE;
	}
	keys = json_get(o, "keys");
	json_object_object_foreach(o, name, value) {
		if (value != keys)
			ctl_print_member(call, name, value);
	}
	provider_print_keys(call, keys);
	json_object_put(o);
	return CTL_DONE;
}
