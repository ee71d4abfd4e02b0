/*
 * mock_serve.h - listening, and the life of a client connection.
 */
#ifndef MOCK_SERVE_H
#define MOCK_SERVE_H

#include "mock/mock.h"

/* Accept on fd, shared with the other processes; it is not closed. */
void mock_serve_listen(struct mock *m, int fd, int control);
/* Close the listener to the world when the configuration says "refuse"; it
 * opens by itself when that is over. */
void mock_serve_refuse(struct mock *m);
/* Stop accepting. */
void mock_serve_stop(struct mock *m);

#endif
