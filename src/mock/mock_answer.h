/*
 * mock_answer.h - send an answer at its pace and with its faults.
 */
#ifndef MOCK_ANSWER_H
#define MOCK_ANSWER_H

#include "mock/mock.h"

/* How the connection goes on after an answer. */
enum mock_after { MOCK_AFTER_KEEP, MOCK_AFTER_CLOSE, MOCK_AFTER_RESET };

/* Make a ready for the next answer; its buffers keep their memory. */
void mock_answer_begin(struct mock_answer *a);
/* The endpoint has filled a: start to send. May end within the call. */
void mock_answer_start(struct mock_answer *a);
/* The connection can take more. */
void mock_answer_drained(struct mock_answer *a);
/* The client is gone; nothing more is sent or called. */
void mock_answer_abort(struct mock_answer *a);
void mock_answer_free(struct mock_answer *a);
/* Make the answer one with that status and a body (to be filled). */
void mock_answer_set(struct mock_answer *a, int status, const char *ctype);

/* Called when an answer is over; in mock_serve.c. */
void mock_client_done(struct mock_client *cl, enum mock_after after);

/* mock_wire.c: framing, byte faults, slow sending. */

/* Send the head; len: of the body, -1 when not known. */
void mock_wire_head(struct mock_answer *a, int64_t len);
/* Send body bytes: 0, or 1 when the fault at a byte was reached. */
int mock_wire_body(struct mock_answer *a, const void *p, size_t n);
/* End the framing. */
void mock_wire_end(struct mock_answer *a);
/* Send raw bytes. */
void mock_wire_put(struct mock_answer *a, const void *p, size_t n);
/* 1 when no more should be produced now; mock_answer_drained follows. */
int mock_wire_full(const struct mock_answer *a);
/* Send what is queued: 1 when all is with the kernel. */
int mock_wire_flush(struct mock_answer *a);
/* Hold everything from here on for us microseconds. */
void mock_wire_block(struct mock_answer *a, int64_t us);
void mock_wire_stop(struct mock_answer *a);

#endif
