/*
 * logline.c - the access log: fields as a table, JSON or combined.
 *
 * Runs in: worker.
 * Owns: the buffer of lines not yet written.
 *
 * Lines are written together, at most 100 ms late: a worker that is killed
 * loses those. What must not be lost is in the spool, not here.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "net/addr.h"
#include "worker/logline.h"
#include "worker/req.h"
#include "worker/session.h"
#include "worker/translate.h"

#define FLUSH_AT	32768
#define BUFFER_MAX	(1 << 20)
#define SESSION_MAX	128	/* bytes of an id of a program's */

static struct buf lines;
static struct log_limit full_lines = { 1 };

typedef void field_fn(const struct req *r, struct buf *b);

static void
put_text(struct buf *b, struct str s)
{
	buf_addc(b, '"');
	buf_add_json(b, s.n > 1000 ? str_make(s.p, 1000) : s);
	buf_addc(b, '"');
}

static void
put_number(struct buf *b, uint64_t v)
{
	char text[24];

	buf_add(b, text, num_put_u64(text, v));
}

/* Milliseconds with three decimals. */
static void
put_ms(struct buf *b, int64_t us)
{
	char text[40];
	size_t n;
	int64_t rest;

	if (us < 0)
		us = 0;
	rest = us % 1000;
	n = num_put_u64(text, (uint64_t)(us / 1000));
	text[n++] = '.';
	text[n++] = (char)('0' + rest / 100);
	text[n++] = (char)('0' + rest / 10 % 10);
	text[n++] = (char)('0' + rest % 10);
	buf_add(b, text, n);
}

static void
f_time(const struct req *r, struct buf *b)
{
	static char text[CLOCK_RFC3339_SIZE];
	static int64_t last = -1;
	char when[CLOCK_RFC3339_SIZE];

	if (r->real_us / 1000 != last) {
		clock_local3339(r->real_us, when);
		memcpy(text, when, sizeof(text));
		last = r->real_us / 1000;
	}
	put_text(b, str_of(text));
}

static void
f_id(const struct req *r, struct buf *b)
{
	put_text(b, str_of(r->id));
}

static void
f_client(const struct req *r, struct buf *b)
{
	char text[ADDR_TEXT_SIZE];

	addr_text(r->addr, text);
	put_text(b, str_of(text));
}

static void
f_key(const struct req *r, struct buf *b)
{
	put_text(b, r->caller.name.p == NULL ? STR("") : r->caller.name);
}

static void
f_method(const struct req *r, struct buf *b)
{
	put_text(b, r->head->method_text);
}

static void
f_path(const struct req *r, struct buf *b)
{
	put_text(b, r->head->path);	/* never the query: it may hold a key */
}

static void
f_status(const struct req *r, struct buf *b)
{
	put_number(b, (uint64_t)(r->status == 0 ? 499 : r->status));
}

static void
f_model(const struct req *r, struct buf *b)
{
	put_text(b, r->model.p == NULL ? STR("") : r->model);
}

static void
f_provider(const struct req *r, struct buf *b)
{
	put_text(b, r->prov == NULL ? STR("") : str_of(r->prov->conf->id));
}

static void
f_upstream_model(const struct req *r, struct buf *b)
{
	put_text(b, r->target == NULL || r->target->model.p == NULL ?
	    STR("") : r->target->model);
}

static void
f_group(const struct req *r, struct buf *b)
{
	put_text(b, r->route.group == NULL ? STR("") :
	    str_of(r->route.group->name));
}

static void
f_stream(const struct req *r, struct buf *b)
{
	buf_adds(b, r->stream ? STR("true") : STR("false"));
}

static void
f_attempts(const struct req *r, struct buf *b)
{
	put_number(b, r->n_attempts);
}

static void
f_bytes_in(const struct req *r, struct buf *b)
{
	put_number(b, r->request_bytes);
}

static void
f_bytes_out(const struct req *r, struct buf *b)
{
	put_number(b, r->sent);
}

static void
f_input(const struct req *r, struct buf *b)
{
	put_number(b, r->usage.input);
}

static void
f_output(const struct req *r, struct buf *b)
{
	put_number(b, r->usage.output);
}

static void
f_cached(const struct req *r, struct buf *b)
{
	put_number(b, r->usage.cached);
}

static void
f_estimated(const struct req *r, struct buf *b)
{
	buf_adds(b, r->usage_flags & USAGE_ESTIMATED ? STR("true") :
	    STR("false"));
}

static void
f_cost(const struct req *r, struct buf *b)
{
	char text[40];

	buf_add(b, text, num_put_usd(text, r->cost, 9));
}

static void
f_duration(const struct req *r, struct buf *b)
{
	put_ms(b, ev_now_us(r->w->loop) - r->start_us);
}

static void
f_first(const struct req *r, struct buf *b)
{
	put_ms(b, r->first_us == 0 ? 0 : r->first_us - r->start_us);
}

static void
f_error(const struct req *r, struct buf *b)
{
	put_text(b, r->fault == FAULT_NONE ? STR("") :
	    str_of(fault_name(r->fault)));
}

/* The limit that refused, or would have (limits.shadow). */
static void
f_limit(const struct req *r, struct buf *b)
{
	put_text(b, req_limited(r) ? str_of(window_name(r->admit.refused)) :
	    STR(""));
}

