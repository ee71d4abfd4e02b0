/*
 * slot.c - slots of the board and numbers of workers.
 *
 * Runs in: master.
 * Owns: nothing.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>

#include "base/clock.h"
#include "base/err.h"
#include "proc/slot.h"

int
slot_claim(struct board *b, enum board_role role)
{
	struct board_slot *s;
	uint32_t is_free;
	int i;

	for (i = 0; i < BOARD_SLOTS; i++) {
		s = &b->slot[i];
		is_free = BOARD_FREE;
		if (!atomic_compare_exchange_strong(&s->role, &is_free, role))
			continue;
		s->index = role == BOARD_WORKER ? UINT_MAX : 0;
		s->incarnation = b->next_incarnation++;
		s->state = BOARD_STARTING;
		s->started_us = clock_real_us();
		s->heartbeat_us = clock_mono_us();
		return i;
	}
	return ERR_LIMIT;
}

/* Is a worker with that incarnation on the board? */
static int
lives(const struct board *b, uint64_t incarnation)
{
	unsigned i;

	for (i = 0; incarnation != 0 && i < BOARD_SLOTS; i++)
		if (b->slot[i].role == BOARD_WORKER &&
		    b->slot[i].incarnation == incarnation)
			return 1;
	return 0;
}

/*
 * A number belongs to the incarnation that stands in number_owner, as long as
 * that one lives: taking it over is one exchange, so of two masters that want
 * it one gets it.
 */
int
slot_number(struct board *b, unsigned slot, unsigned *number)
{
	uint64_t owner, self = b->slot[slot].incarnation;
	unsigned i;

	for (i = 0; i < BOARD_SLOTS; i++) {
		owner = b->number_owner[i];
		if (lives(b, owner) || !atomic_compare_exchange_strong(
		    &b->number_owner[i], &owner, self))
			continue;
		b->slot[slot].index = i;
		*number = i;
		return 0;
	}
	return ERR_LIMIT;
}

int
slot_stuck(const struct board *b, int64_t then_us)
{
	const struct board_slot *s;
	int64_t wait, first = then_us;
	int i, found = -1;

	for (i = 0; i < BOARD_SLOTS; i++) {
		s = &b->slot[i];
		if (s->role == BOARD_FREE)
			continue;
		if (s->lock_hold_us != 0 || s->ledger_hold_us != 0)
			return -1;
		wait = s->lock_wait_us;
		if (wait != 0 && wait < first) {
			first = wait;
			found = i;
		}
	}
	return found;
}

void
slot_nudge(const struct board *b, int64_t then_us)
{
	const struct board_slot *s;
	int i;

	if (slot_stuck(b, then_us) < 0)
		return;
	for (i = 0; i < BOARD_SLOTS; i++) {
		s = &b->slot[i];
		if (s->role != BOARD_FREE && s->lock_wait_us != 0 &&
		    s->lock_wait_us < then_us && s->pid > 1 &&
		    s->pid <= INT_MAX)
			kill((pid_t)s->pid, SIGCONT);
	}
}

int
slot_is_dead(const struct board_slot *s)
{
	if (s->role == BOARD_FREE || s->pid == 0 || s->pid > INT_MAX)
		return 0;
	return kill((pid_t)s->pid, 0) < 0 && errno == ESRCH;
}
