/*
 * board.c - counters, heartbeats and marks of all processes in one memfd.
 *
 * Runs in: every process.
 * Owns: the mapping.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/board.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/probe.h"

#define RETIRE_US	20000		/* a retirement takes microseconds */
#define BOARD_MAGIC	0x61694277u
#define BOARD_VERSION	3u

static struct board_slot dummy;
struct board_slot *board_self = &dummy;

static const struct {
	char		 kind;
	const char	*name, *help;
} counters[] = {
#define C(field, name, help) { 'C', name, help },
#define G(field, name, help) { 'G', name, help },
	COUNTER_LIST(C, G)
#undef C
#undef G
};

int
board_create(struct board **out)
{
	struct board *b;
	int fd;

	fd = memfd_create("aigw-board", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return ERR_SYSTEM;
	/* Nobody who has the fd may cut the memory off under the others. */
	if (ftruncate(fd, sizeof(*b)) < 0 || fcntl(fd, F_ADD_SEALS,
	    F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
		fd_close(&fd);
		return ERR_SYSTEM;
	}
	b = mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (b == MAP_FAILED) {
		fd_close(&fd);
		return ERR_SYSTEM;
	}
	b->magic = BOARD_MAGIC;
	b->version = BOARD_VERSION;
	b->size = sizeof(*b);
	b->slots = BOARD_SLOTS;
	b->started_us = clock_real_us();
	/* Never used twice, also not by the next master. */
	b->next_incarnation = (uint64_t)b->started_us;
	*out = b;
	return fd;
}

int
board_map(int fd, struct board **out)
{
	struct board *b;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return ERR_SYSTEM;
	if (st.st_size != sizeof(*b))
		return ERR_VERSION;
	b = mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (b == MAP_FAILED)
		return ERR_SYSTEM;
	if (b->magic != BOARD_MAGIC || b->version != BOARD_VERSION) {
		munmap(b, sizeof(*b));
		return ERR_VERSION;
	}
	*out = b;
	return 0;
}

void
board_set_self(struct board_slot *s)
{
	board_self = s;
}

/* What the turns of its loop took: also one that was killed has that here. */
static void
tell_turns(const struct board_slot *s)
{
	uint64_t n = board_get(s, CTR_turns_long);
	char text[192];

	if (board_get(s, CTR_turn_max_us) == 0)
		return;
	snprintf(text, sizeof(text), "%s, pid %u, turns of its loop above "
	    "%d ms: %" PRIu64 ", longest %.1f ms; of processor time: %" PRIu64
	    ", longest %.1f ms", board_role_name(s->role), s->pid,
	    PROBE_LONG_US / 1000, n,
	    (double)board_get(s, CTR_turn_max_us) / 1000,
	    board_get(s, CTR_turns_cpu_long),
	    (double)board_get(s, CTR_turn_cpu_max_us) / 1000);
	if (n > 0)
		log_info("%s", text);
	else
		log_debug("%s", text);
}

void
board_retire(struct board *b, struct board_slot *s)
{
	int i, h;

	tell_turns(s);
	atomic_fetch_add(&b->retiring, 1);
	for (i = 0; i < CTR_COUNT; i++)
		if (counters[i].kind == 'C')
			b->retired.ctr[i] += s->ctr[i];
	for (h = 0; h < BOARD_HIST_COUNT; h++)
		for (i = 0; i < BOARD_HIST_N; i++)
			b->retired.hist[h][i] += s->hist[h][i];
	for (i = 0; i < BOARD_LEASES; i++)
		atomic_store(&b->lease[i][s - b->slot], 0);
	/* Free for others last: two masters may share the board. */
	memset((char *)s + offsetof(struct board_slot, index), 0,
	    sizeof(*s) - offsetof(struct board_slot, index));
	atomic_store(&s->role, BOARD_FREE);
	atomic_fetch_add(&b->retiring, 1);
}

static void
mark(_Atomic int64_t *where, int64_t us)
{
	atomic_store_explicit(where, us, memory_order_relaxed);
}

void
board_lock_wait(struct board_slot *s)
{
	mark(&s->lock_wait_us, clock_mono_us());
}

void
board_lock_got(struct board_slot *s, int ledger, int got)
{
	int64_t now = clock_mono_us();

	/* The end of the waiting is seen last, see master/watch.c. */
	mark(&s->heartbeat_us, now);
	if (got)
		mark(ledger ? &s->ledger_hold_us : &s->lock_hold_us, now);
	atomic_store_explicit(&s->lock_wait_us, 0, memory_order_release);
}

void
board_lock_free(struct board_slot *s)
{
	mark(&s->lock_hold_us, 0);
	mark(&s->ledger_hold_us, 0);
}

/* One number of each slot, at off bytes from its beginning, summed up. */
static uint64_t
sum_once(const struct board *b, size_t off)
{
	const char *p = (const char *)&b->retired + off;
	uint64_t sum;
	int i;

	sum = *(const _Atomic uint64_t *)(const void *)p;
	for (i = 0; i < BOARD_SLOTS; i++) {
		p = (const char *)&b->slot[i] + off;
		if (b->slot[i].role != BOARD_FREE)
			sum += atomic_load_explicit((const _Atomic uint64_t *)
			    (const void *)p, memory_order_relaxed);
	}
	return sum;
}

/*
 * A slot that is being retired would count twice or not at all: look again. Not
 * for ever: the master may have died while at it; that is waited for once. It may
 * also have lost its processor to others for a while.
 */
static uint64_t
sum_up(const struct board *b, size_t off)
{
	static uint32_t stuck;		/* even: none */
	int64_t now, end = 0;
	uint64_t sum;
	uint32_t before;

	for (;;) {
		before = atomic_load(&b->retiring);
		sum = sum_once(b, off);
		atomic_thread_fence(memory_order_acquire);
		if (before % 2 == 0 && atomic_load(&b->retiring) == before)
			return sum;
		now = clock_mono_us();
		if (end == 0)
			end = now + RETIRE_US;
		if ((before % 2 == 1 && before == stuck) || now > end) {
			stuck = before;
			return sum;
		}
	}
}

uint64_t
board_sum(const struct board *b, enum counter c)
{
	return sum_up(b, offsetof(struct board_slot, ctr) +
	    (size_t)c * sizeof(uint64_t));
}

uint64_t
board_hist_sum(const struct board *b, enum board_hist h, int bucket)
{
	ASSERT(bucket >= 0 && bucket < BOARD_HIST_N);
	return sum_up(b, offsetof(struct board_slot, hist) +
	    ((size_t)h * BOARD_HIST_N + (size_t)bucket) * sizeof(uint64_t));
}

uint64_t
board_leased(const struct board *b, enum board_lease kind)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < BOARD_SLOTS; i++)
		sum += atomic_load(&b->lease[kind][i]);
	return sum;
}

void
board_time(enum board_hist h, int64_t us)
{
	static const int64_t bounds[] = BOARD_HIST_BOUNDS;
	int i;

	for (i = 0; i < BOARD_HIST_N - 1; i++)
		if (us <= bounds[i] * 1000)
			break;
	atomic_store_explicit(&board_self->hist[h][i],
	    board_self->hist[h][i] + 1, memory_order_relaxed);
}

const char *
board_role_name(enum board_role r)
{
	static const char *const names[] = {
		"free", "master", "worker", "checker", "recorder", "admin"
	};

	return (unsigned)r < 6 ? names[r] : "unknown";
}

const char *
board_state_name(enum board_state s)
{
	static const char *const names[] = {
		"starting", "ready", "draining", "drained"
	};

	return (unsigned)s < 4 ? names[s] : "unknown";
}

const char *
board_ctr_name(enum counter c)
{
	return counters[c].name;
}

const char *
board_ctr_help(enum counter c)
{
	return counters[c].help;
}

char
board_ctr_kind(enum counter c)
{
	return counters[c].kind;
}
