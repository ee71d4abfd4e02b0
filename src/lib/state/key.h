/*
 * key.h - client keys of the ledger.
 *
 * A key is stored under the SHA-256 of its secret; the secret itself is never
 * stored. Workers look it up live at each request.
 */
#ifndef STATE_KEY_H
#define STATE_KEY_H

#include "state/state.h"

#define KEY_NAME_MAX	64
#define KEY_LIST_MAX	1024	/* bytes of an allow list, comma separated */
#define KEY_UNSET	UINT64_MAX
#define KEY_BUDGETS	4
#define KEY_HINT_SIZE	16

enum key_role { KEY_USER, KEY_ADMIN, KEY_ROOT };

struct key_rec {
	uint64_t	 id;		/* never used twice */
	unsigned char	 hash[32];
	unsigned char	 old_hash[32];	/* before the last rotation, or zero */
	int64_t		 old_until_us;	/* real time; it works until then */
	char		 hint[KEY_HINT_SIZE]; /* "sk-aigw-ab.." for lists */
	char		 name[KEY_NAME_MAX + 1];
	char		 tier[KEY_NAME_MAX + 1];
	char		 team[KEY_NAME_MAX + 1];
	enum key_role	 role;
	int		 enabled;
	int64_t		 created_us, expires_us;	/* 0: never */
	/* KEY_UNSET: inherit from the tier; cooldown in us */
	uint64_t	 rps, rpm, rpd, tpm, hourly_limit, daily_limit,
			 cooldown, max_concurrency, max_tokens;
	struct {
		int64_t		 amount;	/* pico-dollars */
		uint32_t	 period;	/* enum conf_period */
	} budgets[KEY_BUDGETS];
	unsigned	 n_budgets;
	/* allow lists, "a,b,c"; "": all */
	char		 groups[KEY_LIST_MAX], providers[KEY_LIST_MAX],
			 models[KEY_LIST_MAX], allow_from[KEY_LIST_MAX];
};

/* Look up by SHA-256 of the secret (current or, within its grace, old): 0,
 * ERR_NOTFOUND, or a store error. Never waits for a lock. */
int key_find(struct state *st, const unsigned char hash[32],
    int64_t real_us, struct key_rec *out);
int key_find_id(struct state *st, uint64_t id, struct key_rec *out);
int key_find_name(struct state *st, struct str name, struct key_rec *out);

/* --- admin (blocking, durable) ----------------------------------------- */

/* Store a new key; rec->id and created_us are set. ERR_EXISTS: name taken. */
int key_create(struct state *st, struct key_rec *rec);
/* Replace the record of rec->id (also its hashes): 0, ERR_NOTFOUND,
 * ERR_EXISTS (name). */
int key_update(struct state *st, const struct key_rec *rec);
int key_delete(struct state *st, uint64_t id);
/* Walk all keys by id from after; fn returns 0 to go on. */
int key_each(struct state *st, uint64_t after,
    int (*fn)(void *arg, const struct key_rec *rec), void *arg);
/* When the key was last used (real us; 0: never), to the minute: from hot, and
 * from the ledger what was before. */
int64_t key_last_used(struct state *st, uint64_t id);

/* Make a secret "sk-aigw-" + 48 characters [A-Za-z0-9] and its hash. */
#define KEY_SECRET_SIZE 64
void key_new_secret(char secret[KEY_SECRET_SIZE], unsigned char hash[32],
    char hint[KEY_HINT_SIZE]);

#endif
