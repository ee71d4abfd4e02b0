/*
 * checker.h - the process that finds out: addresses, model lists, health.
 */
#ifndef CHECKER_CHECKER_H
#define CHECKER_CHECKER_H

#include "proc/child.h"

extern const struct child_role checker_role;

#endif
