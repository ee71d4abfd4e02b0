/*
 * hide.h - what of a provider's words may be shown.
 *
 * Providers quote the key that they refuse, and the request. Nobody may see
 * the gateway's keys; the logs may not have what a client wrote.
 */
#ifndef WORKER_HIDE_H
#define WORKER_HIDE_H

#include <stddef.h>

struct req;
struct worker;
struct wprov;

/* Make what hide_echo needs of a provider whose keys are there. */
void hide_init(struct worker *w, struct wprov *p);
/* An attempt begins: what it is sent with is r->prov's and r->key. */
void hide_begin(struct req *r);
/*
 * n bytes have come, of whatever answer, or were translated from it. When the
 * key that was sent for it, or a header of ours that is a credential, stands
 * whole in them, all secrets of the provider are overwritten in place, so that
 * no copy of them is ever made: 1.
 */
int hide_echo(const struct req *r, const char *p, size_t n);
/* The same in many bytes, part by part, in a slice (base/slice.h). */
void hide_long(const struct req *r, const char *p, size_t n);
/*
 * The same for its body, which then goes into the flow, also when a secret
 * comes in pieces: last bytes that may be its beginning wait for the next ones,
 * or for the end, in secret memory. What is whole is overwritten at once, though
 * a longer one may begin with it.
 */
void hide_give(struct req *r, const char *p, size_t n);
/* There are no next ones: 1 when some had waited. */
int hide_give_rest(struct req *r);
/* Forget them. */
void hide_forget(struct req *r);
/* Overwrite all keys of the attempt's provider, and values of its headers that
 * are credentials by their name, in n bytes that the provider sent. */
void hide_secrets(const struct req *r, char *text, size_t n);
/* The most bytes that one of these takes; 0: there is none. */
size_t hide_span(const struct req *r);
/* The same in an error that may be relayed: its header fields, what is held of
 * its body, and what will come of it. 0, or ERR_AGAIN when this turn has had
 * enough of it. */
int hide_answer(struct req *r);
/*
 * The beginning of n bytes that the provider sent, for logs and error
 * answers: without secrets, and "[...]" for what it repeats of the request. In
 * the arena. When the request's body is not there any more, or too large to be
 * compared, nothing is left of it: "".
 */
const char *hide_words(struct req *r, const char *text, size_t n);

#endif
