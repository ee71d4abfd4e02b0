/* rota_test.c - turns and rates over many processes. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rota.h"
#include "tap.h"

static struct rota *rota;

static struct rota *
shared(void)
{
	struct rota *r = mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	OK(r != MAP_FAILED);
	return r;
}

static void
counts(const double *w, unsigned n, unsigned *got, unsigned *length)
{
	uint8_t order[ROTA_ORDER];
	unsigned i;

	memset(got, 0, n * sizeof(*got));
	*length = rota_order(w, n, order);
	for (i = 0; i < *length; i++)
		got[order[i]]++;
}

TEST(order_has_exact_shares)
{
	unsigned got[64], n;

	counts((double[]){ 1, 1, 2 }, 3, got, &n);
	EQ_INT(n, 4);
	EQ_INT(got[2], 2);
	counts((double[]){ 0.5, 1.5 }, 2, got, &n);
	EQ_INT(n, 4);
	EQ_INT(got[1], 3);
	counts((double[]){ 7, 7, 7 }, 3, got, &n);
	EQ_INT(n, 3);
	counts((double[]){ 3, 0, 3 }, 3, got, &n);
	EQ_INT(n, 2);
	EQ_INT(got[1], 0);
	counts((double[]){ 0, 0 }, 2, got, &n);
	EQ_INT(n, 0);
	counts((double[]){ 5 }, 1, got, &n);
	EQ_INT(n, 1);
}

/* Weights without a common measure: within one in a hundred; small: some. */
TEST(order_comes_near)
{
	static const double w[3] = { 1, 3.14159265, 2.71828183 };
	unsigned got[64], n, i;

	counts(w, 3, got, &n);
	OK(n <= ROTA_ORDER);
	for (i = 0; i < 3; i++) {
		double want = w[i] / (w[0] + w[1] + w[2]) * n;

		OK(got[i] > want * 0.99 && got[i] < want * 1.01);
	}
	counts((double[]){ 1, 1000000 }, 2, got, &n);
	EQ_INT(got[0], 1);
	OK(got[1] > 900);
}

/* Half of the turns are its, but never three of four in a row. */
TEST(order_is_spread)
{
	uint8_t order[ROTA_ORDER];
	unsigned n = rota_order((double[]){ 50, 25, 24, 1 }, 4, order), i, k;
	unsigned mine;

	EQ_INT(n, 100);
	for (i = 0; i < n; i++) {
		for (mine = 0, k = 0; k < 4; k++)
			mine += order[(i + k) % n] == 0;
		OK(mine >= 1 && mine <= 3);
		OK(order[i] != 0 || order[(i + 1) % n] != 0 ||
		    order[(i + 2) % n] != 0);
	}
}

TEST(cells_have_names)
{
	struct rota_gate *a;
	uint64_t i;

	rota = shared();
	a = rota_gate(rota, 77, 1);
	OK(a != NULL && rota_gate(rota, 77, 2) == a);
	OK(rota_gate(rota, 77 + ROTA_GATES, 2) != a);
	OK(rota_hash(0, "a", 1) != rota_hash(0, "b", 1));
	OK(rota_hash(rota_hash(0, "a", 1), "b", 1) == rota_hash(0, "ab", 2));
	/* full: nobody; unused for many generations: the oldest */
	for (i = 0; i < ROTA_CURSORS; i++)
		OK(rota_cursor(rota, 1000 + i, 5) != NULL);
	OK(rota_cursor(rota, 99, 6) == NULL);
	OK(rota_cursor(rota, 99, 5 + ROTA_AGE + 1) != NULL);
	OK(rota_cursor(rota, 99, 5 + ROTA_AGE + 1) ==
	    rota_cursor(rota, 99, 5 + ROTA_AGE + 2));
	munmap(rota, sizeof(*rota));
}

/* Four processes take turns; one is killed now and then. */
TEST(turns_are_even_over_processes)
{
	enum { TURNS = 40000, KEYS = 3 };
	_Atomic unsigned *n;
	uint8_t order[ROTA_ORDER];
	unsigned len = rota_order((double[]){ 1, 1, 2 }, KEYS, order), i, p;
	struct rota_cursor *c;

	rota = shared();
	c = rota_cursor(rota, 1, 1);
	n = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (p = 0; p < 4; p++)
		if (fork() == 0) {
			for (i = 0; i < TURNS / 4; i++)
				n[order[rota_next(c) % len]]++;
			_exit(0);
		}
	for (p = 0; p < 4; p++)
		wait(NULL);
	EQ_INT(n[0], TURNS / 4);
	EQ_INT(n[1], TURNS / 4);
	EQ_INT(n[2], TURNS / 2);
	munmap(rota, sizeof(*rota));
}

