/* board_test.c - the board: sums, retired slots, the mapping. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/board.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "tap.h"

static struct board *board;

static int
begin(void)
{
	int fd = board_create(&board);

	OK(fd >= 0);
	return fd;
}

static void
end(int fd)
{
	board_set_self(NULL);
	munmap(board, sizeof(*board));
	fd_close(&fd);
}

static struct board_slot *
take(int i, enum board_role role)
{
	board->slot[i].role = role;
	board_set_self(&board->slot[i]);
	return &board->slot[i];
}

TEST(sums)
{
	int fd = begin();

	take(1, BOARD_WORKER);
	board_add(CTR_requests, 5);
	board_add(CTR_conns_open, 3);
	take(2, BOARD_WORKER);
	board_add(CTR_requests, 7);
	board_add(CTR_conns_open, 4);
	board_sub(CTR_conns_open, 1);
	EQ_INT(board_sum(board, CTR_requests), 12);
	EQ_INT(board_sum(board, CTR_conns_open), 6);
	board_set(CTR_conns_open, 0);
	EQ_INT(board_sum(board, CTR_conns_open), 3);
	EQ_INT(board_sum(board, CTR_probes), 0);
	/* what stands in a slot that nobody has does not count */
	board->slot[9].ctr[CTR_requests] = 100;
	EQ_INT(board_sum(board, CTR_requests), 12);
	end(fd);
}

TEST(retire_keeps_counters)
{
	int fd = begin();
	struct board_slot *s = take(4, BOARD_WORKER);

	s->pid = 1234;
	s->incarnation = 99;
	board_add(CTR_requests, 5);
	board_add(CTR_conns_open, 3);
	board_time(BOARD_HIST_REQUEST, 1500);
	board_retire(board, s);
	EQ_INT(s->role, BOARD_FREE);
	EQ_INT(s->pid, 0);
	EQ_INT(s->incarnation, 0);
	EQ_INT(board_sum(board, CTR_requests), 5);
	EQ_INT(board_sum(board, CTR_conns_open), 0);
	EQ_INT(board_hist_sum(board, BOARD_HIST_REQUEST, 1), 1);
	take(4, BOARD_WORKER);
	board_add(CTR_requests, 2);
	EQ_INT(board_sum(board, CTR_requests), 7);
	board_retire(board, s);
	EQ_INT(board_sum(board, CTR_requests), 7);
	end(fd);
}

/* Also of one that was killed. */
TEST(retire_tells_of_turns)
{
	char line[1024] = "";
	int fd = begin(), p[2];
	struct board_slot *s = take(4, BOARD_WORKER);

	OK(pipe2(p, O_NONBLOCK) == 0);
	log_init("test", p[1]);
	s->pid = 1234;
	board_set(CTR_turn_max_us, 19900);
	board_retire(board, s);
	OK(read(p[0], line, sizeof(line) - 1) < 0);	/* "debug" */
	take(4, BOARD_WORKER);
	s->pid = 1235;
	board_set(CTR_turn_max_us, 34560);
	board_set(CTR_turn_cpu_max_us, 8000);
	board_add(CTR_turns_long, 3);
	board_retire(board, s);
	OK(read(p[0], line, sizeof(line) - 1) > 0);
	OK(strstr(line, " info ") != NULL);
	OK(strstr(line, "worker, pid 1235, turns of its loop above 20 ms: 3, "
	    "longest 34.6 ms; of processor time: 0, longest 8.0 ms") != NULL);
	log_set_fd(STDERR_FILENO);
	close(p[0]);
	close(p[1]);
	end(fd);
}

