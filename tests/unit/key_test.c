/* key_test.c - client keys: find, change, rotate, delete, walk. */
#include "state_help.h"

static struct help_opts h;

static struct key_rec
make(struct state *st, const char *name)
{
	struct key_rec r;
	char secret[KEY_SECRET_SIZE];

	memset(&r, 0, sizeof(r));
	key_new_secret(secret, r.hash, r.hint);
	str_copy(r.name, sizeof(r.name), str_of(name));
	strcpy(r.tier, "free");
	r.rps = KEY_UNSET;
	r.rpm = 12;
	r.enabled = 1;
	r.role = KEY_ADMIN;
	EQ_INT(key_create(st, &r), 0);
	return r;
}

TEST(secrets)
{
	unsigned char hash[32], again[32];
	char a[KEY_SECRET_SIZE], b[KEY_SECRET_SIZE], hint[KEY_HINT_SIZE];

	key_new_secret(a, hash, hint);
	key_new_secret(b, again, hint);
	EQ_INT(strlen(a), 56);
	OK(strncmp(a, "sk-aigw-", 8) == 0);
	OK(strcmp(a, b) != 0);
	OK(strncmp(b, hint, 10) == 0 && strcmp(hint + 10, "..") == 0);
	crypto_sha256(str_of(b), hash);
	EQ_MEM(hash, 32, again, 32);
}

TEST(find)
{
	struct state *st = help_new(&h, "find", BOARD_ADMIN);
	struct key_rec a = make(st, "alpha"), b = make(st, "beta"), r;
	struct key_rec twin = a;
	unsigned char none[32] = { 1 };

	EQ_INT(a.id, 1);
	EQ_INT(b.id, 2);
	OK(a.created_us > 0);
	EQ_INT(key_find(st, b.hash, 0, &r), 0);
	EQ_STR(r.name, "beta");
	EQ_STR(r.tier, "free");
	EQ_STR(r.hint, b.hint);
	EQ_INT(r.rps, KEY_UNSET);
	EQ_INT(r.rpm, 12);
	EQ_INT(r.role, KEY_ADMIN);
	EQ_INT(key_find(st, none, 0, &r), ERR_NOTFOUND);
	EQ_INT(key_find_id(st, 1, &r), 0);
	EQ_STR(r.name, "alpha");
	EQ_INT(key_find_id(st, 3, &r), ERR_NOTFOUND);
	EQ_INT(key_find_name(st, STR("beta"), &r), 0);
	EQ_INT(r.id, 2);
	EQ_INT(key_find_name(st, STR("bet"), &r), ERR_NOTFOUND);
	EQ_INT(key_find_name(st, STR(""), &r), ERR_NOTFOUND);
	/* a name or a secret that is taken */
	EQ_INT(key_create(st, &twin), ERR_EXISTS);
	strcpy(twin.name, "gamma");
	EQ_INT(key_create(st, &twin), ERR_EXISTS);
	twin.name[0] = '\0';
	EQ_INT(key_create(st, &twin), ERR_FORMAT);
	OK(make(st, "gamma").id > 2);
	state_close(&st);
}

TEST(everything_is_kept)
{
	struct state *st = help_new(&h, "all", BOARD_ADMIN);
	struct key_rec r, got;
	int i;

	memset(&r, 0, sizeof(r));
	memset(&got, 0, sizeof(got));
	memset(r.hash, 7, sizeof(r.hash));
	memset(r.old_hash, 8, sizeof(r.old_hash));
	r.old_until_us = 99;
	memset(r.name, 'n', KEY_NAME_MAX);
	memset(r.tier, 't', KEY_NAME_MAX);
	memset(r.team, 'm', KEY_NAME_MAX);
	memset(r.groups, 'g', KEY_LIST_MAX - 1);
	memset(r.providers, 'p', KEY_LIST_MAX - 1);
	memset(r.models, 'o', KEY_LIST_MAX - 1);
	memset(r.allow_from, 'a', KEY_LIST_MAX - 1);
	strcpy(r.hint, "sk-aigw-ab..");
	r.expires_us = 5;
	r.enabled = 1;
	r.role = KEY_ROOT;
	r.rps = 1; r.rpm = 2; r.rpd = 3; r.tpm = 4;
	r.hourly_limit = 5; r.daily_limit = 6; r.cooldown = 7;
	r.max_concurrency = 8; r.max_tokens = KEY_UNSET;
	r.n_budgets = KEY_BUDGETS;
	for (i = 0; i < KEY_BUDGETS; i++) {
		r.budgets[i].amount = -i;
		r.budgets[i].period = (uint32_t)i;
	}
	EQ_INT(key_create(st, &r), 0);
	EQ_INT(key_find(st, r.hash, 0, &got), 0);
	OK(memcmp(&got, &r, sizeof(r)) == 0 || (
	    strcmp(got.name, r.name) == 0 && strcmp(got.tier, r.tier) == 0 &&
	    strcmp(got.team, r.team) == 0 &&
	    strcmp(got.groups, r.groups) == 0 &&
	    strcmp(got.providers, r.providers) == 0 &&
	    strcmp(got.models, r.models) == 0 &&
	    strcmp(got.allow_from, r.allow_from) == 0));
	EQ_INT(got.max_tokens, KEY_UNSET);
	EQ_INT(got.budgets[3].amount, -3);
	EQ_INT(got.budgets[3].period, 3);
	EQ_INT(got.cooldown, 7);
	EQ_INT(got.expires_us, 5);
	EQ_INT(got.role, KEY_ROOT);
	state_close(&st);
}

