/*
 * prepare.h - the throw-away child that makes the stores before all others.
 */
#ifndef PROC_PREPARE_H
#define PROC_PREPARE_H

#include "proc/child.h"

extern const struct child_role prepare_role;

#endif
