/*
 * board.c - counters, heartbeats and marks of all processes in one memfd.
 *
 * Runs in: every process.
 * Owns: the mapping.
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/board.h"
#include "base/err.h"
#include "base/fd.h"

#define BOARD_MAGIC	0x61694277u
#define BOARD_VERSION	1u

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
	if (ftruncate(fd, sizeof(*b)) < 0) {
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

void
board_retire(struct board *b, struct board_slot *s)
{
	int i, h;

	for (i = 0; i < CTR_COUNT; i++)
		if (counters[i].kind == 'C')
			b->retired.ctr[i] += s->ctr[i];
	for (h = 0; h < BOARD_HIST_COUNT; h++)
		for (i = 0; i < BOARD_HIST_N; i++)
			b->retired.hist[h][i] += s->hist[h][i];
	memset(s, 0, sizeof(*s));
}

uint64_t
board_sum(const struct board *b, enum counter c)
{
	uint64_t sum = board_get(&b->retired, c);
	int i;

	for (i = 0; i < BOARD_SLOTS; i++)
		if (b->slot[i].role != BOARD_FREE)
			sum += board_get(&b->slot[i], c);
	return sum;
}

uint64_t
board_hist_sum(const struct board *b, enum board_hist h, int bucket)
{
	uint64_t sum = b->retired.hist[h][bucket];
	int i;

	for (i = 0; i < BOARD_SLOTS; i++)
		if (b->slot[i].role != BOARD_FREE)
			sum += b->slot[i].hist[h][bucket];
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
