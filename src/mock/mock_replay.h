/*
 * mock_replay.h - answer with recorded exchanges.
 *
 * A folder (and those below it) of NAME.request.json, NAME.response.json or
 * .sse, NAME.meta.json. The meta file names method, path, status and
 * response_headers.
 */
#ifndef MOCK_REPLAY_H
#define MOCK_REPLAY_H

#include "mock/mock.h"

/* Read dir: how many exchanges, or ERR_SYSTEM. */
int mock_replay_open(const char *dir, struct mock_replay **out);
/*
 * Answer with the exchange that the header x-replay names ("NAME" or
 * "FOLDER/NAME"), or whose path and JSON body are the same: 1 when found.
 */
int mock_replay_find(struct mock_call *c);

#endif
