/*
 * mock_life_test.c - aigw-mock as a process: options, script, log, workers,
 * clients that hang up.
 *
 * Runs in: make check.
 * Owns: the mocks it starts.
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/num.h"
#include "harness.h"
#include "tap.h"

static struct harness_proc mock;
static char where[64], control[64];

#define CHAT(more) "{\"model\":\"m\",\"messages\":[{\"role\":\"user\"," \
	"\"content\":\"[[marker:a1]] hi\"}]" more "}"

static void
start_with(const char *const *more)
{
	const char *argv[24] = {
		harness_path("aigw-mock"), "--listen", "127.0.0.1:0",
		"--control", "127.0.0.1:0"
	};
	int i;

	for (i = 0; more[i] != NULL; i++)
		argv[5 + i] = more[i];
	harness_start(&mock, argv);
	harness_line(&mock, "listening ", where, sizeof(where));
	harness_line(&mock, "control ", control, sizeof(control));
}

#define START(...) start_with((const char *const[]){ __VA_ARGS__, NULL })

static void
stop(void)
{
	EQ_INT(WEXITSTATUS(harness_stop(&mock, SIGTERM)), 0);
}

static int
chat(const char *body)
{
	struct harness_answer a;
	int status = harness_http(where, "POST", "/v1/chat/completions", "",
	    str_of(body), &a);

	harness_answer_free(&a);
	return status;
}

static int64_t
meter(const char *path)
{
	struct json_object *o = harness_json(control, "GET", "/_mock/meter",
	    "");
	int64_t n = harness_int(o, path);

	json_object_put(o);
	return n;
}

/* Ask until the meter says want. */
static void
meter_becomes(const char *path, int64_t want)
{
	int64_t until = clock_mono_us() + 10 * CLOCK_US_S;

	while (meter(path) != want)
		if (clock_mono_us() > until)
			tap_fail(__FILE__, __LINE__, "%s is %lld, not %lld",
			    path, (long long)meter(path), (long long)want);
}

static const char *
file(const char *name, const char *text)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", tap_dir(), name);
	if (text != NULL)
		OK(fd_write_file(path, text, strlen(text), 0600) == 0);
	return path;
}

TEST(script)
{
	struct json_object *o;

	START("--script", file("s", "{\"answer_tokens\":4,\"rules\":["
	    "{\"nth\":2,\"do\":\"status=500\"}]}"), "--answer-tokens", "9");
	EQ_INT(chat(CHAT("")), 200);
	EQ_INT(chat(CHAT("")), 500);
	EQ_INT(chat(CHAT("")), 200);
	/* An option wins over the script; a reset goes back to both. */
	EQ_INT(meter("total.output"), 18);
	o = harness_json(control, "POST", "/_mock/config",
	    "{\"answer_tokens\":1,\"rules\":[]}");
	json_object_put(o);
	EQ_INT(chat(CHAT("")), 200);
	EQ_INT(meter("total.output"), 19);
	o = harness_json(control, "POST", "/_mock/reset", "{}");
	json_object_put(o);
	EQ_INT(chat(CHAT("")), 200);
	EQ_INT(chat(CHAT("")), 500);
	EQ_INT(meter("total.output"), 9);
	stop();
}

/* Wrong options and files end it at once, with a status that says so. */
TEST(wrong_usage)
{
	const char *const cases[][5] = {
		{ harness_path("aigw-mock"), "--workers", "0", NULL },
		{ harness_path("aigw-mock"), "--tls", "only-one", NULL },
		{ harness_path("aigw-mock"), "rest", NULL },
		{ harness_path("aigw-mock"), "--latency", "5", NULL },
		{ harness_path("aigw-mock"), "--script", "/nowhere", NULL },
		{ harness_path("aigw-mock"), "--listen", "nonsense", NULL },
	};
	static const int status[] = { 2, 2, 2, 1, 1, 1 };
	struct buf out;
	size_t i;
	int null = dup(STDERR_FILENO);

	OK(freopen("/dev/null", "w", stderr) != NULL);
	buf_init(&out, 65536);
	for (i = 0; i < sizeof(status) / sizeof(status[0]); i++)
		EQ_INT(WEXITSTATUS(harness_output(cases[i], &out)),
		    status[i]);
	buf_free(&out);
	fflush(stderr);
	dup2(null, STDERR_FILENO);
	close(null);
}

TEST(digests_can_be_left_out)
{
	struct json_object *o;

	START("--no-digest");
	EQ_INT(chat(CHAT("")), 200);
	o = harness_json(control, "GET", "/_mock/sent/a1", "");
	OK(harness_int(o, "bytes") > 0);
	OK(harness_get(o, "sha256") == NULL);
	json_object_put(o);
	o = harness_json(control, "POST", "/_mock/config",
	    "{\"digest\":true}");
	json_object_put(o);
	EQ_INT(chat(CHAT("")), 200);
	o = harness_json(control, "GET", "/_mock/sent/a1", "");
	EQ_INT(json_get_str(o, "sha256").n, 64);
	json_object_put(o);
	stop();
}