TEST(rates)
{
	struct rota_rate r;

	rota_rate(1, &r);
	EQ_INT(r.batch, 1);
	EQ_INT(r.batches, 1);
	EQ_INT(r.window_us, 1000000 + ROTA_MARGIN_US);
	rota_rate(2.9, &r);
	EQ_INT(r.batches, 2);
	rota_rate(0.25, &r);
	EQ_INT(r.batches, 1);
	EQ_INT(r.window_us, 4000000 + ROTA_MARGIN_US);
	rota_rate(127, &r);
	EQ_INT(r.batch * r.batches, 127);
	rota_rate(1000, &r);
	OK(r.batch * r.batches <= 1000 && r.batch * r.batches > 990);
	rota_rate(1e9, &r);
	OK(r.batch * (uint64_t)r.batches <= 1000000000 &&
	    r.batch * (uint64_t)r.batches > 990000000);
	rota_rate(1e-9, &r);
	OK(r.window_us > 0);
}

TEST(gate_one_process)
{
	struct rota_rate r;
	struct rota_gate *g;

	rota = shared();
	g = rota_gate(rota, 5, 1);
	rota_rate(2, &r);
	EQ_INT(rota_ask(g, &r, 1000), 0);
	EQ_INT(rota_take(g, &r, 1000, 1000), 1000);
	EQ_INT(rota_take(g, &r, 2000, 2000), 2000);
	EQ_INT(rota_take(g, &r, 3000, 3000), -1);
	EQ_INT(rota_ask(g, &r, 3000), r.window_us + 1000 - 3000);
	/* in order for later; nobody overtakes */
	EQ_INT(rota_take(g, &r, 3000, 10000000), r.window_us + 1000);
	EQ_INT(rota_take(g, &r, 3000, 10000000), r.window_us + 2000);
	EQ_INT(rota_take(g, &r, 3000, 10000000), 2 * r.window_us + 1000);
	EQ_INT(rota_take(g, &r, r.window_us, r.window_us), -1);
	EQ_INT(rota_take(g, &r, 100000000, 100000000), 100000000);
	munmap(rota, sizeof(*rota));
}

static int
by_time(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* A clock of its own, in steps of some microseconds. */
static void
take_turns(struct rota_gate *g, const struct rota_rate *r, unsigned p,
    int64_t *at, unsigned n)
{
	int64_t t = 1000;
	unsigned i;

	for (i = 0; i < n; i++, t += 1 + (t * 7 + p) % 61)
		at[i] = rota_take(g, r, t, t + 500);
}

/*
 * Four processes at once: in no window more than allowed, and not less than
 * can be by much. A fifth is killed in the middle of it; what it took counts,
 * for its clock may have run ahead of all.
 */
static void
hammer(double qps)
{
	enum { EACH = 20000, ALL = 5 * EACH };
	int64_t *at = mmap(NULL, ALL * sizeof(*at), PROT_READ |
	    PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct rota_rate r;
	struct rota_gate *g;
	unsigned p, i, k, n, allowed;
	pid_t pid[5];

	rota = shared();
	g = rota_gate(rota, 9, 1);
	rota_rate(qps, &r);
	for (i = 0; i < ALL; i++)
		at[i] = -1;
	for (p = 0; p < 5; p++)
		if ((pid[p] = fork()) == 0) {
			take_turns(g, &r, p, at + p * EACH, EACH);
			_exit(0);
		}
	for (i = 0; i < 20; i++)
		usleep(100);
	kill(pid[4], SIGKILL);
	for (p = 0; p < 5; p++)
		waitpid(pid[p], NULL, 0);
	qsort(at, ALL, sizeof(*at), by_time);
	for (n = 0; n < ALL && at[n] < 0; n++)
		;
	allowed = r.batch * r.batches;
	OK(ALL - n >= allowed / 2);
	for (i = n, k = n; i < ALL; i++) {
		while (at[i] - at[k] >= r.window_us)
			k++;
		if (i - k + 1 > allowed)
			break;
	}
	EQ_INT(i, ALL);
	munmap(at, ALL * sizeof(*at));
	munmap(rota, sizeof(*rota));
}

TEST(gate_many_processes)
{
	hammer(1);
	hammer(7);
	hammer(100);
	hammer(5000);
}

TAP_BEGIN
TAP_ROW(order_has_exact_shares)
TAP_ROW(order_comes_near)
TAP_ROW(order_is_spread)
TAP_ROW(cells_have_names)
TAP_ROW(turns_are_even_over_processes)
TAP_ROW(rates)
TAP_ROW(gate_one_process)
TAP_ROW(gate_many_processes)
TAP_END
