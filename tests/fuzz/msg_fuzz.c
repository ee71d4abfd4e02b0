/*
 * msg_fuzz.c - the check of a message between master and child.
 *
 * The first byte is the number of descriptors that came along.
 */
#include "base/err.h"
#include "fuzz.h"
#include "proc/msg.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct msg m;
	int rc, role, may = 0;

	if (size == 0)
		return 0;
	rc = msg_check(data + 1, size - 1, data[0], &m);
	ASSERT(rc == 0 || rc == ERR_FORMAT);
	if (rc != 0)
		return 0;
	ASSERT(size - 1 == sizeof(m));
	ASSERT(m.type > MSG_NONE && m.type < MSG_TYPES && m.pad == 0);
	ASSERT(m.slot < BOARD_SLOTS);
	ASSERT(data[0] <= MSG_MAX_FDS);
	for (role = BOARD_FREE; role <= BOARD_ADMIN; role++)
		may += msg_permitted((enum board_role)role,
		    (enum msg_type)m.type);
	/* Somebody may say it, but never both sides. */
	ASSERT(may > 0);
	ASSERT(!msg_permitted(BOARD_MASTER, (enum msg_type)m.type) ||
	    may == 1);
	return 0;
}
