/*
 * mock_control.c - the control path: configuration, meter, records.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 *
 * Control requests are answered at once, without faults, and not metered.
 */
#include <stdio.h>

#include "base/err.h"
#include "base/num.h"
#include "mock/mock_answer.h"
#include "mock/mock_request.h"
#include "mock/mock_serve.h"

static void
answer(struct mock_call *c, int status, const char *text)
{
	mock_answer_set(c->a, status, "application/json");
	buf_reset(&c->a->body);
	buf_adds(&c->a->body, STR("{\"error\":\""));
	buf_add_json(&c->a->body, str_of(text));
	buf_adds(&c->a->body, STR("\"}\n"));
}

static void
ok(struct mock_call *c)
{
	buf_adds(&c->a->body, STR("{\"ok\":true}\n"));
}

static void
get_config(struct mock_call *c)
{
	struct mock_shared *s = c->m->sh;

	mock_shared_lock(s);
	buf_add(&c->a->body, s->text, s->len);
	mock_shared_unlock(s);
}

static void
post_config(struct mock_call *c)
{
	char err[256];

	if (mock_conf_change(c->m->sh, c->body, 0, err, sizeof(err)) != 0) {
		answer(c, 400, err);
		return;
	}
	mock_serve_refuse(c->m);
	ok(c);
}

static void
reset(struct mock_call *c)
{
	mock_conf_reset(c->m->sh);
	mock_meter_reset(c->m->sh);
	ok(c);
}

static void
meter(struct mock_call *c)
{
	mock_meter_json(c->m->sh, &c->a->body);
}

static uint64_t
number(struct mock_call *c, const char *name, uint64_t dflt)
{
	struct str v = mock_request_query(c, name);
	uint64_t n;

	return v.p != NULL && num_u64(v, &n) == 0 ? n : dflt;
}

static void
requests(struct mock_call *c)
{
	mock_meter_requests(c->m->sh, (unsigned)number(c, "n", 20),
	    &c->a->body);
}

static void
all_sent(struct mock_call *c)
{
	mock_meter_all_sent(c->m->sh, number(c, "since", 0), &c->a->body);
}

static void
one_sent(struct mock_call *c)
{
	struct str id = str_skip(c->head->path, sizeof("/_mock/sent/") - 1);

	if (mock_meter_sent(c->m->sh, id, &c->a->body) != 0)
		answer(c, 404, "no such answer");
}

static const struct {
	const char *method, *path;
	void (*fn)(struct mock_call *c);
} paths[] = {
	{ "GET", "/_mock/health", ok },
	{ "GET", "/_mock/config", get_config },
	{ "POST", "/_mock/config", post_config },
	{ "POST", "/_mock/reset", reset },
	{ "GET", "/_mock/meter", meter },
	{ "GET", "/_mock/requests", requests },
	{ "GET", "/_mock/sent", all_sent },
	{ "GET", "/_mock/sent/*", one_sent },
};

void
mock_control(struct mock_call *c)
{
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (str_eqc(c->head->method_text, paths[i].method) &&
		    str_glob(paths[i].path, c->head->path)) {
			paths[i].fn(c);
			return;
		}
	answer(c, 404, "no such control path");
}
