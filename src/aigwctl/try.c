/*
 * try.c - "aigwctl try": ask a model, show the answer as it comes.
 *
 * Runs in: aigwctl.
 * Owns: nothing.
 *
 * The text goes to stdout, everything about the way it took to stderr.
 */
#include <stdio.h>

#include "aigwctl/call.h"
#include "base/jscan.h"
#include "base/num.h"
#include "conf/price.h"

#define TRY_LINE_MAX	(1u << 20)

struct try {
	struct buf	 line;
	int		 overlong;
	uint64_t	 input, output, cached, reasoning;
	int		 usage, text, failed;
};

static void
try_number(const struct jscan_want *w, uint64_t *out)
{
	if (w->type == JSCAN_NUMBER)
		(void)jscan_u64(w->raw, out);
}

static void
try_print(const struct jscan_want *w)
{
	struct buf text;
	long n;

	buf_init(&text, TRY_LINE_MAX + 1);
	if (buf_reserve(&text, w->raw.n + 1) == 0) {
		n = jscan_string(w->raw, text.data, w->raw.n + 1);
		if (n > 0)
			fwrite(text.data, 1, (size_t)n, stdout);
		fflush(stdout);
	}
	buf_free(&text);
}

/* One event of the stream. */
static void
try_event(struct try *t, struct str json)
{
	struct jscan_want want[] = {
		{ .path = "choices.0.delta.content" },
		{ .path = "error.message" },
		{ .path = "usage.prompt_tokens" },
		{ .path = "usage.completion_tokens" },
		{ .path = "usage.prompt_tokens_details.cached_tokens" },
		{ .path = "usage.completion_tokens_details.reasoning_tokens" },
	};
	struct jscan_result res;

	if (jscan(json, NULL, want, 6, &res) < 0)
		return;
	if (want[0].type == JSCAN_STRING) {
		t->text = 1;
		try_print(&want[0]);
	}
	if (want[1].type == JSCAN_STRING) {
		t->failed = 1;
		fprintf(stderr, "aigwctl: the stream broke off: %.*s\n",
		    STR_ARG(want[1].raw));
	}
	if (want[2].type == JSCAN_NUMBER)
		t->usage = 1;
	try_number(&want[2], &t->input);
	try_number(&want[3], &t->output);
	try_number(&want[4], &t->cached);
	try_number(&want[5], &t->reasoning);
}

static void
try_line(struct try *t)
{
	struct str s = buf_str(&t->line);

	if (s.n > 0 && s.p[s.n - 1] == '\r')
		s.n--;
	if (!t->overlong && str_starts(s, STR("data:"))) {
		s = str_trim(str_skip(s, 5));
		if (!str_eqc(s, "[DONE]"))
			try_event(t, s);
	}
	t->overlong = 0;
	buf_reset(&t->line);
}

static void
try_bytes(void *arg, const char *p, size_t n)
{
	struct try *t = arg;
	const char *nl;
	size_t k;

	while (n > 0) {
		nl = memchr(p, '\n', n);
		k = nl == NULL ? n : (size_t)(nl - p);
		if (buf_add(&t->line, p, k) < 0)
			t->overlong = 1;
		if (nl == NULL)
			return;
		try_line(t);
		p += k + 1;
		n -= k + 1;
	}
}

/* What it cost by the price list at hand: 0 when that is not known. */
static int
try_cost(const struct ctl *c, const struct try *t,
    const struct call_answer *a, char usd[40])
{
	struct price_usage u = { t->input, t->output, t->cached, 0,
	    t->reasoning };
	struct conf_report report = { 0 };
	struct price_list *list = NULL;
	struct conf_provider *p;
	struct conf_price price;
	int rc = -1;

	if (a->cost[0] != '\0') {
		str_copy(usd, 40, str_of(a->cost));
		return 1;
	}
	if (c->conf == NULL || !t->usage ||
	    (p = conf_provider(c->conf, str_of(a->provider))) == NULL)
		return 0;
	if (price_load(c->conf->prices.file, &list, &report) == 0)
		rc = price_find(list, c->conf, p, NULL, str_of(a->model),
		    &price);
	if (rc == 0)
		num_put_usd(usd, price_cost(&price, &u), 8);
	price_free(&list);
	conf_report_free(&report);
	return rc == 0;
}

