/*
 * slot_test.c - slots of the board and numbers of workers.
 */
#include <sys/wait.h>

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/err.h"
#include "proc/slot.h"
#include "tap.h"

static struct board *
new_board(void)
{
	struct board *b;

	OK(board_create(&b) >= 0);
	b->next_incarnation = 100;
	return b;
}

TEST(claim_all)
{
	struct board *b = new_board();
	int i;

	for (i = 0; i < BOARD_SLOTS; i++) {
		EQ_INT(slot_claim(b, BOARD_CHECKER), i);
		EQ_INT(b->slot[i].incarnation, 100 + i);
	}
	EQ_INT(slot_claim(b, BOARD_CHECKER), ERR_LIMIT);
	board_retire(b, &b->slot[17]);
	EQ_INT(slot_claim(b, BOARD_ADMIN), 17);
	EQ_INT(b->slot[17].incarnation, 100 + BOARD_SLOTS);
	EQ_INT(b->slot[17].role, BOARD_ADMIN);
}

TEST(numbers)
{
	struct board *b = new_board();
	unsigned n = 99, i;

	OK(slot_claim(b, BOARD_MASTER) == 0);
	for (i = 0; i < 4; i++) {
		OK(slot_claim(b, BOARD_WORKER) == (int)i + 1);
		EQ_INT(slot_number(b, i + 1, &n), 0);
		EQ_INT(n, i);
		EQ_INT(b->slot[i + 1].index, i);
	}
	/* the number of a dead worker is free again */
	board_retire(b, &b->slot[2]);
	OK(slot_claim(b, BOARD_WORKER) == 2);
	EQ_INT(slot_number(b, 2, &n), 0);
	EQ_INT(n, 1);
	/* two generations of as many as there may be, with all else */
	for (i = 5; i < 2 * 240 + 1; i++) {
		OK(slot_claim(b, BOARD_WORKER) == (int)i);
		EQ_INT(slot_number(b, i, &n), 0);
		EQ_INT(n, i - 1);
	}
	for (i = 0; i < 10; i++)
		OK(slot_claim(b, BOARD_ADMIN) > 0);
}

/* Two processes claim at the same time: nobody gets what the other has. */
TEST(two_at_once)
{
	struct board *b = new_board();
	unsigned i, k, n, seen[64] = { 0 };
	int slot, status;
	pid_t pid;

	if ((pid = fork()) == 0) {
		for (i = 0; i < 30; i++)
			if ((slot = slot_claim(b, BOARD_WORKER)) < 0 ||
			    slot_number(b, (unsigned)slot, &n) != 0)
				_exit(1);
		_exit(0);
	}
	for (i = 0; i < 30; i++) {
		OK((slot = slot_claim(b, BOARD_WORKER)) >= 0);
		EQ_INT(slot_number(b, (unsigned)slot, &n), 0);
	}
	OK(waitpid(pid, &status, 0) == pid && status == 0);
	for (k = 0; k < 60; k++) {
		OK(b->slot[k].index < 64);
		EQ_INT(seen[b->slot[k].index]++, 0);
	}
}

TEST(dead)
{
	struct board *b = new_board();
	struct board_slot *s = &b->slot[0];
	pid_t pid;

	EQ_INT(slot_is_dead(s), 0);
	OK(slot_claim(b, BOARD_WORKER) == 0);
	EQ_INT(slot_is_dead(s), 0);
	s->pid = (uint32_t)getpid();
	EQ_INT(slot_is_dead(s), 0);
	if ((pid = fork()) == 0)
		_exit(0);
	OK(waitpid(pid, NULL, 0) == pid);
	s->pid = (uint32_t)pid;
	EQ_INT(slot_is_dead(s), 1);
	s->pid = UINT32_MAX;		/* would be -1 for kill */
	EQ_INT(slot_is_dead(s), 0);
}

TEST(stuck)
{
	struct board *b = new_board();
	int i;

	for (i = 0; i < 4; i++)
		OK(slot_claim(b, BOARD_WORKER) == i);
	EQ_INT(slot_stuck(b, 1000), -1);
	b->slot[1].lock_wait_us = 900;
	b->slot[2].lock_wait_us = 800;
	b->slot[3].lock_wait_us = 1000;		/* not long enough */
	EQ_INT(slot_stuck(b, 1000), 2);
	/* whoever holds a lock may be what they wait for */
	b->slot[0].lock_hold_us = 999;
	EQ_INT(slot_stuck(b, 1000), -1);
	board_lock_free(&b->slot[0]);
	EQ_INT(slot_stuck(b, 1000), 2);
	board_lock_got(&b->slot[0], 1, 1);
	EQ_INT(slot_stuck(b, 1000), -1);
	board_retire(b, &b->slot[0]);
	EQ_INT(slot_stuck(b, 1000), 2);
	/* it got the lock: its heart has beaten */
	b->slot[2].heartbeat_us = 1;
	board_lock_got(&b->slot[2], 0, 1);
	OK(b->slot[2].heartbeat_us > 1);
	EQ_INT(b->slot[2].lock_wait_us, 0);
	OK(b->slot[2].lock_hold_us != 0);
	board_lock_free(&b->slot[2]);
	EQ_INT(b->slot[2].lock_hold_us, 0);
	EQ_INT(slot_stuck(b, 1000), 1);
}

static int out_fd;

static void
tell(int signo)
{
	(void)signo;
	if (write(out_fd, "x", 1) != 1)
		_exit(1);
}

/* A process that tells when it gets SIGCONT. */
static pid_t
sleeper(int fd[2])
{
	char c;
	pid_t pid;

	OK(pipe(fd) == 0);
	if ((pid = fork()) == 0) {
		out_fd = fd[1];
		signal(SIGCONT, tell);
		tell(0);
		for (;;)
			pause();
	}
	OK(pid > 0);
	OK(read(fd[0], &c, 1) == 1);
	return pid;
}

TEST(nudge)
{
	struct board *b = new_board();
	struct pollfd p = { .events = POLLIN };
	int fd[2], i;
	pid_t pid = sleeper(fd);

	for (i = 0; i < 3; i++)
		OK(slot_claim(b, BOARD_WORKER) == i);
	p.fd = fd[0];
	b->slot[1].pid = (uint32_t)pid;
	b->slot[1].lock_wait_us = 900;
	slot_nudge(b, 900);		/* not long enough */
	b->slot[0].lock_hold_us = 1;
	slot_nudge(b, 1000);		/* somebody has the lock */
	EQ_INT(poll(&p, 1, 50), 0);
	b->slot[0].lock_hold_us = 0;
	b->slot[2].lock_wait_us = 1;	/* has no process yet */
	slot_nudge(b, 1000);
	EQ_INT(poll(&p, 1, 10000), 1);
	OK(kill(pid, SIGKILL) == 0);
	OK(waitpid(pid, NULL, 0) == pid);
	close(fd[0]);
	close(fd[1]);
}

TAP_BEGIN
	TAP_ROW(claim_all)
	TAP_ROW(numbers)
	TAP_ROW(two_at_once)
	TAP_ROW(dead)
	TAP_ROW(stuck)
	TAP_ROW(nudge)
TAP_END
