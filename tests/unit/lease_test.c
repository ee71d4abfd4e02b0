/* lease_test.c - leases: never more than the bound, whoever races. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/lease.h"
#include "tap.h"

#define K 1024

static struct board *board;
static struct lease a, b;

static int
begin(uint64_t limit, uint64_t chunk)
{
	int fd = board_create(&board);

	OK(fd >= 0);
	board->slot[3].role = board->slot[5].role = BOARD_WORKER;
	lease_init(&a, board, 3, BOARD_LEASE_BUFFERS, limit, chunk);
	lease_init(&b, board, 5, BOARD_LEASE_BUFFERS, limit, chunk);
	return fd;
}

static void
end(int fd)
{
	munmap(board, sizeof(*board));
	fd_close(&fd);
}

static uint64_t
leased(void)
{
	return board_leased(board, BOARD_LEASE_BUFFERS);
}

TEST(chunks)
{
	int fd = begin(100 * K, 10 * K);

	EQ_INT(lease_take(&a, 1), 0);
	EQ_INT(leased(), 10 * K);
	EQ_INT(lease_take(&a, 10 * K - 1), 0);
	EQ_INT(leased(), 10 * K);
	EQ_INT(lease_take(&a, 1), 0);
	EQ_INT(leased(), 20 * K);
	/* what was just in use stays, until the timer comes */
	lease_give(&a, 10 * K + 1);
	EQ_INT(leased(), 20 * K);
	lease_rest(&a);
	EQ_INT(leased(), 0);
	/* but not much of it */
	EQ_INT(lease_take(&a, 90 * K), 0);
	lease_give(&a, 90 * K);
	EQ_INT(leased(), 0);
	end(fd);
}

TEST(all_of_it_and_no_more)
{
	int fd = begin(105 * K, 10 * K);

	EQ_INT(lease_take(&a, 50 * K), 0);
	OK(lease_fits(&b, 55 * K));
	OK(!lease_fits(&b, 55 * K + 1));
	EQ_INT(lease_take(&b, 55 * K + 1), ERR_LIMIT);
	EQ_INT(leased(), 50 * K);
	/* no whole chunk is left for the last five */
	EQ_INT(lease_take(&b, 55 * K), 0);
	EQ_INT(leased(), 105 * K);
	EQ_INT(lease_take(&a, 1), ERR_LIMIT);
	EQ_INT(a.used, 50 * K);
	lease_give(&b, 55 * K);
	EQ_INT(lease_take(&a, 55 * K), 0);
	lease_give(&a, 105 * K);
	lease_rest(&a);
	lease_rest(&b);
	EQ_INT(leased(), 0);
	end(fd);
}

TEST(forced)
{
	uint64_t have = 0;
	int fd = begin(100 * K, 10 * K);

	lease_move(&a, &have, 95 * K);
	EQ_INT(have, 95 * K);
	EQ_INT(leased(), 100 * K);
	OK(!lease_over(&a));
	lease_move(&a, &have, 101 * K);
	OK(lease_over(&a));
	EQ_INT(lease_take(&b, 1), ERR_LIMIT);
	OK(!lease_over(&b));
	lease_move(&a, &have, 99 * K);
	OK(!lease_over(&a));
	/* over because of the other one */
	lease_force(&b, 20 * K);
	OK(lease_over(&b));
	lease_move(&a, &have, 0);
	lease_rest(&a);
	lease_rest(&b);
	OK(!lease_over(&b));
	EQ_INT(leased(), 20 * K);
	lease_give(&b, 20 * K);
	end(fd);
}

/* Who is past the limit and gives some back has nothing in hand for others. */
TEST(still_past_the_limit)
{
	int fd = begin(100 * K, 10 * K);

	lease_force(&a, 128 * K);
	lease_give(&a, 3 * K);
	OK(lease_over(&a));
	EQ_INT(leased(), 125 * K);
	EQ_INT(lease_take(&a, 1), ERR_LIMIT);
	lease_give(&a, 24 * K);
	EQ_INT(lease_take(&a, 1), ERR_LIMIT);
	lease_rest(&a);
	EQ_INT(leased(), 101 * K);
	lease_give(&a, K);
	OK(!lease_over(&a));
	lease_give(&a, 5 * K);
	EQ_INT(lease_take(&a, 5 * K), 0);
	EQ_INT(lease_take(&a, 1), ERR_LIMIT);
	lease_give(&a, 100 * K);
	end(fd);
}

TEST(single_places)
{
	struct lease c, d;
	int fd = begin(K, K);

	lease_init(&c, board, 3, BOARD_LEASE_CONNS, 3, 1);
	lease_init(&d, board, 5, BOARD_LEASE_CONNS, 3, 1);
	EQ_INT(lease_take(&c, 1), 0);
	EQ_INT(lease_take(&c, 1), 0);
	EQ_INT(lease_take(&d, 1), 0);
	EQ_INT(lease_take(&d, 1), ERR_LIMIT);
	lease_give(&c, 1);
	EQ_INT(lease_take(&d, 1), 0);
	EQ_INT(leased(), 0);		/* another kind */
	end(fd);
}

TEST(the_dead_hold_nothing)
{
	int fd = begin(100 * K, 10 * K);

	EQ_INT(lease_take(&a, 100 * K), 0);
	EQ_INT(lease_take(&b, 1), ERR_LIMIT);
	board_retire(board, &board->slot[3]);
	EQ_INT(lease_take(&b, 100 * K), 0);
	end(fd);
}

/* Two processes that take and give at random; what both have is summed up in
 * shared memory by themselves. */
TEST(race)
{
	struct { _Atomic int64_t v; } *sum = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = begin(64, 1), i, had, status = 0, most = 0, refused = 0;
	struct lease *l;
	pid_t pid;

	pid = fork();
	l = pid == 0 ? &a : &b;
	srand(pid == 0 ? 1 : 2);
	for (i = 0, had = 0; i < 300000; i++) {
		int n = rand() % 24 + 1, now;

		if (rand() % 2 && had > 0) {
			n = n > had ? had : n;
			sum->v -= n;
			lease_give(l, (uint64_t)n);
			had -= n;
		} else if (lease_take(l, (uint64_t)n) == 0) {
			now = (int)(sum->v += n);
			had += n;
			if (now > most)
				most = now;
		} else
			refused++;
	}
	if (pid == 0)
		_exit(most > 64 || refused == 0);
	EQ_INT(waitpid(pid, &status, 0), pid);
	EQ_INT(status, 0);
	OK(most <= 64);
	OK(most > 32);
	OK(refused > 0);
	munmap(sum, 4096);
	end(fd);
}

TAP_BEGIN
TAP_ROW(chunks)
TAP_ROW(all_of_it_and_no_more)
TAP_ROW(forced)
TAP_ROW(still_past_the_limit)
TAP_ROW(single_places)
TAP_ROW(the_dead_hold_nothing)
TAP_ROW(race)
TAP_END
