/*
 * err.h - the one list of return codes.
 *
 * A function that can fail returns 0 (or a count >= 0) when it worked and one
 * of these negative codes when it did not; results come through pointers.
 * Codes name the world's faults: a bug of ours is an ASSERT, never a code.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define ERR_LIST(X)							\
	X(AGAIN,	-1,  "not now, try again")			\
	X(NOMEM,	-2,  "out of memory")				\
	X(SYSTEM,	-3,  "system error, see errno")			\
	X(EOF,		-4,  "end of file")				\
	X(FORMAT,	-5,  "malformed")				\
	X(RANGE,	-6,  "value out of range")			\
	X(TOOBIG,	-7,  "too large")				\
	X(NOTFOUND,	-8,  "not found")				\
	X(EXISTS,	-9,  "exists already")				\
	X(DENIED,	-10, "not allowed")				\
	X(LIMIT,	-11, "limit reached")				\
	X(FULL,		-12, "no space left")				\
	X(CORRUPT,	-13, "stored data damaged")			\
	X(TIMEOUT,	-14, "timed out")				\
	X(BUSY,		-15, "busy")					\
	X(CLOSED,	-16, "closed by the other side")		\
	X(UNSUPPORTED,	-17, "not supported")				\
	X(VERSION,	-18, "written by an unknown version")		\
	X(TLS,		-19, "TLS failure")

enum err {
	ERR_OK = 0,
#define X(name, val, text) ERR_##name = (val),
	ERR_LIST(X)
#undef X
};

/* Text for a code; never NULL, "unknown error" for a number not listed. */
const char *err_str(int code);

/* 1 for an errno which says that this process or machine lacks something
 * (descriptors, memory), and nothing about the peer. */
int err_ours(int e);

/* A bug of ours: says where and aborts. Stays on in release builds. */
void err_assert_fail(const char *expr, const char *file, int line)
    __attribute__((noreturn, cold));
#define ASSERT(e) \
	((e) ? (void)0 : err_assert_fail(#e, __FILE__, __LINE__))

#endif
