/*
 * mock_options.h - the command line of aigw-mock.
 */
#ifndef MOCK_OPTIONS_H
#define MOCK_OPTIONS_H

#include "mock/mock_shared.h"

struct mock_options {
	const char	*listen, *control;
	const char	*tls_cert, *tls_key;
	const char	*script, *replay, *log;
	const char	*latency, *first_token, *token_rate;
	const char	*answer_tokens, *chunk_bytes, *models, *require_key;
	int		 workers, no_digest;
	uint64_t	 seed;
	int		 seed_set;
};

/* 0; -1: help or version was asked for and printed; 2: wrong usage. */
int mock_options_parse(struct mock_options *o, int argc, char **argv);
/* The first configuration: script, then options over it. 0, or ERR_FORMAT
 * or ERR_SYSTEM with a text in err. */
int mock_options_apply(const struct mock_options *o, struct mock_shared *s,
    char *err, size_t errsize);

#endif