static void
try_report(const struct ctl *c, const struct try *t,
    const struct call_answer *a)
{
	char usd[40];

	fprintf(stderr, "\nroute    %s %s, %s attempt%s\n",
	    a->provider[0] != '\0' ? a->provider : "-", a->model,
	    a->attempts[0] != '\0' ? a->attempts : "?",
	    strcmp(a->attempts, "1") == 0 ? "" : "s");
	fprintf(stderr, "time     first byte %.0f ms, end %.0f ms\n",
	    (double)a->first_us / 1000, (double)a->end_us / 1000);
	if (t->usage)
		fprintf(stderr, "tokens   %llu in (%llu cached), %llu out "
		    "(%llu reasoning)\n", (unsigned long long)t->input,
		    (unsigned long long)t->cached,
		    (unsigned long long)t->output,
		    (unsigned long long)t->reasoning);
	else
		fprintf(stderr, "tokens   not reported\n");
	if (try_cost(c, t, a, usd))
		fprintf(stderr, "cost     $%s\n", usd);
	else
		fprintf(stderr, "cost     unknown here; see \"aigwctl "
		    "usage\"\n");
	fprintf(stderr, "request  %s\n", a->request_id);
}

static int
try_ask(struct ctl *c, struct call_to *to, const char *model,
    const char *text)
{
	struct try t = { .failed = 0 };
	struct call_answer a;
	struct buf body;
	char err[400];
	int ok;

	buf_init(&t.line, TRY_LINE_MAX);
	buf_init(&body, 64u << 20);
	(void)buf_adds(&body, STR("{\"model\":\""));
	(void)buf_add_json(&body, str_of(model));
	(void)buf_adds(&body, STR("\",\"stream\":true,\"stream_options\":"
	    "{\"include_usage\":true},\"messages\":[{\"role\":\"user\","
	    "\"content\":\""));
	(void)buf_add_json(&body, str_of(text));
	(void)buf_add(&body, "\"}]}", 5);	/* with its NUL */
	call_run(to, "POST", "/v1/chat/completions", buf_ptr(&body),
	    try_bytes, &t, &a);
	ok = a.outcome == OUTCOME_OK && a.status == 200 && !t.failed;
	if (ok && !t.text)
		fprintf(stderr, "(no text)");
	if (a.outcome != OUTCOME_OK)
		fprintf(stderr, "aigwctl: %s: %s\n", call_to_url(to), a.why);
	else if (a.status != 200) {
		call_error_text(&a, err, sizeof(err));
		fprintf(stderr, "aigwctl: %d: %s\n", a.status, err);
		if (a.status == 401 && !call_to_has_key(to))
			fprintf(stderr, "aigwctl: name a client key by --key "
			    "or the variable AIGW_KEY\n");
	}
	if (ok) {
		printf("\n");
		fflush(stdout);
		try_report(c, &t, &a);
	}
	call_answer_free(&a);
	buf_free(&t.line);
	buf_free(&body);
	return ok ? EXIT_DONE : EXIT_FAILED;
}

int
try_main(struct ctl *c, int argc, char **argv)
{
	const char *url = NULL, *key = NULL, *word[2];
	struct call_to *to;
	int i, n = 0, rc;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--url") == 0 && i + 1 < argc)
			url = argv[++i];
		else if (strcmp(argv[i], "--key") == 0 && i + 1 < argc)
			key = argv[++i];
		else if (n < 2)
			word[n++] = argv[i];
		else
			n = 3;
	}
	if (n != 2) {
		fprintf(stderr, "usage: aigwctl try [--url URL] [--key KEY] "
		    "MODEL TEXT\n");
		return EXIT_BAD_USAGE;
	}
	to = call_to_new(c, url, key);
	if (to == NULL)
		return EXIT_FAILED;
	rc = try_ask(c, to, word[0], word[1]);
	call_to_free(&to);
	return rc;
}
