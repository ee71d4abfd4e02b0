/*
 * strict_stats.c - counting ends, latencies and gaps; the report.
 *
 * Runs in: the strict client.
 * Owns: nothing.
 *
 * Latencies go into a histogram of 32 steps per power of two: 3 % exact at
 * any size. The gap is the longest time without a complete right answer.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "strict.h"

static const char *const names[] = {
#define X(id, name) name,
	STRICT_ENDS(X)
#undef X
};

static unsigned
bucket(int64_t us)
{
	unsigned e;

	if (us < 32)
		return us < 0 ? 0 : (unsigned)us;
	e = 63u - (unsigned)__builtin_clzll((unsigned long long)us);
	return (e - 4) * 32 + (unsigned)((us >> (e - 5)) & 31);
}

static int64_t
bucket_us(unsigned i)
{
	unsigned e = i / 32 + 4;

	if (i < 32)
		return i;
	return (int64_t)(32 + i % 32) << (e - 5);
}

static void
hist_add(struct strict_hist *h, int64_t us)
{
	h->n[bucket(us)]++;
	h->count++;
	if (us > h->max)
		h->max = us;
}

static int64_t
hist_at(const struct strict_hist *h, double part)
{
	uint64_t want = (uint64_t)((double)h->count * part), sum = 0;
	unsigned i;

	for (i = 0; i < STRICT_BUCKETS; i++)
		if ((sum += h->n[i]) > want)
			return bucket_us(i) < h->max ? bucket_us(i) : h->max;
	return h->max;
}

void
strict_stats_start(struct strict *s)
{
	s->st.begin_us = s->st.last_us = ev_now_us(s->loop);
}

static void
example(struct strict_slot *sl, enum strict_end end, const char *why)
{
	struct strict_stats *st = &sl->s->st;

	if (st->n_examples == 8)
		return;
	snprintf(st->examples[st->n_examples++], sizeof(st->examples[0]),
	    "%s %s status %d after %llu bytes, request %u of its connection: "
	    "%s", names[end], sl->check.marker, sl->check.status,
	    (unsigned long long)sl->bytes, sl->requests, why);
}

static int
warming(const struct strict_slot *sl)
{
	return sl->start_us - sl->s->st.begin_us < sl->s->o.warm_us;
}

static void
good(struct strict_slot *sl, int64_t now)
{
	struct strict_stats *st = &sl->s->st;

	if (!warming(sl)) {
		hist_add(&st->latency, now - sl->start_us);
		hist_add(&st->first, sl->first_us - sl->start_us);
	}
	if (now - st->begin_us >= sl->s->o.warm_us &&
	    now - st->begin_us < sl->s->o.time_us)
		st->steady++;
	if (now - st->last_us > st->gap_us)
		st->gap_us = now - st->last_us;
	st->last_us = now;
	st->usages += (unsigned)sl->check.usage;
	st->input += sl->check.input;
	st->output += sl->check.output;
	st->cached += sl->check.cached;
}

void
strict_stats_end(struct strict_slot *sl, enum strict_end end, const char *why)
{
	struct strict *s = sl->s;
	struct strict_stats *st = &s->st;

	st->ends[end]++;
	st->busy--;
	st->bytes += sl->bytes;
	st->lost += (uint64_t)sl->check.lost;
	st->reordered += (uint64_t)sl->check.reordered;
	if (sl->check.status >= 100 && sl->check.status < 600)
		st->classes[sl->check.status / 100]++;
	if (sl->check.sse && sl->check.status == 200) {
		st->streams++;
		st->cut += end != STRICT_OK && end != STRICT_WRONG;
	}
	if (end == STRICT_OK)
		good(sl, ev_now_us(s->loop));
	else {
		if (end == STRICT_STATUS && (sl->check.status == 503 ||
		    sl->check.status == 429) && !warming(sl))
			hist_add(&st->refused, ev_now_us(s->loop) -
			    sl->start_us);
		example(sl, end, why == NULL ? "" : why);
	}
	if (s->log != NULL)
		fprintf(s->log, "%s %s %d %llu %llu %llu %u %llu %lld %lld "
		    "%s\n", sl->marker, names[end], sl->check.status,
		    (unsigned long long)sl->bytes,
		    (unsigned long long)sl->check.input,
		    (unsigned long long)sl->check.output,
		    (unsigned)(sl - s->slots),
		    (unsigned long long)sl->conn_number,
		    (long long)sl->sent_us, (long long)clock_boot_us(),
		    why == NULL ? "" : why);
}

static void
print_hist(FILE *f, const char *name, const struct strict_hist *h)
{
	fprintf(f, "\"%s\":{\"p50\":%lld,\"p90\":%lld,\"p99\":%lld,"
	    "\"p999\":%lld,\"max\":%lld},", name,
	    (long long)hist_at(h, 0.5), (long long)hist_at(h, 0.9),
	    (long long)hist_at(h, 0.99), (long long)hist_at(h, 0.999),
	    (long long)h->max);
}

static void
print_examples(FILE *f, const struct strict_stats *st)
{
	struct buf b;
	unsigned i;

	buf_init(&b, 65536);
	for (i = 0; i < st->n_examples; i++) {
		buf_adds(&b, i == 0 ? STR("\"") : STR(",\""));
		buf_add_json(&b, str_of(st->examples[i]));
		buf_addc(&b, '"');
	}
	fprintf(f, "\"examples\":[%.*s]}\n", STR_ARG(buf_str(&b)));
	buf_free(&b);
}

void
strict_stats_print(struct strict *s, FILE *f)
{
	struct strict_stats *st = &s->st;
	double secs = (double)(st->last_us - st->begin_us) / 1e6;
	uint64_t ended = 0;
	double steady = (double)(s->o.time_us - s->o.warm_us) / 1e6;
	int i;

	for (i = 0; i < STRICT_N_ENDS; i++)
		ended += st->ends[i];
	fprintf(f, "{\"started\":%llu,\"ended\":%llu,",
	    (unsigned long long)st->started, (unsigned long long)ended);
	for (i = 0; i < STRICT_N_ENDS; i++)
		fprintf(f, "\"%s\":%llu,", names[i],
		    (unsigned long long)st->ends[i]);
	for (i = 1; i < 6; i++)
		fprintf(f, "\"http_%dxx\":%llu,", i,
		    (unsigned long long)st->classes[i]);
#define N(m) fprintf(f, "\"" #m "\":%llu,", (unsigned long long)st->m)
	N(connects);
	N(reused);
	N(idle_closed);
	N(streams);
	N(events);
	N(lost);
	N(reordered);
	N(cut);
	N(usages);
	N(input);
	N(output);
	N(cached);
	N(bytes);
	N(max_busy);
#undef N
	fprintf(f, "\"seconds\":%.3f,\"per_second\":%.1f,"
	    "\"steady_per_second\":%.1f,\"gap_us\":%lld,"
	    "\"silence_us\":%lld,", secs, secs > 0 ?
	    (double)st->ends[STRICT_OK] / secs : 0, steady > 0 ?
	    (double)st->steady / steady : 0, (long long)st->gap_us,
	    (long long)st->silence_us);
	print_hist(f, "latency_us", &st->latency);
	print_hist(f, "first_us", &st->first);
	print_hist(f, "refused_us", &st->refused);
	print_examples(f, st);
}
