/*
 * key_pack.h - the stored form of a client key.
 */
#ifndef STATE_KEY_PACK_H
#define STATE_KEY_PACK_H

#include "state/key.h"

#define KEY_PACK_MAX	(1024 + 4 * KEY_LIST_MAX)

/* Pack r, sealed: the size. */
size_t key_pack(unsigned char dst[KEY_PACK_MAX], const struct key_rec *r);
/* 0, ERR_CORRUPT or ERR_VERSION. */
int key_unpack(struct str val, struct key_rec *out);

#endif
