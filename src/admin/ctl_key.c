/*
 * ctl_key.c - client keys of the ledger: create, change, rotate, delete.
 *
 * Runs in: admin.
 * Owns: nothing.
 *
 * A secret is shown once, by the command that made it, and stored nowhere.
 * Workers look keys up live: a change holds from the next request on.
 */
#include <stdio.h>

#include "admin/ctl_key.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"
#include "base/secret.h"

static int
ctl_key_in_file(const struct ctl_call *call, const char *name)
{
	const struct conf *conf = call->admin->c->conf;
	unsigned i;

	for (i = 0; i < conf->n_keys; i++)
		if (strcmp(conf->keys[i].name, name) == 0)
			return 1;
	return 0;
}

int
ctl_key_get(struct ctl_call *call, struct key_rec *rec)
{
	const char *name = call->word[0];
	uint64_t id;
	int rc;

	rc = key_find_name(call->admin->st, str_of(name), rec);
	if (rc == ERR_NOTFOUND && num_u64(str_of(name), &id) == 0)
		rc = key_find_id(call->admin->st, id, rec);
	if (rc == ERR_NOTFOUND && ctl_key_in_file(call, name))
		ctl_error(call, CTL_FAILED, "key %s stands in the "
		    "configuration file: change it there and reload", name);
	else if (rc == ERR_NOTFOUND)
		ctl_error(call, CTL_FAILED, "no key is named %s", name);
	else if (rc < 0)
		ctl_error(call, CTL_FAILED, "key cannot be read: %s",
		    err_str(rc));
	return rc;
}

static enum ctl_next
ctl_key_stored(struct ctl_call *call, const struct key_rec *rec, int rc,
    const char *secret, const char *said)
{
	struct json_object *o;

	if (rc == ERR_EXISTS)
		return ctl_error(call, CTL_FAILED,
		    "a key named %s exists already", rec->name);
	if (rc < 0)
		return ctl_error(call, CTL_FAILED, "key not stored: %s",
		    rc == ERR_FULL ? state_full_why(call->admin->st) :
		    err_str(rc));
	if (call->req.json) {
		o = ctl_key_tree(call, rec);
		if (secret != NULL)
			ctl_set_str(o, "secret", secret);
		ctl_print_json(call, o);
		return CTL_DONE;
	}
	if (secret == NULL) {
		ctl_print(call, "key %s %s\n", rec->name, said);
		return CTL_DONE;
	}
	/* the secret alone on stdout: for KEY=$(aigwctl key create ...) */
	ctl_print(call, "%s\n", secret);
	(void)buf_printf(&call->err, "key %s (number %llu) %s; its secret is "
	    "shown this once\n", rec->name, (unsigned long long)rec->id,
	    said);
	return CTL_DONE;
}

enum ctl_next
ctl_key_create(struct ctl_call *call)
{
	struct key_rec rec;
	char secret[KEY_SECRET_SIZE], err[160];
	enum ctl_next next;
	int rc;

	ctl_key_blank(&rec);
	if (call->n_words > 0)
		str_copy(rec.name, sizeof(rec.name), str_of(call->word[0]));
	if (ctl_key_apply(call, &rec, err, sizeof(err)) < 0)
		return ctl_error(call, CTL_USAGE, "%s", err);
	if (ctl_key_in_file(call, rec.name))
		return ctl_error(call, CTL_FAILED, "a key named %s stands in "
		    "the configuration file", rec.name);
	key_new_secret(secret, rec.hash, rec.hint);
	rc = key_create(call->admin->st, &rec);
	next = ctl_key_stored(call, &rec, rc, secret, "created");
	secret_wipe(secret, sizeof(secret));
	return next;
}

enum ctl_next
ctl_key_edit(struct ctl_call *call)
{
	struct key_rec rec;
	char err[160];

	if (ctl_key_get(call, &rec) < 0)
		return CTL_DONE;
	if (call->n_opts == 0)
		return ctl_error(call, CTL_USAGE, "nothing to set");
	if (ctl_key_apply(call, &rec, err, sizeof(err)) < 0)
		return ctl_error(call, CTL_USAGE, "%s", err);
	if (ctl_opt(call, "--name") != NULL &&
	    ctl_key_in_file(call, rec.name))
		return ctl_error(call, CTL_FAILED, "a key named %s stands in "
		    "the configuration file", rec.name);
	return ctl_key_stored(call, &rec,
	    key_update(call->admin->st, &rec), NULL, "changed");
}

static enum ctl_next
ctl_key_switch(struct ctl_call *call, int on)
{
	struct key_rec rec;

	if (ctl_key_get(call, &rec) < 0)
		return CTL_DONE;
	rec.enabled = on;
	return ctl_key_stored(call, &rec,
	    key_update(call->admin->st, &rec), NULL,
	    on ? "enabled" : "disabled");
}

enum ctl_next
ctl_key_enable(struct ctl_call *call)
{
	return ctl_key_switch(call, 1);
}

enum ctl_next
ctl_key_disable(struct ctl_call *call)
{
	return ctl_key_switch(call, 0);
}

enum ctl_next
ctl_key_rotate(struct ctl_call *call)
{
	struct key_rec rec;
	char secret[KEY_SECRET_SIZE];
	const char *grace = ctl_opt(call, "--grace");
	int64_t us = call->admin->c->conf->limits.rotate_grace;
	enum ctl_next next;

	if (grace != NULL && num_time_us(str_of(grace), &us) < 0)
		return ctl_error(call, CTL_USAGE, "--grace wants a time");
	if (ctl_key_get(call, &rec) < 0)
		return CTL_DONE;
	memcpy(rec.old_hash, rec.hash, sizeof(rec.old_hash));
	rec.old_until_us = clock_real_us() + us;
	key_new_secret(secret, rec.hash, rec.hint);
	next = ctl_key_stored(call, &rec,
	    key_update(call->admin->st, &rec), secret, "rotated");
	secret_wipe(secret, sizeof(secret));
	return next;
}

enum ctl_next
ctl_key_delete(struct ctl_call *call)
{
	struct key_rec rec;
	int rc;

	if (ctl_key_get(call, &rec) < 0)
		return CTL_DONE;
	rc = key_delete(call->admin->st, rec.id);
	if (rc < 0)
		return ctl_error(call, CTL_FAILED, "key not deleted: %s",
		    err_str(rc));
	if (call->req.json)
		ctl_print(call, "{\"ok\":true}\n");
	else
		ctl_print(call, "key %s deleted\n", rec.name);
	return CTL_DONE;
}
