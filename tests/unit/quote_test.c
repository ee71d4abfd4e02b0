/* quote_test.c - quotations of one text in another. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/quote.h"
#include "tap.h"

static const char *
hidden(const char *text, const char *source)
{
	static char out[2 * QUOTE_TEXT_MAX];
	size_t n = strlen(text);

	memcpy(out, text, n);
	n = quote_hide(out, n, str_of(source));
	out[n] = '\0';
	return out;
}

TEST(runs)
{
	EQ_STR(hidden("nothing of it", "something else altogether"),
	    "nothing of it");
	EQ_STR(hidden("bad: my dear secret!", "{\"x\":\"my dear secret\"}"),
	    "bad: [...]!");
	EQ_STR(hidden("my dear secret", "my dear secret"), "[...]");
	EQ_STR(hidden("a my dear secret b your dear secret",
	    "my dear secret, your dear secret"),
	    "a [...] b[...]");
	EQ_STR(hidden("", "my dear secret"), "");
	EQ_STR(hidden("my dear secret", ""), "my dear secret");
}

/* Wherever it stands in either: twelve bytes are found, eleven are not. */
TEST(every_place)
{
	char text[128], source[128];
	unsigned i, k;

	for (i = 0; i < 20; i++)
		for (k = 0; k < 20; k++) {
			snprintf(text, sizeof(text), "%.*sABCDEFGHIJKL",
			    (int)i, "....................");
			snprintf(source, sizeof(source), "%.*sABCDEFGHIJKL,",
			    (int)k, "--------------------");
			OK(strstr(hidden(text, source), "[...]") != NULL);
			OK(strstr(hidden(text, source), "ABC") == NULL);
			source[k + 11] = '!';
			OK(strstr(hidden(text, source), "[...]") == NULL);
		}
}

TEST(long_texts)
{
	static char text[QUOTE_TEXT_MAX + 100], source[100000];
	size_t i;

	for (i = 0; i < sizeof(source); i++)
		source[i] = (char)('a' + rand() % 26);
	memcpy(text, source + 500, sizeof(text));
	EQ_INT(quote_hide(text, sizeof(text), str_make(source,
	    sizeof(source))), 5);
	memset(text, 'x', sizeof(text));
	memset(source, 'x', sizeof(source));
	EQ_INT(quote_hide(text, sizeof(text), str_make(source,
	    sizeof(source))), 5);
	memset(text, 'y', sizeof(text));
	EQ_INT(quote_hide(text, sizeof(text), str_make(source,
	    sizeof(source))), QUOTE_TEXT_MAX);
}

TEST(masks)
{
	char text[] = "key sk-1 and sk-1sk-1, sk-";

	EQ_INT(quote_mask(text, strlen(text), STR("sk-1")), 3);
	EQ_STR(text, "key **** and ********, sk-");
	EQ_INT(quote_mask(text, strlen(text), STR("")), 0);
	EQ_INT(quote_mask(text, 0, STR("a")), 0);
}

TEST(probes)
{
	static const char *const secrets[] = {
		"sk-1", "abcdef", "a", "sk-Zx81", "x-Q", "QQQQ", "-----"
	};
	struct quote_probe q;
	char text[64];
	size_t i, k, n;

	for (i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
		n = strlen(secrets[i]);
		quote_probe_init(&q, str_of(secrets[i]));
		for (k = 0; k + n <= 32; k++) {
			memset(text, secrets[i][q.rare], sizeof(text));
			memset(text, '.', k);
			memcpy(text + k, secrets[i], n);
			OK(quote_probe_in(&q, text, k + n));
			OK(quote_probe_in(&q, text, sizeof(text)));
			text[k + n - 1] ^= 1;
			OK(!quote_probe_in(&q, text, k + n));
			OK(!quote_probe_in(&q, text, k + n - 1));
		}
		OK(!quote_probe_in(&q, "", 0));
	}
	quote_probe_init(&q, STR(""));
	OK(!quote_probe_in(&q, "any", 3));
	EQ_INT(quote_probe_cut(&q, "any", 3), 0);
}

TEST(slashes)
{
	char text[] = "a/b/cc a\\/b\\/cc a\\/b/cc a\\b/cc /x/ \\/x\\/";
	struct quote_probe q;

	EQ_INT(quote_mask(text, strlen(text), STR("a/b/cc")), 3);
	EQ_INT(quote_mask(text, strlen(text), STR("/x/")), 2);
	EQ_STR(text, "****** ******** ******* a\\b/cc *** *****");
	EQ_INT(quote_span(STR("a/b/cc")), 8);
	quote_probe_init(&q, STR("a/b/Zc/d"));
	OK(quote_probe_in(&q, "-a/b/Zc/d", 9));
	OK(quote_probe_in(&q, "a\\/b\\/Zc\\/d", 11));
	OK(!quote_probe_in(&q, "a/b/cZ/d", 8));
	quote_probe_init(&q, STR("/"));
	OK(!quote_probe_in(&q, "/", 1));
}

/* What a whole one has before each place, and nothing else. */
TEST(cuts)
{
	static const char *const secrets[] = {
		"sk-1", "abcdef", "aa/bb", "sk-sk-x", "aaab", "/a/"
	};
	struct quote_probe q;
	char text[64];
	size_t i, k, n;

	for (i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
		n = strlen(secrets[i]);
		quote_probe_init(&q, str_of(secrets[i]));
		for (k = 1; k < n; k++) {
			memset(text, '.', sizeof(text));
			memcpy(text + 40, secrets[i], k);
			EQ_INT(quote_probe_cut(&q, text, 40 + k), k);
			EQ_INT(quote_probe_cut(&q, text + 40, k), k);
			EQ_INT(quote_probe_cut(&q, text, 41 + k), 0);
		}
		memcpy(text + 40, secrets[i], n);
		k = quote_probe_cut(&q, text, 40 + n);
		EQ_INT(k, secrets[i][0] == '/');
		EQ_INT(quote_probe_cut(&q, text, 0), 0);
	}
	quote_probe_init(&q, STR("sk-sk-x"));
	EQ_INT(quote_probe_cut(&q, "sk-sk-sk-", 9), 6);
	quote_probe_init(&q, STR("a/b"));
	EQ_INT(quote_probe_cut(&q, "a\\", 2), 2);
	EQ_INT(quote_probe_cut(&q, "a\\/", 3), 3);
	EQ_INT(quote_probe_cut(&q, "a\\\\", 3), 0);
}

TAP_BEGIN
	TAP_ROW(runs)
	TAP_ROW(every_place)
	TAP_ROW(long_texts)
	TAP_ROW(masks)
	TAP_ROW(probes)
	TAP_ROW(slashes)
	TAP_ROW(cuts)
TAP_END
