/*
 * ballast.h - a file that only keeps room: deleting needs space too, so it is
 * given up when a disk becomes full.
 */
#ifndef STATE_BALLAST_H
#define STATE_BALLAST_H

#include <stdint.h>

/* Size of the ballast that goes with a map of that size. */
uint64_t ballast_size(uint64_t map_size);
/* 1 when it was there and is gone. */
int ballast_drop(const char *path);
/* Make it again if it is gone and the disk has room: 1 when it was made. */
int ballast_make(const char *path, uint64_t size);

#endif
