/*
 * slice_test.c - computations in slices.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/jscan.h"
#include "base/slice.h"
#include "tap.h"

struct job {
	struct str	 text;
	struct buf	 out;
	int		 steps;
};

/* Scan a text and write it as the inside of a string. */
static int
work(void *arg)
{
	struct job *j = arg;
	struct jscan_result res;
	int rc;

	if ((rc = jscan(j->text, NULL, NULL, 0, &res)) != 0)
		return rc;
	if ((rc = buf_add_json(&j->out, j->text)) != 0)
		return rc;
	return buf_adds(&j->out, j->text);
}

static int
count(void *arg)
{
	struct job *j = arg;

	for (j->steps = 0; j->steps < 10; j->steps++)
		slice_use(100);
	return 42;
}

/* A JSON string of n bytes with an escape in each hundred. */
static void
make_text(struct buf *b, size_t n)
{
	size_t i;

	buf_init(b, n + 200);
	EQ_INT(buf_addc(b, '"'), 0);
	for (i = 0; i < n; i += 100)
		EQ_INT(buf_printf(b, "%-97s\\n", "caf\xc3\xa9"), 0);
	EQ_INT(buf_addc(b, '"'), 0);
}

TEST(short_ones_are_over_at_once)
{
	struct job j = { .steps = 0 };
	struct slice *s = slice_new(count, &j);

	OK(s != NULL);
	EQ_INT(slice_run(s, 1000000), 42);
	EQ_INT(j.steps, 10);
	slice_free(&s);
	OK(s == NULL);
	slice_free(&s);
}

TEST(they_stop_when_their_share_is_used_up)
{
	struct job a = { .steps = 0 }, b = { .steps = 0 };
	struct slice *s = slice_new(count, &a), *t = slice_new(count, &b);
	int turns = 0;

	/* Two side by side, each on a stack of its own. */
	while (slice_run(s, 250) == ERR_AGAIN) {
		turns++;
		EQ_INT(slice_run(t, 50), ERR_AGAIN);
		EQ_INT(b.steps, turns - 1);
	}
	EQ_INT(turns, 3);
	EQ_INT(a.steps, 10);
	while (slice_run(t, 1000000) == ERR_AGAIN)
		continue;
	EQ_INT(b.steps, 10);
	slice_free(&s);
	slice_free(&t);
}

TEST(work_outside_of_them_is_not_stopped)
{
	struct job j = { .steps = 0 };

	EQ_INT(count(&j), 42);
	slice_use(1);
}

TEST(one_that_never_ran_can_be_freed)
{
	struct job j = { .steps = 0 };
	struct slice *s = slice_new(count, &j);

	slice_free(&s);
	EQ_INT(j.steps, 0);
}

TEST(megabytes_take_many_and_come_out_the_same)
{
	struct job a = { .steps = 0 }, b = { .steps = 0 };
	struct slice *s;
	struct buf text;
	int n = 0, rc;

	make_text(&text, 3 << 20);
	a.text = b.text = buf_str(&text);
	buf_init(&a.out, 16 << 20);
	buf_init(&b.out, 16 << 20);
	EQ_INT(work(&a), 0);
	s = slice_new(work, &b);
	while ((rc = slice_run(s, 500000)) == ERR_AGAIN)
		n++;
	EQ_INT(rc, 0);
	OK(n >= 6);
	EQ_INT(buf_len(&a.out), buf_len(&b.out));
	OK(memcmp(buf_ptr(&a.out), buf_ptr(&b.out), buf_len(&a.out)) == 0);
	slice_free(&s);
	buf_free(&a.out);
	buf_free(&b.out);
	buf_free(&text);
}

TAP_BEGIN
TAP_ROW(short_ones_are_over_at_once)
TAP_ROW(they_stop_when_their_share_is_used_up)
TAP_ROW(work_outside_of_them_is_not_stopped)
TAP_ROW(one_that_never_ran_can_be_freed)
TAP_ROW(megabytes_take_many_and_come_out_the_same)
TAP_END
