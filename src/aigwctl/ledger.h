/*
 * ledger.h - what "backup", "check-ledger" and "restore" share.
 */
#ifndef AIGWCTL_LEDGER_H
#define AIGWCTL_LEDGER_H

#include "aigwctl/aigwctl.h"
#include "state/state.h"

/* Take "--json" out of the words: how many are left. */
int ledger_words(struct ctl *c, int argc, char **argv);
/* The state folder of the gateway that is meant: 0, or a code (told). */
int ledger_folder(const struct ctl *c, char *dst, size_t size);
/* apart_check, and how long it took. */
int ledger_check_file(struct state_check *k, int64_t limit_us,
    int64_t *took_us);
/* Say how it went with path: what (words for "good") and figures of k, or rc
 * and its problem. */
void ledger_print(const struct ctl *c, const char *what, const char *path,
    const struct state_check *k, int rc, int64_t us);
/* Make the name of a file durable: 0 or ERR_SYSTEM. */
int ledger_sync_folder(const char *file);

#endif
