/*
 * mock_shared.c - memory that all processes of one mock share.
 *
 * Runs in: aigw-mock.
 * Owns: the mapping, for the life of the process.
 *
 * The lock is robust: a process killed while holding it (tests do that) leaves
 * text that the next configuration change replaces as a whole.
 */
#include <errno.h>
#include <sys/mman.h>

#include "mock/mock_shared.h"

struct mock_shared *
mock_shared_new(void)
{
	struct mock_shared *s;
	pthread_mutexattr_t at;

	s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED)
		return NULL;
	pthread_mutexattr_init(&at);
	pthread_mutexattr_setpshared(&at, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&at, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&s->lock, &at);
	pthread_mutexattr_destroy(&at);
	return s;
}

void
mock_shared_lock(struct mock_shared *s)
{
	if (pthread_mutex_lock(&s->lock) == EOWNERDEAD)
		pthread_mutex_consistent(&s->lock);
}

void
mock_shared_unlock(struct mock_shared *s)
{
	pthread_mutex_unlock(&s->lock);
}
