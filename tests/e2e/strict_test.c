/*
 * strict_test.c - each way of failing, told by aigw-mock, is counted as what
 * it is by the strict client.
 *
 * Runs in: make check.
 * Owns: the mocks it starts.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "../unit/cert.h"
#include "harness.h"
#include "tap.h"

static struct harness_proc mock;
static char where[64], control[64], url[128];

static void
start(const char *const *more)
{
	const char *argv[24] = {
		harness_path("aigw-mock"), "--listen", "127.0.0.1:0",
		"--control", "127.0.0.1:0"
	};
	int i;

	for (i = 0; more != NULL && more[i] != NULL; i++)
		argv[5 + i] = more[i];
	harness_start(&mock, argv);
	harness_line(&mock, "listening ", where, sizeof(where));
	harness_line(&mock, "control ", control, sizeof(control));
	snprintf(url, sizeof(url), "http://%s/v1/chat/completions", where);
}

static void
stop(void)
{
	EQ_INT(WEXITSTATUS(harness_stop(&mock, SIGTERM)), 0);
}

/* Run the strict client with options up to NULL on u: its report. */
static struct json_object *
strict_at(const char *u, const char *const *more)
{
	const char *argv[24] = {
		harness_path("tests/e2e/strict")
	};
	struct json_object *o;
	struct buf out;
	int i = 1, status;

	for (; *more != NULL; more++)
		argv[i++] = *more;
	argv[i] = u;
	buf_init(&out, 1u << 20);
	status = harness_output(argv, &out);
	EQ_INT(WEXITSTATUS(status), 0);
	EQ_INT(json_parse(str_trim(buf_str(&out)), &o), 0);
	buf_free(&out);
	EQ_INT(harness_int(o, "started"), harness_int(o, "ended"));
	return o;
}

#define STRICT(...) strict_at(url, (const char *const[]){ __VA_ARGS__, NULL })

/* One request that does what words say ends as end and as nothing else. */
static void
ends(const char *words, int stream, const char *end)
{
	static const char *const all[] = {
		"ok", "status", "refused", "tls", "reset", "short", "wrong",
		"timeout"
	};
	/* A busy machine must not make a time-out of anything else. */
	const char *wait = strcmp(end, "timeout") == 0 ? "300ms" : "15s";
	struct json_object *o;
	size_t i;

	if (stream)
		o = STRICT("--requests", "2", "--connections", "2",
		    "--timeout", wait, "--stream", "--mock", words);
	else
		o = STRICT("--requests", "2", "--connections", "2",
		    "--timeout", wait, "--mock", words);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (harness_int(o, all[i]) != (strcmp(all[i], end) == 0) * 2)
			tap_fail(__FILE__, __LINE__, "%s%s: %s is %lld, not "
			    "2 times %s", words, stream ? " (stream)" : "",
			    all[i], (long long)harness_int(o, all[i]), end);
	json_object_put(o);
}

TEST(all_right)
{
	struct json_object *o, *m;

	start(NULL);
	o = STRICT("--requests", "500", "--connections", "8");
	EQ_INT(harness_int(o, "ok"), 500);
	EQ_INT(harness_int(o, "connects"), 8);
	EQ_INT(harness_int(o, "reused"), 492);
	m = harness_json(control, "GET", "/_mock/meter", "");
	EQ_INT(harness_int(m, "total.complete"), 500);
	EQ_INT(harness_int(m, "total.input"), harness_int(o, "input"));
	EQ_INT(harness_int(m, "total.output"), harness_int(o, "output"));
	json_object_put(m);
	json_object_put(o);
	o = STRICT("--requests", "50", "--per-connection", "1");
	EQ_INT(harness_int(o, "ok"), 50);
	EQ_INT(harness_int(o, "connects"), 50);
	json_object_put(o);
	o = STRICT("--requests", "100", "--stream", "--mock",
	    "tokens=40,chunk=11");
	EQ_INT(harness_int(o, "ok"), 100);
	EQ_INT(harness_int(o, "streams"), 100);
	EQ_INT(harness_int(o, "events"), 100 * 44);
	EQ_INT(harness_int(o, "output"), 4000);
	json_object_put(o);
	stop();
}

TEST(ends_before_the_answer)
{
	start(NULL);
	ends("status=429", 0, "status");
	ends("status=500", 1, "status");
	ends("reset=before", 0, "reset");
	ends("close=before", 0, "reset");
	ends("stall=before", 0, "timeout");
	ends("stall=head", 0, "timeout");
	ends("latency=3s", 0, "timeout");
	stop();
}

TEST(ends_in_the_answer)
{
	start(NULL);
	ends("reset=head", 0, "short");
	ends("reset=body", 0, "short");
	ends("close=head", 0, "short");
	ends("close=100", 0, "short");
	ends("stall=20", 0, "timeout");
	ends("length=+5", 0, "short");
	ends("length=-5", 0, "wrong");
	ends("stall=20,stall-for=100ms", 0, "ok");
	ends("until-close", 0, "ok");
	ends("bps=20000", 0, "ok");
	ends("early=103", 0, "ok");
	stop();
}

TEST(garbage)
{
	start(NULL);
	ends("garbage=http", 0, "wrong");
	ends("garbage=status", 0, "wrong");
	ends("garbage=head", 0, "wrong");
	ends("garbage=line", 0, "wrong");
	ends("garbage=chunk", 0, "wrong");
	ends("garbage=json", 0, "wrong");
	ends("headers=200", 0, "wrong");
	ends("gzip", 0, "wrong");
	ends("empty", 0, "wrong");
	ends("refusal", 0, "wrong");
	stop();
}

