/*
 * cred.h - the credential of a provider: its header, and hiding it.
 */
#ifndef UPSTREAM_CRED_H
#define UPSTREAM_CRED_H

#include "base/arena.h"
#include "base/quote.h"
#include "conf/conf.h"
#include "net/hdr.h"

/*
 * The header for this key: name and value from auth_header / auth_format
 * ("{key}" stands for the key). The value lives in secret memory until the
 * arena is freed.
 */
void cred_header(struct arena *a, const struct conf_provider *p,
    const struct secret *key, struct hdr *out);

/*
 * Providers like to quote the key they refuse: overwrite every key of this
 * provider in n bytes at p with stars, length unchanged (quote_mask). The
 * longest goes first: one that is a part of another leaves nothing of it. Keys
 * of less than CRED_MASK_MIN bytes are not looked for. Returns how many were
 * found.
 */
#define CRED_MASK_MIN	3
unsigned cred_mask(const struct conf_provider *p, char *text, size_t n);
/* The same for a key that was cut off by the end of the text. */
void cred_mask_cut(const struct conf_provider *p, char *text, size_t n);
/* The most bytes that a key can take up there, 0: no keys. */
size_t cred_mask_span(const struct conf_provider *p);
/* For what has this key; an empty one when cred_mask does not look for it. */
void cred_probe(const struct secret *key, struct quote_probe *out);

#endif
