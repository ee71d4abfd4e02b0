/* codec_unified_test.c - POST /v1/chat: bodies, answers, teaching errors. */
#include "base/err.h"
#include "base/jscan.h"
#include "codec_rig.h"
#include "dialect/unified.h"

static struct rig r;
static struct conf_price price;
static struct codec_bill bill;

static void
start(void)
{
	rig_new(&r);
	memset(&price, 0, sizeof(price));
	price.input = 2500000;			/* gpt-4o */
	price.output = 10000000;
	price.cached_input = 1250000;
	price.cache_write = price.reasoning = -1;
	memset(&bill, 0, sizeof(bill));
	bill.provider = STR("openai");
	bill.price = &price;
	bill.latency_ms = 1234;
	r.out.bill = &bill;
}

#define TEXT(s)		{ .kind = IR_EV_TEXT, .text = STR(s) }
#define END		{ .kind = IR_EV_END }
#define USED(in, out)	{ .kind = IR_EV_USAGE, .usage = { in, out, 0, 0, 0 } }
#define FINISH(how)	{ .kind = IR_EV_FINISH, .finish = how }
#define BODY(ev)	rig_put_body(&r, &codec_unified, ev,		\
	sizeof(ev) / sizeof((ev)[0]))
#define STREAM(ev)	rig_put(&r, &codec_unified, ev,			\
	sizeof(ev) / sizeof((ev)[0]))
#define CHUNK(text)	"event: chunk\ndata: {\"content\":\"" text "\","	\
	"\"role\":\"assistant\"}\n\n"

/* --- requests ------------------------------------------------------------ */

TEST(reads_roles_and_texts)
{
	struct ir_req *q;

	start();
	q = rig_read(&r, &codec_unified, DIALECT_OPENAI, "{\"provider\":\"x\","
	    "\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":"
	    "\"system\",\"content\":\"a\\n\\u00e9\"},{\"content\":\"\","
	    "\"role\":\"user\"},{\"role\":\"assistant\",\"content\":\"c\"}]}");
	OK(q != NULL);
	EQ_INT(q->stream, 1);
	OK(str_eqc(q->model, "m"));
	EQ_INT(q->turns->role, IR_SYSTEM);
	OK(str_eqc(q->turns->parts->text, "a\n\xc3\xa9"));
	EQ_INT(q->turns->next->role, IR_USER);
	EQ_INT(q->turns->next->parts->kind, IR_TEXT);
	EQ_INT(q->turns->next->parts->text.n, 0);
	EQ_INT(q->turns->next->next->role, IR_ASSISTANT);
	OK(q->turns->next->next->next == NULL);
	EQ_STR(ir_dropped(&r.note), "");
	rig_free(&r);
}

TEST(tells_what_it_leaves_out)
{
	start();
	OK(rig_read(&r, &codec_unified, DIALECT_OPENAI, "{\"seed\":1,"
	    "\"messages\":[{\"role\":\"user\",\"name\":\"n\",\"content\":"
	    "\"a\"}],\"tools\":[]}") != NULL);
	EQ_STR(ir_dropped(&r.note), "seed,tools,messages");
	rig_free(&r);
}

TEST(names_what_has_a_wrong_type)
{
	start();
	OK(rig_read(&r, &codec_unified, DIALECT_OPENAI,
	    "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
	    "{\"role\":\"user\",\"content\":[]}]}") == NULL);
	EQ_STR(r.note.param, "messages[1].content");
	rig_free(&r);
	start();
	OK(rig_read(&r, &codec_unified, DIALECT_OPENAI,
	    "{\"messages\":[{\"role\":\"tool\",\"content\":\"a\"}]}") == NULL);
	EQ_STR(r.note.param, "messages[0].role");
	rig_free(&r);
	start();
	OK(rig_read(&r, &codec_unified, DIALECT_OPENAI, "{}") == NULL);
	EQ_STR(r.note.param, "messages");
	rig_free(&r);
}

/* Each provider's codec takes what this one reads. */
TEST(every_format_takes_it)
{
	static const struct codec *const to[] = { &codec_openai_chat,
		&codec_responses, &codec_anthropic, &codec_gemini,
		&codec_mistral, &codec_groq };
	struct ir_req *q;
	unsigned i;

	for (i = 0; i < sizeof(to) / sizeof(to[0]); i++) {
		start();
		q = rig_read(&r, &codec_unified, DIALECT_OPENAI,
		    "{\"messages\":[{\"role\":\"system\",\"content\":"
		    "\"be kind\"},{\"role\":\"user\",\"content\":\"hi\"}]}");
		OK(q != NULL);
		r.target.known.max_output = 64;
		OK(strstr(rig_write(&r, to[i], q), "be kind") != NULL);
		OK(strstr(rig_write(&r, to[i], q), "hi") != NULL);
		rig_free(&r);
	}
}

