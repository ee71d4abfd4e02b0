/*
 * mock_conf.h - the live configuration of the mock.
 *
 * One JSON object, in shared memory as text, read again by each process when
 * its version number changes. Options of the command line and --script make
 * the first one; POST /_mock/config changes members of it.
 */
#ifndef MOCK_CONF_H
#define MOCK_CONF_H

#include "mock/mock_act.h"
#include "mock/mock_shared.h"

struct mock_rule {
	char		 path[128], method[16], model[96], key[96];
	uint64_t	 nth, every, from, to;	/* of matching requests */
	int		 percent;		/* 100: always */
	char		*what;			/* the words */
	int		 index;			/* of its counter */
};

struct mock_conf {
	unsigned	 version;
	struct mock_act	 base;
	int		 no_digest;		/* bodies are not hashed */
	char	       **models;		/* NULL-terminated */
	char	       **keys;			/* NULL: any */
	struct mock_rule *rules;
	unsigned	 n_rules;
};

/* What a rule looks at. */
struct mock_facts {
	struct str	 method, path, model, key;
};

/* The newest configuration; *cp is this process's, replaced when old. */
const struct mock_conf *mock_conf_get(struct mock_shared *s,
    struct mock_conf **cp);
void mock_conf_free(struct mock_conf **cp);
/*
 * Change the members that json names: 0, or ERR_FORMAT with a text in err;
 * then nothing has changed. first: also what a reset goes back to.
 */
int mock_conf_change(struct mock_shared *s, struct str json, int first,
    char *err, size_t errsize);
/* Back to the first configuration; rules count from zero again. */
void mock_conf_reset(struct mock_shared *s);
/* Apply the rules to act, in order; each matching rule counts. */
void mock_conf_rules(const struct mock_conf *c, struct mock_shared *s,
    const struct mock_facts *f, struct mock_act *act);

#endif
