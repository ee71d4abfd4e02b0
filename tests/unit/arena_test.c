/* arena_test.c - arenas: alignment, growth, cleanups in order. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "tap.h"

static char order[8];

static void
note(void *arg)
{
	strcat(order, arg);
}

TEST(aligned_and_apart)
{
	struct arena *a = arena_new(256);
	char *p, *q;
	int i;

	for (i = 0; i < 1000; i++) {
		p = arena_alloc(a, (size_t)i);
		q = arena_alloc(a, 1);
		EQ_INT((uintptr_t)p % 16, 0);
		memset(p, 0xaa, (size_t)i);
		*q = 1;
		OK(q >= p + i || q < p);
	}
	OK(arena_size(a) >= 1000 * 999 / 2);
	arena_free(&a);
	OK(a == NULL);
	arena_free(&a);
}

TEST(cleanups_last_first)
{
	struct arena *a = arena_new(0);

	order[0] = '\0';
	arena_cleanup(a, note, (char[]){ "a" });
	arena_cleanup(a, note, (char[]){ "b" });
	arena_free(&a);
	EQ_STR(order, "ba");
}

TEST(text)
{
	struct arena *a = arena_new(0);

	EQ_STR(arena_printf(a, "%d-%s", 7, "x"), "7-x");
	EQ_STR(arena_strndup(a, "hello", 2), "he");
	EQ_S(arena_str(a, STR("abc")), "abc");
	arena_free(&a);
}

TEST(one_behind_the_other)
{
	struct arena *a = arena_new(256);
	struct str s = arena_cat(a, STR("a\0b"), STR("\0c"));

	OK(str_eq(s, STR("a\0b\0c")));
	EQ_INT(s.p[s.n], 0);
	EQ_INT(arena_cat(a, STR_NULL, STR_NULL).n, 0);
	arena_free(&a);
}

TEST(large_pieces_do_not_waste_small_ones)
{
	struct arena *a = arena_new(4096);
	size_t before = arena_size(a);
	char *p = arena_alloc(a, 100), *q;

	arena_alloc(a, 1 << 20);
	q = arena_alloc(a, 100);
	EQ_INT(q - p, 112);
	OK(arena_size(a) < before + (1 << 20) + 100);
	arena_free(&a);
}

TEST(zeroed)
{
	struct arena *a = arena_new(0);
	char *p;
	int i, k;

	for (i = 1; i < 3000; i += 97) {
		memset(arena_alloc(a, (size_t)i), 0xff, (size_t)i);
		p = arena_zalloc(a, (size_t)i);
		for (k = 0; k < i; k++)
			EQ_INT(p[k], 0);
	}
	EQ_S(arena_str(a, STR_NULL), "");
	EQ_STR(arena_strdup(a, ""), "");
	arena_free(&a);
}

static void
count(void *arg)
{
	++*(int *)arg;
}

TEST(used_again)
{
	struct arena *a = arena_new(0);
	size_t size = arena_size(a);
	char *first = arena_alloc(a, 16);
	int i, cleaned = 0;

	for (i = 0; i < 3; i++) {
		memset(arena_alloc(a, 10000), 1, 10000);
		arena_cleanup(a, count, &cleaned);
		arena_charge(a, 0, 500);
		arena_charge(a, 500, 700);
		OK(arena_size(a) >= size + 10700);
		arena_reset(a);
		EQ_INT(cleaned, i + 1);
		EQ_INT(arena_size(a), size);
		OK(arena_alloc(a, 16) == first);
	}
	arena_free(&a);
	EQ_INT(cleaned, 3);
}

TAP_BEGIN
TAP_ROW(used_again)
TAP_ROW(large_pieces_do_not_waste_small_ones)
TAP_ROW(zeroed)
TAP_ROW(aligned_and_apart)
TAP_ROW(cleanups_last_first)
TAP_ROW(text)
TAP_ROW(one_behind_the_other)
TAP_END