/* --- answers ------------------------------------------------------------- */

TEST(whole_answer)
{
	struct ir_event ev[] = { { .kind = IR_EV_START }, TEXT("Hel"),
		{ .kind = IR_EV_THINKING, .text = STR("hm") },
		TEXT("lo \"\n"), { .kind = IR_EV_TEXT, .choice = 1,
		.text = STR("other") }, FINISH(IR_STOP), USED(10, 25), END };

	start();
	EQ_STR(BODY(ev), "{\"provider\":\"openai\",\"message\":{\"role\":"
	    "\"assistant\",\"content\":\"Hello \\\"\\n\"},\"usage\":"
	    "{\"prompt_tokens\":10,\"completion_tokens\":25,"
	    "\"total_tokens\":35,\"input_tokens\":10,\"output_tokens\":25},"
	    "\"cost\":{\"total_tokens\":35,\"input_tokens\":10,"
	    "\"output_tokens\":25,\"estimated_cost_usd\":\"0.000275\","
	    "\"input_cost_usd\":\"0.000025\",\"output_cost_usd\":\"0.000250\"}"
	    ",\"latency_ms\":1234}");
	rig_free(&r);
}

TEST(stream)
{
	struct ir_event ev[] = { { .kind = IR_EV_START }, TEXT(""),
		TEXT("Once"), TEXT(" upon"), FINISH(IR_LENGTH), USED(10, 150),
		END, TEXT("late") };

	start();
	EQ_STR(STREAM(ev), CHUNK("Once") CHUNK(" upon")
	    "event: done\ndata: {\"usage\":{\"prompt_tokens\":10,"
	    "\"completion_tokens\":150,\"total_tokens\":160,\"input_tokens\":"
	    "10,\"output_tokens\":150},\"cost\":{\"total_tokens\":160,"
	    "\"input_tokens\":10,\"output_tokens\":150,\"estimated_cost_usd\":"
	    "\"0.001525\",\"input_cost_usd\":\"0.000025\","
	    "\"output_cost_usd\":\"0.001500\"},\"latency_ms\":1234}\n\n");
	rig_free(&r);
}

/* Of tokens, cached ones count as input; 6 decimals, ties upwards. */
TEST(money)
{
	struct ir_event ev[] = { { .kind = IR_EV_USAGE,
		.usage = { .input = 100, .cached = 60, .output = 0 } }, END };

	start();
	OK(strstr(BODY(ev), "\"estimated_cost_usd\":\"0.000175\","
	    "\"input_cost_usd\":\"0.000175\"}") != NULL);
	price.input = 7812500000;	/* 0.0078125 for one */
	price.cached_input = 0;
	ev[0].usage = (struct price_usage){ .input = 1 };
	OK(strstr(BODY(ev), "\"estimated_cost_usd\":\"0.007813\"") != NULL);
	price.input = 400000;		/* a part below half of the last */
	OK(strstr(BODY(ev), "\"estimated_cost_usd\":\"0.000000\","
	    "\"input_cost_usd\":\"0.000000\"}") != NULL);
	price.input = 0;
	OK(strstr(BODY(ev), "\"estimated_cost_usd\":\"0.000000\"}") != NULL);
	price.unit = PRICE_PER_CALL;
	price.output = 20000000000;
	OK(strstr(BODY(ev), "\"estimated_cost_usd\":\"0.020000\"}") != NULL);
	rig_free(&r);
}

TEST(nobody_counted)
{
	struct ir_event ev[] = { TEXT("x"), END };

	start();
	bill.guess.input = 3;
	bill.guess.output = 4;
	OK(strstr(BODY(ev), "\"total_tokens\":7") != NULL);
	r.out.state = NULL;
	r.out.bill = NULL;
	EQ_STR(STREAM(ev), CHUNK("x") "event: done\ndata: {\"usage\":null,"
	    "\"cost\":null,\"latency_ms\":0}\n\n");
	rig_free(&r);
}

TEST(failures)
{
	struct ir_event ev[] = { TEXT("x"), { .kind = IR_EV_ERROR,
		.fault = FAULT_TRUNCATED, .text = STR("cut") }, END };
	struct ir_event failed[] = { FINISH(IR_FAILED), END };
	struct ir_event refused[] = { FINISH(IR_REFUSED), END };

	start();
	EQ_STR(STREAM(ev), CHUNK("x") "event: error\ndata: {\"error\":"
	    "\"Stream error\",\"detail\":\"cut\"}\n\n");
	EQ_STR(BODY(ev), "{\"error\":\"Provider request failed\","
	    "\"detail\":\"cut\"}");
	r.out.state = NULL;
	EQ_STR(STREAM(failed), "event: error\ndata: {\"error\":\"Provider "
	    "request failed\",\"detail\":\"the provider could not finish its "
	    "answer\"}\n\n");
	OK(strstr(BODY(failed), "could not finish") != NULL);
	r.out.state = NULL;
	OK(str_starts(str_of(STREAM(refused)),
	    STR(CHUNK("The model refused to answer."))));
	OK(strstr(BODY(refused), "\"content\":\"The model refused to "
	    "answer.\"") != NULL);
	rig_free(&r);
}