TEST(streams_that_break)
{
	start(NULL);
	ends("cut=3", 1, "short");
	ends("cut-clean=3", 1, "short");
	ends("reset=e3", 1, "short");
	ends("stall=e3", 1, "timeout");
	ends("stall=e3,stall-for=50ms", 1, "ok");
	ends("error=3", 1, "wrong");
	ends("no-done", 1, "short");
	ends("garbage=chunk", 1, "wrong");
	ends("garbage=json", 1, "wrong");
	ends("gzip", 1, "wrong");
	ends("rate=200,tokens=20", 1, "ok");
	stop();
}

/* The fault that a gateway must never show: an idle connection that is
 * closed just as it is used again. */
TEST(closed_at_reuse)
{
	struct json_object *o;

	start(NULL);
	o = STRICT("--requests", "4", "--connections", "1", "--mock",
	    "close-reuse");
	EQ_INT(harness_int(o, "ok"), 2);
	EQ_INT(harness_int(o, "reset"), 2);
	json_object_put(o);
	/* Announced, it is no fault. */
	o = STRICT("--requests", "4", "--connections", "1", "--header",
	    "connection: close");
	EQ_INT(harness_int(o, "ok"), 4);
	EQ_INT(harness_int(o, "connects"), 4);
	json_object_put(o);
	stop();
}

TEST(refused)
{
	struct json_object *o;

	start(NULL);
	o = harness_json(control, "POST", "/_mock/config",
	    "{\"refuse\":true}");
	json_object_put(o);
	o = STRICT("--requests", "3", "--connections", "1");
	EQ_INT(harness_int(o, "refused"), 3);
	EQ_INT(harness_int(o, "ok"), 0);
	json_object_put(o);
	stop();
}

TEST(open_loop)
{
	struct json_object *o;

	start(NULL);
	o = STRICT("--rate", "200", "--requests", "100");
	EQ_INT(harness_int(o, "ok"), 100);
	OK(harness_int(o, "per_second") < 260);
	json_object_put(o);
	/* Latency counts from when a request was meant to start. */
	o = STRICT("--rate", "100", "--requests", "20", "--connections", "1",
	    "--mock", "latency=50ms");
	OK(harness_int(o, "latency_us.max") > 400000);
	json_object_put(o);
	/* One connection would do. */
	o = STRICT("--rate", "100", "--requests", "20", "--connections", "7",
	    "--spread");
	EQ_INT(harness_int(o, "ok"), 20);
	EQ_INT(harness_int(o, "connects"), 7);
	json_object_put(o);
	stop();
}

TEST(stops_in_order)
{
	const char *argv[] = {
		harness_path("tests/e2e/strict"), "--time", "0", "--until",
		"/nonexistent/file", "--connections", "4", "--mock",
		"latency=200ms", url, NULL
	};
	struct harness_proc p;
	struct json_object *m, *o;
	char line[8192];
	int64_t n = 0, until = clock_mono_us() + 10 * CLOCK_US_S;

	start(NULL);
	harness_start(&p, argv);
	while (n < 4 && clock_mono_us() < until) {
		m = harness_json(control, "GET", "/_mock/meter", "");
		n = harness_int(m, "total.requests");
		json_object_put(m);
	}
	kill(p.pid, SIGTERM);
	harness_line(&p, "", line, sizeof(line));
	EQ_INT(json_parse(str_of(line), &o), 0);
	EQ_INT(harness_int(o, "started"), harness_int(o, "ok"));
	OK(harness_int(o, "ok") >= 4);
	json_object_put(o);
	harness_stop(&p, SIGTERM);
	stop();
}

TEST(tls)
{
	struct cert ca, leaf;
	char cert[256], key[256], root[256], u[128];
	const char *more[] = { "--tls", cert, key, NULL };
	const char *const good[] = {
		"--requests", "20", "--cacert", root, NULL
	};
	const char *const untrusted[] = { "--requests", "2", NULL };
	struct json_object *o;

	cert_ca(&ca);
	cert_leaf(&leaf, &ca, "IP:127.0.0.1", 5);
	snprintf(cert, sizeof(cert), "%s", cert_file("c", leaf.cert_pem));
	snprintf(key, sizeof(key), "%s", cert_file("k", leaf.key_pem));
	snprintf(root, sizeof(root), "%s", cert_file("r", ca.cert_pem));
	start(more);
	snprintf(u, sizeof(u), "https://%s/v1/chat/completions", where);
	o = strict_at(u, good);
	EQ_INT(harness_int(o, "ok"), 20);
	json_object_put(o);
	o = strict_at(u, untrusted);
	EQ_INT(harness_int(o, "tls"), 2);
	json_object_put(o);
	stop();
	cert_free(&leaf);
	cert_free(&ca);
}

TAP_BEGIN
TAP_ROW(all_right)
TAP_ROW(ends_before_the_answer)
TAP_ROW(ends_in_the_answer)
TAP_ROW(garbage)
TAP_ROW(streams_that_break)
TAP_ROW(closed_at_reuse)
TAP_ROW(refused)
TAP_ROW(open_loop)
TAP_ROW(stops_in_order)
TAP_ROW(tls)
TAP_END
