/*
 * open_file.h - the file of open.h, for open.c and open_dead.c: a page with
 * the head, then entries.
 *
 * What changes with an attempt stands twice in an entry, and one store says
 * which one counts: whatever instant the writer dies at, an entry is whole.
 */
#ifndef STATE_OPEN_FILE_H
#define STATE_OPEN_FILE_H

#include <stdatomic.h>
#include <stdint.h>

#include "state/usage.h"

#define OPEN_MAGIC	0x6e65706fu
#define OPEN_VERSION	1u
#define OPEN_HEAD	4096u		/* bytes before the first entry */
#define OPEN_MAX	65536u		/* entries */
#define OPEN_CHUNK	64u		/* entries made at once */
#define OPEN_ENTRY_MAX	2048u		/* bytes of one of a later program */
#define OPEN_SESSION	0x80000000u	/* flag: it has a session's names */

struct open_head {
	uint32_t	 magic, version, entry_size, slot;
	uint64_t	 epoch, incarnation;
};

struct open_name {
	unsigned char	 n;
	char		 s[USAGE_NAME_MAX];
};

struct open_part {
	_Atomic uint32_t sent;
	uint32_t	 attempts;
	_Atomic uint64_t input, output;
	_Atomic int64_t	 fixed, per_output;
	struct open_name provider, upstream_model;
};

struct open_req {
	_Atomic uint32_t used;
	_Atomic uint32_t which;		/* part that counts */
	_Atomic uint64_t seq;		/* of its spool record; 0: none yet */
	uint64_t	 key_id;
	int64_t		 start_us;	/* real time */
	uint32_t	 flags;
	char		 request_id[40];
	struct open_name key_name, group, model, endpoint;
	struct open_part part[2];
	/* An older program's entries end here; a later one's may be longer. */
	struct open_name session, agent, parent;	/* of OPEN_SESSION */
} __attribute__((aligned(64)));

/* Name of the file; dst has PATH_MAX bytes. */
void open_path(char *dst, const char *run_dir, uint64_t incarnation);

#endif