/* --- teaching ------------------------------------------------------------ */

static const struct str names[] = { { "openai", 6 }, { "p-2", 3 } };
static const struct unified_choices two = { names, 2, { "m1", 2 } };

/* The details of the answer; "" when the body is fine. */
static const char *
details(const char *body)
{
	struct jscan_want w = { .path = "details" };
	struct jscan_result res;
	struct unified_ask ask;
	const char *text = "";
	struct buf b;
	int rc;

	buf_init(&b, 1 << 20);
	rc = unified_check(r.a, str_of(body), &two, &ask, &b);
	if (rc != 0) {
		EQ_INT(rc, ERR_FORMAT);
		EQ_INT(jscan(buf_str(&b), NULL, &w, 1, &res), 0);
		text = arena_strndup(r.a, w.raw.p, w.raw.n);
	} else
		EQ_INT(buf_len(&b), 0);
	buf_free(&b);
	return text;
}

TEST(details_mirror_the_body)
{
	start();
	EQ_STR(details("{\"provider\":\"p-2\",\"model\":\"m\",\"messages\":"
	    "[],\"stream\":false,\"other\":1}"), "");
	EQ_STR(details("{}"), "{\"_errors\":[],\"provider\":{\"_errors\":"
	    "[\"Required\"]},\"model\":{\"_errors\":[\"Required\"]},"
	    "\"messages\":{\"_errors\":[\"Required\"]}}");
	EQ_STR(details(""), "{\"_errors\":[\"Required\"]}");
	EQ_STR(details("[1]"),
	    "{\"_errors\":[\"Expected object, received array\"]}");
	EQ_STR(details("{\"provider\":null,\"model\":\"\",\"messages\":{},"
	    "\"stream\":null}"), "{\"_errors\":[],\"provider\":{\"_errors\":"
	    "[\"Expected 'openai' | 'p-2', received null\"]},\"model\":"
	    "{\"_errors\":[\"String must contain at least 1 character(s)\"]},"
	    "\"messages\":{\"_errors\":[\"Expected array, received object\"]},"
	    "\"stream\":{\"_errors\":[\"Expected boolean, received null\"]}}");
	EQ_STR(details("{\"provider\":\"p\",\"model\":\"m\",\"messages\":["
	    "{\"role\":\"user\",\"content\":\"a\"},{\"role\":1,\"content\":2},"
	    "true]}"), "{\"_errors\":[],\"provider\":{\"_errors\":[\"Invalid "
	    "enum value. Expected 'openai' | 'p-2', received 'p'\"]},"
	    "\"messages\":{\"1\":{\"_errors\":[],\"role\":{\"_errors\":["
	    "\"Expected 'system' | 'user' | 'assistant', received number\"]},"
	    "\"content\":{\"_errors\":[\"Expected string, received number\"]}}"
	    ",\"2\":{\"_errors\":[\"Expected object, received boolean\"]},"
	    "\"_errors\":[]}}");
	rig_free(&r);
}

/* However wrong a body is, the answer is short. */
TEST(details_are_bounded)
{
	const char *text;
	struct buf b;
	int i;

	start();
	buf_init(&b, 8 << 20);
	EQ_INT(buf_adds(&b, STR("{\"provider\":\"")), 0);
	for (i = 0; i < 100000; i++)
		EQ_INT(buf_adds(&b, STR("\xc3\xa9")), 0);
	EQ_INT(buf_adds(&b, STR("\",\"model\":\"m\",\"messages\":[0")), 0);
	for (i = 0; i < 100000; i++)
		EQ_INT(buf_adds(&b, STR(",0")), 0);
	EQ_INT(buf_adds(&b, STR("]}")), 0);
	EQ_INT(buf_addc(&b, '\0'), 0);
	text = details(buf_ptr(&b));
	OK(strlen(text) < 4096);
	OK(strstr(text, "\"19\":{") != NULL);
	OK(strstr(text, "\"20\":{") == NULL);
	OK(strstr(text, "\xef\xbf\xbd") == NULL);
	buf_free(&b);
	rig_free(&r);
}

TAP_BEGIN
TAP_ROW(reads_roles_and_texts)
TAP_ROW(tells_what_it_leaves_out)
TAP_ROW(names_what_has_a_wrong_type)
TAP_ROW(every_format_takes_it)
TAP_ROW(whole_answer)
TAP_ROW(stream)
TAP_ROW(money)
TAP_ROW(nobody_counted)
TAP_ROW(failures)
TAP_ROW(details_mirror_the_body)
TAP_ROW(details_are_bounded)
TAP_END
