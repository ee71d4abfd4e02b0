/*
 * able.c - what crosses from one format to another, found by trying.
 *
 * Runs in: worker.
 * Owns: the list of features.
 *
 * A client's format has a feature when its own codec writes it unchanged.
 */
#include "base/slice.h"
#include "dialect/able.h"

#define BODY_MAX (1u << 20)
#define TRY_NS	5000		/* what one takes, about */
/* One transparent pixel, and other files that are not looked into. */
#define PNG	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk" \
	"+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
#define ANY_FILE "JVBERi0xLjQK"
#define OBJECT	STR("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":" \
	"\"string\"}},\"required\":[\"a\"],\"additionalProperties\":false}")

static struct ir_num
num(const char *raw, double v)
{
	return (struct ir_num){ str_of(raw), v };
}

/* A part of the user's only message. */
static struct ir_part *
part(struct ir_req *q, enum ir_kind kind, const char *mime)
{
	struct ir_part *p = ir_part_add(q, &q->last_turn->parts, kind);

	p->media.mime = str_of(mime);
	return p;
}

static struct ir_tool *
tool(struct ir_req *q)
{
	struct ir_tool *t = ir_tool_add(q, STR("f"));

	t->description = STR("d");
	t->schema = OBJECT;
	t->strict = -1;
	return t;
}

/* The assistant has called it, and here is the result. */
static struct ir_part *
result(struct ir_req *q)
{
	struct ir_part *p;

	tool(q);
	p = ir_part_add(q, &ir_turn_add(q, IR_ASSISTANT)->parts, IR_CALL);
	p->id = STR("call_1");
	p->name = STR("f");
	p->args = STR("{\"a\":\"b\"}");
	p = ir_part_add(q, &ir_turn_add(q, IR_TOOL)->parts, IR_RESULT);
	p->id = STR("call_1");
	p->name = STR("f");
	return p;
}

static void
say(struct ir_req *q, struct ir_part **list)
{
	ir_part_add(q, list, IR_TEXT)->text = STR("y");
}

static void
f_late_system(struct ir_req *q)
{
	say(q, &ir_turn_add(q, IR_SYSTEM)->parts);
}

static void
f_images(struct ir_req *q)
{
	part(q, IR_IMAGE, "image/png")->media.base64 = STR(PNG);
}

static void
f_image_urls(struct ir_req *q)
{
	part(q, IR_IMAGE, "")->media.url = STR("https://example.org/a.png");
}

static void
f_files(struct ir_req *q)
{
	part(q, IR_FILE, "application/pdf")->media.base64 = STR(ANY_FILE);
}

static void
f_audio(struct ir_req *q)
{
	part(q, IR_AUDIO, "audio/wav")->media.base64 = STR(ANY_FILE);
}

static void
f_video(struct ir_req *q)
{
	part(q, IR_VIDEO, "video/mp4")->media.base64 = STR(ANY_FILE);
}

static void
f_cache_control(struct ir_req *q)
{
	q->last_turn->parts->cache = STR("{\"type\":\"ephemeral\"}");
}

static void
f_tools(struct ir_req *q)
{
	tool(q);
}

static void
f_strict_tools(struct ir_req *q)
{
	tool(q)->strict = 1;
}

static void
f_custom_tools(struct ir_req *q)
{
	tool(q)->kind = IR_CUSTOM;
}

static void
f_required_tool(struct ir_req *q)
{
	tool(q);
	q->choice = IR_REQUIRED;
}

static void
f_chosen_tool(struct ir_req *q)
{
	static struct str f = { "f", 1 };

	tool(q);
	q->choice = IR_REQUIRED;
	q->allowed = &f;
	q->n_allowed = 1;
}

static void
f_no_parallel_calls(struct ir_req *q)
{
	tool(q);
	q->parallel = 0;
}

static void
f_tool_results(struct ir_req *q)
{
	struct ir_part *p = result(q);

	say(q, &p->result);
}

static void
f_tool_errors(struct ir_req *q)
{
	struct ir_part *p = result(q);

	p->error = 1;
	say(q, &p->result);
}

static void
f_tool_result_images(struct ir_req *q)
{
	struct ir_part *p = result(q), *i;

	i = ir_part_add(q, &p->result, IR_IMAGE);
	i->media.mime = STR("image/png");
	i->media.base64 = STR(PNG);
}

static void
f_thinking_effort(struct ir_req *q)
{
	q->think = IR_EFFORT;
	q->effort = STR("high");
}

static void
f_thinking_budget(struct ir_req *q)
{
	q->think = IR_BUDGET;
	q->budget = 2048;
}

static void
f_thinking_off(struct ir_req *q)
{
	q->think = IR_THINK_OFF;
}

