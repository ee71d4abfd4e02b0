/*
 * writer.c - change a ledger as admin and recorder do, noting all writes.
 *
 *	writer FOLDER LOG ACKS ROUNDS
 *
 * Makes the stores in FOLDER, which must be empty, and writes to ACKS what was
 * acknowledged when, for replay.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/rng.h"
#include "shim.h"
#include "state_help.h"

static struct help_opts h;
static struct state *st;
static FILE *acks;
static unsigned long keys, requests;

static void
acked(const char *what, unsigned long n)
{
	/* The clock is cut to microseconds: never earlier than it was. */
	fprintf(acks, "%lld %s %lu\n", (long long)(clock_mono_us() + 1) *
	    1000, what, n);
}

static void
key(void)
{
	static struct key_rec k;
	char secret[KEY_SECRET_SIZE];
	uint64_t i;

	memset(&k, 0, sizeof(k));
	key_new_secret(secret, k.hash, k.hint);
	snprintf(k.name, sizeof(k.name), "key%lu", keys);
	k.enabled = 1;
	for (i = rng_below(8) * 40; i > 0; i--)
		k.groups[i - 1] = 'g';	/* some are long */
	if (key_create(st, &k) != 0)
		exit(3);
	acked("keys", ++keys);
	if (rng_below(3) == 0) {
		k.enabled = 0;
		if (key_update(st, &k) != 0)
			exit(4);
	}
}

static void
usage(void)
{
	struct act_settle s;
	char model[16];
	uint64_t i, n = 1 + rng_below(40);

	for (i = 0; i < n; i++) {
		memset(&s, 0, sizeof(s));
		s.rec = help_usage(1 + rng_below(keys), 3, 4);
		snprintf(model, sizeof(model), "m%d", (int)rng_below(30));
		s.rec.model = str_of(model);
		if (help_run(st, &s.a, ACT_SETTLE) != 0)
			exit(5);
	}
	if (usage_drain(st, 1000, NULL, NULL) != (int)n)
		exit(6);
	requests += n;
	acked("requests", requests);
	state_turn_end(st);
}

int
main(int argc, char **argv)
{
	char err[256];
	int i, rounds;

	if (argc != 5)
		return 2;
	rounds = atoi(argv[4]);
	help_opts(&h, argv[1], BOARD_RECORDER, 1);
	shim_files(h.state);
	shim_log(argv[2]);
	if ((acks = fopen(argv[3], "we")) == NULL)
		return 2;
	if (state_prepare(&h.o, err, sizeof(err)) != 0 ||
	    state_open(&h.o, &st, err, sizeof(err)) != 0) {
		fprintf(stderr, "writer: %s\n", err);
		return 1;
	}
	key();
	for (i = 0; i < rounds; i++)
		if (rng_below(4) == 0)
			key();
		else
			usage();
	state_close(&st);
	fclose(acks);
	return 0;
}
