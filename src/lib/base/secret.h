/*
 * secret.h - text that must not be seen: provider keys, passwords, tokens.
 *
 * Secrets live in pages that are locked, left out of core dumps and wiped
 * when freed. There is no way to print one by accident: the type is opaque,
 * and secret_mask shows four characters at most.
 *
 * Pages stay over a fork: the master only forks to exec, which leaves nothing
 * of them, and its daemon is a fork of who read the configuration.
 *
 * A configuration is read into such memory, and libconfig sees no string of it
 * (conf/load.h): what may be a credential never was elsewhere.
 *
 * Copies outside are transient: the head of a request on its way to a provider
 * (wiped when sent), the key that a client showed (wiped with its request), what
 * libcurl and OpenSSL have while they work (wiped when they give it back; what
 * lives longer, passwords of proxies and private keys, they have in locked
 * memory), and without being wiped what a provider quotes. A process with such
 * is neither dumpable nor traceable (proc/priv.h).
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/str.h"

struct secret;

/* Copy text (no NUL inside) into secret memory. Never NULL. */
struct secret *secret_new(struct str text);
/* Room for n bytes, zeroed, to be filled in by secret_text. */
struct secret *secret_room(size_t n);
/* A whole file of at most max bytes: 0; ERR_SYSTEM with errno, ERR_TOOBIG. */
int secret_from_file(const char *path, size_t max, struct secret **out);
/* Wipe and free; accepts NULL, sets NULL. */
void secret_free(struct secret **sp);
/* The text, valid until secret_free; only where it goes on the wire. */
struct str secret_reveal(const struct secret *s);
/* The same as a string, for those who want one; it may be written. */
char *secret_text(struct secret *s);
/* 1 when absent or empty. */
int secret_empty(const struct secret *s);
/* Compare in constant time (for equal lengths). */
int secret_eq(const struct secret *s, struct str text);
/*
 * Printable form, "****" or "sk-a****" (four first characters, only when
 * there are more than 12): at most 12 bytes with NUL.
 */
#define SECRET_MASK_SIZE 12
void secret_mask(const struct secret *s, char out[SECRET_MASK_SIZE]);
/*
 * For libraries that bring no memory of their own: free and realloc that wipe
 * what is given back, NULL allowed. Also for what secret_get gave.
 */
void secret_give_back(void *p);
void *secret_resize(void *p, size_t n);
/* n bytes of secret memory, zeroed, for these two. */
void *secret_get(size_t n);
/* Bytes of secret memory: more than all secrets together have. */
size_t secret_mapped(void);
/* Bytes of it that could not be locked (RLIMIT_MEMLOCK): they may
 * get to a swap device. */
size_t secret_unlocked(void);
/* Overwrite what calls before this left on the stack and in the registers that
 * memcpy uses: who saves those (signals, the loader) puts them on the stack. */
void secret_burn_stack(void);
/* Overwrite n bytes at p so that the compiler cannot leave it out. */
void secret_wipe(void *p, size_t n);

#endif
