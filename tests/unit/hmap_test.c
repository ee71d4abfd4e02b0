/* hmap_test.c - the hash table: growth, deletion, walking. */
#include <stdio.h>
#include <string.h>

#include "base/hmap.h"
#include "tap.h"

#define KEYS 5000

static char name[KEYS][8];
static int value[KEYS];

static struct str
key(int i)
{
	snprintf(name[i], sizeof(name[i]), "k%d", i);
	return str_of(name[i]);
}

TEST(set_get_del)
{
	struct hmap *m = hmap_new();
	int a, b;

	OK(hmap_get(m, STR("x")) == NULL);
	OK(hmap_del(m, STR("x")) == NULL);
	OK(hmap_set(m, STR("x"), &a) == NULL);
	OK(hmap_get(m, STR("x")) == &a);
	OK(hmap_set(m, STR("x"), &b) == &a);
	EQ_INT(hmap_count(m), 1);
	OK(hmap_set(m, STR_NULL, &a) == NULL);
	OK(hmap_get(m, STR("")) == &a);
	OK(hmap_set(m, STR("x\0y"), &a) == NULL);
	OK(hmap_get(m, STR("x")) == &b);
	OK(hmap_del(m, STR("x")) == &b);
	OK(hmap_get(m, STR("x")) == NULL);
	EQ_INT(hmap_count(m), 2);
	hmap_free(&m);
	OK(m == NULL);
	hmap_free(&m);
}

TEST(many)
{
	struct hmap *m = hmap_new();
	int i;

	for (i = 0; i < KEYS; i++)
		OK(hmap_set(m, key(i), &value[i]) == NULL);
	EQ_INT(hmap_count(m), KEYS);
	for (i = 0; i < KEYS; i += 2)
		OK(hmap_del(m, key(i)) == &value[i]);
	EQ_INT(hmap_count(m), KEYS / 2);
	for (i = 0; i < KEYS; i++)
		OK(hmap_get(m, key(i)) == (i % 2 ? &value[i] : NULL));
	hmap_free(&m);
}

/* Deleted places are taken back: the table neither fills up nor grows. */
TEST(come_and_go)
{
	struct hmap *m = hmap_new();
	int i, v;

	for (i = 0; i < 100000; i++) {
		OK(hmap_set(m, key(i % KEYS), &v) == NULL);
		OK(hmap_del(m, key(i % KEYS)) == &v);
		EQ_INT(hmap_count(m), 0);
	}
	OK(hmap_get(m, STR("none")) == NULL);
	hmap_free(&m);
}

TEST(walk_sees_each_once)
{
	struct hmap *m = hmap_new();
	static unsigned char seen[KEYS];
	struct str k;
	size_t it = 0;
	void *v;
	int i, n = 0;

	OK(!hmap_next(m, &it, &k, &v));
	for (i = 0; i < 300; i++)
		hmap_set(m, key(i), &value[i]);
	for (i = 0; i < 100; i++)
		hmap_del(m, key(i));
	memset(seen, 0, sizeof(seen));
	for (it = 0; hmap_next(m, &it, &k, &v); n++) {
		i = (int)((int *)v - value);
		EQ_S(k, name[i]);
		OK(i >= 100 && i < 300 && !seen[i]);
		seen[i] = 1;
	}
	EQ_INT(n, 200);
	hmap_free(&m);
}

TEST(hash_is_keyed_by_content)
{
	char a[64], b[64];
	size_t n;

	memset(a, 'x', sizeof(a));
	memset(b, 'x', sizeof(b));
	for (n = 0; n < sizeof(a); n++) {
		OK(hmap_hash(a, n) == hmap_hash(b, n));
		OK(hmap_hash(a, n) != hmap_hash(a, n + 1));
		b[n] = 'y';
		OK(hmap_hash(a, n + 1) != hmap_hash(b, n + 1));
		b[n] = 'x';
	}
	OK(hmap_hash(NULL, 0) == hmap_hash(a, 0));
}

TAP_BEGIN
TAP_ROW(set_get_del)
TAP_ROW(many)
TAP_ROW(come_and_go)
TAP_ROW(walk_sees_each_once)
TAP_ROW(hash_is_keyed_by_content)
TAP_END
