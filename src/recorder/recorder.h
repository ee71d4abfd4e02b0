/*
 * recorder.h - the process that moves usage from hot to ledger.
 */
#ifndef RECORDER_RECORDER_H
#define RECORDER_RECORDER_H

#include "proc/child.h"

extern const struct child_role recorder_role;

#endif
