/*
 * complaint.h - what the body of a provider's error says.
 *
 * Type and code are words of a protocol and may be logged. The message may
 * quote the client's prompt, and must not be.
 */
#ifndef UPSTREAM_COMPLAINT_H
#define UPSTREAM_COMPLAINT_H

#include <stdint.h>

#include "base/str.h"

struct complaint {
	char	type[64], code[64];	/* "" when absent or no plain word */
	char	message[256];		/* its beginning */
	int64_t	retry_us;		/* Google's RetryInfo; -1: none */
	int	moderated;		/* error.metadata has reasons, which
					   are about the prompt (OpenRouter) */
};

/*
 * Read {"error": {"type", "code", "status", "message"}} of OpenAI, Anthropic
 * and Google, the same inside the "response" of OpenAI's events, the flat form
 * of Mistral, and {"error": text}; also as the first element of an array, as
 * Google answers to a stream without alt=sse. What is none of these leaves *out
 * empty.
 */
void complaint_read(struct str body, struct complaint *out);
/* For a log: "HTTP 429, type insufficient_quota, code x". */
void complaint_text(const struct complaint *c, int status, char *dst,
    size_t size);

#endif