TEST(rotate)
{
	struct state *st = help_new(&h, "rotate", BOARD_ADMIN);
	struct key_rec k = make(st, "k"), other = make(st, "other"), r;
	unsigned char first[32], second[32], third[32];
	char secret[KEY_SECRET_SIZE];

	memcpy(first, k.hash, 32);
	memcpy(k.old_hash, first, 32);
	k.old_until_us = 1000;
	key_new_secret(secret, k.hash, k.hint);
	memcpy(second, k.hash, 32);
	EQ_INT(key_update(st, &k), 0);
	EQ_INT(key_find(st, second, 5000, &r), 0);
	EQ_INT(key_find(st, first, 999, &r), 0);
	EQ_INT(r.id, k.id);
	EQ_INT(key_find(st, first, 1000, &r), ERR_NOTFOUND);
	/* again: the first is forgotten altogether */
	memcpy(k.old_hash, second, 32);
	key_new_secret(secret, k.hash, k.hint);
	memcpy(third, k.hash, 32);
	EQ_INT(key_update(st, &k), 0);
	EQ_INT(key_find(st, first, 0, &r), ERR_NOTFOUND);
	EQ_INT(key_find(st, second, 0, &r), 0);
	EQ_INT(key_find(st, third, 5000, &r), 0);
	/* rename, disable */
	strcpy(k.name, "other");
	EQ_INT(key_update(st, &k), ERR_EXISTS);
	EQ_INT(key_find_name(st, STR("k"), &r), 0);
	strcpy(k.name, "renamed");
	k.enabled = 0;
	EQ_INT(key_update(st, &k), 0);
	EQ_INT(key_find_name(st, STR("k"), &r), ERR_NOTFOUND);
	EQ_INT(key_find(st, second, 0, &r), 0);
	EQ_STR(r.name, "renamed");
	EQ_INT(r.enabled, 0);
	EQ_INT(key_delete(st, k.id), 0);
	EQ_INT(key_delete(st, k.id), ERR_NOTFOUND);
	EQ_INT(key_update(st, &k), ERR_NOTFOUND);
	EQ_INT(key_find(st, second, 0, &r), ERR_NOTFOUND);
	EQ_INT(key_find(st, third, 0, &r), ERR_NOTFOUND);
	EQ_INT(key_find_id(st, other.id, &r), 0);
	OK(make(st, "k").id > other.id);
	state_close(&st);
}

static int
count(void *arg, const struct key_rec *r)
{
	uint64_t *last = arg;

	OK(r->id > *last);
	*last = r->id;
	return r->id == 8 ? 17 : 0;
}

TEST(walk)
{
	struct state *st = help_new(&h, "walk", BOARD_ADMIN);
	char name[20];
	uint64_t last = 0;
	int i;

	for (i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "key-%d", 10 - i);
		make(st, name);
	}
	EQ_INT(key_each(st, 0, count, &last), 17);
	EQ_INT(last, 8);
	EQ_INT(key_each(st, 8, count, &last), 0);
	EQ_INT(last, 10);
	EQ_INT(key_each(st, 10, count, &last), 0);
	EQ_INT(key_each(st, UINT64_MAX, count, &last), 0);
	state_close(&st);
}

TAP_BEGIN
TAP_ROW(secrets)
TAP_ROW(find)
TAP_ROW(everything_is_kept)
TAP_ROW(rotate)
TAP_ROW(walk)
TAP_END
