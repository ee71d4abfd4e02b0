/*
 * ctl_key.h - what the key commands share.
 */
#ifndef ADMIN_CTL_KEY_H
#define ADMIN_CTL_KEY_H

#include "admin/ctl.h"
#include "state/key.h"

/* Options of "key create" and "key set". */
extern const struct ctl_opt ctl_key_options[];

/* A record with nothing set: role user, enabled, all limits inherited. */
void ctl_key_blank(struct key_rec *rec);
/* Apply the options of the call: 0, or ERR_FORMAT with text in err. */
int ctl_key_apply(const struct ctl_call *call, struct key_rec *rec,
    char *err, size_t errsize);
/* 1 when text may be the name of a key. */
int ctl_key_name_ok(const char *name);
/* "never", "2027-12-31" (to the end of that day), "30d": 0 or ERR_FORMAT. */
int ctl_key_expires(const char *text, int64_t *out);
/* "25.5/month": 0 or ERR_FORMAT. */
int ctl_key_budget(const char *text, int64_t *amount, uint32_t *period);
const char *ctl_key_period(uint32_t period);
const char *ctl_key_role(enum key_role role);
/* Find the key that the first word names, by name or by number: 0, or a code
 * after ctl_error. */
int ctl_key_get(struct ctl_call *call, struct key_rec *rec);
/* Everything about a key but its hashes. */
struct json_object *ctl_key_tree(struct ctl_call *call,
    const struct key_rec *rec);

#endif
