/*
 * apilog.h - api-error.jsonl: one JSON object per failed request.
 */
#ifndef WORKER_APILOG_H
#define WORKER_APILOG_H

struct req;

/* Members: timestamp, errorMessage, requestMethod, requestUrl, apiKey (the
 * key's name, never its text), errorStack (source line and attempt chain),
 * errorDetails. */
#define apilog_write(r) apilog_write_at((r), __FILE__, __LINE__)
void apilog_write_at(struct req *r, const char *file, int line);

#endif
