/* codec_rig_test.c - the rig of the codec tests, with a codec of one line. */
#include "base/err.h"
#include "codec_rig.h"

/* "data: TEXT" is text, "data: end" the end, "data: bad" a fault. */
static int
echo_event(struct codec_in *in, const struct sse_event *ev)
{
	struct ir_event e = { .kind = IR_EV_TEXT, .text = ev->data };

	if (ev->data_lines == 0)
		return 0;
	if (str_eq(ev->data, STR("bad")))
		return ERR_FORMAT;
	if (str_eq(ev->data, STR("end"))) {
		e = (struct ir_event){ .kind = IR_EV_END };
		in->ended = 1;
	}
	in->emit(in->arg, &e);
	return 0;
}

static int
echo_end(struct codec_in *in)
{
	return in->ended ? 0 : ERR_EOF;
}

static int
echo_body(struct codec_in *in, struct str body)
{
	struct ir_event e = { .kind = IR_EV_TEXT, .text = body };

	in->emit(in->arg, &e);
	return 0;
}

static int
echo_put(struct codec_out *o, const struct ir_event *ev)
{
	if (ev->kind == IR_EV_END)
		return buf_adds(o->out, STR("data: [DONE]\n\n"));
	return buf_printf(o->out, "data: \"%.*s\"\n\n", STR_ARG(ev->text));
}

static int
echo_put_body(struct codec_out *o, const struct ir_event *ev, unsigned n)
{
	return buf_printf(o->out, "[\"%.*s\",%u]", STR_ARG(ev->text), n);
}

static int
echo_read(struct ir_req *q, struct str body, struct ir_note *n)
{
	if (body.n == 0 || *body.p != '{')
		return ir_refuse(n, "body", "no object");
	q->model = STR("x");
	ir_part_add(q, &ir_turn_add(q, IR_USER)->parts, IR_TEXT)->text = body;
	return 0;
}

static int
echo_write(struct buf *b, struct ir_req *q, const struct ir_target *t,
    struct ir_note *n)
{
	if (q->stream)
		return ir_refuse(n, "stream", "no streams");
	return buf_printf(b, "\"%.*s\"", STR_ARG(t->model));
}

static const struct codec echo = { "echo", echo_read, echo_write, echo_event,
	echo_end, echo_body, echo_put, echo_put_body };

TEST(answers)
{
	struct rig r;

	rig_new(&r);
	EQ_STR(rig_stream(&r, &echo, STR(": x\n\ndata: a\n\ndata: b\"\n\n"
	    "data: end\n\n")), "text \"ab\\\"\"\nend\n");
	EQ_INT(r.n, 3);
	EQ_STR(rig_lines(&r, r.ev, r.n, 0),
	    "text \"a\"\ntext \"b\\\"\"\nend\n");
	EQ_STR(rig_put(&r, &echo, r.ev, 1), "data: \"a\"\n\n");
	EQ_STR(rig_put(&r, &echo, r.ev + 2, 1), "data: [DONE]\n\n");
	EQ_STR(rig_put_body(&r, &echo, r.ev, 1), "[\"a\",1]");
	EQ_STR(rig_body(&r, &echo, STR("{}")), "text \"{}\"\n");
	rig_free(&r);
}

TEST(broken_answers)
{
	struct rig r;

	rig_new(&r);
	EQ_STR(rig_stream(&r, &echo, STR("data: a\n\ndata: bad\n\n"
	    "data: end\n\n")), "text \"a\"\n! FORMAT\n");
	EQ_STR(rig_stream(&r, &echo, STR("data: a\n\n")),
	    "text \"a\"\n! EOF\n");
	EQ_STR(rig_stream(&r, &echo, STR("data: end\n\ndata: x")),
	    "end\n! EOF\n");
	rig_free(&r);
}

TEST(requests)
{
	struct rig r;
	struct ir_req *q;

	rig_new(&r);
	q = rig_read(&r, &echo, DIALECT_OPENAI, "{}");
	EQ_STR(rig_req(&r, q), "model x\nuser\n text \"{}\"\n");
	EQ_STR(rig_write(&r, &echo, q), "\"up\"");
	q->stream = 1;
	EQ_STR(rig_write(&r, &echo, q), "! stream: no streams");
	q = rig_read(&r, &echo, DIALECT_OPENAI, "[]");
	OK(q == NULL);
	EQ_STR(rig_req(&r, q), "! body: no object");
	rig_free(&r);
}

TAP_BEGIN
TAP_ROW(answers)
TAP_ROW(broken_answers)
TAP_ROW(requests)
TAP_END
