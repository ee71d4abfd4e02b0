/*
 * req_form.c - DECODE of multipart/form-data: the field "model".
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * The whole form is looked through, a slice in a turn, before any of it leaves:
 * what is told about its model must be what a provider reads.
 */
#include "base/err.h"
#include "net/form.h"
#include "worker/req.h"
#include "worker/where.h"

#define SLICE	(64u << 10)	/* bytes looked at in one go */
#define MODEL_MAX	500

/* The model of a form that is good. */
static enum step
form_model(struct req *r)
{
	const struct form *f = r->form;

	r->marks.model_raw = f->value;
	r->marks.form = f->first;
	r->marks.boundary = str_make(f->body.p + f->first, f->n - 2);
	if (r->ep.ep->flags & ENDPOINT_IN_PATH) {
		r->model = where_unescape(r->arena, r->ep.rest);
		return STEP_ROUTE;
	}
	if (f->value.n == 0 || f->value.n > MODEL_MAX)
		return req_fail(r, FAULT_BAD_REQUEST, "the form has no field "
		    "model", "model");
	r->model = arena_str(r->arena, f->value);
	return STEP_ROUTE;
}

enum step
req_form(struct req *r, struct str type)
{
	struct str boundary;
	int rc;

	if (r->form == NULL) {
		if (form_boundary(type, &boundary) != 0)
			return req_fail(r, FAULT_BAD_REQUEST, "the "
			    "content-type needs one boundary of 1 to 70 "
			    "characters: multipart/form-data; boundary=...",
			    NULL);
		r->form = arena_alloc(r->arena, sizeof(*r->form));
		form_begin(r->form, buf_str(&r->body), boundary,
		    STR("model"));
	}
	if ((rc = form_some(r->form, SLICE)) == ERR_AGAIN)
		return req_go_on(r);
	if (rc != 0)
		return req_fail(r, FAULT_BAD_REQUEST, req_printf(r,
		    "the form %s", r->form->why), NULL);
	if (req_asks_stream(r))
		r->stream = 1;
	return form_model(r);
}
