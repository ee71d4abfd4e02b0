/*
 * still.c - when did this machine stand still?
 *
 *	still FILE
 *
 * until standard input ends. Each processor has a timer of 1 ms; its interrupt
 * comes in whatever runs there, also where the kernel does not let itself be
 * preempted. Where none came for STILL_US, nothing ran: a virtual machine whose
 * host served others has such gaps, and counts them as processor time of
 * whoever was there before. FILE gets a line for each: the processor, when it
 * began and ended (microseconds of the epoch). A line with a fourth number says
 * that so many ms of that time, wherever in it, were stolen: what the host tells
 * (proc_stat(5), "steal"; it counts in ticks of 10 ms, and gaps too short for
 * the timer too). Status 77 when this system does not let us ask
 * (perf_event_open(2) wants CAP_PERFMON, and no seccomp filter).
 */
#include <sys/mman.h>
#include <sys/syscall.h>
#include <linux/perf_event.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CPUS		64
#define PERIOD_NS	1000000
#define STILL_US	1500
#define LOOK_MS		100
#define PAGES		64		/* ten seconds of records */

struct cpu {
	struct perf_event_mmap_page *page;
	const char	*ring;
	size_t		 size;
	uint64_t	 last;		/* ns; 0: none to compare with */
	uint64_t	 stolen, asked;	/* ms in all; when that was, us */
};

static int
watch(struct cpu *c, int cpu)
{
	struct perf_event_attr a = { 0 };
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *p;
	int fd;

	a.type = PERF_TYPE_SOFTWARE;
	a.size = sizeof(a);
	a.config = PERF_COUNT_SW_CPU_CLOCK;
	a.sample_period = PERIOD_NS;
	a.sample_type = PERF_SAMPLE_TIME;
	a.use_clockid = 1;
	a.clockid = CLOCK_REALTIME;
	fd = (int)syscall(SYS_perf_event_open, &a, -1, cpu, -1,
	    PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -1;
	p = mmap(NULL, (PAGES + 1) * page, PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	if (p == MAP_FAILED)
		return -1;
	c->page = p;
	c->ring = (const char *)p + page;
	c->size = PAGES * page;
	return 0;
}

static void
copy(const struct cpu *c, uint64_t at, void *dst, size_t n)
{
	char *p = dst;
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = c->ring[(at + i) % c->size];
}

/* Read what came since. */
static void
look(struct cpu *c, int cpu, FILE *out)
{
	struct perf_event_header h;
	uint64_t at = c->page->data_tail, now;
	uint64_t head = __atomic_load_n(&c->page->data_head, __ATOMIC_ACQUIRE);

	for (; at < head; at += h.size) {
		copy(c, at, &h, sizeof(h));
		if (h.type != PERF_RECORD_SAMPLE) {
			c->last = 0;	/* lost or held back: nothing known */
			continue;
		}
		copy(c, at + sizeof(h), &now, sizeof(now));
		if (c->last != 0 && now > c->last + STILL_US * 1000)
			fprintf(out, "%d %" PRIu64 " %" PRIu64 "\n", cpu,
			    c->last / 1000, now / 1000);
		c->last = now;
	}
	__atomic_store_n(&c->page->data_tail, at, __ATOMIC_RELEASE);
	fflush(out);
}

static uint64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* What has the host stolen since? */
static void
ask_host(struct cpu *all, FILE *out)
{
	FILE *f = fopen("/proc/stat", "r");
	uint64_t ms, now = now_us();
	char line[512];
	struct cpu *c;
	unsigned int i;

	if (f == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "cpu%u %*u %*u %*u %*u %*u %*u %*u %" SCNu64,
		    &i, &ms) != 2 || i >= CPUS)
			continue;
		c = &all[i];
		ms = ms * 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
		if (c->asked != 0 && ms > c->stolen)
			fprintf(out, "%u %" PRIu64 " %" PRIu64 " %" PRIu64
			    "\n", i, c->asked, now, ms - c->stolen);
		c->stolen = ms;
		c->asked = now;
	}
	fclose(f);
}

int
main(int argc, char **argv)
{
	static struct cpu cpu[CPUS];
	struct pollfd end = { STDIN_FILENO, POLLIN, 0 };
	long n = sysconf(_SC_NPROCESSORS_CONF), i;
	int over = 0;
	FILE *out;

	if (argc != 2 || (out = fopen(argv[1], "w")) == NULL) {
		fprintf(stderr, "usage: still FILE\n");
		return 2;
	}
	for (i = 0; i < n && i < CPUS; i++)
		if (watch(&cpu[i], (int)i) < 0 && errno != ENODEV) {
			fprintf(stderr, "still: %s\n", strerror(errno));
			return 77;
		}
	while (!over) {
		ask_host(cpu, out);
		over = poll(&end, 1, LOOK_MS) > 0;
		for (i = 0; i < n && i < CPUS; i++)
			if (cpu[i].page != NULL)
				look(&cpu[i], (int)i, out);
	}
	ask_host(cpu, out);
	return fclose(out) == 0 ? 0 : 1;
}
