/*
 * tap.h - a tiny test harness that speaks the Test Anything Protocol.
 *
 *	TEST(name) { OK(x); EQ_INT(a, b); EQ_STR(a, b); }
 *	TAP_BEGIN TAP_ROW(name) TAP_ROW(other) TAP_END
 *
 * Each TEST is one point; a failed check prints where and what, and ends the
 * point. "prog NAME" runs the tests whose name contains NAME.
 */
#ifndef TAP_H
#define TAP_H

#include <stddef.h>

typedef void tap_fn(void);
struct tap_test {
	const char	*name;
	tap_fn		*fn;
};

/* Run them; the exit status of the program. */
int tap_run(const struct tap_test *t, size_t n, int argc, char **argv);
/* Fail the running point and leave it. */
void tap_fail(const char *file, int line, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 3, 4)));
/* Leave the running point as skipped. */
void tap_skip(const char *why) __attribute__((noreturn));
void tap_eq_int(const char *file, int line, const char *ea, const char *eb,
    long long a, long long b);
void tap_eq_mem(const char *file, int line, const char *ea, const char *eb,
    const void *a, size_t an, const void *b, size_t bn);
/* End a forked child: as _exit, but it counts for the coverage. */
void tap_exit(int status) __attribute__((noreturn));
/* A folder of its own, removed when the program ends. */
const char *tap_dir(void);

#define TEST(name)	static void test_##name(void)
#define OK(e) \
	((e) ? (void)0 : tap_fail(__FILE__, __LINE__, "not true: %s", #e))
#define EQ_INT(a, b) \
	tap_eq_int(__FILE__, __LINE__, #a, #b, (long long)(a), (long long)(b))
#define EQ_MEM(a, an, b, bn) \
	tap_eq_mem(__FILE__, __LINE__, #a, #b, (a), (an), (b), (bn))
#define EQ_STR(a, b) do {						\
	const char *tap_a_ = (a), *tap_b_ = (b);			\
	EQ_MEM(tap_a_, __builtin_strlen(tap_a_), tap_b_,		\
	    __builtin_strlen(tap_b_));					\
} while (0)
/* struct str against a literal or char pointer */
#define EQ_S(s, b) do {							\
	struct str tap_s_ = (s);					\
	const char *tap_t_ = (b);					\
	EQ_MEM(tap_s_.p, tap_s_.n, tap_t_, __builtin_strlen(tap_t_));	\
} while (0)

#define TAP_ROW(name)	{ #name, test_##name },
#define TAP_BEGIN	static const struct tap_test tap_tests[] = {
#define TAP_END		};						\
int main(int argc, char **argv)						\
{									\
	return tap_run(tap_tests, sizeof(tap_tests) /			\
	    sizeof(tap_tests[0]), argc, argv);				\
}

#endif
