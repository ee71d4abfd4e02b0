/*
 * env_table.h - the environment variables that mean something.
 *
 * Private to the conf layer and to the test that compares the table with
 * etc/aigw.env.example. AIGW_* follows from the option table.
 */
#ifndef CONF_ENV_TABLE_H
#define CONF_ENV_TABLE_H

#include <stddef.h>

enum env_kind {
	ENV_OPTION,	/* the text of option path */
	ENV_SECRET,	/* the secret of option path */
	ENV_LEVEL,	/* the same, nonsense is ignored */
	ENV_ZONE,
	ENV_PORT,
	ENV_REDIS,
	ENV_SECONDS,	/* a time; a bare number is seconds */
	ENV_ROUTE,	/* true: the choice arg; false: off */
	ENV_FAMILY,	/* key of the provider path, made if missing */
	ENV_MASK,	/* option path of every provider */
	ENV_LLM,	/* LLM_PROVIDERS itself */
	ENV_LLM_PART,	/* ends of LLM_PROVIDER_<id>_...: option path */
	ENV_PATTERN,	/* PROVIDER_API_KEY_<ID> */
	ENV_UNUSED	/* recognised, help says why it does nothing */
};

struct env_var {
	const char	*name;
	enum env_kind	 kind;
	const char	*path;
	const char	*arg;
	const char	*help;
};

/* Ends with a row without name. */
extern const struct env_var env_vars[];

/* client.max_body: AIGW_CLIENT_MAX_BODY. */
void env_option_name(const char *path, char *out, size_t size);

#endif