/* A reader in another process never sees a sum go down, nor count twice. */
TEST(sums_while_retiring)
{
	int fd = begin(), status = 0, i;
	uint64_t sum, last = 0;
	struct board_slot *s = take(0, BOARD_WORKER);
	pid_t pid;

	if ((pid = fork()) == 0) {
		while (last < 20000) {
			sum = board_sum(board, CTR_requests);
			if (sum < last || sum > 20000)
				_exit(1);
			last = sum;
		}
		_exit(0);
	}
	for (i = 0; i < 20000; i++) {
		board_add(CTR_requests, 1);
		if (i % 10 == 9) {
			board_retire(board, s);
			s->role = BOARD_WORKER;
		}
	}
	EQ_INT(waitpid(pid, &status, 0), pid);
	EQ_INT(status, 0);
	end(fd);
}

TEST(histogram)
{
	static const int64_t bounds[] = BOARD_HIST_BOUNDS;
	int fd = begin(), i;

	EQ_INT(sizeof(bounds) / sizeof(bounds[0]), BOARD_HIST_N - 1);
	take(0, BOARD_WORKER);
	for (i = 0; i < BOARD_HIST_N - 1; i++)
		board_time(BOARD_HIST_FIRST_TOKEN, bounds[i] * 1000);
	for (i = 0; i < BOARD_HIST_N - 1; i++)
		board_time(BOARD_HIST_FIRST_TOKEN, bounds[i] * 1000 + 1);
	board_time(BOARD_HIST_FIRST_TOKEN, 0);
	EQ_INT(board_hist_sum(board, BOARD_HIST_FIRST_TOKEN, 0), 2);
	for (i = 1; i < BOARD_HIST_N - 1; i++)
		EQ_INT(board_hist_sum(board, BOARD_HIST_FIRST_TOKEN, i), 2);
	EQ_INT(board_hist_sum(board, BOARD_HIST_FIRST_TOKEN, BOARD_HIST_N - 1),
	    1);
	EQ_INT(board_hist_sum(board, BOARD_HIST_REQUEST, 0), 0);
	end(fd);
}

TEST(mapped_by_another)
{
	struct board *other;
	int fd = begin();

	take(3, BOARD_ADMIN);
	board_add(CTR_probes, 8);
	EQ_INT(board_map(fd, &other), 0);
	OK(other != board);
	EQ_INT(board_sum(other, CTR_probes), 8);
	other->slot[3].ctr[CTR_probes] = 9;
	EQ_INT(board_sum(board, CTR_probes), 9);
	other->version++;
	munmap(other, sizeof(*other));
	EQ_INT(board_map(fd, &other), ERR_VERSION);
	end(fd);
	fd = fd_sealed("short", "x", 1);
	EQ_INT(board_map(fd, &other), ERR_VERSION);
	fd_close(&fd);
	EQ_INT(board_map(-1, &other), ERR_SYSTEM);
}

/* A child cannot take the memory away under the master. */
TEST(size_is_sealed)
{
	int fd = begin();

	OK(ftruncate(fd, 0) < 0 && errno == EPERM);
	OK(ftruncate(fd, 1 << 30) < 0 && errno == EPERM);
	OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) < 0 && errno == EPERM);
	end(fd);
}

TEST(names)
{
	int i, k;

	for (i = 0; i < CTR_COUNT; i++) {
		OK(strncmp(board_ctr_name(i), "aigw_", 5) == 0);
		OK(strlen(board_ctr_help(i)) > 5);
		OK(board_ctr_kind(i) == 'C' || board_ctr_kind(i) == 'G');
		for (k = 0; k < i; k++)
			OK(strcmp(board_ctr_name(i), board_ctr_name(k)) != 0);
	}
	EQ_STR(board_role_name(BOARD_FREE), "free");
	EQ_STR(board_role_name(BOARD_ADMIN), "admin");
	EQ_STR(board_role_name(99), "unknown");
	EQ_STR(board_state_name(BOARD_DRAINED), "drained");
	EQ_STR(board_state_name(99), "unknown");
}

TAP_BEGIN
TAP_ROW(sums)
TAP_ROW(retire_keeps_counters)
TAP_ROW(retire_tells_of_turns)
TAP_ROW(sums_while_retiring)
TAP_ROW(histogram)
TAP_ROW(mapped_by_another)
TAP_ROW(size_is_sealed)
TAP_ROW(names)
TAP_END