/* When the limits were asked, and the request counted. */
static void
f_admit(const struct req *r, struct buf *b)
{
	int asked = r->admitted || req_limited(r);

	put_number(b, asked ? (uint64_t)r->admit.boot_us : 0);
}

static void
f_agent(const struct req *r, struct buf *b)
{
	const struct hdr *h = hdr_find(r->head->h, r->head->n,
	    HDR_USER_AGENT);

	put_text(b, h == NULL ? STR("") : h->value);
}

static const struct {
	struct str	 name;		/* with comma, quotes and colon */
	field_fn	*fn;
} fields[] = {
#define F(name, fn) { { ",\"" name "\":", sizeof(",\"" name "\":") - 1 }, fn }
	F("time", f_time), F("request_id", f_id), F("client", f_client),
	F("key", f_key), F("method", f_method), F("path", f_path),
	F("status", f_status), F("model", f_model), F("group", f_group),
	F("provider", f_provider), F("upstream_model", f_upstream_model),
	F("stream", f_stream), F("attempts", f_attempts),
	F("bytes_in", f_bytes_in), F("bytes_out", f_bytes_out),
	F("input_tokens", f_input), F("output_tokens", f_output),
	F("cached_tokens", f_cached), F("estimated", f_estimated),
	F("cost", f_cost), F("duration_ms", f_duration),
	F("first_byte_ms", f_first), F("error", f_error),
	F("limit", f_limit), F("admit_us", f_admit),
	F("user_agent", f_agent),
#undef F
};

static void
put_named(struct buf *b, const char *member, struct str v)
{
	if (v.n == 0)
		return;
	buf_printf(b, ",\"%s\":", member);
	put_text(b, str_make(v.p, v.n > SESSION_MAX ? SESSION_MAX : v.n));
}

/* Most requests name none. */
static void
put_session(struct req *r, struct buf *b)
{
	const struct session *s = session_of(r);

	if (s == NULL)
		return;
	put_named(b, "session", s->id);
	put_named(b, "agent", s->agent);
	put_named(b, "parent_agent", s->parent);
}

static void
json_line(struct req *r, struct buf *b)
{
	size_t i;

	buf_addc(b, '{');
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		buf_adds(b, str_skip(fields[i].name, i == 0));
		fields[i].fn(r, b);
	}
	put_session(r, b);
	/* Few have it. */
	if (*translate_dropped(r) != '\0') {
		buf_adds(b, STR(",\"dropped\":"));
		put_text(b, str_of(translate_dropped(r)));
	}
	buf_add(b, "}\n", 2);
}

/* The combined format of web servers; the user is the key's name. */
static void
combined_line(const struct req *r, struct buf *b)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const struct hdr *ref = hdr_find(r->head->h, r->head->n, HDR_REFERER);
	char addr[ADDR_TEXT_SIZE], iso[CLOCK_RFC3339_SIZE];
	const char *zone;
	int month;

	addr_text(r->addr, addr);
	clock_local3339(r->real_us, iso);
	zone = iso[23] == 'Z' ? "+00:00" : iso + 23;
	month = (iso[5] - '0') * 10 + iso[6] - '0' - 1;
	buf_printf(b, "%s - ", addr);
	if (r->caller.name.n == 0)
		buf_addc(b, '-');
	else
		buf_add_json(b, r->caller.name);
	buf_printf(b, " [%.2s/%.3s/%.4s:%.8s %.3s%.2s] \"", iso + 8,
	    months + 3 * (month >= 0 && month < 12 ? month : 0), iso,
	    iso + 11, zone, zone + 4);
	buf_add_json(b, r->head->method_text);
	buf_addc(b, ' ');
	buf_add_json(b, r->head->path);
	buf_printf(b, " HTTP/1.%d\" %d %llu ", r->head->minor,
	    r->status == 0 ? 499 : r->status, (unsigned long long)r->sent);
	put_text(b, ref == NULL ? STR("-") : ref->value);
	buf_addc(b, ' ');
	f_agent(r, b);
	buf_addc(b, '\n');
}

void
logline_write(struct req *r)
{
	if (r->w->child->access_fd < 0)
		return;
	if (lines.max == 0)
		buf_init(&lines, BUFFER_MAX);
	if (buf_len(&lines) > BUFFER_MAX - 16384) {
		if (log_allow(&full_lines))
			log_error("access log: lines are lost, the log "
			    "cannot be written");
		return;
	}
	if (r->w->conf->log_combined)
		combined_line(r, &lines);
	else
		json_line(r, &lines);
	if (buf_len(&lines) >= FLUSH_AT)
		logline_flush(r->w);
}

void
logline_flush(struct worker *w)
{
	static size_t shown;	/* of the lines, on stdout already */
	ssize_t n;

	if (buf_len(&lines) == 0)
		return;
	if (w->child->foreground && buf_len(&lines) > shown) {
		n = write(STDOUT_FILENO, buf_ptr(&lines) + shown,
		    buf_len(&lines) - shown);
		if (n < 0)
			w->child->foreground = 0;
		else
			shown += (size_t)n;
	}
	n = write(w->child->access_fd, buf_ptr(&lines), buf_len(&lines));
	if (n <= 0)
		return;
	buf_consume(&lines, (size_t)n);
	shown -= (size_t)n < shown ? (size_t)n : shown;
}
