/*
 * cred.h - the credential header of a provider.
 */
#ifndef UPSTREAM_CRED_H
#define UPSTREAM_CRED_H

#include "base/arena.h"
#include "conf/conf.h"
#include "net/hdr.h"

/*
 * The header for this key: name and value from auth_header / auth_format
 * ("{key}" stands for the key). The value lives in secret memory until the
 * arena is freed.
 */
void cred_header(struct arena *a, const struct conf_provider *p,
    const struct secret *key, struct hdr *out);

#endif
