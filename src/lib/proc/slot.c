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

/* Has another living worker this number? Of two that took it at the same
 * time, the one in the lower slot keeps it. */
static int
taken(const struct board *b, unsigned slot, unsigned number)
{
	const struct board_slot *s = b->slot;
	unsigned i;

	for (i = 0; i < BOARD_SLOTS; i++) {
		if (i == slot || s[i].role != BOARD_WORKER ||
		    s[i].index != number)
			continue;
		if (s[slot].index != number || i < slot)
			return 1;
	}
	return 0;
}

int
slot_number(struct board *b, unsigned slot, unsigned first, unsigned end,
    unsigned *number)
{
	unsigned i;

	for (i = first; i < end; i++) {
		if (taken(b, slot, i))
			continue;
		b->slot[slot].index = i;
		if (!taken(b, slot, i)) {
			*number = i;
			return 0;
		}
		b->slot[slot].index = UINT_MAX;
	}
	return ERR_LIMIT;
}

int
slot_is_dead(const struct board_slot *s)
{
	if (s->role == BOARD_FREE || s->pid == 0 || s->pid > INT_MAX)
		return 0;
	return kill((pid_t)s->pid, 0) < 0 && errno == ESRCH;
}