static void
f_json_schema(struct ir_req *q)
{
	q->format = IR_JSON_SCHEMA;
	q->schema = OBJECT;
	q->schema_name = STR("n");
	q->schema_strict = 1;
}

static void
f_json_object(struct ir_req *q)
{
	q->format = IR_JSON_OBJECT;
}

static void
f_stop(struct ir_req *q)
{
	static struct str end = { "END", 3 };

	q->stop = &end;
	q->n_stop = 1;
}

static void
f_temperature(struct ir_req *q)
{
	q->temperature = num("0.5", 0.5);
}

static void
f_top_p(struct ir_req *q)
{
	q->top_p = num("0.5", 0.5);
}

static void
f_top_k(struct ir_req *q)
{
	q->top_k = num("5", 5);
}

static void
f_seed(struct ir_req *q)
{
	q->seed = num("7", 7);
}

static void
f_frequency_penalty(struct ir_req *q)
{
	q->frequency_penalty = num("0.5", 0.5);
}

static void
f_presence_penalty(struct ir_req *q)
{
	q->presence_penalty = num("0.5", 0.5);
}

static void
f_n(struct ir_req *q)
{
	q->n = num("2", 2);
}

static void
f_logprobs(struct ir_req *q)
{
	q->logprobs = 1;
	q->top_logprobs = num("2", 2);
}

static void
f_logit_bias(struct ir_req *q)
{
	q->logit_bias = STR("{\"5\":1}");
}

static void
f_user(struct ir_req *q)
{
	q->user = STR("u");
}

static void
f_metadata(struct ir_req *q)
{
	q->metadata = STR("{\"a\":\"b\"}");
}

static void
f_service_tier(struct ir_req *q)
{
	q->service_tier = STR("auto");
}

static void
f_verbosity(struct ir_req *q)
{
	q->verbosity = STR("low");
}

static void
f_cache_key(struct ir_req *q)
{
	q->cache_key = STR("k");
}

static void
f_store(struct ir_req *q)
{
	q->store = 1;
}

static void
f_previous_response(struct ir_req *q)
{
	q->previous_id = STR("resp_1");
}

static const struct {
	const char	*name;
	void		(*set)(struct ir_req *q);
} features[] = {
#define F(name) { #name, f_##name }
	F(late_system), F(images), F(image_urls), F(files), F(audio),
	F(video), F(cache_control), F(tools), F(strict_tools),
	F(custom_tools), F(required_tool), F(chosen_tool),
	F(no_parallel_calls), F(tool_results), F(tool_errors),
	F(tool_result_images), F(thinking_effort), F(thinking_budget),
	F(thinking_off), F(json_schema), F(json_object), F(stop),
	F(temperature), F(top_p), F(top_k), F(seed),
	F(frequency_penalty), F(presence_penalty), F(n), F(logprobs),
	F(logit_bias), F(user), F(metadata), F(service_tier), F(verbosity),
	F(cache_key), F(store), F(previous_response),
#undef F
};
#define N_FEATURES (sizeof(features) / sizeof(features[0]))
_Static_assert(N_FEATURES <= ABLE_MAX, "arrays of features are too small");

const char *
able_name(unsigned i)
{
	return i < N_FEATURES ? features[i].name : NULL;
}

/* A request with a user's text and that feature, written for t. */
static enum able
try_for(struct arena *a, const struct able_client *c,
    const struct ir_target *t, unsigned i)
{
	const struct codec *codec = codec_get(t->dialect, t->responses);
	struct ir_note note = { .a = a };
	struct ir_req q;
	struct buf b;
	enum able how;

	slice_use(TRY_NS);
	if (codec == NULL)
		return ABLE_REFUSED;
	ir_req_init(&q, a, c->dialect);
	q.responses = c->responses;
	q.model = STR("m");
	q.max_output = 4096;	/* some formats must have it */
	say(&q, &ir_turn_add(&q, IR_USER)->parts);
	features[i].set(&q);
	buf_init(&b, BODY_MAX);
	if (codec->write(&b, &q, t, &note) != 0)
		how = ABLE_REFUSED;
	else if (note.n == 0)
		how = ABLE_KEPT;
	else
		how = note.v[0].how == IR_CHANGED ? ABLE_CHANGED :
		    ABLE_DROPPED;
	buf_free(&b);
	return how;
}

enum able
able_try(struct arena *a, const struct able_client *c,
    const struct ir_target *t, unsigned i)
{
	struct ir_target own = { .dialect = c->dialect,
	    .responses = c->responses, .model = STR("m") };

	if (i >= N_FEATURES || try_for(a, c, &own, i) != ABLE_KEPT)
		return ABLE_NONE;
	return try_for(a, c, t, i);
}