/* Tags are found at both ends of a large body. */
TEST(large_body)
{
	static char body[1 << 20];
	struct json_object *o;
	size_t n;

	START("--seed", "1");
	n = (size_t)snprintf(body, sizeof(body), "{\"model\":\"m\","
	    "\"user\":\"[[mock:tokens=3]]\",\"messages\":[\"");
	memset(body + n, 'x', 900000);
	strcpy(body + n + 900000, "[[marker:far]]\"]}");
	EQ_INT(chat(body), 200);
	o = harness_json(control, "GET", "/_mock/sent/far", "");
	EQ_INT(harness_int(o, "output"), 3);
	EQ_INT(harness_int(o, "request_bytes"), strlen(body));
	EQ_INT(harness_int(o, "input"), (900000 + 18 + 3) / 4);
	json_object_put(o);
	stop();
}

TEST(log_lines)
{
	struct buf b;

	START("--log", file("log", NULL));
	EQ_INT(chat(CHAT("")), 200);
	EQ_INT(chat("{"), 400);
	stop();
	buf_init(&b, 65536);
	EQ_INT(fd_read_file(file("log", NULL), &b), 0);
	OK(str_find(buf_str(&b), STR("\"endpoint\":\"chat\",\"status\":200,"
	    "\"state\":\"complete\"")) > 0);
	OK(str_find(buf_str(&b), STR("\"status\":400")) > 0);
	buf_free(&b);
}

TEST(slow_accept)
{
	struct json_object *o;
	int64_t begin;

	START("--seed", "1");
	o = harness_json(control, "POST", "/_mock/config",
	    "{\"accept_delay\":\"300ms\"}");
	json_object_put(o);
	begin = clock_mono_us();
	EQ_INT(chat(CHAT("")), 200);
	OK(clock_mono_us() - begin >= 290000);
	stop();
}

TEST(pace)
{
	int64_t begin;

	START("--latency", "100ms", "--token-rate", "50", "--first-token",
	    "100ms");
	begin = clock_mono_us();
	EQ_INT(chat(CHAT(",\"stream\":true,\"max_tokens\":11")), 200);
	/* 100 ms, 100 ms, then 10 times 20 ms */
	OK(clock_mono_us() - begin >= 390000);
	begin = clock_mono_us();
	EQ_INT(chat(CHAT(",\"max_tokens\":10")), 200);
	OK(clock_mono_us() - begin >= 390000);
	stop();
}

static int
dial(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	uint64_t port;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	OK(num_u64(str_of(strchr(where, ':') + 1), &port) == 0);
	sin.sin_port = htons((uint16_t)port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	OK(fd >= 0 && connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0);
	return fd;
}

static void
ask(int fd, const char *body)
{
	char text[1024];
	int n = snprintf(text, sizeof(text), "POST /v1/chat/completions "
	    "HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n%s",
	    strlen(body), body);

	OK(send(fd, text, (size_t)n, MSG_NOSIGNAL) == n);
}

/* A client that hangs up: the answer is aborted, and says how far it came. */
TEST(hang_up)
{
	char text[4096];
	int fd;

	START("--token-rate", "20", "--answer-tokens", "1000");
	fd = dial();
	ask(fd, CHAT(",\"stream\":true"));
	OK(recv(fd, text, sizeof(text), 0) > 0);
	EQ_INT(meter("total.aborted"), 0);
	close(fd);
	meter_becomes("total.aborted", 1);
	OK(meter("total.aborted_output") < 100);
	EQ_INT(meter("total.output"), 0);
	meter_becomes("open", 1);	/* the one that asks */
	stop();
}

/* Requests sent together are answered in order. */
TEST(pipelined)
{
	struct buf b;
	char text[4096];
	int fd, i;
	ssize_t n;
	long at;

	START("--answer-tokens", "2");
	fd = dial();
	buf_init(&b, 65536);
	for (i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "{\"model\":\"m\",\"messages\":["
		    "\"[[marker:p%d]] [[mock:latency=%dms]]\"]}", i,
		    60 - 20 * i);
		ask(fd, text);
	}
	while (str_find(buf_str(&b), STR("[[marker:p2]]")) < 0) {
		n = recv(fd, text, sizeof(text), 0);
		OK(n > 0);
		buf_add(&b, text, (size_t)n);
	}
	at = str_find(buf_str(&b), STR("[[marker:p0]]"));
	OK(at > 0 && str_find(buf_str(&b), STR("[[marker:p1]]")) > at &&
	    str_find(buf_str(&b), STR("[[marker:p2]]")) >
	    str_find(buf_str(&b), STR("[[marker:p1]]")));
	buf_free(&b);
	close(fd);
	stop();
}

TEST(workers_share)
{
	struct json_object *o;
	int i, failed = 0;

	START("--workers", "3");
	o = harness_json(control, "POST", "/_mock/config",
	    "{\"rules\":[{\"every\":5,\"do\":\"status=500\"}]}");
	json_object_put(o);
	for (i = 0; i < 50; i++)
		failed += chat(CHAT("")) == 500;
	EQ_INT(failed, 10);
	EQ_INT(meter("total.requests"), 50);
	EQ_INT(meter("total.errors"), 10);
	stop();
}

TAP_BEGIN
TAP_ROW(script)
TAP_ROW(wrong_usage)
TAP_ROW(digests_can_be_left_out)
TAP_ROW(large_body)
TAP_ROW(log_lines)
TAP_ROW(slow_accept)
TAP_ROW(pace)
TAP_ROW(hang_up)
TAP_ROW(pipelined)
TAP_ROW(workers_share)
TAP_END
