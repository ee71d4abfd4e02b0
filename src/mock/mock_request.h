/*
 * mock_request.h - from a request to an answer ready to be sent.
 */
#ifndef MOCK_REQUEST_H
#define MOCK_REQUEST_H

#include "mock/mock.h"

/* Fill a (begun) for the request; head and body as received. */
void mock_request(struct mock_answer *a, const struct http1_head *h,
    struct str head, struct str body);

/* For endpoints: a wanted member as text ("" when absent or no string). */
void mock_request_text(const struct mock_call *c, enum mock_want w,
    char *dst, size_t size);
/* As a number, dflt when absent or none. */
int64_t mock_request_int(const struct mock_call *c, enum mock_want w,
    int64_t dflt);
int mock_request_true(const struct mock_call *c, enum mock_want w);
/* A parameter of the query (not decoded), STR_NULL when absent. */
struct str mock_request_query(const struct mock_call *c, const char *name);
/* The first member of o that is not among the known (up to a NULL), or NULL. */
struct json_object;
const char *mock_request_extra(struct json_object *o,
    const char *const *known);
/* Make the answer an error of the call's dialect. */
void mock_request_error(struct mock_call *c, int status, const char *code,
    const char *message);

/* Endpoints of the control path; in mock_control.c. */
void mock_control(struct mock_call *c);

#endif
