/*
 * slice.c - a long computation that stops by itself when its turn is over.
 *
 * Runs in: worker.
 * Owns: the stacks.
 *
 * A stack is mapped, with a page below it that nobody may touch. One that is
 * free is kept for the next.
 */
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "base/err.h"
#include "base/slice.h"
#include "base/xalloc.h"

#define STACK	(512u << 10)	/* jscan takes 15 KiB, a codec some more */
#define GUARD	65536u		/* a page at least, wherever we are */

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define WATCHED 1
#endif
#ifdef WATCHED
#include <sanitizer/common_interface_defs.h>
#endif

struct slice {
	int		(*fn)(void *);
	void		*arg;
	char		*stack;
	ucontext_t	 self, caller;
	int		 begun, over, rc;
	/* of a sanitizer: what it must know of stacks */
	void		*fake, *caller_fake;
	const void	*caller_stack;
	size_t		 caller_size;
};

long slice_left = LONG_MAX;
static struct slice *running;
static char *spare;

static char *
stack_new(void)
{
	char *p = spare;

	if (p != NULL) {
		spare = NULL;
		return p;
	}
	p = mmap(NULL, STACK + GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS |
	    MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	if (mprotect(p + GUARD, STACK, PROT_READ | PROT_WRITE) == 0)
		return p;
	munmap(p, STACK + GUARD);
	return NULL;
}

static void
stack_free(char *p)
{
	if (spare == NULL)
		spare = p;
	else
		munmap(p, STACK + GUARD);
}

struct slice *
slice_new(int (*fn)(void *arg), void *arg)
{
	struct slice *s = xalloc_try(sizeof(*s));

	if (s == NULL)
		return NULL;
	memset(s, 0, sizeof(*s));
	s->fn = fn;
	s->arg = arg;
	if ((s->stack = stack_new()) != NULL)
		return s;
	free(s);
	return NULL;
}

/* --- from one stack to the other ----------------------------------------- */

static void
enter(struct slice *s)
{
#ifdef WATCHED
	__sanitizer_start_switch_fiber(&s->caller_fake, s->stack + GUARD,
	    STACK);
#endif
	swapcontext(&s->caller, &s->self);
#ifdef WATCHED
	__sanitizer_finish_switch_fiber(s->caller_fake, NULL, NULL);
#endif
}

/* On the slice's stack: it begins, or goes on. */
static void
entered(struct slice *s)
{
#ifdef WATCHED
	__sanitizer_finish_switch_fiber(s->fake, &s->caller_stack,
	    &s->caller_size);
#endif
	(void)s;
}

static void
leave(struct slice *s)
{
#ifdef WATCHED
	__sanitizer_start_switch_fiber(s->over ? NULL : &s->fake,
	    s->caller_stack, s->caller_size);
#endif
	swapcontext(&s->self, &s->caller);
	entered(s);
}

static void
start(void)
{
	struct slice *s = running;

	entered(s);
	s->rc = s->fn(s->arg);
	s->over = 1;
	leave(s);
}

void
slice_over(void)
{
	if (running != NULL)
		leave(running);
	else
		slice_left = LONG_MAX;
}

int
slice_run(struct slice *s, size_t work)
{
	ASSERT(running == NULL && !s->over);
	if (!s->begun) {
		s->begun = 1;
		getcontext(&s->self);
		s->self.uc_stack.ss_sp = s->stack + GUARD;
		s->self.uc_stack.ss_size = STACK;
		s->self.uc_link = NULL;
		makecontext(&s->self, start, 0);
	}
	running = s;
	slice_left = (long)work;
	enter(s);
	slice_left = LONG_MAX;
	running = NULL;
	return s->over ? s->rc : ERR_AGAIN;
}

void
slice_free(struct slice **sp)
{
	struct slice *s = *sp;

	if (s == NULL)
		return;
	*sp = NULL;
	ASSERT(!s->begun || s->over);
	stack_free(s->stack);
	free(s);
}
